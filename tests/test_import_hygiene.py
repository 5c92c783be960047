"""The quick commands import nothing heavy: start-up time is a promise, and what isn't loaded can't leak."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("asyncio", "boto3", "botocore", "google.auth", "httpx", "keyring", "psutil", "rich", "textual")
#: What `status` does without besides: making such classes costs more than all that it reads, and hashlib
#: loads OpenSSL.
SLOW = ("configparser", "dataclasses", "datetime", "hashlib", "inspect", "signal")

PROGRAM = """
import sys

statuses = []
try:
    from claude_auth.cli import main
    statuses.append(main(sys.argv[1:]))
except SystemExit as exit:
    statuses.append(exit.code)
import json
print(json.dumps([statuses[0], sorted(sys.modules)]), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["status", "--json"], 1), (["status"], 1), (["--version"], 0), (["--help"], 0)],
    ids=["status-json", "status", "version", "help"],
)
def test_imports_nothing_heavy(arguments: list[str], status: int, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=os.environ | {"HOME": str(tmp_path), "ANTHROPIC_API_KEY": "sk-ant-api03-madeUpForTests"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answer, modules = json.loads(run.stderr.splitlines()[-1])
    assert (answer or 0) == status
    assert not {*HEAVY, *(SLOW if "status" in arguments else ())} & set(modules)


def test_the_package_itself_is_lazy() -> None:
    """Neither `import claude_auth` nor `import claude_auth.app` loads Textual."""
    program = "import claude_auth, claude_auth.app, sys; print({'textual', 'rich'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "set()"
