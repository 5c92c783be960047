"""Which rows fill the two headers of a request: the rules of `claude_code.clients`, and the guards that they
name, applied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from claude_auth.claude_code.clients import GATEWAY_MODE, OAUTH_SOURCES, PROVIDER_SLOTS, Guard, Rule, Slots
from claude_auth.claude_code.destination import Destination
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.versions import at_least
from claude_auth.model import HeaderValue
from claude_auth.sources import BY_ID, candidate
from claude_auth.sources.anthropic_api_key import key_suffix


class Draft(NamedTuple):
    """What would go out and where to, before it is asked whether anything holds it back."""

    view: EffectiveConfig
    target: Destination
    x_api_key: HeaderValue | None = None
    authorization: HeaderValue | None = None

    @property
    def headers(self) -> tuple[HeaderValue, ...]:
        return tuple(header for header in (self.x_api_key, self.authorization) if header is not None)


def fill_slots(view: EffectiveConfig, target: Destination) -> Draft:
    """By the provider's rules, by the ladder's, or with the one header of the winner."""
    if target.uses_ladder and view.client.one_header:
        return _winner_alone(view, target)
    slots = view.client.slots if target.uses_ladder else PROVIDER_SLOTS.get(target.provider, Slots())
    if target.is_pinned:
        slots = GATEWAY_MODE
    return Draft(
        view,
        target,
        _fill(view, slots.x_api_key, "x_api_key", target),
        _fill(view, slots.authorization, "authorization", target),
    )


def _fill(
    view: EffectiveConfig, rules: tuple[Rule, ...], slot: str, target: Destination
) -> HeaderValue | None:
    for rule in rules:
        if rule.since is not None and not at_least(view.version, rule.since):
            continue
        if rule.until is not None and not at_least(rule.until, view.version):
            continue
        found = candidate(view, rule.source, slot)
        if found is not None and passes(view, rule.guard, target.provider):
            return found
    return None


def _winner_alone(view: EffectiveConfig, target: Destination) -> Draft:
    for source in view.client.one_header:
        slot = header_of(source)
        found = candidate(view, source, slot)
        if found is None or (source == "anthropic-api-key" and not key_counts(view)):
            continue
        return Draft(view, target, found) if slot == "x_api_key" else Draft(view, target, None, found)
    return Draft(view, target)


def header_of(source: str) -> Literal["x_api_key", "authorization"]:
    """Which header a source becomes where a client sends the winner alone."""
    return "authorization" if BY_ID[source].x_api_key is None else "x_api_key"


# ── the guards ───────────────────────────────────────────────────────────────────────────────────

Approval = Literal["approved", "rejected", "unseen"]

SKIP_VARIABLES = {
    "bedrock": "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    "vertex": "CLAUDE_CODE_SKIP_VERTEX_AUTH",
    "foundry": "CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
    "anthropic-aws": "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH",
    "anthropic-google-cloud": "CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH",
    "mantle": "CLAUDE_CODE_SKIP_MANTLE_AUTH",
}


def approval(view: EffectiveConfig) -> Approval | None:
    """What Claude Code's question about the key was answered with [seen]. None where no key is set."""
    suffix, state = key_suffix(view), view.snapshot.claude_json
    if suffix is None:
        return None
    if suffix in {found.reveal() for found in state.approved}:
        return "approved"
    return "rejected" if suffix in {found.reveal() for found in state.rejected} else "unseen"


def key_counts(view: EffectiveConfig) -> bool:
    """Whether ANTHROPIC_API_KEY is used: always with -p, once approved otherwise."""
    if candidate(view, "anthropic-api-key", "x_api_key") is None:
        return False
    return not view.client.asks_approval or approval(view) == "approved"


def key_from_outside(view: EffectiveConfig) -> bool:
    """A key that this client uses, or the shell's descriptor variable: with either Claude Code leaves OAuth
    alone, even where the descriptor gives nothing [seen, 2.1.328]."""
    descriptor_named = not view.is_simple and view.secret("CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR") is not None
    return key_counts(view) or descriptor_named


def oauth_allowed(view: EffectiveConfig) -> bool:
    return not key_from_outside(view) and view.setting("apiKeyHelper") is None


def oauth_sent(view: EffectiveConfig) -> bool:
    """Whether an OAuth token takes part: then the Console login's key stays behind."""
    if candidate(view, "anthropic-auth-token", "authorization") is not None or not oauth_allowed(view):
        return False
    return any(candidate(view, source, "authorization") is not None for source in OAUTH_SOURCES)


def skips(view: EffectiveConfig, provider: str) -> bool:
    return view.is_on(SKIP_VARIABLES.get(provider, ""))


def _has(view: EffectiveConfig, source: str, slot: str) -> bool:
    return candidate(view, source, slot) is not None


def _bearer_despite_skip(view: EffectiveConfig) -> bool:
    return skips(view, "bedrock") and any(
        _has(view, source, "authorization")
        for source in ("bedrock-api-key", "anthropic-auth-token", "api-key-helper", "custom-headers")
    )


def _foundry_key_free(view: EffectiveConfig) -> bool:
    return not _has(view, "foundry-key", "x_api_key")


GUARDS: dict[Guard, Callable[[EffectiveConfig, str], bool]] = {
    "always": lambda view, provider: True,
    "approved": lambda view, provider: key_counts(view),
    "oauth-allowed": lambda view, provider: oauth_allowed(view),
    "oauth-not-sent": lambda view, provider: not oauth_sent(view),
    "skip": skips,
    "no-skip": lambda view, provider: not skips(view, provider),
    "skip-with-bearer": lambda view, provider: _bearer_despite_skip(view),
    "no-anthropic-aws-key": lambda view, provider: (
        not skips(view, provider) and not _has(view, "anthropic-aws", "x_api_key")
    ),
    "no-foundry-token": lambda view, provider: not _has(view, "foundry-token", "authorization"),
    "no-foundry-key-skip": lambda view, provider: _foundry_key_free(view) and skips(view, provider),
    "no-foundry-key-no-skip": lambda view, provider: _foundry_key_free(view) and not skips(view, provider),
}


def passes(view: EffectiveConfig, guard: Guard, provider: str) -> bool:
    return GUARDS[guard](view, provider)
