"""What there is to watch: the paths of interest, the directories they lie in, and what tells a change.

Looks at `stat`, links and names only; no file but /proc/self/mountinfo is ever opened.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable

from claude_auth.claude_code.locks import lock_paths
from claude_auth.model import Snapshot

#: In the place of a name: every name of the directory counts.
EVERYTHING = "*"
MOST_LINKS = 8
MOST_ENTRIES = 200

#: File systems that change without telling this kernel; anything behind `fuse.` but the local ones.
_REMOTE = re.compile(
    r"nfs4?|cifs|smb\w*|9p|afs|ceph|lustre|vboxsf|prl_fs|virtiofs|drvfs|autofs"
    r"|fuse\.(?!fuse-overlayfs|portal|gvfsd-fuse|lxcfs).+"
)

Mounts = tuple[tuple[str, str], ...]
Interest = dict[str, dict[str, set[str]]]
Signature = tuple[object, ...] | None


def interesting_files(snapshot: Snapshot) -> tuple[str, ...]:
    """Every path whose change can change the answer; a directory stands for the names in it."""
    places, home = snapshot.places, snapshot.places.home
    managed = {os.path.dirname(file.path) for file in snapshot.settings_files if file.layer == "managed"}
    paths = [
        *(file.path for file in snapshot.settings_files),
        *(f"{os.path.join(folder, 'managed-settings')}.d" for folder in managed if not folder.endswith(".d")),
        *(os.path.join(places.cwd, ".claude", name) for name in ("settings.json", "settings.local.json")),
        places.credentials_path,
        snapshot.claude_json.path,
        *(path for path, _ in lock_paths(places.config_dir, snapshot.claude_json.path)),
        os.path.join(places.config_dir, ".config.json"),  # appears: takes the place of .claude.json
        os.path.join(home, ".claude_code"),
        os.path.join(home, ".claude", "credentials"),
        *(os.path.join(home, ".config", "anthropic", name) for name in ("", "configs", "credentials")),
        os.path.join(home, ".azure"),
        snapshot.aws.credentials_path or os.path.join(home, ".aws", "credentials"),
        snapshot.aws.config_path or os.path.join(home, ".aws", "config"),
        os.path.join(home, ".aws", "sso", "cache"),
        snapshot.google.path
        if snapshot.google
        else os.path.join(home, ".config", "gcloud", "application_default_credentials.json"),
    ]
    return tuple(dict.fromkeys(path.rstrip("/") for path in paths if os.path.isabs(path)))


# ── what is watched for which file ───────────────────────────────────────────────────────────────


def watched_directories(files: Iterable[str]) -> dict[str, frozenset[str]]:
    """Directory → names of interest in it (`EVERYTHING`: all), as things stand now.

    A missing directory is watched through its nearest existing parent, a link at its target too, and
    every watched directory is a name in its own parent, so that its end and its return are seen.
    """
    return {directory: frozenset(names) for directory, names in interest_of(files).items()}


def interest_of(files: Iterable[str]) -> Interest:
    """Directory → name → the files that an event there is about; none: look again what there is to watch."""
    interest: Interest = {}
    for file in files:
        for path in along_links(file):
            directory, name = nearest_directory(path)
            about = interest.setdefault(directory, {}).setdefault(name, set())
            if os.path.join(directory, name) == path:
                about.add(file)
            for own in along_links(directory):
                interest.setdefault(os.path.dirname(own), {}).setdefault(os.path.basename(own), set())
        if os.path.isdir(file):
            interest.setdefault(file, {}).setdefault(EVERYTHING, set()).add(file)
    return interest


def along_links(path: str) -> list[str]:
    """`path`, and where its links lead, one after another."""
    found = [path]
    for _ in range(MOST_LINKS):
        try:
            target = os.readlink(path)
        except (OSError, ValueError):
            break
        path = os.path.normpath(os.path.join(os.path.realpath(os.path.dirname(path)), target))
        if path in found:
            break
        found.append(path)
    return found


def nearest_directory(path: str) -> tuple[str, str]:
    directory, name = os.path.split(path)
    while not os.path.isdir(directory) and directory != os.path.dirname(directory):
        directory, name = os.path.split(directory)
    return directory, name


def mounts_of(content: bytes) -> Mounts:
    """Mount point and type of each line of /proc/self/mountinfo (proc(5)); other lines are passed over."""
    mounts = []
    for line in content.splitlines():
        before, separator, after = line.partition(b" - ")
        fields, kinds = before.split(b" "), after.split(b" ")
        if separator and len(fields) > 4:
            point = re.sub(rb"\\([0-3][0-7]{2})", lambda match: bytes([int(match[1], 8)]), fields[4])
            mounts.append((os.fsdecode(point), kinds[0].decode("ascii", "replace")))
    return tuple(mounts)


def is_remote(directory: str, mounts: Mounts) -> bool:
    """Whether the innermost mount point above `directory`, a real path, is of a network file system."""
    kind, length = "", -1
    for point, its_kind in mounts:
        inside = directory == point or directory.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= length:  # the later of two on one point covers the earlier
            kind, length = its_kind, len(point)
    return _REMOTE.fullmatch(kind) is not None


def remote_files(files: Iterable[str], mounts: Mounts) -> tuple[str, ...]:
    """Those that lie, or whose links lead, on a network file system: no event tells of them."""
    if not any(_REMOTE.fullmatch(kind) for _, kind in mounts):  # spares a look at each of 1,000 mounts
        return ()

    def is_there(path: str) -> bool:
        return is_remote(os.path.realpath(nearest_directory(path)[0]), mounts)

    return tuple(file for file in files if any(is_there(path) for path in along_links(file)))


def signature(path: str) -> Signature:
    """What changes when the content does, None where there is nothing; of a directory with its entries."""
    try:
        status = os.stat(path)
        if not stat.S_ISDIR(status.st_mode):
            return _facts(status)
        with os.scandir(path) as entries:
            inside = [
                (entry.name, _facts(entry.stat(follow_symlinks=False)))
                for _, entry in zip(range(MOST_ENTRIES), entries, strict=False)
            ]
        return (*_facts(status), *sorted(inside))
    except (OSError, ValueError):
        return None


def _facts(status: os.stat_result) -> tuple[int, ...]:
    return (
        status.st_dev,
        status.st_ino,
        status.st_mode,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
