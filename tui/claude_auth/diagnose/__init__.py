"""Rules over a snapshot: what is worth telling, ranked by what would unblock the user first. Pure."""

from __future__ import annotations

from claude_auth.diagnose.cause import Answer, Cause, MachineQuestion, NotChecked, RuleMatch
from claude_auth.diagnose.causes import BY_ID, CHECK_FAILED, FINDINGS, ON_REQUEST, RULES, rank
from claude_auth.diagnose.context import DiagnosisContext, at_their_places
from claude_auth.model import Check, Finding, Fix, Resolution, Snapshot
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import shown_sentence
from claude_auth.security.secret import without_locals

__all__ = ["checks", "diagnose"]


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
    return tuple(sorted(findings, key=rank))


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
        return Check(cause.id, cause.title, "not-checked", shown_sentence(answer.why))
    if answer is None:
        return Check(cause.id, cause.title, "fine")
    return Check(
        cause.id, shown_sentence(answer.title or cause.title), "found", shown_sentence(answer.evidence)
    )


def _finding(cause: Cause, seen: RuleMatch, further: bool) -> Finding:
    """What a rule quotes passes here: a secret that stands in the wrong place is not shown."""
    assert cause.rule is not None
    return Finding(
        id=cause.id,
        severity=seen.severity or cause.rule.severity,
        title=shown_sentence(seen.title or cause.title),
        explanation=cause.explanation,
        evidence="\n".join(shown_sentence(part) for part in (seen.evidence, *seen.more)),
        symptoms=cause.symptoms if seen.symptoms is None else seen.symptoms,
        fixes=tuple(_shown(fix) for fix in seen.fixes),
        source=seen.source,
        certainty=seen.certainty or cause.rule.certainty,
        from_second_look=further,
    )


def _shown(fix: Fix) -> Fix:
    command = None if fix.command is None else shown_sentence(fix.command, 4000)
    return fix._replace(title=shown_sentence(fix.title), command=command)
