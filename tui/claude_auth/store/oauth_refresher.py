"""The coordinator's refresher over our own OAuth engine: tokens go only to the server that minted them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from claude_auth.model import TokenSet
from claude_auth.store.outcome import RefreshFailure

if TYPE_CHECKING:
    from claude_auth.oauth.configuration import OAuthClient
    from claude_auth.oauth.failures import Failure

#: An answer came, though no usable one: a server that is down, or a web page of somebody in between. It might
#: have acted before; but a login that ended with every incident would be the greater loss.
_ANSWERED = frozenset({"incident", "unavailable", "html"})


Sender = Callable[["OAuthClient", TokenSet], "TokenSet | Failure"]


class OAuthRefresher:
    """`on_sent` hears of the first byte of the request to the token endpoint: every refusal before it, from
    a configuration that has changed to a server that can't be reached, sends nothing."""

    def __init__(
        self, client: OAuthClient, send: Sender | None = None, on_sent: Callable[[], None] | None = None
    ) -> None:
        self._client, self._send, self._on_sent = client, send, on_sent

    def telling(self, on_sent: Callable[[], None]) -> OAuthRefresher:
        return OAuthRefresher(self._client, self._send, on_sent)

    def __call__(self, tokens: TokenSet) -> TokenSet | RefreshFailure:
        other = _another_client(self._client, tokens)
        if other is not None:
            return other
        answer = self._ask(tokens)
        return answer if isinstance(answer, TokenSet) else _failure(answer)

    def _ask(self, tokens: TokenSet) -> TokenSet | Failure:
        from claude_auth.oauth.grants import refresh

        if self._send is None:
            return refresh(self._client, tokens, on_sent=self._on_sent)
        if self._on_sent is not None:
            self._on_sent()
        return self._send(self._client, tokens)


def oauth_refresher(client: OAuthClient, send: Sender | None = None) -> OAuthRefresher:
    """`send`: another `oauth.grants.refresh`, for tests; it counts as sending at once."""
    return OAuthRefresher(client, send)


def _another_client(client: OAuthClient, tokens: TokenSet) -> RefreshFailure | None:
    """A refresh token is never shown to another server than its own, whatever the configuration says now."""
    for mine, its, what in (
        (client.token_url, tokens.token_url, "token URL"),
        (client.client_id, tokens.client_id, "client id"),
    ):
        if its and mine and its != mine:
            return RefreshFailure(
                "another-client",
                f"this login was made with another {what} than the one configured now",
                next_step="Configure that OAuth client again, or sign in with the new one",
            )
    return None


def _failure(failure: Failure) -> RefreshFailure:
    return RefreshFailure(
        kind=failure.kind,
        sentence=failure.sentence.rstrip("."),
        is_verdict=failure.is_verdict,
        may_have_reached_the_server=failure.may_have_reached_the_server and failure.kind not in _ANSWERED,
        retry_after=failure.retry_after,
        next_step=failure.next_step,
        detail=failure.detail or "",
    )
