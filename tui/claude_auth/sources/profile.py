"""An Anthropic profile, or workload identity: what Claude Code makes of it is not checked."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import SourceReading
from claude_auth.security.sanitize import shown_value
from claude_auth.sources.source import Source, read_store, strongest

_ID = "profile"
_VARIABLE = "ANTHROPIC_PROFILE"
_IDENTITY = ("ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_ORGANIZATION_ID")


def is_named(view: EffectiveConfig) -> bool:
    """ANTHROPIC_PROFILE, or both workload identity variables: they outrank a stored login [doc]."""
    return bool(view.text(_VARIABLE)) or all(view.text(name) for name in _IDENTITY)


def _read(view: EffectiveConfig) -> SourceReading:
    named = strongest(view, _VARIABLE)
    store = read_store(view, _ID, view.snapshot.profile, "no profile")
    if named is not None and not named.value.is_blank:
        name = shown_value(_VARIABLE, named.value.reveal(), 60)
        return SourceReading(_ID, "present", f"{_VARIABLE} names {name}; not checked", named.origin)
    identity = [strongest(view, name) for name in _IDENTITY]
    if all(found is not None and not found.value.is_blank for found in identity):
        why = "workload identity variables are set; not checked"
        return SourceReading(_ID, "present", why, store.origin)
    if named is not None and named.value.is_empty and store.state == "absent":
        return SourceReading(_ID, "unusable", f"{_VARIABLE} is set but empty", named.origin)
    return store


SOURCE = Source(
    id=_ID,
    label="Anthropic profile",
    family="wire",
    sets="ANTHROPIC_PROFILE, a profile below ~/.config/anthropic, or workload identity variables",
    unset="unset ANTHROPIC_PROFILE and the workload identity variables",
    bills="the organisation of the profile",
    variable=_VARIABLE,
    read=_read,
    absent="none",
    ignored=lambda view: "an Anthropic profile; what Claude Code makes of it is not checked",
)
