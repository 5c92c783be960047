"""Token sets in files [behaviour.md section 3]: Claude Code's `.credentials.json`, and our own file in the
shape of the SDK's `~/.claude_code/tokens.json`. Claw's files and Anthropic profiles use the same OAuth
names, so one reader serves all three.
"""

from __future__ import annotations

import json
import math
import re

from claude_auth.formats.document import (
    Document,
    JsonObject,
    javascript_number,
    moment,
    object_of,
    sent_text,
    text_of,
)
from claude_auth.model import INFERENCE_SCOPE, McpLogin, TokenSet
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import clean, shown_value
from claude_auth.security.secret import Secret

#: Where an expiry this far ahead is more likely a wrong unit or a typing error than a promise.
YEAR_2100 = 4_102_444_800.0


class Login(NamedTuple):
    """`tokens` as written; `unusable` says why Claude Code would not use them; both None: no login here.
    `mcp` and `organization_id`: what stands beside it."""

    tokens: TokenSet | None = None
    unusable: str | None = None
    mcp: tuple[McpLogin, ...] = ()
    organization_id: str | None = None


def read_login(document: Document) -> Login:
    """The claude.ai login of a credentials file, and what stands beside it; any JSON is fine."""
    organization, entry = document.data.get("organizationUuid"), document.data.get("claudeAiOauth")
    at_top = entry is None and any(document.data.get(name) for name in ("accessToken", "access_token"))
    login = Login(None, "its tokens do not stand in claudeAiOauth") if at_top else _claude_login(entry)
    return login._replace(
        mcp=read_mcp_logins(document.data.get("mcpOAuth")), organization_id=_short(organization)
    )


def _claude_login(entry: object) -> Login:
    if entry is None:
        return Login(None, "the file holds no claude.ai login")
    if not isinstance(entry, dict):
        return Login(None, "claudeAiOauth is not an object")
    access, refresh = entry.get("accessToken"), entry.get("refreshToken")
    renews = not isinstance(refresh, list | dict) and sent_text(refresh)
    tokens = TokenSet(
        access_token=Secret(sent_text(access)),
        refresh_token=Secret(renews) if renews else None,
        expires_at=None if entry.get("expiresAt") is None else moment(entry["expiresAt"]),
        login_deadline=moment(entry["refreshTokenExpiresAt"]) if entry.get("refreshTokenExpiresAt") else None,
        scopes=read_scopes(entry.get("scopes")),
        subscription=_short(entry.get("subscriptionType")),
        rate_limit_tier=_short(entry.get("rateLimitTier")),
        scopes_are_text=isinstance(entry.get("scopes"), str),
        notes=_notes(entry),
    )
    return Login(tokens, _why_unusable(tokens))


def read_mcp_logins(value: object) -> tuple[McpLogin, ...]:
    """By server. The key is its name, a bar and a hash of its configuration; an entry without any token was
    made when the server was registered, or emptied when it refused [2.1.332]."""
    entries = object_of(value)
    return tuple(_mcp_login(key, object_of(entries[key])) for key in sorted(entries))


def _mcp_login(key: str, entry: JsonObject) -> McpLogin:
    name = text_of(entry.get("serverName")) or key.rpartition("|")[0] or key
    address = re.match(r"[a-z]+://(?:[^/?#@]*@)?([^/?#@]+)", text_of(entry.get("serverUrl")) or "", re.I)
    login = McpLogin(
        shown_value("mcpOAuth", name, 80), shown_value("host", address[1], 100) if address else None
    )
    access, refresh = text_of(entry.get("accessToken")), text_of(entry.get("refreshToken"))
    if not access and not refresh:
        return login
    expires_at = None if entry.get("expiresAt") is None else moment(entry["expiresAt"])
    tokens = TokenSet(
        Secret(access or ""),
        Secret(refresh) if refresh else None,
        expires_at,
        scopes=read_scopes(entry.get("scope")),
    )
    return login._replace(tokens=tokens)


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


def read_scopes(value: object) -> tuple[str, ...]:
    """A list, or text with spaces; anything else is no scope. One in a list that has blanks around it is
    another one, and shown so."""
    if isinstance(value, str):
        words = value.split()
    elif isinstance(value, list):
        words = [word if word == word.strip() else repr(word) for word in value if isinstance(word, str)]
    else:
        words = []
    return tuple(shown_value("scopes", word, 100) for word in words[:100])


def _short(value: object) -> str | None:
    return shown_value("claudeAiOauth", value, 60) or None if isinstance(value, str) else None


def _notes(entry: dict[str, object]) -> tuple[str, ...]:
    notes = []
    if not isinstance(entry.get("accessToken"), str | None):
        notes.append("the access token is not text; Claude Code sends what JavaScript makes of it")
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


# ── our own, claw's and a profile's ──────────────────────────────────────────────────────────────

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
        token_type=_cleaned(data.get("token_type")),
        issued_at=_moment(data.get("issued_at")),
        client_id=_cleaned(data.get("client_id")),
        token_url=_cleaned(data.get("token_url")),
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


def _cleaned(value: object) -> str | None:
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
