"""A look at a whole machine: it changes nothing, starts nothing, and survives files full of anything."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_auth.model import Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from tests.conformance.layout import lay_out, situation

#: Every file that a look reads.
FILES = (
    ".claude/.credentials.json",
    ".claude/settings.json",
    ".claude.json",
    ".claude/.config.json",
    "proj/.claude/settings.json",
    "proj/.claude/settings.local.json",
    "root/etc/claude-code/managed-settings.json",
    "root/etc/claude-code/managed-settings.d/a.json",
    ".aws/credentials",
    ".aws/config",
    ".config/gcloud/application_default_credentials.json",
    ".config/anthropic/active_config",
    ".config/anthropic/configs/a.json",
    ".claude_code/tokens.json",
    ".claude_code/keyring.json",
    ".claude/credentials/abc",
    ".bashrc",
    ".zshrc",
    ".config/fish/config.fish",
    "proj/.env",
    "proj/.envrc",
    "root/etc/environment",
    "root/proc/1/cgroup",
    "root/sys/class/dmi/id/sys_vendor",
    "bin/claude",
    "package.json",
)
CONTENT = st.binary(max_size=60) | st.sampled_from(
    [
        b"",
        b"{",
        b'{"env": {"A": [[[5]]], "ANTHROPIC_API_KEY": ' + b"9" * 400 + b"}}",
        b'{"claudeAiOauth": {"accessToken": "\\ud800", "expiresAt": 1e999, "scopes": [[]]}}',
        b'{"customApiKeyResponses": {"approved": 5}, "projects": []}',
        b"[a]\nb",
        b"export ANTHROPIC_API_KEY='unclosed",
        b"#!/bin/sh\nexec $HOME/bin/claude",
        b"\xff\xfe\0",
        b"[" * 5000,
    ]
)
ENVIRON = st.dictionaries(
    st.sampled_from(
        [
            *("ANTHROPIC_API_KEY", "CLAUDE_CONFIG_DIR", "CLAUDE_SECURESTORAGE_CONFIG_DIR", "AWS_CONFIG_FILE"),
            *("GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "AZURE_CONFIG_DIR", "XDG_CONFIG_HOME"),
            *("ZDOTDIR", "USER", "SHELL", "AWS_PROFILE"),
        ]
    ),
    st.sampled_from(["", "/", "/nonexistent", "~", "\udcff", "a\nb", "x" * 5000, ".."]) | st.text(max_size=5),
    max_size=4,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(FILES), CONTENT, max_size=12), ENVIRON)
def test_a_home_full_of_anything_is_a_snapshot(files: dict[str, bytes], environ: dict[str, str]) -> None:
    home = Path(tempfile.mkdtemp())
    try:
        for name, content in files.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o700)
        (home / "proj").mkdir(exist_ok=True)
        values = {"PATH": f"{home}/bin", **environ}
        view = ObservationContext(str(home), str(home / "proj"), str(home / "root"), Environment(values))
        assert isinstance(observe(view), Snapshot)
    finally:
        shutil.rmtree(home)


def test_directories_where_files_belong(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    view = ObservationContext(str(tmp_path), str(tmp_path / "proj"), str(tmp_path / "root"))
    assert isinstance(observe(view), Snapshot)


def test_pipes_where_files_belong_block_nothing(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(tmp_path / name)
    view = ObservationContext(str(tmp_path), str(tmp_path / "proj"), str(tmp_path / "root"))
    assert isinstance(observe(view), Snapshot)


@pytest.mark.parametrize("place", ["/nonexistent", "/dev/null", "/proc/self/mem"])
def test_places_that_are_none(place: str) -> None:
    assert isinstance(observe(ObservationContext(place, place, place)), Snapshot)


def test_a_look_leaves_everything_as_it_was_and_starts_nothing(tmp_path: Path) -> None:
    events: list[str] = []
    watched = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect"}
    writing = {"os.mkdir", "os.remove", "os.rename", "os.chmod", "os.utime", "os.truncate", "os.rmdir"}
    looking = [True]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if not looking:
            return
        if event in watched | writing or (event == "open" and _is_write(arguments)):
            events.append(event)

    with lay_out(situation({".claude/settings.json": {"apiKeyHelper": "touch $HOME/ran"}}), tmp_path) as laid:
        view = laid.context()
        sys.addaudithook(hook)
        before = _pictures(tmp_path)
        observe(view)
        looking.clear()
        assert _pictures(tmp_path) == before
    assert events == []


def _is_write(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _pictures(home: Path) -> dict[str, tuple[int, int, int]]:
    found = {}
    for path in sorted(home.rglob("*")):
        status = path.lstat()
        found[str(path)] = (status.st_mode, status.st_mtime_ns, status.st_size)
    return found


def test_a_snapshot_shows_names_and_no_values(tmp_path: Path) -> None:
    environ = Environment({"ANTHROPIC_API_KEY": "made-up-key"})
    view = ObservationContext(str(tmp_path), str(tmp_path), str(tmp_path), environ)
    assert "made-up" not in repr(view) + repr(observe(view))
    assert "ANTHROPIC_API_KEY" in repr(observe(view))


def test_whether_what_lies_there_is_ours(tmp_path: Path) -> None:
    mine = ObservationContext(str(tmp_path), str(tmp_path), str(tmp_path), user_id=os.geteuid())
    assert mine.belongs_to_us()
    assert not ObservationContext(str(tmp_path), str(tmp_path), user_id=os.geteuid() + 1).belongs_to_us()
    assert not ObservationContext("/nonexistent", "/", user_id=os.geteuid()).belongs_to_us()
