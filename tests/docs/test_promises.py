"""docs/promises.md names tests that exist."""

from __future__ import annotations

import ast
import re

import pytest

from tests.guard import ROOT

NAMED = re.findall(
    r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs/promises.md").read_text(encoding="utf-8")
)


def test_each_section_names_some() -> None:
    assert len(NAMED) >= 40


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[f"{path}::{name}" for path, name in NAMED])
def test_a_promise_names_a_test_that_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert name in functions if name else any(function.startswith("test_") for function in functions)
