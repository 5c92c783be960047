"""A secret that stands in the wrong variable or the wrong field is shown by no output: every watched variable
and every field that names something, times each shape of a secret."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from claude_auth.actions.fixes.offers import offers
from claude_auth.actions.look import checks, diagnosed
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import CREDENTIALS, VERTEX_REGION_PREFIX, WATCHED
from claude_auth.cli.fix import preview_lines
from claude_auth.cloud.providers import BY_ID as PROVIDERS
from claude_auth.cloud.providers import look as look_at_clouds
from claude_auth.model import Check, Finding, Resolution, Snapshot
from claude_auth.network.probe_plan import plan_probe
from claude_auth.observe import observe, observe_more
from claude_auth.observe.context import Environment, ObservationContext, read_descriptors
from claude_auth.present.cloud_panes import pane_rows
from claude_auth.present.documents import diagnose_document, status_document
from claude_auth.present.network import probe_document
from claude_auth.present.status_text import checks_lines
from claude_auth.present.support_report import handout_document, handout_text
from tests.as_text import diagnose_text, status_text

CORE = "Zq7wXk2LmN9pRt4vYc8bHd3fGj6sQa1eUo5i"
AWS = "Vn4tXk8LmB/9pRt4vYc2+bHd7fGj6sQa3eUo1iXw"
SHAPES: dict[str, str] = {
    "API key": f"sk-ant-api03-{CORE}",
    "access token": f"sk-ant-oat01-{CORE}",
    "refresh token": f"sk-ant-ort01-{CORE}",
    "JWT": f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.{CORE}",
    "AWS secret": AWS,
    "URL with password": f"https://ada:{CORE}@gw.example.org/v1",
    "random": f"{CORE}Bv8N",
}
#: With these on, more of what is set is shown.
CONTEXTS: dict[str, dict[str, str]] = {
    "plain": {},
    "bedrock": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work"},
    "vertex": {"CLAUDE_CODE_USE_VERTEX": "1"},
    "foundry": {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_API_KEY": "made-up-key"},
}
_FAMILIES = {
    "bedrock": ("AWS_", "ANTHROPIC_BEDROCK"),
    "vertex": ("GOOGLE_", "GCLOUD_", "CLOUD_ML", "CLOUDSDK", "VERTEX_", "ANTHROPIC_VERTEX", "GCE_"),
    "foundry": ("ANTHROPIC_FOUNDRY", "AZURE_", "IDENTITY_", "MSI_"),
}


def leaks(text: str) -> bool:
    low = text.lower()  # a host or a region is written in small letters
    return any(
        core[start : start + 8].lower() in low for core in (CORE, AWS) for start in range(len(core) - 7)
    )


def outputs(
    view: ObservationContext, environ: Mapping[str, str], client: str = "claude"
) -> Iterator[tuple[str, str]]:
    snapshot = observe_more(observe(view), view)
    resolution, findings = diagnosed(snapshot, client)
    asked = checks(snapshot, resolution)
    yield "status --json", json.dumps(status_document(snapshot, resolution, findings))
    yield "status", status_text(snapshot, resolution, findings)
    yield from _diagnosed(findings, asked)
    report = handout_document(snapshot, resolution, findings, versions={}, checks=asked)
    yield "report", handout_text(report)
    yield "report --json", json.dumps(report)
    for preview in offers(snapshot, resolution, findings, shell="bash", program="claude-auth"):
        yield f"fix {preview.id}", "\n".join([preview.id, *preview_lines(preview)])
    yield "probe --json", json.dumps(probe_document(plan_probe(snapshot, resolution)))
    yield from _panes(snapshot, resolution, findings, environ)


def _diagnosed(findings: tuple[Finding, ...], asked: tuple[Check, ...]) -> Iterator[tuple[str, str]]:
    yield "diagnose --all", "\n".join([diagnose_text((), findings), *checks_lines(asked)])
    yield "diagnose --all --json", json.dumps(diagnose_document((), findings, checks=asked))


def _panes(
    snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...], environ: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    seen = look_at_clouds(EffectiveConfig.of(snapshot, resolution), resolution, findings, environ)
    for provider in PROVIDERS:
        rows = pane_rows(provider, seen, None, 0.0)
        yield f"pane {provider}", "\n".join(f"{row.name}|{row.word}|{row.command}" for row in rows)


def machine(folder: Path, environ: Mapping[str, str]) -> tuple[ObservationContext, dict[str, str]]:
    home = folder / "ada"
    (home / ".claude").mkdir(parents=True, exist_ok=True)
    (home / "proj").mkdir(exist_ok=True)
    (folder / "root").mkdir(exist_ok=True)
    full = {"HOME": str(home), "PATH": "/usr/bin:/bin", **environ}
    view = ObservationContext(
        str(home),
        str(home / "proj"),
        str(folder / "root"),
        Environment(full),
        user_id=os.geteuid(),
        descriptors=read_descriptors(full),
    )
    return view, full


VARIABLES = sorted(WATCHED | {f"{VERTEX_REGION_PREFIX}_OPUS"})


@pytest.mark.parametrize("name", VARIABLES)
def test_a_secret_in_the_wrong_variable_is_shown_nowhere(name: str, tmp_path: Path) -> None:
    contexts = ["plain", *(context for context, names in _FAMILIES.items() if name.startswith(names))]
    shown: list[tuple[str, str, str]] = []
    for context in contexts:
        for shape, value in SHAPES.items():
            view, environ = machine(tmp_path / context, {**CONTEXTS[context], name: value})
            shown += [(context, shape, where) for where, text in outputs(view, environ) if leaks(text)]
    assert shown == []


def _credentials(value: str) -> dict[str, object]:
    login: dict[str, object] = {
        "accessToken": "sk-ant-oat01-madeUp",
        "refreshToken": "sk-ant-ort01-madeUp",
        "expiresAt": 4_000_000_000_000,
        "scopes": ["user:inference", value],
        "subscriptionType": value,
        "rateLimitTier": value,
    }
    return {"claudeAiOauth": login, "mcpOAuth": {value: {"accessToken": "made-up"}}}


def _state(value: str) -> dict[str, object]:
    account = {"emailAddress": value, "organizationName": value, "organizationUuid": value}
    return {"oauthAccount": account, "primaryApiKey": "sk-ant-api03-madeUp"}


def _aws(value: str) -> str:
    keys = ("region", "sso_start_url", "sso_account_id", "sso_role_name", "role_arn", "source_profile")
    more = "".join(f"{key} = {value}\n" for key in (*keys, "endpoint_url", "mfa_serial", "role_session_name"))
    return f"[profile work]\n{more}[profile {value}]\nregion = {value}\naws_access_key_id = {value}\n"


def _google(value: str) -> dict[str, object]:
    names = (
        "client_email",
        "project_id",
        "quota_project_id",
        "token_uri",
        "private_key_id",
        "audience",
        "account",
    )
    return {"type": "service_account", **dict.fromkeys(names, value), "private_key": "made up"}


def _settings(value: str) -> dict[str, object]:
    names = [name for name in VARIABLES if name not in CREDENTIALS and not name.startswith("CLAUDE_CODE_USE")]
    return {"forceLoginOrgUUID": value, "forceLoginMethod": value, "env": dict.fromkeys(names, value)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("context", CONTEXTS)
def test_a_secret_in_the_wrong_field_of_a_file_is_shown_nowhere(
    shape: str, context: str, tmp_path: Path
) -> None:
    value = SHAPES[shape]
    view, environ = machine(tmp_path, CONTEXTS[context])
    home = tmp_path / "ada"
    files: dict[str, object] = {
        ".claude/.credentials.json": _credentials(value),
        ".claude.json": _state(value),
        ".aws/config": _aws(value),
        ".config/gcloud/application_default_credentials.json": _google(value),
    }
    for path, content in files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        (home / path).write_text(text, encoding="utf-8")
        (home / path).chmod(0o600)
    assert [where for where, text in outputs(view, environ) if leaks(text)] == []


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("client", ["claude", "claude-print"])
def test_a_secret_in_the_wrong_place_of_the_settings_is_shown_nowhere(
    shape: str, client: str, tmp_path: Path
) -> None:
    view, environ = machine(tmp_path, {})
    (tmp_path / "ada/.claude/settings.json").write_text(
        json.dumps(_settings(SHAPES[shape])), encoding="utf-8"
    )
    assert [where for where, text in outputs(view, environ, client) if leaks(text)] == []


def test_what_is_searched_for_would_be_found(tmp_path: Path) -> None:
    """Else the tests above would prove nothing: the same values, where nothing is taken out."""
    assert all(leaks(value) for value in SHAPES.values())
    view, _ = machine(tmp_path, {"NODE_EXTRA_CA_CERTS": SHAPES["random"]})
    snapshot = observe(view)
    assert leaks(snapshot.variables["NODE_EXTRA_CA_CERTS"][0].value.reveal())
