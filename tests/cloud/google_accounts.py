"""Google's credentials as files, with a private key of the tests' own, and its refusals."""

from __future__ import annotations

from functools import cache

from tests.cloud.machines import SECRET, SESSION

ADC = ".config/gcloud/application_default_credentials.json"
USER = {
    "type": "authorized_user",
    "client_id": "1.apps.googleusercontent.com",
    "client_secret": SECRET,
    "refresh_token": SESSION,
    "account": "person@example.org",
    "quota_project_id": "billed",
}
PROJECT = {"ANTHROPIC_VERTEX_PROJECT_ID": "mine"}
#: The inside of the test's own private key: no piece of it may turn up anywhere.
KEY_LINES: list[str] = []


@cache
def private_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    KEY_LINES.extend(text.splitlines()[1:-1])
    return text


def service_account(
    endpoint: str = "https://oauth2.googleapis.com/token", **changes: object
) -> dict[str, object]:
    return {
        "type": "service_account",
        "project_id": "robots",
        "private_key_id": "abc123",
        "private_key": private_key(),
        "client_email": "robot@robots.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": endpoint,
        **changes,
    }


RAPT = {
    "error": "invalid_grant",
    "error_description": "reauth related error (invalid_rapt)",
    "error_subtype": "invalid_rapt",
}
REVOKED = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
