"""AWS single sign-on: the sessions of the config file, and the cache of tokens that `aws sso login` leaves.

Only what may be shown is kept: no access token, no refresh token, no client secret.
"""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from claude_auth.formats.aws_files import parsed
from claude_auth.formats.document import JsonObject, decode, parse, text_of
from claude_auth.model import Damage
from claude_auth.security.sanitize import shown_value

TokenState = Literal["live", "refreshable", "expired", "missing", "damaged"]


@dataclass(frozen=True, slots=True)
class SsoToken:
    """One file of the cache. `can_refresh` needs a refresh token and the client that it belongs to."""

    start_url: str | None = None
    region: str | None = None
    expires_at: float | None = None
    can_refresh: bool = False
    registration_ends_at: float | None = None
    damage: Damage | None = None

    def state(self, now: float, *, by_session: bool) -> TokenState:
        """Only a token of an `[sso-session]` is refreshed; the older kind needs a new login."""
        if self.damage is not None:
            return "missing" if self.damage.is_missing else "damaged"
        if self.expires_at is not None and self.expires_at > now:
            return "live"
        registered = self.registration_ends_at is None or self.registration_ends_at > now
        return "refreshable" if by_session and self.can_refresh and registered else "expired"


NOT_THERE = SsoToken(damage=Damage("missing", "there is no token of this sign-in"))


def cache_name(session_or_start_url: str) -> str:
    """The file for a session's name, or for the start URL of the older kind."""
    import hashlib  # brings 5 MB of OpenSSL along

    return hashlib.sha1(session_or_start_url.encode(), usedforsecurity=False).hexdigest() + ".json"


def read_sso_token(content: bytes) -> SsoToken | None:
    """A token of the cache; None for the other files that lie there (client registrations)."""
    document = parse(content)
    if document.damage is not None:
        return SsoToken(damage=document.damage)
    data = document.data
    if not text_of(data.get("accessToken")):
        return None
    can_refresh = all(text_of(data.get(name)) for name in ("refreshToken", "clientId", "clientSecret"))
    token = SsoToken(
        start_url=_shown(data, "startUrl"),
        region=_shown(data, "region"),
        expires_at=moment(data.get("expiresAt")),
        can_refresh=can_refresh,
        registration_ends_at=moment(data.get("registrationExpiresAt")),
    )
    if token.expires_at is None:
        return replace(token, damage=Damage("wrong-type", "its expiresAt is no moment"))
    return token


def _shown(data: JsonObject, name: str) -> str | None:
    value = text_of(data.get(name))
    return shown_value(name, value, 200) or None if value else None


def moment(value: object) -> float | None:
    """Seconds since the epoch from ISO 8601 with a zone, or the older `…UTC`; None for anything else."""
    text = text_of(value) or ""
    if text.endswith("UTC"):
        text = text[:-3] + "Z"
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def read_sso_sessions(content: bytes) -> Mapping[str, Mapping[str, str]]:
    """`[sso-session NAME]` of the config file → its keys; a damaged file is told about elsewhere."""
    text, damage = decode(content)
    try:
        parser = parsed("" if damage is not None else text)
    except configparser.Error:
        return {}
    found = {}
    for heading in parser.sections():
        words = heading.split(None, 1)
        if len(words) == 2 and words[0] == "sso-session":
            keys = {key: (value or "").strip() for key, value in parser.items(heading)}
            found[words[1].strip().strip("\"'")] = keys
    return found
