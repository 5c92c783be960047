"""Help, version, completion and the manual page: all from one parser, and every example runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from bench.terminal import Session
from claude_auth.cli import COMMANDS, main
from claude_auth.cli.examples import Example, examples_of
from claude_auth.cli.help import SHELLS
from claude_auth.diagnose.causes import BY_ID as CAUSES
from claude_auth.version import __version__
from tests.cli.command import started
from tests.conftest import requires_system
from tests.guard import ROOT, real_program
from tools.manual import PAGE, manual

EXAMPLES = [one for name in ("", *COMMANDS) for one in examples_of(f"claude-auth {name}".strip())]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.line)
def test_every_example_is_understood(example: Example, tmp_path: Path) -> None:
    """On a machine with nothing on it: whatever it comes to, it is no wrong usage and no crash."""
    for directory in (".local/share/bash-completion/completions", ".zfunc", ".config/fish/completions"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "claude.log").write_text("API Error: 401 Invalid bearer token\n")
    completed = started(example.line, tmp_path)
    assert completed.returncode in {0, 1, 2, 3}
    assert "usage:" not in completed.stderr
    assert "Traceback" not in completed.stderr


def test_a_fix_that_is_named_is_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = "\n".join([readme, *(example.line for example in EXAMPLES)])
    named = set(re.findall(r"claude-auth fix ([a-z][a-z-]+)", lines))
    assert named
    assert named <= CAUSES.keys()


def test_each_command_has_an_example_in_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        assert 1 <= len(examples_of(f"claude-auth {command}")) <= 3
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert examples_of(f"claude-auth {command}")[0].line in capsys.readouterr().out


@pytest.mark.parametrize(("command", "option"), [("help fix", "fix --help"), ("help", "--help")])
def test_help_is_the_same_as_the_option(command: str, option: str, tmp_path: Path) -> None:
    told = [started(f"claude-auth {line}", tmp_path) for line in (command, option)]
    assert [one.returncode for one in told] == [0, 0]
    assert told[0].stdout == told[1].stdout


@pytest.mark.parametrize("line", ["claude-auth version", "claude-auth --version", "claude-auth -V"])
def test_version(line: str, tmp_path: Path) -> None:
    completed = started(line, tmp_path)
    assert completed.returncode == 0
    assert completed.stdout.startswith(f"claude-auth {__version__}")


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["statu"], "status"),
        (["diagnos"], "diagnose"),
        (["signin"], None),
        (["help", "fxi"], "fix"),
        (["status", "--jsno"], "--json"),
        (["status", "--evalute"], "--evaluate"),
        (["status", "--xyz"], None),
    ],
)
def test_did_you_mean(arguments: list[str], meant: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code: object = main(arguments)
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr().err
    assert code == 2
    assert ("did you mean" in said) == (meant is not None)
    assert meant is None or f"did you mean {meant}?" in said


def test_the_manual_page_is_that_of_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert PAGE.read_text(encoding="utf-8") == manual(), "python -m tools.manual"


# ── completion ───────────────────────────────────────────────────────────────────────────────────

#: What is asked of a shell that has loaded the script in $script: to complete the words of $line.
_ASK = {
    "bash": (
        'source "$script"; COMP_LINE=$line; COMP_WORDS=($line); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));'
        " COMP_POINT=${#line};"
        ' "$(complete -p claude-auth | sed "s/.*-F \\([^ ]*\\).*/\\1/")"; printf "%s\\n" "${COMPREPLY[@]}"'
    ),
    "fish": 'source "$script"; complete -C "$line"',
}


@requires_system("fish", "fish")
@requires_system("zsh", "zsh")
@pytest.mark.parametrize("shell", SHELLS)
def test_a_completion_script_is_one_of_its_shell(shell: str, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(started(f"claude-auth completion {shell}", tmp_path).stdout)
    program = real_program(shell)
    assert program is not None
    checked = subprocess.run(
        [program, "-n", str(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


@requires_system("fish", "fish")
@pytest.mark.parametrize("shell", _ASK)
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("claude-auth dia", "diagnose"),
        ("claude-auth status --strict --js", "--json"),
        ("claude-auth run aws-r", "aws-refresh"),
    ],
)
def test_a_shell_completes(shell: str, line: str, offered: str, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(started(f"claude-auth completion {shell}", tmp_path).stdout)
    program = real_program(shell) or shutil.which(shell)
    assert program is not None
    answered = subprocess.run(
        [program, "-c", _ASK[shell]],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "script": str(script), "line": line},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert offered in [words.split("\t")[0].strip() for words in answered.stdout.splitlines()]


@requires_system("zsh", "zsh")
def test_zsh_completes_as_somebody_types(tmp_path: Path) -> None:
    """In a terminal, since only there its line editor completes."""
    functions = tmp_path / "functions"
    functions.mkdir()
    (functions / "_claude-auth").write_text(started("claude-auth completion zsh", tmp_path).stdout)
    program = real_program("zsh")
    assert program is not None
    with Session(
        [program, "-f", "-i"],
        {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TERM": "vt100", "LANG": "C.UTF-8"},
        str(tmp_path),
    ) as terminal:
        terminal.send(
            f"fpath=({functions} $fpath); autoload -Uz compinit; compinit -u -D; echo re''ady\n".encode()
        )
        seen_until(terminal, b"ready")
        terminal.send(b"claude-auth sta\t--jso\t")
        seen_until(terminal, b"tus")
        seen_until(terminal, b"--json")


def seen_until(terminal: Session, words: bytes) -> None:
    deadline = time.monotonic() + 60
    while words not in b"".join(chunk for _, chunk in terminal.chunks):
        assert time.monotonic() < deadline, terminal.chunks
        assert terminal.read(0.2) is not None, "the shell has ended"
