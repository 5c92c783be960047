"""Who issued a certificate: just enough DER to read a name, since `ssl` tells it of trusted ones alone."""

from __future__ import annotations

from collections.abc import Iterator

from claude_auth.security.sanitize import clean

_VERSION = 0xA0
_ORGANISATION, _COMMON_NAME = b"\x55\x04\x0a", b"\x55\x04\x03"


def issuer_of(certificate: bytes) -> str | None:
    """Organisation and common name of the issuer, None where they can't be read."""
    try:
        (_, whole), *_ = _values(certificate)
        (_, signed), *_ = _values(whole)
        fields = [value for tag, value in _values(signed) if tag != _VERSION]
        names = dict(_names(fields[2]))  # serial number, algorithm, issuer
    except (IndexError, ValueError):
        return None
    words = [names[key] for key in (_ORGANISATION, _COMMON_NAME) if names.get(key)]
    return clean(", ".join(dict.fromkeys(words)), 100) or None


def _names(name: bytes) -> Iterator[tuple[bytes, str]]:
    for _, group in _values(name):
        for _, pair in _values(group):
            (_, kind), (_, value), *_ = _values(pair)
            yield kind, value.decode("utf-8", "replace")


def _values(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each value in a row."""
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 3:
                raise ValueError("a length that no certificate has")
            length = int.from_bytes(data[at : at + count])
            at += count
        if at + length > len(data):
            raise ValueError("a value that ends too early")
        yield tag, data[at : at + length]
        at += length
