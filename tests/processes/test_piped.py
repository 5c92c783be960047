"""A program whose lines are read as they come: what it is given and says, and that nothing is left of it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

import pytest

from claude_auth.processes import piped as module
from claude_auth.processes.environment import child_environment
from claude_auth.processes.lifetime import CouldNotStart
from claude_auth.processes.piped import LineProgram

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, 60))


def program(script: str, given: bytes = b"", spared: Callable[[], bool] = lambda: False) -> LineProgram:
    environment = child_environment({"PATH": "/usr/bin:/bin"}, "plain")
    return LineProgram(
        ["/bin/sh", "-c", script], environment=environment, cwd="/", given=given, spared=spared
    )


async def said(running: LineProgram) -> list[bytes]:
    async with running, aclosing(running.lines()) as lines:
        found = [line async for line in lines]
        assert await running.wait(60)
    return found


def is_there(pid: int) -> bool:
    """A process that has ended and isn't reaped by whoever it was given to is not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def are_gone(pids: list[int]) -> bool:
    """Soon: a process that was killed takes a moment to end."""
    deadline = time.monotonic() + 60
    while any(map(is_there, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_what_it_is_given_and_what_it_says() -> None:
    running = program("cat; echo 'not a line' >&2; printf 'no end'; exit 3", b"one\ntwo\r\n")
    assert run(said(running)) == [b"one", b"two", b"no end"]
    assert running.errors == b"not a line\n"
    assert running.process.returncode == 3


def test_more_input_than_a_pipe_holds() -> None:
    assert run(said(program("wc -c", b"x" * 1_000_000)))[0].strip() == b"1000000"


def test_one_that_reads_nothing_of_it() -> None:
    assert run(said(program("echo done", b"x" * 1_000_000))) == [b"done"]


def test_a_line_without_an_end_ends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE", 1000)

    async def read() -> list[bytes]:
        async with program("echo short; yes | tr -d '\\n'") as running, aclosing(running.lines()) as lines:
            return [line async for line in lines]

    assert run(read()) == [b"short"]


def test_only_the_end_of_its_errors_is_kept() -> None:
    running = program("yes 2>/dev/null | head -c 100000 >&2; echo end >&2")
    run(said(running))
    assert len(running.errors) <= 16 << 10
    assert running.errors.endswith(b"end\n")


def test_leaving_ends_it_with_all_that_it_started() -> None:
    async def leave() -> list[int]:
        script = "trap '' TERM; sleep 1000 & echo $!; echo $$; wait; sleep 1000"
        async with program(script) as running, aclosing(running.lines()) as lines:
            return [int(await anext(lines)) for _ in range(2)]

    assert are_gone(run(leave()))


def test_it_is_let_go_on_while_that_is_asked(tmp_path: Path) -> None:
    """A refresh under way: ending it would lose the login."""
    lock = tmp_path / "lock"
    lock.touch()
    script = f"echo begun; sleep 0.5; echo saved > {tmp_path}/saved; rm {lock}; exec sleep 1000"

    async def leave() -> None:
        spared = program(script, spared=lambda: os.path.exists(lock))
        async with spared as running, aclosing(running.lines()) as lines:
            await anext(lines)

    started = time.monotonic()
    run(leave())
    assert (tmp_path / "saved").exists()
    assert time.monotonic() - started < 30


def test_cancelled_twice_it_is_ended_all_the_same() -> None:
    script = "trap '' TERM; echo $$; while :; do sleep 0.1; done"

    async def work(begun: asyncio.Future[int]) -> None:
        async with program(script) as running, aclosing(running.lines()) as lines:
            begun.set_result(int(await anext(lines)))
            await anext(lines)

    async def cancel() -> int:
        begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(work(begun))
        pid = await begun
        task.cancel()
        await asyncio.sleep(0.05)  # it is asked to end by now; whether or not, the second one comes
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return pid

    assert are_gone([run(cancel())])


def test_what_is_not_there_can_not_be_started() -> None:
    environment = child_environment({"PATH": "/nowhere"}, "plain")
    missing = LineProgram(["missing"], environment=environment, cwd="/")
    with pytest.raises(CouldNotStart):
        run(said(missing))
