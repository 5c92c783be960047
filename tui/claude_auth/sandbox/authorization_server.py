"""A real authorization server on loopback with login and consent pages, and with faults on demand.

    python -m claude_auth.sandbox.authorization_server --port 0

prints one line of JSON (issuer, clients, people) and serves until it is stopped. Tests use the class.

`POST /control/faults` takes `{"kind": "cut-after", "times": 1, …}` (see `faults.Fault`),
`GET /control/counters` tells what was asked for and done, `POST /control/alive` whether a token would be
accepted, `POST /control/reset` forgets faults that are still to come.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import contextlib
import json
import secrets
import socket
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from email.utils import formatdate
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from claude_auth.sandbox import authorization_pages as pages
from claude_auth.sandbox.authorization_rules import (
    CONFIDENTIAL_CLIENT,
    PEOPLE,
    PUBLIC_CLIENT,
    AuthorizationRequest,
    Clock,
    Counters,
    Refused,
    Registered,
    Rules,
)
from claude_auth.sandbox.loopback_server import AnsweringHandler, Fault, Faults, LoopbackServer, read_fault

_LARGEST_BODY = 64 << 10
_RETRY_AFTER = 7


class AuthorizationServer(LoopbackServer):
    """Every client may also use the page that shows
    `code#state` to paste, at `<issuer>/code/callback`."""

    def __init__(
        self,
        *,
        port: int = 0,
        clients: Sequence[Registered] = (PUBLIC_CLIENT, CONFIDENTIAL_CLIENT),
        people: dict[str, str] | None = None,
        clock: Clock = time.time,
        code_seconds: float = 60.0,
        access_seconds: float = 3600.0,
        state_in_json: bool = False,
    ) -> None:
        super().__init__(_Handler, port)
        self.issuer = self.url
        self.paste_redirect = f"{self.issuer}/code/callback"
        self.rules = Rules(
            tuple(replace(c, redirect_uris=(*c.redirect_uris, self.paste_redirect)) for c in clients),
            clock=clock,
            code_seconds=code_seconds,
            access_seconds=access_seconds,
            state_in_json=state_in_json,
        )
        self.people = dict(PEOPLE if people is None else people)
        self.faults = Faults()
        self.clock = clock
        self.lock = threading.Lock()
        #: Requests whose person signs in or decides: ticket → request and person.
        self.tickets: dict[str, tuple[AuthorizationRequest, str | None]] = {}
        #: Session cookie → person.
        self.sessions: dict[str, str] = {}

    @property
    def counters(self) -> Counters:
        return self.rules.counters

    def metadata(self) -> dict[str, object]:
        """RFC 8414."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "revocation_endpoint": f"{self.issuer}/revoke",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "scopes_supported": sorted({s for c in self.rules.clients.values() for s in c.scopes}),
            "authorization_response_iss_parameter_supported": True,
        }


class _Handler(AnsweringHandler):
    owner: AuthorizationServer
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    timeout = 20.0

    _date_offset = 0.0

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(self.owner.clock() + self._date_offset, usegmt=True)

    # ── routes ───────────────────────────────────────────────────────────────────────────────────

    def do_GET(self) -> None:
        self._date_offset = 0.0
        path, query = self._target()
        if path == "/.well-known/oauth-authorization-server":
            self._json(200, self.owner.metadata())
        elif path == "/authorize":
            self._authorize(query)
        elif path == "/code/callback":
            shown = f"{query['code']}#{query.get('state', '')}" if "code" in query else query.get("error", "")
            self._html(200, pages.code(shown))
        elif path == "/me":
            self._me()
        elif path == "/control/counters":
            self._json(200, asdict(self.owner.counters))
        else:
            self._html(404, pages.problem("There is no such page."))

    def do_POST(self) -> None:
        self._date_offset = 0.0
        path, _ = self._target()
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            self.close_connection = True
            self._json(413, {"error": "invalid_request"})
            return
        body = self.rfile.read(int(length))
        try:
            fields = self._fields(body)
        except ValueError:
            self._json(400, {"error": "invalid_request", "error_description": "The body can't be read."})
            return
        if path == "/login":
            self._login(fields)
        elif path == "/consent":
            self._consent(fields)
        elif path in {"/token", "/revoke"}:
            self._act(path, fields)
        elif path.startswith("/control/"):
            self._control(path, body)
        else:
            self._html(404, pages.problem("There is no such page."))

    # ── what the browser sees ────────────────────────────────────────────────────────────────────

    def _authorize(self, query: dict[str, str]) -> None:
        owner = self.owner
        try:
            owner.rules.client_and_redirect(query)
        except Refused as refused:
            self._html(400, pages.problem(refused.description))
            return
        try:
            request = owner.rules.check(query)
        except Refused as refused:
            answer = {"error": refused.error, "error_description": refused.description}
            self._send_back(query["redirect_uri"], query.get("state"), answer)
            return
        ticket = secrets.token_urlsafe(16)
        with owner.lock:
            person = owner.sessions.get(self._session())
            owner.tickets[ticket] = (request, person)
        if person is None:
            self._html(200, pages.login(ticket))
        else:
            self._html(200, pages.consent(ticket, request.client.client_id, person, request.scopes))

    def _login(self, fields: dict[str, str]) -> None:
        owner = self.owner
        ticket, name = fields.get("ticket", ""), fields.get("name", "")
        with owner.lock:
            request, _ = owner.tickets.get(ticket, (None, None))
        if request is None:
            self._html(400, pages.problem("This sign-in is over. Start again."))
        elif not name or owner.people.get(name) != fields.get("password"):
            self._html(200, pages.login(ticket, wrong=True))
        else:
            session = secrets.token_urlsafe(16)
            with owner.lock:
                owner.sessions[session] = name
                owner.tickets[ticket] = (request, name)
            page = pages.consent(ticket, request.client.client_id, name, request.scopes)
            cookie = f"session={session}; HttpOnly; SameSite=Lax; Path=/"
            self._html(200, page, {"Set-Cookie": cookie})

    def _consent(self, fields: dict[str, str]) -> None:
        owner = self.owner
        with owner.lock:
            request, person = owner.tickets.pop(fields.get("ticket", ""), (None, None))
            signed_in = owner.sessions.get(self._session())
        if request is None or person is None or person != signed_in:
            self._html(400, pages.problem("This sign-in is over. Start again."))
        elif fields.get("decision") == "allow":
            code = owner.rules.issue_code(request, person)
            self._send_back(request.redirect_uri, request.state, {"code": code})
        else:
            answer = {"error": "access_denied", "error_description": "The person said no."}
            self._send_back(request.redirect_uri, request.state, answer)

    def _send_back(self, redirect_uri: str, state: str | None, answer: dict[str, str]) -> None:
        if state is not None:
            answer["state"] = state
        answer["iss"] = self.owner.issuer
        mark = "&" if urlsplit(redirect_uri).query else "?"
        self._answer(303, b"", "text/plain", {"Location": f"{redirect_uri}{mark}{urlencode(answer)}"})

    def _session(self) -> str:
        try:
            cookie = SimpleCookie(self.headers.get("Cookie", ""))
        except CookieError:
            return ""
        return cookie["session"].value if "session" in cookie else ""

    # ── what programs see ────────────────────────────────────────────────────────────────────────

    def _act(self, path: str, fields: dict[str, str]) -> None:
        """The token and the revocation endpoint, with their faults."""
        fault = self.owner.faults.take(path, fields.get("grant_type"))
        if fault is not None and not fault.does_act:
            self._misbehave(fault, 200, b"{}")
            return
        status, answer = self._decide(path, fields)
        body = json.dumps(answer).encode() if answer is not None else b""
        if fault is not None:
            self._misbehave(fault, status, body)
        else:
            self._answer(status, body, "application/json", {"Cache-Control": "no-store"})

    def _decide(self, path: str, fields: dict[str, str]) -> tuple[int, dict[str, object] | None]:
        rules = self.owner.rules
        as_json = self.headers.get_content_type() == "application/json"
        try:
            client = rules.authenticate(self._basic(), fields)
            if path == "/revoke":
                rules.revoke(client, fields.get("token", ""))
                return 200, None
            return 200, rules.token(client, fields, as_json=as_json)
        except Refused as refused:
            return refused.status, {"error": refused.error, "error_description": refused.description}

    def _misbehave(self, fault: Fault, status: int, body: bytes) -> None:
        if fault.kind in {"cut-before", "cut-after"}:
            self._cut()
        elif fault.kind == "stall":
            (fault.until or self.owner.stopping).wait(fault.seconds)
            self._answer(status, body, "application/json")
        elif fault.kind == "truncated":
            self._answer(status, body[: len(body) // 2], "application/json")
        elif fault.kind == "html":
            self._html(200, pages.problem("Welcome to the café's network: please accept our terms."))
        elif fault.kind == "proxy-401":
            self._html(401, pages.problem("The proxy wants to know who you are."))
        elif fault.kind == "rate-limited":
            self._answer(429, b"slow down", "text/plain", {"Retry-After": str(_RETRY_AFTER)})
        elif fault.kind == "error":
            self._answer(500, b'{"error":"server_error"}', "application/json")
        elif fault.kind == "content-type":
            self._answer(status, body, "text/plain")
        elif fault.kind == "missing-fields":
            rest = {key: value for key, value in json.loads(body).items() if key != "access_token"}
            self._json(status, rest)
        else:
            self._date_offset = fault.seconds
            self._answer(status, body, "application/json")

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _me(self) -> None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        person = self.owner.rules.person_of(token) if scheme.lower() == "bearer" else None
        if person is None:
            self._answer(401, b"", "application/json", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        else:
            self._json(200, {"sub": person, "email": f"{person}@sandbox.example"})

    def _control(self, path: str, body: bytes) -> None:
        owner = self.owner
        # A page of another site can't send this type without being asked first.
        if self.headers.get_content_type() != "application/json":
            self._json(415, {"error": "application/json, please"})
            return
        try:
            data = json.loads(body or b"{}")
            if path == "/control/faults":
                owner.faults.add(read_fault(data))
                self._json(200, {})
            elif path == "/control/reset":
                owner.faults.clear()
                self._json(200, {})
            elif path == "/control/alive":
                self._json(200, {"alive": owner.rules.is_alive(str(data["token"]))})
            else:
                self._json(404, {"error": "there is no such control"})
        except (ValueError, TypeError, KeyError, AttributeError):
            self._json(400, {"error": "that can't be read"})

    # ── small things ─────────────────────────────────────────────────────────────────────────────

    def _target(self) -> tuple[str, dict[str, str]]:
        path, _, query = self.path.partition("?")
        return path, dict(parse_qsl(query, keep_blank_values=True))

    def _fields(self, body: bytes) -> dict[str, str]:
        if self.headers.get_content_type() == "application/json":
            data = json.loads(body)
            if not isinstance(data, dict):
                raise ValueError("no object")
            return {key: value for key, value in data.items() if isinstance(value, str)}
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True))

    def _basic(self) -> tuple[str, str] | None:
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused("invalid_client", "The Authorization header can't be read.", 401) from None
        return unquote(name), unquote(password)

    def _json(self, status: int, data: dict[str, Any]) -> None:
        self._answer(status, json.dumps(data).encode(), "application/json", {"Cache-Control": "no-store"})

    def _html(self, status: int, page: bytes, headers: dict[str, str] | None = None) -> None:
        more = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
        self._answer(status, page, "text/html; charset=utf-8", more | (headers or {}))

    def _answer(
        self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None
    ) -> None:
        always = {"X-Content-Type-Options": "nosniff", "Connection": "close"}
        self.answer(status, body, content_type, always | (headers or {}))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m claude_auth.sandbox.authorization_server")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--code-seconds", type=float, default=60.0, help="how long a code lives")
    parser.add_argument("--access-seconds", type=float, default=3600.0, help="how long an access token lives")
    parser.add_argument("--state-in-json", action="store_true", help="want the state in JSON token requests")
    options = parser.parse_args(arguments)
    server = AuthorizationServer(
        port=options.port,
        code_seconds=options.code_seconds,
        access_seconds=options.access_seconds,
        state_in_json=options.state_in_json,
    )
    clients = {client.client_id: client.secret for client in server.rules.clients.values()}
    with server, contextlib.suppress(KeyboardInterrupt):
        print(json.dumps({"issuer": server.issuer, "clients": clients, "people": server.people}), flush=True)
        server.stopping.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
