"""`resolve(snapshot, client, version)`: winner, headers on the wire, and for each source why.

Pure and driven by tables: the rules stand in clients.py, the facts in behaviour.md's words beside them.
"""

from __future__ import annotations

from collections.abc import Mapping

from claude_auth.claude_code.clients import (
    BY_ID,
    HEADER_OF,
    OAUTH_BETA,
    OAUTH_SOURCES,
    PART_OF,
    PROVIDER_SLOTS,
    Rule,
)
from claude_auth.claude_code.destination import Destination, find_destination
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.versions import answer, at_least
from claude_auth.model import Blocked, HeaderValue, Resolution, Snapshot, SourceReading, Wire
from claude_auth.resolve import blocks
from claude_auth.resolve.candidates import aws_keys_mismatch, candidate
from claude_auth.resolve.guards import approval, key_counts, oauth_sent, passes
from claude_auth.resolve.readings import read_source
from claude_auth.resolve.standings import Outcome, stand
from claude_auth.security.sanitize import shown_sentence, shown_value
from claude_auth.security.secret import without_locals
from claude_auth.sources import SOURCES, rank_key

__all__ = ["resolve"]


@without_locals
def resolve(snapshot: Snapshot, client_id: str, asked_version: str | None = None) -> Resolution:
    """What `client_id` would send, by the rules of `asked_version`, else of the installed client, else of
    the newest one observed. Raises KeyError for a client that is not in the table."""
    client = BY_ID[client_id]
    installed = snapshot.installed[0].version if snapshot.installed else None
    version = answer(asked_version, installed)
    view = EffectiveConfig(snapshot, client, version.resolved_as)
    target = find_destination(view)
    x_api_key, authorization = _headers(view, target)
    blocked = _blocked(view, target, x_api_key, authorization)
    wire = None if blocked is not None else _wire(view, target, x_api_key, authorization)
    winner = _winner(target, wire)
    readings = tuple(_shown(read_source(view, source.id)) for source in SOURCES)
    failing = {} if wire is None else _failing(view, target, wire)
    return Resolution(
        client=client_id,
        version=version,
        provider=target.provider,
        usable=_usable(view, blocked, wire, failing),
        winner=winner,
        blocked=blocked,
        wire=wire,
        standings=tuple(
            stand(view, reading, Outcome(target, wire, blocked, winner, failing)) for reading in readings
        ),
    )


def _shown(reading: SourceReading) -> SourceReading:
    """A secret that stands in the wrong place (a path, a region, a name) is quoted by no sentence."""
    return reading._replace(
        reason=shown_sentence(reading.reason, 600),
        account=None if reading.account is None else shown_value("account", reading.account),
        details=tuple((name, shown_sentence(text, 600)) for name, text in reading.details),
    )


def _headers(view: EffectiveConfig, target: Destination) -> tuple[HeaderValue | None, HeaderValue | None]:
    """What fills the two slots: the provider's rules, the ladder's, or the one header of the winner."""
    if target.provider not in {"first-party", "gateway"}:
        slots = PROVIDER_SLOTS.get(target.provider)
        if slots is None:
            return None, None
    elif view.client.one_header:
        return _single_header(view)
    else:
        slots = view.client.slots
    x_api_key = _fill(view, slots.x_api_key, "x_api_key", target)
    authorization = _fill(view, slots.authorization, "authorization", target)
    return x_api_key, authorization


def _fill(
    view: EffectiveConfig, rules: tuple[Rule, ...], slot: str, target: Destination
) -> HeaderValue | None:
    for rule in rules:
        if rule.since is not None and not at_least(view.version, rule.since):
            continue
        if rule.until is not None and not at_least(rule.until, view.version):
            continue
        found = candidate(view, rule.source, slot)
        if found is not None and passes(view, rule.guard, target.provider):
            return found
    return None


def _single_header(view: EffectiveConfig) -> tuple[HeaderValue | None, HeaderValue | None]:
    for source in view.client.one_header:
        slot = HEADER_OF[source]
        found = candidate(view, source, slot)
        if found is None or (source == "anthropic-api-key" and not key_counts(view)):
            continue
        return (found, None) if slot == "x_api_key" else (None, found)
    return None, None


def _blocked(
    view: EffectiveConfig,
    target: Destination,
    x_api_key: HeaderValue | None,
    authorization: HeaderValue | None,
) -> Blocked | None:
    if view.client.is_claude_code:
        before = blocks.blocked_before(view, target)
        if before is None and target.provider in {"first-party", "gateway"}:
            before = blocks.blocked_by_profile(view, x_api_key, authorization)
        if before is not None:
            return before
    elif (unreachable := blocks.blocked_by_destination(view, target)) is not None:
        return unreachable
    elif view.client.asks_approval and target.provider in {"first-party", "gateway"}:
        if _waits_for_approval(view, authorization):
            return Blocked("approval-pending", "ANTHROPIC_API_KEY counts once it has been approved")
        named = blocks.blocked_by_profile(view, x_api_key, authorization)
        if named is not None:
            return named
    precondition = blocks.provider_preconditions(view, target)
    if precondition is not None:
        return precondition
    unsendable = blocks.blocked_by_values((x_api_key, authorization))
    if unsendable is not None:
        return unsendable
    signed_out = blocks.blocked_by_sign_in(view, authorization)
    if signed_out is not None:
        return signed_out
    if x_api_key is None and authorization is None and not _goes_without(view, target):
        return blocks.nothing_there(view, target)
    return blocks.blocked_by_url_user(target, authorization)


def _waits_for_approval(view: EffectiveConfig, authorization: HeaderValue | None) -> bool:
    """For the page's order: only what stands above the key is not held up by the question."""
    return approval(view) == "unseen" and not (
        authorization is not None and authorization.source == "anthropic-auth-token"
    )


def _goes_without(view: EffectiveConfig, target: Destination) -> bool:
    """Whether a provider was told to send no credential of its own."""
    return target.provider in PROVIDER_SLOTS and passes(view, "skip", target.provider)


def _wire(
    view: EffectiveConfig,
    target: Destination,
    x_api_key: HeaderValue | None,
    authorization: HeaderValue | None,
) -> Wire:
    beta = None
    if authorization is not None and _sends_beta(view, target, authorization):
        beta = OAUTH_BETA
    return Wire(target.host, target.url, x_api_key, authorization, beta)


def _sends_beta(view: EffectiveConfig, target: Destination, authorization: HeaderValue) -> bool:
    """The OAuth header goes with an OAuth token of a Claude account, also where a custom header replaced it;
    a live login whose scopes are text goes out without it [seen, 2.1.328]."""
    if not view.client.is_claude_code or target.provider not in {"first-party", "gateway"}:
        return False
    if authorization.source == "custom-headers":
        return oauth_sent(view)
    if authorization.source == "stored-login" and not authorization.will_refresh:
        tokens = view.snapshot.login.tokens
        return tokens is None or not tokens.scopes_are_text
    return authorization.source in OAUTH_SOURCES


def _winner(target: Destination, wire: Wire | None) -> str | None:
    """The source on the wire with the best documented rank, or the provider's."""
    if wire is None:
        return None
    on_wire = [PART_OF.get(h.source, h.source) for h in (wire.x_api_key, wire.authorization) if h is not None]
    if target.provider in PROVIDER_SLOTS:
        own = [source for source in on_wire if source.startswith(target.provider)]
        return own[0] if own else min(on_wire, key=rank_key, default=target.provider)
    return min(on_wire, key=rank_key)


def _usable(
    view: EffectiveConfig, blocked: Blocked | None, wire: Wire | None, failing: Mapping[str, str]
) -> bool | None:
    """True: a credential goes out; False: none, or one that surely fails; None: not known."""
    if blocked is not None:
        return None if blocked.code == "not-checked" else False
    if wire is None or failing:
        return False
    headers = _sent(wire)
    placeholder = any(h.value is not None and h.value.reveal() == "skip-foundry-auth" for h in headers)
    if not headers or placeholder:
        return None
    if any(_is_unknown(header) for header in headers):
        return None
    if view.snapshot.login.unusable is not None and any(h.source == "stored-login" for h in headers):
        return None
    return True


def _is_unknown(header: HeaderValue) -> bool:
    return header.identity is None if header.is_signature else header.value is None


def _sent(wire: Wire) -> list[HeaderValue]:
    return [header for header in (wire.x_api_key, wire.authorization) if header is not None]


def _failing(view: EffectiveConfig, target: Destination, wire: Wire) -> dict[str, str]:
    """By source: why what it sends can't work, as far as this machine alone shows it."""
    found = {}
    for header in _sent(wire):
        why = _failure(view, target, wire, header)
        if why is not None:
            found[PART_OF.get(header.source, header.source)] = why
    return found


def _failure(view: EffectiveConfig, target: Destination, wire: Wire, header: HeaderValue) -> str | None:
    if header.value is not None and header.value.is_blank:
        return "its value is empty"
    if _is_expired(view, header):
        return "it has expired"
    if header.source == "aws-environment":
        return aws_keys_mismatch(view)
    tokens = view.snapshot.login.tokens
    plain = header.source == "stored-login" and tokens is not None and tokens.scopes_are_text
    if plain and wire.beta is None and view.client.is_claude_code and target.provider == "first-party":
        return "it goes out without the OAuth beta header, since its scopes are text"
    return None


def _is_expired(view: EffectiveConfig, header: HeaderValue) -> bool:
    stores = {
        "stored-login": view.snapshot.login,
        "sdk-tokens": view.snapshot.sdk_tokens,
        "claw-tokens": view.snapshot.claw_tokens,
    }
    store = stores.get(header.source)
    if store is None or store.tokens is None:
        return False
    return store.tokens.is_spent(view.snapshot.observed_at)
