"""Where requests go when a base URL is set."""

from __future__ import annotations

from claude_auth.diagnose.context import DiagnosisContext, joined, place_of
from claude_auth.diagnose.rules.seen import Answer, Rule, RuleMatch
from claude_auth.model import Assignment, Fix, Wire
from claude_auth.sources import label

#: Names of this machine, as its containers see it too.
_THIS_MACHINE = frozenset({"localhost", "[::1]", "host.docker.internal", "host.containers.internal"})

#: Which variable makes up the address, by provider.
_BASES = {
    "first-party": "ANTHROPIC_BASE_URL",
    "gateway": "ANTHROPIC_BASE_URL",
    "bedrock": "ANTHROPIC_BEDROCK_BASE_URL",
    "foundry": "ANTHROPIC_FOUNDRY_BASE_URL",
}


def _base(s: DiagnosisContext) -> tuple[Wire, Assignment] | None:
    found = s.view.assignment(_BASES.get(s.resolution.provider, ""))
    if s.resolution.wire is None or found is None or found.value.is_blank:
        return None
    return s.resolution.wire, found


def stays_here(host: str) -> bool:
    """Whether a host, with or without a port, is this machine."""
    name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    numeric = name.startswith("127.") and name.replace(".", "").isdecimal()
    return numeric or name in _THIS_MACHINE or name.endswith(".localhost")


def _in_clear(s: DiagnosisContext) -> Answer:
    base = _base(s)
    if base is None:
        return None
    wire, found = base
    carries = [header for header in s.headers if not header.is_signature]
    if not wire.url.startswith("http://") or stays_here(wire.host) or not carries:
        return None
    scheme = "" if "://" in found.value.reveal() else ", because the address names no scheme"
    what = joined(dict.fromkeys(label(header.source) for header in carries))
    words = f"{what} to {wire.host}{scheme}; {found.name}: {place_of(found.origin)}"
    return RuleMatch(words, (Fix(f"write https:// in {found.name}"),), carries[0].source)


_OWN_PATHS = ("/v1", "/v1/messages", "/messages")


def _doubles_path(s: DiagnosisContext) -> Answer:
    base = _base(s)
    if base is None or s.resolution.provider == "bedrock":
        return None
    _, found = base
    path = found.value.reveal().strip().partition("?")[0].rstrip("/")
    if not path.endswith(_OWN_PATHS):
        return None
    return RuleMatch(f"{found.name}: {place_of(found.origin)}", (Fix(f"end {found.name} before /v1"),))


RULES: dict[str, Rule] = {
    "credential-in-clear-text": _in_clear,
    "base-url-doubles-version": _doubles_path,
}
