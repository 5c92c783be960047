"""`.credentials.json`, `.claude.json` and settings: what is read out of them, whatever they hold."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.formats.credentials import Login, read_login, read_scopes
from claude_auth.formats.document import javascript_number, javascript_text, moment, parse
from claude_auth.formats.settings import (
    environment_entries,
    key_entries,
    parse_settings,
    parse_state,
    read_claude_json,
)
from claude_auth.model import TokenSet
from claude_auth.security.secret import Secret
from tests.formats.any_json import ANY_JSON

NOW = 1_795_176_184.0


def login(**fields: Any) -> Login:
    entry = {
        "accessToken": "sk-ant-oat01-madeUp",
        "refreshToken": "sk-ant-ort01-madeUp",
        "expiresAt": int((NOW + 3600) * 1000),
        "scopes": ["user:inference", "user:profile"],
        **fields,
    }
    return read_login(parse(json.dumps({"claudeAiOauth": entry}).encode()))


def tokens(**fields: Any) -> TokenSet:
    found = login(**fields).tokens
    assert found is not None
    return found


def test_a_healthy_login() -> None:
    found = login(subscriptionType="max", rateLimitTier="tier", refreshTokenExpiresAt=(NOW + 86400) * 1000)
    assert found.unusable is None
    assert found.tokens == TokenSet(
        access_token=Secret("sk-ant-oat01-madeUp"),
        refresh_token=Secret("sk-ant-ort01-madeUp"),
        expires_at=NOW + 3600,
        login_deadline=NOW + 86400,
        scopes=("user:inference", "user:profile"),
        subscription="max",
        rate_limit_tier="tier",
    )


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\x1b\n", "\U0010ffff"])
def test_a_plan_that_shows_nothing_is_none(text: str) -> None:
    found = tokens(subscriptionType=text, rateLimitTier=text)
    assert (found.subscription, found.rate_limit_tier) == (None, None)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({}, "holds no claude.ai login"),
        ({"claudeAiOauth": None}, "holds no claude.ai login"),
        ({"claudeAiOauth": "text"}, "is not an object"),
        ({"claudeAiOauth": []}, "is not an object"),
        ({"claudeAiOauth": {}}, "access token is empty"),
        ({"claudeAiOauth": {"accessToken": 5}}, "has no scopes"),
        ({"claudeAiOauth": {"accessToken": 0}}, "access token is empty"),
        ({"accessToken": "a", "scopes": ["user:inference"]}, "do not stand in claudeAiOauth"),
        ({"access_token": "a"}, "do not stand in claudeAiOauth"),
        ({"claudeAiOauth": {"accessToken": "a", "scopes": [" user:inference "]}}, "lacks the scope"),
        ({"claudeAiOauth": {"accessToken": "", "expiresAt": 0}}, "cleared the tokens"),
        ({"claudeAiOauth": {"accessToken": "t"}}, "no scopes"),
        ({"claudeAiOauth": {"accessToken": "t", "scopes": None}}, "no scopes"),
        ({"claudeAiOauth": {"accessToken": "t", "scopes": {"user:inference": 1}}}, "no scopes"),
        ({"claudeAiOauth": {"accessToken": "t", "scopes": ["user:profile"]}}, "lacks the scope"),
        ({"claudeAiOauth": {"accessToken": "t", "scopes": ["USER:INFERENCE"]}}, "lacks the scope"),
    ],
)
def test_why_a_login_is_not_counted(content: dict[str, Any], why: str) -> None:
    assert why in (read_login(parse(json.dumps(content).encode())).unusable or "")


@pytest.mark.parametrize(
    ("raw", "expires_at", "note"),
    [
        (None, None, None),
        ("abc", None, "says no moment"),
        ("2020-01-01T00:00:00Z", None, "says no moment"),
        ({}, None, "not a number"),
        ("", 0.0, "is text"),
        ("1000", 1.0, "is text"),
        (True, 0.001, None),
        (0, 0.0, None),
        (-60_000, -60.0, "before 1970"),
        (int(NOW), NOW / 1000, "looks like seconds"),
        (253_402_300_799_000, 253_402_300_799.0, "after the year 2100"),
    ],
)
def test_expiry_as_text_seconds_null_negative_or_far_away(
    raw: object, expires_at: float | None, note: str | None
) -> None:
    found = tokens(expiresAt=raw)
    assert found.expires_at == expires_at
    assert note is None or any(note in words for words in found.notes)
    assert note is not None or not found.notes


@pytest.mark.parametrize(
    ("fields", "expiry", "refreshes_first"),
    [
        ({}, "live", False),
        ({"expiresAt": (NOW + 300) * 1000}, "live", False),
        ({"expiresAt": (NOW + 299) * 1000}, "stale-refreshable", True),
        ({"expiresAt": (NOW - 9e6) * 1000}, "stale-refreshable", True),
        ({"expiresAt": (NOW + 299) * 1000, "refreshToken": None}, "live", False),
        ({"expiresAt": (NOW - 1) * 1000, "refreshToken": ""}, "expired", False),
        ({"expiresAt": None}, "none", False),
        ({"expiresAt": (NOW - 1) * 1000, "refreshTokenExpiresAt": (NOW - 1) * 1000}, "expired", True),
        ({"refreshTokenExpiresAt": (NOW + 1) * 1000}, "live", False),
    ],
)
def test_three_states_never_two(fields: dict[str, Any], expiry: str, refreshes_first: bool) -> None:
    found = tokens(**fields)
    assert (found.expiry(NOW, RENEWAL_MARGIN), found.refreshes_first(NOW, RENEWAL_MARGIN)) == (
        expiry,
        refreshes_first,
    )


def test_scopes_as_text_are_searched_as_text() -> None:
    assert tokens(scopes="user:inference user:profile").allows_inference
    assert tokens(scopes="xuser:inferencex").allows_inference
    assert not tokens(scopes=["user:inference user:profile"]).allows_inference
    assert any("text instead of a list" in note for note in tokens(scopes="user:inference").notes)


@given(ANY_JSON)
def test_any_value_of_scopes_gives_clean_words(value: Any) -> None:
    assert all(word == "" or word.isprintable() for word in read_scopes(value))


@given(st.dictionaries(st.sampled_from(["claudeAiOauth", "mcpOAuth", "x"]), ANY_JSON))
def test_any_json_is_a_login_or_a_reason(value: dict[str, Any]) -> None:
    found = read_login(parse(json.dumps(value).encode()))
    assert found.tokens is not None or found.unusable is not None


FIELDS = st.sampled_from(["accessToken", "refreshToken", "expiresAt", "refreshTokenExpiresAt", "scopes"])


@given(st.dictionaries(FIELDS, ANY_JSON))
def test_any_field_of_a_login_is_survived(fields: dict[str, Any]) -> None:
    found = login(**fields)
    if found.tokens is not None:
        assert found.tokens.expiry(NOW, RENEWAL_MARGIN) in {"live", "stale-refreshable", "expired", "none"}


@given(ANY_JSON, st.lists(st.text(), max_size=2))
def test_any_json_is_a_state(value: Any, folders: list[str]) -> None:
    content = json.dumps({"oauthAccount": value, "customApiKeyResponses": value, "projects": value})
    for document in (parse(content.encode()), parse(json.dumps(value).encode())):
        state = read_claude_json(document, "/home/ada/.claude.json", None, tuple(folders))
        assert state.email is None or state.email.isprintable()


def test_the_state_tells_account_approvals_key_and_trust() -> None:
    content = {
        "oauthAccount": {"emailAddress": "ada@example.org", "organizationName": "Engines"},
        "customApiKeyResponses": {"approved": ["suffix", 5], "rejected": "no list"},
        "primaryApiKey": "sk-ant-api03-madeUp",
        "projects": {"/home/ada/proj": {"hasTrustDialogAccepted": True}, "/home/ada/other": []},
    }
    document = parse(json.dumps(content).encode())
    state = read_claude_json(document, "path", None, ("/home/ada/proj",))
    assert (state.email, state.organization, state.trusted) == ("ada@example.org", "Engines", True)
    assert (state.approved, state.rejected) == ((Secret("suffix"),), ())
    assert state.primary_api_key == Secret("sk-ant-api03-madeUp")
    assert not read_claude_json(document, "path", None, ("/home/ada/other",)).trusted


def test_settings_forgive_a_byte_order_mark_and_tell_lines() -> None:
    document = parse_settings(b'\xef\xbb\xbf{\n"apiKeyHelper": "h",\n"env": {\n"A": 1}}')
    assert [(e.name, e.line) for e in key_entries(document)] == [("apiKeyHelper", 2)]
    assert [(e.name, e.value, e.line) for e in environment_entries(document)] == [("A", Secret("1"), 4)]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'{"env": []}', 1),
        (b'{"a": 1,\n"apiKeyHelper": 5}', 2),
        (b'{"awsCredentialExport": null}', 1),
        (b'{"permissions": {\n"allow": [],\n"deny": "x"}}', 3),
        (b'{"availableModels":\n["a",\n5]}', 1),
    ],
)
def test_one_value_of_the_wrong_type_makes_the_whole_file_count_for_nothing(
    content: bytes, line: int
) -> None:
    document = parse_settings(content)
    assert document.data == {}
    assert document.damage is not None
    assert (document.damage.code, document.damage.line) == ("wrong-type", line)


def test_of_managed_settings_the_wrong_value_alone_is_dropped() -> None:
    document = parse_settings(b'{"apiKeyHelper": 5, "env": {"A": "1"}, "model": []}', managed=True)
    assert document.damage is None
    assert document.data == {"env": {"A": "1"}}


@pytest.mark.parametrize("value", [b"5", b"null", b"{}", b"[5]"])
def test_a_managed_organisation_stands_there_whatever_it_holds(value: bytes) -> None:
    document = parse_settings(b'{"forceLoginOrgUUID": ' + value + b"}", managed=True)
    assert [entry.name for entry in key_entries(document)] == ["forceLoginOrgUUID"]


def test_a_login_method_that_is_no_text_is_skipped() -> None:
    assert key_entries(parse_settings(b'{"forceLoginMethod": ["claudeai"]}', managed=True)) == ()


_ENV = '{"env": {"A": "é"}}'


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"\xff\xfe" + _ENV.encode("utf-16-le"), "é"),
        (_ENV.encode("latin-1"), "\ufffd"),
        (b"\xfe\xff" + _ENV.encode("utf-16-be"), None),
        (_ENV.encode("utf-16-le"), None),
    ],
)
def test_settings_in_another_encoding(content: bytes, value: str | None) -> None:
    document = parse_settings(content)
    assert [e.value.reveal() for e in environment_entries(document)] == ([] if value is None else [value])
    assert (document.damage is None) == (value is not None)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'\xef\xbb\xbf{"a": 1}', None),
        (b'{"a": "\xe9"}', None),
        (b"\0\n\0", "empty"),
        (b"{}\0", "not-json"),
        (b" \n", "empty"),
        (b"[]", "wrong-type"),
        (b'{"a":', "truncated"),
        (b'{"a": 1,}', "not-json"),
        (b"\xff\xfe{\0}\0", "utf-16"),
    ],
)
def test_a_state_file(content: bytes, code: str | None) -> None:
    damage = parse_state(content).damage
    assert (None if damage is None else damage.code) == code


def test_a_list_of_organisations_is_allowed() -> None:
    assert [e.value for e in key_entries(parse_settings(b'{"forceLoginOrgUUID": ["a", "b"]}'))] == [
        Secret("a,b")
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        (None, "null"),
        (True, "true"),
        (5, "5"),
        (5.5, "5.5"),
        (5.0, "5"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (12345678901234567890, "12345678901234567000"),
        (123456.789, "123456.789"),
        (0.1, "0.1"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (-2.5e-7, "-2.5e-7"),
        (5e-324, "5e-324"),
        (-0.0, "0"),
        (10**400, "Infinity"),
        (-(10**400), "-Infinity"),
        (1e999, "Infinity"),
        ([], ""),
        ([1, None, ["a", "b"]], "1,,a,b"),
        ({"a": 1}, "[object Object]"),
    ],
)
def test_a_value_in_env_becomes_the_text_that_javascript_makes_of_it(value: object, text: str) -> None:
    assert javascript_text(value) == text


def test_a_list_in_a_list_in_a_list_is_survived() -> None:
    content = b'{"env": {"DEEP": ' + b"[" * 900 + b"]" * 900 + b', "A": "1"}}'
    assert [entry.name for entry in environment_entries(parse_settings(content))] in (["DEEP", "A"], [])


@given(st.binary(max_size=200) | ANY_JSON.map(lambda value: json.dumps({"env": value}).encode()))
def test_any_bytes_are_settings_or_damage(content: bytes) -> None:
    document = parse_settings(content)
    assert all(isinstance(e.value, Secret) for e in (*environment_entries(document), *key_entries(document)))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *((None, 0.0), ([], 0.0), ("", 0.0), (" 12 ", 12.0), (True, 1.0), ("1e3", 1000.0)),
        *((10**400, math.inf), ("-Infinity", -math.inf), ("\ufeff5", 5.0), ([["0x5"]], 5.0)),
        *(("0x1F", 31.0), ("0o17", 15.0), ("0B1", 1.0)),
    ],
)
def test_numbers_are_read_as_javascript_does(value: object, number: float) -> None:
    assert javascript_number(value) == number


@pytest.mark.parametrize(
    "value",
    [
        "abc",
        "1_000",
        {},
        [1, 2],
        "1" * 500 + "x",
        "\u0661",
        "-0x5",
        "0x",
        "0b2",
        "nan",
        "inf",
        "5 6",
        "\x855",
    ],
)
def test_what_is_no_number(value: object) -> None:
    assert math.isnan(javascript_number(value))


@given(ANY_JSON)
def test_a_moment_is_finite_or_none(value: Any) -> None:
    found = moment(value)
    assert found is None or math.isfinite(found)
