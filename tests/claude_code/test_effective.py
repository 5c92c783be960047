"""Where a request goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.layout import look_at

TOKEN = {"ANTHROPIC_AUTH_TOKEN": "made-up"}
VERTEX = {
    "CLAUDE_CODE_USE_VERTEX": "1",
    "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1",
    "ANTHROPIC_VERTEX_PROJECT_ID": "p",
}
BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_BEARER_TOKEN_BEDROCK": "made-up"}
MANTLE = {"CLAUDE_CODE_USE_MANTLE": "1", "AWS_BEARER_TOKEN_BEDROCK": "made-up"}
PLATFORM = {
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": "1",
    "ANTHROPIC_AWS_API_KEY": "made-up",
    "ANTHROPIC_AWS_WORKSPACE_ID": "w",
}
FOUNDRY = {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_API_KEY": "made-up"}


@pytest.mark.parametrize(
    ("env", "provider", "host", "url"),
    [
        ({}, "first-party", "api.anthropic.com", "https://api.anthropic.com/v1/messages"),
        (
            {"ANTHROPIC_BASE_URL": " "},
            "first-party",
            "api.anthropic.com",
            "https://api.anthropic.com/v1/messages",
        ),
        (
            {"ANTHROPIC_BASE_URL": "https://API.Anthropic.com:443/"},
            "first-party",
            "api.anthropic.com",
            "https://api.anthropic.com/v1/messages",
        ),
        (
            {"ANTHROPIC_BASE_URL": "HTTPS://GW.example/x/"},
            "gateway",
            "gw.example",
            "https://gw.example/x/v1/messages",
        ),
        ({"ANTHROPIC_BASE_URL": "http://gw:8080"}, "gateway", "gw:8080", "http://gw:8080/v1/messages"),
        (
            {"ANTHROPIC_BASE_URL": "localhost:8080"},
            "gateway",
            "localhost:8080",
            "http://localhost:8080/v1/messages",
        ),
        (
            {"ANTHROPIC_BASE_URL": "https://[::1]:8443"},
            "gateway",
            "[::1]:8443",
            "https://[::1]:8443/v1/messages",
        ),
        (
            {"ANTHROPIC_BASE_URL": "https://bücher.example"},
            "gateway",
            "xn--bcher-kva.example",
            "https://xn--bcher-kva.example/v1/messages",
        ),
        (
            {"ANTHROPIC_BASE_URL": "https://ada:made-up@gw.example/sk-ant-api03-madeUp"},
            "gateway",
            "gw.example",
            "https://gw.example/…redacted…/v1/messages",
        ),
    ],
)
def test_to_anthropic_or_a_gateway(
    env: dict[str, str], provider: str, host: str, url: str, tmp_path: Path
) -> None:
    resolution = look_at(tmp_path, env={**TOKEN, **env}).resolution
    assert resolution.wire is not None
    assert (resolution.provider, resolution.wire.host, resolution.wire.url) == (provider, host, url)


@pytest.mark.parametrize(
    "url", ["gw.example", "//gw.example", "ftp://gw.example", '"https://gw"', "https://[", "https://a:b"]
)
def test_what_is_no_url_lets_nothing_out(url: str, tmp_path: Path) -> None:
    resolution = look_at(tmp_path, env={**TOKEN, "ANTHROPIC_BASE_URL": url}).resolution
    assert resolution.blocked is not None
    assert (resolution.provider, resolution.blocked.code) == ("gateway", "no-credential")
    assert resolution.blocked.reason.startswith("ANTHROPIC_BASE_URL is not a URL")


@pytest.mark.parametrize(
    ("env", "host"),
    [
        (BEDROCK, "bedrock-runtime.us-east-1.amazonaws.com"),
        ({**BEDROCK, "AWS_REGION": "eu-west-3"}, "bedrock-runtime.eu-west-3.amazonaws.com"),
        (
            {**BEDROCK, "AWS_REGION": "not a region", "AWS_DEFAULT_REGION": "eu-west-1"},
            "bedrock-runtime.eu-west-1.amazonaws.com",
        ),
        ({**BEDROCK, "AWS_PROFILE": "work"}, "bedrock-runtime.eu-north-1.amazonaws.com"),
        ({**BEDROCK, "ANTHROPIC_BEDROCK_BASE_URL": "https://b.example/x"}, "b.example"),
        (VERTEX, "us-east5-aiplatform.googleapis.com"),
        ({**VERTEX, "CLOUD_ML_REGION": "global"}, "aiplatform.googleapis.com"),
        ({**VERTEX, "CLOUD_ML_REGION": "europe-west1 "}, "europe-west1-aiplatform.googleapis.com"),
        ({**VERTEX, "CLOUD_ML_REGION": "eu"}, "aiplatform.eu.rep.googleapis.com"),
        ({**VERTEX, "CLOUD_ML_REGION": "EU"}, "eu-aiplatform.googleapis.com"),
        ({**VERTEX, "ANTHROPIC_VERTEX_BASE_URL": "http://v.example:81/x"}, "v.example:81"),
        ({**MANTLE, "AWS_DEFAULT_REGION": "EU-West-3"}, "bedrock-mantle.eu-west-3.api.aws"),
        ({**MANTLE, "ANTHROPIC_BEDROCK_BASE_URL": "https://b.example/x"}, "bedrock-mantle.us-east-1.api.aws"),
        ({**MANTLE, "ANTHROPIC_BEDROCK_MANTLE_BASE_URL": "m.example:99/x"}, "m.example:99"),
        ({**PLATFORM, "AWS_PROFILE": "work"}, "aws-external-anthropic.eu-north-1.api.aws"),
        ({**PLATFORM, "ANTHROPIC_AWS_BASE_URL": "http://a.example/x"}, "a.example"),
        ({**FOUNDRY, "ANTHROPIC_FOUNDRY_RESOURCE": "Res"}, "res.services.ai.azure.com"),
        ({**FOUNDRY, "ANTHROPIC_FOUNDRY_BASE_URL": "https://f.example"}, "f.example"),
    ],
)
def test_to_a_cloud_provider(env: dict[str, str], host: str, tmp_path: Path) -> None:
    raw = {".aws/config": "[profile work]\nregion = eu-north-1\n"}
    wire = look_at(tmp_path, env=env, raw=raw).resolution.wire
    assert wire is not None
    assert wire.host == host


@pytest.mark.parametrize(
    ("on", "provider"),
    [
        (("BEDROCK", "FOUNDRY", "ANTHROPIC_AWS", "MANTLE", "VERTEX"), "bedrock"),
        (("FOUNDRY", "ANTHROPIC_AWS", "MANTLE", "VERTEX"), "foundry"),
        (("ANTHROPIC_AWS", "ANTHROPIC_GOOGLE_CLOUD", "MANTLE", "VERTEX"), "anthropic-aws"),
        (("ANTHROPIC_GOOGLE_CLOUD", "MANTLE", "VERTEX"), "anthropic-google-cloud"),
        (("MANTLE", "VERTEX"), "mantle"),
        (("VERTEX",), "vertex"),
        ((), "first-party"),
    ],
)
def test_of_several_providers_one_comes_first(on: tuple[str, ...], provider: str, tmp_path: Path) -> None:
    env = {f"CLAUDE_CODE_USE_{name}": "1" for name in on}
    assert look_at(tmp_path, env=env).resolution.provider == provider


def test_programs_without_providers_ignore_the_switches(tmp_path: Path) -> None:
    env = {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_API_KEY": "made-up"}
    assert look_at(tmp_path, env=env, client="claw").resolution.provider == "first-party"


US = "aiplatform.us.rep.googleapis.com"
OPUS = {"VERTEX_REGION_CLAUDE_5_5_OPUS": "europe-west4", "VERTEX_REGION_CLAUDE_4_5_SONNET": "us"}


@pytest.mark.parametrize(
    ("env", "files", "host"),
    [
        ({**OPUS, "CLOUD_ML_REGION": "global"}, {}, "europe-west4-aiplatform.googleapis.com"),
        ({**OPUS, "ANTHROPIC_MODEL": "OPUS[1m]"}, {}, "europe-west4-aiplatform.googleapis.com"),
        ({**OPUS, "ANTHROPIC_MODEL": " claude-sonnet-4-5@20250929 "}, {}, US),
        ({**OPUS, "ANTHROPIC_MODEL": "sonnet"}, {}, "us-east5-aiplatform.googleapis.com"),
        ({**OPUS, "ANTHROPIC_MODEL": " "}, {}, "us-east5-aiplatform.googleapis.com"),
        ({**OPUS, "ANTHROPIC_MODEL": "Claude-Opus-5-5"}, {}, "us-east5-aiplatform.googleapis.com"),
        ({**OPUS, "ANTHROPIC_DEFAULT_OPUS_MODEL": "claude-sonnet-4-5"}, {}, US),
        ({"VERTEX_REGION_CLAUDE_5_5_OPUS": "bad region!"}, {}, "us-east5-aiplatform.googleapis.com"),
        (OPUS, {"proj/.claude/settings.json": {"model": "claude-sonnet-4-5"}}, US),
        ({**OPUS, "ANTHROPIC_VERTEX_BASE_URL": "https://v.example"}, {}, "v.example"),
    ],
)  # fmt: skip
def test_on_vertex_the_model_in_use_may_have_a_region(
    env: dict[str, str], files: dict[str, Any], host: str, tmp_path: Path
) -> None:
    wire = look_at(tmp_path, files, env={**VERTEX, **env}).resolution.wire
    assert wire is not None
    assert wire.host == host


def test_what_an_older_version_calls_opus_is_not_known(tmp_path: Path) -> None:
    resolution = look_at(tmp_path, env={**VERTEX, **OPUS}, version="2.1.225").resolution
    assert resolution.blocked is not None
    assert resolution.blocked.code == "not-checked"
