"""The token endpoint: requests are built, answers are read, secrets wrapped at once; a refresh and a
revocation are one request each. Whether and when is the coordinator's to decide.
"""

from __future__ import annotations

import base64
import json
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote, urlencode

from claude_auth.formats.credentials import read_scopes
from claude_auth.formats.document import parse, text_of
from claude_auth.formats.outputs import clock_offset
from claude_auth.model import TokenSet
from claude_auth.oauth import Failure, failure, with_skew
from claude_auth.oauth.authorization import OAuthClient, complete_now
from claude_auth.oauth.refusals import Purpose, refusal_of
from claude_auth.oauth.transport import Request, Response, SendNow, send_now
from claude_auth.security.secret import Secret, holds_token

#: A larger number is milliseconds: seconds will reach it in the year 5138.
_MILLISECONDS_FROM = 1e11


def exchange_request(
    client: OAuthClient, *, code: Secret, state: Secret, verifier: Secret, redirect_uri: str
) -> Request:
    """The code for a token. As JSON it carries the state too, which some servers want."""
    fields = {
        "grant_type": "authorization_code",
        "code": code.reveal(),
        "redirect_uri": redirect_uri,
        "code_verifier": verifier.reveal(),
    }
    if client.token_request_format == "json":
        fields["state"] = state.reveal()
    return _post(client, client.token_url, fields, (code, state, verifier))


def refresh_request(client: OAuthClient, tokens: TokenSet) -> Request | Failure:
    """A failure where there is nothing to refresh with, or where it is a Claude account's token."""
    if tokens.refresh_token is None or tokens.refresh_token.is_empty:
        return failure("not-configured", reason="there is no refresh token, so sign in again")
    if not _is_sendable(tokens.refresh_token.reveal()):
        return failure(
            "not-configured", reason="the refresh token holds what no token can hold: sign in again"
        )
    if is_claude_account_token(tokens.refresh_token) or is_claude_account_token(tokens.access_token):
        return failure("claude-account").but(may_have_reached_the_server=False)
    fields = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token.reveal()}
    return _post(client, client.token_url, fields, (tokens.refresh_token,))


def revocation_request(
    client: OAuthClient, token: Secret, hint: Literal["access_token", "refresh_token"]
) -> Request | Failure:
    """RFC 7009; always a form, since that document knows no other format."""
    if client.revocation_url is None:
        return failure("not-configured", reason="the server has no revocation endpoint")
    if is_claude_account_token(token):
        return failure("claude-account").but(may_have_reached_the_server=False)
    fields = {"token": token.reveal(), "token_type_hint": hint}
    return _post(replace(client, token_request_format="form"), client.revocation_url, fields, (token,))


def is_claude_account_token(token: Secret) -> bool:
    """By its shape: those are signed in and refreshed by Claude Code itself, and never sent by us."""
    return holds_token(token.reveal())


def _post(client: OAuthClient, url: str, fields: dict[str, str], secrets: tuple[Secret, ...]) -> Request:
    headers = {"Accept": "application/json"}
    as_json = client.token_request_format == "json"
    if client.client_secret is None:
        fields["client_id"] = client.client_id
    else:
        secrets += (client.client_secret,)
        if (client.client_authentication or ("post" if as_json else "basic")) == "post":
            fields |= {"client_id": client.client_id, "client_secret": client.client_secret.reveal()}
        else:
            # RFC 6749, section 2.3.1: both halves are form-encoded before they are joined.
            pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret.reveal(), safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"
    if as_json:
        headers["Content-Type"] = "application/json"
        return Request("POST", url, headers, json.dumps(fields).encode(), secrets)
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return Request("POST", url, headers, urlencode(fields).encode(), secrets)


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def read_token_response(
    client: OAuthClient,
    response: Response,
    *,
    now: float,
    purpose: Purpose,
    previous: TokenSet | None = None,
    secrets: Iterable[Secret] = (),
) -> TokenSet | Failure:
    """The token set, or what went wrong. `previous`: the set that was refreshed; what the answer leaves out
    (refresh token, scopes) is kept from it. `secrets`: what the request held."""
    document = parse(response.body)
    if response.status != 200 or response.is_html or not response.is_json or "error" in document.data:
        refusal = refusal_of(response, now, purpose, client.token_request_format, tuple(secrets))
        if refusal is not None:
            return with_skew(refusal, clock_skew(response, now))
    if document.damage is not None:
        return failure("truncated" if document.damage.code in {"truncated", "empty"} else "not-json")
    data = document.data
    access, refresh = text_of(data.get("access_token")) or "", text_of(data.get("refresh_token")) or ""
    kind = text_of(data.get("token_type"))
    for field, fits in (
        ("access_token", access and _is_sendable(access)),
        ("token_type (it has to be Bearer)", kind is None or kind.lower() == "bearer"),
        ("refresh_token", _is_sendable(refresh)),
    ):
        if not fits:
            return failure("missing-field", field=field)
    if holds_token(access) or holds_token(refresh):
        return failure("claude-account")
    return TokenSet(
        access_token=Secret(access),
        refresh_token=Secret(refresh) if refresh else (previous.refresh_token if previous else None),
        expires_at=_expires_at(data, now),
        scopes=_granted(client, data, previous),
        token_type="Bearer",
        issued_at=now,
        client_id=client.client_id,
        token_url=client.token_url,
    )


def read_revocation_response(
    response: Response, *, now: float, secrets: Iterable[Secret] = ()
) -> Failure | None:
    """None where the token is gone: 200, whatever the body says (RFC 7009, section 2.2)."""
    if response.status in {200, 204} and not (response.is_html and response.body):
        return None
    refusal = refusal_of(response, now, "revoke", "form", tuple(secrets))
    return refusal or failure("unexpected-status", status=response.status)


def clock_skew(response: Response, now: float) -> float | None:
    """Ours minus the server's, None without a readable Date header."""
    return clock_offset(response.headers.get("date"), now)


def _is_sendable(token: str) -> bool:
    """RFC 6750: visible ASCII; anything else could not be sent as a header."""
    return token.isascii() and token.isprintable() and " " not in token


def _expires_at(data: Mapping[str, Any], now: float) -> float | None:
    """`expires_in` first: it needs no common clock."""
    span = _number(data.get("expires_in"))
    if span is not None:
        return now + max(0.0, span)
    moment = _number(data.get("expires_at", data.get("expiresAt")))
    if moment is None or moment <= 0:
        return None
    return moment / 1000 if moment > _MILLISECONDS_FROM else moment


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) < 1e15 else None


def _granted(client: OAuthClient, data: Mapping[str, Any], previous: TokenSet | None) -> tuple[str, ...]:
    """Left out means: as asked for (RFC 6749, section 5.1), or as before."""
    raw = data.get("scope", data.get("scopes"))
    scopes = tuple(part for scope in read_scopes(raw) for part in scope.split()) if raw is not None else ()
    if scopes:
        return scopes
    return previous.scopes if previous is not None else client.scopes


# ── one request each ─────────────────────────────────────────────────────────────────────────────


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
    if not client.token_url:
        found = complete_now(client, send)
        return found if isinstance(found, Failure) else _refreshed(found, tokens, send, clock, on_sent)
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
