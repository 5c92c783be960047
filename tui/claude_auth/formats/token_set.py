"""Our own token file, the shape of the SDK's `~/.claude_code/tokens.json` [seed 000, behaviour.md section 3].

Claw's files and Anthropic profiles use the same OAuth names, so one reader serves all three.
"""

from __future__ import annotations

import math

from claude_auth.formats.credentials import read_scopes
from claude_auth.formats.document import JsonObject, text_of
from claude_auth.formats.numbers import javascript_number
from claude_auth.model import TokenSet
from claude_auth.secret import Secret

#: A larger number is milliseconds: seconds will reach it in the year 5138.
_MILLISECONDS_FROM = 1e11


def read_token_set(data: JsonObject) -> TokenSet | None:
    """The token set in an object, None where it holds no access token."""
    access = text_of(data.get("access_token")) or text_of(data.get("accessToken"))
    if not access:
        return None
    refresh = text_of(data.get("refresh_token")) or text_of(data.get("refreshToken"))
    raw = data.get("expires_at", data.get("expiresAt"))
    number = javascript_number(raw)
    expires_at = None
    if raw is not None and math.isfinite(number):
        expires_at = number / 1000 if number > _MILLISECONDS_FROM else number
    return TokenSet(
        access_token=Secret(access),
        refresh_token=Secret(refresh) if refresh else None,
        expires_at=expires_at,
        scopes=read_scopes(data.get("scope", data.get("scopes"))),
    )
