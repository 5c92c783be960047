"""ANTHROPIC_CUSTOM_HEADERS: one `Name: value` a line, the last of a name counts [seen, 2.1.328]."""

from __future__ import annotations

from claude_auth.security.secret import Secret


def read_custom_headers(text: str) -> dict[str, Secret]:
    """Header names in lower case; lines without a colon are left out."""
    headers: dict[str, Secret] = {}
    for line in text.replace("\r\n", "\n").split("\n"):
        name, colon, value = line.partition(":")
        if colon and name.strip():
            headers[name.strip().lower()] = Secret(value.strip())
    return headers
