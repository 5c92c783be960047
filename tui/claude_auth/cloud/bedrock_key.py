"""What a Bedrock API key tells about itself: a short-term one is a signed address, a long-term one names its
user. Only identifiers come out."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import parse_qs

from claude_auth.cloud.aws.files import AwsSeen
from claude_auth.cloud.aws.routes import CloudProblem, CredentialRoute
from claude_auth.security.sanitize import shown_value
from claude_auth.words import left, span

#: Where requests go to a gateway, that decides what a key looks like.
_GATEWAYS = ("ANTHROPIC_BEDROCK_BASE_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL")

SHORT_TERM, LONG_TERM = "bedrock-api-key-", "ABSK"


@dataclass(frozen=True, slots=True)
class BedrockKey:
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
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _short_term(address: str) -> BedrockKey:
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


def bearer_route(value: str, seen: AwsSeen) -> CredentialRoute:
    """The key in words, and what is wrong with it here."""
    key = read_bedrock_key(value)
    if key.kind == "unknown" and any(seen.variable(name) for name in _GATEWAYS):
        return CredentialRoute("bearer", "a token for the gateway that stands in for Bedrock")
    if key.kind == "unknown":
        text = (
            "AWS_BEARER_TOKEN_BEDROCK starts neither with ABSK nor with bedrock-api-key-, as every key does"
        )
        return CredentialRoute(
            "bearer", "a Bedrock API key of an unknown form", problems=(CloudProblem(text),)
        )
    if key.kind == "long-term":
        return CredentialRoute("bearer", f"a long-term Bedrock API key of {key.user or 'an unknown user'}")
    problems = []
    lasts = ""
    if key.expires_at is not None:
        rest = key.expires_at - seen.now
        lasts = f", at most {left(rest)}" if rest > 0 else ""
        if rest <= 0:
            problems.append(CloudProblem(f"the short-term Bedrock API key expired {span(-rest)} ago"))
    if key.region and key.region != seen.region[0]:
        words = f"the Bedrock API key is for {key.region}, and requests go to {seen.region[0]}"
        problems.append(CloudProblem(words))
    label = f"a short-term Bedrock API key of {key.access_key_id or '?'}{lasts}"
    return CredentialRoute("bearer", label, key.access_key_id, problems=tuple(problems))
