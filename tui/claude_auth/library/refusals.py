"""What came back in the place of an answer, as a `RequestError`: what the API said, without any secret, and
for a refused credential what that means on this machine."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from claude_auth.library.errors import RequestError
from claude_auth.library.machine import explain
from claude_auth.security.redact import KnownValues
from claude_auth.security.sanitize import safe_text, shown_value
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.actions.explain import Explained
    from claude_auth.model.errors import AuthenticationError
    from claude_auth.oauth.transport import Response

#: `error.type` → our code, and whether asking again can help [doc, the API's page of errors].
_TYPES: Mapping[str, tuple[str, bool]] = {
    "invalid_request_error": ("invalid-request", False),
    "authentication_error": ("credential-refused", False),
    "billing_error": ("billing", False),
    "permission_error": ("not-permitted", False),
    "not_found_error": ("not-found", False),
    "request_too_large": ("request-too-large", False),
    "rate_limit_error": ("rate-limited", True),
    "api_error": ("api-error", True),
    "timeout_error": ("timed-out", True),
    "overloaded_error": ("overloaded", True),
}
#: The same by the status alone, of a gateway that says nothing else.
_STATUSES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_STEPS: Mapping[str, str] = {
    "invalid-request": "Correct the model or what is asked",
    "credential-refused": "Look at `claude-auth diagnose`",
    "billing": "Look at the account's billing in the Console",
    "not-permitted": "Ask whoever gave out the credential what it may do",
    "not-found": "Check the model's id and the base URL",
    "request-too-large": "Ask for less",
    "rate-limited": "Wait a little, then ask again",
    "api-error": "Wait a little, then ask again",
    "timed-out": "Ask again",
    "overloaded": "Wait a little, then ask again",
}
_DIAGNOSED = frozenset({"credential-refused", "not-permitted"})


async def refusal_of(answer: Response, client: str, sent: Collection[Secret], base_url: str) -> RequestError:
    """An answer that is no stream. `sent`: what it may repeat; `client`: by whose rules it is explained."""
    from claude_auth.formats.document import object_of, parse

    data = parse(answer.body).data
    error = object_of(data.get("error"))
    text = KnownValues(sent, shortest=4).hide(answer.body.decode("utf-8", "replace"))
    if 200 <= answer.status < 300:
        return RequestError(
            "not-a-stream",
            f"something else than a stream of messages came back ({answer.status})",
            f"Check the base URL {shown_value('base_url', base_url)}: a gateway may answer there",
            status=answer.status,
        )
    said = error.get("message") if isinstance(error.get("message"), str) else ""
    request = data.get("request_id") or answer.headers.get("request-id")
    refused = told(
        str(error.get("type")),
        KnownValues(sent, shortest=4).hide(str(said)),
        answer.status,
        text_of_id(request),
    )
    return await diagnosed(refused, f"HTTP/1.1 {answer.status}\n\n{text}", client)


def told(kind: str, said: str, status: int | None = None, request_id: str | None = None) -> RequestError:
    """`kind`: the API's own word, `error.type`; without a known one the status says it."""
    kind = kind if kind in _TYPES else _STATUSES.get(status or 0, "api_error")
    code, retryable = _TYPES[kind]
    said = safe_text(said, 300)
    where = f" ({status})" if status else ""
    return RequestError(
        code,
        f"The API did not answer{where}: {said or code.replace('-', ' ')}",
        _STEPS[code],
        retryable=retryable,
        status=status,
        request_id=request_id,
    )


async def diagnosed(error: RequestError, text: str, client: str) -> RequestError:
    """With what the text means here, where a credential was refused."""
    if error.code not in _DIAGNOSED:
        return error
    diagnosis = await asyncio.to_thread(explain, text, client=client)
    return RequestError(
        error.code,
        _sentence(error.sentence, diagnosis),
        _step(diagnosis) or error.next_step,
        status=error.status,
        request_id=error.request_id,
        diagnosis=diagnosis,
    )


def _first(diagnosis: Explained) -> Any:
    return next((cause for cause in diagnosis.causes if not cause.ruled_out), None)


def _sentence(sentence: str, diagnosis: Explained) -> str:
    cause = _first(diagnosis)
    return sentence if cause is None else f"{sentence.rstrip('.')}. Likely: {cause.title}"


def _step(diagnosis: Explained) -> str:
    cause = _first(diagnosis)
    if cause is None or not cause.fixes:
        return ""
    fix = cause.fixes[0]
    return fix.title if fix.command is None else f"{fix.title}: {fix.command}"


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
