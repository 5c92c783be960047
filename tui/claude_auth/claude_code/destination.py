"""Where the requests of one client go: the provider and its host [behaviour.md sections 2 and 8]."""

from __future__ import annotations

from typing import NamedTuple

from claude_auth.claude_code.base_url import UrlError, read_base_url
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import Provider
from claude_auth.security.sanitize import shown_path, shown_value

FIRST_PARTY_HOST = "api.anthropic.com"

#: Provider switches in the order in which they win.
_SWITCHES: tuple[tuple[str, Provider], ...] = (
    ("CLAUDE_CODE_USE_BEDROCK", "bedrock"),
    ("CLAUDE_CODE_USE_FOUNDRY", "foundry"),
    ("CLAUDE_CODE_USE_ANTHROPIC_AWS", "anthropic-aws"),
    ("CLAUDE_CODE_USE_MANTLE", "mantle"),
    ("CLAUDE_CODE_USE_VERTEX", "vertex"),
)


class Destination(NamedTuple):
    """`problem` says why no request could go out; then host and url are empty. `is_pinned`: gateway mode,
    where ANTHROPIC_AUTH_TOKEN alone goes there. `has_user`: the address holds a user name."""

    provider: Provider
    host: str = ""
    url: str = ""
    problem: str | None = None
    has_user: bool = False
    is_pinned: bool = False

    @property
    def uses_ladder(self) -> bool:
        """Whether Claude Code's own credentials go there, not a cloud provider's."""
        return self.provider in {"first-party", "gateway"}


def find_destination(view: EffectiveConfig) -> Destination:
    if view.in_gateway_mode:
        return _pinned_gateway(view)
    provider = switched_on_provider(view)
    if provider == "bedrock":
        variable = "ANTHROPIC_BEDROCK_BASE_URL"
        return _at("bedrock", view.text(variable) or _bedrock(view), "/model/…/invoke", variable)
    if provider == "vertex":
        return _vertex(view)
    if provider == "foundry":
        return _foundry(view)
    if provider is not None:
        return Destination(provider)
    base = view.text("ANTHROPIC_BASE_URL")
    if not base:
        return Destination("first-party", FIRST_PARTY_HOST, f"https://{FIRST_PARTY_HOST}/v1/messages")
    return at_base_url(base, "ANTHROPIC_BASE_URL")


def at_base_url(base: str, setting: str) -> Destination:
    """Where requests go that `setting` leads to `base`."""
    found = _at("gateway", base, "/v1/messages")
    if found.host == FIRST_PARTY_HOST:
        return found._replace(provider="first-party")
    return found


#: Where a gateway may be asked by plain http: with these names alone, not with others of this machine.
_OWN_MACHINE = ("localhost", "127.0.0.1", "[::1]")


def _pinned_gateway(view: EffectiveConfig) -> Destination:
    """Gateway mode: an address without http:// or https:// gets the latter, and plain http is refused [seen,
    2.1.332]."""
    base = view.text("ANTHROPIC_BASE_URL")
    if not base.lower().startswith(("http://", "https://")):
        base = f"https://{base}"
    found = _at("gateway", base, "/v1/messages")._replace(is_pinned=True)
    if found.url.startswith("https://") or found.host.rpartition(":")[0] in _OWN_MACHINE:
        return found
    if found.problem or found.host in _OWN_MACHINE:
        return found
    why = "ANTHROPIC_BASE_URL is plain http, which CLAUDE_CODE_USE_GATEWAY allows for localhost alone"
    return Destination("gateway", problem=why, is_pinned=True)


def switched_on_provider(view: EffectiveConfig) -> Provider | None:
    if not view.client.providers:
        return None
    return next((provider for variable, provider in _SWITCHES if view.is_on(variable)), None)


def _at(provider: Provider, base: str, path: str, variable: str = "ANTHROPIC_BASE_URL") -> Destination:
    """What a base URL leads to."""
    try:
        found = read_base_url(base, path)
    except UrlError as bad:
        return Destination(provider, problem=f"{variable} is not a URL: {bad}")
    shown = _path(found.path.rstrip("/"))
    url = f"{found.scheme}://{found.host}{shown}{'' if found.cut else path}"
    return Destination(provider, found.host, url, has_user=bool(found.user))


def _path(path: str) -> str:
    """Some gateways take their key in the path."""
    return shown_path(path) if path else ""


def _bedrock(view: EffectiveConfig) -> str:
    return f"https://bedrock-runtime.{aws_region(view)[0]}.amazonaws.com"


def aws_region(view: EffectiveConfig) -> tuple[str, str]:
    """The region and where it comes from; a malformed one counts as unset."""
    profile_name = view.secret("AWS_PROFILE")
    profile = view.snapshot.aws.profiles.get("default" if profile_name is None else profile_name.reveal())
    candidates = (
        (view.text("AWS_REGION"), "AWS_REGION"),
        (view.text("AWS_DEFAULT_REGION"), "AWS_DEFAULT_REGION"),
        ((profile.region or "") if profile else "", f"profile {profile.name}" if profile else ""),
    )
    for region, origin in candidates:
        if is_host_label(region):
            return as_host_label(region), origin
    return "us-east-1", "the default"


def is_host_label(text: str) -> bool:
    ends = text[:1] != "-" and text[-1:] != "-"
    return 0 < len(text) <= 63 and ends and text.isascii() and all(c.isalnum() or c == "-" for c in text)


def as_host_label(text: str) -> str:
    """As it stands in a host's name, which is shown everywhere; a secret in the wrong place is not. It leads
    nowhere either way."""
    return "redacted" if shown_value("host", text) != text else text.lower()


def vertex_project(view: EffectiveConfig) -> tuple[str, str] | None:
    """The project and the variable that gave it: Google's own variables override Claude Code's."""
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "ANTHROPIC_VERTEX_PROJECT_ID"):
        if view.text(name):
            return view.text(name), name
    return None


def _vertex(view: EffectiveConfig) -> Destination:
    region = view.text("CLOUD_ML_REGION")
    region = as_host_label(region) if is_host_label(region) else "us-east5"
    host = "aiplatform.googleapis.com" if region == "global" else f"{region}-aiplatform.googleapis.com"
    return _at("vertex", f"https://{host}", "/v1/projects/…:streamRawPredict")


def _foundry(view: EffectiveConfig) -> Destination:
    base, resource = view.text("ANTHROPIC_FOUNDRY_BASE_URL"), view.text("ANTHROPIC_FOUNDRY_RESOURCE")
    if base and resource:
        return Destination(
            "foundry", problem="ANTHROPIC_FOUNDRY_BASE_URL and ANTHROPIC_FOUNDRY_RESOURCE exclude each other"
        )
    if resource and not base and not is_host_label(resource):
        return Destination("foundry", problem="ANTHROPIC_FOUNDRY_RESOURCE holds more than a resource's name")
    if not base and not resource:
        return Destination(
            "foundry",
            problem="neither ANTHROPIC_FOUNDRY_RESOURCE nor ANTHROPIC_FOUNDRY_BASE_URL names the place",
        )
    return _at(
        "foundry",
        base or f"https://{as_host_label(resource)}.services.ai.azure.com/anthropic",
        "/v1/messages",
        "ANTHROPIC_FOUNDRY_BASE_URL",
    )
