"""Keys of managed settings that bear on who signs in, and where requests go, and that are not modelled: with
one of them the answer is not checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from claude_auth.claude_code.variables import SETTINGS_KEYS


def _names(rows: str) -> frozenset[str]:
    return frozenset(rows.split())


#: Keys of 2.1.332 that bear on it: who may sign in, which provider is allowed, whose settings count, with
#: which version Claude Code starts at all [told by the client's own schema of settings].
BEARING = _names(
    """
    enforceAnthropicSignIn allowedProviders policyHelpers
    forceRemoteSettingsRefresh managedSourcesBehavior requiredMinimumVersion requiredMaximumVersion
    """
)

#: Keys of 2.1.332 that only sound like it: a proxy's and telemetry's own headers, budgets of tokens, the
#: signature of a list of models, networks of a gateway, who is named in commits.
UNRELATED = _names(
    """
    proxyAuthHelper otelHeadersHelper totalTokensReminder totalTokensReminderBudget
    totalTokensReminderAfterUserTurn precomputeArmTokens modelCatalogPublicKey gatewayInternalNetworks
    attributionProjectPolicy allowNestedModelAccessUnderForceLogin
    """
)

_WORDS = _names(
    """
    login logins signin sign auth authentication oauth sso idp credential credentials key keys token tokens
    provider providers gateway policy policies org orgs organization organizations account accounts identity
    """
)


def is_unmodelled(name: str) -> bool:
    """Whether a key of managed settings bears on the answer and nothing here knows how. A key that no version
    seen knows is judged by its words."""
    if name in SETTINGS_KEYS or name in UNRELATED:
        return False
    return name in BEARING or not _WORDS.isdisjoint(_words(name))


def unmodelled(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if is_unmodelled(name))


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def _words(name: str) -> list[str]:
    return [word.lower() for word in _pattern().findall(name[:80])]
