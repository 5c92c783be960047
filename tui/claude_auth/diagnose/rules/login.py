"""The login that Claude Code keeps: what it holds, whether it does what it is for."""

from __future__ import annotations

import shlex

from claude_auth.claude_code.clients import OAUTH_SOURCES
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN, STATUS_SAVES_SINCE, status_may_lose_login
from claude_auth.diagnose.context import DiagnosisContext, place_of
from claude_auth.diagnose.rules.seen import (
    MACOS_ONLY,
    NO_SECOND_LOOK,
    SIGN_IN,
    Answer,
    NotChecked,
    Rule,
    RuleMatch,
)
from claude_auth.model import Fix, Severity, TokenSet
from claude_auth.sources import label

_UNREAD = NotChecked("the Keychain's value is read on request only")


def needed(s: DiagnosisContext) -> Severity | None:
    """A store that nobody needs at the moment stops no work."""
    return "warning" if s.resolution.usable else None


def is_wiped(s: DiagnosisContext) -> bool:
    tokens = s.snapshot.login.tokens
    return tokens is not None and tokens.access_token.is_empty and tokens.expires_at == 0


def lacks_inference(s: DiagnosisContext) -> bool:
    """Not counted as signed in for its scopes alone; a stale one is refreshed first and looked at again."""
    tokens = s.snapshot.login.tokens
    unusable = s.reading("stored-login").state == "unusable"
    return (
        tokens is not None and unusable and not tokens.access_token.is_empty and not tokens.allows_inference
    )


def _wiped(s: DiagnosisContext) -> Answer:
    if s.snapshot.login.present_unread:
        return _UNREAD
    if not is_wiped(s) or not s.is_claude_code:
        return None
    path = s.snapshot.login.origin.path
    return RuleMatch(f"{path}: the tokens are empty", (SIGN_IN,), "stored-login", severity=needed(s))


def _refresh_not_saved(s: DiagnosisContext) -> Answer:
    """By the note of whoever watched the refresh; it counts as long as the same login is stored."""
    if s.snapshot.login.present_unread:
        return _UNREAD
    note, tokens, now = s.snapshot.unsaved_refresh, s.snapshot.login.tokens, s.snapshot.observed_at
    if note is None or tokens is None or note.fingerprint != tokens.access_token.fingerprint:
        return None
    if not s.is_claude_code or not tokens.refreshes_first(now, RENEWAL_MARGIN):
        return None
    how = "ended while it held the lock" if note.ended else f"held the lock for {note.held:.0f} s"
    version = s.snapshot.installed[0].version if s.snapshot.installed else None
    update = Fix(f"update Claude Code to {STATUS_SAVES_SINCE} or newer", "claude update")
    words = f"{s.snapshot.login.origin.path}: still {note.fingerprint} after `{note.command}` {how}"
    fixes = (SIGN_IN, update) if status_may_lose_login(version) else (SIGN_IN,)
    return RuleMatch(words, fixes, "stored-login")


def _without_inference(s: DiagnosisContext) -> Answer:
    if s.snapshot.login.present_unread:
        return _UNREAD
    if not lacks_inference(s) or not s.is_claude_code:
        return None
    reading = s.reading("stored-login")
    words = f"{reading.origin.path}: {reading.reason}"
    return RuleMatch(words, (SIGN_IN,), "stored-login", severity=needed(s))


def _scopes_as_text(s: DiagnosisContext) -> Answer:
    """The token goes out, and the beta header does not."""
    tokens, wire = s.snapshot.login.tokens, s.resolution.wire
    if wire is None or tokens is None or not tokens.scopes_are_text or not s.is_claude_code:
        return None
    if "stored-login" not in s.sent() or wire.beta is not None:
        return None
    path = s.snapshot.login.origin.path
    return RuleMatch(f"{path}: scopes is text where a list belongs", (SIGN_IN,), "stored-login")


def _without_profile(s: DiagnosisContext) -> Answer:
    tokens = _login_on_the_wire(s)
    if tokens is None or "user:profile" in " ".join(tokens.scopes).split() or not tokens.allows_inference:
        return None
    path = s.snapshot.login.origin.path
    return RuleMatch(f"{path}: its scopes lack user:profile", (SIGN_IN,), "stored-login")


def _login_on_the_wire(s: DiagnosisContext) -> TokenSet | None:
    return s.snapshot.login.tokens if "stored-login" in s.sent() else None


def _stale_beside_token(s: DiagnosisContext) -> Answer:
    sent = [source for source in s.sent() if source in OAUTH_SOURCES[:2]]
    tokens = s.snapshot.login.tokens
    if not sent or tokens is None or not tokens.is_spent(s.snapshot.observed_at):
        return None
    path = s.snapshot.login.origin.path or ""
    fix = Fix("move the file aside", shlex.join(("mv", path, f"{path}.expired")))
    return RuleMatch(f"{path}; {label(sent[0])} is used", (fix,), "stored-login")


def _managed_key(s: DiagnosisContext) -> Answer:
    """A Console login alone is what somebody wanted; beside a login for the plan it is a leftover."""
    key, login = s.reading("managed-key"), s.snapshot.login
    if key.state != "present" or not s.is_claude_code:
        return None
    is_sent = "managed-key" in s.sent()
    if is_sent and (login.tokens is None or s.resolution.provider != "first-party"):
        return None
    if login.tokens is None and not login.present_unread:
        return None
    out = (Fix("sign out, then sign in with the plan", "claude auth logout"), SIGN_IN)
    words = f"primaryApiKey in {place_of(key.origin)}"
    if is_sent:
        return RuleMatch(f"{words}, sent because the login is not usable", out, "managed-key")
    return RuleMatch(f"{words}, not used at the moment", out, "managed-key", severity="info")


def _plan_not_seen(s: DiagnosisContext) -> Answer:
    if s.snapshot.more is None:
        return NO_SECOND_LOOK
    state = s.snapshot.claude_json
    if s.snapshot.more.has_subscription is not False or _login_on_the_wire(s) is None:
        return None
    if state.email is not None or state.organization_id is not None:
        return None
    words = f"{state.path}: no account, and hasAvailableSubscription is false"
    return RuleMatch(
        words, (Fix("sign in again, and choose the organisation with the plan", SIGN_IN.command),)
    )


def _model(s: DiagnosisContext) -> Answer:
    tokens, model = _login_on_the_wire(s), s.view.text("ANTHROPIC_MODEL").lower()
    if tokens is None or not model:
        return None
    is_large = "[1m]" in model or ("opus" in model and tokens.subscription == "pro")
    found = s.view.assignment("ANTHROPIC_MODEL")
    if not is_large or found is None:
        return None
    plan = tokens.subscription or "not told"
    fix = Fix("leave the choice to Claude Code", "unset ANTHROPIC_MODEL")
    return RuleMatch(f"ANTHROPIC_MODEL: {place_of(found.origin)}; the plan is {plan}", (fix,), "stored-login")


def _keychain_locked(s: DiagnosisContext) -> Answer:
    login = s.snapshot.login
    if s.snapshot.machine.platform != "darwin":
        return MACOS_ONLY
    if login.origin.kind != "keychain" or login.damage is None or login.damage.code != "permission":
        return None
    where = "over SSH" if s.snapshot.machine.over_ssh else "in this session"
    fixes = (
        Fix("unlock the Keychain", "security unlock-keychain ~/Library/Keychains/login.keychain-db"),
        Fix("or take a token for jobs that nobody watches", "claude setup-token"),
    )
    words = f"{login.origin.path}, {where}: {login.damage.text}"
    return RuleMatch(words, fixes, "stored-login", severity=needed(s))


def _idle(s: DiagnosisContext) -> Answer:
    reading = s.reading("stored-login")
    if reading.expiry != "stale-refreshable" or reading.state != "present":
        return None
    return RuleMatch(f"{reading.origin.path or 'the Keychain'}", (), "stored-login")


RULES: dict[str, Rule] = {
    "keychain-locked": _keychain_locked,
    "tokens-wiped": _wiped,
    "refresh-not-saved": _refresh_not_saved,
    "login-without-inference": _without_inference,
    "scopes-as-text": _scopes_as_text,
    "login-without-profile-scope": _without_profile,
    "stale-login-beside-token": _stale_beside_token,
    "managed-key-lingers": _managed_key,
    "subscription-not-recognised": _plan_not_seen,
    "model-outside-plan": _model,
    "login-idle": _idle,
}
