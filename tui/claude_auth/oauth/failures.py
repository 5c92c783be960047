"""A failure as it is told: a row of the table of causes, filled in. Nothing here knows a secret."""

from __future__ import annotations

from dataclasses import dataclass, replace

from claude_auth.diagnose.causes.oauth_errors import OAUTH
from claude_auth.formats.outputs import SKEW_BREAKS
from claude_auth.security.sanitize import clean


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that went wrong.

    `is_verdict`: the authorization server itself said no, so asking again changes nothing; offline, 5xx, a
    proxy's 401 and HTML are never verdicts. `may_have_reached_the_server`: the server may have acted on the
    request, so a code or refresh token that it carried must not be sent again. `retry_after`: seconds that
    the server asked us to wait. `detail`: what the other side said, cleaned and without secrets.
    """

    kind: str
    sentence: str
    next_step: str
    is_verdict: bool = False
    may_have_reached_the_server: bool = False
    retry_after: float | None = None
    status: int | None = None
    detail: str | None = None

    def __str__(self) -> str:
        said = f" ({self.detail})" if self.detail else ""
        return f"{self.sentence}{said} {self.next_step}"


class OAuthError(Exception):
    """For callers that want an exception; its text is the failure's."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


KINDS = tuple(OAUTH)

#: Nothing was sent, so the same request may go out again once.
SAFE_TO_REPEAT = frozenset({"offline", "dns", "refused", "connect-timeout"})


def failure(
    kind: str,
    *,
    retry_after: float | None = None,
    status: int | None = None,
    detail: str | None = None,
    **words: object,
) -> Failure:
    """A row of the table, filled in. `detail` and the words are cleaned; secrets must be out already."""
    row = OAUTH[kind]
    values = {name: clean(str(value), 400) for name, value in words.items()}
    values |= {"wait": _wait(retry_after), "status": str(status)}
    return Failure(
        kind=kind,
        sentence=row.sentence.format_map(values),
        next_step=row.next_step.format_map(values),
        is_verdict=row.verdict,
        may_have_reached_the_server=row.reached,
        retry_after=retry_after,
        status=status,
        detail=clean(detail, 200) if detail else None,
    )


def _wait(seconds: float | None) -> str:
    if seconds is None:
        return "a few minutes"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"


def describe_skew(seconds: float) -> str:
    """`seconds`: ours minus the server's."""
    amount = abs(seconds)
    words = f"{amount:.0f} s" if amount < 120 else f"{amount / 60:.0f} min"
    return f"{words} {'ahead of' if seconds > 0 else 'behind'} the server's"


#: From here on a wrong clock is worth a word; from there on it explains a refusal.


def with_skew(problem: Failure, skew: float | None) -> Failure:
    """Adds the clock to a verdict that a wrong clock may explain."""
    if skew is None or abs(skew) < SKEW_BREAKS or problem.kind not in {"code-expired", "invalid-grant"}:
        return problem
    clock = failure("clock", skew=describe_skew(skew))
    return replace(
        problem,
        sentence=f"{problem.sentence} {clock.sentence}",
        next_step=f"{clock.next_step} {problem.next_step}",
    )
