"""`claude-auth log`: text, JSON lines, filters, and following what our programs and Claude Code do."""

from __future__ import annotations

import argparse
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from claude_auth.cli.log import add_parser, line_text, run
from claude_auth.formats.journal_line import JournalEntry
from claude_auth.journal import NAME, Journal, state_directory
from claude_auth.model import Event
from claude_auth.words.times import moment_of
from tests.waiting import Stopwatch

NOW = 1795176184.0
PATIENCE = 60.0

PROGRAM = """
import argparse, sys
from claude_auth.cli.log import add_parser, run
parser = argparse.ArgumentParser()
add_parser(parser.add_subparsers(dest="command"))
try:
    sys.exit(run(parser.parse_args(sys.argv[1:]), {}))
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "state" / "claude-auth"


@pytest.fixture
def journal(state: Path) -> Journal:
    journal = Journal()
    assert journal.directory == str(state) == state_directory()
    for event in (
        Event(NOW, "refresh.wanted", "a refresh is wanted", store="sdk"),
        Event(NOW + 1, "refresh.saved", "saved a1b2c3d4 → c3d4e5f6", store="sdk", data={"n": 1, "x": None}),
        Event(NOW + 2, "command.failed", "claude ended with 1", "error"),
    ):
        assert journal.write(event), journal.problem
    return journal


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(dest="command"))
    return parser.parse_args(["log", *arguments])


def test_text(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parsed(), {}) == 0
    pid = os.getpid()
    assert capsys.readouterr().out.splitlines() == [
        f"2026-11-20 12:03:04 · sdk          a refresh is wanted  (refresh.wanted · claude-auth {pid})",
        "2026-11-20 12:03:05 · sdk          saved a1b2c3d4 → c3d4e5f6"
        f"  (refresh.saved · claude-auth {pid} · n=1)",
        f"2026-11-20 12:03:06 ✗              claude ended with 1  (command.failed · claude-auth {pid})",
    ]


def test_json(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parsed("--json"), {}) == 0
    lines = capsys.readouterr().out
    assert lines == (Path(journal.directory) / NAME).read_text(encoding="utf-8")
    assert json.loads(lines.splitlines()[0])["kind"] == "refresh.wanted"


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        (["--store", "sdk"], ["refresh.wanted", "refresh.saved"]),
        (["--level", "error"], ["command.failed"]),
        (["--level", "warning", "--store", "sdk"], []),
        (["--since", "2026-11-20 12:03:05"], ["refresh.saved", "command.failed"]),
        (["--since", "2026-11-20T12:03:05+00:00"], ["refresh.saved", "command.failed"]),
        (["--since", "2026-11-21"], []),
    ],
)
def test_filters(
    journal: Journal, capsys: pytest.CaptureFixture[str], arguments: list[str], kinds: list[str]
) -> None:
    assert run(parsed("--json", *arguments), {}) == 0
    assert [json.loads(line)["kind"] for line in capsys.readouterr().out.splitlines()] == kinds


def test_no_journal_is_no_error(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parsed(), {}) == 0
    assert capsys.readouterr() == ("", "")
    assert not state.exists()


def test_a_moment_that_is_none(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parsed("--since", "yesterdayish"), {}) == 2
    assert "yesterdayish" in capsys.readouterr().err


def test_a_journal_that_is_not_ours(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state.parent.mkdir()
    state.symlink_to(state.parent)
    assert run(parsed(), {}) == 1
    assert "can't be read: a symbolic link" in capsys.readouterr().err


def test_hostile_text_stays_on_its_line(state: Path) -> None:
    text = line_text(JournalEntry(Event(NOW, "x", "words")))
    assert text == "2026-11-20 12:03:04 ·              words  (x)"
    journal = Journal()
    journal.write(Event(NOW, "x", "a\nb\x1b[31m\u202e"))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "log"],
        capture_output=True,
        check=True,
        env=os.environ | {"LC_ALL": "C"},
    )
    assert done.stdout.count(b"\n") == 1
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30m", NOW - 1800),
        ("2 h", NOW - 7200),
        ("1d ago", NOW - 86400),
        ("45s", NOW - 45),
        ("1w", NOW - 7 * 86400),
        ("today", NOW - 43384),
        ("12:03", NOW - 4),
        ("12:04", NOW + 56 - 86400),
        ("yesterday", NOW - 43384 - 86400),
        ("yesterday 12:03:04", NOW - 86400),
        ("2026-11-20", NOW - 43384),
        ("2026-11-20 12:03", NOW - 4),
        ("2026-11-20T12:03:04Z", NOW),
        ("", None),
        ("-2h", None),
        ("2y", None),
        ("noon", None),
        ("0000-00-00", None),
        ("9" * 400, None),
    ],
)
def test_moments(text: str, moment: float | None) -> None:
    assert moment_of(text, NOW) == moment


# ── following ────────────────────────────────────────────────────────────────────────────────────


class Following:
    """The command in a process of its own, its lines as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self._seen: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def until(self, wanted: Callable[[str], bool]) -> tuple[str, float]:
        """The first line that is wanted, and how long it took."""
        watch = Stopwatch(self.process.pid)
        while not any(wanted(line) for line in self._seen):
            self._seen.append(self._lines.get(timeout=PATIENCE))
        place = next(place for place, line in enumerate(self._seen) if wanted(line))
        return self._seen.pop(place), watch.seconds

    def join(self) -> None:
        self._thread.join(PATIENCE)


@contextmanager
def following(*arguments: str) -> Iterator[Following]:
    command = [sys.executable, "-c", PROGRAM, "log", "--follow", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        told = Following(process)
        try:
            yield told
        finally:
            process.kill()
            told.join()


def test_follow_our_own_and_claude_code(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "home" / ".claude").mkdir()
    lock = tmp_path / "home" / ".claude" / ".oauth_refresh.lock"
    lock.mkdir()
    with following() as told:
        told.until(lambda line: "claude ended with 1" in line)
        told.until(lambda line: "claude.lock.appeared" in line)
        journal.write(Event(NOW + 9, "refresh.wanted", "another refresh"))
        _, seconds = told.until(lambda line: "another refresh" in line)
        assert seconds < 1
        lock.rmdir()
        line, seconds = told.until(lambda line: "claude.lock.released" in line)
        assert seconds < 1
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d · claude-code  lock released: ~/\.claude/", line)
        told.process.send_signal(signal.SIGINT)
        assert told.process.wait(PATIENCE) == 130


def test_follow_as_json_with_filters(journal: Journal) -> None:
    with following("--json", "--store", "sdk", "--since", "2026-11-20 12:03:05") as told:
        line, _ = told.until(lambda line: True)
        assert json.loads(line)["kind"] == "refresh.saved"
        journal.write(Event(NOW + 9, "refresh.wanted", "of another store", store="keyring"))
        journal.write(Event(NOW + 9, "refresh.wanted", "of this store", store="sdk"))
        line, _ = told.until(lambda line: True)
        assert json.loads(line)["text"] == "of this store"


@pytest.mark.parametrize("arguments", [["--follow"], []], ids=["followed", "told"])
def test_a_reader_that_has_seen_enough_is_no_error(journal: Journal, arguments: list[str]) -> None:
    """As of `claude-auth log --follow | head -1`; without a word, also where it has gone before the start."""
    command = [sys.executable, "-c", PROGRAM, "log", *arguments]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as stdout:
        done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, b"")


def test_follow_ends_where_the_journal_is_not_ours(state: Path) -> None:
    state.parent.mkdir()
    state.symlink_to(state.parent)
    command = [sys.executable, "-c", PROGRAM, "log", "--follow"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 1
    assert "can't be read" in done.stderr
