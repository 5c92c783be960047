"""One line of a shell's start-up file made a comment, with every other byte left as it is.

Only a line that does nothing but set the variable: what else stands there, or goes on in the next line, might
be needed. A line of a here-document or of a text in quotes is no command at all.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from claude_auth.security.secret import without_locals

#: `lines`: environment files (`NAME=value` and nothing else).
Dialect = Literal["shell", "fish", "lines"]


class EditError(ValueError):
    """The line can't be commented out; says why without any of the content. Codes: `not-there`,
    `does-more`, `no-command`."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@without_locals
def comment_out(content: bytes, line: int, name: str, dialect: Dialect) -> bytes:
    """`content` with its line number `line` (from 1), which sets `name`, as a comment."""
    parts = content.split(b"\n")  # lines are counted as `observe` counts them
    lines = [*(part + b"\n" for part in parts[:-1]), parts[-1]]
    if not 1 <= line <= len(lines):
        raise EditError("not-there", f"there is no line {line}")
    whole = lines[line - 1]
    text = whole.rstrip(b"\r\n")
    if name.encode() not in text:
        raise EditError("not-there", f"line {line} does not set {name}")
    if _pattern(name, dialect).fullmatch(text) is None:
        raise EditError("does-more", f"line {line} does more than set {name}")
    before = lines[: line - 1]
    if dialect != "lines" and (inside := _inside(b"".join(before))):
        raise EditError("no-command", f"line {line} stands inside {inside}")
    if before and _goes_on(before[-1]):
        raise EditError("does-more", f"line {line} goes on with the line before it")
    # A block needs a command: a comment alone between `then` and `fi` is a syntax error.
    sign = b": # " if dialect == "shell" and _opens_a_block(before) else b"# "
    indent = len(text) - len(text.lstrip(b" \t"))
    lines[line - 1] = whole[:indent] + sign + whole[indent:]
    return b"".join(lines)


@cache
def _pattern(name: str, dialect: Dialect) -> re.Pattern[bytes]:
    variable = re.escape(name.encode())
    quoted = rb"\"(?:[^\"\\]|\\.)*+\"|'[^']*+'"
    piece = rb"(?:" + quoted + rb"|\$\([^()]*+\)|`[^`]*+`|\\.|[^\s;&|()<>\"'`\\#]|(?<=\S)#)"
    word = rb"(?:" + piece + rb")*+"
    end = rb"[ \t]*;?[ \t]*(?:(?<=[\s;])#.*)?"
    if dialect == "lines":
        return re.compile(rb"[ \t]*(?:export[ \t]+)?" + variable + rb"[ \t]*=.*")
    if dialect == "fish":
        value = rb"(?:" + quoted + rb"|\([^()]*+\)|\\.|[^\s;&|()<>\"'\\#])++"
        options = rb"(?:-[gUx]+|--(?:export|global|universal|path))"
        setting = rb"set(?:[ \t]+" + options + rb")+[ \t]+" + variable + rb"(?:[ \t]+" + value + rb")*+"
        return re.compile(
            rb"[ \t]*(?:" + setting + rb"|setenv[ \t]+" + variable + rb"[ \t]+" + value + rb")" + end
        )
    lead = rb"(?:export[ \t]+|(?:declare|typeset)[ \t]+-[a-zA-Z]*x[a-zA-Z]*[ \t]+)?"
    exported = rb"(?:[ \t]*;[ \t]*export[ \t]+" + variable + rb")?"
    return re.compile(rb"[ \t]*" + lead + variable + rb"=" + word + exported + end, re.DOTALL)


def _goes_on(line: bytes) -> bool:
    """Ends with a backslash that is not itself escaped."""
    line = line.rstrip(b"\r\n")
    return (len(line) - len(line.rstrip(b"\\"))) % 2 == 1


_OPENERS = (b"then", b"do", b"else", b"{", b"(", b"&&", b"||", b"|", b"in", b")")


def _opens_a_block(before: list[bytes]) -> bool:
    """Whether the last command before ends with a word that wants a command after it."""
    for line in reversed(before):
        text = line.strip()
        if not text or text.startswith(b"#"):
            continue
        text = re.sub(rb"[ \t]#.*", b"", text).rstrip()
        return any(
            text.endswith(word)
            and (not word.isalpha() or text == word or not text[-len(word) - 1 : -len(word)].isalnum())
            for word in _OPENERS
        )
    return False


@cache
def _marks() -> re.Pattern[bytes]:
    return re.compile(
        rb"""(?P<escape>\\.)
        |(?P<single>')
        |(?P<double>")
        |(?P<comment>(?:^|(?<=[\s;&|()]))\#[^\n]*)
        |(?P<here><<(?P<dash>-?)[ \t]*(?P<quote>['"]?)\\?(?P<word>[A-Za-z_][\w.-]*)(?P=quote))
        |(?P<herestring><<<)""",
        re.VERBOSE | re.DOTALL | re.MULTILINE,
    )


def _inside(before: bytes) -> str | None:
    """What is still open at the end of `before`: a text in quotes, a here-document, or nothing."""
    at = 0
    while (mark := _marks().search(before, at)) is not None:
        kind = mark.lastgroup
        if before.startswith(b"<<<", mark.start()):
            at = mark.start() + 3
        elif kind in {"escape", "comment"}:
            at = mark.end()
        elif kind == "single":
            end = before.find(b"'", mark.end())
            if end < 0:
                return "a text in quotes"
            at = end + 1
        elif kind == "double":
            closed = re.compile(rb"(?:[^\"\\]|\\.)*+\"", re.DOTALL).match(before, mark.end())
            if closed is None:
                return "a text in quotes"
            at = closed.end()
        else:
            tabs = rb"\t*" if mark["dash"] else b""
            last = re.compile(rb"^" + tabs + re.escape(mark["word"]) + rb"\r?$", re.MULTILINE)
            line_end = before.find(b"\n", mark.end())
            ended = last.search(before, line_end + 1) if line_end >= 0 else None
            if ended is None:
                return "a here-document"
            at = ended.end()
    return None
