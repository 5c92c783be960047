"""A login that the server takes no more, and what renewing it has to do with that."""

from __future__ import annotations

from claude_auth.diagnose.cause import (
    SIGN_IN,
    SIGN_IN_AGAIN,
    UPDATE,
    Answer,
    Cause,
    MachineQuestion,
    MachineRule,
    RuleMatch,
    act,
)
from claude_auth.diagnose.causes.login import needed
from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.model import Certainty, Fix
from claude_auth.sources import label


def _expiry_is(wanted: str, words: str, certainty: Certainty = "seen") -> MachineQuestion:
    """Whether the stored login has that expiry."""

    def question(s: DiagnosisContext) -> Answer:
        reading, tokens = s.reading("stored-login"), s.snapshot.login.tokens
        if reading.expiry != wanted or tokens is None or tokens.access_token.is_empty:
            return None
        if wanted == "live" and "stored-login" not in s.sent():
            return None
        return RuleMatch(f"{reading.origin.path}: {words}", certainty=certainty)

    return question


def _login_expired(s: DiagnosisContext) -> RuleMatch | None:
    """The token that is sent has expired and can't be refreshed, or the sign-in's own deadline is past; or so
    has the login while nothing is sent before an answer about a new key."""
    for header in s.headers:
        if header.source in {"stored-login", "sdk-tokens", "claw-tokens"}:
            reading = s.reading(header.source)
            if reading.tokens is not None and reading.tokens.is_spent(s.snapshot.observed_at):
                return RuleMatch(
                    f"{reading.reason}; {reading.origin.path}", _again(header.source), header.source
                )
    reading, blocked = s.reading("stored-login"), s.resolution.blocked
    asks = blocked is not None and blocked.code == "approval-pending"
    if asks and reading.state == "present" and reading.expiry == "expired":
        return RuleMatch(
            f"{reading.reason}; {reading.origin.path}", (SIGN_IN,), "stored-login", severity=needed(s)
        )
    return None


def _again(source: str) -> tuple[Fix, ...]:
    """A login of another program is renewed by that one."""
    if source == "claw-tokens":
        return (Fix("sign in again with claw", "claw login"),)
    if source == "sdk-tokens":
        return (act("sign-in", f"sign in again: {label(source)}", "--store sdk"),)
    return (SIGN_IN,)


_DAY = 86_400.0


def _login_deadline(s: DiagnosisContext) -> RuleMatch | None:
    """The stored login goes out, and its deadline is less than three days away, or past while the access
    token still works."""
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


CAUSES: tuple[Cause, ...] = (
    Cause(
        "access-token-expired",
        "The access token expired and was not renewed",
        "An access token lives for some hours; Claude Code renews it by itself as long as the login's "
        "refresh token is good. Here it did not: the network, a lock, another process or a refused refresh "
        "token came in between. Starting claude once is often enough.",
        (4,),
        fixes=(act("refresh", "let Claude Code renew it"), SIGN_IN_AGAIN),
        here=_expiry_is("stale-refreshable", "the access token is stale, the login is not"),
        also="login-deadline-passed process-keeps-old-token oauth-variable-stale tokens-wiped "
        "stale-file-beside-token refresh-race clock-wrong login-command-fails-too",
        sent="stored-login",
        phrases="""
            85 ours: access token expired, oauth token expired
            90: oauth token has expired please obtain a new token
            80 no-stranger: oauth token has expired; unless: google github
            85: oauth access token has expired
            70 ours: oauth token is expired; alone: 40
            85: login expired … please run login; gap: 12
            60 ours: login expired; alone: 25
        """,
    ),
    Cause(
        "login-deadline-passed",
        "The login itself has ended",
        "The refresh token has its own end, about a month after the sign-in, and renewing the access token "
        "does not move it. After that only a new sign-in helps.",
        (4,),
        fixes=(
            SIGN_IN_AGAIN,
            Fix("for unattended jobs, use a token that lasts a year", "claude setup-token"),
        ),
        here=_expiry_is("expired", "nothing is left to renew it with"),
        phrases="""
            94: login reached its time limit, session has expired please run login, the claude.ai login
                expired, headless daemon cannot complete oauth, your claude session has expired, sign in again
                to continue, claude.ai login on this machine has ended, your claude.ai login expired,
                claude.ai login expired, session expired please run login, login has expired and couldnt be
                renewed, not authed run claude, refresh token is no longer valid, oauth refresh token has
                expired, this sign-in ends between, credential is expired or revoked and login requires, login
                token expires in, claude.ai login has ended; also: login-ended-in-job access-token-expired
            60 ours: login has ended; alone: 40
            80: this sign-in may have ended between, this sign-in can end at any time
        """,
    ),
    Cause(
        "process-keeps-old-token",
        "A running process holds a token from before",
        "What is stored here is good at this moment. A session that has been open for long may still send "
        "the token that it read at its start, or another process renewed the login meanwhile.",
        (4, 10),
        fixes=(Fix("leave that session and start claude anew"),),
        here=_expiry_is("live", "the login is live at this moment", "likely"),
        sent="stored-login",
    ),
    Cause(
        "login-command-fails-too",
        "The commands login and logout fail with the same error",
        "Typed inside a session, some words go to the model as a message and meet the same expired token. "
        "From the shell the sign-in does not need a valid token.",
        (5,),
        fixes=(
            act("sign-in", "sign in from the shell, not inside a session"),
            Fix("where `claude auth` is not known, update", "claude update"),
        ),
        also="access-token-expired login-deadline-passed process-keeps-old-token oauth-variable-stale "
        "tokens-wiped stale-file-beside-token refresh-race clock-wrong login-command-fails-too",
        phrases="""
            88: claude login … oauth token has expired, claude logout … oauth token has expired; gap: 200
        """,
    ),
    Cause(
        "token-revoked",
        "The login was revoked",
        "The server has withdrawn the token although its time was not up: somebody signed out of all "
        "sessions, or a refresh token was presented twice, which ends the whole family of tokens.",
        (6,),
        fixes=(SIGN_IN_AGAIN,),
        certainty="seen",
        also="refresh-race oauth-variable-stale refused-right-after-login",
        phrases="""
            92: account does not have access to claude; also: subscription-access-disabled plan-required
            85 ours: token expired or revoked, login was revoked, sign-in was revoked
            85 no-stranger: oauth token has been revoked, oauth token revoked
            85: oauth access token has been revoked
        """,
    ),
    Cause(
        "refused-right-after-login",
        "Refused right after a successful sign-in",
        "The sign-in worked, but something else was sent: a variable or setting that comes before the "
        "login, a store that was not written, or an account without the plan. If none of these shows here, "
        "the cause is on the server's side.",
        (7,),
        fixes=(
            act("panel.wire", "see what is sent, and why"),
            Fix("if all is well here, report it with the request id of the error"),
        ),
        also="token-overrides-login oauth-variable-stale login-not-saved",
        phrases="""
            92: login successful … oauth token revoked, login successful … oauth token has been revoked, login
                successful … invalid bearer token, login successful … invalid authentication credentials;
                gap: 400
        """,
    ),
    Cause(
        "stored-login-rejected",
        "The server no longer accepts the stored login",
        "The access token that was sent is unknown to the server or has been replaced: by another session "
        "that renewed it, or because the stored entry is left over from an older login.",
        (9,),
        fixes=(SIGN_IN_AGAIN,),
        also="refresh-race refresh-storm refused-before-expiry keychain-locked login-not-saved",
        sent="stored-login",
        phrases="""
            85: failed to fetch subscription … status code 401; also: login-not-saved; gap: 40
            45 ours: authentication_failed; also: no-credential external-key-invalid; alone: 10
            94: sign-in this session was using, login with anthropic was refused, sign-in server refused,
                sign-in was refused, sign-in isnt accepted, claude login not accepted, claude.ai rejected the
                session token, claude.ai session token was rejected, your sign-in wasnt accepted, claude.ai
                login was rejected, login this session is using was refused, rejected your claude.ai login,
                did not accept the claude.ai sign-in, did not accept this sign-in, login on this device is
                stale, rejected this sessions credentials, didnt accept this sessions claude
            80: invalid authentication credentials; near: authenticationerror apierror runlogin
                failedtoauthenticate; unless: requesthadinvalid
            70 ours: invalid authentication credentials; unless: requesthadinvalid; alone: 4
            80: invalid oauth token … not found or is malformed; also: setup-token-rejected refresh-race;
                near: authenticationerror apierror runlogin remotecontrol; gap: 24
        """,
    ),
    Cause(
        "refresh-race",
        "Several sessions renew one login at the same time",
        "A refresh token is good for one use. Where several processes or machines share a login, the one "
        "that comes second presents a used token, and the server may end the login for all of them. A lock "
        "keeps Claude Code's own processes apart; one that ended in the middle leaves it for two minutes.",
        (10,),
        fixes=(
            UPDATE,
            Fix("keep fewer sessions open on one configuration directory"),
            Fix("give unattended jobs a token of their own", "claude setup-token"),
        ),
        certainty="not-checkable",
        seen_by="lock-left-behind lock-from-the-future",
        sent="stored-login",
        phrases="""
            92: no refresh token was sent, credential stores write lock, another process refreshed the token;
                also: lock-left-by-process
            94: another claude code process is refreshing, process is holding the refresh lock, exited
                mid-refresh, waiting for the refresh lock, sign-in token was still being refreshed,
                legacy-lock acquire failed, oauth_refresh.lock, could not acquire the refresh lock;
                also: lock-left-by-process
            80 ours: refresh token was already used, refresh token has already been used
        """,
    ),
    Cause(
        "refresh-storm",
        "The command line and the editor's extension renew the login over and over",
        "Two clients of different versions take each other's tokens for stale and renew every few minutes, "
        "although the token would live for hours.",
        (11,),
        fixes=(
            Fix("bring both to the same version", "claude update"),
            Fix("close editor windows that are not used"),
        ),
        certainty="not-checkable",
        sent="stored-login",
    ),
    Cause(
        "refused-before-expiry",
        "Refused before its time, and the refresh too",
        "By the local file the token is still good, but it was renewed or revoked elsewhere: another "
        "machine with a copy of the file, a restored backup, a synchronised folder.",
        (12,),
        fixes=(
            SIGN_IN_AGAIN,
            Fix("keep the credentials file out of backups that are restored and of synced folders"),
        ),
        sent="stored-login",
        also="refresh-race tokens-wiped refresh-not-saved",
        phrases="""
            90: cannot be refreshed re-authenticate, oauth token refresh failed run login, oauth refresh
                failed waiting for a fresh login, login from refresh token failed, stale login could not be
                refreshed, refresh rejected auth_error, token refresh failed auth_error, jwt refresh failed no
                oauth token, oauth access token could not be refreshed
            75 ours: failed to refresh oauth token, oauth refresh failed, could not refresh your login
            80: refresh token not found or invalid
            60 ours: invalid_grant; unless: rapt invalidgrantexception google reauth invalidjwt awssso;
                alone: 10
            65 no-stranger: refresh … 400 … invalid_grant; unless: rapt google gcloud reauth; gap: 80
        """,
    ),
    Cause(
        "session-invalid",
        "The account's session is no longer valid",
        "The token is still taken for some requests, but the session behind it has ended on the server.",
        (17,),
        fixes=(SIGN_IN_AGAIN,),
        certainty="seen",
        also="refresh-race",
        phrases="""
            85 ours: session is no longer valid, session no longer valid
            90: account_session_invalid
            90: account information is unavailable because your sign-in has expired, sign in to the desktop
                app again; also: login-deadline-passed
        """,
    ),
    Cause(
        "login-ended-in-job",
        "The login has ended where nobody can sign in",
        "In `claude -p`, CI or an SDK nobody is asked. The login's own deadline is past, or its refresh was "
        "refused (another process or machine used the refresh token). Jobs are better off with a token that "
        "lasts a year.",
        (129,),
        fixes=(SIGN_IN_AGAIN, Fix("give jobs a token of their own", "claude setup-token")),
        sent="stored-login",
        also="login-deadline-passed refused-before-expiry access-token-expired refresh-race",
        phrases="""
            96: oauth session expired and could not be refreshed, session expired and could not be refreshed,
                failed to authenticate this login reached its time limit; also: login-deadline-passed
                refused-before-expiry access-token-expired
        """,
    ),
    Cause(
        "lock-left-by-process",
        "A lock of a refresh is held, or was left behind",
        "A process that renews the login holds a lock in the configuration directory. One that was ended in "
        "the middle leaves it; Claude Code takes it over after two minutes, unless its time lies in the "
        "future.",
        (10,),
        fixes=(
            Fix("wait two minutes, close other claude windows, then try again"),
            act("refresh", "see who holds it, and refresh when it is free"),
        ),
        sent="stored-login",
        seen_by="lock-left-behind lock-from-the-future",
    ),
    Cause(
        "login-expired",
        "The sign-in has expired",
        "The access token has expired and it can't be refreshed any more. Sign in again.",
        (4,),
        rule=MachineRule("error", _login_expired),
    ),
    Cause(
        "login-deadline",
        "The sign-in ends soon",
        "A sign-in lasts about a month, whatever the access token says. After that nothing can be "
        "refreshed and Claude Code asks you to sign in. Doing it now costs a minute at a moment of your "
        "choice.",
        (4, 93),
        rule=MachineRule("warning", _login_deadline),
    ),
)
