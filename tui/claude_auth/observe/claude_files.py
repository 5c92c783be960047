"""Claude Code's own files: its places, settings, credentials, state and locks. Read, never written."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from claude_auth.claude_code.locks import lock_paths
from claude_auth.claude_code.variables import PLACES
from claude_auth.files import LARGE_LIMIT, USUAL_LIMIT, list_directory, read_file
from claude_auth.formats.credentials import read_login
from claude_auth.formats.document import Document, parse
from claude_auth.formats.settings import (
    environment_entries,
    key_entries,
    not_set,
    parse_settings,
    parse_state,
    read_claude_json,
)
from claude_auth.model import (
    Assignment,
    ClaudeJson,
    FileFacts,
    Layer,
    Lock,
    Origin,
    Places,
    SecretFile,
    Setting,
    SettingsFile,
    StoreReading,
)
from claude_auth.named_tuples import NamedTuple
from claude_auth.observe.context import ObservationContext, account_of
from claude_auth.observe.machine import find_repository_root, main_working_tree
from claude_auth.security.secret import Secret

CONFIG_DIR, SECURE_DIR = PLACES

#: Where a text given with `--settings` says it comes from; the name of no file that was looked for.
SETTINGS_TEXT = "--settings"

_MANAGED = {"darwin": "/Library/Application Support/ClaudeCode", "win32": "C:/Program Files/ClaudeCode"}


def find_places(view: ObservationContext) -> Places:
    """Where Claude Code keeps things when it starts: an empty CLAUDE_CONFIG_DIR names the working directory
    [seen, 2.1.332]. `follow_settings` tells where it looks afterwards."""
    named = view.environ.get(CONFIG_DIR)
    config = composed(view.below_home(".claude")) if named is None else _directory(view, named)
    root = find_repository_root(view.cwd)
    return Places(
        home=view.home,
        root="/" if view.pretends else view.root,
        cwd=view.cwd,
        config_dir=config,
        credentials_path=_credentials(view, config, view.environ.get(SECURE_DIR)),
        repository_root=root,
        local_root=None if root is None else main_working_tree(root),
    )


def _directory(view: ObservationContext, value: str) -> str:
    """The directory that a variable names; a relative one starts at the working directory."""
    return os.path.normpath(os.path.join(view.cwd, composed(value)))


def composed(path: str) -> str:
    """Claude Code composes the letters of its directories, and so may look beside the one that is named with
    a letter and an accent of its own [seen, 2.1.332]."""
    if path.isascii():
        return path
    import unicodedata  # most paths are ASCII

    return unicodedata.normalize("NFC", path)


def _credentials(view: ObservationContext, config: str, named: str | None) -> str:
    """CLAUDE_SECURESTORAGE_CONFIG_DIR moves the credentials alone; an empty one to the default place."""
    store = config if named is None else _directory(view, named) if named else view.below_home(".claude")
    return os.path.join(store, ".credentials.json")


def follow_settings(
    view: ObservationContext, places: Places, assignments: Mapping[str, Sequence[Assignment]]
) -> Places:
    """The places once the settings' variables stand: the login and the locks lie in the directory that they
    name, the state file stays where it was. Projects have no say [seen, 2.1.332]."""
    named, secure = own_setting(assignments, CONFIG_DIR), own_setting(assignments, SECURE_DIR)
    if named is None and secure is None:
        return places
    config = places.config_dir if named is None else _directory(view, named)
    path = _credentials(view, config, view.environ.get(SECURE_DIR) if secure is None else secure)
    return places._replace(config_dir=config, credentials_path=path)


def own_setting(assignments: Mapping[str, Sequence[Assignment]], name: str) -> str | None:
    """What the strongest file sets a variable to that is not the working directory's."""
    own = (found.value.reveal() for found in assignments.get(name, ()) if found.of_own_settings)
    return next(own, None)


def read_document(
    path: str, limit: int = USUAL_LIMIT, parsed: Callable[[bytes], Document] = parse
) -> tuple[Document, FileFacts | None]:
    """A file of JSON, damaged where it can't be read either."""
    read = read_file(path, limit)
    return parsed(read.content) if read.content is not None else Document(damage=read.damage), read.file


def read_secret_file(path: str) -> SecretFile:
    read = read_file(path)
    value = Secret((read.content or b"").decode("utf-8", "replace")).stripped()
    return SecretFile(path, None if value.is_empty else value, read.damage, read.file)


# ── settings ─────────────────────────────────────────────────────────────────────────────────────


class Layers(NamedTuple):
    """managed > --settings > local > project > user [behaviour.md section 2]. Strongest first; overridden
    values stay visible."""

    files: list[SettingsFile]
    assignments: dict[str, list[Assignment]]
    settings: dict[str, list[Setting]]


def candidate_files(
    view: ObservationContext, places: Places, moved: str | None = None
) -> list[tuple[Layer, str]]:
    """Every settings file that would count, strongest first; existing or not. `moved`: the directory that
    these files themselves name instead of the one that they lie in."""
    managed = view.system(_MANAGED.get(view.platform, "/etc/claude-code"))
    drop_ins = os.path.join(managed, "managed-settings.d")
    names = list_directory(view.below_root(drop_ins))
    names = tuple(name for name in names if name.endswith(".json") and not name.startswith("."))
    found: list[tuple[Layer, str]] = [("managed", os.path.join(drop_ins, name)) for name in reversed(names)]
    found.append(("managed", os.path.join(managed, "managed-settings.json")))
    if view.settings_flag or view.settings_text is not None:
        found.append(("flag", view.settings_flag or SETTINGS_TEXT))
    folders = (moved, places.config_dir) if view.reads("user") else ()
    user_files = [os.path.join(folder, "settings.json") for folder in folders if folder]
    project = os.path.join(view.cwd, ".claude")
    if places.local_root and places.local_root != view.cwd:
        found.append(("local", _local_at_root(places)))
    found.append(("local", os.path.join(project, "settings.local.json")))
    project_file = os.path.join(project, "settings.json")
    if project_file not in user_files:  # in the home directory both names are the same file
        found.append(("project", project_file))
    found.extend(("user", path) for path in user_files)
    return [(layer, path) for layer, path in found if view.reads(layer)]


def _local_at_root(places: Places) -> str:
    return os.path.join(places.local_root or "", ".claude", "settings.local.json")


def read_layers(view: ObservationContext, places: Places) -> Layers:
    """Where they name another directory, its settings.json counts above the one at the start, of which the
    variables alone stay [seen, 2.1.332]."""
    layers = _read_files(view, places, candidate_files(view, places))
    named = own_setting(layers.assignments, CONFIG_DIR)
    if named is None or (moved := _directory(view, named)) == places.config_dir:
        return layers
    files = candidate_files(view, places, moved)
    return _read_files(view, places, files, os.path.join(places.config_dir, "settings.json"))


def _read_files(
    view: ObservationContext, places: Places, files: list[tuple[Layer, str]], variables_only: str = ""
) -> Layers:
    layers = Layers([], {}, {})
    for layer, path in files:
        parsed = partial(parse_settings, managed=layer == "managed")
        if path == SETTINGS_TEXT and view.settings_text is not None:
            document, file = parsed(view.settings_text.reveal().encode("utf-8", "replace")), None
        else:
            document, file = read_document(view.below_root(path), parsed=parsed)
        at_root = layer == "local" and bool(places.local_root) and path == _local_at_root(places)
        left_out = not_set(document, path)
        layers.files.append(SettingsFile(layer, path, document.damage, file, at_root, left_out))
        for entry in environment_entries(document):
            origin = Origin("settings", layer, path, entry.line, entry.name, file=file)
            layers.assignments.setdefault(entry.name, []).append(Assignment(entry.name, entry.value, origin))
        is_read = path != variables_only
        for entry in key_entries(document, managed=layer == "managed") if is_read else ():
            origin = Origin("settings", layer, path, entry.line, file=file)
            layers.settings.setdefault(entry.name, []).append(Setting(entry.name, entry.value, origin))
    return layers


#: Of the settings that a server gave last, these count before it has answered again [seen, 2.1.332].
_COUNT_FROM_CACHE = frozenset({"apiKeyHelper", "forceLoginMethod", "forceLoginOrgUUID"})


def read_server_settings(places: Places) -> tuple[dict[str, Setting], tuple[str, ...]]:
    """Those, and the names of the variables that were set beside them. Where a server gives none any more,
    the client empties the file; where it gives no answer, or says that nothing changed, they count on."""
    path = os.path.join(places.config_dir, "remote-settings.json")
    if not os.path.lexists(path):
        return {}, ()
    document, file = read_document(path, parsed=partial(parse_settings, managed=True))
    origin = Origin("settings", "managed", path, file=file)
    settings = {
        entry.name: Setting(entry.name, entry.value, origin._replace(line=entry.line))
        for entry in key_entries(document)
        if entry.name in _COUNT_FROM_CACHE
    }
    return settings, tuple(entry.name for entry in environment_entries(document))


# ── credentials and state ────────────────────────────────────────────────────────────────────────


def read_claude_login(
    view: ObservationContext, places: Places, assignments: Mapping[str, Sequence[Assignment]]
) -> StoreReading:
    """The stored claude.ai login. On macOS it lies in the Keychain, which a look doesn't ask: a file beside
    it may be older, so it is not called the login before the Keychain has said that it holds none."""
    if view.platform == "darwin" and view.root == "/":
        from claude_auth.claude_code import keychain

        account = keychain.account_name(view.environ, account_of(view.user_id)[0])
        moved = {name: value for name in PLACES if (value := own_setting(assignments, name)) is not None}
        service = keychain.service_name({**view.environ, **moved})
        origin = Origin("keychain", path=service, variable="USER")
        is_ours = view.home == view.environ.get("HOME")
        damage = keychain.NOT_LOOKED_AT if is_ours else keychain.OF_ANOTHER_HOME
        return StoreReading(origin, damage=damage, account=account)
    return read_credentials(places.credentials_path)


def read_credentials(path: str) -> StoreReading:
    """A credentials file."""
    read = read_file(path)
    origin = Origin("file", path=path, file=read.file)
    if read.content is None:
        return StoreReading(origin, damage=read.damage)
    reading = login_reading(read.content, origin)
    if reading.damage is None or read.file is None:
        return reading
    return reading._replace(is_kept=read_file(read.file.copy_path).content == read.content)


def login_reading(content: bytes, origin: Origin) -> StoreReading:
    """What a credentials file, or an item of the Keychain, holds."""
    document = parse(content, forgiving=True)
    if document.damage is not None:
        return StoreReading(origin, damage=document.damage)
    login = read_login(document)
    has_session = isinstance(document.data.get("enterpriseGateway"), dict)
    return StoreReading(
        origin,
        login.tokens,
        unusable=login.unusable,
        mcp=login.mcp,
        organization_id=login.organization_id,
        gateway_session=has_session,
    )


#: Where the host of a remote session lays its credentials down; looked for at every start, whoever's home.
_REMOTE_FOLDER = "/home/claude/.claude/remote"
_REMOTE_FILES = {"remote-oauth-token": ".oauth_token", "remote-api-key": ".api_key"}


def read_remote_files(view: ObservationContext) -> dict[str, SecretFile]:
    """Those that are there, by source [seen, 2.1.332]."""
    folder = view.system(_REMOTE_FOLDER)
    if not os.path.isdir(folder):
        return {}
    found = {source: read_secret_file(os.path.join(folder, name)) for source, name in _REMOTE_FILES.items()}
    return {
        source: file for source, file in found.items() if file.damage is None or not file.damage.is_missing
    }


def claude_json_path(view: ObservationContext, places: Places) -> str:
    """`.claude.json` lies in the home directory, or inside CLAUDE_CONFIG_DIR where that is set; a legacy
    `.config.json` in the config directory replaces it [seen]."""
    legacy = os.path.join(places.config_dir, ".config.json")
    if os.path.lexists(legacy):
        return legacy
    named = view.environ.get(CONFIG_DIR)  # as it stands there, letters and all
    folder = os.path.normpath(os.path.join(view.cwd, named)) if named else view.home
    return os.path.join(folder, ".claude.json")


def state_document(path: str, view: ObservationContext) -> tuple[Document, FileFacts | None]:
    """A state file, from an earlier look where it is the very same."""
    read = read_document if view.documents is None else view.documents.read
    return read(path, LARGE_LIMIT, parse_state)


def read_state(
    view: ObservationContext, places: Places
) -> tuple[ClaudeJson, dict[str, tuple[Assignment, ...]]]:
    """The state, and the variables of its own `env` block: a legacy that still counts, below the settings
    files and above the shell [seen, 2.1.328]."""
    path = claude_json_path(view, places)
    document, file = state_document(path, view)
    assignments: dict[str, tuple[Assignment, ...]] = {
        e.name: (Assignment(e.name, e.value, Origin("settings", "user", path, e.line, e.name, file=file)),)
        for e in environment_entries(document)
    }
    folders = tuple(folder for folder in (places.cwd, places.repository_root, places.local_root) if folder)
    return read_claude_json(document, path, file, folders), assignments


# ── locks ────────────────────────────────────────────────────────────────────────────────────────


def look_at_locks(config_dir: str, claude_json_path: str, now: float) -> tuple[Lock, ...]:
    """The locks that are present; `claude_code.locks` says what they mean. `age` in seconds, negative
    where the time lies in the future.

    Taking a lock is `mkdir`, which fails whatever stands there: a file or a link counts too.
    """
    locks = []
    for path, guards in lock_paths(config_dir, claude_json_path):
        try:
            modified = os.lstat(path).st_mtime
        except (OSError, ValueError):
            continue
        locks.append(Lock(path, guards, now - modified))
    return tuple(locks)
