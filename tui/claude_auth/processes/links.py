"""What is found in a program's output: addresses and device codes, whole, also where a terminal wrapped them;
and secrets, which are hidden."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Literal
from urllib.parse import unquote

from claude_auth.processes.ansi import PLAIN, CellSpan, CellStyle, RawLine, spans_of
from claude_auth.security.redact import (
    REDACTED,
    SHORTEST_KNOWN,
    KnownValues,
    holds_aws_secret,
    redact,
    redact_value,
    token_shapes,
)
from claude_auth.security.secret import Secret

MOST_LINKS = 50
LONGEST_ADDRESS = 8192
#: An address is put together from no more lines than this.
MOST_PIECES = 60
#: So few characters alone on a line are the end of an address that reached the edge before.
_NO_WORD = 2
#: So often is an address decoded that stands encoded in another one.
_DEEPEST = 8
#: After so many seconds without output an address that may go on doesn't.
SETTLES_AFTER = 0.5


#: What a page that signs somebody in gives out for one use; it may look like anything.
_ONE_TIME = frozenset({"state", "nonce", "code", "user_code", "device_code", "code_challenge", "client_id"})
HOLDS_A_SECRET = "it holds a credential, so it is neither opened nor copied from here"


@dataclass(frozen=True, slots=True)
class Link:
    """`value` may hold a state or a code in its query: it is for opening, copying and the QR code; `shown`
    is for logs and events. `withheld`: why it is none of that; then nothing but `shown` is left of it."""

    kind: Literal["address", "code"]
    value: str = field(repr=False)
    withheld: str | None = None

    @property
    def shown(self) -> str:
        """Scheme, host and path of an address; nothing of a code but that it is one."""
        return self.value.split("?", 1)[0].split("#", 1)[0] if self.kind == "address" else "a one-time code"


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    inside = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]"
    return {
        "address": re.compile(rf"https://{inside}+"),
        "whole": re.compile(rf"https://[A-Za-z0-9.\-]+(?::\d+)?(?:[/?#]{inside}*)?\Z"),
        "more": re.compile(rf"\s*({inside}+)\s*\Z"),
        "code": re.compile(r"(?<![\w-])(?=[A-Z0-9-]*[A-Z])[A-Z0-9]{4}-[A-Z0-9]{4}(?![\w-])"),
        "word": re.compile(r"[A-Z]?[a-z]+(?:'[a-z]+)?[.:!?,]*\Z"),
        "dense": re.compile(r"[%=&]|\d"),
    }


class LinkFinder:
    """Feed it the lines in order, without redaction; `columns` is where the terminal wraps. `known`: values
    of this machine; an address that holds one, or a token of any kind, is not handed out.

    The address of a hyperlink (OSC 8) is whole by itself: `hyperlink`. Each link is told once.
    """

    def __init__(self, columns: int = 80, known: KnownValues | None = None) -> None:
        self.columns = columns
        self._known = known or KnownValues()
        self._seen: set[str] = set()
        self._pieces: list[str] = []
        self._widths: list[int] = []
        self._since_code = 99

    def line(self, text: str) -> list[Link]:
        found: list[Link] = []
        text = text.rstrip()
        if self._pieces:
            if self._continues(text):
                self._pieces.append(text.strip())
                self._widths.append(len(text))
                return []
            found += self.flush()
        if "https://" in text:
            found += self._addresses(text)
        found += self._codes(text)
        return found

    def settle(self, unfinished: str) -> list[Link]:
        """Nothing came for a while: what waits is whole, and so is what stands in the unfinished line."""
        found = self.line(unfinished)  # a piece of what waits, or the end of it
        return [*found, *self.flush()]

    def flush(self) -> list[Link]:
        """What was waiting for its continuation: nothing more comes."""
        address = "".join(self._pieces)
        self._pieces, self._widths = [], []
        return self._told("address", _trimmed(address)) if address else []

    def hyperlink(self, address: str) -> list[Link]:
        whole = len(address) <= LONGEST_ADDRESS and _patterns()["whole"].match(address)
        return self._told("address", address) if whole else []

    def _told(self, kind: Literal["address", "code"], value: str) -> list[Link]:
        fine = kind == "code" or _patterns()["whole"].match(value)
        if value in self._seen or len(self._seen) >= MOST_LINKS or not fine:
            return []
        if any(known.startswith(value) for known in self._seen if kind == "address" and len(value) > 40):
            return []  # a torn piece of a hyperlink that is known whole
        self._seen.add(value)
        if kind == "address" and _holds_a_secret(value, self._known):
            return [Link(kind, _without_secrets(value, self._known), HOLDS_A_SECRET)]
        return [Link(kind, value)]

    def _addresses(self, text: str) -> list[Link]:
        found: list[Link] = []
        for match in _patterns()["address"].finditer(text):
            if match.end() == len(text) and (len(text) >= self.columns - 4 or len(match[0]) >= 30):
                self._pieces, self._widths = [match[0]], [len(text)]
            else:
                found += self._told("address", _trimmed(match[0]))
        return found

    def _continues(self, text: str) -> bool:
        """Whether this line goes on with the address that the line before left open."""
        match = _patterns()["more"].match(text)
        length = sum(map(len, self._pieces)) + len(text)
        if match is None or length > LONGEST_ADDRESS or len(self._pieces) >= MOST_PIECES:
            return False
        piece, before = match[1], self._widths[-1]
        if len(self._widths) > 1 and before < max(self._widths):
            return False  # the line before was the last one: it didn't reach the edge
        if len(piece) <= _NO_WORD and (len(self._widths) > 1 or before >= self.columns - 4):
            return True
        if piece.startswith("https://") or _patterns()["word"].match(piece):
            return False
        if before >= self.columns:
            return True
        at_an_edge = len(self._widths) > 1 and len(text) <= max(self._widths)
        return at_an_edge or bool(_patterns()["dense"].search(piece))

    def _codes(self, text: str) -> list[Link]:
        """Four and four characters, on a line about a code or soon after one."""
        about = "code" in text.lower()
        self._since_code = 0 if about else self._since_code + 1
        code = _patterns()["code"]
        if about:
            matches = list(code.finditer(text))
        else:
            alone = code.fullmatch(text.strip()) if self._since_code <= 3 else None
            matches = [alone] if alone else []
        return [link for match in matches for link in self._told("code", match[0])]


def _holds_a_secret(address: str, known: KnownValues) -> bool:
    """A value that is known, a token by its shape, or an AWS secret; one-time codes are for opening."""
    if known.are_in(address) or known.are_in(_decoded(address)):
        return True
    place, *parameters = re.split(r"[?#&;]", address)
    asked = [
        text
        for text in parameters
        if text.partition("=")[0].lower() not in _ONE_TIME or "sk-ant-" in _decoded(text).lower()
    ]
    texts = [_decoded(text) for text in (place, *asked)]
    words = [word for text in texts for word in text.split("=")]
    return any(shape.pattern.search(text) for text in texts for shape in token_shapes()) or any(
        map(holds_aws_secret, words)
    )


def _decoded(text: str) -> str:
    """An address in the query of an address in a query is written with `%25`: read until nothing changes."""
    for _ in range(_DEEPEST):
        before, text = text, unquote(text)
        if text == before:
            break
    return text


def _without_secrets(address: str, known: KnownValues) -> str:
    """What may be shown of it: no query, and nothing secret in the rest."""
    place = redact_value(known.hide(_decoded(re.split(r"[?#]", address)[0])))
    return place if not _holds_a_secret(place.replace(REDACTED, ""), known) else REDACTED


def _trimmed(address: str) -> str:
    """Without the punctuation of the sentence around it."""
    address = address.rstrip(".,;:!?'")
    for opening, closing in ("()", "[]"):
        if address.endswith(closing) and opening not in address:
            address = address[:-1]
    return address


@cache
def _hidden_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(r"\s*[\w./+=%-]+"), re.compile(r"\S{6,}\Z")


class Redactor:
    """Secrets out of a line before anybody keeps it: by their shape, and by a list of known values. A chunk
    boundary can't split a secret, since whole lines come in; a terminal that wraps can, so what continues a
    secret at the start of the next line goes too. `columns`: where the terminal wraps."""

    def __init__(self, secrets: Iterable[Secret] = (), columns: int = 80) -> None:
        self.columns = columns
        self._known = KnownValues(secrets)
        self._continues = False

    def __repr__(self) -> str:
        return f"<Redactor of {self._known}>"

    def add(self, secret: Secret) -> None:
        """From now on this value is hidden, as it is and as an address writes it."""
        self._known.add(secret)

    def line(self, raw: RawLine) -> tuple[CellSpan, ...]:
        """A finished line."""
        text = raw.text
        if self._continues:
            text = _hidden_patterns()[0].sub(REDACTED, text, count=1)
        fills_line = len(raw.text) >= self.columns - 2 or raw.cut > 0
        hidden = self._hide(text, ends_open=fills_line)
        self._continues = fills_line and hidden.endswith(REDACTED)
        return _styled(raw, hidden)

    def unfinished(self, raw: RawLine) -> tuple[CellSpan, ...]:
        """A line that may go on: a last word that could be the beginning of a secret waits."""
        text = _hidden_patterns()[0].sub(REDACTED, raw.text, count=1) if self._continues else raw.text
        hidden = self._hide(text, ends_open=True)
        match = _hidden_patterns()[1].search(hidden)
        if match is not None and not match[0].endswith((REDACTED, *":?>])")) and not _is_a_word(match[0]):
            hidden = hidden[: match.start()] + "…"
        return _styled(raw, hidden)

    def _hide(self, text: str, ends_open: bool) -> str:
        text = self._known.hide(text)
        if ends_open:
            for value in self._known.forms:
                text = _without_beginning(text, value)
        return redact(text)


def _without_beginning(text: str, value: str) -> str:
    """Without the beginning of `value` at the end of `text`."""
    for length in range(min(len(value) - 1, len(text)), SHORTEST_KNOWN - 1, -1):
        if text.endswith(value[:length]):
            return text[:-length] + REDACTED
    return text


def _is_a_word(text: str) -> bool:
    stem = text.rstrip(".,;!…")
    return stem.isalpha() and (stem.islower() or stem.isupper() or stem.istitle()) and len(stem) < 20


def _styled(raw: RawLine, hidden: str) -> tuple[CellSpan, ...]:
    """The looks of what is left; what was replaced takes the look of where it began."""
    if raw.looks is None or hidden == raw.text:
        return spans_of(hidden, raw.looks)
    start, limit = 0, min(len(hidden), len(raw.text))
    while start < limit and hidden[start] == raw.text[start]:
        start += 1
    end = 0
    while end < limit - start and hidden[-1 - end] == raw.text[-1 - end]:
        end += 1
    between: CellStyle = raw.looks[start] if start < len(raw.looks) else PLAIN
    tail = raw.looks[len(raw.looks) - end :] if end else ()
    looks = [*raw.looks[:start], *([between] * (len(hidden) - start - end)), *tail]
    return spans_of(hidden, looks)
