"""What this machine says about a cause: one small question each. No check: the text alone decides.

`True` confirms it here, `False` rules it out here, None leaves it open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from claude_auth.claude_code.clients import OAUTH_SOURCES
from claude_auth.claude_code.versions import OLDEST, at_least
from claude_auth.diagnose.context import DiagnosisContext, place_of, removal
from claude_auth.diagnose.texts.knowledge import Certainty, Fix
from claude_auth.model import TokenSet
from claude_auth.sources import label


@dataclass(frozen=True, slots=True)
class Check:
    """`holds`, with what was seen and, where the place is known, the fixes for it."""

    holds: bool
    evidence: str = ""
    fixes: tuple[Fix, ...] = ()
    certainty: Certainty = "seen"


Question = Callable[[DiagnosisContext], Check | None]

_NO = Check(False)

#: How long a token of `claude setup-token` is [told]; a shorter one was cut off when it was copied.
_SETUP_TOKEN_LENGTH = 108


def _login(s: DiagnosisContext) -> TokenSet | None:
    return s.snapshot.login.tokens


def _oauth_in(source: str) -> Question:
    def question(s: DiagnosisContext) -> Check | None:
        reading = s.reading(source)
        if reading.value is None or reading.value.kind != "oauth-access-token":
            return _NO
        return Check(True, f"{label(source)} begins with sk-ant-oat; {place_of(reading.origin)}")

    return question


def _set(source: str) -> Question:
    def question(s: DiagnosisContext) -> Check | None:
        reading = s.reading(source)
        if reading.state != "present":
            return _NO
        return Check(True, f"{label(source)}: {place_of(reading.origin)}", removal(reading))

    return question


def _gateway_beta(s: DiagnosisContext) -> Check | None:
    if s.resolution.provider != "gateway" or s.resolution.wire is None:
        return _NO
    sent = [source for source in s.sent() if source in OAUTH_SOURCES]
    if not sent:
        return None
    base = s.view.assignment("ANTHROPIC_BASE_URL")
    where = "" if base is None else f"; ANTHROPIC_BASE_URL: {place_of(base.origin)}"
    return Check(True, f"{label(sent[0])} goes to {s.resolution.wire.host}{where}")


def _scopes_as_text(s: DiagnosisContext) -> Check | None:
    tokens = _login(s)
    if tokens is None or not tokens.scopes_are_text:
        return _NO
    return Check(True, f"the scopes in {s.snapshot.login.origin.path} are one text")


def _old_client(s: DiagnosisContext) -> Check | None:
    installed = [client for client in s.snapshot.installed if client.version]
    old = [client for client in installed if not at_least(client.version or "", OLDEST)]
    if old:
        return Check(True, f"{old[0].path} is version {old[0].version}")
    return _NO if installed else None


def _expiry_is(wanted: str, words: str, certainty: Certainty = "seen") -> Question:
    def question(s: DiagnosisContext) -> Check | None:
        reading, tokens = s.reading("stored-login"), _login(s)
        if reading.expiry != wanted or tokens is None or tokens.access_token.is_empty:
            return _NO
        if wanted == "live" and "stored-login" not in s.sent():
            return _NO
        return Check(True, f"{reading.origin.path}: {words}", certainty=certainty)

    return question


def _wiped(s: DiagnosisContext) -> Check | None:
    tokens = _login(s)
    if tokens is None or not tokens.access_token.is_empty:
        return _NO
    return Check(True, f"the tokens in {s.snapshot.login.origin.path} are empty")


def _stale_beside(s: DiagnosisContext) -> Check | None:
    tokens, now = _login(s), s.snapshot.observed_at
    if s.reading("claude-code-oauth-token").state != "present" or tokens is None:
        return _NO
    if tokens.expires_at is None or tokens.expires_at > now:
        return _NO
    return Check(True, f"{s.snapshot.login.origin.path} has expired beside the variable", certainty="likely")


def _setup_token(s: DiagnosisContext) -> Check | None:
    reading = s.reading("claude-code-oauth-token")
    if reading.value is None:
        return _NO
    length, where = len(reading.value.stripped()), place_of(reading.origin)
    if reading.value.unsendable is not None:
        return Check(True, f"the token contains {reading.value.unsendable}; {where}")
    if reading.value.kind != "oauth-access-token":
        return Check(True, f"the value does not begin with sk-ant-oat; {where}")
    if length < _SETUP_TOKEN_LENGTH:
        words = f"the token has {length} characters, a complete one usually {_SETUP_TOKEN_LENGTH}; {where}"
        return Check(True, words, certainty="likely")
    return None


def _other_provider(s: DiagnosisContext) -> Check | None:
    reading, base = s.reading("anthropic-auth-token"), _base_url(s)
    if reading.state != "present" or base is None:
        return _NO
    words = f"ANTHROPIC_AUTH_TOKEN and ANTHROPIC_BASE_URL are both set; {base.evidence}"
    return Check(True, words, removal(reading), "likely")


def _scope(s: DiagnosisContext) -> Check | None:
    if s.reading("claude-code-oauth-token").state == "present":
        return Check(
            True, f"CLAUDE_CODE_OAUTH_TOKEN: {place_of(s.reading('claude-code-oauth-token').origin)}"
        )
    tokens = _login(s)
    if tokens is not None and tokens.scopes and "user:profile" not in " ".join(tokens.scopes):
        return Check(True, f"{s.snapshot.login.origin.path} lists no user:profile")
    return None


_OVERRIDABLE = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_BASE_URL")


def _settings_win(s: DiagnosisContext) -> Check | None:
    for name in _OVERRIDABLE:
        found = s.view.assignment(name)
        if found is not None and found.layer is not None:
            shell = any(other.layer is None for other in s.snapshot.variables.get(name, ()))
            words = f"{name}: {place_of(found.origin)}{', over the shell' if shell else ''}"
            return Check(True, words, certainty="seen" if shell else "likely")
    return _NO


def _key_is_sent(s: DiagnosisContext) -> Check | None:
    keys = ("anthropic-api-key", "api-key-file-descriptor", "managed-key", "api-key-helper")
    sent = [source for source in s.sent() if source in keys]
    if not sent:
        return _NO
    reading = s.reading(sent[0])
    return Check(True, f"{label(sent[0])} is sent; {place_of(reading.origin)}", removal(reading))


_VALUES = ("anthropic-api-key", "anthropic-auth-token", "claude-code-oauth-token")


def _stray(s: DiagnosisContext) -> Check | None:
    for source in _VALUES:
        for assignment in s.snapshot.variables.get(label(source), ())[:1]:
            text = assignment.value.reveal()
            why = assignment.value.unsendable or ("white space around it" if text.strip() != text else None)
            if why is not None:
                return Check(True, f"{label(source)} has {why}; {place_of(assignment.origin)}")
    return None


def _onboarding(s: DiagnosisContext) -> Check | None:
    if s.snapshot.claude_json.onboarded:
        return _NO
    if s.resolution.winner is None:
        return None
    return Check(True, f"{s.snapshot.claude_json.path} has no hasCompletedOnboarding", certainty="likely")


def _key_rejected(s: DiagnosisContext) -> Check | None:
    return _NO if s.reading("anthropic-api-key").state != "present" else None


def _helper(s: DiagnosisContext) -> Check | None:
    setting = s.view.setting("apiKeyHelper")
    if setting is None:
        return _NO
    run = s.view.run_of("apiKeyHelper")
    where = place_of(setting.origin)
    if run is not None and (run.exit_code != 0 or run.stdout.is_blank or run.problem):
        return Check(True, f"the command of {where} ended with {run.exit_code}")
    return Check(True, f"it is configured in {where}", certainty="likely")


def _managed(name: str) -> Question:
    def question(s: DiagnosisContext) -> Check | None:
        setting = s.view.managed_setting(name)
        return _NO if setting is None else Check(True, f"{name}: {place_of(setting.origin)}")

    return question


def _home(s: DiagnosisContext) -> Check | None:
    entry, home = s.snapshot.machine.home_in_passwd, s.snapshot.places.home
    if entry is None or entry.rstrip("/") == home.rstrip("/"):
        return _NO
    return Check(True, f"HOME is {home}, the user's home is {entry}", certainty="likely")


def _container(s: DiagnosisContext) -> Check | None:
    kind = s.snapshot.machine.container
    return _NO if kind is None else Check(True, f"this is a container ({kind})", certainty="likely")


def _owner(s: DiagnosisContext) -> Check | None:
    for file in (s.snapshot.claude_json.file, s.snapshot.login.origin.file):
        if file is not None and not file.owned_by_us:
            return Check(True, f"{file.path} belongs to {file.owner}")
    blocked = [path for path, allowed in s.snapshot.machine.writable.items() if not allowed]
    return Check(True, f"{blocked[0]} is not writable") if blocked else None


def _config_dir(s: DiagnosisContext) -> Check | None:
    found = s.view.assignment("CLAUDE_CONFIG_DIR")
    if found is None or found.value.is_empty:
        return None if s.snapshot.machine.platform == "darwin" else _NO
    return Check(True, f"CLAUDE_CONFIG_DIR: {place_of(found.origin)}", certainty="likely")


def _link(s: DiagnosisContext) -> Check | None:
    file = s.snapshot.login.origin.file
    target = None if file is None else file.link_target
    return _NO if file is None or target is None else Check(True, f"{file.path} points to {target}")


def _linked_settings(s: DiagnosisContext) -> Check | None:
    for settings in s.snapshot.settings_files:
        target = None if settings.file is None else settings.file.link_target
        if target is not None and target.startswith("/nix/store/"):
            return Check(True, f"{settings.path} points to {target}")
    return None


def _damage(*codes: str) -> Question:
    def question(s: DiagnosisContext) -> Check | None:
        damaged = [
            (s.snapshot.claude_json.path, s.snapshot.claude_json.damage),
            (s.snapshot.login.origin.path, s.snapshot.login.damage),
            *((file.path, file.damage) for file in s.snapshot.settings_files),
        ]
        for path, damage in damaged:
            if damage is not None and damage.code in codes:
                return Check(True, f"{path}: {damage.text}")
        return None

    return question


_LITTLE = 50_000_000


def _disk(s: DiagnosisContext) -> Check | None:
    free = s.snapshot.machine.free_bytes
    if free is None:
        return None
    return Check(True, f"{free // 1_000_000} MB are free") if free < _LITTLE else _NO


def _remote(s: DiagnosisContext) -> Check | None:
    machine = s.snapshot.machine
    where = [
        words
        for words, true in (
            ("over SSH", machine.over_ssh),
            ("in a container", machine.container is not None),
            ("in WSL", machine.wsl),
        )
        if true
    ]
    return Check(True, f"this session runs {' and '.join(where)}") if where else None


def _ca_variable(s: DiagnosisContext) -> Check | None:
    found = s.view.assignment("NODE_EXTRA_CA_CERTS")
    if found is None or found.value.is_empty:
        return None
    return Check(True, f"NODE_EXTRA_CA_CERTS: {place_of(found.origin)}", certainty="likely")


def _base_url(s: DiagnosisContext) -> Check | None:
    found = s.view.assignment("ANTHROPIC_BASE_URL")
    return None if found is None or found.value.is_empty else Check(True, place_of(found.origin))


def _base_url_alone(s: DiagnosisContext) -> Check | None:
    check = _base_url(s)
    return _NO if check is None or s.reading("anthropic-auth-token").state == "present" else check


def _gateway(s: DiagnosisContext) -> Check | None:
    return _base_url(s) if s.resolution.provider == "gateway" else _NO


def _provider(name: str) -> Question:
    def question(s: DiagnosisContext) -> Check | None:
        if s.resolution.provider != name:
            return _NO
        return Check(True, f"{label(name)} is on; {place_of(s.reading(name).origin)}", certainty="likely")

    return question


def _profile(s: DiagnosisContext) -> Check | None:
    return None if s.reading("profile").state != "absent" else _NO


def _google_file(s: DiagnosisContext) -> Check | None:
    google = s.snapshot.google
    if google is None or google.damage is None or not google.explicit:
        return None
    return Check(True, f"{google.path}: {google.damage.text}")


CHECKS: dict[str, Question] = {
    "oauth-token-in-auth-token": _oauth_in("anthropic-auth-token"),
    "oauth-token-in-api-key": _oauth_in("anthropic-api-key"),
    "gateway-drops-beta-header": _gateway_beta,
    "scopes-written-as-text": _scopes_as_text,
    "client-too-old": _old_client,
    "access-token-expired": _expiry_is("stale-refreshable", "the access token is stale, the login is not"),
    "login-deadline-passed": _expiry_is("expired", "nothing is left to renew it with"),
    "process-keeps-old-token": _expiry_is("live", "the login is live at this moment", "likely"),
    "expired-claimed-by-tool": _expiry_is("stale-refreshable", "idle, not signed out"),
    "tokens-wiped": _wiped,
    "stale-file-beside-token": _stale_beside,
    "oauth-variable-stale": _set("claude-code-oauth-token"),
    "token-overrides-login": _set("anthropic-auth-token"),
    "token-of-another-provider": _other_provider,
    "setup-token-rejected": _setup_token,
    "long-lived-token-expired": _set("claude-code-oauth-token"),
    "scope-missing": _scope,
    "settings-override-shell": _settings_win,
    "key-overrides-login": _key_is_sent,
    "credit-balance-too-low": _key_is_sent,
    "organisation-disabled": _key_is_sent,
    "managed-key-lingers": _set("managed-key"),
    "key-rejected": _key_rejected,
    "approval-pending": _key_rejected,
    "key-with-stray-characters": _stray,
    "onboarding-unfinished": _onboarding,
    "helper-fails": _helper,
    "helper-too-slow": _helper,
    "managed-helper": _managed("apiKeyHelper"),
    "login-method-forced": _managed("forceLoginMethod"),
    "organisation-forced": _managed("forceLoginOrgUUID"),
    "home-mismatch": _home,
    "container-lost-login": _container,
    "files-of-another-owner": _owner,
    "config-dir-mismatch": _config_dir,
    "settings-read-only": _linked_settings,
    "store-is-a-link": _link,
    "state-file-corrupted": _damage("truncated", "empty", "not-json"),
    "json-not-strict": _damage("not-json", "wrong-type"),
    "bom-in-file": _damage("bom", "utf-16"),
    "disk-full": _disk,
    "callback-unreachable": _remote,
    "copy-does-nothing": _remote,
    "sso-login-over-ssh": _remote,
    "ca-variable-not-inherited": _ca_variable,
    "base-url-unreachable": _base_url,
    "base-url-without-token": _base_url_alone,
    "gateway-wrong-header": _gateway,
    "foundry-settings": _provider("foundry"),
    "profile-not-picked-up": _profile,
    "adc-file-invalid": _google_file,
}
