"""Every public name has an example in its documentation, and each of them does what it says."""

from __future__ import annotations

import doctest
import inspect
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import claude_auth
from claude_auth.library import machine
from tests.library.world import ProgramWorld, visit_in_browser

#: What is there where an example runs, unless it is an API key alone.
THERE = {
    "ClaudeAuth.login": ("client",),
    "MissingCredentialError": (),
    "OAuthFlow": ("client",),
    "login": ("claude",),
    "logout": ("login",),
    "query_with_oauth": ("login",),
}


def examples() -> Iterator[doctest.DocTest]:
    """Of each name, and of what a class can do."""
    finder = doctest.DocTestFinder(recurse=False)
    yield from finder.find(claude_auth, "__version__")
    for name in sorted(set(claude_auth.__all__) - {"__version__"}):
        found = getattr(machine, name, None) or getattr(claude_auth, name)
        things = {name: found}
        if inspect.isclass(found):
            own = {f"{name}.{part}": thing for part, thing in vars(found).items() if not part.startswith("_")}
            things |= own
        for place, thing in things.items():
            thing = getattr(thing, "__func__", thing)
            for test in finder.find(thing, place) if inspect.getdoc(thing) else ():
                if test.examples:
                    yield test


EXAMPLES = {test.name: test for test in examples()}


def test_every_name_has_an_example() -> None:
    assert set(claude_auth.__all__) <= set(EXAMPLES)
    assert "ClaudeAuth.httpx_auth" in EXAMPLES


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, world: ProgramWorld, capsys: pytest.CaptureFixture[str]) -> None:
    for what in THERE.get(name, ("key",)):
        getattr(world, what)()
    test = EXAMPLES[name]
    test.globs = {"visit_in_browser": visit_in_browser}
    told: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=told.append)
    assert result.failed == 0, "".join(told)
    assert result.attempted


def test_the_page_of_the_library_shows_the_commands() -> None:
    page = Path(os.path.dirname(__file__), "../../docs/library.md").read_text(encoding="utf-8")
    assert all(f"`claude-auth {command}`" in page for command in ("login", "status", "refresh", "logout"))
