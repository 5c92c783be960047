"""A recognised text joined with the machine: which of its causes it is here, and the fixes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.diagnose.texts.checks import CHECKS, Check
from claude_auth.diagnose.texts.classify import Classification, Match, classify
from claude_auth.diagnose.texts.knowledge import Cause, Certainty
from claude_auth.diagnose.texts.parse import Parsed, Program
from claude_auth.diagnose.texts.patterns import CAUSES
from claude_auth.model import Finding, Fix, Resolution, Snapshot
from claude_auth.security.redact import KnownValues
from claude_auth.security.secret import without_locals

#: In the order of the list: confirmed, open, ruled out on this machine.
_CONFIRMED, _OPEN, _RULED_OUT = range(3)

_SDKS: frozenset[Program] = frozenset({"python-sdk", "js-sdk"})


@dataclass(frozen=True, slots=True)
class Recognised:
    """One cause of the text. `evidence` says what this machine shows, None where it shows nothing."""

    id: str
    title: str
    symptoms: tuple[int, ...]
    certainty: Certainty
    explanation: str
    fixes: tuple[Fix, ...]
    evidence: str | None = None
    ruled_out: bool = False


@without_locals
def explain(
    classification: Classification,
    snapshot: Snapshot | None = None,
    resolution: Resolution | None = None,
    findings: tuple[Finding, ...] = (),
) -> tuple[Recognised, ...]:
    """The causes of a text, likeliest first; with a machine, what it confirms before what it leaves open."""
    situation = (
        DiagnosisContext(snapshot, resolution) if snapshot is not None and resolution is not None else None
    )
    program = classification.parsed.program
    rows = [_row(match, situation, findings, program) for match in classification.matches]
    if all(group == _RULED_OUT for group, _ in rows):
        return tuple(recognised for _, recognised in rows)
    return tuple(recognised for _, recognised in sorted(rows, key=lambda row: row[0]))


@without_locals
def explained(
    text: str | bytes, snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...]
) -> tuple[Parsed, tuple[Recognised, ...]]:
    """What was read out of `text`, without this machine's own secrets, and what it means here."""
    found = classify(text)
    causes = explain(found, snapshot, resolution, findings)
    return without_known_secrets(found.parsed, resolution), causes


#: A shorter value is no secret but a placeholder, and may be an ordinary word of the message.
_SECRET_FROM = 8


@without_locals
def without_known_secrets(parsed: Parsed, resolution: Resolution) -> Parsed:
    """What was parsed, without the values that this machine holds, whatever their shape."""
    if parsed.message is None:
        return parsed
    known = KnownValues((), _SECRET_FROM)
    for standing in resolution.standings:
        reading = standing.reading
        tokens = (reading.tokens.access_token, reading.tokens.refresh_token) if reading.tokens else ()
        for secret in (reading.value, *tokens):
            if secret is not None:
                known.add(secret)
    return replace(parsed, message=known.hide(parsed.message))


def _row(
    match: Match, situation: DiagnosisContext | None, findings: tuple[Finding, ...], program: Program
) -> tuple[int, Recognised]:
    cause = CAUSES[match.cause]
    if situation is None:
        check = _by_program(cause, program)
    else:
        check = (
            _by_finding(cause, findings)
            or _by_program(cause, program)
            or _by_machine(cause, match, situation)
        )
    if check is None:
        proven = cause.certainty == "seen" and match.rank == 0
        certainty: Certainty = "likely" if cause.certainty == "seen" and match.rank else cause.certainty
        return _CONFIRMED if proven else _OPEN, _recognised(cause, certainty)
    if check.holds:
        return _CONFIRMED, _recognised(cause, check.certainty, check)
    if cause.certainty == "seen" and match.rank == 0:  # the text itself proves it, wherever it comes from
        return _CONFIRMED, _recognised(cause, "seen")
    return _RULED_OUT, _recognised(cause, "not checkable here", ruled_out=True)


def _recognised(
    cause: Cause, certainty: Certainty, check: Check | None = None, *, ruled_out: bool = False
) -> Recognised:
    fixes = cause.fixes if check is None else tuple(dict.fromkeys((*check.fixes, *cause.fixes)))
    evidence = check.evidence if check is not None and check.evidence else None
    return Recognised(
        cause.id, cause.title, cause.symptoms, certainty, cause.explanation, fixes, evidence, ruled_out
    )


def _by_finding(cause: Cause, findings: tuple[Finding, ...]) -> Check | None:
    for finding in findings:
        if finding.id in cause.findings:
            return Check(True, finding.evidence, finding.fixes)
    return None


def _by_program(cause: Cause, program: Program) -> Check | None:
    """Whose words the text has decides whether another program than Claude Code sent the request."""
    if cause.id in {"oauth-not-supported", "credential-only-for-claude-code"} and program in _SDKS:
        return Check(True, "the text comes from an SDK, not from Claude Code")
    if cause.id == "oauth-not-supported" and program == "claude-code":
        return Check(False)
    return None


def _by_machine(cause: Cause, match: Match, situation: DiagnosisContext) -> Check | None:
    platform = situation.snapshot.machine.platform
    if cause.platform is not None and cause.platform != platform:
        return None if match.rank == 0 else Check(False)
    question = CHECKS.get(cause.id)
    check = None if question is None else question(situation)
    if check is not None and not check.holds and _is_bare(situation):
        return None  # nothing is set here at all: the text comes from another machine
    return check


def _is_bare(situation: DiagnosisContext) -> bool:
    return all(standing.reading.state == "absent" for standing in situation.resolution.standings)
