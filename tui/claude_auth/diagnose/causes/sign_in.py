"""Signing in with the browser, the callback, and codes that are pasted."""

from __future__ import annotations

from claude_auth.diagnose.cause import Cause, act
from claude_auth.diagnose.causes.places import browser_is_elsewhere
from claude_auth.model import Fix

_PASTE = act("sign-in", "sign in, and paste the code that the browser page shows")
_LAPTOP = Fix("or make a token where the browser is, and carry it over", "claude setup-token")
_AGAIN = act("sign-in", "start the sign-in anew and use the newest code")
_STATUS_PAGE = Fix("look for an incident, wait, then try once more: https://status.claude.com")

CAUSES: tuple[Cause, ...] = (
    Cause(
        "callback-unreachable",
        "The browser can't reach the sign-in's callback",
        "Claude Code listens on a port of the machine where it runs. Over SSH, in a container, in "
        "Codespaces or WSL the browser is elsewhere, and its localhost is another one.",
        (61,),
        fixes=(
            _PASTE,
            Fix("or forward the port that the URL names", "ssh -L PORT:127.0.0.1:PORT host"),
            _LAPTOP,
        ),
        here=browser_is_elsewhere,
        also="callback-on-ipv6-only callback-refused",
        phrases=r"""
            75 no-stranger: localhost refused to connect; unless: localhost3000 localhost4200 localhost5173
            70 no-stranger: establish a connection to the server at localhost; look: server at
                localhost:\d{4,5}\b[\s\S]{0,200}/callback\?
            70: err_connection_refused; near: callback oauth claude localhostrefused
            60 ours: err_connection_refused; alone: 6
        """,
    ),
    Cause(
        "callback-on-ipv6-only",
        "The callback listens on ::1 only",
        "Where localhost means the IPv6 address, a forwarded port that goes to 127.0.0.1 finds nobody, and "
        "the browser waits.",
        (62,),
        fixes=(Fix("see where it listens", "ss -ltn"), _PASTE),
        certainty="not-checkable",
    ),
    Cause(
        "callback-server-cannot-start",
        "The callback listener can't be opened",
        "The words about port 0 stand for any failure to listen: IPv6 switched off, a jail or sandbox, or "
        "a localhost that does not resolve. No other program is in the way.",
        (63,),
        fixes=(Fix("check that localhost resolves", "getent hosts localhost"), _LAPTOP),
        certainty="seen",
        phrases="""
            90: failed to start oauth callback server
            92: start the local listener that receives the browser sign-in
            85: is port 0 in use
            80 ours: listen eprotonosupport; alone: 40
        """,
    ),
    Cause(
        "callback-port-taken",
        "The port of the callback is taken or reserved",
        "A listener with a fixed port meets another program, or on Windows a range that Hyper-V or WSL has "
        "reserved.",
        (64,),
        fixes=(
            Fix("see who holds it", "ss -ltnp"),
            Fix("on Windows", "netsh interface ipv4 show excludedportrange protocol=tcp"),
        ),
        phrases=r"""
            92: failed to start oauth callback server … eaddrinuse; also: callback-server-cannot-start;
                gap: 60; look: \beaddrinuse\b
            92: another program is using port … sign-in needs this port; gap: 40
            90: oauth callback port … is already in use; gap: 10
            80 ours: eaddrinuse … callback, oauth … eaddrinuse; gap: 120; alone: 40; look: \beaddrinuse\b
            80: address already in use … 53280; gap: 40
        """,
    ),
    Cause(
        "callback-refused",
        "The callback was refused after the browser said yes",
        "The listener was there but the connection did not come through, for instance because a proxy is "
        "asked for localhost too.",
        (65,),
        fixes=(Fix("keep localhost away from the proxy", "export NO_PROXY=localhost,127.0.0.1,::1"), _PASTE),
        also="callback-unreachable",
        phrases="""
            90: oauth error econnrefused, oauth error connect econnrefused
            70 no-stranger: was there a typo in the url or port; also: base-url-unreachable
        """,
    ),
    Cause(
        "login-url-broken",
        "The sign-in address was broken when it was copied",
        "It is some 450 characters long. A narrow window wraps it, and the copy contains line breaks or "
        "blanks, so parameters are cut or missing.",
        (66,),
        fixes=(
            Fix("widen the window or make the letters smaller, and copy again"),
            Fix("or paste it into an editor and join the lines before opening it"),
        ),
        also="client-and-server-disagree",
        phrases=r"""
            70 no-stranger: invalid oauth request
            80 no-stranger: unknown scope; look: unknown
                scope:?\s*[\"'`]?(?:u(?:s(?:e(?:r(?::[a-z_:]*)?)?)?)?|o(?:r(?:g(?::[a-z_]*)?)?)?)(?![a-z0-9-])
            80 no-stranger: missing redirect_uri parameter, missing code_challenge parameter, missing scope
                parameter, invalid code_challenge_method
            75 no-stranger: missing state parameter
            75 ours: missing client_id parameter, missing response_type parameter; alone: 40
            85: redirect uri … is not supported by client; gap: 120
        """,
    ),
    Cause(
        "copy-does-nothing",
        "Copying from the remote session does nothing",
        "The key for copying reaches the clipboard of the machine where Claude Code runs, if that has one, "
        "and not yours.",
        (67,),
        fixes=(act("sign-in", "sign in from the plain shell, where the address can be selected"),),
        certainty="not-checkable",
        here=browser_is_elsewhere,
        also="paste-not-accepted",
        phrases="45: use the url below to sign in … c to copy; gap: 40",
    ),
    Cause(
        "code-without-state",
        "Only a part of the code was pasted",
        "The page shows two halves joined by `#`, and both are needed. A double click selects only up to "
        "the `#`.",
        (68,),
        fixes=(Fix("use the page's copy button, or select the whole line with the # and what follows"),),
        certainty="seen",
        phrases="85: full code was copied; near: invalidcode oautherror",
    ),
    Cause(
        "code-reused-or-expired",
        "The code was used before or is too old",
        "A code is good for one exchange and a few minutes.",
        (69,),
        fixes=(_AGAIN,),
        also="code-of-earlier-attempt code-mistyped",
        phrases=r"""
            92: token exchange failed request failed with status code 400, authentication failed invalid
                authorization code, claude_authenticate flow ended request failed with status code 400
            75 ours: invalid authorization code; alone: 40
            75 ours: invalid authorization code; also: code-mistyped; near: invalidgrant oauthtoken; alone: 4
            90: oauth error request failed with status code 400
            80 ours: token exchange failed … 400; gap: 60; alone: 40; look: \b400\b
        """,
    ),
    Cause(
        "code-of-earlier-attempt",
        "The code belongs to an earlier attempt",
        "Each start of the sign-in makes a new secret that the code must fit. Enter pressed to try again "
        "makes a new address: a code from the old page no longer fits.",
        (69,),
        fixes=(act("sign-in", "close the old browser pages first, then begin again"),),
        phrases="88: oauth state mismatch, invalid state parameter, belongs to a different sign-in attempt",
    ),
    Cause(
        "code-mistyped",
        "The code was cut off or changed on its way",
        "Typing it or pasting into a terminal that drops characters damages it.",
        (69,),
        fixes=(Fix("paste with Ctrl+Shift+V or Shift+Insert"), _AGAIN),
    ),
    Cause(
        "service-incident",
        "The service fails",
        "An internal error of the server during sign-in or a request. Nothing on this machine causes it, "
        "and a login that is still good stays good: do not delete it.",
        (70,),
        fixes=(_STATUS_PAGE,),
        certainty="not-checkable",
        phrases=r"""
            85: may be a temporary network issue; also: base-url-unreachable
            97: app token exchange failed 5; also: github-app-token; hides: setup-token-rejected;
                look: failed:? ?5\d\d
            90: oauth error request failed with status code 500, oauth error request failed with status code
                502, oauth error request failed with status code 503, oauth error request failed with status
                code 504, oauth error request failed with status code 520, oauth error request failed with
                status code 521, oauth error request failed with status code 522, oauth error request failed
                with status code 524, oauth error request failed with status code 529
            80 no-stranger: oauth request failed; near: internalservererror claude
            60 no-stranger: oauth request failed
            80 no-stranger: authorization failed … internal server error; gap: 6
            85: failed to fetch user roles
            70 ours: there was an error logging you in; alone: 40
            75: there was an error logging you in; near: supportanthropic contactsupport
            75: type error error type api_error … internal server error; gap: 40
        """,
    ),
    Cause(
        "token-exchange-timeout",
        "The exchange of the code took too long",
        "Claude Code waits a fixed time, 15 seconds, for the server that issues tokens. The service was "
        "slow, or a proxy or filter holds the connection. How fast you clicked plays no part.",
        (71,),
        fixes=(act("network", "see how long the connection takes"), _STATUS_PAGE),
        also="service-incident",
        phrases="""
            90: oauth error … timeout of … exceeded, login failed … timeout of … exceeded; gap: 30
            70 ours: timeout of 15000; also: none; alone: 24
        """,
    ),
    Cause(
        "paste-not-accepted",
        "The code has to be pasted, and the terminal does not pass it on",
        "The prompt waits for the code from the browser page, whatever `if prompted` suggests. Some "
        "terminals paste with another key.",
        (72,),
        fixes=(Fix("paste with Shift+Insert, Ctrl+Shift+V or the right mouse button, then Enter"), _PASTE),
        also="copy-does-nothing",
        phrases="80: paste code here if prompted",
    ),
    Cause(
        "wrong-organisation-offered",
        "The browser is signed in to another organisation",
        "The page offers the organisation of the browser's session. Several organisations under one "
        "address, or an old Claude Code without the subscription option, lead to the wrong one.",
        (74,),
        fixes=(
            Fix(
                "sign in to claude.ai in a private window, choose the organisation, then open the "
                "address there"
            ),
            Fix("look for old installations", "which -a claude"),
        ),
        certainty="not-checkable",
        phrases="85: like to connect to your anthropic organization",
    ),
)
