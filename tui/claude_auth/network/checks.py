"""The way to each host that is needed, step by step and all hosts at once: name, connection, encryption,
answer, clock. Nothing of this person's is sent: the requests carry no credential.

The steps are our own rather than an HTTP client's and its trace: the same way is gone up to three times, with
other certificates, and sends nothing then; and what a proxy answers decides what is told.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from claude_auth.formats.outputs import SKEW_BREAKS, SKEW_TOLD, moment_of
from claude_auth.network import USER_AGENT
from claude_auth.network.connection import (
    Deadline,
    ProxyRefused,
    Resolver,
    address_words,
    answer_words,
    connect,
    dns_words,
    encrypt,
    refusal_words,
    system_resolver,
    tcp_words,
    tunnel,
)
from claude_auth.network.results import (
    HostReport,
    NeededHost,
    NetworkCheck,
    NetworkReport,
    Stage,
    State,
    conclusions,
)
from claude_auth.network.settings import Proxy, UnusableProxy, own_variables, proxy_for, settings_checks
from claude_auth.security.sanitize import clean
from claude_auth.trust import (
    BY_NAME,
    STORE_VARIABLE,
    UnusableCertificates,
    is_inspector,
    issuer_of,
    trust,
    unchecked,
)
from claude_auth.words import span

if TYPE_CHECKING:
    import socket
    import ssl


#: For everything at one host; all hosts are asked at the same time.
SECONDS = 15.0
CONNECT_SECONDS = 6.0
#: What is known of a host by now.
Listener = Callable[[HostReport], None]

_BEGINNING = 4096


class HostCheck:
    """The steps to one host. What is known so far is there at any moment."""

    def __init__(
        self,
        needed: NeededHost,
        environ: Mapping[str, str],
        cwd: str,
        resolver: Resolver,
        deadline: Deadline,
        now: Callable[[], float],
        told: Listener,
    ) -> None:
        self.deadline = deadline
        self._told = told
        self._needed, self._environ, self._cwd = needed, environ, cwd
        self._resolver, self._now = resolver, now
        self._checks: list[NetworkCheck] = []
        self._facts = HostReport(needed, ())
        self._stage: Stage = "dns"
        self._finished = False

    def report(self) -> HostReport:
        checks = list(self._checks)
        if not self._finished:
            words = {"dns": "looking up the name", "tcp": "connecting", "tls": "encrypting"}
            doing = words.get(self._stage, "waiting for an answer")
            checks.append(NetworkCheck(self._stage, "fail", f"{doing} took too long and was given up"))
        return replace(self._facts, checks=tuple(checks))

    def run(self) -> None:
        try:
            self._steps()
            self._finished = True
        except Exception as error:
            if not self.deadline.over:
                self._say(self._stage, "fail", f"it stopped with {type(error).__name__}")
                self._finished = True
        if not self.deadline.over:
            self._told(self.report())

    def _say(self, stage: Stage, state: State, words: str, seconds: float | None = None) -> None:
        self._checks.append(NetworkCheck(stage, state, words, seconds))
        self._told(replace(self._facts, checks=tuple(self._checks), under_way=True))

    def _steps(self) -> None:
        host, port = self._needed.host, self._needed.port
        proxy = proxy_for(host, port, self._environ)
        if isinstance(proxy, UnusableProxy):
            self._say("proxy", "fail", f"{proxy.variable} can't be used: {proxy.why}")
            return
        if proxy is not None:
            self._facts = replace(self._facts, proxy=proxy.shown)
        connection = self._connected(proxy)
        if connection is None:
            return
        with contextlib.closing(connection):
            if self._needed.scheme == "http":
                if not host.startswith("127.") and host != "localhost":
                    self._say("tls", "warn", "plain http: credentials cross the network in clear text")
                self._answer(connection)
                return
            encrypted = self._encrypted(connection, proxy)
        if encrypted is not None:
            with contextlib.closing(encrypted):
                self._answer(encrypted)

    # ── the way ──────────────────────────────────────────────────────────────────────────────────

    def _connected(self, proxy: Proxy | None, *, quietly: bool = False) -> socket.socket | None:
        """`quietly`: once more, for another look at the certificate."""
        host, port = (self._needed.host, self._needed.port) if proxy is None else (proxy.host, proxy.port)
        say = (lambda *told: None) if quietly else self._say
        whom = host if proxy is None else f"the proxy {proxy.shown}"
        self._stage, started = "dns", time.monotonic()
        try:
            addresses = tuple(self._resolver(host, port))
        except (OSError, UnicodeError) as error:
            say("dns", "fail", dns_words(error, whom))
            return None
        if not addresses:
            say("dns", "fail", f"{whom} has no address")
            return None
        if proxy is None:
            self._facts = replace(self._facts, addresses=addresses)
            state, words = address_words(addresses, host)
            say("dns", state, words, time.monotonic() - started)
        self._stage, started = "tcp", time.monotonic()
        try:
            connection, address = connect(addresses, port, self.deadline, CONNECT_SECONDS)
        except OSError as error:
            say("tcp", "fail", tcp_words(error, whom, port))
            return None
        say("tcp", "ok", f"connected to {address}, port {port}", time.monotonic() - started)
        return connection if proxy is None else self._through(proxy, connection, say)

    def _through(
        self, proxy: Proxy, connection: socket.socket, say: Callable[..., None]
    ) -> socket.socket | None:
        import ssl

        self._stage = "proxy"
        try:
            if proxy.scheme == "https":
                connection = encrypt(connection, proxy.host, self._claude_codes_trust(), self.deadline)
            if self._needed.scheme == "https":
                tunnel(connection, self._needed.host, self._needed.port, proxy, self.deadline)
        except ProxyRefused as error:
            connection.close()
            say("proxy", "fail", refusal_words(error.status, self._needed.host))
            return None
        except OSError as error:
            connection.close()
            reason = "its certificate can't be trusted" if isinstance(error, ssl.SSLError) else "it hung up"
            say("proxy", "fail", f"the proxy {proxy.shown} did not let us through: {reason}")
            return None
        say("proxy", "ok", f"the proxy {proxy.shown} lets us through")
        return connection

    # ── encryption ───────────────────────────────────────────────────────────────────────────────

    def _encrypted(self, connection: socket.socket, proxy: Proxy | None) -> ssl.SSLSocket | None:
        import ssl

        self._stage, started = "tls", time.monotonic()
        host = self._needed.host
        try:
            encrypted = encrypt(connection, host, self._claude_codes_trust(), self.deadline)
        except ssl.SSLCertVerificationError as error:
            self._untrusted(error, proxy)
            return None
        except OSError as error:
            words = "no encrypted connection came about: something in between answers, or the port is wrong"
            if isinstance(error, TimeoutError):
                words = "the server did not answer the greeting in time"
            self._say("tls", "fail", words)
            return None
        issuer = issuer_of(encrypted.getpeercert(True) or b"")
        self._facts = replace(self._facts, issuer=issuer)
        took = time.monotonic() - started
        thanks = self._by_variable(proxy)
        state: State = "warn"
        if issuer is not None and is_inspector(issuer):
            words = f"TLS is inspected: the certificate was issued by {issuer}, and is trusted here{thanks}"
        elif thanks:
            words = f"trusted{thanks}; issued by {issuer}, which the usual authorities don't know"
        else:
            state, words = "ok", f"certificate issued by {issuer or 'an unnamed authority'}"
        if self._is_trusted_by_us(proxy) is False:
            state, words = "warn", f"{words}; this program's own connections would not trust it"
        self._say("tls", state, words, took)
        return encrypted

    def _claude_codes_trust(self) -> ssl.SSLContext:
        return trust("claude-code", self._environ, self._cwd)

    def _by_variable(self, proxy: Proxy | None) -> str:
        """` thanks to VARIABLE` where the usual authorities alone would not do."""
        variables = [name for name in BY_NAME if self._environ.get(name)]
        usual = {name: value for name, value in self._environ.items() if name not in BY_NAME}
        if not variables or self._verifies(proxy, trust("claude-code", usual, self._cwd)) is not False:
            return ""
        return f" thanks to {' or '.join(variables)}"

    def _is_trusted_by_us(self, proxy: Proxy | None) -> bool | None:
        """Whether a sign-in or a probe of ours would trust the certificate too. None: no variable makes a
        difference, or none of ours can be used, which the settings tell."""
        own = own_variables(self._environ)
        names = (*BY_NAME, STORE_VARIABLE)
        if not any(self._environ.get(name) or own.get(name) for name in names):
            return None
        try:
            return self._verifies(proxy, trust("ours", own, self._cwd))
        except UnusableCertificates:
            return None

    def _verifies(self, proxy: Proxy | None, context: ssl.SSLContext) -> bool | None:
        """Looks once more, with `context`; None where nothing came of it."""
        import ssl

        try:
            return None if self._certificate(proxy, context) is None else True
        except ssl.SSLCertVerificationError:
            return False
        except OSError:
            return None

    def _certificate(self, proxy: Proxy | None, context: ssl.SSLContext) -> bytes | None:
        """The host's, on another connection that is told to nobody; None where there is no way to it."""
        connection = self._connected(proxy, quietly=True)
        self._stage = "tls"
        if connection is None:
            return None
        with contextlib.closing(connection):
            encrypted = encrypt(connection, self._needed.host, context, self.deadline)
            with contextlib.closing(encrypted):
                return encrypted.getpeercert(True) or b""

    def _untrusted(self, error: ssl.SSLCertVerificationError, proxy: Proxy | None) -> None:
        """Looks once more without trust, sends nothing, and names the issuer: by it people know who it is."""
        reason, issuer = clean(error.verify_message or "it did not verify", 120), None
        with contextlib.suppress(OSError):
            issuer = issuer_of(self._certificate(proxy, unchecked()) or b"")
        self._facts = replace(self._facts, issuer=issuer)
        whose = issuer or "nobody that could be read"
        words = f"the certificate can't be trusted: {reason}; issued by {whose}"
        if issuer is not None and is_inspector(issuer):
            words += ": your network inspects TLS"
        if self._is_trusted_by_us(proxy):
            words += ", though this program's own connections trust it"
        words += ". Let NODE_EXTRA_CA_CERTS name its root certificate (PEM); never switch the check off"
        if self._environ.get("NODE_TLS_REJECT_UNAUTHORIZED") == "0":
            words += ". NODE_TLS_REJECT_UNAUTHORIZED=0 makes Claude Code talk to it all the same"
        self._say("tls", "fail", words)

    # ── the answer ───────────────────────────────────────────────────────────────────────────────

    def _answer(self, connection: socket.socket) -> None:
        from http.client import HTTPException, HTTPResponse

        self._stage, started = "http", time.monotonic()
        needed = self._needed
        default = {"https": 443, "http": 80}[needed.scheme]
        name = needed.host if needed.port == default else f"{needed.host}:{needed.port}"
        target = needed.path
        if needed.scheme == "http" and self._facts.proxy is not None:
            target = f"http://{name}{needed.path}"
        request = (
            f"GET {target} HTTP/1.1\r\nHost: {name}\r\nUser-Agent: {USER_AGENT}\r\n"
            "Accept: application/json\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
        )
        try:
            connection.settimeout(self.deadline.step(SECONDS))
            connection.sendall(request.encode("ascii"))
            answer = HTTPResponse(connection, method="GET")
            answer.begin()
            body = answer.read(_BEGINNING)
        except (HTTPException, OSError, ValueError) as error:
            if self.deadline.over:
                raise
            slow = isinstance(error, TimeoutError)
            self._say("http", "fail", "no answer in time" if slow else "the answer can't be read")
            return
        took = time.monotonic() - started
        self._facts = replace(self._facts, status=answer.status)
        state, words = answer_words(answer, body, needed)
        self._say("http", state, words, took)
        self._clock(answer.headers.get("Date"), took)

    def _clock(self, date: str | None, took: float) -> None:
        theirs = moment_of(date)
        if theirs is None:
            return
        # The header has whole seconds, and was written somewhere on the way.
        skew = self._now() - took / 2 - theirs - 0.5
        self._facts = replace(self._facts, skew=skew)
        if abs(skew) < SKEW_TOLD:
            self._say("clock", "ok", "this clock agrees with the server's")
            return
        side = "ahead of" if skew > 0 else "behind"
        words = f"this clock is {span(abs(skew))} {side} the server's"
        self._say("clock", "fail" if abs(skew) >= SKEW_BREAKS else "warn", words)


def check_network(
    hosts: Sequence[NeededHost],
    environ: Mapping[str, str],
    *,
    cwd: str = "/",
    resolver: Resolver = system_resolver,
    seconds: float = SECONDS,
    now: Callable[[], float] = time.time,
    told: Listener = lambda report: None,
    stop: threading.Event | None = None,
) -> NetworkReport:
    """`environ`: from `network_environment`. Blocks for at most a moment longer than `seconds`. `told` hears
    of each step, in that host's thread; once `stop` is set everything is given up."""
    checks = [HostCheck(host, environ, cwd, resolver, Deadline(seconds), now, told) for host in hosts]
    # Threads that nobody waits for at exit: a name that is being looked up can't be interrupted.
    threads = [threading.Thread(target=check.run, daemon=True) for check in checks]
    for thread in threads:
        thread.start()
    until = time.monotonic() + seconds
    for thread in threads:
        while thread.is_alive() and (left := until - time.monotonic()) > 0:
            if stop is not None and stop.is_set():
                break
            thread.join(left if stop is None else min(left, 0.1))
    for check, thread in zip(checks, threads, strict=True):
        if thread.is_alive():
            check.deadline.cut()
            thread.join(0.5)
    reports = tuple(check.report() for check in checks)
    settings = settings_checks(environ, cwd)
    return NetworkReport(now(), settings, reports, conclusions(reports, settings))
