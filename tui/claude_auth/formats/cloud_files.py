"""Files and keys of AWS and Google: the shared AWS files with their profiles and sessions, the cache of
single sign-on, a Bedrock API key, the file of Application Default Credentials.

Only what may be shown is kept: no access token, no refresh token, no client secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from claude_auth.formats.document import JsonObject, decode, object_of, parse, text_of
from claude_auth.model import AwsProfile, AwsProvider, Damage, Origin
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from configparser import ConfigParser

_SECRET_KEYS = ("aws_secret_access_key", "aws_session_token", "aws_security_token")

Sections = dict[str, dict[str, str]]


def read_sections(content: bytes, *, is_config: bool) -> tuple[Sections, Damage | None]:
    """Profile name → keys in lower case. In the config file a profile is `[profile NAME]` or `[default]`."""
    import configparser  # few machines have these files

    text, damage = decode(content)
    if damage is not None:
        return {}, None if damage.code == "empty" else damage
    try:
        parser = parsed(text)
    except configparser.MissingSectionHeaderError as error:
        return {}, Damage("not-ini", f"line {error.lineno} stands before any [profile]", error.lineno)
    except configparser.ParsingError as error:
        line = error.errors[0][0] if error.errors else None
        return {}, Damage("not-ini", f"line {line} is not NAME = VALUE", line)
    except configparser.Error:
        return {}, Damage("not-ini", "the file is not an AWS configuration file")
    sections: Sections = {}
    for heading in parser.sections():
        name = _profile_name(heading, is_config)
        if name is not None:
            sections[name] = {key: (value or "").strip() for key, value in parser.items(heading)}
    return sections, None


def parsed(text: str) -> ConfigParser:
    """Raises `configparser.Error`."""
    import configparser

    parser = configparser.ConfigParser(
        interpolation=None, strict=False, allow_no_value=True, delimiters=("=",), default_section="\0"
    )
    try:
        parser.read_string(text)
    except configparser.MissingSectionHeaderError:
        raise
    except (AttributeError, configparser.ParsingError) as error:
        # An indented line below a name without a value: an AttributeError before Python 3.13, since then an
        # error without a list of lines.
        if getattr(error, "errors", None):
            raise
        raise configparser.Error("a line goes on, and nothing was begun") from None
    return parser


def _profile_name(heading: str, is_config: bool) -> str | None:
    words = heading.split(None, 1)
    if is_config and len(words) == 2 and words[0] == "profile":
        return words[1].strip().strip("\"'")
    if is_config and heading.strip() != "default":
        return None  # sso-session, services, plugins
    return heading.strip()


def merge(
    config: Sections, credentials: Sections, config_path: str, credentials_path: str
) -> dict[str, AwsProfile]:
    """One profile per name; keys of the credentials file win, as in AWS's own SDKs."""
    profiles = {}
    for name in [*credentials, *(name for name in config if name not in credentials)]:
        both = {**config.get(name, {}), **credentials.get(name, {})}
        in_credentials = "aws_access_key_id" in credentials.get(name, {})
        key = both.get("aws_access_key_id") or None
        profiles[name] = AwsProfile(
            name=shown_value("profile", name, 80),
            access_key_id=shown_value("aws_access_key_id", key, 40) if key else None,
            has_secret=bool(both.get("aws_secret_access_key")),
            region=config.get(name, {}).get("region") or credentials.get(name, {}).get("region") or None,
            provider=_provider(both),
            origin=Origin("file", path=credentials_path if in_credentials else config_path),
            secrets=tuple(
                Secret(value)
                for keys in (credentials.get(name, {}), config.get(name, {}))
                for key in _SECRET_KEYS
                if (value := keys.get(key))
            ),
        )
    return profiles


def _provider(keys: dict[str, str]) -> AwsProvider:
    """Which provider AWS's JavaScript SDK asks for a profile, in the order of its published code."""
    if keys.get("role_arn") and (keys.get("source_profile") or keys.get("credential_source")):
        return "assume-role"
    if keys.get("aws_access_key_id") and keys.get("aws_secret_access_key"):
        return "static"
    if keys.get("web_identity_token_file") and keys.get("role_arn"):
        return "web-identity"
    if keys.get("credential_process"):
        return "process"
    if keys.get("sso_session") or keys.get("sso_start_url"):
        return "sso"
    if keys.get("login_session"):
        return "login"
    return "none"


TokenState = Literal["live", "refreshable", "expired", "missing", "damaged"]


class SsoToken(NamedTuple):
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
        expires_at=moment_of_text(data.get("expiresAt")),
        can_refresh=can_refresh,
        registration_ends_at=moment_of_text(data.get("registrationExpiresAt")),
    )
    if token.expires_at is None:
        return token._replace(damage=Damage("wrong-type", "its expiresAt is no moment"))
    return token


def _shown(data: JsonObject, name: str) -> str | None:
    value = text_of(data.get(name))
    return shown_value(name, value, 200) or None if value else None


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


def read_sso_sessions(content: bytes) -> Mapping[str, Mapping[str, str]]:
    """`[sso-session NAME]` of the config file → its keys; a damaged file is told about elsewhere."""
    import configparser

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


def read_field(data: JsonObject, name: str) -> str | None:
    value = text_of(data.get(name))
    return shown_value(name, value, 120) or None if value else None


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
