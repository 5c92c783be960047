"""The OAuth client of a program, and where a program looks for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claude_auth.oauth.authorization import OAuthClient
    from claude_auth.oauth.configuration import Configuration


@dataclass(frozen=True, slots=True)
class OAuthConfig:
    """One OAuth client of your own. Endpoints that are left out are found through the `issuer`'s metadata.
    `base_url`: the one place where a token of this client is sent; without it ANTHROPIC_BASE_URL says that.
    Anthropic's own sign-in is not for such clients: its hosts are refused as endpoints.

    >>> from claude_auth import OAuthConfig
    >>> config = OAuthConfig(
    ...     client_id="your-client-id",
    ...     authorize_url="https://auth.example.org/authorize",
    ...     token_url="https://auth.example.org/token",
    ... )
    >>> config.redirect_uri
    'http://localhost:8089/callback'
    """

    client_id: str = ""
    authorize_url: str = ""
    token_url: str = ""
    client_secret: str = field(default="", repr=False)
    redirect_uri: str = "http://localhost:8089/callback"
    revocation_url: str = ""
    scopes: tuple[str, ...] = ()
    issuer: str = ""
    base_url: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> OAuthConfig | None:
        """What CLAUDE_OAUTH_CLIENT_ID and its companions and the configuration file say together; None where
        nothing is configured. Raises `ConfigurationError`.

        >>> from claude_auth import OAuthConfig
        >>> OAuthConfig.from_environment({"CLAUDE_OAUTH_CLIENT_ID": "me",
        ...     "CLAUDE_OAUTH_ISSUER": "https://auth.example.org"}).issuer
        'https://auth.example.org'
        """
        client = configured_client(environ)
        if client is None:
            return None
        known = {one.name: getattr(client, one.name) for one in fields(cls)}
        secret = client.client_secret
        return cls(
            **{name: value for name, value in known.items() if value is not None and name != "client_secret"},
            client_secret="" if secret is None else secret.reveal(),
        )

    def checked(self) -> OAuthConfig:
        """Itself, where a sign-in could begin with it. Raises `ConfigurationError`.

        >>> from claude_auth import OAuthConfig
        >>> OAuthConfig(client_id="me", issuer="https://auth.example.org").checked().client_id
        'me'
        """
        client_of(self)
        return self


def client_of(config: OAuthConfig) -> OAuthClient:
    """As the engine wants it. Raises `ConfigurationError`."""
    from claude_auth.library.checks import checked_type
    from claude_auth.oauth.configuration import configured_by

    checked_type("oauth_config", config, OAuthConfig)
    given: dict[str, object] = {one.name: getattr(config, one.name) for one in fields(config)}
    if isinstance(config.scopes, tuple):
        given["scopes"] = list(config.scopes)
    return _usable(configured_by(given, "OAuthConfig")) or _nothing()


def configured_client(environ: Mapping[str, str] | None = None) -> OAuthClient | None:
    """The client of the variables and the configuration file. Raises `ConfigurationError`."""
    from claude_auth.oauth.configuration import load_configuration

    return _usable(load_configuration(os.environ if environ is None else environ))


def _usable(found: Configuration) -> OAuthClient | None:
    from claude_auth.library.errors import ConfigurationError

    if found.problems:
        told = "; ".join(str(problem) for problem in found.problems)
        raise ConfigurationError("bad-oauth-config", told, "Correct the OAuth client's configuration")
    return found.client


def _nothing() -> OAuthClient:
    from claude_auth.library.errors import ConfigurationError

    raise ConfigurationError(
        "bad-oauth-config", "the OAuthConfig is empty", "Give it a client_id and its endpoints, or an issuer"
    )
