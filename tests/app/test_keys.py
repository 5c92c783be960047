"""Every key of the dashboard does what its hint says."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot

from claude_auth.actions.look import merge_evaluations
from claude_auth.app.actions import ACTIONS
from claude_auth.app.app import DashboardApp
from claude_auth.app.dialogs.choose import ChooseDialog
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.log import LogScreen
from claude_auth.app.watcher import HostWatcher
from claude_auth.app.widgets.hints import Hints, keys_of
from claude_auth.app.widgets.line_view import LineView
from claude_auth.model import CommandRun, Snapshot
from claude_auth.present.dashboard_state import PANELS, PanelName
from claude_auth.present.panel_frames import Panel
from claude_auth.sandbox import scenes
from claude_auth.security.secret import Secret
from tests.app.driving import app_on, drive, screen_text, words_of


def dashboard(pilot: Pilot[int]) -> Dashboard:
    screen = pilot.app.screen
    assert isinstance(screen, Dashboard)
    return screen


def panel(pilot: Pilot[int], name: PanelName) -> Panel:
    """As it stands on the screen, or would if there were room."""
    return dashboard(pilot).view.layout_now.panels[name]


def hint(pilot: Pilot[int]) -> str:
    return pilot.app.screen.query_one(Hints).text()


# ── the table of keys ────────────────────────────────────────────────────────────────────────────


def test_every_binding_has_id_tooltip_and_a_short_description(tmp_path: Path) -> None:
    app = app_on("key-over-login", tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        for focus in ("1", "2", "3", "4", "5", "slash", "escape", "d", "q", "c", "q", "ctrl+p"):
            await pilot.press(focus)
            for active in app.screen.active_bindings.values():
                binding = active.binding
                assert binding.id, binding
                assert binding.tooltip, binding
                assert 0 < len(binding.description) <= 18, binding

    drive(app, look)


def test_every_hint_has_an_action(tmp_path: Path) -> None:
    app = app_on("key-over-login", tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        for active in app.screen.active_bindings.values():
            name = active.binding.action.split("(")[0].rpartition(".")[2]
            nodes = (active.node, app.screen, app)
            assert any(hasattr(node, f"action_{name}") for node in nodes), name

    drive(app, look)


def test_footer_shows_what_fits_and_always_help_and_quit(tmp_path: Path) -> None:
    for width in (40, 60, 80, 120):
        app = app_on("healthy", tmp_path)

        async def look(pilot: Pilot[int], width: int = width) -> None:
            text = hint(pilot)
            assert len(text) <= width
            assert "? Help" in text
            assert "q Quit" in text

        drive(app, look, (width, 24))


# ── going about ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [(120, 40), (100, 20), (60, 20)])
def test_numbers_and_tab_go_to_panels(size: tuple[int, int], tmp_path: Path) -> None:
    app = app_on("key-over-login", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        for key, name in (*zip("12345", PANELS, strict=True), ("tab", "ladder"), ("shift+tab", "log")):
            await pilot.press(key)
            await pilot.pause()
            layout = dashboard(pilot).view.layout_now
            assert layout.state.focused == name
            assert name in layout.shown
            assert "┏" in screen_text(app)

    drive(app, press, size)


def test_the_cursor_walks_and_the_source_follows(tmp_path: Path) -> None:
    app = app_on("key-over-login", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        assert panel(pilot, "ladder").cursor == "anthropic-api-key"
        await pilot.press("down")
        await pilot.pause()
        assert panel(pilot, "ladder").cursor == "stored-login"
        assert panel(pilot, "source").title == "4 claude.ai login"
        assert "5 h 12 min left" in words_of(app)
        await pilot.press("end")
        assert panel(pilot, "ladder").cursor == "stored-login"
        await pilot.press("space", "end")
        assert panel(pilot, "ladder").cursor == "claw-tokens"
        await pilot.press("down")
        assert panel(pilot, "ladder").cursor == "claw-tokens"
        await pilot.press("home", "j", "k", "pagedown", "pageup")
        assert panel(pilot, "ladder").cursor == "anthropic-api-key"
        await pilot.press("end", "space")
        assert panel(pilot, "ladder").cursor == "anthropic-api-key"

    drive(app, press)


def test_the_cursor_stays_in_sight_in_one_column(tmp_path: Path) -> None:
    app = app_on("healthy", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("space")
        for _ in range(18):
            await pilot.press("down")
            await pilot.pause()
            assert "▸" in screen_text(app)
            assert "✓ WORKS claude.ai login from ~/.claude/" in words_of(app)

    drive(app, press, (60, 20))


def test_zoom_and_back(tmp_path: Path) -> None:
    app = app_on("key-over-login", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("v")
        await pilot.pause()
        assert "3 What is sent" not in screen_text(app)
        await pilot.press("3")
        await pilot.pause()
        assert "3 What is sent" in screen_text(app)
        assert "1 Credentials" not in screen_text(app)
        await pilot.press("v")
        await pilot.pause()
        assert "1 Credentials" in screen_text(app)
        await pilot.press("1", "enter")
        await pilot.pause()
        assert dashboard(pilot).scene.focused == "source"
        assert "1 Credentials" not in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "1 Credentials" in screen_text(app)

    drive(app, press)


def test_log_key_opens_the_log_and_goes_back(tmp_path: Path) -> None:
    app = app_on("healthy", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("g")
        await pilot.pause()
        assert type(app.screen) is LogScreen
        assert "1 Credentials" not in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "1 Credentials" in screen_text(app)

    drive(app, press)


# ── filter ───────────────────────────────────────────────────────────────────────────────────────


def test_filter_of_the_ladder(tmp_path: Path) -> None:
    app = app_on("key-over-login", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("space")
        every = panel(pilot, "ladder").choices
        await pilot.press("slash", *"api key")
        await pilot.pause()
        found = panel(pilot, "ladder").choices
        assert {"api-key-file-descriptor", "bedrock-api-key"} <= set(found) < set(every)
        assert f"{len(found)} of {len(every)} match “api key”" in screen_text(app)
        assert panel(pilot, "source").title == "4 claude.ai login"
        await pilot.press("backspace", "ctrl+u", *"zzz")
        await pilot.pause()
        assert "nothing matches" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert panel(pilot, "ladder").choices == every
        assert dashboard(pilot).scene.focused == "ladder"
        assert app.focused is dashboard(pilot).view
        await pilot.press("slash", *"vertex", "enter")
        await pilot.pause()
        assert panel(pilot, "ladder").choices == ["vertex"]
        await pilot.press("escape")
        await pilot.pause()
        assert panel(pilot, "ladder").choices == every

    drive(app, press)


def test_keys_are_letters_while_filtering(tmp_path: Path) -> None:
    app = app_on("healthy", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("slash", "q", "1", "question_mark")
        assert dashboard(pilot).scene.needle == "q1?"

    drive(app, press)


# ── dialogs ──────────────────────────────────────────────────────────────────────────────────────


def test_enter_opens_the_finding_under_the_cursor(tmp_path: Path) -> None:
    app = app_on("broken", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        assert len(app.first_scene.findings) > 1
        await pilot.press("2", "down", "enter")
        await pilot.pause()
        assert app.first_scene.findings[1].id in words_of(app)

    drive(app, press)


def test_what_cannot_be_done_says_why(tmp_path: Path) -> None:
    app = app_on("healthy", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        assert not panel(pilot, "findings").choices
        await pilot.press("f")
        assert hint(pilot) == " there is nothing to fix"
        await pilot.press("e")
        assert "there is nothing to run" in hint(pilot)
        await pilot.press("down")
        assert "q Quit" in hint(pilot)
        refused = {key.id for key in keys_of(app.screen) if key.refusal}
        assert refused == {"fix", "evaluate"}

    drive(app, press)


def test_another_program_asks(tmp_path: Path) -> None:
    app = app_on("unapproved", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        assert "✗ DOESN'T WORK ANTHROPIC_API_KEY is new to Claude Code" in words_of(app)
        await pilot.press("c", "down", "enter")
        await pilot.pause()
        assert dashboard(pilot).scene.resolution.client == "claude-print"
        assert "for claude -p ▾" in screen_text(app)
        assert "★ USED ANTHROPIC_API_KEY" in words_of(app)
        await pilot.press("c", "q")
        await pilot.pause()
        assert dashboard(pilot).scene.resolution.client == "claude-print"

    drive(app, press)


def test_palette_finds_programs_sources_and_keys(tmp_path: Path) -> None:
    app = app_on("healthy", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("ctrl+p", *"for claw", "enter")
        await pilot.pause()
        assert dashboard(pilot).scene.resolution.client == "claw"
        await pilot.press("ctrl+p", *"show google", "enter")
        await pilot.pause()
        assert dashboard(pilot).scene.chosen == "vertex"
        await pilot.press("ctrl+p", *"zoom", "enter")
        await pilot.pause()
        assert dashboard(pilot).scene.zoomed
        await pilot.press("ctrl+p", "ctrl+p")
        await pilot.pause()
        assert isinstance(app.screen, Dashboard)

    drive(app, press)


@pytest.mark.parametrize("close", ["q", "question_mark", "escape"])
def test_help_is_about_the_focused_panel(close: str, tmp_path: Path) -> None:
    app = app_on("healthy", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("3", "question_mark")
        await pilot.pause()
        words = words_of(app)
        assert "Help · 3 What is sent" in words
        assert "The request that the program would send now" in words
        help_text = app.screen.query_one("#content", LineView).text()
        for row in ACTIONS["dashboard"]:
            assert (row.tooltip in " ".join(help_text.split())) is not (row.when == "busy")
        await pilot.press(close)
        await pilot.pause()
        assert isinstance(app.screen, Dashboard)

    drive(app, press)


# ── evaluating ───────────────────────────────────────────────────────────────────────────────────


def ran(snapshot: Snapshot, *_: object) -> Snapshot:
    """What an evaluation leaves behind, without running anything."""
    setting = snapshot.settings["apiKeyHelper"][0]
    run = CommandRun("apiKeyHelper", setting.value, 0, Secret(scenes.KEY), Secret(""), 0.1)
    return snapshot._replace(runs={"apiKeyHelper": run})


async def evaluated(app: DashboardApp, pilot: Pilot[int]) -> None:
    """What was run is told, and then what follows from it."""
    for _ in range(2):
        await app.workers.wait_for_complete()
        await pilot.pause()


@pytest.mark.parametrize(("key", "runs"), [("Y", True), ("enter", False), ("n", False), ("escape", False)])
def test_evaluate_asks_and_shows_the_command(key: str, runs: bool, tmp_path: Path) -> None:
    app = app_on("helper", tmp_path, evaluate=ran)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await pilot.pause()
        words = words_of(app)
        assert "~/bin/get-key --vault work" in words
        assert "~/.claude/settings.json:2" in words
        await pilot.press(key)
        await evaluated(app, pilot)
        assert bool(dashboard(pilot).scene.snapshot.runs) is runs
        assert ("sk-ant-api03-…k3y9" in screen_text(app)) is runs
        assert ("nothing was run" in hint(pilot)) is not runs

    drive(app, press)


@pytest.mark.parametrize("key", ["escape", "ctrl+x", "ctrl+c"])
def test_a_helper_that_runs_is_shown_and_can_be_ended(key: str, tmp_path: Path) -> None:
    stops: list[threading.Event] = []

    def waits(
        snapshot: Snapshot, client: str, version: str | None, agreed: bool, stop: threading.Event
    ) -> Snapshot:
        stops.append(stop)
        assert stop.wait(60)
        return ran(snapshot)

    app = app_on("helper", tmp_path, evaluate=waits)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("e", "Y")
        await pilot.pause()
        title = screen_text(app).splitlines()[0]
        assert re.search(r"running apiKeyHelper · \d+ s", title)
        assert "Esc or ^x ends it" in hint(pilot)
        await pilot.press("e")
        assert len(app.screen_stack) == 1, "it is not asked about while it runs"
        assert "^x Cancel" in screen_text(app) or "^x ends it" in hint(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        assert "End the helper that is being run" in words_of(app)
        await pilot.press("q", key)
        await evaluated(app, pilot)
        assert [stop.is_set() for stop in stops] == [True]
        assert "cancelled" in hint(pilot)
        assert "running" not in screen_text(app).splitlines()[0]
        assert not dashboard(pilot).scene.snapshot.runs, "nothing is learned from it"
        assert "busy" not in dashboard(pilot).states()
        seen = dashboard(pilot).scene.snapshot
        app.screen.post_message(HostWatcher.Evaluated(seen, ran(seen)))  # it was on its way
        await evaluated(app, pilot)
        assert not dashboard(pilot).scene.snapshot.runs
        assert "cancelled" in hint(pilot)

    drive(app, press)


@pytest.mark.parametrize(("key", "runs"), [("enter", False), ("Y", True)])
def test_a_projects_command_needs_a_yes(key: str, runs: bool, tmp_path: Path) -> None:
    app = app_on("project-helper", tmp_path, evaluate=ran)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await pilot.pause()
        assert "whoever wrote them chose this command" in words_of(app)
        await pilot.press(key)
        await evaluated(app, pilot)
        assert bool(dashboard(pilot).scene.snapshot.runs) is runs

    drive(app, press)


def test_nothing_of_somebody_elses_files_is_run(tmp_path: Path) -> None:
    app = app_on("helper", tmp_path, evaluate=ran, ours=lambda: False)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(app.screen, Dashboard)
        assert "belong to somebody else" in hint(pilot)

    drive(app, press)


# ── looking again, copying, leaving ──────────────────────────────────────────────────────────────


def test_look_again_sees_and_logs_what_changed(tmp_path: Path) -> None:
    before = scenes.snapshot(scenes.SCENES["healthy"], tmp_path / "before")
    after = scenes.snapshot(scenes.SCENES["key-over-login"], tmp_path / "after")
    looks = iter([after, before])
    app = app_on("healthy", tmp_path / "before", look=lambda: next(looks))

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("u")
        await app.workers.wait_for_complete()
        await pilot.pause()
        words = words_of(app)
        assert "★ USED ANTHROPIC_API_KEY" in words
        assert "12:03:04 ANTHROPIC_API_KEY is used now, before: claude.ai login" in words
        assert "live, changed 12:03" in words
        assert hint(pilot) == " looked again"
        await pilot.press("5", "end", "slash", *"appeared", "enter")
        await pilot.pause()
        assert 0 < len(panel(pilot, "log").choices) < len(dashboard(pilot).scene.log)
        await pilot.press("enter")
        await pilot.pause()
        assert dashboard(pilot).scene.focused == "source"
        await pilot.press("u")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "★ USED claude.ai login" in words_of(app)

    drive(app, press)


def test_a_failing_look_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    def fail() -> Snapshot:
        raise OSError("made up")

    app = app_on("healthy", tmp_path, look=fail)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("u")
        await pilot.pause()
        assert "that look failed (OSError)" in hint(pilot)
        await pilot.press("down")
        assert "★ USED claude.ai login" in words_of(app)

    drive(app, press)


def test_copy_sends_the_focused_text(tmp_path: Path) -> None:
    app = app_on("key-over-login", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("y")
        assert "ANTHROPIC_API_KEY" in app.clipboard
        assert "sent to your terminal" in hint(pilot)
        await pilot.press("3", "y")
        assert "POST https://api.anthropic.com/v1/messages" in app.clipboard
        await pilot.press("5", "y")
        assert "there is nothing to copy" in hint(pilot)

    drive(app, press)


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
def test_quit(key: str, tmp_path: Path) -> None:
    app = app_on("fresh", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press(key)

    drive(app, press)
    assert app.return_code == 0


def test_resize_at_any_time(tmp_path: Path) -> None:
    app = app_on("two-sent", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        for size in ((60, 20), (120, 40), (80, 24), (40, 12), (200, 60), (91, 24), (20, 5), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert max(len(line) for line in screen_text(app).splitlines()) <= size[0]
        assert "▲ ALSO SENT" in screen_text(app)

    drive(app, press)


def test_click_takes_a_row_and_a_hint(tmp_path: Path) -> None:
    app = app_on("key-over-login", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.click("#view", offset=(10, dashboard(pilot).view.layout_now.top + 5))
        await pilot.pause()
        assert panel(pilot, "ladder").cursor == "stored-login"
        text = hint(pilot)
        await pilot.click("#hints", offset=(text.index("c Client") + 2, 0))
        await pilot.pause()
        assert isinstance(app.screen, ChooseDialog)

    drive(app, press)


def test_what_ran_without_variables_is_not_kept_once_the_folder_is_trusted(tmp_path: Path) -> None:
    seen = scenes.snapshot(scenes.SCENES["project-helper"], tmp_path)
    setting = seen.settings["apiKeyHelper"][0]
    run = CommandRun("apiKeyHelper", setting.value, 0, Secret(scenes.KEY), Secret(""), 0.1)
    assert seen.trusts_folder
    assert merge_evaluations(seen._replace(runs={"apiKeyHelper": run}), seen).runs
    without = run._replace(withheld=("PATH",))
    assert not merge_evaluations(seen._replace(runs={"apiKeyHelper": without}), seen).runs
