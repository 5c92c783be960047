"""What goes out to the providers that are not Bedrock, Vertex or Foundry: each row was put to the real client
2.1.332."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.model import HeaderValue
from tests.conformance.layout import look_at

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s"}
SIGNED = "signed aws-environment AKIAENV"
OFF = {"AWS_EC2_METADATA_DISABLED": "true"}
TOKEN, KEY = {"ANTHROPIC_AUTH_TOKEN": "token"}, {"ANTHROPIC_API_KEY": "sk-ant-api03-made-up"}
BOTH = {"ANTHROPIC_CUSTOM_HEADERS": "x-api-key: CH\nAuthorization: Bearer CA"}
HELPER = {".claude/settings.json": {"apiKeyHelper": "echo printed"}}
ADC = {
    ".config/gcloud/application_default_credentials.json": {
        "type": "authorized_user",
        "client_id": "c",
        "client_secret": "made-up",
        "refresh_token": "made-up",
    }
}

MANTLE = {"CLAUDE_CODE_USE_MANTLE": "1", **OFF}
SKIP_MANTLE = {**MANTLE, "CLAUDE_CODE_SKIP_MANTLE_AUTH": "1"}
NO_WORKSPACE = {"CLAUDE_CODE_USE_ANTHROPIC_AWS": "1", **OFF}
ON_AWS = {**NO_WORKSPACE, "ANTHROPIC_AWS_WORKSPACE_ID": "wrkspc_1"}
SKIP_AWS = {"CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH": "1"}
AWS_KEY = {"ANTHROPIC_AWS_API_KEY": " key\n"}
ON_GOOGLE_CLOUD = {
    "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": "1",
    "ANTHROPIC_GOOGLE_CLOUD_PROJECT": "p",
    "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID": "wrkspc_1",
}
SKIP_GOOGLE = {**ON_GOOGLE_CLOUD, "CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH": "1"}
ELSEWHERE = {"ANTHROPIC_GOOGLE_CLOUD_BASE_URL": "http://gw:8443/base"}


def shown(header: HeaderValue | None) -> str | None:
    if header is None:
        return None
    if header.is_signature:
        return f"signed {header.source} {header.identity}"
    value = "?" if header.value is None else header.value.reveal()
    return value if header.scheme is None else f"{header.scheme} {value}"


@pytest.mark.parametrize(
    ("env", "files", "x_api_key", "authorization", "winner"),
    [
        ({**MANTLE, **KEYS, **TOKEN, **KEY}, {}, None, SIGNED, "mantle"),
        ({**MANTLE, **KEYS, "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1"}, {}, None, SIGNED, "mantle"),
        ({**MANTLE, **BOTH, "AWS_BEARER_TOKEN_BEDROCK": "BT"}, {}, "CH", "Bearer BT", "bedrock-api-key"),
        ({**SKIP_MANTLE, **TOKEN, **KEY}, {}, None, "Bearer token", "anthropic-auth-token"),
        ({**SKIP_MANTLE, **KEY}, HELPER, None, "Bearer printed", "api-key-helper"),
        ({**SKIP_MANTLE, **BOTH}, {}, "CH", "Bearer CA", "custom-headers"),
        ({**SKIP_MANTLE, **KEYS, **KEY}, {}, None, None, "mantle"),
        ({**ON_AWS, **AWS_KEY, **KEYS, **TOKEN}, HELPER, "key", None, "anthropic-aws"),
        ({**ON_AWS, **AWS_KEY, **BOTH}, {}, "CH", None, "custom-headers"),
        ({**ON_AWS, **KEYS, **BOTH}, {}, "CH", SIGNED, "anthropic-aws"),
        ({**ON_AWS, **KEYS, "ANTHROPIC_AWS_API_KEY": " "}, {}, None, SIGNED, "anthropic-aws"),
        ({**ON_AWS, **SKIP_AWS, **TOKEN, **AWS_KEY}, {}, "token", "Bearer token", "anthropic-auth-token"),
        ({**ON_AWS, **SKIP_AWS}, HELPER, "printed", "Bearer printed", "api-key-helper"),
        ({**ON_AWS, **SKIP_AWS, **TOKEN, **BOTH}, {}, "CH", "Bearer token", "anthropic-auth-token"),
        ({**NO_WORKSPACE, **SKIP_AWS, **KEYS, **KEY}, {}, None, None, "anthropic-aws"),
        ({**SKIP_GOOGLE, **KEY}, {}, None, None, "anthropic-google-cloud"),
        ({**SKIP_GOOGLE, **TOKEN, **BOTH}, HELPER, "CH", "Bearer token", "anthropic-auth-token"),
        ({**ON_GOOGLE_CLOUD, **TOKEN, **BOTH}, ADC, "CH", "Bearer ?", "anthropic-google-cloud"),
    ],
)  # fmt: skip
def test_what_goes_out(
    env: dict[str, str],
    files: dict[str, Any],
    x_api_key: str | None,
    authorization: str | None,
    winner: str,
    tmp_path: Path,
) -> None:
    resolution = look_at(tmp_path, files, client="claude-print", env=env, evaluated=True).resolution
    wire = resolution.wire
    assert wire is not None
    assert (shown(wire.x_api_key), shown(wire.authorization)) == (x_api_key, authorization)
    assert resolution.winner == winner
    assert resolution.standing(winner).verdict == "winning"


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({**MANTLE, **TOKEN}, "no AWS credentials"),
        ({**MANTLE, **KEYS, "ANTHROPIC_BEDROCK_MANTLE_BASE_URL": "garbage"}, "MANTLE_BASE_URL"),
        ({**MANTLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, "no AWS credentials"),
        ({**NO_WORKSPACE, **AWS_KEY}, "WORKSPACE"),
        ({**NO_WORKSPACE, **SKIP_AWS, **TOKEN}, "WORKSPACE"),
        ({**NO_WORKSPACE, **AWS_KEY, "ANTHROPIC_AWS_WORKSPACE_ID": "a\nb"}, "line break"),
        ({**ON_AWS, "AWS_BEARER_TOKEN_BEDROCK": "BT", **TOKEN}, "no AWS credentials"),
        ({**ON_GOOGLE_CLOUD, **TOKEN}, "Default Credentials"),
        ({**SKIP_GOOGLE, "ANTHROPIC_GOOGLE_CLOUD_PROJECT": " "}, "PROJECT"),
        ({**SKIP_GOOGLE, "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID": ""}, "WORKSPACE"),
        ({**SKIP_GOOGLE, **ELSEWHERE, "ANTHROPIC_GOOGLE_CLOUD_PROJECT": "a/b"}, "PROJECT"),
        ({**SKIP_GOOGLE, "ANTHROPIC_GOOGLE_CLOUD_LOCATION": "bad loc!"}, "LOCATION"),
    ],
)  # fmt: skip
def test_what_is_missing(env: dict[str, str], words: str, tmp_path: Path) -> None:
    blocked = look_at(tmp_path, client="claude-print", env=env).resolution.blocked
    assert blocked is not None
    assert blocked.code == "no-cloud-credential"
    assert words in blocked.reason


def test_a_base_url_needs_neither_project_nor_workspace(tmp_path: Path) -> None:
    env = {**SKIP_GOOGLE, **ELSEWHERE, **TOKEN}
    env |= {"ANTHROPIC_GOOGLE_CLOUD_PROJECT": "", "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID": ""}
    wire = look_at(tmp_path, client="claude-print", env=env).resolution.wire
    assert wire is not None
    assert (wire.host, wire.url) == ("gw:8443", "http://gw:8443/base/v1/messages")


@pytest.mark.parametrize("env", [{**MANTLE, **KEYS}, {**ON_AWS, **AWS_KEY}, SKIP_GOOGLE])
def test_an_older_client_was_not_observed_there(env: dict[str, str], tmp_path: Path) -> None:
    resolution = look_at(tmp_path, env=env, version="2.1.225").resolution
    assert resolution.blocked is not None
    assert resolution.blocked.code == "not-checked"


# ── profiles of the AWS files ────────────────────────────────────────────────────────────────────

BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work", **OFF, **KEYS}
ROLE = "[profile work]\nrole_arn=arn:aws:iam::1:role/r\n"
STATIC = "aws_access_key_id=AKIAFILE\naws_secret_access_key=x\n"
SSO = "sso_account_id=1\nsso_role_name=R\n"
SESSION = "[sso-session s]\nsso_region=us-east-1\nsso_start_url=https://x.example\n"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (f"{ROLE}source_profile=nope\n", "in neither AWS file"),
        (f"{ROLE}source_profile=b\n[profile b]\nregion=eu-west-1\n", "holds no credentials"),
        (f"{ROLE}source_profile=b\n{ROLE.replace('work', 'b')}source_profile=work\n", "builds on itself"),
        (f"{ROLE}source_profile=b\ncredential_source=Environment\n[profile b]\n{STATIC}", "no credentials"),
        (f"{ROLE}credential_source=Foo\n", "credential_source"),
        (f"{ROLE}source_profile=b\nmfa_serial=arn:aws:iam::1:mfa/x\n[profile b]\n{STATIC}", "wants a code"),
        (f"{ROLE}source_profile=b\n[profile b]\nsso_session=s\n{SSO}{SESSION}", "nobody has signed in"),
        (f"[profile work]\nsso_session=gone\n{SSO}", "sso-session gone"),
        (f"[profile work]\nsso_start_url=https://x.example\n{SSO}", "lacks sso_region"),
    ],
)
def test_a_profile_that_cannot_sign_sends_nothing(config: str, words: str, tmp_path: Path) -> None:
    resolution = look_at(tmp_path, env=BEDROCK, raw={".aws/config": config}).resolution
    assert resolution.blocked is not None
    assert resolution.blocked.code == "no-cloud-credential"
    assert words in resolution.blocked.reason


@pytest.mark.parametrize(
    "config",
    [
        f"{ROLE}source_profile=work\n{STATIC}",  # a profile may be its own source
        f"{ROLE}source_profile=b\n{ROLE.replace('work', 'b')}source_profile=c\n[profile c]\n{STATIC}",
        f"{ROLE}source_profile=b\n[profile b]\ncredential_source=Environment\n",
        f"{ROLE}credential_source=Environment\n",
    ],
)
def test_a_role_that_can_be_assumed_signs_by_an_unknown_key(config: str, tmp_path: Path) -> None:
    wire = look_at(tmp_path, env=BEDROCK, raw={".aws/config": config}).resolution.wire
    assert wire is not None
    assert shown(wire.authorization) == "signed aws-profile None"


@pytest.mark.parametrize(("client", "sent"), [("claude", None), ("claude-print", "Bearer ")])
def test_a_helper_that_gives_nothing_where_the_provider_s_own_is_left_out(
    client: str, sent: str | None, tmp_path: Path
) -> None:
    """Interactive Claude Code goes on without; `-p` sends an empty Bearer."""
    files = {".claude/settings.json": {"apiKeyHelper": "exit 3"}}
    found = look_at(tmp_path, files, env=SKIP_MANTLE, client=client, evaluated=True).resolution
    assert found.wire is not None
    assert shown(found.wire.authorization) == sent


def test_without_its_token_s_file_a_web_identity_signs_nothing(tmp_path: Path) -> None:
    env = {
        **MANTLE,
        "AWS_WEB_IDENTITY_TOKEN_FILE": "$HOME/token",
        "AWS_ROLE_ARN": "arn:aws:iam::1:role/made-up",
    }
    found = look_at(tmp_path / "without", env=env)
    assert found.resolution.blocked is not None
    assert found.resolution.blocked.source == "aws-ambient"
    assert "identity-token-missing" in {finding.id for finding in found.findings}
    found = look_at(tmp_path / "with", {"token": {"$text": "eyJ.eyJ.made-up"}}, env=env)
    assert found.resolution.winner == "mantle"
