"""Nothing usable goes out, or it waits for somebody."""

from __future__ import annotations

from claude_auth.claude_code.refreshing import RENEWAL_MARGIN, status_may_lose_login
from claude_auth.diagnose.context import DiagnosisContext, leaving, place_of, removal
from claude_auth.diagnose.rules.seen import SIGN_IN, NotChecked, Rule, RuleMatch
from claude_auth.model import Fix
from claude_auth.resolve.guards import approval
from claude_auth.sources import label

_EXPORT = 'export ANTHROPIC_API_KEY="…"'


def _managed_policy(s: DiagnosisContext) -> RuleMatch | None:
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "managed-policy":
        return None
    sources = ("anthropic-api-key", "anthropic-auth-token", "api-key-helper", "api-key-file-descriptor")
    present = [s.reading(source) for source in sources if s.reading(source).state == "present"]
    fixes = tuple(fix for reading in present for fix in removal(reading)[:1])
    return RuleMatch(blocked.reason, (*fixes, SIGN_IN), present[0].source if present else None)


def _other_organisation(s: DiagnosisContext) -> RuleMatch | NotChecked | None:
    """The key may be one id or a list of them; both are kept as text."""
    forced, ours = s.view.managed_setting("forceLoginOrgUUID"), s.snapshot.claude_json.organization_id
    if forced is None or not s.is_claude_code:
        return None
    if ours is None:
        return NotChecked("no organisation is known for the last sign-in")
    if ours in forced.value.reveal():
        return None
    words = f"forceLoginOrgUUID: {place_of(forced.origin)}; the last sign-in: {s.snapshot.claude_json.path}"
    return RuleMatch(words, (SIGN_IN,), "stored-login")


def _approval_pending(s: DiagnosisContext) -> RuleMatch | None:
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "approval-pending":
        return None
    reading = s.reading("anthropic-api-key")
    fixes = (Fix("start claude and answer Yes to its question about the key", "claude"), *removal(reading))
    return RuleMatch(place_of(reading.origin), fixes, "anthropic-api-key")


def _key_rejected(s: DiagnosisContext) -> RuleMatch | None:
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
    return RuleMatch(
        f"{place_of(s.reading('anthropic-api-key').origin)}; rejected in {path}", fixes, "anthropic-api-key"
    )


def _no_credential(s: DiagnosisContext) -> RuleMatch | None:
    blocked = s.resolution.blocked
    if blocked is None or blocked.code not in {"no-credential", "blank-credential"}:
        return None
    if blocked.code == "blank-credential":
        blank = s.reading("custom-headers" if "HEADERS" in blocked.reason else _blank_source(s))
        title = "A blank credential: Claude Code sends nothing"
        return RuleMatch(
            blocked.reason,
            (*removal(blank), Fix("or update Claude Code", "claude update")),
            blank.source,
            title,
        )
    if not s.is_claude_code:
        name = s.view.client.label
        how = {"sdk": "claude-auth login", "claw": "claw login"}.get(s.resolution.client, "claude auth login")
        other = (Fix("sign in", how), Fix("or set an API key in this shell", _EXPORT))
        return RuleMatch(blocked.reason, other, None, f"No credential that {name} looks for")
    if s.resolution.provider == "gateway":
        return _nothing_for_gateway(s, blocked.reason)
    key = Fix("or set an API key in this shell", _EXPORT)
    if not s.snapshot.installed:
        install = Fix("install Claude Code: it is not on PATH", "npm install -g @anthropic-ai/claude-code")
        return RuleMatch(blocked.reason, (install, SIGN_IN, key), "stored-login")
    return RuleMatch(blocked.reason, (SIGN_IN, key), "stored-login")


def _nothing_for_gateway(s: DiagnosisContext, reason: str) -> RuleMatch:
    base = s.view.assignment("ANTHROPIC_BASE_URL")
    where = "" if base is None else f"; {place_of(base.origin)}"
    away = Fix("or go back to Anthropic's own host", "unset ANTHROPIC_BASE_URL")
    if s.resolution.blocked is not None and "ANTHROPIC_BASE_URL" in reason:
        scheme = Fix("write the whole address, such as https://gateway.example")
        return RuleMatch(
            reason + where, (scheme, away), None, "ANTHROPIC_BASE_URL is no address", symptoms=(90,)
        )
    title = "A gateway is set, but no credential for it"
    fix = Fix("give it the token that it expects", 'export ANTHROPIC_AUTH_TOKEN="…"')
    return RuleMatch(reason + where, (fix, away), None, title, symptoms=(34, 87))


def _blank_source(s: DiagnosisContext) -> str:
    return "foundry" if s.resolution.provider == "foundry" else "anthropic-api-key"


def _not_checked(s: DiagnosisContext) -> RuleMatch | None:
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "not-checked":
        return None
    return RuleMatch(blocked.reason, (_ask_claude(s),))


def _ask_claude(s: DiagnosisContext) -> Fix:
    """`claude auth status` may cost a login that is due for a refresh; a session saves it."""
    tokens = s.snapshot.login.tokens
    version = s.snapshot.installed[0].version if s.snapshot.installed else None
    due = tokens is not None and tokens.refreshes_first(s.snapshot.observed_at, RENEWAL_MARGIN)
    if due and status_may_lose_login(version):
        return Fix("ask Claude Code itself: start it and type /status", "claude")
    return Fix("ask Claude Code itself", "claude auth status")


def _no_cloud_credential(s: DiagnosisContext) -> RuleMatch | None:
    blocked = s.resolution.blocked
    if blocked is None or blocked.code != "no-cloud-credential" or blocked.source is not None:
        return None  # an expired sign-in has a finding of its own
    commands = {
        "bedrock": (*configured_sign_in(s, "bedrock"), Fix("sign in to AWS", "aws sso login")),
        "vertex": (
            *configured_sign_in(s, "vertex"),
            Fix("create Application Default Credentials", "gcloud auth application-default login"),
        ),
        "foundry": (Fix("sign in to Azure, or set ANTHROPIC_FOUNDRY_API_KEY", "az login"),),
    }
    provider = s.resolution.provider
    switch = s.reading(provider) if provider in commands else None
    title, symptoms, first = _cloud_words(s, blocked.reason)
    todo = commands.get(provider, ()) if first is None else (first,)
    return RuleMatch(
        blocked.reason,
        (*todo, *(leaving(switch) if switch else ())),
        provider if switch else None,
        title,
        symptoms=symptoms,
    )


def configured_sign_in(s: DiagnosisContext, provider: str) -> tuple[Fix, ...]:
    """The command that the person's own settings name for it, where they do: it comes before any other."""
    setting, command = {
        "bedrock": ("awsAuthRefresh", "claude-auth run aws-refresh"),
        "vertex": ("gcpAuthRefresh", "claude-auth run gcp-refresh"),
    }[provider]
    if s.view.setting(setting) is None:
        return ()
    return (Fix(f"run the sign-in that you configured: {setting}", command),)


def _cloud_words(s: DiagnosisContext, reason: str) -> tuple[str | None, tuple[int, ...], Fix | None]:
    """What exactly is missing, where it is no credential."""
    provider = s.resolution.provider
    if provider == "foundry" and "exclude each other" in reason:
        return (
            "Foundry: two addresses are set",
            (104,),
            Fix("keep one of them", "unset ANTHROPIC_FOUNDRY_BASE_URL"),
        )
    if provider == "foundry" and "names the place" in reason:
        name = Fix("name the resource", "export ANTHROPIC_FOUNDRY_RESOURCE=…")
        return "Foundry is on, but no address is set", (104,), name
    if provider == "vertex" and "project" in reason:
        name = Fix("name the project", "export ANTHROPIC_VERTEX_PROJECT_ID=…")
        return "Vertex is on, but no project is named", (110,), name
    google = s.snapshot.google
    if provider == "vertex" and google is not None and google.damage is not None:
        return "Google's credentials file can't be used", (105, 108), None
    return None, {"bedrock": (97,), "vertex": (105,), "foundry": (104,)}.get(provider, ()), None


def _empty_credential(s: DiagnosisContext) -> RuleMatch | None:
    empty = [h for h in s.headers if h.value is not None and h.value.is_blank]
    if not empty:
        return None
    source = empty[0].source
    standing = s.standing(source)
    reason = standing.reading.reason
    return RuleMatch(
        f"{label(source)}: {reason}; {place_of(standing.reading.origin)}", removal(standing.reading), source
    )


def _login_expired(s: DiagnosisContext) -> RuleMatch | None:
    for header in s.headers:
        if header.source in {"stored-login", "sdk-tokens", "claw-tokens"}:
            reading = s.reading(header.source)
            if reading.tokens is not None and reading.tokens.is_spent(s.snapshot.observed_at):
                return RuleMatch(
                    f"{reading.reason}; {reading.origin.path}", _again(header.source), header.source
                )
    return None


def _again(source: str) -> tuple[Fix, ...]:
    return (
        SIGN_IN if source == "stored-login" else Fix(f"sign in again: {label(source)}", "claude-auth login"),
    )


_DAY = 86_400.0


def _deadline_near(s: DiagnosisContext) -> RuleMatch | None:
    """The access token still works; the sign-in behind it ends soon, or has."""
    for header in s.headers:
        reading = s.reading(header.source) if header.source == "stored-login" else None
        tokens = None if reading is None else reading.tokens
        now = s.snapshot.observed_at
        if tokens is None or tokens.login_deadline is None or tokens.is_spent(now):
            continue
        left = tokens.login_deadline - now
        if left > 3 * _DAY:
            continue
        words = f"in {left / _DAY:.0f} days" if left > 2 * _DAY else f"in {left / 3600:.0f} hours"
        title = f"The sign-in ends {words}" if left > 0 else "The sign-in has reached its end"
        return RuleMatch(f"{reading.origin.path}" if reading else "", (SIGN_IN,), header.source, title)
    return None


RULES: dict[str, Rule] = {
    "managed-policy": _managed_policy,
    "organisation-mismatch": _other_organisation,
    "approval-pending": _approval_pending,
    "key-rejected": _key_rejected,
    "no-credential": _no_credential,
    "not-checked": _not_checked,
    "no-cloud-credential": _no_cloud_credential,
    "empty-credential-sent": _empty_credential,
    "login-expired": _login_expired,
    "login-deadline": _deadline_near,
}
