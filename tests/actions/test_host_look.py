"""What a look after a change keeps of earlier ones never changes what it says."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_auth.actions.host_look import HostLook
from claude_auth.actions.look import HostObserver
from claude_auth.formats.document import Document, parse
from claude_auth.model import Snapshot
from claude_auth.observe import running
from claude_auth.observe.context import DocumentMemory
from claude_auth.sandbox import scenes

LIMIT = 1 << 20


def told(snapshot: Snapshot) -> Snapshot:
    """Without what others on this machine change at any moment."""
    machine = snapshot.machine._replace(free_bytes=None)
    more = None if snapshot.more is None else snapshot.more._replace(free_files=None)
    return snapshot._replace(machine=machine, more=more)


def other(content: bytes) -> bytes:
    """Of the same length: its last letter or digit is another one."""
    place = next((n for n in range(len(content) - 1, -1, -1) if chr(content[n]).isalnum()), None)
    if place is None:
        return bytes(len(content))
    return content[:place] + (b"x" if content[place] != ord("x") else b"y") + content[place + 1 :]


def rewrite(path: Path, content: bytes, *, in_place: bool) -> None:
    """With the times and the rights that it has."""
    status = path.stat()
    written = path if in_place else path.with_name(path.name + ".new")
    written.write_bytes(content)
    written.chmod(status.st_mode & 0o7777)
    os.utime(written, ns=(status.st_atime_ns, status.st_mtime_ns))
    written.replace(path)


@pytest.mark.parametrize("name", list(scenes.SCENES))
def test_each_file_in_turn(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if all had been written long ago, so that everything is kept that ever is."""
    view = scenes.lay_out(scenes.SCENES[name], tmp_path, now=time.time()).context()._replace(now=time.time())
    clock = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: clock() + 10_000_000_000)
    host = HostLook(view)
    first = host.whole()
    assert first.more is None
    assert told(host.whole()) == told(host.after_change())
    for path in sorted(tmp_path.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        before = path.read_bytes()
        for change in ("written", "gone", "there again"):
            if change == "gone":
                path.unlink()
            elif change == "written":
                rewrite(path, other(before), in_place=False)
            else:
                path.write_bytes(before)
            fresh = HostLook(view)
            fresh.whole()
            seen = host.after_change(frozenset({str(path)}))
            assert told(seen) == told(fresh.whole()), (path, change)


def test_a_file_that_was_just_written_is_read_each_time(tmp_path: Path) -> None:
    """It may be written again in the same step of its file system's clock."""
    path, memory = tmp_path / ".claude.json", DocumentMemory()
    path.write_text('{"numStartups": 1}')
    for number in range(2, 6):
        rewrite(path, f'{{"numStartups": {number}}}'.encode(), in_place=True)
        assert memory.read(str(path), LIMIT, parse)[0].data == {"numStartups": number}


def test_a_file_that_stays_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: clock() + 10_000_000_000)
    path, memory, parsed = tmp_path / ".claude.json", DocumentMemory(), []

    def counted(content: bytes) -> Document:
        parsed.append(content)
        return parse(content)

    def value() -> object:
        return memory.read(str(path), LIMIT, counted)[0].data.get("numStartups")

    path.write_text('{"numStartups": 1}')
    assert (value(), value(), len(parsed)) == (1, 1, 1)
    rewrite(path, b'{"numStartups": 2}', in_place=False)
    assert (value(), value(), len(parsed)) == (2, 2, 2)
    memory.forget()
    assert (value(), len(parsed)) == (2, 3)
    path.unlink()
    assert value() is None


def test_the_process_table_is_read_by_whole_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables: list[tuple[running.Process, ...]] = []

    def table() -> tuple[running.Process, ...]:
        tables.append(())
        return tables[-1]

    monkeypatch.setattr(running, "process_table", table)
    view = (
        scenes.lay_out(scenes.SCENES["healthy"], tmp_path, now=time.time()).context()._replace(pretends=True)
    )
    host = HostObserver.of(view)
    after_change = host.look_after_change
    assert after_change is not None
    read = []
    for look in (host.look, after_change, after_change, host.look, after_change):
        look(frozenset()) if look is after_change else host.look()
        read.append(len(tables))
    assert read == [0, 1, 1, 2, 2]


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_login_that_lies_in_two_directories(link: Callable[[str, str], None], tmp_path: Path) -> None:
    """A link leads from one to the other: what is written here is written there."""
    now = time.time()
    view = scenes.lay_out(scenes.SCENES["healthy"], tmp_path, now=now).context()._replace(now=now)
    host = HostLook(view)
    store = Path(host.whole().places.credentials_path)
    other = Path(view.home, ".claude-work", ".credentials.json")
    other.parent.mkdir()
    link(str(store), str(other))
    saved = store.read_text()
    host.whole()
    for text in (saved.replace("sk-ant-o", "sk-ant-o9"), None, saved, "{}", saved):
        if text is None:
            store.unlink()
        else:
            store.write_text(text)
            store.chmod(0o600)
        fresh = HostLook(view)
        fresh.whole()
        assert told(host.after_change(frozenset({str(store)}))) == told(fresh.whole()), text
