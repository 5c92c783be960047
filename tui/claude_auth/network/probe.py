"""One live request, as the chosen client would send it: planned and shown first, then sent, its answer
explained.

An OAuth token of a Claude account is never sent by us, wherever it came from: there Claude Code is run.
No other program's user agent is imitated.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from claude_auth import __version__
from claude_auth.clients import BY_ID, OAUTH_SOURCES
from claude_auth.model import HeaderValue, Resolution, Snapshot
from claude_auth.oauth.urls import is_loopback_host
from claude_auth.resolve.destination import FIRST_PARTY_HOST
from claude_auth.resolve.effective import View
from claude_auth.sanitise import REDACTED, clean, redact
from claude_auth.secret import Secret, without_locals
from claude_auth.sources import label

if TYPE_CHECKING:
    import httpx

    from claude_auth.diagnose.texts import Recognised

Kind = Literal["request", "claude", "aws", "google", "none"]
Remedy = Literal["", "diagnose", "evaluate", "claude-print"]

USER_AGENT = f"claude-auth/{__version__}"
#: The version of the API that the request speaks.
API_VERSION = "2023-06-01"
SECONDS = 30.0
CLAUDE_SECONDS = 120.0
LARGEST_ANSWER = 1 << 20

CLAUDE_ARGUMENTS = ("-p", "Answer with: ok")

_FREE = "nothing: it asks for the list of models, no model is asked"
_GATEWAY = (
    "nothing that we know of: it asks for the list of models; what the gateway's owner counts is theirs"
)
_ONE_REQUEST = "one short request, counted against whatever `claude -p` uses: your plan's limits, or tokens"


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """What would happen, before it does. `url` and `shown` (header lines) are masked. Where `kind` is `none`,
    `refused` says why, `next_step` what to do instead, and `remedy` the same where a key can do it: to
    `diagnose`, to `evaluate` on consent, to ask as `claude-print`."""

    kind: Kind
    client: str
    title: str
    cost: str = ""
    url: str = ""
    shown: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    refused: str | None = None
    next_step: str = ""
    remedy: Remedy = ""
    sources: tuple[str, ...] = ()
    target: Secret = field(default=Secret(""), repr=False)
    headers: tuple[tuple[str, Secret], ...] = field(default=(), repr=False)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "client": self.client,
            "title": clean(self.title, 300),
            "cost": self.cost,
            "url": clean(self.url, 300),
            "headers": [clean(line, 300) for line in self.shown],
            "command": list(self.argv),
            "refused": None if self.refused is None else clean(self.refused, 600),
            "next_step": clean(self.next_step, 300),
        }


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """`ok`: the credential was accepted; None: the answer tells nothing about it. `said`: what came back,
    redacted. `causes`: what it is known to mean, likeliest first."""

    ok: bool | None
    words: str
    seconds: float
    status: int | None = None
    said: str = ""
    causes: tuple[Recognised, ...] = ()
    skew: float | None = None

    def as_json(self) -> dict[str, Any]:
        from claude_auth.report.diagnose_json import diagnose_document

        return {
            "ok": self.ok,
            "text": clean(self.words, 600),
            "status": self.status,
            "seconds": round(self.seconds, 2),
            "said": clean(self.said, 600),
            "clock_skew": None if self.skew is None else round(self.skew, 1),
            "causes": diagnose_document(self.causes, ())["recognised"],
        }


# ── planning: pure ───────────────────────────────────────────────────────────────────────────────


@without_locals
def plan_probe(snapshot: Snapshot, resolution: Resolution, *, own_base_url: str | None = None) -> ProbePlan:
    """`own_base_url`: the one configured with the user's own OAuth client, the only place for its tokens."""
    view = View(snapshot, BY_ID[resolution.client], resolution.version.resolved_as)
    blocked, wire = resolution.blocked, resolution.wire

    def no(why: str, step: str = "", remedy: Remedy = "") -> ProbePlan:
        title = "nothing to probe"
        return ProbePlan("none", resolution.client, title, refused=why, next_step=step, remedy=remedy)

    if blocked is not None:
        return no(f"no request would go out: {blocked.reason}", "Look at `claude-auth diagnose`", "diagnose")
    if wire is None:
        return no("no request would go out", "Look at `claude-auth diagnose`", "diagnose")
    if resolution.provider not in {"first-party", "gateway"}:
        return _cloud_plan(resolution, no)
    headers = [header for header in (wire.x_api_key, wire.authorization) if header is not None]
    if any(_is_claude_accounts(header) for header in headers) or _holds_oat(view, headers):
        return _claude_plan(snapshot, resolution, no)
    if any(header.value is None for header in headers):
        return no(
            "what goes out is not known before a command is run or a descriptor read",
            "Add --evaluate to consent to that",
            "evaluate",
        )
    own = {"sdk-tokens", "keyring-tokens"} & {header.source for header in headers}
    if {"claw-tokens", "profile"} & {header.source for header in headers}:
        return no("the token belongs to another program's sign-in, which alone may send it")
    if own and own_base_url is None:
        return no(
            "a token of your own OAuth client goes only to the base URL configured with it, and none is",
            "Set base_url in the configuration of the client",
        )
    base = own_base_url if own and own_base_url else view.text("ANTHROPIC_BASE_URL")
    return _request_plan(view, resolution, headers, base or f"https://{FIRST_PARTY_HOST}", no)


No = Callable[..., ProbePlan]


def _request_plan(
    view: View, resolution: Resolution, headers: list[HeaderValue], base: str, no: No
) -> ProbePlan:
    if "://" not in base:
        base = f"http://{base}"
    try:
        parts = urlsplit(base)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return no("the base URL can't be read")
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None or parts.query:
        return no("the base URL is none that a request could be sent to")
    if parts.scheme == "http" and not is_loopback_host(host):
        return no(
            f"the credential would cross the network in clear text, to http://{clean(host, 200)}",
            "Use https for the base URL",
        )
    sent = [("anthropic-version", Secret(API_VERSION)), ("user-agent", Secret(USER_AGENT))]
    for header in headers:
        assert header.value is not None
        if header.value.is_blank or header.value.unsendable is not None:
            return no(f"{label(header.source)} is blank, or holds what no header can carry")
        name = "x-api-key" if header is resolution.wire.x_api_key else "authorization"  # type: ignore[union-attr]
        value = header.value.reveal()
        sent.append((name, Secret(f"{header.scheme} {value}" if header.scheme else value)))
    taken = {name for name, _ in sent} | {"host", "content-length", "connection", "transfer-encoding"}
    for name, custom in _custom_headers(view):
        if name not in taken and _is_header_name(name) and custom.unsendable is None:
            sent.append((name, custom))
    url = base.rstrip("/") + "/v1/models"
    if any(_is_forbidden(text) for text in (url, *(value.reveal() for _, value in sent))):
        return no("it holds an OAuth token of a Claude account, which Claude Code alone may send")
    asked_by = BY_ID[resolution.client].label
    authority = host if port is None else f"{host}:{port}"
    first_party = host == FIRST_PARTY_HOST
    return ProbePlan(
        "request",
        resolution.client,
        f"ask {clean(authority, 200)} for its list of models, with what {asked_by} would send",
        cost=_FREE if first_party else _GATEWAY,
        url=f"{parts.scheme}://{authority}{redact(parts.path.rstrip('/'))}/v1/models",
        target=Secret(url),
        shown=tuple(_shown(name, value, headers, resolution) for name, value in sent),
        sources=tuple(dict.fromkeys(header.source for header in headers)),
        headers=tuple(sent),
    )


def _shown(name: str, value: Secret, headers: list[HeaderValue], resolution: Resolution) -> str:
    if name in {"anthropic-version", "user-agent"}:
        return f"{name}: {value.reveal()}"
    wire = resolution.wire
    header = None
    if wire is not None:
        header = {"x-api-key": wire.x_api_key, "authorization": wire.authorization}.get(name)
    if header is None or header.value is None:
        return f"{clean(name, 60)}: {value.masked}"
    scheme = f"{header.scheme} " if header.scheme else ""
    return f"{name}: {scheme}{header.value.masked}  ({label(header.source)})"


def _is_header_name(name: str) -> bool:
    return bool(name) and name.isascii() and all(c.isalnum() or c in "-_" for c in name)


def _custom_headers(view: View) -> Iterator[tuple[str, Secret]]:
    from claude_auth.formats.custom_headers import read_custom_headers

    if not view.client.is_claude_code:
        return
    found = view.secret("ANTHROPIC_CUSTOM_HEADERS")
    yield from read_custom_headers(found.reveal()).items() if found is not None else ()


def _is_claude_accounts(header: HeaderValue) -> bool:
    """By its source, or by its looks."""
    return header.source in OAUTH_SOURCES or (header.value is not None and _is_oat(header.value.reveal()))


def _holds_oat(view: View, headers: list[HeaderValue]) -> bool:
    return any(_is_oat(value.reveal()) for _, value in _custom_headers(view)) or _is_oat(
        view.text("ANTHROPIC_BASE_URL")
    )


def _is_oat(text: str) -> bool:
    return any("sk-ant-oat" in form for form in _forms(text))


def _is_forbidden(text: str) -> bool:
    """An access or refresh token of a Claude account, however it is wrapped."""
    return any("sk-ant-oat" in form or "sk-ant-ort" in form for form in _forms(text))


def _forms(text: str) -> Iterator[str]:
    lowered = text.lower()
    yield lowered
    yield unquote(lowered)
    for word in text.replace(",", " ").split():
        if len(word) > 12:
            for alphabet in (None, b"-_"):
                try:
                    raw = base64.b64decode(word + "=" * (-len(word) % 4), alphabet)
                except (ValueError, binascii.Error):
                    continue
                yield raw.decode("latin-1").lower()


def _claude_plan(snapshot: Snapshot, resolution: Resolution, no: No) -> ProbePlan:
    """Claude Code itself sends its own login."""
    what = "an OAuth token of a Claude account is never sent by us, only by Claude Code itself"
    if not BY_ID[resolution.client].is_claude_code:
        return no(what, "Probe with --client claude-print", "claude-print")
    if not snapshot.installed:
        return no(f"{what}, and it is not installed here", "Install it, or sign in where it is")
    return ProbePlan(
        "claude",
        resolution.client,
        "run `claude -p` once and look at its answer",
        cost=_ONE_REQUEST,
        argv=(snapshot.installed[0].path, *CLAUDE_ARGUMENTS),
        sources=(resolution.winner,) if resolution.winner else (),
    )


def _cloud_plan(resolution: Resolution, no: No) -> ProbePlan:
    if resolution.provider == "bedrock":
        header = resolution.wire.authorization if resolution.wire is not None else None
        if header is not None and not header.is_signature:
            return no(
                "a Bedrock API key can be tried by asking a model only, which costs tokens", "Run claude -p"
            )
        title = "ask AWS (STS GetCallerIdentity) whose credentials they are"
        return ProbePlan("aws", resolution.client, title, cost="nothing: STS is free")
    if resolution.provider == "vertex":
        title = "ask Google for an access token with the default credentials"
        return ProbePlan("google", resolution.client, title, cost="nothing: tokens are free")
    return no(
        "for this provider no request is known that costs nothing", "Run claude -p: it costs one request"
    )


# ── sending ──────────────────────────────────────────────────────────────────────────────────────


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
    secrets = [value for name, value in plan.headers if name not in {"anthropic-version", "user-agent"}]
    if any(_is_forbidden(text) for text in (plan.target.reveal(), *(value.reveal() for value in secrets))):
        raise ValueError("a token of a Claude account is never sent by us")
    started = time.monotonic()
    body = bytearray()
    try:
        with (
            httpx.Client(**_options(plan.target.reveal(), environ, snapshot, seconds, transport)) as client,
            client.stream("GET", plan.target.reveal(), headers=_headers(plan)) as answer,
        ):
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER or time.monotonic() - started > seconds:
                    break
            status, date = answer.status_code, answer.headers.get("date")
    except Exception as error:
        return _unanswered(error, time.monotonic() - started, snapshot, resolution)
    took = time.monotonic() - started
    return _answered(status, bytes(body), took, _skew(date, now()), secrets, snapshot, resolution)


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

    from claude_auth.network.settings import Proxy, UnusableProxy, proxy_for
    from claude_auth.network.trust import own_trust

    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    proxy = proxy_for(parts.hostname or "", port, environ)
    if isinstance(proxy, UnusableProxy):
        raise ValueError(f"{proxy.variable} can't be used: {proxy.why}")
    options: dict[str, Any] = {
        "timeout": httpx.Timeout(seconds, connect=min(10.0, seconds)),
        "follow_redirects": False,
        "trust_env": False,
        "verify": own_trust(environ, snapshot.places.cwd) if parts.scheme == "https" else False,
        "headers": {"Accept": "application/json", "Accept-Encoding": "identity"},
        "transport": transport,
    }
    if isinstance(proxy, Proxy) and transport is None:
        sign_in = None
        if proxy.user is not None:
            sign_in = (proxy.user.reveal(), "" if proxy.password is None else proxy.password.reveal())
        options["proxy"] = httpx.Proxy(f"{proxy.scheme}://{proxy.host}:{proxy.port}", auth=sign_in)
    return options


def _skew(date: str | None, now: float) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return now - parsedate_to_datetime(date or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _unanswered(error: Exception, seconds: float, snapshot: Snapshot, resolution: Resolution) -> ProbeAnswer:
    import httpx

    told = (
        clean(redact(str(error)), 200)
        if isinstance(error, httpx.ConnectError | httpx.ProxyError | ValueError)
        else ""
    )
    words = "no answer in time" if isinstance(error, httpx.TimeoutException) else "no answer came back"
    if isinstance(error, httpx.ProxyError):
        words = "the proxy did not let the request through"
    causes = _causes(told, snapshot, resolution) if told else ()
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
    for secret in secrets:  # some gateways repeat what they were sent
        for word in (secret.reveal(), *secret.reveal().split()):
            if len(word) >= 8:
                text = text.replace(word, REDACTED)
    ok, words = _verdict(status, text)
    # The whole answer, as an HTTP dump, is what the classifier knows how to read.
    causes = () if ok else _causes(f"HTTP/1.1 {status}\n\n{text}", snapshot, resolution)
    return ProbeAnswer(ok, words, seconds, status, clean(redact(text[:4000]), 400), causes, skew)


_VERDICTS: Mapping[int, tuple[bool | None, str]] = {
    400: (False, "the request was refused as wrong (400)"),
    401: (False, "the credential was not accepted (401)"),
    402: (False, "the account can't pay (402)"),
    403: (False, "the credential is known but may not do this (403)"),
    404: (None, "there is no list of models at that address (404): it says nothing about the credential"),
    405: (
        None,
        "the address does not answer this kind of request (405): it says nothing about the credential",
    ),
    407: (None, "the proxy wants a user name and password (407)"),
    429: (None, "too many requests (429): the credential was not judged"),
    529: (None, "the server is overloaded (529): an incident, keep your credential"),
}


def _verdict(status: int, text: str) -> tuple[bool | None, str]:
    if text.lstrip()[:1] == "<":
        return None, f"a web page came back ({status}): a gateway, proxy or firewall answered, not the API"
    if status in _VERDICTS:
        return _VERDICTS[status]
    if 200 <= status < 300:
        if text.lstrip()[:1] not in {"{", "["}:
            return None, f"something else than JSON came back ({status}): not an API's answer"
        return True, f"the credential was accepted ({status})"
    if 300 <= status < 400:
        return None, f"it was sent on to another address ({status}); the credential was not sent there"
    if status >= 500:
        return None, f"the server has a problem of its own ({status}): keep your credential"
    return None, f"an answer that says nothing about the credential ({status})"


def _causes(text: str, snapshot: Snapshot, resolution: Resolution) -> tuple[Recognised, ...]:
    from claude_auth.diagnose import diagnose
    from claude_auth.diagnose.texts import classify, explain

    return explain(classify(text), snapshot, resolution, diagnose(snapshot, resolution))


# ── running Claude Code ──────────────────────────────────────────────────────────────────────────


async def run_claude(
    plan: ProbePlan,
    snapshot: Snapshot,
    resolution: Resolution,
    environ: Mapping[str, str],
    *,
    seconds: float = CLAUDE_SECONDS,
) -> ProbeAnswer:
    """`claude -p` in a session of its own: never ended by us, since it may be refreshing its login. `environ`
    is the shell's."""
    from claude_auth.commands.detached import Detached
    from claude_auth.commands.environment import child_environment
    from claude_auth.commands.processes import CouldNotStart

    assert plan.kind == "claude"
    child = Detached(plan.argv, environment=child_environment(environ, "claude"), cwd=snapshot.places.cwd)
    try:
        child.start()
    except CouldNotStart as problem:
        return ProbeAnswer(None, f"Claude Code did not start: {problem}", 0.0)
    try:
        code = await child.wait(seconds)
    finally:
        took = child.elapsed
        child.leave()
    text = child.output.decode("utf-8", "replace")
    said = clean(redact(text[:4000]), 400)
    if code is None:
        words = f"Claude Code gave no answer within {seconds:.0f} s; it goes on undisturbed"
        return ProbeAnswer(None, words, took, said=said, causes=_causes(text, snapshot, resolution))
    if code == 0:
        return ProbeAnswer(True, "Claude Code got an answer: the credential works", took, said=said)
    causes = _causes(text, snapshot, resolution)
    return ProbeAnswer(False, f"Claude Code ended with code {code}", took, said=said, causes=causes)


def ask_cloud(
    plan: ProbePlan, snapshot: Snapshot, resolution: Resolution, environ: Mapping[str, str]
) -> ProbeAnswer:
    """Who answers for AWS or Google. `environ` is the shell's. Blocks."""
    view = View(snapshot, BY_ID[resolution.client], resolution.version.resolved_as)
    if plan.kind == "aws":
        from claude_auth.cloud.aws import ask_aws
        from claude_auth.cloud.aws_plan import plan_aws

        found = ask_aws(plan_aws(view, environ), view, environ)
        if found.identity is not None:
            words = f"AWS knows the credentials: {clean(found.identity.arn, 200)}"
            return ProbeAnswer(True, words, found.seconds, skew=found.identity.clock_offset)
        trouble = found.trouble
    else:
        from claude_auth.cloud.google import ask_google
        from claude_auth.cloud.google_plan import plan_google

        answer = ask_google(plan_google(view, environ), view, environ)
        if answer.identity is not None:
            who = answer.identity.account or answer.identity.kind
            return ProbeAnswer(True, f"Google gave a token for {clean(who, 200)}", answer.seconds)
        trouble, found = answer.trouble, answer  # type: ignore[assignment]
    words = "no answer" if trouble is None else trouble.title
    return ProbeAnswer(False, clean(words, 300), found.seconds)
