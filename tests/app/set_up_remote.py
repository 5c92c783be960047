"""Set-up through a real ssh to an sshd of its own on loopback: 80×24, keyboard alone. A world for each way,
and how a person does its steps."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from claude_auth.actions.set_up.paths import PATH_BY_ID, SET_UP_PATHS
from claude_auth.sandbox import machines, stand_in
from claude_auth.sandbox.authorization_rules import CONFIDENTIAL_CLIENT
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.cloud_endpoints import AWS_STAND_IN, CloudEndpoints
from tests.actions.set_up.stage import FILES, SECRETS, TYPED
from tests.app.own_sshd import OwnServer
from tests.app.terminal import START, Terminal, environment
from tests.cli.keyring_session import in_keyring_session
from tests.cloud.google_accounts import USER
from tests.own_world import visit

DOWN, PATIENCE = "\x1b[B", 60.0


class Remote(Terminal):
    """`more`: of the environment over there; `around`: what starts the program. `shown`: all that came from
    there before it was started again."""

    def __init__(
        self,
        server: OwnServer,
        directory: Path,
        *,
        more: Mapping[str, str] | None = None,
        around: tuple[str, ...] = (),
        start: str = START,
    ) -> None:
        self.server, self.more, self.around = server, more or {}, around
        self.shown = b""
        for name, content in FILES.items():
            machines.write(directory / "home" / name, content, home=directory / "home", now=time.time())
        super().__init__("fresh", directory, (80, 24), start=start)

    def started_by(self, command: list[str]) -> list[str]:
        given = {**environment(self.home), "SHELL": "/bin/bash", **self.more}
        pairs = [f"{name}={value}" for name, value in given.items() if name != "TERM"]
        return self.server.command(["/usr/bin/env", *pairs, *self.around, *command])

    def busy(self) -> list[int]:
        return [*super().busy(), *self.server.processes]

    def key(self, keys: str, *markers: str) -> str:
        """Sends keys, then waits for what they bring."""
        self.send(keys.encode())
        return self.until(*markers, timeout=PATIENCE)

    # ── the steps, as a person does them who has a keyboard alone ────────────────────────────────

    def choose(self, way: str) -> None:
        """To the second step."""
        self.until("How do you get at Claude?", "step 1 of 4", "2   clear the way", timeout=PATIENCE)
        number = next(at for at, one in enumerate(SET_UP_PATHS) if one.id == way)
        self.send(b"\x1b[H")
        for _ in range(number):
            self.send(DOWN.encode())
        self.until(f"▸ {PATH_BY_ID[way].label}", timeout=PATIENCE)
        self.key("\r", "step 2 of 4", "▸ → go on: do it")

    def put(self, way: str, place: str | None) -> None:
        """To the third step."""
        if place is not None:
            places = PATH_BY_ID[way].places
            self.key("\x1b[H", "▸ → where")
            self.key("\r", "Where shall it go?", f"▸ {places[0]}")
            self.key(DOWN * [str(one) for one in places].index(place), f"▸ {place}")
            self.key("\r", "step 2 of 4", "▸ → where")
            self.key("\x1b[F", "▸ → go on: do it")
        self.key("\r", "step 3 of 4")

    def open_field(self, way: str, id: str) -> str:
        """The field's label."""
        path = PATH_BY_ID[way]
        asked = next(one for one in path.fields if one.id == id)
        if asked.optional:
            self.key("\x1b[H" + DOWN * path.fields.index(asked), f"▸ · {asked.label}")
        else:
            self.until(f"▸ ▲ {asked.label}", timeout=PATIENCE)
        self.key("\r", "Enter Take", f"─ {asked.label} ─")
        return asked.label

    def type(self, way: str, id: str, text: str) -> None:
        label = self.open_field(way, id)
        self.send(b"\x15")
        self.key(text, "that may stand")
        self.key("\r", "step 3 of 4", f"✓ {label}")

    def type_all(self, way: str, values: Mapping[str, str]) -> None:
        for one in PATH_BY_ID[way].fields:
            if values.get(one.id):
                self.type(way, one.id, values[one.id])

    def prove(self, *, with_helper: bool = False) -> None:
        self.until("▸ → go on: prove it", timeout=PATIENCE)
        self.key("\r", "step 4 of 4", "leave set-up")
        if with_helper:
            self.until("▸ → leave set-up", timeout=PATIENCE)
            self.key("\x1b[H", "▸ → run the helper")
            self.send(b"\r")
        self.until("✓ done: ", timeout=PATIENCE)

    def leaks(self, *may_hold: str) -> list[str]:
        """Where a secret stands that is not agreed to be there."""
        output = self.shown + self.output()
        found = ["the screen" for secret in SECRETS if secret.encode() in output]
        for path in (one for one in self.home.rglob("*") if one.is_file()):
            name = str(path.relative_to(self.home))
            holds = any(secret.encode() in path.read_bytes() for secret in SECRETS)
            if holds and (name not in may_hold or path.stat().st_mode & 0o077):
                found.append(name)
        return [*found, *(str(path) for path in self.home.rglob("*history*"))]


# ── the worlds ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Task:
    """`begin`: to where it waits for a yes, or for the person; `end`: from there on."""

    begin: Callable[[Remote], None]
    end: Callable[[Remote], None]


@dataclass(frozen=True)
class WayWorld:
    """`holding`: the files that a secret of this way may stand in, once it was agreed to."""

    way: str
    values: Mapping[str, str]
    tasks: tuple[Task, ...]
    place: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    around: tuple[str, ...] = ()
    start: str = START
    holding: tuple[str, ...] = ()
    with_helper: bool = False

    def remote(self, server: OwnServer, directory: Path) -> Remote:
        return Remote(server, directory, more=self.more, around=self.around, start=self.start)


def agree(task: str, question: str = "Write exactly this?") -> Task:
    def begin(remote: Remote) -> None:
        remote.until(f"▸ → {task}", timeout=PATIENCE)
        remote.key("\r", question)

    def end(remote: Remote) -> None:
        remote.key("Y", "step 3 of 4")

    return Task(begin, end)


def sign_in_by_claude() -> Task:
    def begin(remote: Remote) -> None:
        remote.until("▸ → sign in", timeout=PATIENCE)
        remote.key("\r", "Paste code here if prompted")

    def end(remote: Remote) -> None:
        remote.key("good#code\r", "✓ signed in", "OVER")
        remote.key("q", "step 3 of 4")

    return Task(begin, end)


def run(name: str) -> Task:
    """The command that signs in to a cloud."""

    def begin(remote: Remote) -> None:
        remote.until("▸ → sign in to the cloud now", timeout=PATIENCE)
        if "Run which command?" in remote.key("\r", "command?", name):  # ours are suggested beside it
            remote.key("\r", "Run this command?", name)

    def end(remote: Remote) -> None:
        remote.key("Y", "OVER")
        remote.key("q", "step 3 of 4")

    return Task(begin, end)


def sign_in_here(runtime: Path) -> Task:
    """Its address is opened by the test, as a browser would."""

    def begin(remote: Remote) -> None:
        remote.until("▸ → sign in with your own OAuth client", timeout=PATIENCE)
        remote.key("\r", "it leads to 127.0.0.1")

    def end(remote: Remote) -> None:
        remote.key("m", "written to")
        address = max((runtime / "claude-auth").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        assert "sign-in worked" in visit(address.read_text().strip())
        remote.until("OVER", timeout=PATIENCE)
        remote.key("q", "step 3 of 4")

    return Task(begin, end)


def program(path: Path, text: str) -> str:
    """PATH with it in front."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{sys.executable} -E\n{text}")
    path.chmod(0o755)
    return f"{path.parent}:/usr/bin:/bin"


#: Google's own address is fixed in its library: the stand-in's takes its place.
AT_GOOGLE = """
import os, sys
from claude_auth.app.services import Commands
command = Commands.command
def at_the_stand_in(self, *arguments):
    running = command(self, *arguments)
    running.token_endpoint = os.environ["GOOGLE_STAND_IN"]
    return running
Commands.command = at_the_stand_in
from claude_auth.app import main
sys.exit(main())
"""
GCLOUD = f"""
import json, pathlib, sys
assert sys.argv[1:] == ["auth", "application-default", "login"], sys.argv
path = pathlib.Path.home() / ".config/gcloud/application_default_credentials.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps({USER!r}))
print("Credentials saved")
"""


@contextlib.contextmanager
def world(way: str, directory: Path) -> Iterator[WayWorld]:
    home = directory / "home"
    values = {name: text.replace("$HOME", str(home)) for name, text in TYPED[way].items()}
    stand_in.install(directory / "bin", {"login": {"code": "good#code"}})
    more = {"PATH": f"{directory / 'bin'}:/usr/bin:/bin"}
    written = agree("write "), (".claude/settings.json",)
    match way:
        case "subscription" | "console":
            yield WayWorld(way, values, (sign_in_by_claude(),), more=more)
        case "api-key":
            tasks = agree("write ANTHROPIC_API_KEY at the end of ~/.bashrc"), agree("answer Claude Code's")
            yield WayWorld(way, values, tasks, "shell", holding=(".bashrc",))
        case "year-token":
            yield WayWorld(way, values, written[:1], holding=(".bashrc",))
        case "bedrock-sso":
            program(directory / "bin/aws", AWS_STAND_IN)
            with CloudEndpoints() as cloud:
                tasks = agree("write CLAUDE_CODE_USE_BEDROCK"), run("aws sso login --profile dev")
                yield WayWorld(way, values, tasks, more={**more, **cloud.environment()})
        case "vertex-adc":
            program(directory / "bin/gcloud", GCLOUD)
            with CloudEndpoints() as cloud:
                more = {**more, **cloud.environment(), "GOOGLE_STAND_IN": f"{cloud.url}/google/token"}
                tasks = agree("write CLAUDE_CODE_USE_VERTEX"), run("gcloud auth application-default login")
                yield WayWorld(way, values, tasks, more=more, start=AT_GOOGLE)
        case "own-client":
            with AuthorizationServer() as authorization:
                yield _own_client(directory, authorization)
        case _:
            yield WayWorld(way, values, written[:1], holding=written[1])


def _own_client(directory: Path, authorization: AuthorizationServer) -> WayWorld:
    runtime = directory / "run"
    runtime.mkdir(mode=0o700)
    values = {
        "client_id": CONFIDENTIAL_CLIENT.client_id,
        "issuer": authorization.issuer,
        "client_secret": CONFIDENTIAL_CLIENT.secret or "",
    }
    tasks = agree("write your OAuth client"), sign_in_here(runtime), agree("write apiKeyHelper")
    more = {"XDG_RUNTIME_DIR": str(runtime)}
    return WayWorld("own-client", values, tasks, more=more, with_helper=True)


def keyring_world(directory: Path) -> WayWorld:
    """The key in a real keyring."""
    around, places = in_keyring_session(directory)
    tasks = agree("keep the key in the keyring", "Keep it there?"), agree("write apiKeyHelper")
    return WayWorld("api-key", TYPED["api-key"], tasks, more=places, around=around, with_helper=True)


def settings(home: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((home / ".claude/settings.json").read_text())
    return found
