"""What a login's `subscriptionType` says: the plan."""

from __future__ import annotations

from collections.abc import Mapping

#: As people know them [seen in 2.1.332: its own table].
PLAN_NAMES: Mapping[str, str] = {
    "pro": "Claude Pro",
    "max": "Claude Max",
    "team": "Claude Team",
    "enterprise": "Claude Enterprise",
}
#: Those of an organisation, whose settings a server gives.
OF_AN_ORGANISATION = frozenset({"team", "enterprise"})


def plan_name(word: str) -> str:
    """A word that isn't known as it is."""
    return PLAN_NAMES.get(word, word)
