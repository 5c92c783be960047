"""ANTHROPIC_AUTH_TOKEN: a Bearer for a gateway."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import HeaderValue
from claude_auth.sources.source import (
    SET_BY_VARIABLE,
    UNSET_WHERE_SET,
    SlotPart,
    Source,
    read_variable,
    token_of_variable,
)

_ID = "anthropic-auth-token"
_VARIABLE = "ANTHROPIC_AUTH_TOKEN"


def _as_key(view: EffectiveConfig) -> HeaderValue | None:
    """Claude Platform on AWS, told to skip its own credentials, gets it in both headers [seen, 2.1.332]."""
    found = token_of_variable(view, _ID, _VARIABLE)
    return None if found is None else found._replace(scheme=None)


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
    parts=(SlotPart("anthropic-auth-token-as-key", _VARIABLE, x_api_key=_as_key),),
    value_decides=True,
    in_simple_mode=True,
)
