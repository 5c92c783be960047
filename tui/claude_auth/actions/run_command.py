"""Running a configured command, or a suggested one: its output as it comes, its result understood.

What prints a credential gets a pipe of its own for that; everything else it says is streamed like the rest.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field

from claude_auth.actions.result import SuspendedRun
from claude_auth.actions.runs import RunResult, before_words, compared_key, to_be_run, who_answers
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import secrets_of
from claude_auth.cloud.command_output import SecretPipe, understand
from claude_auth.cloud.commands import CommandKind, CommandPlan
from claude_auth.cloud.environment import command_environment, effective
from claude_auth.cloud.identity import Answer, compared
from claude_auth.model import CommandRun, Event, Severity
from claude_auth.model.errors import AuthenticationError
from claude_auth.model.findings import new_group
from claude_auth.processes.environment import ChildEnvironment
from claude_auth.processes.lifetime import CouldNotStart, Ended
from claude_auth.processes.links import Link
from claude_auth.processes.stream import Dropped, Line, Output, Stream
from claude_auth.processes.terminal import DEFAULT_LIMIT
from claude_auth.security.secret import Secret
from claude_auth.words import StatusText

#: All that a front end needs: it reaches commands and clouds through here.
__all__ = [
    "AlreadyRunning",
    "Answer",
    "CommandKind",
    "CommandPlan",
    "Dropped",
    "Ended",
    "Line",
    "Link",
    "Output",
    "RunOutput",
    "RunResult",
    "RunningCommand",
    "asks_for_a_secret",
    "to_be_run",
]

#: The command's own output goes into a named pipe; a terminal of its own keeps stderr and a way to ask.
_APART = 'exec 1>"$0"; exec /bin/sh -c "$1"'

_REFRESHES: frozenset[CommandKind] = frozenset({"aws-refresh", "gcp-refresh"})

_NOT_ASKED = StatusText(
    "▲", "not asked who answers: that runs a command which you were not asked about", "warn"
)

_running: set[CommandKind] = set()


class AlreadyRunning(AuthenticationError):  # noqa: N818
    """A command of this kind is at work already."""


RunOutput = Event | Output | RunResult


@dataclass(slots=True)
class RunningCommand:
    """`async for output in RunningCommand(…).run():`; the last is `RunResult`. `look` gives the machine as it
    is now. `before` is the last answer, to compare with; `ask_first` gets one. `agreed`: twice, so that it
    gets the variables of settings that are not trusted, as commands do that such settings name themselves."""

    proposal: CommandPlan
    view: EffectiveConfig
    environ: Mapping[str, str] = field(repr=False)
    look: Callable[[], EffectiveConfig]
    limit: float | None = DEFAULT_LIMIT
    before: Answer | None = None
    columns: int = 120
    ask_afterwards: bool = True
    ask_first: bool = False
    token_endpoint: str | None = None
    agreed: bool = False
    _stream: Stream | None = field(default=None, init=False, repr=False)
    _group: str = field(default="", init=False)

    # ── while it runs ────────────────────────────────────────────────────────────────────────────

    @property
    def elapsed(self) -> float:
        return self._stream.elapsed if self._stream is not None else 0.0

    @property
    def can_be_cancelled(self) -> bool:
        """False while it is only asked who answers: then there is nothing to end yet, or any more."""
        return self._stream is not None

    @property
    def asks_who_answers(self) -> bool:
        return self.proposal.kind != "api-key-helper"

    def send(self, text: str) -> bool:
        """A line that a person typed for it."""
        return self._stream is not None and self._stream.send(text)

    def end_input(self) -> bool:
        """As Ctrl-D in a terminal, at the start of a line."""
        return self._stream is not None and self._stream.send("\x04", enter=False)

    def resize(self, columns: int, rows: int) -> None:
        self.columns = columns
        if self._stream is not None:
            self._stream.resize(columns, rows)

    def set_limit(self, seconds: float | None) -> None:
        self.limit = seconds
        if self._stream is not None:
            self._stream.set_limit(seconds)

    async def cancel(self) -> None:
        if self._stream is not None:
            await self._stream.cancel()

    def end_now(self) -> None:
        """For the way out of the whole program: no patience, no waiting."""
        if self._stream is not None:
            self._stream.terminal.end_now()

    async def run(self) -> AsyncGenerator[RunOutput, None]:
        """Raises `AlreadyRunning`."""
        kind = self.proposal.kind
        if kind in _running:
            raise AlreadyRunning("already-running", f"{self.proposal.setting} is running already")
        _running.add(kind)
        self._group = new_group(time.time())
        try:
            if self.ask_first and self.before is None and kind in _REFRESHES:
                self.before = await asyncio.to_thread(self._ask, None)
                if self.before is not None:
                    yield self._event("run.before", before_words(self.proposal, self.before))
            yield self._event("run.started", f"{self.proposal.setting} started: {self.proposal.shown}")
            ended: Ended | None = None
            said = OutputTail()
            problem: str | None = None
            with SecretPipe() as apart:
                try:
                    async with self._start(apart) as self._stream:
                        async for output in self._stream:
                            if isinstance(output, Line) and not output.unfinished:
                                said.add(output.text)
                            if isinstance(output, Ended):
                                ended = output
                            yield output
                except CouldNotStart as error:
                    problem = str(error)
                stdout = apart.taken()
            run = self._record(ended, problem, stdout, said)
            words = ended.text if ended is not None else problem or "not started"
            words = f"{self.proposal.setting} · {words}"
            yield self._event("run.ended", words, failed=run.exit_code != 0)
            async for last in self._conclude(run, ended):
                yield last
        finally:
            self._stream = None
            _running.discard(kind)

    def _start(self, apart: SecretPipe) -> Stream:
        proposal, command = self.proposal, self.proposal.command.reveal()
        argv = ["/bin/sh", "-c", command]
        if proposal.prints_a_secret:
            argv = ["/bin/sh", "-c", _APART, apart.open(), command]
        return Stream(
            argv,
            environment=self._environment(),
            cwd=self.view.snapshot.places.cwd,
            columns=self.columns,
            limit=self.limit,
            secrets=secrets_of(self.view.snapshot),
        )

    def _environment(self) -> ChildEnvironment:
        proposal = self.proposal
        return command_environment(
            proposal.setting,
            proposal.command,
            self.view,
            self.environ,
            with_distrusted=self._gets_all,
            our_choice=proposal.suggested,
        )

    @property
    def _gets_all(self) -> bool:
        return self.agreed or not self.proposal.trusted

    @property
    def _withheld(self) -> tuple[str, ...]:
        return () if self._gets_all else tuple(found.name for found in self.proposal.variables)

    def _record(
        self, ended: Ended | None, problem: str | None, stdout: bytes, said: OutputTail
    ) -> CommandRun:
        exit_code = None
        if ended is not None and ended.cause == "exited":
            exit_code = ended.exit_code if ended.exit_code is not None else 128
        if ended is not None and exit_code is None:
            problem = ended.text
        return CommandRun(
            setting=self.proposal.setting,
            command=self.proposal.command,
            exit_code=exit_code,
            stdout=Secret(stdout.decode("utf-8", "replace")),
            stderr=Secret(said.text),
            seconds=ended.seconds if ended is not None else 0.0,
            problem=problem,
            withheld=self._withheld,
        )

    # ── in the real terminal ─────────────────────────────────────────────────────────────────────

    def aside(self) -> SuspendedRun:
        """The same command for the person's own terminal, where nothing of what it prints is seen by us."""
        proposal = self.proposal
        environment = self._environment()
        argv = ("/bin/sh", "-c", proposal.command.reveal())
        cwd = self.view.snapshot.places.cwd
        return SuspendedRun(argv, environment, cwd, f"{proposal.setting} asks and answers here itself")

    async def conclude_aside(self, problem: str | None, seconds: float) -> AsyncGenerator[RunOutput, None]:
        """After it ran there; `problem`: it didn't end well."""
        proposal, exit_code = self.proposal, 0 if problem is None else None
        self._group = new_group(time.time() - seconds)
        nothing = Secret("")
        run = CommandRun(
            proposal.setting, proposal.command, exit_code, nothing, nothing, seconds, problem, self._withheld
        )
        started = self._event("run.started", f"{proposal.setting} in the real terminal: {proposal.shown}")
        yield started._replace(at=started.at - seconds)
        text = f"{proposal.setting} · {problem or 'it ended well'} after {seconds:.1f} s"
        yield self._event("run.ended", text, failed=problem is not None)
        async for last in self._conclude(run, None):
            yield last

    # ── afterwards ───────────────────────────────────────────────────────────────────────────────

    async def _conclude(self, run: CommandRun, ended: Ended | None) -> AsyncGenerator[RunOutput, None]:
        kind, now = self.proposal.kind, time.time()
        environment = effective(self.view, self.environ)
        understood = understand(kind, run, environment, now)
        level: Severity = "info" if understood.accepted else "error"
        yield self._event("run.understood", f"{self.proposal.setting} · {understood.text}", level)
        for warning in understood.warnings:
            yield self._event("run.doubt", f"{self.proposal.setting} · {warning}", "warning")
        after, change = None, None
        if kind == "api-key-helper":
            change = compared_key(self.view.run_of(self.proposal.setting), understood)
        elif self.ask_afterwards and (understood.accepted or kind != "aws-export"):
            after = await asyncio.to_thread(self._ask, run)
            change = _NOT_ASKED if after is None else compared(self.before, after)
        if change is not None:
            level = "error" if change.role == "fail" else "warning" if change.role == "warn" else "info"
            yield self._event("run.identity", change.text, level)
        ok = understood.accepted and (after is None or after.identity is not None)
        yield RunResult(kind, ok, ended, understood, run, self.before, after, change)

    def _ask(self, run: CommandRun | None) -> Answer | None:
        """None: it would run a command that stood in no question."""
        allowed = self.proposal.asks_by
        return who_answers(
            self.proposal.kind, run, self.look(), self.environ, self.token_endpoint, allowed=allowed
        )

    def _event(self, kind: str, text: str, level: Severity = "info", *, failed: bool = False) -> Event:
        data: dict[str, str | int | float | bool | None] = {
            "setting": self.proposal.setting,
            "suggested": self.proposal.suggested,
            "action": self._group,
        }
        return Event(time.time(), kind, text, "error" if failed else level, None, data)


# ── what it says ──────────────────────────────────────────────────────────────────────────────────────

_MOST_SAID = 16 << 10


class OutputTail:
    """The end of what it said, in bounded memory, whatever the length of its lines."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self._characters = 0

    def add(self, line: str) -> None:
        self._lines.append(line)
        self._characters += len(line) + 1
        while len(self._lines) > 1 and self._characters > _MOST_SAID:
            self._characters -= len(self._lines.popleft()) + 1

    @property
    def text(self) -> str:
        return "\n".join(self._lines)


def asks_for_a_secret(prompt: str) -> bool:
    """Whether what a person types now shouldn't stand on the screen."""
    words = ("passw", "passphrase", "pin", "secret", "token", "code", "otp")
    return any(word in prompt.lower() for word in words)
