"""Refreshing and revoking, one request each, and finding a client's endpoints by its issuer's metadata
document (RFC 8414, or OpenID Connect's older place). Whether and when is the coordinator's to decide."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any, Literal, cast
from urllib.parse import urlsplit, urlunsplit

from claude_auth.formats.document import parse
from claude_auth.model import TokenSet
from claude_auth.oauth import Failure, failure
from claude_auth.oauth.configuration import (
    ClientAuthentication,
    OAuthClient,
    belongs_to_claude,
    split,
    url_problem,
)
from claude_auth.oauth.messages import (
    METHOD,
    Request,
    Response,
    read_revocation_response,
    read_token_response,
    refresh_request,
    revocation_request,
)
from claude_auth.oauth.transport import Send, SendNow, send_now
from claude_auth.security.secret import Secret

Clock = Callable[[], float]


def refresh(
    client: OAuthClient,
    tokens: TokenSet,
    *,
    send: SendNow = send_now,
    clock: Clock = time.time,
    on_sent: Callable[[], None] | None = None,
) -> TokenSet:
    """The new token set. Never repeats a request; raises `Failure`, which says whether the old token may be
    used up. `on_sent` is called before the first byte of the refresh itself."""
    answer = _refreshed(client, tokens, send, clock, on_sent)
    if isinstance(answer, Failure):
        raise answer
    return answer


def _refreshed(
    client: OAuthClient, tokens: TokenSet, send: SendNow, clock: Clock, on_sent: Callable[[], None] | None
) -> TokenSet | Failure:
    request = refresh_request(client, tokens)
    if isinstance(request, Failure):
        return request
    complete = complete_now(client, send)
    if isinstance(complete, Failure):
        return complete
    if client.needs_discovery:
        request = refresh_request(complete, tokens)
        assert not isinstance(request, Failure)
    answer = send(replace(request, on_sent=on_sent))
    if isinstance(answer, Failure):
        return answer
    return read_token_response(
        complete, answer, now=clock(), purpose="refresh", previous=tokens, secrets=request.secrets
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


_OAUTH = "/.well-known/oauth-authorization-server"
_OPENID = "/.well-known/openid-configuration"


def metadata_urls(issuer: str) -> tuple[str, ...]:
    """Where the document may lie, in the order in which it is looked for: the well-known part goes between
    host and path (RFC 8414), or after the path (OpenID Connect Discovery)."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    places = (f"{_OAUTH}{path}", f"{path}{_OPENID}", f"{_OPENID}{path}")
    return tuple(dict.fromkeys(urlunsplit(parts._replace(path=place)) for place in places))


def apply_metadata(client: OAuthClient, response: Response) -> OAuthClient | Failure:
    """The client with the endpoints that it lacks; what the user configured stays."""
    document = parse(response.body)
    if response.status != 200 or document.damage is not None:
        return failure("metadata", reason="it is no JSON object")
    data = document.data
    if data.get("issuer") != client.issuer:
        return failure("metadata", reason="it names another issuer than the one that was asked for")
    methods = data.get("code_challenge_methods_supported")
    if not isinstance(methods, list) or METHOD not in methods:
        return failure("metadata", reason="it doesn't list S256 among the code_challenge_methods_supported")
    kinds = data.get("response_types_supported", ["code"])
    if not isinstance(kinds, list) or "code" not in kinds:
        return failure("metadata", reason="the server has no authorization code flow")
    endpoints: dict[str, Any] = {}
    for name, key in (
        ("authorize_url", "authorization_endpoint"),
        ("token_url", "token_endpoint"),
        ("revocation_url", "revocation_endpoint"),
    ):
        if getattr(client, name):
            continue
        value = data.get(key)
        if value is None and name == "revocation_url":
            continue
        problem = url_problem(value) if isinstance(value, str) else "is missing"
        parts = split(value) if isinstance(value, str) else None
        if problem is None and belongs_to_claude(parts.hostname if parts else None):
            problem = "names a Claude account's own server"
        if problem is not None:
            return failure("metadata", reason=f"{key} {problem}")
        endpoints[name] = value
    return replace(
        client,
        **endpoints,
        client_authentication=client.client_authentication or _authentication(client, data),
        names_issuer=data.get("authorization_response_iss_parameter_supported") is True,
    )


def _authentication(client: OAuthClient, data: dict[str, Any]) -> ClientAuthentication | None:
    """The header wherever the server takes it, as RFC 6749 recommends."""
    methods = data.get("token_endpoint_auth_methods_supported")
    if client.client_secret is None or not isinstance(methods, list):
        return None
    if "client_secret_post" in methods and "client_secret_basic" not in methods:
        return "post"
    return "basic" if "client_secret_basic" in methods else None


def _look(client: OAuthClient) -> Generator[Request, Response | Failure, OAuthClient | Failure]:
    """The requests one after another, the client with its endpoints in the end; who sends them is the
    caller's affair. A client that has its endpoints needs none."""
    if not client.needs_discovery:
        return client
    if client.issuer is None:
        return failure("not-configured", reason="neither endpoints nor an issuer")
    status = None
    for url in metadata_urls(client.issuer):
        answer = yield Request("GET", url, {"Accept": "application/json"})
        if isinstance(answer, Failure):
            return answer.but(may_have_reached_the_server=False)
        status = answer.status
        if status == 200 and answer.is_json:
            return apply_metadata(client, answer)
        if status >= 500 or status in {407, 429}:
            return failure("metadata", reason=f"status {status}", status=status)
    return failure("metadata", reason="there is none", status=status)


async def complete(client: OAuthClient, send: Send) -> OAuthClient | Failure:
    """A client that has its endpoints: as it is, or after a look at the issuer's document."""
    look = _look(client)
    answer: Any = None
    while True:
        try:
            request = look.send(answer)
        except StopIteration as end:
            return cast(OAuthClient | Failure, end.value)
        answer = await send(request)


def complete_now(client: OAuthClient, send: SendNow) -> OAuthClient | Failure:
    """The same without an event loop."""
    look = _look(client)
    answer: Any = None
    while True:
        try:
            request = look.send(answer)
        except StopIteration as end:
            return cast(OAuthClient | Failure, end.value)
        answer = send(request)
