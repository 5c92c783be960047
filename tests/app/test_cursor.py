"""The cursor of the findings stands on the most urgent one until it is moved; then it follows its row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from claude_auth.app.app import DashboardApp
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.diagnose import DiagnoseScreen
from claude_auth.app.screens.sign_in import SignInScreen
from claude_auth.app.widgets.row_view import RowView
from claude_auth.formats.cloud_files import cache_name
from claude_auth.model import Snapshot
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.panel_frames import Panel
from claude_auth.sandbox import scenes
from claude_auth.sandbox.machines import CREDENTIALS
from tests.app.driving import screen_lines
from tests.app.stage import SIZES, Stage
from tests.app.terminal import Terminal

URGENT, LESSER, NOTE = (
    "store-unusable#stored-login",
    "project-settings-override",
    "helper-not-run#api-key-helper",
)


class Changing(Stage):
    """A note and a warning; from `worsen` on an error above them."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, "project-helper")
        self.worse = False
        laid = scenes.SCENES["project-helper"]
        broken = scenes.Scene({**laid.files, CREDENTIALS: "{"})
        calm = self.eyes.look

        def look() -> Snapshot:
            return scenes.snapshot(broken, directory / "worse") if self.worse else calm()

        self.services.host = self.services.host._replace(look=look)
        self.app = DashboardApp(self.services, DashboardState.of(look(), "claude"))

    @property
    def findings(self) -> Panel:
        dashboard = self.app.screen_stack[0]
        assert isinstance(dashboard, Dashboard)
        return dashboard.view.layout_now.panels["findings"]

    async def worsen(self, pilot: Pilot[int]) -> None:
        """The machine is looked at again."""
        self.worse = True
        dashboard = self.app.screen_stack[0]
        assert isinstance(dashboard, Dashboard)
        dashboard.look()
        await self.until(pilot, lambda: URGENT in self.findings.choices)

    async def fix(self, pilot: Pilot[int]) -> type[Screen[Any]]:
        """What `f` goes to."""
        shown = (Dashboard, DiagnoseScreen)
        await pilot.press("f")
        await self.until(pilot, lambda: not isinstance(self.app.screen, shown))
        return type(self.app.screen)

    async def diagnose(self, pilot: Pilot[int]) -> RowView:
        """The list that `d` opens, once every check is made."""
        await pilot.press("d")
        await self.until(pilot, lambda: isinstance(self.app.screen, DiagnoseScreen))
        screen = self.app.screen
        assert isinstance(screen, DiagnoseScreen)
        await self.until(pilot, lambda: screen.diagnosis.checks is not None)
        return screen.found


def line_of_the_cursor(stage: Stage) -> str:
    """Of the panel that has the focus, as it stands on the screen."""
    screen, view = stage.app.screen, stage.app.focused
    if isinstance(screen, Dashboard):
        layout = screen.view.layout_now
        panel = layout.focused
        first = layout.top + panel.y + 1
        last, column = first + panel.room, slice(panel.x, panel.x + panel.width)
    else:
        assert isinstance(view, RowView)
        first, last = view.content_region.y, view.content_region.bottom
        column = slice(view.content_region.x, view.content_region.right)
    return next(line[column] for line in screen_lines(stage.app)[first:last] if "▸" in line[column])


# ── on the dashboard ─────────────────────────────────────────────────────────────────────────────


def test_a_worse_finding_that_arrives_later_takes_the_cursor_that_nobody_moved(tmp_path: Path) -> None:
    stage = Changing(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        assert stage.findings.cursor == LESSER
        await stage.worsen(pilot)
        assert stage.findings.cursor == URGENT

    stage.play(look)


@pytest.mark.parametrize("size", SIZES.values())
def test_the_cursor_that_was_moved_follows_its_row(size: tuple[int, int], tmp_path: Path) -> None:
    stage = Changing(tmp_path)

    async def move(pilot: Pilot[int]) -> None:
        await pilot.press("2", "down")
        assert stage.findings.cursor == NOTE
        await stage.worsen(pilot)
        assert stage.findings.cursor == NOTE
        assert "▸ · " in line_of_the_cursor(stage)
        assert await stage.fix(pilot) is ConfirmDialog  # whether it may be run

    stage.play(move, size)


@pytest.mark.parametrize("size", SIZES.values())
def test_fix_from_the_findings_takes_the_most_urgent_until_somebody_moves(
    size: tuple[int, int], tmp_path: Path
) -> None:
    stage = Changing(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("2")
        await stage.worsen(pilot)
        assert "▸ ✗ " in line_of_the_cursor(stage)
        assert await stage.fix(pilot) is SignInScreen

    stage.play(press, size)


@pytest.mark.parametrize("panel", ["1", "3", "4", "5"])
def test_fix_and_diagnose_from_another_panel_take_the_most_urgent_whatever_was_chosen_before(
    panel: str, tmp_path: Path
) -> None:
    stage = Changing(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await stage.worsen(pilot)
        await pilot.press("2", "end", panel)
        assert stage.findings.cursor == NOTE
        assert await stage.fix(pilot) is SignInScreen
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))
        assert (await stage.diagnose(pilot)).cursor == URGENT

    stage.play(press)


# ── in the diagnosis ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES.values())
def test_the_diagnosis_opens_on_the_most_urgent_that_it_finds(size: tuple[int, int], tmp_path: Path) -> None:
    stage = Changing(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        stage.worse = True  # told by the look that the diagnosis begins with
        found = await stage.diagnose(pilot)
        assert found.cursor == URGENT
        assert "error" in line_of_the_cursor(stage)
        assert await stage.fix(pilot) is SignInScreen

    stage.play(press, size)


@pytest.mark.parametrize("size", SIZES.values())
def test_the_diagnosis_stays_on_the_row_that_was_opened(size: tuple[int, int], tmp_path: Path) -> None:
    stage = Changing(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("2", "end")
        stage.worse = True
        found = await stage.diagnose(pilot)
        assert URGENT in found.choices
        assert found.cursor == NOTE
        assert "▸ · " in line_of_the_cursor(stage)

    stage.play(press, size)


# ── the real program ─────────────────────────────────────────────────────────────────────────────

SSO = (
    "[profile work]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Developer\n"
    "region = eu-central-1\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n"
    "sso_region = us-east-1\n"
)
EXPIRED = {
    "accessToken": scenes.AWS,
    "startUrl": "https://corp.awsapps.com/start",
    "region": "us-east-1",
    "expiresAt": "2020-01-01T00:00:00Z",
}
ON = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work"}
#: The machine, keys, the finding on top, what `f` goes to.
REAL: dict[str, tuple[scenes.Scene, str, str, tuple[str, ...]]] = {
    "bedrock-expired": (
        scenes.Scene(
            {
                ".aws/config": SSO,
                f".aws/sso/cache/{cache_name('corp')}": EXPIRED,
                ".claude/settings.json": {"env": ON},
            },
            environ={"SSH_CONNECTION": "10.0.0.1 22 10.0.0.2 22"},
        ),
        "",
        "The AWS sign-in has expired",
        ("Run this command?", "aws sso login"),
    ),
    "helper-fails": (  # the store's warning stands there before anything is known of the helper
        scenes.Scene(
            {
                ".claude.json": scenes.ACCOUNT,
                ".claude/settings.json": {"apiKeyHelper": "exit 2"},
                CREDENTIALS: scenes.login(),
            },
            modes={CREDENTIALS: 0o644},
        ),
        "eY",
        "An empty credential goes out",
        ("Run this command?", "from      apiKeyHelper"),
    ),
}


@pytest.mark.parametrize("size", SIZES.values())
@pytest.mark.parametrize("name", REAL)
def test_fix_is_about_the_finding_that_stands_on_top_and_not_the_first_frames(
    name: str, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid, keys, title, goes_to = REAL[name]
    monkeypatch.setitem(scenes.SCENES, "cursor", laid)
    with Terminal("cursor", tmp_path, size, XDG_STATE_HOME=str(tmp_path / "state")) as terminal:
        terminal.until("claude-auth   for")
        terminal.settle()
        for key in keys:
            terminal.send(key.encode())
            if key == "e":
                terminal.until("Yes, run it")
        terminal.until(title)
        terminal.settle()
        terminal.send(b"f")
        terminal.until(*goes_to)
