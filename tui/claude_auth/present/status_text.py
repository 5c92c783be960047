"""`claude-auth status` as text, the same four questions as the dashboard, and `claude-auth diagnose`: the
error's causes, then what the machine shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth import words
from claude_auth.diagnose import verdict
from claude_auth.model import Check, Finding, Fix, HeaderValue, Resolution, Snapshot, Standing
from claude_auth.security.sanitize import clean, safe_text, shown_path, shown_sentence
from claude_auth.security.secret import without_locals
from claude_auth.sources import BY_ID, label
from claude_auth.words import StatusText, TextStyle
from claude_auth.words.states import CERTAINTY_WORDS

if TYPE_CHECKING:
    from claude_auth.diagnose.texts import Parsed, Recognised

_COLOURS: dict[TextStyle, str] = {
    "ok": "32",
    "warn": "33",
    "fail": "31",
    "dim": "2",
    "strong": "1",
    "accent": "36",
}

#: Rows of other families are shown where there is something to see.
_ALWAYS_SHOWN = frozenset({"ladder"})


class Ink:
    """Colours where they are wanted; widths are counted before colouring."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, role: TextStyle) -> str:
        code = _COLOURS.get(role)
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and code and text.strip() else text

    def word(self, word: StatusText, width: int = 0) -> str:
        return self(f"{word.glyph} {word.text}".ljust(width), word.role)


@without_locals
def status_lines(
    snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...], *, colour: bool = False
) -> list[str]:
    ink = Ink(colour)
    parts = [
        _headline(snapshot, resolution, findings, ink),
        _wire(snapshot, resolution, ink),
        _ladder(snapshot, resolution, ink),
        *([_findings("Findings", findings, ink)] if findings else []),
    ]
    return [line for part in parts for line in ("", *part)][1:]


def answer_word(snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...]) -> StatusText:
    """The verdict in a sentence."""
    return words.first_line(snapshot, resolution, verdict(resolution, findings), snapshot.observed_at)


def _headline(
    snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...], ink: Ink
) -> list[str]:
    first = answer_word(snapshot, resolution, findings)
    lines = [ink.word(first), ink(f"for {marks_line(snapshot, resolution)}", "dim")]
    if resolution.winner is not None:
        lines.insert(1, f"  {shown_sentence(resolution.standing(resolution.winner).reason, 400)}")
    return lines


def marks_line(snapshot: Snapshot, resolution: Resolution) -> str:
    """Whom the answer is for, by which rules, from which configuration, on what machine."""
    return " · ".join(
        (
            words.client_label(resolution.client),
            words.version_words(resolution.version),
            words.format_path(snapshot.places.config_dir, snapshot.places.home),
            *words.machine_marks(snapshot.machine),
        )
    )


def _wire(snapshot: Snapshot, resolution: Resolution, ink: Ink) -> list[str]:
    wire = resolution.wire
    if wire is None:
        return [ink("What is sent", "strong"), "  no request goes out"]
    lines = [ink("What is sent", "strong"), f"  POST {shown_path(wire.url)}"]
    for name, header in (("x-api-key", wire.x_api_key), ("authorization", wire.authorization)):
        source = "" if header is None else f"  {label(header.source)}"
        lines.append(f"  {name:<14} {header_text(header)}{source}")
    refresh = words.refresh_words(resolution)
    if refresh is not None:
        lines.append(f"  {'':<14} {ink.word(refresh)}")
    if wire.beta:
        lines.append(f"  {'anthropic-beta':<14} {wire.beta}")
    return lines


def header_text(header: HeaderValue | None) -> str:
    """What goes out in it; here a command is run where the dashboard has a key."""
    text = words.header_words(header).text
    return text.replace("press e", "claude-auth status --evaluate")


def _ladder(snapshot: Snapshot, resolution: Resolution, ink: Ink) -> list[str]:
    shown = [
        standing
        for standing in resolution.standings
        if BY_ID[standing.reading.source].family in _ALWAYS_SHOWN or standing.reading.state != "absent"
    ]
    widest = max(len(BY_ID[standing.reading.source].label) for standing in shown)
    lines = [ink("Credentials", "strong")]
    for standing in shown:
        lines += _row(standing, snapshot, widest, ink)
    return lines


def _row(standing: Standing, snapshot: Snapshot, widest: int, ink: Ink) -> list[str]:
    reading = standing.reading
    row = BY_ID[reading.source]
    rank = "" if row.rank is None else str(row.rank)
    masked = "" if reading.value is None else reading.value.masked
    head = f"  {rank:>1} {row.label:<{widest}}  {ink.word(words.standing_word(standing), 14)}"
    if reading.state == "absent":
        return [f"{head.rstrip()}"]
    lines = [f"{head} {masked}".rstrip()]
    indent = " " * 6
    home = snapshot.places.home
    lines.append(f"{indent}{ink(shown_sentence(standing.reason, 400), 'dim')}")
    origin = words.origin_words(reading.origin, home)
    likely = ", ".join(words.format_location(at, home) for at in reading.origin.likely_set_at[:3])
    if origin:
        lines.append(f"{indent}from {origin}{f', probably set at {likely}' if likely else ''}")
    if reading.tokens is not None:
        now = snapshot.observed_at
        lines.append(f"{indent}access token {words.expiry_words(reading.tokens, reading.expiry, now).text}")
        deadline = words.deadline_words(reading.tokens, now)
        if deadline is not None:
            lines.append(f"{indent}sign-in {deadline.text}")
        whose = words.account_words(reading.account, reading.tokens)
        if whose:
            lines.append(f"{indent}{whose}")
        if reading.tokens.scopes:
            lines.append(f"{indent}scopes {clean(' '.join(reading.tokens.scopes), 400)}")
    lines += [f"{indent}{name}: {text}" for name, text in reading.details if name not in {"plan"}]
    return lines


def _findings(heading: str, findings: tuple[Finding, ...], ink: Ink) -> list[str]:
    lines = [ink(heading, "strong")]
    for finding in findings:
        word = words.SEVERITIES[finding.severity]
        lines.append(f"  {ink(word.glyph, word.role)} {word.text}: {finding.title}  [{finding.id}]")
        lines += [f"      {part}" for part in finding.evidence.split("\n")]
        for fix in finding.fixes:
            lines.append(_step(fix))
    return lines


def _step(fix: Fix) -> str:
    return words.with_command(f"      → {fix.title}", fix.command and clean(fix.command, 600))


# ── diagnose ─────────────────────────────────────────────────────────────────────────────────────

#: Causes that are told in full; the rest get one line each.
_IN_FULL = 3


@without_locals
def diagnose_lines(
    recognised: tuple[Recognised, ...],
    findings: tuple[Finding, ...],
    parsed: Parsed | None = None,
    first_line: StatusText | None = None,
) -> list[str]:
    """`parsed`: what was read out of the text, None where no text was given. `first_line`: the verdict about
    this machine; where a text was given, its meaning comes before it."""
    from claude_auth.diagnose.causes.tokens import TELL_KINDS

    lines: list[str] = []
    if recognised:
        lines += [*_causes(recognised), ""]
        if any(cause.id in TELL_KINDS for cause in recognised[:_IN_FULL]):
            lines += [*_kinds(), ""]
    elif parsed is not None:
        lines += [*parsed.unknown_words, ""]
    return [*lines, *([str(first_line), ""] if first_line is not None else []), *_findings_told(findings)]


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
                lines.append(f"  {_GLYPHS[state]} {check.title}  [{check.id}]{why}")
    return lines


def _causes(recognised: tuple[Recognised, ...]) -> list[str]:
    lines = ["What the text means"]
    # Where some of them are possible here, what is ruled out needs no steps.
    possible = [cause for cause in recognised if not cause.ruled_out] or list(recognised)
    in_full = possible[:_IN_FULL]
    for place, cause in enumerate(in_full):
        lines += [""] if place else []
        lines += _in_full(cause)
    if rest := [cause for cause in recognised if cause not in in_full]:
        lines += ["", "  Less likely:"]
        lines += [f"    {cause.title}  [{cause.id}]" for cause in rest]
    return lines


def _in_full(cause: Recognised) -> list[str]:
    lines = [f"  {cause.title}  [{cause.id}, {CERTAINTY_WORDS[cause.certainty]}]"]
    lines += [f"      The answer of {cause.answerer}.", f"      {cause.explanation}"]
    if cause.evidence is not None:
        lines.append(f"      Here: {cause.evidence}.")
    elif cause.ruled_out:
        lines.append("      Nothing on this machine points to it.")
    return [*lines, *map(_step, cause.fixes)]


def _kinds() -> list[str]:
    from claude_auth.diagnose.causes.tokens import TOKEN_KINDS

    lines = ["Kinds of tokens"]
    for kind in TOKEN_KINDS:
        lines.append(f"  {kind.prefix:<16}{kind.name}: {kind.belongs}")
        lines.append(f"  {'':<16}{kind.good_for}")
    return lines


def _findings_told(findings: tuple[Finding, ...]) -> list[str]:
    if not findings:
        return ["Nothing on this machine stands out."]
    return _findings("What this machine shows", findings, Ink(False))
