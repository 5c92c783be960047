"""The guard of the tests themselves."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guard import ROOT, Guard, Trespass, _is_local_name

PRETEND = "/nowhere/home"


@pytest.mark.parametrize(
    "path",
    [
        ".claude",
        ".claude/.credentials.json",
        ".claude.json",
        ".claude.json.backup.1",
        ".claude_code/tokens.json",
        ".aws/credentials",
        ".config/gcloud/application_default_credentials.json",
        "project/../.claude.json",
    ],
)
def test_refuses_the_real_home(path: str) -> None:
    guard = Guard(frozenset({PRETEND}), ())
    for spelt in (f"{PRETEND}/{path}", f"{PRETEND}/{path}".encode(), Path(f"{PRETEND}/{path}")):
        with pytest.raises(Trespass):
            guard("open", (spelt, "r", 0))
    assert len(guard.trespasses) == 3


@pytest.mark.parametrize("path", [".bashrc", "project/.claude/settings.json", ".config/other"])
def test_leaves_the_rest_alone(path: str) -> None:
    Guard(frozenset({PRETEND}), ())("open", (f"{PRETEND}/{path}", "r", 0))


def test_a_checkout_below_a_forbidden_directory_works() -> None:
    guard = Guard(frozenset({PRETEND}), (f"{PRETEND}/.claude/worktrees/a",))
    guard("open", (f"{PRETEND}/.claude/worktrees/a/README.md", "r", 0))


def test_is_installed(guard: Guard) -> None:
    target = f"{pwd.getpwuid(os.getuid()).pw_dir}/.claude"
    with guard.expecting() as seen:
        with pytest.raises(Trespass):
            Path(f"{target}/.credentials.json").read_bytes()
        with pytest.raises(Trespass):
            os.listdir(target)
    assert len(seen) == 2


def test_refuses_other_machines(guard: Guard) -> None:
    with guard.expecting() as seen, socket.socket() as stream:
        with pytest.raises(Trespass):
            stream.connect(("192.0.2.1", 443))
        with pytest.raises(Trespass):
            socket.getaddrinfo("api.anthropic.com", 443)
    assert len(seen) == 2


def test_loopback_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as stream:
        stream.connect(server.getsockname())


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("::1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
    ],
)
def test_names(host: str, local: bool) -> None:
    assert _is_local_name(host) is local


def test_nothing_comes_in_from_outside() -> None:
    leaked = [
        name
        for name in os.environ
        if name.startswith(("ANTHROPIC_", "AWS_", "CLAUDE_", "GOOGLE_"))
        and name != "CLAUDE_AUTH_NO_SYSTEM_SKIPS"
    ]
    assert not leaked
    assert "claude-auth-tests-" in str(Path.home())


SAMPLE = """
import pytest

@pytest.mark.requires_system("no-such-package", "no-such-program")
def test_needs_it():
    pass

def test_swallows():
    import socket
    with socket.socket() as stream:
        try:
            stream.connect(("192.0.2.1", 443))
        except Exception:
            pass
"""


@pytest.mark.parametrize("skips_allowed", [True, False])
def test_in_a_session(tmp_path: Path, skips_allowed: bool) -> None:
    """A missing program is a skip with its package named, or a failure; a swallowed trespass still fails."""
    project = tmp_path / "project"
    (project / "tests").mkdir(parents=True)
    for name in ("__init__.py", "conftest.py", "guard.py"):
        shutil.copy(ROOT / "tests" / name, project / "tests")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, project)
    (project / "tests" / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "CLAUDE_AUTH_NO_SYSTEM_SKIPS"}
    if not skips_allowed:
        environment["CLAUDE_AUTH_NO_SYSTEM_SKIPS"] = "1"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "apt-get install no-such-package" in run.stdout
    # pytest calls what fails before or after the body of a test an error.
    assert ("1 passed, 1 skipped, 1 error in" if skips_allowed else "1 passed, 2 errors in") in run.stdout
    assert run.returncode == 1


def test_ci_installs_what_tests_ask_for() -> None:
    ci = re.search(r"^packages=\(([^)]*)\)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.M)
    assert ci
    asked = {
        package
        for path in (ROOT / "tests").rglob("test_*.py")
        for package in re.findall(r"requires_system\(\"([\w.+-]+)\"", path.read_text(encoding="utf-8"))
    }
    assert asked - {"no-such-package"} <= set(ci[1].split())
