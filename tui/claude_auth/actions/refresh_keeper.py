"""The process that a refresh by Claude Code runs under: it holds the program's standard input open, closes it
once the login is saved, and ends what does not end by itself; never in the middle of a refresh.

It is a process of its own because it must outlive us: the end of the standard input, which our end would be,
may end the program while the answer of the token endpoint is on its way. It ends with the program.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from claude_auth.claude_code.refreshing import Supervision, Timing, was_probably_sent
from claude_auth.model import UnsavedRefresh

if TYPE_CHECKING:
    from claude_auth.processes.piped import Supervised
    from claude_auth.processes.run_captured import Detached

LOOKS_EVERY = 0.1
#: Without a network the lock of the refresh is held for 20 ms [seen].
LOOKS_CLOSELY_EVERY, CLOSELY_FOR = 0.01, 10.0

#: `-E -P`: no PYTHON variable and no file of the working directory decides what is imported. Everything comes
#: by the standard input, so that no list of processes shows it.
_PROGRAM = (
    "import json, sys; given = json.load(sys.stdin); sys.path[:] = given.pop('import_from'); "
    "from claude_auth.actions.refresh_keeper import main; main(given)"
)


@dataclass(eq=False, kw_only=True)
class Keeper:
    """Our side of it. Start it in a running event loop; `leave` lets it go on alone. `name`: of the command,
    in words. `fingerprint`: of the login before; `lock`: that of the refresh; `note`: where a refresh that
    came to nothing is noted."""

    argv: tuple[str, ...]
    name: str
    environment: Mapping[str, str] = field(repr=False)
    cwd: str
    hold_input: bool
    credentials: str
    fingerprint: str | None
    lock: str
    note: str
    timing: Timing
    _process: Detached = field(init=False, repr=False)
    _read: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        from claude_auth.processes.run_captured import Detached

        told = ("argv", "name", "cwd", "hold_input", "credentials", "fingerprint", "lock", "note", "timing")
        given = {"import_from": [path for path in sys.path if path], **{n: getattr(self, n) for n in told}}
        program = (sys.executable, "-E", "-P", "-c", _PROGRAM)
        self._process = Detached(
            program, environment=self.environment, cwd=self.cwd, given=json.dumps(given).encode("ascii")
        )

    def start(self) -> None:
        """Raises `CouldNotStart`."""
        self._process.start()

    async def wait(self, seconds: float) -> bool:
        """Whether it has ended, and with it everything that it started."""
        return await self._process.wait(seconds) is not None

    def news(self) -> list[dict[str, Any]]:
        """What it reported since the last call: `event` is `not-started`, `started`, `tried`, `closed` or
        `ended`."""
        output = self._process.output
        end = output.rfind(b"\n") + 1
        lines, self._read = output[self._read : end].splitlines(), max(end, self._read)
        found = []
        for line in lines:
            with contextlib.suppress(ValueError):
                report = json.loads(line)
                if isinstance(report, dict):
                    found.append(report)
        return found

    def leave(self) -> None:
        self._process.leave()


# ── in that process ──────────────────────────────────────────────────────────────────────────────


def main(given: Mapping[str, Any]) -> None:
    _outlast_signals()
    from claude_auth.processes.environment import child_environment
    from claude_auth.processes.lifetime import CouldNotStart
    from claude_auth.processes.piped import Supervised

    child = Supervised(
        given["argv"],
        environment=child_environment(os.environ, "sign-in"),
        cwd=given["cwd"],
        hold_input=bool(given["hold_input"]),
    )
    # As both stand before the start.
    lock, login = _Lock(given["lock"]), _Login(given["credentials"], given["fingerprint"])
    try:
        child.start()
    except CouldNotStart as problem:
        _tell(event="not-started", text=str(problem))
        return
    _tell(event="started", pid=child.pid)
    _keep(child, lock, login, given)
    code = child.finish()
    _tell(event="ended", code=code, output=child.output.decode("utf-8", "replace"))


def _keep(child: Supervised, lock: _Lock, login: _Login, given: Mapping[str, Any]) -> None:
    """Until it has ended, and with it all that it started."""
    supervision = Supervision(time.monotonic(), Timing(*given["timing"]))
    while True:
        ended = child.has_ended  # before the other looks, so that they see what it left
        now, locked = time.monotonic(), lock.look()
        stored = login.look()  # after the lock: who has let go of it has saved
        if (held := lock.was_let_go(now, ended=ended)) is not None and stored == "same":
            _tell(event="tried", held=held)
            _note(given, held, ended=ended)
        if ended and not child.has_left_others:
            return
        changed, cleared = stored == "other", stored == "none"
        step = supervision.step(now, changed=changed, cleared=cleared, locked=locked, ended=ended)
        if step == "close":
            child.close_input()
            why = "changed" if changed or cleared else "ended" if ended else "nothing-changed"
            _tell(event="closed", why=why)
        elif step in {"terminate", "kill"}:
            child.signal(signal.SIGTERM if step == "terminate" else signal.SIGKILL)
        time.sleep(LOOKS_EVERY if now - supervision.started > CLOSELY_FOR else LOOKS_CLOSELY_EVERY)


def _tell(**report: object) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more
        os.write(1, (json.dumps(report) + "\n").encode("ascii"))


def _outlast_signals() -> None:
    """Who ends this process would close the program's input before its refresh has begun, say, and lose the
    login. It ends with the program, and that within the time that it is given. Handlers, for what is ignored
    would be ignored by the program too."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: None)


class _Lock:
    """The lock of the refresh. One that stands as it stood before the start is nobody's of ours."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._before = self._identity()
        self._taken: float | None = None
        self._stands = False

    def _identity(self) -> tuple[int, ...] | None:
        try:
            status = os.lstat(self._path)
        except OSError:
            return None
        return status.st_dev, status.st_ino, status.st_mtime_ns

    def look(self) -> bool:
        """Whether it was taken or touched since the start, and stands."""
        identity = self._identity()
        self._stands = identity is not None and identity != self._before
        return self._stands

    def was_let_go(self, now: float, *, ended: bool) -> float | None:
        """After a look: for how many seconds it was held, once, when that is over."""
        if self._stands and self._taken is None:
            self._taken = now
        if self._taken is None or (self._stands and not ended):
            return None
        held, self._taken = now - self._taken, None
        return held


Stored = Literal["same", "other", "none"]


class _Login:
    """The stored login, against the one before."""

    def __init__(self, path: str, before: str | None) -> None:
        self._path, self._before = path, before
        self._signature: object = ()
        self._stored: Stored = "same"

    def look(self) -> Stored:
        """A file that can't be read, or is being written, says nothing."""
        from claude_auth.files import signature

        seen = signature(self._path)
        if seen != self._signature:
            self._signature = seen
            self._stored = self._look()
        return self._stored

    def _look(self) -> Stored:
        from claude_auth.files import read_file
        from claude_auth.formats.credentials import read_login
        from claude_auth.formats.document import parse

        read = read_file(self._path)
        if read.content is None:
            return "none" if read.damage is not None and read.damage.is_missing else self._stored
        document = parse(read.content)
        if document.damage is not None:
            return self._stored
        tokens = read_login(document).tokens
        now = None if tokens is None or tokens.access_token.is_empty else tokens.access_token.fingerprint
        return "same" if now == self._before else "none" if now is None else "other"


def _note(given: Mapping[str, Any], held: float, *, ended: bool) -> None:
    """So that the next look at the machine knows: a private file of ours, or none."""
    from claude_auth.model.errors import AuthenticationError
    from claude_auth.observe.token_stores import written
    from claude_auth.store.private import check_directory, write_private

    if given["fingerprint"] is None or not was_probably_sent(held, ended=ended):
        return
    note = UnsavedRefresh(given["fingerprint"], given["name"], time.time(), round(held, 1), ended)
    with contextlib.suppress(AuthenticationError, OSError):
        check_directory(os.path.dirname(given["note"]), tighten=True)
        write_private(given["note"], written(note))
