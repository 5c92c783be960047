"""Files and keys of AWS and Google: the cache of single sign-on, a Bedrock API key, the file of Application
Default Credentials.

Only what may be shown is kept: no access token, no refresh token, no client secret.
"""

from __future__ import annotations

from typing import Literal

from claude_auth.formats.document import JsonObject, object_of, parse, text_of
from claude_auth.model import Damage
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import Secret

TokenState = Literal["live", "refreshable", "expired", "missing", "damaged"]


_REFRESHED_BEFORE = 5 * 60


class SsoToken(NamedTuple):
    """One file of the cache. `can_refresh` needs a refresh token and the client that it belongs to."""

    start_url: str | None = None
    region: str | None = None
    expires_at: float | None = None
    can_refresh: bool = False
    registration_ends_at: float | None = None
    damage: Damage | None = None

    def state(self, now: float, *, by_session: bool) -> TokenState:
        """Only a token of an `[sso-session]` is refreshed, in its last five minutes; the older kind needs a
        new login."""
        if self.damage is not None:
            return "missing" if self.damage.is_missing else "damaged"
        if self.expires_at is not None and self.expires_at > now + (_REFRESHED_BEFORE if by_session else 0):
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
        start_url=read_field(data, "startUrl", 200),
        region=read_field(data, "region", 200),
        expires_at=moment_of_text(data.get("expiresAt")),
        can_refresh=can_refresh,
        registration_ends_at=moment_of_text(data.get("registrationExpiresAt")),
    )
    if token.expires_at is None:
        return token._replace(damage=Damage("wrong-type", "its expiresAt is no moment"))
    return token


def moment_of_text(value: object) -> float | None:
    """Seconds since the epoch from ISO 8601 with a zone, or the older `…UTC`; None for anything else."""
    from datetime import UTC, datetime

    text = text_of(value) or ""
    if text.endswith("UTC"):
        text = text[:-3] + "Z"
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


KINDS = {
    "authorized_user": "user",
    "service_account": "service account",
    "external_account": "workload identity federation",
    "external_account_authorized_user": "workforce identity",
    "impersonated_service_account": "impersonated service account",
    "gdch_service_account": "GDC service account",
}


def read_kind(data: JsonObject) -> str | None:
    """The kind in words, None where `type` is not one that Google's libraries load."""
    return KINDS.get(text_of(data.get("type")) or "")


def read_field(data: JsonObject, name: str, limit: int = 120) -> str | None:
    value = text_of(data.get(name))
    return shown_value(name, value, limit) or None if value else None


_SECRET_FIELDS = ("private_key", "refresh_token", "client_secret", "access_token")


def read_secrets(data: JsonObject) -> tuple[Secret, ...]:
    """The values that must not be shown, of these credentials and of those that they start from."""
    places = (data, object_of(data.get("source_credentials")))
    return tuple(
        Secret(value) for place in places for name in _SECRET_FIELDS if (value := text_of(place.get(name)))
    )


# ── a Bedrock API key ────────────────────────────────────────────────────────────────────────────

SHORT_TERM, LONG_TERM = "bedrock-api-key-", "ABSK"


class BedrockKey(NamedTuple):
    """`unknown`: none of the two shapes, which Bedrock refuses. A short-term key works in one region only."""

    kind: Literal["short-term", "long-term", "unknown"]
    access_key_id: str | None = None
    region: str | None = None
    expires_at: float | None = None
    user: str | None = None


def read_bedrock_key(value: str) -> BedrockKey:
    """Never raises."""
    value = value.strip()
    if value.startswith(SHORT_TERM):
        return _short_term(_decoded(value.removeprefix(SHORT_TERM)))
    if value.startswith(LONG_TERM):
        user, colon, _ = _decoded(value.removeprefix(LONG_TERM)).partition(":")
        return BedrockKey(
            "long-term", user=shown_value("user", user, 120) if colon and user.isascii() else None
        )
    return BedrockKey("unknown")


def _decoded(text: str) -> str:
    import base64
    import binascii

    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _short_term(address: str) -> BedrockKey:
    from datetime import UTC, datetime
    from urllib.parse import parse_qs

    query = {name: values[0] for name, values in parse_qs(address.partition("?")[2]).items()}
    scope = query.get("X-Amz-Credential", "").split("/")
    expires_at = None
    try:
        signed = datetime.strptime(query.get("X-Amz-Date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        expires_at = signed.timestamp() + int(query.get("X-Amz-Expires", ""))
    except (ValueError, OverflowError):
        pass
    return BedrockKey(
        "short-term",
        access_key_id=shown_value("access_key_id", scope[0], 40) or None,
        region=shown_value("region", scope[2], 40) if len(scope) > 2 else None,
        expires_at=expires_at,
    )
