"""Claude Platform on AWS: with a key of its own, else signed for with AWS credentials [behaviour.md 8]."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import SourceReading
from claude_auth.security.sanitize import shown_value
from claude_auth.sources.aws_credentials import AWS_PARTS, aws_details
from claude_auth.sources.source import Source, key_of_variable, read_switch, variable_value, with_details

_ID = "anthropic-aws"
_VARIABLE = "CLAUDE_CODE_USE_ANTHROPIC_AWS"
_KEY, _WORKSPACE = "ANTHROPIC_AWS_API_KEY", "ANTHROPIC_AWS_WORKSPACE_ID"


def _read(view: EffectiveConfig) -> SourceReading:
    reading = read_switch(view, _ID, _VARIABLE)
    if reading.state != "present":
        return reading
    key = variable_value(view, _KEY)
    workspace = shown_value(_WORKSPACE, view.text(_WORKSPACE), 80) or "not set"
    credential = [("credential", _KEY)] if key is not None else []
    details = [("workspace", workspace), *credential, *aws_details(view)]
    return with_details(reading, details)._replace(value=key)


SOURCE = Source(
    id=_ID,
    label="Claude Platform on AWS",
    family="provider",
    sets=f"{_VARIABLE}; a key in {_KEY}, else AWS's own credentials",
    unset=f"unset {_VARIABLE}",
    bills="the AWS account of the workspace",
    variable=_VARIABLE,
    read=_read,
    x_api_key=lambda view: key_of_variable(view, _ID, _KEY),
    parts=AWS_PARTS,
    absent="off",
)
