"""Refreshing and revoking: one request each. Whether and when is the coordinator's to decide."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from claude_auth.model import TokenSet
from claude_auth.oauth.configuration import OAuthClient
from claude_auth.oauth.discovery import complete_now
from claude_auth.oauth.failures import Failure
from claude_auth.oauth.messages import (
    read_revocation_response,
    read_token_response,
    refresh_request,
    revocation_request,
)
from claude_auth.oauth.transport import SendNow, send_now
from claude_auth.security.secret import Secret

Clock = Callable[[], float]


def refresh(
    client: OAuthClient,
    tokens: TokenSet,
    *,
    send: SendNow = send_now,
    clock: Clock = time.time,
    on_sent: Callable[[], None] | None = None,
) -> TokenSet | Failure:
    """The new token set. Never repeats a request; the failure says whether the old token may be used up.
    `on_sent` is called before the first byte of the refresh itself."""
    request = refresh_request(client, tokens)
    if isinstance(request, Failure):
        return request
    if client.needs_discovery:
        complete = complete_now(client, send)
        if isinstance(complete, Failure):
            return complete
        return refresh(complete, tokens, send=send, clock=clock, on_sent=on_sent)
    answer = send(replace(request, on_sent=on_sent))
    if isinstance(answer, Failure):
        return answer
    return read_token_response(
        client, answer, now=clock(), purpose="refresh", previous=tokens, secrets=request.secrets
    )


def revoke(
    client: OAuthClient,
    token: Secret,
    hint: Literal["access_token", "refresh_token"],
    *,
    send: SendNow = send_now,
    clock: Clock = time.time,
) -> Failure | None:
    """None once the server no longer accepts the token."""
    if client.revocation_url is None and client.needs_discovery:
        complete = complete_now(client, send)
        if isinstance(complete, Failure):
            return complete
        client = complete
    request = revocation_request(client, token, hint)
    if isinstance(request, Failure):
        return request
    answer = send(request)
    if isinstance(answer, Failure):
        return answer
    return read_revocation_response(answer, now=clock(), secrets=request.secrets)
