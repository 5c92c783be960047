"""What commands print as a person reads it: broken between words on a terminal, one sentence a line in a
pipe, with the home as `~`; what is to be copied stays as it is."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.setup_stage import COMMAND, Asked, World

KEY = "sk-ant-api03-" + "madeUpForTests00Key0" * 4 + "k3y9"
#: What may be wider than the terminal: commands and lines of a diff.
EXACT = re.compile(r' *(?:claude-auth (?:fix|run) |mv |~/bin/|\$\{EDITOR|[+-] *["{]|[+@-]{2,} |export |#)')


@pytest.fixture
def world(tmp_path: Path) -> World:
    """With a key in a start-up file that waits for an answer, and a command that is not there."""
    files = {
        ".bashrc": f"export ANTHROPIC_API_KEY={KEY}\n",
        ".claude/settings.json": {"apiKeyHelper": "~/bin/made-up-helper-that-is-not-there --of-mine"},
    }
    return World(tmp_path, files, ANTHROPIC_API_KEY=KEY, NO_COLOR="1")


def arguments(world: World, command: str) -> list[str]:
    words = command.split()
    return words if words[0] == "log" else [*words, *world.words[1:]]


def piped(world: World, command: str) -> str:
    done = subprocess.run(
        [COMMAND, *arguments(world, command)],
        env=world.environ,
        cwd=world.laid.cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout + done.stderr


def on_terminal(world: World, command: str, columns: int) -> str:
    around: Sequence[str] = ["sh", "-c", f'stty cols {columns}; exec "$0" "$@" </dev/null', COMMAND]
    with Asked([*around, *arguments(world, command)], world.environ, str(world.laid.cwd)) as asked:
        asked.to_the_end()
        return asked.told.replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [44, 80])
@pytest.mark.parametrize("command", ["status", "status --all", "fix", "diagnose", "log"])
def test_lines_end_between_words_within_the_terminal(command: str, columns: int, world: World) -> None:
    if command == "log":
        piped(world, "fix approval-pending/startup-line --yes")
    whole, broken = piped(world, command), on_terminal(world, command, columns)
    assert broken.split() == whole.split()
    wide = [line for line in broken.splitlines() if len(line) > columns]
    assert not [line for line in wide if not EXACT.match(line)]


def test_a_fix_is_told_between_words_and_its_diff_as_it_is(world: World) -> None:
    whole = piped(world, "fix approval-pending/startup-line")
    told = on_terminal(world, "fix approval-pending/startup-line", 30)
    assert told.split() == whole.split()
    diff = [line for line in whole.splitlines() if re.match("  [-+@]", line)]
    assert max(map(len, diff)) > 30
    assert [line for line in told.splitlines() if re.match("  [-+@]", line)] == diff
    assert "Afterwards: " in whole


def test_in_a_pipe_a_sentence_is_one_line(world: World) -> None:
    text = "API Error: 401 OAuth authentication is currently not supported."
    (world.home / "error.txt").write_text(text)
    told = piped(world, f"diagnose --error {world.home / 'error.txt'}")
    explained = [line.strip() for line in told.splitlines() if "takes an OAuth token" in line]
    assert explained[0].startswith("The Messages API takes")
    assert explained[0].endswith("the Agent SDK needs an API key as well.")


@pytest.mark.parametrize("command", ["status", "status --all", "fix", "diagnose", "log"])
def test_the_home_is_a_tilde_where_a_person_reads_it(command: str, world: World) -> None:
    if command == "log":
        piped(world, "fix approval-pending/startup-line --yes")
    told = piped(world, command)
    assert "~/" in told
    assert not [
        line
        for line in told.splitlines()
        if f"{world.home}/" in line and "EDITOR" not in line and "mv " not in line
    ]
    assert f"{world.home}/" in piped(world, "diagnose --json")


def test_a_command_with_a_path_in_it_works_when_it_is_pasted(world: World) -> None:
    """Quotes keep `~` from being the home."""
    told = piped(world, "diagnose")
    edit = next(line for line in told.splitlines() if "EDITOR" in line)
    path = edit.rpartition(" ")[2]
    assert path.startswith(f"{world.home}/")
    assert Path(path).exists()


def test_next_names_the_fix(world: World) -> None:
    told = piped(world, "status").splitlines()[-1]
    command = told.rpartition(": ")[2]
    assert command.startswith("claude-auth fix ")
    done = piped(world, f"{command.removeprefix('claude-auth ')} --yes")
    assert "there is no fix" not in done
    assert "Afterwards" in done or "As it is" in done or "is gone" in done
