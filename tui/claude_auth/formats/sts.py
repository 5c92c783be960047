"""What `awsCredentialExport` may print: two JSON shapes, told apart and checked [behaviour.md section 6]."""

from __future__ import annotations

from dataclasses import dataclass

from claude_auth.formats.document import object_of, parse, text_of
from claude_auth.security.secret import Secret


@dataclass(frozen=True, slots=True)
class ExportedCredentials:
    access_key_id: str
    secret_access_key: Secret
    session_token: Secret | None
    expiration: str | None


def read_exported_credentials(output: str) -> ExportedCredentials | str:
    """The credentials, or the reason in words why Claude Code would not take them."""
    document = parse(output.strip().encode("utf-8", "replace"))
    if document.damage is not None:
        words = {"empty": "it printed nothing"}
        return words.get(document.damage.code, "it printed something that is not JSON")
    nested = document.data.get("Credentials")
    entry = object_of(nested) if nested is not None else document.data
    key, secret = text_of(entry.get("AccessKeyId")), text_of(entry.get("SecretAccessKey"))
    token = text_of(entry.get("SessionToken"))
    missing = [
        name
        for name, value in (("AccessKeyId", key), ("SecretAccessKey", secret), ("SessionToken", token))
        if not value
    ]
    if not key or not secret or not token:
        return "its JSON lacks " + ", ".join(missing)
    return ExportedCredentials(key, Secret(secret), Secret(token), text_of(entry.get("Expiration")))
