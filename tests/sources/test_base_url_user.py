"""A user name in a base URL: a Basic header where no other stands, beside a key or in a provider's place."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from claude_auth.model import Wire
from tests.conformance.layout import look_at

KEY = {"ANTHROPIC_API_KEY": "sk-ant-api03-made-up"}
SKIP = {"CLAUDE_CODE_USE_BEDROCK": "1", "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1"}


def wire(tmp_path: Path, env: dict[str, str], version: str = "2.1.332") -> Wire | None:
    return look_at(tmp_path, env=env, client="claude-print", version=version).resolution.wire


def basic(tmp_path: Path, address: str) -> bytes | None:
    found = wire(tmp_path, {**KEY, "ANTHROPIC_BASE_URL": address})
    assert found is not None
    assert found.x_api_key is not None
    if found.authorization is None:
        return None
    assert found.authorization.source == "base-url-user"
    assert found.authorization.value is not None
    scheme, _, text = found.authorization.value.reveal().partition(" ")
    assert scheme == "Basic"
    return b64decode(text)


@pytest.mark.parametrize(
    ("before", "sent"),
    [
        ("ada:pw@", b"ada:pw"),
        ("ada@", b"ada:"),
        (":pw@", b":pw"),
        ("ada:a:b@", b"ada:a:b"),
        ("ada:a@b@", b"ada:a@b"),
        ("a%20b:p%40s%2F@", b"a b:p@s/"),
        ("%C3%BC:%E4@", b"\xc3\xbc:\xe4"),
        ("ü:pw@", "ü:pw".encode()),
        ("@", None),
        (":@", None),
        ("ad%a:pw@", None),
        ("", None),
    ],
)
def test_what_is_sent_beside_a_key(before: str, sent: bytes | None, tmp_path: Path) -> None:
    assert basic(tmp_path, f"https://{before}gw.example/base") == sent


def test_any_other_authorization_comes_first(tmp_path: Path) -> None:
    env = {**KEY, "ANTHROPIC_AUTH_TOKEN": "made-up", "ANTHROPIC_BASE_URL": "https://ada:pw@gw.example"}
    found = wire(tmp_path, env)
    assert found is not None
    assert found.authorization is not None
    assert found.authorization.source == "anthropic-auth-token"


def test_alone_it_is_no_credential(tmp_path: Path) -> None:
    assert wire(tmp_path, {"ANTHROPIC_BASE_URL": "https://ada:pw@gw.example"}) is None


def test_in_the_place_of_a_provider_s_own(tmp_path: Path) -> None:
    found = wire(tmp_path, {**SKIP, "ANTHROPIC_BEDROCK_BASE_URL": "https://ada:pw@gw.example"})
    assert found is not None
    assert found.authorization is not None
    assert found.authorization.source == "base-url-user"


def test_what_old_versions_and_other_programs_do_is_not_checked(tmp_path: Path) -> None:
    env = {**KEY, "ANTHROPIC_BASE_URL": "https://ada:pw@gw.example"}
    for client, version in (("claude-print", "2.1.300"), ("anthropic-sdk", None)):
        found = look_at(tmp_path / client, env=env, client=client, version=version).resolution
        assert found.blocked is not None
        assert found.blocked.code == "not-checked"


def test_the_row_says_where_it_stands(tmp_path: Path) -> None:
    env = {**KEY, "ANTHROPIC_BASE_URL": "https://ada:pw@gw.example"}
    standing = look_at(tmp_path, env=env).resolution.standing("base-url-user")
    assert standing.reading.state == "present"
    assert standing.reading.origin.variable == "ANTHROPIC_BASE_URL"
