"""The login that Claude Code keeps: what it holds, whether it does what it is for."""

from __future__ import annotations

from claude_auth.claude_code.clients import HANDED_OVER
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN, STATUS_SAVES_SINCE, status_may_lose_login
from claude_auth.diagnose.cause import (
    KEYCHAIN_UNREAD,
    SIGN_IN,
    SIGN_IN_AGAIN,
    SIGN_IN_WITH_PLAN,
    SIGN_OUT_OF_KEY,
    SUPPORT,
    Answer,
    Cause,
    MachineRule,
    RuleMatch,
    act,
    is_set,
)
from claude_auth.diagnose.context import DiagnosisContext, place_of
from claude_auth.model import Fix, Severity, StoreReading, TokenSet
from claude_auth.sources import label


def needed(s: DiagnosisContext) -> Severity | None:
    """A store that nobody needs at the moment stops no work. While Claude Code asks about a key: neither one
    whose login would go to a gateway, nor one beside a token that a plan pays for."""
    blocked = s.resolution.blocked
    asks = blocked is not None and blocked.code == "approval-pending"
    in_place = s.resolution.provider == "gateway" or s.has_subscription
    return "warning" if s.resolution.usable or (asks and in_place) else None


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


def _tokens_wiped(s: DiagnosisContext) -> Answer:
    """The stored login has empty tokens and an expiry of 0."""
    answer = _any_client_wiped(s)
    return None if isinstance(answer, RuleMatch) and not s.is_claude_code else answer


def _any_client_wiped(s: DiagnosisContext) -> Answer:
    if s.snapshot.login.present_unread:
        return KEYCHAIN_UNREAD
    if not is_wiped(s):
        return None
    path = s.snapshot.login.origin.path
    return RuleMatch(f"{path}: the tokens are empty", (SIGN_IN,), "stored-login", severity=needed(s))


def _refresh_not_saved(s: DiagnosisContext) -> Answer:
    """A refresh that `claude-auth` watched held Claude Code's lock, and the same login is still stored."""
    if s.snapshot.login.present_unread:
        return KEYCHAIN_UNREAD
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


def _login_without_inference(s: DiagnosisContext) -> Answer:
    """The stored login has a token, and no scopes or none that allows requests."""
    if s.snapshot.login.present_unread:
        return KEYCHAIN_UNREAD
    if not lacks_inference(s) or not s.is_claude_code:
        return None
    reading = s.reading("stored-login")
    words = f"{reading.origin.path}: {reading.reason}"
    return RuleMatch(words, (SIGN_IN,), "stored-login", severity=needed(s))


def _scopes_as_text(s: DiagnosisContext) -> Answer:
    """The stored login goes out, its scopes are text, and so the beta header stays behind."""
    tokens, wire = s.snapshot.login.tokens, s.resolution.wire
    if wire is None or tokens is None or not tokens.scopes_are_text or not s.is_claude_code:
        return None
    if "stored-login" not in s.sent() or wire.beta is not None:
        return None
    path = s.snapshot.login.origin.path
    return RuleMatch(f"{path}: scopes is text where a list belongs", (SIGN_IN,), "stored-login")


def _login_without_profile_scope(s: DiagnosisContext) -> Answer:
    """The stored login is used and lacks `user:profile`."""
    tokens = _login_on_the_wire(s)
    if tokens is None or "user:profile" in " ".join(tokens.scopes).split() or not tokens.allows_inference:
        return None
    path = s.snapshot.login.origin.path
    return RuleMatch(f"{path}: its scopes lack user:profile", (SIGN_IN,), "stored-login")


def _login_on_the_wire(s: DiagnosisContext) -> TokenSet | None:
    return s.snapshot.login.tokens if "stored-login" in s.sent() else None


def _stale_login_beside_token(s: DiagnosisContext) -> Answer:
    """A token of the environment is used, and the stored login has expired for good."""
    sent = [source for source in s.sent() if source in HANDED_OVER]
    tokens = s.snapshot.login.tokens
    if not sent or tokens is None or not tokens.is_spent(s.snapshot.observed_at):
        return None
    path = s.snapshot.login.origin.path or ""
    again = act("sign-in", "sign in again, so that the stored login is good too")
    out = act("sign-out", "or sign out of it: what is used stays")
    return RuleMatch(f"{path}; {label(sent[0])} is used", (again, out), "stored-login")


def _managed_key_lingers(s: DiagnosisContext) -> Answer:
    """A Console key is stored beside a login, and is sent because the login can't be used; a note where it is
    not sent.

    A Console login alone is what somebody wanted; beside a login for the plan it is a leftover."""
    key, login = s.reading("managed-key"), s.snapshot.login
    if key.state != "present" or not s.is_claude_code:
        return None
    is_sent = "managed-key" in s.sent()
    if is_sent and (login.tokens is None or s.resolution.provider != "first-party"):
        return None
    if login.tokens is None and not login.present_unread:
        return None
    out = (SIGN_OUT_OF_KEY, act("sign-in", "then sign in with the plan"))
    words = f"primaryApiKey in {place_of(key.origin)}"
    if is_sent:
        return RuleMatch(f"{words}, sent because the login is not usable", out, "managed-key")
    return RuleMatch(f"{words}, not used at the moment", out, "managed-key", severity="info")


def _subscription_not_recognised(s: DiagnosisContext) -> Answer:
    """The stored login is used, `.claude.json` has no account and says `hasAvailableSubscription: false`."""
    state = s.snapshot.claude_json
    if s.more.has_subscription is not False or _login_on_the_wire(s) is None:
        return None
    if state.email is not None or state.organization_id is not None:
        return None
    words = f"{state.path}: no account, and hasAvailableSubscription is false"
    return RuleMatch(words, (act("sign-in", "sign in again, and choose the organisation with the plan"),))


def _model_outside_plan(s: DiagnosisContext) -> Answer:
    """The stored login is used, and `ANTHROPIC_MODEL` asks for a long context, or for Opus on the Pro
    plan."""
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


def is_keychain_closed(store: StoreReading) -> bool:
    """Locked, denied, or not looked at yet: told by a finding of its own, or by the answer itself."""
    codes = {"permission", "denied", "not-looked-at"}
    return store.origin.kind == "keychain" and store.damage is not None and store.damage.code in codes


def _keychain_locked(s: DiagnosisContext) -> Answer:
    """macOS: the Keychain is locked in this session, or denies the item. Asked on the second look."""
    login = s.snapshot.login
    if not is_keychain_closed(login) or login.damage is None or login.damage.code == "not-looked-at":
        return None
    if login.damage.code == "denied":
        fix = Fix("look whether it can be read, and allow it in the dialog", KEYCHAIN_COMMAND)
        words, title = f"{login.origin.path}: {login.damage.text}", "The Keychain denies the login"
        return RuleMatch(words, (fix,), "stored-login", title, severity=needed(s))
    where = "over SSH" if s.snapshot.machine.over_ssh else "in this session"
    fixes = (
        Fix("unlock the Keychain", "security unlock-keychain ~/Library/Keychains/login.keychain-db"),
        Fix("or take a token for jobs that nobody watches", "claude setup-token"),
    )
    words = f"{login.origin.path}, {where}: {login.damage.text}"
    return RuleMatch(words, fixes, "stored-login", severity=needed(s))


KEYCHAIN_COMMAND = "security find-generic-password -a \"$USER\" -s 'Claude Code-credentials'"


def _login_idle(s: DiagnosisContext) -> Answer:
    """The stored login is stale and can be refreshed: the normal state after a pause."""
    reading = s.reading("stored-login")
    if reading.expiry != "stale-refreshable" or reading.state != "present":
        return None
    tokens = s.snapshot.login.tokens
    place = reading.origin.path or "the Keychain"
    return RuleMatch(place, (), "stored-login", more=() if tokens is None else tokens.notes)


def _scopes_are_text(s: DiagnosisContext) -> Answer:
    """Given the text, whatever is sent from here now."""
    tokens = s.snapshot.login.tokens
    if tokens is None or not tokens.scopes_are_text:
        return None
    return RuleMatch(f"the scopes in {s.snapshot.login.origin.path} are one text")


def _stale_beside_variable(s: DiagnosisContext) -> Answer:
    """As an error text claims it: the access token's time is up, whatever could renew it."""
    tokens, now = s.snapshot.login.tokens, s.snapshot.observed_at
    if s.reading("claude-code-oauth-token").state != "present" or tokens is None:
        return None
    if tokens.expires_at is None or tokens.expires_at > now:
        return None
    words = f"{s.snapshot.login.origin.path} has expired beside the variable"
    return RuleMatch(words, certainty="likely")


CAUSES: tuple[Cause, ...] = (
    Cause(
        "keychain-locked",
        "The Keychain is locked in this session",
        "On macOS the login lies in the Keychain, which a session over SSH does not unlock. Claude Code "
        "then says that nobody is signed in. Unlock it before you start claude; for jobs that nobody "
        "watches take a token from `claude setup-token`.",
        (44, 45),
        rule=MachineRule("error", _keychain_locked, macos=True),
        title_beside_text="The macOS keychain is locked",
        beside_text="A session over SSH with a key does not unlock the login keychain, and sleep locks it "
        "again. Claude Code can't read its login there and says that you are not signed in.",
        symptoms_beside_text=(44,),
        fixes=(
            Fix(
                "unlock the keychain before claude starts",
                "security unlock-keychain ~/Library/Keychains/login.keychain-db",
            ),
            Fix("unattended: a token in CLAUDE_CODE_OAUTH_TOKEN needs no keychain", "claude setup-token"),
        ),
        platform="darwin",
        also="background-session",
        phrases=r"""
            92: security unlock-keychain, keychain may be locked, keychain is locked, keychain is unreadable,
                keychain access denied; also: keychain-not-writable
            85: could not read the macos keychain, could not read the keychain, keychain read failed, user
                canceled the keychain, no login keychain, keychain error, errsecinteractionnotallowed
            85 no-stranger: user interaction is not allowed
            80: errsec … 25308, osstatus … 25308, keychain … 25308, security … 25308, error … 25308; gap: 40;
                look: -25308\b
            60: -25308; also: none
        """,
    ),
    Cause(
        "tokens-wiped",
        "Claude Code signed you out after a refused refresh",
        "The entry of the login is still there, but its tokens are empty: Claude Code clears them when the "
        "server refuses a refresh, for instance because another program or machine used the same refresh "
        "token first. The file is not damaged and there is nothing in it to keep. Sign in again.",
        (13,),
        rule=MachineRule("error", _tokens_wiped),
        title_beside_text="Claude Code emptied the stored login after a refused refresh",
        beside_text="The entry is there, but its tokens are empty and its time is 0. That is no damaged "
        "file: Claude Code writes it when the server refuses the refresh token. Copies made after that "
        "moment are empty too.",
        fixes=(SIGN_IN_AGAIN,),
        here=_any_client_wiped,
        phrases=r"90: accessToken refreshToken expiresAt 0; look: expires_?at\W{1,8}0(?![\d.])",
    ),
    Cause(
        "login-without-inference",
        "The stored login may not ask the model",
        "Claude Code counts a login as signed in only if its scopes include user:inference. This one has "
        "no scopes or lacks that one, which happens when another tool wrote the file. Sign in again with "
        "Claude Code itself.",
        (19,),
        rule=MachineRule("error", _login_without_inference),
    ),
    Cause(
        "scopes-as-text",
        "The login's scopes are text, so the OAuth beta header is left out",
        "The scopes in the credentials file are one text instead of a list, as some tools write them. "
        "Claude Code then sends the token without the beta header that an OAuth token needs, and the "
        "server answers 401 'OAuth authentication is currently not supported.' Signing in again writes the "
        "file as it should be.",
        (1,),
        rule=MachineRule("error", _scopes_as_text),
    ),
    Cause(
        "refresh-not-saved",
        "A refresh was probably sent, and its answer was not saved",
        "Claude Code took the lock of the refresh and let it go, and the same login is still stored. A "
        "refresh token works once: if the server gave out a new one and the answer was lost, the stored "
        "one is used up, and the next refresh ends the login. `claude doctor` loses refreshes in this way, "
        "older versions with `claude auth status` too. It can also have been the network: then the next "
        "one works.",
        (131,),
        rule=MachineRule("warning", _refresh_not_saved, "likely"),
        title_beside_text="A refresh was sent, and its answer was never saved",
        beside_text="A refresh token works once. Where Claude Code ends before the answer is saved, the "
        "file keeps the used one, and the next refresh is refused. `claude doctor` ends too early on a slow "
        f"network, and so does `claude auth status` of versions before {STATUS_SAVES_SINCE}.",
        fixes=(SIGN_IN_AGAIN, Fix(f"bring Claude Code to {STATUS_SAVES_SINCE} or newer", "claude update")),
        phrases="""
            95: save the refreshed claude.ai credentials, has already consumed the stored ones, refresh
                succeeded but the new token could not be saved, oauth refresh cas save failed, refresh
                succeeded but persist failed, new token could not be saved; also: login-save-failed
                keychain-locked
        """,
    ),
    Cause(
        "subscription-not-recognised",
        "Claude Code does not see the plan of this login",
        "The login is there, but .claude.json holds no account for it and remembers that no plan was "
        "found. Requests are then treated as billed per token. Often two organisations share one e-mail "
        "address and the one without the plan was chosen.",
        (80,),
        rule=MachineRule("warning", _subscription_not_recognised, "likely", second_look=True),
        title_beside_text="The subscription is not recognised",
        beside_text="You are signed in, but to an organisation without the plan, or its data did not come "
        "along with the sign-in. Several organisations under one address are the usual reason.",
        fixes=(act("sign-in", "sign in and choose the organisation with the subscription"), SUPPORT),
        phrases="""
            85: oauth account information not found
            70: hasavailablesubscription false
            65: oauthaccount null
        """,
    ),
    Cause(
        "managed-key-lingers",
        "A key of an earlier Console login is still stored",
        "Signing in with a Console account stores an API key in .claude.json. It stays there and is billed "
        "per token as soon as no usable login is found.",
        (25, 30),
        rule=MachineRule("warning", _managed_key_lingers),
        beside_text="Signing in with the Console option stores an API key: primaryApiKey in .claude.json, on "
        "macOS in the Keychain. It is used where no login is, and then billed per token.",
        symptoms_beside_text=(30,),
        fixes=(SIGN_OUT_OF_KEY, SIGN_IN_WITH_PLAN),
        here=is_set("managed-key"),
        also="two-credentials-sent",
        phrases="""
            70 ours: saved login api key; alone: 40
            60: login managed key
        """,
    ),
    Cause(
        "login-without-profile-scope",
        "The login can't show the account's usage",
        "The login was made without the scope user:profile. Requests work; pages such as usage answer 403 "
        "'does not meet scope requirement'. A new sign-in brings the scope.",
        (19,),
        rule=MachineRule("info", _login_without_profile_scope),
    ),
    Cause(
        "stale-login-beside-token",
        "An expired login lies beside the token that is used",
        "The token in the environment is used, as observed. Some reports say that other versions tripped "
        "over the expired file beside it, so move it aside if you see 'OAuth token has expired' although "
        "the token is new.",
        (21,),
        rule=MachineRule("info", _stale_login_beside_token, "likely"),
    ),
    Cause(
        "model-outside-plan",
        "The chosen model may not be part of the plan",
        "The sign-in works; the model or the size of context that is asked for is not part of every plan. "
        "The server's refusal reads like a fault of the sign-in, but signing in again changes nothing.",
        (82,),
        rule=MachineRule("info", _model_outside_plan, "likely"),
    ),
    Cause(
        "login-idle",
        "The login is idle, not signed out",
        "The access token is stale, which is normal after a pause of some hours. Claude Code refreshes it "
        "before the next request. There is nothing to do.",
        (14,),
        rule=MachineRule("info", _login_idle),
    ),
    Cause(
        "scopes-written-as-text",
        "The stored login's scopes are text, so the beta header is left out",
        "Where `scopes` in .credentials.json is one string and not a list, Claude Code uses the token but "
        "leaves the OAuth beta header out, and the API refuses it. Something other than Claude Code wrote "
        "that file.",
        (1,),
        fixes=(SIGN_IN_AGAIN,),
        here=_scopes_are_text,
    ),
    Cause(
        "stale-file-beside-token",
        "An expired stored login stands beside a good token",
        "Users have told of a lapsed .credentials.json that was reported although CLAUDE_CODE_OAUTH_TOKEN "
        "was good. The observed order is the variable first; the client may still try to renew the file "
        "when it starts.",
        (21,),
        fixes=(act("sign-in", "sign in again, so that the stored login is good too"),),
        here=_stale_beside_variable,
        also="access-token-expired login-deadline-passed process-keeps-old-token oauth-variable-stale "
        "tokens-wiped stale-file-beside-token refresh-race clock-wrong login-command-fails-too",
        phrases="60: oauth token has expired please run login",
    ),
    Cause(
        "expired-claimed-by-tool",
        "Another tool calls an idle login expired",
        "Some panels look at the access token's time alone. With a good refresh token an old access token "
        "is the normal state of an idle login, and Claude Code renews it when it is needed. Signing in "
        "each time only makes new sessions.",
        (14,),
        fixes=(act("probe", "let Claude Code answer"), act("panel.wire", "see the three states apart")),
        seen_by="login-idle",
        here=_login_idle,
        also="access-token-expired login-deadline-passed",
        phrases="""
            96: refusing to inject expired claude_code_oauth_token, claude desktop oauth token has expired,
                claude code token is expired, claude code oauth token expired, claude code credentials
                expired, token is expired and has no refresh token, claude code token expired, claude
                credentials expired, claude token expired, claude code login expired, claude code oauth token
                has expired, claude code credentials have expired, claude code session expired, claude token
                has expired, re-login via claude desktop, claude oauth token has expired, claude token is
                expired, claude oauth credentials expired, claude code access token expired, claude oauth
                session expired
            70 ours: sign-in expired; alone: 12
            85: claude login has expired, claude oauth token expired
        """,
    ),
)
