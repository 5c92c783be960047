"""Which credential a program's query goes out with. `resolve` decides, by the rules of the client that this
library is, and for a Claude login by those of `claude -p`; what is decided blocks, and belongs in a
thread."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from claude_auth.library.checks import checked_base_url, checked_headers
from claude_auth.library.claude_print import ClaudeLogin, find_claude_login
from claude_auth.library.configuration import OAuthConfig, client_of, configured_client
from claude_auth.library.errors import ConfigurationError, LoginError, MissingCredentialError
from claude_auth.library.machine import LIBRARY_CLIENT, observe, resolve
from claude_auth.library.tokens import TokenStorage, store_of
from claude_auth.model import Event, Resolution, SourceReading, TokenSet
from claude_auth.security.secret import Secret, holds_token, without_locals

if TYPE_CHECKING:
    from claude_auth.model.refreshes import RefreshResult
    from claude_auth.oauth.authorization import OAuthClient
    from claude_auth.store import TokenStore

API_KEY, OWN_TOKENS, KEYRING = "anthropic-api-key", "sdk-tokens", "keyring-tokens"
_SIGN_IN = "Sign in with `claude-auth login`, or `await login()`"
_EXPORT = 'export ANTHROPIC_API_KEY="your-key"'


class AuthHeaders(dict[str, str]):
    """The headers of a credential, whose `repr` shows no value. `credential`: its id; `base_url`: the one
    place where they may be sent, empty where that is not known; None: wherever the API is."""

    def __init__(self, headers: Mapping[str, str], credential: str, base_url: str | None = None) -> None:
        super().__init__(headers)
        self.credential, self.base_url = credential, base_url

    def __repr__(self) -> str:
        return f"<AuthHeaders of {self.credential}: {', '.join(self)}>"


class DirectCredential(Protocol):
    """One that this process sends itself."""

    @property
    def source(self) -> str: ...

    def base_url(self, wished: str | None) -> str:
        """Where it is sent. Raises `ConfigurationError` where it may not be."""

    def headers(self, refused: Mapping[str, str] | None = None) -> AuthHeaders:
        """`refused`: what the server has just turned down. Blocks."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`source`: its id, whoever gave it."""

    key: Secret
    source: str = API_KEY

    def base_url(self, wished: str | None) -> str:
        return checked_base_url(wished)

    def headers(self, refused: Mapping[str, str] | None = None) -> AuthHeaders:
        return AuthHeaders(checked_headers({"x-api-key": self.key}), self.source)


@dataclass(frozen=True, slots=True)
class OwnLogin:
    """A token set of the user's own OAuth client. `client` None: none is configured, so nothing is
    refreshed."""

    store: TokenStore
    client: OAuthClient | None
    source: str = OWN_TOKENS

    def base_url(self, wished: str | None) -> str:
        return own_base_url(self._place, wished)

    @property
    def _place(self) -> str:
        """As far as it is known."""
        own = None if self.client is None else self.client.base_url
        return own or os.environ.get("ANTHROPIC_BASE_URL", "").strip()

    def headers(self, refused: Mapping[str, str] | None = None) -> AuthHeaders:
        token = self._token(None if refused is None else refused.get("Authorization"))
        sent = checked_headers({"Authorization": Secret(f"Bearer {token.reveal()}")})
        return AuthHeaders(sent, self.source, self._place)

    @without_locals
    def _token(self, refused: str | None) -> Secret:
        """The stored one, refreshed first where it is time. One that was refused is replaced under the
        store's lock, unless another one stands there already."""
        if refused is None:
            return self.refresh().access_token
        with self.store.hold():
            stored = self.store.load().tokens
            if stored is not None and f"Bearer {stored.access_token.reveal()}" != refused:
                return stored.access_token
            if stored is None or not stored.is_refreshable:
                return Secret(refused.removeprefix("Bearer "))
            return self.refresh(force=True).access_token

    def refresh(self, *, force: bool = False) -> TokenSet:
        """What is used now. Raises `LoginError`, or `MissingCredentialError` where nobody is signed in."""
        outcome = self.run(force=force)
        if (
            outcome.tokens is not None
            and (outcome.ok or outcome.still_live)
            and not (force and not outcome.ok)
        ):
            return outcome.tokens
        raise _why_not(outcome)

    def run(self, *, force: bool = False) -> RefreshResult:
        from claude_auth.actions.oauth import OwnRefresh, refresher_of
        from claude_auth.journal import Journal
        from claude_auth.oauth.configuration import Configuration

        journal = Journal(program="claude_auth")

        def emit(event: Event) -> None:
            if event.kind != "refresh.not-needed":
                journal.write(event)

        own = OwnRefresh(self.store, refresher_of(Configuration(self.client)), force=force)
        own.run(emit)
        assert own.outcome is not None
        return own.outcome


def _why_not(outcome: RefreshResult) -> MissingCredentialError | LoginError:
    from claude_auth.diagnose.causes.oauth_errors import OAUTH

    error = outcome.error
    assert error is not None
    if error.code == "not-signed-in":
        return MissingCredentialError("not-signed-in", error.sentence, _SIGN_IN)
    cause = OAUTH.get(error.code)
    retryable = error.code == "locked" or (outcome.retry_at is not None and not (cause and cause.verdict))
    return LoginError(error.code, error.sentence, error.next_step, retryable=retryable)


def check_destination(headers: AuthHeaders, url: str) -> None:
    """For a request that somebody else sends: only where these headers may go, and never in clear text."""
    from claude_auth.oauth.authorization import url_problem

    problem = url_problem(url.partition("#")[0])
    if problem is not None:
        raise ConfigurationError("bad-base-url", f"the request's address {problem}", "Nothing was sent there")
    if headers.base_url is None:
        return
    base, asked = urlsplit(own_base_url(headers.base_url, None)), urlsplit(url)
    if (base.scheme, base.netloc) != (asked.scheme, asked.netloc):
        raise ConfigurationError(
            "another-base-url",
            "a token of your own OAuth client goes only to the base URL that is set for it",
            "Send the request there",
        )


def own_base_url(place: str, wished: str | None) -> str:
    """Where a token of the user's own OAuth client is sent: only where it is meant to go."""
    if place and wished and wished.rstrip("/") != place.rstrip("/"):
        raise ConfigurationError(
            "another-base-url",
            "a token of your own OAuth client goes only to the base URL that is set for it",
            "Leave out base_url, or change it in the client's configuration",
        )
    if not (place or wished):
        raise ConfigurationError(
            "no-base-url",
            "where a token of your own OAuth client may be sent is not known",
            "Set base_url in the client's configuration, or ANTHROPIC_BASE_URL",
        )
    return checked_base_url(place or wished)


# ── finding ──────────────────────────────────────────────────────────────────────────────────────


def find_api_key(given: Secret | None = None) -> ApiKey:
    """`given`, else the one that the environment holds."""
    if given is not None:
        if given.is_blank:
            raise ConfigurationError("no-api-key", "the api_key that was given is empty", _EXPORT)
        return ApiKey(given.stripped())
    reading = resolve(client=LIBRARY_CLIENT).standing(API_KEY).reading
    if reading.state != "present" or reading.value is None:
        sentence = f"no API key was found: ANTHROPIC_API_KEY is {reading.reason}"
        raise MissingCredentialError("no-api-key", sentence, _EXPORT)
    return ApiKey(reading.value)


def own_login(storage: TokenStorage | None, config: OAuthConfig | None) -> OwnLogin:
    """The login that was named, whether anybody is signed in or not."""
    client = configured_client() if config is None else client_of(config)
    return OwnLogin(store_of(TokenStorage() if storage is None else storage), client)


def find_own_login(storage: TokenStorage | None, config: OAuthConfig | None) -> OwnLogin:
    """Raises `MissingCredentialError` where nobody is signed in."""
    if storage is None and config is None:
        return _winning_login(resolve(client=LIBRARY_CLIENT))
    found = own_login(storage, config)
    if found.store.load().tokens is None:
        (TokenStorage() if storage is None else storage).load_token()  # says what is wrong with it
        raise _not_signed_in()
    return found


def _not_signed_in() -> MissingCredentialError:
    return MissingCredentialError(
        "not-signed-in", "nobody is signed in with an OAuth client of their own", _SIGN_IN
    )


def _winning_login(resolution: Resolution) -> OwnLogin:
    if resolution.winner not in {OWN_TOKENS, KEYRING}:
        raise _not_signed_in()
    client = configured_client()
    if resolution.winner == OWN_TOKENS:
        return OwnLogin(store_of(TokenStorage()), client)
    return _in_keyring(client, resolution.standing(KEYRING).reading.account)


def _in_keyring(client: OAuthClient | None, account: str | None) -> OwnLogin:
    from claude_auth.actions.accounts import open_known
    from claude_auth.observe.context import home_directory

    opened = open_known("keyring", home_directory(os.environ), account)
    if opened.store is None:
        raise ConfigurationError(
            "keyring", opened.problem or "the keyring can't be opened", "Give a TokenStorage"
        )
    return OwnLogin(opened.store, client, KEYRING)


def default_login() -> OwnLogin:
    """The login that is meant where none is named, as for `claude-auth login`."""
    from claude_auth.actions.preferences import default_store

    if default_store(os.environ) == "keyring":
        return _in_keyring(configured_client(), None)
    return own_login(None, None)


def find_any() -> DirectCredential | ClaudeLogin:
    """A login of the user's own OAuth client, an API key, or a Claude account's login. Raises
    `MissingCredentialError`."""
    resolution = resolve(observe(), client=LIBRARY_CLIENT)
    winner, key = resolution.winner, resolution.standing(API_KEY).reading
    if winner in {OWN_TOKENS, KEYRING} and not _is_claude_accounts(resolution.standing(winner).reading):
        return _winning_login(resolution)
    if key.state == "present" and key.value is not None:
        return ApiKey(key.value)
    try:
        return find_claude_login()
    except MissingCredentialError as error:
        if error.code != "no-claude-login":
            raise error.with_traceback(None) from None
    raise MissingCredentialError(
        "no-credential", "there is neither a login nor an API key", f"{_SIGN_IN}. Or: {_EXPORT}"
    )


def _is_claude_accounts(reading: SourceReading) -> bool:
    """Some programs put a token there that Claude Code alone may send."""
    return reading.value is not None and holds_token(reading.value.reveal())


def find_direct() -> DirectCredential:
    """What this process may send itself. Raises `MissingCredentialError`, with the code
    `claude-login-not-for-direct-use` where only Claude's own login is there."""
    try:
        found = find_any()
    except MissingCredentialError as error:
        if error.code != "claude-not-run":
            raise
    else:
        if not isinstance(found, ClaudeLogin):
            return found
    raise MissingCredentialError(
        "claude-login-not-for-direct-use",
        "the only credential here is a Claude account's login, which Claude Code alone may send",
        f"Ask with query_with_oauth(), which runs claude; for your own requests: {_EXPORT}",
    )
