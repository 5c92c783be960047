"""A file may be anything: each kind of damage is told, none of it blocks, raises or reads without end."""

from __future__ import annotations

import os
import pickle
import shutil
import socket
import stat
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from claude_auth.files import USUAL_LIMIT, FileRead, list_directory, owner_name, read_file
from tests.waiting import Stopwatch, at_once

T = TypeVar("T")
NOBODY = 65534


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that every user may enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="claude-auth-files-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def as_somebody_without_rights(look: Callable[[], T]) -> T:
    """The answer of a child that gave root's rights away; without root's rights, of this process."""
    if os.geteuid() != 0:
        return look()
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons warn where threads are around
        child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.write(writing, pickle.dumps(look()))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        content = answer.read()
    assert os.waitpid(child, 0)[1] == 0
    return pickle.loads(content)  # type: ignore[no-any-return]


def damage(read: FileRead) -> str | None:
    assert (read.content is None) == (read.damage is not None)
    return None if read.damage is None else read.damage.code


def test_a_plain_file_with_its_facts(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    path.chmod(0o640)
    os.utime(path, (1e9, 1e9))
    read = read_file(str(path))
    assert read.content == b"content"
    assert read.file is not None
    assert (read.file.mode, read.file.modified, read.file.size) == (0o640, 1e9, 7)
    assert read.file.owned_by_us
    assert read.file.open_to_others
    assert "content" not in repr(read)


def test_a_link_is_followed_and_told(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to("real")
    read = read_file(str(tmp_path / "link"))
    assert read.content == b"x"
    assert read.file is not None
    assert read.file.link_target == str(tmp_path / "real")


def _directory(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _into_a_file(path: Path) -> None:
    path.symlink_to("/dev/null/inside")


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def _one_gigabyte(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: None, "missing"),
        (_directory, "not-a-file"),
        (_pipe, "not-a-file"),
        (_device, "not-a-file"),
        (_socket, "not-a-file"),
        (_dangling, "dangling-link"),
        (_into_a_file, "dangling-link"),
        (_loop, "dangling-link"),
        (_one_gigabyte, "too-large"),
    ],
)
def test_anything_else_is_told_at_once(make: Callable[[Path], None], code: str, tmp_path: Path) -> None:
    make(tmp_path / "x")
    watch = Stopwatch()
    assert damage(read_file(str(tmp_path / "x"))) == code
    assert watch.seconds < 1


@pytest.mark.parametrize("path", ["/dev/null/x", "/tmp/\0x", "/" + "x" * 300, "/" + "x/" * 5000, ""])
def test_a_path_that_names_nothing(path: str) -> None:
    assert damage(read_file(path)) in {"missing", "io-error"}


def test_a_file_of_just_the_limit_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    assert damage(read_file(str(path), 100)) is None
    assert damage(read_file(str(path), 99)) == "too-large"
    assert USUAL_LIMIT == 1 << 20


def test_a_file_that_stat_calls_too_large_is_not_even_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").write_bytes(b"x" * 100)

    def opened(*_: object, **__: object) -> int:
        raise AssertionError("it was opened")

    monkeypatch.setattr("claude_auth.files.os.open", opened)
    assert damage(read_file(str(tmp_path / "x"), 99)) == "too-large"


def test_the_beginning_of_a_larger_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"0123456789")
    assert read_file(str(tmp_path / "x"), 4, cut=True).content == b"0123"
    assert read_file(str(tmp_path / "x"), 10, cut=True).content == b"0123456789"
    assert read_file("/proc/self/maps", 10, cut=True).content is not None
    os.mkfifo(tmp_path / "pipe")
    assert damage(read_file(str(tmp_path / "pipe"), 4, cut=True)) == "not-a-file"


def test_what_is_exchanged_for_a_pipe_between_stat_and_open_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x")
    look = os.lstat

    def exchanging(name: str) -> os.stat_result:
        status = look(name)
        path.unlink()
        os.mkfifo(path)
        return status

    monkeypatch.setattr("claude_auth.files.os.lstat", exchanging)
    assert damage(at_once(lambda: read_file(str(path)))) == "io-error"


def test_a_file_that_lies_about_its_size_is_bounded(tmp_path: Path) -> None:
    """Files of /proc say that they are empty."""
    read = read_file("/proc/self/maps", 10)
    assert damage(read) == "too-large"
    assert damage(read_file("/proc/self/comm")) is None


def test_no_permission(open_directory: Path) -> None:
    path = open_directory / "file"
    path.write_text("{}")
    path.chmod(0)
    assert as_somebody_without_rights(lambda: damage(read_file(str(path)))) == "permission"


def test_no_permission_to_enter_the_directory(open_directory: Path) -> None:
    folder = open_directory / "closed"
    folder.mkdir()
    (folder / "file").write_text("{}")
    folder.chmod(0)
    try:
        found = as_somebody_without_rights(
            lambda: (damage(read_file(str(folder / "file"))), list_directory(str(folder)))
        )
        assert found == ("permission", ())
    finally:
        folder.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: gives a file to another user")
def test_a_file_of_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("{}")
    os.chown(path, 12345, 12345)
    read = read_file(str(path))
    assert read.file is not None
    assert (read.file.owner, read.file.owned_by_us) == ("12345", False)


def test_an_owner_without_a_name_is_a_number() -> None:
    assert owner_name(4_000_000) == "4000000"


def test_reading_leaves_no_descriptor_open_and_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("{}")
    before = (path.stat().st_mtime_ns, stat.S_IMODE(path.stat().st_mode), len(os.listdir("/proc/self/fd")))
    for _ in range(20):
        read_file(str(path))
    assert before == (
        path.stat().st_mtime_ns,
        stat.S_IMODE(path.stat().st_mode),
        len(os.listdir("/proc/self/fd")),
    )


def test_a_directory_is_listed_in_order_and_up_to_a_bound(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / name).touch()
    assert list_directory(str(tmp_path)) == ("a", "b", "c")
    assert len(list_directory(str(tmp_path), 2)) == 2
    assert list_directory(str(tmp_path / "missing")) == ()
    assert list_directory(f"{tmp_path}\0") == ()
    assert sys.platform != "linux" or list_directory(str(tmp_path / "a")) == ()
