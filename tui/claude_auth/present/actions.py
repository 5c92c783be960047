"""The words of what a person can ask for: routes, warnings, outcomes. Pure, for the screens."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from claude_auth.actions.claude_program import INSTALL
from claude_auth.actions.fixes.locks import SeenLock
from claude_auth.actions.result import Result
from claude_auth.claude_code.locks import LockJudgement, LockState, pids
from claude_auth.claude_code.locks import judge as judge_lock
from claude_auth.model import Event, Lock, Severity, TokenSet
from claude_auth.named_tuples import NamedTuple
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import (
    EXPIRIES,
    StatusText,
    TextStyle,
    abbreviate_home,
    clock,
    day,
    expiry_words,
    format_path,
    left,
)


class Route(NamedTuple):
    """One way to sign in. `id` is what the menu hands back."""

    id: str
    label: str
    detail: str


#: What Claude Code itself offers; each is a choice of `claude auth login`.
CLAUDE_ROUTES = (
    Route("claude:subscription", "Subscription", "Pro, Max, Team or Enterprise: claude auth login"),
    Route("claude:console", "Console", "API billing, per token: --console"),
    Route("claude:sso", "SSO", "your organisation's sign-on: --sso"),
    Route("claude:email", "E-mail address…", "fills in whose account it is: --email"),
    Route(
        "claude:setup-token",
        "Token for a year",
        "claude setup-token, always in your own terminal: it prints the token",
    ),
)
OWN_ROUTES = (
    Route("own:sdk", "Into a file", "~/.claude_code/tokens.json, readable by you alone"),
    Route("own:keyring", "Into the keyring", "of this system; where it can't be used, into the file"),
)
CLAUDE_HEADING = "Claude account: Claude Code signs you in, into its own store"
OWN_HEADING = "Your own OAuth client: signed in here, into a store of ours"
NO_CLIENT = "Claude Code isn't installed here, or not on PATH. Install it with one of:"
INSTALLS = INSTALL
NOT_CONFIGURED = (
    "Not configured. Set CLAUDE_OAUTH_CLIENT_ID, CLAUDE_OAUTH_AUTHORIZE_URL and CLAUDE_OAUTH_TOKEN_URL (or "
    "CLAUDE_OAUTH_ISSUER alone in place of the two addresses), and where the server wants it "
    "CLAUDE_OAUTH_CLIENT_SECRET, _REDIRECT_URI and _SCOPES; or write them into:"
)

STORES = {
    "claude-code": "Claude Code's own store",
    "sdk": "the SDK's store",
    "keyring": "the system's keyring",
    "claw": "claw's store",
}
LEVELS: dict[Severity, StatusText] = {
    "error": StatusText("✗", "", "fail"),
    "warning": StatusText("▲", "", "warn"),
    "info": StatusText("·", "", "plain"),
}
#: The last events of what went well.
GOOD_ENDS = (
    "sign-in.verified",
    "sign-out.verified",
    "signin.saved",
    "signout.removed",
    "refresh.saved",
    "refresh.adopted",
    "refresh.refreshed",
    "refresh.not-needed",
    "fix.applied",
    "fix.verified",
    "fix.undone",
)


def level_word(event: Event) -> StatusText:
    if event.level == "info" and event.kind.endswith(GOOD_ENDS):
        return StatusText("✓", "", "ok")
    return LEVELS[event.level]


def store_words(store: str, account: str | None = None) -> str:
    name = STORES.get(store, store)
    return f"{name}, account {clean(account, 60)}" if account else name


def until_words(expires_at: float | None, now: float) -> str:
    """`until 20:03, 7 h 59 min left`; empty where no end is known."""
    if expires_at is None:
        return ""
    when = clock(expires_at) if abs(expires_at - now) < 86000 else day(expires_at, now)
    return f"until {when}, {left(expires_at - now)}"


def outcome_words(result: Result, now: float) -> StatusText:
    """How it ended, with both fingerprints and the new expiry."""
    change = f"{result.before} → {result.after}" if result.before and result.after else result.after or ""
    until = until_words(result.expires_at, now)
    facts = ", ".join(part for part in (change, until) if part)
    ends = {
        "signed-in": StatusText("✓", "signed in", "ok"),
        "signed-out": StatusText("✓", "signed out", "ok"),
        "token-made": StatusText("✓", "copy the token above now: it is shown this once", "ok"),
        "refreshed": StatusText("✓", "refreshed", "ok"),
        "adopted": StatusText("✓", "another program refreshed it", "ok"),
        "not-needed": StatusText("✓", "there is nothing to refresh", "ok"),
    }
    if result.outcome == "failed":
        return StatusText("✗", result.error or "it failed", "fail")
    word = ends[result.outcome]
    return word._replace(text=f"{word.text}: {facts}") if facts else word


def token_words(tokens: TokenSet, now: float, margin: float) -> StatusText:
    """The state of a token set and what it means. `margin`: with less left it is refreshed first."""
    expiry = tokens.expiry(now, margin)
    word = expiry_words(tokens, expiry, now)
    return word._replace(text=f"{EXPIRIES[expiry].text}, {word.text}") if expiry == "live" else word


# ── refreshing ───────────────────────────────────────────────────────────────────────────────────

PLAN_CLAUDE = (
    "A lock that is held is waited for, half a minute at most.",
    "`claude mcp serve` runs with its input held open: with less than five minutes left it refreshes.",
    "Once that is saved, or after a minute without, it is ended; never in the middle of a refresh.",
)
PLAN_OWN = (
    "The store's lock is taken: one program refreshes, others take over what it got.",
    "One request goes to the server, never two with the same refresh token.",
    "The new token is saved before the lock is released.",
)


COST = "claude -p refreshes it on the way, and costs one request of your plan"


_ROLES: dict[LockState, tuple[str, TextStyle]] = {
    "held": ("●", "accent"),
    "orphan": ("✗", "fail"),
    "future": ("✗", "fail"),
}


class Watched(NamedTuple):
    """`first` is since when the lock stands unchanged; `touched`: it was seen to be touched before that."""

    first: SeenLock
    touched: bool = False


def watch_locks(before: Mapping[str, Watched], seen: Collection[SeenLock]) -> dict[str, Watched]:
    """What was known, and the look of now."""
    after: dict[str, Watched] = {}
    for lock in seen:
        known = before.get(lock.path)
        if known is None:
            after[lock.path] = Watched(lock)
        elif known.first.identity == lock.identity:
            after[lock.path] = known
        else:
            after[lock.path] = Watched(lock, touched=True)
    return after


def judge_locks(
    locks: Sequence[Lock], watched: Mapping[str, Watched], running: Collection[int] | None, now: float
) -> tuple[LockJudgement, ...]:
    """`now`: of the monotonic clock that the looks were made by."""
    found = []
    for lock in locks:
        known = watched.get(lock.path)
        still, touched = (0.0, False) if known is None else (now - known.first.at, known.touched)
        found.append(judge_lock(lock, running, still, touched=touched))
    return tuple(found)


def running_words(running: Collection[int] | None) -> str:
    if running is None:
        return "whether a claude runs can't be told here"
    return f"claude runs: process {pids(running)}" if running else "no claude runs on this configuration"


def lock_lines(
    judged: Sequence[LockJudgement] | None, running: Collection[int] | None, home: str, width: int
) -> list[Line]:
    """`judged` None: not looked at yet."""
    if judged is None:
        return [line(Span("looking", "dim"))]
    found: list[Line] = []
    for one in judged:
        glyph, role = _ROLES[one.state]
        found += wrap(line(Span(f"{glyph} {one.state}: ", role), one.sentence), width, 2)
        told = f"{format_path(one.lock.path, home)} · {one.lock.guards}"
        found += wrap(line("  ", Span(told, "dim")), width, 2)
        step = "f removes it, with rmdir, after asking" if one.removable else one.next_step
        found += wrap(line("  ", Span(f"→ {abbreviate_home(step, home)}", "accent")), width, 4)
    if not judged:
        found += wrap(line(Span("✓ nobody holds a lock of Claude Code", "ok")), width, 2)
    return [*found, *wrap(line(Span(running_words(running), "dim")), width, 2)]
