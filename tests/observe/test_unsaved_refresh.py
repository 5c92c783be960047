"""The note of a refresh that came to nothing: where it lies, and that nothing in it is trusted."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from claude_auth.journal import state_directory
from claude_auth.model import UnsavedRefresh
from claude_auth.observe.token_stores import NAME, note_path, read_note, written

NOTE = UnsavedRefresh("1a2b3c4d", "claude mcp serve", 1_800_000_000.0, 6.1, True)


def test_it_lies_where_the_journal_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (os.environ["XDG_STATE_HOME"], ""):
        monkeypatch.setenv("XDG_STATE_HOME", value)
        path = note_path(os.environ, os.environ["HOME"], "linux")
        assert path == os.path.join(state_directory(), NAME)
    assert note_path({}, "/Users/ada", "darwin").startswith("/Users/ada/Library/Application Support/")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(written(NOTE))
    assert read_note(str(path)) == NOTE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"fingerprint": 5, "at": 1}',
        b'{"fingerprint": "", "at": 1}',
        b'{"fingerprint": "1a2b3c4d"}',
        b'{"fingerprint": "1a2b3c4d", "at": 1e300}',
        b'{"fingerprint": "1a2b3c4d", "at": 1' + b" " * 5000 + b"}",
    ],
)
def test_what_is_no_note_is_none(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(content)
    assert read_note(str(path)) is None


def test_no_file_no_pipe_no_directory_is_a_note(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "pipe", "."):
        assert read_note(str(tmp_path / name)) is None


@pytest.mark.parametrize("change", [{"held": -1}, {"held": "x"}, {"command": 5}, {"ended": "yes"}])
def test_wrong_fields_are_left_out(change: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(json.dumps({**NOTE._asdict(), **change}))
    found = read_note(str(path))
    assert found is not None
    assert (found.held, found.command, found.ended) in {
        (0.0, NOTE.command, True),
        (6.1, "", True),
        (6.1, NOTE.command, False),
    }
