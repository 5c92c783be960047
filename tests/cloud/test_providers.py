"""Which provider is in use and what its pane says: Foundry, Claude Platform on AWS, gateways, the list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from claude_auth.actions.runs import run_offers
from claude_auth.claude_code.clients import BY_ID as CLIENTS
from claude_auth.cloud.identity import AwsAnswer
from claude_auth.cloud.providers import BY_ID, PROVIDERS, CloudSeen, ProviderAnswer, concerning, look
from claude_auth.cloud.trouble import explain_aws
from claude_auth.diagnose import diagnose
from claude_auth.present.cloud import FactRow
from claude_auth.present.cloud_panes import entries, first_choice, pane_rows
from claude_auth.resolve import resolve
from tests.cloud.aws_accounts import CORP, signed_in
from tests.cloud.machines import SECRET, SESSION, CloudMachine, assert_clean, iso, keys, machine

FOUNDRY = {"CLAUDE_CODE_USE_FOUNDRY": "1"}
PLATFORM = {"CLAUDE_CODE_USE_ANTHROPIC_AWS": "1"}
BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1"}


def seen_of(made: CloudMachine) -> CloudSeen:
    snapshot = made.snapshot()
    resolution = resolve(snapshot, made.client, "2.1.328")
    return look(made.view(snapshot), resolution, diagnose(snapshot, resolution), made.environ)


def text_of(rows: tuple[FactRow, ...]) -> str:
    return "\n".join(f"{row.name}|{row.word}" for row in rows)


def pane(id: str, home: Path, environ: Mapping[str, str], **more: object) -> str:
    made = machine(home, environ, **more)  # type: ignore[arg-type]
    rows = pane_rows(id, seen_of(made), None, 0.0)
    assert_clean(rows)
    return text_of(rows)


def states(seen: CloudSeen, asked: Mapping[str, ProviderAnswer] | None = None) -> dict[str, str]:
    return {entry.id: str(entry.state) for entry in entries(seen, asked or {})}


# ── the list ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("environ", "id", "state"),
    [
        ({}, "aws", "– not configured"),
        ({}, "gateway", "– not configured"),
        ({**BEDROCK, "AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": SECRET}, "aws", "★ in use"),
        ({"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": SECRET}, "aws", "· configured, not used"),
        (BEDROCK, "aws", "✗ in use, with a problem"),
        ({"AWS_PROFILE": "gone"}, "aws", "· not used, and would not work"),
        ({"CLAUDE_CODE_USE_VERTEX": "1"}, "google", "✗ in use, with a problem"),
        ({"ANTHROPIC_VERTEX_PROJECT_ID": "p"}, "google", "· not used, and would not work"),
        ({**FOUNDRY, "ANTHROPIC_FOUNDRY_RESOURCE": "res"}, "foundry", "✗ in use, with a problem"),
        (
            {**FOUNDRY, "ANTHROPIC_FOUNDRY_RESOURCE": "res", "ANTHROPIC_FOUNDRY_API_KEY": SECRET},
            "foundry",
            "★ in use",
        ),
        (
            {"ANTHROPIC_FOUNDRY_RESOURCE": "res", "ANTHROPIC_FOUNDRY_API_KEY": SECRET},
            "foundry",
            "· configured, not used",
        ),
        ({"ANTHROPIC_FOUNDRY_RESOURCE": "res", "ANTHROPIC_FOUNDRY_BASE_URL": "x"}, "foundry", "· not used,"),
        (PLATFORM, "anthropic-aws", "✗ in use, with a problem"),
        (
            {"ANTHROPIC_AWS_API_KEY": SECRET, "ANTHROPIC_AWS_WORKSPACE_ID": "w"},
            "anthropic-aws",
            "· configured, not used",
        ),
        ({"ANTHROPIC_BASE_URL": "https://gw.example.org", "ANTHROPIC_AUTH_TOKEN": SECRET}, "gateway", "★ in"),
        ({"ANTHROPIC_BASE_URL": "ftp://gw.example.org"}, "gateway", "✗ in use, with a problem"),
        (
            {**BEDROCK, "ANTHROPIC_BASE_URL": "https://gw.example.org", "ANTHROPIC_AUTH_TOKEN": SECRET},
            "gateway",
            "· configured, not used",
        ),
    ],
)
def test_states(tmp_path: Path, environ: Mapping[str, str], id: str, state: str) -> None:
    assert states(seen_of(machine(tmp_path, environ)))[id].startswith(state)


@pytest.mark.parametrize(
    ("environ", "id"),
    [
        ({}, "aws"),
        (BEDROCK, "aws"),
        ({"CLAUDE_CODE_USE_VERTEX": "1"}, "google"),
        (FOUNDRY, "foundry"),
        (PLATFORM, "anthropic-aws"),
        ({"ANTHROPIC_BASE_URL": "https://gw.example.org"}, "gateway"),
        ({"ANTHROPIC_FOUNDRY_RESOURCE": "res"}, "foundry"),
    ],
)
def test_it_opens_on_the_one_in_use(tmp_path: Path, environ: Mapping[str, str], id: str) -> None:
    assert first_choice(seen_of(machine(tmp_path, environ))) == id


def test_every_provider_has_lines_and_a_client_without_providers_says_so(tmp_path: Path) -> None:
    client = next(name for name, client in CLIENTS.items() if not client.providers)
    seen = seen_of(machine(tmp_path, {**BEDROCK, **FOUNDRY}, client=client))
    for provider in PROVIDERS:
        rows = pane_rows(provider.id, seen, None, 0.0)
        assert rows[0].name == "use"
        if provider.switch is not None:
            assert "knows no cloud provider" in rows[0].word.text


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"AWS_PROFILE": "gone"},
        {"AWS_ACCESS_KEY_ID": "AKIA1"},
        {"GOOGLE_APPLICATION_CREDENTIALS": "/gone"},
    ],
)
def test_nothing_warns_about_a_provider_that_is_not_used(tmp_path: Path, environ: dict[str, str]) -> None:
    made = machine(tmp_path, {**environ, "PATH": f"{tmp_path}/bin"})
    for program in ("aws", "gcloud"):
        made.write(f"bin/{program}", "").chmod(0o755)
    seen = seen_of(made)
    assert not {entry.state.role for entry in entries(seen, {})} & {"warn", "fail"}
    for provider in PROVIDERS:
        if seen.resolution.provider != provider.provider:
            rows = pane_rows(provider.id, seen, None, 0.0)
            assert not [row for row in rows if row.word.role in ("warn", "fail") or row.word.glyph in "▲✗"]


def test_the_same_warns_once_it_is_used(tmp_path: Path) -> None:
    rows = pane_rows("aws", seen_of(machine(tmp_path, {**BEDROCK, "AWS_PROFILE": "gone"})), None, 0.0)
    assert ("problem", "▲") in {(row.name, row.word.glyph) for row in rows}
    assert "were it in use:" not in text_of(rows)


@pytest.mark.parametrize(
    ("environ", "files", "kinds"),
    [
        ({}, {}, set()),
        ({"AWS_PROFILE": "sso"}, {".aws/config": CORP}, {"aws-refresh"}),
        ({"CLAUDE_CODE_USE_VERTEX": "1"}, {}, {"gcp-refresh"}),
        ({"ANTHROPIC_VERTEX_PROJECT_ID": "p"}, {}, {"gcp-refresh"}),
        ({}, {".config/gcloud/application_default_credentials.json": "{}"}, {"gcp-refresh"}),
    ],
)
def test_a_sign_in_is_suggested_to_who_uses_that_cloud(
    tmp_path: Path, environ: dict[str, str], files: dict[str, str], kinds: set[str]
) -> None:
    """On the pane, and in the list of all that could be run; who names a command gets it."""
    made = machine(tmp_path, environ)
    for name, content in files.items():
        made.write(name, content)
    seen = seen_of(made)
    assert seen.proposals.keys() == kinds
    offers = run_offers((), seen.view, made.environ)
    assert {one.kind for one in offers if one.proposal is not None} == kinds
    assert any(one.proposal is not None for one in run_offers(("gcp-refresh",), seen.view, made.environ))


# ── Foundry ──────────────────────────────────────────────────────────────────────────────────────


def test_foundry_in_use(tmp_path: Path) -> None:
    settings = {"env": {"ANTHROPIC_FOUNDRY_RESOURCE": "engines", "ANTHROPIC_FOUNDRY_API_KEY": SECRET}}
    text = pane("foundry", tmp_path, FOUNDRY, settings=settings)
    assert "sent to|· https://engines.services.ai.azure.com/anthropic/v1/messages" in text
    assert "x-api-key|★ …EFGH, fingerprint" in text
    assert "authorization|– not sent" in text
    assert "ANTHROPIC_FOUNDRY_RESOURCE = engines (your settings: ~/.claude/settings.json:3)" in text
    assert "ANTHROPIC_FOUNDRY_API_KEY = …EFGH, fingerprint" in text
    assert "not set|– ANTHROPIC_FOUNDRY_BASE_URL, ANTHROPIC_FOUNDRY_AUTH_TOKEN" in text


def test_a_token_of_foundry_becomes_the_other_header(tmp_path: Path) -> None:
    environ = {
        **FOUNDRY,
        "ANTHROPIC_FOUNDRY_BASE_URL": f"https://ada:{SECRET}@f.example.org/x?key={SESSION}",
        "ANTHROPIC_FOUNDRY_AUTH_TOKEN": SESSION,
    }
    text = pane("foundry", tmp_path, environ)
    assert "authorization|★ Bearer …" in text
    assert "x-api-key|– not sent" in text
    assert "ANTHROPIC_FOUNDRY_BASE_URL = https://…redacted…@f.example.org/x (the environment)" in text


def test_foundry_without_a_credential_says_what_is_missing(tmp_path: Path) -> None:
    text = pane("foundry", tmp_path, {**FOUNDRY, "ANTHROPIC_FOUNDRY_RESOURCE": "res"})
    assert "sent to|✗ " in text
    assert "no ANTHROPIC_FOUNDRY_API_KEY, no token and no Azure login" in text
    assert "azure|– no login and no identity of Azure here" in text


def test_foundry_that_is_not_switched_on_says_what_would_be(tmp_path: Path) -> None:
    environ = {"ANTHROPIC_FOUNDRY_RESOURCE": "engines", "ANTHROPIC_FOUNDRY_API_KEY": SECRET}
    text = pane("foundry", tmp_path, environ)
    assert "use|– not in use: claude -p sends to Anthropic's API" in text
    assert "|· were it in use:\nsent to|· https://engines.services.ai.azure.com" in text
    assert "finding|" in text
    assert "export CLAUDE_CODE_USE_FOUNDRY=1" in text


def test_both_places_of_foundry_exclude_each_other(tmp_path: Path) -> None:
    environ = {**FOUNDRY, "ANTHROPIC_FOUNDRY_RESOURCE": "res", "ANTHROPIC_FOUNDRY_BASE_URL": "https://f"}
    assert "exclude each other" in pane("foundry", tmp_path, environ)


# ── Claude Platform on AWS ───────────────────────────────────────────────────────────────────────


def test_the_platform_and_its_workspace(tmp_path: Path) -> None:
    text = pane("anthropic-aws", tmp_path, {**PLATFORM, "ANTHROPIC_AWS_API_KEY": SECRET})
    assert "sent to|✗ " in text
    assert "export ANTHROPIC_AWS_WORKSPACE_ID=" in text
    assert "ANTHROPIC_AWS_API_KEY = …EFGH" in text
    whole = {**PLATFORM, "ANTHROPIC_AWS_API_KEY": SECRET, "ANTHROPIC_AWS_WORKSPACE_ID": "wrkspc_1"}
    text = pane("anthropic-aws", tmp_path / "b", whole)
    assert "sent to|· https://aws-external-anthropic.us-east-1.api.aws/v1/messages" in text
    assert "x-api-key|★ …EFGH" in text
    assert "ANTHROPIC_AWS_WORKSPACE_ID = wrkspc_1 (the environment)" in text


def test_a_blank_key_of_the_platform(tmp_path: Path) -> None:
    text = pane("anthropic-aws", tmp_path, {"ANTHROPIC_AWS_API_KEY": "  "})
    assert "ANTHROPIC_AWS_API_KEY = nothing but blanks" in text


@pytest.mark.parametrize(
    ("id", "environ", "host"),
    [
        ("mantle", {"CLAUDE_CODE_USE_MANTLE": "1", "AWS_BEARER_TOKEN_BEDROCK": SECRET}, "bedrock-mantle."),
        (
            "anthropic-google-cloud",
            {
                "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": "1",
                "ANTHROPIC_GOOGLE_CLOUD_PROJECT": "p",
                "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID": "w",
                "CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH": "1",
                "ANTHROPIC_AUTH_TOKEN": SECRET,
            },
            "claude.googleapis.com",
        ),
    ],
)
def test_a_newer_provider_says_what_it_is(
    tmp_path: Path, id: str, environ: dict[str, str], host: str
) -> None:
    seen = seen_of(machine(tmp_path, environ))
    assert states(seen)[id].startswith("★ in use")
    text = text_of(pane_rows(id, seen, None, 0.0))
    assert f"sent to|· https://{host}" in text
    assert "authorization|★ Bearer …EFGH" in text
    assert "identity|" in text


# ── gateways ─────────────────────────────────────────────────────────────────────────────────────


def test_a_gateway_in_use(tmp_path: Path) -> None:
    settings = {
        "env": {"ANTHROPIC_BASE_URL": "http://gw.example.org/v1", "ANTHROPIC_AUTH_TOKEN": SECRET},
        "apiKeyHelper": f"vend --token {SESSION}",
    }
    text = pane("gateway", tmp_path, {}, settings=settings)
    assert "use|★ every request of claude -p goes there" in text
    assert "sent to|· http://gw.example.org/v1/v1/messages" in text
    assert "authorization|★ Bearer …EFGH, fingerprint" in text
    assert "ANTHROPIC_BASE_URL = http://gw.example.org/v1 (your settings: ~/.claude/settings.json:3)" in text
    assert "apiKeyHelper = vend --token …redacted… (your settings" in text
    alone = pane("gateway", tmp_path / "alone", {}, settings={"apiKeyHelper": "vend"})
    assert "set|· apiKeyHelper = vend (your settings" in alone  # not among what is not set
    assert "not set|– ANTHROPIC_BASE_URL" in alone
    assert "finding|✗ The credential is sent over the network in clear text" in text
    assert "finding|▲ The base URL ends with a path that Claude Code adds itself" in text


def test_a_user_in_the_address_is_told_and_never_shown(tmp_path: Path) -> None:
    text = pane(
        "gateway", tmp_path, {"ANTHROPIC_BASE_URL": f"https://ada:{SECRET}@gw.example.org?k={SESSION}"}
    )
    assert "ada" not in text
    assert "…redacted…@gw.example.org (the environment)" in text
    assert "problem|▲ a user name stands in the address" in text


def test_anthropics_own_address_is_no_gateway(tmp_path: Path) -> None:
    text = pane("gateway", tmp_path, {"ANTHROPIC_BASE_URL": "https://api.anthropic.com"})
    assert "the address is Anthropic's own" in text


def test_a_variable_that_is_set_to_nothing(tmp_path: Path) -> None:
    assert "ANTHROPIC_BASE_URL = set to nothing" in pane("gateway", tmp_path, {"ANTHROPIC_BASE_URL": ""})


# ── asking ───────────────────────────────────────────────────────────────────────────────────────


def test_that_asking_renews_a_sign_in_is_told(tmp_path: Path) -> None:
    made = machine(tmp_path, {**BEDROCK, "AWS_PROFILE": "sso"}, config=CORP)
    signed_in(made, "token", expiresAt=iso(-60), refreshToken=SESSION)
    assert "runs no command of yours; it renews the sign-in in its cache" in text_of(
        pane_rows("aws", seen_of(made), None, 0.0)
    )
    signed_in(made, "token")
    assert "it renews" not in text_of(pane_rows("aws", seen_of(made), None, 0.0))


# ── findings ─────────────────────────────────────────────────────────────────────────────────────


def test_a_finding_stands_at_its_provider_alone(tmp_path: Path) -> None:
    environ = {"CLAUDE_CODE_USE_FOUNDRY": "maybe", "ANTHROPIC_BASE_URL": "http://gw.example.org/v1"}
    seen = seen_of(machine(tmp_path, {**environ, "ANTHROPIC_AUTH_TOKEN": SECRET}))
    found = {
        provider.id: {one.id for one in concerning(provider, seen.findings, seen.resolution)}
        for provider in PROVIDERS
    }
    assert found["foundry"] == {"provider-switch-ignored"}
    assert found["gateway"] == {"credential-in-clear-text", "base-url-doubles-version"}
    assert not found["aws"] | found["google"] | found["anthropic-aws"]


def test_an_answer_and_a_look_say_what_helps_once(tmp_path: Path) -> None:
    made = machine(tmp_path, {**BEDROCK, "AWS_PROFILE": "sso"}, config=CORP)
    seen = seen_of(made)
    answer = AwsAnswer(0.0, 0.1, trouble=explain_aws({"class": "UnauthorizedSSOTokenError"}, seen.aws))
    rows = pane_rows("aws", seen, ProviderAnswer(answer, seen.basis), 0.0)
    assert [row.command for row in rows].count("aws sso login --profile sso") == 1
    assert "nobody has signed in" in text_of(rows)


def test_what_helps_is_not_said_twice(tmp_path: Path) -> None:
    environ = {**BEDROCK, "AWS_REGION": "eu-central-1", "AWS_PROFILE": "gone"}
    seen = seen_of(machine(tmp_path, environ, credentials=keys("there", "AKIA1")))
    commands = [row.command for row in pane_rows("aws", seen, None, 0.0) if row.command]
    assert commands
    assert len(commands) == len(set(commands))


def test_ids_are_those_of_the_table() -> None:
    assert list(BY_ID) == [
        *("aws", "google", "foundry", "anthropic-aws", "anthropic-google-cloud", "mantle", "gateway")
    ]


def test_where_nothing_goes_out_no_star_says_that_all_goes_there(tmp_path: Path) -> None:
    """An ended sign-in blocks every request."""
    config = "[profile work]\nsso_start_url = https://example.awsapps.com/start\nsso_account_id = 1\n"
    text = pane("aws", tmp_path, {**BEDROCK, "AWS_PROFILE": "work"}, config=config)
    assert "use|✗ every request of claude -p would go there: as it is, none goes out" in text
