"""A secret gives itself away through `reveal` alone."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import logging
import pickle
import traceback
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.security.secret import KNOWN_PREFIXES, Secret, without_locals

VALUE = "sk-ant-api03-" + "madeUpForTests" * 3 + "1234"


@dataclass(frozen=True)
class Holder:
    value: Secret


def test_the_value_comes_out_of_reveal_alone() -> None:
    secret = Secret(VALUE)
    assert secret.reveal() == VALUE
    written = [repr(secret), str(secret), f"{secret}", f"{secret:>60}", repr(Holder(secret))]
    assert not [text for text in written if "madeUp" in text]


def test_the_length_is_told_and_is_no_secret() -> None:
    assert len(Secret("four")) == 4


def test_it_does_not_reach_a_log() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.LogRecord("name", logging.INFO, "file", 1, "%s %r", (Secret(VALUE), Secret(VALUE)), None)
    handler.emit(logging.LogRecord("name", logging.INFO, "file", 1, "%s", (Secret(VALUE),), None))
    assert stream.getvalue().startswith("<Secret ")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_refuses_to_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Holder(Secret(VALUE)), protocol)


def test_it_refuses_to_be_copied_and_written_as_json() -> None:
    with pytest.raises(TypeError):
        copy.deepcopy(Secret(VALUE))
    with pytest.raises(TypeError) as refusal:
        json.dumps({"key": Secret(VALUE)})
    assert "madeUp" not in str(refusal.value)


def test_it_is_compared_with_another_secret_and_never_with_plain_text() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != None  # noqa: E711
    with pytest.raises(TypeError):
        assert Secret("a") == "a"
    with pytest.raises(TypeError):
        assert Secret("a") == b"a"


def test_equal_secrets_have_one_hash() -> None:
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


@pytest.mark.parametrize(
    ("value", "kind", "masked"),
    [
        ("", "unknown", "(empty)"),
        ("short", "unknown", "…"),
        ("sk-ant-api03-short", "api-key", "sk-ant-api03-…"),
        ("sk-ant-oat01-short", "oauth-access-token", "sk-ant-oat01-…"),
        ("sk-ant-ort01-short", "oauth-refresh-token", "sk-ant-ort01-…"),
        ("sk-ant-oat02-short", "oauth-access-token", "sk-ant-oat…"),
        ("sk-ant-admin01-short", "admin-key", "sk-ant-admin…"),
        ("x" * 39, "unknown", "…"),
        ("x" * 36 + "1234", "unknown", "…1234"),
        (VALUE, "api-key", "sk-ant-api03-…1234"),
        ("x" * 40 + "\x1b[3m", "unknown", "…"),
        ("x" * 40 + "äöüß", "unknown", "…"),
    ],
)
def test_mask_and_kind(value: str, kind: str, masked: str) -> None:
    assert (Secret(value).kind, Secret(value).masked) == (kind, masked)


@given(st.text(max_size=80))
def test_a_mask_shows_the_prefix_and_four_characters_at_most(value: str) -> None:
    masked = Secret(value).masked
    prefixes = ("", *(prefix for prefix, _ in KNOWN_PREFIXES))
    start, dots, end = masked.partition("…")
    assert masked == "(empty)" or (dots and start in prefixes)
    assert len(end) <= 4
    assert not end or len(value) >= 40


def test_the_fingerprint_is_the_start_of_sha256() -> None:
    assert Secret(VALUE).fingerprint == hashlib.sha256(VALUE.encode()).hexdigest()[:8]
    assert Secret("").fingerprint == "e3b0c442"


@given(st.text(alphabet=st.characters(), max_size=20))
def test_any_text_has_a_fingerprint_and_a_sound_comparison(value: str) -> None:
    """Lone surrogates too: they come out of JSON escapes and of an environment that is no UTF-8."""
    assert len(Secret(value).fingerprint) == 8
    assert Secret(value) == Secret(value)
    assert Secret(value) != Secret(value + "x")


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0", "\ufeff", "\u3000 \r\n"])
def test_blanks_are_what_javascript_trims(blank: str) -> None:
    assert Secret(blank).is_blank
    assert Secret(f"{blank}key{blank}").stripped() == Secret("key")


def test_a_zero_width_space_is_no_blank() -> None:
    assert not Secret("\u200b").is_blank
    assert Secret("\u200bkey").stripped() == Secret("\u200bkey")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("sk-ant-api03-plain", None),
        ("with space and\ttab", None),
        ("latin-1 é", None),
        ("two\nlines", "a line break"),
        ("carriage\rreturn", "a line break"),
        ("nul\0", "a NUL character"),
        ("“key”", "a character outside Latin-1"),
        ("\u200bkey", "an invisible character"),
    ],
)
def test_what_no_header_can_carry(value: str, words: str | None) -> None:
    assert Secret(value).unsendable == words


def test_a_report_with_locals_shows_none_of_a_guarded_call() -> None:
    def parse(text: str) -> None:
        try:
            int(text)
        except ValueError as error:
            raise RuntimeError("broken") from error

    def outer(text: str) -> None:
        copy_of_text = [text]
        parse(copy_of_text[0])

    guarded = without_locals(lambda secret: outer(secret.reveal()))
    for function, expected in ((guarded, False), (guarded.__wrapped__, True)):  # type: ignore[attr-defined]
        try:
            function(Secret("madeUpLocal"))
        except RuntimeError as error:
            error.__cause__ = None
            report = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
            assert ("copy_of_text" in report and "= ['madeUpLocal']" in report) == expected
            assert "in outer" in report


def test_the_guard_hands_on_answers_and_exceptions() -> None:
    @without_locals
    def divided(by: int) -> float:
        return 1 / by

    assert divided(2) == 0.5
    with pytest.raises(ZeroDivisionError):
        divided(0)
