"""What changed between two looks at the machine beside what Claude Code does: the answer, the sources, the
settings files. Pure, from two pairs of snapshot and resolution."""

from __future__ import annotations

from claude_auth import sources
from claude_auth.model import Damage, Event, Resolution, Severity, Snapshot, SourceReading
from claude_auth.model.findings import new_group
from claude_auth.security.secret import Secret
from claude_auth.words import format_path, short_origin, standing_word

Look = tuple[Snapshot, Resolution]
#: What happens to the stored login is told by `claude_events`, but that time passes.
_LOGIN = "stored-login"


def changes(before: Look, after: Look) -> tuple[Event, ...]:
    """What is different now, the answer first, then the sources in table order, then files: all of it belongs
    together where there is another answer."""
    answer = _answer_changes(before, after)
    causes = (*_source_changes(before, after), *_file_changes(before[0], after[0]))
    if not answer or not causes:
        return (*answer, *causes)
    look = new_group(after[0].observed_at)
    return tuple(event._replace(data={**event.data, "look": look}) for event in (*answer, *causes))


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


def _answer_changes(before: Look, after: Look) -> list[Event]:
    at, old, new = after[0].observed_at, before[1], after[1]
    if old.client != new.client:
        return []  # another program asks: nothing on the machine changed
    if old.winner == new.winner and _code(old) == _code(new):
        return []
    data = {"client": new.client, "source": new.winner}
    if new.blocked is not None:
        text = f"no request would go out any more: {new.blocked.reason}"
        return [Event(at, "answer.blocked", text, "error", data={**data, "code": new.blocked.code})]
    if new.winner is None:
        return [Event(at, "answer.none", "no credential is used any more", "warning", data=data)]
    was = f", before: {sources.label(old.winner)}" if old.winner and old.winner != new.winner else ""
    return [Event(at, "answer.changed", f"{sources.label(new.winner)} is used now{was}", data=data)]


def _code(resolution: Resolution) -> str | None:
    return None if resolution.blocked is None else resolution.blocked.code


# ── the sources ──────────────────────────────────────────────────────────────────────────────────


def _source_changes(before: Look, after: Look) -> list[Event]:
    at, home = after[0].observed_at, after[0].places.home
    old = {standing.reading.source: standing for standing in before[1].standings}
    found = []
    for standing in after[1].standings:
        reading = standing.reading
        earlier = old.get(reading.source)
        was = earlier.reading if earlier else None
        kind, text = _reading_change(was, reading)
        if not kind or (reading.source == _LOGIN and kind != "expiry"):
            continue
        level: Severity = "info"
        if reading.state == "unusable":
            level = "error"
        elif standing_word(standing).role == "warn":
            level = "warning"
        # Where it stood, for one that vanished.
        place = short_origin((was if kind == "gone" and was is not None else reading).origin, home)
        data = {
            "source": reading.source,
            "where": place or None,
            "from": None if was is None else _fingerprint(was),
            "to": _fingerprint(reading),
        }
        where = f" ({place})" if place else ""
        told = f"{sources.label(reading.source)} {text}{where}"
        found.append(Event(at, f"source.{kind}", told, level, data=data))
    return found


def _reading_change(old: SourceReading | None, new: SourceReading) -> tuple[str, str]:
    """What kind of change, and its words; both empty where there is none."""
    was, now = None if old is None else _fingerprint(old), _fingerprint(new)
    if old is None or old.state != new.state:
        return {
            "absent": ("gone", "vanished"),
            "present": ("appeared", f"appeared{f': {now}' if now else ''}"),
            "unusable": ("unusable", f"became unusable: {new.reason}"),
            "unreadable": ("unreadable", f"can't be read any more: {new.reason}"),
        }[new.state]
    if was != now and now is None:
        return "unknown", "changed: its value is unknown until it is run again"
    if was != now:
        return "changed", f"{was} → {now}" if was else f"is known now: {now}"
    if old.tokens is not None and new.tokens is not None and old.tokens.expires_at != new.tokens.expires_at:
        return "changed", f"{now or ''} has another expiry".strip()
    if old.expiry != new.expiry and new.expiry is not None:
        ends = {"stale-refreshable": "is idle: it will be renewed on next use", "expired": "has expired"}
        return "expiry", ends.get(new.expiry, "is live again")
    if old.state == "unusable" and old.reason != new.reason:
        return "unusable", f"is unusable for another reason: {new.reason}"
    if old.state == "present" and old.origin.path != new.origin.path:
        return "moved", "comes from another place now"
    return "", ""


def _fingerprint(reading: SourceReading) -> str | None:
    value: Secret | None = reading.tokens.access_token if reading.tokens is not None else reading.value
    return None if value is None or value.is_empty else value.fingerprint


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def _file_changes(old: Snapshot, new: Snapshot) -> list[Event]:
    before = {file.path: file for file in old.settings_files}
    found = []
    for file in new.settings_files:
        earlier = before.pop(file.path, None)
        was_there, is_there = earlier is not None and not _missing(earlier.damage), not _missing(file.damage)
        if is_there and not was_there:
            found.append(_file_event(new, file.path, "appeared"))
        elif was_there and not is_there:
            found.append(_file_event(new, file.path, "vanished"))
        elif earlier is not None and is_there:
            if file.damage is not None and file.damage != earlier.damage:
                found.append(_file_event(new, file.path, "is damaged", file.damage.text))
            elif file.file != earlier.file or file.damage != earlier.damage:
                found.append(_file_event(new, file.path, "changed"))
    return found + [
        _file_event(new, path, "vanished") for path, file in before.items() if not _missing(file.damage)
    ]


def _file_event(seen: Snapshot, path: str, what: str, why: str = "") -> Event:
    text = f"settings file {what}: {format_path(path, seen.places.home)}{f': {why}' if why else ''}"
    kind = f"settings.{what.rpartition(' ')[2]}"
    return Event(seen.observed_at, kind, text, "error" if why else "info", data={"path": path})


def _missing(damage: Damage | None) -> bool:
    return damage is not None and damage.is_missing
