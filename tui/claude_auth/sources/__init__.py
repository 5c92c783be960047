"""The registry of credential sources: the ladder, the panes, the JSON, the docs and the tests iterate it.

Each module holds everything about one. Ranks 1 to 6 are the documented ladder [seed 002]; the others have no
rank there but can reach the wire, replace the ladder, or belong to another program.
"""

from __future__ import annotations

from claude_auth.sources import (
    anthropic_api_key,
    anthropic_auth_token,
    anthropic_aws,
    anthropic_google_cloud,
    api_key_file_descriptor,
    api_key_helper,
    base_url_user,
    bedrock,
    bedrock_api_key,
    claude_code_oauth_token,
    claw_tokens,
    custom_headers,
    federation,
    foundry,
    gateway_session,
    keyring_tokens,
    managed_key,
    mantle,
    oauth_token_file_descriptor,
    profile,
    remote_api_key,
    remote_oauth_token,
    sdk_tokens,
    stored_login,
    vertex,
)
from claude_auth.sources.source import Family, SlotPart, Source

__all__ = ["BY_ID", "SOURCES", "Family", "SlotPart", "Source", "candidate", "label", "owner", "rank_key"]

#: In the order in which they are shown.
BY_ID: dict[str, Source] = {
    module.SOURCE.id: module.SOURCE
    for module in (
        anthropic_auth_token,
        claude_code_oauth_token,
        oauth_token_file_descriptor,
        api_key_helper,
        stored_login,
        anthropic_api_key,
        api_key_file_descriptor,
        managed_key,
        custom_headers,
        bedrock,
        bedrock_api_key,
        vertex,
        foundry,
        anthropic_aws,
        anthropic_google_cloud,
        mantle,
        sdk_tokens,
        keyring_tokens,
        claw_tokens,
        profile,
        federation,
        remote_oauth_token,
        remote_api_key,
        gateway_session,
        base_url_user,
    )
}
#: A view of the registry: what is added there is seen here.
SOURCES = BY_ID.values()

_PARTS: dict[str, SlotPart] = {part.id: part for source in SOURCES for part in source.parts}


def find(row: str) -> Source | SlotPart | None:
    """A source, or the part of one, by the id that it has in a slot."""
    return BY_ID.get(row) or _PARTS.get(row)


def owner(row: str, provider: str = "") -> str:
    """The source that a row of a slot belongs to: itself, but for the parts of a source. What signs for
    several providers belongs to the one in use."""
    owners = [source.id for source in SOURCES for part in source.parts if part.id == row]
    return provider if provider in owners else owners[0] if owners else row


def label(row: str) -> str:
    """The words for a source, also for a part that only signs."""
    found = find(row)
    return row if found is None else found.label or row


def rank_key(source_id: str) -> tuple[int, int]:
    """Sorts by documented rank, unranked ones last and in table order."""
    row = BY_ID.get(source_id)
    if row is None:
        return 99, len(BY_ID)
    return row.rank or 99, list(BY_ID).index(source_id)
