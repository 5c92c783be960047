"""Mantle: Amazon Bedrock by Anthropic's own API, with the same credentials [behaviour.md 8]."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import SourceReading
from claude_auth.sources.aws_credentials import AWS_PARTS, aws_details
from claude_auth.sources.source import Source, read_switch, with_details

_ID = "mantle"
_VARIABLE = "CLAUDE_CODE_USE_MANTLE"


def _read(view: EffectiveConfig) -> SourceReading:
    reading = read_switch(view, _ID, _VARIABLE)
    return reading if reading.state != "present" else with_details(reading, aws_details(view))


SOURCE = Source(
    id=_ID,
    label="Amazon Bedrock (Mantle)",
    family="provider",
    sets=f"{_VARIABLE}; the credentials are those of Bedrock",
    unset=f"unset {_VARIABLE}",
    bills="the AWS account of the credentials",
    variable=_VARIABLE,
    read=_read,
    parts=AWS_PARTS,
    absent="off",
)
