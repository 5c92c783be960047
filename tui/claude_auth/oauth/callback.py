"""What comes back from the authorization server through the browser, by the listener or by paste."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from claude_auth.processes.ansi import without_escapes
from claude_auth.security.secret import KNOWN_PREFIXES, Secret, holds_token


@dataclass(frozen=True, slots=True, repr=False)
class Callback:
    """The state is checked already. `error`, `description` and `issuer` are raw words of the other side."""

    code: Secret | None = None
    error: str | None = None
    description: str = ""
    issuer: str | None = None
    #: False for a code that was pasted without the rest of its address.
    is_whole: bool = True

    def __repr__(self) -> str:
        return f"Callback({'error' if self.error else 'code'})"


Kind = Literal[
    "nothing",
    "too-long",
    "e-mail-code",
    "sign-in-address",
    "token",
    "no-code",
    "no-state",
    "earlier-attempt",
    "too-short",
    "not-a-code",
    "used",
    "over",
]

_TEXTS: dict[Kind, str] = {
    "nothing": "Nothing was pasted. Paste the code, or the whole address of the page in the browser.",
    "too-long": "That is too long for a code or an address. Paste the code alone.",
    "e-mail-code": "That is the six-digit code from the e-mail: type it into the page in the browser. "
    "Paste here what the page shows after that.",
    "sign-in-address": "That is the address to open in the browser. Open it, allow access, then paste the "
    "address or code that comes last.",
    "token": "That is a token or key, not a code. Don't paste it anywhere; if it was shown to others, revoke "
    "it.",
    "no-code": "The code is missing: only the part after the # came through. Copy the whole line.",
    "no-state": "The part after the code is missing. Copy everything: the whole address, or code#state.",
    "earlier-attempt": "This code belongs to an earlier attempt. Use the address shown now, and the code "
    "that follows from it.",
    "too-short": "That is too short for a code. Copy the whole line.",
    "not-a-code": "That is neither a code nor the address of the last page in the browser.",
    "used": "This code was tried already. Start again for a new one.",
    "over": "This sign-in has its answer already.",
}


@dataclass(frozen=True, slots=True)
class PasteProblem:
    """Why a paste can't be used; the sign-in goes on waiting."""

    kind: Kind
    text: str

    def __str__(self) -> str:
        return self.text


def problem(kind: Kind) -> PasteProblem:
    return PasteProblem(kind, _TEXTS[kind])


_LONGEST = 32 << 10
#: Bracketed paste, whole or with its escape character lost on the way.
_MARKERS = re.compile(r"\x1b?\[20[01]~")
_QUOTES = "\"'`“”‘’„«»‹›<>"
_SIX_DIGITS = re.compile(r"\d{3}[- ]?\d{3}")
#: RFC 6749, appendix A.11: a code is visible ASCII.
_CODE = re.compile(r"[\x21-\x7e]+")
_SHORTEST_CODE = 6
_PARAMETER = re.compile(r"(?:^|[?&])(?:code|state|error)=|#code=")
_PAIR = re.compile(r"([^=&?#/:]+)&state=([^&#]*)")


def read_paste(text: str, state: Secret) -> Callback | PasteProblem:
    """The answer in `text`, its state compared with that of this attempt; a bare code counts as its own."""
    if len(text) > _LONGEST:
        return problem("too-long")
    words = without_escapes(_MARKERS.sub("", text))
    spaced = words.strip().strip(_QUOTES).strip()
    if _SIX_DIGITS.fullmatch(spaced):
        return problem("e-mail-code")
    # White space and control characters are never part of it: they come from wrapped lines.
    joined = "".join(c for c in words if c.isprintable() and not c.isspace()).strip(_QUOTES)
    if not joined:
        return problem("nothing")
    if holds_token(joined) or any(prefix in joined for prefix, _ in KNOWN_PREFIXES):
        return problem("token")
    joined = joined.replace("&amp;", "&")
    if "code_challenge=" in joined:
        return problem("sign-in-address")
    pair = _PAIR.fullmatch(joined)
    if pair:
        return _from_pair(pair[1], pair[2], state)
    if "://" in joined or _PARAMETER.search(joined):
        return _from_address(joined, state)
    code, mark, rest = joined.partition("#")
    if mark:
        return _from_pair(code, rest, state)
    return _from_bare(joined, spaced)


def _from_address(address: str, state: Secret) -> Callback | PasteProblem:
    query, mark, fragment = address.partition("?")[2].partition("#")
    if not query:  # `code=…&state=…` alone, or everything behind a #
        query, fragment = address.replace("#", "&"), ""
    if mark and fragment:
        query += f"&{fragment}" if "=" in fragment else f"&state={fragment}"
    try:
        fields = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=60))
    except ValueError:
        return problem("not-a-code")
    code, error = fields.get("code", ""), fields.get("error", "")
    if not (code or error):
        return problem("no-code" if "state" in fields or "code" in fields else "not-a-code")
    wrong = _state_problem(fields.get("state", ""), state)
    if wrong is not None:
        return wrong
    if error:
        return Callback(None, error, fields.get("error_description", ""), fields.get("iss"))
    if not _CODE.fullmatch(code):
        return problem("not-a-code")
    return Callback(Secret(code), issuer=fields.get("iss"))


def _from_pair(code: str, rest: str, state: Secret) -> Callback | PasteProblem:
    if not code:
        return problem("no-code")
    wrong = _state_problem(rest.removeprefix("state="), state)
    if wrong is not None:
        return wrong
    return Callback(Secret(code), is_whole=False) if _CODE.fullmatch(code) else problem("not-a-code")


def _state_problem(pasted: str, state: Secret) -> PasteProblem | None:
    """A part of the right state means that the end was cut off; another one comes from an earlier attempt."""
    if pasted and Secret(pasted) == state:
        return None
    return problem("no-state" if state.reveal().startswith(pasted) else "earlier-attempt")


def _from_bare(joined: str, spaced: str) -> Callback | PasteProblem:
    # Words with single spaces between them are a sentence, not a wrapped code.
    if not _CODE.fullmatch(joined) or (" " in spaced and "\n" not in spaced and len(spaced.split()) > 3):
        return problem("not-a-code")
    if len(joined) < _SHORTEST_CODE:
        return problem("too-short")
    return Callback(Secret(joined), is_whole=False)
