"""One line of a shell's start-up file made a comment, with every other byte left as it is.

Only a line that does nothing but set the variable: what else stands there, or goes on in the next line, might
be needed. A line of a here-document, of an array or of a text in quotes is no command at all.

In bash, zsh and sh a null command takes the assignment's place (`: # …`), for a list of commands may not be
empty: between `then` and `fi`, behind `if`, `while` or `|`. In fish it may, but not behind an operator.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import Literal

from claude_auth.formats import EditError
from claude_auth.formats.shell_tokens import QUOTES, Token, Tokens, fish_tokens, goes_on, shell_tokens
from claude_auth.security.secret import without_locals

#: `lines`: environment files (`NAME=value` and nothing else).
Dialect = Literal["shell", "fish", "lines"]

_SIGNS: dict[Dialect, bytes] = {"shell": b": # ", "fish": b"# ", "lines": b"# "}


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
    indent = len(text) - len(text.lstrip(b" \t"))
    lines[line - 1] = whole[:indent] + _SIGNS[dialect] + whole[indent:]
    after = b"".join(lines)
    if dialect == "lines":
        _check_lines(lines, line, text)
        return after
    start = sum(map(len, lines[: line - 1]))
    _check(content, after, start, start + len(whole), line, dialect)
    return after


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


def _check_lines(lines: list[bytes], line: int, text: bytes) -> None:
    """Of a value in quotes that goes over several lines none may go by itself: programs that read them so
    would find the quote of the rest, and no file any more. Others read every line by itself; so where quotes
    don't add up, the file is left to the person."""
    if line > 1 and goes_on(lines[line - 2].rstrip(b"\r\n")):
        raise EditError("does-more", f"line {line} goes on with the line before it")
    if goes_on(text) or _open_quote(text):
        raise EditError("does-more", f"line {line} goes on in the next line")
    quote = b""
    for other in lines[: line - 1]:
        quote = _open_quote(other.rstrip(b"\r\n"), quote)
    if quote:
        raise EditError("no-command", f"line {line} stands inside {QUOTES}")


@cache
def _value() -> re.Pattern[bytes]:
    return re.compile(rb"[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*(?=[\"'`])")


def _open_quote(line: bytes, quote: bytes = b"") -> bytes:
    """The quote that is open at the end of the line of an environment file: only a value that begins with one
    may go on behind its line. `quote`: what was open before it."""
    at = 0
    if not quote:
        found = _value().match(line)
        if found is None:
            return b""
        at = found.end() + 1
        quote = line[found.end() : at]
    while at < len(line):
        if line[at : at + 1] == b"\\" and quote != b"'":
            at += 2
            continue
        if line[at : at + 1] == quote:
            return b""
        at += 1
    return quote


def _check(before: bytes, after: bytes, start: int, end: int, line: int, dialect: Dialect) -> None:
    """Raises EditError where the line from `start` to `end` is no command of its own, and where anything but
    that command would change."""
    read = fish_tokens if dialect == "fish" else shell_tokens
    old = read(before)
    first, last = _own(old.found, start, end)
    if start and (not first or old.found[first - 1].end != start):
        raise _why_not(read(before[:start]), line)
    if first and old.found[first - 1].kind not in {"newline", "here-document"}:
        raise EditError("does-more", f"line {line} goes on with the line before it")
    own = old.found[first:last]
    if not own or own[-1].end > end or own[0].kind != "word":
        raise EditError("no-command", f"line {line} is no command of its own")
    if dialect == "fish" and _is_behind_an_operator(before, old.found[:first]):
        raise EditError("does-more", f"line {line} goes on with the line before it")
    if _decides(before, old.found, first, last, dialect):
        raise EditError("does-more", f"what line {line} runs decides what is done next")
    rest = after[start:]  # nothing is open before it, and not a byte there has changed
    new = read(rest)
    instead = [("word", b":")] if dialect == "shell" else []
    instead.append(
        ("comment", rest[: end - start + len(_SIGNS[dialect])].strip(b" \t\n").removeprefix(b": "))
    )
    expected = [*instead, *_texts(before, old.found[last:])]
    if _texts(rest, new.found) != expected or (new.inside, new.unclear) != (old.inside, old.unclear):
        raise EditError("unclear", f"without line {line} the file would not be read as it is now")


def _own(found: list[Token], start: int, end: int) -> tuple[int, int]:
    """The first token of the line, and the one after its last: its line end, or nothing."""
    first = bisect_right(found, start, key=lambda token: token.end)
    last = first
    while last < len(found) and found[last].start < end and found[last].kind != "newline":
        last += 1
    return first, last


def _why_not(read: Tokens, line: int) -> EditError:
    if read.inside is not None:
        return EditError("no-command", f"line {line} stands inside {read.inside}")
    if read.unclear:
        return EditError("unclear", f"what stands before line {line} can't be followed for certain")
    return EditError("does-more", f"line {line} goes on with the line before it")


def _texts(content: bytes, found: list[Token]) -> list[tuple[str, bytes]]:
    return [(token.kind, content[token.start : token.end]) for token in found]


_WAITING = frozenset({b"|", b"&|", b"&&", b"||", b"not", b"!"})


def _is_behind_an_operator(content: bytes, found: list[Token]) -> bool:
    """Whether a command is still waited on: `a &&`, `a |`, `not`."""
    told = [token for token in found[-200:] if token.kind not in {"newline", "comment"}]
    return bool(told) and content[told[-1].start : told[-1].end] in _WAITING


_ASKING = frozenset({b"if", b"elif", b"while", b"until", b"!", b"&&", b"||"})
_SKIPPED = frozenset({"newline", "comment"})
_ANSWERED = frozenset({b"then", b"do"})


def _decides(content: bytes, found: list[Token], first: int, last: int, dialect: Dialect) -> bool:
    """Whether the line is a condition with a result of its own: `while KEY=$(next)` would never end. In fish
    `and` and `or` ask for the command before them; behind one in the background they are an error."""
    if dialect == "fish":
        following = next((token for token in found[last:] if token.kind not in _SKIPPED), None)
        return following is not None and content[following.start : following.end] in {b"and", b"or"}
    line = content[found[first].start : found[last - 1].end]
    if not (b"$(" in line or b"`" in line) or line.startswith((b"export", b"declare", b"typeset")):
        return False
    before = next((token for token in reversed(found[:first]) if token.kind not in _SKIPPED), None)
    after = next((token for token in found[last:] if token.kind not in _SKIPPED), None)
    return (before is not None and content[before.start : before.end] in _ASKING) or (
        after is not None and content[after.start : after.end] in _ANSWERED
    )
