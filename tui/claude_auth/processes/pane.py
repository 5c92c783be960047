"""A program in a terminal that a widget shows: its screen, its links, and the person's keys passed through.

What is typed goes to the program as it is; it is neither looked at nor kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from claude_auth.processes.lifetime import Ended
from claude_auth.processes.line_builder import LineBuilder
from claude_auth.processes.links import SETTLES_AFTER, Link, LinkFinder
from claude_auth.processes.screen import ScreenModel
from claude_auth.processes.terminal import Terminal


class Pane:
    """`changed` is called after each chunk: the widget takes `screen.take_changed()`. `on_link` hears each
    address and code once; `on_line` sees the text of a line while it passes, finished or not, for phrases
    that tell how far the program is, and must keep none of it: it may show what was typed."""

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
