"""A value itself: its kind, its shape, the characters in it. Never the value is told."""

from __future__ import annotations

import unicodedata

from claude_auth.claude_code.base_url import FIRST_PARTY_HOST
from claude_auth.claude_code.values import SHAPES, faults
from claude_auth.diagnose.cause import OPEN, SEE_WHAT_IS_SET, Answer, Cause, MachineRule, RuleMatch, act, move
from claude_auth.diagnose.causes.value_faults import faulty
from claude_auth.diagnose.context import DiagnosisContext, joined, place_of, removal_beside_others
from claude_auth.model import Assignment, Fix, Severity, SourceReading
from claude_auth.security.secret import Secret
from claude_auth.sources import label
from claude_auth.words.states import KINDS

_EXPECTED_KINDS = {
    "anthropic-api-key": {"api-key", "admin-key", "unknown"},
    "api-key-file-descriptor": {"api-key", "unknown"},
    "anthropic-auth-token": {"unknown", "api-key"},
    "claude-code-oauth-token": {"oauth-access-token", "unknown"},
    "oauth-token-file-descriptor": {"oauth-access-token", "unknown"},
}
_TOKEN_IN_IT = (
    "the key or token alone",
    "the token alone: accessToken in Claude Code's file, or one of setup-token",
)
_MEANT_FOR = {"oauth-access-token": "CLAUDE_CODE_OAUTH_TOKEN", "api-key": "ANTHROPIC_API_KEY"}


def _wrong_kind(s: DiagnosisContext) -> RuleMatch | None:
    """The prefix of a value names another kind of credential than its variable is for, or the value is a JSON
    document, an address, or the variable's name again."""
    for one in faulty(s, "kind"):
        if SHAPES[one.name] == "credential":
            title = f"{one.name} holds {one.fault.words}"
            again = Fix(f"set {one.name} to {_TOKEN_IN_IT[one.name == 'CLAUDE_CODE_OAUTH_TOKEN']}")
            return RuleMatch(place_of(one.assignment.origin), (again,), one.source, title)
    for source, expected in _EXPECTED_KINDS.items():
        reading = s.reading(source)
        if reading.value is None or reading.value.kind in expected:
            continue
        kind = f"an {KINDS[reading.value.kind]}"
        evidence = f"{place_of(reading.origin)}, fingerprint {reading.value.fingerprint}"
        fixes = (*_moved(reading, kind), *removal_beside_others(s, reading))
        fails: Severity | None = "error" if s.resolution.standing(source).hindrance == "fails" else None
        return RuleMatch(evidence, fixes, source, f"{label(source)} holds {kind}", fails)
    return None


def _moved(reading: SourceReading, kind: str) -> tuple[Fix, ...]:
    """The value in the variable that is meant for its kind; a key there would have to be approved first."""
    old, new = reading.origin.variable, _MEANT_FOR.get("" if reading.value is None else reading.value.kind)
    if old and new == "CLAUDE_CODE_OAUTH_TOKEN" and reading.origin.kind in {"environment", "settings"}:
        return (move(f"put {kind} into {new} instead", old, new),)
    return () if new is None else (Fix(f"put {kind} into {new} instead"),)


#: Variable → source.
_VALUES_BY_VARIABLE = {
    "ANTHROPIC_API_KEY": "anthropic-api-key",
    "ANTHROPIC_AUTH_TOKEN": "anthropic-auth-token",
    "CLAUDE_CODE_OAUTH_TOKEN": "claude-code-oauth-token",
}


def _bearer_twice(s: DiagnosisContext) -> RuleMatch | None:
    """A token variable begins with the word Bearer."""
    for source in ("anthropic-auth-token", "claude-code-oauth-token"):
        reading = s.reading(source)
        if reading.value is not None and reading.value.reveal().lower().startswith("bearer "):
            fix = Fix(f"set {label(source)} to the token alone, without the word Bearer")
            return RuleMatch(place_of(reading.origin), (fix,), source)
    return None


def _quotes_in_value(s: DiagnosisContext) -> RuleMatch | None:
    """A value begins and ends with a quotation mark."""
    found = faulty(s, "quotes")
    if not found:
        return _quotes_in_aws_file(s)
    words = "; ".join(f"{one.name}: {place_of(one.assignment.origin)}" for one in found)
    fix = Fix(f"set {joined(one.name for one in found)} again without the quotation marks around the value")
    return RuleMatch(words, (fix,), next((one.source for one in found if one.source), None))


def _quotes_in_aws_file(s: DiagnosisContext) -> RuleMatch | None:
    """AWS's files have no quotes: they become a part of the key."""
    for profile in s.snapshot.aws.profiles.values() if s.resolution.provider == "bedrock" else ():
        if (profile.access_key_id or "")[:1] in {'"', "'"}:
            words = f"aws_access_key_id of profile {profile.name}, {profile.origin.path}"
            return RuleMatch(words, (Fix("write the keys there without quotation marks"),), "bedrock")
    return None


#: Every variable whose value a header or a signature carries.
_CARRIED = (
    *_VALUES_BY_VARIABLE,
    *"ANTHROPIC_FOUNDRY_API_KEY ANTHROPIC_FOUNDRY_AUTH_TOKEN AWS_BEARER_TOKEN_BEDROCK".split(),
    *"AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE".split(),
)


def _stray_characters(s: DiagnosisContext) -> RuleMatch | None:
    """A credential with invisible, control or non-ASCII characters inside; white space around it is a note
    where the client trims.

    What stands around a value is harmless for Claude Code alone; what stands inside is not."""
    found: list[tuple[Severity, str, Assignment]] = []
    for assignment in s.filled(*_CARRIED):
        name = assignment.name
        explained = any(fault.code != "quotes" for fault in faults(name, assignment.value))
        inside = None if explained else _strange(assignment.value.stripped())
        around = _around(assignment.value)
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
    if len(value.stripped()) == len(value):
        return None
    ends = text[: len(text) - len(text.lstrip())] + text[len(text.rstrip()) :]
    if "\r" in ends:
        return "a carriage return"
    return "a line break" if "\n" in ends else "white space"


def _foreign_credential(s: DiagnosisContext) -> RuleMatch | None:
    """A key or token without any prefix of Anthropic's goes to `api.anthropic.com`.

    Sent to Anthropic itself, and of no kind that it issues. Two at once have a finding of their own."""
    wire = s.resolution.wire
    if wire is None or wire.host != FIRST_PARTY_HOST or len(s.sent()) > 1:
        return None
    for header in s.headers:
        if header.source not in {"anthropic-auth-token", "anthropic-api-key"} or header.value is None:
            continue
        name = label(header.source)
        if any(fault.code != "quotes" for fault in faults(name, header.value)):
            continue
        bare = header.value.reveal().lstrip("\"'“‘")
        if header.value.kind != "unknown" or header.value.is_blank or bare.lower().startswith("bearer "):
            continue
        if Secret(bare).kind != "unknown":
            continue
        reading = s.reading(header.source)
        words = f"{name}: {place_of(reading.origin)}, fingerprint {header.value.fingerprint}"
        own = Fix(f"set {name} to one of Anthropic's own, or ANTHROPIC_BASE_URL to where this one belongs")
        return RuleMatch(words, (own, *removal_beside_others(s, reading)), header.source)
    return None


#: A complete one has about 108 characters [told]; a terminal of 80 columns cuts it at 80.
_SURELY_CUT = 90


def _token_cut_off(s: DiagnosisContext) -> RuleMatch | None:
    """`CLAUDE_CODE_OAUTH_TOKEN` has less than 90 characters."""
    reading = s.reading("claude-code-oauth-token")
    if reading.value is None or reading.value.kind != "oauth-access-token":
        return None
    length = len(reading.value)
    if length >= _SURELY_CUT:
        return None
    words = f"{label(reading.source)} has {length} characters; {place_of(reading.origin)}"
    again = Fix("make a new one in a wide terminal, and copy it whole", "claude setup-token")
    return RuleMatch(words, (again,), reading.source)


# ── what an error text makes worth asking ────────────────────────────────────────────────────────


def _unsendable(s: DiagnosisContext) -> Answer:
    """Given the text, also where the value is nothing but white space."""
    for name in _VALUES_BY_VARIABLE:
        for assignment in s.snapshot.variables.get(name, ())[:1]:
            around = "white space around it" if assignment.value.stripped() != assignment.value else None
            why = assignment.value.unsendable or around
            if why is not None:
                return RuleMatch(f"{name} has {why}; {place_of(assignment.origin)}")
    return OPEN


CAUSES: tuple[Cause, ...] = (
    Cause(
        "wrong-kind",
        "A credential of the wrong kind",
        "The prefix of the value says that it is another kind of credential than its place is for. Claude "
        "Code sends it as it is, and the server refuses it: an OAuth token as a plain Bearer or as a key "
        "gives 401 'OAuth authentication is currently not supported.' or 'invalid x-api-key'.",
        (1, 33, 89),
        rule=MachineRule("warning", _wrong_kind, removes=("source",)),
    ),
    Cause(
        "bearer-twice",
        "The word Bearer is part of the token",
        "Claude Code writes the word Bearer itself. With 'Bearer' in the variable it goes out twice.",
        (8,),
        rule=MachineRule("warning", _bearer_twice),
    ),
    Cause(
        "quotes-in-value",
        "Quotes are part of the value",
        "The value begins and ends with a quotation mark, which is sent as part of it. Files read by "
        "docker --env-file and by systemd keep quotes as they are.",
        (37,),
        rule=MachineRule("warning", _quotes_in_value),
    ),
    Cause(
        "stray-characters",
        "Invisible or foreign characters in a credential",
        "A line break, a zero-width character or another sign that no key contains came along when the "
        "value was copied or read from a file. Claude Code removes white space around a value; other "
        "programs send it or fail with 'Illegal header value'. What stands inside stays and the value is "
        "refused.",
        (18, 36),
        rule=MachineRule("warning", _stray_characters),
    ),
    Cause(
        "foreign-credential",
        "A credential of another service goes to Anthropic",
        "The value does not look like anything that Anthropic issues, and no other host is set, so it is "
        "sent to api.anthropic.com and refused. It is often left over from a local model or a gateway.",
        (8, 27, 33),
        rule=MachineRule("warning", _foreign_credential, "likely", removes=("source",)),
    ),
    Cause(
        "token-cut-off",
        "The token looks cut off",
        "A token of `claude setup-token` is usually 108 characters long. A shorter one was probably cut "
        "where the terminal broke the line.",
        (18,),
        rule=MachineRule("info", _token_cut_off, "likely"),
    ),
    Cause(
        "external-key-invalid",
        "The API key is wrong or was deleted",
        "The key that was sent as x-api-key is not known to the server. External means that it came from "
        "outside: the environment, a settings file or a helper, not from a sign-in.",
        (33,),
        fixes=(
            SEE_WHAT_IS_SET,
            Fix("make a new key: https://platform.claude.com/settings/keys"),
            Fix("or use the login instead", "unset ANTHROPIC_API_KEY"),
        ),
        also="oauth-token-in-api-key key-with-quotes key-with-stray-characters managed-helper helper-fails",
        sent="anthropic-api-key api-key-helper managed-key api-key-file-descriptor custom-headers",
        phrases="""
            80: check your api credentials, fix external api key
            90 ours: authentication failed invalid api key, invalid authentication header provided
            80: invalid x-api-key; unless: invalidxapikeyheadervalue; window: 30
        """,
    ),
    Cause(
        "key-with-stray-characters",
        "A line break or another stray character in the key",
        "A header can't carry line breaks, control characters or characters outside plain ASCII, so the "
        "request fails before it is sent and often looks like a broken connection. Such characters come "
        "from files with a line end, from Windows and from copying out of documents. The error may show "
        "the whole key: do not post it.",
        (36,),
        fixes=(
            Fix(
                "read the key without line ends", "export ANTHROPIC_API_KEY=\"$(tr -d '\\r\\n ' < keyfile)\""
            ),
        ),
        here=_unsendable,
        also="key-with-quotes",
        phrases=r"""
            80: illegal header value; also: empty-credential; look: illegal header value\s+b?[\"']\S
            92: invalid x-api-key header value from; hides: external-key-invalid oauth-token-in-api-key
                managed-helper stored-login-rejected
            92: invalid authorization header value from; hides: external-key-invalid oauth-token-in-api-key
                managed-helper stored-login-rejected token-overrides-login
            85: header authorization has invalid value; also: none
            85: api error header … has invalid value; also: header-cannot-be-sent; gap: 20;
                look: \bheader\W{1,4}\w{1,30}\W{1,3}has invalid value
            80: has invalid value … bearer; also: none; gap: 6; look: \bheader\W{1,4}\w{1,30}\W{1,3}has
                invalid value
            80: return character(s) in header value; also: none; look: header
                value:?\s*b?[\"'](?:bearer|sk-|…)
            80: invalid character in header content; also: none; look: header
                content\W{1,6}(?:authorization|x-api-key)
            80: is an invalid header value; look: headers\.\w{1,20}: \W{0,3}(?:bearer|sk-|…)
        """,
    ),
    Cause(
        "header-cannot-be-sent",
        "A header from the environment can't be sent",
        "A value that becomes a header holds a line break or a character that no header can hold, or "
        "ANTHROPIC_CUSTOM_HEADERS has a name that is none. Every request stops before it leaves.",
        (134,),
        fixes=(
            act("panel.wire", "see which value it is"),
            Fix("mend or unset it", "unset ANTHROPIC_CUSTOM_HEADERS"),
        ),
        also="key-with-stray-characters",
        phrases="""
            94: invalid anthropic_custom_headers, invalid request header from the environment, with a
                character that a request header cant hold, header name must be a valid http token, invalid
                header name in anthropic_custom_headers
        """,
    ),
    Cause(
        "key-with-quotes",
        "Quotation marks are part of the key",
        "`docker --env-file`, lists in compose files and systemd keep quotation marks as part of the value.",
        (37,),
        fixes=(Fix("write the value without quotation marks: NAME=value"),),
        seen_by="quotes-in-value",
        also="key-with-stray-characters",
        phrases=r"""
            95: header value from … typographic quote; gap: 80
            80: incorrect api key provided; also: none; look: provided:?\s*\\*[\"'“]
        """,
    ),
)
