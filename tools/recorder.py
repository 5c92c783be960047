"""A proxy on loopback that answers every request itself and keeps what was asked, for `observe_client.py`.

It ends TLS with an authority made for the run, refuses every inference request with the documented 400, and
gives tokens whose value says how they were asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: What an access token that the recorder gave begins with; the grant type follows.
MINTED = "sk-ant-oat01-MINTED-"
_INFERENCE = ("/v1/messages", "/invoke", ":streamRawPredict", ":rawPredict")
_REFUSED = {"type": "error", "error": {"type": "invalid_request_error", "message": "recorded"}}
_NOT_FOUND = {"type": "error", "error": {"type": "not_found_error", "message": "nothing here"}}


@dataclass(frozen=True)
class Request:
    """One request as it came; names of headers in lower case, the last one of a name."""

    host: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def is_inference(self) -> bool:
        return self.method == "POST" and any(part in self.path for part in _INFERENCE)

    @property
    def asks_whether_changed(self) -> bool:
        return self.method == "GET" and "if-none-match" in self.headers

    @property
    def is_token(self) -> bool:
        return self.path.partition("?")[0].endswith("/v1/oauth/token")


class Authority:
    """Certificates for any host, below a root of its own in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._contexts: dict[str, ssl.SSLContext] = {}
        root = self._certificate("Recorder", self._key.public_key(), x509.BasicConstraints(True, None))
        self.path = folder / "authority.pem"
        self.path.write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def _certificate(
        self, name: str, key: ec.EllipticCurvePublicKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(_name(name[:60]))
            .issuer_name(_name("Recorder"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(self._key, hashes.SHA256())
        )

    def context(self, host: str) -> ssl.SSLContext:
        if host not in self._contexts:
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            leaf = self._certificate(host, self._leaf_key.public_key(), names)
            key = self._leaf_key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            path = self._folder / f"{len(self._contexts)}.pem"
            path.write_bytes(leaf.public_bytes(serialization.Encoding.PEM) + key)
            self._contexts[host] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._contexts[host].load_cert_chain(path)
        return self._contexts[host]


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Recorder:
    """The proxy. `requests`: all that came, in order."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self.requests: list[Request] = []
        self.port = 0

    async def __aenter__(self) -> Recorder:
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError):
            line = await reader.readline()
            host = ""
            if line.startswith(b"CONNECT "):
                host = line.split()[1].decode("latin-1").removesuffix(":443")
                await _headers(reader)
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                await writer.drain()
                await writer.start_tls(self._authority.context(host.rpartition(":")[0] or host))
                line = await reader.readline()
            while line:
                await self._answer(await _request(reader, line, host), writer)
                line = await reader.readline()
        writer.close()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.requests.append(request)
        status, document = reply(request)
        content = b"" if request.method == "HEAD" or status == 304 else json.dumps(document).encode()
        head = (
            f"HTTP/1.1 {status} recorded\r\ncontent-type: application/json\r\ncontent-length: {len(content)}"
        )
        writer.write(f"{head}\r\nx-should-retry: false\r\n\r\n".encode() + content)
        await writer.drain()


def reply(request: Request) -> tuple[int, dict[str, Any]]:
    """What a server would say: tokens to whoever asks for them, that nothing changed where the client has an
    answer already (a 404 would take the settings of a server from it), no to everything else."""
    if request.is_token:
        return 200, {
            "access_token": MINTED + grant_type(request.body),
            "refresh_token": "sk-ant-ort01-MINTED",
            "expires_in": 28_800,
            "scope": "user:inference user:profile",
            "token_type": "Bearer",
        }
    if request.asks_whether_changed:
        return 304, {}
    return (400, _REFUSED) if request.is_inference else (404, _NOT_FOUND)


def grant_type(body: bytes) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        said = dict(parse_qsl(body.decode("utf-8", "replace")))
    return str(said.get("grant_type", "")).rpartition(":")[2]


async def _headers(reader: asyncio.StreamReader) -> dict[str, str]:
    found = {}
    while (line := await reader.readline()) not in {b"\r\n", b"\n", b""}:
        name, _, value = line.decode("latin-1").rstrip("\r\n").partition(":")
        found[name.strip().lower()] = value.strip(" ")
    return found


async def _request(reader: asyncio.StreamReader, line: bytes, host: str) -> Request:
    """A request whose first line was read; one to a proxy names its host there."""
    method, target = line.decode("latin-1").split(" ")[:2]
    headers = await _headers(reader)
    if target.startswith("http://"):
        host, _, path = target.removeprefix("http://").partition("/")
        host, target = host.removesuffix(":80"), f"/{path}"
    return Request(host, method, target, headers, await _body(reader, headers))


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    body = b""
    if "chunked" in headers.get("transfer-encoding", ""):
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
    return body
