"""Bytes of a terminal program → text, controls and sequences, chunk by chunk, in bounded memory.

Nothing here acts on a sequence: whoever reads the tokens picks the few that it knows, all else is gone.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Literal

from claude_auth.security.sanitize import UNSEEN

#: `text`: printable runs; `control`: one C0 or C1 character; `csi`: parameters and final character;
#: `osc`: the body of an operating system command; `escape`: what follows a lone escape.
Kind = Literal["text", "control", "csi", "osc", "escape"]
Token = tuple[Kind, str]

#: A sequence longer than this is no sequence.
LONGEST_SEQUENCE = 256
#: Of an operating system command so much is kept: enough for a hyperlink's address.
LONGEST_COMMAND = 8192
#: A string that isn't ended by then swallows no more.
LONGEST_STRING = 1 << 16

MOST_MARKS = 3


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    token = re.compile(
        r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
        r"|(?:\x1b\[|\x9b)(?P<csi>[0-?]*[ -/]*[@-~])"
        r"|(?P<string>\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])"
        r"|\x1b(?P<escape>[ -/]+[0-~]|[0-OQ-WYZ\\`-~])"
        r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f-\x8f\x91-\x97\x99\x9a\x9c])"
    )
    unfinished = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*\Z|\x1b[ -/]*\Z")
    string_end = re.compile(r"\x07|\x9c|\x18|\x1a|\x1b\\?")
    return token, unfinished, string_end, re.compile(f"[{UNSEEN}]")


def visible(text: str) -> str:
    """A run of text without bidirectional, invisible and private characters; at most three accents on one
    letter. Terminals disagree about all of these, and a reader can be fooled by them."""
    if text.isascii():
        return text
    text = _patterns()[3].sub("", text)
    if text.isprintable() and not _has_marks(text):
        return text
    kept: list[str] = []
    marks = MOST_MARKS  # none at the start of a run: there is no letter that they belong to
    for character in text:
        if not character.isprintable():
            if unicodedata.category(character) == "Zs":
                kept.append(" ")
            continue
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _has_marks(text: str) -> bool:
    return any(unicodedata.category(character) in {"Mn", "Me"} for character in text)


def hyperlink(command: str) -> str:
    """The address that an operating system command (OSC 8) links to; empty where it links to none."""
    parts = command.split(";", 2)
    return parts[2] if len(parts) == 3 and parts[0] == "8" else ""


class Tokeniser:
    """Keeps what a chunk leaves unfinished: part of a character, of a sequence, of a string."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._string: list[str] | None = None
        self._string_length = 0
        self._is_command = False

    def feed(self, data: bytes, final: bool = False) -> Iterator[Token]:
        token, unfinished, _, _ = _patterns()
        text = self._rest + self._decoder.decode(data, final)
        self._rest = ""
        position, end = 0, len(text)
        while position < end:
            if self._string is not None:
                position, command = self._in_string(text, position)
                if command is not None:
                    yield "osc", command
                continue
            match = token.match(text, position)
            if match is None:
                if unfinished.match(text, position) and end - position <= LONGEST_SEQUENCE and not final:
                    self._rest = text[position:]
                    return
                position += 1  # an introducer that introduces nothing
                continue
            position = match.end()
            kind = match.lastgroup
            if kind == "text":
                if seen := visible(match[0]):
                    yield "text", seen
            elif kind == "csi":
                yield "csi", match["csi"]
            elif kind == "escape":
                yield "escape", match["escape"]
            elif kind == "control":
                yield "control", match[0]
            else:
                self._string, self._string_length = [], 0
                self._is_command = match[0] in {"\x1b]", "\x9d"}

    def _in_string(self, text: str, position: int) -> tuple[int, str | None]:
        """Skips to the end of the string; its body where it is a command of bearable length."""
        assert self._string is not None
        match = _patterns()[2].search(text, position)
        if match is not None and match[0] == "\x1b" and match.end() == len(text):
            self._keep(text[position : match.start()])
            self._rest = "\x1b"  # the next chunk tells what it is
            return len(text), None
        stop = len(text) if match is None else match.start()
        self._keep(text[position:stop])
        if match is None:
            if self._string_length > LONGEST_STRING:
                self._string = None
            return stop, None
        ended_well = match[0] in {"\x07", "\x9c", "\x1b\\"}
        wanted = ended_well and self._is_command and self._string_length <= LONGEST_COMMAND
        command = "".join(self._string) if wanted else None
        self._string = None
        return (match.start() if match[0] == "\x1b" else match.end()), command

    def _keep(self, part: str) -> None:
        assert self._string is not None
        self._string_length += len(part)
        if self._is_command and self._string_length <= LONGEST_COMMAND:
            self._string.append(part)
