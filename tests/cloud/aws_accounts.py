"""Bedrock by a single sign-on: what is set, and its session as a file of a made-up home."""

from __future__ import annotations

import json
from pathlib import Path

from claude_auth.formats.cloud_files import cache_name
from tests.cloud.machines import SECRET, CloudMachine, iso

BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-central-1"}
CORP = (
    "[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Developer\n"
    "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"
)


def signed_in(made: CloudMachine, token: str, **changes: object) -> Path:
    entry = {
        "accessToken": token,
        "startUrl": "https://corp.awsapps.com/start",
        "region": "us-east-1",
        "expiresAt": iso(3600),
        "clientId": "stand-in",
        "clientSecret": SECRET,
        "registrationExpiresAt": iso(86400),
        **changes,
    }
    return made.write(f".aws/sso/cache/{cache_name('corp')}", json.dumps(entry))
