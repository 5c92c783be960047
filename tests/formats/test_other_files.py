"""STS answers, token sets of other programs, Google's file, custom headers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.formats.cloud_files import read_field, read_kind
from claude_auth.formats.credentials import read_token_set
from claude_auth.formats.outputs import ExportedCredentials, read_custom_headers, read_exported_credentials
from claude_auth.security.secret import Secret
from tests.formats.any_json import ANY_JSON

GOOD = {"AccessKeyId": "ASIAMADEUP", "SecretAccessKey": "s", "SessionToken": "t"}


@pytest.mark.parametrize("printed", [{"Credentials": GOOD}, {"Version": 1, **GOOD}])
def test_both_shapes_of_exported_credentials(printed: dict[str, Any]) -> None:
    found = read_exported_credentials(json.dumps(printed) + "\n")
    assert found == ExportedCredentials("ASIAMADEUP", Secret("s"), Secret("t"), None)


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ("", "printed nothing"),
        ("hello", "not JSON"),
        ("[]", "not JSON"),
        ('{"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "s"}}', "lacks SessionToken"),
        ('{"Credentials": 5}', "lacks AccessKeyId, SecretAccessKey, SessionToken"),
        ('{"AccessKeyId": 5, "SecretAccessKey": "s", "SessionToken": "t"}', "lacks AccessKeyId"),
    ],
)
def test_why_exported_credentials_are_not_taken(printed: str, why: str) -> None:
    assert why in str(read_exported_credentials(printed))


@given(st.text(max_size=100) | ANY_JSON.map(json.dumps))
def test_any_output_is_credentials_or_a_reason(printed: str) -> None:
    assert isinstance(read_exported_credentials(printed), str | ExportedCredentials)


@pytest.mark.parametrize(
    ("data", "expires_at", "scopes"),
    [
        ({"access_token": "a", "expires_at": 1_800_000_000, "scope": "x y"}, 1.8e9, ("x", "y")),
        ({"accessToken": "a", "expiresAt": 1_800_000_000_000, "scopes": ["x"]}, 1.8e9, ("x",)),
        ({"access_token": "a", "expires_at": "soon"}, None, ()),
        ({"access_token": "a", "expires_at": None}, None, ()),
    ],
)
def test_token_sets(data: dict[str, Any], expires_at: float | None, scopes: tuple[str, ...]) -> None:
    found = read_token_set(data)
    assert found is not None
    assert (found.access_token, found.expires_at, found.scopes) == (Secret("a"), expires_at, scopes)


@given(st.dictionaries(st.sampled_from(["access_token", "refresh_token", "expires_at", "scope"]), ANY_JSON))
def test_any_object_is_a_token_set_or_none(data: dict[str, Any]) -> None:
    found = read_token_set(data)
    assert found is None or found.expiry(0.0, RENEWAL_MARGIN) in {
        "live",
        "stale-refreshable",
        "expired",
        "none",
    }


@given(st.dictionaries(st.sampled_from(["type", "client_email", "project_id"]), ANY_JSON))
def test_any_object_is_google_s_or_not(data: dict[str, Any]) -> None:
    assert read_kind(data) in {None, "user", "service account"} or data["type"]
    assert (read_field(data, "client_email") or "x").isprintable()


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("", {}),
        ("no colon", {}),
        ("Authorization: Bearer X", {"authorization": "Bearer X"}),
        ("  X-Api-Key :  k  \r\nb:2", {"x-api-key": "k", "b": "2"}),
        ("a: 1\nA: 2", {"a": "2"}),
        ("a:", {"a": ""}),
        (": value", {"": "value"}),
        ("url: https://x:1", {"url": "https://x:1"}),
    ],
)
def test_custom_headers(text: str, headers: dict[str, str]) -> None:
    assert read_custom_headers(text) == {name: Secret(value) for name, value in headers.items()}


@given(st.text(max_size=100))
def test_any_text_is_headers(text: str) -> None:
    assert all(name == name.strip().lower() for name in read_custom_headers(text))
