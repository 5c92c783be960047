"""Set-up through a real ssh to an sshd of its own on loopback: 80×24, keyboard alone, to the proof."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_auth.actions.set_up.paths import PATH_BY_ID, SET_UP_PATHS
from claude_auth.sandbox import machines
from tests.actions.set_up.stage import FILES, GATEWAY, SECRETS, TYPED
from tests.app.terminal import Terminal, environment
from tests.conftest import requires_system

_CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/person.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
SetEnv HOME={folder}
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class OwnServer:
    """sshd with keys and a configuration of its own, run as whoever runs the test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        folder.mkdir(mode=0o700)
        for name in ("host", "person"):
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(words, check=True, timeout=60)
        config = folder / "sshd_config"
        config.write_text(_CONFIG.format(port=self.port, folder=folder))
        if os.geteuid() == 0:  # Debian's service makes it
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        program = shutil.which("sshd", path="/usr/sbin:/usr/bin") or ""
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [program, "-D", "-e", "-f", str(config)], stderr=self._log, stdin=subprocess.DEVNULL
        )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            assert self._process.poll() is None, (self.folder / "log").read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise AssertionError("sshd never listened")

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._log.close()

    def command(self, words: list[str]) -> list[str]:
        """`words` run over there, on a terminal."""
        options = {
            "IdentityFile": f"{self.folder}/person",
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "GlobalKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
        }
        given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        to = f"{getpass.getuser()}@127.0.0.1"
        return ["/usr/bin/ssh", "-F", "/dev/null", "-tt", "-p", str(self.port), *given, to, shlex.join(words)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OwnServer]:
    made = OwnServer(tmp_path / "sshd")
    yield made
    made.close()


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
