"""The log on a screen of its own: follow, search, filter, jump to what went wrong, copy, export."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.timer import Timer

from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.choose import ChooseDialog, Option
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.fields import FilterLine
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES, LineView
from claude_auth.app.widgets.log_view import CAPACITY, PROBLEM, LogRecord, LogView
from claude_auth.journal import LEVELS, JournalEntry, safe
from claude_auth.present.lines import Line, Span, fit_line, line, spread, width_of
from claude_auth.words import format_path

if TYPE_CHECKING:
    from claude_auth.actions.look import HostObserver

#: For how long lines are gathered before they are handed on, in seconds.
BEAT, BEAT_OVER_SSH = 0.1, 0.5
LEVEL_WORDS = ("everything", "warnings and errors", "errors")
ABOUT_SEARCH = "Type what to search for; Enter goes to the newest match, Escape drops the search."
#: Actions that make no sense without a search, or without a line.
_NEED_NEEDLE = ("find(1)", "find(-1)")
_NEED_LINES = ("copy", "export", "problem(1)", "problem(-1)")

Feed = Callable[[], AsyncIterator[Sequence[JournalEntry]]]


def journal_feed(directory: str | None, beat: float = BEAT) -> Feed:
    def journal() -> AsyncIterator[Sequence[JournalEntry]]:
        from claude_auth.journal import follow

        return follow(directory=directory, beat=beat)

    return journal


def claude_feed(host: HostObserver) -> Feed:
    """What Claude Code does: seen from outside, not written by a process of ours."""

    async def claude() -> AsyncIterator[Sequence[JournalEntry]]:
        from claude_auth.journal.claude_events import live

        assert host.watch is not None
        async for news in live(host.look, host.watch, host.paths):
            yield [JournalEntry(safe(event)) for event in news]

    return claude


class LogScreen(BaseScreen[None], inherit_bindings=False):
    """Each of `feeds` is followed as long as the screen stands."""

    CSS_PATH = sheet("log")
    AUTO_FOCUS = "#log-view"
    COMPONENT_CLASSES = {*ROLE_CLASSES, "log--match"}
    BINDINGS = bindings("log")

    @dataclass
    class Arrived(Message):
        """Lines came from a feed."""

        entries: Sequence[JournalEntry]

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
    def of(cls, services: Services, *, over_ssh: bool) -> LogScreen:
        """The real one: the journal, and what Claude Code does."""
        directory, host = services.journal.directory, services.host
        feeds = [journal_feed(directory, BEAT_OVER_SSH if over_ssh else BEAT)]
        if host.watch is not None:
            feeds.append(claude_feed(host))
        return cls(feeds, home=services.home, over_ssh=over_ssh, directory=directory, clock=host.clock)

    def compose(self) -> ComposeResult:
        title, search = LineView(self._title, id="title"), FilterLine(id="search")
        title.can_focus = False
        search.about = ABOUT_SEARCH
        yield from (title, LogView(id="log-view", classes="panel", capacity=self.capacity), search)
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

    def after_worker(self, group: str, error: BaseException | None) -> None:
        if error is not None:
            reason = str(error) if isinstance(error, OSError) else type(error).__name__
            self.show_notice(f"the log isn't live any more: {reason}")

    @on(Arrived)
    def arrived(self, event: Arrived) -> None:
        self.add(event.entries)

    def add(self, entries: Iterable[JournalEntry]) -> None:
        """Lines to show: the first at once, further ones together at the next beat."""
        self._waiting += entries
        if self._timer is None and self._waiting:
            lines, self._waiting = self._waiting, []
            self.view.extend(lines)
            self._timer = self.set_timer(self.beat, self._beat_over)

    def _beat_over(self) -> None:
        self._timer = None
        self.add(())

    # ── the title ────────────────────────────────────────────────────────────────────────────────

    def _title(self, width: int) -> list[Line]:
        """How much is there, what is filtered, and whether it follows."""
        view = self.view
        if view.follows:
            badge = line(Span("TAIL", "ok"), " ")
        else:
            news = f" · +{view.unseen:,} new, u follows" if view.unseen else ""
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
        self.query_one("#title", LineView).show()
        self.refresh_bindings()

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
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
        search = self.query_one(FilterLine)
        search.set_needle(self.view.needle)
        search.add_class("-open")
        search.focus()

    @on(FilterLine.Changed)
    def searched(self, event: FilterLine.Changed) -> None:
        self.view.search(event.needle)
        self.log_changed()

    @on(FilterLine.Closed)
    def search_closed(self) -> None:
        self.query_one(FilterLine).remove_class("-open")
        self.view.focus()
        if self.view.needle:
            self.action_find(-1)

    def action_find(self, step: int) -> None:
        needle = self.view.needle.lower()
        self._seek("find", step, "match", lambda record: record.holds(needle))

    def action_problem(self, step: int) -> None:
        self._seek("problem", step, "problem", lambda record: record.level >= PROBLEM)

    def _seek(self, action: str, step: int, what: str, wanted: Callable[[LogRecord], bool]) -> None:
        if not self.refuses(f"{action}({step})") and (outcome := self.view.seek(step, wanted)):
            self.show_notice(f"{what}: {outcome}")

    def action_level(self) -> None:
        self.view.filter(self.view.store, (self.view.level + 1) % len(LEVELS))
        self.show_notice(f"shown: {LEVEL_WORDS[self.view.level]}")

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_store(self) -> None:
        options = [Option("*", "all stores")]
        options += [Option(f"={name}", name or "no store") for name in sorted(self.view.stores)]
        now = "*" if self.view.store is None else f"={self.view.store}"
        choice = await self.wait_for(ChooseDialog("Store", options, current=now))
        if choice is not None:
            self.view.filter(None if choice == "*" else choice[1:], self.view.level)

    def action_wrap(self) -> None:
        self.view.wrap(not self.view.wraps)
        self.show_notice("long lines are broken now" if self.view.wraps else "long lines are cut off now")

    def action_copy(self) -> None:
        if not self.refuses("copy"):
            self.send_to_clipboard(self.view.copied())

    @work(exclusive=True, exit_on_error=False, group="export")
    async def action_export(self) -> None:
        if self.refuses("export"):
            return
        from claude_auth.journal import export

        try:
            path = await asyncio.to_thread(export, self.view.exported(), self.clock(), self.directory)
        except OSError as error:
            self.show_notice(f"not written: {error.strerror or error}")
        else:
            self.show_notice(f"written to {format_path(path, self.home)}")

    def action_back(self) -> None:
        if self.view.needle:
            self.view.search("")
            self.query_one(FilterLine).set_needle("")
            self.log_changed()
        else:
            self.dismiss()
