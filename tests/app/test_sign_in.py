"""The menu of the two routes, on a machine of fixed words; and the doors that the tests of actions use."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions import Result
from claude_auth.actions.terminal import Pane
from claude_auth.app.app import DashboardApp
from claude_auth.app.eyes import Eyes
from claude_auth.app.screens.dashboard.screen import Dashboard
from claude_auth.app.screens.doors import Doors
from claude_auth.app.screens.log import LogScreen
from claude_auth.app.screens.sign_in.claude import SignInClaude
from claude_auth.app.screens.sign_in.menu import SignIn
from claude_auth.app.screens.sign_in.own import SignInOwn
from claude_auth.app.widgets.hints import Hints
from claude_auth.claude_code.sign_in_links import SignInLink
from claude_auth.journal import Journal
from claude_auth.model import Event, InstalledClient, Snapshot
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.security.secret import Secret
from tests.app import machines
from tests.app.driving import drive, screen_lines, words_of

NOW = machines.NOW
SIZES = {"120x40": (120, 40), "80x24": (80, 24)}
CLIENT = {
    "CLAUDE_OAUTH_CLIENT_ID": "engines",
    "CLAUDE_OAUTH_AUTHORIZE_URL": "https://id.example.org/authorize",
    "CLAUDE_OAUTH_TOKEN_URL": "https://id.example.org/token",
}
URL = (
    "https://claude.com/cai/oauth/authorize?code=true&client_id=00000000-0000-4000-8000-000000000000"
    "&response_type=code&redirect_uri=https%3A%2F%2Fplatform.claude.com%2Foauth%2Fcode%2Fcallback"
    "&scope=user%3Aprofile+user%3Ainference&code_challenge="
    + "madeUpChallenge"
    * 3
    + "&code_challenge_method=S256"
    "&state=" + "madeUpState" * 4
)


class Scripted:
    """Stands for any action: the test says what happens and how it ends."""

    def __init__(self, result: Result) -> None:
        self.end_with = result
        self.result: Result | None = None
        self.cancelled = False
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()

    async def events(self) -> AsyncIterator[Event]:
        while (event := await self._queue.get()) is not None:
            yield event
        self.result = self.end_with

    def tell(self, kind: str, text: str, level: str = "info", **data: Any) -> None:
        self._queue.put_nowait(Event(NOW, kind, text, level, "claude-code", data))  # type: ignore[arg-type]

    def end(self) -> None:
        self._queue.put_nowait(None)


class ScriptedProgram:
    """As much of `ClaudeProgram` as a screen uses; nothing runs."""

    def __init__(self, cells: tuple[int, int], changed: Callable[[], None]) -> None:
        self.pane = Pane(
            ["claude"], environment={}, cwd="/", columns=cells[0], rows=cells[1], changed=changed
        )
        self.typed = b""
        self.pane.type = self._type  # type: ignore[method-assign]
        self.urls: list[SignInLink] = []

    def _type(self, data: bytes) -> bool:
        self.typed += data
        return True

    def prints(self, text: str) -> None:
        self.pane.screen.feed(text.replace("\n", "\r\n").encode())
        self.pane.changed()


class ByClaude(Scripted):
    def __init__(self, result: Result, cells: tuple[int, int], changed: Callable[[], None]) -> None:
        super().__init__(result)
        self.program: Any = ScriptedProgram(cells, changed)

    async def cancel(self) -> None:
        self.cancelled = True
        self.tell(
            "sign-in.cancel-waits", "cancelling waits until Claude Code has let go of its lock", "warning"
        )


class ScriptedSignIn:
    """As much of `oauth.flow.SignIn` as a screen uses."""

    def __init__(self) -> None:
        self.url: Secret | None = None
        self.port: int | None = 8089
        self.pasted: list[str] = []
        self.problem: Any = None

    def paste(self, text: str) -> Any:
        self.pasted.append(text)
        return self.problem


class OwnScripted(Scripted):
    def __init__(self, result: Result) -> None:
        super().__init__(result)
        self.sign_in = ScriptedSignIn()

    def cancel(self) -> None:
        self.cancelled = True
        self.end_with = Result("failed", "sdk", error="The sign-in was cancelled. Nothing was changed.")
        self.tell("signin.cancelled", "The sign-in was cancelled. Nothing was changed.")
        self.end()


SIGNED_IN = Result("signed-in", "claude-code", "ada@example.org", "11aa22bb", "33cc44dd", NOW + 8 * 3600)


class ScriptedDoors(Doors):
    """Nothing is started or written but the journal."""

    def __init__(self, eyes: Eyes, directory: Path, environ: Mapping[str, str]) -> None:
        super().__init__(
            eyes, home=machines.HOME, environ=environ, journal=Journal(str(directory / "journal"))
        )
        self.result = SIGNED_IN
        self.actions: list[Any] = []
        self.asked: list[Any] = []
        self.started: list[Any] = []

    def configuration_path(self) -> str:
        return f"{machines.HOME}/.config/claude-auth/oauth.toml"

    def sign_in_claude(self, choice: Any, cells: Any, changed: Any) -> Any:
        self.asked.append(choice)
        self.actions.append(ByClaude(self.result, cells, changed))
        return self.actions[-1]

    def sign_out_claude(self, cells: Any, changed: Any) -> Any:
        self.asked.append("sign-out")
        self.actions.append(ByClaude(self.result, cells, changed))
        return self.actions[-1]

    def own_sign_in(self, client: Any, store: Any) -> Any:
        self.asked.append((client.client_id, store.id, store.account))
        self.actions.append(OwnScripted(self.result))
        return self.actions[-1]

    def own_sign_out(self, store: Any, *, only_here: bool) -> Any:
        self.asked.append((store.id, only_here))
        self.actions.append(Scripted(self.result))
        return self.actions[-1]

    def own_refresh(self, store: Any, *, force: bool) -> Any:
        self.asked.append((store.id, force))
        self.actions.append(Scripted(self.result))
        return self.actions[-1]

    def refresh_claude(self, **how: bool) -> Any:
        self.asked.append(how)
        self.actions.append(Scripted(self.result))
        return self.actions[-1]

    def running(self, config_dir: str) -> frozenset[int] | None:
        return frozenset()

    @property
    def start_detached(self) -> Any:
        def start(command: Any) -> bool:
            self.started.append(command)
            return True

        return start


class Stage:
    """The dashboard on a fixed machine, with Claude Code installed unless said otherwise."""

    def __init__(
        self,
        directory: Path,
        name: str = "healthy",
        *,
        installed: bool = True,
        environ: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> None:
        laid = machines.MACHINES[name]
        client = InstalledClient(f"{machines.HOME}/.local/bin/claude", "", "2.1.328")
        fixed = {"installed": (client,) if installed else (), **changes}

        def look() -> Snapshot:
            return dataclasses.replace(machines.snapshot(laid, directory), **fixed)

        self.eyes = machines.eyes(name, directory, look=look)
        self.app = DashboardApp(self.eyes, DashboardState.of(look(), laid.client))
        run = directory / "run"
        run.mkdir()
        settings = {"HOME": machines.HOME, "XDG_CONFIG_HOME": str(directory), "XDG_RUNTIME_DIR": str(run)}
        self.doors = ScriptedDoors(self.eyes, directory, {**settings, **(environ or {})})

    def enter(self, pilot: Pilot[int]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, Dashboard)
        screen.doors = self.doors

    async def settle(self, pilot: Pilot[int]) -> None:
        """Until every message is handled and the pane is painted."""
        for _ in range(3):
            await pilot.pause()
        screen = pilot.app.screen
        if isinstance(screen, SignInClaude):
            screen.terminal._paint()
        await pilot.pause()

    async def until(self, pilot: Pilot[int], holds: Callable[[], bool]) -> None:
        """Threads and programs take their time; a test that hangs fails here."""
        async with asyncio.timeout(20):
            while not holds():
                await pilot.pause(0.01)
        await self.settle(pilot)

    def play(self, script: Any, size: tuple[int, int] = (120, 40)) -> None:
        async def run(pilot: Pilot[int]) -> None:
            self.enter(pilot)
            await script(pilot)

        drive(self.app, run, size)

    @property
    def hint(self) -> str:
        return self.app.screen.query_one(Hints).text()

    @property
    def text(self) -> str:
        return "\n".join(screen_lines(self.app))

    @property
    def words(self) -> str:
        return words_of(self.app)

    def journal(self) -> str:
        path = Path(self.doors.journal.directory) / "journal.jsonl"
        return path.read_text(encoding="utf-8") if path.exists() else ""


# ── the menu ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["both", "nothing"])
def test_picture_sign_in_menu(kind: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path, installed=kind == "both", environ=CLIENT if kind == "both" else {})

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        await pilot.press("l")
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES.values())
def test_both_routes_stand_on_one_screen(size: tuple[int, int], tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)

    async def look(pilot: Pilot[int]) -> None:
        await pilot.press("l")
        await pilot.pause()
        for words in (
            "Claude account: Claude Code signs you in",
            "Claude Code 2.1.328, ~/.local/bin/claude",
            "Subscription",
            "claude auth login",
            "Console",
            "SSO",
            "E-mail address…",
            "Token for a year",
            "Your own OAuth client",
            "client engines at https://id.example.org/authorize",
            "Into a file",
            "Into the keyring",
        ):
            assert words in stage.words, stage.words
        assert "Enter" in stage.hint
        assert "q Back" in stage.hint

    stage.play(look, size)


@pytest.mark.parametrize("size", SIZES.values())
def test_what_is_missing_says_how_to_get_it(size: tuple[int, int], tmp_path: Path) -> None:
    stage = Stage(tmp_path, installed=False)

    async def look(pilot: Pilot[int]) -> None:
        await pilot.press("l")
        await pilot.pause()
        words = stage.words
        assert "curl -fsSL https://claude.ai/install.sh | bash" in words
        assert "npm install -g @anthropic-ai/claude-code" in words
        assert "Not configured. Set CLAUDE_OAUTH_CLIENT_ID" in words
        assert "~/.config/claude-auth/oauth.toml" in words
        await pilot.press("enter")
        assert stage.app.clipboard == "curl -fsSL https://claude.ai/install.sh | bash"
        await pilot.press("t")
        assert "put the cursor on one of its rows" in stage.hint
        await pilot.press("n")
        assert "isn’t configured" in stage.hint

    stage.play(look, size)


def test_a_broken_configuration_says_what_is_wrong(tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ={"CLAUDE_OAUTH_CLIENT_ID": "engines"})

    async def look(pilot: Pilot[int]) -> None:
        await pilot.press("l")
        await pilot.pause()
        assert "CLAUDE_OAUTH_AUTHORIZE_URL is missing" in stage.words

    stage.play(look)


@pytest.mark.parametrize("key", ["q", "escape"])
def test_back_changes_nothing(key: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("l")
        await pilot.pause()
        assert isinstance(stage.app.screen, SignIn)
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(stage.app.screen, Dashboard)
        assert not stage.doors.asked

    stage.play(press)


@pytest.mark.parametrize(
    ("downs", "arguments"),
    [(0, ()), (1, ("--console",)), (2, ("--sso",)), (3, ("--email=ada@example.org",))],
)
def test_each_choice_of_claude_code(downs: int, arguments: tuple[str, ...], tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("l", *["down"] * downs, "enter")
        await pilot.pause()
        if downs == 3:
            await pilot.press(*"ada@example.org", "enter")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, SignInClaude)
        assert stage.doors.asked[0].arguments == ("auth", "login", *arguments)

    stage.play(press)


def test_no_email_no_sign_in(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("l", "down", "down", "down", "enter", "enter")
        await pilot.pause()
        assert "Whose Claude account" in stage.words
        await pilot.press("a", "ctrl+x")
        await pilot.pause()
        assert isinstance(stage.app.screen, SignIn)
        assert not stage.doors.asked

    stage.play(press)


def test_an_account_of_ours_is_named_and_the_store_chosen(tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("l", "n", *"work", "enter")
        await pilot.pause()
        assert "as the account work" in stage.words
        await pilot.press("end", "up", "enter")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, SignInOwn))
        assert stage.doors.asked == [("engines", "sdk", "work")]

    stage.play(press)


@pytest.mark.parametrize(("downs", "key"), [(0, "t"), (4, "enter"), (4, "t")])
def test_in_the_real_terminal_where_nothing_can_step_aside(downs: int, key: str, tmp_path: Path) -> None:
    """Without a terminal of its own the app can't be suspended: the command is handed out instead."""
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("l", *["down"] * downs, key)
        await pilot.pause()
        command = "claude setup-token" if downs else "claude auth login"
        assert stage.app.clipboard == command
        assert command in stage.hint

    stage.play(press, (200, 24))


def test_every_key_of_the_menu_has_id_and_tooltip(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        await pilot.press("l")
        await pilot.pause()
        for active in stage.app.screen.active_bindings.values():
            assert active.binding.id, active.binding
            assert active.binding.tooltip, active.binding
            assert 0 < len(active.binding.description) <= 18

    stage.play(look)


def test_the_dashboards_new_keys(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        assert "l Sign in" in stage.hint
        assert "r Refresh" in stage.hint
        await pilot.press("g")
        await pilot.pause()
        assert isinstance(stage.app.screen, LogScreen)
        await pilot.press("g")
        await pilot.pause()
        for key in ("u", "f5"):
            await pilot.press(key)
            await stage.app.workers.wait_for_complete()
            await pilot.pause()
            assert "looked again" in stage.hint

    stage.play(press, (80, 24))
