"""The programs that run, and the environment that each of them really has."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from claude_auth.model.surroundings import Difference, RunningClient
from claude_auth.observe.running import Process, running_clients
from claude_auth.observe.viewpoint import Environment, Viewpoint
from claude_auth.security.secret import Secret
from tests.canary_machine import CANARIES, leaks

HOME = "/home/ada"


def view(environ: Mapping[str, str] | None = None, root: str = "/") -> Viewpoint:
    return Viewpoint(HOME, HOME, root, Environment(environ or {"HOME": HOME}), user_id=os.geteuid())


def process(*command: str, program: str = "", pid: int = 4711, environ: object = None) -> Process:
    def read() -> Mapping[str, str]:
        if environ is None:
            raise OSError("not readable")
        assert isinstance(environ, dict)
        return environ

    return Process(pid, command, program, 100.0, read)


def described(*processes: Process, environ: Mapping[str, str] | None = None) -> tuple[RunningClient, ...]:
    found = running_clients(view(environ), processes)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "command",
    [
        ("claude",),
        ("/usr/local/bin/claude", "-p", "hello"),
        ("node", "/usr/bin/claude"),
        ("/usr/bin/node", "--max-old-space-size=1", "/x/node_modules/@anthropic-ai/claude-code/cli.js"),
        ("/home/ada/.vscode/extensions/anthropic.claude-code-2.1.3/resources/native-binary/claude",),
    ],
    ids=["bare", "path", "script", "package", "extension"],
)
def test_what_counts_as_claude(command: tuple[str, ...]) -> None:
    assert [client.kind for client in described(process(*command))] == ["session"]


@pytest.mark.parametrize(
    "command",
    [
        ("claude-auth", "status"),
        ("/opt/Claude/claude-desktop",),
        ("grep", "claude"),
        ("vim", "/usr/bin/claude"),
        ("python", "/x/@anthropic-ai/claude-code/x.py"),
        (),
    ],
)
def test_what_does_not(command: tuple[str, ...]) -> None:
    assert described(process(*command)) == ()


def test_this_process_is_left_out() -> None:
    assert described(process("claude", pid=os.getpid())) == ()


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("auth", "login"), "sign-in"),
        (("setup-token",), "sign-in"),
        (("auth", "status"), "session"),
        (("-p", "how do I login with auth"), "session"),
    ],
)
def test_a_sign_in_that_waits(words: tuple[str, ...], kind: str) -> None:
    assert [client.kind for client in described(process("claude", *words))] == [kind]


def test_version_and_directory() -> None:
    program = "/home/ada/.local/share/claude/versions/2.1.300"
    one = described(process("claude", program=program, environ={"HOME": HOME, "CLAUDE_CONFIG_DIR": "/cfg/"}))[
        0
    ]
    assert (one.version, one.config_dir, one.program) == ("2.1.300", "/cfg", program)
    two = described(process("claude", environ={"HOME": HOME}))[0]
    assert (two.version, two.config_dir) == (None, "/home/ada/.claude")


def test_an_environment_that_can_t_be_read_is_told_apart() -> None:
    one = described(process("claude"))[0]
    assert (one.config_dir, one.differences) == (None, ())


def test_differences_are_names_and_fingerprints() -> None:
    here = {"HOME": HOME, "ANTHROPIC_API_KEY": CANARIES["api key"], "EDITOR": "vi", "AWS_PROFILE": ""}
    there = {"HOME": HOME, "ANTHROPIC_API_KEY": CANARIES["settings key"], "HTTPS_PROXY": "http://p"}
    one = described(process("claude", environ=there), environ=here)[0]
    assert one.differences == (
        Difference(
            "ANTHROPIC_API_KEY",
            Secret(CANARIES["api key"]).fingerprint,
            Secret(CANARIES["settings key"]).fingerprint,
        ),
        Difference("HTTPS_PROXY", None, Secret("http://p").fingerprint),
    )
    assert leaks(repr(one)) == []
    assert leaks(repr(process("claude", CANARIES["api key"], environ=there))) == []


def test_the_oldest_first_and_not_without_end() -> None:
    many = [process("claude", pid=1000 + n) for n in range(200)]
    assert len(described(*many)) == 64
    young = Process(1, ("claude",), "", 900.0, dict)
    old = Process(2, ("claude",), "", 5.0, dict)
    assert [client.pid for client in described(young, old)] == [2, 1]


def test_another_machine_s_root_has_no_processes_here() -> None:
    assert running_clients(view(root="/mnt/container")) is None


# ── a real one ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def started(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program called claude that waits for its standard input to close."""
    program = tmp_path / "claude"
    shutil.copy(shutil.which("cat") or "/bin/cat", program)
    environ = {"HOME": str(tmp_path), "ANTHROPIC_API_KEY": CANARIES["api key"]}
    child = subprocess.Popen([str(program)], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(b"ready\n")
    child.stdin.flush()
    assert child.stdout.readline() == b"ready\n"  # it runs as itself now
    yield child
    child.stdin.close()
    child.stdout.close()
    child.wait(10)


def test_the_process_table(started: subprocess.Popen[bytes], tmp_path: Path) -> None:
    found = running_clients(view({"HOME": str(tmp_path)}))
    assert found is not None
    one = next(client for client in found if client.pid == started.pid)
    assert one.config_dir == str(tmp_path / ".claude")
    assert one.started_at is not None
    assert [change.name for change in one.differences] == ["ANTHROPIC_API_KEY"]
    assert leaks(repr(found)) == []
