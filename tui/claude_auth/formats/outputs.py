"""What commands print and servers answer: a key of `apiKeyHelper`, checked as Claude Code does [seen,
2.1.328], the two shapes of `awsCredentialExport` [behaviour.md section 6], headers, and the moment that
one names.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from claude_auth.formats.document import object_of, parse, text_of
from claude_auth.security.secret import WHITE_SPACE, Secret

DEFAULT_TTL = 300.0

#: A helper's key may have so many characters [seen, 2.1.332].
LONGEST_KEY = 16_384

_ZERO_WIDTH = "\u200b\u200c\u200d\u2060"
_LINE_ENDS = "\r\n\u2028\u2029"


@dataclass(frozen=True, slots=True)
class HelperOutput:
    """`value` is what would be sent, None where `problem` says why Claude Code sends an empty key."""

    value: Secret | None = field(default=None)
    problem: str | None = None
    #: Not refused, but hardly what was meant.
    doubts: tuple[str, ...] = ()


def read_helper_output(stdout: str, exit_code: int | None = 0) -> HelperOutput:
    """The key, or the reason in Claude Code's own terms. The reason holds none of the output."""
    if exit_code is None:
        return HelperOutput(problem="it gave no answer in time")
    if exit_code != 0:
        return HelperOutput(problem=f"exited {exit_code}")
    text = stdout.strip(WHITE_SPACE)
    if not text:
        return HelperOutput(problem="did not return a value")
    if len(text) > LONGEST_KEY:
        return HelperOutput(problem=f"it is {len(text)} characters long (limit {LONGEST_KEY})")
    for place, character in enumerate(text, start=1):
        what = _unusable(character)
        if what is not None:
            count = f"{len(text)} characters"
            if what == "a line break":
                count += f" on {len(text.splitlines())} lines"
            return HelperOutput(problem=f"it contains {what} at character {place} ({count})")
    return HelperOutput(Secret(text), doubts=_doubts(text))


def _unusable(character: str) -> str | None:
    if "!" <= character <= "~":
        return None
    if character in _LINE_ENDS:
        return "a line break"
    if character in WHITE_SPACE:
        return "whitespace"
    if character == "\0":
        return "a NUL byte"
    if character in _ZERO_WIDTH:
        return f"a zero-width character (U+{ord(character):04X})"
    if unicodedata.category(character) == "Cc":
        return "a control character"
    return "a non-ASCII character"


def _doubts(text: str) -> tuple[str, ...]:
    found = []
    if text[0] in "\"'" and text[-1] == text[0]:
        found.append("the quotes are sent as part of the key")
    if text[0] in "{[":
        found.append("it looks like JSON, which is sent as it is")
    if text.startswith("Bearer"):
        found.append("Claude Code adds Bearer itself")
    return tuple(found)


def helper_ttl(value: str | None) -> tuple[float, str | None]:
    """Seconds for which a key is kept, and what is wrong with CLAUDE_CODE_API_KEY_HELPER_TTL_MS. Read as
    JavaScript's parseInt reads it: the digits at the front."""
    text = (value or "").strip(WHITE_SPACE)
    if not text:
        return DEFAULT_TTL, None
    digits = re.match(r"[+-]?[0-9]+", text)
    if digits is None or int(digits[0][:20]) < 0:
        return DEFAULT_TTL, "it is not a number of milliseconds, so the default of 5 minutes counts"
    seconds = int(digits[0][:20]) / 1000
    if digits[0] != text:
        return seconds, f"only its first digits are read: {digits[0][:20]} ms"
    return seconds, None


# ── awsCredentialExport ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ExportedCredentials:
    access_key_id: str
    secret_access_key: Secret
    session_token: Secret | None
    expiration: str | None


def read_exported_credentials(output: str) -> ExportedCredentials | str:
    """The credentials, or the reason in words why Claude Code would not take them."""
    document = parse(output.strip().encode("utf-8", "replace"))
    if document.damage is not None:
        words = {"empty": "it printed nothing"}
        return words.get(document.damage.code, "it printed something that is not JSON")
    nested = document.data.get("Credentials")
    entry = object_of(nested) if nested is not None else document.data
    key, secret = text_of(entry.get("AccessKeyId")), text_of(entry.get("SecretAccessKey"))
    token = text_of(entry.get("SessionToken"))
    missing = [
        name
        for name, value in (("AccessKeyId", key), ("SecretAccessKey", secret), ("SessionToken", token))
        if not value
    ]
    if not key or not secret or not token:
        return "its JSON lacks " + ", ".join(missing)
    return ExportedCredentials(key, Secret(secret), Secret(token), text_of(entry.get("Expiration")))


# ── headers ──────────────────────────────────────────────────────────────────────────────────────


def read_custom_headers(text: str) -> dict[str, Secret]:
    """ANTHROPIC_CUSTOM_HEADERS, one `Name: value` a line: names in lower case, the last of a name counts
    [seen, 2.1.328]; lines without a colon are left out, those without a name are not."""
    headers: dict[str, Secret] = {}
    for line in text.replace("\r\n", "\n").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip(WHITE_SPACE).lower()] = Secret(value).stripped()
    return headers


#: A clock that differs less is not worth a word, in seconds.
SKEW_TOLD = 60.0
#: From here on a wrong clock breaks things: Amazon refuses what is signed 5 minutes off.
SKEW_BREAKS = 300.0


def moment_of(date: object) -> float | None:
    """The moment that an HTTP header names; None for anything that is no date."""
    if not isinstance(date, str):
        return None
    # 3 MB of the email package, only once a server has answered.
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def clock_offset(date: object, now: float) -> float | None:
    """Seconds by which this machine's clock is ahead of a `Date` header."""
    moment = moment_of(date)
    return None if moment is None else now - moment
