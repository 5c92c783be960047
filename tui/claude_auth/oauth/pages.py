"""What the browser is shown when it comes back: static pages that repeat nothing of what was sent."""

from __future__ import annotations

import base64
import hashlib

from claude_auth.named_tuples import NamedTuple


class Page(NamedTuple):
    status: int
    body: bytes


_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem;"
    "color:#222;background:#fafaf7}h1{font-size:1.5rem}@media(prefers-color-scheme:dark)"
    "{body{color:#eee;background:#1c1c1a}}"
)


def _page(status: int, title: str, text: str) -> Page:
    return Page(
        status,
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><style>{_STYLE}</style></head>"
            f"<body><h1>{title}</h1><p>{text}</p></body></html>\n"
        ).encode(),
    )


_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")

HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
    ),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Connection", "close"),
)

_WAITS = "A sign-in waits in a terminal on this computer."
#: By outcome of the sign-in, and by what was wrong with the request.
PAGES = {
    "success": _page(200, "The sign-in worked", "Close this window and go back to the terminal."),
    "failure": _page(
        200, "The sign-in did not work", "Go back to the terminal: it says why, and what to do next."
    ),
    "over": _page(200, "This sign-in is over", "Close this window and go back to the terminal."),
    "neutral": _page(
        200, "Go back to the terminal", "The answer has arrived. The terminal says how it goes on."
    ),
    "not-ours": _page(
        400,
        "This belongs to another sign-in",
        "It may come from an earlier attempt. Go back to the terminal and use the address that it shows now.",
    ),
    "not-found": _page(404, "Nothing here", _WAITS),
    "wrong-host": _page(403, "Nothing here", _WAITS),
    "wrong-method": _page(405, "Nothing here", _WAITS),
    "bad-request": _page(400, "Nothing here", _WAITS),
    "too-large": _page(431, "Nothing here", _WAITS),
}


class Ignored(NamedTuple):
    """What arrived and isn't the answer: how the person is told, and the page that it gets, if any."""

    sentence: str
    page: str = ""


IGNORED = {
    "empty-connection": Ignored("A connection came and went without a word: a port scan, perhaps."),
    "incomplete-request": Ignored("A request did not come to its end and was dropped."),
    "no-code": Ignored("An answer came without a code and was ignored.", "not-ours"),
    "no-http": Ignored("Something arrived that is no request and was ignored.", "bad-request"),
    "no-state": Ignored("A request without a state was ignored.", "not-ours"),
    "other-path": Ignored("A request for another page was ignored.", "not-found"),
    "too-many-requests": Ignored(
        "Too many requests: the browser's way back is closed, paste the address instead."
    ),
    "wrong-host": Ignored("A request meant for another host was ignored.", "wrong-host"),
    "wrong-method": Ignored("A request of another kind than GET was ignored.", "wrong-method"),
    "wrong-state": Ignored(
        "An answer with a wrong state was ignored: it is of an earlier attempt, or of nobody.", "not-ours"
    ),
}
