"""Running the installed `claude` in a pane: what it says as events, its sign-in address, a cancel that never
tears a refresh."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from claude_auth.claude_code.locks import HELD_SECONDS, judge
from claude_auth.claude_code.sign_in_links import SignInLink, check_sign_in_link, is_about_signing_in
from claude_auth.model import Event, Severity, Snapshot
from claude_auth.observe.claude_files import look_at_locks
from claude_auth.processes.environment import ChildEnvironment, at_the_same_places, child_environment
from claude_auth.processes.lifetime import CouldNotStart, Ended
from claude_auth.processes.links import Link
from claude_auth.processes.stream import Pane

STORE = "claude-code"
INSTALL = (
    "curl -fsSL https://claude.ai/install.sh | bash",
    "npm install -g @anthropic-ai/claude-code",
    "brew install --cask claude-code",
)
LOOKS_EVERY = 0.25
MOST_OF_A_KIND = 20

Look = Callable[[], Snapshot]
Sleep = Callable[[float], Awaitable[None]]


def find_claude(snapshot: Snapshot) -> str | None:
    """The `claude` that the shell would start."""
    return snapshot.installed[0].path if snapshot.installed else None


def environment_of(environ: Mapping[str, str], snapshot: Snapshot, **more: str) -> ChildEnvironment:
    """For a child that shall work on the stores that were looked at; it starts in the home directory."""
    found = child_environment(environ, "sign-in", also={"HOME": snapshot.places.home, **more})
    return at_the_same_places(found, snapshot.places)


def lock_in_use(config_dir: str, state_path: str, now: float) -> str | None:
    """A lock of Claude Code's that has a holder, or of which its time can't tell."""
    locks = look_at_locks(config_dir, state_path, now)
    return next((lock.path for lock in locks if judge(lock, None).state != "orphan"), None)


def missing_client(at: float, kind: str) -> Event:
    text = f"Claude Code isn't installed here, or not on PATH. Install it with: {INSTALL[0]}"
    return Event(at, kind, text, "error", STORE, {"install": INSTALL[0], "or": INSTALL[1]})


class ClaudeProgram:
    """`claude ARGUMENTS` in `pane`. `urls`: the sign-in addresses it showed, checked; the latest counts."""

    def __init__(
        self,
        program: str,
        arguments: Sequence[str],
        *,
        kind: str,
        phrases: Sequence[ProgramPhrase],
        snapshot: Snapshot,
        environ: Mapping[str, str],
        columns: int = 80,
        rows: int = 24,
        limit: float | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.kind = kind
        self.urls: list[SignInLink] = []
        self.ended: Ended | None = None
        self._phrases = [(re.compile(phrase.pattern), phrase) for phrase in phrases]
        self._config, self._state = snapshot.places.config_dir, snapshot.claude_json.path
        self._clock, self._sleep = clock, sleep
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._counts: dict[str, int] = {}
        self._in_line: set[str] = set()
        self._cancelling = False
        self._limit = limit
        self.ran_out = False
        self.pane = Pane(
            [program, *arguments],
            environment=environment_of(environ, snapshot),
            cwd=snapshot.places.home,
            columns=columns,
            rows=rows,
            limit=None,  # ours looks at the locks before it ends anything
            spared=lambda: self._lock_in_use() is not None,
            changed=changed,
            on_link=self._link,
            on_line=self._line,
        )

    async def events(self) -> AsyncIterator[Event]:
        """Until it has ended; then `ended` is set, unless it could not be started."""
        try:
            await self.pane.start()
        except CouldNotStart as problem:
            yield self._event("failed", f"Claude Code did not start: {problem}", "error")
            return
        yield self._event(
            "started", "Claude Code runs in a terminal of its own; what it prints is shown as it is"
        )
        loop = asyncio.get_running_loop()
        waiting = loop.create_task(self._wait())
        limit = None if self._limit is None else loop.create_task(self._run_out(self._limit))
        try:
            while (event := await self._queue.get()) is not None:
                yield event
        finally:
            if limit is not None:
                limit.cancel()
            if not waiting.done():
                await self.cancel()
            await waiting
        assert self.ended is not None
        level: Severity = "info" if self.ended.exit_code == 0 else "warning"
        code = self.ended.exit_code
        yield self._event("ended", f"Claude Code has ended: {self.ended.text}", level, exit_code=code)

    async def _wait(self) -> None:
        self.ended = await self.pane.wait()
        self._queue.put_nowait(None)

    async def _run_out(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.ran_out = True
        # On its own: what comes in through the queue ends this task.
        self._last = asyncio.get_running_loop().create_task(self.cancel())

    async def cancel(self) -> None:
        """Ends the whole process group; while Claude Code holds one of its locks it is given up to a minute
        first, since ending it in the middle of a refresh loses the login."""
        if self._cancelling or not self.pane.terminal.running:
            return
        self._cancelling = True
        until = self._clock() + HELD_SECONDS
        told = False
        while self._clock() < until and (lock := self._lock_in_use()):
            if self.ended is not None:
                return
            if not told:
                text = "cancelling waits until Claude Code has let go of its lock, a minute at most"
                self._tell("cancel-waits", text, "warning", lock=lock)
                told = True
            await self._sleep(LOOKS_EVERY)
        await self.pane.cancel()

    def _lock_in_use(self) -> str | None:
        return lock_in_use(self._config, self._state, self._clock())

    # ── what it says ─────────────────────────────────────────────────────────────────────────────

    def _link(self, link: Link) -> None:
        if link.kind != "address" or not is_about_signing_in(link.value):
            return
        url = check_sign_in_link(link.value)
        self.urls.append(url)
        level: Severity = "info" if url.may_be_used else "error"
        self._tell("address", url.verdict, level, host=url.host, judgement=url.judgement, pasted=url.pasted)

    def _line(self, text: str, finished: bool) -> None:
        for pattern, phrase in self._phrases:
            if phrase.kind not in self._in_line and pattern.search(text):
                self._in_line.add(phrase.kind)
                self._tell(phrase.kind, phrase.text, phrase.level)
        if finished:
            self._in_line.clear()

    def _tell(self, kind: str, text: str, level: Severity = "info", **data: str | bool | int | None) -> None:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if self._counts[kind] <= MOST_OF_A_KIND:
            self._queue.put_nowait(self._event(kind, text, level, **data))

    def has_said(self, kind: str) -> bool:
        return kind in self._counts

    def _event(
        self, kind: str, text: str, level: Severity = "info", **data: str | bool | int | None
    ) -> Event:
        return Event(self._clock(), f"{self.kind}.{kind}", text, level, STORE, data)


# ── its phrases: data ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ProgramPhrase:
    """Something that Claude Code says, and our words for it. Its own words never go into an event: the line
    may show what was typed."""

    pattern: str
    kind: str
    text: str
    level: Severity = "info"


_REFUSED = r"(?:Couldn't log in|Login failed|OAuth error)\b.*"
#: What follows on that, and our words for it.
_REFUSALS = (
    (
        r"status code 400",
        "the server refused the code: mistyped, used already, too old, or of an earlier attempt. Start again",
    ),
    (r"status code 403", "the server refused this network: a region that isn't served, or a proxy"),
    (r"status code 429", "too many attempts: wait some minutes"),
    (
        r"status code 5\d\d",
        "the server has a failure of its own; your credentials are untouched. See status.claude.com",
    ),
    (
        r"[Tt]imeout",
        "the server gave no answer in time: a slow service or a proxy, not the time that you took",
    ),
    (
        r"(?:EAI_AGAIN|ENOTFOUND)",
        "the name of the server can't be looked up: no network, no DNS, or a proxy that isn't set",
    ),
    (
        r"(?:ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH)",
        "the server can't be reached: no network, or a proxy or firewall in between",
    ),
    (
        r"(?:certificate|CERT|self.signed)",
        "the server's certificate isn't trusted: something on the way opens TLS; name its CA in "
        "NODE_EXTRA_CA_CERTS",
    ),
    (r"callback server", "it can't listen for the browser here: paste the code instead"),
    ("", "it could not sign in; its own words stand in the terminal above"),
)
#: What Claude Code says while it signs in [seen, 2.1.328; the older texts from the catalogue of causes].
SIGN_IN: tuple[ProgramPhrase, ...] = (
    ProgramPhrase(r"Opening browser", "browser", "it tries to open a browser on the machine where it runs"),
    ProgramPhrase(
        r"Paste code here",
        "wants-code",
        "it waits for the browser; if the page shows a code, paste all of it here, then Enter",
    ),
    ProgramPhrase(
        r"look like the full code|Invalid code",
        "code-incomplete",
        "that was not the whole code: it has two halves with a # between them",
        "warning",
    ),
    ProgramPhrase(r"^\W*Signing in", "exchanging", "it hands the code in"),
    *(ProgramPhrase(_REFUSED + what, "refused", words, "error") for what, words in _REFUSALS),
    ProgramPhrase(r"Login successful", "accepted", "it says that the login succeeded"),
    ProgramPhrase(
        r"[Ll]ong-lived authentication token created", "token-printed", "it prints the token, for you alone"
    ),
)

#: What Claude Code says [seen, 2.1.328].
SIGN_OUT: tuple[ProgramPhrase, ...] = (
    ProgramPhrase(
        r"didn't confirm the login was revoked",
        "not-revoked",
        "the login is gone from this computer, but the server did not confirm that it is revoked: "
        "revoke it at claude.ai/settings/claude-code",
        "warning",
    ),
    ProgramPhrase(r"Logged out", "accepted", "it says that you are logged out"),
    ProgramPhrase(
        r"Couldn't log out|Logout failed|Failed to log", "refused", "it could not log out", "error"
    ),
)
