"""An OAuth token in a file that the host of a remote session lays down."""

from __future__ import annotations

from claude_auth.sources.source import OF_THE_PLAN, Source, bearer, read_remote_file, remote_header

_ID = "remote-oauth-token"

SOURCE = Source(
    id=_ID,
    label="remote session token",
    family="wire",
    sets="the host of a remote session, as /home/claude/.claude/remote/.oauth_token",
    unset="remove the file",
    bills=OF_THE_PLAN,
    read=lambda view: read_remote_file(view, _ID),
    authorization=lambda view: remote_header(view, bearer(_ID, None)),
    absent="none",
)
