"""The live part on real files: what is watched, what is told, how soon, and how seldom."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.files import signature
from claude_auth.model import Machine, Places, SettingsFile, Snapshot
from claude_auth.observe import watch
from claude_auth.observe.watch import changes, interesting_files, remote_files
from tests.waiting import Stopwatch

#: How soon a change must be told.
PROMISE = 0.3
#: For what is told by polling, and for machines that are busy with other things.
PATIENCE = 60.0

Told = Callable[[], Awaitable[frozenset[str]]]


@contextlib.asynccontextmanager
async def watching(
    *files: Path | str, root: str = "/", remote_beat: float = PATIENCE
) -> AsyncGenerator[Told]:
    """Watches `files`; the value waits for what is told next."""
    ready = asyncio.Event()
    watcher = changes(map(str, files), ready=ready, root=root, remote_beat=remote_beat)
    following = asyncio.ensure_future(anext(watcher))
    await asyncio.wait_for(ready.wait(), PATIENCE)

    async def told() -> frozenset[str]:
        nonlocal following
        result = await asyncio.wait_for(following, PATIENCE)
        following = asyncio.ensure_future(anext(watcher))
        return result

    try:
        yield told
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await watcher.aclose()


async def told_within(told: Told, file: Path | str, change: Callable[[], object]) -> float:
    """Seconds from the change to the answer that names `file`."""
    stopwatch = Stopwatch()
    change()
    assert str(file) in await told()
    return stopwatch.seconds


def replace_file(path: Path, content: str) -> None:
    """As programs write that care: a new file, renamed over the old one."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(content)
    temporary.replace(path)


# ── which files ──────────────────────────────────────────────────────────────────────────────────


def snapshot_of(home: str) -> Snapshot:
    places = Places(home, "/", f"{home}/project", f"{home}/.claude", f"{home}/.claude/.credentials.json")
    return Snapshot(0.0, places, Machine())


def test_the_files_that_matter() -> None:
    snapshot = snapshot_of("/home/u")
    managed = SettingsFile("managed", "/etc/claude-code/managed-settings.json", None, None)
    user = SettingsFile("user", "/home/u/.claude/settings.json", None, None)
    snapshot = snapshot._replace(
        settings_files=(managed, user), claude_json=snapshot.claude_json._replace(path="/home/u/.claude.json")
    )
    files = interesting_files(snapshot)
    assert set(files) >= {
        "/etc/claude-code/managed-settings.json",
        "/etc/claude-code/managed-settings.d",
        "/home/u/.claude/settings.json",
        "/home/u/project/.claude/settings.local.json",
        "/home/u/.claude/.credentials.json",
        "/home/u/.claude.json",
        "/home/u/.claude.json.lock",
        "/home/u/.claude.lock",
        "/home/u/.claude/.oauth_refresh.lock",
        "/home/u/.claude/.storage-write.lock",
        "/home/u/.claude_code",
        "/home/u/.claude/credentials",
        "/home/u/.config/anthropic",
        "/home/u/.aws/credentials",
        "/home/u/.config/gcloud/application_default_credentials.json",
    }
    assert len(files) == len(set(files))
    assert "" not in files


# ── network file systems ─────────────────────────────────────────────────────────────────────────

MOUNTS = rb"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:50 / /home rw,relatime shared:2 - nfs4 server:/home rw
41 40 8:2 / /home/local rw - ext4 /dev/sda2 rw
42 22 0:51 / /mnt/my\040share rw - cifs //server/share rw
43 22 0:52 / /mnt/c rw - 9p C:\134 rw
44 22 0:53 / /mnt/s rw - fuse.sshfs u@h: rw
45 22 0:54 / /run/user/1000/doc rw - fuse.portal portal rw
"""


@pytest.mark.parametrize(
    ("directory", "remote"),
    [
        ("/", False),
        ("/home", True),
        ("/home/u/.claude", True),
        ("/homely", False),
        ("/home/local/u", False),
        ("/mnt/my share/x", True),
        ("/mnt/c/Users", True),
        ("/mnt/s", True),
        ("/run/user/1000/doc/x", False),
    ],
)
def test_which_directories_lie_on_the_network(directory: str, remote: bool, tmp_path: Path) -> None:
    assert bool(remote_files([directory], mounted(tmp_path, MOUNTS))) is remote


def mounted(root: Path, mountinfo: bytes) -> str:
    """A root whose kernel has these mounts."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/mountinfo").write_bytes(mountinfo)
    return str(root)


def test_the_later_of_two_mounts_on_one_point_counts(tmp_path: Path) -> None:
    twice = b"1 0 8:1 / / rw - ext4 a rw\n2 1 0:5 / /home rw - ext4 b rw\n3 2 0:6 / /home rw - nfs c rw\n"
    assert remote_files(["/home/u"], mounted(tmp_path, twice))


def test_a_link_to_the_network_is_on_the_network(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (tmp_path / "settings.json").symlink_to(share / "settings.json")
    (tmp_path / "circle").symlink_to("circle")
    root = mounted(
        tmp_path / "root", b"1 0 8:1 / / rw - ext4 a rw\n2 1 0:5 / %b rw - nfs b rw\n" % bytes(share)
    )
    files = [str(tmp_path / name) for name in ("settings.json", "circle", "other")] + ["/nonexistent\0/x"]
    assert remote_files(files, root) == {str(tmp_path / "settings.json")}


@given(
    st.binary() | st.lists(st.sampled_from([*MOUNTS.split(b"\n"), b" - ", b"\\777", b"\xff"])).map(b" ".join)
)
def test_any_mountinfo(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as root:
        remote_files(["/home/u"], mounted(Path(root), content))


# ── what is told ─────────────────────────────────────────────────────────────────────────────────


def test_a_change_is_told_within_the_promise(tmp_path: Path) -> None:
    file = tmp_path / ".credentials.json"
    file.write_text("0")

    async def run() -> list[float]:
        async with watching(file) as told:
            delays = [await told_within(told, file, lambda: file.write_text("in place, longer"))]
            delays += [await told_within(told, file, lambda: replace_file(file, "renamed over"))]
            delays += [await told_within(told, file, file.unlink)]
            delays += [await told_within(told, file, lambda: file.write_text("again"))]
            delays += [await told_within(told, file, lambda: file.chmod(0o644))]
        return delays

    delays = asyncio.run(run())
    print("in place, renamed over, deleted, created, mode:", *(f"{delay * 1000:.0f} ms" for delay in delays))
    assert sorted(delays)[2] < PROMISE, "the median: one of five may meet a busy machine"


def test_what_is_not_of_interest_is_not_told(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"

    async def run() -> frozenset[str]:
        async with watching(file) as told:
            for number in range(50):
                (tmp_path / f"other{number}").write_text("x")
            file.write_text("{}")
            return await told()

    assert asyncio.run(run()) == {str(file)}


def test_a_directory_that_is_created_later(tmp_path: Path) -> None:
    file = tmp_path / ".config/anthropic/configs/default.json"

    async def run() -> None:
        async with watching(file) as told:
            file.parent.mkdir(parents=True)
            file.write_text("{}")
            assert await told() == {str(file)}
            await told_within(told, file, lambda: file.write_text("written once it is watched itself"))

    asyncio.run(run())


def test_a_directory_that_vanishes_and_returns(tmp_path: Path) -> None:
    file = tmp_path / ".claude/settings.json"
    file.parent.mkdir()
    file.write_text("{}")

    async def run() -> None:
        async with watching(file) as told:
            await told_within(told, file, lambda: file.parent.rename(tmp_path / ".claude.bak"))
            file.parent.mkdir()
            await told_within(told, file, lambda: file.write_text("{}"))
            await told_within(told, file, lambda: file.write_text("longer"))

    asyncio.run(run())


def test_a_directory_that_is_replaced_by_another_one(tmp_path: Path) -> None:
    file, other = tmp_path / "now/settings.json", tmp_path / "next/settings.json"
    for path in (file, other):
        path.parent.mkdir()
        path.write_text(str(path))

    async def run() -> None:
        async with watching(file) as told:
            file.parent.rename(tmp_path / "before")
            await told_within(told, file, lambda: other.parent.rename(file.parent))
            await told_within(told, file, lambda: file.write_text("the new one is watched"))

    asyncio.run(run())


def test_a_lock_from_its_taking_to_its_release(tmp_path: Path) -> None:
    lock = tmp_path / ".claude.lock"

    async def run() -> None:
        async with watching(lock) as told:
            for change in (lock.mkdir, lambda: os.utime(lock, (1, 1)), (lock / "pid").touch):
                await told_within(told, lock, change)
            (lock / "pid").unlink()
            await told_within(told, lock, lock.rmdir)

    asyncio.run(run())


def test_the_target_of_a_link_and_the_link_itself(tmp_path: Path) -> None:
    file, target, other = (
        tmp_path / "settings.json",
        tmp_path / "dotfiles/a.json",
        tmp_path / "dotfiles/b.json",
    )
    target.parent.mkdir()
    target.write_text("a")
    other.write_text("b")
    file.symlink_to("dotfiles/a.json")

    def relink() -> None:
        (tmp_path / "new").symlink_to("dotfiles/b.json")
        (tmp_path / "new").replace(file)

    async def run() -> None:
        async with watching(file) as told:
            await told_within(told, file, lambda: replace_file(target, "changed behind the link"))
            await told_within(told, file, relink)
            await told_within(told, file, lambda: other.write_text("the new target is watched"))

    asyncio.run(run())


def test_a_directory_of_interest_tells_what_happens_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "managed-settings.d"

    async def run() -> None:
        async with watching(folder) as told:
            await told_within(told, folder, folder.mkdir)
            await told_within(told, folder, lambda: (folder / "10.json").write_text("{}"))
            await told_within(told, folder, lambda: (folder / "10.json").write_text("in place"))

    asyncio.run(run())


def test_a_thousand_writes_are_told_a_few_times_and_the_last_one_for_sure(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text("-1")

    async def write_all() -> None:
        for number in range(1000):
            file.write_text(str(number))
            if number % 10 == 9:
                await asyncio.sleep(0.01)  # 1,000 a second, and the watcher's turn
        # Of another size: after a look within the same tick of the file system's clock nothing else is.
        file.write_text("the last")

    async def run() -> tuple[int, float]:
        seen, answers = "", 0
        async with watching(file) as told:
            start = time.perf_counter()
            writing = asyncio.ensure_future(write_all())
            while seen != "the last":
                assert await told() == {str(file)}
                answers, seen = answers + 1, file.read_text()
            await writing
        return answers, time.perf_counter() - start

    answers, seconds = asyncio.run(run())
    print(f"{answers} answers in {seconds:.2f} s")
    assert answers <= seconds * 10 + 1


def test_writes_of_a_slow_reader_come_as_one(tmp_path: Path) -> None:
    files = [tmp_path / name for name in "abc"]

    async def run() -> frozenset[str]:
        ready = asyncio.Event()
        watcher = changes(map(str, files), ready=ready, beat=0.05)
        first = asyncio.ensure_future(anext(watcher))
        await ready.wait()
        files[0].write_text("1")
        await asyncio.wait_for(first, PATIENCE)
        for file in files:  # while nobody asks
            file.write_text("22")
        told: set[str] = set()
        while told != set(map(str, files)):
            told |= await asyncio.wait_for(anext(watcher), PATIENCE)
        await watcher.aclose()
        return frozenset(told)

    assert len(asyncio.run(run())) == 3


# ── where looking is slow, or seldom told about ─────────────────────────────────────────────────


def test_files_on_the_network_are_looked_at_seldom_and_hold_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the server has died: then a look at them does not come back."""
    share, local = tmp_path / "share", tmp_path / "local"
    for folder in (share, local):
        folder.mkdir()
    kinds = b"1 0 8:1 / / rw - ext4 a rw\n2 1 0:5 / %b rw - nfs4 server:/x rw\n" % bytes(share)
    root = mounted(tmp_path / "root", kinds)
    dead, answers = threading.Event(), threading.Event()
    looks: list[float] = []

    def look(path: str) -> object:
        if path.startswith(str(share)):
            looks.append(time.monotonic())
            if dead.is_set():
                answers.wait(PATIENCE)
        return signature(path)

    monkeypatch.setattr(watch, "signature", look)

    async def run() -> None:
        async with watching(share / "a", local / "b", root=root, remote_beat=0.5) as told:
            await told_within(told, share / "a", lambda: (share / "a").write_text("1"))
            dead.set()
            for content in ("1", "22", "333"):
                await told_within(told, local / "b", partial((local / "b").write_text, content))
            answers.set()

    asyncio.run(run())
    assert all(later - earlier > 0.4 for earlier, later in pairwise(looks))


def test_a_parent_that_is_moved_away_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "a/b/c/settings.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")

    async def run() -> None:
        async with watching(file) as told:
            await told_within(told, file, lambda: (tmp_path / "a").rename(tmp_path / "z"))
            file.parent.mkdir(parents=True)
            await told_within(told, file, lambda: file.write_text("{}"))

    asyncio.run(run())


def test_a_name_that_is_no_utf8_is_looked_at(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)
    file = os.fsdecode(folder + b"/settings.json")

    async def run() -> None:
        async with watching(file) as told:
            await told_within(told, file, lambda: Path(file).write_text("1"))

    asyncio.run(run())


# ── leaving things alone ─────────────────────────────────────────────────────────────────────────


def test_stop_ends_it(tmp_path: Path) -> None:
    async def run() -> list[frozenset[str]]:
        stop, ready = asyncio.Event(), asyncio.Event()

        async def collect() -> list[frozenset[str]]:
            return [told async for told in changes([f"{tmp_path}/x"], stop=stop, ready=ready)]

        collecting = asyncio.ensure_future(collect())
        await ready.wait()
        stop.set()
        return await asyncio.wait_for(collecting, PATIENCE)

    assert asyncio.run(run()) == []


def test_cancelling_leaves_no_task_and_no_watch_behind(tmp_path: Path) -> None:
    def open_descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    async def run() -> None:
        async with watching(tmp_path / "x"):
            pass
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())
    before = open_descriptors()
    for _ in range(10):
        asyncio.run(run())
    deadline = time.monotonic() + PATIENCE
    while open_descriptors() > before and time.monotonic() < deadline:
        time.sleep(0.01)  # a thread that looks at the moment ends in its own time
    assert open_descriptors() <= before


def test_waiting_costs_next_to_nothing_even_when_a_directory_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()

    async def run() -> float:
        async with watching(folder / "x"):
            folder.rmdir()
            before = resource.getrusage(resource.RUSAGE_SELF)
            await asyncio.sleep(1)  # the time of which the use is measured
            after = resource.getrusage(resource.RUSAGE_SELF)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    used = asyncio.run(run())
    print(f"{used * 1000:.0f} ms of processor time in one idle second")
    assert used < 0.3


def test_pipes_and_devices_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "settings.json")
    assert signature(str(tmp_path / "settings.json")) is not None
    assert signature("/dev/zero") is not None
    assert signature("/nonexistent\0") is None

    async def run() -> None:
        async with watching(tmp_path / "settings.json") as told:
            await told_within(told, tmp_path / "settings.json", (tmp_path / "settings.json").unlink)

    asyncio.run(run())
