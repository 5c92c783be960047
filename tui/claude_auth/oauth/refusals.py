"""What a no of the authorization server means, and one of somebody in between: in an answer of the token
endpoint, and in what the browser brings back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from claude_auth.formats.document import object_of, parse
from claude_auth.formats.outputs import moment_of
from claude_auth.oauth import Failure, failure
from claude_auth.oauth.authorization import TokenRequestFormat
from claude_auth.oauth.transport import Response
from claude_auth.security.redact import KnownValues
from claude_auth.security.sanitize import safe_text
from claude_auth.security.secret import Secret

Purpose = Literal["exchange", "refresh", "revoke"]

#: More than this is not a pause but a mistake.
_LONGEST_PAUSE = 24 * 3600.0

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


def refusal_of(
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


def retry_after(response: Response, now: float) -> float | None:
    """Seconds to wait; the header holds seconds or a date."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_PAUSE)
    moment = moment_of(text)
    return None if moment is None else min(max(0.0, moment - now), _LONGEST_PAUSE)
