"""Claude Platform on AWS: known by its switch; what it sends has not been observed."""

from __future__ import annotations

from claude_auth.sources.source import Source, read_switch

_ID = "anthropic-aws"
_VARIABLE = "CLAUDE_CODE_USE_ANTHROPIC_AWS"

SOURCE = Source(
    id=_ID,
    label="Claude Platform on AWS",
    family="provider",
    sets=_VARIABLE,
    unset=f"unset {_VARIABLE}",
    bills="the AWS account of the workspace",
    variable=_VARIABLE,
    read=lambda view: read_switch(view, _ID, _VARIABLE),
    absent="off",
)
