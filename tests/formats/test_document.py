"""Bytes to a JSON object: damage told precisely, lines of keys, nothing raised."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.formats.document import LONGEST_WITH_LINES, lines_of_keys, parse
from tests.waiting import Stopwatch

DAMAGED: list[tuple[bytes, str, int | None, int | None]] = [
    (b"", "empty", None, None),
    (b" \n\t", "empty", None, None),
    (b'{"a": 1', "truncated", 1, None),
    (b'{\n  "a": "half a str', "truncated", 2, None),
    (b'{"a": 1,}', "not-json", 1, 8),
    (b'{\n  // why\n  "a": 1}', "not-json", 2, 3),
    (b"{'a': 1}", "not-json", 1, 2),
    (b"hello", "not-json", 1, 1),
    (b'{"a": 1} {}', "not-json", 1, 10),
    (b"\xef\xbb\xbf{}", "bom", 1, 1),
    ("{}".encode("utf-16"), "utf-16", 1, 1),
    ("{}".encode("utf-16-be"), "not-json", 1, 1),
    (b'{\n"a": "\xff"}', "not-utf-8", 2, None),
    (b"[1]", "wrong-type", None, None),
    (b'"text"', "wrong-type", None, None),
    (b"null", "wrong-type", None, None),
    (b"5", "wrong-type", None, None),
    (b"true", "wrong-type", None, None),
    (b"1.5", "wrong-type", None, None),
    (b'{"a": NaN}', "not-json", None, None),
    (b'{"a": Infinity}', "not-json", None, None),
    (b'{"a": ' + b"9" * 5000 + b"}", "not-json", None, None),
    (b"[" * 100_000, "not-json", None, None),
]


@pytest.mark.parametrize(("content", "code", "line", "column"), DAMAGED, ids=lambda value: repr(value)[:24])
def test_damage(content: bytes, code: str, line: int | None, column: int | None) -> None:
    document = parse(content)
    assert document.data == {}
    assert document.damage is not None
    assert (document.damage.code, document.damage.line, document.damage.column) == (code, line, column)


def test_damage_says_nothing_of_the_content() -> None:
    document = parse(b'{"claudeAiOauth": {"accessToken": "madeUpToken", }}')
    assert document.damage is not None
    assert "madeUp" not in repr(document)


def test_a_sound_document_shows_nothing_in_its_repr() -> None:
    document = parse(b'{"accessToken": "madeUpToken"}')
    assert document.damage is None
    assert document.data == {"accessToken": "madeUpToken"}
    assert "madeUp" not in repr(document)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_document(content: bytes) -> None:
    document = parse(content)
    assert isinstance(document.data, dict)
    assert document.damage is None or document.data == {}


TEXT = """{
  "env": {
    "A": "1",
    "B": {"A": 2}, "C": 3
  },
  "apiKeyHelper": "echo \\"env\\": {",
  "list": [{"A": 1}, {"D": 2}],
  "env2": {
  "A": 1}
}"""


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ((), {"env": 2, "apiKeyHelper": 6, "list": 7, "env2": 8}),
        (("env",), {"A": 3, "B": 4, "C": 4}),
        (("env", "B"), {"A": 4}),
        (("env2",), {"A": 9}),
        (("list",), {}),
        (("apiKeyHelper",), {}),
        (("nowhere",), {}),
    ],
)
def test_lines_of_keys(path: tuple[str, ...], lines: dict[str, int]) -> None:
    assert lines_of_keys(TEXT, path) == lines


def test_of_a_repeated_key_the_last_counts_as_it_does_for_json() -> None:
    assert lines_of_keys('{"a":\n1,\n"a": 2}') == {"a": 3}
    assert lines_of_keys('{"env": {"a": 1, "b": 2},\n"env": {\n"a": 3}}', ("env",)) == {"a": 3}


def test_a_key_with_escapes_has_no_line() -> None:
    assert lines_of_keys('{"a\\u0062": 1,\n "c": 2}') == {"c": 2}


KEYS = st.text(alphabet='ab"\\:{}[],é \n', max_size=4)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def _laid_out(value: Any, line: int = 1) -> tuple[str, dict[tuple[str, ...], int], int]:
    """The oracle: writes JSON itself, a key a line, and so knows where each key went."""
    if not isinstance(value, dict):
        return json.dumps(value), {}, line
    text = "{"
    places: dict[tuple[str, ...], int] = {}
    for index, (key, item) in enumerate(value.items()):
        line += 1
        inner, inner_places, after = _laid_out(item, line)
        places[(key,)] = line
        places |= {(key, *path): place for path, place in inner_places.items()}
        text += f"{',' if index else ''}\n{json.dumps(key)}: {inner}"
        line = after
    return text + "}", places, line


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_line_is_the_one_where_the_key_was_written(value: dict[str, Any]) -> None:
    text, places, _ = _laid_out(value)
    assert json.loads(text) == value
    for path, line in places.items():
        found = lines_of_keys(text, path[:-1]).get(path[-1])
        is_plain = all(json.dumps(key)[1:-1] == key for key in path)
        assert found == line if is_plain else found in {None, line}


def test_looking_for_lines_stays_quick_in_a_file_full_of_keys() -> None:
    content = json.dumps({"env": {f"V{number}": number for number in range(50_000)}}, indent=0).encode()
    assert len(content) < LONGEST_WITH_LINES
    watch = Stopwatch()
    lines = parse(content).lines_below("env")
    assert (lines["V0"], lines["V49999"]) == (3, 50_002)
    assert watch.seconds < 5


def test_in_a_very_long_text_no_lines_are_looked_for() -> None:
    document = parse(json.dumps({"a": "x" * LONGEST_WITH_LINES, "b": 1}).encode())
    assert document.lines_below() == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{\n  // why\n  "a": 1}', "(line 2, column 3: a comment)"),
        (b'{"a": 1 /* why */}', ": a comment)"),
        (b'{"a": 1,}', "(line 1, column 8: a comma with nothing after it)"),
        (b'{"a": [1,\n]}', ": a comma with nothing after it)"),
        (b"{'sk-ant-oat01-madeUp': 1}", "(line 1, column 2: single quotes)"),
        ("{“a”: 1}".encode(), ": typographic quotes)"),
        (b'{"a" secret-1}', "(line 1, column 6)"),
    ],
)
def test_what_is_no_json_is_named_and_not_quoted(content: bytes, words: str) -> None:
    damage = parse(content).damage
    assert damage is not None
    assert damage.text.startswith("the file is not valid JSON (")
    assert damage.text.endswith(words)
