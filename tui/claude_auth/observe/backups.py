"""Copies of `.claude.json`: those that Claude Code makes, and those that it moved aside as corrupted."""

from __future__ import annotations

import os

from claude_auth.files import LARGE_LIMIT, list_directory, read_file
from claude_auth.formats.document import parse
from claude_auth.model import Snapshot
from claude_auth.model.surroundings import Backup

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


def has_subscription(snapshot: Snapshot) -> bool | None:
    """What `.claude.json` remembers about the plan; None where it says nothing."""
    if snapshot.claude_json.damage is not None:
        return None
    content = read_file(snapshot.claude_json.path, LARGE_LIMIT).content
    value = parse(content).data.get("hasAvailableSubscription") if content is not None else None
    return value if isinstance(value, bool) else None
