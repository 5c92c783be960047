"""Every variable and settings key in a client is modelled, or listed as irrelevant with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_auth.claude_code.settings_keys import BEARING, UNRELATED, is_unmodelled
from claude_auth.claude_code.variables import SETTINGS_KEYS
from tools.client_strings import NAMES, irrelevant, keys_of, names_in, program_of, read_names, unknown

LISTS = sorted(NAMES.glob("[0-9]*.txt"))


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_nothing_is_neither_modelled_nor_listed_with_a_reason(path: Path) -> None:
    names = read_names(path)
    assert len(names.variables) > 1000
    assert len(names.settings) > 150
    assert unknown(names) == []


def test_what_is_listed_as_irrelevant_stands_in_a_client() -> None:
    everything = [read_names(path) for path in LISTS]
    assert set(irrelevant()) <= {name for names in everything for name in (*names.variables, *names.settings)}


def test_the_lists_hold_names_alone() -> None:
    for path in (*LISTS, NAMES / "irrelevant.txt"):
        words = path.read_text(encoding="utf-8").replace("[", " ").replace("]", " ").split()
        assert all(word.replace("_", "").replace("$", "").replace("-", "").isalnum() for word in words)


def test_the_policies_are_keys_of_a_client_and_sound_like_it_or_bear_on_it() -> None:
    keys = {key for path in LISTS for key in read_names(path).settings}
    assert keys >= BEARING | UNRELATED
    assert [key for key in keys if is_unmodelled(key)] == [
        key for key in keys if key in BEARING - {*SETTINGS_KEYS}
    ]


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        ('{a:()=>b("x, {y:"),c:{d:1,e:2},"f":3,g:h?{i:1}:2}tail:1', ["a", "c", "g"]),
        ("{a:`{b:`,c:[1,{d:2}]}", ["a", "c"]),
        ("{}", []),
    ],
)
def test_keys_of_an_object(source: str, keys: list[str]) -> None:
    assert list(keys_of(source)) == keys


def test_a_client_is_read_as_a_file(tmp_path: Path) -> None:
    """In a package, beside one, and by itself."""
    schema = "{$schema:()=>r(),apiKeyHelper:()=>r(),newKey:1}"
    text = f'process.env.MADE_UP;x.ANTHROPIC_NEW_KEY;"CLAUDE_CODE_USE_NEW";{schema}'
    package, native = tmp_path / "claude-code", tmp_path / "claude-code-linux-x64"
    (package / "bin").mkdir(parents=True)
    (package / "bin/claude.exe").write_text("#!/bin/sh\n")
    native.mkdir()
    (native / "claude").write_text(f"\0\0{text}" + "\0" * 100)
    names = names_in(program_of(package))
    assert names.variables == ("ANTHROPIC_NEW_KEY", "CLAUDE_CODE_USE_NEW", "MADE_UP")
    assert names.settings == ("$schema", "apiKeyHelper", "newKey")
    assert unknown(names) == ["ANTHROPIC_NEW_KEY", "MADE_UP", "newKey"]
    assert program_of(native / "claude") == (native / "claude").resolve()
