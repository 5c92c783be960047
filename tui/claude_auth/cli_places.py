"""What the commands that act share: the look at the machine, the journal, words on stderr, a proper end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from typing import Any

from claude_auth.actions import Result
from claude_auth.journal import Journal
from claude_auth.model import DescriptorReading, Event, Snapshot
from claude_auth.sanitise import clean

USABLE, FAILED, WRONG_USAGE = 0, 1, 2

_LONGEST = 600
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def looker(descriptors: Mapping[str, DescriptorReading]) -> Callable[[], Snapshot]:
    """A function that looks at this machine anew each time."""
    from claude_auth.observe import observe
    from claude_auth.observe.viewpoint import Viewpoint

    return lambda: observe(Viewpoint.of_process(descriptors))


def home() -> str:
    return os.path.abspath(os.environ.get("HOME") or os.path.expanduser("~"))


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def say(text: str) -> None:
    """A line for the person; standard output belongs to the answer. A terminal that is gone ends nothing: a
    refresh under way has to be saved all the same."""
    try:
        print(text, file=sys.stderr, flush=True)
    except ValueError:  # closed
        return
    except RuntimeError:  # a signal came in the middle of another line, and this is its handler
        with contextlib.suppress(OSError):
            os.write(2, f"{text}\n".encode("utf-8", "replace"))
    except OSError:
        with contextlib.suppress(OSError):  # nobody reads it: else Python complains at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def refuse(text: str) -> int:
    say(f"claude-auth: {text}")
    return WRONG_USAGE


def plain(text: str) -> str:
    """As standard output can show it, which may not know every character."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"  # None: closed
    return text.encode(encoding, "replace").decode(encoding)


def our_journal() -> Journal:
    return Journal(on_problem=lambda text: say(f"claude-auth: {clean(text, 300)}"))


def tell(event: Event) -> None:
    """An event in words; the last one of a failure comes with the answer, and is said there."""
    if not event.kind.endswith((".failed", ".unchanged", ".cancelled", ".client-missing")):
        say(clean(event.text, _LONGEST))


async def follow(
    events: AsyncIterator[Event], journal: Journal, seen: Callable[[Event], None] = lambda event: None
) -> None:
    """Every event into the journal, on stderr, and to `seen`."""
    async for event in journal.pass_on(events):
        tell(event)
        seen(event)


def finish(result: Result, *, as_json: bool) -> int:
    """The answer on standard output, what went wrong on stderr, the exit code."""
    if result.error:
        say(f"claude-auth: {clean(result.error, _LONGEST)}")
    if as_json:
        print(json.dumps(result.as_json(), indent=2))
    return result.exit_code


# ── signals ──────────────────────────────────────────────────────────────────────────────────────


def run(work: Coroutine[Any, Any, None], leave: Callable[[], None] | None = None) -> int:
    """Runs it to its end; 0, or what the shell says of the signal that came meanwhile (128 + its number).

    The first signal calls `leave`, which lets the work come to its own end, or cancels it; a second Ctrl-C
    always cancels. A signal that was ignored when we started stays so."""
    import asyncio

    came: list[int] = []

    async def watched() -> None:
        task = asyncio.ensure_future(work)

        def end(number: signal.Signals) -> None:
            came.append(number)
            if leave is None or came.count(signal.SIGINT) > 1:
                task.cancel()
            elif len(came) == 1:
                leave()

        loop = asyncio.get_running_loop()
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, end, number)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    asyncio.run(watched())
    return 128 + came[0] if came else 0


@contextlib.contextmanager
def leaving_properly() -> Iterator[None]:
    """For work without a loop: SIGTERM and SIGHUP leave it as Ctrl-C does, by way of every `finally`."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    numbers = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
