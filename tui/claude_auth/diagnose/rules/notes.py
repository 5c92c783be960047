"""Good to know: nothing is wrong."""

from __future__ import annotations

from claude_auth.diagnose.context import DiagnosisContext, joined, place_of, removal
from claude_auth.diagnose.rules.seen import Rule, RuleMatch
from claude_auth.model import Fix
from claude_auth.sources import label, owner


def _set_but_empty(s: DiagnosisContext) -> RuleMatch | None:
    empty = [
        standing.reading
        for standing in s.resolution.standings
        if standing.reading.state == "unusable" and standing.reading.reason.startswith("set but empty")
    ]
    if not empty:
        return None
    words = joined(f"{label(reading.source)} ({place_of(reading.origin)})" for reading in empty)
    return RuleMatch(words, removal(empty[0]), empty[0].source)


def _helper_not_run(s: DiagnosisContext) -> RuleMatch | None:
    for header in s.headers:
        unknown = header.identity is None if header.is_signature else header.value is None
        if unknown and header.source in {"api-key-helper", "aws-credential-export"}:
            name = {"api-key-helper": "apiKeyHelper"}.get(header.source, "awsCredentialExport")
            setting, run = s.view.setting(name), s.view.run_of(name)
            if run is not None and run.withheld:
                continue
            where = "" if setting is None else place_of(setting.origin)
            fix = Fix("run it", _evaluate(s))
            if setting is not None and s.snapshot.distrusts(setting.origin):
                fix = Fix(
                    "read it; what it names is run only with a second consent", _evaluate(s, twice=True)
                )
            return RuleMatch(f"{name}: {where}", (fix,), _SOURCE_OF[name])
    return None


_SOURCE_OF = {"apiKeyHelper": "api-key-helper", "awsCredentialExport": "bedrock"}


def _evaluate(s: DiagnosisContext, *, twice: bool = False) -> str:
    more = " --evaluate-project" if twice else ""
    return f"claude-auth status --evaluate{more} --client {s.resolution.client}"


def _helper_run_without_project(s: DiagnosisContext) -> RuleMatch | None:
    for name, source in _SOURCE_OF.items():
        run = s.view.run_of(name)
        if run is None or not run.withheld or source not in {owner(n) for n in s.sent()}:
            continue
        names = [variable for variable in run.withheld[:8] if s.view.assignment(variable) is not None]
        where = joined(dict.fromkeys(place_of(s.view.assignments(variable)[0].origin) for variable in names))
        fix = Fix("read them; they are handed over only with a second consent", _evaluate(s, twice=True))
        return RuleMatch(f"{name} ran without {joined(run.withheld[:8])} ({where})", (fix,), source)
    return None


def _version_not_observed(s: DiagnosisContext) -> RuleMatch | None:
    version = s.resolution.version
    if version.observed or not s.is_claude_code:
        return None
    return RuleMatch(
        f"version {version.asked or version.installed}, shown by the rules of {version.resolved_as}"
    )


RULES: dict[str, Rule] = {
    "value-set-but-empty": _set_but_empty,
    "helper-not-run": _helper_not_run,
    "helper-run-without-project": _helper_run_without_project,
    "version-not-observed": _version_not_observed,
}
