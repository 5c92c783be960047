"""What Claude Code says while it signs in and out, and our words for it: data."""

from __future__ import annotations

from dataclasses import dataclass

from claude_auth.model import Severity


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something that Claude Code says, and our words for it. Its own words never go into an event: the line
    may show what was typed."""

    pattern: str
    kind: str
    text: str
    level: Severity = "info"


_REFUSED = r"(?:Couldn't log in|Login failed|OAuth error)\b.*"
#: What Claude Code says while it signs in [seen, 2.1.328; the older texts from the catalogue of causes].
SIGN_IN: tuple[Phrase, ...] = (
    Phrase(r"Opening browser", "browser", "it tries to open a browser on the machine where it runs"),
    Phrase(
        r"Paste code here",
        "wants-code",
        "it waits for the browser; if the page shows a code, paste all of it here, then Enter",
    ),
    Phrase(
        r"look like the full code|Invalid code",
        "code-incomplete",
        "that was not the whole code: it has two halves with a # between them",
        "warning",
    ),
    Phrase(r"^\W*Signing in", "exchanging", "it hands the code in"),
    Phrase(
        _REFUSED + r"status code 400",
        "refused",
        "the server refused the code: mistyped, used already, too old, or of an earlier attempt. Start again",
        "error",
    ),
    Phrase(
        _REFUSED + r"status code 403",
        "refused",
        "the server refused this network: a region that isn't served, or a proxy",
        "error",
    ),
    Phrase(_REFUSED + r"status code 429", "refused", "too many attempts: wait some minutes", "error"),
    Phrase(
        _REFUSED + r"status code 5\d\d",
        "refused",
        "the server has a failure of its own; your credentials are untouched. See status.claude.com",
        "error",
    ),
    Phrase(
        _REFUSED + r"[Tt]imeout",
        "refused",
        "the server gave no answer in time: a slow service or a proxy, not the time that you took",
        "error",
    ),
    Phrase(
        _REFUSED + r"(?:EAI_AGAIN|ENOTFOUND)",
        "refused",
        "the name of the server can't be looked up: no network, no DNS, or a proxy that isn't set",
        "error",
    ),
    Phrase(
        _REFUSED + r"(?:ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH)",
        "refused",
        "the server can't be reached: no network, or a proxy or firewall in between",
        "error",
    ),
    Phrase(
        _REFUSED + r"(?:certificate|CERT|self.signed)",
        "refused",
        "the server's certificate isn't trusted: something on the way opens TLS; name its CA in "
        "NODE_EXTRA_CA_CERTS",
        "error",
    ),
    Phrase(
        _REFUSED + r"callback server",
        "refused",
        "it can't listen for the browser here: paste the code instead",
        "error",
    ),
    Phrase(_REFUSED, "refused", "it could not sign in; its own words stand in the terminal above", "error"),
    Phrase(r"Login successful", "accepted", "it says that the login succeeded"),
)

#: What Claude Code says [seen, 2.1.328].
SIGN_OUT: tuple[Phrase, ...] = (
    Phrase(
        r"didn't confirm the login was revoked",
        "not-revoked",
        "the login is gone from this computer, but the server did not confirm that it is revoked: "
        "revoke it at claude.ai/settings/claude-code",
        "warning",
    ),
    Phrase(r"Logged out", "accepted", "it says that you are logged out"),
    Phrase(r"Couldn't log out|Logout failed|Failed to log", "refused", "it could not log out", "error"),
)
