"""The places that requests can go to instead of Anthropic's own: which is in use, which is set up, and
all that its pane is drawn from, of one moment. Reads files and asks nobody; blocks for some milliseconds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from claude_auth.claude_code.destination import base_variable
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import PROVIDER_OF, PROVIDER_SWITCHES
from claude_auth.cloud.aws.plan import AwsPlan, plan_aws
from claude_auth.cloud.commands import (
    CommandKind,
    CommandPlan,
    PlannedCommand,
    aws_contacts,
    aws_will_run,
    google_contacts,
    google_will_run,
    propose,
    suggested_aws,
    suggested_google,
)
from claude_auth.cloud.google import GooglePlan, plan_google
from claude_auth.cloud.identity import Answer
from claude_auth.files import Signature, signature
from claude_auth.model import NOWHERE, Assignment, Finding, Provider, Resolution
from claude_auth.named_tuples import NamedTuple
from claude_auth.resolve import resolve
from claude_auth.security.secret import Secret
from claude_auth.words import StatusText


class CloudProvider(NamedTuple):
    """`id` is ours; any of `names`, with blanks between, shows that it is set up."""

    id: str
    label: str
    provider: Provider
    names: str

    @property
    def telling(self) -> tuple[str, ...]:
        return tuple(self.names.split())

    @property
    def switch(self) -> str | None:
        return next((name for name, provider in PROVIDER_OF.items() if provider == self.provider), None)

    @property
    def variables(self) -> tuple[str, ...]:
        """Those of its own, by which a finding is told to be about it."""
        return (self.switch or "", *self.telling, base_variable(self.provider))


PROVIDERS = (
    CloudProvider("aws", "AWS · Amazon Bedrock", "bedrock", "AWS_BEARER_TOKEN_BEDROCK"),
    CloudProvider("google", "Google · Vertex AI", "vertex", "ANTHROPIC_VERTEX_PROJECT_ID"),
    CloudProvider(
        "foundry",
        "Microsoft Foundry",
        "foundry",
        "ANTHROPIC_FOUNDRY_RESOURCE ANTHROPIC_FOUNDRY_BASE_URL ANTHROPIC_FOUNDRY_API_KEY "
        "ANTHROPIC_FOUNDRY_AUTH_TOKEN",
    ),
    CloudProvider(
        "anthropic-aws",
        "Claude Platform on AWS",
        "anthropic-aws",
        "ANTHROPIC_AWS_API_KEY ANTHROPIC_AWS_WORKSPACE_ID",
    ),
    CloudProvider(
        "anthropic-google-cloud",
        "Claude Platform on Google Cloud",
        "anthropic-google-cloud",
        "ANTHROPIC_GOOGLE_CLOUD_PROJECT ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID",
    ),
    CloudProvider("mantle", "Amazon Bedrock (Mantle)", "mantle", "ANTHROPIC_BEDROCK_MANTLE_BASE_URL"),
    CloudProvider("gateway", "Gateway", "gateway", "ANTHROPIC_BASE_URL"),
)
AWS, GOOGLE, FOUNDRY, ANTHROPIC_AWS, ANTHROPIC_GOOGLE_CLOUD, MANTLE, GATEWAY = PROVIDERS
BY_ID = {provider.id: provider for provider in PROVIDERS}


def is_configured(provider: CloudProvider, view: EffectiveConfig) -> bool:
    """Whether a variable says so; of AWS and Google the plans know more."""
    switched = provider.switch is not None and view.is_on(provider.switch)
    return switched or any(map(view.text, provider.telling))


def is_set_up(provider: CloudProvider, view: EffectiveConfig, plan: AwsPlan | GooglePlan) -> bool:
    """Whether a variable or a file says so: who has nothing of it is suggested no sign-in there."""
    return is_configured(provider, view) or plan.finds_something


def as_if_on(provider: CloudProvider, view: EffectiveConfig) -> Resolution:
    """The answer where this provider's switch, and no other, were on."""
    variables = {
        name: found for name, found in view.snapshot.variables.items() if name not in PROVIDER_SWITCHES
    }
    if provider.switch is not None:
        variables[provider.switch] = (Assignment(provider.switch, Secret("1"), NOWHERE),)
    return resolve(view.snapshot._replace(variables=variables), view.client.id, view.version)


_SHARED = (
    "provider-switch-ignored provider-not-switched-on credential-in-clear-text base-url-doubles-version"
).split()


def concerning(
    provider: CloudProvider, findings: Iterable[Finding], resolution: Resolution
) -> tuple[Finding, ...]:
    """The findings about this provider."""
    return tuple(one for one in findings if _concerns(provider, one, resolution))


def _concerns(provider: CloudProvider, finding: Finding, resolution: Resolution) -> bool:
    if finding.id in _SHARED:
        return any(name in finding.evidence for name in provider.variables if name)
    if finding.id == "no-cloud-credential":
        return resolution.provider == provider.provider
    from claude_auth.diagnose.causes import aws, google_azure

    if provider is AWS:
        return any(cause.id == finding.id for cause in aws.CAUSES)
    if provider is GOOGLE:
        return any(cause.id == finding.id for cause in google_azure.CAUSES)
    return finding.source == provider.provider


# ── one moment ───────────────────────────────────────────────────────────────────────────────────


class Basis(NamedTuple):
    """What an answer rests on. `cache` is that of single sign-on, which asking itself may renew."""

    rest: tuple[object, ...]
    cache: Signature


@dataclass(frozen=True, slots=True)
class CloudSeen:
    """`basis`: where it differs from that of an answer, the answer is old."""

    view: EffectiveConfig
    resolution: Resolution
    findings: tuple[Finding, ...]
    aws: AwsPlan
    google: GooglePlan
    proposals: Mapping[CommandKind, CommandPlan]
    basis: Basis


def look(
    view: EffectiveConfig, resolution: Resolution, findings: tuple[Finding, ...], environ: Mapping[str, str]
) -> CloudSeen:
    """`environ` is the shell's."""
    aws, google = plan_aws(view, environ), plan_google(view, environ)
    return CloudSeen(
        view, resolution, findings, aws, google, _proposals(view, aws, google, environ), _basis(view)
    )


def _proposals(
    view: EffectiveConfig, aws: AwsPlan, google: GooglePlan, environ: Mapping[str, str]
) -> dict[CommandKind, CommandPlan]:
    suggested = suggested_google(google, view, environ) if is_set_up(GOOGLE, view, google) else None
    found: dict[CommandKind, CommandPlan | None] = {
        "aws-refresh": propose("aws-refresh", view, environ) or suggested_aws(aws, view, environ),
        "aws-export": propose("aws-export", view, environ),
        "gcp-refresh": propose("gcp-refresh", view, environ) or suggested,
    }
    return {kind: proposal for kind, proposal in found.items() if proposal is not None}


def _basis(view: EffectiveConfig) -> Basis:
    snapshot = view.snapshot
    google = snapshot.google.path if snapshot.google is not None else ""
    files = (snapshot.aws.config_path, snapshot.aws.credentials_path, google)
    signatures = tuple(signature(path) if path else None for path in files)
    trusted = snapshot.claude_json.trusted
    rest = (view.client.id, view.version, trusted, snapshot.variables, snapshot.settings, *signatures)
    return Basis(rest, signature(os.path.join(snapshot.places.home, ".aws", "sso", "cache")))


#: The commands that renew a provider's credentials, the usual one first.
RENEWING_COMMANDS: Mapping[str, tuple[CommandKind, ...]] = {
    "aws": ("aws-refresh", "aws-export"),
    "google": ("gcp-refresh",),
}
CAN_BE_ASKED = frozenset(RENEWING_COMMANDS)


class ProviderAnswer(NamedTuple):
    """An answer, and what it rests on (None: on whatever the next look finds). `change`: what the command
    that was run before it has changed."""

    answer: Answer
    basis: Basis | None
    change: StatusText | None = None

    def is_old(self, seen: CloudSeen) -> bool:
        return self.basis is not None and self.basis != seen.basis


def will_run(id: str, seen: CloudSeen) -> tuple[PlannedCommand, ...]:
    """The commands that asking would run."""
    if id == AWS.id:
        return aws_will_run(seen.aws, seen.view)
    return google_will_run(seen.google, seen.view) if id == GOOGLE.id else ()


def contacts(id: str, seen: CloudSeen) -> str:
    return aws_contacts(seen.aws) if id == AWS.id else google_contacts(seen.google)
