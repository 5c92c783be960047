"""The one boundary where text from outside becomes text for a screen, a log or JSON.

Everything read is hostile: JSON fields, variable values, a project's settings, the output of commands.
`clean` removes what a terminal would act on or a reader could be fooled by; `redact` takes secrets out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, partial

#: Unicode categories that never reach a screen: control, format (bidi and zero-width too), surrogate,
#: private use, unassigned, line and paragraph separators.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

REDACTED = "…redacted…"


def clean(text: str, limit: int = 300) -> str:
    """`text` on one line, without anything invisible, at most `limit` characters."""
    short = text if len(text) <= limit * 4 else text[: limit * 4]
    if not (short.isascii() and short.isprintable()):
        short = "".join(_visible(character) for character in short)
    short = " ".join(short.split())
    return short if len(short) <= limit else short[: limit - 1] + "…"


def _visible(character: str) -> str:
    if character in "\t\r\n":
        return " "
    return "" if unicodedata.category(character) in _HIDDEN_CATEGORIES else character


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compiled on first use: most runs redact nothing, and compiling is a visible part of start-up."""
    # A name is looked at once, from its first character, and never given back: linear on any text.
    words = r"key|token|secret|passw(?:or)?d|pwd|credential|authorization"
    secret_name = rf"(?<![\w.-])(?=[\w.-]*(?:{words}))[\w.-]++"
    return (
        (re.compile(r"sk-ant-[\w-]*"), REDACTED),
        (re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]+){0,4}"), REDACTED),
        (re.compile(r"(?<=://)[^/\s@]+(?=@)"), REDACTED),
        (re.compile(r"(?i)\b((?:proxy-)?authorization\s*:\s*(?:\w+\s+)?)[^\s'\"]+"), rf"\1{REDACTED}"),
        (re.compile(r"(?i)\b(bearer|basic)(\s+)[^\s'\"]{6,}"), rf"\1\2{REDACTED}"),
        (
            re.compile(rf"(?i)({secret_name}[\"']?\s*+[=:]\s*+)(\"[^\"]*\"|'[^']*'|[^\s'\"`;|&,)}}]+)"),
            rf"\1{REDACTED}",
        ),
        (
            re.compile(rf"(?i)((?=-){secret_name}\s++)(\"[^\"]*\"|'[^']*'|(?!-)[^\s'\"`;|&)]+)"),
            rf"\1{REDACTED}",
        ),
    )


#: A long word of mixed letters and digits that is neither a path nor a placeholder. A letter of another
#: script, or a superscript, is none of the word: a secret may be glued to it.
_LONG_WORD = re.compile(r"(?<![\w/~$-])(?![/~.$])[A-Za-z0-9_+/=-]{20,}(?![\w/])", re.ASCII)


def redact(text: str) -> str:
    """`text` without anything that is shaped like a secret; for commands and error texts."""
    for pattern, replacement in _patterns():
        text = pattern.sub(replacement, text)
    return _LONG_WORD.sub(lambda match: REDACTED if _looks_random(match) else match[0], text)


def _looks_random(match: re.Match[str]) -> bool:
    word = match[0]
    digits = sum(character.isdigit() for character in word)
    letters = sum(character.isalpha() for character in word)
    if digits < 2 or letters < 4:
        return False
    mixed_case = any(c.islower() for c in word) and any(c.isupper() for c in word)
    # After a dot a model's id may go on; or a sentence ended and a secret is glued to it.
    return mixed_case or (digits >= 6 and not match.string.endswith(".", 0, match.start()))


#: In place of a secret-shaped part of a command that a shell would not take for a mere word.
REDACTED_SHELL = "…redacted-shell-syntax…"
_SHELL = ("$(", "`", ";", "|", "&", "<", ">", "⏎", REDACTED_SHELL)
_LONGEST_COMMAND = 20_000


def shown_command(command: str, limit: int = 200) -> str:
    """A configured command as it may be shown: one line, a line break as ⏎, secrets out. Where more than a
    word is hidden, or the end is missing, it says so: whoever wrote the command may have meant it to be."""
    text = command.strip()
    missing = len(text) - _LONGEST_COMMAND
    text = text[:_LONGEST_COMMAND].replace("\n", " ⏎ ").replace("\r", " ⏎ ")
    for pattern, replacement in _patterns():
        text = pattern.sub(partial(_hidden, replacement), text)
    text = _LONG_WORD.sub(lambda match: REDACTED if _looks_random(match) else match[0], text)
    return clean(f"(not shown: the last {missing} characters) {text}" if missing > 0 else text, limit)


def _hidden(replacement: str, match: re.Match[str]) -> str:
    told = match.expand(replacement).removesuffix(REDACTED)
    hides_shell = any(mark in match[0][len(told) :] for mark in _SHELL)
    return told + (REDACTED_SHELL if hides_shell else REDACTED)
