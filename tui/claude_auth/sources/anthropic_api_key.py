"""ANTHROPIC_API_KEY: a key of the Console, which interactive Claude Code asks about before it uses it."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.versions import at_least
from claude_auth.security.secret import Secret
from claude_auth.sources.source import (
    PER_TOKEN,
    SET_BY_VARIABLE,
    UNSET_WHERE_SET,
    Source,
    key_of_variable,
    read_variable,
)

_ID = "anthropic-api-key"
_VARIABLE = "ANTHROPIC_API_KEY"

#: From this version on a key of nothing but blanks counts as unset, and keys are trimmed first [seen].
TRIMS_KEYS_SINCE = "2.1.212"
#: By so many characters at its end Claude Code tells keys apart.
_SUFFIX_LENGTH = 20


def key_suffix(view: EffectiveConfig) -> str | None:
    """By what the answer to Claude Code's question about the key is looked up; None where no key is set."""
    key = view.secret(_VARIABLE)
    if key is None or key.is_blank:
        return None
    return suffix_of(key.stripped() if at_least(view.version, TRIMS_KEYS_SINCE) else key)


def suffix_of(key: Secret) -> str:
    return key.reveal()[-_SUFFIX_LENGTH:]


def blank_key_refused(view: EffectiveConfig) -> bool:
    """Up to 2.1.210 a key of nothing but blanks stopped the request."""
    key: Secret | None = view.secret(_VARIABLE)
    return key is not None and key.is_blank and not at_least(view.version, TRIMS_KEYS_SINCE)


SOURCE = Source(
    id=_ID,
    label=_VARIABLE,
    rank=6,
    family="ladder",
    sets=SET_BY_VARIABLE,
    unset=UNSET_WHERE_SET,
    bills=PER_TOKEN,
    variable=_VARIABLE,
    read=lambda view: read_variable(view, _ID, _VARIABLE),
    x_api_key=lambda view: key_of_variable(view, _ID, _VARIABLE),
    in_simple_mode=True,
)
