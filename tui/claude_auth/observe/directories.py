"""Every configuration directory of Claude Code on this machine: the login in it, whose it is, who uses it,
and what Claude Code left there about itself. Read only; a directory counts where it holds a login or is in
use."""

from __future__ import annotations

import os
from collections.abc import Iterator

from claude_auth.claude_code import background, keychain
from claude_auth.files import list_directory, read_file, real_path
from claude_auth.formats.settings import environment_entries, parse_settings, read_claude_json
from claude_auth.model import ClaudeJson, Origin, Snapshot, StoreReading
from claude_auth.model.surroundings import BackgroundService, ConfigDirectory
from claude_auth.named_tuples import NamedTuple
from claude_auth.observe.claude_files import (
    CONFIG_DIR,
    SECURE_DIR,
    read_credentials,
    read_document,
    state_document,
)
from claude_auth.observe.context import ObservationContext
from claude_auth.observe.running import Process, editors_on, instances_on, places_in_use, start_of
from claude_auth.observe.shell_startup import named_directories
from claude_auth.security.sanitize import safe_text, shown_path

#: More would be somebody's experiment.
MOST_DIRECTORIES = 30


class _Place(NamedTuple):
    """`named`: as the variable names it; None for the default. `store`: where the credentials lie, if not
    there."""

    path: str
    found_by: str
    named: str | None = None
    store: str | None = None


def config_directories(
    snapshot: Snapshot, view: ObservationContext, processes: tuple[Process, ...] | None
) -> tuple[ConfigDirectory, ...]:
    """The one that is looked at first. `processes` None: none of this machine's are known."""
    found: dict[tuple[str, str], list[_Place]] = {}
    for place in _places(snapshot, view, processes):
        found.setdefault((real_path(place.path), real_path(place.store or place.path)), []).append(place)
        if len(found) == MOST_DIRECTORIES:
            break
    current = next(iter(found))
    directories = [
        _read(places, snapshot, view, processes, is_current=real == current) for real, places in found.items()
    ]
    return tuple(one for one in directories if one.is_current or _counts(one))


def with_logins_of_now(
    directories: tuple[ConfigDirectory, ...], snapshot: Snapshot
) -> tuple[ConfigDirectory, ...]:
    """The same after the login that is looked at was written: links may lead from others to its file."""
    found = (
        one._replace(login=snapshot.login, state=snapshot.claude_json)
        if one.is_current
        else one._replace(login=read_credentials(one.login.origin.path or ""))
        for one in directories
    )
    return tuple(one for one in found if one.is_current or _counts(one))


def _counts(directory: ConfigDirectory) -> bool:
    login = directory.login
    absent = login.damage is not None and login.damage.is_missing
    return bool(directory.instances) or bool(login.mcp) or not (absent or login.unusable == NO_LOGIN)


NO_LOGIN = "the file holds no claude.ai login"


# ── which there are ──────────────────────────────────────────────────────────────────────────────


def _places(
    snapshot: Snapshot, view: ObservationContext, processes: tuple[Process, ...] | None
) -> Iterator[_Place]:
    """With what the user's settings in each lead on to: there the login lies then [seen, 2.1.332]."""
    for place in _named_places(snapshot, view, processes):
        yield place
        yield from _led_on(place, view)


#: The settings that the first one leads to may name a third.
_MOST_HOPS = 2


def _led_on(place: _Place, view: ObservationContext) -> Iterator[_Place]:
    path = place.path
    for _ in range(_MOST_HOPS):
        settings = os.path.join(path, "settings.json")
        document, _file = read_document(settings, parsed=parse_settings)
        named = {entry.name: entry.value.reveal() for entry in environment_entries(document)}
        config, store = named.get(CONFIG_DIR), named.get(SECURE_DIR)
        if not config and store is None:
            return
        if store is not None:
            store = os.path.normpath(os.path.join(view.cwd, store)) if store else view.below_home(".claude")
        before, path = path, os.path.normpath(os.path.join(view.cwd, config)) if config else path
        yield _Place(path, shown_path(settings), path if config else place.named, store)
        if path == before:
            return


def _named_places(
    snapshot: Snapshot, view: ObservationContext, processes: tuple[Process, ...] | None
) -> Iterator[_Place]:
    places = snapshot.places
    named = view.environ.get(CONFIG_DIR)
    found_by = CONFIG_DIR if named else "the default"
    for one in snapshot.variables.get(CONFIG_DIR, ()):
        if one.of_own_settings:  # they lead elsewhere after the start
            named, found_by = one.value.reveal(), shown_path(one.origin.path or "settings")
            break
    yield _Place(places.config_dir, found_by, named, places.secure_dir)
    yield _Place(view.below_home(".claude"), "the default")
    for one in snapshot.variables.get(CONFIG_DIR, ()):
        if one.of_own_settings and one.value.reveal().strip():
            path = os.path.join(view.cwd, one.value.reveal().strip())
            yield _Place(os.path.normpath(path), shown_path(one.origin.path or "settings"), path)
    for pid, path, store in places_in_use(view, processes or ()):
        yield _Place(path, f"process {pid}", path, store)
    for path, location in named_directories(view):
        yield _Place(os.path.normpath(path), shown_path(str(location)), path)
    for name in list_directory(view.home, 5000):
        path = view.below_home(name)
        if name.startswith(".claude") and os.path.isdir(path):
            yield _Place(path, "its name", path)


# ── what is in one ───────────────────────────────────────────────────────────────────────────────


def _read(
    places: list[_Place],
    snapshot: Snapshot,
    view: ObservationContext,
    processes: tuple[Process, ...] | None,
    *,
    is_current: bool,
) -> ConfigDirectory:
    path = places[0].path
    login = snapshot.login if is_current else _login(places, view)
    state = snapshot.claude_json if is_current else _state(path, view)
    return ConfigDirectory(
        path,
        tuple(dict.fromkeys(place.found_by for place in places)),
        login,
        state,
        () if processes is None else instances_on(path, processes, view.user_id),
        _service(path, on_this_machine=processes is not None),
        is_current,
        () if processes is None else editors_on(path),
    )


def _login(places: list[_Place], view: ObservationContext) -> StoreReading:
    """On macOS the Keychain is asked later, for the item that the directory's name leads to."""
    store = next((place.store for place in places if place.store), places[0].path)
    path = os.path.join(store, ".credentials.json")
    if view.platform != "darwin" or view.root != "/":
        return read_credentials(path)
    default = places[0].path == view.below_home(".claude")
    named = None if default else next((place.named for place in places if place.named), places[0].path)
    service = keychain.service_name({} if named is None else {CONFIG_DIR: named})
    account = keychain.account_name(view.environ, "")
    return StoreReading(Origin("keychain", path=service), damage=keychain.NOT_LOOKED_AT, account=account)


def _state(path: str, view: ObservationContext) -> ClaudeJson:
    """Beside the default directory, inside every other one."""
    inside = os.path.join(path, ".config.json")
    folder = view.home if path == view.below_home(".claude") else path
    name = inside if os.path.lexists(inside) else os.path.join(folder, ".claude.json")
    document, file = state_document(name, view)
    return read_claude_json(document, name, file, ())


def _service(path: str, *, on_this_machine: bool) -> BackgroundService | None:
    def content(name: str) -> bytes:
        read = read_file(os.path.join(path, name), background.LOG_END, cut=True, from_end=True)
        return read.content or b""

    status = background.parse_status(content(background.STATUS))
    wanted = background.sign_in_wanted_since(content(background.SIGN_IN_WANTED))
    logged = background.last_about_login(content(background.LOG))
    if status is None and wanted is None and logged is None:
        return None
    started = None if status is None or not on_this_machine else start_of(status.pid)
    return BackgroundService(
        written_at=None if status is None else status.written_at,
        pid=None if status is None else status.pid,
        runs=status is not None and started is not None and started == status.started,
        workers=0 if status is None else status.workers,
        sign_in_wanted_since=wanted,
        logged_at=None if logged is None else logged[0],
        logged=None if logged is None else safe_text(logged[1], 200),
    )
