"""A program of the working directory is never found by its mere name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from claude_auth.observe.installed import installed_clients
from claude_auth.processes.environment import Purpose, child_environment, folders, which


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("aws", "xdg-open", "claude"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/aws").write_text("#!/bin/sh\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", [".", "", ":", "bin/..", "./bin:.", ".:/nonexistent", "~"])
def test_a_program_of_the_working_directory_is_not_found(path: str, hostile: Path) -> None:
    assert which("aws", path) is None
    assert which("./aws", path) is None
    assert installed_clients(path, str(hostile)) == ()


def test_an_absolute_place_counts_and_the_first_executable_one_wins(hostile: Path) -> None:
    assert which("aws", f".:{hostile}/bin:{hostile}") == f"{hostile}/aws", "bin/aws may not be executed"
    assert which(f"{hostile}/aws", None) == f"{hostile}/aws"
    assert which("nosuch", str(hostile)) is which("", str(hostile)) is which("bin", str(hostile)) is None
    assert folders(None) == tuple(os.defpath.split(os.pathsep))


@pytest.mark.parametrize("purpose", ["sign-in", "claude", "browser"])
def test_programs_of_our_choice_get_a_path_without_it(purpose: Purpose) -> None:
    assert child_environment({"PATH": ".:/usr/bin::bin"}, purpose)["PATH"] == "/usr/bin"
    assert child_environment({"PATH": "."}, purpose)["PATH"] == os.devnull, "nothing is there"


def test_a_command_of_the_person_s_keeps_theirs() -> None:
    given = {"PATH": ".:/usr/bin"}
    assert child_environment(given, "aws")["PATH"] == ".:/usr/bin"
    assert child_environment(given, "aws", our_choice=True)["PATH"] == "/usr/bin"
