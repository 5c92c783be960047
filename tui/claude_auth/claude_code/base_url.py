"""The host that a base URL leads to, as a client written in JavaScript reads it: by the WHATWG URL standard
[seen, 2.1.332]. The first look needs it, so it is written here and imports no library."""

from __future__ import annotations

import re

from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import Secret

_DEFAULT_PORTS = {"http": 80, "https": 443}
_BLANKS = "".join(map(chr, range(0x21)))
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_FORBIDDEN = frozenset(f"{_BLANKS}#/:<>?@[\\]^|%\x7f")
#: What the mapping of international names leaves out: soft hyphens, joiners, variation selectors.
_LEFT_OUT = dict.fromkeys((0xAD, 0x200B, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10)))

FIRST_PARTY_HOST = "api.anthropic.com"

NO_SCHEME = "it does not start with https:// and a host"
NO_HOST = "its host or port can't be read"


class BaseUrl(NamedTuple):
    """`host`: with its port, but for the scheme's usual one. `sign_in`: the user name and the password before
    an `@`, as a Basic header has them. `cut`: a `?` or `#` of its own swallows the path that is asked for."""

    scheme: str
    host: str
    path: str
    sign_in: Secret | None = None
    cut: bool = False


class UrlError(ValueError):
    """Its text is one sentence without any of the value."""


def read_base_url(base: str, asked: str) -> BaseUrl:
    """Where a request for the path `asked` goes, which the client puts behind `base` before it reads the
    whole. Raises UrlError where the client would not send any."""
    text = base.strip(_BLANKS)
    text += asked[1:] if text.endswith("/") else asked
    for dropped in "\t\n\r":
        text = text.replace(dropped, "")
    found = _SCHEME.match(text)
    if found is None:
        raise UrlError(NO_SCHEME)
    scheme, rest = found[1].lower(), found[2]
    if scheme not in _DEFAULT_PORTS:
        return _without_scheme(scheme, rest, asked)
    rest, hashed, _ = rest.replace("\\", "/").lstrip("/").partition("#")
    rest, queried, _ = rest.partition("?")
    authority, slash, path = rest.partition("/")
    user, _, place = authority.rpartition("@")
    name, port = _split_port(place)
    number = _port(port)
    host = _host_name(name)
    if number is not None and number != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{number}"
    cut = bool(hashed or queried)
    path = slash + path
    return BaseUrl(scheme, host, path if cut else path.removesuffix(asked), _sign_in(user), cut)


def is_first_party(base: str) -> bool:
    """Whether it leads to Anthropic's own API by https."""
    try:
        found = read_base_url(base, "/v1/messages")
    except UrlError:
        return False
    return (found.scheme, found.host) == ("https", FIRST_PARTY_HOST)


def _without_scheme(name: str, rest: str, asked: str) -> BaseUrl:
    """`gateway:8080` has no scheme, or rather one that nobody knows: it is asked by plain http [seen, 2.1.328
    and 2.1.332], whatever the port, which is named even where it is the usual one."""
    port, slash, path = rest.partition("/")
    if not port.isascii() or not port.isdigit():
        raise UrlError(NO_SCHEME)
    number = _port(port)
    return BaseUrl("http", f"{_host_name(name)}:{number}", (slash + path).removesuffix(asked))


def _sign_in(user: str) -> Secret | None:
    """`%xx` is decoded to bytes; where that can't be, and where both parts are empty, there is none."""
    if not user.strip(":") or re.search("%(?![0-9A-Fa-f]{2})", user):
        return None
    from binascii import b2a_base64

    name, _, password = user.partition(":")
    return Secret(b2a_base64(_percent_bytes(f"{name}:{password}"), newline=False).decode("ascii"))


def _split_port(place: str) -> tuple[str, str]:
    name, bracket, behind = place.rpartition("]")
    if bracket:
        return f"{name}]", behind.removeprefix(":")
    name, _, port = place.partition(":")
    return name, port


def _port(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text.lstrip("0")) > 5 or int(text) > 65535:
        raise UrlError(NO_HOST)
    return int(text)


# ── names and addresses ──────────────────────────────────────────────────────────────────────────


def _host_name(text: str) -> str:
    if text.startswith("["):
        return f"[{_ipv6(text[1:-1])}]"
    name = _ascii_name(_percent_decoded(text))
    if not name or any(character in _FORBIDDEN for character in name):
        raise UrlError(NO_HOST if name else NO_SCHEME)
    labels = name.removesuffix(".").split(".")
    return _ipv4(labels) if _is_number(labels[-1]) else name


def _percent_decoded(text: str) -> str:
    if "%" not in text:
        return text
    return _percent_bytes(text).decode("utf-8", "replace")


def _percent_bytes(text: str) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), text.encode())


def _ascii_name(name: str) -> str:
    """Lower case, and international names as they stand in DNS. `ß` is kept, unlike in Python's own codec."""
    if name.isascii() and "xn--" not in name.lower():
        return name.lower()
    return ".".join(map(_ascii_label, _mapped(name).split(".")))


def _mapped(name: str) -> str:
    import unicodedata  # most hosts are ASCII

    plain = unicodedata.normalize("NFKC", name.translate(_LEFT_OUT)).lower().replace("\u3002", ".")
    return unicodedata.normalize("NFC", plain)


def _ascii_label(label: str) -> str:
    """One that is written for DNS already must be what the mapping leaves as it is."""
    if not label.isascii():
        _check_letters(label)
        return f"xn--{label.encode('punycode').decode('ascii')}"
    if label.startswith("xn--"):
        try:
            text = label[4:].encode("ascii").decode("punycode")
        except UnicodeError:
            raise UrlError(NO_HOST) from None
        if text.isascii() or _mapped(text) != text:
            raise UrlError(NO_HOST)
        _check_letters(text)
    return label


def _check_letters(label: str) -> None:
    """No control sign, a joiner only where it changes the letter before it, and letters of both directions
    not in one label. Whether a non-joiner is right between two Arabic letters is not looked into."""
    from unicodedata import bidirectional, category, combining

    directions = {bidirectional(letter) for letter in label}
    mixed = bool(directions & {"R", "AL"}) and "L" in directions
    bad = mixed or category(label[0]).startswith("M")
    for before, letter in zip(f" {label}", label, strict=False):
        joins = letter in "\u200c\u200d" and (
            combining(before) == 9 or (letter == "\u200c" and bidirectional(before) == "AL")
        )
        bad = bad or (category(letter).startswith("C") and not joins)
    if bad:
        raise UrlError(NO_HOST)


def _is_number(label: str) -> bool:
    return (label.isascii() and label.isdigit()) or re.fullmatch(r"0[xX][0-9A-Fa-f]*", label) is not None


def _ipv4(labels: list[str]) -> str:
    """Up to four numbers, decimal, octal or hexadecimal; the last one fills what is left."""
    if len(labels) > 4:
        raise UrlError(NO_HOST)
    try:
        *first, last = [_number(label) for label in labels]
    except ValueError:
        raise UrlError(NO_HOST) from None
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(labels)):
        raise UrlError(NO_HOST)
    value = last + sum(number << 8 * (3 - place) for place, number in enumerate(first))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _number(label: str) -> int:
    if label[:2].lower() == "0x":
        return int(label[2:] or "0", 16)
    return int(label, 8 if len(label) > 1 and label[0] == "0" else 10)


def _ipv6(text: str) -> str:
    """In its shortest form: the longest run of at least two zeros becomes `::`."""
    from ipaddress import IPv6Address  # few gateways are named by such an address

    try:
        address = IPv6Address(text)
    except ValueError:
        raise UrlError(NO_HOST) from None
    if address.scope_id is not None:
        raise UrlError(NO_HOST)
    packed = address.packed
    groups = [f"{packed[i] << 8 | packed[i + 1]:x}" for i in range(0, 16, 2)]
    runs = re.finditer(r"(?:^|(?<=:))0(?::0)+(?=:|$)", whole := ":".join(groups))
    longest = max(runs, key=lambda run: len(run[0]), default=None)
    if longest is None:
        return whole
    return f"{whole[: longest.start()].rstrip(':')}::{whole[longest.end() :].lstrip(':')}"
