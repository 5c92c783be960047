"""What renews Claude Code's stored login: when it does, by which command in which version, and when the one
that was started for it may be ended. Pure.

A refresh token works once. A client that sends it and ends before the answer is saved leaves the old pair in
the file: the next refresh is refused, and Claude Code clears the store [seen].
"""

from __future__ import annotations

import math
from typing import Literal

from claude_auth.claude_code.versions import parse_version
from claude_auth.model import Origin, Setting, Snapshot
from claude_auth.named_tuples import NamedTuple

#: Claude Code refreshes first with less than this left of the access token [seen: 4 minutes yes, 6 no].
RENEWAL_MARGIN = 300.0

Command = tuple[str, ...]

#: Starts no hooks and no configured MCP servers; runs an apiKeyHelper if one is set [seen: 2.1.270, 2.1.332].
MCP_SERVE: Command = ("mcp", "serve")
AUTH_STATUS: Command = ("auth", "status")
DOCTOR: Command = ("doctor",)
#: Costs one request of the plan.
REQUEST: Command = ("-p", "Answer with: ok")

#: Of the token endpoint, in seconds: the longest that was tried.
LONGEST_TRIED = 6.0
ALWAYS, NEVER = math.inf, 0.0


class Observed(NamedTuple):
    """Versions `first` to `last`, and for each command up to which latency of the token endpoint its refresh
    was saved, in seconds. None: it does not refresh, or that was not tried. `mcp serve` with its standard
    input held open until the file changed."""

    first: str
    last: str
    auth_status: float | None
    doctor: float | None
    mcp_serve: float | None
    request: float | None


#: Against a rotating token endpoint that answers late [seen, Linux x64]. What lies between was not observed.
OBSERVED: tuple[Observed, ...] = (
    Observed("0.0.0", "2.1.197", None, None, ALWAYS, ALWAYS),
    Observed("2.1.204", "2.1.210", NEVER, None, ALWAYS, ALWAYS),
    Observed("2.1.211", "2.1.300", NEVER, NEVER, ALWAYS, ALWAYS),
    Observed("2.1.303", "2.1.316", 1.0, 1.0, ALWAYS, ALWAYS),
    # `doctor` with CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC loses it from 3 s on.
    Observed("2.1.322", "2.1.332", LONGEST_TRIED, 1.0, ALWAYS, ALWAYS),
)
#: From here on `claude auth status` does not lose an expired login.
STATUS_SAVES_SINCE = OBSERVED[-1].first


def observed(version: str | None) -> Observed | None:
    number = parse_version(version) if version else None
    if number is None:
        return None
    return next((row for row in OBSERVED if _number(row.first) <= number <= _number(row.last)), None)


def _number(version: str) -> tuple[int, ...]:
    number = parse_version(version)
    assert number is not None
    return number


def saved_up_to(command: Command, version: str | None) -> float | None:
    row = observed(version)
    if row is None:
        return None
    by_command = {
        MCP_SERVE: row.mcp_serve,
        AUTH_STATUS: row.auth_status,
        DOCTOR: row.doctor,
        REQUEST: row.request,
    }
    return by_command.get(command)


def safe_commands(
    version: str | None, *, allow_request: bool, platform: str = "linux"
) -> tuple[Command, ...]:
    """What may be run to refresh, in this order. Empty where none was seen to be safe: then sign in.

    `auth status` saves in some versions, and in each of those `mcp serve` does too, so it is never needed;
    `mcp list` starts the user's servers and hooks; `doctor` loses the login. None of the three is run.
    """
    if platform == "darwin":  # not observed there, where the tokens go into the Keychain
        return ()
    wanted = (MCP_SERVE, REQUEST) if allow_request else (MCP_SERVE,)
    if observed(version) is None:
        return wanted
    return tuple(command for command in wanted if saved_up_to(command, version) == ALWAYS)


def status_may_lose_login(version: str | None) -> bool:
    """Whether `claude auth status` may cost a login that is due for a refresh."""
    row = observed(version)
    return row is None or (row.auth_status is not None and row.auth_status < LONGEST_TRIED)


def helper_that_runs(snapshot: Snapshot) -> Setting | None:
    """The apiKeyHelper that `mcp serve` runs on its way. It is started in the home directory, so a project's
    settings count only where that is the project."""
    of_project = snapshot.places.cwd == snapshot.places.home

    def counts(origin: Origin) -> bool:
        return origin.layer in {"managed", "user"} or (of_project and origin.of_project)

    found = next((s for s in snapshot.settings.get("apiKeyHelper", ()) if counts(s.origin)), None)
    return None if found is None or found.value.is_blank else found


# ── how long the program runs ────────────────────────────────────────────────────────────────────


class Timing(NamedTuple):
    """Seconds. `patience`: without a change; `settle`: for the lock to be let go after one; `grace`: from the
    closed input to the end of the process group; `kill`: from TERM to KILL."""

    patience: float = 60.0
    settle: float = 5.0
    grace: float = 10.0
    kill: float = 3.0


TIMING = Timing()

Step = Literal["wait", "close", "terminate", "kill"]


class Supervision:
    """When the program's standard input is closed, and when its process group is ended: never while it may
    be refreshing, which is as long as the lock of the refresh stands."""

    def __init__(self, started: float, timing: Timing = TIMING) -> None:
        self.started, self.timing = started, timing
        self.changed_at: float | None = None
        self.cleared_at: float | None = None
        self.closed_at: float | None = None
        self.terminated_at: float | None = None

    def step(self, now: float, *, changed: bool, locked: bool, ended: bool, cleared: bool = False) -> Step:
        """What to do now. `changed`: another login is stored; `cleared`: none any more; `ended`: the program,
        whether or not something that it started still runs."""
        if self.closed_at is None:
            # A file that was away for a moment, or held another login, says nothing of the refresh.
            self.changed_at = (now if self.changed_at is None else self.changed_at) if changed else None
            gone = cleared and not locked
            self.cleared_at = (now if self.cleared_at is None else self.cleared_at) if gone else None
            if ended or self._may_close(now, locked):
                self.closed_at = now
                return "close"
            return "wait"
        if locked or now - self.closed_at < self.timing.grace:
            return "wait"
        if self.terminated_at is None:
            self.terminated_at = now
            return "terminate"
        return "kill" if now - self.terminated_at >= self.timing.kill else "wait"

    def _may_close(self, now: float, locked: bool) -> bool:
        if self.changed_at is not None:
            return not locked or now - self.changed_at >= self.timing.settle
        if self.cleared_at is not None and now - self.cleared_at >= self.timing.settle:
            return True
        return not locked and now - self.started >= self.timing.patience


# ── a refresh that came to nothing ───────────────────────────────────────────────────────────────

#: A name that isn't known or a refused connection ends an attempt at once [seen: 20 ms]; a request that got
#: an answer, or waited for one, takes longer.
SENT_AFTER = 1.0


def was_probably_sent(held: float, *, ended: bool) -> bool:
    """Whether the refresh token was probably sent and its answer not saved, by how long the lock of the
    refresh was held, without another login afterwards. `ended`: the client ended while it held it."""
    return ended or held >= SENT_AFTER
