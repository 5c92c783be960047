"""A way out that nothing holds up: no screen that is slow to go, no busy loop, no terminal that is gone."""

from __future__ import annotations

import os
import sys
import threading
import time

from claude_auth.actions.program import by_signal

#: Two seconds from the signal, or from the end of the terminal, which takes a moment to be noticed.
PATIENCE = 1.7

_on_the_way = threading.Event()


def make_sure_to_leave(number: int) -> None:
    """In any thread: whatever happens, this process ends soon, as one that signal `number` ended."""
    if not _on_the_way.is_set():
        _on_the_way.set()
        threading.Thread(target=_leave, args=(number,), name="leaving", daemon=True).start()


def _leave(number: int) -> None:
    until = time.monotonic() + PATIENCE
    while (now := time.monotonic()) < until:
        if refreshes():
            until = now + PATIENCE
        time.sleep(0.05)
    end_programs()
    os._exit(by_signal(number))


def refreshes() -> bool:
    """Whether a refresh of ours has sent its token and has not saved the answer."""
    own_refresh = sys.modules.get("claude_auth.actions.oauth")
    return own_refresh is not None and bool(own_refresh.is_under_way())


def end_programs() -> None:
    """Whatever we started that is not meant to outlive us."""
    if "claude_auth.processes.lifetime" in sys.modules:
        from claude_auth.actions.terminal import end_programs

        end_programs()
