"""What can go wrong, in words, and what to do about it. One table; nothing here knows a secret."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

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


class _Row(NamedTuple):
    sentence: str
    next_step: str
    verdict: bool = False
    reached: bool = False


_AGAIN = "Start the sign-in again."
_CONFIGURATION = "Correct the configuration of the OAuth client, then start again."
_NOTHING_LOST = "Your credential is untouched."

_TABLE: dict[str, _Row] = {
    # ── what the authorization server said ───────────────────────────────────────────────────────
    "denied": _Row(
        "Access was denied, on the consent page or by the server itself.",
        f"{_AGAIN} Choose “allow” if you want it.",
        True,
    ),
    "code-expired": _Row(
        "The server did not accept the code: it has expired, was used before, or belongs to another attempt.",
        f"{_AGAIN} A code can be used once and for a few minutes only.",
        True,
    ),
    "invalid-grant": _Row(
        "The server no longer accepts the refresh token: this login has ended.",
        "Sign in again.",
        True,
    ),
    "invalid-client": _Row(
        "The server does not know this OAuth client, or its secret is wrong.",
        f"Check the client id, the secret and the way of client authentication. {_CONFIGURATION}",
        True,
    ),
    "unauthorized-client": _Row(
        "The server does not allow this OAuth client to sign in this way.",
        "Ask the server's operator to allow the authorization code and refresh token grants.",
        True,
    ),
    "unsupported-grant": _Row(
        "The server does not support this kind of token request.",
        f"Check the token URL. {_CONFIGURATION}",
        True,
    ),
    "invalid-scope": _Row(
        "The server does not grant a scope that was asked for.",
        f"Check the scopes. {_CONFIGURATION}",
        True,
    ),
    "invalid-request": _Row(
        "The server found the request incomplete or wrong.",
        f"Check the redirect URI and the format of the token request (form or json). {_CONFIGURATION}",
        True,
    ),
    "state-required": _Row(
        "The server wants the state in the token request as well.",
        'Set token_request_format to "json", then start again: the JSON request carries the state.',
        True,
    ),
    "server-refused": _Row(
        "The authorization server answered with an error of its own.",
        "Ask the server's operator what it means.",
        True,
    ),
    "wrong-issuer": _Row(
        "The answer comes from another authorization server than the one that was asked.",
        "Start again, in a fresh browser window; if it happens again, don't use this server.",
    ),
    # ── what stood in between ────────────────────────────────────────────────────────────────────
    "rate-limited": _Row(
        "The server asks for a pause: too many requests (429).", "Wait {wait}; don't press on."
    ),
    "incident": _Row(
        "The server has a problem of its own ({status}): an incident.",
        f"{_NOTHING_LOST} Wait, look at its status page, then try again.",
        reached=True,
    ),
    "authorize-incident": _Row(
        "The server's sign-in page reports a problem of its own: an incident.",
        f"{_NOTHING_LOST} Wait, look at the server's status page, then start again.",
    ),
    "unavailable": _Row(
        "The server says that it is unavailable for now ({status}).",
        f"{_NOTHING_LOST} Wait {{wait}}, look at its status page, then try again.",
        reached=True,
    ),
    "html": _Row(
        "A web page came back where the server's answer belongs: a captive portal, gateway or firewall.",
        "Open a page in the browser and sign in to the network if it asks, then try again.",
        reached=True,
    ),
    "html-refusal": _Row(
        "A web page came back where the server's answer belongs ({status}): a gateway or firewall refused.",
        f"{_NOTHING_LOST} Check the network, the proxy and the token URL, then try again.",
    ),
    "redirected": _Row(
        "The request was sent on to another address ({status}): a captive portal, or the wrong URL.",
        "Sign in to the network if it asks, and check the token URL; redirects are not followed.",
    ),
    "proxy-authentication": _Row(
        "The proxy wants a user name and password (407).",
        "Put them into HTTPS_PROXY, or ask who runs the proxy.",
    ),
    "proxy-unusable": _Row(
        "The configured proxy can't be used.",
        "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY: http:// and https:// proxies work.",
    ),
    "bad-request": _Row(
        "The server found the request wrong (400) and doesn't say why.",
        'Start again with a fresh code; if it stays so, set token_request_format to "json": some servers '
        "want the state, which only that format carries.",
    ),
    "proxy-refused": _Row(
        "The proxy did not let the connection through ({reason}).",
        f"{_NOTHING_LOST} Ask who runs the proxy to allow this server, or set NO_PROXY.",
    ),
    "unauthorized": _Row(
        "401 came back, but not from the authorization server: a proxy or gateway wants credentials.",
        f"{_NOTHING_LOST} Check the proxy and the gateway, then try again.",
    ),
    "forbidden": _Row(
        "The request was refused on the way ({status}): a firewall, a proxy or the country it comes from.",
        f"{_NOTHING_LOST} Check which network and proxy this terminal uses; the browser may use another.",
    ),
    "not-found": _Row(
        "There is no such address at the server ({status}).", f"Check the URL. {_CONFIGURATION}"
    ),
    "unexpected-status": _Row(
        "The server answered with a status that says nothing ({status}).",
        f"{_NOTHING_LOST} Check the URL, then try again.",
    ),
    # ── answers that can't be used ───────────────────────────────────────────────────────────────
    "truncated": _Row(
        "The answer broke off in the middle.",
        "What was sent may have been used up: look whether the login still works, else sign in again.",
        reached=True,
    ),
    "not-json": _Row(
        "The answer is not valid JSON.",
        "What was sent may have been used up: look whether the login still works, else sign in again.",
        reached=True,
    ),
    "wrong-content-type": _Row(
        "The answer has the wrong content type, so it is not the authorization server's.",
        "Check the token URL and what stands in between (proxy, gateway).",
        reached=True,
    ),
    "missing-field": _Row(
        "The answer lacks a usable {field}.",
        "Ask the server's operator: an OAuth answer has an access_token and the token_type Bearer.",
        reached=True,
    ),
    "too-large": _Row(
        "The answer is far too large for a token.",
        "Check the token URL and what stands in between (proxy, gateway).",
        reached=True,
    ),
    "claude-account": _Row(
        "That is a Claude account's own token: it belongs to Claude Code, and we neither send nor keep it.",
        "Sign in to a Claude account with Claude Code itself: claude auth login.",
        reached=True,
    ),
    # ── connections ──────────────────────────────────────────────────────────────────────────────
    "offline": _Row(
        "The network can't be reached.", f"{_NOTHING_LOST} Check the connection, then try again."
    ),
    "dns": _Row(
        "The name of the server can't be found ({host}).",
        f"{_NOTHING_LOST} Check the connection, the DNS and the spelling, then try again.",
    ),
    "refused": _Row(
        "The connection was refused ({host}).",
        f"{_NOTHING_LOST} Check that the server runs, and the proxy; then try again.",
    ),
    "connect-timeout": _Row(
        "No connection within {seconds} s ({host}).",
        f"{_NOTHING_LOST} Check the network and the proxy, then try again.",
    ),
    "time-out": _Row(
        "The server gave no answer within {seconds} s.",
        "It may have acted all the same: look whether the login still works before you try again.",
        reached=True,
    ),
    "cut": _Row(
        "The connection broke before the answer came.",
        "The server may have acted all the same: look whether the login still works before you try again.",
        reached=True,
    ),
    "tls": _Row(
        "The server's certificate can't be trusted: {reason}.",
        "If your network inspects TLS, let SSL_CERT_FILE or NODE_EXTRA_CA_CERTS name its root certificate "
        "(PEM). Never switch the check off.",
    ),
    "trust": _Row(
        "{reason}, so nothing was sent.",
        "Correct the variable or unset it: what it names has to hold certificates in PEM form.",
    ),
    "tls-handshake": _Row(
        "No encrypted connection came about ({host}).",
        f"{_NOTHING_LOST} Check the proxy, and that the URL and port speak https.",
    ),
    "unexpected": _Row(
        "Something went wrong that we did not foresee ({reason}).",
        "Please report it; look whether the login still works before you try again.",
        reached=True,
    ),
    # ── here ─────────────────────────────────────────────────────────────────────────────────────
    "clock": _Row(
        "This computer's clock is {skew}.",
        "Set the clock (timedatectl set-ntp true; in WSL hwclock -s), then start again.",
    ),
    "busy": _Row(
        "Another sign-in is running.",
        "Finish or cancel it first: one at a time.",
    ),
    "cancelled": _Row("The sign-in was cancelled.", "Nothing was changed."),
    "waited-too-long": _Row(
        "Nothing came back from the browser within {minutes} minutes.",
        f"{_AGAIN} Without a way from the browser to this computer, paste the address instead.",
    ),
    "not-configured": _Row(
        "The OAuth client is not configured completely: {reason}.",
        _CONFIGURATION,
    ),
    "metadata": _Row("The issuer's metadata can't be used: {reason}.", f"Check the issuer. {_CONFIGURATION}"),
    "state-directory": _Row(
        "The directory for our own state can't be written ({reason}).",
        "Check its owner and mode.",
    ),
}

KINDS = tuple(_TABLE)

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
    row = _TABLE[kind]
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
