"""Which rows fill the two headers of a request: the rules of `claude_code.clients`, applied."""

from __future__ import annotations

from typing import Literal, NamedTuple

from claude_auth.claude_code.clients import PROVIDER_SLOTS, Rule, Slots
from claude_auth.claude_code.destination import Destination
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.versions import at_least
from claude_auth.model import HeaderValue
from claude_auth.resolve.guards import key_counts, passes
from claude_auth.sources import BY_ID, candidate


class Draft(NamedTuple):
    """What would go out and where to, before it is asked whether anything holds it back."""

    view: EffectiveConfig
    target: Destination
    x_api_key: HeaderValue | None = None
    authorization: HeaderValue | None = None

    @property
    def headers(self) -> tuple[HeaderValue, ...]:
        return tuple(header for header in (self.x_api_key, self.authorization) if header is not None)


def fill_slots(view: EffectiveConfig, target: Destination) -> Draft:
    """By the provider's rules, by the ladder's, or with the one header of the winner."""
    if target.uses_ladder and view.client.one_header:
        return _winner_alone(view, target)
    slots = view.client.slots if target.uses_ladder else PROVIDER_SLOTS.get(target.provider, Slots())
    return Draft(
        view,
        target,
        _fill(view, slots.x_api_key, "x_api_key", target),
        _fill(view, slots.authorization, "authorization", target),
    )


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


def _winner_alone(view: EffectiveConfig, target: Destination) -> Draft:
    for source in view.client.one_header:
        slot = header_of(source)
        found = candidate(view, source, slot)
        if found is None or (source == "anthropic-api-key" and not key_counts(view)):
            continue
        return Draft(view, target, found) if slot == "x_api_key" else Draft(view, target, None, found)
    return Draft(view, target)


def header_of(source: str) -> Literal["x_api_key", "authorization"]:
    """Which header a source becomes where a client sends the winner alone."""
    return "authorization" if BY_ID[source].x_api_key is None else "x_api_key"
