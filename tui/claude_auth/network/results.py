"""Which hosts this machine's Claude Code needs, what the checks of them found, and what that means together.
Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from claude_auth.claude_code.base_url import FIRST_PARTY_HOST
from claude_auth.claude_code.destination import AWS_PROVIDERS, GOOGLE_PROVIDERS, aws_region, find_destination
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.formats.outputs import SKEW_TOLD
from claude_auth.model import Provider
from claude_auth.security.sanitize import clean
from claude_auth.trust import is_inspector
from claude_auth.words import span

Stage = Literal["settings", "proxy", "dns", "tcp", "tls", "http", "clock"]
State = Literal["ok", "warn", "fail", "skipped"]


@dataclass(frozen=True, slots=True)
class NeededHost:
    """`why`: what goes there; `failing`: what doesn't work without it. `api`: it answers in JSON, so a web
    page from there comes from something in between."""

    id: str
    host: str
    why: str
    failing: str
    port: int = 443
    scheme: Literal["https", "http"] = "https"
    path: str = "/"
    api: bool = False


@dataclass(frozen=True, slots=True)
class NetworkCheck:
    """One step. `words` explain it; they hold no secret."""

    stage: Stage
    state: State
    words: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class HostReport:
    """The steps to one host, as far as they went. `skew`: this clock minus the server's, in seconds.
    `under_way`: there is more to come."""

    needed: NeededHost
    checks: tuple[NetworkCheck, ...]
    addresses: tuple[str, ...] = ()
    proxy: str | None = None
    issuer: str | None = None
    status: int | None = None
    skew: float | None = None
    under_way: bool = False

    @property
    def state(self) -> State:
        states = {check.state for check in self.checks}
        return "fail" if "fail" in states else "warn" if "warn" in states else "ok"


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """`settings`: what was read before anything was asked. `conclusions`: what it means, the worst first."""

    at: float
    settings: tuple[NetworkCheck, ...]
    hosts: tuple[HostReport, ...]
    conclusions: tuple[str, ...]

    @property
    def is_fine(self) -> bool:
        states = {*(host.state for host in self.hosts), *(check.state for check in self.settings)}
        return "fail" not in states


# ── what it means ────────────────────────────────────────────────────────────────────────────────

ALL_REACHED = "Everything that is needed can be reached."


def conclusions(hosts: Sequence[HostReport], settings: Sequence[NetworkCheck]) -> tuple[str, ...]:
    """What it means for Claude Code, the worst first."""
    # A wrong clock alone is told below.
    failed = [h for h in hosts if any(c.state == "fail" and c.stage != "clock" for c in h.checks)]
    found: list[str] = []
    if hosts and len(failed) == len(hosts):
        stages = {next(c.stage for c in host.checks if c.state == "fail") for host in failed}
        no_name = "No name can be looked up: this machine has no network, or its DNS is down."
        found.append(no_name if stages == {"dns"} else "No host that is needed can be reached from here.")
    found += [f"{clean(host.needed.host, 200)} fails: {host.needed.failing}." for host in failed]
    found += [f"{check.words}." for check in settings if check.state == "fail"]
    skews = sorted(host.skew for host in hosts if host.skew is not None)
    skew = skews[len(skews) // 2] if skews else 0.0
    if abs(skew) >= SKEW_TOLD:
        side = "ahead" if skew > 0 else "behind"
        found.append(
            f"This clock is {span(abs(skew))} {side}: tokens look expired or fresh when they are not, and "
            "AWS refuses signatures from five minutes on. Set it: timedatectl set-ntp true; in WSL "
            "sudo hwclock -s."
        )
    inspected = [host for host in hosts if host.issuer is not None and is_inspector(host.issuer)]
    if inspected and not any(host in failed for host in inspected):
        found.append(f"TLS is inspected by {inspected[0].issuer}; it works, since that is trusted here.")
    return tuple(found) or (ALL_REACHED,)


# ── which hosts ──────────────────────────────────────────────────────────────────────────────────

API = NeededHost(
    "api",
    FIRST_PARTY_HOST,
    "every request to Claude",
    "no request reaches Anthropic's API: neither the subscription nor an API key works",
    path="/v1/models",
    api=True,
)
PLATFORM = NeededHost(
    "platform",
    "platform.claude.com",
    "sign-in, refresh and sign-out; the Console",
    "requests work as long as the access token lasts, but sign-in and refresh don't: after some hours Claude "
    "Code asks you to sign in, and can't",
    path="/v1/oauth/token",
)
CLAUDE_AI = NeededHost(
    "claude-ai",
    "claude.ai",
    "the page on which a subscription signs in",
    "the browser can't show the sign-in page from this network; requests and refresh don't need it",
)
CLAUDE_COM = NeededHost(
    "claude-com",
    "claude.com",
    "the address that starts a sign-in",
    "a sign-in can't be started from this network; requests and refresh don't need it",
)


def needed_hosts(view: EffectiveConfig) -> tuple[NeededHost, ...]:
    """For the provider that is on: where its requests go first, then what sign-in needs."""
    target = find_destination(view)
    if target.provider == "first-party":
        return (API, PLATFORM, CLAUDE_AI, CLAUDE_COM)
    own = _own(target.provider, target.url)
    if target.provider == "gateway":
        return (*own, PLATFORM, CLAUDE_AI, CLAUDE_COM)
    return (*own, *_identity(target.provider, view))


_WHY = {
    "gateway": ("every request: ANTHROPIC_BASE_URL names it", "no request reaches the gateway"),
    "bedrock": ("every request, by Amazon Bedrock", "no request reaches Amazon Bedrock in this region"),
    "vertex": ("every request, by Google Vertex AI", "no request reaches Vertex AI in this region"),
    "anthropic-aws": ("every request, by Claude Platform on AWS", "no request reaches it in this region"),
    "anthropic-google-cloud": ("every request, by Claude Platform on Google Cloud", "no request reaches it"),
    "mantle": ("every request, by Amazon Bedrock (Mantle)", "no request reaches it in this region"),
    "foundry": ("every request, by Microsoft Foundry", "no request reaches the Foundry resource"),
}


def _own(provider: str, url: str) -> tuple[NeededHost, ...]:
    """The host of the requests themselves; nothing where it can't be told."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ()
    if not parts.hostname or provider not in _WHY:
        return ()
    why, failing = _WHY[provider]
    scheme = "http" if parts.scheme == "http" else "https"
    port = port or (80 if scheme == "http" else 443)
    return (NeededHost(provider, parts.hostname, why, failing, port, scheme, api=True),)  # type: ignore[arg-type]


def _identity(provider: Provider, view: EffectiveConfig) -> tuple[NeededHost, ...]:
    if provider in AWS_PROVIDERS:
        region = aws_region(view)[0]
        failing = "roles can't be assumed and identities not asked for; keys that are set work all the same"
        return (NeededHost("sts", f"sts.{region}.amazonaws.com", "whose AWS credentials they are", failing),)
    if provider in GOOGLE_PROVIDERS:
        failing = "Google's credentials can't be renewed: requests fail within the hour"
        return (NeededHost("google-oauth", "oauth2.googleapis.com", "access tokens from Google", failing),)
    if provider == "foundry":
        failing = "Azure's sign-in can't be renewed; a Foundry API key works all the same"
        return (NeededHost("azure-login", "login.microsoftonline.com", "access tokens from Azure", failing),)
    return ()
