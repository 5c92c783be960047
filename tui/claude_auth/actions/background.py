"""Work that blocks, in a thread that nobody waits for: leaving never hangs on a server that is slow."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


async def in_the_background(work: Callable[[], Answer]) -> Answer:
    """What `work` gives or raises. Cancelled, it goes on alone and its answer is dropped."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Future[Answer] = loop.create_future()

    def tell(answer: Answer | None, error: BaseException | None) -> None:
        if waiting.done():
            return
        if error is not None:
            waiting.set_exception(error)
        else:
            waiting.set_result(answer)  # type: ignore[arg-type]

    def run() -> None:
        answer, error = None, None
        try:
            answer = work()
        except Exception as problem:
            error = problem
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(tell, answer, error)

    threading.Thread(target=run, daemon=True).start()
    return await waiting
