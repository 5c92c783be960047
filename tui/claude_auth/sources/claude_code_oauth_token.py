"""CLAUDE_CODE_OAUTH_TOKEN: an OAuth token of a Claude account, usually for a year."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import HeaderValue
from claude_auth.sources.source import OF_THE_PLAN, UNSET_WHERE_SET, Source, read_variable, token_of_variable

_ID = "claude-code-oauth-token"
_VARIABLE = "CLAUDE_CODE_OAUTH_TOKEN"


def _authorization(view: EffectiveConfig) -> HeaderValue | None:
    return None if view.is_simple else token_of_variable(view, _ID, _VARIABLE)


def _ignored(view: EffectiveConfig) -> str | None:
    if view.assignment(_VARIABLE) is not None:
        return None
    return "set in a project's settings, from where Claude Code takes no OAuth token"


SOURCE = Source(
    id=_ID,
    label=_VARIABLE,
    rank=2,
    family="ladder",
    sets="an environment variable, usually a token from `claude setup-token`",
    unset=UNSET_WHERE_SET,
    bills=OF_THE_PLAN,
    variable=_VARIABLE,
    read=lambda view: read_variable(view, _ID, _VARIABLE),
    authorization=_authorization,
    ignored=_ignored,
)
