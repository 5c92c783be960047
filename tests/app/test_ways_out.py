"""Under a real shell on a real pty, on every kind of terminal: whatever ends or stops the dashboard, the
shell gets the terminal back as it was."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from bench.terminal import Screen
from tests.app.frames import HELD, taken_over
from tests.app.own_sshd import OwnServer, server
from tests.app.terminal import CRASH, START, Terminal, environment
from tests.conftest import requires_system
from tests.guard import real_program
from tests.waiting import is_gone, wait_until, written

__all__ = ["server"]  # a fixture is found by its name

SHELL = ["bash", "--norc", "--noprofile", "--noediting", "-i"]
#: Writes its process id down before it begins.
TOLD = "import os; open(os.path.expanduser('~/program.pid'), 'w').write(f'{os.getpid()}\\n'); "
#: What a terminal has at first: the cursor is seen, and lines are wrapped.
AT_FIRST = {7, 25}
WAITING = 60.0


class Shell(Terminal):
    """An interactive shell, whose line `self.program` starts the dashboard."""

    def __init__(self, directory: Path, *arguments: str, start: str = START, **more: str) -> None:
        super().__init__("two-sent", directory, (120, 40), *arguments, start=TOLD + start, PS1="$ ", **more)
        self.until("$")

    def started_by(self, command: list[str]) -> list[str]:
        self.program = shlex.join(command)
        return SHELL

    def line(self, text: str) -> None:
        self.send(f"{text}\n".encode())

    def told(self, name: str) -> str:
        """What a line of the shell writes into a file of this name; read is what stands before it."""
        path = self.home / name
        self.read_until(lambda: path.exists() and path.read_text().endswith("\n"))
        while chunk := self.read(0):
            self.screen.feed(chunk)
        return path.read_text()

    def stty(self, name: str) -> str:
        self.line(f"stty -a > {self.home / name}")
        return self.told(name)

    @property
    def pid(self) -> int:
        return written(self.home / "program.pid")

    def dashboard(self, *markers: str) -> None:
        self.until("1 Credentials", *markers, timeout=WAITING)
        self.read_until(lambda: b"\x1b[?2004h" in self.output())  # Textual has taken the screen over
        self.settle()

    def is_stopped(self) -> None:
        self.read_until(lambda: psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)
        self.read_until(lambda: "Stopped" in self.screen.text)


def left_on(output: bytes) -> set[int]:
    """The private modes that are set after all this."""
    modes = dict.fromkeys(AT_FIRST, True)
    for numbers, kind in re.findall(rb"\x1b\[\?([\d;]+)([hl])", output):
        modes |= dict.fromkeys(map(int, numbers.split(b";")), kind == b"h")
    return {number for number, on in modes.items() if on}


def is_as_it_was(shell: Shell, before: str) -> None:
    assert shell.stty("after") == before
    output = shell.output()
    assert left_on(output) == AT_FIRST
    assert output.count(b"\x1b[<u") >= output.count(b"\x1b[>")  # the keyboard of kitty
    styles = re.findall(rb"\x1b\[([\d;]*)m", output)
    assert styles[-1] in (b"", b"0")


WAYS: dict[str, tuple[bytes | signal.Signals, int]] = {
    "q": (b"q", 0),
    "^C": (b"\x03", 0),
    "^Q": (b"\x11", 0),
    "TERM": (signal.SIGTERM, 143),
    "HUP": (signal.SIGHUP, 129),
    "crash": (b"u", 1),
}
#: How each is told which colours to take, and whether it has more than plain characters.
TERMINALS: dict[str, tuple[bytes, bool]] = {
    "xterm-256color": (b"38;5;", True),
    "xterm": (b"", True),
    "screen": (b"", True),
    "tmux-256color": (b"38;5;", True),
    "linux": (b"", False),
    "vt100": (b"", False),
}


def leaves(way: str, term: str, directory: Path) -> None:
    how, code = WAYS[way]
    colour, has_glyphs = TERMINALS[term]
    start = CRASH if way == "crash" else START
    with Shell(directory, start=start, TERM=term, CLAUDE_AUTH_THEME="dark") as shell:
        before = shell.stty("before")
        shell.line(f"{shell.program}; echo $? > {shell.home / 'code'}")
        shell.dashboard()
        assert shell.screen.text.isascii() is not has_glyphs
        assert not re.search(rb"[34]8;2;", shell.output())
        assert (b"38;5;" in shell.output()) is bool(colour)
        if isinstance(how, bytes):
            shell.send(how)
        else:
            os.kill(shell.pid, how)
        assert int(shell.told("code")) == code
        is_as_it_was(shell, before)


@pytest.mark.parametrize(("way", "term"), zip(WAYS, TERMINALS, strict=True))
def test_every_way_out_on_every_kind_of_terminal(way: str, term: str, tmp_path: Path) -> None:
    leaves(way, term, tmp_path)


@pytest.mark.prove
@pytest.mark.parametrize("term", TERMINALS)
@pytest.mark.parametrize("way", WAYS)
def test_each_way_out_on_each_kind_of_terminal(way: str, term: str, tmp_path: Path) -> None:
    leaves(way, term, tmp_path)


# ── stopped, and continued ───────────────────────────────────────────────────────────────────────


def is_whole(text: str) -> bool:
    parts = (
        "claude-auth   for claude",
        "1 Credentials",
        "2 What to do",
        "4 ANTHROPIC",
        "5 Activity",
        "q Quit",
    )
    return all(part in text for part in parts)


def goes_on(shell: Shell, before: str) -> None:
    """`fg` paints all of it again, and the way out after that is as good as any."""
    shell.screen = Screen(120, 40)
    shell.line("fg")
    shell.read_until(lambda: is_whole(shell.screen.text))
    shell.send(b"q")
    shell.read_until(lambda: is_gone(shell.pid))
    is_as_it_was(shell, before)


@pytest.mark.parametrize("how", ["^Z", "TSTP", "below make"])
def test_stopped_the_shell_has_its_terminal_and_fg_goes_on(how: str, tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        before = shell.stty("before")
        makefile = tmp_path / "stop.mk"
        makefile.write_text(f"run:\n\t@{shell.program.replace('$', '$$')}\n" if how == "below make" else "")
        shell.line(f"make -f {makefile} run" if how == "below make" else shell.program)
        shell.dashboard()
        if how == "TSTP":
            os.kill(shell.pid, signal.SIGTSTP)
        else:
            shell.send(b"\x1a")
        shell.is_stopped()
        assert shell.stty("stopped") == before
        assert left_on(shell.output()) == AT_FIRST
        goes_on(shell, before)


def test_stopped_and_continued_before_textual_is_there(tmp_path: Path) -> None:
    with Shell(tmp_path, start=HELD + START) as shell:
        before = shell.stty("before")
        shell.line(shell.program)
        shell.until("q Quit", timeout=WAITING)
        os.kill(shell.pid, signal.SIGTSTP)
        shell.is_stopped()
        assert shell.stty("stopped") == before
        assert left_on(shell.output()) == AT_FIRST
        shell.screen = Screen(120, 40)
        shell.line("fg")
        shell.until("q Quit", timeout=WAITING)
        (shell.home / "go").touch()
        shell.dashboard()
        shell.send(b"q")
        shell.read_until(lambda: is_gone(shell.pid))
        is_as_it_was(shell, before)


def test_where_no_shell_would_continue_it_it_goes_on_at_once(tmp_path: Path) -> None:
    """As the first program of a session, which `ssh -t HOST claude-auth-tui` starts."""
    with Terminal("healthy", tmp_path) as terminal:
        terminal.until("Quit")
        taken_over(terminal)
        terminal.send(b"\x1a?")
        terminal.until("Help · ", timeout=WAITING)
        terminal.send(b"qq")
        assert terminal.wait(WAITING) == 0


@pytest.mark.parametrize("key", ["", "\x0c"], ids=["STOP and CONT", "^L"])
def test_what_was_written_over_the_screen_goes(key: str, tmp_path: Path) -> None:
    """SIGSTOP is heard by nobody: the shell writes on the screen of the dashboard, in modes of its own."""
    with Shell(tmp_path) as shell:
        before = shell.stty("before")
        shell.line(shell.program)
        shell.dashboard()
        if not key:
            os.kill(shell.pid, signal.SIGSTOP)
            shell.is_stopped()
            goes_on(shell, before)
            return
        shell.screen = Screen(120, 40)
        shell.send(key.encode())
        shell.read_until(lambda: is_whole(shell.screen.text))


# ── through a real ssh ───────────────────────────────────────────────────────────────────────────


class Remote(Shell):
    """A shell here; its line `program` is the dashboard over there. `before`: what stands before it there."""

    def __init__(
        self, server: OwnServer, directory: Path, *before: str, shell: Sequence[str] = SHELL
    ) -> None:
        self.server, self.before, self.shell = server, before, shell
        super().__init__(directory, TERM="xterm-256color")

    def busy(self) -> list[int]:
        return [*super().busy(), *self.server.processes]

    def started_by(self, command: list[str]) -> list[str]:
        given = {**environment(self.home), "SHELL": "/bin/bash"}
        pairs = [f"{name}={value}" for name, value in given.items() if name != "TERM"]
        there = [*self.before, shlex.join(command)] if self.before else command
        self.program = shlex.join(self.server.command(["/usr/bin/env", *pairs, *there]))
        return [*self.shell]


@requires_system("openssh-server", "sshd")
@requires_system("openssh-client", "ssh")
def test_a_lost_ssh_ends_it_over_there(server: OwnServer, tmp_path: Path) -> None:
    with Remote(server, tmp_path) as shell:
        shell.line(f"{shell.program} & ssh=$!; fg")
        shell.dashboard()
        client = psutil.Process(shell.process).children()[0]
        assert shell.pid not in [process.pid for process in client.children(recursive=True)]
        client.kill()
        wait_until(lambda: is_gone(shell.pid))


@requires_system("tmux", "tmux")
@requires_system("openssh-server", "sshd")
@requires_system("openssh-client", "ssh")
def test_a_tmux_over_there_in_a_tmux_here(server: OwnServer, tmp_path: Path) -> None:
    tmux = [real_program("tmux") or "", "-f", os.devnull, "-S"]
    here, there = ([*tmux, str(tmp_path / name)] for name in ("here", "there"))
    outer = [*here, "new-session", shlex.join(["env", "PS1=$ ", *SHELL])]

    def told() -> str:
        """What the pane here has set."""
        flags = "#{alternate_on} #{cursor_flag} #{wrap_flag} #{mouse_any_flag} #{keypad_flag}"
        return subprocess.check_output([*here, "display-message", "-p", flags], text=True, timeout=WAITING)

    with Remote(server, tmp_path, *there, "new-session", shell=outer) as shell:
        try:
            before, modes = shell.stty("before"), told()
            shell.line(f"{shell.program}; echo $? > {shell.home / 'code'}")
            shell.until("1 Credentials", "★ USED       ANTHROPIC_AUTH_TOKEN", "q Quit", timeout=WAITING)
            assert told() != modes
            shell.send(b"?")
            shell.until("Help · ", timeout=WAITING)
            shell.send(b"qq")
            assert shell.told("code") == "0\n"
            shell.read_until(lambda: "1 Credentials" not in shell.screen.text)
            assert shell.stty("after") == before
            assert told() == modes
        finally:
            subprocess.run([*here, "kill-server"], check=True, timeout=WAITING)
