"""The dashboard on a machine of fixed words, with services that start nothing: tests say what happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from claude_auth.actions.accounts import OpenedStore
from claude_auth.actions.look import HostObserver
from claude_auth.actions.result import Result
from claude_auth.actions.terminal import Pane
from claude_auth.app.app import DashboardApp
from claude_auth.app.screens.claude_terminal import ClaudeScreen
from claude_auth.app.services import Logins, Refreshing, Services
from claude_auth.app.widgets.hints import Hints
from claude_auth.claude_code.sign_in_links import SignInLink
from claude_auth.journal import Journal
from claude_auth.model import Event, InstalledClient, Lock, Snapshot
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.sandbox import scenes
from claude_auth.security.secret import Secret
from tests.app.driving import drive, eyes, screen_lines, until, words_of

NOW = scenes.NOW
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


class ScriptedLogins(Logins):
    """What is signed in to or out of is told by the test."""

    services: ScriptedServices
    store: OpenedStore | None = None

    def open_for_sign_in(self, id: str, account: str | None) -> OpenedStore:
        return super().open_for_sign_in(id, account) if self.store is None else self.store

    def configuration_path(self) -> str:
        return f"{scenes.HOME}/.config/claude-auth/oauth.toml"

    def claude_sign_in(self, choice: Any, cells: Any, changed: Any) -> Any:
        return self.services.scripted(choice, ByClaude(self.services.result, cells, changed))

    def claude_sign_out(self, cells: Any, changed: Any) -> Any:
        return self.services.scripted("sign-out", ByClaude(self.services.result, cells, changed))

    def oauth_sign_in(self, client: Any, store: Any) -> Any:
        asked = (client.client_id, store.id, store.account)
        return self.services.scripted(asked, OwnScripted(self.services.result))

    def oauth_sign_out(self, store: Any, *, only_here: bool) -> Any:
        return self.services.scripted((store.id, only_here), Scripted(self.services.result))


class ScriptedRefreshing(Refreshing):
    """`locks_here` and `processes`: what is found when it is looked."""

    services: ScriptedServices
    locks_here: Callable[[], tuple[Lock, ...]] | None = None
    processes: frozenset[int] | None = frozenset()

    def oauth(self, store: Any, *, force: bool) -> Any:
        return self.services.scripted((store.id, force), Scripted(self.services.result))

    def claude(self, **how: bool) -> Any:
        return self.services.scripted(how, Scripted(self.services.result))

    def locks(self, snapshot: Snapshot) -> tuple[Lock, ...]:
        return super().locks(snapshot) if self.locks_here is None else self.locks_here()

    def running(self, config_dir: str) -> frozenset[int] | None:
        return self.processes


class ScriptedServices(Services):
    """Nothing is started or written but the journal."""

    def __init__(self, eyes: HostObserver, directory: Path, environ: Mapping[str, str]) -> None:
        super().__init__(eyes, home=scenes.HOME, environ=environ, journal=Journal(str(directory / "journal")))
        self.result = SIGNED_IN
        self.actions: list[Any] = []
        self.asked: list[Any] = []
        self.started: list[Any] = []
        self.logins: ScriptedLogins = ScriptedLogins(self)
        self.refreshing: ScriptedRefreshing = ScriptedRefreshing(self)
        self.start_detached = self._start

    def scripted(self, asked: Any, action: Any) -> Any:
        self.asked.append(asked)
        self.actions.append(action)
        return action

    def _start(self, command: Any) -> bool:
        self.started.append(command)
        return True


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
        laid = scenes.SCENES[name]
        client = InstalledClient(f"{scenes.HOME}/.local/bin/claude", "", "2.1.328")
        fixed = {"installed": (client,) if installed else (), **changes}

        def look() -> Snapshot:
            return scenes.snapshot(laid, directory)._replace(**fixed)

        self.eyes = eyes(name, directory, look=look)
        run = directory / "run"
        run.mkdir()
        settings = {"HOME": scenes.HOME, "XDG_CONFIG_HOME": str(directory), "XDG_RUNTIME_DIR": str(run)}
        self.services = ScriptedServices(self.eyes, directory, {**settings, **(environ or {})})
        self.app = DashboardApp(self.services, DashboardState.of(look(), laid.client))

    def enter(self, pilot: Pilot[int]) -> None:
        """Before the first key."""

    async def settle(self, pilot: Pilot[int]) -> None:
        """Until every message is handled and the pane is painted."""
        for _ in range(3):
            await pilot.pause()
        screen = pilot.app.screen
        if isinstance(screen, ClaudeScreen):
            screen.terminal._paint()
        await pilot.pause()

    async def until(self, pilot: Pilot[int], holds: Callable[[], bool]) -> None:
        await until(pilot, holds)
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
        path = Path(self.services.journal.directory) / "journal.jsonl"
        return path.read_text(encoding="utf-8") if path.exists() else ""


def stands(stage: Stage, kind: type[object]) -> bool:
    return isinstance(stage.app.screen, kind)
