"""OAuth for native programs (RFC 6749, 7636, 8252, 9700), for the clients that the user configures.

Pure in the middle (`messages`, `callback`), I/O at the edge (`transport`, `loopback`), and `flow`, which
lets a browser and a paste race into one answer. No client id is built in, and nothing here ever sends or
keeps a token of a Claude account: that is Claude Code's own affair. Here stands the failure as it is told:
a row of the table of causes, filled in; it knows no secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from claude_auth.diagnose.causes.oauth_errors import OAUTH
from claude_auth.formats.outputs import SKEW_BREAKS
from claude_auth.model.errors import AuthenticationError
from claude_auth.security.sanitize import clean, safe_text
from claude_auth.trust import UnusableCertificates

#: No server is connected to for longer; an answer may take more.
CONNECT_SECONDS = 20.0


class Failure(AuthenticationError):  # noqa: N818
    """What went wrong on the way to a token; a value until somebody has to give up because of it.

    `is_verdict`: the authorization server itself said no, so asking again changes nothing; offline, 5xx, a
    proxy's 401 and HTML are never verdicts. `may_have_reached_the_server`: the server may have acted on the
    request, so a code or refresh token that it carried must not be sent again. `retry_after`: seconds that
    the server asked us to wait. `detail`: what the other side said, cleaned and without secrets.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        next_step: str = "",
        *,
        is_verdict: bool = False,
        may_have_reached_the_server: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
        detail: str | None = None,
    ) -> None:
        super().__init__(code, sentence, next_step)
        self.is_verdict, self.may_have_reached_the_server = is_verdict, may_have_reached_the_server
        self.retry_after, self.status, self.detail = retry_after, status, detail

    def __str__(self) -> str:
        said = f" ({self.detail})" if self.detail else ""
        return f"{self.sentence}{said} {self.next_step}"

    def but(self, **changes: Any) -> Failure:
        """The same with other facts."""
        facts = {name: value for name, value in vars(self).items() if name != "retryable"}
        return Failure(**{**facts, **changes})


SIGN_IN = "Sign in again"

#: Nothing was sent, so the same request may go out again once.
SAFE_TO_REPEAT = frozenset({"offline", "dns", "refused", "connect-timeout"})


def failure(
    code: str,
    *,
    retry_after: float | None = None,
    status: int | None = None,
    detail: str | None = None,
    **words: object,
) -> Failure:
    """A row of the table, filled in. `detail` and the words are cleaned; secrets must be out already."""
    row = OAUTH[code]
    values = {name: clean(str(value), 400) for name, value in words.items()}
    values |= {"wait": "a few minutes" if retry_after is None else _span(retry_after), "status": str(status)}
    return Failure(
        code,
        row.sentence.format_map(values),
        row.next_step.format_map(values),
        is_verdict=row.verdict,
        may_have_reached_the_server=row.reached,
        retry_after=retry_after,
        status=status,
        detail=clean(detail, 200) if detail else None,
    )


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def describe_skew(seconds: float) -> str:
    """`seconds`: ours minus the server's."""
    return f"{_span(abs(seconds))} {'ahead of' if seconds > 0 else 'behind'} the server's"


def with_skew(problem: Failure, skew: float | None) -> Failure:
    """Adds the clock to a verdict that a wrong clock may explain."""
    explains = skew is not None and abs(skew) >= SKEW_BREAKS
    if skew is None or not explains or problem.code not in {"code-expired", "invalid-grant"}:
        return problem
    clock = failure("clock", skew=describe_skew(skew))
    return problem.but(
        sentence=f"{problem.sentence} {clock.sentence}", next_step=f"{clock.next_step} {problem.next_step}"
    )


def presentable(failure: Failure) -> Failure:
    """As it is kept, shown and logged: only what the server said is redacted, never a sentence of ours."""
    next_step = failure.next_step or (SIGN_IN if failure.is_verdict else "Try again later")
    said = f" ({safe_text(failure.detail, 200)})" if failure.detail else ""
    return failure.but(
        sentence=f"{safe_text(failure.sentence.rstrip('.'), ours=True)}{said}",
        next_step=safe_text(next_step, ours=True),
        detail=None,
    )


# ── explaining ───────────────────────────────────────────────────────────────────────────────────


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything that it came from, groups opened."""
    waiting: list[BaseException | None] = [error]
    seen = set()
    while waiting:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions
        waiting += [current.__cause__, current.__context__]


def failure_of(error: Exception, url: str, seconds: float) -> Failure:
    """An exception in words. Everything that isn't known to have failed before sending counts as sent."""
    import httpx

    host = urlsplit(url).hostname or ""
    if isinstance(error, httpx.ProxyError):
        told = str(error)
        if "407" in told:
            return failure("proxy-authentication", status=407)
        return failure("proxy-refused", reason=told)
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return failure("connect-timeout", host=host, seconds=f"{min(CONNECT_SECONDS, seconds):.0f}")
    if isinstance(error, httpx.ConnectError):
        return _explain_connection(error, host)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return failure("time-out", seconds=f"{seconds:.0f}")
    if isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol):
        return failure("cut")
    if isinstance(error, UnusableCertificates):
        return failure("trust", reason=error.named.sentence)
    if isinstance(error, ImportError | ValueError | httpx.InvalidURL | httpx.UnsupportedProtocol):
        return failure("proxy-unusable")  # our own URLs were checked before
    return failure("unexpected", reason=type(error).__name__)


def _explain_connection(error: Exception, host: str) -> Failure:
    import socket
    import ssl

    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return failure("tls", reason=cause.verify_message or "it did not verify")
        if isinstance(cause, ssl.SSLError):
            return failure("tls-handshake", host=host)
        if isinstance(cause, socket.gaierror):
            return failure("dns", host=host)
        if isinstance(cause, ConnectionRefusedError):
            return failure("refused", host=host)
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return failure("tls-handshake", host=host)
    return failure("offline")
