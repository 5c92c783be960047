"""Rules over a snapshot: what is worth telling, ranked by what would unblock the user first; and the verdict,
one answer for a resolution and its findings, the same in every face of the program. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from claude_auth.claude_code.versions import at_least
from claude_auth.diagnose.cause import OPEN, Answer, Cause, MachineQuestion, NotChecked, RuleMatch
from claude_auth.diagnose.causes import BY_ID, CHECK_FAILED, FINDINGS, LOGIN_TO_MEND, ON_REQUEST, RULES, rank
from claude_auth.diagnose.context import DiagnosisContext, at_their_places, each_once
from claude_auth.model import Check, Finding, Fix, Resolution, Snapshot, Standing, Verdict
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import shown_sentence
from claude_auth.security.secret import without_locals
from claude_auth.sources import owner

__all__ = ["CauseHere", "MachineAnswers", "checks", "diagnose", "verdict"]

_LONGEST_TITLE, _LONGEST_WHY, _LONGEST_EVIDENCE, _LONGEST_COMMAND = 300, 400, 600, 4000


@without_locals
def diagnose(snapshot: Snapshot, resolution: Resolution) -> tuple[Finding, ...]:
    """Everything worth telling about this resolution, the most urgent first."""
    situation = DiagnosisContext(snapshot, resolution)
    findings = []
    for name, rule in RULES.items():
        answer = _ask(rule, situation)
        if isinstance(answer, RuleMatch):
            placed = answer._replace(fixes=at_their_places(situation, answer.fixes))
            findings.append(_finding(BY_ID[name], placed, _is_further(rule, situation)))
        elif isinstance(answer, Failed):
            findings.append(_finding(CHECK_FAILED, RuleMatch(f"{name}: {answer.why}"), further=False))
    return _as_the_verdict_says(resolution, tuple(sorted(findings, key=rank)))


def _as_the_verdict_says(resolution: Resolution, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What the verdict names comes before what is as urgent: what is advised first is about that. Only a
    project's settings that stand in the way go before it."""
    because = verdict(resolution, findings).because
    if because is None:
        return findings
    place = next(n for n, finding in enumerate(findings) if rank(finding) >= (rank(because)[0], 0, 0))
    others = tuple(finding for finding in findings if finding is not because)
    return (*others[:place], because, *others[place:])


@without_locals
def checks(snapshot: Snapshot, resolution: Resolution) -> tuple[Check, ...]:
    """Every question that was asked, in the order of the catalogue: found, fine, or not checked and why."""
    situation = DiagnosisContext(snapshot, resolution)
    asked = [_check(cause, situation) for cause in FINDINGS if cause.id in RULES]
    return (*asked, *(Check(name, title, "not-checked", why) for name, title, why in ON_REQUEST))


def _is_further(rule: MachineQuestion, situation: DiagnosisContext) -> bool:
    """Whether the first look alone would not have shown what the rule saw."""
    if situation.snapshot.more is None:
        return False
    first = DiagnosisContext(situation.snapshot._replace(more=None), situation.resolution)
    return not isinstance(_ask(rule, first), RuleMatch)


class Failed(NamedTuple):
    """A rule that raised. Only the kind of the exception is kept: its message may quote what was looked at,
    its traceback holds on to it."""

    why: str


def _ask(rule: MachineQuestion, situation: DiagnosisContext) -> Answer | Failed:
    """One broken check never hides another."""
    try:
        return rule(situation)
    except Exception as error:
        return Failed(f"it stopped with {type(error).__name__}")


def _check(cause: Cause, situation: DiagnosisContext) -> Check:
    answer = _ask(RULES[cause.id], situation)
    if isinstance(answer, NotChecked | Failed):
        return Check(cause.id, cause.title, "not-checked", shown_sentence(answer.why, _LONGEST_WHY))
    if answer is None:
        return Check(cause.id, cause.title, "fine")
    title = shown_sentence(answer.title or cause.title, _LONGEST_TITLE)
    return Check(cause.id, title, "found", shown_sentence(answer.evidence, _LONGEST_WHY))


def _finding(cause: Cause, seen: RuleMatch, further: bool) -> Finding:
    """What a rule quotes passes here, and nowhere else: it is cleaned, and a secret that stands in the wrong
    place is not shown."""
    assert cause.rule is not None
    return Finding(
        id=cause.id,
        severity=seen.severity or cause.rule.severity,
        title=shown_sentence(seen.title or cause.title, _LONGEST_TITLE),
        explanation=cause.explanation,
        evidence="\n".join(shown_sentence(part, _LONGEST_EVIDENCE) for part in (seen.evidence, *seen.more)),
        symptoms=cause.symptoms if seen.symptoms is None else seen.symptoms,
        fixes=tuple(_shown(fix) for fix in seen.fixes),
        source=seen.source,
        certainty=seen.certainty or cause.rule.certainty,
        from_second_look=further,
    )


def _shown(fix: Fix) -> Fix:
    command = None if fix.command is None else shown_sentence(fix.command, _LONGEST_COMMAND)
    return fix._replace(title=shown_sentence(fix.title, _LONGEST_TITLE), command=command)


# ── what an error text is held against ───────────────────────────────────────────────────────────


class CauseHere(NamedTuple):
    """What a machine says about one cause of error texts.

    `answer`: a finding that shows it (`found`), else what its `here` says; the fixes of a match are all that
    help. `fixes`: those of the record alone, at their places like the others. `unmet`: what the cause needs
    is not so here. `lacks_provider`: it is about a provider that is off."""

    answer: Answer
    fixes: tuple[Fix, ...]
    found: bool = False
    unmet: bool = False
    lacks_provider: bool = False


class MachineAnswers(NamedTuple):
    """What a machine says about every cause, asked once, so that a text which is read on it asks nothing."""

    snapshot: Snapshot
    resolution: Resolution
    sent: tuple[str, ...]
    causes: Mapping[str, CauseHere]

    @classmethod
    @without_locals
    def of(
        cls, snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...] = ()
    ) -> MachineAnswers:
        situation = DiagnosisContext(snapshot, resolution)
        # Where nothing is set at all the text comes from another machine, and so does what is set.
        bare = all(standing.reading.state == "absent" for standing in resolution.standings)
        causes = {name: _here(cause, situation, findings, bare=bare) for name, cause in BY_ID.items()}
        return cls(snapshot, resolution, situation.sent(), causes)


def _here(
    cause: Cause, situation: DiagnosisContext, findings: tuple[Finding, ...], *, bare: bool
) -> CauseHere:
    def placed(fixes: tuple[Fix, ...]) -> tuple[Fix, ...]:
        return fixes if bare else at_their_places(situation, fixes)

    lacks_provider = bool(cause.provider) and situation.resolution.provider not in cause.provider.split()
    unmet = _is_unmet(cause, situation)
    seen = None if lacks_provider else _confirmed(cause, findings)
    answer: Answer = seen
    if seen is None and not unmet:
        answer = _asked_here(cause, situation)
        answer = OPEN if answer is None and bare else answer
    if isinstance(answer, RuleMatch):
        first = (*_mending(cause, answer, findings), *answer.fixes)
        answer = answer._replace(fixes=placed(each_once((*first, *cause.fixes))))
    return CauseHere(answer, placed(cause.fixes), seen is not None, unmet, lacks_provider)


def _confirmed(cause: Cause, findings: tuple[Finding, ...]) -> RuleMatch | None:
    """The most urgent of the findings that show it."""
    own = () if cause.finding_is_wider else (cause.id,)
    confirming = {*own, *cause.seen_by.split()}
    finding = next((finding for finding in findings if finding.id in confirming), None)
    if finding is None:
        return None
    certainty = finding.certainty if finding.id == cause.id else None
    return RuleMatch(finding.evidence, finding.fixes, certainty=certainty)


def _mending(cause: Cause, answer: RuleMatch, findings: tuple[Finding, ...]) -> Iterator[Fix]:
    for finding in findings:
        if finding.id in cause.mended_by.split() and finding.source == answer.source:
            yield from (fix for fix in finding.fixes if fix.action == "fix" or fix.about or fix.command)


def _asked_here(cause: Cause, situation: DiagnosisContext) -> Answer:
    answer = OPEN if cause.here is None else _ask(cause.here, situation)
    return NotChecked(answer.why) if isinstance(answer, Failed) else answer


def _is_unmet(cause: Cause, situation: DiagnosisContext) -> bool:
    """Something else than its credential is sent, or the client is newer than those that have it."""
    sent = set(situation.sent())
    installed = situation.resolution.version.installed if cause.until else None
    return bool(cause.sent and sent and not sent & set(cause.sent.split())) or (
        installed is not None and at_least(installed, cause.until)
    )


# ── the verdict ───────────────────────────────────────────────────────────────────────────────────

# Decided here alone [conformance README]. How it is worded stands in `words/verdict.py`; what a command ends
# with follows from it in `cli/signals.py`.


def verdict(resolution: Resolution, findings: tuple[Finding, ...]) -> Verdict:
    """`usable` decides; what works is not as expected where a finding is about what is sent, or about
    something that is there and that this shadows. `findings`: the most urgent first."""
    telling = [finding for finding in findings if _tells(finding, resolution)]
    if resolution.usable is None:
        return Verdict("not-known")
    if resolution.usable:
        return Verdict("works-not-as-expected", telling[0]) if telling else Verdict("works")
    failing = {s.reading.source for s in resolution.standings if s.hindrance == "fails"}
    provider = resolution.provider
    code = None if resolution.blocked is None else resolution.blocked.code
    if code == "approval-pending":  # a login that is there is mended before a key is approved
        failing = {"stored-login"}
        telling = [finding for finding in findings if finding.id in LOGIN_TO_MEND]
    if code == "no-credential":
        # What is there and not read tells more than that nothing was found.
        failing = {s.reading.source for s in resolution.standings if s.reading.state != "absent"}
        telling = [finding for finding in findings if not finding.from_second_look]
    errors = [f for f in telling if f.severity == "error" and owner(f.source or "", provider) in failing]
    return Verdict("does-not-work", errors[0] if errors else None)


def _tells(finding: Finding, resolution: Resolution) -> bool:
    if finding.severity == "info" or finding.source is None or finding.from_second_look:
        return False
    source = owner(finding.source, resolution.provider)
    return any(
        standing.reading.source == source and _takes_part(standing) for standing in resolution.standings
    )


def _takes_part(standing: Standing) -> bool:
    """Sent, or there and beaten by what is sent."""
    if standing.verdict == "shadowed":
        return standing.reading.state == "present"
    return standing.verdict in {"winning", "also-sent"}
