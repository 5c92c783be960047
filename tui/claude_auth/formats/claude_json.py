"""`.claude.json`: account, key approvals, the Console login's key, trust [behaviour.md section 3]."""

from __future__ import annotations

from claude_auth.formats.document import Document, object_of
from claude_auth.model import ClaudeJson, FileFacts
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import Secret


def read_claude_json(
    document: Document, path: str, file: FileFacts | None, folders: tuple[str, ...]
) -> ClaudeJson:
    """`folders`: those whose recorded trust covers the working directory."""
    data = document.data
    account = object_of(data.get("oauthAccount"))
    answers = object_of(data.get("customApiKeyResponses"))
    key = data.get("primaryApiKey")
    projects = object_of(data.get("projects"))
    onboarded = data.get("hasCompletedOnboarding")
    return ClaudeJson(
        path=path,
        damage=document.damage,
        file=file,
        email=_words(account.get("emailAddress")),
        organization=_words(account.get("organizationName")),
        organization_id=_words(account.get("organizationUuid")),
        approved=_suffixes(answers.get("approved")),
        rejected=_suffixes(answers.get("rejected")),
        primary_api_key=Secret(key) if isinstance(key, str) and key else None,
        onboarded=onboarded if isinstance(onboarded, bool) else None,
        trusted=any(
            object_of(projects.get(folder)).get("hasTrustDialogAccepted") is True for folder in folders
        ),
    )


def _words(value: object) -> str | None:
    return shown_value("oauthAccount", value, 120) or None if isinstance(value, str) else None


def _suffixes(value: object) -> tuple[Secret, ...]:
    return tuple(Secret(item) for item in value if isinstance(item, str)) if isinstance(value, list) else ()
