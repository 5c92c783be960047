"""Lets a process make so many system calls, and kills it then: in children of the tests about kills."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from typing import Any

Call = Callable[..., Any]


def arm(calls: Iterable[str], limit: int) -> Callable[[Call], Call]:
    """From here on call number `limit` among `os`'s `calls` is the last that this process makes. What comes
    back lets another function count, too."""
    count = 0

    def wrapped(call: Call) -> Call:
        def stepping(*arguments: Any, **more: Any) -> Any:
            nonlocal count
            answer = call(*arguments, **more)
            count += 1
            if count == limit:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return stepping

    for name in calls:
        setattr(os, name, wrapped(getattr(os, name)))
    return wrapped
