"""The OAuth client that the user configured, and which URLs may be one of its endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from claude_auth.oauth.transport import is_loopback_host
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
