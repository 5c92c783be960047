"""A settings file: its `env` block and the keys that matter, each with its line; and `.claude.json`:
account, key approvals, the Console login's key, trust [behaviour.md section 3].
"""

from __future__ import annotations

import math
from typing import NamedTuple

from claude_auth.claude_code.variables import SETTINGS_KEYS
from claude_auth.formats.document import Document, JsonObject, javascript_number, moment, object_of, parse
from claude_auth.model import CachedUsage, ClaudeJson, Damage, FileFacts
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import Secret

DEEPEST_LIST = 20


class NamedValue(NamedTuple):
    name: str
    value: Secret
    line: int | None


def parse_settings(content: bytes) -> Document:
    """A settings file; never raises. Claude Code forgives a byte order mark here, and drops the whole file
    where one value has the wrong type [seen, 2.1.328; only the keys that matter here are checked]."""
    document = parse(content.removeprefix(b"\xef\xbb\xbf"))
    if document.damage is not None:
        return document
    environment = document.data.get("env")
    if environment is not None and not isinstance(environment, dict):
        line = document.line_of("env")
        return Document(
            damage=Damage("wrong-type", "env is not an object, so the whole file is ignored", line)
        )
    for name in SETTINGS_KEYS:
        value = document.data.get(name, "")
        is_list_allowed = name == "forceLoginOrgUUID"
        if not isinstance(value, str) and not (is_list_allowed and isinstance(value, list)):
            line = document.line_of(name)
            return Document(
                damage=Damage("wrong-type", f"{name} is not text, so the whole file is ignored", line)
            )
    return document


def environment_entries(document: Document) -> tuple[NamedValue, ...]:
    """Every variable of the `env` block, as the text that JavaScript makes of its value: a helper needs them
    all."""
    variables = object_of(document.data.get("env"))
    lines = document.lines_below("env") if variables else {}
    return tuple(
        NamedValue(name, Secret(javascript_text(value)), lines.get(name)) for name, value in variables.items()
    )


def key_entries(document: Document) -> tuple[NamedValue, ...]:
    """Settings keys that matter; a list of organisations is joined."""
    return tuple(
        NamedValue(name, Secret(javascript_text(value)), document.line_of(name))
        for name in SETTINGS_KEYS
        if (value := document.data.get(name)) is not None
    )


def javascript_text(value: object, depth: int = 0) -> str:
    """`String(value)`: null and booleans as words, numbers without a trailing .0, lists joined by commas (not
    followed beyond a depth that no settings file has)."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if isinstance(value, int | float):
        if abs(value) < 1e21:
            return str(value)
        number = javascript_number(value)
        return str(number) if math.isfinite(number) else "Infinity" if number > 0 else "-Infinity"
    if isinstance(value, list) and depth < DEEPEST_LIST:
        return ",".join("" if item is None else javascript_text(item, depth + 1) for item in value)
    return "[object Object]"


# ── .claude.json ─────────────────────────────────────────────────────────────────────────────────


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
        account_id=_words(account.get("accountUuid")),
        account_at=_moment(account.get("profileFetchedAt")),
        usage=_usage(object_of(data.get("cachedUsageUtilization"))),
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


def _moment(value: object) -> float | None:
    return moment(value) if type(value) in {int, float} else None


def _usage(cached: JsonObject) -> CachedUsage | None:
    at = _moment(cached.get("fetchedAtMs"))
    if at is None:
        return None
    used = object_of(cached.get("utilization"))
    account = _words(cached.get("accountUuid"))
    return CachedUsage(at, account, _percent(used.get("five_hour")), _percent(used.get("seven_day")))


def _percent(window: object) -> float | None:
    share = object_of(window).get("utilization")
    if not isinstance(share, int | float) or isinstance(share, bool):
        return None
    return float(share) if 0 <= share <= 1000 else None


def _suffixes(value: object) -> tuple[Secret, ...]:
    return tuple(Secret(item) for item in value if isinstance(item, str)) if isinstance(value, list) else ()
