"""Good to know: nothing is wrong."""

from __future__ import annotations

from claude_auth.diagnose.rules.seen import Rule, Seen
from claude_auth.diagnose.situation import Situation, joined, place_of, removal
from claude_auth.model import Fix
from claude_auth.sources import label


def _set_but_empty(s: Situation) -> Seen | None:
    empty = [
        standing.reading
        for standing in s.resolution.standings
        if standing.reading.state == "unusable" and standing.reading.reason.startswith("set but empty")
    ]
    if not empty:
        return None
    words = joined(f"{label(reading.source)} ({place_of(reading.origin)})" for reading in empty)
    return Seen(words, removal(empty[0]), empty[0].source)


def _helper_not_run(s: Situation) -> Seen | None:
    for header in s.headers:
        unknown = header.identity is None if header.is_signature else header.value is None
        if unknown and header.source in {"api-key-helper", "aws-credential-export"}:
            name = {"api-key-helper": "apiKeyHelper"}.get(header.source, "awsCredentialExport")
            setting = s.view.setting(name)
            where = "" if setting is None else place_of(setting.origin)
            client = s.resolution.client
            fix = Fix("run it", f"claude-auth status --evaluate --client {client}")
            source = "api-key-helper" if name == "apiKeyHelper" else "bedrock"
            return Seen(f"{name}: {where}", (fix,), source)
    return None


def _version_not_observed(s: Situation) -> Seen | None:
    version = s.resolution.version
    if version.observed or not s.is_claude_code:
        return None
    return Seen(f"version {version.asked or version.installed}, shown by the rules of {version.resolved_as}")


RULES: dict[str, Rule] = {
    "value-set-but-empty": _set_but_empty,
    "helper-not-run": _helper_not_run,
    "version-not-observed": _version_not_observed,
}
