"""The log screen: every key, what stands still while lines come, and bounded memory."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App
from textual.binding import Binding, BindingType
from textual.pilot import Pilot

from claude_auth.actions.look import HostObserver
from claude_auth.app.screens.base import TypedAhead
from claude_auth.app.screens.log import LogScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import OWN, sheet, themes
from claude_auth.app.widgets import log_lines
from claude_auth.app.widgets.fields import FilterLine
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_ring import LineRing, breaks, cut
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.log_lines import INDENT, LogFolds, LogRecord, LogRows, pieces
from claude_auth.app.widgets.log_view import LogView
from claude_auth.formats.journal_line import JournalEntry
from claude_auth.journal import Journal
from claude_auth.journal.records import FILE_SIZE, FILES, KEPT_SECONDS
from claude_auth.journal.refreshes import TokenLife
from claude_auth.model import Event, Severity
from claude_auth.model.findings import new_group
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.present.activity import event_lines, token_life_lines
from claude_auth.present.lines import Line, Span, plain, wrap
from claude_auth.security.secret import Secret
from tests.app.driving import until

#: 2026-11-20 12:03:04 UTC.
NOW = 1795176184.0


class LogApp(App[None], inherit_bindings=False):
    """The log over an empty app, in the dashboard's colours."""

    CSS_PATH = sheet("app")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "quit", "Quit", id="app.quit", tooltip="Leave")]

    def __init__(self, screen: Callable[[], LogScreen], lines: Sequence[JournalEntry] = ()) -> None:
        super().__init__()
        self.animation_level = "none"
        for one in themes():
            self.register_theme(one)
        self.theme = OWN
        self.make, self.first_lines = screen, lines
        self.typed_ahead = TypedAhead(self, super().on_event)

    async def on_mount(self) -> None:
        await self.push_screen(self.make())
        self.log_screen.add(self.first_lines)

    def copy(self, text: Secret, tell: Callable[[str], None]) -> None:
        self.copy_to_clipboard(text.reveal())
        tell("in the clipboard")

    @property
    def log_screen(self) -> LogScreen:
        return next(screen for screen in self.screen_stack if isinstance(screen, LogScreen))

    @property
    def view(self) -> LogView:
        return self.log_screen.view

    @property
    def title_text(self) -> str:
        return self.log_screen.query_one("#title", LineView).text()

    @property
    def hint(self) -> str:
        notice = self.log_screen.query_one(Hints).notice
        return notice[0] if notice is not None else ""


def entry(
    number: int, text: str = "", level: Severity = "info", store: str | None = "sdk", **data: str | int
) -> JournalEntry:
    words = text or f"line {number}"
    return JournalEntry(Event(NOW + number, "test.line", words, level, store, data), 4711, "claude-auth")


def lines(count: int, start: int = 0) -> list[JournalEntry]:
    return [entry(number) for number in range(start, start + count)]


REFRESHES = [
    JournalEntry(
        Event(NOW - 90000, "refresh.wanted", "a refresh is wanted", store="sdk"), 4711, "claude-auth"
    ),
    JournalEntry(
        Event(NOW, "lock.waited", "waited 0.4 s for process 4242", store="sdk"), 4711, "claude-auth"
    ),
    JournalEntry(
        Event(NOW + 1, "refresh.saved", "saved a1b2c3d4 → c3d4e5f6", store="sdk", data={"expires": "20:03"}),
        4711,
        "claude-auth",
    ),
    JournalEntry(
        Event(
            NOW + 2,
            "claude.lock.still",
            "~/.claude/.oauth_refresh.lock has stood still for 7 s: its holder is gone or stopped",
            "warning",
            "claude-code",
            {"path": "/home/ada/.claude/.oauth_refresh.lock", "age": 7.0},
        )
    ),
    JournalEntry(Event(NOW + 3, "claude.login.wiped", "the login a1b2c3d4 is gone", "error", "claude-code")),
    JournalEntry(Event(NOW + 4, "command.ended", "claude auth status ended with 0"), 4712, "claude-auth-tui"),
]

Told = Callable[[Pilot[None], LogApp], Coroutine[Any, Any, None]]


def in_app(
    told: Told,
    entries: Sequence[JournalEntry],
    size: tuple[int, int] = (120, 40),
    screen: Callable[[], LogScreen] = lambda: LogScreen(clock=lambda: NOW),
) -> None:
    async def run() -> None:
        app = LogApp(screen, entries)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await told(pilot, app)

    asyncio.run(run())


# ── what it looks like ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["wide", "narrow"])
def test_log_screen_picture(snap_compare: Any, size: tuple[int, int]) -> None:
    app = LogApp(lambda: LogScreen(clock=lambda: NOW), REFRESHES)
    assert snap_compare(app, terminal_size=size)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["wide", "narrow"])
def test_log_screen_paused_wrapped_searched_picture(snap_compare: Any, size: tuple[int, int]) -> None:
    app = LogApp(lambda: LogScreen(clock=lambda: NOW), REFRESHES)
    assert snap_compare(app, terminal_size=size, press=["v", "slash", *"lock", "enter", "up"])


def test_what_stands_there() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        shown = app.view.text().splitlines()
        assert len(shown) == 6 + 2
        assert shown[0] == "  Thursday 19 November 2026"
        assert shown[1].startswith("  11:03:04 · sdk          a refresh is wanted  refresh.wanted")
        assert shown[2] == "  Friday 20 November 2026"
        assert "saved a1b2c3d4 → c3d4e5f6  refresh.saved · claude-auth 4711 · expires=20:03" in shown[4]
        assert shown[5].startswith("  12:03:06 ▲ claude-code  ~/.claude/.oauth_refresh.lock has stood")
        assert shown[6].startswith("  12:03:07 ✗ claude-code  the login a1b2c3d4 is gone")
        assert shown[7].startswith("  12:03:08 ·              claude auth status ended with 0")
        assert app.title_text.startswith(" claude-auth · log · 6 lines")
        assert app.title_text.endswith("FOLLOWING")

    in_app(told, REFRESHES)


def test_narrow_screens_have_the_store_at_the_end() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        assert app.view.text().splitlines()[-1].startswith("  12:03:08 · claude auth status")
        assert "a refresh is wanted  sdk · refresh.wanted" in app.view.text()

    in_app(told, REFRESHES, (80, 24))


def test_nothing_there() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        assert app.view.text() == ""
        for key in (
            "up",
            "down",
            "pageup",
            "pagedown",
            "home",
            "end",
            "u",
            "v",
            "exclamation_mark",
            "space",
            "enter",
            "ampersand",
            "G",
        ):
            await pilot.press(key)
        assert app.view.follows
        for key, words in (("y", "no line"), ("m", "no line"), ("d", "no line"), ("n", "search for")):
            await pilot.press(key)
            assert words in app.hint

    in_app(told, [])


def test_markup_is_text() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        assert "[bold]not[/bold] [@click=quit]" in app.view.text()

    in_app(told, [entry(0, "[bold]not[/bold] [@click=quit]")])


# ── following and reading back ───────────────────────────────────────────────────────────────────


def test_follows_until_somebody_goes_up_and_again_at_the_end() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        assert app.view.text().splitlines()[-1].startswith("  12:06:23 · sdk          line 199")
        await pilot.press("up")
        assert app.view.cursor == 198
        assert "PAUSED" in app.title_text
        before = app.view.text()
        app.view.extend(lines(30, 200))
        await pilot.pause()
        assert app.view.text() == before
        assert app.title_text.endswith("PAUSED · +30 new, u follows")
        await pilot.press("u")
        assert "line 229" in app.view.text()
        assert app.title_text.endswith("FOLLOWING")
        await pilot.press("u")
        assert not app.view.follows
        await pilot.press("end")
        assert app.view.follows

    in_app(told, lines(200))


def test_keys_that_walk() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        view = app.view
        height = view.size.height
        await pilot.press("k")
        assert view.cursor == 198
        await pilot.press("up", "up", "j")
        assert view.cursor == 197
        await pilot.press("pageup")
        assert view.cursor == 197 - (height - 1)
        await pilot.press("pagedown", "down", "down")
        assert view.follows
        await pilot.press("home")
        assert view.cursor == 0
        assert view.text().splitlines()[1].startswith("▸ 12:03:04 · sdk          line 0")
        await pilot.press("up")
        assert view.cursor == 0

    in_app(told, lines(200))


def test_the_wheel_pauses_and_resumes() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        view = app.view
        view.scroll_relative(y=-3, animate=False)
        await pilot.pause()
        assert "PAUSED" in app.title_text
        top = view.scroll_offset.y
        app.view.extend(lines(5, 200))
        await pilot.pause()
        assert view.scroll_offset.y == top
        view.scroll_end(animate=False, immediate=True)
        await pilot.pause()
        assert view.follows
        assert "line 204" in view.text()

    in_app(told, lines(200))


def test_nothing_is_painted_below_a_reader() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        view = app.view
        painted: list[Any] = []
        await pilot.press("pageup", "pageup")
        await pilot.pause()

        def refresh(*regions: Any, **more: Any) -> LogView:
            painted.append(regions)
            return view

        view.refresh = refresh  # type: ignore[method-assign]
        view.extend(lines(50, 200))
        await pilot.pause()
        assert painted == []
        assert view.unseen == 50

    in_app(told, lines(200), screen=lambda: LogScreen(capacity=200))


@pytest.mark.parametrize("wraps", [False, True])
def test_what_falls_out_above_does_not_move_the_view(wraps: bool) -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        view = app.view
        view.wrap(wraps)
        await pilot.press("pageup", "pageup")
        before, cursor = view.text(), view.cursor
        view.extend(lines(30, 300))
        await pilot.pause()
        assert (view.text(), view.cursor) == (before, cursor)
        assert len(view.ring) == 300
        view.extend(lines(1000, 330))
        await pilot.pause()
        assert view.text().startswith("▸")
        assert view.cursor == view.ring.oldest == 1030
        assert view.unseen == 1030

    long = [entry(number, f"line {number} " + "word " * (number % 60)) for number in range(300)]
    in_app(told, long, (100, 24), lambda: LogScreen(capacity=300))


def test_lines_come_together() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        screen, taken = app.log_screen, []
        extend = screen.view.extend
        screen.view.extend = lambda entries: (taken.append(len(list(entries))), extend(entries))  # type: ignore[method-assign, func-returns-value, assignment]
        screen.beat = 3600.0
        screen._timer = None
        for number in range(50):
            screen.post_message(LogScreen.Arrived([entry(number)]))
        await pilot.pause()
        assert taken == [1]
        screen._beat_over()
        assert taken == [1, 49]

    in_app(told, [])


# ── searching, filtering, problems ───────────────────────────────────────────────────────────────


def test_search_next_and_previous() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await pilot.press("slash", *"NE 7", "enter")
        assert app.focused is app.view
        assert app.view.cursor == 79  # the newest
        assert "search “NE 7”" in app.title_text
        await pilot.press("N")
        assert app.view.cursor == 78
        await pilot.press("n", "n")
        assert app.view.cursor == 7
        assert app.hint == "match: on from the other end"
        await pilot.press("escape")
        assert app.view.filter.needle == ""
        assert app.screen is app.log_screen
        await pilot.press("slash", *"zebra", "enter")
        assert app.hint == "match: none here"
        await pilot.press("slash", "escape")
        assert app.view.filter.needle == ""
        await pilot.press("n")
        assert app.hint == "press / and search for something first"

    in_app(told, lines(100))


def test_problems() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        for key, cursor in (("D", 4), ("D", 3), ("D", 4), ("d", 3), ("d", 4)):
            await pilot.press(key)
            assert app.view.cursor == cursor

    in_app(told, REFRESHES)


def test_level_and_store() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await pilot.press("exclamation_mark")
        assert app.hint == "shown: warnings and errors"
        assert len(app.view.text().splitlines()) == 1 + 2
        assert "2 lines · warnings and errors" in app.title_text
        app.view.extend([entry(9), entry(10, "bad", "error")])
        assert len(app.view.ring) == 3
        await pilot.press("exclamation_mark")
        assert [app.view.ring[number].text for number in app.view.ring.numbers][-1] == "bad"
        await pilot.press("exclamation_mark")
        assert len(app.view.ring) == 8
        await pilot.press("c", "down", "down", "enter")
        await pilot.pause()
        assert app.view.filter.store == "claude-code"
        assert {app.view.ring[number].store for number in app.view.ring.numbers} == {"claude-code"}
        assert "2 lines · store claude-code" in app.title_text
        await pilot.press("c", "home", "enter")
        assert app.view.filter.store is None

    in_app(told, REFRESHES)


def test_where_nothing_is_shown_the_keys_stand_that_show_more() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await pilot.press("exclamation_mark")
        assert app.view.render_line(0).text.strip() == "no line is shown: ! for every level"
        await pilot.press("exclamation_mark", "exclamation_mark", "slash", *"nowhere", "enter", "ampersand")
        assert app.view.render_line(0).text.strip() == "no line is shown: esc without the search"
        await pilot.press("escape")
        assert "line 0" in app.view.text()

    in_app(told, [entry(0)])


def test_a_filter_keeps_the_place() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        view = app.view
        await pilot.press("home", *(["down"] * 50))
        view.filter_by(view.filter._replace(level=1))
        assert view.cursor == 50  # every tenth is a warning
        assert len(view.ring) == 20
        view.filter_by(view.filter._replace(level=2))
        assert view.follows
        assert len(view.ring) == 0

    in_app(told, [entry(n, level="warning" if n % 10 == 0 else "info") for n in range(200)])


def test_wrap() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        view = app.view
        assert view.text().endswith("…")
        await pilot.press("v")
        rows = view.text().splitlines()
        assert len(rows) > 2
        assert view.text().count("宽") == 60
        assert view.text().count("wide") == 60  # no word is broken
        assert all(cell_len(row) <= view.size.width for row in rows)
        assert all(row.startswith(" " * INDENT) for row in rows[2:])
        await pilot.press("v")
        assert len(view.text().splitlines()) == 2  # the day, and the line

    in_app(told, [entry(0, "wide 宽 " * 60)], (90, 24))


def test_only_what_is_shown_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of thousands of lines those on the screen, wherever one goes."""
    broken: list[str] = []

    def counting(spans: Line, width: int, indent: int) -> tuple[Line, ...]:
        broken.append(plain(spans))
        return wrap(spans, width, indent)

    monkeypatch.setattr(log_lines, "wrap", counting)

    async def told(pilot: Pilot[None], app: LogApp) -> None:
        for key in ("v", "home", "end", "pageup", "pageup", "v", "v", "home"):
            await pilot.press(key)
            assert len(broken) <= 3 * app.view.size.height, key
            broken.clear()
        assert app.view.here is not None
        assert app.view.here.text.startswith("line 0")

    in_app(told, [entry(number, f"line {number} " + "word " * 60) for number in range(5000)], (90, 24))


def test_a_broken_line_that_is_higher_than_the_screen() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        view = app.view
        await pilot.press("v")
        assert "line 2" in view.text().splitlines()[-1]
        await pilot.press("up")
        assert view.text().splitlines()[0].startswith("▸")  # its beginning, at the top
        await pilot.press("up")
        assert "line 0" in view.text()
        await pilot.press("home")
        assert view.text().splitlines()[0].strip() == "Friday 20 November 2026"
        await pilot.press("down", "down")
        assert view.follows
        assert "line 2" in view.text().splitlines()[-1]

    in_app(told, [entry(0), entry(1, "many words " * 300), entry(2)], (60, 16))


def test_the_wheel_goes_by_lines() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        view = app.view
        await pilot.press("v")
        end = view.text()
        view.scroll_relative(y=-2, animate=False)
        await pilot.pause()
        assert "PAUSED" in app.title_text
        assert view.text() != end
        view.scroll_relative(y=1, animate=False)
        await pilot.pause()
        assert "PAUSED" in app.title_text
        view.scroll_relative(y=5, animate=False)
        await pilot.pause()
        assert "FOLLOWING" in app.title_text
        assert view.text() == end

    in_app(told, [entry(number, f"line {number} " + "word " * 60) for number in range(100)], (90, 24))


# ── taking things along ──────────────────────────────────────────────────────────────────────────


def test_copy() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await pilot.press("y")
        assert app.clipboard == (
            "2026-11-20 12:03:08  info     claude auth status ended with 0  "
            "(command.ended · claude-auth-tui 4712)"
        )
        await pilot.press("up", "y")
        assert app.clipboard.startswith(
            "2026-11-20 12:03:07  error    claude-code  the login a1b2c3d4 is gone"
        )
        assert "clipboard" in app.hint

    in_app(told, REFRESHES)


def test_export(tmp_path: Path) -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await pilot.press("exclamation_mark", "m")
        await app.workers.wait_for_complete()
        await pilot.pause()
        (path,) = (tmp_path / "state").glob("*.txt")
        assert app.hint == "written to ~/state/log-20261120-120304.txt"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [line[:26] for line in path.read_text().splitlines()] == [
            "2026-11-20 12:03:06  warni",
            "2026-11-20 12:03:07  error",
        ]

    in_app(
        told,
        REFRESHES,
        screen=lambda: LogScreen(home=str(tmp_path), directory=str(tmp_path / "state"), clock=lambda: NOW),
    )


def test_export_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "state").symlink_to("elsewhere")

    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await pilot.press("m")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.hint.startswith("not written: a symbolic link")

    in_app(told, REFRESHES, screen=lambda: LogScreen(directory=str(tmp_path / "state")))


# ── live ─────────────────────────────────────────────────────────────────────────────────────────


def test_shows_what_is_journalled_meanwhile(tmp_path: Path) -> None:
    directory = str(tmp_path / "state")
    journal = Journal(directory)
    journal.write(Event(NOW, "test.before", "written before"))

    def feed() -> AsyncIterator[Sequence[JournalEntry]]:
        from claude_auth.journal import follow

        return follow(directory=directory)

    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await until(pilot, lambda: "written before" in app.view.text())
        journal.write(Event(NOW + 1, "test.after", "written after"))
        await until(pilot, lambda: "written after" in app.view.text())

    in_app(told, [], screen=lambda: LogScreen([feed]))


def test_the_real_one_shows_the_journal(tmp_path: Path) -> None:
    directory = str(tmp_path / "state")
    Journal(directory).write(Event(NOW, "test.before", "written before"))
    view = ObservationContext(
        str(tmp_path), str(tmp_path), str(tmp_path), Environment({}), user_id=os.geteuid()
    )

    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await until(pilot, lambda: "written before" in app.view.text())
        Journal(directory).write(Event(NOW, "test.after", "written after"))
        await until(pilot, lambda: "written after" in app.view.text())

    def real() -> LogScreen:
        services = Services(HostObserver.of(view), str(tmp_path), journal=Journal(directory))
        return LogScreen.of(services, over_ssh=False)

    in_app(told, [], screen=real)


# ── refreshes, times, hiding ─────────────────────────────────────────────────────────────────────


def refresh(number: int, at: float, store: str = "claude-code") -> list[JournalEntry]:
    """As Claude Code's is seen from outside: its lock, the request, what it saves, and all that in a line."""

    def step(kind: str, text: str, after: float, **more: str | float) -> JournalEntry:
        data = {"refresh": f"r{number}", **more}
        return JournalEntry(
            Event(at + after, f"claude.{kind}", text, "info", store, data), 4711, "claude-auth"
        )

    to = {"from": f"{number:08x}", "to": f"{number + 1:08x}", "path": "/home/ada/.claude/.credentials.json"}
    times = {"expires_at": at + 8 * 3600, "written": at + 1.0}
    return [
        step("lock.appeared", f"lock {number}", 0.0),
        step("lock.sent", f"sent {number}", 0.2),
        step("login.refreshed", f"saved {number}", 1.0, **to, **times),
        step("refresh.saved", f"renewed {number}", 1.2, seconds=1.0, **to, **times),
    ]


def test_a_refresh_is_one_line_until_it_is_unfolded() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        view = app.view
        texts = [view.ring[number].text for number in view.ring.numbers]
        assert texts == ["line 0", "renewed 1", "line 2"]
        assert "+ renewed 1" in view.text()
        await pilot.press("space")
        assert "no refresh" in app.hint
        await pilot.press("up", "space")
        texts = [view.ring[number].text for number in view.ring.numbers]
        assert texts == ["line 0", "lock 1", "sent 1", "saved 1", "renewed 1", "line 2"]
        assert "│ saved 1" in view.text()
        assert view.here is not None
        assert view.here.text == "renewed 1"
        await pilot.press("space")
        assert len(view.ring) == 3

    in_app(told, [entry(0), *refresh(1, NOW + 1), entry(2)])


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_steps_can_be_seen_as_long_as_one_is_kept(gone: int) -> None:
    """The first of them fell out of the ring, the line that tells the whole has not."""

    async def told(pilot: Pilot[None], app: LogApp) -> None:
        view = app.view
        left = ["lock 1", "sent 1", "saved 1", "renewed 1"][gone:]
        app.view.extend(lines(6, 10))
        await pilot.pause()
        assert [record.text for record in view.ring.shown][:2] == ["renewed 1", "line 10"]
        await pilot.press("home", "space")
        texts = [record.text for record in view.ring.shown]
        if len(left) == 1:
            assert "nothing to unfold" in app.hint
        else:
            assert texts[: len(left)] == left
            await pilot.press("space")
        assert view.ring.shown[0].text == "renewed 1"

    capacity = 4 - gone + 6
    in_app(told, refresh(1, NOW), screen=lambda: LogScreen(capacity=capacity))


def test_steps_whose_whole_fell_out_are_shown() -> None:
    *steps, whole = refresh(1, NOW)

    async def told(pilot: Pilot[None], app: LogApp) -> None:
        assert [record.text for record in app.view.ring.shown] == ["renewed 1"]
        app.view.extend([entry(10)])
        await pilot.pause()
        assert [record.text for record in app.view.ring.shown] == ["lock 1", "sent 1", "saved 1", "line 10"]
        await pilot.press("home", "space")
        assert "nothing to unfold" in app.hint

    in_app(told, [whole, *steps], screen=lambda: LogScreen(capacity=4))


def test_a_search_finds_what_is_folded() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await pilot.press("slash", *"sent 1", "enter")
        assert app.view.here is not None
        assert app.view.here.text == "sent 1"
        await pilot.press("ampersand")
        assert app.view.text().splitlines()[1:] == [
            line for line in app.view.text().splitlines() if "sent" in line
        ]
        await pilot.press("escape")
        texts = [app.view.ring[number].text for number in app.view.ring.numbers]
        assert texts == ["line 0", "renewed 1", "line 2"]

    in_app(told, [entry(0), *refresh(1, NOW + 1), entry(2)])


def test_the_help_says_how_much_is_kept() -> None:
    assert f"Kept for {KEPT_SECONDS / 86400:.0f} days, at most {FILE_SIZE * FILES >> 20} MB." in LogView.about


def test_what_goes_wrong_on_the_way_is_never_folded() -> None:
    lock, *others, last = refresh(1, NOW)
    still = lock.event._replace(kind="claude.lock.still", text="stands still", level="warning")

    async def told(pilot: Pilot[None], app: LogApp) -> None:
        texts = [app.view.ring[number].text for number in app.view.ring.numbers]
        assert texts == ["stands still", "renewed 1"]

    in_app(told, [lock, JournalEntry(still), *others, last])


def test_steps_that_stand_there_fold_when_the_last_line_comes() -> None:
    *steps, last = refresh(1, NOW + 100)

    async def told(pilot: Pilot[None], app: LogApp) -> None:
        view = app.view
        await pilot.press("home")
        assert len(view.ring) == 53
        before = view.text()
        view.extend([last, entry(200)])
        await pilot.pause()
        assert view.text() == before  # somebody reads further up: nothing moves
        assert len(view.ring) == 52
        assert not view.follows

    in_app(told, [*lines(50), *steps], (100, 24))


def test_enter_opens_an_event_in_full() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await pilot.press("enter")
        await pilot.pause()
        text = app.screen.query_one("#content", LineView).text()
        assert "renewed 1" in text.splitlines()[0]
        facts = dict(one.split(None, 1) for one in text.splitlines()[2:])
        assert facts["kind"] == "claude.refresh.saved"
        assert facts["from"] == "00000001"
        assert facts["expires_at"] == "2026-11-20 20:03:04"
        assert facts["path"] == "~/.claude/.credentials.json"
        await pilot.press("escape")
        assert app.screen is app.log_screen

    in_app(told, refresh(1, NOW), screen=lambda: LogScreen(home="/home/ada", clock=lambda: NOW))


@pytest.mark.parametrize("name", ["refresh", "action", "look"])
def test_what_it_belongs_to_is_told_by_its_time(name: str) -> None:
    of_ours = JournalEntry(Event(NOW, "test.kind", "a step", data={name: new_group(NOW)}))
    assert plain(event_lines(of_ours, "", 80)[-1]).split() == [name, "2026-11-20", "12:03:04"]


@pytest.mark.parametrize(
    ("typed", "line"),
    [("12:04", "line 56"), ("yesterday", "line 0"), ("30 s ago", "line 170"), ("noon", None)],
)
def test_going_to_a_time(typed: str, line: str | None) -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        keys = ["space" if letter == " " else "colon" if letter == ":" else letter for letter in typed]
        await pilot.press("G")
        await until(pilot, lambda: app.screen is not app.log_screen)
        await pilot.press(*keys, "enter")
        await until(pilot, lambda: app.screen is app.log_screen)
        await app.workers.wait_for_complete()
        await pilot.pause()
        if line is None:
            assert app.view.follows
            assert "is no time; write 12:03" in app.hint
        else:
            assert not app.view.follows
            assert app.view.here is not None
            assert app.view.here.text == line

    in_app(told, lines(200), screen=lambda: LogScreen(clock=lambda: NOW + 200))


def test_what_does_not_match_is_dimmed_or_hidden() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await pilot.press("ampersand")
        assert "search for something first" in app.hint
        await pilot.press("slash", *"line 7", "enter")
        assert len(app.view.ring) == 100
        await pilot.press("ampersand")
        assert len(app.view.ring) == 11
        assert "only “line 7”" in app.title_text
        app.view.extend([entry(170), entry(171, "another")])
        assert len(app.view.ring) == 11
        await pilot.press("ampersand")
        assert len(app.view.ring) == 102

    in_app(told, lines(100))


def test_the_lives_of_tokens() -> None:
    first, second = refresh(1, NOW - 7200), refresh(2, NOW - 60)

    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await pilot.press("L")
        await pilot.pause()
        text = app.screen.query_one("#content", LineView).text().splitlines()
        assert text[0] == "claude-code · ~/.claude/.credentials.json"
        assert set(text[1]) == {"█", "|"}
        assert text[3].startswith("00000003  from 12:02 to 20:02: the one now, 7 h 59 min left")
        assert text[4].startswith("00000002  from 10:03 to 18:03, renewed 12:02, 6 h 0 min before its end")

    in_app(told, [*first, *second], screen=lambda: LogScreen(home="/home/ada", clock=lambda: NOW))


def test_a_life_that_had_ended_before_it_was_seen() -> None:
    """An idle login: it does not go from today to yesterday."""
    idle = TokenLife("00000002", NOW - 600, NOW - 86400, NOW - 60)
    told = [plain(one) for one in token_life_lines({"claude-code": [idle]}, "/home/ada", NOW, 100)]
    assert told[-1].startswith("00000002  from 11:53, ended 19 Nov 12:03, removed 12:02")


def test_says_that_it_is_not_live_any_more() -> None:
    async def feed() -> AsyncIterator[Sequence[JournalEntry]]:
        yield [entry(0)]
        raise PermissionError("no")

    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await until(pilot, lambda: app.hint != "")
        assert app.hint == "the log isn't live any more: no"
        assert "line 0" in app.view.text()

    in_app(told, [], screen=lambda: LogScreen([feed]))


def test_back() -> None:
    async def told(pilot: Pilot[None], app: LogApp) -> None:
        await pilot.press("q")
        assert not any(isinstance(screen, LogScreen) for screen in app.screen_stack)

    in_app(told, REFRESHES)


def test_every_key_has_an_id_and_a_tooltip() -> None:
    for holder in (LogScreen, LogView, FilterLine):
        for binding in holder.BINDINGS:
            assert isinstance(binding, Binding)
            assert binding.id, binding
            assert binding.tooltip, binding


# ── the parts ────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 20), st.integers(1, 9))
def test_ring(heights: list[int], capacity: int, batch: int) -> None:
    """Against a plain list: which are shown, and where each begins; a height of 0 stands for filtered."""
    ring: LineRing[int] = LineRing(lambda height: height)
    ring.keep = lambda height: height > 0
    for start in range(0, len(heights), batch):
        before, added = ring.rows, heights[start : start + batch]
        assert ring.extend(added) == sum(map(bool, added))
        gone = ring.forget(len(ring.lines) - capacity)
        kept = list(enumerate(heights[: start + batch]))[-capacity:]
        shown = [(number, height) for number, height in kept if height]
        assert gone == before + sum(added) - ring.rows
        for _ in range(2):
            assert list(ring.numbers) == [number for number, _ in shown]
            assert [ring[number] for number in ring.numbers] == [height for _, height in shown]
            assert ring.rows == sum(height for _, height in shown)
            owners = [place for place, (_, height) in enumerate(shown) for _ in range(height)]
            assert [ring.place_at(row) for row in range(ring.rows)] == owners
            assert [ring.first_row(place) for place in range(len(shown))] == [
                owners.index(place) for place in range(len(shown))
            ]
            ring.lay_out()


@given(st.text(st.sampled_from("ab 宽é…→"), max_size=80), st.integers(INDENT + 2, 30))
def test_breaks_lose_nothing_and_fit(text: str, width: int) -> None:
    edges = [0, *breaks(text, width, width - INDENT), len(text)]
    parts = [plain(cut((Span(text[:7]), Span(text[7:])), a, b)) for a, b in pairwise(edges)]
    assert "".join(parts) == text
    assert all(cell_len(part) <= (width - INDENT if number else width) for number, part in enumerate(parts))


@given(st.text(max_size=30), st.text(max_size=3))
def test_pieces_lose_nothing(text: str, needle: str) -> None:
    assert "".join(piece for piece, _ in pieces(text, needle.lower())) == text


_piece = st.text(st.sampled_from("ab 宽→…é\u0301"), max_size=60)


@given(
    _piece,
    _piece,
    st.sampled_from(["", "sdk", "宽", "a-store-with-a-long-name"]),
    _piece,
    st.integers(20, 130),
)
def test_a_broken_line_fits_and_loses_no_word(text: str, data: str, store: str, tag: str, width: int) -> None:
    rows = LogRows(LogFolds())
    rows.lay_out(width, wraps=True)
    record = LogRecord(NOW, 0, store, tag, text, data)
    rows.ring.extend([record, record])
    shown = [plain(row) for row in rows.broken(record)]
    assert rows.height(1) == len(shown)
    assert rows.height(0) == len(shown) + 1  # the day
    assert all(cell_len(row) <= width for row in shown)
    words = plain(rows.spans(record)).split()
    assert "".join("".join(shown).split()) == "".join(words)
    assert {word for word in words if cell_len(word) <= width - INDENT} <= set(" ".join(shown).split())


def test_a_path_below_home_is_said_as_people_write_it() -> None:
    told = entry(1, "the login is saved: /home/ada/.claude_code/tokens.json", path="/home/ada/.claude")

    async def look(pilot: Pilot[None], app: LogApp) -> None:
        await until(pilot, lambda: "saved: ~/.claude_code/tokens.json" in app.view.text())
        assert "/home/ada" not in app.view.text()

    app = LogApp(lambda: LogScreen(home="/home/ada"), [told])

    async def run() -> None:
        async with app.run_test(size=(120, 30)) as pilot:
            await look(pilot, app)

    asyncio.run(run())
