"""The journal on a real disk: many writers, rotation, death in the middle, and places that aren't safe."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claude_auth.formats.journal_line import JournalEntry, encode
from claude_auth.journal import reading as module
from claude_auth.journal.reading import Reader, follow, read
from claude_auth.journal.records import (
    LOCK_NAME,
    NAME,
    Journal,
    RefusedError,
    export,
    file_name,
    state_directory,
)
from claude_auth.model import Event
from claude_auth.security.secret import Secret

NOW = 1795176184.0
PATIENCE = 60.0
DAY = 86400.0

CANARY = "sk-ant-oat01-" + "canaryCanary0" * 5
CODE = "zq7wShort"

WRITER = """
import sys
from claude_auth.journal import Journal
from claude_auth.model import Event

directory, name, count, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
journal = Journal(directory, program=name, file_size=size, files=1000)
sys.stdin.readline()
for number in range(count):
    event = Event(1795176184.0 + number / 1000, "test.line", f"line {number} of {name}", store=name,
                  data={"number": number, "padding": "x " * (number % 60)})
    if not journal.write(event):
        sys.exit(journal.problem)
"""


def event(text: str = "words", **more: Any) -> Event:
    return Event(**{"at": NOW, "kind": "test.line", "text": text, **more})


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "claude-auth")


def mode(path: Path | str) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


def texts(place: str) -> list[str]:
    return [entry.event.text for entry in read(directory=place)]


# ── writing and reading ──────────────────────────────────────────────────────────────────────────


def test_what_was_written_is_read(place: str) -> None:
    journal = Journal(place, program="claude-auth-tui")
    now = round(time.time(), 3)
    one = event("one", at=now, store="sdk", level="warning", data={"from": "a1b2c3d4"})
    assert journal.write(one)
    assert journal.write(event("two", at=now + 1))
    first, second = read(directory=place)
    assert first.event == one
    assert (first.pid, first.program) == (os.getpid(), "claude-auth-tui")
    assert second.event.text == "two"
    assert [entry.event.text for entry in read(now + 1, directory=place)] == ["two"]
    assert [entry.event.text for entry in read(store="sdk", directory=place)] == ["one"]
    assert [entry.event.text for entry in read(level="warning", directory=place)] == ["one"]


def test_the_usual_place() -> None:
    assert state_directory() == os.path.join(os.environ["XDG_STATE_HOME"], "claude-auth")


def test_nothing_there_is_empty_and_stays_so(tmp_path: Path) -> None:
    assert list(read(directory=str(tmp_path / "no" / "where"))) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_modes_under_any_umask(place: str, umask: int) -> None:
    Path(place).parent.mkdir()
    before = os.umask(umask)
    try:
        journal = Journal(place, file_size=1)
        for _ in range(3):
            assert journal.write(event()), journal.problem
    finally:
        os.umask(before)
    assert mode(place) == 0o700
    assert [mode(os.path.join(place, name)) for name in (NAME, file_name(1), file_name(2))[1:]] == [0o600] * 2


def test_private_from_the_first_byte(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the moment of the first write the file is 0600 already."""
    seen = []
    write = os.write

    def looking(descriptor: int, content: bytes) -> int:
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return write(descriptor, content)

    before = os.umask(0)
    try:
        monkeypatch.setattr(os, "write", looking)
        Journal(place).write(event())
    finally:
        os.umask(before)
    assert seen == [0o600]


def test_loose_modes_are_tightened(place: str) -> None:
    Journal(place).write(event())
    os.chmod(place, 0o755)
    os.chmod(os.path.join(place, NAME), 0o644)
    assert len(texts(place)) == 1
    assert mode(place) == 0o755  # reading changes nothing
    Journal(place).write(event())
    assert (mode(place), mode(os.path.join(place, NAME))) == (0o700, 0o600)


# ── places that aren't safe ──────────────────────────────────────────────────────────────────────


def refused(place: str) -> str:
    told: list[str] = []
    journal = Journal(place, on_problem=told.append)
    assert not journal.write(event())
    assert not journal.write(event())
    assert told == [journal.problem]
    return told[0]


def test_a_linked_directory_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", place)
    assert "symbolic link" in refused(place)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    with pytest.raises(RefusedError):
        list(read(directory=place))


def test_a_linked_file_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "target").write_bytes(encode(JournalEntry(event("foreign"))))
    os.makedirs(place)
    os.symlink(tmp_path / "target", os.path.join(place, NAME))
    assert "symbolic link" in refused(place)
    assert texts(place) == []
    assert (tmp_path / "target").stat().st_size == len(encode(JournalEntry(event("foreign"))))


def test_something_else_in_the_files_place_is_refused(place: str) -> None:
    os.makedirs(place)
    os.mkfifo(os.path.join(place, NAME))
    assert "something else" in refused(place)
    assert texts(place) == []
    os.unlink(os.path.join(place, NAME))
    os.mkdir(os.path.join(place, NAME))
    assert "directory" in refused(place)


def test_somebody_elses_place_is_refused(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal(place).write(event())
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert "another user" in refused(place)
    with pytest.raises(RefusedError, match="another user"):
        list(read(directory=place))


def test_somebody_elses_file_is_refused(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal(place).write(event())
    identity = os.lstat(os.path.join(place, NAME)).st_ino
    fstat = os.fstat

    def foreign(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        if status.st_ino != identity:
            return status
        return os.stat_result([*status[:4], status.st_uid + 1, *status[5:10]])

    monkeypatch.setattr(os, "fstat", foreign)
    assert "another user" in refused(place)
    assert texts(place) == []


# ── a journal that fails ─────────────────────────────────────────────────────────────────────────


def test_a_secret_is_refused_and_told_once(place: str) -> None:
    told: list[str] = []
    journal = Journal(place, on_problem=told.append)
    for _ in range(3):
        assert not journal.write(event(data={"token": Secret(CANARY)}))
    assert told == ["the journal isn't written: an event holds plain values, no Secret"]
    assert journal.write(event())
    assert journal.problem is None
    assert texts(place) == ["words"]


def test_a_full_disk_leaves_no_line_unreadable(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(place)
    assert journal.write(event("before"))
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:40]))
    assert not journal.write(event("torn"))
    assert journal.problem == "the journal isn't written: the disk is full"
    monkeypatch.undo()
    assert journal.write(event("after"))
    assert texts(place) == ["before", "after"]


def test_an_action_never_notices(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the directory belongs")
    journal = Journal(str(tmp_path / "state"))

    async def action() -> AsyncIterator[Event]:
        yield event("one")
        yield event("two")

    async def run() -> list[str]:
        return [told.text async for told in journal.pass_on(action())]

    assert asyncio.run(run()) == ["one", "two"]
    assert journal.problem is not None


def test_no_canary_ever_reaches_the_file(place: str) -> None:
    journal = Journal(place, program=f"claude {CANARY}")
    journal.hide(Secret(CODE))
    url = f"http://localhost:8089/callback?code={CODE}&state={CANARY}"
    for text in (CANARY, CODE, url, f"{CODE}#{CANARY}", f'{{"access_token": "{CANARY}"}}'):
        data: dict[str, str | int] = {text: text, "code": text, "n": 1}
        assert journal.write(Event(NOW, text, text, store=text, data=data)), journal.problem
    content = (Path(place) / NAME).read_bytes()
    assert content.count(b"\n") == 5
    assert CANARY.encode() not in content
    assert b"canary" not in content
    assert CODE.encode() not in content


# ── rotation ─────────────────────────────────────────────────────────────────────────────────────


def test_rotation_keeps_so_many_files_of_that_size(place: str) -> None:
    journal = Journal(place, file_size=1000, files=3)
    for number in range(100):
        assert journal.write(event(f"line {number}"))
    names = sorted(name for name in os.listdir(place) if name != LOCK_NAME)
    assert names == ["journal.1.jsonl", "journal.2.jsonl", NAME]
    assert all(os.path.getsize(os.path.join(place, name)) < 1300 for name in names)
    kept = texts(place)
    assert kept == [f"line {number}" for number in range(100 - len(kept), 100)]
    assert 10 < len(kept) < 40


def test_a_line_into_a_file_rotated_away_for_good_is_written_again(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(place)
    journal.write(event("before"))
    write = os.write

    def overtaken(descriptor: int, content: bytes) -> int:
        monkeypatch.undo()
        os.unlink(os.path.join(place, NAME))
        return write(descriptor, content)

    monkeypatch.setattr(os, "write", overtaken)
    assert journal.write(event("after"))
    assert texts(place) == ["after"]


def test_a_lock_that_cannot_be_taken_is_told(place: str) -> None:
    """Else the journal would grow for ever."""
    told: list[str] = []
    os.makedirs(os.path.join(place, LOCK_NAME), 0o700)
    os.chmod(place, 0o700)
    journal = Journal(place, file_size=1, on_problem=told.append)
    assert not all(journal.write(event()) for _ in range(2))
    assert told == ["the journal isn't written: Is a directory"]


def test_while_another_rotates_nobody_waits(place: str) -> None:
    from filelock import FileLock

    os.makedirs(place, 0o700)
    with FileLock(os.path.join(place, LOCK_NAME)):
        journal = Journal(place, file_size=1)
        assert journal.write(event("one"))
        assert journal.write(event("two"))
    assert not os.path.exists(os.path.join(place, file_name(1)))
    assert journal.write(event("three"))
    assert texts(place) == ["one", "two", "three"]


@contextlib.contextmanager
def writers(place: str, names: list[str], count: int, size: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Real processes that begin at the same moment."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, place, name, str(count), str(size)],
            stdin=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    try:
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()


def test_eight_writers_at_once_with_rotation(place: str) -> None:
    names, count = [f"writer-{number}" for number in range(8)], 2000
    with writers(place, names, count, 200_000) as processes:
        assert [process.wait(300) for process in processes] == [0] * len(processes)
    files = [os.path.join(place, name) for name in os.listdir(place) if name != LOCK_NAME]
    assert len(files) > 5
    assert {mode(path) for path in files} == {0o600}
    lines = [line for path in files for line in Path(path).read_bytes().splitlines(keepends=True)]
    assert all(line.endswith(b"\n") and json.loads(line) for line in lines)
    seen = Counter((entry.program, entry.event.data["number"]) for entry in read(directory=place))
    assert seen == Counter((name, number) for name in names for number in range(count))


def test_killed_while_writing(place: str) -> None:
    names = ["killed-1", "killed-2"]
    whole = 0
    for _ in range(5):
        with writers(place, names, 1_000_000, 1 << 30) as processes:
            path = Path(place) / NAME
            size = path.stat().st_size if path.exists() else 0
            while not path.exists() or path.stat().st_size < size + 20_000:
                assert [process.poll() for process in processes] == [None, None]
            for process in processes:
                process.send_signal(signal.SIGKILL)
                process.wait()
        content = path.read_bytes()
        assert Journal(place).write(event("after"))
        found = list(read(directory=place))
        torn = content.count(b"\n") + (not content.endswith(b"\n")) + 1 - len(found)
        assert 0 <= torn <= 1
        assert found[-1].event.text == "after"
        assert len(found) > whole
        whole = len(found)


def test_a_torn_last_line_is_passed_over(place: str) -> None:
    Journal(place).write(event("whole"))
    path = os.path.join(place, NAME)
    with open(path, "ab") as file:
        file.write(encode(JournalEntry(event("torn")))[:-20])
    assert texts(place) == ["whole"]
    Journal(place).write(event("next"))
    assert texts(place) == ["whole", "next"]


# ── reading anything ─────────────────────────────────────────────────────────────────────────────


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(
        st.binary(max_size=60)
        | st.sampled_from([b"\n", b'{"time":"', b"{}", encode(JournalEntry(event("whole")))]),
        max_size=12,
    )
)
def test_any_bytes_in_any_file(place: str, parts: list[bytes]) -> None:
    os.makedirs(place, 0o700, exist_ok=True)
    content = b"".join(parts)
    for number in (0, 1):
        Path(place, file_name(number)).write_bytes(content)
    found = texts(place)
    assert found == found[: len(found) // 2] * 2
    whole = (b"\n" + content).count(b"\n" + encode(JournalEntry(event("whole"))))
    assert found.count("whole") >= whole


def test_a_line_without_an_end_is_read_in_bounded_memory(place: str) -> None:
    os.makedirs(place, 0o700)
    with open(os.path.join(place, NAME), "wb") as file:
        for _ in range(64):
            file.write(b"x" * (1 << 18))
        file.write(b"\n" + encode(JournalEntry(event("after"))))
    import tracemalloc

    tracemalloc.start()
    try:
        assert texts(place) == ["after"]
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


def test_reading_goes_on_where_it_stopped_through_rotations(place: str) -> None:
    journal = Journal(place, file_size=1, files=100)
    reader = Reader(place)
    seen: list[str] = []
    for number in range(10):
        journal.write(event(f"line {number}"))
        if number % 3 == 0:
            seen += [entry.event.text for entry in reader.batch(2)]
    while entries := reader.batch(2):
        seen += [entry.event.text for entry in entries]
    assert seen == [f"line {number}" for number in range(10)]
    path = os.path.join(place, file_name(5))
    with open(path, "ab") as late:  # a writer that opened it before it was rotated away
        late.write(encode(JournalEntry(event("late"))))
    assert [entry.event.text for entry in reader.batch(9)] == ["late"]
    os.truncate(path, 0)
    with open(path, "ab") as again:
        again.write(encode(JournalEntry(event("again"))))
    assert [entry.event.text for entry in reader.batch(9)] == ["again"]
    reader.close()


def test_rotation_while_the_files_are_opened_hides_nothing(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is moved up just after the reader has opened the one before it."""
    journal = Journal(place, file_size=1 << 20, files=10)
    for number in range(3):
        journal.write(event(f"line {number}"))
        os.rename(os.path.join(place, NAME), os.path.join(place, file_name(3 - number)))
    journal.write(event("line 3"))
    open_to_read = module._open_to_read

    def overtaken(name: str, directory: int, since: float | None) -> Any:
        opened = open_to_read(name, directory, since)
        if name == NAME:
            for number in range(4, 0, -1):
                with contextlib.suppress(FileNotFoundError):
                    os.rename(
                        os.path.join(place, file_name(number - 1)), os.path.join(place, file_name(number))
                    )
        return opened

    monkeypatch.setattr(module, "_open_to_read", overtaken)
    assert texts(place) == [f"line {number}" for number in range(4)]


def test_old_files_are_not_read_for_recent_lines(place: str) -> None:
    journal = Journal(place, file_size=1)
    now = time.time()
    journal.write(event("said to be new", at=now))
    journal.write(event("new", at=now))
    os.utime(os.path.join(place, file_name(2)), (now - DAY, now - DAY))
    assert [entry.event.text for entry in read(now - 10, directory=place)] == ["new"]
    assert len(texts(place)) == 2


# ── following ────────────────────────────────────────────────────────────────────────────────────


async def collect(following: AsyncIterator[tuple[JournalEntry, ...]], seen: list[str], enough: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(seen) < enough:
            seen += [entry.event.text for entry in await anext(following)]


def test_follow_tells_all_through_rotations(place: str) -> None:
    count = 400

    async def run() -> list[str]:
        journal = Journal(place, file_size=5000, files=1000)
        journal.write(event("before"))
        following = follow(directory=place, beat=0.02)
        seen: list[str] = []
        await collect(following, seen, 1)
        assert seen == ["before"]

        def write() -> None:
            for number in range(count):
                journal.write(event(f"line {number}"))

        thread = threading.Thread(target=write)
        thread.start()
        await collect(following, seen, count + 1)
        thread.join()
        await following.aclose()
        return seen

    seen = asyncio.run(run())
    assert seen == ["before", *(f"line {number}" for number in range(count))]


def test_follow_begins_before_there_is_a_journal(place: str) -> None:
    async def run() -> None:
        following = follow(directory=place, store="sdk", beat=0.02)
        async with asyncio.timeout(PATIENCE):
            assert await anext(following) == ()
        upcoming = asyncio.ensure_future(anext(following))
        journal = Journal(place)
        journal.write(event("another store"))
        journal.write(event("wanted", store="sdk"))
        async with asyncio.timeout(PATIENCE):
            assert [entry.event.text for entry in await upcoming] == ["wanted"]
        await following.aclose()

    asyncio.run(run())


def test_follow_stops(place: str) -> None:
    async def run() -> list[tuple[JournalEntry, ...]]:
        stop = asyncio.Event()
        told = []
        async with asyncio.timeout(PATIENCE):
            async for entries in follow(directory=place, stop=stop):
                told.append(entries)
                stop.set()
        return told

    assert asyncio.run(run()) == [()]


# ── export ───────────────────────────────────────────────────────────────────────────────────────


def test_export(place: str) -> None:
    first = export(["one", "zwei →"], NOW, place)
    second = export(["three"], NOW, place)
    assert first == os.path.join(place, "log-20261120-120304.txt")
    assert second == os.path.join(place, "log-20261120-120304-2.txt")
    assert Path(first).read_text(encoding="utf-8") == "one\nzwei →\n"
    assert (mode(first), mode(place)) == (0o600, 0o700)
