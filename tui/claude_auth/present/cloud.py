"""The cloud panes: the list of providers, and the one under its cursor line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from claude_auth.present.lines import Row, Span, fit, line, pad, wrap

if TYPE_CHECKING:
    from claude_auth.present.cloud_panes import ProviderEntry
    from claude_auth.present.cloud_rows import FactRow as Fact

LOOKING = "looking at the files of this machine"
_LABEL = 24
_WIDEST_NAME = 16


def provider_rows(entries: Sequence[ProviderEntry], width: int) -> list[Row]:
    if not entries:
        return [Row(None, (line(Span(fit(LOOKING, width), "dim")),))]
    return [
        Row(
            entry.id,
            wrap(line(pad(entry.label, _LABEL), Span(str(entry.state), entry.state.role)), width, _LABEL),
        )
        for entry in entries
    ]


def fact_rows(facts: Sequence[Fact], width: int) -> list[Row]:
    """Every line can be walked to, so that all of them can be scrolled into sight."""
    if not facts:
        return [Row(None, (line(Span(fit(LOOKING, width), "dim")),))]
    label = min(_WIDEST_NAME, 2 + max(len(fact.name) for fact in facts))
    seen: Counter[str] = Counter()
    found = []
    for fact in facts:
        glyph, text, role = fact.word
        seen[fact.name] += 1
        value = Span(text if glyph == "·" else f"{glyph} {text}", role)
        lines = wrap(line(Span(pad(fact.name, label), "dim"), value), width, label + 2)
        found.append(Row(f"{fact.name}:{seen[fact.name]}", lines))
    return found


def command_of(facts: Sequence[Fact], row: str | None) -> str | None:
    """The command of the line with that id."""
    name, _, number = (row or "").rpartition(":")
    same = [fact for fact in facts if fact.name == name]
    return same[int(number) - 1].command if number.isdigit() and int(number) <= len(same) else None
