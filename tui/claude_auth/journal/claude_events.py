"""What Claude Code does, as events: from one look at the machine to the next. Pure: no I/O, no clock.

`first` and `follow` remember since when each lock stands still, so that a standstill is told when it lasts
and not at every look; `next_look` says when to look again though no file changed. In what state a lock is,
`claude_code.locks` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from claude_auth.claude_code.locks import is_taken_over, next_change, state_of, was_touched
from claude_auth.journal.refreshes import STORE, RefreshStory, tell
from claude_auth.model import ClaudeJson, Event, FileFacts, Lock, Severity, Snapshot, StoreReading, TokenSet
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret
from claude_auth.words import format_path, mode_words, span, when

Data = Mapping[str, str | int | float | bool | None]
Phase = Literal["held", "beating", "still", "old", "future"]


@dataclass(frozen=True, slots=True)
class LockStory:
    """`lock` as it was at the moment `looked`. `seen` is when it was first seen, `stands` since when nobody
    was seen to touch it, `beats` whether somebody was before, `phase` what was told last."""

    lock: Lock
    looked: float
    seen: float
    stands: float
    beats: bool = False
    phase: Phase = "held"


@dataclass(frozen=True, slots=True)
class Memory:
    """What the next look is compared with."""

    snapshot: Snapshot
    locks: Mapping[str, LockStory] = field(default_factory=dict)
    refresh: RefreshStory | None = None


def first(snapshot: Snapshot, holders: tuple[int, ...] | None = None) -> tuple[Memory, tuple[Event, ...]]:
    """The beginning: locks that stand there already are told."""
    stories, events = _locks({}, snapshot)
    refresh, told = tell(None, events, snapshot, holders, from_start=False)
    return Memory(snapshot, stories, refresh), told


def follow(
    memory: Memory, snapshot: Snapshot, holders: tuple[int, ...] | None = None
) -> tuple[Memory, tuple[Event, ...]]:
    """What happened between the remembered look and this one: locks, then the login, then .claude.json.
    `holders`: the clients that run, where a refresh begins."""
    before = memory.snapshot
    if _subject(before) != _subject(snapshot):  # another configuration directory: nothing happened to this
        return first(snapshot, holders)
    stories, events = _locks(memory.locks, snapshot)
    events += store_events(before, snapshot)
    refresh, told = tell(memory.refresh, events, snapshot, holders, from_start=True)
    return Memory(snapshot, stories, refresh), (*told, *json_events(before, snapshot))


def _subject(snapshot: Snapshot) -> tuple[str, str]:
    return snapshot.places.credentials_path, snapshot.claude_json.path


def next_look(memory: Memory) -> float | None:
    """The moment at which a lock that nobody touches has another story; None while time changes nothing."""
    now = memory.snapshot.observed_at
    rests = (
        next_change(story.lock, now - story.stands, touched=story.beats) for story in memory.locks.values()
    )
    return min((now + rest for rest in rests if rest is not None), default=None)


# ── locks ────────────────────────────────────────────────────────────────────────────────────────


def _locks(before: Mapping[str, LockStory], snapshot: Snapshot) -> tuple[dict[str, LockStory], list[Event]]:
    now, home = snapshot.observed_at, snapshot.places.home
    stories: dict[str, LockStory] = {}
    events: list[Event] = []
    for lock in snapshot.locks:
        old = before.get(lock.path)
        story = _story(old, lock, now)
        stories[lock.path] = story
        if old is None:
            begin = "a lock was taken" if story.phase == "held" else "a lock stands there"
            text = f"{begin}: {format_path(lock.path, home)} ({lock.guards})"
            events.append(_lock_event(now, "appeared", text, "info", lock.path, lock.guards, lock.age))
        if story.phase != (old.phase if old is not None else "held"):
            words, level = _phase_words(story, lock.age)
            text = f"{format_path(lock.path, home)} {words}"
            events.append(_lock_event(now, story.phase, text, level, lock.path, lock.guards, lock.age))
    for path, story in before.items():
        if path not in stories:
            held = max(0.0, now - min(story.looked - story.lock.age, story.seen))
            text = f"lock released: {format_path(path, home)}, held for {span(held)}"
            events.append(_lock_event(now, "released", text, "info", path, story.lock.guards, None))
    return stories, events


def _story(old: LockStory | None, lock: Lock, now: float) -> LockStory:
    if old is None:
        return LockStory(lock, now, now, now, phase=_phase(lock, 0.0, beats=False))
    touched = was_touched(old.lock, lock, now - old.looked)
    stands, beats = (now, True) if touched else (old.stands, old.beats)
    return LockStory(lock, now, old.seen, stands, beats, _phase(lock, now - stands, beats=beats))


def _phase(lock: Lock, still: float, *, beats: bool) -> Phase:
    state = state_of(lock, still, touched=beats)
    if state == "held":
        return "beating" if beats else "held"
    if state == "future":
        return "future"
    return "old" if is_taken_over(lock) else "still"


def _phase_words(story: LockStory, age: float) -> tuple[str, Severity]:
    if story.phase == "future":
        return (
            f"is dated {span(-age)} in the future: Claude Code never takes it over, and every call fails "
            "while it stands",
            "error",
        )
    if story.phase == "old":
        return f"has stood still for {span(age)}: the next Claude Code takes it over", "warning"
    if story.phase == "still":
        return f"has stood still for {span(age)}: its holder is gone or stopped", "warning"
    if story.phase == "held":
        return "isn't dated in the future any more", "info"
    return "is alive: its holder touched it again", "info"


def _lock_event(
    at: float, kind: str, text: str, level: Severity, path: str, guards: str, age: float | None
) -> Event:
    """`since`: when the lock was taken or touched, by the disk's clock."""
    times: Data = {} if age is None else {"age": round(age, 1), "since": round(at - age, 3)}
    data: Data = {"path": path, "guards": guards, **times}
    return Event(at, f"claude.lock.{kind}", text, level, STORE, data)


# ── the login ────────────────────────────────────────────────────────────────────────────────────


def store_events(before: Snapshot, after: Snapshot) -> tuple[Event, ...]:
    """What happened to Claude Code's stored login, and to the file that it lies in."""
    story = _login_change(before, after)
    events = [] if story is None else [story]
    old, new = before.login.origin.file, after.login.origin.file
    if old is not None and new is not None:
        events += _file_changes(old, new, after)
    return tuple(events)


def _login_change(before: Snapshot, after: Snapshot) -> Event | None:
    old, new = before.login, after.login
    tokens = new.tokens
    if "not-looked-at" in {reading.damage.code for reading in (old, new) if reading.damage is not None}:
        return None
    if new.present_unread:
        known = old.present_unread or _live(old) is not None
        text = "Claude Code is signed in: the system's keyring holds a login"
        return None if known else _event(after, "claude.login.appeared", text)
    if tokens is None or tokens.access_token.is_empty:
        return _login_loss(before, after)
    to, until = tokens.access_token.fingerprint, until_words(tokens, after.observed_at)
    data = _login_data(tokens, after)
    held = _live(old)
    level: Severity = "info"
    if held is None and old.damage is not None and not old.damage.is_missing:
        kind, text = "claude.store.readable", f"the login can be read again: {to}{until}"
    elif held is None:
        kind, text = "claude.login.appeared", f"Claude Code is signed in: {to}{until}"
    elif held.access_token != tokens.access_token:
        kind, text = _new_token(before, after, held, tokens)
    elif new.unusable is not None and new.unusable != old.unusable:
        kind, text, level = "claude.login.unusable", f"the login {to} is unusable: {new.unusable}", "error"
    elif old.unusable is not None and new.unusable is None:
        kind, text = "claude.login.usable", f"the login {to} is usable again"
    elif held.expires_at != tokens.expires_at or held.login_deadline != tokens.login_deadline:
        kind, text = "claude.login.expiry", f"{to} has another expiry{until}"
    elif held.refresh_token != tokens.refresh_token:
        kind, text = "claude.login.rotated", f"{to} has another refresh token"
    elif held.scopes != tokens.scopes:
        kind, text = "claude.login.scopes", f"{to} has other scopes"
    else:
        return None
    if held is not None:
        data["from"] = held.access_token.fingerprint
    return _event(after, kind, text, level, data)


def _login_data(tokens: TokenSet, after: Snapshot) -> dict[str, str | float | None]:
    """`written`: by the file's own time."""
    file = after.login.origin.file
    return {
        "to": tokens.access_token.fingerprint,
        "expires_at": _number(tokens.expires_at),
        "deadline": _number(tokens.login_deadline),
        "path": after.places.credentials_path,
        "written": None if file is None else _number(file.modified),
    }


def _new_token(before: Snapshot, after: Snapshot, held: TokenSet, tokens: TokenSet) -> tuple[str, str]:
    """A refresh leaves the person and the scopes; anything else is called a change."""
    arrow = f"{held.access_token.fingerprint} → {tokens.access_token.fingerprint}"
    end = until_words(tokens, after.observed_at)
    same = (before.claude_json.email, held.scopes) == (after.claude_json.email, tokens.scopes)
    later = (tokens.expires_at or 0.0) > (held.expires_at or 0.0)
    if same and later and held.is_refreshable:
        return "claude.login.refreshed", f"Claude Code refreshed {arrow}{end}"
    return "claude.login.changed", f"Claude Code's login changed {arrow}{end}"


def _login_loss(before: Snapshot, after: Snapshot) -> Event | None:
    old, new = before.login, after.login
    name = format_path(after.places.credentials_path, after.places.home)
    held = _live(old)
    path = after.places.credentials_path
    data: Data = {"from": held.access_token.fingerprint if held is not None else None, "path": path}
    was = f" {data['from']}" if held is not None else ""
    if new.tokens is not None and new.unusable is not None:
        if old.tokens is not None and held is None:
            return None
        wiped = new.tokens.expires_at == 0
        kind = "wiped" if wiped else "emptied"
        return _event(after, f"claude.login.{kind}", f"the login{was} is gone: {new.unusable}", "error", data)
    if new.damage is not None and not new.damage.is_missing:
        if old.damage == new.damage:
            return None
        code = "unreadable" if new.damage.is_unreadable else "damaged"
        return _event(after, f"claude.store.{code}", f"{name}: {new.damage.text}", "error", data)
    if held is not None:
        text = f"Claude Code is signed out: the login{was} is gone"
        return _event(after, "claude.login.gone", text, data=data)
    if old.tokens is not None or old.present_unread or (old.damage is not None and not old.damage.is_missing):
        return _event(after, "claude.login.gone", f"nothing is left of the login in {name}", data=data)
    return None


def _live(reading: StoreReading) -> TokenSet | None:
    tokens = reading.tokens
    return None if tokens is None or tokens.access_token.is_empty else tokens


def until_words(tokens: TokenSet, now: float) -> str:
    if tokens.expires_at is None:
        return ""
    return f", {'lasts until' if tokens.expires_at > now else 'ended'} {when(tokens.expires_at, now)}"


def _number(moment: float | None) -> float | None:
    return None if moment is None else round(moment, 3)


def _file_changes(old: FileFacts, new: FileFacts, after: Snapshot) -> list[Event]:
    events = []
    name, data = format_path(new.path, after.places.home), {"path": new.path}
    if old.owner != new.owner or old.owned_by_us != new.owned_by_us:
        text = f"{name} belongs to {clean(new.owner, 40)} now, before: {clean(old.owner, 40)}"
        level: Severity = "info" if new.owned_by_us else "error"
        events.append(_event(after, "claude.store.owner", text, level, {**data, "owner": new.owner}))
    if old.mode != new.mode:
        text = f"{name} has another mode: {mode_words(new).text}"
        modes = {**data, "from": f"{old.mode:04o}", "to": f"{new.mode:04o}"}
        if new.open_to_others:
            events.append(_event(after, "claude.store.loose", text, "warning", modes))
        else:
            events.append(_event(after, "claude.store.tight", text, "info", modes))
    if old.link_target != new.link_target:
        where = format_path(new.link_target or "", after.places.home)
        text = f"{name} is a symbolic link now: {where}" if new.link_target else f"{name} is a file again"
        level = "warning" if new.link_target else "info"
        events.append(_event(after, "claude.store.link", text, level, {**data, "target": new.link_target}))
    return events


# ── .claude.json ─────────────────────────────────────────────────────────────────────────────────


def json_events(before: Snapshot, after: Snapshot) -> tuple[Event, ...]:
    """Approvals, the Console key, the account and the trust in the folder."""
    old, new = before.claude_json, after.claude_json
    name = format_path(new.path, after.places.home)
    events = []
    for word, were, are in (
        ("approved", old.approved, new.approved),
        ("rejected", old.rejected, new.rejected),
    ):
        text = _list_words(word, were, are)
        if text:
            data: Data = {"path": new.path, "from": len(were), "to": len(are)}
            events.append(_event(after, f"claude.json.{word}", f"{text}: {name}", data=data))
    for kind, text in _state_changes(old, new):
        events.append(_event(after, f"claude.json.{kind}", f"{text}: {name}", data={"path": new.path}))
    return tuple(events)


def _list_words(word: str, old: tuple[Secret, ...], new: tuple[Secret, ...]) -> str:
    more, fewer = len(set(new) - set(old)), len(set(old) - set(new))
    if not more and not fewer:
        return ""
    parts = [f"{more} more" if more else "", f"{fewer} fewer" if fewer else ""]
    return f"{word} keys changed, {' and '.join(part for part in parts if part)}"


def _state_changes(old: ClaudeJson, new: ClaudeJson) -> Iterable[tuple[str, str]]:
    if old.damage != new.damage and new.damage is not None and not new.damage.is_missing:
        yield "damaged", f"{new.damage.text}"
    if new.damage is not None or (old.damage is not None and not old.damage.is_missing):
        return
    if old.email != new.email:
        yield "account", "the account changed"
    if old.primary_api_key != new.primary_api_key:
        yield "console-key", "the Console key changed" if new.primary_api_key else "the Console key is gone"
    if old.trusted != new.trusted:
        yield "trust", "this folder is trusted" if new.trusted else "this folder is not trusted any more"


def _event(
    after: Snapshot, kind: str, text: str, level: Severity = "info", data: Data | None = None
) -> Event:
    return Event(after.observed_at, kind, text, level, STORE, data or {})
