"""Twice the text takes twice the time: no text that is pasted or logged makes the classifier hang.

Measured in processor time of this thread, the best of several runs: a busy machine changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle

import pytest

from claude_auth.diagnose.causes import BY_ID
from claude_auth.diagnose.texts import classify, parse
from claude_auth.diagnose.texts.other_programs import forms
from claude_auth.diagnose.texts.prepare import prepare, redact_text
from claude_auth.diagnose.texts.program_names import LEADS
from claude_auth.security.redact import REDACTED

UNITS = (
    "token=",
    "key=",
    "token=a",
    "token=key=",
    "secret=password:",
    "authorization=credential=",
    "token=\\",
    "key = ",
    "token:b'",
    "keytoken",
    "TOKEN=x1\n",
    "bearer=",
    "basic ",
    "sk-sk-",
    "eyJ.",
    "://a",
)


def seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(3):
        begun = time.thread_time()
        work()
        best = min(best, time.thread_time() - begun)
    return best


def filled(unit: str, size: int) -> str:
    return unit * (size // len(unit))


@pytest.mark.parametrize("unit", UNITS)
def test_a_megabyte_of_names_takes_less_than_a_second(unit: str) -> None:
    assert seconds(lambda: prepare(filled(unit, 40_000))) < 0.2, "a megabyte would take minutes"
    assert seconds(lambda: prepare(filled(unit, 1_000_000))) < 1.0


@pytest.mark.parametrize("unit", UNITS)
def test_doubling_a_text_of_names_does_not_take_four_times_as_long(unit: str) -> None:
    # Steps that take the square of the length stand out long before they take seconds.
    one, two = filled(unit, 40_000), filled(unit, 80_000)
    # A processor that is shared takes longer for the same work; not each time for the longer text alone.
    assert any(
        seconds(lambda: redact_text(two)) < 3 * seconds(lambda: redact_text(one)) + 0.01 for _ in range(5)
    )


@pytest.mark.parametrize(
    "before", ["status", "api error", "api error:", "error code", "http", "400", "401 -"]
)
@pytest.mark.parametrize("after", ["x", '"'])
def test_a_run_of_blanks_after_a_word_does_not_hang(before: str, after: str) -> None:
    """Two runs of blanks side by side in a pattern take the square of the run."""
    text = prepare(f"{before}{' ' * 20_000}{after}")
    assert seconds(lambda: parse(text)) < 0.3


@pytest.mark.parametrize("before", ['"type"', '"message"', '"message":"', '{"type":"x","message":"a"'])
def test_a_run_of_blanks_inside_a_document_does_not_hang(before: str) -> None:
    text = prepare(f"{before}{' ' * 20_000}x")
    assert seconds(lambda: parse(text)) < 0.3


PHRASES = [phrase.words for cause in BY_ID.values() for phrase in cause.wordings]
#: Each of ours: alone, after the name of another program, after a form of one, after an exception of its own.
PACKED = {
    "alone": PHRASES,
    "after a name": [
        f"{lead}: {words}"
        for lead, words in zip(cycle(" ".join(LEADS.values()).split()), PHRASES, strict=False)
    ],
    "after a form": [f"{each.form}: {words}" for each, words in zip(cycle(forms()), PHRASES, strict=False)],
    "after an exception": [f"some{place}.Foo{place}Error: {words}" for place, words in enumerate(PHRASES)],
}


@pytest.mark.parametrize("name", PACKED)
def test_a_megabyte_of_our_own_phrases_does_not_hang(name: str) -> None:
    text = "\n".join(PACKED[name])
    assert seconds(lambda: classify(filled(f"{text}\n", 1_000_000))) < 1.0


def test_what_stands_at_the_end_of_a_log_of_another_program_is_found() -> None:
    line = 'some.FooError: {"message":"invalid x-api-key"}\n'
    between = "worker: nothing to tell of\n" * 60
    found = classify(line * 40 + between + 'API Error: 401 {"error":{"message":"invalid x-api-key"}}')
    assert found.matches[0].cause == "external-key-invalid"


def test_the_whole_classifier_takes_a_megabyte_of_names() -> None:
    assert seconds(lambda: classify(filled("token=key=", 40_000))) < 0.2, "a megabyte would take minutes"
    assert seconds(lambda: classify(filled("token=key=", 1_000_000))) < 1.5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("token=key=abc12345", f"token={REDACTED}"),
        ("key=aaaaaaa1token: 'secretvalue1'", f"key={REDACTED}: '{REDACTED}'"),
        ("key=aaaaaaa1token='secretvalue1'", f"key={REDACTED}'{REDACTED}'"),
        ("token=a token=b key=abcdefg1", f"token=a token=b key={REDACTED}"),
        ("token: b'abcdefg1' key: please", f"token: b'{REDACTED}' key: please"),
        ('{"api_key":"abcdefg1","token":"abcdefg2"}', f'{{"api_key":"{REDACTED}","token":"{REDACTED}"}}'),
        ("İtoken=abcdefg1", f"İtoken={REDACTED}"),
    ],
)
def test_what_is_hidden_stays_hidden(text: str, expected: str) -> None:
    assert redact_text(text) == expected
