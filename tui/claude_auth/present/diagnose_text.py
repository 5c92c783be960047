"""`claude-auth diagnose` as text: the error's causes, then what the machine shows."""

from __future__ import annotations

import textwrap

from claude_auth import words
from claude_auth.diagnose.causes.tokens import TELL_KINDS, TOKEN_KINDS
from claude_auth.diagnose.texts import Parsed, Recognised
from claude_auth.model import Check, Finding, Fix
from claude_auth.security.sanitize import clean, safe_text
from claude_auth.security.secret import without_locals
from claude_auth.words import StatusText
from claude_auth.words.states import CERTAINTY_WORDS

_WIDTH = 96
#: Causes that are told in full; the rest get one line each.
_IN_FULL = 3


@without_locals
def diagnose_text(
    recognised: tuple[Recognised, ...],
    findings: tuple[Finding, ...],
    parsed: Parsed | None = None,
    first_line: StatusText | None = None,
) -> str:
    """`parsed`: what was read out of the text, None where no text was given. `first_line`: the verdict about
    this machine; where a text was given, its meaning comes before it."""
    parts = []
    if recognised:
        parts.append(_causes(recognised))
        if any(cause.id in TELL_KINDS for cause in recognised[:_IN_FULL]):
            parts.append(_kinds())
    elif parsed is not None:
        parts.append([f"The text is not recognised. {parsed_words(parsed)}"])
    parts.append([*([str(first_line), ""] if first_line is not None else []), *_findings(findings)])
    return "\n\n".join("\n".join(part) for part in parts)


_GLYPHS = {"found": "✗", "fine": "✓", "not-checked": "?"}


def checks_lines(checks: tuple[Check, ...]) -> list[str]:
    """Every question that was asked of this machine: found, not checked and why, fine."""
    counts = {state: sum(check.state == state for check in checks) for state in _GLYPHS}
    told = f"{counts['found']} found, {counts['fine']} fine, {counts['not-checked']} not checked"
    lines = [f"What was asked of this machine: {told}"]
    for state in ("found", "not-checked", "fine"):
        for check in checks:
            if check.state == state:
                why = f": {safe_text(check.why, 400)}" if check.why and state == "not-checked" else ""
                lines.append(f"  {_GLYPHS[state]} {clean(check.title, 200)}  [{check.id}]{why}")
    return lines


def parsed_words(parsed: Parsed) -> str:
    """What was read out of a text, in one sentence."""
    found = [
        words
        for words, value in (
            (f"status {parsed.status}", parsed.status),
            (f"type {parsed.type}", parsed.type),
            (f"message “{parsed.message}”", parsed.message),
        )
        if value is not None
    ]
    return f"Read out of it: {', '.join(found)}." if found else "No status, type or message was found in it."


def _causes(recognised: tuple[Recognised, ...]) -> list[str]:
    lines = ["What the text means"]
    for place, cause in enumerate(recognised[:_IN_FULL]):
        lines += [""] if place else []
        lines += _in_full(cause)
    if rest := recognised[_IN_FULL:]:
        lines += ["", "  Less likely:"]
        lines += [f"    {clean(cause.title)}  [{cause.id}]" for cause in rest]
    return lines


def _in_full(cause: Recognised) -> list[str]:
    lines = [f"  {clean(cause.title)}  [{cause.id}, {CERTAINTY_WORDS[cause.certainty]}]"]
    lines += _wrapped(cause.explanation, 6)
    if cause.evidence is not None:
        lines += _wrapped(f"Here: {clean(cause.evidence, 400)}.", 6)
    elif cause.ruled_out:
        lines += _wrapped("Nothing on this machine points to it.", 6)
    return lines + _fixes(cause.fixes)


def _wrapped(text: str, indent: int) -> list[str]:
    margin = " " * indent
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _fixes(fixes: tuple[Fix, ...]) -> list[str]:
    return [
        f"      → {clean(fix.title, 300)}{'' if fix.command is None else f': {clean(fix.command, 600)}'}"
        for fix in fixes
    ]


def _kinds() -> list[str]:
    lines = ["Kinds of tokens"]
    for kind in TOKEN_KINDS:
        lines.append(f"  {kind.prefix:<16}{kind.name}: {kind.belongs}")
        lines.append(f"  {'':<16}{kind.good_for}")
    return lines


def _findings(findings: tuple[Finding, ...]) -> list[str]:
    if not findings:
        return ["Nothing on this machine stands out."]
    lines = ["What this machine shows"]
    for finding in findings:
        word = words.SEVERITIES[finding.severity]
        lines.append(f"  {word.glyph} {word.text}: {clean(finding.title)}  [{finding.id}]")
        lines += [f"      {clean(part, 600)}" for part in finding.evidence.split("\n")]
        lines += _fixes(finding.fixes)
    return lines
