"""The one redactor: what has the shape of a secret, what is called one, and values that are known.

Patterns are compiled on first use: most runs redact nothing, and compiling is a visible part of start-up.
All of it takes a time that grows with the length of the text, and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import Secret

REDACTED = "…redacted…"

#: Shorter known values stand in ordinary text too.
SHORTEST_KNOWN = 4
MOST_KNOWN = 200

# ── shapes ───────────────────────────────────────────────────────────────────────────────────────


class Shape(NamedTuple):
    """`pieces`: one of them stands in every text (in lower case) that the pattern finds something in, and one
    of the `marks` where there are any."""

    pieces: tuple[str, ...]
    expression: str
    replacement: str = REDACTED
    marks: tuple[str, ...] = ("",)

    def may_stand_in(self, lower: str) -> bool:
        return any(piece in lower for piece in self.pieces) and any(mark in lower for mark in self.marks)

    @property
    def pattern(self) -> re.Pattern[str]:
        return _compiled(self.expression)


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


@cache
def token_shapes() -> tuple[Shape, ...]:
    """Tokens and keys that are known by their beginning, and a user name with a password in an address."""
    return (
        # `sk-ant-api03-…` is the mask of a key, and no key.
        Shape(
            ("sk-",),
            r"[sS][kK]-(?:[aA][nN][tT]-(?!(?:(?:oat01|ort01|api03|oat|ort|api|admin)-?)?…)[\w-]*"
            r"|(?<![A-Za-z0-9]...)(?![aA][nN][tT]-)[\w-]{12,})",
        ),
        Shape(("eyj",), r"eyJ[\w-]{8,}(?:\.[\w-]+){0,4}"),
        Shape(
            ("ya29.", "ghp_", "gho_", "github_pat_", "xox", "1//0"),
            r"(?:ya29\.|ghp_|gho_|github_pat_|xox[abp]-|1//0)[\w-]{8,}",
        ),
        Shape(
            ("private key-----",),
            r"(?s)-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----.*?(?:-----END [A-Z ]{1,40}-----|\Z)",
        ),
        Shape(("@",), r"(?<=://)[^/\s?#]+(?=@)"),
    )


@cache
def _named(ours: bool = False) -> tuple[Shape, ...]:
    """Values that a name, an option or a scheme before them calls a secret. `ours`: in a sentence of ours an
    ordinary word may follow a colon ("no longer accepts the refresh token: this login has ended")."""
    # A name is looked at once, from its first character, and never given back: linear on any text.
    words = r"key|token|secret|passw(?:or)?d|pwd|credential|authorization"
    pieces = ("key", "token", "secret", "passw", "pwd", "credential", "authorization")
    secret_name = rf"(?<![\w.-])(?=[\w.-]*(?:{words}))[\w.-]++"
    colon = r":(?!\s++(?-i:[a-z]){1,15}(?:[\s.,;:!?)]|\Z))" if ours else ":"
    return (
        Shape(
            ("authorization",),
            r"(?i)\b((?:proxy-)?authorization\s*:\s*(?:\w+\s+)?)[^\s'\"]+",
            rf"\1{REDACTED}",
        ),
        Shape(("bearer", "basic"), r"(?i)\b(bearer|basic)(\s+)[^\s'\"]{6,}", rf"\1\2{REDACTED}"),
        Shape(
            pieces,
            rf"(?i)({secret_name}[\"']?\s*+(?:=|{colon})\s*+)(\"[^\"]*\"|'[^']*'|[^\s'\"`;|&,)}}]+)",
            rf"\1{REDACTED}",
            ("=", ":"),
        ),
        Shape(
            pieces,
            rf"(?i)((?=-){secret_name}\s++)(\"[^\"]*\"|'[^']*'|(?!-)[^\s'\"`;|&)]+)",
            rf"\1{REDACTED}",
            ("-",),
        ),
    )


def redact(text: str, known: KnownValues | None = None, *, ours: bool = False) -> str:
    """`text` without anything that is known, or shaped or named like a secret; for what a program or a server
    says. Twice is the same as once. `ours`: the sentence is one of ours, and what it quotes is redacted."""
    return _redacted(text if known is None else known.hide(text), _hide_word, ours)


def holds_secret(text: str) -> bool:
    """Whether anything in it is shaped or named like a secret."""
    return redact(text) != text


def redact_value(text: str) -> str:
    """The same for a name, an identifier or a path: there a digest, a UUID or a model's date is no secret."""
    return _redacted(text, _hide_in_value)


def redact_quotes(text: str) -> str:
    """A sentence of ours without the secrets that stand in the values and paths that it quotes; of its own
    words none is taken for the name of a secret."""
    return _redacted(text, _hide_in_value, named=False)


def redact_with(text: str, replace: Callable[[str, re.Match[str]], str]) -> str:
    """As `redact`; `replace` makes the text that takes a match's place, from the shape's replacement."""
    for shape in (*token_shapes(), *_named()):
        replacement = shape.replacement
        text = shape.pattern.sub(lambda match, told=replacement: replace(told, match), text)  # type: ignore[misc]
    return _long_word().sub(_hide_word, text)


def _redacted(text: str, hide: Callable[[re.Match[str]], str], ours: bool = False, named: bool = True) -> str:
    """A text beyond ASCII is searched as a whole: some of its letters are others in lower case."""
    lower = text.lower() if text.isascii() else None
    for shape in (*token_shapes(), *(_named(ours) if named else ())):
        if lower is None or shape.may_stand_in(lower):
            text = shape.pattern.sub(shape.replacement, text)
    return _long_word().sub(hide, text)


# ── words that look random ───────────────────────────────────────────────────────────────────────


@cache
def _long_word() -> re.Pattern[str]:
    """A letter of another script, or a superscript, is none of the word: a secret may be glued to it."""
    return re.compile(r"[A-Za-z0-9_+/=-]{20,}")


@cache
def _runs() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Words as a person writes them (`Some`, `words`, `HTTP`, `12`), and where letters and digits meet."""
    return re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+"), re.compile(r"[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])")


#: AWS's secret keys have 40 characters, base64 with `/` and `+` among them.
_LENGTH_OF_AWS_SECRETS = 40
_SHORTEST_WORD = 20


def is_dense(word: str) -> bool:
    """Whether capitals, small letters and digits follow each other as nobody writes them. Of random texts of
    40 characters one in 5000 is not found; `GoogleDriveFileStream12`, `AWSReservedSSO_…` are no secrets."""
    return (
        not (word.islower() or word.isupper())
        and any(map(str.isupper, word))
        and len(_runs()[0].findall(word)) * 3.5 >= len(word)
    )


def _looks_random(word: str, after_dot: bool) -> bool:
    digits = sum(map(str.isdigit, word))
    letters = sum(map(str.isalpha, word))
    if len(word) >= _LENGTH_OF_AWS_SECRETS and is_dense(word):
        return True
    if digits < 2 or letters < 4:
        return False
    if any(map(str.islower, word)) and any(map(str.isupper, word)):
        return True
    # After a dot a model's id may go on; or a sentence ended and a secret is glued to it. A model's date
    # stands between hyphens.
    return digits >= 6 and not after_dot and len(_runs()[1].findall(word)) >= 3


def _hide_word(match: re.Match[str]) -> str:
    word, before = match[0], match.string[max(0, match.start() - 2) : match.start()]
    is_path = "/" in word and (word[0] == "/" or before == "/." or before.endswith(("~", "$")))
    if not is_path and _looks_random(word, before.endswith(".")):
        return REDACTED
    return _without_dense_parts(word) if "/" in word else word


def _hide_in_value(match: re.Match[str]) -> str:
    return _without_dense_parts(match[0])


def _without_dense_parts(path: str) -> str:
    """Each part of a path is judged by itself; several in a row may be one secret with slashes in it."""
    if path.islower() or path.isupper():
        return path
    parts = path.split("/")
    hidden = [_is_secret_part(part) for part in parts]
    for start, end in _windows(parts):
        hidden[start : end + 1] = [True] * (end + 1 - start)
    if not any(hidden):
        return path
    for order in (range(1, len(parts)), range(len(parts) - 2, -1, -1)):  # short pieces of the same secret
        for index in order:
            neighbour = index - order.step
            hidden[index] |= hidden[neighbour] and len(parts[index]) >= 4 and is_dense(parts[index])
    told: list[str] = []
    for part, hide in zip(parts, hidden, strict=True):
        if not hide:
            told.append(part)
        elif not told or told[-1] is not REDACTED:
            told.append(REDACTED)
    return "/".join(told)


def _is_secret_part(part: str) -> bool:
    return (
        len(part) >= _SHORTEST_WORD
        and is_dense(part)
        and (len(part) >= _LENGTH_OF_AWS_SECRETS or any(map(str.isdigit, part)))
    )


def _windows(parts: list[str]) -> Iterable[tuple[int, int]]:
    """First and last of the parts that are together as long as an AWS secret and as dense."""
    runs = [len(_runs()[0].findall(part)) for part in parts]
    lengths = [len(part) for part in parts]
    plain = [
        part.isalnum() or not part.strip("+=") or part.replace("+", "").replace("=", "").isalnum()
        for part in (part.strip("_-") for part in parts)  # what a secret may be glued to
    ]
    end, length, count = -1, -1, 0
    for start in range(len(parts)):
        while length < _LENGTH_OF_AWS_SECRETS and end + 1 < len(parts):
            end += 1
            length += lengths[end] + 1
            count += runs[end]
        if length < _LENGTH_OF_AWS_SECRETS:
            return
        if end > start and length <= 3 * _LENGTH_OF_AWS_SECRETS and count * 3.5 >= length:
            window = "/".join(parts[start : end + 1])
            if all(plain[start : end + 1]) and is_dense(window):
                yield start, end
        length -= lengths[start] + 1
        count -= runs[start]


def holds_aws_secret(text: str) -> bool:
    """Whether exactly so many characters as an AWS secret has stand in it, by themselves, and as dense."""
    for match in _long_word().finditer(text):
        parts = match[0].split("/")
        if any(len(part) == _LENGTH_OF_AWS_SECRETS and is_dense(part) for part in parts):
            return True
        for start, end in _windows(parts):
            if len("/".join(parts[start : end + 1])) == _LENGTH_OF_AWS_SECRETS:
                return True
    return False


# ── values that are known ────────────────────────────────────────────────────────────────────────


class KnownValues:
    """Values that are hidden whatever they look like: as they are, line by line, and as an address writes
    them. `shortest`: shorter ones are taken for ordinary words."""

    def __init__(self, secrets: Iterable[Secret] = (), shortest: int = SHORTEST_KNOWN) -> None:
        self.forms: list[str] = []
        self._shortest = shortest
        for secret in secrets:
            self.add(secret)

    def __repr__(self) -> str:
        return f"<{len(self.forms)} known values>"

    def add(self, secret: Secret) -> None:
        from urllib.parse import quote

        value = secret.reveal().strip()
        lines = [line.strip() for line in value.splitlines()] if "\n" in value else []
        written = value.encode("utf-8", "surrogatepass")
        for form in dict.fromkeys((value, quote(written, safe=""), quote(written), *lines)):
            if len(form) >= self._shortest and form not in self.forms and len(self.forms) < MOST_KNOWN:
                self.forms.append(form)
        self.forms.sort(key=len, reverse=True)

    def hide(self, text: str, mark: str = REDACTED) -> str:
        for form in self.forms:
            if form in text:
                text = text.replace(form, mark)
        return text

    def are_in(self, text: str) -> bool:
        return any(form in text for form in self.forms)
