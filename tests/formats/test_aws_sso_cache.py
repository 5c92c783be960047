"""Single sign-on: which file of the cache, what its token's state is, what never comes along."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.formats.aws_files import read_sections
from claude_auth.formats.cloud_files import NOT_THERE, SsoToken, cache_name, moment_of_text, read_sso_token

NOW = 1_800_000_000.0
TOKEN = {
    "startUrl": "https://d-123.awsapps.com/start",
    "region": "eu-west-1",
    "accessToken": "canary-access-token-of-the-cache",
    "expiresAt": "2027-01-15T09:00:00Z",
    "clientId": "canary-client-id",
    "clientSecret": "canary-client-secret",
    "registrationExpiresAt": "2027-04-01T00:00:00Z",
    "refreshToken": "canary-refresh-token",
}


def read(**changes: object) -> SsoToken:
    data = {name: value for name, value in {**TOKEN, **changes}.items() if value is not None}
    found = read_sso_token(json.dumps(data).encode())
    assert found is not None
    return found


def test_the_file_is_named_by_session_or_start_url() -> None:
    assert cache_name("admin") == "d033e22ae348aeb5660fc2140aec35850c4da997.json"


def test_live() -> None:
    token = read()
    assert (token.start_url, token.region) == ("https://d-123.awsapps.com/start", "eu-west-1")
    assert token.expires_at == NOW + 3600
    assert token.state(NOW, by_session=True) == "live"
    assert token.state(NOW, by_session=False) == "live"


@pytest.mark.parametrize(
    ("changes", "by_session", "state"),
    [
        ({}, True, "refreshable"),
        ({}, False, "expired"),  # the older kind is never refreshed
        ({"refreshToken": None}, True, "expired"),
        ({"clientSecret": None}, True, "expired"),
        ({"registrationExpiresAt": "2026-01-01T00:00:00Z"}, True, "expired"),
        ({"registrationExpiresAt": None}, True, "refreshable"),
    ],
)
def test_past_its_time(changes: dict[str, object], by_session: bool, state: str) -> None:
    assert read(expiresAt="2027-01-15T07:00:00Z", **changes).state(NOW, by_session=by_session) == state


def test_other_files_and_damage() -> None:
    assert (
        read_sso_token(b'{"clientId": "a", "clientSecret": "b", "expiresAt": "2027-01-01T00:00:00Z"}') is None
    )
    broken = read_sso_token(b'{"accessToken": "canary')
    assert broken is not None
    assert broken.state(NOW, by_session=True) == "damaged"
    assert read(expiresAt="soon").state(NOW, by_session=True) == "damaged"
    assert NOT_THERE.state(NOW, by_session=True) == "missing"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2027-01-15T08:00:00Z", NOW),
        ("2027-01-15T08:00:00UTC", NOW),  # as botocore once wrote
        ("2027-01-15T10:00:00+02:00", NOW),
        ("2027-01-15T08:00:00", NOW),
        ("", None),
        ("tomorrow", None),
        (None, None),
        (5, None),
    ],
)
def test_moment(text: object, seconds: float | None) -> None:
    assert moment_of_text(text) == seconds


def test_no_secret_is_kept() -> None:
    assert "canary" not in repr(read())


def test_sessions() -> None:
    session = b"[sso-session a]\nsso_start_url = https://a\nsso_region=r\n"
    content = b"[default]\nregion = x\n" + session + b"[sso-session 'b c']\nsso_region=r\n"
    sessions = read_sections(content, is_config=True).sessions
    assert sessions == {"a": {"sso_start_url": "https://a", "sso_region": "r"}}


def test_a_token_of_a_session_is_renewed_in_its_last_five_minutes() -> None:
    late, early = read(expiresAt="2027-01-15T08:04:00Z"), read(expiresAt="2027-01-15T08:06:00Z")
    assert late.state(NOW, by_session=True) == "refreshable"
    assert (early.state(NOW, by_session=True), late.state(NOW, by_session=False)) == ("live", "live")


@given(st.binary(max_size=300))
def test_never_raises(content: bytes) -> None:
    read_sso_token(content)
