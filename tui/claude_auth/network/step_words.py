"""What went wrong at a step, or came back, as a sentence with its likely cause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from claude_auth.network.results import NeededHost, State
from claude_auth.security.sanitize import clean

if TYPE_CHECKING:
    from http.client import HTTPResponse


def dns_words(error: Exception, whom: str) -> str:
    import socket

    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return f"no name server answered for {whom}: no network, or the DNS is down"
    if isinstance(error, TimeoutError):
        return f"looking up {whom} took too long"
    return f"the name of {whom} is not known here: blocked by DNS, or no network"


_DEAD_ENDS = ("0.0.0.0", "::", "127.", "::1")  # noqa: S104 - addresses that block lists use


def address_words(addresses: Sequence[str], host: str) -> tuple[State, str]:
    shown = ", ".join(clean(address, 60) for address in addresses[:4])
    dead = all(address.startswith("127.") or address in _DEAD_ENDS for address in addresses)
    if dead and not host.startswith("127.") and host not in {"localhost", "::1"}:
        return "warn", f"the name leads to this machine itself ({shown}): a block list or a local proxy"
    return "ok", f"the name leads to {shown}"


def tcp_words(error: OSError, whom: str, port: int) -> str:
    if isinstance(error, TimeoutError):
        return f"no connection to {whom}, port {port}, in time: a firewall swallows it"
    if isinstance(error, ConnectionRefusedError):
        return f"{whom} refuses connections on port {port}: nothing listens there, or a firewall says no"
    return f"no connection to {whom}, port {port}: {(error.strerror or 'no way there').lower()}"


def refusal_words(status: int, host: str) -> str:
    if status == 407:
        return "the proxy wants a user name and password (407): put them into HTTPS_PROXY"
    if status == 0:
        return "what stands at the proxy's address doesn't answer like a proxy"
    return f"the proxy refuses the way to {host} ({status}): ask who runs it to allow this host"


def answer_words(answer: HTTPResponse, body: bytes, needed: NeededHost) -> tuple[State, str]:
    status = answer.status
    is_page = body.lstrip()[:1] == b"<" or "html" in answer.headers.get("Content-Type", "").lower()
    if status == 407:
        return "fail", "the proxy wants a user name and password (407): put them into the proxy's address"
    if status == 511:
        return "fail", "the network wants a sign-in first (511): open any page in the browser"
    if 300 <= status < 400:
        to = clean(answer.headers.get("Location", ""), 120).partition("?")[0]
        if needed.api:
            return "fail", f"it is sent on to {to or 'elsewhere'} ({status}): a captive portal or a firewall"
        return "ok", f"it answers ({status})"
    if needed.api and is_page:
        words = (
            f"a web page came back where JSON belongs ({status}): a captive portal, proxy or firewall answers"
        )
        return "fail", words
    if needed.api and status == 403:
        return "warn", "it answers 403 to a request without a credential: a firewall, or the country it is in"
    if status >= 500:
        return "warn", f"it answers {status}: an incident at the server, or a gateway in between"
    return "ok", f"it answers ({status}, as it should without a credential)" if needed.api else (
        f"it answers ({status})"
    )
