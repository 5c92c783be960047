"""The file of Google's Application Default Credentials: its kind and whose it is."""

from __future__ import annotations

from claude_auth.formats.document import JsonObject, text_of
from claude_auth.security.sanitize import clean

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
    return clean(value, 120) or None if value else None
