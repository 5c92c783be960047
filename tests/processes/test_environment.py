"""What a child gets."""

from __future__ import annotations

import pytest

from claude_auth.claude_code.variables import CREDENTIALS
from claude_auth.processes.environment import Purpose, child_environment, variables_named_in

EVERYTHING = dict.fromkeys(
    (
        *CREDENTIALS,
        "PATH",
        "HOME",
        "LC_ALL",
        "HTTPS_PROXY",
        "SSH_AUTH_SOCK",
        "AWS_PROFILE",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "CLAUDE_CONFIG_DIR",
        "CLAUDE_CODE_USE_BEDROCK",
        "CLAUDE_OAUTH_CLIENT_ID",
        "CLAUDE_AUTH_NO_SYSTEM_SKIPS",
        "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
        "TEXTUAL",
        "PYTHONPATH",
        "CLAUDECODE",
        "SOMEBODYS_PASSWORD",
        "MY_VAULT",
    ),
    "value",
)
PURPOSES: tuple[Purpose, ...] = ("sign-in", "claude", "aws", "gcp", "api-key-helper", "plain")
ANTHROPIC = [name for name in CREDENTIALS if name.startswith(("ANTHROPIC_", "CLAUDE_CODE_"))]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_for_every_purpose(purpose: Purpose) -> None:
    given = child_environment(EVERYTHING, purpose)
    assert {"PATH", "HOME", "LC_ALL", "HTTPS_PROXY", "SSH_AUTH_SOCK"} <= given.keys()
    ours = {name for name in EVERYTHING if name.startswith(("CLAUDE_OAUTH_", "CLAUDE_AUTH_", "TEXTUAL"))}
    assert not given.keys() & (ours | {"PYTHONPATH", "CLAUDECODE", "SOMEBODYS_PASSWORD"})
    assert "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR" not in given
    has_secrets = purpose in {"claude", "api-key-helper"}
    assert set(ANTHROPIC) <= given.keys() if has_secrets else not set(ANTHROPIC) & given.keys()


def test_each_purpose_gets_its_own() -> None:
    assert "AWS_PROFILE" in child_environment(EVERYTHING, "aws")
    assert "AWS_PROFILE" not in child_environment(EVERYTHING, "gcp")
    assert "GOOGLE_APPLICATION_CREDENTIALS" in child_environment(EVERYTHING, "gcp")
    signing_in = child_environment(EVERYTHING, "sign-in")
    assert "CLAUDE_CONFIG_DIR" in signing_in
    assert "CLAUDE_CODE_USE_BEDROCK" not in signing_in
    assert "CLAUDE_CODE_USE_BEDROCK" in child_environment(EVERYTHING, "claude")


def test_names_can_be_kept_but_not_anthropics_secrets_nor_ours() -> None:
    keep = {"MY_VAULT", "ANTHROPIC_API_KEY", "CLAUDE_OAUTH_CLIENT_SECRET"}
    given = child_environment(EVERYTHING, "aws", keep=keep)
    assert "MY_VAULT" in given
    assert not given.keys() & (keep - {"MY_VAULT"})


def test_variables_named_in_a_command() -> None:
    assert variables_named_in('vault read "$ADDR"/${PATH_OF:-x} $1 $$') == {"ADDR", "PATH_OF"}


def test_what_no_command_can_hold_is_left_out() -> None:
    assert child_environment({"LC_ALL": "a\0b", "": "x", "LANG": "C"}, "plain") == {"LANG": "C"}


def test_only_our_own_command_line_gets_the_user_s_oauth_client() -> None:
    name = "CLAUDE_OAUTH_CLIENT_ID"
    assert name in child_environment(EVERYTHING, "claude-auth")
    assert not any(name in child_environment(EVERYTHING, purpose) for purpose in PURPOSES)


@pytest.mark.parametrize("purpose", ["sign-in", "claude", "browser", "aws", "gcp", "api-key-helper", "plain"])
def test_what_belongs_to_us_or_to_the_session_that_started_us_goes_to_nobody(purpose: Purpose) -> None:
    names = ("CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SSE_PORT", "PYTHONPATH", "PYTHONHOME")
    assert child_environment(dict.fromkeys(names, "x"), purpose, keep=names) == {}


def test_a_program_of_our_choice_finds_none_of_the_working_directory() -> None:
    given = {"PATH": ".:/usr/bin::bin:/bin"}
    for purpose in ("sign-in", "claude", "browser"):
        assert child_environment(given, purpose) == {"PATH": "/usr/bin:/bin"}
    assert child_environment(given, "aws", our_choice=True) == {"PATH": "/usr/bin:/bin"}
    assert child_environment({"PATH": ".:"}, "claude")["PATH"] == "/dev/null"
    assert child_environment(given, "aws") == given
