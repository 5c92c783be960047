"""One line of the journal: an event and who wrote it, as a JSON object without any secret.

    {"time":"2026-11-20T12:03:04.123Z","level":"info","kind":"refresh.saved","store":"sdk","text":"…",
     "data":{"from":"a1b2c3d4","to":"c3d4e5f6"},"pid":4711,"program":"claude-auth"}

A secret that was given as `Secret` is refused; text is cleaned and redacted, on the way in and on the way
out: what stands in the file may have been written by anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args

from claude_auth.formats.document import refuse_constant
from claude_auth.model import Event, Severity
from claude_auth.security.redact import REDACTED, KnownValues, redact
from claude_auth.security.sanitize import clean, names_a_secret
from claude_auth.security.secret import Secret

#: Bytes, with the line break. One `write` of this size to a file is never torn by another writer.
LONGEST_LINE = 4000
LONGEST_TEXT, LONGEST_VALUE, LONGEST_NAME = 600, 200, 60
MOST_VALUES = 16
#: More than this of a text is never looked at.
_MOST_READ = 2000
_FIRST_KEY = '{"time":"'

LEVELS: tuple[Severity, ...] = ("info", "warning", "error")

Value = str | int | float | bool | None
_PLAIN = get_args(Value)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An event, and the process that it happened in."""

    event: Event
    pid: int = 0
    program: str = ""


def passes(event: Event, since: float | None, store: str | None, level: Severity | None) -> bool:
    """Whether an event is wanted: not before `since`, of that store, at least that serious."""
    return (
        (since is None or event.at >= since)
        and (store is None or event.store == store)
        and (level is None or LEVELS.index(event.level) >= LEVELS.index(level))
    )


# ── out ──────────────────────────────────────────────────────────────────────────────────────────


def encode(entry: JournalEntry, known: Iterable[Secret] = ()) -> bytes:
    """The line, with its line break. TypeError for a Secret or anything that is no plain value, ValueError
    for a moment that no calendar holds."""
    event = safe(entry.event, known)
    line = _line(event, entry)
    if len(line) > LONGEST_LINE:
        line = _line(event._replace(text=clean(event.text, LONGEST_VALUE), data={"cut": True}), entry)
    return line


def _line(event: Event, entry: JournalEntry) -> bytes:
    fields = {
        "time": _iso(event.at),
        "level": event.level,
        "kind": event.kind,
        "store": event.store,
        "text": event.text,
        "data": dict(event.data),
        "pid": entry.pid,
        "program": redacted(entry.program, LONGEST_NAME),
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _iso(moment: float) -> str:
    try:
        text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, OSError) as error:
        raise ValueError("no calendar holds this moment") from error
    return text.removesuffix("+00:00") + "Z"


def safe(event: Event, known: Iterable[Secret] = ()) -> Event:
    """The event with every text in it cleaned, redacted and capped; `known` are secrets of any shape."""
    hidden = KnownValues(known)
    data: dict[str, Value] = {}
    for name, value in list(event.data.items())[:MOST_VALUES]:
        data[redacted(name, LONGEST_NAME, hidden)] = _safe_value(name, value, hidden)
    return Event(
        at=event.at,
        kind=redacted(event.kind, LONGEST_NAME, hidden),
        text=redacted(event.text, LONGEST_TEXT, hidden),
        level=event.level if event.level in LEVELS else "info",
        store=None if event.store is None else redacted(event.store, LONGEST_VALUE, hidden),
        data=data,
    )


def _safe_value(name: str, value: object, known: KnownValues) -> Value:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < 1 << 63 else "a huge number"
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)
    if not isinstance(value, str):
        raise TypeError(f"an event holds plain values, no {type(value).__name__}")
    if names_a_secret(name) and not _FINGERPRINT.fullmatch(value):
        return REDACTED
    return redacted(value, LONGEST_VALUE, known)


# ── in ───────────────────────────────────────────────────────────────────────────────────────────


def decode(line: bytes) -> JournalEntry | None:
    """What the line says, None where it is torn or not one of ours; never raises.

    A line that begins with the torn rest of another one is read from where it begins itself.
    """
    text = line.decode("utf-8", "replace").rstrip("\r\n")
    text = text[max(0, text.rfind(_FIRST_KEY)) :]
    try:
        fields = _decoder().decode(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    kind, words, store = fields.get("kind"), fields.get("text"), fields.get("store")
    at = _moment(fields.get("time"))
    if at is None or not isinstance(kind, str) or not isinstance(words, str):
        return None
    level = fields.get("level")
    event = Event(
        at,
        kind,
        words,
        level if level in LEVELS else "info",
        store if isinstance(store, str) else None,
        _values(fields.get("data")),
    )
    pid, program = fields.get("pid"), fields.get("program")
    program = program if isinstance(program, str) else ""
    if not _is_harmless(text):
        event, program = safe(event), redacted(program, LONGEST_NAME)
    return JournalEntry(event, pid if type(pid) is int and 0 <= pid < 1 << 32 else 0, program)


def _is_harmless(line: str) -> bool:
    """Whether nothing in the line needs another look: most lines of ours, so that reading is quick."""
    return (
        len(line) < LONGEST_TEXT
        and line.isprintable()
        and "\\" not in line
        and "  " not in line
        and not _may_hold_a_secret(line)
    )


def _values(value: object) -> Mapping[str, Value]:
    if not isinstance(value, dict):
        return {}
    return {name: item for name, item in value.items() if isinstance(item, _PLAIN)}


def _moment(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value[:40])
        if moment.tzinfo is None or not 1970 <= moment.year < 9999:
            return None
        return moment.timestamp()
    except (ValueError, OverflowError):
        return None


@cache
def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_constant=refuse_constant)


# ── redaction ────────────────────────────────────────────────────────────────────────────────────

_FINGERPRINT = re.compile(r"(?:[0-9a-f]{8})?")


def redacted(text: str, limit: int = LONGEST_TEXT, known: KnownValues | None = None) -> str:
    """`text` on one line of at most `limit` characters without anything that is or looks like a secret."""
    if not isinstance(text, str):
        raise TypeError(f"an event is told in text, no {type(text).__name__}")
    cut = len(text) > _MOST_READ
    text = clean(text[:_MOST_READ], _MOST_READ)
    if cut:  # the last word may be half a secret, too short to be known for one
        text = text[: text.rfind(" ") + 1] + "…"
    if known is not None:
        text = known.hide(text)
    if _may_hold_a_secret(text):
        for pattern, replacement in _patterns():
            text = pattern.sub(replacement, text)
        text = redact(text, ours=True)
    elif len(text) <= limit:
        return text  # most: it is clean already
    return clean(text, limit)


def _may_hold_a_secret(text: str) -> bool:
    """True for at least every text that redaction would change, told in a few quick searches."""
    folded = text.casefold()
    if "?" in folded or "#" in folded or any(one.search(folded) is not None for one in _suspicions()):
        return True
    long_words, one_by_itself = _long_words()
    if long_words.search(folded) is None:
        return False
    # Of a path only a part with capitals and small letters is ever taken for a secret.
    return one_by_itself.search(folded) is not None or any(
        not word.islower() and not word.isupper() for word in long_words.findall(text)
    )


@cache
def _long_words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return (
        re.compile(r"[A-Za-z0-9_+/=-]{20,}"),
        re.compile(r"(?<![a-z0-9_/.-])[a-z0-9_+=-][a-z0-9_+/=-]{19}"),
    )


@cache
def _suspicions() -> tuple[re.Pattern[str], ...]:
    """One after the other: each has few beginnings to look for, so that together they take half the time of
    one pattern that has them all."""
    names = (
        "key|token|secret|passw|pwd|credential|authori|code|state|verifier|challenge|nonce|session|sid"
        "|assertion|hint|cookie"
    )
    patterns = (
        r"sk-|eyj|ya29\.|gh[po]_|github_pat_|xox[abp]-|1//0|://",
        r"(?:bearer|basic)\s",
        rf"(?:{names})[\w.-]*[\"']?\s*[=:]",
        rf"--?[\w.-]*(?:{names})[\w.-]*\s",
    )
    return tuple(map(re.compile, patterns))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Any], ...]:
    """What `redact` doesn't look for: OAuth's one-time values and JSON."""
    names = r"code|state|code_verifier|code_challenge|verifier|nonce|session|sid|assertion|login_hint"
    in_json = r"key|token|secret|passw(?:or)?d|pwd|credential|authorization|code|state|verifier"
    return (
        # A word too long to be read; the patterns of `redact` would take seconds over it.
        (re.compile(r"[\w.+=-]{121,}"), REDACTED),
        (re.compile(r"(?i)([a-z][a-z0-9+.-]{0,20}://[^\s?#\"'<>]*[?#])[^\s\"'<>]+"), rf"\1{REDACTED}"),
        (re.compile(rf"(?i)(?<![a-z0-9])({names})=[^\s&\"']+"), rf"\1={REDACTED}"),
        (re.compile(r"(?i)(?<!error )(?<!exit )(?<!status )\bcode:\s*[\w.~+/-]{8,}"), f"code: {REDACTED}"),
        (re.compile(r"(?<![\w/.~-])[\w.~-]{8,}#[\w.~-]{8,}"), REDACTED),
        (
            re.compile(
                rf"(?i)([\"'][\w.-]{{0,40}}(?:{in_json})[\w.-]{{0,40}}[\"']\s*:\s*)"
                r"(?:\"(?:[^\"\\]|\\.)*\"?|'[^']*'?)"
            ),
            rf'\1"{REDACTED}"',
        ),
    )
