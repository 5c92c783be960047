"""Everything about the row under the cursor of the diagnosis: what it means, how it was seen, what helps."""

from __future__ import annotations

from claude_auth.actions.fixes.plans import Preview
from claude_auth.actions.fixes.shells import for_shell
from claude_auth.app.diagnosis import Diagnosis
from claude_auth.app.panes.checks import CHECK_WORDS, Subject
from claude_auth.app.panes.fixes import fix_lines
from claude_auth.app.panes.source import origin_lines
from claude_auth.app.widgets.line_view import LineView
from claude_auth.model import Certainty, Check, Finding
from claude_auth.present.lines import BLANK, Line, Span, fact, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.sources import BY_ID as SOURCE_BY_ID
from claude_auth.words import SEVERITIES, abbreviate_home

CERTAINTIES: dict[Certainty, str] = {
    "seen": "seen: this machine shows it",
    "likely": "likely: what was seen can have another cause too",
    "not-checkable": "not checkable here: it is decided elsewhere",
}
ONE_KEY = "what f does with one key, after showing it"
_LABEL = 11


class Detail(LineView):
    about = (
        "The row under the cursor in full: how bad and how certain it is, what it means, what it was seen "
        "by, and what helps. What f applies by itself is marked; everything else is for you to do."
    )


def lines(subject: Subject | None, diagnosis: Diagnosis, width: int) -> list[Line]:
    if isinstance(subject, Finding):
        return _finding(subject, diagnosis, width)
    if isinstance(subject, Check):
        return _check(subject, diagnosis.home, width)
    if subject is not None:
        return _extra(subject, diagnosis.home, width)
    words = "No check found anything wrong. a shows every check: what is fine, and what was not checked."
    if diagnosis.findings:
        words = "No row is left that could be told about."
    elif diagnosis.checks is None:
        words = "Nothing was found at the first look; it is looked further now."
    return [*wrap(line(Span(words, "dim")), width)]


def first_command(finding: Finding, diagnosis: Diagnosis) -> str | None:
    """What `y` copies of it, for this person's shell."""
    commands = [fix.command for fix in finding.fixes if fix.command is not None]
    return for_shell(clean(commands[0], 2000), diagnosis.shell) if commands else None


def _finding(finding: Finding, diagnosis: Diagnosis, width: int) -> list[Line]:
    home, word = diagnosis.home, SEVERITIES[finding.severity]
    found = [
        *wrap(line(Span(f"{word}  ", word.role), Span(clean(finding.title), "strong")), width, 2),
        *wrap(line(Span(f"{clean(finding.id, 60)} · {CERTAINTIES[finding.certainty]}", "dim")), width),
        BLANK,
        *wrap(line(clean(abbreviate_home(finding.explanation, home), 2000)), width),
        BLANK,
    ]
    if finding.evidence:
        for number, part in enumerate(finding.evidence.split("\n")):
            label = "" if number else "seen by"
            found += fact(label, line(clean(abbreviate_home(part, home), 600)), width, _LABEL)
    found += _source(finding, diagnosis, width)
    parts = (
        (ONE_KEY, _ours(finding, diagnosis, width)),
        ("what to do by hand", _theirs(finding, diagnosis, width)),
    )
    for heading, todo in parts:
        if todo:
            found += [BLANK, *wrap(line(Span(heading, "strong")), width), *todo]
    return found


def _source(finding: Finding, diagnosis: Diagnosis, width: int) -> list[Line]:
    """Where the source stands that it is about, where it stands anywhere."""
    if finding.source not in SOURCE_BY_ID:
        return []
    reading = diagnosis.resolution.standing(finding.source).reading
    label = fact("about", line(SOURCE_BY_ID[finding.source].label), width, _LABEL)
    if reading.state == "absent":
        return [*label]
    return [*label, *origin_lines(reading.origin, diagnosis.home, diagnosis.snapshot.observed_at, width)]


def _ours(finding: Finding, diagnosis: Diagnosis, width: int) -> list[Line]:
    found: list[Line] = []
    for preview in diagnosis.previews_of(finding):
        if preview.applicable:
            words = clean(abbreviate_home(preview.title, diagnosis.home), 400)
            found += wrap(line(Span("→ ", "accent"), words), width, 2)
    return found


def _theirs(finding: Finding, diagnosis: Diagnosis, width: int) -> list[Line]:
    found: list[Line] = []
    for number, fix in enumerate(finding.fixes):
        found += fix_lines(number, fix, diagnosis.home, width, diagnosis.shell)
    return found


def _check(check: Check, home: str, width: int) -> list[Line]:
    from claude_auth.diagnose.causes import BY_ID

    word = CHECK_WORDS[check.state]
    told = "looked at, and it is not so here" if check.state == "fine" else f"because {clean(check.why, 400)}"
    found = [
        *wrap(line(Span(clean(check.title), "strong")), width),
        *wrap(line(Span(clean(check.id, 60), "dim")), width),
        BLANK,
        *wrap(line(Span(f"{word}: ", word.role), abbreviate_home(told, home)), width, 2),
    ]
    entry = BY_ID.get(check.id)
    if entry is not None:
        found += [BLANK, line(Span("what it would mean", "dim"))]
        found += wrap(line(clean(entry.explanation, 2000)), width)
    return found


def _extra(preview: Preview, home: str, width: int) -> list[Line]:
    words = clean(abbreviate_home(preview.title, home), 400)
    found = [
        *wrap(line(Span("+ possible  ", "accent"), Span(words, "strong")), width, 2),
        *wrap(line(Span(clean(preview.id, 60), "dim")), width),
        BLANK,
        *wrap(line(clean(abbreviate_home(preview.explanation, home), 2000)), width),
        BLANK,
    ]
    by_hand = preview.by_hand
    told = "f shows the exact change before anything is done" if by_hand is None else f"not now: {by_hand}"
    return [*found, *wrap(line(Span(clean(abbreviate_home(told, home), 400), "accent")), width, 2)]
