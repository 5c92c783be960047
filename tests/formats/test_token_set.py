"""Our token file: read, and written so that nothing of anybody else's is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_auth.formats.credentials import read_token_set, write_token_set
from claude_auth.formats.document import parse
from claude_auth.model import TokenSet
from claude_auth.security.secret import Secret

FULL = {
    "access_token": "made-up-access",
    "refresh_token": "made-up-refresh",
    "expires_at": 1_795_176_184,
    "refresh_token_expires_at": 1_797_000_000,
    "scope": "user:inference user:profile",
    "token_type": "Bearer",
    "issued_at": 1_795_172_584,
    "client_id": "made-up-client",
    "token_url": "https://auth.example.org/token",
}


def rewritten(document: dict[str, Any], tokens: TokenSet) -> dict[str, Any]:
    data = json.loads(write_token_set(document, tokens))
    assert isinstance(data, dict)
    return data


def test_every_field_is_read() -> None:
    assert read_token_set(FULL) == TokenSet(
        access_token=Secret("made-up-access"),
        refresh_token=Secret("made-up-refresh"),
        expires_at=1_795_176_184.0,
        login_deadline=1_797_000_000.0,
        scopes=("user:inference", "user:profile"),
        token_type="Bearer",
        issued_at=1_795_172_584.0,
        client_id="made-up-client",
        token_url="https://auth.example.org/token",
    )


def test_what_was_read_is_written_as_it_stood() -> None:
    tokens = read_token_set(FULL)
    assert tokens is not None
    assert rewritten({}, tokens) == FULL
    assert rewritten(FULL, tokens) == FULL


def test_unknown_fields_stay() -> None:
    document = {**FULL, "email": "ada@example.org", "nested": {"a": [1, None, "ü"]}, "id_token": None}
    new = TokenSet(Secret("new-access"), Secret("new-refresh"), 2_000_000_000.0)
    data = rewritten(document, new)
    assert data["email"] == "ada@example.org"
    assert data["nested"] == {"a": [1, None, "ü"]}
    assert data["id_token"] is None
    assert data["access_token"] == "new-access"


def test_a_field_of_the_old_login_does_not_outlive_it() -> None:
    data = rewritten(FULL, TokenSet(Secret("new-access")))
    assert data == {"access_token": "new-access"}


def test_an_empty_refresh_token_is_none() -> None:
    assert "refresh_token" not in rewritten({}, TokenSet(Secret("a"), Secret("")))


def test_the_spelling_and_the_unit_of_the_file_are_kept() -> None:
    document = {
        "accessToken": "a",
        "refreshToken": "r",
        "expiresAt": 1_795_176_184_000,
        "scopes": ["one", "two"],
    }
    new = TokenSet(Secret("b"), Secret("s"), 1_800_000_000.5, scopes=("three",))
    assert rewritten(document, new) == {
        "accessToken": "b",
        "refreshToken": "s",
        "expiresAt": 1_800_000_000_500,
        "scopes": ["three"],
    }


def test_two_spellings_become_one() -> None:
    data = rewritten({"access_token": "old", "accessToken": "older"}, TokenSet(Secret("new")))
    assert data == {"access_token": "new"}


@pytest.mark.parametrize("moment", [float("nan"), float("inf")])
def test_a_moment_that_is_none_is_left_out(moment: float) -> None:
    assert rewritten({}, TokenSet(Secret("a"), expires_at=moment)) == {"access_token": "a"}


def test_a_lone_surrogate_is_kept() -> None:
    document = parse(b'{"access_token": "a", "name": "\\ud800"}')
    content = write_token_set(document.data, TokenSet(Secret("b\ud800")))
    assert parse(content).data == {"access_token": "b\ud800", "name": "\ud800"}


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_text = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
_moment = st.none() | st.integers(1, 4_000_000_000).map(float) | st.floats(1, 4e9)
#: The other fields as they are by default.
_tokens = st.builds(
    TokenSet,
    subscription=st.none(),
    rate_limit_tier=st.none(),
    scopes_are_text=st.just(False),
    notes=st.just(()),
    access_token=_text.map(Secret),
    refresh_token=st.none() | _text.map(Secret),
    expires_at=_moment,
    login_deadline=_moment,
    scopes=st.lists(_text, max_size=3).map(tuple),
    token_type=st.none() | _text,
    issued_at=_moment,
    client_id=st.none() | _text,
    token_url=st.none() | _text,
)
_OURS = {*FULL, "accessToken", "refreshToken", "expiresAt", "scopes"}


@settings(deadline=None)  # a busy machine is no failure
@given(st.dictionaries(st.text(), _json, max_size=6), _tokens)
def test_what_is_written_is_read_again_and_the_rest_is_untouched(
    document: dict[str, Any], tokens: TokenSet
) -> None:
    others = {name: value for name, value in document.items() if name not in _OURS}
    written = parse(write_token_set(others, tokens))
    assert written.damage is None
    assert read_token_set(written.data) == tokens
    assert {name: value for name, value in written.data.items() if name not in _OURS} == others
