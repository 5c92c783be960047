"""A command whose output is a log: finished lines, clean and redacted, with the links and codes in them.

Memory is bounded whatever the command does: so many lines wait for the reader, the latest of what came
beyond that is kept too, and what lies between is counted.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

from claude_auth.processes.ansi import CellSpan, LineBuilder, RawLine, plain
from claude_auth.processes.lifetime import Ended
from claude_auth.processes.links import SETTLES_AFTER, Link, LinkFinder, Redactor
from claude_auth.processes.screen import ScreenModel
from claude_auth.processes.terminal import DEFAULT_LIMIT, Terminal
from claude_auth.security.redact import KnownValues
from claude_auth.security.secret import Secret

BACKLOG = 1000
LATEST = 50
#: A shorter value may be an ordinary word of an address.
_SHORTEST_IN_ADDRESS = 8
#: An unfinished line (a prompt, a progress bar) is told so often at most.
_UNFINISHED_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Line:
    """`unfinished`: a prompt or a progress bar; the next line takes its place. `cut`: characters of an
    overlong line that were left out."""

    spans: tuple[CellSpan, ...]
    unfinished: bool = False
    cut: int = 0

    @property
    def text(self) -> str:
        return plain(self.spans)


@dataclass(frozen=True, slots=True)
class Dropped:
    """So many lines came faster than they were taken and are gone."""

    lines: int


Output = Line | Link | Dropped | Ended


class Stream:
    """`async with Stream(…) as stream: async for output in stream: …`; the last output is an `Ended`.

    `secrets`: values known beforehand. Raises `CouldNotStart` on entering.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: str,
        columns: int = 120,
        rows: int = 40,
        limit: float | None = DEFAULT_LIMIT,
        secrets: Iterable[Secret] = (),
        backlog: int = BACKLOG,
    ) -> None:
        self.terminal = Terminal(
            argv,
            environment=environment,
            cwd=cwd,
            receive=self._receive,
            columns=columns,
            rows=rows,
            echo=False,
            limit=limit,
        )
        self._backlog = backlog
        self._builder = LineBuilder()
        secrets = tuple(secrets)
        self._redactor = Redactor(secrets, columns)
        self._finder = LinkFinder(columns, KnownValues(secrets, _SHORTEST_IN_ADDRESS))
        self._waiting: deque[Line | Link] = deque()
        self._latest: deque[RawLine] = deque()
        self._dropped = 0
        self._unfinished: Line | None = None
        self._tick: asyncio.TimerHandle | None = None
        self._settling: asyncio.TimerHandle | None = None
        self._news = asyncio.Event()
        self._ended: Ended | None = None

    async def __aenter__(self) -> Stream:
        await self.terminal.start()
        self._end = asyncio.get_running_loop().create_task(self._wait_for_end())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.terminal.running:
            await self.terminal.cancel()
        await self._end

    # ── to the command ───────────────────────────────────────────────────────────────────────────

    def send(self, text: str, enter: bool = True) -> bool:
        """What a person typed. A program that shows it again must not bring it into a log, so it counts as
        a known secret from here on."""
        self._redactor.add(Secret(text))
        return self.terminal.write(text.encode() + (b"\n" if enter else b""))

    async def cancel(self) -> Ended:
        return await self.terminal.cancel()

    def resize(self, columns: int, rows: int) -> None:
        self._redactor.columns = self._finder.columns = columns
        self.terminal.resize(columns, rows)

    def set_limit(self, seconds: float | None) -> None:
        self.terminal.set_limit(seconds)

    @property
    def elapsed(self) -> float:
        return self.terminal.elapsed

    # ── from the command ─────────────────────────────────────────────────────────────────────────

    async def __aiter__(self) -> AsyncIterator[Output]:
        while True:
            while output := self._next():
                yield output
            if self._ended is not None:
                yield self._ended
                return
            self._news.clear()
            await self._news.wait()

    def _next(self) -> Output | None:
        if self._waiting:
            return self._waiting.popleft()
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            return Dropped(dropped)
        if self._latest:
            raw = self._latest.popleft()
            return Line(self._redactor.line(raw), cut=raw.cut)
        unfinished, self._unfinished = self._unfinished, None
        return unfinished

    def _receive(self, data: bytes, final: bool = False) -> None:
        lines = self._builder.feed(data, final)
        for address in self._builder.addresses:
            self._waiting.extend(self._finder.hyperlink(address))
        self._builder.addresses.clear()
        for raw in lines:
            self._unfinished = None
            self._waiting.extend(self._finder.line(raw.text))
            self._keep(raw)
        if lines:
            self._news.set()
        if final:
            return
        loop = asyncio.get_running_loop()
        if self._tick is None:
            self._tick = loop.call_later(_UNFINISHED_EVERY, self._tell_unfinished)
        if self._settling is not None:
            self._settling.cancel()
        self._settling = loop.call_later(SETTLES_AFTER, self._settle)

    def _keep(self, raw: RawLine) -> None:
        if not self._latest and len(self._waiting) < self._backlog:
            self._waiting.append(Line(self._redactor.line(raw), cut=raw.cut))
            return
        if len(self._latest) >= LATEST:
            self._latest.popleft()
            self._dropped += 1
        self._latest.append(raw)

    def _tell_unfinished(self) -> None:
        self._tick = None
        raw = self._builder.unfinished()
        if raw.text and not self._latest:
            self._unfinished = Line(self._redactor.unfinished(raw), unfinished=True, cut=raw.cut)
        self._news.set()

    def _settle(self) -> None:
        self._waiting.extend(self._finder.settle(self._builder.text))
        self._news.set()

    async def _wait_for_end(self) -> None:
        ended = await self.terminal.wait()
        for timer in (self._tick, self._settling):
            if timer is not None:
                timer.cancel()
        self._receive(b"", final=True)
        self._waiting.extend(self._finder.flush())
        self._unfinished = None
        self._ended = ended
        self._news.set()


class Pane:
    """A program in a terminal that a widget shows: its screen, its links, and the person's keys passed
    through. What is typed goes to the program as it is; it is neither looked at nor kept.

    `changed` is called after each chunk: the widget takes `screen.take_changed()`. `on_link` hears each
    address and code once; `on_line` sees the text of a line while it passes, finished or not, for phrases
    that tell how far the program is, and must keep none of it: it may show what was typed.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: str,
        columns: int = 80,
        rows: int = 24,
        limit: float | None = None,
        spared: Callable[[], bool] = lambda: False,
        changed: Callable[[], None] = lambda: None,
        on_link: Callable[[Link], None] = lambda link: None,
        on_line: Callable[[str, bool], None] = lambda text, finished: None,
    ) -> None:
        self.terminal = Terminal(
            argv,
            environment=environment,
            cwd=cwd,
            receive=self._receive,
            columns=columns,
            rows=rows,
            limit=limit,
            spared=spared,
        )
        self.screen = ScreenModel(columns, rows)
        self.changed, self.on_link, self.on_line = changed, on_link, on_line
        self._builder = LineBuilder()
        self._finder = LinkFinder(columns)
        self._settling: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Raises `CouldNotStart`."""
        await self.terminal.start()

    def type(self, data: bytes) -> bool:
        """Keys and pastes, as bytes; False if the program takes no more."""
        return self.terminal.write(data)

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(columns, rows)
        self._finder.columns = columns
        self.terminal.resize(columns, rows)

    async def wait(self) -> Ended:
        ended = await self.terminal.wait()
        if self._settling is not None:
            self._settling.cancel()
        self._look(b"", final=True)
        self._tell(self._finder.flush())
        return ended

    async def cancel(self, patience: float = 2.0) -> Ended:
        await self.terminal.cancel(patience)
        return await self.wait()

    def _receive(self, data: bytes) -> None:
        if replies := self.screen.feed(data):
            self.terminal.write(replies)
        self._look(data)
        if self._settling is not None:
            self._settling.cancel()
        self._settling = asyncio.get_running_loop().call_later(SETTLES_AFTER, self._settle)
        self.changed()

    def _look(self, data: bytes, final: bool = False) -> None:
        for raw in self._builder.feed(data, final):
            self._tell(self._finder.line(raw.text))
            self.on_line(raw.text, True)
        for address in self._builder.addresses:
            self._tell(self._finder.hyperlink(address))
        self._builder.addresses.clear()
        if unfinished := self._builder.text:
            self.on_line(unfinished, False)

    def _settle(self) -> None:
        self._tell(self._finder.settle(self._builder.text))

    def _tell(self, links: Sequence[Link]) -> None:
        for link in links:
            self.on_link(link)
