"""Servers on loopback that stand for the hosts of the real world: certificates for any name, a proxy."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.oauth.servers import Talk, talking

_TAKEN: list[socket.socket] = []


def authority(folder: Path, organisation: str, names: tuple[str, ...]) -> tuple[Path, ssl.SSLContext]:
    """A root certificate as a PEM file, and a server's context with a certificate of it for `names`."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    now = datetime.datetime.now(datetime.UTC)

    def certificate(
        subject: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, alternatives: bool
    ) -> x509.Certificate:
        issuer = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)])
        own = issuer if subject == organisation else x509.Name([])
        builder = (
            x509.CertificateBuilder()
            .subject_name(own)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=not alternatives, path_length=None), critical=True)
        )
        if alternatives:
            entries: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
            entries.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
            builder = builder.add_extension(x509.SubjectAlternativeName(entries), critical=True)
        return builder.sign(signer, hashes.SHA256())

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = certificate(organisation, root_key, root_key, alternatives=False)
    leaf = certificate("leaf", key, root_key, alternatives=True)
    path, key_path = folder / "authority.pem", folder / "leaf.pem"
    path.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + leaf.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(key_path)
    return path, context


@contextlib.contextmanager
def proxy(target_port: int, asked: list[bytes], status: str = "200 OK") -> Iterator[int]:
    """Answers CONNECT and leads everything to one port of this machine, whatever host was named."""

    def talk(connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = connection.recv(4096)
            if not chunk:
                return
            head += chunk
        asked.append(head)
        connection.sendall(f"HTTP/1.1 {status}\r\n\r\n".encode())
        if not status.startswith("200"):
            return
        with socket.create_connection(("127.0.0.1", target_port), timeout=10) as other:
            pump = threading.Thread(target=_pump, args=(other, connection))
            pump.start()
            _pump(connection, other)
            pump.join(10)

    with talking(talk) as port:
        yield port


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@cache
def unused_port() -> int:
    """Nobody listens there, nor will: it stays taken as long as this process lives."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    _TAKEN.append(taken)
    return int(taken.getsockname()[1])


__all__ = ["Talk", "authority", "proxy", "talking", "unused_port"]
