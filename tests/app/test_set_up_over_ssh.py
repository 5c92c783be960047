"""Set-up through a real ssh to an sshd of its own on loopback: 80×24, keyboard alone, to the proof."""

from __future__ import annotations

import json
import sys
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from claude_auth.actions.set_up.paths import PATH_BY_ID, SET_UP_PATHS
from claude_auth.sandbox import machines, stand_in
from claude_auth.sandbox.authorization_rules import CONFIDENTIAL_CLIENT
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.cloud_endpoints import AWS_STAND_IN, CloudEndpoints
from tests.actions.set_up.stage import FILES, GATEWAY, KEY, SECRETS, TYPED, YEAR
from tests.app.own_sshd import OwnServer, server
from tests.app.terminal import START, Terminal, environment
from tests.cli.keyring_session import in_keyring_session
from tests.cloud.test_google import USER
from tests.conftest import requires_system
from tests.own_world import visit

__all__ = ["server"]  # a fixture is found by its name


class Remote(Terminal):
    """`more`: of the environment over there; `around`: what starts the program."""

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
        for name, content in FILES.items():
            machines.write(directory / "home" / name, content, home=directory / "home", now=time.time())
        super().__init__("fresh", directory, (80, 24), start=start)

    def started_by(self, command: list[str]) -> list[str]:
        given = {**environment(self.home), "SHELL": "/bin/bash", **self.more}
        pairs = [f"{name}={value}" for name, value in given.items() if name != "TERM"]
        return self.server.command(["/usr/bin/env", *pairs, *self.around, *command])

    def key(self, keys: str, *markers: str) -> str:
        """Sends keys, then waits for what they bring."""
        self.send(keys.encode())
        return self.until(*markers, timeout=60)

    # ── the steps, as a person does them who has a keyboard alone ────────────────────────────────

    def choose(self, way: str, place: str | None = None) -> None:
        """To the third step."""
        path = PATH_BY_ID[way]
        self.until("How do you get at Claude?", "step 1 of 4", "2   clear the way", timeout=60)
        number = next(at for at, one in enumerate(SET_UP_PATHS) if one.id == way)
        self.send(b"\x1b[H")
        for _ in range(number):
            self.send(DOWN.encode())
        self.until(f"▸ {path.label}", timeout=60)
        self.key("\r", "step 2 of 4", "▸ ▸ go on: do it")
        if place is not None:
            self.key("\x1b[H", "▸ → where")
            self.key("\r", "Where shall it go?", f"▸ {path.places[0]}")
            down = next(at for at, one in enumerate(path.places) if one == place)
            self.key(DOWN * down, f"▸ {place}")
            self.key("\r", "step 2 of 4", "▸ → where")
            self.key("\x1b[F", "▸ ▸ go on: do it")
        self.key("\r", "step 3 of 4")

    def type(self, way: str, values: Mapping[str, str]) -> None:
        path = PATH_BY_ID[way]
        for field in path.fields:
            if not values.get(field.id):
                continue
            if field.optional:
                self.key("\x1b[H" + DOWN * path.fields.index(field), f"▸ · {field.label}")
            else:
                self.until(f"▸ ▲ {field.label}", timeout=60)
            self.key("\r", "Enter Take", f"─ {field.label} ─")
            self.send(b"\x15")
            self.key(values[field.id], "that may stand")
            self.key("\r", "step 3 of 4", f"✓ {field.label}")

    def agree(self, task: str, question: str = "Write exactly this?") -> None:
        self.until(f"▸ → {task}", timeout=60)
        self.key("\r", question)
        self.settle(0.5)
        self.key("Y", "step 3 of 4")

    def run(self, name: str) -> None:
        """The command that signs in to a cloud, to its end."""
        self.until("▸ → sign in to the cloud now", timeout=60)
        if "Run which command?" in self.key("\r", "command?", name):  # ours are suggested beside it
            self.key("\r", "Run this command?", name)
        self.settle(0.5)
        self.key("Y", "OVER")
        self.key("q", "step 3 of 4")

    def prove(self, *, with_helper: bool = False) -> None:
        self.until("▸ ▸ go on: prove it", timeout=60)
        self.key("\r", "step 4 of 4", "leave set-up")
        if with_helper:
            self.until("▸ ▸ leave set-up", timeout=60)
            self.key("\x1b[H", "▸ → run the helper")
            self.send(b"\r")
        self.until("✓ done: ", timeout=60)

    def done(self, *may_hold: str) -> Path:
        """What was shown holds no secret, and no file but these; the home."""
        output = self.output()
        assert not [secret for secret in SECRETS if secret.encode() in output]
        files = [found for found in self.home.rglob("*") if found.is_file()]
        holding = {
            str(found.relative_to(self.home))
            for secret in SECRETS
            for found in files
            if secret.encode() in found.read_bytes()
        }
        assert holding <= set(may_hold)
        assert not list(self.home.rglob("*history*"))
        return self.home


DOWN = "\x1b[B"
pytestmark = [requires_system("openssh-server", "sshd"), requires_system("openssh-client", "ssh")]


def test_a_gateway_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    with Remote(server, tmp_path) as remote:
        remote.choose("gateway")
        remote.type("gateway", TYPED["gateway"])
        remote.agree("write ANTHROPIC_BASE_URL")
        remote.prove()
        home = remote.done(".claude/settings.json")
    settings = json.loads((home / ".claude/settings.json").read_text())
    assert settings["env"]["ANTHROPIC_AUTH_TOKEN"] == GATEWAY


def signed_in(way: str, server: OwnServer, directory: Path) -> Path:
    stand_in.install(directory / "bin", {"login": {"code": "good#code"}})
    path = {"PATH": f"{directory / 'bin'}:/usr/bin:/bin"}
    with Remote(server, directory, more=path) as remote:
        remote.choose(way)
        remote.until("▸ → sign in", timeout=60)
        remote.key("\r", "Paste code here if prompted")
        remote.key("good#code\r", "✓ signed in", "OVER")
        remote.key("q", "step 3 of 4")
        remote.prove()
        return remote.done()


def test_a_subscription_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    home = signed_in("subscription", server, tmp_path)
    assert (home / ".claude/.credentials.json").exists()


@pytest.mark.prove
def test_a_console_account_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    home = signed_in("console", server, tmp_path)
    assert json.loads((home / ".claude.json").read_text())["primaryApiKey"]


@pytest.mark.prove
@pytest.mark.parametrize(
    "way", ["bedrock-key", "bedrock-profile", "vertex-service-account", "foundry", "year-token"]
)
def test_other_ways_over_ssh(way: str, server: OwnServer, tmp_path: Path) -> None:
    with Remote(server, tmp_path) as remote:
        remote.choose(way)
        remote.type(way, {name: text.replace("$HOME", str(remote.home)) for name, text in TYPED[way].items()})
        remote.agree("write ")
        remote.prove()
        remote.done(".claude/settings.json", ".bashrc")


@pytest.mark.prove
def test_a_key_in_a_start_up_file_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    with Remote(server, tmp_path) as remote:
        remote.choose("api-key", "shell")
        remote.type("api-key", TYPED["api-key"])
        remote.agree("write ANTHROPIC_API_KEY at the end of ~/.bashrc")
        remote.agree("answer Claude Code's question")
        remote.prove()
        home = remote.done(".bashrc")
    assert f"export ANTHROPIC_API_KEY={KEY}" in (home / ".bashrc").read_text().replace("'", "")


@pytest.mark.prove
@requires_system("gnome-keyring", "gnome-keyring-daemon")
@requires_system("dbus", "dbus-run-session")
def test_a_key_in_a_real_keyring_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    around, places = in_keyring_session(tmp_path)
    with Remote(server, tmp_path, more=places, around=around) as remote:
        remote.choose("api-key")
        remote.type("api-key", TYPED["api-key"])
        remote.agree("keep the key in the keyring", "Keep it there?")
        remote.agree("write apiKeyHelper")
        remote.prove(with_helper=True)
        home = remote.done()
    assert "--store keyring" in json.loads((home / ".claude/settings.json").read_text())["apiKeyHelper"]


def program(path: Path, text: str) -> str:
    """PATH with it in front."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{sys.executable} -E\n{text}")
    path.chmod(0o755)
    return f"{path.parent}:/usr/bin:/bin"


@pytest.mark.prove
def test_single_sign_on_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    with CloudEndpoints() as cloud:
        more = {"PATH": program(tmp_path / "bin/aws", AWS_STAND_IN), **cloud.environment()}
        with Remote(server, tmp_path, more=more) as remote:
            remote.choose("bedrock-sso")
            remote.type("bedrock-sso", TYPED["bedrock-sso"])
            remote.agree("write CLAUDE_CODE_USE_BEDROCK")
            remote.run("aws sso login --profile dev")
            remote.prove()
            home = remote.done()
    assert list((home / ".aws/sso/cache").iterdir())


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


@pytest.mark.prove
def test_a_google_login_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    with CloudEndpoints() as cloud:
        more = {"PATH": program(tmp_path / "bin/gcloud", GCLOUD), **cloud.environment()}
        more["GOOGLE_STAND_IN"] = f"{cloud.url}/google/token"
        with Remote(server, tmp_path, more=more, start=AT_GOOGLE) as remote:
            remote.choose("vertex-adc")
            remote.type("vertex-adc", TYPED["vertex-adc"])
            remote.agree("write CLAUDE_CODE_USE_VERTEX")
            remote.run("gcloud auth application-default login")
            remote.prove()
            remote.done()


@pytest.mark.prove
def test_a_client_of_one_s_own_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir(mode=0o700)
    with AuthorizationServer() as authorization:
        typed = {
            "client_id": CONFIDENTIAL_CLIENT.client_id,
            "issuer": authorization.issuer,
            "client_secret": CONFIDENTIAL_CLIENT.secret or "",
        }
        with Remote(server, tmp_path, more={"XDG_RUNTIME_DIR": str(run)}) as remote:
            remote.choose("own-client")
            remote.type("own-client", typed)
            remote.agree("write your OAuth client")
            remote.until("▸ → sign in with your own OAuth client", timeout=60)
            remote.key("\r", "it leads to 127.0.0.1")
            remote.key("m", "written to")
            (address,) = (run / "claude-auth").iterdir()
            assert "sign-in worked" in visit(address.read_text().strip())
            remote.until("OVER", timeout=60)
            remote.key("q", "step 3 of 4")
            remote.agree("write apiKeyHelper")
            remote.prove(with_helper=True)
            home = remote.done()
    client = tomllib.loads((home / ".config/claude-auth/config.toml").read_text())["oauth"]
    assert client["issuer"] == authorization.issuer


def test_a_token_for_a_year_is_made_and_pasted_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    """Claude Code prints it in its pane; it is pasted as a window of 80 columns has broken it."""
    stand_in.install(tmp_path / "bin", {"version": "2.1.332", "setup_token": {"code": "good#code"}})
    path = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    with Remote(server, tmp_path, more=path) as remote:
        remote.choose("year-token", "settings")
        remote.until("▸ ▲ Token for a year", timeout=60)
        remote.key(DOWN, "▸ → make one here first: claude setup-token")
        remote.key("\r", "bound to this attempt", "Paste code here if prompted")
        shown = remote.key("good#code\r", "copy the token above now", "OVER")
        assert "sk-ant-oat01-standIn" in shown
        assert not [
            found for found in remote.home.rglob("*") if found.is_file() and b"standIn" in found.read_bytes()
        ]
        remote.key("q", "─ Token for a year ─")
        remote.send(f"\x1b[200~{YEAR[:79]}\r {YEAR[79:]}\x1b[201~".encode())
        remote.until(f"{len(YEAR)} characters, not shown", "that may stand", timeout=60)
        remote.key("\r", "step 3 of 4", "✓ Token for a year")
        remote.agree("write CLAUDE_CODE_OAUTH_TOKEN")
        remote.prove()
        home = remote.done(".claude/settings.json")
    env = json.loads((home / ".claude/settings.json").read_text())["env"]
    assert env == {"CLAUDE_CODE_OAUTH_TOKEN": YEAR}
