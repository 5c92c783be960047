"""The one boundary where text from outside becomes text for a screen, a log or JSON.

Everything read is hostile: JSON fields, variable values, a project's settings, the output of commands.
`clean` removes what a terminal would act on or a reader could be fooled by. What may hold a secret goes
through one of: `safe_text` (what a program or a server says), `shown_value` (a variable or a field),
`shown_path`, `shown_sentence` (ours, with such values in it), `shown_command`. Each cleans first, then
redacts, then caps: an invisible character would hide a secret from every search.

That is done where a text enters the model. `printable` and `printable_lines` stand where it leaves for a
terminal, whatever was forgotten on the way.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from claude_auth.security.redact import (
    REDACTED,
    KnownValues,
    redact,
    redact_quotes,
    redact_value,
    redact_with,
)

#: Unicode categories that never reach a screen: control, format (bidi and zero-width too), surrogate,
#: private use, unassigned, line and paragraph separators.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: Printable by their category, and yet nothing is seen: fillers, joiners, variation selectors. A class of
#: characters for a pattern [Unicode, Default_Ignorable_Code_Point].
UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"

#: Of a text from outside at least so much is looked at, whatever is shown of it.
_LONGEST_READ = 2000


def clean(text: str, limit: int = 300) -> str:
    """`text` on one line, without anything invisible, at most `limit` characters."""
    short = text if len(text) <= limit * 4 else text[: limit * 4]
    short = " ".join(printable(short).split())
    return short if len(short) <= limit else short[: limit - 1] + "…"


def printable(text: str) -> str:
    """`text` as it is, on one line, but for what a terminal would act on or nobody sees."""
    if text.isprintable() and (text.isascii() or _unseen().search(text) is None):
        return text
    return "".join(_visible(character) for character in text)


def printable_lines(text: str) -> str:
    """Line by line."""
    return "\n".join(map(printable, text.split("\n")))


def _visible(character: str) -> str:
    if character in "\t\r\n":
        return " "
    return "" if _is_hidden(character) else character


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN_CATEGORIES or _unseen().match(character) is not None


@cache
def _unseen() -> re.Pattern[str]:
    return re.compile(f"[{UNSEEN}]")


def without_invisible(text: str, keep: str = "\t\r\n\x1b") -> str:
    """The whole text, lines and all, without what nobody sees; `keep` stays."""
    if text.isascii() and text.isprintable():
        return text
    hidden = [character for character in set(text) if character not in keep and _is_hidden(character)]
    return text.translate(dict.fromkeys(map(ord, hidden))) if hidden else text


def safe_text(text: str, limit: int = 300, known: KnownValues | None = None, *, ours: bool = False) -> str:
    """What somebody else says, as it may be shown: one line, cleaned, then without secrets, then capped.
    `ours`: a sentence of ours that is looked at once more, and stays whole."""
    read = max(4 * limit, _LONGEST_READ)
    cut = len(text) > read
    text = clean(text[:read], read)
    if cut:  # the last word may be half a secret, too short to be known for one
        text = text[: text.rfind(" ") + 1] + "…"
    return clean(redact(text, known, ours=ours), limit)


def shown_value(name: str, text: str, limit: int = 200) -> str:
    """The value of a variable or a field as it may be shown: a secret that stands in the wrong place is not,
    while names, identifiers and paths stay as they are."""
    if names_a_secret(name):
        return REDACTED if text else text
    return shown_path(text, limit)


def shown_path(path: str, limit: int = 300) -> str:
    """A path with each of its parts redacted by itself."""
    read = max(4 * limit, _LONGEST_READ)
    return clean(redact_value(clean(path[:read], read)), limit)


def shown_sentence(text: str, limit: int = 2000) -> str:
    """A sentence or a command of ours that quotes values and paths of this machine."""
    return clean(redact_quotes(clean(text, max(4 * limit, _LONGEST_READ))), limit)


_SECRET_NAME = (
    r"(?i)(?:token|secret|password|passwd|pwd|(?<![a-z])key|verifier|authorization|cookie|assertion)s?$"
    r"|^(?:auth(?:orization)?[._-]?)?code$"
)
_IN_SECRET_NAMES = (
    *("token", "secret", "password", "passwd", "pwd", "key", "verifier", "authorization", "cookie"),
    *("assertion", "code"),
)


def names_a_secret(name: str) -> bool:
    """Whether what is called so is a secret whatever it looks like."""
    if str.isascii(name) and not any(piece in name.lower() for piece in _IN_SECRET_NAMES):
        return False  # most names: the pattern need not be compiled for them
    return re.search(_SECRET_NAME, name) is not None


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
    text = redact_with(clean(text, 2 * _LONGEST_COMMAND), _hidden)
    return clean(f"(not shown: the last {missing} characters) {text}" if missing > 0 else text, limit)


def _hidden(replacement: str, match: re.Match[str]) -> str:
    told = match.expand(replacement).removesuffix(REDACTED)
    hides_shell = any(mark in match[0][len(told) :] for mark in _SHELL)
    return told + (REDACTED_SHELL if hides_shell else REDACTED)
