"""Before a token is asked for: the proof key (RFC 7636) and the state, where the browser goes, and a client's
endpoints by its issuer's metadata document (RFC 8414, or OpenID Connect's older place), checked before they
are used.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from claude_auth.formats.document import parse
from claude_auth.oauth import Failure, failure
from claude_auth.oauth.client import ClientAuthentication, OAuthClient, belongs_to_claude, split, url_problem
from claude_auth.oauth.transport import Request, Response, Send, SendNow
from claude_auth.security.secret import Secret

# ── requests ─────────────────────────────────────────────────────────────────────────────────────


def authorize_url(client: OAuthClient, *, state: Secret, challenge: str, redirect_uri: str) -> Secret:
    """Where the browser goes. Spaces become %20, which no server misreads."""
    parameters = [
        ("response_type", "code"),
        ("client_id", client.client_id),
        ("redirect_uri", redirect_uri),
        ("state", state.reveal()),
        ("code_challenge", challenge),
        ("code_challenge_method", METHOD),
    ]
    if client.scopes:
        parameters.append(("scope", " ".join(client.scopes)))
    parameters += client.authorize_parameters
    if "offline_access" in client.scopes and "prompt" not in dict(client.authorize_parameters):
        parameters.append(("prompt", "consent"))  # OpenID Connect Core, section 11
    parts = urlsplit(client.authorize_url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters, quote_via=quote))))
    return Secret(urlunsplit(parts._replace(query=query)))


#: So many random bytes.
Randomness = Callable[[int], bytes]

METHOD = "S256"
_BYTES = 32
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Proof:
    """The verifier stays here until the exchange; the challenge goes into the URL."""

    verifier: Secret
    challenge: str


def base64url(raw: bytes) -> str:
    """Base 64 for URLs without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def challenge_of(verifier: Secret) -> str:
    """The S256 challenge; a verifier that RFC 7636 doesn't allow is refused."""
    if not _VERIFIER.fullmatch(verifier.reveal()):
        raise ValueError("a code verifier has 43 to 128 characters out of A-Z a-z 0-9 - . _ ~")
    return base64url(hashlib.sha256(verifier.reveal().encode("ascii")).digest())


def make_proof(randomness: Randomness = secrets.token_bytes) -> Proof:
    verifier = Secret(base64url(randomness(_BYTES)))
    return Proof(verifier, challenge_of(verifier))


def make_state(randomness: Randomness = secrets.token_bytes) -> Secret:
    """256 bits that tie the answer to this attempt."""
    return Secret(base64url(randomness(_BYTES)))


# ── the issuer's metadata ────────────────────────────────────────────────────────────────────────


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
