"""What came back in the place of an answer, as a `RequestError`: what the API said, without any secret, and
for a refused credential what that means on this machine."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from claude_auth.library.errors import RequestError
from claude_auth.library.machine import explain
from claude_auth.model.errors import AuthenticationError
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.redact import KnownValues
from claude_auth.security.sanitize import safe_text, shown_value
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.oauth.transport import Response


class _Refusal(NamedTuple):
    """`retryable`: whether asking again can help. `statuses`: those that mean the same, of a gateway that
    says nothing else."""

    code: str
    next_step: str
    statuses: tuple[int, ...]
    retryable: bool = False


_WAIT = "Wait a little, then ask again"
#: By `error.type` [doc, the API's page of errors].
_TYPES: Mapping[str, _Refusal] = {
    "invalid_request_error": _Refusal("invalid-request", "Correct the model or what is asked", (400,)),
    "authentication_error": _Refusal("credential-refused", "Look at `claude-auth diagnose`", (401,)),
    "billing_error": _Refusal("billing", "Look at the account's billing in the Console", (402,)),
    "permission_error": _Refusal(
        "not-permitted", "Ask whoever gave out the credential what it may do", (403,)
    ),
    "not_found_error": _Refusal("not-found", "Check the model's id and the base URL", (404,)),
    "request_too_large": _Refusal("request-too-large", "Ask for less", (413,)),
    "rate_limit_error": _Refusal("rate-limited", _WAIT, (429,), True),
    "api_error": _Refusal("api-error", _WAIT, (), True),
    "timeout_error": _Refusal("timed-out", "Ask again", (408, 504), True),
    "overloaded_error": _Refusal("overloaded", _WAIT, (529,), True),
}
_BY_STATUS = {status: row for row in _TYPES.values() for status in row.statuses}
_DIAGNOSED = frozenset({"credential-refused", "not-permitted"})


async def refusal_of(answer: Response, client: str, sent: Collection[Secret], base_url: str) -> RequestError:
    """An answer that is no stream. `sent`: what it may repeat; `client`: by whose rules it is explained."""
    from claude_auth.formats.document import object_of, parse

    data = parse(answer.body).data
    error = object_of(data.get("error"))
    hidden = KnownValues(sent, shortest=4)
    if 200 <= answer.status < 300:
        return RequestError(
            "not-a-stream",
            f"something else than a stream of messages came back ({answer.status})",
            f"Check the base URL {shown_value('base_url', base_url)}: a gateway may answer there",
            status=answer.status,
        )
    said = error.get("message") if isinstance(error.get("message"), str) else ""
    request = data.get("request_id") or answer.headers.get("request-id")
    refused = told(str(error.get("type")), hidden.hide(str(said)), answer.status, text_of_id(request))
    text = hidden.hide(answer.body.decode("utf-8", "replace"))
    return await diagnosed(refused, f"HTTP/1.1 {answer.status}\n\n{text}", client)


def told(kind: str, said: str, status: int | None = None, request_id: str | None = None) -> RequestError:
    """`kind`: the API's own word, `error.type`; without a known one the status says it."""
    found = _TYPES.get(kind) or _BY_STATUS.get(status or 0) or _TYPES["api_error"]
    where = f" ({status})" if status else ""
    return RequestError(
        found.code,
        f"The API did not answer{where}: {safe_text(said, 300) or found.code.replace('-', ' ')}",
        found.next_step,
        retryable=found.retryable,
        status=status,
        request_id=request_id,
    )


async def diagnosed(error: RequestError, text: str, client: str) -> RequestError:
    """With what the text means here, where a credential was refused."""
    if error.code not in _DIAGNOSED:
        return error
    diagnosis = await asyncio.to_thread(explain, text, client=client)
    sentence, step = error.sentence, error.next_step
    if (cause := next((one for one in diagnosis.causes if not one.ruled_out), None)) is not None:
        sentence = f"{sentence.rstrip('.')}. Likely: {cause.title}"
        for fix in cause.fixes[:1]:
            step = fix.title if fix.command is None else f"{fix.title}: {fix.command}"
    return RequestError(
        error.code, sentence, step, status=error.status, request_id=error.request_id, diagnosis=diagnosis
    )


def text_of_id(value: object) -> str | None:
    """A server's name for a request, which a redactor would take for a secret; None for anything else."""
    fits = isinstance(value, str) and re.fullmatch(r"[a-z]{2,4}_[A-Za-z0-9]{8,40}", value)
    return str(value) if fits else None


def broken(problem: AuthenticationError) -> RequestError:
    """No answer, or one that broke off."""
    return RequestError(
        problem.code,
        problem.sentence,
        problem.next_step or "Look at `claude-auth probe --network`",
        retryable=True,
        status=getattr(problem, "status", None),
    )
