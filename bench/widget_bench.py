"""Our widgets beside Textual's own, with the driver that remembers the screen: first paint, bytes per key.

    python -m bench.widget_bench [--runs N] [--only WORD] [--no-write]

Prints the rows of the table in docs/widgets.md; the figures go to bench/widget_results.json. Times are those
of a processor, whatever else keeps the machine busy. `--show NAME` is what is measured: one widget in an
app, on the terminal that it is started in.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar, Self

from bench.figures import write
from bench.terminal import Session

if TYPE_CHECKING:
    from textual.app import App
    from textual.binding import BindingType
    from textual.widget import Widget

ROOT = Path(__file__).resolve().parent.parent
#: After so long without a byte a paint is over.
QUIET = 0.08
#: In every line, so that the first paint can be told.
MARKER = "until-20:03"
UP, DOWN, PAGE_UP, PAGE_DOWN, HOME, END = (f"\x1b[{key}".encode() for key in ("A", "B", "5~", "6~", "H", "F"))

Make = Callable[[], "Widget"]


def texts(count: int) -> list[str]:
    return [f"saved {number * 2654435761 % (1 << 32):08x}, lasts {MARKER}" for number in range(count)]


# ── the widgets ──────────────────────────────────────────────────────────────────────────────────


def our_log(count: int) -> Widget:
    from claude_auth.app.widgets.log_view import LogView
    from claude_auth.formats.journal_line import JournalEntry
    from claude_auth.model import Event

    class Filled(LogView):
        def on_mount(self) -> None:
            self.extend(JournalEntry(Event(1795176184.0, "refresh.saved", text)) for text in texts(count))

    return Filled()


def rich_log(count: int) -> Widget:
    from textual.widgets import RichLog

    class Filled(RichLog):
        def on_mount(self) -> None:
            for text in texts(count):
                self.write(f"  11-20 12:03:04 · {text}  refresh.saved")

    return Filled()


def plain_log(count: int) -> Widget:
    from textual.widgets import Log

    class Filled(Log):
        def on_mount(self) -> None:
            lines = [f"  11-20 12:03:04 · {text}  refresh.saved" for text in texts(count)]
            self.call_after_refresh(self.write_lines, lines)  # else it stays at the top

    return Filled()


def our_list(count: int) -> Widget:
    from claude_auth.app.widgets.row_view import RowView
    from claude_auth.present.lines import Row, line

    rows = [Row(str(number), (line(text),)) for number, text in enumerate(texts(count))]
    return RowView(lambda width: rows)


def option_list(count: int) -> Widget:
    from textual.widgets import OptionList

    return OptionList(*texts(count), markup=False)


def data_table(count: int) -> Widget:
    from textual.widgets import DataTable

    class Filled(DataTable[str]):
        def on_mount(self) -> None:
            self.cursor_type, self.show_header = "row", False
            self.add_column("what")
            for text in texts(count):
                self.add_row(text)

    return Filled()


def our_progress(steps: int) -> Widget:
    """A line that says how far it is: `3 s of at most 30 s`."""
    from claude_auth.app.widgets.line_view import LineView
    from claude_auth.present.lines import line

    class Waiting(LineView):
        done = 0

        def on_key(self) -> None:
            self.done += 1
            self.show()

    view = Waiting()
    view.show(lambda width: [line(f"waiting: {view.done} s of at most {steps} s {MARKER}")])
    return view


def progress_bar(steps: int) -> Widget:
    from textual.app import ComposeResult
    from textual.containers import Vertical
    from textual.widgets import ProgressBar, Static

    class Waiting(Vertical, can_focus=True):
        def compose(self) -> ComposeResult:
            yield ProgressBar(steps, show_eta=False)
            yield Static(MARKER)

        def on_key(self) -> None:
            self.query_one(ProgressBar).advance(1)

    return Waiting()


def our_line(_: int) -> Widget:
    from claude_auth.app.widgets.fields import FilterLine

    return FilterLine(MARKER)


def input_line(_: int) -> Widget:
    from textual.widgets import Input

    return Input(MARKER, compact=True, select_on_focus=False)


def our_secret(_: int) -> Widget:
    from claude_auth.app.widgets.fields import PasteLine
    from claude_auth.words import StatusText

    field = PasteLine()
    field.answer = StatusText("·", MARKER)
    return field


def secret_input(_: int) -> Widget:
    from textual.widgets import Input

    return Input(placeholder=f"  {MARKER}", password=True, compact=True)  # the cursor stands before it


def our_lines(_: int) -> Widget:
    """Whose letters are counted, not shown."""
    from claude_auth.app.widgets.fields import PasteLines
    from claude_auth.present.lines import Line, line

    class Filled(PasteLines, inherit_bindings=False):
        def lay_out_field(self, width: int) -> list[Line]:
            return [*super().lay_out_field(width), line(MARKER)]

    return Filled(id="typed")


def text_area(_: int) -> Widget:
    from textual.widgets import TextArea

    return TextArea(f"  {MARKER}", compact=True)  # the cursor stands before it


def _keys(name: str) -> list[BindingType]:
    """As many as the dashboard's line of keys shows."""
    from textual.binding import Binding

    return [Binding(key, f"{name}('{key}')", f"{MARKER if key == 'a' else 'this'}") for key in "abcdefgh"]


def _keyed(footer: Make) -> Widget:
    """A widget with keys, some of which work by turns, and the line that shows them below it."""
    from textual.app import ComposeResult
    from textual.containers import Vertical
    from textual.widgets import Static

    class Keyed(Static, can_focus=True):
        BINDINGS: ClassVar[list[BindingType]] = _keys("press")
        odd = False

        def action_press(self, key: str) -> None:
            self.odd = not self.odd
            self.refresh_bindings()

        def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
            return (
                action != "press"
                or parameters[0] in {"a", "b", "c"}
                or self.odd == (parameters[0] in {"d", "e"})
            )

    class Page(Vertical):
        def compose(self) -> ComposeResult:
            yield Keyed("a page")
            yield footer()

        def focus(self, scroll_visible: bool = True, from_app_focus: bool = False) -> Self:
            self.query_one(Keyed).focus()
            return self

    return Page()


def our_footer(_: int) -> Widget:
    from claude_auth.app.widgets.hints import Hints

    return _keyed(Hints)


def footer(_: int) -> Widget:
    from textual.widgets import Footer

    return _keyed(lambda: Footer(show_command_palette=False, compact=True))


def _opening(open_palette: Callable[[App[None]], object]) -> Widget:
    from textual.widgets import Static

    class Opening(Static, can_focus=True):
        BINDINGS: ClassVar[list[BindingType]] = [("p", "open", "")]

        def action_open(self) -> None:
            open_palette(self.app)

    return Opening(MARKER)


def our_palette(count: int) -> Widget:
    from claude_auth.app.dialogs.choose import ChooseDialog, Option

    options = [Option(str(number), text, "what it does") for number, text in enumerate(texts(count))]
    return _opening(lambda app: app.push_screen(ChooseDialog("Actions", options, search=True)))


def command_palette(count: int) -> Widget:
    return _opening(
        lambda app: app.search_commands([(text, _nothing, "what it does") for text in texts(count)])
    )


def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Case:
    """Two widgets that do the same; `size`: of what both are filled with."""

    name: str
    ours: Callable[[int], Widget]
    theirs: Callable[[int], Widget]
    size: int
    keys: tuple[bytes, ...]


TYPED = (b"a", b"b", b"c", b"\x7f")
LOG_KEYS, LIST_KEYS = (UP, PAGE_UP, HOME, END), (DOWN, PAGE_DOWN, END, HOME)
CASES = (
    Case("log of 1,000 lines: RichLog", our_log, rich_log, 1000, LOG_KEYS),
    Case("log of 1,000 lines: Log", our_log, plain_log, 1000, LOG_KEYS),
    Case("log of 20,000 lines: RichLog", our_log, rich_log, 20_000, LOG_KEYS),
    Case("log of 100,000 lines: Log", our_log, plain_log, 100_000, LOG_KEYS),
    Case("list of 200 rows: OptionList", our_list, option_list, 200, LIST_KEYS),
    Case("list of 200 rows: DataTable", our_list, data_table, 200, LIST_KEYS),
    Case("line to type into: Input", our_line, input_line, 0, TYPED),
    Case("secret to type: Input(password=True)", our_secret, secret_input, 0, TYPED),
    Case("lines to type into: TextArea", our_lines, text_area, 0, (b"a", b"b", b"\r", b"c")),
    Case("keys that work: Footer", our_footer, footer, 0, (b"a", b"b", b"c")),
    Case("actions to search: CommandPalette", our_palette, command_palette, 30, (b"p", b"s", b"a", b"\x7f")),
    Case("how far a wait is: ProgressBar", our_progress, progress_bar, 60, (b" ", b" ", b" ")),
)


def show(make: Make) -> None:
    from textual.app import App, ComposeResult

    from claude_auth.app.driver import QuietDriver
    from claude_auth.app.screens.base import BaseScreen, TypedAhead
    from claude_auth.app.themes import OWN, sheet, themes
    from claude_auth.app.widgets.line_view import ROLE_CLASSES

    class Stage(BaseScreen[None]):
        COMPONENT_CLASSES: ClassVar[set[str]] = {*ROLE_CLASSES, "log--match"}

        def compose(self) -> ComposeResult:
            widget = make()
            widget.styles.height = "1fr"
            yield widget

        def on_mount(self) -> None:
            self.query("Stage > *").first().focus()

    class StageApp(App[None]):
        """As the dashboard's app, as far as widgets see it."""

        CSS_PATH: ClassVar[list[str | PurePath]] = [sheet("app"), sheet("log")]
        ENABLE_COMMAND_PALETTE = False
        first_frame = None

        def __init__(self) -> None:
            super().__init__(driver_class=QuietDriver, ansi_color=True)
            self.animation_level = "none"
            for theme in themes():
                self.register_theme(theme)
            self.theme = OWN
            self.typed_ahead = TypedAhead(self, super().on_event)

        def hung_up(self) -> None:
            self.exit()

        async def on_mount(self) -> None:
            await self.push_screen(Stage())

    StageApp().run(mouse=False)


# ── measuring ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Figures:
    """Milliseconds of a processor until the first paint, bytes and such milliseconds a key, megabytes
    resident."""

    paint: float
    size: float
    key: float
    memory: float


def measured(name: str, whose: str, keys: tuple[bytes, ...], home: str) -> Figures:
    environment = {
        "HOME": home,
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tui'}",
        "TERM": "xterm-256color",
    }
    command = [sys.executable, "-m", "bench.widget_bench", "--show", name, "--whose", whose]
    with Session(command, environment, home) as session:
        seen = b""
        while MARKER.encode() not in seen:
            chunk = session.read(60.0)
            if not chunk:
                raise RuntimeError(f"{name}, {whose}: nothing was painted: {seen[-2000:]!r}")
            seen += chunk
        paint = worked(session.process)
        while session.read(0.4):
            pass
        sizes, times = zip(*(_pressed(session, key) for key in keys), strict=True)
        status = Path(f"/proc/{session.process}/status").read_text(encoding="ascii")
        memory = int(status.partition("VmRSS:")[2].split()[0]) / 1024
    return Figures(paint * 1000, sum(sizes) / len(sizes), statistics.median(times) * 1000, memory)


def worked(process: int) -> float:
    """Seconds of a processor that it has had: its own clock, as clock_getcpuclockid(3) finds it."""
    return time.clock_gettime((~process << 3) | 2)


def _pressed(session: Session, key: bytes) -> tuple[int, float]:
    start, size = worked(session.process), 0
    session.send(key)
    while chunk := session.read(QUIET if size else 2.0):
        size += len(chunk)
    return size, worked(session.process) - start


def compared(case: Case, runs: int, home: str) -> tuple[Figures, Figures]:
    """A B A B, so that a busy machine slows both sides alike; the medians."""
    taken: dict[str, list[Figures]] = {"ours": [], "theirs": []}
    for _ in range(runs):
        for whose, figures in taken.items():
            figures.append(measured(case.name, whose, case.keys, home))
    ours, theirs = (
        Figures(*(round(statistics.median(column), 1) for column in zip(*map(_row, figures), strict=True)))
        for figures in taken.values()
    )
    return ours, theirs


def _row(figures: Figures) -> tuple[float, ...]:
    return figures.paint, figures.size, figures.key, figures.memory


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.widget_bench", description="Our widgets beside Textual's.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", metavar="WORD", help="only the pairs with that word")
    parser.add_argument("--no-write", action="store_true", help="leave bench/widget_results.json as it is")
    parser.add_argument("--show", metavar="NAME", help="one widget, by the name of its pair")
    parser.add_argument("--whose", choices=["ours", "theirs"], default="ours")
    options = parser.parse_args()
    if options.show is not None:
        case = next(case for case in CASES if case.name == options.show)
        make = case.ours if options.whose == "ours" else case.theirs
        show(lambda: make(case.size))
        return 0
    results = []
    with tempfile.TemporaryDirectory(prefix="claude-auth-bench-") as home:
        for case in (case for case in CASES if options.only in case.name):
            ours, theirs = compared(case, options.runs, home)
            results.append({"name": case.name, "ours": asdict(ours), "theirs": asdict(theirs)})
            cells = (
                f"{getattr(ours, name):,.0f} · {getattr(theirs, name):,.0f}"
                for name in ("size", "key", "paint", "memory")
            )
            print(f"| {case.name} | {' | '.join(cells)} |", flush=True)
    if not options.no_write and not options.only:
        write("widget_results", runs=options.runs, results=results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
