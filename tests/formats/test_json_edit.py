"""Edits of JSON texts: the wanted meaning, and not one byte more than needed."""

from __future__ import annotations

import difflib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_auth.formats import EditError
from claude_auth.formats.json_edit import add_item, remove_item, remove_key, set_text

REMOVED_KEYS: list[tuple[str, tuple[str, ...], str]] = [
    ('{"a": 1}', ("a",), "{}"),
    ('{ "a": 1 }', ("a",), "{}"),
    ('{"a": 1, "b": 2}', ("a",), '{"b": 2}'),
    ('{"a": 1, "b": 2}', ("b",), '{"a": 1}'),
    ('{"a":1,"b":2,"c":3}', ("b",), '{"a":1,"c":3}'),
    ('{\n  "a": 1,\n  "b": 2\n}\n', ("a",), '{\n  "b": 2\n}\n'),
    ('{\n  "a": 1,\n  "b": 2\n}\n', ("b",), '{\n  "a": 1\n}\n'),
    ('{\r\n\t"a": 1,\r\n\t"b": 2\r\n}', ("b",), '{\r\n\t"a": 1\r\n}'),
    ('{\n  "env": {\n    "X": "1"\n  },\n  "k": true\n}', ("env", "X"), '{\n  "env": {},\n  "k": true\n}'),
    # of a repeated key every one goes, else an earlier one would come to life
    ('{"a": 1, "b": 2, "a": 3}', ("a",), '{"b": 2}'),
    ('{"b": 2, "a": 1, "a": 3}', ("a",), '{"b": 2}'),
    ('{"a": 1, "a": 2}', ("a",), "{}"),
    # of a repeated object the last one counts
    ('{"env": {"X": 1}, "env": {"X": 2, "Y": 3}}', ("env", "X"), '{"env": {"X": 1}, "env": {"Y": 3}}'),
    ('{"\\u0061": 1, "b": "\\u00e9"}', ("a",), '{"b": "\\u00e9"}'),
    ('{"a": {"}": "]"}, "b": [1, 2.50, -0, 1e5]}', ("a",), '{"b": [1, 2.50, -0, 1e5]}'),
]


@pytest.mark.parametrize(("before", "path", "after"), REMOVED_KEYS)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
def test_a_key_goes(before: str, path: tuple[str, ...], after: str, mark: bytes) -> None:
    assert remove_key(mark + before.encode(), path) == mark + after.encode()


ITEMS: list[tuple[str, str]] = [
    ('{"l": ["x"]}', '{"l": []}'),
    ('{"l": ["x", "y"]}', '{"l": ["y"]}'),
    ('{"l": ["y", "x"]}', '{"l": ["y"]}'),
    ('{"l": ["x", "y", "x", "x", "z", "x"]}', '{"l": ["y", "z"]}'),
    ('{"l": ["\\u0078", 1, null, ["x"]]}', '{"l": [1, null, ["x"]]}'),
    ('{\n  "l": [\n    "x",\n    "y"\n  ]\n}', '{\n  "l": [\n    "y"\n  ]\n}'),
    ('{\n  "l": [\n    "x"\n  ]\n}', '{\n  "l": []\n}'),
]


@pytest.mark.parametrize(("before", "after"), ITEMS)
def test_an_item_goes(before: str, after: str) -> None:
    assert remove_item(before.encode(), ("l",), "x") == after.encode()


ADDED: list[tuple[str, str]] = [
    ('{"l": []}', '{"l": ["x"]}'),
    ('{"l": ["a"]}', '{"l": ["a","x"]}'),
    ('{"l": ["a"], "m": 1}', '{"l": ["a", "x"], "m": 1}'),
    ('{"l": ["a","b"]}', '{"l": ["a","b","x"]}'),
    ('{\n  "l": []\n}', '{\n  "l": [\n    "x"\n  ]\n}'),
    ('{\n  "l": [\n    "a"\n  ]\n}', '{\n  "l": [\n    "a",\n    "x"\n  ]\n}'),
    ('{\r\n\t"l": []\r\n}\r\n', '{\r\n\t"l": [\r\n\t\t"x"\r\n\t]\r\n}\r\n'),
    ("{}", '{"l": ["x"]}'),
    # the white space of an empty one stays, to the last byte
    ("{  }\n  ", '{"l": ["x"]  }\n  '),
    ('{"l": [ \t]}', '{"l": ["x" \t]}'),
    ('{\n  "l": [\n\n  ]\n}', '{\n  "l": [\n    "x"\n\n  ]\n}'),
    ('{\n  "l": [ ]\n}', '{\n  "l": [\n    "x"\n   ]\n}'),
    ("{\r\n}\r\n", '{\r\n  "l": [\r\n    "x"\r\n  ]\r\n}\r\n'),
    ('{\n  "k": 1\n}\n', '{\n  "k": 1,\n  "l": [\n    "x"\n  ]\n}\n'),
    ('{"l": ["a"], "l": []}', '{"l": ["a"], "l": ["x"]}'),
]


@pytest.mark.parametrize(("before", "after"), ADDED)
def test_an_item_comes(before: str, after: str) -> None:
    assert add_item(before.encode(), ("l",), "x") == after.encode()


def test_a_list_is_made_where_nothing_is() -> None:
    before = b'{\n  "projects": {},\n  "n": 1\n}\n'
    after = add_item(before, ("answers", "approved"), "x")
    expected = (
        '{\n  "projects": {},\n  "n": 1,\n  "answers": {\n    "approved": [\n      "x"\n    ]\n  }\n}\n'
    )
    assert after == expected.encode()


def test_a_text_is_set() -> None:
    assert set_text(b'{"a": 1, "k":  "old" }', ("k",), "new") == b'{"a": 1, "k":  "new" }'
    assert set_text(b'{\n\t"a": 1\n}', ("k",), 'say "é"') == '{\n\t"a": 1,\n\t"k": "say \\"é\\""\n}'.encode()
    assert set_text(b"{\n}\n", ("k",), "v") == b'{\n  "k": "v"\n}\n'


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (b"", "damaged"),
        (b'{"env": {"X": 1},}', "damaged"),
        (b'{"env": {"X": 1}} {}', "damaged"),
        (b"[1]", "damaged"),
        (b'{"env": {"X": NaN}}', "damaged"),
        (b'{"env": {"X": "\xff"}}', "damaged"),
        ('{"env": {"X": 1}}'.encode("utf-16"), "damaged"),
        (b"[" * 100_000, "damaged"),
        (b'{"env": ["X"]}', "wrong-type"),
        (b'{"env": null}', "wrong-type"),
        (b'{"env": {}}', "not-there"),
        (b"{}", "not-there"),
    ],
)
def test_what_cannot_be_edited(before: bytes, code: str) -> None:
    with pytest.raises(EditError) as caught:
        remove_key(before, ("env", "X"))
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["\udcff", "a\ud800b"])
def test_bytes_that_are_no_text_are_refused_and_never_an_exception(text: str) -> None:
    changes: list[Callable[[], bytes]] = [
        lambda: add_item(b"{}", ("l",), text),
        lambda: add_item(b'{"l": ["a"]}', ("l",), text),
        lambda: set_text(b'{"k": "v"}', ("k",), text),
        lambda: set_text(b"{}", (text,), "v"),
    ]
    for change in changes:
        with pytest.raises(EditError) as caught:
            change()
        assert caught.value.code == "not-text"
    with pytest.raises(EditError) as caught:
        remove_item(b'{"l": ["a"]}', ("l",), text)
    assert caught.value.code == "not-there"


def test_an_escaped_half_of_a_pair_stays_as_it_is() -> None:
    before = b'{"odd": "\\ud800", "env": {"X": "1"}}'
    assert remove_key(before, ("env", "X")) == b'{"odd": "\\ud800", "env": {}}'


def test_no_content_in_a_refusal() -> None:
    with pytest.raises(EditError) as caught:
        remove_key(b'{"token": "madeUpSecretValue",}', ("token",))
    assert "madeUp" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=4), JSON, max_size=5)
STYLES: list[dict[str, Any]] = [
    {},
    {"indent": 2},
    {"indent": "\t"},
    {"separators": (",", ":")},
    {"indent": 4, "ensure_ascii": False},
]


def is_small_change(before: str, after: str) -> bool:
    """One stretch was taken out or put in, nothing else moved."""
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    last = 0
    while last < min(len(before), len(after)) - first and before[-1 - last] == after[-1 - last]:
        last += 1
    return first + last == min(len(before), len(after))


@settings(max_examples=300)
@given(OBJECTS, OBJECTS, st.sampled_from(STYLES), st.booleans(), st.text(max_size=4))
def test_any_document(
    data: dict[str, Any], inner: dict[str, Any], style: dict[str, Any], windows: bool, name: str
) -> None:
    data = {**data, "env": {**inner, name: "value"}}
    text = json.dumps(data, **style)
    content = (text.replace("\n", "\r\n") if windows and "indent" in style else text).encode(
        "utf-8", "surrogatepass"
    )
    after = remove_key(content, ("env", name))
    del data["env"][name]
    assert json.loads(after) == data
    again = set_text(after, ("env", name), "value")
    assert json.loads(again) == {**data, "env": {**data["env"], name: "value"}}
    assert is_small_change(content.decode(), after.decode())
    assert is_small_change(after.decode(), again.decode())
    listed = add_item(content, ("approved", "list"), name) if "approved" not in data else content
    assert is_small_change(content.decode(), listed.decode())


@settings(max_examples=300)
@given(
    st.text(" \t\r\n", max_size=6),
    st.text(" \t\r\n", max_size=6),
    st.sampled_from(["{%s}%s", '{"l": [%s]%s}']),
)
def test_every_byte_of_an_empty_one_stays(inside: str, after: str, shape: str) -> None:
    before = shape % (inside, after)
    changed = add_item(before.encode(), ("l",), "x").decode()
    assert json.loads(changed) == {"l": ["x"]}
    assert is_small_change(before, changed)
    assert len(changed) > len(before)


def test_many_duplicates_and_a_large_file_are_quick() -> None:
    many = b'{"env": {' + b", ".join(b'"X": %d' % number for number in range(100_000)) + b"}}"
    projects = {f"/home/ada/project-{number}": {"history": ["word " * 40] * 20} for number in range(2000)}
    large = json.dumps({"projects": projects, "l": ["x", "y"]}, indent=2).encode()
    started = time.process_time()  # whatever else the machine does
    assert remove_key(many, ("env", "X")) == b'{"env": {}}'
    after = remove_item(large, ("l",), "x")
    assert time.process_time() - started < 3
    assert len(large) > 8_000_000
    assert len(large) - len(after) == len('"x",\n    ')


def test_lines_elsewhere_stay() -> None:
    before = '{\n    "weird"  :   [ 1,2 ,  3 ],\n\t"env":{"X":"1" , "Y":"2"},\n\n   "last": 1.0e+2 }\n'
    after = remove_key(before.encode(), ("env", "X")).decode()
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert changed == ['- \t"env":{"X":"1" , "Y":"2"},', '+ \t"env":{"Y":"2"},']
