"""ANTHROPIC_AUTH_TOKEN: a Bearer for a gateway."""

from __future__ import annotations

from claude_auth.sources.source import (
    SET_BY_VARIABLE,
    UNSET_WHERE_SET,
    Source,
    read_variable,
    token_of_variable,
)

_ID = "anthropic-auth-token"
_VARIABLE = "ANTHROPIC_AUTH_TOKEN"

SOURCE = Source(
    id=_ID,
    label=_VARIABLE,
    rank=1,
    family="ladder",
    sets=SET_BY_VARIABLE,
    unset=UNSET_WHERE_SET,
    bills="whatever the receiving gateway bills",
    variable=_VARIABLE,
    read=lambda view: read_variable(view, _ID, _VARIABLE),
    authorization=lambda view: token_of_variable(view, _ID, _VARIABLE),
    value_decides=True,
    in_simple_mode=True,
)
