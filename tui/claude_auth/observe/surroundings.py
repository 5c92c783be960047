"""The second look: what costs more than a few milliseconds, or matters for a diagnosis alone."""

from __future__ import annotations

import os
import re
import shlex

from claude_auth.claude_code.variables import COMMAND_SETTINGS, CREDENTIALS, PROVIDER_SWITCHES
from claude_auth.files import owner_name, read_file
from claude_auth.formats.credentials import read_login
from claude_auth.formats.document import parse
from claude_auth.model import Location, Snapshot
from claude_auth.model.surroundings import CommandFile, Mount, StorePlace, Surroundings
from claude_auth.observe.aws_sessions import aws_files_modified
from claude_auth.observe.backups import find_backups, has_subscription
from claude_auth.observe.context import ObservationContext
from claude_auth.observe.network_settings import certificate_files, has_ipv6, hosts_file
from claude_auth.observe.running import running_clients
from claude_auth.observe.settings_layers import find_repository_root
from claude_auth.observe.shell_startup import likely_set_at
from claude_auth.security.sanitize import clean, shown_command

MOUNTS_LIMIT = 1 << 20
#: The index of a large repository; a home under version control is far below.
INDEX_LIMIT = 16 << 20


def look_around(snapshot: Snapshot, view: ObservationContext) -> Surroundings:
    backups, corrupted = find_backups(snapshot)
    return Surroundings(
        running=running_clients(view, snapshot.places.config_dir),
        certificates=certificate_files(snapshot, view),
        hosts=hosts_file(view),
        ipv6=has_ipv6(view),
        mounts=mounts_of(snapshot, view),
        store=store_place(snapshot.places.credentials_path),
        backups=backups,
        corrupted=corrupted,
        has_subscription=has_subscription(snapshot),
        commands=missing_commands(snapshot, view),
        not_loaded=not_loaded(snapshot, view),
        other_logins=other_logins(snapshot, view),
        user_variable=clean(view.environ["USER"], 80) if "USER" in view.environ else None,
        sudo_user=clean(view.environ.get("SUDO_USER", ""), 80) or None,
        home_owner=_owner(view.home),
        aws_files_modified=aws_files_modified(snapshot),
        free_files=_free_files(snapshot.places.config_dir),
    )


def _owner(path: str) -> str | None:
    try:
        return owner_name(os.stat(path).st_uid)
    except (OSError, ValueError):
        return None


def _free_files(path: str) -> int | None:
    """Files that could still be made; None where the file system does not count them."""
    try:
        while not os.path.lexists(path) and os.path.dirname(path) != path:
            path = os.path.dirname(path)
        status = os.statvfs(path)
    except (OSError, ValueError):
        return None
    return status.f_favail if status.f_files else None


# ── mounts ───────────────────────────────────────────────────────────────────────────────────────


def mounts_of(snapshot: Snapshot, view: ObservationContext) -> dict[str, Mount] | None:
    """For the home, the configuration and the state file: the file system that each lies on."""
    content = read_file(view.system("/proc/self/mountinfo"), MOUNTS_LIMIT).content
    if content is None:
        return None
    table = _table(content.decode("utf-8", "replace"))
    paths = (snapshot.places.home, snapshot.places.config_dir, snapshot.claude_json.path)
    found = {path: _mount_of(path, table) for path in paths if path}
    return {path: mount for path, mount in found.items() if mount is not None}


#: How the kernel writes spaces and other signs of a path.
_OCTAL = re.compile(r"\\([0-7]{3})")


def _table(text: str) -> list[Mount]:
    mounts = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ")[0]
        if len(fields) >= 6 and kind:
            point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4])
            read_only = "ro" in fields[5].split(",")
            mounts.append(Mount(clean(point, 300), clean(kind, 40), read_only))
    return mounts


def _mount_of(path: str, table: list[Mount]) -> Mount | None:
    """The last of the deepest: a later mount covers an earlier one at the same point."""
    over = [m for m in table if m.point in {"/", path} or path.startswith(f"{m.point}/")]
    return max(reversed(over), key=lambda mount: len(mount.point), default=None)


# ── the store ────────────────────────────────────────────────────────────────────────────────────


def store_place(path: str) -> StorePlace | None:
    """Links followed; None where there is no such file."""
    try:
        if not os.path.exists(path):
            return None
        real = os.path.realpath(path)
    except (OSError, ValueError):
        return None
    repository = find_repository_root(os.path.dirname(real))
    return StorePlace(real, repository, None if repository is None else _is_tracked(repository, real))


def _is_tracked(repository: str, path: str) -> bool | None:
    """Whether git's index names the file: read, git is not run. Version 4 shortens the names."""
    content = read_file(os.path.join(repository, ".git", "index"), INDEX_LIMIT).content
    if content is None:
        return None
    if content[:4] != b"DIRC" or content[4:8] not in {b"\0\0\0\2", b"\0\0\0\3"}:
        return None
    return os.fsencode(os.path.relpath(path, repository)) + b"\0" in content


def other_logins(snapshot: Snapshot, view: ObservationContext) -> tuple[str, ...]:
    """Where a login lies although nobody looks there: the default directory beside CLAUDE_CONFIG_DIR, the
    home of the user data base, the home of the person who typed sudo."""
    homes = [view.home, snapshot.machine.home_in_passwd or ""]
    if view.root == "/":
        homes.append(_home_of(view.environ.get("SUDO_USER", "")))
    found = []
    for path in dict.fromkeys(os.path.join(home, ".claude", ".credentials.json") for home in homes if home):
        content = None if _is_same(path, snapshot.places.credentials_path) else read_file(path).content
        if content is None:
            continue
        login = read_login(parse(content))
        if login.tokens is not None and login.unusable is None:
            found.append(path)
    return tuple(found)


def _is_same(path: str, other: str) -> bool:
    try:
        return os.path.realpath(path) == os.path.realpath(other)
    except (OSError, ValueError):
        return False


def _home_of(user: str) -> str:
    import pwd

    try:
        return pwd.getpwnam(user).pw_dir if user else ""
    except (KeyError, ValueError):
        return ""


# ── commands and variables ───────────────────────────────────────────────────────────────────────


def missing_commands(snapshot: Snapshot, view: ObservationContext) -> tuple[CommandFile, ...]:
    """Configured commands whose program is named by a path where nothing can be started. A command that is
    more than words is left to the shell."""
    found = []
    for name in COMMAND_SETTINGS:
        for setting in snapshot.settings.get(name, ())[:1]:
            path = _program(setting.value.reveal(), view)
            if path is None:
                continue
            if not os.path.exists(path):
                found.append(CommandFile(name, shown_command(path), "missing", setting.origin))
            elif not (os.path.isfile(path) and os.access(path, os.X_OK)):
                found.append(CommandFile(name, shown_command(path), "not-executable", setting.origin))
    return tuple(found)


def _program(command: str, view: ObservationContext) -> str | None:
    try:
        words = shlex.split(command[:20_000])
    except ValueError:
        return None
    first = words[0] if words else ""
    for name in ("~", "$HOME", "${HOME}"):
        if first.startswith(f"{name}/"):
            first = view.home + first.removeprefix(name)
    if "/" not in first or "\0" in first or any(character in first for character in "$`*?[;&|<>(="):
        return None
    return os.path.join(view.cwd, first)


#: Missing in a process, each of these changes what it sends or where.
_EXPECTED = (
    *CREDENTIALS,
    *PROVIDER_SWITCHES,
    "ANTHROPIC_BASE_URL",
    "CLAUDE_CONFIG_DIR",
    "NODE_EXTRA_CA_CERTS",
    "HTTPS_PROXY",
)


def not_loaded(snapshot: Snapshot, view: ObservationContext) -> dict[str, Location]:
    """Variables that a start-up file or a `.env` sets and that are set nowhere for this process."""
    if "PATH" not in view.environ:  # the environment was left out, or this is no shell's child
        return {}
    names = [name for name in _EXPECTED if name not in snapshot.variables]
    found = likely_set_at(names, view.home, view.root, view.cwd, view.environ)
    return {name: places[0] for name, places in found.items()}
