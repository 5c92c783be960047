"""Where something comes from, as people write paths."""

from __future__ import annotations

import re
from collections.abc import Sequence

from claude_auth.model import Assignment, FileFacts, Layer, Location, Origin
from claude_auth.security.sanitize import clean, shown_path
from claude_auth.words.glyphs import StatusText

LAYERS: dict[Layer, str] = {
    "managed": "managed settings",
    "flag": "settings given with --settings",
    "local": "local settings of this project",
    "project": "this project's settings",
    "user": "your settings",
}


def format_path(path: str, home: str) -> str:
    """A path as people write it: the home as `~`."""
    if home and home != "/" and (path == home or path.startswith(home.rstrip("/") + "/")):
        path = "~" + path[len(home.rstrip("/")) :]
    return shown_path(path, 200)


def abbreviate_home(text: str, home: str) -> str:
    """A sentence with the paths in it as people write them: not behind a quote, where a shell takes `~` as it
    is, nor inside another path."""
    begin = f"{home.rstrip('/')}/"
    if not home.strip("/") or begin not in text:
        return text
    return re.sub(rf"(?<![\w/.~'\"-]){re.escape(begin)}", "~/", text)


def format_location(location: Location, home: str) -> str:
    text = format_path(location.path, home)
    return text if location.line is None else f"{text}:{location.line}"


def origin_words(origin: Origin, home: str) -> str:
    """Where a value comes from, in a few words."""
    where = format_location(origin.location, home) if origin.path else ""
    if origin.kind == "environment":
        return f"the environment: {clean(origin.variable or '', 80)}"
    if origin.kind == "settings":
        layer = LAYERS[origin.layer] if origin.layer else "settings"
        return f"{layer}: {where}" if where else layer
    if origin.kind == "descriptor":
        return f"a file descriptor named by {clean(origin.variable or 'a variable', 80)}"
    if origin.kind == "keychain":
        return "the system's keyring"
    return where


def short_origin(origin: Origin, home: str) -> str:
    """For the end of a row: file and line, or the first likely place, or the variable's home."""
    if origin.path:
        return format_location(origin.location, home)
    if origin.likely_set_at:
        return format_location(origin.likely_set_at[0], home)
    return {"environment": "environment", "descriptor": "descriptor", "keychain": "keyring"}.get(
        origin.kind, ""
    )


def mode_words(file: FileFacts) -> StatusText:
    """Who may read a file."""
    digits = f"{file.mode & 0o7777:04o}"
    if file.mode & 0o002:
        return StatusText("▲", f"{digits}, anybody may write it", "fail")
    if file.mode & 0o004:
        return StatusText("▲", f"{digits}, anybody may read it", "warn")
    if file.mode & 0o070:
        return StatusText("▲", f"{digits}, its group may open it", "warn")
    return StatusText("✓", f"{digits}, only its owner", "plain")


# ── what is not the person's own, before it reaches a process: the same words everywhere ─────────


def distrust_words(origin: Origin) -> str:
    """Why nothing of this origin is used unasked; completes "since …"."""
    if origin.file is not None and origin.is_foreign:
        return f"its file belongs to {clean(origin.file.owner, 60)}"
    return "this folder is not trusted"


def beware_word(origin: Origin, *, trusted: bool) -> StatusText | None:
    """Beside a command that a repository or another user chose; None where it is the person's own."""
    if origin.is_foreign:
        return StatusText("▲", f"{distrust_words(origin)}: whoever wrote it chose this command", "warn")
    if not origin.of_project:
        return None
    since = "" if trusted else f", and {distrust_words(origin)}"
    return StatusText(
        "▲", f"this comes from a repository's own files{since}: whoever wrote them chose this command", "warn"
    )


def variables_word(variables: Sequence[Assignment], home: str, *, given: bool) -> StatusText | None:
    """Which variables of settings that are not trusted a command gets, or goes without: every one by name,
    since this is what a person agrees to."""
    if not variables:
        return None
    names = ", ".join(clean(variable.name, 60) for variable in variables)
    files = dict.fromkeys(format_path(variable.origin.path or "settings", home) for variable in variables)
    said, origin = f"{names}, set by {' and '.join(files)}", variables[0].origin
    if given:
        from claude_auth.claude_code.command_variables import HARMLESS, danger

        runs_code = any(danger(variable.name) < HARMLESS for variable in variables)
        what = "run code of their own" if runs_code else "change what it does"
        return StatusText("▲", f"it gets {said}, and such variables can {what}", "warn")
    return StatusText("▲", f"it runs without {said}, since {distrust_words(origin)}", "warn")
