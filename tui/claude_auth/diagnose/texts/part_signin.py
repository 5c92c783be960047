"""Part E: signing in with the browser, the callback, and codes that are pasted."""

from __future__ import annotations

from claude_auth.diagnose.texts.knowledge import Cause, Fix, Phrase

_PASTE = Fix("use the code: `claude auth login`, then paste what the browser page shows", "claude auth login")
_LAPTOP = Fix("or make a token where the browser is, and carry it over", "claude setup-token")
_STATUS_PAGE = Fix("look for an incident, wait, then try once more: https://status.claude.com")
_AGAIN = Fix("start the sign-in anew and use the newest code", "claude auth login")

CAUSES: tuple[Cause, ...] = (
    Cause(
        "callback-unreachable",
        (61,),
        "The browser can't reach the sign-in's callback",
        "Claude Code listens on a port of the machine where it runs. Over SSH, in a container, in Codespaces "
        "or WSL the browser is elsewhere, and its localhost is another one.",
        (
            _PASTE,
            Fix("or forward the port that the URL names", "ssh -L PORT:127.0.0.1:PORT host"),
            _LAPTOP,
        ),
    ),
    Cause(
        "callback-on-ipv6-only",
        (62,),
        "The callback listens on ::1 only",
        "Where localhost means the IPv6 address, a forwarded port that goes to 127.0.0.1 finds nobody, and "
        "the browser waits.",
        (Fix("see where it listens", "ss -ltn"), _PASTE),
        "not checkable here",
    ),
    Cause(
        "callback-server-cannot-start",
        (63,),
        "The callback listener can't be opened",
        "The words about port 0 stand for any failure to listen: IPv6 switched off, a jail or sandbox, or a "
        "localhost that does not resolve. No other program is in the way.",
        (
            Fix("check that localhost resolves", "getent hosts localhost"),
            _LAPTOP,
        ),
        "seen",
    ),
    Cause(
        "callback-port-taken",
        (64,),
        "The port of the callback is taken or reserved",
        "A listener with a fixed port meets another program, or on Windows a range that Hyper-V or WSL has "
        "reserved.",
        (
            Fix("see who holds it", "ss -ltnp"),
            Fix("on Windows", "netsh interface ipv4 show excludedportrange protocol=tcp"),
        ),
    ),
    Cause(
        "callback-refused",
        (65,),
        "The callback was refused after the browser said yes",
        "The listener was there but the connection did not come through, for instance because a proxy is "
        "asked for localhost too.",
        (Fix("keep localhost away from the proxy", "export NO_PROXY=localhost,127.0.0.1,::1"), _PASTE),
    ),
    Cause(
        "login-url-broken",
        (66,),
        "The sign-in address was broken when it was copied",
        "It is some 450 characters long. A narrow window wraps it, and the copy contains line breaks or "
        "blanks, so parameters are cut or missing.",
        (
            Fix("widen the window or make the letters smaller, and copy again"),
            Fix("or paste it into an editor and join the lines before opening it"),
        ),
    ),
    Cause(
        "copy-does-nothing",
        (67,),
        "Copying from the remote session does nothing",
        "The key for copying reaches the clipboard of the machine where Claude Code runs, if that has one, "
        "and not yours.",
        (Fix("sign in from the plain shell, where the address can be selected", "claude auth login"),),
        "not checkable here",
    ),
    Cause(
        "code-without-state",
        (68,),
        "Only a part of the code was pasted",
        "The page shows two halves joined by `#`, and both are needed. A double click selects only up to the "
        "`#`.",
        (Fix("use the page's copy button, or select the whole line with the # and what follows"),),
        "seen",
    ),
    Cause(
        "code-reused-or-expired",
        (69,),
        "The code was used before or is too old",
        "A code is good for one exchange and a few minutes.",
        (_AGAIN,),
    ),
    Cause(
        "code-of-earlier-attempt",
        (69,),
        "The code belongs to an earlier attempt",
        "Each start of the sign-in makes a new secret that the code must fit. Enter pressed to try again "
        "makes a new address: a code from the old page no longer fits.",
        (Fix("close the old browser pages first, then begin again", "claude auth login"),),
    ),
    Cause(
        "code-mistyped",
        (69,),
        "The code was cut off or changed on its way",
        "Typing it or pasting into a terminal that drops characters damages it.",
        (Fix("paste with Ctrl+Shift+V or Shift+Insert"), _AGAIN),
    ),
    Cause(
        "service-incident",
        (70,),
        "The service fails",
        "An internal error of the server during sign-in or a request. Nothing on this machine causes it, and "
        "a login that is still good stays good: do not delete it.",
        (_STATUS_PAGE,),
        "not checkable here",
    ),
    Cause(
        "token-exchange-timeout",
        (71,),
        "The exchange of the code took too long",
        "Claude Code waits a fixed time, 15 seconds, for the server that issues tokens. The service was "
        "slow, or a proxy or filter holds the connection. How fast you clicked plays no part.",
        (
            Fix(
                "measure the connection",
                "curl -sS -o /dev/null -w '%{time_appconnect}\\n' https://platform.claude.com",
            ),
            _STATUS_PAGE,
        ),
    ),
    Cause(
        "paste-not-accepted",
        (72,),
        "The code has to be pasted, and the terminal does not pass it on",
        "The prompt waits for the code from the browser page, whatever `if prompted` suggests. Some "
        "terminals paste with another key.",
        (Fix("paste with Shift+Insert, Ctrl+Shift+V or the right mouse button, then Enter"), _PASTE),
    ),
    Cause(
        "client-and-server-disagree",
        (73,),
        "This Claude Code and the sign-in server do not fit",
        "A client that is much older than the server asks for things in a way that is no longer taken. First "
        "make sure that the address was not merely broken by wrapping.",
        (Fix("update", "claude update"),),
    ),
    Cause(
        "wrong-organisation-offered",
        (74,),
        "The browser is signed in to another organisation",
        "The page offers the organisation of the browser's session. Several organisations under one address, "
        "or an old Claude Code without the subscription option, lead to the wrong one.",
        (
            Fix(
                "sign in to claude.ai in a private window, choose the organisation, then open the address "
                "there"
            ),
            Fix("look for old installations", "which -a claude"),
        ),
        "not checkable here",
    ),
    Cause(
        "parked-logins",
        (75,),
        "Sign-ins wait in the background",
        "A program started `claude auth login` without showing its output. Each waits ten minutes for an "
        "answer that nobody can give.",
        (Fix("see them", "pgrep -af 'claude auth login'"),),
        "not checkable here",
    ),
    Cause(
        "profile-parse-failure",
        (76,),
        "An old client can't read the account's profile",
        "A fault of an early release with Console logins, corrected since.",
        (Fix("update", "claude update"),),
        "seen",
    ),
)

_URL = ("login-url-broken", "client-and-server-disagree")
_REMOTE = ("callback-unreachable", "callback-on-ipv6-only", "callback-refused")
_EXCHANGE = ("code-reused-or-expired", "code-of-earlier-attempt", "code-mistyped")
_SCOPE_LOOK = (
    r"unknown scope:?\s*[\"'`]?(?:u(?:s(?:e(?:r(?::[a-z_:]*)?)?)?)?|o(?:r(?:g(?::[a-z_]*)?)?)?)(?![a-z0-9-])"
)

PHRASES: tuple[Phrase, ...] = (
    Phrase(
        "localhost refused to connect",
        _REMOTE,
        75,
        "no-stranger",
        unless=("localhost3000", "localhost4200", "localhost5173"),
    ),
    Phrase(
        "establish a connection to the server at localhost",
        _REMOTE,
        70,
        "no-stranger",
        look=r"server at localhost:\d{4,5}\b[\s\S]{0,200}/callback\?",
    ),
    Phrase("err_connection_refused", _REMOTE, 70, near=("callback", "oauth", "claude", "localhostrefused")),
    Phrase("err_connection_refused", _REMOTE, 60, "ours", alone=6),
    Phrase(
        "failed to start oauth callback server … eaddrinuse",
        ("callback-port-taken", "callback-server-cannot-start"),
        92,
        gap=60,
        look=r"\beaddrinuse\b",
    ),
    Phrase("failed to start oauth callback server", ("callback-server-cannot-start",), 90),
    Phrase("is port 0 in use", ("callback-server-cannot-start",), 85),
    Phrase("listen eprotonosupport", ("callback-server-cannot-start",), 80, "ours", alone=40),
    Phrase("eaddrinuse … callback", ("callback-port-taken",), 80, "ours", gap=120, look=r"\beaddrinuse\b"),
    Phrase("oauth … eaddrinuse", ("callback-port-taken",), 80, "ours", gap=120, look=r"\beaddrinuse\b"),
    Phrase("address already in use … 53280", ("callback-port-taken",), 80, gap=40),
    Phrase("oauth error econnrefused", ("callback-refused", "callback-unreachable"), 90),
    Phrase("oauth error connect econnrefused", ("callback-refused", "callback-unreachable"), 90),
    Phrase(
        "was there a typo in the url or port", ("callback-refused", "base-url-unreachable"), 70, "no-stranger"
    ),
    Phrase("invalid oauth request", _URL, 70, "no-stranger"),
    Phrase("unknown scope", _URL, 80, "no-stranger", look=_SCOPE_LOOK),
    Phrase("missing redirect_uri parameter", _URL, 80, "no-stranger"),
    Phrase("missing code_challenge parameter", _URL, 80, "no-stranger"),
    Phrase("missing scope parameter", _URL, 80, "no-stranger"),
    Phrase("missing state parameter", _URL, 75, "no-stranger"),
    Phrase("missing client_id parameter", _URL, 75, "ours"),
    Phrase("missing response_type parameter", _URL, 75, "ours"),
    Phrase("invalid code_challenge_method", _URL, 80, "no-stranger"),
    Phrase("redirect uri … is not supported by client", _URL, 85, gap=120),
    Phrase("redirect uri not supported", ("client-and-server-disagree", "login-url-broken"), 70, "ours"),
    Phrase(
        "use the url below to sign in … c to copy", ("copy-does-nothing", "paste-not-accepted"), 45, gap=40
    ),
    Phrase("full code was copied", ("code-without-state",), 85, near=("invalidcode", "oautherror")),
    Phrase("oauth error request failed with status code 400", _EXCHANGE, 90),
    Phrase("token exchange failed … 400", _EXCHANGE, 80, "ours", gap=60, look=r"\b400\b"),
    *(
        Phrase(f"oauth error request failed with status code {status}", ("service-incident",), 90)
        for status in (500, 502, 503, 504, 520, 521, 522, 524, 529)
    ),
    Phrase(
        "oauth request failed",
        ("service-incident",),
        80,
        "no-stranger",
        near=("internalservererror", "claude"),
    ),
    Phrase("oauth request failed", ("service-incident",), 60, "no-stranger"),
    Phrase("authorization failed … internal server error", ("service-incident",), 80, "no-stranger", gap=6),
    Phrase("failed to fetch user roles", ("service-incident",), 85),
    Phrase("type error error type api_error … internal server error", ("service-incident",), 75, gap=40),
    Phrase("oauth error … timeout of … exceeded", ("token-exchange-timeout", "service-incident"), 90, gap=30),
    Phrase(
        "login failed … timeout of … exceeded", ("token-exchange-timeout", "service-incident"), 90, gap=30
    ),
    Phrase("timeout of 15000", ("token-exchange-timeout",), 70, "ours", alone=24),
    Phrase("paste code here if prompted", ("paste-not-accepted", "copy-does-nothing"), 80),
    Phrase("like to connect to your anthropic organization", ("wrong-organisation-offered",), 85),
    Phrase("reading organization_type", ("profile-parse-failure",), 90),
)
