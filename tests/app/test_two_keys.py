"""From a finding to what mends it: the keys are counted on every machine that has one.

What comes after the start may take more: a code that a sign-in wants typed, a browser, an answer to what a
command asks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions.fixes.offers import offers, with_ours
from claude_auth.actions.look import HostObserver, diagnosed
from claude_auth.app.app import DashboardApp
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.fix import FixScreen
from claude_auth.app.screens.network import NetworkScreen
from claude_auth.app.screens.refresh import RefreshScreen
from claude_auth.app.screens.sign_in import SignInScreen
from claude_auth.diagnose.cause import COMMANDS
from claude_auth.model import Finding, InstalledClient, RemedyAction, Snapshot, first_action
from claude_auth.present.dashboard_state import DashboardState, named_findings
from tests.app.stage import CLIENT, ScriptedServices, Stage
from tests.diagnose.machines import USER, On, looking
from tests.diagnose.table import TABLE

#: Keys that start what a screen is about. What stands in a question is agreed to with Y.
STARTS: dict[type, str] = {SignInScreen: "enter", RefreshScreen: "enter", NetworkScreen: "enter"}
#: What is only shown has begun once it stands there.
SHOWN: dict[RemedyAction, str] = {
    "set-up": "SetUpScreen",
    "accounts": "AccountsScreen",
    "cloud": "CloudScreen",
    "diagnose": "DiagnoseScreen",
    "log.open": "LogScreen",
}
#: Where a third key is needed, and why.
THREE = {"helper-run-without-project": "what a repository's settings say is asked about twice"}


class TableStage(Stage):
    """A machine of the table, with Claude Code installed. What an action starts is noted, and a fix alone is
    really made."""

    def __init__(
        self, machine: On, look: Callable[[], Snapshot], directory: Path, monkeypatch: pytest.MonkeyPatch
    ):
        client = InstalledClient("/usr/bin/claude", "/usr/bin/claude", machine.version)
        self.begun: list[str] = []
        self.waited = 0.0
        #: The command that only the person's own shell can run: that it stands there is all that a key does.
        self.by_hand: str | None = None

        def looked() -> Snapshot:
            snapshot = look()
            return snapshot if snapshot.installed else snapshot._replace(installed=(client,))

        def ran(snapshot: Snapshot, *_: object) -> Snapshot:
            self.begun.append("evaluate")
            return snapshot

        self.eyes = HostObserver(look=looked, evaluate=ran)
        run = directory / "run"
        run.mkdir()
        environ = {"PATH": "/nowhere", "XDG_RUNTIME_DIR": str(run), "XDG_CONFIG_HOME": str(run), **CLIENT}
        first = looked()
        self.services = ScriptedServices(self.eyes, directory, {"HOME": first.places.home, **environ})
        self.services.home = first.places.home
        self.services.client, self.services.version = machine.client, machine.version
        self.app = DashboardApp(self.services, DashboardState.of(first, machine.client, machine.version))
        self.snapshot = first
        begin = ActionScreen.begin

        def noted(screen: ActionScreen, happenings: Any) -> None:
            self.begun.append(type(screen).__name__)
            if isinstance(screen, FixScreen):
                begin(screen, happenings)

        monkeypatch.setattr(ActionScreen, "begin", noted)
        self.services.fixing.sleep, self.services.fixing.monotonic = self.sleep, lambda: self.waited

    async def sleep(self, seconds: float) -> None:
        self.waited += seconds

    def findings(self) -> tuple[Finding, ...]:
        resolution, findings = diagnosed(self.snapshot, self.services.client, self.services.version)
        return with_ours(findings, offers(self.snapshot, resolution, findings))

    def has_begun(self, action: RemedyAction) -> bool:
        screen = self.app.screen
        if action == "fix":
            fixing = [one for one in self.app.screen_stack if isinstance(one, FixScreen)]
            if self.by_hand is not None:
                return screen in fixing and any(one.row == f"copy:{self.by_hand}" for one in fixing)
            return any(one.result is not None and one.result.outcome == "applied" for one in fixing)
        if action == "panel.wire":
            return isinstance(screen, Dashboard) and screen.scene.focused == "wire"
        return type(screen).__name__ == SHOWN.get(action) or bool(self.begun)

    def next_key(self, action: RemedyAction) -> str | None:
        """What the person presses now; None while it is on its way."""
        screen = self.app.screen
        if isinstance(screen, ConfirmDialog):
            return "Y" if screen.shown_at is not None else None
        return STARTS.get(type(screen))

    async def keys(self, pilot: Pilot[int], row: str, action: RemedyAction) -> list[str]:
        dashboard = self.app.screen
        assert isinstance(dashboard, Dashboard)
        dashboard.scene = dashboard.scene.with_cursor("findings", row).on_panel("findings")
        pressed = ["f"]
        await pilot.press("f")
        seen: set[object] = set()

        def is_on() -> bool:
            return self.has_begun(action) or (
                self.app.screen not in seen and self.next_key(action) is not None
            )

        await self.until(pilot, is_on)
        while not self.has_begun(action) and len(pressed) < 4:
            key = self.next_key(action)
            assert key is not None
            seen.add(self.app.screen)
            pressed.append(key)
            await pilot.press(key)
            await self.until(pilot, is_on)
        return pressed


def counted(machine: On, name: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> list[str] | None:
    """The keys from the finding's row to the start; None where no key mends it."""
    with looking(machine, directory / "home") as look:
        stage = TableStage(machine, look, directory, monkeypatch)
        row, told = next(
            (row, one) for row, one in named_findings(stage.findings()).items() if one.id == name
        )
        remedy = first_action(told.fixes)
        if remedy is None or remedy.action is None:
            return None
        found: list[str] = []
        action = remedy.action
        if action == "fix" and remedy.command and not remedy.command.startswith(COMMANDS["fix"]):
            stage.by_hand = remedy.command

        async def press(pilot: Pilot[int]) -> None:
            found.extend(await stage.keys(pilot, row, action))
            assert stage.has_begun(action)

        stage.play(press, (80, 24))
        return found


@pytest.mark.parametrize("name", TABLE)
def test_two_keys_at_most(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = TABLE[name].has
    keys = counted(machine, name, tmp_path, monkeypatch)
    if keys is not None:
        assert len(keys) == 3 if name in THREE else len(keys) <= 2, keys


def test_a_sign_in_that_is_configured_is_the_one_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though `aws sso login` would be suggested beside it, no list comes before."""
    bare = TABLE["aws-sso-expired"].has
    machine = On({USER: {"awsAuthRefresh": "corp-sso renew"}}, bare.env, bare.raw, more=True)
    shown: list[str] = []
    lines = ConfirmDialog._lines

    def noted(dialog: ConfirmDialog, width: int) -> Any:
        found = lines(dialog, width)
        shown.append(" ".join(span.text for line in found for span in line))
        return found

    monkeypatch.setattr(ConfirmDialog, "_lines", noted)
    assert counted(machine, "aws-sso-expired", tmp_path, monkeypatch) == ["f", "Y"]
    assert "corp-sso renew" in shown[0]
