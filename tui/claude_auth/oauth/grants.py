"""The token endpoint: requests are built, answers are read, secrets wrapped at once; a refresh and a
revocation are one request each. Whether and when is the coordinator's to decide.
"""

from __future__ import annotations

import base64
import json
import math
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote, urlencode

from claude_auth.formats.credentials import read_scopes
from claude_auth.formats.document import object_of, parse, text_of
from claude_auth.formats.outputs import clock_offset, moment_of
from claude_auth.model import TokenSet
from claude_auth.oauth import Failure, failure, with_skew
from claude_auth.oauth.authorization import complete_now
from claude_auth.oauth.configuration import OAuthClient, TokenRequestFormat
from claude_auth.oauth.transport import Request, Response, SendNow, send_now
from claude_auth.security.redact import KnownValues
from claude_auth.security.sanitize import safe_text
from claude_auth.security.secret import Secret, holds_token

Purpose = Literal["exchange", "refresh", "revoke"]

#: A larger number is milliseconds: seconds will reach it in the year 5138.
_MILLISECONDS_FROM = 1e11
#: More than this is not a pause but a mistake.
_LONGEST_PAUSE = 24 * 3600.0


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
    refusal = _refusal(response, now, purpose, client.token_request_format, tuple(secrets))
    if refusal is not None:
        return with_skew(refusal, clock_skew(response, now))
    document = parse(response.body)
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
    refusal = _refusal(response, now, "revoke", "form", tuple(secrets))
    return refusal or failure("unexpected-status", status=response.status)


def clock_skew(response: Response, now: float) -> float | None:
    """Ours minus the server's, None without a readable Date header."""
    return clock_offset(response.headers.get("date"), now)


def retry_after(response: Response, now: float) -> float | None:
    """Seconds to wait; the header holds seconds or a date."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_PAUSE)
    moment = moment_of(text)
    return None if moment is None else min(max(0.0, moment - now), _LONGEST_PAUSE)


#: The server's own error words (RFC 6749 sections 4.1.2.1 and 5.2, RFC 7009, RFC 8707) and our rows.
_WORDS = {
    "access_denied": "denied",
    "invalid_client": "invalid-client",
    "invalid_grant": "invalid-grant",
    "invalid_request": "invalid-request",
    "invalid_scope": "invalid-scope",
    "invalid_target": "invalid-request",
    "unauthorized_client": "unauthorized-client",
    "unsupported_grant_type": "unsupported-grant",
    "unsupported_response_type": "unsupported-grant",
    "unsupported_token_type": "unsupported-grant",
}
#: Error words that say "not now".
_NOT_NOW = {"temporarily_unavailable": "unavailable", "server_error": "incident"}


def authorization_error(error: str, description: str = "", secrets: Iterable[Secret] = ()) -> Failure:
    """What `error=` in the browser's answer means."""
    said = _said(error, description, tuple(secrets))
    if error in _NOT_NOW:
        return failure("authorize-incident", detail=said)
    # Some servers deny for reasons of their own, so their words are told with this as well.
    return failure(_WORDS.get(error, "server-refused"), detail=said)


def _refusal(
    response: Response, now: float, purpose: Purpose, form: TokenRequestFormat, secrets: tuple[Secret, ...]
) -> Failure | None:
    """Everything but a JSON answer with status 200 and no `error` in it."""
    status = response.status
    if response.is_json and status in {200, 400, 401, 403}:
        told = _oauth_error(response, purpose, form, secrets)
        if told is not None:
            return told
    if status != 200:
        return _unspoken(response, now)
    if response.is_html:
        return failure("html", status=status)
    return None if response.is_json else failure("wrong-content-type", status=status)


def _oauth_error(
    response: Response, purpose: Purpose, form: TokenRequestFormat, secrets: tuple[Secret, ...]
) -> Failure | None:
    """The authorization server's own words, None where these are not such."""
    data = parse(response.body).data
    word, description = data.get("error"), data.get("error_description")
    if isinstance(word, dict):  # {"error": {"type": …, "message": …}}
        inner = object_of(word)
        word, description = inner.get("type"), inner.get("message")
    if not isinstance(word, str):
        return None
    description = description if isinstance(description, str) else ""
    word = "invalid_request" if word == "invalid_request_error" else word
    kind = _WORDS.get(word) or _NOT_NOW.get(word)
    if kind is None:
        return None
    if purpose == "exchange" and kind == "invalid-grant":
        kind = "code-expired"
    if kind == "invalid-request" and purpose == "exchange" and form == "form" and _STATE.search(description):
        kind = "state-required"
    return failure(kind, status=response.status, detail=_said(word, description, secrets))


_STATE = re.compile(r"(?i)\bstate\b")

#: Statuses that say something by themselves.
_STATUS_KINDS = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "not-found",
    407: "proxy-authentication",
    410: "not-found",
    429: "rate-limited",
    451: "forbidden",
    503: "unavailable",
}


def _unspoken(response: Response, now: float) -> Failure:
    """A status without a word of the authorization server's."""
    status = response.status
    pause = retry_after(response, now)
    if response.is_html and 400 <= status < 500 and status not in {407, 429}:
        kind = "html-refusal"
    elif status in _STATUS_KINDS:
        kind = _STATUS_KINDS[status]
    elif status >= 500:
        kind = "incident"
    else:
        kind = "redirected" if 300 <= status < 400 else "unexpected-status"
    return failure(kind, status=status, retry_after=pause)


def _said(word: str, description: str, secrets: tuple[Secret, ...]) -> str:
    """The server's words without anything that we sent, or that looks like a secret."""
    text = f"{word}: {description}" if description else word
    return safe_text(text, 200, KnownValues(secrets))


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
