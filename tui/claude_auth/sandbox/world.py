"""A whole pretend world for one scene: a home, servers on loopback, programs on a PATH of its own, and
running clients. It is removed at the end, however the process that made it ends."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from claude_auth.claude_code.base_url import FIRST_PARTY_HOST
from claude_auth.observe.context import ObservationContext
from claude_auth.processes.environment import child_environment
from claude_auth.processes.lifetime import NO_STREAMS, start
from claude_auth.sandbox import machines, remover_program, scenes, stand_in
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.cloud_endpoints import AWS_STAND_IN, CloudEndpoints
from claude_auth.sandbox.demo_scenes import DemoScene
from claude_auth.sandbox.machines import LaidOut
from claude_auth.sandbox.messages_api import MessagesApi
from claude_auth.sandbox.token_endpoint import TokenEndpoint

#: The code that the stand-in for Claude Code takes in a sign-in.
CODE = "demo#code"
_CLIENT_VERSION = "2.1.332"
#: What the terminal and the language are.
_KEPT = ("TERM", "COLORTERM", "LANG", "LANGUAGE", "TZ", "NO_COLOR")


class PretendWorld:
    """Made by `open_world`. `environ`: all that programs there get. `reach`: where an origin of the world
    outside is found here."""

    def __init__(self, laid: LaidOut, environ: Mapping[str, str], reach: Mapping[str, str]) -> None:
        self.laid, self.environ, self.reach = laid, environ, reach

    @property
    def context(self) -> ObservationContext:
        return (
            dataclasses.replace(self.laid, environ=self.environ)
            .context()
            ._replace(platform="linux", pretends=True)
        )


@contextlib.contextmanager
def removed_at_the_end(directory: Path) -> Iterator[None]:
    """Also where this process is killed: another one waits for its end."""
    program = [sys.executable, "-I", "-S", remover_program.__file__, str(directory)]
    remover = start(program, environment=child_environment({}, "plain"), cwd="/", stdin=subprocess.PIPE)
    assert remover.stdin is not None
    try:
        yield
    finally:
        remover.stdin.close()
        remover.wait()


@contextlib.contextmanager
def open_world(demo: DemoScene, directory: Path, environ: Mapping[str, str]) -> Iterator[PretendWorld]:
    """In `directory`, which is made. `environ`: the real one, of which only the terminal's words are kept."""
    scene, home = scenes.SCENES[demo.scene], directory / "home"
    for folder in (directory, home, directory / "run", directory / "tmp"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(removed_at_the_end(directory))
        api = stack.enter_context(MessagesApi((scenes.KEY, scenes.GATEWAY, scenes.SETUP)))
        cloud = stack.enter_context(CloudEndpoints())
        cloud.world.polls_before_confirmed = demo.polls
        tokens = stack.enter_context(TokenEndpoint(scenes.ORT, demo.token_seconds))
        server = stack.enter_context(AuthorizationServer())
        laid = machines.lay_out(_with_addresses(scene, {scenes.GATEWAY_URL: api.url}), home)
        stack.callback(laid.close)
        _put_programs(directory / "bin", demo, tokens.url)
        given = {**_environment(directory, environ), **cloud.environment(), **scene.environ}
        given |= {name: value for name, value in laid.environ.items() if name not in given}
        _configure_client(home, server)
        for _ in range(demo.clients):
            stack.enter_context(_client(directory / "bin" / "claude", given, laid.cwd))
        yield PretendWorld(laid, given, {f"https://{FIRST_PARTY_HOST}": api.url})


def _environment(directory: Path, environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name in _KEPT or name.startswith("LC_")}
    return {
        **kept,
        "HOME": str(directory / "home"),
        "PATH": str(directory / "bin"),
        "XDG_CONFIG_HOME": str(directory / "home" / ".config"),
        "TMPDIR": str(directory / "tmp"),
        "XDG_RUNTIME_DIR": str(directory / "run"),
        "USER": "ada",
        "LOGNAME": "ada",
        "SHELL": "/bin/zsh",
        # A pretend browser has a pretend display; the keyring of the desktop stays out of it.
        "BROWSER": "pretend-browser",
        "DISPLAY": ":demo",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


def _with_addresses(scene: scenes.Scene, addresses: Mapping[str, str]) -> scenes.Scene:
    """The scene with what stands for a server of its own replaced by the address of one."""

    def told(value: Any) -> Any:
        if isinstance(value, str):
            for old, new in addresses.items():
                value = value.replace(old, new)
            return value
        if isinstance(value, Mapping):
            return {name: told(inner) for name, inner in value.items()}
        return [told(inner) for inner in value] if isinstance(value, list) else value

    return dataclasses.replace(scene, files=told(scene.files), environ=told(scene.environ))


def _put_programs(folder: Path, demo: DemoScene, token_url: str) -> None:
    login = {"code": CODE, "say": [f"This is a demo: nobody has to open that. Paste {CODE}"]}
    script = {"version": _CLIENT_VERSION, "token_url": token_url, "login": login, "setup_token": login}
    stand_in.install(folder, {**script, **demo.claude})
    own = {
        "aws": ["-c", AWS_STAND_IN],
        "pretend-browser": [str(Path(__file__).with_name("browser_program.py"))],
    }
    for name, words in own.items():
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, "-I", "-S", *words])} "$@"\n')
        program.chmod(0o755)


def _configure_client(home: Path, server: AuthorizationServer) -> None:
    """An OAuth client of one's own at the pretend authorization server."""
    path = home / ".config" / "claude-auth" / "oauth.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = {
        "client_id": "sandbox-public",
        "authorize_url": f"{server.issuer}/authorize",
        "token_url": f"{server.issuer}/token",
        "revocation_url": f"{server.issuer}/revoke",
        "redirect_uri": "http://localhost/callback",
    }
    path.write_text("".join(f'{name} = "{value}"\n' for name, value in lines.items()))
    path.chmod(0o600)


@contextlib.contextmanager
def _client(program: Path, environ: Mapping[str, str], cwd: Path) -> Iterator[None]:
    """A session of Claude Code; it ends with its input."""
    given, streams = (
        child_environment(environ, "claude", keep=environ),
        {**NO_STREAMS, "stdin": subprocess.PIPE},
    )
    client = start([str(program)], environment=given, cwd=os.fspath(cwd), **streams)
    assert client.stdin is not None
    try:
        yield
    finally:
        client.stdin.close()
        client.wait()
