"""Running a command in a stream, and what came of it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from claude_auth.processes.lifetime import Ended
from claude_auth.processes.links import Link
from claude_auth.processes.stream import Dropped, Line, Output, Stream

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


@dataclass
class Ran:
    lines: list[Line] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    dropped: int = 0
    ended: Ended | None = None

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]

    @property
    def everything(self) -> str:
        """All that anybody could have kept, `repr` included."""
        return "\n".join([*self.texts, *self.unfinished, repr(self)])


def shell(command: str) -> list[str]:
    return ["/bin/sh", "-c", command]


def python(program: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", program]


def run(
    argv: Sequence[str], on_output: Callable[[Stream, Output], None] | None = None, **settings: Any
) -> Ran:
    """`on_output` may answer what comes, for example by `stream.send`."""
    return asyncio.run(running(argv, on_output, **settings))


async def running(
    argv: Sequence[str], on_output: Callable[[Stream, Output], None] | None = None, **settings: Any
) -> Ran:
    ran = Ran()
    async with Stream(argv, environment=ENVIRONMENT, cwd="/", **{"limit": 30.0, **settings}) as stream:
        async for output in stream:
            match output:
                case Line(unfinished=True):
                    ran.unfinished.append(output.text)
                case Line():
                    ran.lines.append(output)
                case Link():
                    ran.links.append(output)
                case Dropped():
                    ran.dropped += output.lines
                case Ended():
                    ran.ended = output
            if on_output is not None:
                on_output(stream, output)
    return ran
