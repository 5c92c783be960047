"""`claude-auth status --json` and `claude-auth diagnose --json`, schema 1 of each (docs/*.schema.json)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.diagnose import verdict
from claude_auth.model import (
    Check,
    Finding,
    Fix,
    HeaderValue,
    Origin,
    Resolution,
    Snapshot,
    Standing,
    VerdictWord,
)
from claude_auth.security.sanitize import clean, safe_text, shown_path, shown_sentence, shown_value
from claude_auth.security.secret import without_locals
from claude_auth.sources import BY_ID
from claude_auth.words.states import CERTAINTY_WORDS
from claude_auth.words.times import iso

if TYPE_CHECKING:
    from claude_auth.diagnose.texts import Family, Parsed, Recognised

STATUS_SCHEMA = DIAGNOSE_SCHEMA = 1


@without_locals
def status_document(
    snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...]
) -> dict[str, Any]:
    wire = resolution.wire
    return {
        "schema": STATUS_SCHEMA,
        "observed_at": iso(snapshot.observed_at),
        "client": resolution.client,
        "client_version": {
            "resolved_as": resolution.version.resolved_as,
            "installed": resolution.version.installed,
            "observed": resolution.version.observed,
        },
        "provider": resolution.provider,
        "verdict": verdict(resolution, findings).word,
        "usable": resolution.usable,
        "winner": resolution.winner,
        "auth_method": resolution.auth_method,
        "blocked": None
        if resolution.blocked is None
        else {"code": resolution.blocked.code, "reason": shown_sentence(resolution.blocked.reason, 400)},
        "wire": None
        if wire is None
        else {
            "host": shown_path(wire.host, 1000),
            "x_api_key": None if wire.x_api_key is None else _key(wire.x_api_key),
            "authorization": None if wire.authorization is None else _authorization(wire.authorization),
        },
        "server_settings": _server_settings(EffectiveConfig.of(snapshot, resolution)),
        "sources": [_source(standing) for standing in resolution.standings],
        "findings": [finding_document(finding) for finding in findings],
    }


def _server_settings(view: EffectiveConfig) -> dict[str, Any]:
    """Whether Claude Code will ask a server for settings, which may change the answer, and the names of what
    the last ones set."""
    last = view.settings_of_server if view.fetches_settings else ()
    return {"fetched": view.fetches_settings, "last": [shown_value("name", name, 60) for name in last[:50]]}


def _key(header: HeaderValue) -> dict[str, Any]:
    return {"source": header.source, **_value(header)}


def _authorization(header: HeaderValue) -> dict[str, Any]:
    if header.is_signature:
        identity = None if header.identity is None else shown_value("identity", header.identity, 60)
        return {"scheme": header.scheme, "source": header.source, "identity": identity}
    value = {"scheme": header.scheme, "source": header.source, **_value(header)}
    return {**value, "will_refresh": header.will_refresh}


def _value(header: HeaderValue) -> dict[str, Any]:
    if header.value is None:
        return {"kind": None, "masked": None, "fingerprint": None}
    return {"kind": header.value.kind, "masked": header.value.masked, "fingerprint": header.value.fingerprint}


def _source(standing: Standing) -> dict[str, Any]:
    reading = standing.reading
    row = BY_ID[reading.source]
    tokens = reading.tokens
    return {
        "id": row.id,
        "rank": row.rank,
        "label": row.label,
        "state": reading.state,
        "verdict": standing.verdict,
        "reason": shown_sentence(standing.reason, 400),
        "origin": _origin(reading.origin),
        "masked": None if reading.value is None else reading.value.masked,
        "fingerprint": None if reading.value is None else reading.value.fingerprint,
        "kind": None if reading.value is None else reading.value.kind,
        "expires_at": None if tokens is None else iso(tokens.expires_at),
        "expiry": reading.expiry,
        "refreshable": None if tokens is None else tokens.is_refreshable,
        "scopes": None if tokens is None else list(tokens.scopes),
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "kind": origin.kind,
        "layer": origin.layer,
        "path": None if origin.path is None else shown_path(origin.path, 500),
        "line": origin.line,
        "variable": None if origin.variable is None else clean(origin.variable, 100),
        "likely_set_at": [{"path": shown_path(at.path, 500), "line": at.line} for at in origin.likely_set_at],
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity,
        "title": finding.title,
        "evidence": clean(finding.evidence.replace("\n", "; "), 600),
        "symptoms": list(finding.symptoms),
        "fixes": _fixes(finding.fixes),
    }


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
        "schema": DIAGNOSE_SCHEMA,
        "verdict": verdict,
        "parsed": None if parsed is None else _parsed(parsed),
        "recognised": [_recognised(cause) for cause in recognised],
        "family": None if parsed is None or recognised else family_document(parsed.family),
        "other_programs": [] if parsed is None else list(parsed.other_programs),
        "findings": [_finding(finding) for finding in findings],
        "network": network,
        "checks": None if checks is None else [check_document(check) for check in checks],
    }


def check_document(check: Check) -> dict[str, Any]:
    reason = safe_text(check.why, 400) if check.why else None
    return {"id": check.id, "title": check.title, "state": check.state, "reason": reason}


def family_document(family: Family | None) -> dict[str, Any] | None:
    return None if family is None else family._asdict()


def _parsed(parsed: Parsed) -> dict[str, Any]:
    return {"status": parsed.status, "type": parsed.type, "message": parsed.message}


def _finding(finding: Finding) -> dict[str, Any]:
    more = {"certainty": finding.certainty, "explanation": finding.explanation}
    return {**finding_document(finding), **more}


def _recognised(cause: Recognised) -> dict[str, Any]:
    here = "" if cause.evidence is None else f" Here: {cause.evidence}."
    elsewhere = " Nothing on this machine points to it." if cause.ruled_out else ""
    return {
        "id": cause.id,
        "title": cause.title,
        "who": cause.who,
        "symptoms": list(cause.symptoms),
        "certainty": CERTAINTY_WORDS[cause.certainty],
        "explanation": f"{cause.explanation}{here}{elsewhere}",
        "fixes": _fixes(cause.fixes),
    }


def _fixes(fixes: Iterable[Fix]) -> list[dict[str, str | None]]:
    return [
        {
            "title": fix.title,
            "command": None if fix.command is None else clean(fix.command, 600),
            "action": fix.action,
        }
        for fix in fixes
    ]
