"""A value that can't be printed, logged, pickled or compared with plain text by accident; and which are the
tokens of a Claude account."""

from __future__ import annotations

import base64
import binascii
import contextlib
import functools
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import NoReturn, ParamSpec, Protocol, TypeVar
from urllib.parse import unquote

_Parameters = ParamSpec("_Parameters")
_Answer = TypeVar("_Answer")

#: Prefixes that Anthropic's documents and users have shown, and the kind that each one names [seed 004].
#: The kind says what the value is, not where it came from: setup tokens are `oat01` too.
KNOWN_PREFIXES: tuple[tuple[str, str], ...] = (
    ("sk-ant-oat01-", "oauth-access-token"),
    ("sk-ant-ort01-", "oauth-refresh-token"),
    ("sk-ant-api03-", "api-key"),
    ("sk-ant-oat", "oauth-access-token"),
    ("sk-ant-ort", "oauth-refresh-token"),
    ("sk-ant-api", "api-key"),
    ("sk-ant-admin", "admin-key"),
)

#: From this length on the last four characters tell keys apart without giving anything away.
LENGTH_THAT_SHOWS_ITS_END = 40

#: What JavaScript's `trim` removes: Claude Code trims with it [seen: no-break space and byte order mark go,
#: a zero-width space stays].
WHITE_SPACE = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


class _Hash(Protocol):
    def hexdigest(self) -> str: ...


class Secret:
    """Text that only `reveal` gives out; everything else sees the mask or the fingerprint."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one place that needs it."""
        return self._value

    @property
    def is_empty(self) -> bool:
        return not self._value

    @property
    def is_blank(self) -> bool:
        """Empty, or nothing but white space."""
        return not self._value.strip(WHITE_SPACE)

    def stripped(self) -> Secret:
        """Without the white space around it, as Claude Code sends it."""
        return Secret(self._value.strip(WHITE_SPACE))

    @property
    def unsendable(self) -> str | None:
        """The first thing in the value that no HTTP header can carry, in words; None where all is well."""
        for character in self._value:
            if character in "\r\n":
                return "a line break"
            if character == "\0":
                return "a NUL character"
            if character > "\xff":
                return (
                    "an invisible character" if not character.isprintable() else "a character outside Latin-1"
                )
        return None

    @property
    def prefix(self) -> str:
        """The known prefix, or an empty string."""
        return next((prefix for prefix, _ in KNOWN_PREFIXES if self._value.startswith(prefix)), "")

    @property
    def kind(self) -> str:
        """`api-key`, `oauth-access-token`, `oauth-refresh-token`, `admin-key` or `unknown`."""
        for prefix, kind in KNOWN_PREFIXES:
            if self._value.startswith(prefix):
                return kind
        return "unknown"

    @property
    def masked(self) -> str:
        """Known prefix, an ellipsis, and the last four characters of a long value."""
        if not self._value:
            return "(empty)"
        end = self._value[-4:] if len(self._value) >= LENGTH_THAT_SHOWS_ITS_END else ""
        return f"{self.prefix}…{end if end.isascii() and end.isprintable() else ''}"

    @property
    def fingerprint(self) -> str:
        """First 8 hex digits of SHA-256 of the UTF-8 bytes."""
        return _sha256()(self._bytes()).hexdigest()[:8]

    def _bytes(self) -> bytes:
        try:  # what the environment held as bytes that are no UTF-8
            return self._value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # a lone surrogate from a JSON escape
            return self._value.encode("utf-8", "surrogatepass")

    def __repr__(self) -> str:
        return f"<Secret {self.fingerprint}>"

    __str__ = __repr__

    def __format__(self, specification: str) -> str:
        return format(repr(self), specification)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Secret):
            from _operator import _compare_digest  # that of hmac, which loads OpenSSL

            return _compare_digest(self._bytes(), other._bytes())
        if isinstance(other, str | bytes):
            raise TypeError("a Secret is compared with another Secret, never with plain text")
        return False

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __len__(self) -> int:
        return len(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied out of the process")


@functools.cache
def _sha256() -> Callable[[bytes], _Hash]:
    """The interpreter's own where it has one, as `random` of the standard library does it: hashlib loads
    OpenSSL, 5 MB and a twentieth of the time of `status`."""
    for module in ("_sha2", "_sha256", "hashlib"):
        with contextlib.suppress(ImportError):
            made: Callable[[bytes], _Hash] = import_module(module).sha256
            return made
    raise ImportError("this Python has no SHA-256")


def without_locals(function: Callable[_Parameters, _Answer]) -> Callable[_Parameters, _Answer]:
    """An exception that leaves `function` keeps its traceback, but no local variables of the calls below:
    parsers hold plain text, and some reports of a crash print every local."""

    @functools.wraps(function)
    def guarded(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Answer:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            _forget_locals(error)
            raise

    return guarded


def _forget_locals(error: BaseException | None) -> None:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        step = error.__traceback__
        while step is not None:
            with contextlib.suppress(RuntimeError):  # still running: the frames around the call
                step.tb_frame.clear()
            step = step.tb_next
        error = error.__cause__ or error.__context__


def holds_access_token(text: str) -> bool:
    return any("sk-ant-oat" in form for form in _forms(text))


def holds_token(text: str) -> bool:
    """An access or refresh token of a Claude account, however it is wrapped."""
    return any("sk-ant-oat" in form or "sk-ant-ort" in form for form in _forms(text))


def _forms(text: str) -> Iterator[str]:
    lowered = text.lower()
    yield lowered
    yield unquote(lowered)
    for word in text.replace(",", " ").split():
        if len(word) > 12:
            for alphabet in (None, b"-_"):
                try:
                    raw = base64.b64decode(word + "=" * (-len(word) % 4), alphabet)
                except (ValueError, binascii.Error):
                    continue
                yield raw.decode("latin-1").lower()
