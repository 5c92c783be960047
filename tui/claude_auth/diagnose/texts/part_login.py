"""Part A: errors of the subscription login and its tokens."""

from __future__ import annotations

from claude_auth.claude_code.refreshing import STATUS_SAVES_SINCE
from claude_auth.diagnose.texts.knowledge import Cause, Fix, Phrase

_SIGN_IN = Fix("sign in again", "claude auth login")
_UPDATE = Fix("update Claude Code", "claude update")
_UNSET_OAUTH = Fix("take the variable away in this shell", "unset CLAUDE_CODE_OAUTH_TOKEN")
_UNSET_TOKEN = Fix("take the variable away in this shell", "unset ANTHROPIC_AUTH_TOKEN")
_ASK_WITHOUT = Fix("try once without it", "env -u CLAUDE_CODE_OAUTH_TOKEN claude -p ok")
_API_KEY = Fix(
    "for direct API calls, use an API key of the Console", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'
)
_USE_CLAUDE = Fix("for the subscription, call Claude Code itself", 'claude -p "your prompt"')

CAUSES: tuple[Cause, ...] = (
    Cause(
        "oauth-not-supported",
        (1,),
        "A subscription token was sent by a program other than Claude Code",
        "The Messages API takes an OAuth token (sk-ant-oat…) only from Claude Code, which marks such "
        "requests with the beta header oauth-2025-04-20. An SDK, a script or another tool that sends the "
        "token as a plain Bearer is refused with 401. Direct calls need an API key (sk-ant-api03-…), billed "
        "per token; the subscription is used through Claude Code; the Agent SDK needs an API key as well.",
        (
            _API_KEY,
            _USE_CLAUDE,
            Fix("in a program, use the Agent SDK with an API key", "pip install claude-agent-sdk"),
        ),
    ),
    Cause(
        "oauth-token-in-auth-token",
        (1, 8),
        "ANTHROPIC_AUTH_TOKEN holds a subscription token",
        "The value of ANTHROPIC_AUTH_TOKEN goes out as a plain Bearer, without the beta header that an OAuth "
        "token needs. The variable is meant for a gateway's own token. A token of `claude setup-token` "
        "belongs into CLAUDE_CODE_OAUTH_TOKEN.",
        (
            Fix(
                "move the token to the variable that is meant for it",
                'export CLAUDE_CODE_OAUTH_TOKEN="$ANTHROPIC_AUTH_TOKEN"; unset ANTHROPIC_AUTH_TOKEN',
            ),
        ),
    ),
    Cause(
        "oauth-token-in-api-key",
        (89, 1, 33),
        "ANTHROPIC_API_KEY holds a subscription token",
        "The variable is sent as x-api-key, and that header takes API keys (sk-ant-api03-…) alone. An OAuth "
        "token in it is refused, by Anthropic and by gateways that check the key's shape.",
        (
            Fix(
                "move the token to the variable that is meant for it",
                'export CLAUDE_CODE_OAUTH_TOKEN="$ANTHROPIC_API_KEY"; unset ANTHROPIC_API_KEY',
            ),
            Fix("or put a real API key there", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'),
        ),
    ),
    Cause(
        "gateway-drops-beta-header",
        (1, 88),
        "The gateway does not pass the beta header on",
        "Requests go to another host than Anthropic's. If that gateway forwards the Bearer but drops "
        "`anthropic-beta`, the API no longer recognises a request of Claude Code. The gateway also sees your "
        "login; one of its own credentials would be better.",
        (
            Fix("at the gateway, forward the header anthropic-beta unchanged"),
            Fix("or try Anthropic's own host", "env -u ANTHROPIC_BASE_URL claude -p ok"),
        ),
    ),
    Cause(
        "scopes-written-as-text",
        (1,),
        "The stored login's scopes are text, so the beta header is left out",
        "Where `scopes` in .credentials.json is one string and not a list, Claude Code uses the token but "
        "leaves the OAuth beta header out, and the API refuses it. Something other than Claude Code wrote "
        "that file.",
        (_SIGN_IN,),
    ),
    Cause(
        "client-too-old",
        (1, 73),
        "An old Claude Code",
        "Some releases of 2025 sent the login in a way that the server no longer takes. A second, older "
        "installation counts too: an editor extension brings its own, and PATH may find another than you "
        "think.",
        (_UPDATE, Fix("look for a second installation", "which -a claude")),
    ),
    Cause(
        "credential-only-for-claude-code",
        (2,),
        "A subscription credential in another program",
        "The service lets this credential be used by Claude Code alone. If another program sent it, it needs "
        "an API key. If Claude Code itself got this answer and is up to date, the fault has usually been on "
        "the server's side and has passed.",
        (_API_KEY, _USE_CLAUDE, _UPDATE, Fix("look for an incident: https://status.claude.com")),
    ),
    Cause(
        "third-party-extra-usage",
        (3,),
        "Other programs draw on extra usage, not on the plan",
        "The request was taken for one of a third-party program. Those no longer count against a "
        "subscription's limits: they need extra usage on the account, or an API key.",
        (
            _USE_CLAUDE,
            Fix("or switch on extra usage: https://claude.ai/settings/usage"),
            _API_KEY,
        ),
        "seen",
    ),
    Cause(
        "access-token-expired",
        (4,),
        "The access token expired and was not renewed",
        "An access token lives for some hours; Claude Code renews it by itself as long as the login's "
        "refresh token is good. Here it did not: the network, a lock, another process or a refused refresh "
        "token came in between. Starting claude once is often enough.",
        (Fix("let Claude Code renew it", "claude -p ok"), _SIGN_IN),
    ),
    Cause(
        "login-deadline-passed",
        (4,),
        "The login itself has ended",
        "The refresh token has its own end, about a month after the sign-in, and renewing the access token "
        "does not move it. After that only a new sign-in helps.",
        (_SIGN_IN, Fix("for unattended jobs, use a token that lasts a year", "claude setup-token")),
    ),
    Cause(
        "process-keeps-old-token",
        (4, 10),
        "A running process holds a token from before",
        "What is stored here is good at this moment. A session that has been open for long may still send "
        "the token that it read at its start, or another process renewed the login meanwhile.",
        (Fix("leave that session and start claude anew"),),
    ),
    Cause(
        "login-command-fails-too",
        (5,),
        "The commands login and logout fail with the same error",
        "Typed inside a session, some words go to the model as a message and meet the same expired token. "
        "From the shell the sign-in does not need a valid token.",
        (
            Fix("in the shell, not inside a session", "claude auth logout; claude auth login"),
            Fix("where `claude auth` is not known, update", "claude update"),
        ),
    ),
    Cause(
        "token-revoked",
        (6,),
        "The login was revoked",
        "The server has withdrawn the token although its time was not up: somebody signed out of all "
        "sessions, or a refresh token was presented twice, which ends the whole family of tokens.",
        (Fix("sign out and in again", "claude auth logout && claude auth login"),),
        "seen",
    ),
    Cause(
        "refused-right-after-login",
        (7,),
        "Refused right after a successful sign-in",
        "The sign-in worked, but something else was sent: a variable or setting that comes before the login, "
        "a store that was not written, or an account without the plan. If none of these shows here, the "
        "cause is on the server's side.",
        (
            Fix("see what is sent, and why", "claude-auth status"),
            Fix("if all is well here, report it with the request id of the error"),
        ),
    ),
    Cause(
        "token-overrides-login",
        (8, 22),
        "A leftover token is sent instead of the login",
        "ANTHROPIC_AUTH_TOKEN, often a placeholder for some gateway such as `ollama` or `test`, comes before "
        "the stored login. Signing in succeeds and changes nothing while it is set.",
        (
            _UNSET_TOKEN,
            Fix(
                "find the line that sets it",
                "grep -n ANTHROPIC_AUTH_TOKEN ~/.*rc ~/.profile ~/.claude/settings.json",
            ),
        ),
    ),
    Cause(
        "token-of-another-provider",
        (27, 8),
        "A token of another provider is still set",
        "ANTHROPIC_AUTH_TOKEN was set for a local model or a gateway, often together with "
        "ANTHROPIC_BASE_URL. Once only one of the two is left, or the gateway is gone, every request fails.",
        (Fix("take both away in this shell", "unset ANTHROPIC_AUTH_TOKEN ANTHROPIC_BASE_URL"),),
        findings=("token-overrides-login",),
    ),
    Cause(
        "stored-login-rejected",
        (9,),
        "The server no longer accepts the stored login",
        "The access token that was sent is unknown to the server or has been replaced: by another session "
        "that renewed it, or because the stored entry is left over from an older login.",
        (
            Fix(
                "move the stored login aside, then sign in",
                "mv ~/.claude/.credentials.json ~/.claude/.credentials.json.bak && claude auth login",
            ),
        ),
    ),
    Cause(
        "refresh-race",
        (10,),
        "Several sessions renew one login at the same time",
        "A refresh token is good for one use. Where several processes or machines share a login, the one "
        "that comes second presents a used token, and the server may end the login for all of them.",
        (
            _UPDATE,
            Fix("keep fewer sessions open on one configuration directory"),
            Fix("give unattended jobs a token of their own", "claude setup-token"),
        ),
        "not checkable here",
        findings=("lock-left-behind", "lock-from-the-future"),
    ),
    Cause(
        "refresh-storm",
        (11,),
        "The command line and the editor's extension renew the login over and over",
        "Two clients of different versions take each other's tokens for stale and renew every few minutes, "
        "although the token would live for hours.",
        (
            Fix("bring both to the same version", "claude update"),
            Fix("close editor windows that are not used"),
        ),
        "not checkable here",
    ),
    Cause(
        "refused-before-expiry",
        (12,),
        "Refused before its time, and the refresh too",
        "By the local file the token is still good, but it was renewed or revoked elsewhere: another machine "
        "with a copy of the file, a restored backup, a synchronised folder.",
        (_SIGN_IN, Fix("keep the credentials file out of backups that are restored and of synced folders")),
    ),
    Cause(
        "tokens-wiped",
        (13,),
        "Claude Code emptied the stored login after a refused refresh",
        "The entry is there, but its tokens are empty and its time is 0. That is no damaged file: Claude "
        "Code writes it when the server refuses the refresh token. Copies made after that moment are empty "
        "too.",
        (_SIGN_IN,),
    ),
    Cause(
        "refresh-not-saved",
        (131,),
        "A refresh was sent, and its answer was never saved",
        "A refresh token works once. Where Claude Code ends before the answer is saved, the file keeps the "
        "used one, and the next refresh is refused. `claude doctor` ends too early on a slow network, and "
        f"so does `claude auth status` of versions before {STATUS_SAVES_SINCE}.",
        (_SIGN_IN, Fix(f"bring Claude Code to {STATUS_SAVES_SINCE} or newer", "claude update")),
        findings=("refresh-not-saved",),
    ),
    Cause(
        "expired-claimed-by-tool",
        (14,),
        "Another tool calls an idle login expired",
        "Some panels look at the access token's time alone. With a good refresh token an old access token is "
        "the normal state of an idle login, and Claude Code renews it when it is needed. Signing in each "
        "time only makes new sessions.",
        (
            Fix("let Claude Code answer", "claude -p ok"),
            Fix("see the three states apart", "claude-auth status"),
        ),
        findings=("login-idle",),
    ),
    Cause(
        "token-endpoint-rate-limited",
        (15,),
        "Too many sign-ins or refreshes",
        "The endpoint that issues tokens asks to wait. Repeated failed attempts, scheduled refreshers and "
        "loops without pause bring this about; trying on makes it longer.",
        (
            Fix("stop trying, wait as long as Retry-After says, then sign in once", "claude auth login"),
            Fix("for automation, use a long-lived token", "claude setup-token"),
        ),
        "seen",
    ),
    Cause(
        "usage-endpoint-rate-limited",
        (16,),
        "The usage display asks too often",
        "The endpoint that tells how much of a plan is used has a limit of its own. The answer says nothing "
        "about the credential: requests to the model still work.",
        (Fix("let status lines and widgets ask every five minutes or less often"),),
        "seen",
    ),
    Cause(
        "session-invalid",
        (17,),
        "The account's session is no longer valid",
        "The token is still taken for some requests, but the session behind it has ended on the server.",
        (_SIGN_IN,),
        "seen",
    ),
    Cause(
        "setup-token-rejected",
        (18,),
        "The token in CLAUDE_CODE_OAUTH_TOKEN is refused",
        "A token of `claude setup-token` breaks easily on its way: cut off or wrapped when it was copied, "
        "with a line break or a quotation mark, or made while the browser was signed in to another account. "
        "`claude auth status` does not test it.",
        (
            Fix("make a new one in a wide window, signed in as the right account", "claude setup-token"),
            _ASK_WITHOUT,
            Fix("if it is complete to the last character, report it with the request id"),
        ),
    ),
    Cause(
        "scope-missing",
        (19,),
        "The token may not read the profile",
        "Tokens of `claude setup-token` and logins from before that permission existed carry no user:profile "
        "scope. Requests to the model work all the same; only usage and profile pages need it. Where "
        "CLAUDE_CODE_OAUTH_TOKEN is set, it hides a full login.",
        (_UNSET_OAUTH, _SIGN_IN),
        "seen",
    ),
    Cause(
        "needs-full-login",
        (20,),
        "The feature needs a full claude.ai login",
        "Remote control, web sessions and connectors work with the stored claude.ai login alone. An API key, "
        "a helper or a setup token that comes first switches them off.",
        (Fix("see what comes first, and unset it", "claude-auth status"), _SIGN_IN),
        "seen",
        findings=("key-overrides-login", "token-overrides-login"),
    ),
    Cause(
        "stale-file-beside-token",
        (21,),
        "An expired stored login stands beside a good token",
        "Users have told of a lapsed .credentials.json that was reported although CLAUDE_CODE_OAUTH_TOKEN "
        "was good. The observed order is the variable first; the client may still try to renew the file when "
        "it starts.",
        (
            Fix(
                "move the stored login aside",
                "mv ~/.claude/.credentials.json ~/.claude/.credentials.json.bak",
            ),
        ),
    ),
    Cause(
        "oauth-variable-stale",
        (22,),
        "An old CLAUDE_CODE_OAUTH_TOKEN comes before the login",
        "The variable is sent instead of the stored login. Its origin may be a start-up file, a service, a "
        "CI secret or a settings file; programs that run for long keep the value they were started with.",
        (_UNSET_OAUTH, _ASK_WITHOUT, Fix("restart the programs that inherited it")),
        findings=("token-overrides-login",),
    ),
)

_EXPIRED = (
    "access-token-expired",
    "login-deadline-passed",
    "process-keeps-old-token",
    "oauth-variable-stale",
    "tokens-wiped",
    "stale-file-beside-token",
    "refresh-race",
    "clock-wrong",
    "login-command-fails-too",
)
_INVALID_BEARER = (
    "token-overrides-login",
    "setup-token-rejected",
    "token-of-another-provider",
    "oauth-variable-stale",
    "settings-override-shell",
    "oauth-token-in-auth-token",
    "refused-right-after-login",
    "stored-login-rejected",
)
_INVALID = (
    "stored-login-rejected",
    "refresh-race",
    "refresh-storm",
    "refused-before-expiry",
    "keychain-locked",
    "login-not-saved",
)
_HEADLINE = (
    "oauth-not-supported",
    "oauth-token-in-auth-token",
    "oauth-token-in-api-key",
    "gateway-drops-beta-header",
    "scopes-written-as-text",
    "client-too-old",
)
_AFTER_LOGIN = (
    "refused-right-after-login",
    "token-overrides-login",
    "oauth-variable-stale",
    "login-not-saved",
)
_REFUSED_REFRESH = ("refused-before-expiry", "refresh-race", "tokens-wiped", "refresh-not-saved")
_TOOL_SAYS_EXPIRED = ("expired-claimed-by-tool", "access-token-expired", "login-deadline-passed")
_REVOKED = ("token-revoked", "refresh-race", "oauth-variable-stale", "refused-right-after-login")

PHRASES: tuple[Phrase, ...] = (
    Phrase("oauth authentication is currently not supported", _HEADLINE, 95),
    Phrase("oauth authentication is not supported", _HEADLINE, 90, "no-stranger"),
    Phrase("only authorized for use with claude code", ("credential-only-for-claude-code",), 95),
    Phrase("third-party apps now draw from your extra usage", ("third-party-extra-usage",), 95),
    Phrase("third-party apps now draw from", ("third-party-extra-usage",), 90),
    Phrase("claim it at claude.ai/settings/usage", ("third-party-extra-usage",), 70),
    Phrase("oauth token has expired please obtain a new token", _EXPIRED, 90),
    Phrase("oauth token has expired please run login", ("stale-file-beside-token", *_EXPIRED), 60),
    Phrase("oauth token has expired", _EXPIRED, 80, "no-stranger", unless=("google", "github")),
    Phrase("oauth access token has expired", _EXPIRED, 85),
    Phrase("oauth token is expired", _EXPIRED, 70, "ours"),
    Phrase("login expired … please run login", _EXPIRED, 85, gap=12),
    Phrase("login expired", _EXPIRED, 60, "ours", alone=25),
    Phrase("login has ended", ("login-deadline-passed",), 60, "ours"),
    Phrase("this sign-in may have ended between", ("login-deadline-passed",), 80),
    Phrase("this sign-in can end at any time", ("login-deadline-passed",), 80),
    Phrase("claude login … oauth token has expired", ("login-command-fails-too", *_EXPIRED), 88, gap=200),
    Phrase("claude logout … oauth token has expired", ("login-command-fails-too", *_EXPIRED), 88, gap=200),
    Phrase("oauth token has been revoked", _REVOKED, 85, "no-stranger"),
    Phrase("oauth token revoked", _REVOKED, 85, "no-stranger"),
    Phrase("oauth access token has been revoked", _REVOKED, 85),
    Phrase("login successful … oauth token revoked", _AFTER_LOGIN, 92, gap=400),
    Phrase("login successful … oauth token has been revoked", _AFTER_LOGIN, 92, gap=400),
    Phrase("login successful … invalid bearer token", _AFTER_LOGIN, 92, gap=400),
    Phrase("login successful … invalid authentication credentials", _AFTER_LOGIN, 92, gap=400),
    Phrase("invalid bearer token", _INVALID_BEARER, 80, near=("authenticationerror", "apierror", "runlogin")),
    Phrase("invalid bearer token", _INVALID_BEARER, 75, "ours", alone=10),
    Phrase(
        "invalid authentication credentials",
        _INVALID,
        80,
        near=("authenticationerror", "apierror", "runlogin", "failedtoauthenticate"),
        unless=("requesthadinvalid",),
    ),
    Phrase(
        "invalid authentication credentials", _INVALID, 70, "ours", unless=("requesthadinvalid",), alone=4
    ),
    Phrase(
        "refresh token not found or invalid",
        _REFUSED_REFRESH,
        80,
    ),
    Phrase(
        "invalid authorization code",
        ("code-reused-or-expired", "code-mistyped"),
        75,
        "ours",
        near=("invalidgrant", "oauthtoken"),
        alone=4,
    ),
    Phrase(
        "invalid_grant",
        _REFUSED_REFRESH,
        60,
        "ours",
        unless=("rapt", "invalidgrantexception", "google", "reauth", "invalidjwt", "awssso"),
        alone=10,
    ),
    Phrase(
        "refresh … 400 … invalid_grant",
        _REFUSED_REFRESH,
        65,
        "no-stranger",
        unless=("rapt", "google", "gcloud", "reauth"),
        gap=80,
    ),
    Phrase(
        "accessToken refreshToken expiresAt 0", ("tokens-wiped",), 90, look=r"expires_?at\W{1,8}0(?![\d.])"
    ),
    Phrase("sign-in expired", _TOOL_SAYS_EXPIRED, 70, "ours", alone=12),
    Phrase("claude login has expired", _TOOL_SAYS_EXPIRED, 85),
    Phrase("claude oauth token expired", _TOOL_SAYS_EXPIRED, 85),
    Phrase(
        "rate_limit_error … rate limited please try again later",
        ("token-endpoint-rate-limited", "usage-endpoint-rate-limited"),
        80,
        gap=80,
    ),
    Phrase(
        "rate limited please try again later … rate_limit_error",
        ("token-endpoint-rate-limited", "usage-endpoint-rate-limited"),
        80,
        gap=80,
    ),
    Phrase("v1/oauth/token … 429", ("token-endpoint-rate-limited",), 85, gap=120, look=r"\b429\b"),
    Phrase("429 … v1/oauth/token", ("token-endpoint-rate-limited",), 85, gap=200, look=r"\b429\b"),
    Phrase("oauth error request failed with status code 429", ("token-endpoint-rate-limited",), 90),
    Phrase("api/oauth/usage … 429", ("usage-endpoint-rate-limited",), 88, gap=160, look=r"\b429\b"),
    Phrase("429 … api/oauth/usage", ("usage-endpoint-rate-limited",), 88, gap=200, look=r"\b429\b"),
    Phrase("account_session_invalid", ("session-invalid", "refresh-race"), 90),
    Phrase(
        "oauth access token is invalid",
        ("setup-token-rejected", "oauth-variable-stale", "action-hides-error", "long-lived-token-expired"),
        90,
    ),
    Phrase("does not meet scope requirement", ("scope-missing", "oauth-variable-stale"), 90),
    Phrase("requires a full-scope login token", ("needs-full-login",), 90),
    Phrase("full-scope login token", ("needs-full-login",), 80),
    Phrase("require authentication with a claude.ai account", ("needs-full-login",), 90),
    Phrase("requires authentication with a claude.ai account", ("needs-full-login",), 90),
    Phrase("api key authentication is not sufficient", ("needs-full-login",), 80),
    Phrase("claude.ai connectors are disabled because", ("needs-full-login", "key-overrides-login"), 90),
    Phrase("connectors are disabled because", ("needs-full-login",), 70, "no-stranger"),
    Phrase("takes precedence over your claude.ai login", ("needs-full-login", "key-overrides-login"), 85),
)
