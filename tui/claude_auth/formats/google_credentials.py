"""The file of Google's Application Default Credentials: its kind and whose it is."""

from __future__ import annotations

from claude_auth.formats.document import JsonObject, object_of, text_of
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import Secret

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
