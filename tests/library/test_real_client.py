"""The real `claude`, where one is on PATH: with a made-up login, and only loopback there (Linux, as root)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guard import REAL_ENVIRONMENT, ROOT, real_program
from tools.observe_client import apart

CLAUDE = real_program("claude")


def _can_be_apart() -> bool:
    try:
        return subprocess.run(apart(["true"]), capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(CLAUDE is None, reason="needs Claude Code: npm install -g @anthropic-ai/claude-code")
def test_it_answers_by_its_login(tmp_path: Path) -> None:
    if not _can_be_apart():
        pytest.skip("needs a network namespace: run as root on Linux")
    assert CLAUDE is not None
    (tmp_path / "world").mkdir()
    command = [
        sys.executable,
        "-m",
        "tests.library.real_client",
        os.path.realpath(CLAUDE),
        str(tmp_path / "world"),
    ]
    environment = {"HOME": str(tmp_path), "PATH": REAL_ENVIRONMENT["PATH"], "LC_ALL": "C.UTF-8"}
    run = subprocess.run(
        apart(command), cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=200
    )
    told = json.loads(run.stdout.splitlines()[-1])
    assert told["good"] == {
        "text": "Hello from the sandbox.",
        "types": ["text", "result"],
        "credentials": ["stored-login"],
    }
    assert (told["refused"]["code"], told["refused"]["status"]) == ("credential-refused", 401)
