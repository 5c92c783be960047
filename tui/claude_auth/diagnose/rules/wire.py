"""Something else than expected goes out."""

from __future__ import annotations

from claude_auth.clients import OAUTH_SOURCES
from claude_auth.diagnose.rules.seen import Rule, Seen
from claude_auth.diagnose.situation import Situation, joined, place_of, removal
from claude_auth.model import Fix
from claude_auth.sources import label


def _two_credentials(s: Situation) -> Seen | None:
    sent = s.sent()
    if len(sent) < 2 or not s.on_ladder:
        return None
    words = [
        f"{name}: {label(source)}" for name, source in zip(("x-api-key", "Authorization"), sent, strict=False)
    ]
    fixes = tuple(
        Fix(f"to keep {label(other)}: {fix.title}", fix.command)
        for source, other in (sent, sent[::-1])
        for fix in removal(s.reading(source))[:1]
    )
    return Seen(joined(words), fixes, sent[0])


def _has_login(s: Situation) -> bool:
    reading = s.reading("stored-login")
    return s.is_claude_code and s.on_ladder and reading.state == "present" and reading.expiry != "expired"


def _key_overrides_login(s: Situation) -> Seen | None:
    if not _has_login(s) or "stored-login" in s.sent():
        return None
    keys = [source for source in s.sent() if source in {"anthropic-api-key", "api-key-file-descriptor"}]
    if not keys:
        return None
    reading = s.reading(keys[0])
    return Seen(f"billed per token; {place_of(reading.origin)}", removal(reading), keys[0])


def _token_overrides_login(s: Situation) -> Seen | None:
    sent = s.sent()
    if not _has_login(s) or not sent or "stored-login" in sent or _key_overrides_login(s) is not None:
        return None
    reading = s.reading(s.resolution.winner or sent[0])
    name = label(reading.source)
    return Seen(place_of(reading.origin), removal(reading), reading.source, f"{name} overrides your login")


_EXPECTED_KINDS = {
    "anthropic-api-key": {"api-key", "admin-key", "unknown"},
    "api-key-file-descriptor": {"api-key", "unknown"},
    "anthropic-auth-token": {"unknown", "api-key"},
    "claude-code-oauth-token": {"oauth-access-token", "unknown"},
    "oauth-token-file-descriptor": {"oauth-access-token", "unknown"},
}
_KIND_WORDS = {
    "oauth-access-token": "an OAuth access token",
    "oauth-refresh-token": "an OAuth refresh token",
    "api-key": "an API key",
    "admin-key": "an admin key",
}


def _wrong_kind(s: Situation) -> Seen | None:
    for source, expected in _EXPECTED_KINDS.items():
        reading = s.reading(source)
        if reading.value is None or reading.value.kind in expected:
            continue
        right = {
            "oauth-access-token": Fix("put an OAuth token into CLAUDE_CODE_OAUTH_TOKEN instead"),
            "api-key": Fix("put an API key into ANTHROPIC_API_KEY instead"),
        }.get(reading.value.kind)
        kind = _KIND_WORDS.get(reading.value.kind, reading.value.kind)
        title = f"{label(source)} holds {kind}"
        fixes = ((right,) if right else ()) + removal(reading)
        return Seen(
            f"{place_of(reading.origin)}, fingerprint {reading.value.fingerprint}", fixes, source, title
        )
    return None


_VALUES = ("anthropic-api-key", "anthropic-auth-token", "claude-code-oauth-token")


def _bearer_twice(s: Situation) -> Seen | None:
    for source in ("anthropic-auth-token", "claude-code-oauth-token"):
        reading = s.reading(source)
        if reading.value is not None and reading.value.reveal().lower().startswith("bearer "):
            fix = Fix(f"set {label(source)} to the token alone, without the word Bearer")
            return Seen(place_of(reading.origin), (fix,), source)
    return None


def _quotes(s: Situation) -> Seen | None:
    for source in _VALUES:
        reading = s.reading(source)
        text = "" if reading.value is None else reading.value.reveal()
        if len(text) > 1 and text[0] in "\"'“‘" and text[-1] in "\"'”’":
            fix = Fix(f"set {label(source)} again without the quotation marks around the value")
            return Seen(f"{label(source)}: {place_of(reading.origin)}", (fix,), source)
    return None


def _login_to_gateway(s: Situation) -> Seen | None:
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
    return Seen(f"{label(source)} goes to {wire.host}; {where}", fixes, source)


def _provider_replaces_ladder(s: Situation) -> Seen | None:
    if s.on_ladder:
        return None
    idle = [
        standing.reading.source
        for standing in s.resolution.standings
        if standing.verdict == "shadowed"
        and standing.reading.source not in {"bedrock-api-key"}
        and not standing.reading.source.startswith(
            ("bedrock", "vertex", "foundry", "anthropic-aws", "mantle")
        )
    ]
    if not idle:
        return None
    provider = s.resolution.provider
    switch = s.reading(provider)
    return Seen(
        f"{label(provider)}, {place_of(switch.origin)}; not used: {joined(label(i) for i in idle)}",
        removal(switch),
        provider,
    )


def _key_sent_to_aws(s: Situation) -> Seen | None:
    wire = s.resolution.wire
    if wire is None or s.resolution.provider != "bedrock":
        return None
    anthropic = [h.source for h in s.headers if h.source in {"anthropic-api-key", "anthropic-auth-token"}]
    if not anthropic or s.view.is_on("CLAUDE_CODE_SKIP_BEDROCK_AUTH"):
        return None
    reading = s.reading(anthropic[0])
    return Seen(
        f"{label(anthropic[0])} goes to {wire.host}",
        (Fix("update", "claude update"), *removal(reading)),
        anthropic[0],
    )


def _profile_before_keys(s: Situation) -> Seen | None:
    if s.resolution.provider != "bedrock" or not any(h.source == "aws-profile" for h in s.headers):
        return None
    if s.view.secret("AWS_ACCESS_KEY_ID") is None:
        return None
    profile = s.view.assignments("AWS_PROFILE")[0]
    return Seen(
        f"AWS_PROFILE and AWS_ACCESS_KEY_ID are both set: {place_of(profile.origin)}",
        (Fix("keep one of them", "unset AWS_PROFILE"),),
        "bedrock",
    )


RULES: dict[str, Rule] = {
    "two-credentials-sent": _two_credentials,
    "key-overrides-login": _key_overrides_login,
    "token-overrides-login": _token_overrides_login,
    "wrong-kind": _wrong_kind,
    "bearer-twice": _bearer_twice,
    "quotes-in-value": _quotes,
    "login-sent-to-gateway": _login_to_gateway,
    "key-sent-to-aws": _key_sent_to_aws,
    "aws-profile-before-keys": _profile_before_keys,
    "provider-replaces-ladder": _provider_replaces_ladder,
}
