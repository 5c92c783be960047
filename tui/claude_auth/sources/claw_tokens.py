"""The login of the program claw."""

from __future__ import annotations

from claude_auth.sources.source import Source, read_store, store_header

_ID = "claw-tokens"

SOURCE = Source(
    id=_ID,
    label="claw's login",
    family="other-program",
    sets="signing in with the program claw, kept below ~/.claude/credentials",
    unset="sign out with claw",
    bills="what claw's OAuth client bills",
    read=lambda view: read_store(view, _ID, view.snapshot.claw_tokens, "not signed in"),
    authorization=lambda view: store_header(view, _ID, view.snapshot.claw_tokens),
    absent="none",
)
