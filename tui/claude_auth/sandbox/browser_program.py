"""A pretend browser: goes to the address on loopback, signs in as a made-up person and agrees to what a form
asks. Other addresses it leaves alone. Nothing but the standard library."""

from __future__ import annotations

import http.cookiejar
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

_PERSON = {"name": "ada", "password": "engine", "decision": "allow"}
_SECONDS = 20.0


def visit(address: str) -> int:
    if urllib.parse.urlsplit(address).hostname not in {"127.0.0.1", "localhost", "::1"}:
        return 0
    browser = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    answer = browser.open(address, timeout=_SECONDS)
    while (form := _form(answer.read().decode("utf-8", "replace"))) is not None:
        action, fields = form
        place = urllib.parse.urljoin(answer.geturl(), action)
        answer = browser.open(place, urllib.parse.urlencode({**_PERSON, **fields}).encode(), _SECONDS)
    return 0


def _form(page: str) -> tuple[str, dict[str, str]] | None:
    """Where the page's form goes, and its hidden fields."""
    found = re.search(r'<form method="post" action="([^"]*)"', page)
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return None if found is None else (found[1], dict(hidden))


if __name__ == "__main__":
    try:
        sys.exit(visit(sys.argv[1]))
    except (OSError, urllib.error.URLError):
        sys.exit(1)
