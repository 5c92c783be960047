"""AWS_BEARER_TOKEN_BEDROCK: a key of Amazon Bedrock's own."""

from __future__ import annotations

from claude_auth.sources.source import Source, bearer_of_variable, read_variable

_ID = "bedrock-api-key"
_VARIABLE = "AWS_BEARER_TOKEN_BEDROCK"

SOURCE = Source(
    id=_ID,
    label="Bedrock API key",
    family="provider",
    sets="AWS_BEARER_TOKEN_BEDROCK, which outranks every other AWS credential",
    unset="unset AWS_BEARER_TOKEN_BEDROCK",
    bills="the AWS account that issued the key",
    variable=_VARIABLE,
    read=lambda view: read_variable(view, _ID, _VARIABLE),
    authorization=lambda view: bearer_of_variable(view, _ID, _VARIABLE),
)
