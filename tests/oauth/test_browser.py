"""When a browser is opened, with which command, and how else the address gets to one."""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from claude_auth.model import Machine
from claude_auth.oauth.browser import (
    browser_command,
    can_open,
    clipboard_sequence,
    open_browser,
    qr_rows,
    remove_url_file,
    ssh_forward,
    url_directory,
    write_url_file,
)
from claude_auth.security.secret import Secret

URL = Secret("https://login.example/authorize?client_id=c&scope=a%20b&state=s'$(x)`y`;z")
DESK = Machine(display=True)


def installed(*names: str, links: dict[str, str] | None = None, folder: Path) -> Callable[[str], str | None]:
    """Programs in a folder of their own; `links`: name → what it points to."""
    for name in names:
        (folder / name).touch()
    for name, target in (links or {}).items():
        (folder / name).symlink_to(folder / target)

    def which(name: str) -> str | None:
        path = folder / name
        return str(path) if path.exists() else None

    return which


@pytest.mark.parametrize(
    ("machine", "opens", "word"),
    [
        (DESK, True, "browser"),
        (Machine(display=True, over_ssh=True), False, "SSH"),
        (Machine(platform="darwin", over_ssh=True), False, "SSH"),
        (Machine(platform="darwin"), True, "browser"),
        (Machine(wsl=True), True, "Windows"),
        (Machine(), False, "no graphical display"),
        (Machine(container="docker"), False, "docker"),
    ],
)
def test_whether_it_would_be_seen(machine: Machine, opens: bool, word: str) -> None:
    possible, reason = can_open(machine)
    assert possible is opens
    assert word in reason


def test_over_ssh_only_when_asked_for() -> None:
    assert can_open(Machine(display=True, over_ssh=True), asked=True)[0]
    assert not can_open(Machine(over_ssh=True), asked=True)[0]


def test_a_graphical_browser_without_a_shell(tmp_path: Path) -> None:
    which = installed("firefox", folder=tmp_path)
    assert browser_command(URL, DESK, {}, which) == (str(tmp_path / "firefox"), URL.reveal())


def test_xdg_open_where_a_graphical_browser_is_there(tmp_path: Path) -> None:
    which = installed("xdg-open", "chromium", folder=tmp_path)
    assert browser_command(URL, DESK, {}, which) == (str(tmp_path / "xdg-open"), URL.reveal())


def test_never_a_text_browser(tmp_path: Path) -> None:
    which = installed(
        "xdg-open", "lynx", "w3m", links={"x-www-browser": "w3m", "www-browser": "lynx"}, folder=tmp_path
    )
    assert browser_command(URL, DESK, {}, which) is None
    assert browser_command(URL, DESK, {"BROWSER": "lynx:www-browser:w3m %s"}, which) is None
    starter: Callable[[Sequence[str]], bool] = lambda _: pytest.fail("started")  # noqa: E731
    assert open_browser(URL, DESK, {}, starter, which=which).program is None


@pytest.mark.parametrize(
    ("variable", "arguments"),
    [
        ("firefox", [URL.reveal()]),
        ("missing:lynx:firefox --new-window %s", ["--new-window", URL.reveal()]),
        ("firefox --url=%s &", [f"--url={URL.reveal()}"]),
        ("'unclosed:firefox", [URL.reveal()]),
    ],
)
def test_the_variable_of_the_person(variable: str, arguments: list[str], tmp_path: Path) -> None:
    which = installed("firefox", "chromium", "lynx", folder=tmp_path)
    assert browser_command(URL, DESK, {"BROWSER": variable}, which) == (str(tmp_path / "firefox"), *arguments)


def test_other_platforms(tmp_path: Path) -> None:
    which = installed("rundll32.exe", folder=tmp_path)
    mac = browser_command(URL, Machine(platform="darwin"), {}, which)
    assert mac == ("/usr/bin/open", URL.reveal())
    windows = browser_command(URL, Machine(wsl=True), {}, which)
    assert windows == (str(tmp_path / "rundll32.exe"), "url.dll,FileProtocolHandler", URL.reveal())


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "javascript:alert(1)", "--version", "https://", "https://a.example/ x", "ä"]
)
def test_web_addresses_alone(url: str, tmp_path: Path) -> None:
    assert browser_command(Secret(url), DESK, {}, installed("firefox", folder=tmp_path)) is None


def test_opening(tmp_path: Path) -> None:
    started: list[Sequence[str]] = []

    def starter(command: Sequence[str]) -> bool:
        started.append(command)
        return True

    which = installed("firefox", folder=tmp_path)
    assert open_browser(URL, DESK, {}, starter, which=which).program == "firefox"
    assert started == [(str(tmp_path / "firefox"), URL.reveal())]
    assert open_browser(URL, Machine(over_ssh=True), {}, starter, which=which).program is None
    assert len(started) == 1
    assert "could not" in open_browser(URL, DESK, {}, lambda _: False, which=which).reason


# ── other ways ───────────────────────────────────────────────────────────────────────────────────


def test_clipboard() -> None:
    plain = b"\x1b]52;c;" + base64.b64encode(URL.reveal().encode()) + b"\x07"
    assert clipboard_sequence(URL) == plain
    assert clipboard_sequence(URL, "zellij") == plain
    tmux = clipboard_sequence(URL, "tmux")
    assert tmux.startswith(b"\x1bPtmux;\x1b\x1b]52;c;")
    assert tmux.endswith(b"\x07\x1b\\")
    long = Secret("https://a.example/?" + "x" * 1000)
    screen = clipboard_sequence(long, "screen")
    chunks = screen.removeprefix(b"\x1bP").removesuffix(b"\x1b\\").split(b"\x1b\\\x1bP")
    assert all(len(chunk) <= 240 for chunk in chunks)
    assert b"".join(chunks) == clipboard_sequence(long)


def test_qr_code() -> None:
    import segno

    dots = [list(row) for row in segno.make_qr(URL.reveal(), error="l").matrix_iter(border=2)]
    rows = qr_rows(URL)
    assert len({len(row) for row in rows}) == 1
    drawn: list[list[int]] = []
    for row in rows:
        drawn.append([int(block in "▀█") for block in row])
        drawn.append([int(block in "▄█") for block in row])
    assert [[int(bool(dot)) for dot in row] for row in dots] == drawn[: len(dots)]
    # A URL as long as they get still fits on a screen of 120×40... without its frame.
    assert len(qr_rows(Secret("https://login.example/?" + "x" * 480), border=1)) <= 40


def test_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    assert url_directory({"XDG_RUNTIME_DIR": str(tmp_path)}) == str(tmp_path / "claude-auth")
    assert url_directory({"XDG_RUNTIME_DIR": "/nonexistent"}).endswith("claude-auth")
    before = os.umask(0)
    try:
        path = write_url_file(URL, str(tmp_path / "claude-auth"))
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    assert Path(path).read_text() == f"{URL.reveal()}\n"
    assert write_url_file(URL, str(tmp_path / "claude-auth")) != path
    remove_url_file(path)
    remove_url_file(path)
    assert not os.path.exists(path)


@pytest.mark.parametrize(
    ("connection", "line"),
    [
        ("10.0.0.9 50000 192.0.2.7 22", "ssh -N -L 8089:127.0.0.1:8089 ada@192.0.2.7"),
        ("::1 50000 2001:db8::7 2222", "ssh -N -L 8089:127.0.0.1:8089 -p 2222 ada@2001:db8::7"),
        ("fe80::1%eth0 1 fe80::2%eth0 22", "ssh -N -L 8089:127.0.0.1:8089 ada@fe80::2"),
        ("", None),
        ("1 2 3", None),
        ("a b $(reboot) 22", None),
        ("a b 192.0.2.7 22;reboot", None),
    ],
)
def test_ssh_forward(connection: str, line: str | None) -> None:
    assert ssh_forward({"SSH_CONNECTION": connection}, 8089, "ada") == line


def test_ssh_forward_without_a_name() -> None:
    line = ssh_forward({"SSH_CONNECTION": "1.1.1.1 1 2.2.2.2 22"}, 1, "")
    assert line is not None
    assert line.endswith(" 2.2.2.2")
