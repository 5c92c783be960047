"""What is sent, by whom, to whom and from where."""

from __future__ import annotations

from claude_auth import sources
from claude_auth.claude_code import clients
from claude_auth.model import HeaderValue, Machine, Provider, VersionAnswer
from claude_auth.security.sanitize import clean, shown_value
from claude_auth.security.secret import Secret
from claude_auth.sources.source import NETWORK_TELLS
from claude_auth.words.glyphs import StatusText

NOT_SENT = "not sent"


def header_words(value: HeaderValue | None) -> StatusText:
    """What stands in one header, without its source."""
    if value is None:
        return StatusText("–", NOT_SENT, "dim")
    if value.is_signature:
        identity = shown_value("identity", value.identity or "", 40)
        return StatusText(
            "★", f"signature by {identity}" if identity else "AWS signature, key id unknown", "plain"
        )
    scheme = f"{value.scheme} " if value.scheme else ""
    shown = value.value
    if shown is not None and shown.reveal()[:7].lower() == "bearer ":  # the word is in the value as well
        scheme, shown = f"{scheme}{shown.reveal()[:7]}", Secret(shown.reveal()[7:])
    if shown is None:
        return StatusText("?", f"{scheme}{unknown_until(value.source)}", "warn")
    return StatusText("★", scheme + shown.masked, "plain" if not shown.is_blank else "fail")


def unknown_until(source: str) -> str:
    """Why a value isn't known, and what would tell."""
    row = sources.find(source)
    return NETWORK_TELLS if row is None else row.unknown_until


PROVIDERS: dict[Provider, str] = {
    "first-party": "Anthropic's API",
    "gateway": "a gateway (ANTHROPIC_BASE_URL)",
    "bedrock": sources.label("bedrock"),
    "vertex": sources.label("vertex"),
    "foundry": sources.label("foundry"),
    "anthropic-aws": sources.label("anthropic-aws"),
    "mantle": sources.label("mantle"),
}


def client_label(client: str) -> str:
    row = clients.BY_ID.get(client)
    return row.label if row is not None else client


def version_words(version: VersionAnswer) -> str:
    """Which version's rules were applied, and whether it was seen."""
    words = f"rules of {clean(version.resolved_as, 20)}"
    if version.observed:
        return words
    meant = clean(version.asked or version.installed or "", 20)
    return f"{words}, the nearest seen to {meant}" if meant else words


def machine_marks(machine: Machine) -> tuple[str, ...]:
    """Short marks for the title: where this runs."""
    marks = []
    if machine.over_ssh:
        marks.append("ssh")
    if machine.multiplexer:
        marks.append(clean(machine.multiplexer, 12))
    if machine.container:
        marks.append(clean(machine.container, 16))
    if machine.wsl:
        marks.append("wsl")
    return tuple(marks)
