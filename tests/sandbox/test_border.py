"""The border of a demo: what is refused, and what is not. In processes of their own, since a hook stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, os, socket, subprocess, sys
from pathlib import Path
from claude_auth.sandbox.border import Border

inside, home = map(Path, sys.argv[1:3])
here = (inside / "home")
here.mkdir()
border = Border(str(inside), os.environ)
border.install()
os.environ["HOME"] = str(here)
refused = None
try:
    exec(sys.argv[3])
except OSError as error:
    refused = type(error).__name__
print(json.dumps({"refused": refused, "crossings": len(border.crossings)}))
"""


def tried(words: str, directory: Path) -> tuple[str | None, int]:
    """The error and the number of crossings that doing `words` came to."""
    home, inside = directory / "real", directory / "inside"
    (home / ".claude").mkdir(parents=True)
    (home / ".claude" / "secret").write_text("canary")
    inside.mkdir()
    (inside / "out").symlink_to(home)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(inside), str(home), words],
        env={"HOME": str(home), "PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (home / ".claude" / "secret").read_text() == "canary"
    return told["refused"], told["crossings"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("open(home / '.claude/secret')", "PermissionError"),
        ("open(inside / 'out/.claude/secret')", "PermissionError"),
        ("os.listdir(home)", "PermissionError"),
        ("open(home / 'new', 'w')", "PermissionError"),
        ("(home / '.claude/secret').unlink()", "PermissionError"),
        (
            "(here / 'a').write_text('') and 0 or os.rename(here / 'a', inside.parent / 'a')",
            "PermissionError",
        ),
        ("os.mkdir(inside.parent / 'other')", "PermissionError"),
        ("socket.create_connection(('192.0.2.1', 80), 5)", "OSError"),
        ("socket.getaddrinfo('api.anthropic.com', 443)", "gaierror"),
        ("subprocess.Popen(['/bin/true'], env={'HOME': str(home)})", "PermissionError"),
    ],
)
def test_what_leaves_the_demo_is_refused(words: str, error: str, tmp_path: Path) -> None:
    assert tried(words, tmp_path) == (error, 1)


@pytest.mark.parametrize(
    "words",
    [
        "(here / 'file').write_text('x')",
        "os.listdir(here)",
        "open('/dev/null', 'w').close()",
        "open('/etc/passwd').close()",
        "import colorsys",
        "subprocess.run(['/bin/true'])",
        "socket.create_server(('127.0.0.1', 0)).close()",
        "socket.getaddrinfo('localhost', 80)",
        "socket.getaddrinfo('192.0.2.1', 80)",
    ],
)
def test_what_stays_within_is_not(words: str, tmp_path: Path) -> None:
    assert tried(words, tmp_path) == (None, 0)
