"""One sentence and one verdict for each source: why it wins, and why it doesn't."""

from __future__ import annotations

from claude_auth.clients import OAUTH_SOURCES, PART_OF, Client
from claude_auth.model import HeaderValue, Reading, Standing, Verdict, Wire
from claude_auth.resolve.candidates import candidate
from claude_auth.resolve.destination import Destination
from claude_auth.resolve.effective import View
from claude_auth.resolve.guards import approval, key_counts, key_from_outside
from claude_auth.sources import label
from claude_auth.variables import DESCRIPTORS

_HEADER_WORDS = {"x_api_key": "x-api-key", "authorization": "Authorization"}

_PROVIDER_NAMES = {
    "bedrock": "Amazon Bedrock",
    "vertex": "Google Vertex AI",
    "foundry": "Microsoft Foundry",
    "anthropic-aws": "Claude Platform on AWS",
    "mantle": "Mantle",
}

_PROVIDER_SOURCES = frozenset({"bedrock", "bedrock-api-key", "vertex", "foundry", "anthropic-aws", "mantle"})


def stand(
    view: View, reading: Reading, target: Destination, wire: Wire | None, winner: str | None
) -> Standing:
    slots = _slots_of(reading.source, wire)
    if reading.source == winner:
        return Standing(reading, "winning", _winning(view, reading, slots, target))
    if slots:
        return Standing(
            reading, "also-sent", f"sent as well, in {' and '.join(slots)}: two credentials go out"
        )
    if reading.state != "present":
        return Standing(reading, "unused", reading.reason)
    verdict, reason = _beaten(view, reading, target, wire)
    return Standing(reading, verdict, reason)


def _slots_of(source: str, wire: Wire | None) -> list[str]:
    if wire is None:
        return []
    found = []
    for name, words in _HEADER_WORDS.items():
        header: HeaderValue | None = getattr(wire, name)
        if header is not None and PART_OF.get(header.source, header.source) == source:
            found.append(words)
    return found


def _winning(view: View, reading: Reading, slots: list[str], target: Destination) -> str:
    if not slots:
        return f"{_PROVIDER_NAMES.get(target.provider, target.provider)} is on and told to send no credential"
    where = f"goes out in {' and '.join(slots)}"
    if target.provider in _PROVIDER_NAMES:
        return f"{_PROVIDER_NAMES[target.provider]} is on and replaces the ladder; {where}"
    if reading.source == "stored-login" and reading.expiry == "stale-refreshable":
        return f"{where}; Claude Code refreshes it first, which is normal after a pause"
    if reading.source == "stored-login" and reading.expiry == "expired":
        return f"{where}, but it has expired: {reading.reason}"
    if reading.source == "api-key-helper" and reading.state == "unusable":
        return f"{where} as an empty credential: {reading.reason}"
    if slots == ["x-api-key"] and _login_left_alone(view, reading.source):
        return f"{where}: with a key from outside Claude Code leaves the login alone, whatever the ranks say"
    return f"{where}: first in its order among those that hold a value"


def _login_left_alone(view: View, source: str) -> bool:
    """Whether a better-ranked OAuth token is there and stays behind because of this key."""
    if not view.client.is_claude_code or source not in {"anthropic-api-key", "api-key-file-descriptor"}:
        return False
    return any(candidate(view, oauth, "authorization") is not None for oauth in OAUTH_SOURCES)


def _beaten(view: View, reading: Reading, target: Destination, wire: Wire | None) -> tuple[Verdict, str]:
    """Present, and not sent: `shadowed` where it was beaten, `unused` where this client does not read it."""
    source, client = reading.source, view.client
    if not _is_read_by(client, source):
        return "unused", f"{client.label} does not look here"
    if not client.settings and reading.origin.kind == "settings":
        return "unused", f"set in Claude Code's settings, which {client.label} does not read"
    if target.provider in _PROVIDER_NAMES:
        name = _PROVIDER_NAMES[target.provider]
        return (
            "shadowed",
            f"{name} is on and replaces this" if source not in _PROVIDER_SOURCES else f"{name} comes first",
        )
    if source in _PROVIDER_SOURCES:
        return "unused", "only used where Amazon Bedrock is on"
    variable = _skipped_variable(view, source)
    if variable is not None:
        return "unused", variable
    if view.is_simple and source not in {"anthropic-api-key", "anthropic-auth-token", "custom-headers"}:
        return "unused", "CLAUDE_CODE_SIMPLE is on, so this is not read"
    if source == "anthropic-api-key" and not key_counts(view):
        return "unused", _unapproved(view)
    if wire is None:
        return "shadowed", "usable, but no request goes out"
    return "shadowed", _beaten_by(view, source, wire)


def _is_read_by(client: Client, source: str) -> bool:
    if client.is_claude_code:
        return source not in {"sdk-tokens", "keyring-tokens", "claw-tokens"}
    if source in _PROVIDER_SOURCES:
        return client.providers
    rules = client.slots.x_api_key + client.slots.authorization
    return source in client.one_header or any(rule.source == source for rule in rules)


def _skipped_variable(view: View, source: str) -> str | None:
    if source == "claude-code-oauth-token" and view.assignment("CLAUDE_CODE_OAUTH_TOKEN") is None:
        return "set in a project's settings, from where Claude Code takes no OAuth token"
    if source == "profile":
        return "an Anthropic profile; what Claude Code makes of it is not checked"
    if source.endswith("-file-descriptor") and all(
        name not in view.snapshot.descriptors for name in DESCRIPTORS
    ):
        return "the descriptor belongs to another process"
    return None


def _unapproved(view: View) -> str:
    if approval(view) == "rejected":
        return "rejected in Claude Code's approval question earlier, so interactive Claude Code ignores it"
    return "not approved yet: Claude Code asks before it uses a new key"


def _beaten_by(view: View, source: str, wire: Wire) -> str:
    if source in OAUTH_SOURCES and view.client.is_claude_code:
        if key_from_outside(view):
            return "an API key from outside is set, so Claude Code leaves OAuth alone"
        if view.setting("apiKeyHelper") is not None:
            return "apiKeyHelper is configured, so Claude Code leaves OAuth alone"
    if source == "managed-key" and wire.x_api_key is None:
        return "not needed: an OAuth token is there"
    first = (
        wire.x_api_key if source in {"anthropic-api-key", "api-key-file-descriptor", "managed-key"} else None
    )
    beating = first or wire.authorization or wire.x_api_key
    return f"{label(beating.source)} comes first" if beating is not None else "not sent"
