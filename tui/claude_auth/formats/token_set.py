"""Our own token file, the shape of the SDK's `~/.claude_code/tokens.json` [seed 000, behaviour.md section 3].

Claw's files and Anthropic profiles use the same OAuth names, so one reader serves all three.
"""

from __future__ import annotations

import json
import math

from claude_auth.formats.credentials import read_scopes
from claude_auth.formats.document import JsonObject, text_of
from claude_auth.formats.numbers import javascript_number
from claude_auth.model import TokenSet
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret

#: A larger number is milliseconds: seconds will reach it in the year 5138.
_MILLISECONDS_FROM = 1e11

#: Each field's own name, and the one that files in Claude Code's manner use.
_ACCESS = ("access_token", "accessToken")
_REFRESH = ("refresh_token", "refreshToken")
_EXPIRES = ("expires_at", "expiresAt")
_SCOPES = ("scope", "scopes")


def read_token_set(data: JsonObject) -> TokenSet | None:
    """The token set in an object, None where it holds no access token."""
    access = _either(data, _ACCESS)
    if not access:
        return None
    refresh = _either(data, _REFRESH)
    return TokenSet(
        access_token=Secret(access),
        refresh_token=Secret(refresh) if refresh else None,
        expires_at=_moment(data.get("expires_at", data.get("expiresAt"))),
        login_deadline=_moment(data.get("refresh_token_expires_at")),
        scopes=read_scopes(data.get("scope", data.get("scopes"))),
        token_type=_short(data.get("token_type")),
        issued_at=_moment(data.get("issued_at")),
        client_id=_short(data.get("client_id")),
        token_url=_short(data.get("token_url")),
    )


def write_token_set(document: JsonObject, tokens: TokenSet) -> bytes:
    """`document` with the fields of `tokens` in place of its own; what we don't know stays as it is.

    A field that `tokens` lacks goes: an old refresh token beside a new access token would be another login's.
    The file's own spelling and unit of a field are kept, since whoever wrote it will read it again.
    """
    data = dict(document)
    refresh = tokens.refresh_token
    _put(data, _ACCESS, tokens.access_token.reveal())
    _put(data, _REFRESH, refresh.reveal() if refresh is not None and not refresh.is_empty else None)
    _put(data, _EXPIRES, _number_like(data, _EXPIRES, tokens.expires_at))
    _put(data, ("refresh_token_expires_at",), _number(tokens.login_deadline))
    _put(data, _SCOPES, _scopes_like(data, tokens.scopes))
    _put(data, ("token_type",), tokens.token_type)
    _put(data, ("issued_at",), _number(tokens.issued_at))
    _put(data, ("client_id",), tokens.client_id)
    _put(data, ("token_url",), tokens.token_url)
    # ASCII alone: a lone surrogate from somebody's escape is kept and cannot fail on the way to the disk.
    return (json.dumps(data, indent=2, allow_nan=False) + "\n").encode("ascii")


def _either(data: JsonObject, names: tuple[str, ...]) -> str | None:
    return next((text for name in names if (text := text_of(data.get(name)))), None)


def _moment(raw: object) -> float | None:
    number = javascript_number(raw)
    if raw is None or not math.isfinite(number):
        return None
    return number / 1000 if number > _MILLISECONDS_FROM else number


def _short(value: object) -> str | None:
    return clean(value, 2000) or None if isinstance(value, str) else None


def _spelling(data: JsonObject, names: tuple[str, ...]) -> str:
    return next((name for name in names if name in data), names[0])


def _put(data: JsonObject, names: tuple[str, ...], value: object) -> None:
    """Under one name alone: a second spelling with an older value would be somebody's truth."""
    name = _spelling(data, names)
    for other in names:
        if other != name or value is None:
            data.pop(other, None)
    if value is not None:
        data[name] = value


def _number(moment: float | None) -> int | float | None:
    if moment is None or not math.isfinite(moment):
        return None
    return int(moment) if float(moment).is_integer() else moment


def _number_like(data: JsonObject, names: tuple[str, ...], moment: float | None) -> int | float | None:
    before = javascript_number(data.get(_spelling(data, names)))
    if moment is not None and math.isfinite(before) and before > _MILLISECONDS_FROM:
        return round(moment * 1000)
    return _number(moment)


def _scopes_like(data: JsonObject, scopes: tuple[str, ...]) -> str | list[str] | None:
    if not scopes:
        return None
    return list(scopes) if isinstance(data.get(_spelling(data, _SCOPES)), list) else " ".join(scopes)
