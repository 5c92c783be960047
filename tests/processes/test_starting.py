"""Processes start in one room, each with an environment from one function; PATH is searched in one place.

While every other test runs, an audit hook (tests/guard.py) holds the product to the same.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_auth.processes.environment import ChildEnvironment, as_given, child_environment
from claude_auth.processes.run_captured import run_program
from tests.guard import ROOT, Guard, Trespass, starts_badly

PACKAGE = ROOT / "tui/claude_auth"
STARTERS = {"subprocess", "multiprocessing", "pty", "webbrowser", "concurrent.futures.process"}
CALLS = {
    "create_subprocess_exec", "create_subprocess_shell", "execl", "execle", "execlp", "execlpe", "execv",
    "execve", "execvp", "execvpe", "fork", "forkpty", "popen", "posix_spawn", "posix_spawnp", "spawnl",
    "spawnle", "spawnlp", "spawnv", "spawnve", "spawnvp", "startfile", "subprocess_exec", "subprocess_shell",
    "system",
}  # fmt: skip
#: `ObservationContext.system` is a path, `platform.system` a name.
HARMLESS = {("observe", "system"), ("present", "system")}


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE), ast.parse(path.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return set()


def test_processes_start_in_one_room() -> None:
    found = []
    for path, tree in trees():
        if path.parts[0] in {"processes", "sandbox"}:
            continue
        for node in ast.walk(tree):
            names = imported(node) & STARTERS
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in CALLS
            ):
                names |= {node.func.attr} if (path.parts[0], node.func.attr) not in HARMLESS else set()
            found += [f"{path}: {name}" for name in names]
    assert found == []


def test_every_start_names_its_environment() -> None:
    starts = [
        (path, call)
        for path, tree in trees()
        if path.parts[0] == "processes"
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "subprocess.Popen"
    ]
    assert len(starts) == 1
    for path, call in starts:
        (given,) = (ast.unparse(word.value) for word in call.keywords if word.arg == "env")
        assert given in {"as_given(environment)", "self._environment", "environment"}, path


def test_an_environment_is_made_in_one_place_and_path_searched_in_one() -> None:
    made, searched = set(), set()
    for path, tree in trees():
        for node in ast.walk(tree):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name == "ChildEnvironment":
                made.add(str(path))
            if name.endswith("shutil.which") or "shutil.which" in imported(node):
                searched.add(str(path))
    assert made == {"processes/environment.py"}
    assert searched == set()


def test_an_allowed_environment_stays_one() -> None:
    given = as_given(child_environment({"LANG": "C"}, "plain"), TERM="x")
    assert isinstance(given, ChildEnvironment)
    assert given == {"LANG": "C", "TERM": "x"}
    assert "secret" not in repr(child_environment({"LANG": "secret"}, "plain"))
    assert not isinstance(as_given({"LANG": "C"}), ChildEnvironment)


def test_the_guard_tells_a_start_elsewhere_or_with_another_environment(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    product, room = "claude_auth.actions.somewhere", "claude_auth.processes.run_captured"
    assert starts_badly([room, product], {"LANG": "C"})
    assert starts_badly([product], child_environment({}, "plain"))
    assert not starts_badly([room, product], child_environment({}, "plain"))
    assert not starts_badly([room, "tests.processes.test_quiet"], {"LANG": "C"})
    assert not starts_badly(["tests.world", product], {"LANG": "C"})
    # and it is asked: this test's own module plays a part of the product
    monkeypatch.setitem(globals(), "__name__", product)
    with guard.expecting() as seen:
        with pytest.raises(Trespass):
            run_program(("/bin/true",), environment={"LANG": "C"}, cwd="/", seconds=5)
        with pytest.raises(Trespass):
            subprocess.run(["/bin/true"], env={}, check=False)
        assert (
            run_program(
                ("/bin/true",), environment=child_environment({}, "plain"), cwd="/", seconds=5
            ).exit_code
            == 0
        )
    assert len(seen) == 2
