"""An sshd of its own on loopback, with keys and a configuration of its own."""

from __future__ import annotations

import contextlib
import getpass
import os
import shlex
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

_CONFIG = """
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


class OwnServer:
    """Run as whoever runs the test; a process for each connection. We listen ourselves: no other program can
    take the port between two steps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700)
        for name in ("host", "person"):
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(words, check=True, timeout=60)
        config = folder / "sshd_config"
        config.write_text(_CONFIG.format(folder=folder))
        if os.geteuid() == 0:  # Debian's service makes it
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        program = shutil.which("sshd", path="/usr/sbin:/usr/bin") or ""
        self._command = [program, "-i", "-e", "-f", str(config)]
        self._log = (folder / "log").open("wb")
        self._started: list[subprocess.Popen[bytes]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed
                return
            with connection:
                process = subprocess.Popen(
                    self._command, stdin=connection.fileno(), stdout=connection.fileno(), stderr=self._log
                )
            self._started.append(process)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(30)
        self._listener.close()
        for process in self._started:
            process.terminate()
            process.wait(60)
        self._log.close()

    @property
    def processes(self) -> list[int]:
        """One for each connection that stands."""
        return [process.pid for process in self._started if process.poll() is None]

    def cut(self) -> None:
        """Every connection, as a network does that is gone: nobody says good-bye."""
        for process in self._started:
            with contextlib.suppress(psutil.NoSuchProcess):
                serving = psutil.Process(process.pid)
                for one in (serving, *serving.children(recursive=True)):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        if "sshd" in one.name():
                            one.kill()

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
