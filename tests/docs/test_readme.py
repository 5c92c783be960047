"""The README's commands work as written, and its links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from claude_auth.sandbox.demo_scenes import BY_NAME
from tests.docs.pictures import painter, pictures
from tests.guard import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = tuple(
    line.removeprefix("$ ")
    for block in re.findall(r"^```console\n(.*?)^```", README, re.M | re.S)
    for line in block.splitlines()
    if line.startswith("$ ")
)
# What needs a network, a terminal, or this very test run.
NOT_RUN = (
    "make run",
    "make demo",
    "make demo SCENE=key-over-login",
    "make test",
    "pipx install .",
    "uv tool install .",
)
LINKS = tuple(
    target
    for target in re.findall(r"\]\(([^)\s]+)\)", README) + re.findall(r"(?:src|href)=\"([^\"]+)\"", README)
    if not re.match(r"[a-z]+:|#", target)
)


def test_every_command_is_accounted_for() -> None:
    assert {"make run", "make test", "claude-auth status --json"} <= set(COMMANDS)
    assert set(NOT_RUN) <= set(COMMANDS)
    assert all(command.split()[0] in {"make", "claude-auth", "pipx", "uv"} for command in COMMANDS)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in NOT_RUN])
def test_command(command: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "HOME": str(tmp_path),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
    }
    run = subprocess.run(
        shlex.split(command),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == (1 if command.startswith("claude-auth status") else 0), run.stderr
    assert run.stdout.strip()


@pytest.mark.parametrize("target", LINKS)
def test_link(target: str) -> None:
    assert (ROOT / unquote(target.partition("#")[0])).exists()


def test_every_picture_is_a_snapshot_of_a_scene_of_the_demo() -> None:
    """So that it is what the code paints now: the snapshot's own test compares it."""
    assert pictures()
    for picture in pictures():
        assert (ROOT / painter(picture).partition("::")[0]).is_file()
    scenes = re.findall(r"test_picture\[(.+)-\d+x\d+\]", " ".join(pictures()))
    assert scenes
    assert set(scenes) <= set(BY_NAME)


def test_the_pictures_can_be_made() -> None:
    """As `make pictures` does it, but that nothing is painted."""
    command = [sys.executable, "-m", "tests.docs.pictures", "--collect-only"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    assert [picture for picture in pictures() if picture not in run.stdout] == []


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z ]+)`", README):
        for name in target.split():
            assert re.search(rf"^{name}:", makefile, re.M)
