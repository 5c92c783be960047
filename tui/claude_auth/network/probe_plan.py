"""What would be sent, to whom, and what it costs. Pure: nothing goes out by planning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from claude_auth.claude_code.base_url import FIRST_PARTY_HOST
from claude_auth.claude_code.clients import BY_ID, OAUTH_SOURCES
from claude_auth.claude_code.destination import AWS_PROVIDERS, GOOGLE_PROVIDERS
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.formats.outputs import read_custom_headers
from claude_auth.model import HeaderValue, Resolution, Snapshot
from claude_auth.network import USER_AGENT
from claude_auth.oauth.transport import is_loopback_host
from claude_auth.security.sanitize import clean, safe_text, shown_path
from claude_auth.security.secret import Secret, holds_access_token, holds_token, without_locals
from claude_auth.sources import label
from claude_auth.words.origins import distrust_words

ProbeKind = Literal["request", "claude", "aws", "google", "none"]
Remedy = Literal["", "diagnose", "evaluate", "claude-print"]

#: The version of the API that the request speaks.
API_VERSION = "2023-06-01"
#: Headers of ours: no secret is in them.
OWN_HEADERS = ("anthropic-version", "user-agent")

#: Where a credential goes and what goes with it.
_DECIDES = ("ANTHROPIC_BASE_URL", "ANTHROPIC_CUSTOM_HEADERS")

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

    kind: ProbeKind
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


@without_locals
def plan_probe(snapshot: Snapshot, resolution: Resolution, *, own_base_url: str | None = None) -> ProbePlan:
    """`own_base_url`: the one configured with the user's own OAuth client, the only place for its tokens."""
    view = EffectiveConfig.of(snapshot, resolution)
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
    if any(_is_claude_accounts(header) for header in headers) or _sends_access_token(view):
        return _claude_plan(snapshot, resolution, no)
    others = {"claw-tokens", "profile", "federation"}
    if others & {header.source for header in headers}:
        return no("the token belongs to another program's sign-in, which alone may send it")
    if any(header.value is None for header in headers):
        return no(
            "what goes out is not known before a command is run or a descriptor read",
            "Add --evaluate to consent to that",
            "evaluate",
        )
    own = {"sdk-tokens", "keyring-tokens"} & {header.source for header in headers}
    if own and own_base_url is None:
        return no(
            "a token of your own OAuth client goes only to the base URL configured with it, and none is",
            "Set base_url in the configuration of the client",
        )
    if (refused := _decided_by_others(view, no)) is not None:
        return refused
    base = own_base_url if own and own_base_url else view.text("ANTHROPIC_BASE_URL")
    return _request_plan(view, resolution, headers, base or f"https://{FIRST_PARTY_HOST}", no)


No = Callable[..., ProbePlan]


def _decided_by_others(view: EffectiveConfig, no: No) -> ProbePlan | None:
    """Refused where the first of what counts is neither the person's own nor trusted."""
    deciding = (view.assignment(name) for name in _DECIDES)
    for one in deciding:
        if one is not None and view.snapshot.distrusts(one.origin):
            return no(
                f"{one.name} would decide what becomes of the credential, and it comes from "
                f"{shown_path(one.origin.path or 'settings')}: {distrust_words(one.origin)}",
                f"Where that is right: export {one.name} yourself, or let Claude Code trust the folder",
            )
    return None


def _request_plan(
    view: EffectiveConfig, resolution: Resolution, headers: list[HeaderValue], base: str, no: No
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
        why = f"the credential would cross the network in clear text, to http://{clean(host, 200)}"
        return no(why, "Use https for the base URL")
    unsendable = next((one for one in headers if not _is_sendable(one.value)), None)
    if unsendable is not None:
        return no(f"{label(unsendable.source)} is blank, or holds what no header can carry")
    sent, url = _sent(view, resolution, headers), base.rstrip("/") + "/v1/models"
    if any(holds_token(text) for text in (url, *(value.reveal() for _, value in sent))):
        return no("it holds an OAuth token of a Claude account, which Claude Code alone may send")
    asked_by = BY_ID[resolution.client].label
    authority = host if port is None else f"{host}:{port}"
    return ProbePlan(
        "request",
        resolution.client,
        f"ask {clean(authority, 200)} for its list of models, with what {asked_by} would send",
        cost=_FREE if host == FIRST_PARTY_HOST else _GATEWAY,
        url=f"{parts.scheme}://{authority}{safe_text(parts.path.rstrip('/'))}/v1/models",
        target=Secret(url),
        shown=tuple(_shown(name, value, resolution) for name, value in sent),
        sources=tuple(dict.fromkeys(header.source for header in headers)),
        headers=tuple(sent),
    )


def _is_sendable(value: Secret | None) -> bool:
    return value is not None and not value.is_blank and value.unsendable is None


def _sent(
    view: EffectiveConfig, resolution: Resolution, headers: list[HeaderValue]
) -> list[tuple[str, Secret]]:
    """Name and value of every header of ours: the credentials', and what the person adds to them."""
    sent = [("anthropic-version", Secret(API_VERSION)), ("user-agent", Secret(USER_AGENT))]
    for header in headers:
        assert header.value is not None
        assert resolution.wire is not None
        name = "x-api-key" if header is resolution.wire.x_api_key else "authorization"
        value = header.value.reveal()
        sent.append((name, Secret(f"{header.scheme} {value}" if header.scheme else value)))
    taken = {name for name, _ in sent} | {"host", "content-length", "connection", "transfer-encoding"}
    for name, custom in _custom_headers(view).items():
        is_name = name.isascii() and all(c.isalnum() or c in "-_" for c in name)
        if name not in taken and is_name and custom.unsendable is None:
            sent.append((name, custom))
    return sent


def _shown(name: str, value: Secret, resolution: Resolution) -> str:
    if name in OWN_HEADERS:
        return f"{name}: {value.reveal()}"
    wire = resolution.wire
    header = None
    if wire is not None:
        header = {"x-api-key": wire.x_api_key, "authorization": wire.authorization}.get(name)
    if header is None or header.value is None:
        return f"{clean(name, 60)}: {value.masked}"
    scheme = f"{header.scheme} " if header.scheme else ""
    return f"{name}: {scheme}{header.value.masked} ({label(header.source)})"


def _custom_headers(view: EffectiveConfig) -> Mapping[str, Secret]:
    found = view.secret("ANTHROPIC_CUSTOM_HEADERS") if view.client.is_claude_code else None
    return {} if found is None else read_custom_headers(found.reveal())


def _is_claude_accounts(header: HeaderValue) -> bool:
    """By its source, or by its looks."""
    return header.source in OAUTH_SOURCES or (
        header.value is not None and holds_access_token(header.value.reveal())
    )


def _sends_access_token(view: EffectiveConfig) -> bool:
    values = (*(value.reveal() for value in _custom_headers(view).values()), view.text("ANTHROPIC_BASE_URL"))
    return any(map(holds_access_token, values))


def _claude_plan(snapshot: Snapshot, resolution: Resolution, no: No) -> ProbePlan:
    """Claude Code itself sends its own login."""
    what = "an OAuth token of a Claude account is never sent by us, only by Claude Code itself"
    if not BY_ID[resolution.client].is_claude_code:
        return no(what, "Probe with --client claude-print", "claude-print")
    if not snapshot.installed:
        return no(f"{what}, and it is not installed here", "Install it, or sign in where it is")
    foreign = snapshot.foreign_settings(snapshot.trusts_folder)
    if foreign is not None:
        return no(
            f"`claude -p` runs what {shown_path(foreign.path)} names, and that file belongs to "
            f"{clean(foreign.owner, 60)}",
            "Where you trust its owner: run claude yourself, or make the file yours",
        )
    return ProbePlan(
        "claude",
        resolution.client,
        "run `claude -p` once and look at its answer"
        + ("" if snapshot.trusts_folder else ", in your home directory since this folder is not trusted"),
        cost=_ONE_REQUEST,
        argv=(snapshot.installed[0].path, *CLAUDE_ARGUMENTS),
        sources=(resolution.winner,) if resolution.winner else (),
    )


def _cloud_plan(resolution: Resolution, no: No) -> ProbePlan:
    if resolution.provider in AWS_PROVIDERS:
        wire = resolution.wire
        sent = [] if wire is None else [header for header in (wire.x_api_key, wire.authorization) if header]
        if sent and not any(header.is_signature for header in sent):
            key = label(resolution.winner or resolution.provider)
            return no(f"{key} can be tried by asking a model only, which costs tokens", "Run claude -p")
        title = "ask AWS (STS GetCallerIdentity) whose credentials they are"
        return ProbePlan("aws", resolution.client, title, cost="nothing: STS is free")
    if resolution.provider in GOOGLE_PROVIDERS:
        title = "ask Google for an access token with the default credentials"
        return ProbePlan("google", resolution.client, title, cost="nothing: tokens are free")
    return no(
        "for this provider no request is known that costs nothing", "Run claude -p: it costs one request"
    )
