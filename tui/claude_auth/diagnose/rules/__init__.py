"""The rules: each a small pure function that says what it saw, or nothing, or why it could not look.

A rule gives evidence (files, lines, variables, fingerprints: never a value) and fixes; texts stand in the
catalogue. One rule, one id, at most one finding.
"""

from __future__ import annotations

from claude_auth.diagnose.rules import (
    aws,
    azure_google,
    environment,
    gateway,
    links,
    login,
    network,
    notes,
    outcome,
    places,
    programs,
    settings,
    state,
    stores,
    values,
    wire,
)
from claude_auth.diagnose.rules.seen import Rule

RULES: dict[str, Rule] = {
    **outcome.RULES,
    **wire.RULES,
    **values.RULES,
    **login.RULES,
    **stores.RULES,
    **links.RULES,
    **state.RULES,
    **places.RULES,
    **settings.RULES,
    **environment.RULES,
    **gateway.RULES,
    **network.RULES,
    **programs.RULES,
    **aws.RULES,
    **azure_google.RULES,
    **notes.RULES,
}

_CONNECTS = "a connection is made only on request"

#: What no look at files and processes can tell: id, title, why it was not checked.
ON_REQUEST: tuple[tuple[str, str, str], ...] = (
    ("hosts-reachable", "The hosts that are needed answer", _CONNECTS),
    (
        "certificates-replaced",
        "Nobody replaces certificates on the way",
        "a connection is made only on request",
    ),
    ("gateway-listens", "Something listens at the gateway's address", _CONNECTS),
    ("clock-compared", "The clock agrees with a server's", _CONNECTS),
    ("credential-accepted", "The server accepts the credential", "only a request tells"),
)
