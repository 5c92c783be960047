"""What the browser is shown at the end: static pages that repeat nothing of what was sent."""

from __future__ import annotations

import base64
import hashlib
from typing import NamedTuple


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
    "not-found": _page(404, "Nothing here", "A sign-in waits in a terminal on this computer."),
    "wrong-host": _page(403, "Nothing here", "A sign-in waits in a terminal on this computer."),
    "wrong-method": _page(405, "Nothing here", "A sign-in waits in a terminal on this computer."),
    "bad-request": _page(400, "Nothing here", "A sign-in waits in a terminal on this computer."),
}
