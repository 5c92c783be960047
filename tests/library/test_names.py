"""The names of `claude_auth`: lazy, typed, and the same whatever was imported before."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import claude_auth
from claude_auth.library import machine
from claude_auth.model import Snapshot
from tests.library.world import ProgramWorld

HEAVY = ("anthropic", "httpx", "httpx_sse", "keyring", "psutil", "rich", "textual", "typing_extensions")
REFUSED = (
    'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'
)
EVERY_NAME = Path(__file__).with_name("every_name.py")


def loaded(program: str) -> set[str]:
    """The modules that it adds to those of a bare interpreter."""
    code = f"import sys; before = set(sys.modules); {program}; print(*set(sys.modules) - before)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(run.stdout.split())


def test_the_package_costs_nothing() -> None:
    assert loaded("import claude_auth") == {"claude_auth"}


def test_the_first_names_load_nothing_heavy() -> None:
    found = loaded("from claude_auth import ClaudeAuth, query")
    assert not found & set(HEAVY)
    ours = {name for name in found if name.startswith("claude_auth.")}
    assert {name.split(".")[1] for name in ours} == {"library"}


@pytest.mark.parametrize("name", ["observe", "resolve", "diagnose"])
def test_a_room_can_be_called_and_is_still_a_room(name: str, world: ProgramWorld) -> None:
    """Whatever was imported before, and in whichever way."""
    assert getattr(claude_auth, name) is sys.modules[f"claude_auth.{name}"]
    assert type(getattr(claude_auth, name)()) is type(getattr(machine, name)())
    program = (
        f"from claude_auth import {name}; {name}(); import claude_auth.{name} as room; room.__path__; "
        f"import claude_auth.observe.context as context; context.ObservationContext; claude_auth.{name}()"
    )
    first = f"import claude_auth.{name}; claude_auth.{name}(); {program}"
    for code in (program, first):
        subprocess.run([sys.executable, "-c", f"import claude_auth; {code}"], check=True, timeout=60)


def test_what_is_no_name_is_told() -> None:
    with pytest.raises(AttributeError, match="no attribute 'login_now'"):
        claude_auth.login_now  # noqa: B018
    assert set(claude_auth.__all__) <= set(dir(claude_auth))
    assert claude_auth.__all__ == sorted(claude_auth.__all__)


def test_the_objects_are_the_dashboard_s(world: ProgramWorld) -> None:
    """For a program that looks: the same types, by the same rules."""
    world.key()
    snapshot = claude_auth.observe(home=world.home)
    assert isinstance(snapshot, Snapshot)
    resolution = claude_auth.resolve(snapshot, client="claude-print")
    assert (resolution.winner, resolution.usable) == ("anthropic-api-key", True)
    assert claude_auth.diagnose(snapshot) == claude_auth.diagnose(snapshot, client="claude")
    explained = claude_auth.explain(REFUSED, snapshot)
    assert explained.causes[0].id == "external-key-invalid"


def test_a_text_that_names_a_file_is_a_text(world: ProgramWorld) -> None:
    """The dashboard reads a file that is dropped on it; a program's text is only a text."""
    log = world.home / "log"
    log.write_text(REFUSED)
    assert claude_auth.explain(str(log)).file is None
    assert claude_auth.explain(str(log)).causes == ()


@pytest.mark.parametrize(("client", "version"), [("nobody", None), ("claude", "latest")])
def test_what_nobody_knows(client: str, version: str | None) -> None:
    with pytest.raises(claude_auth.ConfigurationError):
        claude_auth.resolve(client=client, version=version)


def test_a_program_that_uses_every_name_is_checked_strictly() -> None:
    """`make check` runs mypy over it, with `strict`; here is looked that it leaves nothing out."""
    tree = ast.parse(EVERY_NAME.read_text(encoding="utf-8"))
    used = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert set(claude_auth.__all__) <= used
    assert "ignore" not in EVERY_NAME.read_text(encoding="utf-8")


@pytest.mark.prove
def test_its_types_are_complete_for_others(tmp_path: Path) -> None:
    """As a user's checker sees the installed package: strictly, and with no configuration of ours."""
    (tmp_path / "program.py").write_text(EVERY_NAME.read_text(encoding="utf-8"), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--output=json", "program.py"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")] == []
    assert run.returncode == 0, run.stderr
