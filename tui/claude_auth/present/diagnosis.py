"""What the diagnosis shows at one moment: the findings, every check, and what can be done. Frozen."""

from __future__ import annotations

from collections import Counter

from claude_auth.actions.fixes.plans import Preview
from claude_auth.actions.fixes.shells import Shell, for_shell
from claude_auth.model import Certainty, Check, Finding, Resolution, Snapshot
from claude_auth.named_tuples import NamedTuple
from claude_auth.present.dashboard_state import named_findings
from claude_auth.present.fixes import fix_rows
from claude_auth.present.ladder import origin_lines
from claude_auth.present.lines import BLANK, Line, Row, Span, fact, fit, line, pad, plain, wrap
from claude_auth.present.panels import finding_rows, nothing_found
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import without_locals
from claude_auth.sources import BY_ID as SOURCE_BY_ID
from claude_auth.words import SEVERITIES, StatusText, abbreviate_home


class Diagnosis(NamedTuple):
    """`checks` None: not asked yet, since the machine is still being looked at."""

    snapshot: Snapshot
    resolution: Resolution
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...] | None = None
    previews: tuple[Preview, ...] = ()
    shell: Shell = "bash"

    @classmethod
    @without_locals
    def of(
        cls, snapshot: Snapshot, client: str, version: str | None, *, shell: Shell, program: str
    ) -> Diagnosis:
        """What the core says about a snapshot. Reads the files that a fix would change."""
        from claude_auth.actions.fixes.offers import client_option, offers, with_ours
        from claude_auth.actions.look import checks, diagnosed

        resolution, findings = diagnosed(snapshot, client, version)
        previews = offers(snapshot, resolution, findings, shell=shell, program=program)
        told = with_ours(findings, previews, client_option(client))
        return cls(snapshot, resolution, told, checks(snapshot, resolution), previews, shell)

    @property
    def home(self) -> str:
        return self.snapshot.places.home

    @property
    def counts(self) -> Counter[str]:
        """Of the checks by their state."""
        return Counter(check.state for check in self.checks or ())

    @property
    def extras(self) -> tuple[Preview, ...]:
        """What can be done though nothing is wrong."""
        return tuple(preview for preview in self.previews if preview.finding is None)

    def previews_of(self, subject: Finding | Preview) -> tuple[Preview, ...]:
        """Everything that can be done about a finding; of what stands for itself, as it would be now."""
        if isinstance(subject, Finding):
            found = [preview for preview in self.previews if subject.id in preview.findings]
            return tuple(sorted(found, key=lambda one: (not one.leads, not one.applicable)))
        return tuple(preview for preview in self.previews if preview.id == subject.id)


Subject = Finding | Preview | Check

CHECK_WORDS: dict[str, StatusText] = {
    "fine": StatusText("✓", "fine", "ok"),
    "not-checked": StatusText("?", "not checked", "warn"),
}
_ORDER = ("not-checked", "fine")


def diagnosis_subjects(diagnosis: Diagnosis, all_checks: bool) -> dict[str, Subject]:
    """What each row is about. What a check found is its finding."""
    found: dict[str, Subject] = {**named_findings(diagnosis.findings)}
    found |= {f"extra:{preview.id}": preview for preview in diagnosis.extras}
    if all_checks:
        found |= {f"check:{check.id}": check for check in diagnosis.checks or () if check.state != "found"}
    return found


def diagnosis_rows(diagnosis: Diagnosis, all_checks: bool, needle: str, width: int) -> list[Row]:
    """With a filter, the rows that match alone."""
    home = diagnosis.home
    found = finding_rows(diagnosis.findings, diagnosis.snapshot, width)
    if not found and not needle:
        found.append(Row(None, (nothing_found(bool(diagnosis.resolution.usable), width),)))
    for preview in diagnosis.extras:
        words = wrap(line(Span("+ possible  ", "accent"), abbreviate_home(preview.title, home)), width, 2)
        found.append(Row(f"extra:{preview.id}", words))
    if all_checks:
        for state in _ORDER:
            checks = [check for check in diagnosis.checks or () if check.state == state]
            word = CHECK_WORDS[state]
            found.append(_heading(f"{word.text} · {len(checks)}", width))
            found += [_check_row(check, home, width) for check in checks]
    if needle:
        found = [row for row in found if row.id is not None and _matches(row, needle)]
    if not found:
        more = "" if all_checks else "; space shows all checks, to search them too"
        words = wrap(line(Span(f"nothing matches; Escape shows every row{more}", "dim")), width)
        found.append(Row(None, words))
    return found


def diagnosis_title(diagnosis: Diagnosis, matching: int, total: int, needle: str) -> str:
    """How much was found; of which, how much matches."""
    if needle:
        return f"{matching} of {total} match “{needle}”"
    if diagnosis.checks is None:
        return f"{len(diagnosis.findings)} found so far"
    counts = diagnosis.counts
    return f"{counts['found']} found · {counts['fine']} fine · {counts['not-checked']} not checked"


def _heading(words: str, width: int) -> Row:
    return Row(None, (line(Span(pad(fit(f"── {words} ", width).ljust(width, "─"), width), "dim")),))


def _check_row(check: Check, home: str, width: int) -> Row:
    word = CHECK_WORDS[check.state]
    because = Span(f" because {clean(abbreviate_home(check.why, home), 300)}" if check.why else "", "dim")
    # A title says what would be wrong, so it is said that it isn't.
    head = "not so" if check.state == "fine" else word.text
    title = check.title + ("," if check.why else "")
    parts = line(Span(f"{word.glyph} {head}: ", word.role), title, because)
    return Row(f"check:{check.id}", wrap(parts, width, 2))


def _matches(row: Row, needle: str) -> bool:
    text = " ".join(plain(spans).strip() for spans in row.lines)
    return needle.lower() in f"{text} {row.id}".lower()


CERTAINTIES: dict[Certainty, str] = {
    "seen": "seen: this machine shows it",
    "likely": "likely: what was seen can have another cause too",
    "not-checkable": "not checkable here: it is decided elsewhere",
}
_LABEL = 11


def subject_lines(subject: Subject | None, diagnosis: Diagnosis, width: int) -> list[Line]:
    if isinstance(subject, Finding):
        return _finding(subject, diagnosis, width)
    if isinstance(subject, Check):
        return _check(subject, diagnosis.home, width)
    if subject is not None:
        return _extra(subject, diagnosis.home, width)
    words = "No check found anything wrong. space shows every check: what is fine, and what was not checked."
    if diagnosis.findings:
        words = "No row is left that could be told about."
    elif diagnosis.checks is None:
        words = "Nothing was found at the first look; it is looked further now."
    return [*wrap(line(Span(words, "dim")), width)]


def first_command(finding: Finding, diagnosis: Diagnosis) -> str | None:
    """What `y` copies of it, for this person's shell: what no key does comes first."""
    by_hand = sorted(finding.fixes, key=lambda fix: fix.action is not None)
    commands = [fix.command for fix in by_hand if fix.command is not None]
    return for_shell(clean(commands[0], 2000), diagnosis.shell) if commands else None


def _finding(finding: Finding, diagnosis: Diagnosis, width: int) -> list[Line]:
    home, word = diagnosis.home, SEVERITIES[finding.severity]
    found = [
        *wrap(line(Span(f"{word}  ", word.role), Span(finding.title, "strong")), width, 2),
        *wrap(line(Span(f"{finding.id} · {CERTAINTIES[finding.certainty]}", "dim")), width),
        BLANK,
        *wrap(line(abbreviate_home(finding.explanation, home)), width),
        BLANK,
    ]
    if finding.evidence:
        for number, part in enumerate(finding.evidence.split("\n")):
            label = "" if number else "seen by"
            found += fact(label, line(abbreviate_home(part, home)), width, _LABEL)
    found += _source(finding, diagnosis, width)
    for row in fix_rows(finding.fixes, home, width, diagnosis.shell):
        found += row.lines
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


def _check(check: Check, home: str, width: int) -> list[Line]:
    from claude_auth.diagnose.causes import BY_ID

    word = CHECK_WORDS[check.state]
    told = "looked at, and it is not so here" if check.state == "fine" else f"because {check.why}"
    found = [
        *wrap(line(Span(check.title, "strong")), width),
        *wrap(line(Span(check.id, "dim")), width),
        BLANK,
        *wrap(line(Span(f"{word}: ", word.role), abbreviate_home(told, home)), width, 2),
    ]
    entry = BY_ID.get(check.id)
    if entry is not None:
        found += [BLANK, line(Span("what it would mean", "dim"))]
        found += wrap(line(entry.explanation), width)
    return found


def _extra(preview: Preview, home: str, width: int) -> list[Line]:
    words = abbreviate_home(preview.title, home)
    found = [
        *wrap(line(Span("+ possible  ", "accent"), Span(words, "strong")), width, 2),
        *wrap(line(Span(preview.id, "dim")), width),
        BLANK,
        *wrap(line(abbreviate_home(preview.explanation, home)), width),
        BLANK,
    ]
    by_hand = preview.by_hand
    told = "f shows the exact change before anything is done" if by_hand is None else f"not now: {by_hand}"
    return [*found, *wrap(line(Span(abbreviate_home(told, home), "accent")), width, 2)]
