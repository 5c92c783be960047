"""An API key through an open file descriptor."""

from __future__ import annotations

from claude_auth.model import HeaderValue
from claude_auth.sources.source import (
    PER_TOKEN,
    READING_TELLS,
    Source,
    descriptor_header,
    of_another_process,
    read_descriptor,
)

_ID = "api-key-file-descriptor"
_VARIABLE = "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"

SOURCE = Source(
    id=_ID,
    label="API key file descriptor",
    family="wire",
    sets="a program that starts Claude Code and hands it a key through an open file descriptor",
    unset="start claude without that program, or unset the variable",
    bills=PER_TOKEN,
    variable=_VARIABLE,
    read=lambda view: read_descriptor(view, _ID, _VARIABLE),
    x_api_key=lambda view: descriptor_header(view, HeaderValue(_ID), _VARIABLE),
    unknown_until=READING_TELLS,
    ignored=of_another_process,
)
