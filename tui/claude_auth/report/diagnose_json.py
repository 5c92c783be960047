"""`claude-auth diagnose --json`, schema 1 (docs/diagnose.schema.json)."""

from __future__ import annotations

from typing import Any

from claude_auth.diagnose.texts import Recognised
from claude_auth.model import Finding
from claude_auth.report.status_json import finding_document
from claude_auth.sanitise import clean
from claude_auth.secret import without_locals

SCHEMA = 1


@without_locals
def diagnose_document(recognised: tuple[Recognised, ...], findings: tuple[Finding, ...]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "recognised": [_recognised(cause) for cause in recognised],
        "findings": [finding_document(finding) for finding in findings],
    }


def _recognised(cause: Recognised) -> dict[str, Any]:
    here = "" if cause.evidence is None else f" Here: {clean(cause.evidence, 400)}."
    elsewhere = " Nothing on this machine points to it." if cause.ruled_out else ""
    return {
        "id": cause.id,
        "title": clean(cause.title),
        "symptoms": list(cause.symptoms),
        "certainty": cause.certainty,
        "explanation": f"{cause.explanation}{here}{elsewhere}",
        "fixes": [
            {
                "title": clean(fix.title, 300),
                "command": None if fix.command is None else clean(fix.command, 600),
            }
            for fix in cause.fixes
        ],
    }
