"""Settings of credentials, commands and addresses that stand where Claude Code does not read them: second
look only. Names and lines are kept, never a value."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

from claude_auth.claude_code.variables import COMMAND_SETTINGS, WATCHED, is_watched
from claude_auth.files import read_file
from claude_auth.formats.document import Document, object_of, parse
from claude_auth.model import Location, Snapshot
from claude_auth.model.surroundings import Misplaced, MisplacedKind
from claude_auth.observe.context import ObservationContext
from claude_auth.observe.shell_startup import assignments
from claude_auth.security.sanitize import clean

#: What other tools and people write at the top of a settings file, in small letters without signs.
_ALIASES = frozenset(
    f"{start}{end}"
    for start in ("", "anthropic", "claude")
    for end in ("apikey", "authtoken", "baseurl", "token")
) | {"primaryapikey", "oauthtoken", "apiurl", "apibaseurl"}

_OF_THE_CONFIGURATION: tuple[tuple[str, MisplacedKind], ...] = (
    ("settings.local.json", "user-local"),
    ("config.json", "config"),
    ("managed-settings.json", "user-managed"),
)
_EDITORS = ("Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf")
_OF_THE_EXTENSION = "claudeCode.environmentVariables"
MOST_NAMES = 12


def misplaced_settings(snapshot: Snapshot, view: ObservationContext) -> tuple[Misplaced, ...]:
    """By file; one that is read after all, as `settings.local.json` is where the home is the working
    directory, is left out."""
    return tuple(found for found in _all(snapshot, view) if found.names)


def _all(snapshot: Snapshot, view: ObservationContext) -> Iterator[Misplaced]:
    config, root = snapshot.places.config_dir, snapshot.places.repository_root
    read_here = {file.path for file in snapshot.settings_files}
    for name, kind in _OF_THE_CONFIGURATION:
        path = os.path.join(config, name)
        if path not in read_here:
            yield _of_settings(kind, path)
    for path in _never_read(view):
        yield _of_settings("elsewhere", path)
    yield _of_dotenv(os.path.join(config, ".env"))
    if root and (path := os.path.join(root, ".claude", "settings.json")) not in read_here:
        yield _of_settings("repository", path)
    for file in snapshot.settings_files:
        if file.damage is None:
            yield _top_keys("top-level", file.path, _is_alias)
    # Of `.claude.json` the env block counts, commands do not.
    yield _top_keys("state", snapshot.claude_json.path, COMMAND_SETTINGS.__contains__)
    for path in _editor_files(view):
        yield _of_editor(path)


def _never_read(view: ObservationContext) -> Iterator[str]:
    """Where people look for a settings file of such a program, or were told to."""
    base = view.environ.get("XDG_CONFIG_HOME") or view.below_home(".config")
    yield from (os.path.join(base, name, "settings.json") for name in ("claude", "claude-code"))
    yield view.below_home(".claude-code", "settings.json")
    yield from map(view.system, ("/etc/claude-code/settings.json", "/etc/claude/managed-settings.json"))


def _of_dotenv(path: str) -> Misplaced:
    content = read_file(path).content or b""
    found = list(assignments(content, "lines", [name.encode() for name in WATCHED])) if content else []
    line = found[0][1] if found else None
    return Misplaced("elsewhere", _shown([name.decode() for name, _ in found]), Location(path, line))


def _document(path: str) -> Document:
    return parse(read_file(path).content or b"")


def _of_settings(kind: MisplacedKind, path: str) -> Misplaced:
    document = _document(path)
    variables = [name for name in object_of(document.data.get("env")) if is_watched(name)]
    keys = [name for name in document.data if name in COMMAND_SETTINGS or _is_alias(name)]
    lines = document.lines_below("env") if variables else {}
    line = lines.get(variables[0]) if variables else document.line_of(keys[0]) if keys else None
    return Misplaced(kind, _shown([*variables, *keys]), Location(path, line))


def _top_keys(kind: MisplacedKind, path: str, counts: Callable[[str], bool]) -> Misplaced:
    document = _document(path)
    names = [name for name in document.data if is_watched(name) or counts(name)]
    return Misplaced(kind, _shown(names), Location(path, document.line_of(names[0]) if names else None))


def _is_alias(name: str) -> bool:
    return re.sub(r"[-_ .]", "", name[:40]).lower() in _ALIASES


def _shown(names: list[str]) -> tuple[str, ...]:
    return tuple(clean(name, 60) for name in names[:MOST_NAMES])


# ── editors ──────────────────────────────────────────────────────────────────────────────────────


def _editor_files(view: ObservationContext) -> Iterator[str]:
    base = view.environ.get("XDG_CONFIG_HOME") or view.below_home(".config")
    if view.platform == "darwin":
        base = view.below_home("Library", "Application Support")
    for editor in _EDITORS:
        yield os.path.join(base, editor, "User", "settings.json")
    yield view.below_home(".vscode-server", "data", "Machine", "settings.json")
    yield os.path.join(view.cwd, ".vscode", "settings.json")


def _of_editor(path: str) -> Misplaced:
    """An editor's settings are JSON with comments, of which only this list is looked for."""
    text = (read_file(path).content or b"").decode("utf-8", "replace")
    at = text.find(f'"{_OF_THE_EXTENSION}"')
    block = "" if at < 0 else text[at : text.find("]", at) + 1]
    names = re.findall(r'"name"\s*:\s*"(\w+)"', re.sub(r"(?m)^\s*//.*$", "", block))
    watched = [name for name in names if is_watched(name)]
    return Misplaced("editor", _shown(watched), Location(path, text.count("\n", 0, max(at, 0)) + 1))
