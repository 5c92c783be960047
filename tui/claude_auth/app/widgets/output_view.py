"""A command's output as it comes, in its own colours: the newest lines of it, in bounded memory.

Lines come in batches. It follows the end until somebody scrolls up; what falls out above moves nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.timer import Timer

from claude_auth.actions.terminal import CellSpan, CellStyle, Dropped, Line
from claude_auth.app.themes import style_of
from claude_auth.app.widgets.fields import TypeLine
from claude_auth.app.widgets.line_ring import LineRing, breaks, part_of
from claude_auth.app.widgets.line_view import LineView

CAPACITY, MOST_CHARACTERS = 5000, 2_000_000
MOST_COPIED = 50_000
NOTHING_YET = "it has printed nothing yet"
#: Between two paintings, in seconds.
BEAT, BEAT_OVER_SSH = 0.1, 0.25
#: So many lines wait for the next beat; what comes faster is left out where it comes from, and counted.
MOST_WAITING = 500
#: A line that isn't finished and ends so may be a question; a progress bar isn't.
ENDS_OF_PROMPTS = (":", "?", ">", "]", ")", "#", "$")
_DIM = CellStyle(dim=True)

Row = tuple[CellSpan, ...]


class OutputView(LineView):
    about = (
        "What the command prints, as it comes: its colours are kept, everything else that a terminal acts on "
        "is left out, and what is shaped like a secret is hidden. Going up stops following, End goes on."
    )

    def __init__(
        self, *, id: str = "output", capacity: int = CAPACITY, most_characters: int = MOST_CHARACTERS
    ) -> None:
        super().__init__(None, id=id, classes="panel")
        self.capacity, self.most_characters = capacity, most_characters
        self.idle = NOTHING_YET
        self.clear()

    # ── taking in ────────────────────────────────────────────────────────────────────────────────

    def clear(self) -> None:
        self.follows, self._moving = True, False
        #: Lines that are not here any more: fallen out above, or never taken.
        self.left_out = 0
        self._ring: LineRing[Row] = LineRing(self._height)
        self._characters = 0
        self._tail: Row = ()
        self._paint(0)

    def extend(self, outputs: Iterable[Line | Dropped]) -> None:
        """A batch of what was printed."""
        finished: list[Row] = []
        for output in outputs:
            self._tail = ()
            if isinstance(output, Dropped):
                self.left_out += output.lines
                words = f"… {output.lines} lines left out: they came faster than anybody reads"
                finished.append((CellSpan(words, _DIM),))
            elif output.unfinished:
                self._tail = _told(output)
            else:
                finished.append(_told(output))
        self._ring.extend(finished)
        self._characters += sum(map(_size, finished))
        self._paint(self._forget())

    def _forget(self) -> int:
        """Drops the oldest lines that are too many; how many rows fell out above."""
        kept, count = self._ring.lines, 0
        while len(kept) - count > self.capacity or (
            self._characters > self.most_characters and len(kept) - count > 1
        ):
            self._characters -= _size(kept[count])
            count += 1
        self.left_out += count
        return self._ring.forget(count)

    @property
    def columns(self) -> int:
        """So wide a line may be without being broken."""
        return self._laid_out_for

    @property
    def prompt(self) -> str:
        """What stands in the line that isn't finished."""
        return "".join(span.text for span in self._tail)

    # ── laying out ───────────────────────────────────────────────────────────────────────────────

    def _height(self, spans: Row) -> int:
        """Broken at the edge, as a terminal does it."""
        width = self._laid_out_for
        return len(breaks("".join(span.text for span in spans), width, width)) + 1

    def _fill(self, width: int) -> None:
        """For a new width every line is broken anew."""
        if width <= 0 or width == self._laid_out_for:
            return
        self._laid_out_for = width
        self._ring.lay_out()
        self._paint(0)

    def _paint(self, gone: int) -> None:
        if self._laid_out_for <= 0:
            return  # not on the screen yet: the first layout asks
        count = self._ring.rows + (self._height(self._tail) if self._tail else 0)
        top = self.scroll_offset.y
        if count != self.virtual_size.height:
            self._moving = True  # a shorter text moves by itself
            self.virtual_size = Size(self._laid_out_for, count)
        if self.follows:
            self._scroll_to_row(self.max_scroll_y)
        elif gone:
            self._scroll_to_row(max(0, top - gone))
        self._moving = False
        self.refresh()

    def on_resize(self, event: object) -> None:
        if self.follows:
            self.call_after_refresh(self._paint, 0)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self._moving and round(old_value) != round(new_value):
            self.follows = new_value >= self.max_scroll_y

    # ── going about ──────────────────────────────────────────────────────────────────────────────

    def _go(self, rows: int) -> None:
        """At once: what Textual would scroll a moment later, the next batch would scroll back."""
        row = min(max(0, self.scroll_offset.y + rows), self.max_scroll_y)
        self.follows = rows > 0 and row >= self.max_scroll_y
        self._scroll_to_row(row)

    def _scroll_to_row(self, row: float) -> None:
        self._moving = True
        self.scroll_to(y=row, animate=False, force=True, immediate=True)
        self._moving = False

    def action_scroll_up(self) -> None:
        self._go(-1)

    def action_scroll_down(self) -> None:
        self._go(1)

    def action_page_up(self) -> None:
        self._go(1 - max(2, self.size.height))

    def action_page_down(self) -> None:
        self._go(max(2, self.size.height) - 1)

    def action_scroll_home(self) -> None:
        self._go(-self.max_scroll_y - 1)

    def action_scroll_end(self) -> None:
        self._go(self.max_scroll_y + 1)

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    def row(self, index: int) -> Row:
        ring, width = self._ring, self._laid_out_for
        if index < ring.rows:
            place = ring.place_at(index)
            return part_of(ring[ring.numbers[place]], index - ring.first_row(place), width, width)
        part = index - ring.rows
        if not ring.rows and not self._tail:
            return (CellSpan(self.idle, _DIM),) if part == 0 else ()
        return part_of(self._tail, part, width, width) if part < self._height(self._tail) else ()

    def render_line(self, y: int) -> Strip:
        width, base = self._size.width, self.rich_style
        segments = [
            Segment(self.spoken(span.text), base + style_of(span.look))
            for span in self.row(y + self.scroll_offset.y)
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def copied(self) -> str:
        """The end of it: a terminal takes no more into its clipboard."""
        return self.text()[-MOST_COPIED:]

    def text(self) -> str:
        """Everything that is kept; it went through the redactor."""
        lines = ["".join(span.text for span in spans) for spans in self._ring.lines]
        return "\n".join([*lines, self.prompt] if self._tail else lines)


def _told(output: Line) -> Row:
    """An empty line is one too."""
    spans = output.spans or (CellSpan(""),)
    return (*spans, CellSpan(f" … {output.cut} more characters", _DIM)) if output.cut else spans


def _size(spans: Row) -> int:
    return sum(len(span.text) for span in spans) + 1


class OutputFollower:
    """Takes a command's output in, a batch for each beat, whatever its speed: it paints into `output`, and
    tells the line to type into whether the command seems to ask."""

    def __init__(self, output: OutputView, line: TypeLine, *, over_ssh: bool) -> None:
        self.output, self.line = output, line
        self.beat = BEAT_OVER_SSH if over_ssh else BEAT
        self._waiting: list[Line | Dropped] = []
        self._painted = asyncio.Event()
        self._timer: Timer | None = None

    async def take(self, output: Line | Dropped) -> None:
        """Never a message for a line: they are painted together. Waits where there are too many."""
        if self._waiting and isinstance(self._waiting[-1], Line) and self._waiting[-1].unfinished:
            self._waiting.pop()  # what comes after an unfinished line takes its place
        self._waiting.append(output)
        if self._timer is None:
            self._timer = self.output.set_timer(self.beat, self.paint)
        if len(self._waiting) >= MOST_WAITING:
            self._painted.clear()
            await self._painted.wait()

    def paint(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.output.extend(waiting)
            from claude_auth.actions.run_command import asks_for_a_secret

            unfinished = self.output.prompt.strip()
            asks = unfinished.endswith(ENDS_OF_PROMPTS)
            self.line.ask(asks, secret=asks and asks_for_a_secret(unfinished))
        self._painted.set()
