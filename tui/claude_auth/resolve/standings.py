"""One sentence and one verdict for each source: why it wins, and why it doesn't; and what `claude auth
status` says, which names one in an order of its own."""

from __future__ import annotations

from collections.abc import Mapping

from claude_auth.claude_code.clients import (
    AUTH_METHODS,
    BETA_SOURCES,
    NO_METHOD,
    OAUTH_SOURCES,
    OTHER_METHOD,
    PROVIDER_SLOTS,
    THIRD_PARTY,
    Client,
    Slots,
)
from claude_auth.claude_code.destination import Destination
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import (
    BlockCode,
    Blocked,
    Hindrance,
    Resolution,
    SourceReading,
    Standing,
    StandingVerdict,
    VersionAnswer,
    Wire,
)
from claude_auth.named_tuples import NamedTuple
from claude_auth.resolve.slots import (
    Draft,
    approval,
    candidate,
    key_counts,
    key_from_outside,
    left_alone,
    names_descriptor,
)
from claude_auth.sources import BY_ID, label, owner

_HEADER_WORDS = {"x_api_key": "x-api-key", "authorization": "Authorization"}

_HINDRANCES: dict[BlockCode, Hindrance] = {"approval-pending": "waits", "not-checked": "unknown"}


class Outcome(NamedTuple):
    """What a standing follows from. `failing`: the sources that surely fail, and why."""

    target: Destination
    wire: Wire | None
    blocked: Blocked | None
    winner: str | None
    failing: Mapping[str, str]


def stand(view: EffectiveConfig, reading: SourceReading, outcome: Outcome) -> Standing:
    slots = _slots_of(reading.source, outcome.target.provider, outcome.wire)
    failure = outcome.failing.get(reading.source)
    hindrance: Hindrance | None = None if failure is None else "fails"
    if reading.source == outcome.winner:
        return Standing(reading, "winning", _winning(view, reading, slots, outcome), hindrance)
    if slots:
        words = f"sent as well, in {' and '.join(slots)}: two credentials go out"
        return Standing(reading, "also-sent", words if failure is None else f"{words}; {failure}", hindrance)
    if reading.state != "present":
        return Standing(reading, "unused", reading.reason)
    return _idle(view, reading, outcome)


def _slots_of(source: str, provider: str, wire: Wire | None) -> list[str]:
    if wire is None:
        return []
    found = []
    for name, words in _HEADER_WORDS.items():
        header = getattr(wire, name)
        if header is not None and owner(header.source, provider) == source:
            found.append(words)
    return found


def _winning(view: EffectiveConfig, reading: SourceReading, slots: list[str], outcome: Outcome) -> str:
    target, failure = outcome.target, outcome.failing.get(reading.source)
    if not slots:
        return f"{label(target.provider)} is on and told to send no credential"
    where = f"goes out in {' and '.join(slots)}"
    if failure is not None:
        seen = reading.state == "unusable" or reading.expiry == "expired"
        return f"{where}, but {failure}{f': {reading.reason}' if seen else ''}"
    if not target.uses_ladder:
        return f"{label(target.provider)} is on and replaces all others; {where}"
    if reading.source == "stored-login" and reading.expiry == "stale-refreshable":
        return f"{where}; Claude Code refreshes it first, which is normal after a pause"
    if slots == ["x-api-key"] and _login_left_alone(view, reading.source):
        return f"{where}: an API key switches the login off, whatever the documented order says"
    return f"{where}: it comes first of what is set"


def _login_left_alone(view: EffectiveConfig, source: str) -> bool:
    """Whether a better-ranked OAuth token is there and stays behind because of this key."""
    if not view.client.is_claude_code or source not in {"anthropic-api-key", "api-key-file-descriptor"}:
        return False
    return any(candidate(view, oauth, "authorization") is not None for oauth in OAUTH_SOURCES)


def _idle(view: EffectiveConfig, reading: SourceReading, outcome: Outcome) -> Standing:
    """Present, and not sent: `shadowed` where something on the wire beat it; `unused` where this client does
    not read it, or where nothing is sent at all: then nothing was beaten, and what hinders it is said."""
    source, wire, blocked = reading.source, outcome.wire, outcome.blocked
    unread = _unread(view, reading, outcome.target)
    if unread is not None:
        return Standing(reading, "unused", unread)
    if not outcome.target.uses_ladder:
        return _under_provider(reading, outcome)
    if left_alone(view, source):
        verdict: StandingVerdict = "unused" if wire is None else "shadowed"
        return Standing(
            reading,
            verdict,
            "left alone: what started Claude Code signs in itself, and an OAuth token is there",
        )
    if source == "anthropic-api-key" and not key_counts(view):
        pending = blocked is not None and blocked.code == "approval-pending"
        return Standing(reading, "unused", _unapproved(view), "waits" if pending else None)
    if wire is None:
        return _held(reading, blocked)
    return Standing(reading, "shadowed", _beaten_by(view, source, wire))


def _held(reading: SourceReading, blocked: Blocked | None) -> Standing:
    """Usable for itself, and no request goes out, or which one is not known."""
    if blocked is None:
        return Standing(reading, "unused", "no request goes out", "blocked")
    hindrance = _HINDRANCES.get(blocked.code, "blocked")
    if hindrance == "waits":  # why stands with the verdict and with what is sent
        return Standing(reading, "unused", "no request goes out until the new API key is approved", hindrance)
    lead = "not known whether it is sent" if hindrance == "unknown" else "no request goes out"
    return Standing(reading, "unused", f"{lead}: {blocked.reason}", hindrance)


def _under_provider(reading: SourceReading, outcome: Outcome) -> Standing:
    """A cloud provider is on, which replaces the ladder; of the provider's own rows one may be idle too."""
    source, provider, wire = reading.source, outcome.target.provider, outcome.wire
    if source == provider or any(
        rule.source == source for rule in PROVIDER_SLOTS.get(provider, Slots()).authorization
    ):
        if wire is None:
            return _held(reading, outcome.blocked)
        return Standing(reading, "shadowed", f"on, but what goes out is {label(outcome.winner or '')}")
    name = label(provider)
    replaced = f"{name} comes first" if _is_of_a_provider(source) else f"{name} is on and replaces this"
    return Standing(reading, "unused" if wire is None else "shadowed", replaced)


def _unread(view: EffectiveConfig, reading: SourceReading, target: Destination) -> str | None:
    """Why this client does not read a source that is there; None where it does."""
    source, client = reading.source, view.client
    if not reads(client, source):
        return f"{client.label} does not look here"
    if not client.settings and reading.origin.kind == "settings":
        return f"set in Claude Code's settings, which {client.label} does not read"
    if not target.uses_ladder:
        return None
    if _is_of_a_provider(source):
        return "only used where Amazon Bedrock is on"
    ignored = BY_ID[source].ignored(view)
    if ignored is None and view.is_simple and not BY_ID[source].in_simple_mode:
        return "CLAUDE_CODE_SIMPLE is on, so this is not read"
    return ignored


def reads(client: Client, source: str) -> bool:
    """Whether a program looks at a source at all."""
    if client.is_claude_code:
        return BY_ID[source].family != "other-program"
    if _is_of_a_provider(source):
        return client.providers
    rules = client.slots.x_api_key + client.slots.authorization
    return source in client.one_header or any(rule.source == source for rule in rules)


def _is_of_a_provider(source: str) -> bool:
    return BY_ID[source].family == "provider"


def _unapproved(view: EffectiveConfig) -> str:
    if approval(view) == "rejected":
        return "rejected in Claude Code's approval question earlier, so interactive Claude Code ignores it"
    return "not approved yet: Claude Code asks before it uses a new key"


def _beaten_by(view: EffectiveConfig, source: str, wire: Wire) -> str:
    if source in BETA_SOURCES and view.client.is_claude_code:
        if key_from_outside(view) or names_descriptor(view):
            return "an API key comes first"
        if view.has_helper:
            return "apiKeyHelper comes first"
    if source == "managed-key" and wire.x_api_key is None:
        return "not needed: an OAuth token is there"
    fills_key_alone = BY_ID[source].x_api_key is not None and BY_ID[source].authorization is None
    beating = (wire.x_api_key if fills_key_alone else None) or wire.authorization or wire.x_api_key
    return f"{label(beating.source)} comes first" if beating is not None else "not sent"


def named(draft: Draft, readings: Mapping[str, SourceReading], version: VersionAnswer) -> Resolution:
    """`draft`: with the one header of what comes first."""
    target = draft.target
    if target.uses_ladder:
        winner = next((owner(header.source) for header in draft.headers), None)
        method = NO_METHOD if winner is None else AUTH_METHODS.get(winner, OTHER_METHOD)
    else:
        winner, method = target.provider, THIRD_PARTY
    if target.is_pinned:
        method = THIRD_PARTY
    said = Blocked("no-credential", f"claude auth status says that nobody is signed in (authMethod {method})")
    if winner is not None:
        words = f"claude auth status names {label(winner)} (authMethod {method}), and sends nothing itself"
        said = Blocked("not-checked", words)
    return Resolution(
        client=draft.view.client.id,
        version=version,
        provider=target.provider,
        usable=False if winner is None else None,
        winner=winner,
        blocked=said,
        wire=None,
        standings=tuple(_stand(draft, reading, winner) for reading in readings.values()),
        auth_method=method,
    )


def _stand(draft: Draft, reading: SourceReading, winner: str | None) -> Standing:
    client = draft.view.client
    if reading.source == winner:
        return Standing(reading, "winning", "what it names: it comes first of what is set")
    if reading.state != "present":
        return Standing(reading, "unused", reading.reason)
    if not reads(client, reading.source):
        return Standing(reading, "unused", f"{client.label} does not look here")
    if winner is None:
        return Standing(reading, "unused", f"{client.label} does not go by it")
    return Standing(reading, "shadowed", f"{label(winner)} comes first")
