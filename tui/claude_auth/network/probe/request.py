"""The request itself, sent once: nothing is repeated, no redirect is followed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from claude_auth.formats.http_date import moment_of
from claude_auth.model import Resolution, Snapshot
from claude_auth.network.probe.answer import ProbeAnswer, causes_of, verdict
from claude_auth.network.probe.plan import OWN_HEADERS, ProbePlan
from claude_auth.oauth.transport import Cutoff, read_body
from claude_auth.security.account_tokens import holds_token
from claude_auth.security.redact import KnownValues
from claude_auth.security.sanitize import safe_text
from claude_auth.security.secret import Secret, without_locals

if TYPE_CHECKING:
    import httpx

SECONDS = 30.0


@without_locals
def send_probe(
    plan: ProbePlan,
    snapshot: Snapshot,
    resolution: Resolution,
    environ: Mapping[str, str],
    *,
    seconds: float = SECONDS,
    transport: httpx.BaseTransport | None = None,
    now: Callable[[], float] = time.time,
) -> ProbeAnswer:
    """Calling this is the consent. `environ`: from `network_environment`. Nothing is repeated, no redirect is
    followed."""
    import httpx

    assert plan.kind == "request"
    secrets = [value for name, value in plan.headers if name not in OWN_HEADERS]
    if any(holds_token(text) for text in (plan.target.reveal(), *(value.reveal() for value in secrets))):
        raise ValueError("a token of a Claude account is never sent by us")
    started = time.monotonic()
    try:
        with (
            Cutoff(seconds) as cutoff,
            httpx.Client(**_options(plan.target.reveal(), environ, snapshot, seconds, transport)) as client,
            client.stream(
                "GET", plan.target.reveal(), headers=_headers(plan), extensions=cutoff.extensions
            ) as answer,
        ):
            body = read_body(answer, cutoff)
            status, date = answer.status_code, answer.headers.get("date")
    except Exception as error:
        return _unanswered(error, time.monotonic() - started, snapshot, resolution)
    took, theirs = time.monotonic() - started, moment_of(date)
    skew = None if theirs is None else now() - theirs
    if body.problem == "packed":
        packed = f"came packed ({body.encoding}), which was not asked for"
        words = f"the answer ({status}) {packed}: it is not read"
        return ProbeAnswer(None, words, took, status, skew=skew)
    return _answered(status, body.content, took, skew, secrets, snapshot, resolution)


def _headers(plan: ProbePlan) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.reveal().encode("latin-1")) for name, value in plan.headers]


def _options(
    url: str,
    environ: Mapping[str, str],
    snapshot: Snapshot,
    seconds: float,
    transport: httpx.BaseTransport | None,
) -> dict[str, Any]:
    import httpx

    from claude_auth.network.settings import Proxy, UnusableProxy, own_variables, proxy_for
    from claude_auth.trust import trust

    own = own_variables(environ)
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    proxy = proxy_for(parts.hostname or "", port, environ)
    if isinstance(proxy, UnusableProxy):
        raise ValueError(f"{proxy.variable} can't be used: {proxy.why}")
    options: dict[str, Any] = {
        "timeout": httpx.Timeout(seconds, connect=min(10.0, seconds)),
        "follow_redirects": False,
        "trust_env": False,
        "verify": trust("ours", own, snapshot.places.cwd) if parts.scheme == "https" else False,
        "headers": {"Accept": "application/json", "Accept-Encoding": "identity"},
        "transport": transport,
    }
    if isinstance(proxy, Proxy) and transport is None:
        sign_in = None
        if proxy.user is not None:
            sign_in = (proxy.user.reveal(), "" if proxy.password is None else proxy.password.reveal())
        encrypted = trust("ours", own, snapshot.places.cwd) if proxy.scheme == "https" else None
        url = f"{proxy.scheme}://{proxy.host}:{proxy.port}"
        options["proxy"] = httpx.Proxy(url, auth=sign_in, ssl_context=encrypted)
    return options


def _unanswered(error: Exception, seconds: float, snapshot: Snapshot, resolution: Resolution) -> ProbeAnswer:
    import httpx

    from claude_auth.trust import UnusableCertificates

    if isinstance(error, UnusableCertificates):
        words = f"{error.named.sentence}, so nothing was sent; correct {error.named.variable} or unset it"
        return ProbeAnswer(None, words, seconds)
    told = (
        safe_text(str(error), 200)
        if isinstance(error, httpx.ConnectError | httpx.ProxyError | ValueError)
        else ""
    )
    words = "no answer in time" if isinstance(error, httpx.TimeoutException) else "no answer came back"
    if isinstance(error, httpx.ProxyError):
        words = "the proxy did not let the request through"
    causes = causes_of(told, snapshot, resolution) if told else ()
    step = "`claude-auth probe --network` looks at each step of the way"
    return ProbeAnswer(None, f"{words}{f' ({told})' if told else ''}; {step}", seconds, causes=causes)


def _answered(
    status: int,
    body: bytes,
    seconds: float,
    skew: float | None,
    secrets: list[Secret],
    snapshot: Snapshot,
    resolution: Resolution,
) -> ProbeAnswer:
    text = body.decode("utf-8", "replace")
    words_sent = (Secret(word) for secret in secrets for word in (secret.reveal(), *secret.reveal().split()))
    text = KnownValues(words_sent, shortest=8).hide(text)  # some gateways repeat what they were sent
    ok, words = verdict(status, text)
    # The whole answer, as an HTTP dump, is what the classifier knows how to read.
    causes = () if ok else causes_of(f"HTTP/1.1 {status}\n\n{text}", snapshot, resolution)
    return ProbeAnswer(ok, words, seconds, status, safe_text(text[:4000], 400), causes, skew)
