"""The log on a screen of its own: follow, search, hide, fold, go to a time, open, copy, export. One for the
session: left and opened again it stands where it stood.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.choose import ChooseDialog, Option
from claude_auth.app.dialogs.journal import event_dialog, lives_dialog
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.fields import FilterLine
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES, LineView
from claude_auth.app.widgets.log_lines import LEVEL_WORDS, PROBLEM, LogRecord
from claude_auth.app.widgets.log_view import CAPACITY, LogView
from claude_auth.journal import LEVELS, JournalEntry
from claude_auth.model import Snapshot
from claude_auth.present.lines import Line, Span, fit_line, line, spread, width_of
from claude_auth.words import format_path
from claude_auth.words.times import moment_of, weekday

#: For how long lines are gathered before they are handed on, in seconds.
BEAT, BEAT_OVER_SSH = 0.1, 0.5
ABOUT_SEARCH = "Type what to search for; Enter goes to the newest match, Escape drops the search."
#: Actions that make no sense without a search, or without a line.
_NEED_NEEDLE = ("find(1)", "find(-1)", "only_matching")
_NEED_LINES = ("copy", "export", "problem(1)", "problem(-1)", "go_to_time", "open_event", "fold")
#: The name that it is kept by while other screens stand there.
NAME = "log"
TIMES = "12:03, yesterday 9:00, 30m or 2 h ago, 2026-11-20, or 2026-11-20 12:03: the first line from then on."

Feed = Callable[[], AsyncIterator[Sequence[JournalEntry]]]


def journal_feed(directory: str | None, beat: float = BEAT) -> Feed:
    def journal() -> AsyncIterator[Sequence[JournalEntry]]:
        from claude_auth.journal import follow

        return follow(directory=directory, beat=beat)

    return journal


def open_log(screen: Screen[Any], services: Services, snapshot: Snapshot) -> None:
    """The one of this session, over that screen."""
    app = screen.app
    if not app.is_screen_installed(NAME):
        app.install_screen(LogScreen.of(services, over_ssh=snapshot.machine.over_ssh), NAME)
    app.push_screen(NAME)


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
        """The real one: the journal."""
        where = services.journal.directory
        feeds = [journal_feed(where, BEAT_OVER_SSH if over_ssh else BEAT)]
        return cls(feeds, home=services.home, over_ssh=over_ssh, directory=where, clock=services.host.clock)

    def compose(self) -> ComposeResult:
        title, search = LineView(self._title, id="title"), FilterLine(id="search")
        title.can_focus = False
        search.about = ABOUT_SEARCH
        yield from (
            title,
            LogView(id="log-view", classes="panel", capacity=self.capacity, home=self.home),
            search,
        )
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
            badge = line(Span("FOLLOWING", "ok"), " ")
        else:
            news = f" · +{view.unseen:,} new, u follows" if view.unseen else ""
            badge = line(Span("PAUSED", "warn"), Span(news, "strong"), " ")
        total = len(view.ring)
        parts = [f"{total:,} line{'' if total == 1 else 's'}", *view.filter.words]
        parts += [weekday(view.top.at)] if view.top is not None else []
        lead = line(" ", Span("claude-auth", "strong"), Span(" · log", "dim"))
        told = line(*lead, Span(f" · {' · '.join(parts)}", "dim"))
        return [spread(fit_line(told, width - width_of(badge) - 1), badge, width)]

    @on(LogView.Changed)
    def log_changed(self) -> None:
        self.query_one("#title", LineView).show()
        self.refresh_bindings()

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        if action in _NEED_NEEDLE and not self.view.filter.needle:
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
        search.value = self.view.filter.needle
        search.add_class("-open")
        search.focus()

    @on(FilterLine.Changed)
    def searched(self, event: FilterLine.Changed) -> None:
        self._filter(needle=event.value)
        self.log_changed()

    def _filter(self, **changes: Any) -> None:
        self.view.filter_by(self.view.filter._replace(**changes))

    @on(FilterLine.Closed)
    def search_closed(self) -> None:
        self.query_one(FilterLine).remove_class("-open")
        self.view.focus()
        if self.view.filter.needle:
            self.action_find(-1)

    def action_find(self, step: int) -> None:
        needle = self.view.filter.needle.lower()
        self._seek("find", step, "match", lambda record: record.holds(needle))

    def action_problem(self, step: int) -> None:
        self._seek("problem", step, "problem", lambda record: record.level >= PROBLEM)

    def _seek(self, action: str, step: int, what: str, wanted: Callable[[LogRecord], bool]) -> None:
        if not self.refuses(f"{action}({step})") and (outcome := self.view.seek(step, wanted)):
            self.show_notice(f"{what}: {outcome}")

    def action_only_matching(self) -> None:
        if not self.refuses("only_matching"):
            only = not self.view.filter.only_matching
            self._filter(only_matching=only)
            hidden = "hidden" if only else "dimmed"
            self.show_notice(f"what doesn't match is {hidden} now")

    def action_fold(self) -> None:
        if not self.refuses("fold") and not self.view.unfold():
            self.show_notice("no refresh, and nothing else with steps: there is nothing to unfold")

    def action_open_event(self) -> None:
        if not self.refuses("open_event") and self.view.here is not None:
            self.app.push_screen(event_dialog(self.view.here.entry, self.home))

    def action_lives(self) -> None:
        of_logins = (record.entry.event for record in self.view.ring.lines if record.store)  # also the hidden
        self.app.push_screen(lives_dialog(of_logins, self.home, self.clock()))

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_go_to_time(self) -> None:
        from claude_auth.app.dialogs.choose import InputDialog

        if self.refuses("go_to_time"):
            return
        text = await self.wait_for(InputDialog("Go to a time", TIMES))
        moment = None if text is None else moment_of(text, self.clock())
        if moment is not None and not self.view.go_to_time(moment):
            self.view.action_newest()
            self.show_notice("every line here is older")
        elif text is not None and moment is None:
            self.show_notice(f"“{text}” is no time; write 12:03, yesterday 9:00, 30m or 2026-11-20")

    def action_level(self) -> None:
        level = (self.view.filter.level + 1) % len(LEVELS)
        self._filter(level=level)
        self.show_notice(f"shown: {LEVEL_WORDS[level]}")

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_store(self) -> None:
        options = [Option("*", "all stores")]
        options += [
            Option(f"={name}", name or "no store")
            for name in sorted({record.store for record in self.view.ring.lines})
        ]
        now = "*" if (store := self.view.filter.store) is None else f"={store}"
        choice = await self.wait_for(ChooseDialog("Store", options, current=now))
        if choice is not None:
            self._filter(store=None if choice == "*" else choice[1:])

    def action_wrap(self) -> None:
        wraps = not self.view.rows.wraps
        self.view.wrap(wraps)
        self.show_notice("long lines are broken now" if wraps else "long lines are cut off now")

    def action_copy(self) -> None:
        if not self.refuses("copy"):
            self.send_to_clipboard(self.view.copied())

    @work(exclusive=True, exit_on_error=False, group="export")
    async def action_export(self) -> None:
        if self.refuses("export"):
            return
        from claude_auth.journal import export

        try:
            lines = [record.full for record in self.view.ring.shown]
            path = await asyncio.to_thread(export, lines, self.clock(), self.directory)
        except OSError as error:
            self.show_notice(f"not written: {error.strerror or error}")
        else:
            self.show_notice(f"written to {format_path(path, self.home)}")

    def action_back(self) -> None:
        if self.view.filter.needle:
            self._filter(needle="")
            self.query_one(FilterLine).value = ""
            self.log_changed()
        else:
            self.dismiss()
