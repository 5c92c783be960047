"""What changed between two looks at the machine: pure, from two pairs of snapshot and resolution."""

from __future__ import annotations

from typing import NamedTuple

from claude_auth import sources
from claude_auth.journal.claude_events import json_events
from claude_auth.model import Damage, Resolution, Snapshot, SourceReading
from claude_auth.security.secret import Secret
from claude_auth.words import TextStyle, format_path, standing_word

Look = tuple[Snapshot, Resolution]


class HostChange(NamedTuple):
    """One line of the log. `source` is the row that it is about, if it is about one."""

    at: float
    text: str
    role: TextStyle = "plain"
    source: str | None = None


def changes(before: Look, after: Look) -> tuple[HostChange, ...]:
    """What is different now, the answer first, then the sources in table order, files and locks."""
    return (
        *_answer_changes(before, after),
        *_source_changes(before, after),
        *_file_changes(before[0], after[0]),
        *_lock_changes(before[0], after[0]),
    )


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


def _answer_changes(before: Look, after: Look) -> list[HostChange]:
    at, old, new = after[0].observed_at, before[1], after[1]
    if old.client != new.client:
        return []  # another program asks: nothing on the machine changed
    if old.winner == new.winner and _code(old) == _code(new):
        return []
    if new.blocked is not None:
        return [HostChange(at, f"no request would go out any more: {new.blocked.reason}", "fail")]
    if new.winner is None:
        return [HostChange(at, "no source wins any more", "warn")]
    was = f", before: {sources.label(old.winner)}" if old.winner and old.winner != new.winner else ""
    return [HostChange(at, f"{sources.label(new.winner)} wins now{was}", "strong", new.winner)]


def _code(resolution: Resolution) -> str | None:
    return None if resolution.blocked is None else resolution.blocked.code


# ── the sources ──────────────────────────────────────────────────────────────────────────────────


def _source_changes(before: Look, after: Look) -> list[HostChange]:
    at = after[0].observed_at
    old = {standing.reading.source: standing for standing in before[1].standings}
    found = []
    for standing in after[1].standings:
        reading = standing.reading
        earlier = old.get(reading.source)
        text = _reading_change(earlier.reading if earlier else None, reading)
        if text:
            word = standing_word(standing)
            role: TextStyle = (
                "fail" if reading.state == "unusable" else "warn" if word.role == "warn" else "plain"
            )
            found.append(HostChange(at, f"{sources.label(reading.source)} {text}", role, reading.source))
    return found


def _reading_change(old: SourceReading | None, new: SourceReading) -> str:
    if old is None or old.state != new.state:
        print_ = _fingerprint(new)
        return {
            "absent": "vanished",
            "present": f"appeared{f': {print_}' if print_ else ''}",
            "unusable": f"became unusable: {new.reason}",
            "unreadable": f"can't be read any more: {new.reason}",
        }[new.state]
    was, now = _fingerprint(old), _fingerprint(new)
    if was != now:
        if now is None:
            return "changed: its value is unknown until it is run again"
        return f"{was} → {now}" if was else f"is known now: {now}"
    if old.tokens is not None and new.tokens is not None and old.tokens.expires_at != new.tokens.expires_at:
        return f"{now or ''} has another expiry".strip()
    if old.expiry != new.expiry and new.expiry is not None:
        ends = {"stale-refreshable": "is idle: it will be renewed on next use", "expired": "has expired"}
        return ends.get(new.expiry, "is live again")
    if old.state == "unusable" and old.reason != new.reason:
        return f"is unusable for another reason: {new.reason}"
    return ""


def _fingerprint(reading: SourceReading) -> str | None:
    value: Secret | None = reading.tokens.access_token if reading.tokens is not None else reading.value
    return None if value is None or value.is_empty else value.fingerprint


# ── files and locks ──────────────────────────────────────────────────────────────────────────────


def _file_changes(old: Snapshot, new: Snapshot) -> list[HostChange]:
    at, home = new.observed_at, new.places.home
    before = {file.path: file for file in old.settings_files}
    found = []
    for file in new.settings_files:
        earlier = before.pop(file.path, None)
        name = format_path(file.path, home)
        was_there, is_there = earlier is not None and not _missing(earlier.damage), not _missing(file.damage)
        if is_there and not was_there:
            found.append(HostChange(at, f"settings file appeared: {name}"))
        elif was_there and not is_there:
            found.append(HostChange(at, f"settings file vanished: {name}"))
        elif earlier is not None and is_there:
            if file.damage is not None and file.damage != earlier.damage:
                found.append(HostChange(at, f"settings file is damaged: {name}: {file.damage.text}", "fail"))
            elif file.file != earlier.file or file.damage != earlier.damage:
                found.append(HostChange(at, f"settings file changed: {name}"))
    found += [
        HostChange(at, f"settings file vanished: {format_path(path, home)}")
        for path, file in before.items()
        if not _missing(file.damage)
    ]
    if old.claude_json.path == new.claude_json.path:
        found += [HostChange(at, event.text) for event in json_events(old, new)]
    return found


def _missing(damage: Damage | None) -> bool:
    return damage is not None and damage.is_missing


def _lock_changes(old: Snapshot, new: Snapshot) -> list[HostChange]:
    at, home = new.observed_at, new.places.home
    before, after = {lock.path: lock for lock in old.locks}, {lock.path: lock for lock in new.locks}
    found = [
        HostChange(at, f"lock appeared: {format_path(path, home)} ({lock.guards})")
        for path, lock in after.items()
        if path not in before
    ]
    found += [
        HostChange(at, f"lock released: {format_path(path, home)}") for path in before if path not in after
    ]
    return found
