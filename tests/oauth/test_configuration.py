"""What the user configures, and how precisely it is told what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_auth.oauth.authorization import DEFAULT_REDIRECT_URI, OAuthClient
from claude_auth.oauth.configuration import configuration_path, load_configuration, read_configuration
from claude_auth.security.secret import Secret

PATH = "/home/x/.config/claude-auth/oauth.toml"
ENVIRON = {
    "CLAUDE_OAUTH_CLIENT_ID": "my-client",
    "CLAUDE_OAUTH_AUTHORIZE_URL": "https://login.example/authorize",
    "CLAUDE_OAUTH_TOKEN_URL": "https://login.example/token",
}


def problems(environ: dict[str, str], file: str = "") -> list[str]:
    found = read_configuration(environ, file.encode(), PATH)
    assert (found.client is None) == bool(found.problems)
    return [str(problem) for problem in found.problems]


def test_nothing_is_built_in() -> None:
    found = read_configuration({})
    assert found.is_absent
    assert found.client is None


def test_variables_alone() -> None:
    found = read_configuration(
        ENVIRON
        | {
            "CLAUDE_OAUTH_CLIENT_SECRET": "s3cret",
            "CLAUDE_OAUTH_SCOPES": "profile  inference profile",
            "CLAUDE_OAUTH_REDIRECT_URI": "",
        }
    )
    assert found.client == OAuthClient(
        "my-client",
        client_secret=Secret("s3cret"),
        authorize_url="https://login.example/authorize",
        token_url="https://login.example/token",
        scopes=("profile", "inference"),
    )
    assert found.client is not None
    assert found.client.redirect_uri == DEFAULT_REDIRECT_URI
    assert not found.client.any_port
    assert found.origins["scopes"] == "CLAUDE_OAUTH_SCOPES"
    assert "s3cret" not in repr(found)


def test_a_variable_wins_over_the_file() -> None:
    file = 'client_id = "from-file"\nissuer = "https://login.example"\n\nscopes = ["a", "b"]\n'
    found = read_configuration({"CLAUDE_OAUTH_CLIENT_ID": "from-shell"}, file.encode(), PATH)
    assert found.client is not None
    assert (found.client.client_id, found.client.scopes) == ("from-shell", ("a", "b"))
    assert found.client.needs_discovery
    assert found.origins == {
        "client_id": "CLAUDE_OAUTH_CLIENT_ID",
        "issuer": f"{PATH}:2",
        "scopes": f"{PATH}:4",
    }


@pytest.mark.parametrize(
    ("redirect", "loopback", "any_port"),
    [
        ("http://127.0.0.1:8089/callback", True, True),
        ("http://[::1]/callback", True, True),
        ("http://localhost:8089/callback", True, False),
        ("http://localhost/callback", True, True),
        ("https://login.example/code", False, False),
    ],
)
def test_where_the_browser_comes_back_to(redirect: str, loopback: bool, any_port: bool) -> None:
    found = read_configuration(ENVIRON | {"CLAUDE_OAUTH_REDIRECT_URI": redirect})
    assert found.client is not None
    assert (found.client.has_loopback_redirect, found.client.any_port) == (loopback, any_port)


def test_every_setting_of_the_file() -> None:
    file = """
client_id = "c"
client_secret = "s"
issuer = "https://login.example/tenant"
token_request_format = "json"
client_authentication = "post"
any_port = true
base_url = "https://gateway.example/v1"
[authorize_parameters]
prompt = "login"
"""
    found = read_configuration({}, file.encode(), PATH)
    assert found.problems == ()
    assert found.client == OAuthClient(
        "c",
        Secret("s"),
        issuer="https://login.example/tenant",
        token_request_format="json",
        client_authentication="post",
        any_port=True,
        base_url="https://gateway.example/v1",
        authorize_parameters=(("prompt", "login"),),
    )


@pytest.mark.parametrize(
    ("environ", "file", "told"),
    [
        ({"CLAUDE_OAUTH_CLIENT_ID": ""}, 'issuer = "https://a.example"', "CLAUDE_OAUTH_CLIENT_ID is missing"),
        ({"CLAUDE_OAUTH_CLIENT_ID": "c"}, "", "CLAUDE_OAUTH_AUTHORIZE_URL is missing"),
        ({"CLAUDE_OAUTH_CLIENT_ID": "c"}, "", "CLAUDE_OAUTH_TOKEN_URL is missing"),
        (ENVIRON | {"CLAUDE_OAUTH_TOKEN_URL": "http://login.example/token"}, "", "TOKEN_URL is not https"),
        (ENVIRON | {"CLAUDE_OAUTH_TOKEN_URL": "ftp://login.example"}, "", "TOKEN_URL is not a URL"),
        (ENVIRON | {"CLAUDE_OAUTH_TOKEN_URL": "https://u:p@login.example"}, "", "holds a user name"),
        (ENVIRON | {"CLAUDE_OAUTH_AUTHORIZE_URL": "https://a.example/x#y"}, "", "holds a # part"),
        (ENVIRON | {"CLAUDE_OAUTH_REDIRECT_URI": "http://192.168.0.9/cb"}, "", "REDIRECT_URI is not https"),
        (ENVIRON | {"CLAUDE_OAUTH_SCOPES": 'a"b'}, "", "CLAUDE_OAUTH_SCOPES holds a scope with"),
        (ENVIRON | {"CLAUDE_OAUTH_CLIENT_ID": "a\x1b[2J"}, "", "CLIENT_ID holds a control character"),
        (ENVIRON, "\n\nany_port = 1", f"{PATH}:3 is neither true nor false"),
        (ENVIRON, 'token_request_format = "xml"', f"{PATH}:1 is neither form nor json"),
        (ENVIRON, 'client_authentication = "post"', f"{PATH}:1 says how the client secret travels"),
        (ENVIRON, '[authorize_parameters]\nstate = "x"', f"{PATH}:1 can't set state"),
        (ENVIRON, "a = 1\nb = = 2", f"{PATH}:2 is not valid TOML"),
        (ENVIRON, "client_id = 5", ""),  # the variable wins, so the file's value is never looked at
        (
            ENVIRON | {"CLAUDE_OAUTH_TOKEN_URL": "https://platform.claude.com/v1/oauth/token"},
            "",
            "Claude Code",
        ),
        (ENVIRON | {"CLAUDE_OAUTH_AUTHORIZE_URL": "https://claude.ai./oauth/authorize"}, "", "Claude Code"),
    ],
)
def test_tells_what_is_wrong_and_where(environ: dict[str, str], file: str, told: str) -> None:
    found = problems(environ, file)
    assert any(told in text for text in found) if told else not found


def test_a_wrong_value_is_not_also_told_as_missing() -> None:
    assert len(problems(ENVIRON | {"CLAUDE_OAUTH_TOKEN_URL": "nonsense"})) == 1


def test_a_setting_that_nobody_knows_is_told() -> None:
    found = read_configuration(ENVIRON, b'clientid = "x"\n', PATH)
    assert [str(warning) for warning in found.warnings] == [f"{PATH}:1 is not a setting we know: clientid"]


def test_no_value_in_the_words() -> None:
    texts = problems(
        ENVIRON
        | {
            "CLAUDE_OAUTH_CLIENT_SECRET": "canary\x00secret",
            "CLAUDE_OAUTH_TOKEN_URL": "http://canary.example",
        }
    )
    assert len(texts) == 2
    assert not any("canary" in text for text in texts)


def test_from_the_disk(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert Path(configuration_path(environ)) == tmp_path / "claude-auth" / "config.toml"
    path = tmp_path / "claude-auth" / "oauth.toml"
    assert load_configuration({}, str(path)).is_absent
    path.parent.mkdir()
    path.write_text('client_id = "c"\nclient_secret = "s"\nissuer = "https://login.example"\n')
    path.chmod(0o644)
    found = load_configuration({}, str(path))
    assert found.client is not None
    assert "chmod 600" in str(found.warnings[0])
    path.chmod(0o600)
    assert load_configuration({}, str(path)).warnings == ()
    path.write_bytes(b"\xff\xfe")
    assert "is not UTF-8" in str(load_configuration({}, str(path)).problems[0])
    path.write_bytes(b"#" * (65 << 10))
    assert "too large" in str(load_configuration({}, str(path)).problems[0])
    path.unlink()
    path.mkdir()
    assert "can't be read" in str(load_configuration({}, str(path)).problems[0])
