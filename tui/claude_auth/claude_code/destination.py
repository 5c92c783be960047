"""Where the requests of one client go: the provider, its host, and the model as far as it decides on that
[behaviour.md sections 2 and 8]."""

from __future__ import annotations

from claude_auth.claude_code.base_url import FIRST_PARTY_HOST, UrlError, read_base_url
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import PROVIDER_OF
from claude_auth.claude_code.versions import at_least
from claude_auth.model import Provider, SetupProblem
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import shown_path, shown_value
from claude_auth.security.secret import WHITE_SPACE, Secret


class Destination(NamedTuple):
    """`problem` says why no request could go out; then host and url are empty. `is_pinned`: gateway mode,
    where ANTHROPIC_AUTH_TOKEN alone goes there. `sign_in`: a user name and a password in the address."""

    provider: Provider
    host: str = ""
    url: str = ""
    problem: SetupProblem | None = None
    sign_in: Secret | None = None
    is_pinned: bool = False

    @property
    def uses_ladder(self) -> bool:
        """Whether Claude Code's own credentials go there, not a cloud provider's."""
        return self.provider in {"first-party", "gateway"}


def find_destination(view: EffectiveConfig) -> Destination:
    if view.in_gateway_mode:
        return _pinned_gateway(view)
    provider = switched_on_provider(view)
    if provider is not None:
        return _of_provider(view, provider)
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
    problem = SetupProblem("plain-http", "ANTHROPIC_BASE_URL", why)
    return Destination("gateway", problem=problem, is_pinned=True)


def switched_on_provider(view: EffectiveConfig) -> Provider | None:
    if not view.client.providers:
        return None
    return next((provider for variable, provider in PROVIDER_OF.items() if view.is_on(variable)), None)


def _at(provider: Provider, base: str, path: str, variable: str = "ANTHROPIC_BASE_URL") -> Destination:
    """What a base URL leads to."""
    try:
        found = read_base_url(base, path)
    except UrlError as bad:
        problem = SetupProblem("not-a-url", variable, f"{variable} is not a URL: {bad}")
        return Destination(provider, problem=problem)
    shown = _path(found.path.rstrip("/"))
    url = f"{found.scheme}://{found.host}{shown}{'' if found.cut else path}"
    return Destination(provider, found.host, url, sign_in=found.sign_in)


def _path(path: str) -> str:
    """Some gateways take their key in the path."""
    return shown_path(path) if path else ""


# ── of a cloud provider ──────────────────────────────────────────────────────────────────────────

#: The variable that moves its requests elsewhere, and what a request's path ends with.
_BASES: dict[Provider, tuple[str, str]] = {
    "bedrock": ("ANTHROPIC_BEDROCK_BASE_URL", "/model/…/invoke"),
    "mantle": ("ANTHROPIC_BEDROCK_MANTLE_BASE_URL", "/v1/messages"),
    "anthropic-aws": ("ANTHROPIC_AWS_BASE_URL", "/v1/messages"),
    "vertex": ("ANTHROPIC_VERTEX_BASE_URL", "/projects/…:streamRawPredict"),
    "anthropic-google-cloud": ("ANTHROPIC_GOOGLE_CLOUD_BASE_URL", "/v1/messages"),
    "foundry": ("ANTHROPIC_FOUNDRY_BASE_URL", "/v1/messages"),
}

#: Every variable that holds such an address.
BASE_VARIABLES = ("ANTHROPIC_BASE_URL", *(variable for variable, _ in _BASES.values()))

#: Where they go without that variable, by region.
_ON_AWS: dict[Provider, str] = {
    "bedrock": "https://bedrock-runtime.{}.amazonaws.com",
    "mantle": "https://bedrock-mantle.{}.api.aws/anthropic",
    "anthropic-aws": "https://aws-external-anthropic.{}.api.aws",
}

#: Those whose requests AWS credentials sign, and those that take Google's.
AWS_PROVIDERS = frozenset(_ON_AWS)
GOOGLE_PROVIDERS: frozenset[Provider] = frozenset({"vertex", "anthropic-google-cloud"})


def base_variable(provider: Provider) -> str:
    """The variable that leads a provider's requests elsewhere."""
    return _BASES[provider][0] if provider in _BASES else "ANTHROPIC_BASE_URL"


def _of_provider(view: EffectiveConfig, provider: Provider) -> Destination:
    variable, path = _BASES[provider]
    base = view.text(variable)
    problem = _foundry_problem(view) if provider == "foundry" else None
    if problem is not None:
        return Destination(provider, problem=problem)
    return _at(provider, base or _own_base(view, provider), path, variable)


def _own_base(view: EffectiveConfig, provider: Provider) -> str:
    if provider in _ON_AWS:
        return _ON_AWS[provider].format(aws_region(view)[0])
    if provider == "foundry":
        resource = as_host_label(view.text("ANTHROPIC_FOUNDRY_RESOURCE"))
        return f"https://{resource}.services.ai.azure.com/anthropic"
    if provider == "vertex":
        return f"https://{_vertex_host(vertex_region(view))}/v1"
    return "https://claude.googleapis.com/v1/projects/…/invoke"


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
        if is_region(region):
            return as_host_label(region), origin
    return "us-east-1", "the default"


def is_region(text: str) -> bool:
    """What the client takes for one [seen, 2.1.332]: two signs or more, also more than a host's label has."""
    ends = text[:1] != "-" and text[-1:] != "-"
    return len(text) > 1 and ends and text.isascii() and all(c.isalnum() or c == "-" for c in text)


def is_resource(text: str) -> bool:
    return is_region(text) and len(text) <= 64


def as_host_label(text: str) -> str:
    """As it stands in a host's name, which is shown everywhere, however long; a secret in the wrong place is
    not. It leads nowhere either way."""
    return "redacted" if shown_value("host", text, len(text)) != text else text.lower()


def vertex_project(view: EffectiveConfig) -> tuple[str, str] | None:
    """The project and the variable that gave it: Google's own variables override Claude Code's."""
    for name in ("GCLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT", "ANTHROPIC_VERTEX_PROJECT_ID"):
        if view.text(name):
            return view.text(name), name
    return None


def _vertex_host(region: str) -> str:
    """Only in lower case are `us`, `eu` and `global` more than a region's name [seen, 2.1.332]."""
    if region in {"us", "eu"}:
        return f"aiplatform.{region}.rep.googleapis.com"
    if region == "global":
        return "aiplatform.googleapis.com"
    return f"{as_host_label(region)}-aiplatform.googleapis.com"


def vertex_region(view: EffectiveConfig) -> str:
    """The region of the model in use where a variable names one, else the region of all; a malformed one
    counts as unset [seen, 2.1.332]."""
    names = (region_variable(model_on_vertex(view)), "CLOUD_ML_REGION")
    regions = (view.text(name) for name in names if name is not None)
    return next((region for region in regions if is_region(region)), "us-east5")


def _foundry_problem(view: EffectiveConfig) -> SetupProblem | None:
    base, name = "ANTHROPIC_FOUNDRY_BASE_URL", "ANTHROPIC_FOUNDRY_RESOURCE"
    resource = view.text(name)
    if view.text(base) and resource:
        return SetupProblem("two-addresses", base, f"{base} and {name} exclude each other")
    if view.text(base):
        return None
    if not resource:
        return SetupProblem("no-address", name, f"neither {name} nor {base} names the place")
    if is_resource(resource):
        return None
    why = f"{name} is no resource's name: 2 to 64 letters, digits and inner hyphens"
    return SetupProblem("resource-name", name, why)


_PREFIX = "VERTEX_REGION_CLAUDE_"

#: What the id of a model begins with, and the end of its region's variable; the first that fits counts.
_REGIONS = (
    ("claude-3-5-sonnet", "3_5_SONNET"),
    ("claude-3-7-sonnet", "3_7_SONNET"),
    ("claude-sonnet-4-5", "4_5_SONNET"),
    ("claude-sonnet-4-6", "4_6_SONNET"),
    ("claude-sonnet-5-5", "5_5_SONNET"),
    ("claude-3-5-haiku", "3_5_HAIKU"),
    ("claude-fable-5-1", "FABLE_5_1"),
    ("claude-fable-5-2", "FABLE_5_2"),
    ("claude-haiku-4-5", "HAIKU_4_5"),
    ("claude-haiku-5-5", "HAIKU_5_5"),
    ("claude-opus-4-1", "4_1_OPUS"),
    ("claude-opus-4-5", "4_5_OPUS"),
    ("claude-opus-4-6", "4_6_OPUS"),
    ("claude-opus-4-7", "4_7_OPUS"),
    ("claude-opus-4-8", "4_8_OPUS"),
    ("claude-opus-5-5", "5_5_OPUS"),
    ("claude-sonnet-4", "4_0_SONNET"),
    ("claude-sonnet-5", "5_SONNET"),
    ("claude-fable-5", "FABLE_5"),
    ("claude-opus-4", "4_0_OPUS"),
    ("claude-opus-5", "5_OPUS"),
)

#: What a short name stands for: the family whose variable replaces it, and otherwise the model on Vertex.
_ALIASES = {
    "opus": ("OPUS", "claude-opus-5-5"),
    "best": ("OPUS", "claude-opus-5-5"),
    "sonnet": ("SONNET", "claude-sonnet-5-5"),
    "opusplan": ("SONNET", "claude-sonnet-5-5"),
    "haiku": ("HAIKU", "claude-haiku-4-5"),
    "fable": ("FABLE", "claude-fable-5-2"),
}
#: The first of these whose variable says something is used where nothing names a model, else the first.
_DEFAULTS = ("opus", "sonnet")
#: What ANTHROPIC_DEFAULT_MODEL can't name.
_NO_DEFAULTS = frozenset({"haiku", "opusplan", "default"})
_ALIASES_SINCE = "2.1.328"


def _asked_for(view: EffectiveConfig) -> str:
    """The id or the short name of a model, which a blank variable makes empty."""
    setting, variable = view.setting("model"), view.secret("ANTHROPIC_MODEL")
    named = variable or (None if setting is None else setting.value)
    if named is not None:
        return named.reveal().strip(WHITE_SPACE)
    default = view.text("ANTHROPIC_DEFAULT_MODEL")
    if default and default.lower().removesuffix("[1m]") not in _NO_DEFAULTS:
        return default
    return next((name for name in _DEFAULTS if _own(view, name)), _DEFAULTS[0])


def _alias(text: str) -> str | None:
    short = text.lower().removesuffix("[1m]")
    return short if short in _ALIASES else None


def _own(view: EffectiveConfig, alias: str) -> str:
    """The id that a variable puts in the place of a short name, empty where none does."""
    return view.text(f"ANTHROPIC_DEFAULT_{_ALIASES[alias][0]}_MODEL")


def names_model_by_id(view: EffectiveConfig) -> bool:
    """Whether no provider need be asked what the short name of the model in use stands for."""
    alias = _alias(_asked_for(view))
    return alias is None or bool(_own(view, alias))


def model_on_vertex(view: EffectiveConfig) -> str | None:
    """The id of the model in use, which a blank variable makes empty; None where it is not known what a short
    name stands for in this version."""
    text = _asked_for(view)
    alias = _alias(text)
    if alias is None:
        return text
    return _own(view, alias) or (_ALIASES[alias][1] if at_least(view.version, _ALIASES_SINCE) else None)


def region_variable(model: str | None) -> str | None:
    """The variable that gives a model a region of its own."""
    return next((_PREFIX + end for start, end in _REGIONS if model and model.startswith(start)), None)
