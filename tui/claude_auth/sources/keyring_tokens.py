"""Token sets of our own sign-in in the system's keyring, known by our list of them."""

from __future__ import annotations

from claude_auth.sources.source import OWN_CLIENT, Source, read_store, store_header

_ID = "keyring-tokens"

SOURCE = Source(
    id=_ID,
    label="SDK tokens in the keyring",
    family="other-program",
    sets="signing in with your own OAuth client into the system's keyring",
    unset="remove the entry with the system's keyring program",
    bills=OWN_CLIENT,
    read=lambda view: read_store(view, _ID, view.snapshot.keyring_tokens, "none put there by claude-auth"),
    authorization=lambda view: store_header(view, _ID, view.snapshot.keyring_tokens),
    absent="none",
)
