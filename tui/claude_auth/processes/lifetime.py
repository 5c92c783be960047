"""The core of every way to run a program: starting it, hearing of its end, ending all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from claude_auth.model.errors import AuthenticationError
from claude_auth.processes.environment import as_given, which
from claude_auth.security.sanitize import shown_path

_LOOKS_EVERY = 0.05
#: Nothing comes in, and what it says goes nowhere.
NO_STREAMS: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)

Cause = Literal["exited", "cancelled", "limit"]


class CouldNotStart(AuthenticationError):  # noqa: N818
    """The program was not started; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__("could-not-start", sentence)

    def __str__(self) -> str:
        return self.sentence


def start(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    cwd: str | None,
    through: Sequence[str] = (),
    own_session: bool = True,
    **streams: Any,
) -> subprocess.Popen[bytes]:
    """The one place where a program starts: found in the PATH of its environment, given no other. `through`:
    what it is started by, a shell's words that end before its own. `streams`: as `Popen` takes them. Raises
    `CouldNotStart`."""
    program = which(argv[0], environment.get("PATH"))
    if program is None:
        raise CouldNotStart(f"{shown_path(os.path.basename(argv[0]), 120)} is not there or not executable")
    try:
        return subprocess.Popen(
            (*through, program, *argv[1:]),
            env=as_given(environment),
            cwd=cwd,
            start_new_session=own_session,
            **streams,
        )
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or "it holds a character that no command can hold"
        raise CouldNotStart(f"it could not be started: {words}") from None


class Program:
    """What is to be started, and then its process; without a terminal of its own or with one."""

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], cwd: str, **variables: str
    ) -> None:
        self.argv = tuple(argv)
        self._environment, self._cwd = as_given(environment, **variables), cwd
        self._process: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {os.path.basename(self.argv[0])}>"

    def _start(self, **streams: Any) -> None:
        self._process = start(self.argv, environment=self._environment, cwd=self._cwd, **streams)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Once it was started."""
        assert self._process is not None
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: `exit_code`, or the name of the `signal`; `cause` says whether we had a hand in it."""

    exit_code: int | None
    signal: str | None
    seconds: float
    cause: Cause = "exited"

    @property
    def text(self) -> str:
        after = f"after {self.seconds:.1f} s"
        if self.cause == "limit":
            return f"ended by us {after}: that was its limit"
        if self.cause == "cancelled":
            return f"cancelled {after}"
        if self.signal is not None:
            return f"ended by {self.signal} {after}"
        return f"exit code {self.exit_code} {after}"


class ExitWatch:
    """Calls `heard` once in the event loop when the child has ended, before anybody reaps it."""

    def __init__(self, pid: int, heard: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._pid, self._heard = pid, heard
        self._event = asyncio.Event()
        self._descriptor = -1
        self._timer: asyncio.TimerHandle | None = None
        try:
            self._descriptor = os.pidfd_open(pid)
        except (AttributeError, OSError):  # not Linux, or an old kernel
            self._timer = self._loop.call_later(_LOOKS_EVERY, self._look)
        else:
            self._loop.add_reader(self._descriptor, self._ended)

    async def wait(self, seconds: float | None) -> bool:
        """Whether it has ended, after so long at most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        return self._event.is_set()

    def _look(self) -> None:
        if has_ended(self._pid):
            self._ended()
        else:
            self._timer = self._loop.call_later(_LOOKS_EVERY, self._look)

    def _ended(self) -> None:
        self.close()
        self._event.set()
        self._heard()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


def has_ended(pid: int) -> bool:
    """Whether a child of ours has ended; it isn't reaped by this."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True
    except AttributeError:  # macOS before Python 3.13
        import psutil

        try:
            return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True


#: How each program ends that runs now and is not meant to outlive us.
_RUNNING: set[Callable[[], None]] = set()


@contextlib.contextmanager
def ends_with_us(end: Callable[[], None]) -> Iterator[None]:
    """`end` ends it with all that it started, at once; called in any thread."""
    _RUNNING.add(end)
    try:
        yield
    finally:
        _RUNNING.discard(end)


def end_programs() -> None:
    """On the way out of the whole program, in any thread: no patience, no waiting."""
    for end in tuple(_RUNNING):
        with contextlib.suppress(Exception):  # the next one has to end too
            end()


def end_session(leader: int, terminal: int, sign: signal.Signals) -> None:
    """Signals the leader's group, the group in the terminal's foreground, and, where /proc tells, every other
    group of that session. A process that made a session of its own is a daemon and is left alone.

    Only while the leader isn't reaped: until then its number can't stand for anything else.
    """
    groups = {leader}
    if terminal >= 0:
        with contextlib.suppress(OSError):
            groups.add(os.tcgetpgrp(terminal))
    groups |= groups_of_session(leader)
    groups -= {0, 1, os.getpgrp()}
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, sign)
            if sign is signal.SIGTERM:  # one that was stopped can't end
                os.killpg(group, signal.SIGCONT)


def groups_of_session(session: int, but: int = 0) -> set[int]:
    """The groups of a session's processes, `but` one process; empty where /proc doesn't tell."""
    groups: set[int] = set()
    try:
        names = os.listdir("/proc")
    except OSError:
        return groups
    for name in names:
        if not name.isdecimal() or int(name) == but:
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read(1024).rpartition(b")")[2].split()
            if int(fields[3]) == session:
                groups.add(int(fields[2]))
        except (OSError, ValueError, IndexError):
            continue
    return groups
