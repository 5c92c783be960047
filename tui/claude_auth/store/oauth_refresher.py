"""The coordinator's refresher over our own OAuth engine: tokens go only to the server that minted them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from claude_auth.model import TokenSet
from claude_auth.store.outcome import Refresher, RefreshFailure

if TYPE_CHECKING:
    from claude_auth.oauth.configuration import OAuthClient
    from claude_auth.oauth.failures import Failure

#: An answer came, though no usable one: a server that is down, or a web page of somebody in between. It might
#: have acted before; but a login that ended with every incident would be the greater loss.
_ANSWERED = frozenset({"incident", "unavailable", "html"})


def oauth_refresher(
    client: OAuthClient, send: Callable[[OAuthClient, TokenSet], TokenSet | Failure] | None = None
) -> Refresher:
    """`send`: another `oauth.grants.refresh`, for tests."""

    def ask(tokens: TokenSet) -> TokenSet | RefreshFailure:
        from claude_auth.oauth.grants import refresh

        other = _another_client(client, tokens)
        if other is not None:
            return other
        answer = (send or refresh)(client, tokens)
        return answer if isinstance(answer, TokenSet) else _failure(answer)

    return ask


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
