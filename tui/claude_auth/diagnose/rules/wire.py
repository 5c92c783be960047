"""Something else than expected goes out."""

from __future__ import annotations

from claude_auth.claude_code.clients import OAUTH_SOURCES
from claude_auth.diagnose.context import DiagnosisContext, joined, leaving, place_of, removal
from claude_auth.diagnose.rules.seen import Rule, RuleMatch
from claude_auth.model import Fix, Standing
from claude_auth.resolve.standings import reads
from claude_auth.sources import label


def _two_credentials(s: DiagnosisContext) -> RuleMatch | None:
    sent = s.sent()
    if len(sent) < 2 or not s.on_ladder:
        return None
    words = [
        f"{name}: {label(source)}" for name, source in zip(("x-api-key", "Authorization"), sent, strict=False)
    ]
    fixes = tuple(
        Fix(f"to keep {label(other)}: {fix.title.replace('unset it', f'unset {label(source)}')}", fix.command)
        for source, other in (sent, sent[::-1])
        for fix in removal(s.reading(source))[:1]
    )
    return RuleMatch(joined(words), fixes, sent[0])


def _has_login(s: DiagnosisContext) -> bool:
    reading = s.reading("stored-login")
    return s.is_claude_code and s.on_ladder and reading.state == "present" and reading.expiry != "expired"


def _key_overrides_login(s: DiagnosisContext) -> RuleMatch | None:
    if not _has_login(s) or "stored-login" in s.sent():
        return None
    keys = [source for source in s.sent() if source in {"anthropic-api-key", "api-key-file-descriptor"}]
    if not keys:
        return None
    reading = s.reading(keys[0])
    return RuleMatch(f"billed per token; {place_of(reading.origin)}", removal(reading), keys[0])


def _token_overrides_login(s: DiagnosisContext) -> RuleMatch | None:
    sent = s.sent()
    if not _has_login(s) or not sent or "stored-login" in sent or _key_overrides_login(s) is not None:
        return None
    reading = s.reading(s.resolution.winner or sent[0])
    name = label(reading.source)
    return RuleMatch(
        place_of(reading.origin), removal(reading), reading.source, f"{name} overrides your login"
    )


def _login_to_gateway(s: DiagnosisContext) -> RuleMatch | None:
    wire = s.resolution.wire
    if wire is None or s.resolution.provider != "gateway" or wire.authorization is None:
        return None
    source = wire.authorization.source
    if source not in OAUTH_SOURCES:
        return None
    base = s.view.assignment("ANTHROPIC_BASE_URL")
    where = place_of(base.origin) if base is not None else ""
    fixes = (
        Fix("go back to Anthropic's own host", "unset ANTHROPIC_BASE_URL"),
        Fix("or give the gateway a credential of its own in ANTHROPIC_AUTH_TOKEN"),
    )
    return RuleMatch(f"{label(source)} goes to {wire.host}; {where}", fixes, source)


def _replaced(s: DiagnosisContext, standing: Standing) -> bool:
    """Also where the provider itself sends nothing: what it replaces is not sent in its place."""
    idle = s.resolution.wire is None and standing.reading.state == "present"
    return standing.verdict == "shadowed" or (idle and reads(s.view.client, standing.reading.source))


def _provider_replaces_ladder(s: DiagnosisContext) -> RuleMatch | None:
    if s.on_ladder:
        return None
    idle = [
        standing.reading.source
        for standing in s.resolution.standings
        if _replaced(s, standing)
        and standing.reading.source not in {"bedrock-api-key"}
        and not standing.reading.source.startswith(
            ("bedrock", "vertex", "foundry", "anthropic-aws", "mantle")
        )
    ]
    if not idle:
        return None
    provider = s.resolution.provider
    switch = s.reading(provider)
    return RuleMatch(
        f"{label(provider)}, {place_of(switch.origin)}; not used: {joined(label(i) for i in idle)}",
        leaving(switch),
        provider,
    )


RULES: dict[str, Rule] = {
    "two-credentials-sent": _two_credentials,
    "key-overrides-login": _key_overrides_login,
    "token-overrides-login": _token_overrides_login,
    "login-sent-to-gateway": _login_to_gateway,
    "provider-replaces-ladder": _provider_replaces_ladder,
}
