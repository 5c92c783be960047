"""Amazon Bedrock: signed for with AWS credentials."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import SourceReading
from claude_auth.sources.aws_credentials import AWS_PARTS, aws_details
from claude_auth.sources.source import Source, read_switch, with_details

_ID = "bedrock"
_VARIABLE = "CLAUDE_CODE_USE_BEDROCK"


def _read(view: EffectiveConfig) -> SourceReading:
    reading = read_switch(view, _ID, _VARIABLE)
    aws = view.snapshot.aws
    is_there = reading.state == "present" or aws.profiles or view.secret("AWS_ACCESS_KEY_ID")
    damage = [("problem", f"{path}: {damage.text}") for path, damage in aws.damage]
    return with_details(reading, [*(aws_details(view) if is_there else ()), *damage])


SOURCE = Source(
    id=_ID,
    label="Amazon Bedrock",
    family="provider",
    sets="CLAUDE_CODE_USE_BEDROCK; the credentials are AWS's own",
    unset="unset CLAUDE_CODE_USE_BEDROCK",
    bills="the AWS account of the credentials",
    variable=_VARIABLE,
    read=_read,
    parts=AWS_PARTS,
    absent="off",
)
