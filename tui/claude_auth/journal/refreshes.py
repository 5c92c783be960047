"""A refresh by Claude Code as one story, put together from what is seen from outside: its locks, the file
that it saves, the processes that run; and the lives of the tokens that came of them. Pure.

Only the locks and the file are seen. That a request went out is likely once both locks are held, since that
is the order in which the client works [seen]; which process it was is likely where one alone runs. Each event
of a story carries the same `refresh` in its data, the last one tells the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from claude_auth.claude_code.locks import FUTURE_SECONDS, pids
from claude_auth.model import Event, Severity, Snapshot
from claude_auth.named_tuples import NamedTuple
from claude_auth.words.times import duration, rounded_span

SENT = "claude.lock.sent"
_GUARDS = "refresh of the login"
STORE = "claude-code"
_SAVED = ("claude.login.refreshed", "claude.login.changed", "claude.login.appeared")


@dataclass(frozen=True, slots=True)
class RefreshStory:
    """`began`: when the first lock was taken, by the disk's clock; None where none was seen to appear.
    `holders`: the clients that ran then, None where that isn't known. `outcome`: what became of the login."""

    id: str
    began: float | None
    holders: tuple[int, ...] | None
    sent: bool = False
    outcome: Event | None = None


def refresh_locks(snapshot: Snapshot) -> int:
    """How many of the two locks around a refresh are held."""
    return sum(lock.guards.startswith(_GUARDS) for lock in snapshot.locks)


def tell(
    story: RefreshStory | None,
    events: Iterable[Event],
    snapshot: Snapshot,
    holders: tuple[int, ...] | None,
    *,
    from_start: bool,
) -> tuple[RefreshStory | None, tuple[Event, ...]]:
    """The events of one look with what they mean as a refresh, and the story as it stands then. `holders`:
    the clients that run, None where that isn't known. `from_start`: there was a look before, so that a lock
    that is seen now was taken since."""
    told: list[Event] = []
    for event in events:
        if story is None and _opens(event):
            story = _begun(event, snapshot, holders, from_start=from_start)
        if story is not None and _belongs(event):
            event = event._replace(data={**event.data, "refresh": story.id})
            if event.kind.startswith("claude.login."):
                story = replace(story, outcome=event)
            elif event.kind == "claude.lock.appeared":
                who = who_words(story.holders)
                event = event._replace(text=f"{event.text}{f', {who}' if who else ''}")
        told.append(event)
    if story is None:
        return None, tuple(told)
    held = refresh_locks(snapshot)
    if held > 1 and not story.sent and (snapshot.login.tokens is not None or snapshot.login.present_unread):
        story = replace(story, sent=True)
        told.append(_sent(story, snapshot))
    if held:
        return story, tuple(told)
    return None, (*told, _closed(story, snapshot))


def _opens(event: Event) -> bool:
    guards = str(event.data.get("guards", ""))
    return event.kind == "claude.login.refreshed" or (
        event.kind == "claude.lock.appeared" and guards.startswith(_GUARDS)
    )


def _belongs(event: Event) -> bool:
    return event.kind.startswith(("claude.lock.", "claude.login.")) and ".claude.json" not in str(
        event.data.get("guards", "")
    )


def _begun(
    event: Event, snapshot: Snapshot, holders: tuple[int, ...] | None, *, from_start: bool
) -> RefreshStory:
    since = event.data.get("since")
    # A lock may be taken while we look, a little after the moment of the look.
    latest = snapshot.observed_at + FUTURE_SECONDS
    began = since if isinstance(since, float) and since <= latest else None
    name = f"{snapshot.observed_at if began is None else began:.3f}"  # the same for all who look
    # The client dates a lock up to a second ahead [seen, 2.1.332]: it began when it was seen, at the latest.
    began = min(began, snapshot.observed_at) if from_start and began is not None else None
    return RefreshStory(name, began, holders)


def who_words(holders: tuple[int, ...] | None) -> str:
    """Who it may have been, by what runs; empty where that isn't known."""
    if not holders:
        return ""
    return f"likely by claude {holders[0]}" if len(holders) == 1 else f"by one of claude {pids(holders)}"


def _sent(story: RefreshStory, snapshot: Snapshot) -> Event:
    text = "the request to renew is likely under way: both locks of a refresh are held"
    data = {"refresh": story.id, "certainty": "likely"}
    return Event(snapshot.observed_at, SENT, text, "info", STORE, data)


def _closed(story: RefreshStory, snapshot: Snapshot) -> Event:
    """The whole in one line, with what of it was seen and what is likely."""
    outcome, file, now = story.outcome, snapshot.login.origin.file, snapshot.observed_at
    saved = outcome is not None and outcome.kind in _SAVED
    end = file.modified if saved and file is not None else now
    seconds = None if story.began is None or end < story.began else round(end - story.began, 3)
    took = "" if seconds is None else duration(seconds)
    who = who_words(story.holders)
    data = {
        **({} if outcome is None else outcome.data),
        "refresh": story.id,
        "seconds": seconds,
        "process": ", ".join(map(str, story.holders or ())) or None,
        "lock": "not seen" if story.began is None else "seen",
        "request": "likely",
        "saved": "seen" if saved else "not seen",
    }
    level: Severity = "info"
    if outcome is None:
        kind = "unchanged"
        text = (
            f"Claude Code held the locks of a refresh{f' for {took}' if took else ''} and saved no new login"
        )
    elif saved:
        kind, expires = "saved", outcome.data.get("expires_at")
        life = f", for {rounded_span(expires - end)}" if isinstance(expires, float | int) else ""
        old, new = outcome.data.get("from"), outcome.data.get("to")
        what = f"renewed {old} → {new}" if old else f"saved a login where none was: {new}"
        text = f"Claude Code {what}{f' in {took}' if took else ''}{life}"
    else:
        kind, level, text = "lost", outcome.level, f"Claude Code's refresh left no login: {outcome.text}"
    return Event(now, f"claude.refresh.{kind}", f"{text}{f', {who}' if who else ''}", level, STORE, data)


# ── the lives of tokens: from when to when each access token of a login was the one ───────────────

#: What tells of a token that is the one from then on.
_TELLS = ("claude.login.", "claude.refresh.", "refresh.", "signin.")
#: After these nothing of the login is left.
_ENDS = ("gone", "missed", "wiped", "emptied", "removed", "revoked", "lost")


class TokenLife(NamedTuple):
    """`since`: by the time of its file where that is known, else when it was seen or saved. `until`: when
    another one took its place or it was removed; None while it is the one."""

    fingerprint: str
    since: float
    expires_at: float | None
    until: float | None = None


def token_lives(events: Iterable[Event]) -> dict[str, tuple[TokenLife, ...]]:
    """By login, as people name it, the oldest life first."""
    found: dict[str, list[TokenLife]] = {}
    for event in events:
        if event.store is None or not event.kind.startswith((*_TELLS, "signout.")):
            continue
        if event.store == STORE and "path" not in event.data:
            continue  # by an action of ours: the same is seen from outside, with its file
        lives = found.setdefault(_login(event), [])
        new = _first(event, "to", "after", "fingerprint")
        if isinstance(new, str) and event.kind.startswith(_TELLS):
            if not lives or lives[-1].fingerprint != new:
                _end(lives, event.at)
                lives.append(TokenLife(new, _since(event), _number(event, "expires_at")))
            elif lives[-1].expires_at is None:
                lives[-1] = lives[-1]._replace(expires_at=_number(event, "expires_at"))
        elif event.kind.endswith(_ENDS):
            _end(lives, event.at)
    return {login: tuple(lives) for login, lives in found.items() if lives}


def _login(event: Event) -> str:
    """Claude Code's by the file, since each configuration directory has its own."""
    path = event.data.get("path")
    return f"{event.store} · {path}" if isinstance(path, str) else str(event.store)


def _end(lives: list[TokenLife], at: float) -> None:
    if lives and lives[-1].until is None:
        lives[-1] = lives[-1]._replace(until=max(at, lives[-1].since))


def _since(event: Event) -> float:
    written = _number(event, "written")
    return event.at if written is None or written > event.at else written


def _first(event: Event, *names: str) -> str | float | bool | None:
    return next((event.data[name] for name in names if event.data.get(name) is not None), None)


def _number(event: Event, name: str) -> float | None:
    """A line of the log keeps numbers as text."""
    try:
        return float(event.data.get(name) or "")
    except (TypeError, ValueError):
        return None
