"""A home, a pretend authorization server, and the real `claude-auth` as a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from claude_auth.journal import read
from claude_auth.model import Event
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.loopback_server import Fault
from claude_auth.store.files import FileStore
from tests.oauth.servers import StandInBrowser
from tests.promises import kept

BIN = Path(sys.executable).parent
COMMAND = str(BIN / "claude-auth")
CLIENT_SECRET = "sandbox-secret"
#: Far more than anything here takes.
SECONDS = 60.0


@dataclass(frozen=True)
class Told:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """One document, as the schema describes it."""
        found = json.loads(self.out)
        kept("actions", found)
        assert isinstance(found, dict)
        return found


class OwnWorld:
    """`client`: which one of the server's is configured."""

    def __init__(self, root: Path, server: AuthorizationServer, client: str = "sandbox-public") -> None:
        self.root, self.server = root, server
        self.home = root / "home"
        (self.home / "proj").mkdir(parents=True)
        (root / "run").mkdir(mode=0o700)
        self.environ = {
            "HOME": str(self.home),
            "PATH": f"{root / 'bin'}:{BIN}:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "XDG_RUNTIME_DIR": str(root / "run"),
            "CLAUDE_OAUTH_CLIENT_ID": client,
            "CLAUDE_OAUTH_AUTHORIZE_URL": f"{server.issuer}/authorize",
            "CLAUDE_OAUTH_TOKEN_URL": f"{server.issuer}/token",
            "CLAUDE_OAUTH_REVOCATION_URL": f"{server.issuer}/revoke",
            "CLAUDE_OAUTH_REDIRECT_URI": "http://localhost/callback",
        }
        if client == "sandbox-confidential":
            self.environ["CLAUDE_OAUTH_CLIENT_SECRET"] = CLIENT_SECRET
        self.secrets = {CLIENT_SECRET}
        self._started: list[Running] = []
        self._eavesdrop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """What a test that failed has left running."""
        for running in self._started:
            running.kill()

    def _eavesdrop(self) -> None:
        """What the server was sent and gave is what nobody else may see."""
        real = self.server.rules.token

        def token(client: Any, fields: dict[str, str], *, as_json: bool) -> dict[str, object]:
            self.secrets |= {
                fields[name] for name in ("code", "code_verifier", "refresh_token") if name in fields
            }
            answer = real(client, fields, as_json=as_json)
            self.secrets |= {str(answer["access_token"]), str(answer["refresh_token"])}
            return answer

        vars(self.server.rules)["token"] = token

    # ── the command ──────────────────────────────────────────────────────────────────────────────

    def start(self, *arguments: str, stdin: Any = subprocess.DEVNULL, **environ: str) -> Running:
        running = Running(
            subprocess.Popen(
                [COMMAND, *arguments],
                env=self.environ | environ,
                cwd=self.home / "proj",
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
        self._started.append(running)
        return running

    def run(self, *arguments: str, text: str | None = None, **environ: str) -> Told:
        running = self.start(
            *arguments, stdin=subprocess.DEVNULL if text is None else subprocess.PIPE, **environ
        )
        if text is not None:
            running.type(text, end=True)
        return running.end()

    def without_client(self) -> OwnWorld:
        self.environ = {n: v for n, v in self.environ.items() if not n.startswith("CLAUDE_OAUTH_")}
        return self

    # ── what is there ────────────────────────────────────────────────────────────────────────────

    def store(self, account: str | None = None) -> FileStore:
        return FileStore.of_sdk(str(self.home), account)

    @property
    def state(self) -> Path:
        return self.home / ".local/state/claude-auth"

    @property
    def journal(self) -> list[Event]:
        return [entry.event for entry in read(directory=str(self.state))]

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.journal]

    def check(self, *texts: str) -> None:
        """No secret in what was shown, in the journal, or in any file but the stores."""
        stores = set((self.home / ".claude_code").glob("*.json"))
        files = [path for path in self.root.rglob("*") if path.is_file() and path not in stores]
        everything = "\n".join([*texts, *(path.read_text(errors="replace") for path in files)])
        assert "Traceback" not in everything
        assert len(self.secrets) > 1, "nothing secret has happened"
        assert [secret for secret in self.secrets if secret in everything] == []


@contextlib.contextmanager
def held(server: AuthorizationServer, path: str = "/token") -> Iterator[threading.Event]:
    """The answer to the next request there waits until the event is set, or this is left; also to one that
    is still on its way by then."""
    go_on = threading.Event()
    server.faults.add(Fault("stall", path=path, seconds=SECONDS, until=go_on))
    try:
        yield go_on
    finally:
        go_on.set()


class Running:
    """A process whose standard error is read as it comes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._err = ""
        self._news = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self._err += line
                self._news.notify_all()
        with self._news:
            self._closed = True
            self._news.notify_all()

    @property
    def err(self) -> str:
        with self._news:
            return self._err

    def wait_for(self, text: str) -> str:
        """Until it has said so; all that it said."""
        with self._news:
            assert self._news.wait_for(lambda: text in self._err or self._closed, SECONDS), self._err
            assert text in self._err, self._err
            return self._err

    def url(self) -> str:
        said = self.wait_for("A terminal doesn't show it")
        return next(line for line in said.splitlines() if "/authorize?" in line)

    def type(self, text: str, *, end: bool = False) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()
        if end:
            self.process.stdin.close()
            self.process.stdin = None

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(SECONDS)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def end(self) -> Told:
        assert self.process.stdout is not None
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            out = self.process.stdout.read()
            code = self.process.wait(SECONDS)
        finally:
            self.process.kill()
        self._thread.join(SECONDS)
        self.process.stdout.close()
        assert self.process.stderr is not None
        self.process.stderr.close()
        assert "Traceback" not in self._err, self._err
        return Told(code, out, self._err)


def redirect(url: str, decision: str = "allow") -> str:
    """A person signs in and decides; where the browser would be sent."""
    with StandInBrowser() as browser:
        return browser.redirect(url, decision)


def visit(url: str, decision: str = "allow") -> str:
    """The same to the last page."""
    with StandInBrowser() as browser:
        return browser.sign_in(url, decision).text


# ── a terminal ───────────────────────────────────────────────────────────────────────────────────


class Terminal:
    """The command in a terminal of its own, which it controls; `shown` is all that came onto the screen."""

    def __init__(self, argv: list[str], environ: dict[str, str], cwd: Path) -> None:
        self.ours, theirs = os.openpty()
        self.shown = ""

        def in_terminal() -> None:
            os.login_tty(theirs)

        self.process = subprocess.Popen(
            argv,
            env=environ,
            cwd=cwd,
            preexec_fn=in_terminal,  # noqa: PLW1509 - it takes no lock that a thread could hold
        )
        os.close(theirs)
        self._news = threading.Condition()
        self._closed = False
        self._stop, self._stopped = os.pipe()
        self._thread = threading.Thread(target=self._read, args=(self.ours,), daemon=True)
        self._thread.start()

    def _read(self, ours: int) -> None:
        decode = getincrementaldecoder("utf-8")("replace").decode  # a letter may come in two pieces
        while True:
            try:
                readable, _, _ = select.select([ours, self._stop], [], [])
                chunk = os.read(ours, 65536) if self._stop not in readable else b""
            except OSError:
                chunk = b""
            with self._news:
                self.shown = (self.shown + decode(chunk)).replace("\r\n", "\n")
                self._closed = not chunk
                self._news.notify_all()
            if not chunk:
                return

    def wait_for(self, text: str) -> str:
        with self._news:
            assert self._news.wait_for(lambda: text in self.shown or self._closed, SECONDS), self.shown
            assert text in self.shown, self.shown
            return self.shown

    def url(self) -> str:
        said = self.wait_for("A terminal doesn't show it")
        return next(line for line in said.splitlines() if "/authorize?" in line)

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def hang_up(self, then: Callable[[], None] = lambda: None) -> int:
        """Closes the terminal; the exit code (negative: ended by that signal). `then`: what it waits for."""
        os.write(self._stopped, b"x")
        self._thread.join(SECONDS)  # a terminal that somebody reads from isn't closed
        os.close(self.ours)
        self.ours = -1
        then()
        return self.process.wait(SECONDS)

    def end(self) -> int:
        code = self.process.wait(SECONDS)
        if self.ours >= 0:
            self._thread.join(SECONDS)
            os.close(self.ours)
            self.ours = -1
        if self._stop >= 0:
            os.close(self._stop)
            os.close(self._stopped)
            self._stop = -1
        assert "Traceback" not in self.shown, self.shown
        return code


@contextlib.contextmanager
def terminal(world: OwnWorld, *arguments: str) -> Iterator[Terminal]:
    made = Terminal([COMMAND, *arguments], world.environ, world.home / "proj")
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
        made.end()
