"""What `claude auth status` says: the credential that it goes by, in its own order. It sends nothing."""

from __future__ import annotations

from collections.abc import Mapping

from claude_auth.claude_code.clients import AUTH_METHODS, NO_METHOD, OTHER_METHOD, THIRD_PARTY
from claude_auth.model import Blocked, Resolution, SourceReading, Standing, VersionAnswer
from claude_auth.resolve.slots import Draft
from claude_auth.resolve.standings import reads
from claude_auth.sources import label, owner


def named(draft: Draft, readings: Mapping[str, SourceReading], version: VersionAnswer) -> Resolution:
    """`draft`: with the one header of what comes first."""
    target = draft.target
    if target.uses_ladder:
        winner = next((owner(header.source) for header in draft.headers), None)
        method = NO_METHOD if winner is None else AUTH_METHODS.get(winner, OTHER_METHOD)
    else:
        winner, method = target.provider, THIRD_PARTY
    if target.is_pinned:
        method = THIRD_PARTY
    said = Blocked("no-credential", f"claude auth status says that nobody is signed in (authMethod {method})")
    if winner is not None:
        words = f"claude auth status names {label(winner)} (authMethod {method}), and sends nothing itself"
        said = Blocked("not-checked", words)
    return Resolution(
        client=draft.view.client.id,
        version=version,
        provider=target.provider,
        usable=False if winner is None else None,
        winner=winner,
        blocked=said,
        wire=None,
        standings=tuple(_stand(draft, reading, winner) for reading in readings.values()),
        auth_method=method,
    )


def _stand(draft: Draft, reading: SourceReading, winner: str | None) -> Standing:
    client = draft.view.client
    if reading.source == winner:
        return Standing(reading, "winning", "what it names: it comes first of what is set")
    if reading.state != "present":
        return Standing(reading, "unused", reading.reason)
    if not reads(client, reading.source):
        return Standing(reading, "unused", f"{client.label} does not look here")
    if winner is None:
        return Standing(reading, "unused", f"{client.label} does not go by it")
    return Standing(reading, "shadowed", f"{label(winner)} comes first")
