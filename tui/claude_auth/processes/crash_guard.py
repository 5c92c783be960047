"""The way out of both programs, whatever happens: words on standard error, exit code 1, and no traceback.

A traceback of Python's ends with the exception's message, and that may quote what was looked at. So does what
Python prints of a thread that crashed, of a clean-up that failed, of a task that nobody waited for, and of a
library's log without a handler: all of these are said here instead, in one form.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

FAILED = 1
ENDED_BY_SIGNAL = 128
#: As SIGHUP would have it: the terminal is gone.
HUNG_UP = 129


class _Closed(io.TextIOBase):
    """Standard output where there is none: what is written must not get lost without a word."""

    def write(self, text: str) -> NoReturn:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def stdout_is_closed() -> bool:
    return sys.stdout is None or isinstance(sys.stdout, _Closed)


def guarded(program: str, work: Callable[[], int], *, whole_process: bool, has_screen: bool = False) -> int:
    """What `work` returns, or 1 and a few words. `whole_process`: nothing of it comes after us, so what is
    said at its very end is said by us too. `has_screen`: what goes wrong meanwhile is said afterwards."""
    crashed: list[str] = []
    before = _take_over(program, crashed, tell if not has_screen else lambda text: None)
    try:
        code = _guarded(program, work)
        if has_screen:
            for text in crashed:
                tell(text)
        return code or (FAILED if crashed else 0)
    finally:
        threading.excepthook, sys.unraisablehook, sys.excepthook = before
        if whole_process:
            _take_over(program, [], tell)


def _guarded(program: str, work: Callable[[], int]) -> int:
    before = sys.stdout
    if sys.stdout is None:
        sys.stdout = _Closed()
        _occupy(1)
    try:
        code = FAILED
        try:
            code = work()
        finally:
            try:
                sys.stdout.flush()  # here, where it can still be said that it failed
            except BrokenPipeError:
                send_nowhere(1)  # the reader has seen enough, which changes nothing of what was done
            except OSError:
                if code < ENDED_BY_SIGNAL:
                    raise
                send_nowhere(1)  # a terminal that is gone
        return code
    except BrokenPipeError:
        send_nowhere(1)  # the reader has gone: nothing more to say
        return FAILED
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        gone = isinstance(error, OSError) and has_gone(1)
        if isinstance(error, OSError) and (told := stdout_problem(error)):
            send_nowhere(1)
            tell(f"{program}: the answer can't be written to standard output: {told}")
        elif gone:
            let_go()
        else:
            tell(_crash_text(error, program))
            with contextlib.suppress(Exception):
                _flush_or_send_nowhere()
        return HUNG_UP if gone else FAILED
    finally:
        sys.stdout = before


def stdout_problem(error: OSError) -> str | None:
    """Why standard output takes nothing, where that is the error: it names no file, and comes straight from
    a `print` of the command line or from flushing here."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    if step is None or error.filename is not None:
        return None
    place = step.tb_frame.f_code.co_filename
    if place == _Closed.write.__code__.co_filename and isinstance(sys.stdout, _Closed):
        return "it is closed"
    command_line = os.path.join(os.path.dirname(os.path.dirname(__file__)), "cli")
    prints = place == __file__ or os.path.dirname(place) == command_line
    return (error.strerror or "input/output error") if prints else None


def tell(text: str, end: str = "\n") -> None:
    """To standard error, if anybody is there. A terminal that is gone ends nothing: a refresh under way has
    to be saved all the same."""
    try:
        if sys.stderr is not None:  # else it would go to standard output
            print(text, end=end, file=sys.stderr, flush=True)
    except (OSError, ValueError):  # gone, or closed
        send_nowhere(2)
    except RuntimeError:  # in the middle of another line, which this one interrupts: a signal's handler
        with contextlib.suppress(OSError):
            os.write(2, f"{text}{end}".encode("utf-8", "replace"))


def _flush_or_send_nowhere() -> None:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        send_nowhere(1)


def send_nowhere(descriptor: int) -> None:
    """So that Python, which flushes on its way out, has nothing to complain about."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        if nowhere != descriptor:
            os.close(nowhere)


def _occupy(descriptor: int) -> None:
    """A file that is opened later must not get the number that programs take for standard output."""
    try:
        os.fstat(descriptor)
    except OSError:
        send_nowhere(descriptor)


def _crash_text(error: BaseException, program: str) -> str:
    try:
        from claude_auth.security.crash import crash_text

        return crash_text(error, program)
    except Exception:
        return f"{program} stopped: {type(error).__name__}"


# ── what Python would print by itself ────────────────────────────────────────────────────────────


def _take_over(program: str, crashed: list[str], say: Callable[[str], None]) -> tuple[Any, Any, Any]:
    """What was there before."""

    def in_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
            crashed.append(_crash_text(arguments.exc_value, program))
            say(crashed[-1])

    def unraisable(ignored: sys.UnraisableHookArgs) -> None:
        say(f"{program}: a clean-up failed and was passed over: {ignored.exc_type.__name__}")

    def uncaught(kind: type[BaseException], error: BaseException, trace: Any) -> None:
        tell(_crash_text(error, program))

    before = threading.excepthook, sys.unraisablehook, sys.excepthook
    threading.excepthook, sys.unraisablehook, sys.excepthook = in_thread, unraisable, uncaught
    return before


def silence_logs() -> None:
    """A library's log without a handler goes to standard error, tracebacks and all; asyncio's too. Ours is
    the journal."""
    import logging

    logging.lastResort = logging.NullHandler()


# When a terminal vanishes the kernel sends SIGHUP to the session's leader alone. A leader that lives on and
# passes nothing on (`make`, `trap '' HUP`, `setsid --wait`) leaves its children without a word, on a terminal
# that can be read for ever and gives nothing; so does SIGHUP where it is ignored. So the terminal is asked.

#: Two seconds are what a program has that lost its terminal; this leaves most of them for its end.
LOOKS_EVERY = 0.25
_GONE = {errno.EIO, errno.ENXIO}


def has_gone(descriptor: int) -> bool:
    """Whether the other side is gone for good: a terminal hung up, the reader of a pipe ended. A regular file
    never is, nor what can't be asked."""
    try:
        poll = select.poll()
        poll.register(descriptor, 0)  # a hang-up and an error are told unasked
        masks = [mask for _, mask in poll.poll(0)]
    except (AttributeError, OSError, ValueError):
        masks = []
    return any(mask & (select.POLLHUP | select.POLLERR) for mask in masks) or _refuses(descriptor)


def _refuses(descriptor: int) -> bool:
    """Where poll knows no terminals (macOS), one that hung up refuses to tell its modes."""
    import termios

    try:
        termios.tcgetattr(descriptor)
    except termios.error as error:
        return error.args[0] in _GONE
    except (OSError, ValueError):
        return False
    return False


def terminals() -> tuple[int, ...]:
    """Those of standard input, output and error that are a terminal now."""
    found = []
    for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__):
        try:
            if stream is not None and stream.isatty():
                found.append(stream.fileno())
        except (OSError, ValueError):  # closed
            continue
    return tuple(found)


def let_go() -> None:
    """Of standard output and error, once they are gone: Python would fail to flush into them at the end."""
    send_nowhere(1)
    send_nowhere(2)


class HangUpWatch(threading.Thread):
    """Calls `heard` once, in its own thread, when one of `descriptors` is gone."""

    def __init__(self, descriptors: Iterable[int], heard: Callable[[], None]) -> None:
        super().__init__(name="hang-up", daemon=True)
        self._descriptors, self._heard = tuple(descriptors), heard

    def run(self) -> None:
        while not any(map(has_gone, self._descriptors)):
            time.sleep(LOOKS_EVERY)
        self._heard()
