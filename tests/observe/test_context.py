"""Descriptors: a file is read in place, a pipe is emptied on consent alone, anything else is said so."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_auth.observe.context import read_descriptors, read_pipe
from claude_auth.security.secret import Secret
from tests.waiting import Stopwatch

OAUTH = "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR"
KEY = "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for number in (reading, writing):
        try:
            os.close(number)
        except OSError:
            continue


def test_an_unset_or_empty_variable_names_none() -> None:
    assert read_descriptors({}) == {}
    assert read_descriptors({OAUTH: "", "OTHER": "1"}) == {}


def test_a_regular_file_is_read_and_its_offset_stays(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("  made-up-token \n")
    with path.open("rb") as file:
        found = read_descriptors({OAUTH: str(file.fileno())})[OAUTH]
        assert file.read(4) == b"  ma"
    assert (found.kind, found.value, found.damage) == ("file", Secret("made-up-token"), None)


def test_a_file_that_holds_blanks_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(" \n")
    with path.open("rb") as file:
        found = read_descriptors({KEY: str(file.fileno())})[KEY]
    assert (found.value, found.damage) == (None, f"descriptor {found.number} gives nothing")


def test_a_pipe_is_left_alone_until_asked(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.write(writing, b"made-up-token\n")
    os.close(writing)
    found = read_descriptors({OAUTH: f" {reading} "})[OAUTH]
    assert (found.kind, found.value, found.damage) == ("pipe", None, None)
    assert read_pipe(found).value == Secret("made-up-token")
    assert read_pipe(found).damage == f"descriptor {reading} gives nothing"


def test_a_pipe_that_has_been_read_is_not_read_again(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.write(writing, b"made-up-token")
    os.close(writing)
    once = read_pipe(read_descriptors({OAUTH: str(reading)})[OAUTH])
    assert read_pipe(once) is once


def test_a_pipe_that_nobody_closes_ends_with_the_time(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.write(writing, b"made-up-token")
    watch = Stopwatch()
    found = read_pipe(read_descriptors({OAUTH: str(reading)})[OAUTH], seconds=0.05)
    assert found.value == Secret("made-up-token")
    assert watch.seconds < 2


def test_a_pipe_that_never_ends_is_bounded(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.set_blocking(writing, False)
    os.write(writing, b"x" * 65536)
    found = read_pipe(read_descriptors({OAUTH: str(reading)})[OAUTH], seconds=0.05)
    assert found.value is not None
    assert len(found.value) == 65536


@pytest.mark.parametrize("text", ["abc", "-1", "1e1", "0x5", "9" * 20, "٣"])
def test_what_is_no_number(text: str) -> None:
    found = read_descriptors({KEY: text})[KEY]
    assert (found.kind, found.number) == ("not-a-number", None)


@pytest.mark.parametrize(
    "form", ["{}", " {} ", "+{}", "00000000000{}", "{}.0", "{}abc", "{}e0", "{},5", "\ufeff{}"]
)
def test_a_number_ends_where_its_digits_end(form: str, pipe: tuple[int, int]) -> None:
    found = read_descriptors({KEY: form.format(pipe[0])})[KEY]
    assert (found.kind, found.number) == ("pipe", pipe[0])


def test_a_closed_descriptor(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    assert read_descriptors({KEY: str(pipe[0])})[KEY].kind == "closed"
    assert read_descriptors({KEY: "999999999"})[KEY].kind == "closed"


def test_a_socket_or_device_is_neither() -> None:
    with socket.socket(socket.AF_UNIX) as server, open(os.devnull, "rb") as device:
        assert read_descriptors({KEY: str(server.fileno())})[KEY].kind == "other"
        assert read_descriptors({KEY: str(device.fileno())})[KEY].kind == "other"


def test_a_file_open_for_writing_alone_can_t_be_read(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        found = read_descriptors({OAUTH: str(file.fileno())})[OAUTH]
    assert found.damage == f"descriptor {found.number} can't be read"


def test_nothing_shows_the_value(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("made-up-token")
    with (tmp_path / "token").open("rb") as file:
        assert "made-up" not in repr(read_descriptors({OAUTH: str(file.fileno())}))
