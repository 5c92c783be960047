"""The lives of tokens, from the events of the journal: from when to when each access token of a login was the
one, and when it would have ended. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from claude_auth.journal.refreshes import STORE
from claude_auth.model import Event
from claude_auth.named_tuples import NamedTuple

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
