"""A command runs quietly: captured, bounded in time and size, and nothing of it is left behind."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from claude_auth.processes import run_captured
from claude_auth.processes.run_captured import SHELL, Captured, run_program
from tests.waiting import Stopwatch, is_gone, wait_until

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


def run(command: str, *, seconds: float = 60, cwd: str = "/", **environment: str) -> Captured:
    return run_program(
        (*SHELL, command), environment={**ENVIRONMENT, **environment}, cwd=cwd, seconds=seconds
    )


class HeldClock:
    """Stands still until something is so: however long a program takes to begin, its time starts there."""

    def __init__(self, holds: Callable[[], bool]) -> None:
        self._holds = holds
        self._since: float | None = None

    def monotonic(self) -> float:
        now = time.monotonic()
        if self._since is None and self._holds():
            self._since = now
        return 0.0 if self._since is None else now - self._since


def is_whole(path: Path) -> bool:
    return path.exists() and path.read_text().endswith("\n")


def test_output_and_exit_code() -> None:
    found = run("echo key; echo words >&2; exit 3")
    assert (found.exit_code, found.stdout, found.stderr, found.problem) == (3, b"key\n", b"words\n", None)


def test_a_signal_is_an_exit_code_too() -> None:
    assert run("kill -9 $$").exit_code == -9


def test_the_environment_is_the_one_given_and_the_directory_too(tmp_path: Path) -> None:
    found = run('echo "$A-$HOME"; pwd', cwd=str(tmp_path), A="1")
    assert found.stdout.decode() == f"1-\n{tmp_path}\n"


def test_there_is_nothing_to_read() -> None:
    assert run("cat; echo done").stdout == b"done\n"


def test_no_descriptor_of_ours_is_handed_on(tmp_path: Path) -> None:
    with (tmp_path / "open").open("wb") as file:
        os.set_inheritable(file.fileno(), True)
        found = run(f"[ -e /proc/self/fd/{file.fileno()} ] && echo open || echo closed")
    assert found.stdout == b"closed\n"


def test_a_command_that_takes_too_long_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_captured, "time", HeldClock(lambda: is_whole(tmp_path / "child")))
    found = run("echo early; sleep 60 & echo $! > child; wait", seconds=0.3, cwd=str(tmp_path))
    assert (found.exit_code, found.stdout) == (None, b"early\n")
    assert found.problem is not None
    assert "no answer" in found.problem
    child = int((tmp_path / "child").read_text())
    wait_until(lambda: is_gone(child))
    assert found.seconds < 5


@pytest.mark.parametrize(
    "command", ["sleep 60 & echo $! > child; wait", "exec >&- 2>&-; sleep 60 & echo $! > child; wait"]
)
def test_another_thread_ends_it_before_its_time(tmp_path: Path, command: str) -> None:
    stop = threading.Event()

    def end() -> None:
        wait_until(lambda: is_whole(tmp_path / "child"))
        stop.set()

    threading.Thread(target=end).start()
    found = run_program((*SHELL, command), environment=ENVIRONMENT, cwd=str(tmp_path), seconds=30, stop=stop)
    assert (found.exit_code, found.problem) == (None, "it was cancelled and was ended")
    assert found.seconds < 5
    wait_until(lambda: is_gone(int((tmp_path / "child").read_text())))


def test_a_command_that_nobody_waits_for_any_more_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+C reaches us alone: the command has a session of its own."""

    def interrupted(process: subprocess.Popen[bytes], deadline: float, stop: object, *_: object) -> NoReturn:
        wait_until(lambda: is_whole(tmp_path / "process"))
        raise KeyboardInterrupt

    monkeypatch.setattr(run_captured, "_read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("echo $$ > process; sleep 60", cwd=str(tmp_path))
    wait_until(lambda: is_gone(int((tmp_path / "process").read_text())))


def test_a_command_that_ignores_the_first_signal_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_captured, "time", HeldClock(lambda: is_whole(tmp_path / "process")))
    found = run(
        "trap '' TERM; echo $$ > process; while :; do sleep 0.05; done", seconds=0.3, cwd=str(tmp_path)
    )
    assert found.exit_code is None
    wait_until(lambda: is_gone(int((tmp_path / "process").read_text())))


def test_a_child_in_the_background_holds_nobody_up_and_goes_on(tmp_path: Path) -> None:
    watch = Stopwatch()
    found = run("sleep 30 & echo $! > child; echo key", cwd=str(tmp_path))
    assert (found.exit_code, found.stdout) == (0, b"key\n")
    assert watch.seconds < 5
    child = int((tmp_path / "child").read_text())
    assert not is_gone(child)
    os.kill(child, 9)


def test_a_command_that_closes_its_output_is_waited_for() -> None:
    assert run("exec >&- 2>&-; sleep 0.2; exit 4").exit_code == 4


def test_output_without_end_is_bounded() -> None:
    found = run("yes | head -c 3000000; yes | head -c 3000000 >&2")
    assert (found.exit_code, len(found.stdout), len(found.stderr)) == (0, 1 << 20, 1 << 20)


def test_output_that_never_ends_ends_with_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_captured, "time", HeldClock(lambda: is_whole(tmp_path / "much")))
    found = run("yes | head -c 2000000; echo > much; exec yes", seconds=0.3, cwd=str(tmp_path))
    assert (found.exit_code, len(found.stdout)) == (None, 1 << 20)


@pytest.mark.parametrize(
    ("command", "cwd"), [("echo", "/nonexistent"), ("echo \0", "/"), ("x" * 3_000_000, "/")]
)
def test_what_cannot_be_started_is_said_so(command: str, cwd: str) -> None:
    found = run(command, cwd=cwd)
    assert found.exit_code is None
    assert found.problem is not None
    assert "could not be started" in found.problem


def test_a_name_that_no_environment_can_hold_is_said_so() -> None:
    found = run_program((*SHELL, "echo"), environment={"A": "\0"}, cwd="/", seconds=1)
    assert found.problem is not None


def test_the_output_is_not_in_the_repr() -> None:
    assert "made-up" not in repr(run("echo made-up; echo made-up >&2"))


def test_no_descriptor_and_no_zombie_is_left() -> None:
    run("true")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        run("echo")
        run("sleep 60", seconds=0.01)
    assert len(os.listdir("/proc/self/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_to_its_end_means_what_is_left_behind_too() -> None:
    given: dict[str, object] = {"environment": ENVIRONMENT, "cwd": "/", "to_its_end": True}
    late = run_program((*SHELL, "(sleep 0.5; printf LATE) & printf EARLY"), seconds=30, **given)  # type: ignore[arg-type]
    assert (late.exit_code, late.stdout) == (0, b"EARLYLATE")
    reads = run_program((*SHELL, "cat; echo END"), seconds=0.3, **given)  # type: ignore[arg-type]
    assert (reads.exit_code, reads.timed_out) == (None, True)
    stays = run_program((*SHELL, "sleep 5 & echo KEY"), seconds=0.3, **given)  # type: ignore[arg-type]
    assert (stays.exit_code, stays.timed_out) == (None, True)
