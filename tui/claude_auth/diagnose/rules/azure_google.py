"""Google Vertex AI and Microsoft Foundry, and the switches of all providers."""

from __future__ import annotations

from claude_auth.claude_code.destination import vertex_project
from claude_auth.claude_code.variables import PROVIDER_SWITCHES, switched_on
from claude_auth.diagnose.context import DiagnosisContext, joined, place_of
from claude_auth.diagnose.rules.seen import Answer, Rule, RuleMatch
from claude_auth.model import Fix, Severity

_OFF = frozenset({"0", "false", "no", "off"})


def _switch_ignored(s: DiagnosisContext) -> Answer:
    if not s.view.client.providers:
        return None
    for name in PROVIDER_SWITCHES:
        found = s.view.assignment(name)
        if found is None or found.value.is_blank:
            continue
        text = found.value.reveal().strip().lower()
        if not switched_on(text) and text not in _OFF:
            return RuleMatch(f"{name}: {place_of(found.origin)}", (Fix("switch it on", f"export {name}=1"),))
    return None


#: What only somebody who wants the provider sets.
_TELLING = {
    "CLAUDE_CODE_USE_FOUNDRY": ("ANTHROPIC_FOUNDRY_RESOURCE", "ANTHROPIC_FOUNDRY_API_KEY"),
    "CLAUDE_CODE_USE_VERTEX": ("ANTHROPIC_VERTEX_PROJECT_ID",),
    "CLAUDE_CODE_USE_BEDROCK": ("AWS_BEARER_TOKEN_BEDROCK", "ANTHROPIC_BEDROCK_BASE_URL"),
}


def _not_switched_on(s: DiagnosisContext) -> Answer:
    if not s.on_ladder or not s.view.client.providers:
        return None
    for switch, names in _TELLING.items():
        found = [name for name in names if s.view.secret(name) is not None]
        if found and s.view.assignment(switch) is None:
            fix = Fix("switch the provider on", f"export {switch}=1")
            return RuleMatch(f"{joined(found)} without {switch}", (fix,))
    return None


# ── Vertex ───────────────────────────────────────────────────────────────────────────────────────


def _vertex(s: DiagnosisContext) -> bool:
    return s.resolution.provider == "vertex"


def _google_file(s: DiagnosisContext) -> Answer:
    """Where Vertex is on the finding about missing credentials tells it."""
    google = s.snapshot.google
    if google is None or google.damage is None or not google.explicit:
        return None
    if _vertex(s) and s.resolution.blocked is not None:
        return None
    found = s.view.assignment("GOOGLE_APPLICATION_CREDENTIALS")
    if found is None:
        return None
    tilde = found.value.reveal().startswith("~")
    why = "~ is a name here, not the home directory" if tilde else google.damage.text
    fix = Fix("write the whole path of the file, or take it away", "unset GOOGLE_APPLICATION_CREDENTIALS")
    severity: Severity | None = None if _vertex(s) else "info"
    return RuleMatch(f"{google.path}: {why}; {place_of(found.origin)}", (fix,), severity=severity)


def _project_overridden(s: DiagnosisContext) -> Answer:
    meant, project = s.view.text("ANTHROPIC_VERTEX_PROJECT_ID"), vertex_project(s.view)
    if not _vertex(s) or not meant or project is None or project[0] == meant:
        return None
    found = s.view.assignment(project[1])
    where = "" if found is None else f": {place_of(found.origin)}"
    fix = Fix("take the other one away", f"unset {project[1]}")
    return RuleMatch(f"{project[1]}{where}", (fix,), "vertex")


def _project_default(s: DiagnosisContext) -> Answer:
    google = s.snapshot.google
    if not _vertex(s) or s.resolution.blocked is not None or vertex_project(s.view) is not None:
        return None
    told = None if google is None else google.project or google.quota_project
    words = f"from the credentials: {told}" if told else "the credentials name none either"
    return RuleMatch(words, (Fix("name it", "export ANTHROPIC_VERTEX_PROJECT_ID=…"),), "vertex")


def _region_default(s: DiagnosisContext) -> Answer:
    if not _vertex(s) or s.view.text("CLOUD_ML_REGION"):
        return None
    return RuleMatch(
        "CLOUD_ML_REGION is not set", (Fix("name it", "export CLOUD_ML_REGION=global"),), "vertex"
    )


def _quota(s: DiagnosisContext) -> Answer:
    google = s.snapshot.google
    if not _vertex(s) or google is None or google.damage is not None or google.kind != "user":
        return None
    if google.quota_project is not None:
        return None
    command = "gcloud auth application-default set-quota-project PROJECT"
    return RuleMatch(google.path, (Fix("name the project to count against", command),), "vertex")


RULES: dict[str, Rule] = {
    "provider-switch-ignored": _switch_ignored,
    "vertex-project-overridden": _project_overridden,
    "google-file-not-found": _google_file,
    "provider-not-switched-on": _not_switched_on,
    "vertex-project-default": _project_default,
    "vertex-region-default": _region_default,
    "quota-project-missing": _quota,
}
