"""What the pretend authorization server decides: clients, codes, tokens and their families. No HTTP here.

Everything that it hands out is made up. The rules are those of RFC 6749, 7009, 7636, 8252 and 9700.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Registered:
    """A client that the server knows; without a secret it is a public one."""

    client_id: str
    redirect_uris: tuple[str, ...]
    secret: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ("profile", "inference", "offline_access")


#: Redirects without a port take any port: RFC 8252, section 7.3, and here for `localhost`, too.
LOOPBACK_REDIRECTS = ("http://localhost/callback", "http://127.0.0.1/callback", "http://[::1]/callback")
PUBLIC_CLIENT = Registered("sandbox-public", LOOPBACK_REDIRECTS)
CONFIDENTIAL_CLIENT = Registered("sandbox-confidential", LOOPBACK_REDIRECTS, "sandbox-secret")
#: Made-up people: name → password.
PEOPLE = {"ada": "engine", "grace": "compiler"}


class Refused(Exception):  # noqa: N818
    """An OAuth error answer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


@dataclass(slots=True)
class Counters:
    """How often something was asked for, and how often it was done."""

    authorizations: int = 0
    exchanges: int = 0
    refresh_requests: int = 0
    refreshes: int = 0
    reuses: int = 0
    revocations: int = 0


@dataclass(slots=True)
class _Family:
    """Everything that came from one consent."""

    client_id: str
    person: str
    alive: bool = True


@dataclass(slots=True)
class _Code:
    client_id: str
    redirect_uri: str
    challenge: str
    scopes: tuple[str, ...]
    person: str
    expires_at: float
    family: _Family | None = None


@dataclass(slots=True)
class _Access:
    family: _Family
    scopes: tuple[str, ...]
    expires_at: float
    alive: bool = True


@dataclass(slots=True)
class _Refresh:
    family: _Family
    scopes: tuple[str, ...]
    used: bool = False


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """One checked request of a browser, while its person signs in and decides."""

    client: Registered
    redirect_uri: str
    state: str | None
    challenge: str
    scopes: tuple[str, ...]


_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Rules:
    """Safe from many threads."""

    def __init__(
        self,
        clients: tuple[Registered, ...],
        *,
        clock: Clock,
        code_seconds: float = 60.0,
        access_seconds: float = 3600.0,
        state_in_json: bool = False,
    ) -> None:
        self.clients = {client.client_id: client for client in clients}
        self.counters = Counters()
        self.code_seconds = code_seconds
        self.access_seconds = access_seconds
        self.state_in_json = state_in_json
        self._clock = clock
        self._lock = threading.Lock()
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, _Access] = {}
        self._refresh: dict[str, _Refresh] = {}

    # ── the browser's part ───────────────────────────────────────────────────────────────────────

    def client_and_redirect(self, query: dict[str, str]) -> tuple[Registered, str]:
        """Must hold before anything is sent back to a redirect URI."""
        client = self.clients.get(query.get("client_id", ""))
        if client is None:
            raise Refused("invalid_client", "There is no such client.")
        redirect = query.get("redirect_uri", "")
        if not any(matches(registered, redirect) for registered in client.redirect_uris):
            raise Refused("invalid_request", "This redirect_uri is not registered for the client.")
        return client, redirect

    def check(self, query: dict[str, str]) -> AuthorizationRequest:
        client, redirect = self.client_and_redirect(query)
        if query.get("response_type") != "code":
            raise Refused("unsupported_response_type", "Only response_type=code is supported.")
        if query.get("code_challenge_method") != "S256":
            raise Refused("invalid_request", "code_challenge_method must be S256.")
        challenge = query.get("code_challenge", "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}", challenge):
            raise Refused("invalid_request", "code_challenge is missing or malformed.")
        scopes = tuple(query.get("scope", "").split()) or client.scopes
        if not set(scopes) <= set(client.scopes):
            raise Refused("invalid_scope", "The client may not ask for one of these scopes.")
        return AuthorizationRequest(client, redirect, query.get("state"), challenge, scopes)

    def issue_code(self, request: AuthorizationRequest, person: str) -> str:
        code = secrets.token_urlsafe(24)
        with self._lock:
            self.counters.authorizations += 1
            self._codes[code] = _Code(
                request.client.client_id,
                request.redirect_uri,
                request.challenge,
                request.scopes,
                person,
                self._clock() + self.code_seconds,
            )
        return code

    # ── the program's part ───────────────────────────────────────────────────────────────────────

    def authenticate(self, basic: tuple[str, str] | None, fields: dict[str, str]) -> Registered:
        client_id, secret = basic or (fields.get("client_id", ""), fields.get("client_secret", ""))
        client = self.clients.get(client_id)
        if client is None:
            raise Refused("invalid_client", "There is no such client.", 401)
        if client.secret is not None and not hmac.compare_digest(client.secret.encode(), secret.encode()):
            raise Refused("invalid_client", "The client secret is wrong.", 401)
        if basic and fields.get("client_id", client_id) != client_id:
            raise Refused("invalid_request", "Two different clients are named.")
        return client

    def token(self, client: Registered, fields: dict[str, str], *, as_json: bool) -> dict[str, object]:
        grant = fields.get("grant_type")
        if grant == "authorization_code":
            if as_json and self.state_in_json and not fields.get("state"):
                raise Refused("invalid_request", "state is required")
            return self._exchange(client, fields)
        if grant == "refresh_token":
            return self._rotate(client, fields)
        raise Refused("unsupported_grant_type", "authorization_code or refresh_token, please.")

    def _exchange(self, client: Registered, fields: dict[str, str]) -> dict[str, object]:
        with self._lock:
            self.counters.exchanges += 1
            code = self._codes.get(fields.get("code", ""))
            if code is None or code.client_id != client.client_id:
                raise Refused("invalid_grant", "There is no such code.")
            if code.family is not None:
                code.family.alive = False  # RFC 6749, section 4.1.2: what came from it goes, too
                self.counters.reuses += 1
                raise Refused("invalid_grant", "The code was used before.")
            if code.expires_at <= self._clock():
                raise Refused("invalid_grant", "The code has expired.")
            if fields.get("redirect_uri") != code.redirect_uri:
                raise Refused("invalid_grant", "redirect_uri differs from that of the authorization.")
            verifier = fields.get("code_verifier", "")
            if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(
                _challenge(verifier), code.challenge
            ):
                code.family = _Family(client.client_id, code.person, alive=False)
                raise Refused("invalid_grant", "code_verifier does not match.")
            code.family = _Family(client.client_id, code.person)
            return self._mint(code.family, code.scopes)

    def _rotate(self, client: Registered, fields: dict[str, str]) -> dict[str, object]:
        with self._lock:
            self.counters.refresh_requests += 1
            old = self._refresh.get(fields.get("refresh_token", ""))
            if old is None or old.family.client_id != client.client_id:
                raise Refused("invalid_grant", "There is no such refresh token.")
            if old.used and old.family.alive:
                old.family.alive = False  # RFC 9700, section 4.14.2
                self.counters.reuses += 1
            if not old.family.alive:
                raise Refused("invalid_grant", "The refresh token was used before or revoked.")
            wanted = tuple(fields.get("scope", "").split()) or old.scopes
            if not set(wanted) <= set(old.scopes):
                raise Refused("invalid_scope", "More was asked for than was granted.")
            old.used = True
            self.counters.refreshes += 1
            return self._mint(old.family, wanted)

    def _mint(self, family: _Family, scopes: tuple[str, ...]) -> dict[str, object]:
        access, refresh = f"sandbox-at-{secrets.token_urlsafe(24)}", f"sandbox-rt-{secrets.token_urlsafe(24)}"
        self._access[access] = _Access(family, scopes, self._clock() + self.access_seconds)
        self._refresh[refresh] = _Refresh(family, scopes)
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(self.access_seconds),
            "refresh_token": refresh,
            "scope": " ".join(scopes),
        }

    def revoke(self, client: Registered, token: str) -> None:
        """RFC 7009: an unknown token is no error; a refresh token takes its whole family along."""
        with self._lock:
            self.counters.revocations += 1
            access, refresh = self._access.get(token), self._refresh.get(token)
            if access is not None and access.family.client_id == client.client_id:
                access.alive = False
            if refresh is not None and refresh.family.client_id == client.client_id:
                refresh.family.alive = False

    def person_of(self, access_token: str) -> str | None:
        """Whose token it is, None where it is not alive."""
        with self._lock:
            access = self._access.get(access_token)
            if access is None or not (access.alive and access.family.alive):
                return None
            return access.family.person if access.expires_at > self._clock() else None

    def is_alive(self, token: str) -> bool:
        """Whether an access or a refresh token would be accepted now; asking changes nothing."""
        with self._lock:
            refresh = self._refresh.get(token)
            if refresh is not None:
                return refresh.family.alive and not refresh.used
        return self.person_of(token) is not None


def matches(registered: str, wanted: str) -> bool:
    """Exactly, but for the port of a loopback address that was registered without one."""
    if registered == wanted:
        return True
    try:
        known, asked = urlsplit(registered), urlsplit(wanted)
        port = asked.port
    except ValueError:
        return False
    return (
        known.scheme == asked.scheme == "http"
        and known.hostname in _LOOPBACK_HOSTS
        and known.hostname == asked.hostname
        and known.port is None
        and port is not None
        and asked.username is None
        and (known.path, known.query, known.fragment) == (asked.path, asked.query, asked.fragment)
    )


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
