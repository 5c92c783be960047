"""How a command ends: with which status, and properly, whatever signal comes meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import LOOKS_EVERY, ExitCode, by_signal, has_gone, terminals
from claude_auth.model import VerdictWord

if TYPE_CHECKING:
    import signal


#: For the help of every command.
EXIT_CODES = (
    "Exit status: 0 done, or works; 1 not; 2 wrong usage, or nothing was done; 3 not known; "
    "4 works, but not as you may think, with status --strict; 128 + n ended by signal n."
)


def of_verdict(word: VerdictWord, *, strict: bool = False) -> ExitCode:
    if word == "works-not-as-expected":
        return ExitCode.NOT_AS_EXPECTED if strict else ExitCode.DONE
    codes: dict[VerdictWord, ExitCode] = {"works": ExitCode.DONE, "not-known": ExitCode.NOT_KNOWN}
    return codes.get(word, ExitCode.NOT_DONE)


def run_to_its_end(work: Coroutine[Any, Any, None], leave: Callable[[], None] | None = None) -> int:
    """Runs it to its end; 0, or what the shell says of the signal that came meanwhile (128 + its number).

    The first signal calls `leave`, which lets the work come to its own end, or cancels it; a second Ctrl-C
    always cancels. A signal that was ignored when we started stays so (`nohup`). A terminal that is gone is a
    SIGHUP, though nobody sends one."""
    import asyncio

    came: list[int] = []
    asyncio.run(_watched(work, leave, came))
    return by_signal(came[0]) if came else 0


async def _watched(
    work: Coroutine[Any, Any, None], leave: Callable[[], None] | None, came: list[int]
) -> None:
    """`came`: the signals, in their order."""
    import asyncio
    import signal

    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    watched = terminals()

    def end(number: signal.Signals) -> None:
        came.append(number)
        if leave is None or came.count(signal.SIGINT) > 1:
            task.cancel()
        elif len(came) == 1:
            leave()

    def look() -> None:
        if signal.SIGHUP in came:
            return
        if any(map(has_gone, watched)):
            end(signal.SIGHUP)
        else:
            loop.call_later(LOOKS_EVERY, look)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end, number)
    if watched and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        look()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


@contextlib.contextmanager
def leaving_properly() -> Iterator[None]:
    """For work without a loop: SIGTERM and SIGHUP leave it as Ctrl-C does, by way of every `finally`."""
    import signal

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(by_signal(number))

    numbers = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
