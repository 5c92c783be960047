"""The places that requests can go to instead of Anthropic's own: which is in use, which is set up. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from claude_auth.claude_code.clients import BY_ID as CLIENT_BY_ID
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import PROVIDER_SWITCHES
from claude_auth.cloud.words import Row, fix_rows
from claude_auth.model import NOWHERE, Assignment, Finding, HeaderValue, Provider, Resolution
from claude_auth.resolve import resolve
from claude_auth.security.secret import Secret
from claude_auth.sources import label
from claude_auth.words import PROVIDERS as NAMES
from claude_auth.words import SEVERITIES, StatusText, blocked_sentence, client_label, header_words


class CloudProvider(NamedTuple):
    """`id` is ours; `mark` stands in the names of its variables; any of `telling` shows that it is set up."""

    id: str
    label: str
    provider: Provider
    mark: str
    switch: str | None = None
    telling: tuple[str, ...] = ()


AWS = CloudProvider(
    "aws",
    "AWS · Amazon Bedrock",
    "bedrock",
    "BEDROCK",
    "CLAUDE_CODE_USE_BEDROCK",
    ("AWS_BEARER_TOKEN_BEDROCK",),
)
GOOGLE = CloudProvider(
    "google",
    "Google · Vertex AI",
    "vertex",
    "VERTEX",
    "CLAUDE_CODE_USE_VERTEX",
    ("ANTHROPIC_VERTEX_PROJECT_ID",),
)
FOUNDRY = CloudProvider(
    "foundry",
    "Microsoft Foundry",
    "foundry",
    "FOUNDRY",
    "CLAUDE_CODE_USE_FOUNDRY",
    (
        "ANTHROPIC_FOUNDRY_RESOURCE",
        "ANTHROPIC_FOUNDRY_BASE_URL",
        "ANTHROPIC_FOUNDRY_API_KEY",
        "ANTHROPIC_FOUNDRY_AUTH_TOKEN",
    ),
)
ANTHROPIC_AWS = CloudProvider(
    "anthropic-aws",
    "Claude Platform on AWS",
    "anthropic-aws",
    "ANTHROPIC_AWS",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS",
    ("ANTHROPIC_AWS_API_KEY", "ANTHROPIC_AWS_WORKSPACE_ID"),
)
GATEWAY = CloudProvider(
    "gateway", "Gateway", "gateway", "ANTHROPIC_BASE_URL", telling=("ANTHROPIC_BASE_URL",)
)
PROVIDERS = (AWS, GOOGLE, FOUNDRY, ANTHROPIC_AWS, GATEWAY)
BY_ID = {provider.id: provider for provider in PROVIDERS}

IN_USE = StatusText("★", "in use", "ok")
IN_USE_PROBLEM = StatusText("✗", "in use, with a problem", "fail")
IN_USE_UNKNOWN = StatusText("?", "in use, not checked", "warn")
NOT_USED = StatusText("·", "configured, not used")
NOT_USED_PROBLEM = StatusText("▲", "a problem, not used", "warn")
NOT_CONFIGURED = StatusText("–", "not configured", "dim")


def is_configured(provider: CloudProvider, view: EffectiveConfig) -> bool:
    """Whether a variable says so; of AWS and Google the plans know more."""
    return (provider.switch is not None and view.is_on(provider.switch)) or any(
        bool(view.text(name)) for name in provider.telling
    )


def state(
    provider: CloudProvider,
    resolution: Resolution,
    *,
    configured: bool,
    problem: bool,
    answered: bool = False,
) -> StatusText:
    """One word about one provider. `answered`: it was asked just now, and an identity came back."""
    if resolution.provider != provider.provider:
        if not configured:
            return NOT_CONFIGURED
        return NOT_USED_PROBLEM if problem else NOT_USED
    blocked = resolution.blocked
    if answered and blocked is None:
        return StatusText("✓", "in use, and it answers", "ok")
    if blocked is not None and blocked.code == "not-checked":
        return IN_USE_UNKNOWN
    return IN_USE_PROBLEM if problem or blocked is not None else IN_USE


# ── where requests go ────────────────────────────────────────────────────────────────────────────


def as_if_on(provider: CloudProvider, view: EffectiveConfig) -> Resolution:
    """The answer where this provider's switch, and no other, were on."""
    variables = {
        name: found for name, found in view.snapshot.variables.items() if name not in PROVIDER_SWITCHES
    }
    if provider.switch is not None:
        variables[provider.switch] = (Assignment(provider.switch, Secret("1"), NOWHERE),)
    return resolve(replace(view.snapshot, variables=variables), view.client.id, view.version)


def use_rows(provider: CloudProvider, resolution: Resolution) -> list[Row]:
    """Whether it is in use by the chosen client, and what goes out."""
    who = client_label(resolution.client)
    if resolution.provider == provider.provider:
        blocked = resolution.blocked
        if blocked is None:
            return [Row("use", StatusText("★", f"every request of {who} goes there", "strong"))]
        would = f"every request of {who} would go there"
        if blocked.code == "not-checked":
            return [Row("use", StatusText("?", would, "warn"))]
        return [Row("use", StatusText("✗", f"{would}: as it is, none goes out", "fail"))]
    if provider.switch is not None and not CLIENT_BY_ID[resolution.client].providers:
        return [Row("use", StatusText("–", f"not in use: {who} knows no cloud provider", "dim"))]
    return [Row("use", StatusText("–", f"not in use: {who} sends to {NAMES[resolution.provider]}", "dim"))]


def wire_rows(resolution: Resolution) -> list[Row]:
    """Where to, and what stands in the two headers; or why nothing goes out."""
    blocked, wire = resolution.blocked, resolution.wire
    if blocked is not None:
        unknown = blocked.code == "not-checked"
        word = (
            StatusText("?", blocked.reason, "warn")
            if unknown
            else StatusText("✗", blocked_sentence(blocked), "fail")
        )
        return [Row("sent to", word)]
    if wire is None:
        return [Row("sent to", StatusText("–", "nobody", "dim"))]
    return [
        Row("sent to", StatusText("·", wire.url)),
        Row("x-api-key", _header(wire.x_api_key)),
        Row("authorization", _header(wire.authorization)),
    ]


def _header(value: HeaderValue | None) -> StatusText:
    word = header_words(value)
    if value is None:
        return word
    if value.value is None and not value.is_signature:
        word = StatusText("?", "unknown until it is asked for", "warn")
    mark = f", fingerprint {value.value.fingerprint}" if value.value is not None else ""
    return StatusText(word.glyph, f"{word.text}{mark}, from {label(value.source)}", word.role)


# ── what was found ───────────────────────────────────────────────────────────────────────────────

_SHARED = frozenset(
    {
        "provider-switch-ignored",
        "provider-not-switched-on",
        "credential-in-clear-text",
        "base-url-doubles-version",
    }
)


def concerning(
    provider: CloudProvider, findings: Iterable[Finding], resolution: Resolution
) -> tuple[Finding, ...]:
    """The findings about this provider."""
    return tuple(one for one in findings if _concerns(provider, one, resolution))


def _concerns(provider: CloudProvider, finding: Finding, resolution: Resolution) -> bool:
    if finding.id in _SHARED:
        return provider.mark in finding.evidence
    if finding.id == "no-cloud-credential":
        return resolution.provider == provider.provider
    from claude_auth.diagnose.causes import aws, google_azure

    if provider is AWS:
        return any(cause.id == finding.id for cause in aws.CAUSES)
    return provider is GOOGLE and any(cause.id == finding.id for cause in google_azure.CAUSES)


def finding_rows(findings: Iterable[Finding], known: frozenset[str]) -> list[Row]:
    """Title, evidence, what to do. Left out where all that helps stands above already (`known` commands)."""
    rows: list[Row] = []
    for finding in findings:
        commands = {fix.command for fix in finding.fixes if fix.command}
        if commands and commands <= known:
            continue
        word = SEVERITIES[finding.severity]
        rows.append(Row("finding", StatusText(word.glyph, finding.title, word.role)))
        rows.append(Row("", StatusText("·", finding.evidence, "dim")))
        rows += fix_rows(finding.fixes)
    return rows
