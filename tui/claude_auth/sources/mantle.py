"""Mantle: known by its switch; what it sends has not been observed."""

from __future__ import annotations

from claude_auth.sources.source import Source, read_switch

_ID = "mantle"
_VARIABLE = "CLAUDE_CODE_USE_MANTLE"

SOURCE = Source(
    id=_ID,
    label="Mantle",
    family="provider",
    sets=_VARIABLE,
    unset=f"unset {_VARIABLE}",
    bills="not known here",
    variable=_VARIABLE,
    read=lambda view: read_switch(view, _ID, _VARIABLE),
    absent="off",
    value_decides=True,
)
