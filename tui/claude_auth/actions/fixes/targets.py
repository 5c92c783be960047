"""Which variables and settings a finding is about: what would have to go for it to go."""

from __future__ import annotations

from collections.abc import Mapping

from claude_auth.actions.fixes.plans import Case
from claude_auth.sources import BY_ID
from claude_auth.variables import STEERING

#: Findings whose remedy is another variable than their source's own.
_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "login-sent-to-gateway": ("ANTHROPIC_BASE_URL",),
    "aws-profile-before-keys": ("AWS_PROFILE",),
}
#: Findings that another kind of fix answers, or that taking something away would not help.
_NEVER = frozenset(
    {
        "store-unusable",
        "store-unreadable",
        "store-readable-by-others",
        "login-expired",
        "login-deadline",
        "login-idle",
        "helper-not-run",
        "no-credential",
        "no-cloud-credential",
        "folder-not-trusted",
        "helper-run-without-project",
        "settings-foreign",
        "onboarding-unfinished",
    }
)
_COMMANDS = {"api-key-helper": "apiKeyHelper", "aws-credential-export": "awsCredentialExport"}


def variables_of(case: Case) -> tuple[str, ...]:
    finding = case.finding
    if finding.id in _NEVER:
        return ()
    if finding.id in _VARIABLES:
        return _VARIABLES[finding.id]
    if finding.id == "project-settings-override":
        return tuple(name for name in STEERING if _from_a_project(case, name))
    found = [BY_ID[source].variable for source in _sources(case) if source in BY_ID]
    named = [
        words[1]
        for fix in finding.fixes
        if len(words := (fix.command or "").split()) == 2 and words[0] == "unset" and words[1].isidentifier()
    ]
    return tuple(dict.fromkeys(name for name in (*found, *named) if name))


def settings_of(case: Case) -> tuple[str, ...]:
    finding = case.finding
    if finding.id in _NEVER:
        return ()
    if finding.id == "project-settings-override":
        view = case.situation.view
        found = ((name, view.setting(name)) for name in _COMMANDS.values())
        return tuple(name for name, s in found if s is not None and s.origin.of_project)
    return tuple(_COMMANDS[source] for source in _sources(case) if source in _COMMANDS)


def _sources(case: Case) -> tuple[str, ...]:
    if case.finding.id == "two-credentials-sent":
        return case.situation.sent()
    return (case.finding.source,) if case.finding.source else ()


def _from_a_project(case: Case, name: str) -> bool:
    assignment = case.situation.view.assignment(name)
    return assignment is not None and assignment.origin.of_project
