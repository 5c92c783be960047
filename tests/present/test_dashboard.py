"""The dashboard as lines: of the size that is asked for, without Textual, and what the screen paints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from textual.pilot import Pilot

from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.present.dashboard import dashboard, helping_key, lay_out
from claude_auth.present.dashboard_state import PANELS, PanelName
from claude_auth.present.ladder import source_lines
from claude_auth.present.lines import plain, width_of
from claude_auth.sandbox import scenes
from claude_auth.sandbox.demo_scenes import BY_NAME
from claude_auth.sources import BY_ID, SOURCES
from tests.app.driving import app_on, drive, screen_lines

SIZES = ((120, 40), (100, 22), (91, 28), (80, 24), (60, 20), (40, 12), (20, 5), (3, 2))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["healthy", "two-sent", "broken"])
def test_every_line_has_the_width_and_there_are_as_many_as_asked_for(
    name: str, size: tuple[int, int], tmp_path: Path
) -> None:
    state = scenes.state_of(name, tmp_path)
    for panel in PANELS:
        for zoomed in (False, True):
            lines = dashboard(state._replace(focused=panel, zoomed=zoomed), *size)
            assert len(lines) == size[1] - 1
            assert {width_of(spans) for spans in lines} == {size[0]}


@pytest.mark.parametrize("size", SIZES[:6])
def test_the_screen_paints_these_lines(size: tuple[int, int], tmp_path: Path) -> None:
    app = app_on("two-sent", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, Dashboard)
        for keys in ((), ("end",), ("4",), ("3", "v"), ("v", "tab", "tab")):
            await pilot.press(*keys)
            await pilot.pause()
            lines = dashboard(screen.scene, *size)
            assert [plain(spans).rstrip() for spans in lines] == screen_lines(app)[: size[1] - 1]

    drive(app, press, size)


@pytest.mark.parametrize("size", [(100, 27), (91, 22), (80, 24), (120, 40)])
def test_the_keys_are_where_they_are_seen(size: tuple[int, int], tmp_path: Path) -> None:
    """Two columns of few lines have no room for the log, which zoomed it had."""
    state = scenes.state_of("healthy", tmp_path)
    for panel in PANELS:
        layout = lay_out(state._replace(focused=panel), *size)
        assert layout.state.focused in layout.shown


def test_the_cursor_and_the_panels_stay_in_sight(tmp_path: Path) -> None:
    state = scenes.state_of("healthy", tmp_path)._replace(opened=True)
    for size in ((60, 20), (100, 22)):
        layout = lay_out(state, *size)
        for _ in layout.panels["ladder"].choices:
            layout = lay_out(layout.moved(1), *size)
            assert "▸ " in "\n".join(plain(spans) for spans in layout.lines)
        assert layout.state.chosen == layout.panels["ladder"].choices[-1] == "claw-tokens"
        for panel in PANELS:
            layout = lay_out(layout.state.on_panel(panel), *size)
            assert any("┏" in plain(spans) for spans in layout.lines), panel


@pytest.mark.parametrize("size", [(120, 40), (100, 22), (80, 24), (60, 20)])
@pytest.mark.parametrize("name", scenes.SCENES)
def test_what_is_used_is_in_sight_at_first(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    """It has the first row; where nothing is found, that is said."""
    state = scenes.state_of(name, tmp_path)
    text = [plain(spans) for spans in dashboard(state, *size)]
    first = text[next(number for number, one in enumerate(text) if "1 Credentials" in one) + 1]
    if state.standing.reading.state == "absent":
        assert "no credential is found" in first
        assert state.resolution.winner is None
    else:
        assert "▸ " in first
        assert BY_ID[state.chosen].label in first
        assert state.resolution.winner in (state.chosen, None)


def test_places_that_hold_nothing_are_one_line_until_they_are_opened(tmp_path: Path) -> None:
    state = scenes.state_of("fresh", tmp_path)
    closed = "\n".join(map(plain, dashboard(state, 120, 60)))
    assert f"+ {len(SOURCES)} places hold nothing" in closed
    assert "4 No credential" in closed
    opened = "\n".join(map(plain, dashboard(state._replace(opened=True, zoomed=True), 80, 60)))
    assert [source.label for source in SOURCES if source.label + " " not in opened] == []


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.parametrize("name", scenes.SCENES)
def test_what_holds_something_is_always_listed(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    """Whatever it is: not used, damaged, or not to be read."""
    state = scenes.state_of(name, tmp_path)
    there = {s.reading.source for s in state.resolution.standings if s.reading.state != "absent"}
    assert set(lay_out(state, *size).panels["ladder"].choices) == there


@pytest.mark.parametrize("size", [(120, 40), (100, 22), (80, 24), (60, 20), (40, 10)])
@pytest.mark.parametrize("panel", PANELS)
def test_the_verdict_and_the_credentials_title_stand_on_every_screen(
    panel: PanelName, size: tuple[int, int], tmp_path: Path
) -> None:
    state = scenes.state_of("key-over-login", tmp_path)._replace(focused=panel)
    text = [plain(spans) for spans in dashboard(state, *size)]
    assert text[1].startswith(" ▲ WORKS, BUT NOT AS YOU MAY THINK")
    assert any("1 Credentials · 2 found" in one for one in text)
    assert any("┏" in one for one in text), "the panel that has the keys is open"


def test_textual_is_not_needed() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, claude_auth.present.dashboard; print('textual' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "False\n"


def test_what_a_settings_file_sets_is_taken_out_there(tmp_path: Path) -> None:
    state = scenes.state_of("helper", tmp_path)
    (words,) = [text for text in map(plain, source_lines(state, 100)) if "to remove" in text]
    assert "take apiKeyHelper out of ~/.claude/settings.json:" in words


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("healthy", None),
        ("key-over-login", "f"),
        ("helper", "e"),
        ("vertex", "s"),
        ("fresh", "f"),
        ("broken", "f"),
    ],
)
def test_the_band_names_the_one_key_that_helps(name: str, key: str | None, tmp_path: Path) -> None:
    found = helping_key(scenes.state_of(name, tmp_path))
    assert (None if found is None else found.key) == key


# ── nothing that matters is cut ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=str)
@pytest.mark.parametrize("name", [*BY_NAME])
def test_what_is_said_of_a_credential_is_said_whole(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    state = scenes.state_of(name, tmp_path)
    panel = lay_out(state, *size).panels["ladder"]
    assert not [line for line in map(plain, panel.lines) if line.rstrip().endswith("…")]
