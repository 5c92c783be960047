"""Tokens of a Claude account, which Claude Code alone may send: recognised however they are wrapped."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import unquote


def holds_access_token(text: str) -> bool:
    return any("sk-ant-oat" in form for form in _forms(text))


def holds_token(text: str) -> bool:
    """An access or refresh token of a Claude account, however it is wrapped."""
    return any("sk-ant-oat" in form or "sk-ant-ort" in form for form in _forms(text))


def _forms(text: str) -> Iterator[str]:
    lowered = text.lower()
    yield lowered
    yield unquote(lowered)
    for word in text.replace(",", " ").split():
        if len(word) > 12:
            for alphabet in (None, b"-_"):
                try:
                    raw = base64.b64decode(word + "=" * (-len(word) % 4), alphabet)
                except (ValueError, binascii.Error):
                    continue
                yield raw.decode("latin-1").lower()
