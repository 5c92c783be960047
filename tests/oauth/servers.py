"""Small servers that misbehave, and a browser that is none: it keeps cookies and sends forms."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import httpx

Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def talking(talk: Talk, *, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server whose `talk` gets each connection; the value is its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def one(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            with connection:
                talk(connection)
        connection.close()

    def accept() -> None:
        threads = []
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                break
            connection.settimeout(60)
            thread = threading.Thread(target=one, args=(connection,))
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join()

    server = threading.Thread(target=accept)
    server.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        listener.close()
        server.join()


def read_request(connection: socket.socket) -> bytes:
    """Head and body of one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(4096)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(4096)
    return head + b"\r\n\r\n" + body


def saying(answer: bytes, asked: list[bytes] | None = None) -> Talk:
    """Reads a request and sends `answer`."""

    def talk(connection: socket.socket) -> None:
        request = read_request(connection)
        if asked is not None:
            asked.append(request)
        connection.sendall(answer)

    return talk


def http(body: bytes, *, status: str = "200 OK", more: str = "") -> bytes:
    kind = "Content-Type: application/json"
    return f"HTTP/1.1 {status}\r\n{kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


def raw(port: int, data: bytes, *, host: str = "127.0.0.1", half_close: bool = False) -> bytes:
    """Sends bytes and reads until the other side closes."""
    answer = b""
    with socket.create_connection((host, port), timeout=60) as connection:
        connection.sendall(data)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(4096):
                answer += chunk
    return answer


def get(port: int, target: str, *, host: str | None = None, method: str = "GET", more: str = "") -> bytes:
    name = f"localhost:{port}" if host is None else host
    return raw(port, f"{method} {target} HTTP/1.1\r\nHost: {name}\r\n{more}\r\n".encode())


# ── certificates ─────────────────────────────────────────────────────────────────────────────────


def self_signed(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for localhost that nobody trusts, as a file and ready to serve with."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Zealous TLS Inspection Ltd"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Inspection Root 7"),
        ]
    )
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, key_path = folder / "root.pem", folder / "key.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key_path)
    return path, context


# ── a browser ────────────────────────────────────────────────────────────────────────────────────


class _Form(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = values["action"]
        elif tag == "input":
            self.fields[values["name"]] = values.get("value", "")


class StandInBrowser:
    """Keeps cookies over its lifetime, like a person's browser."""

    def __init__(self) -> None:
        self._client = httpx.Client(trust_env=False, timeout=60)

    def __enter__(self) -> StandInBrowser:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def open(self, url: str) -> httpx.Response:
        return self._client.get(url, follow_redirects=True)

    def submit(self, page: httpx.Response, *, follow: bool = True, **fields: str) -> httpx.Response:
        form = _Form(page.text)
        target = urljoin(str(page.url), form.action)
        return self._client.post(target, data=form.fields | fields, follow_redirects=follow)

    def consent_page(self, url: str, name: str = "ada", password: str = "engine") -> httpx.Response:
        page = self.open(url)
        return self.submit(page, name=name, password=password) if "<h1>Sign in" in page.text else page

    def sign_in(self, url: str, decision: str = "allow") -> httpx.Response:
        """The last page: ours, or the one that shows the code."""
        return self.submit(self.consent_page(url), decision=decision)

    def redirect(self, url: str, decision: str = "allow") -> str:
        """Where the browser would be sent at the end; it doesn't go there."""
        return self.submit(self.consent_page(url), follow=False, decision=decision).headers["location"]
