"""Claude Code's `.credentials.json` [behaviour.md section 3]."""

from __future__ import annotations

import math
from typing import NamedTuple

from claude_auth.formats.document import Document, object_of, text_of
from claude_auth.formats.numbers import javascript_number, moment
from claude_auth.model import INFERENCE_SCOPE, TokenSet
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import Secret

#: Where an expiry this far ahead is more likely a wrong unit or a typing error than a promise.
YEAR_2100 = 4_102_444_800.0


class Login(NamedTuple):
    """`tokens` as written; `unusable` says why Claude Code would not use them; both None: no login here."""

    tokens: TokenSet | None = None
    unusable: str | None = None


def read_login(document: Document) -> Login:
    """The claude.ai login of a credentials file; any JSON is fine."""
    others = tuple(
        shown_value("mcpOAuth", name, 80) for name in sorted(object_of(document.data.get("mcpOAuth")))
    )
    entry = document.data.get("claudeAiOauth")
    if entry is None:
        return Login(None, "the file holds no claude.ai login")
    if not isinstance(entry, dict):
        return Login(None, "claudeAiOauth is not an object")
    access = entry.get("accessToken")
    if access is not None and not isinstance(access, str):
        return Login(None, "the access token is not text")
    tokens = TokenSet(
        access_token=Secret(access or ""),
        refresh_token=Secret(refresh) if (refresh := text_of(entry.get("refreshToken"))) else None,
        expires_at=_expiry(entry),
        login_deadline=moment(entry["refreshTokenExpiresAt"]) if entry.get("refreshTokenExpiresAt") else None,
        scopes=read_scopes(entry.get("scopes")),
        subscription=_short(entry.get("subscriptionType")),
        rate_limit_tier=_short(entry.get("rateLimitTier")),
        scopes_are_text=isinstance(entry.get("scopes"), str),
        other_grants=others,
        notes=_notes(entry),
    )
    return Login(tokens, _why_unusable(tokens))


def _why_unusable(tokens: TokenSet) -> str | None:
    if tokens.access_token.is_empty:
        if tokens.expires_at == 0:
            return "Claude Code cleared the tokens, which it does after a refresh was rejected"
        return "the access token is empty"
    if not tokens.scopes:
        return "the login has no scopes, so Claude Code does not count it as signed in"
    if not tokens.allows_inference:
        return f"the login lacks the scope {INFERENCE_SCOPE}, so Claude Code does not use it"
    return None


def _expiry(entry: dict[str, object]) -> float | None:
    if entry.get("expiresAt") is None:
        return None
    return moment(entry["expiresAt"])


def read_scopes(value: object) -> tuple[str, ...]:
    """A list, or text with spaces; anything else is no scope."""
    if isinstance(value, str):
        words = value.split()
    elif isinstance(value, list):
        words = [word for word in value if isinstance(word, str)]
    else:
        words = []
    return tuple(shown_value("scopes", word, 100) for word in words[:100])


def _short(value: object) -> str | None:
    return shown_value("claudeAiOauth", value, 60) or None if isinstance(value, str) else None


def _notes(entry: dict[str, object]) -> tuple[str, ...]:
    notes = []
    raw = entry.get("expiresAt")
    number = javascript_number(raw)
    if isinstance(raw, str):
        notes.append("expiresAt is text; Claude Code reads it as a number")
    elif raw is not None and not isinstance(raw, int | float):
        notes.append("expiresAt is not a number")
    if raw is not None and not math.isfinite(number):
        notes.append("expiresAt says no moment, so the token is used as it is")
    elif 1e9 < number < 1e11:
        notes.append(
            "expiresAt looks like seconds; Claude Code reads milliseconds, so the token counts as expired"
        )
    elif number < 0:
        notes.append("expiresAt lies before 1970")
    elif number / 1000 > YEAR_2100:
        notes.append("expiresAt lies after the year 2100")
    if isinstance(entry.get("scopes"), str):
        notes.append(
            "scopes is text instead of a list: Claude Code sends the token, but without the OAuth beta header"
        )
    return tuple(notes)
