"""The terminal is gone and nobody says so: the real program under parents that pass no SIGHUP on, in real
ptys whose other side is closed. It ends within two seconds, doesn't spin, and leaves no program behind."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event as Flag
from threading import Thread, Timer
from typing import Any

import psutil
import pytest
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from claude_auth.app.driver import QuietDriver, _Output
from claude_auth.journal import Journal
from claude_auth.model import Event
from claude_auth.sandbox import scenes
from claude_auth.sandbox.stand_in import install
from tests.app.terminal import Terminal, environment
from tests.conftest import requires_system
from tests.waiting import Stopwatch, is_gone, wait_at_most, wait_until, written

Parent = Callable[[list[str]], list[str]]

#: Seconds of a processor for leaving. A spin takes all of the time that it is given.
MOST_CPU = 2.0
#: Two seconds are the promise, from when the loss is noticed.
PROMISE = 3.0
#: For what a test waits for, however long that takes.
PATIENCE = 60.0
STUBBORN = "trap '' TERM HUP INT; echo $$ > {pid}; sleep 98; sleep 98; sleep 98"


def by_make(command: list[str]) -> list[str]:
    """The recipe of our own Makefile."""
    makefile = Path(command[command.index("--root") + 1]).parent / "hang-up.mk"
    makefile.write_text(f"run:\n\t@{shlex.join(command)}\n")
    return ["make", "-f", str(makefile), "run"]


def by_trap(command: list[str]) -> list[str]:
    return ["sh", "-c", f"trap '' HUP; {shlex.join(command)}; true"]


def by_setsid(command: list[str]) -> list[str]:
    """A session of its own: the terminal isn't even the one that controls it."""
    return ["sh", "-c", f"setsid -w {shlex.join(command)}; true"]


def by_both(command: list[str]) -> list[str]:
    """SIGHUP is ignored from the start, and the session is its own."""
    return ["sh", "-c", f"trap '' HUP; exec setsid -w {shlex.join(command)}"]


PARENTS: dict[str, Parent] = {"make": by_make, "trap": by_trap, "setsid": by_setsid, "ignored": by_both}
parents = pytest.mark.parametrize("parent", PARENTS)


class Lost(Terminal):
    """A terminal that can be lost; `program` is the one in it, below the parent."""

    def __init__(
        self,
        name: str,
        directory: Path,
        parent: str,
        *arguments: str,
        module: str = "claude_auth.app",
        before: str = "",
        **more: str,
    ) -> None:
        self._parent = PARENTS[parent]
        told = directory / "program.pid"
        start = f"import os, sys; sys.argv[1:] = {list(arguments)!r} or sys.argv[1:]; "
        start += f"open({str(told)!r}, 'w').write(str(os.getpid()) + chr(10)); "
        start += f"exec({before!r}); from {module} import main; sys.exit(main())"
        super().__init__(name, directory, (120, 40), start=start, **more)
        try:
            self.program = psutil.Process(written(told))
            if not arguments:
                self.until("1 Credentials")
                self.settle()
        except BaseException:
            self.close()
            raise

    def started_by(self, command: list[str]) -> list[str]:
        return self._parent(command)

    def lose(self) -> None:
        """The other side is closed, and the program goes."""
        before = cpu = cpu_of(self.program)
        watch = Stopwatch(self.program.pid)
        self.hang_up()
        while not is_gone(self.program.pid):
            assert watch.seconds < PROMISE, f"still there; {cpu - before:.1f} s of a processor"
            cpu = max(cpu, cpu_of(self.program))
            time.sleep(0.02)
        assert cpu - before < MOST_CPU

    def close(self) -> None:
        if hasattr(self, "program") and not is_gone(self.program.pid):
            self.program.kill()
        super().close()


def cpu_of(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


@requires_system("make", "make")
@requires_system("util-linux", "setsid")
@parents
def test_a_vanished_terminal_is_not_outlived_under_any_parent(parent: str, tmp_path: Path) -> None:
    with Lost("key-over-login", tmp_path, parent) as terminal:
        terminal.lose()
        _, status = os.waitpid(terminal.process, 0)  # whoever waited for it goes too
        terminal.process = 0
        if parent == "ignored":
            assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGHUP


@pytest.mark.parametrize(
    ("keys", "parent"), [("?", "make"), ("p", "trap"), ("\x10", "setsid"), ("c", "ignored"), ("o", "make")]
)
def test_nor_with_another_screen_or_a_question_on_top(keys: str, parent: str, tmp_path: Path) -> None:
    with Lost("key-over-login", tmp_path, parent) as terminal:
        terminal.press(keys)
        terminal.lose()


@pytest.mark.parametrize("when", ["stopped", "typing", "resized"])
def test_nor_in_the_middle_of_something(when: str, tmp_path: Path) -> None:
    with Lost("key-over-login", tmp_path, "trap") as terminal:
        if when == "stopped":
            terminal.program.suspend()
            Timer(0.5, terminal.program.resume).start()
        elif when == "typing":
            terminal.send(b"\x1b[B\x1b[A" * 400 + b"\x1b")
        else:
            terminal.program.send_signal(signal.SIGWINCH)
        terminal.lose()


RESTING = """
from claude_auth.app.driver import QuietDriver
QuietDriver.run_input_thread = lambda self: self.exit_event.wait()
"""
#: The loop never comes back from what this key does.
HELD_UP = """
import sys, threading
from claude_auth.app.screens.dashboard import Dashboard
def held_up(self):
    sys.__stderr__.write('held up')
    sys.__stderr__.flush()
    threading.Event().wait()
Dashboard.action_look = held_up
"""


@pytest.mark.parametrize(("before", "key"), [(RESTING, ""), (HELD_UP, "u")], ids=["input", "loop"])
def test_nor_where_the_input_rests_or_the_loop_is_held_up(before: str, key: str, tmp_path: Path) -> None:
    with Lost("key-over-login", tmp_path, "make", before=before) as terminal:
        if key:
            terminal.send(key.encode())
            terminal.until("held up")
        terminal.lose()


class Told:
    """As much of the app as a driver knows, once its terminal is gone."""

    def __init__(self) -> None:
        self.times = 0

    def hung_up(self) -> None:
        self.times += 1


class Input(QuietDriver):
    """Reads a terminal of the test's."""

    def __init__(self, descriptor: int) -> None:
        self.fileno, self._app, self._debug = descriptor, Told(), False  # type: ignore[assignment]
        self.exit_event, self.gone = Flag(), Flag()


def test_the_input_thread_does_not_go_round_on_a_dead_terminal() -> None:
    master, slave = os.openpty()
    driver = Input(slave)
    reader = Thread(target=driver.run_input_thread, daemon=True)
    reader.start()
    os.close(master)
    reader.join(PATIENCE)
    assert not reader.is_alive()
    assert driver._app.times == 1  # type: ignore[attr-defined]
    os.close(slave)


def test_an_end_of_input_that_was_typed_is_no_hang_up() -> None:
    """Another program may have left the modes in which ^D is an empty read."""
    master, slave = os.openpty()
    driver = Input(slave)
    reader = Thread(target=driver.run_input_thread, daemon=True)
    reader.start()
    os.write(master, b"\x04")
    reader.join(0.5)
    assert reader.is_alive()
    driver.exit_event.set()
    reader.join(PATIENCE)
    assert driver._app.times == 0  # type: ignore[attr-defined]
    os.close(master)
    os.close(slave)


def test_what_is_written_to_a_dead_terminal_does_not_hold_the_app_up() -> None:
    """The thread that writes goes on: else its queue fills, and the app waits for room in it for ever."""
    master, slave = os.openpty()
    told: list[str] = []
    with os.fdopen(slave, "w") as file:
        thread = WriterThread(_Output(file, lambda: told.append("gone")))  # type: ignore[arg-type]
        thread.start()
        os.close(master)
        for _ in range(10 * MAX_QUEUED_WRITES):
            thread._queue.put("x" * 4096, timeout=PATIENCE)
        thread._queue.put(None, timeout=PATIENCE)
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert told
        os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())


# ── what runs meanwhile ──────────────────────────────────────────────────────────────────────────


def lost_with(
    monkeypatch: pytest.MonkeyPatch, directory: Path, settings: dict[str, Any], parent: str = "make"
) -> Lost:
    laid = scenes.Scene({".claude.json": scenes.ACCOUNT, ".claude/settings.json": settings})
    monkeypatch.setitem(scenes.SCENES, "hang-up", laid)
    return Lost("hang-up", directory, parent, XDG_STATE_HOME=str(directory / "state"))


@pytest.mark.parametrize("parent", ["make", "ignored"])
@pytest.mark.parametrize("keys", ["xy", "e"], ids=["streamed", "asked"])
def test_no_command_is_left_behind(
    keys: str, parent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`x`: its output is shown. `e`: its key is wanted; it runs in a thread, which nobody waits for."""
    told = tmp_path / "helper.pid"
    with lost_with(monkeypatch, tmp_path, {"apiKeyHelper": STUBBORN.format(pid=told)}, parent) as terminal:
        terminal.send(keys[:1].encode())
        if keys == "xy":
            terminal.until("Run which command?")
            terminal.send(b"\r")
        terminal.until("Run this command?" if keys == "xy" else "Run this to learn what it gives?")
        terminal.send(b"Y")
        pid = written(told)
        wait_until(lambda: bool(psutil.Process(pid).children()))
        family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
        terminal.lose()
        wait_at_most(PROMISE, lambda: all(map(is_gone, family)), *family)


@pytest.mark.parametrize("parent", ["make", "ignored"])
@pytest.mark.parametrize("where", ["in the pane", "in the terminal"])
@pytest.mark.parametrize("asks", [True, False], ids=["asking", "not-reading"])
def test_no_claude_is_left_behind(asks: bool, where: str, parent: str, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    login = {"code": "good#code"} if asks else {"browser": True, "end": "hang"}
    install(tmp_path / "bin", {"diary": str(diary), "login": login})
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    with Lost("healthy", tmp_path, parent, PATH=path, XDG_STATE_HOME=str(tmp_path / "state")) as terminal:
        terminal.send(b"l")
        terminal.until("Claude Code signs you in")
        terminal.send(b"\r" if where == "in the pane" else b"t")
        said = '"waits for a code"' if asks else '"hanging"'
        wait_until(lambda: diary.exists() and said in diary.read_text())
        claude = psutil.Process(_started(diary))
        terminal.lose()
        wait_at_most(PROMISE, lambda: is_gone(claude.pid), claude.pid)


def _started(diary: Path) -> int:
    return int(json.loads(diary.read_text().splitlines()[0])["pid"])


HOLDS_A_LOCK = """#!/bin/sh
lock=$HOME/.claude/.oauth_refresh.lock
trap 'rmdir "$lock"; echo told > {told}; exit' HUP
trap 'echo killed > {told}; exit' TERM
mkdir -p "$lock" && echo $$ > {pid}
while :; do sleep 0.1; done
"""


def test_a_claude_that_holds_a_lock_is_not_killed_and_hears_of_its_terminals_end(tmp_path: Path) -> None:
    """Ended in the middle of saving, it would lose the login."""
    told, pid = tmp_path / "told", tmp_path / "claude.pid"
    program = install(tmp_path / "bin")
    program.write_text(HOLDS_A_LOCK.format(told=told, pid=pid))
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    with Lost("healthy", tmp_path, "make", PATH=path, XDG_STATE_HOME=str(tmp_path / "state")) as terminal:
        terminal.send(b"l")
        terminal.until("Claude Code signs you in")
        terminal.send(b"\r")
        claude = written(pid)
        terminal.lose()
        wait_at_most(PROMISE, lambda: is_gone(claude), claude)
        assert told.read_text() == "told\n"
        assert not (terminal.home / ".claude" / ".oauth_refresh.lock").exists()


# ── without a screen ─────────────────────────────────────────────────────────────────────────────


COMMAND = "claude_auth.cli"


@pytest.mark.parametrize("parent", ["make", "ignored"])
def test_a_followed_log_ends_with_its_terminal(parent: str, tmp_path: Path) -> None:
    more = {"XDG_STATE_HOME": str(tmp_path / "state")}
    journal = Journal(str(tmp_path / "state" / "claude-auth"))
    journal.write(Event(time.time(), "refresh.wanted", "told before", store="sdk"))
    with Lost("fresh", tmp_path, parent, "log", "--follow", module=COMMAND, **more) as terminal:
        terminal.until("told before")
        terminal.lose()


@pytest.mark.parametrize("parent", ["make", "trap"])
def test_a_sign_in_without_a_screen_leaves_no_claude_behind(parent: str, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    install(tmp_path / "bin", {"diary": str(diary), "login": {"browser": True, "end": "hang"}})
    more = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "XDG_STATE_HOME": str(tmp_path / "state")}
    with Lost("fresh", tmp_path, parent, "login", module=COMMAND, **more) as terminal:
        wait_until(lambda: diary.exists() and '"hanging"' in diary.read_text())
        claude = _started(diary)
        terminal.lose()
        wait_at_most(PROMISE, lambda: is_gone(claude), claude)


def test_a_sign_in_of_our_own_client_ends_with_its_terminal(tmp_path: Path) -> None:
    client = {
        "CLAUDE_OAUTH_CLIENT_ID": "engines",
        "CLAUDE_OAUTH_AUTHORIZE_URL": "https://id.example.org/authorize",
        "CLAUDE_OAUTH_TOKEN_URL": "https://id.example.org/token",
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    with Lost("fresh", tmp_path, "make", "login", "--no-browser", module=COMMAND, **client) as terminal:
        terminal.until("https://id.example.org/authorize")
        terminal.lose()


def test_a_followed_log_ends_with_the_reader_of_its_pipe(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from claude_auth.cli import main; raise SystemExit(main())"]
    more = environment(tmp_path, XDG_STATE_HOME=str(tmp_path / "state"))
    with subprocess.Popen([*command, "log", "--follow"], env=more, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        try:
            assert process.wait(PATIENCE) == 0  # a reader that has seen enough is no error
        finally:
            process.kill()
