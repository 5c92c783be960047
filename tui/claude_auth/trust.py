"""Certificates: whom a TLS connection trusts and by which variable, who issued one, and who looks inside.

`trust("ours")` is for every connection of this program: sign-in, refresh, discovery, revocation, the probe.
`trust("claude-code")` is what Claude Code would trust, so that a check of the network tells what it meets.
A snapshot and a network check read what a variable names by the same function as a connection does.

What Claude Code does was [seen] with 2.1.332 against a private authority on loopback. REQUESTS_CA_BUNDLE,
CURL_CA_BUNDLE and AWS_CA_BUNDLE are other programs': neither reads them (boto3, in its own process, does).
NODE_USE_SYSTEM_CA and `NODE_OPTIONS=--use-bundled-ca` change nothing in that version.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from claude_auth.files import list_directory, read_file
from claude_auth.model import Damage
from claude_auth.model.surroundings import certificate_words
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import clean, shown_path

if TYPE_CHECKING:
    import ssl

Who = Literal["ours", "claude-code"]
#: `replaces`: these authorities instead of the usual ones. `adds`: on top of them.
Effect = Literal["replaces", "adds"]


class CertificateVariable(NamedTuple):
    """What a variable does for each; `from_settings`: Claude Code reads it in a settings file's `env` too.
    `ignoring`: what Claude Code does where it names nothing that can be loaded [seen]."""

    name: str
    ours: Effect
    claude_code: Effect
    from_settings: bool
    ignoring: str


VARIABLES: tuple[CertificateVariable, ...] = (
    # As OpenSSL, Python and curl take them; Claude Code reads them beside the system's own files.
    CertificateVariable("SSL_CERT_FILE", "replaces", "adds", False, "goes on without it and says nothing"),
    CertificateVariable("SSL_CERT_DIR", "replaces", "adds", False, "goes on without it and says nothing"),
    CertificateVariable("NODE_EXTRA_CA_CERTS", "adds", "adds", True, "warns and goes on without it"),
)
BY_NAME = {variable.name: variable for variable in VARIABLES}
_DIRECTORIES = "SSL_CERT_DIR"

#: Claude Code alone: a list of `bundled` (its own authorities) and `system` (the system's, with SSL_CERT_*);
#: both where it is unset or names neither.
STORE_VARIABLE = "CLAUDE_CODE_CERT_STORE"

#: A bundle of all public authorities is a twentieth of this.
CERTIFICATE_LIMIT = 4 << 20
_MOST_FILES = 1000


class NamedCertificates(NamedTuple):
    """What a variable names; `path` may be shown. `damage`: a code of a file's, or `tilde`, `empty`, `der`,
    `not-pem`, `not-a-certificate`, `expired`."""

    variable: str
    path: str
    certificates: tuple[bytes, ...] = ()
    damage: Damage | None = None

    @property
    def is_usable(self) -> bool:
        """What has expired can be loaded, and then trusts nobody."""
        return bool(self.certificates)

    @property
    def sentence(self) -> str:
        return certificate_words(self.variable, self.path, self.damage)


class UnusableCertificates(Exception):  # noqa: N818
    """A variable names what can't be loaded, so no connection of ours is made."""

    def __init__(self, named: NamedCertificates) -> None:
        super().__init__(named.sentence)
        self.named = named


# ── whom ─────────────────────────────────────────────────────────────────────────────────────────


def trust(who: Who, environ: Mapping[str, str] | None = None, cwd: str | None = None) -> ssl.SSLContext:
    """For `ours` raises UnusableCertificates where a variable names what can't be loaded; Claude Code goes on
    without it. `environ` and `cwd`: this process's, where they aren't given."""
    import ssl

    environ = os.environ if environ is None else environ
    named = [read_named(name, environ[name], cwd) for name in BY_NAME if environ.get(name)]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if who == "ours":
        bad = next((one for one in named if not one.is_usable), None)
        if bad is not None:
            raise UnusableCertificates(bad)
        if not any(BY_NAME[one.variable].ours == "replaces" for one in named):
            _load_bundled(context)
            _load_system(context)
    else:
        store = certificate_store(environ)
        if "bundled" in store:
            _load_bundled(context)
        if "system" in store:
            _load_system(context)
        else:
            named = [one for one in named if not one.variable.startswith("SSL_")]
    for one in named:
        for certificate in one.certificates:
            context.load_verify_locations(cadata=certificate)
    return context


def certificate_store(environ: Mapping[str, str]) -> frozenset[str]:
    """Which of `bundled` and `system` Claude Code takes authorities from."""
    words = {word.strip() for word in environ.get(STORE_VARIABLE, "").lower().split(",")}
    return frozenset(words & {"bundled", "system"}) or frozenset({"bundled", "system"})


def unchecked() -> ssl.SSLContext:
    """To look at a certificate only; nothing of ours is sent over it."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _load_bundled(context: ssl.SSLContext) -> None:
    import certifi

    context.load_verify_locations(certifi.where())


def _load_system(context: ssl.SSLContext) -> None:
    """The paths as they were built in: OpenSSL itself would let SSL_CERT_FILE replace them."""
    import ssl

    paths = ssl.get_default_verify_paths()
    file = paths.openssl_cafile if os.path.isfile(paths.openssl_cafile) else None
    folder = paths.openssl_capath if os.path.isdir(paths.openssl_capath) else None
    if file or folder:
        with contextlib.suppress(OSError):  # ssl.SSLError is one
            context.load_verify_locations(file, folder)


# ── what a variable names ────────────────────────────────────────────────────────────────────────


def read_named(name: str, value: str, cwd: str | None = None, now: float | None = None) -> NamedCertificates:
    """What the variable's value names, relative to `cwd`; never raises, never blocks. With `now`, whether all
    of it has expired is looked at too."""
    if name == _DIRECTORIES:
        return _read_directories(name, value, cwd)
    path = _joined(cwd, value)
    certificates, damage = _read_certificates(path)
    if damage is not None and damage.is_missing and value.startswith("~"):
        damage = Damage("tilde", "~ stands for the home directory in a shell only; here it is a name")
    if damage is None and now is not None and _have_expired(certificates, now):
        damage = Damage("expired", "every certificate authority in the file has expired")
    return NamedCertificates(name, shown_path(path), certificates, damage)


def _joined(cwd: str | None, path: str) -> str:
    try:
        return os.path.join(os.getcwd() if cwd is None else cwd, path)
    except OSError:  # the working directory was removed
        return path


def _read_directories(name: str, value: str, cwd: str | None) -> NamedCertificates:
    """Every file in them counts, whatever it is called: so Claude Code takes them [seen]."""
    folders = [_joined(cwd, part) for part in value.split(":") if part]
    there = [folder for folder in folders if os.path.isdir(folder)]
    if not there:
        damage = Damage("missing", "the directory is not there")
        return NamedCertificates(name, shown_path(value), damage=damage)
    found: dict[bytes, None] = {}
    room = CERTIFICATE_LIMIT
    for folder in there:
        for entry in list_directory(folder, _MOST_FILES):
            certificates, _ = _read_certificates(os.path.join(folder, entry), room)
            for certificate in certificates:
                if certificate not in found:
                    found[certificate] = None
                    room -= len(certificate)
    words = "no file in the directory holds a certificate in PEM form"
    return NamedCertificates(
        name, shown_path(value), tuple(found), None if found else Damage("not-pem", words)
    )


def _read_certificates(path: str, limit: int = CERTIFICATE_LIMIT) -> tuple[tuple[bytes, ...], Damage | None]:
    """The certificates of a file that can be loaded, in DER; the damage where there is none."""
    read = read_file(path, max(0, limit))
    if read.content is None:
        return (), read.damage or Damage("missing", "the file is not there")
    content = read.content
    if not content.strip():
        return (), Damage("empty", "the file is empty")
    blocks = tuple(_pem_blocks(content))
    if not blocks:
        if content[:1] == b"\x30" and content[1:2] >= b"\x80":
            return (), Damage("der", "the file is in the binary DER form; PEM text is needed")
        return (), Damage("not-pem", "the file holds no certificate in PEM form")
    found = tuple(_loadable(blocks))
    if not found:
        return (), Damage("not-a-certificate", "a certificate in the file can't be read")
    return found, None


_PEM_BEGIN, _PEM_LABEL_END, _PEM_END = b"-----BEGIN ", b"-----", b"-----END "


def _pem_blocks(content: bytes) -> Iterator[bytes]:
    """What stands between BEGIN and END, decoded; of a trusted certificate without what OpenSSL adds."""
    import base64

    for part in content.split(_PEM_BEGIN)[1:]:
        label, _, rest = part.partition(_PEM_LABEL_END)
        if label in {b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"}:
            try:
                decoded = base64.b64decode(b"".join(rest.partition(_PEM_END)[0].split()))
            except ValueError:
                decoded = b""
            yield _first_value(decoded) if label.startswith(b"TRUSTED") else decoded


def _loadable(blocks: tuple[bytes, ...]) -> Iterator[bytes]:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for block in blocks:
        try:
            context.load_verify_locations(cadata=block)
        except (ssl.SSLError, ValueError):
            continue
        yield block


def _have_expired(certificates: tuple[bytes, ...], now: float) -> bool:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for certificate in certificates:
        context.load_verify_locations(cadata=certificate)
    ends = [
        ssl.cert_time_to_seconds(end)
        for authority in context.get_ca_certs()
        if isinstance(end := authority.get("notAfter"), str)
    ]
    return bool(ends) and max(ends) < now


# ── who issued one ───────────────────────────────────────────────────────────────────────────────

#: Makers of programs that put themselves into TLS connections, as they name their certificates.
INSPECTORS: tuple[str, ...] = tuple(
    """zscaler, netskope, palo alto, fortinet, fortigate, forcepoint, websense, blue coat, bluecoat,
    symantec web, cisco umbrella, cisco secure, check point, barracuda, sophos, mcafee web, skyhigh, iboss,
    cato networks, menlo security, cloudflare for teams, gateway ca - cloudflare, kaspersky, avast, avg web,
    eset ssl, bitdefender, adguard, mitmproxy, charles proxy, fiddler, portswigger, squid, untangle,
    inspection""".replace("\n    ", " ").split(", ")
)


def is_inspector(issuer: str) -> bool:
    name = issuer.lower()
    return any(word in name for word in INSPECTORS)


_VERSION = 0xA0
_ORGANISATION, _COMMON_NAME = b"\x55\x04\x0a", b"\x55\x04\x03"


def issuer_of(certificate: bytes) -> str | None:
    """Organisation and common name of the issuer, None where they can't be read. Just enough DER for a name,
    since `ssl` tells it of trusted certificates alone."""
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
        tag, start, end = _extent(data, at)
        yield tag, data[start:end]
        at = end


def _first_value(data: bytes) -> bytes:
    try:
        return data[: _extent(data, 0)[2]]
    except (IndexError, ValueError):
        return b""


def _extent(data: bytes, at: int) -> tuple[int, int, int]:
    """The tag at `at`, and where its content begins and ends."""
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
    return tag, at, at + length
