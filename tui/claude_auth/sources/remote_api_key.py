"""An API key in a file that the host of a remote session lays down."""

from __future__ import annotations

from claude_auth.model import HeaderValue
from claude_auth.sources.source import PER_TOKEN, Source, read_remote_file, remote_header

_ID = "remote-api-key"

SOURCE = Source(
    id=_ID,
    label="remote session API key",
    family="wire",
    sets="the host of a remote session, as /home/claude/.claude/remote/.api_key",
    unset="remove the file",
    bills=PER_TOKEN,
    read=lambda view: read_remote_file(view, _ID),
    x_api_key=lambda view: remote_header(view, HeaderValue(_ID)),
    absent="none",
)
