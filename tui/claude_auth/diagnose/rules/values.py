"""What is wrong with a value itself: its kind, its shape, the characters in it. Never the value is told."""

from __future__ import annotations

import unicodedata

from claude_auth.claude_code.destination import FIRST_PARTY_HOST
from claude_auth.diagnose.context import DiagnosisContext, place_of, removal
from claude_auth.diagnose.rules.seen import Rule, RuleMatch
from claude_auth.model import Assignment, Fix, Severity
from claude_auth.security.secret import Secret
from claude_auth.sources import label

_EXPECTED_KINDS = {
    "anthropic-api-key": {"api-key", "admin-key", "unknown"},
    "api-key-file-descriptor": {"api-key", "unknown"},
    "anthropic-auth-token": {"unknown", "api-key"},
    "claude-code-oauth-token": {"oauth-access-token", "unknown"},
    "oauth-token-file-descriptor": {"oauth-access-token", "unknown"},
}
_KIND_WORDS = {
    "oauth-access-token": "an OAuth access token",
    "oauth-refresh-token": "an OAuth refresh token",
    "api-key": "an API key",
    "admin-key": "an admin key",
}


def _wrong_kind(s: DiagnosisContext) -> RuleMatch | None:
    for source, expected in _EXPECTED_KINDS.items():
        reading = s.reading(source)
        if reading.value is None or reading.value.kind in expected:
            continue
        right = {
            "oauth-access-token": Fix("put an OAuth token into CLAUDE_CODE_OAUTH_TOKEN instead"),
            "api-key": Fix("put an API key into ANTHROPIC_API_KEY instead"),
        }.get(reading.value.kind)
        kind = _KIND_WORDS.get(reading.value.kind, reading.value.kind)
        title = f"{label(source)} holds {kind}"
        fixes = ((right,) if right else ()) + removal(reading)
        return RuleMatch(
            f"{place_of(reading.origin)}, fingerprint {reading.value.fingerprint}", fixes, source, title
        )
    return None


#: Variable → source.
_VALUES_BY_VARIABLE = {
    "ANTHROPIC_API_KEY": "anthropic-api-key",
    "ANTHROPIC_AUTH_TOKEN": "anthropic-auth-token",
    "CLAUDE_CODE_OAUTH_TOKEN": "claude-code-oauth-token",
}
_VALUES = tuple(_VALUES_BY_VARIABLE.values())


def _bearer_twice(s: DiagnosisContext) -> RuleMatch | None:
    for source in ("anthropic-auth-token", "claude-code-oauth-token"):
        reading = s.reading(source)
        if reading.value is not None and reading.value.reveal().lower().startswith("bearer "):
            fix = Fix(f"set {label(source)} to the token alone, without the word Bearer")
            return RuleMatch(place_of(reading.origin), (fix,), source)
    return None


def _quotes(s: DiagnosisContext) -> RuleMatch | None:
    for source in _VALUES:
        reading = s.reading(source)
        text = "" if reading.value is None else reading.value.reveal()
        if len(text) > 1 and text[0] in "\"'“‘" and text[-1] in "\"'”’":
            fix = Fix(f"set {label(source)} again without the quotation marks around the value")
            return RuleMatch(f"{label(source)}: {place_of(reading.origin)}", (fix,), source)
    return None


#: Every variable whose value a header or a signature carries.
_CARRIED = (
    *_VALUES_BY_VARIABLE,
    "ANTHROPIC_FOUNDRY_API_KEY",
    "ANTHROPIC_FOUNDRY_AUTH_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)


def _stray(s: DiagnosisContext) -> RuleMatch | None:
    """What stands around a value is harmless for Claude Code alone; what stands inside is not."""
    found: list[tuple[Severity, str, Assignment]] = []
    for name in _CARRIED:
        assignment = s.view.assignment(name)
        if assignment is None or assignment.value.is_blank:
            continue
        inside, around = _strange(assignment.value.stripped()), _around(assignment.value)
        trimmed = s.view.client.trims and not name.startswith("AWS_")
        if inside is not None:
            found.append(("warning", f"{inside} in {name}", assignment))
        elif around is not None:
            found.append(("info" if trimmed else "warning", f"{around} around {name}", assignment))
    if not found:
        return None
    severity: Severity = "warning" if any(row[0] == "warning" for row in found) else "info"
    words = "; ".join(f"{words} ({place_of(assignment.origin)})" for _, words, assignment in found)
    first = found[0][2].name
    fix = Fix(
        f"set {first} again from a file, without them",
        f"export {first}=\"$(LC_ALL=C tr -cd '[:graph:]' < FILE)\"",
    )
    title = None if severity == "warning" else "White space around a credential"
    return RuleMatch(words, (fix,), _VALUES_BY_VARIABLE.get(first), title, severity)


def _strange(value: Secret) -> str | None:
    """The first thing inside a value that no key has; the word Bearer has a finding of its own."""
    text = value.reveal()
    for character in text[7:] if text[:7].lower() == "bearer " else text:
        if "!" <= character <= "~":
            continue
        if character == " ":
            return "a space"
        if character in "\r\n":
            return "a carriage return" if character == "\r" else "a line break"
        if character in "“”‘’„«»":
            return "a typographic quotation mark"
        category = unicodedata.category(character)
        if category in {"Cf", "Cc", "Cs", "Co", "Cn"}:
            return "an invisible character"
        return "a space that is none of ASCII" if category.startswith("Z") else "a character outside ASCII"
    return None


def _around(value: Secret) -> str | None:
    text = value.reveal()
    if value.stripped() == value:
        return None
    ends = text[: len(text) - len(text.lstrip())] + text[len(text.rstrip()) :]
    if "\r" in ends:
        return "a carriage return"
    return "a line break" if "\n" in ends else "white space"


def _foreign(s: DiagnosisContext) -> RuleMatch | None:
    """Sent to Anthropic itself, and of no kind that it issues. Two at once have a finding of their own."""
    wire = s.resolution.wire
    if wire is None or wire.host != FIRST_PARTY_HOST or len(s.sent()) > 1:
        return None
    for header in s.headers:
        if header.source not in {"anthropic-auth-token", "anthropic-api-key"} or header.value is None:
            continue
        bare = header.value.reveal().lstrip("\"'“‘")
        if header.value.kind != "unknown" or header.value.is_blank or bare.lower().startswith("bearer "):
            continue
        if Secret(bare).kind != "unknown":
            continue
        reading = s.reading(header.source)
        words = f"{label(header.source)}: {place_of(reading.origin)}, fingerprint {header.value.fingerprint}"
        return RuleMatch(words, removal(reading), header.source)
    return None


#: A complete one has about 108 characters [told]; a terminal of 80 columns cuts it at 80.
_SURELY_CUT = 90


def _cut_off(s: DiagnosisContext) -> RuleMatch | None:
    reading = s.reading("claude-code-oauth-token")
    if reading.value is None or reading.value.kind != "oauth-access-token":
        return None
    length = len(reading.value)
    if length >= _SURELY_CUT:
        return None
    words = f"{label(reading.source)} has {length} characters; {place_of(reading.origin)}"
    again = Fix("make a new one in a wide terminal, and copy it whole", "claude setup-token")
    return RuleMatch(words, (again,), reading.source)


RULES: dict[str, Rule] = {
    "wrong-kind": _wrong_kind,
    "bearer-twice": _bearer_twice,
    "quotes-in-value": _quotes,
    "stray-characters": _stray,
    "foreign-credential": _foreign,
    "token-cut-off": _cut_off,
}
