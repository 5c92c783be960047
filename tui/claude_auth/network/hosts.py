"""Which hosts this machine's Claude Code needs, and what failing means. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from claude_auth.claude_code.destination import FIRST_PARTY_HOST, aws_region, find_destination
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.network.results import NeededHost

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


def _identity(provider: str, view: EffectiveConfig) -> tuple[NeededHost, ...]:
    if provider == "bedrock":
        region = aws_region(view)[0]
        failing = "roles can't be assumed and identities not asked for; keys that are set work all the same"
        return (NeededHost("sts", f"sts.{region}.amazonaws.com", "whose AWS credentials they are", failing),)
    if provider == "vertex":
        failing = "Google's credentials can't be renewed: requests fail within the hour"
        return (NeededHost("google-oauth", "oauth2.googleapis.com", "access tokens from Google", failing),)
    if provider == "foundry":
        failing = "Azure's sign-in can't be renewed; a Foundry API key works all the same"
        return (NeededHost("azure-login", "login.microsoftonline.com", "access tokens from Azure", failing),)
    return ()
