"""The second look: what costs more than a few milliseconds, or matters for a diagnosis alone."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from claude_auth.claude_code.variables import CREDENTIALS, PROVIDER_SWITCHES
from claude_auth.files import LARGE_LIMIT, list_directory, owner_name, read_file, real_path
from claude_auth.formats.credentials import read_login
from claude_auth.formats.document import parse
from claude_auth.model import Damage, Location, Snapshot
from claude_auth.model.machine import Mount
from claude_auth.model.surroundings import Backup, CertificateFile, HostsFile, StorePlace, Surroundings
from claude_auth.observe.claude_files import state_document
from claude_auth.observe.cloud_files import aws_files_modified
from claude_auth.observe.commands import missing_commands
from claude_auth.observe.context import ObservationContext
from claude_auth.observe.directories import config_directories, with_logins_of_now
from claude_auth.observe.installed import find_aws_tool
from claude_auth.observe.machine import covering, file_system, find_repository_root, read_mounts
from claude_auth.observe.misplaced import misplaced_settings
from claude_auth.observe.running import Process, is_same_file, running_clients
from claude_auth.observe.shell_startup import is_exported, likely_set_at
from claude_auth.security.sanitize import clean, shown_path
from claude_auth.trust import VARIABLES, read_named

#: The index of a large repository; a home under version control is far below.
INDEX_LIMIT = 16 << 20


def look_around(
    snapshot: Snapshot, view: ObservationContext, processes: tuple[Process, ...] | None
) -> Surroundings:
    """`processes` None: none of this machine's are known."""
    backups, corrupted = find_backups(snapshot)
    running = None if processes is None else running_clients(view, snapshot.places.config_dir, processes)
    return Surroundings(
        running=running,
        certificates=certificate_files(snapshot, view),
        hosts=hosts_file(view),
        ipv6=has_ipv6(view),
        mounts=mounts_of(snapshot, view),
        store=store_place(snapshot.places.credentials_path),
        backups=backups,
        corrupted=corrupted,
        has_subscription=has_subscription(snapshot, view),
        commands=missing_commands(snapshot, view),
        misplaced=misplaced_settings(snapshot, view),
        not_loaded=(missing := not_loaded(snapshot, view)),
        not_exported=not_exported(missing),
        other_logins=other_logins(snapshot, view),
        directories=config_directories(snapshot, view, processes),
        user_variable=clean(view.environ["USER"], 80) if "USER" in view.environ else None,
        sudo_user=clean(view.environ.get("SUDO_USER", ""), 80) or None,
        home_owner=_owner(view.home),
        aws_files_modified=aws_files_modified(snapshot),
        free_files=_free_files(snapshot.places.config_dir),
        aws_tool=find_aws_tool(view.environ.get("PATH", ""), view.home) if view.root == "/" else None,
    )


def around_login(snapshot: Snapshot, view: ObservationContext, before: Surroundings) -> Surroundings:
    """As `look_around` told `before`, with what the login's file can have changed.
    Where it held no login, directories that link to it are not among those of `before`."""
    return before._replace(
        store=store_place(snapshot.places.credentials_path),
        other_logins=other_logins(snapshot, view),
        directories=with_logins_of_now(before.directories, snapshot),
        free_files=_free_files(snapshot.places.config_dir),
    )


def _owner(path: str) -> str | None:
    try:
        return owner_name(os.stat(path).st_uid)
    except (OSError, ValueError):
        return None


def _free_files(path: str) -> int | None:
    """Files that could still be made; None where the file system does not count them."""
    space = file_system(path)
    return space.f_favail if space is not None and space.f_files else None


# ── mounts ───────────────────────────────────────────────────────────────────────────────────────


def mounts_of(snapshot: Snapshot, view: ObservationContext) -> dict[str, Mount] | None:
    """For the home, the configuration, the credentials and the state file: the file system of each."""
    table = read_mounts(view.root)
    if table is None:
        return None
    places = snapshot.places
    paths = (places.home, places.config_dir, places.credentials_path, snapshot.claude_json.path)
    found = {path: covering(path, table) for path in paths if path}
    return {
        path: Mount(clean(mount.point, 300), clean(mount.kind, 40), mount.read_only)
        for path, mount in found.items()
        if mount is not None
    }


# ── the store ────────────────────────────────────────────────────────────────────────────────────


def store_place(path: str) -> StorePlace | None:
    """Links followed; None where there is no such file."""
    if not os.path.exists(path):
        return None
    real = real_path(path)
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
        content = None if is_same_file(path, snapshot.places.credentials_path) else read_file(path).content
        if content is None:
            continue
        login = read_login(parse(content))
        if login.tokens is not None and login.unusable is None:
            found.append(path)
    return tuple(found)


def _home_of(user: str) -> str:
    import pwd

    try:
        return pwd.getpwnam(user).pw_dir if user else ""
    except (KeyError, ValueError):
        return ""


# ── variables ────────────────────────────────────────────────────────────────────────────────────

#: Missing in a process, each of these changes what it sends or where.
_EXPECTED = (
    *(*CREDENTIALS, *PROVIDER_SWITCHES),
    *"ANTHROPIC_BASE_URL CLAUDE_CONFIG_DIR NODE_EXTRA_CA_CERTS HTTPS_PROXY".split(),
)


#: Files whose variables reach programs without a word about it.
_NEED_NO_EXPORT = re.compile(
    r"(?:^|/)(?:\.env(?!rc$)[^/]*|\.pam_environment|environment|[^/]+\.conf|fish/.*)$"
)


def not_exported(found: Mapping[str, Location]) -> tuple[str, ...]:
    """Those that a shell's file sets for the shell alone."""
    return tuple(
        name
        for name, place in found.items()
        if _NEED_NO_EXPORT.search(place.path) is None
        and not is_exported(read_file(place.path).content or b"", name)
    )


def not_loaded(snapshot: Snapshot, view: ObservationContext) -> dict[str, Location]:
    """Variables that a start-up file or a `.env` sets and that are set nowhere for this process."""
    if "PATH" not in view.environ:  # the environment was left out, or this is no shell's child
        return {}
    names = [name for name in _EXPECTED if name not in snapshot.variables]
    found = likely_set_at(names, view)
    return {name: places[0] for name, places in found.items()}


# ── copies of `.claude.json`: those that Claude Code makes, those that it moved aside as corrupted ─

#: So many of the newest are parsed in search for a whole one.
MOST_PARSED = 5
#: Of more names than these (one person had 490 corrupted copies [told]) the newest are told.
MOST_TOLD = 20


def find_backups(snapshot: Snapshot) -> tuple[tuple[Backup, ...], tuple[Backup, ...]]:
    """Backups and corrupted copies, the newest first; backups are parsed until one is whole."""
    path = snapshot.claude_json.path
    folder, name = os.path.split(path)
    kept = [os.path.join(folder, other) for other in list_directory(folder) if other.startswith(f"{name}.")]
    for place in dict.fromkeys((snapshot.places.config_dir, os.path.join(snapshot.places.home, ".claude"))):
        stored = os.path.join(place, "backups")
        kept += [os.path.join(stored, other) for other in list_directory(stored) if other.startswith(name)]
    corrupted = [other for other in kept if ".corrupted" in os.path.basename(other)]
    backups = [other for other in kept if ".backup" in os.path.basename(other) and other not in corrupted]
    return _whole(_by_age(backups)), tuple(_by_age(corrupted)[:MOST_TOLD])


def _by_age(paths: list[str]) -> list[Backup]:
    found = []
    for path in paths:
        try:
            found.append(Backup(path, os.stat(path).st_mtime))
        except (OSError, ValueError):
            continue
    return sorted(found, key=lambda backup: -backup.modified)


def _whole(backups: list[Backup]) -> tuple[Backup, ...]:
    found: list[Backup] = []
    for backup in backups[:MOST_TOLD]:
        decided = any(earlier.whole for earlier in found) or len(found) >= MOST_PARSED
        found.append(backup if decided else Backup(backup.path, backup.modified, _parses(backup.path)))
    return tuple(found)


def _parses(path: str) -> bool:
    content = read_file(path, LARGE_LIMIT).content
    return content is not None and parse(content).damage is None


def has_subscription(snapshot: Snapshot, view: ObservationContext) -> bool | None:
    """What `.claude.json` remembers about the plan; None where it says nothing."""
    if snapshot.claude_json.damage is not None:
        return None
    value = state_document(snapshot.claude_json.path, view)[0].data.get("hasAvailableSubscription")
    return value if isinstance(value, bool) else None


# ── what is configured about the network: certificates, names, IPv6; no connection is made ───────

#: Block lists fill tables of hosts with a hundred thousand lines.
HOSTS_LIMIT = 8 << 20

#: Requests, sign-in and refresh, and the page that a person signs in on [behaviour.md section 4].
NEEDED_HOSTS = frozenset({"api.anthropic.com", "platform.claude.com", "claude.ai", "claude.com"})

#: [seen 2.1.332]: the runtime reads it before Claude Code has put the settings' variables in place.
NOT_READ_FROM_SETTINGS = "Claude Code takes this variable from the shell alone, not from a settings file"


def certificate_files(snapshot: Snapshot, view: ObservationContext) -> tuple[CertificateFile, ...]:
    """What the variables name, and why it would not be loaded."""
    found = []
    for variable in VARIABLES:
        assignments = snapshot.variables.get(variable.name, ())
        # What Claude Code reads, and what this program's own connections do: the shell's alone.
        ours = next((one for one in assignments if one.layer is None), None)
        for one in dict.fromkeys((*assignments[:1], *((ours,) if ours is not None else ()))):
            value = one.value.reveal()
            if not value:
                continue
            if one.layer is not None and not variable.from_settings:
                damage = Damage("not-read", NOT_READ_FROM_SETTINGS)
                found.append(CertificateFile(variable.name, shown_path(value), one.origin, damage))
                continue
            named = read_named(variable.name, value, view.cwd, snapshot.observed_at)
            found.append(CertificateFile(variable.name, named.path, one.origin, named.damage))
    return tuple(found)


def hosts_file(view: ObservationContext) -> HostsFile:
    """The addresses of localhost, and the lines that decide where a host of Claude's is."""
    path = view.system("/etc/hosts")
    read = read_file(path, HOSTS_LIMIT)
    if read.content is None:
        return HostsFile(path, read.damage)
    localhost: list[str] = []
    pinned: list[tuple[str, str, Location]] = []
    for number, line in enumerate(read.content.decode("utf-8", "replace").splitlines(), 1):
        address, *names = line.partition("#")[0].split() or [""]
        for name in (name.lower().rstrip(".") for name in names):
            if name == "localhost" and address not in localhost:
                localhost.append(clean(address, 60))
            elif name in NEEDED_HOSTS:
                pinned.append((name, clean(address, 60), Location(path, number)))
    return HostsFile(path, None, tuple(localhost[:20]), tuple(pinned[:20]))


def has_ipv6(view: ObservationContext) -> bool | None:
    """Whether the kernel has any IPv6 address; None where there is no such table to look at."""
    if not os.path.isdir(view.system("/proc/net")):
        return None
    return bool((read_file(view.system("/proc/net/if_inet6")).content or b"").strip())
