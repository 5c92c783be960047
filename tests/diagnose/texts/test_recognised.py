"""Every text that people have posted is recognised, plain and in every kind of noise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from claude_auth.diagnose.causes import BY_ID
from claude_auth.diagnose.texts import classify
from tests.diagnose.table import NUMBERS
from tests.diagnose.texts.noise import CHANGES, SURROUNDINGS
from tests.diagnose.texts.verbatim import CLOTHED, SEEN, SHORT, TEXTS, Text

#: Single words that mean ours only where nothing else stands around them, so noise hides them.
ONLY_ALONE = {"ENOTFOUND", "ECONNREFUSED", "ERR_CONNECTION_REFUSED", "SIGN-IN EXPIRED"}

#: No error text of its own exists for these: they are states of a machine, or the text of another entry.
WITHOUT_TEXT = {22, 24, 40, 47, 48, 52, 53, 56, 60, 62, 64, 67, 75, 84, 93, 107, 108}


OF_TEXTS = tuple(cause for cause in BY_ID.values() if cause.fixes)


def entries(text: str | bytes) -> list[int]:
    """Entry numbers of the causes, likeliest first."""
    return [number for match in classify(text).matches for number in BY_ID[match.cause].symptoms_beside_text]


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: f"{case.entry}-{case.text[:40]!a}")
def test_verbatim(case: Text) -> None:
    assert case.entry in entries(case.text)


@pytest.mark.parametrize(("text", "expected"), SHORT, ids=lambda value: str(value)[:40])
def test_short_forms(text: str, expected: tuple[int, ...]) -> None:
    found = entries(text)
    assert found
    assert set(expected) <= set(found)


@pytest.mark.parametrize(("text", "cause"), SEEN, ids=lambda value: value[:40])
def test_what_the_real_client_prints(text: str, cause: str) -> None:
    assert classify(text).matches[0].cause == cause


@pytest.mark.parametrize(("text", "cause"), CLOTHED, ids=lambda value: value[:40])
def test_in_the_clothes_of_other_programs(text: str, cause: str) -> None:
    assert _first(text) == cause


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_in_another_shape(change: Callable[[str], str]) -> None:
    missed = [
        (str(case.entry), case.text[:60])
        for case in TEXTS
        if case.text not in ONLY_ALONE and case.entry not in entries(change(case.text))
    ]
    missed += [(cause, text[:60]) for text, cause in SEEN if _first(change(text)) != cause]
    assert not missed


@pytest.mark.parametrize("change", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_within_noise(change: Callable[[str], str]) -> None:
    missed = [
        (str(case.entry), case.text[:60])
        for case in TEXTS
        if case.text not in ONLY_ALONE and case.entry not in entries(change(case.text))
    ]
    missed += [(cause, text[:60]) for text, cause in SEEN if _first(change(text)) != cause]
    assert not missed


def _first(text: str) -> str | None:
    matches = classify(text).matches
    return matches[0].cause if matches else None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    text = "API Error: 401 Invalid bearer token · Please run /login\n" * 3
    assert 8 in entries(text.encode(encoding))


def test_several_at_once() -> None:
    text = (
        "Credit balance is too low\n...\nError: EACCES: permission denied, open '/home/node/.claude.json'\n"
        "API Error: 403 The security token included in the request is expired\n"
    )
    firsts = [match.cause for match in classify(text).matches if match.rank == 0]
    assert set(firsts) == {"credit-balance-too-low", "files-of-another-owner", "aws-token-expired"}


def test_all_entries_are_covered() -> None:
    """Each entry has a cause of its own, and a text unless it is listed as having none."""
    own = {cause.symptoms_beside_text[0] for cause in OF_TEXTS if cause.symptoms}
    assert own == set(NUMBERS)
    with_text = {case.entry for case in TEXTS}
    assert with_text | WITHOUT_TEXT == set(NUMBERS)
    assert not with_text & WITHOUT_TEXT


def test_a_table_of_phrases_is_read_whole() -> None:
    """An entry whose beginning or fields are misspelt would end up in the words of the one above it."""
    for cause in BY_ID.values():
        assert not cause.phrases or cause.phrases.split()[0] == f"{cause.wordings[0].weight}" + (
            ":" if cause.wordings[0].company == "any" else ""
        )
        for phrase in cause.wordings:
            assert not set(":;,|") & set(phrase.words + phrase.near + phrase.unless + phrase.hides), phrase


def test_tables_agree() -> None:
    named = {name for cause in OF_TEXTS for name in cause.also.split()}
    named |= {
        name
        for cause in OF_TEXTS
        for phrase in cause.wordings
        for name in f"{phrase.also or ''} {phrase.hides}".split()
    }
    assert named <= {cause.id for cause in OF_TEXTS}
    assert all(cause in OF_TEXTS for cause in BY_ID.values() if cause.phrases)
    assert all(cause.title and cause.explanation and cause.fixes for cause in OF_TEXTS)
    assert all(len(cause.explanation) < 600 for cause in OF_TEXTS)


FORBIDDEN = ("NODE_TLS_REJECT_UNAUTHORIZED=0", "strict-ssl false", "--insecure", "auto-login", "kcpassword")


def test_nothing_harmful_is_advised() -> None:
    for cause in OF_TEXTS:
        words = " ".join((cause.explanation, *(f"{fix.title} {fix.command}" for fix in cause.fixes)))
        assert not any(word in words for word in FORBIDDEN)
    for name in ("subscription-access-disabled", "plan-required"):
        words = " ".join(f"{fix.title} {fix.command}" for fix in BY_ID[name].fixes)
        assert "logout" not in words
        assert "sign out" not in words
