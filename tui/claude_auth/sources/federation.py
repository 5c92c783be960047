"""Workload identity: an identity token is exchanged for a Bearer, which only the server knows."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig, profiles_ignored, reads_profiles
from claude_auth.model import HeaderValue, SecretFile, SourceReading
from claude_auth.security.sanitize import shown_path
from claude_auth.sources.source import EXCHANGE_TELLS, Source, bearer, own

_ID = "federation"
RULE, ORGANIZATION = "ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_ORGANIZATION_ID"
_TOKEN = "ANTHROPIC_IDENTITY_TOKEN"
_LOOPBACK = ("http://localhost", "http://127.0.0.1", "http://[::1]")


def _authorization(view: EffectiveConfig) -> HeaderValue | None:
    configured = view.text(RULE) and view.text(ORGANIZATION)
    return bearer(_ID, None) if configured and reads_profiles(view) else None


def exchange_problem(view: EffectiveConfig, url: str, told: SecretFile | None = None) -> str | None:
    """Why no identity token is exchanged for a request to `url`; `told`: the file that a profile names for
    it. A file beats the variable, also where it can't be used."""
    file = told or view.snapshot.identity
    if file is not None and file.value is None:
        why = file.damage.text if file.damage is not None else "the file is empty"
        return f"the identity token can't be read from {shown_path(file.path)}: {why}"
    if file is None and not view.text(_TOKEN):
        return f"no identity token is there: neither {_TOKEN}_FILE nor {_TOKEN} is set"
    return clear_text_problem(url)


def clear_text_problem(url: str) -> str | None:
    """The token endpoint lies at the address of the requests."""
    if not url.startswith("http://") or url.startswith(_LOOPBACK):
        return None
    return "Claude Code sends no token to a token endpoint over plain http"


def _read(view: EffectiveConfig) -> SourceReading:
    rule, organization = own(view, RULE), own(view, ORGANIZATION)
    if rule is None or rule.value.is_blank:
        return SourceReading(_ID, "absent", "not set")
    if organization is None or organization.value.is_blank:
        return SourceReading(_ID, "unusable", f"{RULE} is set without {ORGANIZATION}", rule.origin)
    if view.snapshot.identity is None and own(view, _TOKEN) is None:
        return SourceReading(_ID, "unusable", "set up, but there is no identity token", rule.origin)
    return SourceReading(_ID, "present", "an identity token is exchanged for a Bearer", rule.origin)


def _ignored(view: EffectiveConfig) -> str | None:
    if view.text("ANTHROPIC_PROFILE"):
        return "ANTHROPIC_PROFILE is set, so workload identity is not used"
    return profiles_ignored(view)


SOURCE = Source(
    id=_ID,
    label="workload identity",
    family="wire",
    sets=f"{RULE} and {ORGANIZATION}, with an identity token",
    unset=f"unset {RULE}",
    bills="the organisation of the federation rule",
    variable=RULE,
    read=_read,
    authorization=_authorization,
    unknown_until=EXCHANGE_TELLS,
    ignored=_ignored,
)
