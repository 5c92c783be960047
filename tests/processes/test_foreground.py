"""A program in the person's terminal: signals, modes, output; and a browser that gets none of our secrets."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from pathlib import Path

import pytest

from claude_auth.processes.run_foreground import run_in_terminal, start_detached
from tests.own_world import Terminal
from tests.waiting import wait_until

PROGRAM = """
import os, sys, signal
from claude_auth.processes.run_foreground import run_in_terminal
heard = []
code = run_in_terminal(sys.argv[2:], environment=dict(os.environ), cwd=os.getcwd(),
                       keep_stdout=sys.argv[1] == "keep", heard=heard.append)
print("code", code, "heard", heard, signal.getsignal(signal.SIGINT) is signal.default_int_handler, flush=True)
"""


def shown(tmp_path: Path, script: str, keep: str = "") -> Terminal:
    argv = [sys.executable, "-c", PROGRAM, keep, "/bin/sh", "-c", script]
    return Terminal(argv, {**os.environ}, tmp_path)


def test_it_has_the_terminal(tmp_path: Path) -> None:
    screen = shown(tmp_path, 'test -t 0 && test -t 1 && test -t 2 && read x && echo "got $x"; exit 7')
    screen.type("something\n")
    screen.wait_for("got something")
    screen.wait_for("code 7 heard [] True")
    assert screen.end() == 0


def test_ctrl_c_is_for_the_program_alone(tmp_path: Path) -> None:
    screen = shown(tmp_path, "trap 'echo caught; exit 9' INT; echo ready; read x")
    screen.wait_for("ready")
    screen.type("\x03")
    screen.wait_for("caught")
    screen.wait_for("code 9 heard [] True")
    assert screen.end() == 0


def test_a_program_does_not_inherit_that_ctrl_c_is_ignored(tmp_path: Path) -> None:
    screen = shown(tmp_path, "echo ready; read x")
    screen.wait_for("ready")
    screen.type("\x03")
    screen.wait_for("code -2 ")
    assert screen.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_are_passed_on_and_its_end_is_waited_for(
    tmp_path: Path, number: signal.Signals
) -> None:
    script = (
        f"trap 'echo put down its locks; exit 5' {number.value}; echo ready; while :; do sleep 0.05; done"
    )
    screen = shown(tmp_path, script)
    screen.wait_for("ready")
    os.kill(screen.process.pid, number)
    screen.wait_for("put down its locks")
    screen.wait_for(f"code 5 heard [{int(number)}] True")
    assert screen.end() == 0


def test_the_terminal_is_as_before(tmp_path: Path) -> None:
    import termios

    screen = shown(tmp_path, "stty raw -echo; kill -9 $$")
    before = termios.tcgetattr(screen.ours)
    screen.wait_for("code -9")
    assert termios.tcgetattr(screen.ours) == before
    assert screen.end() == 0


def test_our_standard_output_stays_ours(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    argv = ["/bin/sh", "-c", "echo prompt; echo trouble >&2"]
    code = run_in_terminal(argv, environment={}, cwd="/", keep_stdout=True)
    said = capfd.readouterr()
    assert (code, said.out) == (0, "")
    assert said.err.split() == ["prompt", "trouble"]
    assert run_in_terminal(argv, environment={}, cwd="/") == 0
    assert capfd.readouterr().out == "prompt\n"


@pytest.mark.parametrize("argv", [["/nonexistent"], ["/dev/null"], ["/bin/sh\0"]])
def test_it_could_not_be_started(argv: list[str], tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    assert run_in_terminal(argv, environment={}, cwd=str(tmp_path)) is None
    assert signal.getsignal(signal.SIGINT) is before
    assert not start_detached(argv)


def test_it_gets_the_environment_that_is_given(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run_in_terminal(["/bin/sh", "-c", 'echo "$NAME $PWD"'], environment={"NAME": "x"}, cwd=str(tmp_path))
    assert capfd.readouterr().out == f"x {tmp_path}\n"


def test_a_browser_is_apart_from_us_and_gets_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_OAUTH_CLIENT_SECRET", "sandbox-secret")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "made-up-key")
    monkeypatch.setenv("DISPLAY", ":99")
    told, done = tmp_path / "told", tmp_path / "done"
    script = (
        f"(env; ps -o sid= -p $$; readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2) > {told}; touch {done}"
    )
    assert start_detached(["/bin/sh", "-c", script])
    wait_until(done.exists)
    text = told.read_text()
    assert "DISPLAY=:99" in text
    assert "sandbox-secret" not in text
    assert "made-up-key" not in text
    assert text.count("/dev/null\n") == 3
    assert str(os.getsid(0)) not in text.split()


def test_a_browser_that_has_ended_is_no_zombie(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    assert start_detached(["/bin/sh", "-c", f"echo $$ > {shlex.quote(str(pid))}.new; mv {pid}.new {pid}"])
    wait_until(pid.exists)
    number = int(pid.read_text())
    wait_until(lambda: not Path(f"/proc/{number}").exists())
