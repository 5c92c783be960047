"""apiKeyHelper's output, judged as Claude Code 2.1.328 was seen to judge it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.formats.outputs import helper_ttl, read_helper_output


@pytest.mark.parametrize(
    "output", ["KEY", "KEY\n", "KEY\r\n", "\n\nKEY\n", "\xa0KEY\xa0", "\ufeffKEY", "  KEY\t", "A" * 10_000]
)
def test_taken(output: str) -> None:
    found = read_helper_output(output)
    assert found.problem is None
    assert found.value is not None
    assert found.value.reveal() in {"KEY", "A" * 10_000}


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        # The words of the client itself [seen].
        ("KE Y1 234567", "it contains whitespace at character 3 (12 characters)"),
        ("KEY\r\nSECOND", "it contains a line break at character 4 (11 characters on 2 lines)"),
        ("\x1b[32mKEY\x1b[0m", "it contains a control character at character 1 (12 characters)"),
        ("KEYé", "it contains a non-ASCII character at character 4 (4 characters)"),
        ("\u200bKEY", "it contains a zero-width character (U+200B) at character 1 (4 characters)"),
        ("KE\tY", "it contains whitespace at character 3 (4 characters)"),
        ("K\0EY", "it contains a NUL byte at character 2 (4 characters)"),
        ("", "did not return a value"),
        ("  \n", "did not return a value"),
    ],
)
def test_refused(output: str, problem: str) -> None:
    found = read_helper_output(output)
    assert found.value is None
    assert found.problem == problem


def test_the_exit_code_comes_first() -> None:
    assert read_helper_output("KEY", 3).problem == "exited 3"
    assert read_helper_output("KEY", None).problem == "it gave no answer in time"


@pytest.mark.parametrize(
    ("output", "word"), [('"KEY"', "quotes"), ('{"token":"x"}', "JSON"), ("BearerKEY", "Bearer")]
)
def test_doubts(output: str, word: str) -> None:
    found = read_helper_output(output)
    assert found.value is not None
    assert word in found.doubts[0]


@pytest.mark.parametrize(
    ("text", "seconds", "told"),
    [
        (None, 300, False),
        ("", 300, False),
        ("3600000", 3600, False),
        (" 1000 ", 1, False),
        ("0", 0, False),
        ("1e6", 0.001, True),
        ("5 minutes", 0.005, True),
        ("five", 300, True),
        ("-1", 300, True),
    ],
)
def test_ttl(text: str | None, seconds: float, told: bool) -> None:
    found, problem = helper_ttl(text)
    assert found == seconds
    assert (problem is not None) == told


@given(st.text(max_size=100))
def test_no_problem_repeats_the_output(text: str) -> None:
    found = read_helper_output("canary-" + text)
    assert "canary" not in (found.problem or "")
    assert "canary" not in repr(found)
