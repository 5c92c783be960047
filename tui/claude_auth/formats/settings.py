"""A settings file: its `env` block and the keys that matter, each with its line; and `.claude.json`:
account, key approvals, the Console login's key, trust [behaviour.md section 3].
"""

from __future__ import annotations

from collections.abc import Mapping

from claude_auth.claude_code.variables import SETTINGS_KEYS
from claude_auth.formats.document import Document, JsonObject, javascript_text, moment, object_of, parse
from claude_auth.model import CachedUsage, ClaudeJson, Damage, FileFacts, Location
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import Secret

_UTF_8_MARK, _UTF_16_LE = b"\xef\xbb\xbf", b"\xff\xfe"
#: Of JSON the one form that such a character has.
_NUL = "\\u0000"
_LOGIN_METHOD = "forceLoginMethod"
_ORGANIZATION, _POLICY_HELPER = "forceLoginOrgUUID", "policyHelper"


class NamedValue(NamedTuple):
    name: str
    value: Secret
    line: int | None


def parse_settings(content: bytes, *, managed: bool = False) -> Document:
    """A settings file; never raises. Claude Code reads UTF-16LE by its byte order mark here, anything else as
    UTF-8 in which it forgives such a mark and bytes that are none. One value of the wrong kind, and the whole
    file is dropped; of managed settings that value alone [seen, 2.1.332]."""
    if content.startswith(_UTF_16_LE):
        content = content[2:].decode("utf-16-le", "replace").encode("utf-8", "replace")
    document = parse(content.removeprefix(_UTF_8_MARK), forgiving=True)
    if document.damage is not None or not document.data:
        return document
    from claude_auth.claude_code.settings_keys import misfit_in

    if managed:
        kept = {key: value for key, value in document.data.items() if not misfit_in({key: value})}
        if _ORGANIZATION in document.data:  # demands a sign-in whatever it holds
            kept[_ORGANIZATION] = javascript_text(document.data[_ORGANIZATION])
        return Document(kept, None, document.text)
    misfit = misfit_in(document.data)
    if misfit is None:
        return document
    name = shown_value("setting", ".".join(misfit.path))
    words = f"{name} is not {misfit.expected}, so the whole file is ignored"
    return Document(damage=Damage("wrong-type", words, document.line_at(misfit.path)))


def environment_entries(document: Document) -> tuple[NamedValue, ...]:
    """Every variable of the `env` block, as the text that JavaScript makes of its value: a helper needs them
    all. One with a NUL character is not set, and a weaker place's stands [seen, 2.1.332]."""
    variables = object_of(document.data.get("env"))
    lines = document.lines_below("env") if variables else {}
    return tuple(
        NamedValue(name, Secret(text), lines.get(name))
        for name, value in variables.items()
        if "\0" not in (text := javascript_text(value))
    )


def not_set(document: Document, path: str) -> Mapping[str, Location]:
    """The variables of the `env` block that are left out for a NUL character, by name."""
    if _NUL not in document.text:
        return {}
    lines = document.lines_below("env")
    return {
        shown_value("variable", name, 60): Location(path, lines.get(name))
        for name, value in object_of(document.data.get("env")).items()
        if "\0" in javascript_text(value)
    }


def key_entries(document: Document, *, managed: bool = False) -> tuple[NamedValue, ...]:
    """Settings keys that matter, where they hold text; a list of organisations is joined. Of managed settings
    also those that bear on the sign-in and are not modelled, unless they are switched off."""
    return _policy_entries(document) * managed + tuple(
        NamedValue(name, Secret(javascript_text(value)), document.line_of(name))
        for name in SETTINGS_KEYS
        if isinstance(value := _value_of(name, document), str)
        or (name == _ORGANIZATION and value is not None)
    )


def _value_of(name: str, document: Document) -> object:
    """Of the program that computes managed settings its path; without one it counts as not named [seen]. A
    way to sign in that there is not counts as not said, and another file's stands [seen, 2.1.332]."""
    value = document.data.get(name)
    if name == _LOGIN_METHOD and value not in ("claudeai", "console", "gateway"):
        return None
    return object_of(value).get("path") if name == _POLICY_HELPER else value


def read_policy(output: Secret) -> Document:
    """What `policyHelper` printed: the settings below `managedSettings`, all of the right kind, or damage
    that says why Claude Code would not start with it [seen, 2.1.332]."""
    document = parse(output.reveal().encode("utf-8", "replace"))
    if document.damage is not None:
        return document
    settings = document.data.get("managedSettings", {})
    from claude_auth.claude_code.settings_keys import misfit_in

    misfit = misfit_in(settings) if isinstance(settings, dict) else None
    if not isinstance(settings, dict) or misfit is not None:
        words = "managedSettings" if misfit is None else ".".join(misfit.path)
        expected = "an object" if misfit is None else misfit.expected
        return Document(damage=Damage("wrong-type", f"{shown_value('setting', words)} is not {expected}"))
    return Document(settings, None, document.text)


def _policy_entries(document: Document) -> tuple[NamedValue, ...]:
    if not document.data:
        return ()
    from claude_auth.claude_code.settings_keys import unmodelled

    return tuple(
        NamedValue(name, Secret(javascript_text(value)), document.line_of(name))
        for name in unmodelled(document.data)
        if (value := document.data[name]) is not None and value is not False and value != ""
    )


# ── .claude.json ─────────────────────────────────────────────────────────────────────────────────


def parse_state(content: bytes) -> Document:
    """The state file; never raises. A byte order mark is forgiven; nothing but blanks and NUL bytes, which
    a full disk leaves, counts as empty [seen, 2.1.332]."""
    content = content.removeprefix(_UTF_8_MARK)
    return parse(content if content.strip(b"\0 \t\r\n") else b"", forgiving=True)


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
        key_is_no_text=not isinstance(key, str) and (bool(key) or isinstance(key, (list, dict))),
        onboarded=onboarded if isinstance(onboarded, bool) else None,
        not_set=not_set(document, path),
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
