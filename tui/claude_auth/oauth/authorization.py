"""Before a token is asked for: the OAuth client that the user configured and which URLs may be one of its
endpoints, the proof key (RFC 7636) and the state, where the browser goes, and a client's endpoints by its
issuer's metadata document (RFC 8414, or OpenID Connect's older place), checked before they are used.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, Literal, cast
from urllib.parse import SplitResult, quote, urlencode, urlsplit, urlunsplit

from claude_auth.formats.document import parse
from claude_auth.oauth import Failure, failure
from claude_auth.oauth.transport import Request, Response, Send, SendNow, is_loopback_host
from claude_auth.security.secret import Secret

TokenRequestFormat = Literal["form", "json"]
ClientAuthentication = Literal["basic", "post"]

DEFAULT_REDIRECT_URI = "http://localhost:8089/callback"


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """One OAuth client. Empty endpoints are found through the issuer's metadata.

    `any_port`: the server allows any port of a loopback redirect (RFC 8252, section 7.3).
    `client_authentication`: how the secret travels; None: in the header, or in the body of a JSON request.
    `base_url`: the one place where an access token of this client may be sent.
    """

    client_id: str
    client_secret: Secret | None = None
    redirect_uri: str = DEFAULT_REDIRECT_URI
    authorize_url: str = ""
    token_url: str = ""
    revocation_url: str | None = None
    scopes: tuple[str, ...] = ()
    issuer: str | None = None
    token_request_format: TokenRequestFormat = "form"
    base_url: str | None = None
    any_port: bool = False
    client_authentication: ClientAuthentication | None = None
    authorize_parameters: tuple[tuple[str, str], ...] = ()
    #: The metadata says that every answer names its issuer (RFC 9207).
    names_issuer: bool = False

    @property
    def needs_discovery(self) -> bool:
        return not (self.authorize_url and self.token_url)

    @property
    def has_loopback_redirect(self) -> bool:
        """Whether the browser comes back to this computer; otherwise a page shows a code to paste."""
        parts = split(self.redirect_uri)
        return parts is not None and parts.scheme == "http" and is_loopback_host(parts.hostname)


#: Sign-in to a Claude account completes through Anthropic's own flow, so these hosts are not for our engine.
CLAUDE_DOMAINS = ("anthropic.com", "claude.ai", "claude.com")


def belongs_to_claude(host: str | None) -> bool:
    name = (host or "").lower().rstrip(".")
    return any(name == domain or name.endswith(f".{domain}") for domain in CLAUDE_DOMAINS)


def split(url: str) -> SplitResult | None:
    """The parts, None for what is no URL at all."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def url_problem(url: str) -> str | None:
    """Why `url` can't be an endpoint, in words that follow its name; None where it can: https anywhere, http
    on this machine alone."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return "holds a space or another character that no URL can hold"
    parts = split(url)
    if parts is None or not parts.hostname or parts.scheme not in {"http", "https"}:
        return "is not a URL: it starts with https:// and names a host"
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password"
    if parts.fragment or url.endswith("#"):
        return "holds a # part, which an endpoint can't have"
    if parts.scheme == "http" and not is_loopback_host(parts.hostname):
        return "is not https: http is for this machine alone"
    return None


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
