"""`claude-auth diagnose --json`, schema 1 (docs/diagnose.schema.json)."""

from __future__ import annotations

from typing import Any

from claude_auth.diagnose.texts import Parsed, Recognised
from claude_auth.model import Check, Finding, VerdictWord
from claude_auth.present.status_json import finding_document
from claude_auth.security.sanitize import clean, safe_text
from claude_auth.security.secret import without_locals
from claude_auth.words.states import CERTAINTY_WORDS

SCHEMA = 1


@without_locals
def diagnose_document(
    recognised: tuple[Recognised, ...],
    findings: tuple[Finding, ...],
    parsed: Parsed | None = None,
    network: dict[str, Any] | None = None,
    checks: tuple[Check, ...] | None = None,
    verdict: VerdictWord | None = None,
) -> dict[str, Any]:
    """`verdict`: about this machine, as `status` says it. `parsed`: what was read out of a text, where one
    was given; `network` and `checks`: where asked for."""
    return {
        "schema": SCHEMA,
        "verdict": verdict,
        "parsed": None if parsed is None else _parsed(parsed),
        "recognised": [_recognised(cause) for cause in recognised],
        "findings": [_finding(finding) for finding in findings],
        "network": network,
        "checks": None if checks is None else [check_document(check) for check in checks],
    }


def check_document(check: Check) -> dict[str, Any]:
    reason = safe_text(check.why, 400) if check.why else None
    return {"id": check.id, "title": clean(check.title, 200), "state": check.state, "reason": reason}


def _parsed(parsed: Parsed) -> dict[str, Any]:
    kind = None if parsed.type is None else clean(parsed.type)
    message = None if parsed.message is None else clean(parsed.message, 600)
    return {"status": parsed.status, "type": kind, "message": message}


def _finding(finding: Finding) -> dict[str, Any]:
    more = {"certainty": finding.certainty, "explanation": clean(finding.explanation, 2000)}
    return {**finding_document(finding), **more}


def _recognised(cause: Recognised) -> dict[str, Any]:
    here = "" if cause.evidence is None else f" Here: {clean(cause.evidence, 400)}."
    elsewhere = " Nothing on this machine points to it." if cause.ruled_out else ""
    return {
        "id": cause.id,
        "title": clean(cause.title),
        "symptoms": list(cause.symptoms),
        "certainty": CERTAINTY_WORDS[cause.certainty],
        "explanation": f"{cause.explanation}{here}{elsewhere}",
        "fixes": [
            {
                "title": clean(fix.title, 300),
                "command": None if fix.command is None else clean(fix.command, 600),
            }
            for fix in cause.fixes
        ],
    }
