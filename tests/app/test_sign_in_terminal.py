"""The real program on a real pty, signing in: Claude Code's stand-in in the pane, and our own flow with a
real server, by a real browser and by paste. And no secret on the way."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.stand_in import install
from tests.app.terminal import Terminal
from tests.conftest import requires_system
from tests.oauth.chromium import LAST_PAGE, Browser, browser
from tests.oauth.servers import StandInBrowser
from tests.waiting import is_gone, wait_at_most, wait_until

__all__ = ["browser"]  # a fixture is found by its name

SIZES = [(120, 40), (80, 24)]
CODE = "canaryCode4711#canaryState4711"
PASTE = "\x1b[200~{}\x1b[201~"


class Signing(Terminal):
    """On a machine without a login, with directories of its own for state and run-time files."""

    def __init__(self, directory: Path, size: tuple[int, int], **more: str) -> None:
        self.run = directory / "run"
        self.run.mkdir()
        self.state = directory / "state"
        places = {"XDG_RUNTIME_DIR": str(self.run), "XDG_STATE_HOME": str(self.state)}
        super().__init__("fresh", directory, size, **places, **more)
        self.until("step 1 of 4")  # set-up opens by itself; here it is left
        self.send(b"q")
        self.until("1 Credentials")

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.send(key.encode())
            self.settle(0.3)

    def address(self) -> str:
        """From the file that `m` writes."""
        self.send(b"m")
        self.until("written to")
        (path,) = (self.run / "claude-auth").iterdir()
        assert path.stat().st_mode & 0o777 == 0o600
        return path.read_text().strip()

    def journal(self) -> str:
        return "".join(path.read_text() for path in self.state.rglob("journal*.jsonl"))

    def leave(self) -> str:
        """Quits from the dashboard; everything that was sent to the terminal."""
        self.send(b"q")
        assert self.ends() == 0
        return self.output().decode("utf-8", "replace")


# ── Claude Code in the pane ──────────────────────────────────────────────────────────────────────


def claude(directory: Path, version: str = "2.1.328", **login: Any) -> dict[str, str]:
    script = {"login": {"code": CODE, **login}, "diary": str(directory / "diary"), "beat": 0.2}
    install(directory / "bin", {"version": version, **script})
    return {"PATH": f"{directory / 'bin'}:/usr/bin:/bin"}


def wait_for(directory: Path, what: str) -> None:
    """A file is all that the program tells of itself."""
    diary = directory / "diary"
    wait_until(lambda: diary.exists() and f'"what": "{what}"' in diary.read_text())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("how", ["typed", "pasted"])
def test_claude_code_signs_in_in_the_pane(how: str, size: tuple[int, int], tmp_path: Path) -> None:
    with Signing(tmp_path, size, **claude(tmp_path)) as terminal:
        terminal.until("1 Credentials")
        terminal.keys("l")
        terminal.until("Claude Code signs you in")
        terminal.keys("\r")
        terminal.until("Paste code here if prompted", "it leads to claude.com", "F6 or ^]")
        terminal.send(((CODE if how == "typed" else PASTE.format(CODE)) + "\r").encode())
        terminal.until("✓ signed in", "OVER")
        terminal.keys("q")
        terminal.until("✓ WORKS  claude.ai login from")
        sent = terminal.leave()
        stored = json.loads((terminal.home / ".claude/.credentials.json").read_text())["claudeAiOauth"]
        for secret in (stored["accessToken"], stored["refreshToken"]):
            assert secret not in sent
            assert secret[20:50] not in sent
        journal = terminal.journal()
        assert "sign-in.verified" in journal
        assert "canary" not in journal
        for state in re.findall(r"state=([\w-]{20,})", sent):
            assert state not in journal


BROWSER = """#!/bin/sh
printf '%s' "$1" > "$0.opened.part" && mv "$0.opened.part" "$0.opened"
"""


@pytest.mark.parametrize("size", [(120, 46), (80, 24)])
@pytest.mark.parametrize("account", ["subscription", "console"])
def test_the_short_link_of_todays_client_is_not_refused_and_every_way_to_a_browser_takes_it(
    account: str, size: tuple[int, int], tmp_path: Path
) -> None:
    more = claude(tmp_path, version="2.1.332")
    firefox = tmp_path / "bin" / "firefox"
    firefox.write_text(BROWSER)
    firefox.chmod(0o755)
    host = "platform.claude.com" if account == "console" else "claude.ai"
    short = re.compile(rf"https://{host}/oauth/authorize\?{'T' if account == 'console' else 'z'}-[\w-]{{43}}")
    with Signing(tmp_path, size, **more, DISPLAY=":0", BROWSER="firefox") as terminal:
        terminal.until("1 Credentials")
        terminal.keys("l", *(["j"] if account == "console" else []), "\r")
        terminal.until("Paste code here if prompted", f"it leads to {host} over https", "F6 or ^]")
        terminal.keys("\x1b[17~")  # out of the pane
        terminal.until("y Copy")
        address = terminal.address()
        assert short.fullmatch(address)
        terminal.send(b"b")
        terminal.until("opened with firefox")
        opened = firefox.with_name("firefox.opened")
        wait_until(opened.exists)
        assert opened.read_text() == address
        before = len(terminal.output())
        terminal.send(b"y")
        clipboard = b"\x1b]52;c;" + base64.b64encode(address.encode())
        terminal.read_until(lambda: clipboard in terminal.output()[before:])
        terminal.send(b"v")
        terminal.until("QR code", "█▀▀▀▀▀█")  # the long link never fits into 24 lines
        terminal.keys("q")
        before = len(terminal.output())
        terminal.send(b"t")
        terminal.until("Select it, open it in a browser, then press Enter")
        terminal.read_until(lambda: f"\n{address}\r\n".encode() in terminal.output()[before:])
        terminal.send(b"\r")
        terminal.until("y Copy")
        terminal.keys("i")
        terminal.send(f"{CODE}\r".encode())
        terminal.until("✓ signed in", "OVER")
        terminal.keys("q")
        used = "Console login key" if account == "console" else "claude.ai login"
        terminal.until(f"✓ WORKS  {used} from")
        challenge = address[-43:]
        terminal.leave()
        assert challenge not in terminal.journal()


def test_a_link_that_cannot_be_judged_is_not_checked_and_can_be_copied(tmp_path: Path) -> None:
    """What a client of tomorrow may print."""
    link = "https://claude.ai/oauth/authorize?v3." + "madeUpTicket0" * 4
    with Signing(tmp_path, (80, 24), **claude(tmp_path, url=link)) as terminal:
        terminal.until("1 Credentials")
        terminal.keys("l", "\r")
        terminal.until("not checked: its form", "F6 or ^]")
        terminal.keys("\x1b[17~", "y")
        terminal.read_until(lambda: base64.b64encode(link.encode()) in terminal.output())
        assert terminal.address() == link
        terminal.keys("\x18")
        terminal.until("OVER")
        terminal.keys("q")
        terminal.until("1 Credentials")
        terminal.leave()


@pytest.mark.parametrize(
    ("login", "typed", "words"),
    [
        ({}, "other#code", "the server refused the code"),
        ({"waits": 0.3}, "", "no answer in time"),
        ({"end": "crash"}, CODE, "ended without signing in"),
        ({"end": "Request failed with status code 500"}, CODE, "failure of its own"),
    ],
    ids=["wrong-code", "time-out", "crash", "incident"],
)
def test_what_goes_wrong_is_said(login: dict[str, Any], typed: str, words: str, tmp_path: Path) -> None:
    with Signing(tmp_path, (120, 40), **claude(tmp_path, **login)) as terminal:
        terminal.until("1 Credentials")
        terminal.keys("l", "\r")
        if typed:
            terminal.until("Paste code here if prompted")
            terminal.send(f"{typed}\r".encode())
        terminal.until(words, "OVER")
        terminal.keys("q")
        terminal.until("1 Credentials")
        terminal.leave()
        assert not (terminal.home / ".claude/.credentials.json").exists()


def test_cancelling_waits_for_the_lock(tmp_path: Path) -> None:
    let_go = tmp_path / "let-go"
    with Signing(tmp_path, (80, 24), **claude(tmp_path, browser=True, stuck=str(let_go))) as terminal:
        terminal.until("1 Credentials")
        terminal.keys("l")
        terminal.send(b"\r")
        wait_for(tmp_path, "locked")
        terminal.until("F6 or ^]")
        terminal.send(b"\x1b[17~")
        terminal.until("^x Cancel")
        terminal.send(b"\x18")
        terminal.until("minute at most", "cancelling")
        let_go.touch()
        terminal.until("OVER", "let go of its lock")
        assert not list(terminal.home.glob("*.lock"))
        terminal.keys("q")
        terminal.until("✓ WORKS  claude.ai login from")
        terminal.leave()


def test_ctrl_c_is_the_programs_and_ends_it(tmp_path: Path) -> None:
    with Signing(tmp_path, (80, 24), **claude(tmp_path)) as terminal:
        terminal.until("1 Credentials")
        terminal.keys("l", "\r")
        terminal.until("Paste code here if prompted")
        terminal.send(b"\x03")
        terminal.until("OVER")
        terminal.keys("q")
        terminal.until("1 Credentials")
        terminal.leave()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_asked_to_go_it_leaves_no_claude_behind(number: signal.Signals, tmp_path: Path) -> None:
    with Signing(tmp_path, (80, 24), **claude(tmp_path)) as terminal:
        terminal.until("1 Credentials")
        terminal.keys("l", "\r")
        terminal.until("Paste code here if prompted")
        started = [json.loads(line) for line in (tmp_path / "diary").read_text().splitlines()]
        process = psutil.Process(started[0]["pid"])
        os.kill(terminal.process, number)
        assert terminal.ends() == 128 + number
        wait_at_most(5.0, lambda: is_gone(process.pid), process.pid)


# ── our own client ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


def client(server: AuthorizationServer) -> dict[str, str]:
    return {
        "CLAUDE_OAUTH_CLIENT_ID": "sandbox-public",
        "CLAUDE_OAUTH_ISSUER": server.issuer,
        "CLAUDE_OAUTH_REDIRECT_URI": "http://localhost/callback",
    }


def begin(terminal: Signing) -> str:
    """To where the answer is waited for; the address."""
    terminal.until("1 Credentials")
    terminal.keys("l")
    terminal.until("Into a file")
    terminal.keys("\x1b[F", "\x1b[A", "\r")
    terminal.until("Listening on port", "Paste the code")
    return terminal.address()


def judge(terminal: Signing, server: AuthorizationServer, secrets: list[str]) -> None:
    """Signed in, saved for the person alone, and nothing secret anywhere."""
    terminal.until("✓ signed in", "OVER")
    terminal.keys("q")
    terminal.until("1 Credentials")
    assert not list((terminal.run / "claude-auth").iterdir())
    sent = terminal.leave()
    path = terminal.home / ".claude_code" / "tokens.json"
    assert path.stat().st_mode & 0o777 == 0o600
    stored = json.loads(path.read_text())
    assert server.rules.person_of(stored["access_token"]) == "ada"
    journal = terminal.journal()
    assert "signin.saved" in journal
    for secret in (*secrets, stored["access_token"], stored["refresh_token"]):
        assert secret not in sent
        assert secret not in journal


@pytest.mark.parametrize("size", SIZES)
def test_by_paste(size: tuple[int, int], server: AuthorizationServer, tmp_path: Path) -> None:
    with Signing(tmp_path, size, **client(server)) as terminal:
        address = begin(terminal)
        terminal.send(PASTE.format("canaryCode#canaryState").encode())
        terminal.until("earlier attempt")
        with StandInBrowser() as person:
            callback = person.redirect(address)
        code = re.findall(r"code=([^&]+)", callback)[0]
        half = len(callback) // 2
        terminal.send(PASTE.format(f"  {callback[:half]}\r\n  {callback[half:]} ").encode())
        judge(terminal, server, [code, callback, "canaryCode"])


@requires_system("chromium", "chromium")
@requires_system("chromium-driver", "chromedriver")
@pytest.mark.parametrize("size", SIZES)
def test_by_a_real_browser(
    size: tuple[int, int], server: AuthorizationServer, browser: Browser, tmp_path: Path
) -> None:
    with Signing(tmp_path, size, **client(server)) as terminal:
        browser.open(begin(terminal))
        browser.type("//input[@id='name']", "ada")
        browser.type("//input[@id='password']", "engine")
        browser.click("//button[@id='sign-in']")
        browser.click("//button[@id='allow']")
        terminal.until("✓ signed in", timeout=60)
        assert "The sign-in worked" in browser.text(LAST_PAGE)
        judge(terminal, server, [])


CRASH = """
import sys
def fail(self, text):
    kept = text
    raise RuntimeError("made up")
from claude_auth.app.services import Addresses
Addresses.hide_pasted = fail
from claude_auth.app import main
sys.exit(main())
"""


def test_a_crash_in_the_middle_shows_no_code(server: AuthorizationServer, tmp_path: Path) -> None:
    code = "canaryCode4711xYz#canaryState4711xYz"
    with Signing(tmp_path, (120, 40), start=CRASH, **client(server)) as terminal:
        begin(terminal)
        terminal.send(PASTE.format(code).encode())
        assert terminal.ends() == 1
        sent = terminal.output().decode("utf-8", "replace")
        assert "claude-auth-tui stopped: RuntimeError: made up" in sent
        assert "Traceback" not in sent
        for half in code.split("#"):
            assert half not in sent
            assert half not in terminal.journal()


def test_cancelling_leaves_nothing_listening(server: AuthorizationServer, tmp_path: Path) -> None:
    import socket

    with Signing(tmp_path, (120, 40), **client(server)) as terminal:
        begin(terminal)
        port = int(re.findall(r"Listening on port (\d+)", terminal.screen.text)[0])
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
        terminal.send(b"\x18")
        terminal.until("was cancelled", "OVER")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
        terminal.keys("q")
        terminal.leave()
        assert not (terminal.home / ".claude_code" / "tokens.json").exists()
