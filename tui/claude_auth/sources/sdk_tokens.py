"""The token file of the SDK and of our own sign-in."""

from __future__ import annotations

from claude_auth.sources.source import OWN_CLIENT, Source, read_store, store_header

_ID = "sdk-tokens"

SOURCE = Source(
    id=_ID,
    label="SDK token file",
    family="other-program",
    sets="signing in with your own OAuth client: `claude-auth login`, kept in ~/.claude_code/tokens.json",
    unset="move ~/.claude_code/tokens.json aside",
    bills=OWN_CLIENT,
    read=lambda view: read_store(view, _ID, view.snapshot.sdk_tokens, "not signed in"),
    authorization=lambda view: store_header(view, _ID, view.snapshot.sdk_tokens),
    absent="none",
)
