"""Nothing usable goes out, or it waits for somebody."""

from __future__ import annotations

from claude_auth.diagnose.rules.seen import SIGN_IN, Rule, Seen
from claude_auth.diagnose.situation import Situation, place_of, removal
from claude_auth.model import Fix
from claude_auth.resolve.guards import approval
from claude_auth.sources import label


def _managed_policy(s: Situation) -> Seen | None:
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "managed-policy":
        return None
    sources = ("anthropic-api-key", "anthropic-auth-token", "api-key-helper", "api-key-file-descriptor")
    present = [s.reading(source) for source in sources if s.reading(source).state == "present"]
    fixes = tuple(fix for reading in present for fix in removal(reading)[:1])
    return Seen(blocked.reason, (*fixes, SIGN_IN), present[0].source if present else None)


def _approval_pending(s: Situation) -> Seen | None:
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "approval-pending":
        return None
    reading = s.reading("anthropic-api-key")
    fixes = (Fix("start claude and answer Yes to its question about the key", "claude"), *removal(reading))
    return Seen(place_of(reading.origin), fixes, "anthropic-api-key")


def _key_rejected(s: Situation) -> Seen | None:
    if s.resolution.client != "claude" or not s.on_ladder or approval(s.view) != "rejected":
        return None
    path = s.snapshot.claude_json.path
    fixes = (
        Fix(
            "with claude closed, take the key's last 20 characters out of "
            f"customApiKeyResponses.rejected in {path}"
        ),
        *removal(s.reading("anthropic-api-key")),
    )
    return Seen(
        f"{place_of(s.reading('anthropic-api-key').origin)}; rejected in {path}", fixes, "anthropic-api-key"
    )


def _no_credential(s: Situation) -> Seen | None:
    blocked = s.resolution.blocked
    if blocked is None or blocked.code not in {"no-credential", "blank-credential"}:
        return None
    if blocked.code == "blank-credential":
        blank = s.reading("custom-headers" if "HEADERS" in blocked.reason else _blank_source(s))
        title = "A blank credential: Claude Code sends nothing"
        return Seen(
            blocked.reason,
            (*removal(blank), Fix("or update Claude Code", "claude update")),
            blank.source,
            title,
        )
    key = Fix("or set an API key in this shell", 'export ANTHROPIC_API_KEY="…"')
    if s.is_claude_code and not s.snapshot.installed:
        install = Fix("install Claude Code: it is not on PATH", "npm install -g @anthropic-ai/claude-code")
        return Seen(blocked.reason, (install, SIGN_IN, key), "stored-login")
    return Seen(blocked.reason, (SIGN_IN, key), "stored-login")


def _blank_source(s: Situation) -> str:
    return "foundry" if s.resolution.provider == "foundry" else "anthropic-api-key"


def _not_checked(s: Situation) -> Seen | None:
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "not-checked":
        return None
    return Seen(blocked.reason, (Fix("ask Claude Code itself", "claude auth status"),))


def _no_cloud_credential(s: Situation) -> Seen | None:
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "no-cloud-credential":
        return None
    commands = {
        "bedrock": Fix("sign in to AWS", "aws sso login"),
        "vertex": Fix("create Application Default Credentials", "gcloud auth application-default login"),
        "foundry": Fix("sign in to Azure, or set ANTHROPIC_FOUNDRY_API_KEY", "az login"),
    }
    provider = s.resolution.provider
    switch = s.reading(provider) if provider in commands else None
    fixes = tuple(fix for fix in (commands.get(provider), *(removal(switch) if switch else ())) if fix)
    return Seen(blocked.reason, fixes, provider if switch else None)


def _empty_credential(s: Situation) -> Seen | None:
    empty = [h for h in s.headers if h.value is not None and h.value.is_blank]
    if not empty:
        return None
    source = empty[0].source
    standing = s.standing(source)
    reason = standing.reading.reason
    return Seen(
        f"{label(source)}: {reason}; {place_of(standing.reading.origin)}", removal(standing.reading), source
    )


def _login_expired(s: Situation) -> Seen | None:
    for header in s.headers:
        if header.source in {"stored-login", "sdk-tokens", "claw-tokens"}:
            reading = s.reading(header.source)
            if reading.expiry == "expired":
                fix = (
                    SIGN_IN
                    if header.source == "stored-login"
                    else Fix(f"sign in again: {label(header.source)}")
                )
                return Seen(f"{reading.reason}; {reading.origin.path}", (fix,), header.source)
    return None


RULES: dict[str, Rule] = {
    "managed-policy": _managed_policy,
    "approval-pending": _approval_pending,
    "key-rejected": _key_rejected,
    "no-credential": _no_credential,
    "not-checked": _not_checked,
    "no-cloud-credential": _no_cloud_credential,
    "empty-credential-sent": _empty_credential,
    "login-expired": _login_expired,
}
