"""`claude-auth login` and `logout`, as processes of their own: browsers, pipes, terminals and signals."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from claude_auth.cli import build_parser
from claude_auth.sandbox.stand_in import install
from tests.guard import ROOT
from tests.own_world import COMMAND, OwnWorld, held, redirect, terminal, visit
from tests.waiting import wait_until

NOTHING_DONE = 2
SIGNED_IN = (0, "signed-in")


@pytest.fixture
def oauth_client() -> str:
    return "sandbox-confidential"


def is_signed_in(world: OwnWorld, account: str | None = None) -> bool:
    tokens = world.store(account).load().tokens
    return tokens is not None and world.server.rules.is_alive(tokens.access_token.reveal())


def answered(world: OwnWorld, url: str) -> str:
    address = redirect(url)
    world.secrets |= {address, parse_qs(urlsplit(address).query)["code"][0]}
    return address


# ── by the browser ───────────────────────────────────────────────────────────────────────────────

BROWSER = f"""#!/bin/sh
env > "$0.environment"
cd {shlex.quote(str(ROOT))}
exec {shlex.quote(sys.executable)} -c '
import sys
from tests.own_world import visit
open(sys.argv[2], "w").write(visit(sys.argv[1]))' "$1" "$0.page"
"""


def test_by_a_browser_that_is_opened(world: OwnWorld) -> None:
    browser = world.root / "browser"
    browser.write_text(BROWSER)
    browser.chmod(0o755)
    running = world.start("login", "--json", BROWSER=str(browser), DISPLAY=":99", stdin=subprocess.PIPE)
    told = running.end()
    assert (told.code, told.document["outcome"]) == SIGNED_IN
    document = told.document
    assert (document["store"], document["account"], document["before"]) == ("sdk", None, None)
    assert document["after"] == world.store().load().fingerprint
    assert is_signed_in(world)
    assert "Browser: opened with browser." in told.err
    page = Path(f"{browser}.page")
    wait_until(page.exists)
    environment = Path(f"{browser}.environment").read_text()
    assert "DISPLAY=:99" in environment
    assert "CLAUDE_OAUTH" not in environment
    assert world.kinds[0] == "signin.started"
    assert {"signin.listening", "signin.waiting", "signin.answered", "signin.exchanging"} < set(world.kinds)
    assert world.kinds[-2:] == ["signin.succeeded", "signin.saved"]
    assert {event.store for event in world.journal} == {"sdk"}
    world.check(told.out, told.err)


def test_without_opening_one(world: OwnWorld) -> None:
    running = world.start("login", "--no-browser", "--account", "work")
    assert "sign-in worked" in visit(running.url())
    told = running.end()
    assert (told.code, told.out) == (0, "")
    assert "Browser" not in told.err
    assert is_signed_in(world, "work")
    assert not os.path.exists(world.store().path)
    world.check(told.err)


def test_over_ssh_the_forwarded_port_is_told(world: OwnWorld) -> None:
    running = world.start("login", SSH_CONNECTION="192.0.2.1 50000 192.0.2.7 22", SSH_TTY="/dev/pts/1")
    visit(running.url())
    told = running.end()
    port = re.search(r"ssh -N -L (\d+):127\.0\.0\.1:\1 ", told.err)
    assert port is not None
    assert "this is an SSH session" in told.err
    assert told.code == 0


def test_no_is_an_answer(world: OwnWorld) -> None:
    running = world.start("login", "--json", "--no-browser")
    visit(running.url(), "deny")
    told = running.end()
    assert (told.code, told.document["outcome"]) == (1, "failed")
    assert told.err.count(told.document["error"]) == 1, "said twice"
    assert world.kinds[-1] == "signin.failed"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_port_is_taken(world: OwnWorld, host: str) -> None:
    """A literal address may have another port (RFC 8252, section 7.3); for a name it goes on with paste."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        redirect_uri = f"http://{host}:{port}/callback"
        running = world.start(
            "login", "--no-browser", stdin=subprocess.PIPE, CLAUDE_OAUTH_REDIRECT_URI=redirect_uri
        )
        url = running.url()
        assert f"Port {port} is taken by " in running.err
        if host == "localhost":
            running.type(f"{answered(world, url)}\n")
        else:
            visit(url)
        told = running.end()
    assert told.code == 0
    assert ("with paste" if host == "localhost" else "with another port") in told.err


# ── by paste ─────────────────────────────────────────────────────────────────────────────────────


def wrapped(address: str) -> str:
    return "\n".join(address[start : start + 60] for start in range(0, len(address), 60)) + "\n"


PASTES: dict[str, Callable[[str], str]] = {
    "address": lambda address: f"{address}\n",
    "without a line break at the end": lambda address: address,
    "quoted": lambda address: f"  '{address}'  \n",
    "wrapped": wrapped,
    "a wrong one before it": lambda address: (
        f"http://localhost/callback?code=abcdefgh&state=other\n{address}\n"
    ),
    "a wrong code before it": lambda address: f"abcdefghijkl\n{address}\n",
    "the bare code": lambda address: parse_qs(urlsplit(address).query)["code"][0] + "\n",
}


@pytest.mark.parametrize("paste", PASTES)
def test_through_a_pipe(world: OwnWorld, paste: str) -> None:
    running = world.start("login", "--paste", "--json", stdin=subprocess.PIPE)
    url = running.url()
    assert "Listening" not in running.err
    running.type(PASTES[paste](answered(world, url)), end=True)
    told = running.end()
    assert (told.code, told.document["outcome"]) == SIGNED_IN, told.err
    assert is_signed_in(world)
    world.check(told.out, told.err)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("http://localhost/callback?code=abcdefgh&state=other", "belongs to an earlier attempt"),
        ("abcdefghijkl", "Paste it again"),
        ("123456", "six-digit code from the e-mail"),
    ],
)
def test_a_wrong_paste_then_the_right_one(world: OwnWorld, wrong: str, words: str) -> None:
    running = world.start("login", "--paste", stdin=subprocess.PIPE)
    url = running.url()
    running.type(f"{wrong}\n")
    assert running.wait_for(words).count(words) == 1
    running.type(f"{answered(world, url)}\n")
    told = running.end()
    assert told.code == 0
    assert told.err.count(words) == 1
    world.check(told.err)


def test_bare_codes_that_came_at_once_are_tried_one_by_one(world: OwnWorld) -> None:
    running = world.start("login", "--paste", stdin=subprocess.PIPE)
    address = answered(world, running.url())
    code = parse_qs(urlsplit(address).query)["code"][0]
    running.type(f"abcdefghijkl\n{code}\n", end=True)
    assert running.end().code == 0


def test_what_came_before_the_address_was_shown_is_not_lost(world: OwnWorld) -> None:
    """It can't be right, and that has to be said."""
    told = world.run("login", "--paste", text="http://localhost/callback?code=abcdefgh&state=other\n")
    assert told.code == 1
    assert "belongs to an earlier attempt" in told.err


def test_through_a_file_that_is_written_to_later(world: OwnWorld) -> None:
    answer = world.root / "answer"
    answer.touch()
    with answer.open() as stdin:
        running = world.start("login", "--paste", stdin=stdin)
    address = redirect(running.url())
    with answer.open("a") as file:
        file.write(f"{address}\n")
    assert running.end().code == 0
    answer.unlink()
    world.check(running.err)


@pytest.mark.parametrize("how", ["empty", "/dev/null", "closed", "used up"])
def test_without_anything_that_could_bring_the_answer_it_ends(world: OwnWorld, how: str) -> None:
    started = time.monotonic()
    if how == "closed":
        completed = subprocess.run(
            ["/bin/sh", "-c", "exec claude-auth login --paste --json <&-"],
            env=world.environ,
            cwd=world.home,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        code, document, err = completed.returncode, json.loads(completed.stdout), completed.stderr
    else:
        text = {"empty": "", "/dev/null": None, "used up": "abcdefghijkl\n"}[how]
        told = world.run("login", "--paste", "--json", text=text)
        code, document, err = told.code, told.document, told.err
    assert (code, document["outcome"]) == (1, "failed")
    assert "standard input has ended" in document["error"]
    assert "Traceback" not in err
    assert time.monotonic() - started < 30


def test_in_a_terminal_nothing_of_it_is_shown(world: OwnWorld) -> None:
    with terminal(world, "login", "--paste") as screen:
        url = screen.url()
        screen.type("abcdefghijkl\n")
        screen.wait_for("Paste it again")
        address = answered(world, url)
        # Wrapped, with a mistake that is taken back, and longer than a line of a terminal may be.
        padding = " " * 5000
        screen.type(f"wrong\x15{address[:70]}\n{padding}{address[70:]}x\x7f\n")
        screen.wait_for("The login is saved")
        screen.wait_for("claude-auth diagnose")
        assert screen.end() == 0
        assert "abcdefghijkl" not in screen.shown
        world.check(screen.shown)
    assert is_signed_in(world)


def test_a_terminal_is_as_before_afterwards(world: OwnWorld) -> None:
    import termios

    with terminal(world, "login", "--paste") as screen:
        screen.url()
        assert not termios.tcgetattr(screen.ours)[3] & (termios.ECHO | termios.ICANON)
        screen.type("\x04")  # Ctrl-D: nothing more will come
        screen.wait_for("standard input has ended")
        assert termios.tcgetattr(screen.ours)[3] & (termios.ECHO | termios.ICANON)
        assert screen.end() == 1


# ── what is wrong before it starts ───────────────────────────────────────────────────────────────

WRONG = {
    "CLAUDE_OAUTH_CLIENT_ID": "ü",
    "CLAUDE_OAUTH_AUTHORIZE_URL": "ftp://auth.example.org",
    "CLAUDE_OAUTH_TOKEN_URL": "https://platform.claude.com/v1/oauth/token",
    "CLAUDE_OAUTH_REVOCATION_URL": "no address",
    "CLAUDE_OAUTH_REDIRECT_URI": "http://",
    "CLAUDE_OAUTH_SCOPES": 'a "b"',
    "CLAUDE_OAUTH_ISSUER": "https://auth.example.org/?tenant=1",
    "CLAUDE_OAUTH_CLIENT_SECRET": "a\tb",
}


def test_each_variable_that_is_wrong_is_named(world: OwnWorld) -> None:
    told = world.run("login", "--json", **WRONG)
    assert (told.code, told.document["outcome"]) == (1, "failed")
    for name in WRONG:
        assert told.document["error"].count(f"{name} ") == 1, told.document
        assert told.err.count(f"{name} ") == 1, told.err
    assert "a\tb" not in told.err + told.out


def test_what_is_missing_is_named(world: OwnWorld) -> None:
    world.without_client()
    told = world.run("login", CLAUDE_OAUTH_CLIENT_ID="sandbox-public")
    assert told.code == 1
    assert "CLAUDE_OAUTH_AUTHORIZE_URL is missing" in told.err
    assert "CLAUDE_OAUTH_TOKEN_URL is missing" in told.err


def test_no_client_is_configured(world: OwnWorld) -> None:
    told = world.without_client().run("login", "--store", "sdk", "--json")
    assert (told.code, told.document["outcome"]) == (1, "failed")
    assert str(world.home / ".config/claude-auth/config.toml") in told.document["error"]


def test_the_configuration_file_will_do(world: OwnWorld) -> None:
    issuer = world.server.issuer
    world.without_client()
    folder = world.home / ".config/claude-auth"
    folder.mkdir(parents=True)
    (folder / "oauth.toml").write_text(
        f'client_id = "sandbox-public"\nissuer = "{issuer}"\nany_port = true\n'
    )
    running = world.start("login", "--store", "sdk", "--paste", stdin=subprocess.PIPE)
    running.type(f"{redirect(running.url())}\n", end=True)
    assert running.end().code == 0
    assert world.run("logout", "--store", "sdk", "--yes").code == 0
    assert world.server.counters.revocations == 1, "its metadata names the endpoint"


def test_a_store_that_can_t_be_written_is_told_before_the_browser(world: OwnWorld) -> None:
    (world.home / ".claude_code").write_text("in the way")
    told = world.run("login", "--json")
    assert (told.code, told.document["outcome"]) == (1, "failed")
    assert ".claude_code is no folder" in told.document["error"]
    assert "/authorize?" not in told.err
    assert world.kinds == ["signin.failed"]


def test_a_keyring_without_its_daemon_falls_back_visibly(world: OwnWorld) -> None:
    for before in (None, world):
        running = world.start("login", "--store", "keyring", "--paste", "--json", stdin=subprocess.PIPE)
        running.type(f"{redirect(running.url())}\n", end=True)
        told = running.end()
        assert (told.code, told.document["store"]) == (0, "sdk")
        assert "goes into the file ~/.claude_code/tokens.json instead" in told.err
        assert ("replaces the login that lies there" in told.err) == (before is not None)
    assert is_signed_in(world)
    world.check(told.err)


WRONG_USAGE = [
    ["login", "--store", "claw"],
    ["login", "--store", "claude-code", "--account", "work"],
    ["login", "--store", "sdk", "--console"],
    ["login", "--account", "../work"],
    ["logout", "--store", "claude-code", "--account", "work"],
    ["logout", "--store", "claude-code", "--only-here"],
    ["logout", "--account", "../work"],
    ["accounts", "--keep-as", "work"],
]


@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=" ".join)
def test_wrong_usage(world: OwnWorld, arguments: list[str]) -> None:
    told = world.run(*arguments, "--json")
    assert (told.code, told.out) == (2, "")
    assert told.err


# ── one at a time, and leaving ───────────────────────────────────────────────────────────────────


def test_a_second_one_is_refused_in_words(world: OwnWorld) -> None:
    first = world.start("login", "--no-browser")
    url = first.url()
    second = world.run("login", "--json", "--account", "other")
    assert second.code == 1
    assert "Another sign-in is running. Finish or cancel it first" in second.document["error"]
    visit(url)
    assert first.end().code == 0
    assert is_signed_in(world)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(world: OwnWorld, number: signal.Signals) -> None:
    running = world.start("login", "--no-browser", "--json", stdin=subprocess.PIPE)
    url = running.url()
    port = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0]).port
    assert port is not None
    socket.create_connection(("127.0.0.1", port)).close()
    running.signal(number)
    told = running.end()
    assert told.code == 128 + number
    assert told.document["outcome"] == "failed"
    assert "cancelled" in told.document["error"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert world.kinds[-1] == "signin.cancelled"
    assert not os.path.exists(world.store().path)
    again = world.start("login", "--no-browser")
    visit(again.url())
    assert again.end().code == 0


def test_ctrl_c_in_a_terminal(world: OwnWorld) -> None:
    with terminal(world, "login", "--no-browser") as screen:
        screen.url()
        screen.type("\x03")
        assert screen.end() == 130
        assert "cancelled" in screen.shown
    assert world.kinds[-1] == "signin.cancelled"


def test_the_terminal_goes_away(world: OwnWorld) -> None:
    with terminal(world, "login", "--no-browser") as screen:
        url = screen.url()
        port = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0]).port
        assert screen.hang_up() == 128 + signal.SIGHUP
    assert world.kinds[-1] == "signin.cancelled"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port or 0))


def test_a_reader_of_stderr_that_has_gone_ends_nothing(world: OwnWorld) -> None:
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [COMMAND, "login", "--no-browser", "--json"],
        env=world.environ,
        cwd=world.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=writing,
    )
    os.close(writing)
    with os.fdopen(reading) as stderr:
        url = next(line.strip() for line in stderr if "/authorize?" in line)
    visit(url)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, json.loads(out)["outcome"]) == SIGNED_IN


# ── Claude Code's own store ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def claude(world: OwnWorld) -> OwnWorld:
    install(world.root / "bin", {"diary": str(world.root / "diary")})
    (world.home / ".claude").mkdir()
    return world.without_client()


def diary(world: OwnWorld) -> list[dict[str, object]]:
    return [json.loads(line) for line in (world.root / "diary").read_text().splitlines()]


def test_claude_code_signs_in_itself(claude: OwnWorld) -> None:
    told = claude.run("login", "--json", "--email", "ada@example.org", text="good#code\n")
    document = told.document
    assert (told.code, document["outcome"], document["store"]) == (*SIGNED_IN, "claude-code")
    assert document["after"] in told.err
    assert "Paste code here" in told.err, "its prompts go to standard error"
    assert "good#code" not in told.out
    assert diary(claude)[0]["arguments"] == ["auth", "login", "--email=ada@example.org"]
    assert claude.kinds == ["sign-in.started", "sign-in.verified"]
    assert {event.store for event in claude.journal} == {"claude-code"}
    kept = (claude.home / ".claude/.credentials.json").read_text()
    for secret in re.findall(r"sk-ant-o[ar]t01-[\w-]+", kept):
        assert secret not in told.out + told.err
        assert all(secret not in path.read_text() for path in claude.state.iterdir())


def test_without_json_its_output_is_its_own(claude: OwnWorld) -> None:
    told = claude.run("login", text="good#code\n")
    assert told.code == 0
    assert "Paste code here" in told.out


def test_what_overrides_the_new_login_is_told_once(claude: OwnWorld) -> None:
    told = claude.run("login", "--json", text="good#code\n", ANTHROPIC_AUTH_TOKEN="made-up-token")
    assert (told.code, told.document["outcome"]) == SIGNED_IN
    assert told.err.count("ANTHROPIC_AUTH_TOKEN wins") == 1
    assert "made-up-token" not in told.err
    assert claude.kinds[-1] == "sign-in.overridden"


@pytest.mark.parametrize(
    ("script", "answer", "words"),
    [
        ({}, "bad#code\n", "exit code 1"),
        ({"end": "crash"}, "good#code\n", "ended by SIGABRT"),
        ({"end": "no-change"}, "good#code\n", "the store has not changed"),
    ],
)
def test_it_did_not_work(claude: OwnWorld, script: dict[str, str], answer: str, words: str) -> None:
    install(claude.root / "bin", {"login": script})
    told = claude.run("login", "--json", text=answer)
    assert (told.code, told.document["outcome"]) == (1, "failed")
    assert words in told.document["error"]
    assert claude.kinds[-1] == "sign-in.unchanged"


def test_claude_code_is_not_installed(claude: OwnWorld) -> None:
    (claude.root / "bin/claude").unlink()
    told = claude.run("login", "--json")
    assert (told.code, told.document["outcome"]) == (1, "failed")
    assert "isn't installed" in told.document["error"]
    assert "https://claude.ai/install.sh" in told.document["error"]
    assert claude.kinds == ["sign-in.client-missing"]


def test_ctrl_c_is_for_claude_code(claude: OwnWorld) -> None:
    with terminal(claude, "login") as screen:
        screen.wait_for("Paste code here")
        screen.type("\x03")
        assert screen.end() == 1
        assert "ended by SIGINT" in screen.shown
    assert claude.kinds[-1] == "sign-in.unchanged"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_passed_on(claude: OwnWorld, number: signal.Signals) -> None:
    running = claude.start("login", "--json", stdin=subprocess.PIPE)
    running.wait_for("sign in with Claude Code")
    wait_until(
        lambda: (claude.root / "diary").exists() and "waits for a code" in (claude.root / "diary").read_text()
    )
    running.signal(number)
    told = running.end()
    assert told.code == 128 + number
    assert told.document["outcome"] == "failed"
    child = int(str(diary(claude)[0]["pid"]))
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


# ── signing out ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def inside(world: OwnWorld) -> OwnWorld:
    running = world.start("login", "--paste", stdin=subprocess.PIPE)
    running.type(f"{answered(world, running.url())}\n", end=True)
    assert running.end().code == 0
    return world


def test_signing_out_revokes_and_then_removes(inside: OwnWorld) -> None:
    tokens = inside.store().load().tokens
    assert tokens is not None
    told = inside.run("logout", "--yes", "--json")
    document = told.document
    assert (told.code, document["outcome"], document["after"]) == (0, "signed-out", None)
    assert document["before"] == tokens.access_token.fingerprint
    assert not inside.server.rules.is_alive(tokens.access_token.reveal())
    assert not os.path.exists(inside.store().path)
    assert inside.kinds[-3:] == ["signout.revoking", "signout.revoked", "signout.removed"]
    inside.check(told.out, told.err)
    again = inside.run("logout", "--yes", "--json")
    assert (again.code, again.document["outcome"]) == (1, "failed")


def test_a_server_that_is_off_keeps_the_login(inside: OwnWorld) -> None:
    inside.server.stop()
    told = inside.run("logout", "--yes", "--json")
    assert (told.code, told.document["outcome"]) == (1, "failed")
    assert "--only-here" in told.document["error"]
    assert inside.store().load().tokens is not None
    only = inside.run("logout", "--yes", "--json", "--only-here")
    assert (only.code, only.document["outcome"]) == (0, "signed-out")
    assert not os.path.exists(inside.store().path)
    inside.check(told.out, told.err, only.out, only.err)


def test_ctrl_c_lets_it_come_to_its_end(inside: OwnWorld) -> None:
    with held(inside.server, "/revoke"):
        running = inside.start("logout", "--yes", "--json")
        wait_until(lambda: inside.server.counters.revocations > 0)
        running.signal(signal.SIGINT)
        running.wait_for("comes to its end first")
    told = running.end()
    assert (told.code, told.document["outcome"]) == (130, "signed-out")
    assert "comes to its end first" in told.err
    assert inside.kinds[-1] == "signout.removed"


def test_only_here_tells_nobody(inside: OwnWorld) -> None:
    assert inside.run("logout", "--yes", "--only-here").code == 0
    assert inside.server.counters.revocations == 0


def test_without_a_terminal_yes_has_to_be_said(inside: OwnWorld) -> None:
    told = inside.run("logout", "--json")
    assert (told.code, told.document["outcome"]) == (NOTHING_DONE, "failed")
    assert "--yes" in told.document["error"]
    assert is_signed_in(inside)


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", NOTHING_DONE), ("", NOTHING_DONE)])
def test_in_a_terminal_it_is_asked(inside: OwnWorld, answer: str, code: int) -> None:
    with terminal(inside, "logout") as screen:
        screen.wait_for("[y/N]")
        screen.type(f"{answer}\n")
        assert screen.end() == code
    assert is_signed_in(inside) == (code == NOTHING_DONE)


def test_ctrl_c_at_the_question(inside: OwnWorld) -> None:
    with terminal(inside, "logout") as screen:
        screen.wait_for("[y/N]")
        screen.type("\x03")
        assert screen.end() == 130
    assert is_signed_in(inside)


def stored_login(world: OwnWorld) -> None:
    grant = {
        "accessToken": "sk-ant-oat01-madeUpAccess",
        "refreshToken": "sk-ant-ort01-madeUpRefresh",
        "expiresAt": int((time.time() + 7200) * 1000),
        "scopes": ["user:inference"],
    }
    path = world.home / ".claude/.credentials.json"
    path.write_text(json.dumps({"claudeAiOauth": grant, "mcpOAuth": {"tracker|1": {"accessToken": "x"}}}))
    path.chmod(0o600)


def test_claude_code_signs_out_itself(claude: OwnWorld) -> None:
    stored_login(claude)
    refused = claude.run("logout", "--json")
    assert (refused.code, refused.document["outcome"]) == (NOTHING_DONE, "failed")
    assert "MCP servers" in refused.err
    assert "go with it: tracker\n" in refused.err
    told = claude.run("logout", "--json", "--yes")
    assert (told.code, told.document["outcome"]) == (0, "signed-out")
    assert told.document["store"] == "claude-code"
    assert not (claude.home / ".claude/.credentials.json").exists()
    assert claude.kinds[-1] == "sign-out.verified"
    assert "madeUp" not in told.out + told.err


def test_claude_code_could_not_sign_out(claude: OwnWorld) -> None:
    stored_login(claude)
    install(claude.root / "bin", {"logout": {"end": "Request failed with status code 500"}})
    told = claude.run("logout", "--json", "--yes")
    assert (told.code, told.document["error"]) == (1, "the login is still there")


# ── accounts ─────────────────────────────────────────────────────────────────────────────────────


def test_accounts_are_listed_and_switched(inside: OwnWorld) -> None:
    listed = inside.run("accounts", "--json")
    assert [(a["store"], a["name"], a["active"]) for a in listed.document["accounts"]] == [
        ("sdk", None, True)
    ]
    running = inside.start("login", "--paste", "--account", "work", stdin=subprocess.PIPE)
    running.type(f"{answered(inside, running.url())}\n", end=True)
    assert running.end().code == 0
    home, work = inside.store().load().fingerprint, inside.store("work").load().fingerprint

    nameless = inside.run("accounts", "--json", "--switch", "work")
    assert nameless.code == 1
    assert "--keep-as" in nameless.document["error"]
    assert (inside.store().load().fingerprint, inside.store("work").load().fingerprint) == (home, work)

    told = inside.run("accounts", "--json", "--switch", "work", "--keep-as", "home")
    assert (told.code, told.document["error"]) == (0, None)
    assert [a["name"] for a in told.document["accounts"]] == [None, "home"]
    assert (inside.store().load().fingerprint, inside.store("home").load().fingerprint) == (work, home)
    assert not os.path.exists(inside.store("work").path)
    assert inside.kinds[-2:] == ["accounts.failed", "accounts.switched"]
    text = inside.run("accounts")
    assert text.out.startswith("* active  sdk")
    inside.check(listed.out, told.out, told.err, text.out)


def test_no_accounts(world: OwnWorld) -> None:
    told = world.run("accounts")
    assert (told.code, told.out) == (0, "No login is stored on this machine.\n")
    assert world.run("accounts", "--json").document["accounts"] == []


# ── the documentation ────────────────────────────────────────────────────────────────────────────

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = sorted(set(re.findall(r"^(?:\$ )?(claude-auth [a-z].*)$", README, re.M)))


@pytest.mark.parametrize("command", SHOWN)
def test_every_command_of_the_readme_is_one(command: str) -> None:
    words = shlex.split(command.partition("|")[0])[1:]
    if "--help" not in words:
        assert isinstance(build_parser(words).parse_args(words), argparse.Namespace)


def test_the_readme_shows_them() -> None:
    assert {command.split()[1] for command in SHOWN} >= {"login", "logout", "refresh", "accounts"}
