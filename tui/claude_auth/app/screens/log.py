"""The log on a screen of its own: follow, search, filter, jump to what went wrong, copy, export."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.filter_line import FilterLine
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES, LineView
from claude_auth.app.widgets.log_view import CAPACITY, PROBLEM, LogRecord, LogView
from claude_auth.journal import LEVELS, JournalEntry, safe
from claude_auth.present.lines import Line, Span, fit_line, line, spread, width_of
from claude_auth.words import format_path

if TYPE_CHECKING:
    from claude_auth.app.eyes import Eyes


#: For how long lines are gathered before they are handed on.
BEAT, BEAT_OVER_SSH = 0.1, 0.5

Feed = Callable[[], AsyncIterator[Sequence[JournalEntry]]]
LEVEL_WORDS = ("everything", "warnings and errors", "errors")
#: Actions that make no sense without a search, or without a line.
_NEED_NEEDLE = ("find(1)", "find(-1)")
_NEED_LINES = ("copy", "export", "problem(1)", "problem(-1)")


def journal_feed(directory: str | None, beat: float = BEAT) -> Feed:
    def journal() -> AsyncIterator[Sequence[JournalEntry]]:
        from claude_auth.journal import follow

        return follow(directory=directory, beat=beat)

    return journal


def claude_feed(eyes: Eyes) -> Feed:
    """Seen from outside, not written by a process of ours."""

    async def claude() -> AsyncIterator[Sequence[JournalEntry]]:
        from claude_auth.journal.claude_events import live

        assert eyes.watch is not None
        async for news in live(eyes.look, eyes.watch, eyes.paths):
            yield [JournalEntry(safe(event)) for event in news]

    return claude


class SearchLine(FilterLine):
    about = "Type what to search for; Enter goes to the newest match, Escape drops the search."


class LogTitle(LineView, can_focus=False):
    """The first line: how much is there, what is filtered, and whether it follows."""


class LogScreen(Speaking[None], inherit_bindings=False):
    """Each of `feeds` is followed as long as the screen stands."""

    CSS_PATH = sheet("log")
    AUTO_FOCUS = "#log-view"
    COMPONENT_CLASSES = {*ROLE_CLASSES, "log--match"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g,escape", "back", "Back", tooltip="Drop the search, then go back", id="log.back"),
        Binding(
            "f", "follow", "Follow", tooltip="Follow the newest line, or stop following", id="log.follow"
        ),
        Binding("slash", "search", "Search", tooltip="Search for some letters", id="log.search"),
        Binding("n", "find(1)", "Next", tooltip="Go to the next match", id="log.next"),
        Binding("N", "find(-1)", "Previous", show=False, tooltip="The match before", id="log.previous"),
        Binding("p", "problem(1)", "Problem", tooltip="Go to the next warning or error", id="log.problem"),
        Binding(
            "P",
            "problem(-1)",
            "Problem before",
            show=False,
            tooltip="The problem before",
            id="log.problem-before",
        ),
        Binding("l", "level", "Level", tooltip="Everything, warnings and errors, or errors", id="log.level"),
        Binding("s", "store", "Store", tooltip="Only the lines about one store", id="log.store"),
        Binding("w", "wrap", "Wrap", tooltip="Break long lines, or cut them off", id="log.wrap"),
        Binding(
            "y", "copy", "Copy", tooltip="Copy this line to your terminal; it holds no secret", id="log.copy"
        ),
        Binding(
            "x", "export", "Export", tooltip="Write these lines to a file, without secrets", id="log.export"
        ),
    ]

    class Arrived(Message):
        """Lines came from a feed."""

        def __init__(self, entries: Sequence[JournalEntry]) -> None:
            super().__init__()
            self.entries = entries

    class Exported(Message):
        def __init__(self, path: str, problem: str = "") -> None:
            super().__init__()
            self.path, self.problem = path, problem

    def __init__(
        self,
        feeds: Iterable[Feed] = (),
        *,
        home: str = "",
        over_ssh: bool = False,
        capacity: int = CAPACITY,
        directory: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.feeds, self.home, self.capacity = tuple(feeds), home, capacity
        self.beat = BEAT_OVER_SSH if over_ssh else BEAT
        self.directory, self.clock = directory, clock
        self._waiting: list[JournalEntry] = []
        self._timer: Timer | None = None

    @classmethod
    def of(cls, eyes: Eyes, *, home: str, over_ssh: bool, directory: str | None = None) -> LogScreen:
        """The real one: the journal, and what Claude Code does."""
        found: list[Feed] = [journal_feed(directory, BEAT_OVER_SSH if over_ssh else BEAT)]
        if eyes.watch is not None:
            found.append(claude_feed(eyes))
        return cls(found, home=home, over_ssh=over_ssh, directory=directory, clock=eyes.clock)

    def compose(self) -> ComposeResult:
        yield LogTitle(self._title, id="title")
        yield LogView(id="log-view", classes="panel", capacity=self.capacity)
        yield SearchLine(id="search")
        yield Hints(id="hints")

    def on_mount(self) -> None:
        if self.children:  # else it was left before it was there
            self.view.entitle("Log")
            for feed in self.feeds:
                self.follow_feed(feed)

    @property
    def view(self) -> LogView:
        return self.query_one(LogView)

    # ── lines ────────────────────────────────────────────────────────────────────────────────────

    @work(exit_on_error=False, group="feed")
    async def follow_feed(self, feed: Feed) -> None:
        async for entries in feed():
            self.post_message(self.Arrived(entries))

    @on(Worker.StateChanged)
    def worker_ended(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            reason = str(error) if isinstance(error, OSError) else type(error).__name__
            self.say(f"the log isn't live any more: {reason}")

    @on(Arrived)
    def arrived(self, event: Arrived) -> None:
        self.add(event.entries)

    def add(self, entries: Iterable[JournalEntry]) -> None:
        """Lines to show: the first at once, further ones together at the next beat."""
        self._waiting += entries
        if self._timer is None and self._waiting:
            self._show_waiting()
            self._timer = self.set_timer(self.beat, self._beat_over)

    def _beat_over(self) -> None:
        self._timer = None
        self.add(())

    def _show_waiting(self) -> None:
        lines, self._waiting = self._waiting, []
        self.view.extend(lines)

    # ── the title ────────────────────────────────────────────────────────────────────────────────

    def _title(self, width: int) -> list[Line]:
        view = self.view
        if view.follows:
            badge = line(Span("TAIL", "ok"), " ")
        else:
            news = f" · +{view.unseen:,} new, f follows" if view.unseen else ""
            badge = line(Span("PAUSED", "warn"), Span(news, "strong"), " ")
        total = len(view.ring)
        parts = [f"{total:,} line{'' if total == 1 else 's'}"]
        parts += [LEVEL_WORDS[view.level]] if view.level else []
        parts += [f"store {view.store or 'none'}"] if view.store is not None else []
        parts += [f"search “{view.needle}”"] if view.needle else []
        lead = line(" ", Span("claude-auth", "strong"), Span(" · log", "dim"))
        told = line(*lead, Span(f" · {' · '.join(parts)}", "dim"))
        return [spread(fit_line(told, width - width_of(badge) - 1), badge, width)]

    @on(LogView.Changed)
    def log_changed(self) -> None:
        self.query_one(LogTitle).show()
        self.refresh_bindings()

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        """Why an action can't be done now."""
        if action in _NEED_NEEDLE and not self.view.needle:
            return "press / and search for something first"
        if action in _NEED_LINES and not len(self.view.ring):
            return "there is no line here"
        return None

    def action_follow(self) -> None:
        view = self.view
        if view.follows and len(view.ring):
            view.go_to(view.ring.numbers[-1])
        else:
            view.action_newest()

    def action_search(self) -> None:
        search = self.query_one(SearchLine)
        search.set_needle(self.view.needle)
        search.add_class("-open")
        search.focus()

    @on(FilterLine.Changed)
    def searched(self, event: FilterLine.Changed) -> None:
        self.view.search(event.needle)
        self.log_changed()

    @on(FilterLine.Closed)
    def search_closed(self) -> None:
        self.query_one(SearchLine).remove_class("-open")
        self.view.focus()
        if self.view.needle:
            self.action_find(-1)

    def action_find(self, step: int) -> None:
        if not self.refuses(f"find({step})"):
            needle = self.view.needle.lower()
            self._seek(step, "match", lambda record: record.holds(needle))

    def action_problem(self, step: int) -> None:
        if not self.refuses(f"problem({step})"):
            self._seek(step, "problem", lambda record: record.level >= PROBLEM)

    def _seek(self, step: int, what: str, wanted: Callable[[LogRecord], bool]) -> None:
        outcome = self.view.seek(step, wanted)
        if outcome:
            self.say(f"{what}: {outcome}")

    def action_level(self) -> None:
        self.view.filter(self.view.store, (self.view.level + 1) % len(LEVELS))
        self.say(f"shown: {LEVEL_WORDS[self.view.level]}")

    def action_store(self) -> None:
        from claude_auth.app.screens.chooser import Choice, Chooser

        everything = Choice("*", "all stores")
        stores = [Choice(f"={name}", name or "no store") for name in sorted(self.view.stores)]
        now = "*" if self.view.store is None else f"={self.view.store}"

        def chosen(choice: str | None) -> None:
            if choice is not None:
                self.view.filter(None if choice == "*" else choice[1:], self.view.level)

        self.app.push_screen(Chooser("Store", [everything, *stores], current=now), chosen)

    def action_wrap(self) -> None:
        self.view.wrap(not self.view.wraps)
        self.say("long lines are broken now" if self.view.wraps else "long lines are cut off now")

    def action_copy(self) -> None:
        if not self.refuses("copy"):
            self.send_to_clipboard(self.view.copied())

    def action_export(self) -> None:
        if not self.refuses("export"):
            self.export(self.view.exported(), self.clock())

    @work(thread=True, exclusive=True, exit_on_error=False, group="export")
    def export(self, lines: list[str], moment: float) -> None:
        from claude_auth.journal import export

        try:
            self.post_message(self.Exported(export(lines, moment, self.directory)))
        except OSError as error:
            self.post_message(self.Exported("", str(error.strerror or error)))

    @on(Exported)
    def was_exported(self, event: Exported) -> None:
        self.say(
            f"not written: {event.problem}"
            if event.problem
            else f"written to {format_path(event.path, self.home)}"
        )

    def action_back(self) -> None:
        if self.view.needle:
            self.view.search("")
            self.query_one(SearchLine).set_needle("")
            self.log_changed()
        else:
            self.dismiss()
