"""Who answers for AWS: boto3's provider, and STS's word on whose credentials they are. Runs in `child`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from claude_auth.cloud.child import told

#: Files of boto2's time, which Claude Code doesn't know.
_ONLY_BOTO = ("ec2-credentials-file", "boto-config")


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """`profile` and `region` of the plan; `only`: who may answer. Keys stand in the environment."""
    from botocore.config import Config
    from botocore.session import Session

    known: list[str] = []
    found: dict[str, Any] = {}
    try:
        session = Session(profile=request.get("profile"))
        times = {"connect_timeout": request["connect_timeout"], "read_timeout": request["read_timeout"]}
        session.set_default_client_config(Config(retries={"total_max_attempts": 2}, **times))
        session.set_config_variable("metadata_service_timeout", request["metadata_timeout"])
        session.set_config_variable("metadata_service_num_attempts", 1)
        session.set_config_variable("region", request["region"])
        resolver = session.get_component("credential_provider")
        only = request.get("only")
        for name in [provider.METHOD for provider in resolver.providers]:
            if name in _ONLY_BOTO or (only is not None and name not in only):
                resolver.remove(name)
        credentials = session.get_credentials()
        if credentials is None:
            return {"error": {"class": "NoCredentialsError", "text": ""}}
        found["method"] = credentials.method
        frozen = credentials.get_frozen_credentials()
        known += [text for text in (frozen.secret_key, frozen.token) if text]
        found["access_key_id"] = frozen.access_key
        expiry = getattr(credentials, "_expiry_time", None)  # botocore tells it nowhere else
        found["expires_at"] = expiry.timestamp() if expiry is not None else None
        client = session.create_client("sts", region_name=request["region"])
        found["endpoint"] = client.meta.endpoint_url
        reply = client.get_caller_identity()
    except Exception as error:
        known += [value for name, value in os.environ.items() if name in _SECRET_VARIABLES]
        return {**found, "error": described(error, known)}
    headers = reply["ResponseMetadata"]["HTTPHeaders"]
    return {
        **found,
        "account": reply.get("Account"),
        "arn": reply.get("Arn"),
        "user_id": reply.get("UserId"),
        "date": headers.get("date"),
    }


_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK")


def described(error: Exception, known: list[str]) -> dict[str, Any]:
    """Class, code and operation, and one line of text without secrets."""
    from botocore.exceptions import ClientError

    description: dict[str, Any] = {"class": type(error).__name__, "text": told(str(error), known)}
    if isinstance(error, ClientError):
        response = error.response
        metadata = response.get("ResponseMetadata", {})
        description |= {
            "class": "ClientError",
            "code": str(response.get("Error", {}).get("Code", "")),
            "operation": error.operation_name,
            "text": told(str(response.get("Error", {}).get("Message", "")), known),
            "status": metadata.get("HTTPStatusCode"),
            "date": metadata.get("HTTPHeaders", {}).get("date"),
        }
    return description
