"""An OAuth token through an open file descriptor, as a desktop program hands it over."""

from __future__ import annotations

from claude_auth.sources.source import (
    OF_THE_PLAN,
    READING_TELLS,
    Source,
    bearer,
    descriptor_header,
    of_another_process,
    read_descriptor,
)

_ID = "oauth-token-file-descriptor"
_VARIABLE = "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR"

SOURCE = Source(
    id=_ID,
    label="OAuth file descriptor",
    rank=3,
    family="ladder",
    sets="a program that starts Claude Code and hands it a token through an open file descriptor",
    unset="start claude without that program, or unset the variable",
    bills=OF_THE_PLAN,
    variable=_VARIABLE,
    read=lambda view: read_descriptor(view, _ID, _VARIABLE),
    authorization=lambda view: descriptor_header(view, bearer(_ID, None), _VARIABLE),
    unknown_until=READING_TELLS,
    ignored=of_another_process,
)
