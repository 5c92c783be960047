"""What is configured about the network: certificate files and the table of hosts. No connection is made."""

from __future__ import annotations

import os

from claude_auth.model import Damage, Location, Snapshot
from claude_auth.model.surroundings import CertificateFile, HostsFile
from claude_auth.observe.files import read_file
from claude_auth.observe.viewpoint import Viewpoint
from claude_auth.security.sanitize import clean, shown_path

CERTIFICATE_VARIABLES = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
#: A bundle of all public authorities is a quarter of this.
CERTIFICATE_LIMIT = 1 << 20
#: Block lists fill tables of hosts with a hundred thousand lines.
HOSTS_LIMIT = 8 << 20

#: Requests, sign-in and refresh, and the page that a person signs in on [behaviour.md section 4].
NEEDED_HOSTS = frozenset({"api.anthropic.com", "platform.claude.com", "claude.ai", "claude.com"})

_BEGIN = (b"-----BEGIN CERTIFICATE-----", b"-----BEGIN TRUSTED CERTIFICATE-----")


def certificate_files(snapshot: Snapshot, view: Viewpoint) -> tuple[CertificateFile, ...]:
    """What the variables name, whether it would be loaded."""
    found = []
    for name in CERTIFICATE_VARIABLES:
        for assignment in snapshot.variables.get(name, ())[:1]:
            value = assignment.value.reveal()
            if not value:
                continue
            path = os.path.join(view.cwd, value)
            damage = _damage_of(path, value, snapshot.observed_at)
            found.append(CertificateFile(name, shown_path(path), assignment.origin, damage))
    for assignment in snapshot.variables.get("SSL_CERT_DIR", ())[:1]:
        value = assignment.value.reveal()
        if value and not any(_is_directory(os.path.join(view.cwd, part)) for part in value.split(":")):
            damage = Damage("missing", "the directory is not there")
            found.append(CertificateFile("SSL_CERT_DIR", shown_path(value), assignment.origin, damage))
    return tuple(found)


def _is_directory(path: str) -> bool:
    try:
        return os.path.isdir(path)
    except ValueError:
        return False


def _damage_of(path: str, value: str, now: float) -> Damage | None:
    read = read_file(path, CERTIFICATE_LIMIT)
    if read.content is None:
        if value.startswith("~"):
            return Damage("tilde", "~ stands for the home directory in a shell only; here it is a name")
        return read.damage
    content = read.content
    if not content.strip():
        return Damage("empty", "the file is empty")
    if not any(mark in content for mark in _BEGIN):
        if content[:1] == b"\x30" and content[1:2] >= b"\x80":
            return Damage("der", "the file is in the binary DER form; PEM text is needed")
        return Damage("not-pem", "the file holds no certificate in PEM form")
    return _parsed(content, now)


def _parsed(content: bytes, now: float) -> Damage | None:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=content.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError):
        return Damage("not-a-certificate", "a certificate in the file can't be read")
    ends = [
        ssl.cert_time_to_seconds(end)
        for certificate in context.get_ca_certs()
        if isinstance(end := certificate.get("notAfter"), str)
    ]
    if ends and max(ends) < now:
        return Damage("expired", "every certificate authority in the file has expired")
    return None


def hosts_file(view: Viewpoint) -> HostsFile:
    """The addresses of localhost, and the lines that decide where a host of Claude's is."""
    path = view.system("/etc/hosts")
    read = read_file(path, HOSTS_LIMIT)
    if read.content is None:
        return HostsFile(path, read.damage)
    localhost: list[str] = []
    pinned: list[tuple[str, str, Location]] = []
    for number, line in enumerate(read.content.decode("utf-8", "replace").splitlines(), 1):
        address, *names = line.partition("#")[0].split() or [""]
        for name in (name.lower().rstrip(".") for name in names):
            if name == "localhost" and address not in localhost:
                localhost.append(clean(address, 60))
            elif name in NEEDED_HOSTS:
                pinned.append((name, clean(address, 60), Location(path, number)))
    return HostsFile(path, None, tuple(localhost[:20]), tuple(pinned[:20]))


def has_ipv6(view: Viewpoint) -> bool | None:
    """Whether the kernel has any IPv6 address; None where there is no such table to look at."""
    if not _is_directory(view.system("/proc/net")):
        return None
    return bool((read_file(view.system("/proc/net/if_inet6")).content or b"").strip())
