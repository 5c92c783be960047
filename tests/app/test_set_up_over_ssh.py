"""Set-up through a real ssh to an sshd of its own on loopback: 80×24, keyboard alone, to the proof."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from claude_auth.actions.set_up.paths import PATH_BY_ID, SET_UP_PATHS
from claude_auth.sandbox import machines
from tests.actions.set_up.stage import FILES, GATEWAY, SECRETS, TYPED
from tests.app.ssh_server import OwnServer, server
from tests.app.terminal import Terminal, environment
from tests.conftest import requires_system

__all__ = ["server"]  # a fixture is found by its name


class Remote(Terminal):
    def __init__(self, server: OwnServer, directory: Path) -> None:
        self.server = server
        for name, content in FILES.items():
            machines.write(directory / "home" / name, content, home=directory / "home", now=time.time())
        super().__init__("fresh", directory, (80, 24))

    def started_by(self, command: list[str]) -> list[str]:
        given = {**environment(self.home), "SHELL": "/bin/bash"}
        pairs = [f"{name}={value}" for name, value in given.items() if name != "TERM"]
        return self.server.command(["/usr/bin/env", *pairs, *command])

    def key(self, keys: str, *markers: str) -> str:
        """Sends keys, then waits for what they bring."""
        self.send(keys.encode())
        return self.until(*markers, timeout=60)


DOWN = "\x1b[B"


def to_the_proof(remote: Remote, way: str, values: dict[str, str]) -> str:
    """As a person does who has a keyboard alone; what stands there in the end."""
    path = PATH_BY_ID[way]
    remote.until("How do you get at Claude?", "step 1 of 4", "2   clear the way", timeout=60)
    number = next(at for at, one in enumerate(SET_UP_PATHS) if one.id == way)
    remote.send(b"\x1b[H")
    for _ in range(number):
        remote.send(DOWN.encode())
    remote.until(f"▸ {path.label}", timeout=60)
    remote.key("\r", "step 2 of 4", "▸ ▸ go on: do it")
    remote.key("\r", "step 3 of 4", f"▸ ▲ {path.fields[0].label}")
    for field in path.fields:
        if values.get(field.id):
            if field.optional:
                remote.key("\x1b[H" + DOWN * path.fields.index(field), f"▸ · {field.label}")
            else:
                remote.until(f"▸ ▲ {field.label}", timeout=60)
            remote.key("\r", "Enter Take", f"─ {field.label} ─")
            remote.send(b"\x15")
            remote.key(values[field.id], "that may stand")
            remote.key("\r", "step 3 of 4", f"✓ {field.label}")
    remote.until("▸ → ", timeout=60)
    remote.key("\r", "Write exactly this?")
    remote.settle(0.5)
    remote.key("Y", "▸ ▸ go on: prove it")
    return remote.key("\r", "step 4 of 4", "leave set-up")


def over_ssh(way: str, server: OwnServer, directory: Path) -> Path:
    home = directory / "home"
    values = {name: text.replace("$HOME", str(home)) for name, text in TYPED[way].items()}
    with Remote(server, directory) as remote:
        seen = to_the_proof(remote, way, values)
        assert "✓ done: " in seen
        output = remote.output()
    assert not [secret for secret in SECRETS if secret.encode() in output]
    holding = [
        str(found.relative_to(home))
        for secret in SECRETS
        for found in home.rglob("*")
        if found.is_file() and secret.encode() in found.read_bytes()
    ]
    assert set(holding) <= {".claude/settings.json", ".bashrc"}
    assert not list(home.rglob("*history*"))
    return home


@requires_system("openssh-server", "sshd")
@requires_system("openssh-client", "ssh")
def test_a_gateway_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    home = over_ssh("gateway", server, tmp_path)
    settings = json.loads((home / ".claude/settings.json").read_text())
    assert settings["env"]["ANTHROPIC_AUTH_TOKEN"] == GATEWAY


@pytest.mark.prove
@requires_system("openssh-server", "sshd")
@requires_system("openssh-client", "ssh")
@pytest.mark.parametrize(
    "way", ["bedrock-key", "bedrock-profile", "vertex-service-account", "foundry", "year-token"]
)
def test_other_ways_over_ssh(way: str, server: OwnServer, tmp_path: Path) -> None:
    over_ssh(way, server, tmp_path)
