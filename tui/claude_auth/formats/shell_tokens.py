"""What the text of a start-up file is made of, as far as it takes to know where a command stands: words,
operators, line ends, comments, here-documents. For bash, zsh and sh, and the little that fish needs.

Nothing is expanded. What different shells read differently is not guessed at: it is `Unclear`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Literal

from claude_auth.named_tuples import NamedTuple

TokenKind = Literal["word", "operator", "newline", "comment", "here-document"]


class Token(NamedTuple):
    kind: TokenKind
    start: int
    end: int


class Tokens(NamedTuple):
    """`inside`: what is still open at the end of the text, in words; None where nothing is. `unclear`: the
    text could not be followed to its end, and what comes after the last token is not known."""

    found: list[Token]
    inside: str | None = None
    unclear: bool = False


class _Open(Exception):  # noqa: N818
    """The text ends inside of something."""


class _Unclear(Exception):  # noqa: N818
    """Shells differ here, or what stands here is beyond this reader."""


class _HereDocument(NamedTuple):
    word: bytes
    strips_tabs: bool
    is_quoted: bool


QUOTES = "a text in quotes"
_SUBSTITUTION = "a command substitution"
#: No start-up file nests deeper; each level is a few frames of ours.
_DEEPEST = 50


def shell_tokens(text: bytes) -> Tokens:
    """The tokens of a script for bash, zsh or sh."""
    reader = _Reader(text)
    try:
        reader.commands(0, None)
    except _Open as still:
        return Tokens(reader.found, str(still))
    except _Unclear:
        return Tokens(reader.found, None, unclear=True)
    return Tokens(reader.found)


@cache
def _patterns() -> dict[str, re.Pattern[bytes]]:
    simple = rb"[^ \t\n;&|()<>\"'`\\$\#]"
    return {
        "blank": re.compile(rb"(?:[ \t]|\\\n)++"),
        "comment": re.compile(rb"\#[^\n]*+"),
        "operator": re.compile(rb"\|\||\|&|\||&&|&>>|&>|&|;;&|;;|;&|;|<<<|<>|<&|<|>>|>&|>\||>|\(|\)"),
        # The letters of a word that mean nothing else, and quoted pieces without anything in them to follow.
        "plain": re.compile(
            rb"(?:" + simple + rb"|(?<=[^ \t\n;&|()<>])\#|'[^']*+'|\"[^\"\\$`]*+\"|\\.)++", re.DOTALL
        ),
        "single": re.compile(rb"'[^']*+'"),
        "ansi": re.compile(rb"\$'(?:[^'\\]|\\.)*+'", re.DOTALL),
        "backticks": re.compile(rb"`(?:[^`\\]|\\.)*+`", re.DOTALL),
        "in-double": re.compile(rb"(?:[^\"\\$`]|\\.)++", re.DOTALL),
        "in-braces": re.compile(rb"(?:[^\"'\\$`}]|\\.)++", re.DOTALL),
        "in-sum": re.compile(rb"(?:[^\"'\\$`()]|\\.)++", re.DOTALL),
        "array": re.compile(rb"[A-Za-z_]\w*(?:\[[^\]]*+\])?\+?="),
        "function": re.compile(rb"\([ \t]*+\)"),
        "delimiter": re.compile(rb"(?:[^ \t\n;&|()<>\"'\\$`]|'[^'\n]*+'|\"[^\"\\$`\n]*+\"|\\[^\n])++"),
        "quoting": re.compile(rb"['\"]|\\(?=.)", re.DOTALL),
    }


class _Reader:
    """Positions go in, the position after what was read comes out. Only outermost tokens are kept."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.found: list[Token] = []
        self.depth = 0

    # ── a list of commands ───────────────────────────────────────────────────────────────────────

    def commands(self, at: int, closer: bytes | None) -> int:
        """Up to the end of the text, or to after the `closer` of a substitution."""
        text, outermost = self.text, closer is None
        waiting: list[_HereDocument] = []
        parentheses = 0
        in_test = False  # between [[ and ]], where the end of a line ends no command
        while at < len(text):
            start = at
            kind, at = self._next(at, waiting)
            if kind == "newline":
                if outermost and self._ends_with_a_lone_negation():
                    raise _Unclear  # bash negates nothing; zsh reads on, but takes no null command there
                self._keep(outermost and not in_test, kind, start, at)
                if waiting:
                    start, at = at, self._bodies(at, waiting)
                    waiting = []
                    self._keep(outermost, "here-document", start, at)
                continue
            word = text[start:at]
            if kind == "operator" and not outermost:
                parentheses += {b"(": 1, b")": -1}.get(word, 0)
                if parentheses < 0:
                    if waiting:
                        raise _Unclear
                    return at
            if kind == "word":
                if waiting and b"\n" in word:
                    raise _Unclear  # where the here-document begins then is told differently
                if not outermost and word == b"case":
                    raise _Unclear  # its parentheses close nothing
                in_test = word == b"[[" if word in {b"[[", b"]]"} else in_test
            if kind is not None:
                self._keep(outermost, kind, start, at)
        still = "a here-document" if waiting else _SUBSTITUTION if not outermost else in_test and "a test"
        if still:
            raise _Open(still)
        return at

    def _next(self, at: int, waiting: list[_HereDocument]) -> tuple[TokenKind | None, int]:
        """The kind of what begins at `at` (None: blanks), and its end."""
        text, patterns = self.text, _patterns()
        character = text[at : at + 1]
        if (blank := patterns["blank"].match(text, at)) is not None:
            return None, blank.end()
        if character == b"\n":
            return "newline", at + 1
        if (comment := patterns["comment"].match(text, at)) is not None:
            return "comment", comment.end()
        if text.startswith(b"<<", at) and not text.startswith(b"<<<", at):
            at, document = self._here(at)
            waiting.append(document)
            return "operator", at
        if text.startswith((b"<(", b">("), at):
            return "word", self._nested(at + 2)
        if text.startswith(b"((", at):
            return "word", self._sum(at + 1)
        if (operator := patterns["operator"].match(text, at)) is not None:
            return "operator", operator.end()
        return "word", self.word(at)

    def _ends_with_a_lone_negation(self) -> bool:
        last = next((token for token in reversed(self.found) if token.kind != "comment"), None)
        return last is not None and self.text[last.start : last.end] == b"!"

    def _keep(self, outermost: bool, kind: TokenKind, start: int, end: int) -> None:
        if outermost:
            self.found.append(Token(kind, start, end))

    def _here(self, at: int) -> tuple[int, _HereDocument]:
        at += 2
        strips = self.text.startswith(b"-", at)
        at += strips
        while self.text[at : at + 1] in (b" ", b"\t"):
            at += 1
        found = _patterns()["delimiter"].match(self.text, at)
        if found is None or self.text[found.end() : found.end() + 1] in (b"$", b"`", b'"', b"'", b"\\"):
            raise _Unclear
        word = _patterns()["quoting"].sub(b"", found[0])
        return found.end(), _HereDocument(word, strips, word != found[0])

    def _bodies(self, at: int, waiting: list[_HereDocument]) -> int:
        text = self.text
        for document in waiting:
            joined = False
            while True:
                if at >= len(text):
                    raise _Open("a here-document")
                end = text.find(b"\n", at)
                end = len(text) if end < 0 else end
                line = text[at:end]
                at = min(len(text), end + 1)
                if (line.lstrip(b"\t") if document.strips_tabs else line) == document.word:
                    if joined:
                        raise _Unclear
                    break
                joined = not document.is_quoted and goes_on(line)
        return at

    # ── a word ───────────────────────────────────────────────────────────────────────────────────

    def word(self, at: int) -> int:
        """The end of the word that begins at `at`; it is never empty."""
        text, start, patterns = self.text, at, _patterns()
        while at < len(text):
            if (plain := patterns["plain"].match(text, at)) is not None:
                at = plain.end()
                continue
            character = text[at : at + 1]
            if character == b"(":
                if at == start or patterns["function"].match(text, at) is not None:
                    break
                at = self._parenthesis(start, at)
            elif character in b"\"'`$":
                at = self._piece(at)
            elif character == b"\\" and at + 1 >= len(text):
                return at + 1
            elif character == b"#" and at > start:  # behind something quoted it is a letter
                at += 1
            else:
                break
        if at == start:
            raise _Unclear
        return at

    def _piece(self, at: int) -> int:
        """Something quoted, or that begins with a dollar sign."""
        text, character = self.text, self.text[at : at + 1]
        if character == b"'":
            return self._closed("single", at, QUOTES)
        if character == b'"':
            return self._deeper(lambda: self._up_to(at + 1, b'"', "in-double", QUOTES, quoted=True))
        if character == b"`":
            return self._closed("backticks", at, _SUBSTITUTION)
        if text.startswith(b"$'", at):
            return self._closed("ansi", at, QUOTES)
        if text.startswith(b"$((", at):
            return self._sum(at + 2)
        if text.startswith(b"$(", at):
            return self._nested(at + 2)
        if text.startswith(b"${", at):
            return self._braces(at + 2, quoted=False)
        if text.startswith(b"$[", at):
            raise _Unclear  # bash and zsh calculate up to its bracket, for others it is a word
        # `$#`, `$$`: what follows is part of the name
        return at + (2 if text[at + 1 : at + 2] in (b"#", b"$") else 1)

    def _closed(self, pattern: str, at: int, inside: str) -> int:
        found = _patterns()[pattern].match(self.text, at)
        if found is None:
            raise _Open(inside)
        return found.end()

    def _parenthesis(self, start: int, at: int) -> int:
        """A parenthesis within a word: an array, or a pattern."""
        before = self.text[start:at]
        if before == b"=":  # zsh: a file with the output of the command
            return self._nested(at + 1)
        inside = "an array" if _patterns()["array"].fullmatch(before) else "a pattern"
        return self._deeper(lambda: self._listed(at + 1, inside))

    def _listed(self, at: int, inside: str) -> int:
        """Words and comments up to the parenthesis that closes an array or a pattern."""
        text, patterns = self.text, _patterns()
        depth = 1
        while at < len(text):
            character = text[at : at + 1]
            if (blank := patterns["blank"].match(text, at)) is not None:
                at = blank.end()
            elif (comment := patterns["comment"].match(text, at)) is not None:
                at = comment.end()
            elif text.startswith((b"<(", b">("), at):
                at = self._nested(at + 2)
            elif character in b"\n;&|<>":
                at += 1
            elif character in b"()":
                depth += 1 if character == b"(" else -1
                at += 1
                if depth == 0:
                    return at
            else:
                at = self.word(at)
        raise _Open(inside)

    # ── what nests ───────────────────────────────────────────────────────────────────────────────

    def _deeper(self, read: Callable[[], int]) -> int:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _Unclear
        end = read()
        self.depth -= 1
        return end

    def _nested(self, at: int) -> int:
        return self._deeper(lambda: self.commands(at, b")"))

    def _sum(self, at: int) -> int:
        """`((…))` from its second parenthesis on: a calculation, or subshells within each other."""
        return self._deeper(lambda: self._calculation(at))

    def _calculation(self, at: int) -> int:
        text, patterns = self.text, _patterns()
        depth = 1
        while at < len(text):
            character = text[at : at + 1]
            if (plain := patterns["in-sum"].match(text, at)) is not None:
                at = plain.end()
            elif character in b"()":
                depth += 1 if character == b"(" else -1
                at += 1
                if depth == 0:
                    return at
            elif character == b"\\":
                break
            else:
                at = self._piece(at)
        raise _Open("a calculation")

    def _braces(self, at: int, *, quoted: bool) -> int:
        return self._deeper(lambda: self._up_to(at, b"}", "in-braces", "a parameter's braces", quoted=quoted))

    def _up_to(self, at: int, closer: bytes, plain: str, inside: str, *, quoted: bool) -> int:
        """The inside of double quotes, or of `${…}`."""
        text, pattern = self.text, _patterns()[plain]
        while at < len(text):
            character = text[at : at + 1]
            if character == closer:
                return at + 1
            if (found := pattern.match(text, at)) is not None:
                at = found.end()
            elif text.startswith(b"${", at):
                at = self._braces(at + 2, quoted=quoted)
            elif character == b"'" and quoted:
                raise _Unclear  # a quote or a letter, by what the braces do
            elif character == b"\\":
                break
            elif text.startswith((b"$'", b'$"'), at) and quoted:
                at += 1  # the dollar sign alone
            else:
                at = self._piece(at)
        raise _Open(inside)


def goes_on(line: bytes) -> bool:
    """Whether a line, without its end, ends with a backslash that is not itself escaped."""
    return (len(line) - len(line.rstrip(b"\\"))) % 2 == 1


# ── fish ─────────────────────────────────────────────────────────────────────────────────────────


@cache
def _fish() -> re.Pattern[bytes]:
    return re.compile(
        rb"""(?P<blank>(?:[ \t\r]|\\\r?\n)++)
        |(?P<comment>(?:^|(?<=[\s;&|()]))\#[^\n]*+)
        |(?P<newline>\n)
        |(?P<operator>\|\||&&|&\||[|&;])
        |(?P<opens>\()|(?P<closes>\))
        |(?P<word>(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+"|\\[^\r\n]|[^\s;&|()"'\\])++)
        |(?P<open>["'])
        |(?P<other>.)""",
        re.VERBOSE | re.DOTALL | re.MULTILINE,
    )


@cache
def _fish_quoted() -> re.Pattern[bytes]:
    return re.compile(rb"'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\"|\\.", re.DOTALL)


def fish_tokens(text: bytes) -> Tokens:
    """The tokens of a script for fish, outside of its parentheses."""
    found: list[Token] = []
    depth = brackets = 0
    for match in _fish().finditer(text):
        group = match.lastgroup
        if group == "newline" and brackets > 0:
            return Tokens(found, unclear=True)  # the lines of a list in braces, or of an index
        if group == "word" and match[0] not in (b"[", b"]"):  # that one is a command
            plain = _fish_quoted().sub(b"", match[0])
            brackets += sum(plain.count(c) for c in b"{[") - sum(plain.count(c) for c in b"}]")
            brackets = max(brackets, 0)
        if group == "open":
            return Tokens(found, QUOTES)
        if group == "word" and b'"' in match[0] and b"$(" in match[0]:
            return Tokens(found, unclear=True)  # quotes within quotes
        if group == "opens":
            depth += 1
        elif group == "closes":
            depth -= 1
            if depth < 0:
                return Tokens(found, unclear=True)
        elif depth == 0 and group in {"word", "operator", "newline", "comment"}:
            found.append(Token(group, match.start(), match.end()))  # type: ignore[arg-type]
    return Tokens(found, _SUBSTITUTION if depth else None)
