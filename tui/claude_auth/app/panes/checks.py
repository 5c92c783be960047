"""The list of the diagnosis: findings, what else can be done, and behind a key every check. Pure."""

from __future__ import annotations

from claude_auth.actions.diagnosis import Diagnosis
from claude_auth.actions.fixes.plans import Preview
from claude_auth.app.panes.findings import finding_rows, named, nothing_found
from claude_auth.model import Check, Finding
from claude_auth.present.lines import Row, Span, fit, line, pad, plain, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText, abbreviate_home

Subject = Finding | Preview | Check

CHECK_WORDS: dict[str, StatusText] = {
    "fine": StatusText("✓", "fine", "ok"),
    "not-checked": StatusText("?", "not checked", "warn"),
}
_ORDER = ("not-checked", "fine")


def subjects(diagnosis: Diagnosis, all_checks: bool) -> dict[str, Subject]:
    """What each row is about. What a check found is its finding."""
    found: dict[str, Subject] = {**named(diagnosis.findings)}
    found |= {f"extra:{preview.id}": preview for preview in diagnosis.extras}
    if all_checks:
        found |= {f"check:{check.id}": check for check in diagnosis.checks or () if check.state != "found"}
    return found


def rows(diagnosis: Diagnosis, all_checks: bool, needle: str, width: int) -> list[Row]:
    """With a filter, the rows that match alone."""
    home = diagnosis.home
    found = finding_rows(diagnosis.findings, home, width, fixable=diagnosis.fixable)
    if not found and not needle:
        found.append(Row(None, (nothing_found(bool(diagnosis.resolution.usable), width),)))
    for preview in diagnosis.extras:
        words = wrap(
            line(Span("+ possible  ", "accent"), clean(abbreviate_home(preview.title, home), 300)), width, 2
        )
        found.append(Row(f"extra:{preview.id}", words))
    if all_checks:
        for state in _ORDER:
            checks = [check for check in diagnosis.checks or () if check.state == state]
            word = CHECK_WORDS[state]
            found.append(_heading(f"{word.text} · {len(checks)}", width))
            found += [_check(check, home, width) for check in checks]
    if needle:
        found = [row for row in found if row.id is not None and _matches(row, needle)]
    if not found:
        more = "" if all_checks else "; a shows all checks, to search them too"
        words = wrap(line(Span(f"nothing matches; Escape shows every row{more}", "dim")), width)
        found.append(Row(None, words))
    return found


def title(diagnosis: Diagnosis, matching: int, total: int, needle: str) -> str:
    """How much was found; of which, how much matches."""
    if needle:
        return f"{matching} of {total} match “{needle}”"
    if diagnosis.checks is None:
        return f"{len(diagnosis.findings)} found so far"
    counts = diagnosis.counts
    return f"{counts['found']} found · {counts['fine']} fine · {counts['not-checked']} not checked"


def _heading(words: str, width: int) -> Row:
    return Row(None, (line(Span(pad(fit(f"── {words} ", width).ljust(width, "─"), width), "dim")),))


def _check(check: Check, home: str, width: int) -> Row:
    word = CHECK_WORDS[check.state]
    because = Span(f" because {clean(abbreviate_home(check.why, home), 300)}" if check.why else "", "dim")
    # A title says what would be wrong, so it is said that it isn't.
    head = "not so" if check.state == "fine" else word.text
    title = clean(check.title, 200) + ("," if check.why else "")
    parts = line(Span(f"{word.glyph} {head}: ", word.role), title, because)
    return Row(f"check:{check.id}", wrap(parts, width, 2))


def _matches(row: Row, needle: str) -> bool:
    text = " ".join(plain(spans).strip() for spans in row.lines)
    return needle.lower() in f"{text} {row.id}".lower()
