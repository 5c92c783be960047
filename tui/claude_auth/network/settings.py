"""The variables about proxies and certificates as Claude Code sees them: the shell's under the settings'.
Pure but for a look at what the certificate variables name."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import NETWORK
from claude_auth.network.results import NetworkCheck, State
from claude_auth.oauth.transport import is_loopback_host
from claude_auth.security.sanitize import clean, shown_path, shown_value
from claude_auth.security.secret import Secret
from claude_auth.trust import BY_NAME, STORE_VARIABLE, VARIABLES, certificate_store, read_named

#: In this order Claude Code looks for its proxy [told]; it does not read ALL_PROXY.
PROXY_VARIABLES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY")


class NetworkVariables(dict[str, str]):
    """As Claude Code sees them; `own`: those that name certificates, as this program itself has them."""

    def __init__(self, seen: Mapping[str, str], own: Mapping[str, str]) -> None:
        super().__init__(seen)
        self.own = own


def own_variables(environ: Mapping[str, str]) -> Mapping[str, str]:
    """For this program's own connections; a plain mapping is one environment for both."""
    return environ.own if isinstance(environ, NetworkVariables) else environ


def network_environment(view: EffectiveConfig) -> NetworkVariables:
    """Name to value for every variable of `variables.NETWORK` that is set and not empty, as Claude Code sees
    it. What names certificates is not trimmed: neither OpenSSL nor Node does."""
    own = _own(view)
    found = {name: view.secret(name) for name in NETWORK if name not in BY_NAME}
    seen = {name: value.reveal().strip() for name, value in found.items() if value is not None}
    for name, variable in BY_NAME.items():
        value = view.secret(name)
        if not variable.from_settings:
            seen |= {name: own[name]} if name in own else {}
        elif value is not None:
            seen[name] = value.reveal()
    return NetworkVariables(seen, own)


def _own(view: EffectiveConfig) -> dict[str, str]:
    """No settings file counts."""
    found = {name: [a for a in view.assignments(name) if a.layer is None] for name in BY_NAME}
    return {name: a[0].value.reveal() for name, a in found.items() if a and not a[0].value.is_empty}


@dataclass(frozen=True, slots=True)
class Proxy:
    """`user` and `password` go to the proxy alone."""

    variable: str
    scheme: str
    host: str
    port: int
    user: Secret | None = None
    password: Secret | None = None

    @property
    def shown(self) -> str:
        return f"{self.scheme}://{shown_path(self.host, 200)}:{self.port}"


@dataclass(frozen=True, slots=True)
class UnusableProxy:
    variable: str
    why: str


def configured_proxy(environ: Mapping[str, str]) -> Proxy | UnusableProxy | None:
    values = ((name, environ.get(name, "").strip()) for name in PROXY_VARIABLES)
    return next((_parsed(name, value) for name, value in values if value), None)


def _parsed(name: str, value: str) -> Proxy | UnusableProxy:
    if "://" not in value:
        return UnusableProxy(name, "it does not start with http://")
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        return UnusableProxy(name, "it is not a URL")
    if parts.scheme not in {"http", "https"}:
        return UnusableProxy(name, f"{clean(parts.scheme, 20)} proxies are not supported, http and https are")
    if not host:
        return UnusableProxy(name, "it names no host")
    user = None if parts.username is None else Secret(unquote(parts.username))
    password = None if parts.password is None else Secret(unquote(parts.password))
    return Proxy(name, parts.scheme, host, port or (443 if parts.scheme == "https" else 80), user, password)


def is_bypassed(host: str, port: int, environ: Mapping[str, str]) -> bool:
    """Whether NO_PROXY leaves the host out; this machine's own loopback is never proxied by us."""
    name = host.lower().rstrip(".")
    if is_loopback_host(name):
        return True
    listed = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    for pattern in listed.replace(",", " ").lower().split():
        if pattern == "*":
            return True
        wanted, colon, number = pattern.rpartition(":")
        if colon and number.isdigit() and wanted and not wanted.endswith(":"):
            if int(number) != port:
                continue
            pattern = wanted
        pattern = pattern.removeprefix("*")
        if pattern.startswith("."):
            if name.endswith(pattern) or name == pattern[1:]:
                return True
        elif name == pattern or _in_network(name, pattern):
            return True
    return False


def _in_network(host: str, pattern: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(pattern, strict=False)
    except (ValueError, TypeError):
        return False


def proxy_for(host: str, port: int, environ: Mapping[str, str]) -> Proxy | UnusableProxy | None:
    found = configured_proxy(environ)
    return None if found is None or is_bypassed(host, port, environ) else found


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def settings_checks(environ: Mapping[str, str], cwd: str) -> tuple[NetworkCheck, ...]:
    found = (*_proxy_checks(environ), *_certificate_checks(environ, cwd))
    return tuple(NetworkCheck("settings", state, words) for state, words in found)


def _proxy_checks(environ: Mapping[str, str]) -> Iterator[tuple[State, str]]:
    proxy = configured_proxy(environ)
    if isinstance(proxy, UnusableProxy):
        yield "fail", f"{proxy.variable} can't be used: {proxy.why}"
    elif proxy is not None:
        signed = ", with a user name and password" if proxy.user is not None else ""
        others = [name for name in PROXY_VARIABLES if environ.get(name) and name != proxy.variable]
        more = f" ({', '.join(others)} set too, not used)" if others else ""
        yield "ok", f"proxy: {proxy.shown}, from {proxy.variable}{signed}{more}"
        exceptions = environ.get("no_proxy") or environ.get("NO_PROXY")
        if exceptions:
            yield "ok", f"no proxy for: {shown_value('NO_PROXY', exceptions)}"
    else:
        yield "ok", "no proxy is set"
    for name in ("ALL_PROXY", "all_proxy"):
        if environ.get(name):
            yield "warn", f"{name} is set, but Claude Code reads HTTPS_PROXY and HTTP_PROXY"


def _certificate_checks(environ: Mapping[str, str], cwd: str) -> Iterator[tuple[State, str]]:
    if environ.get("NODE_TLS_REJECT_UNAUTHORIZED") == "0":
        words = "Claude Code sends its credentials to whoever answers"
        yield "fail", f"NODE_TLS_REJECT_UNAUTHORIZED=0: {words}"
    reads_system = "system" in certificate_store(environ)
    for variable in VARIABLES:
        value = environ.get(variable.name)
        if not value:
            continue
        named = read_named(variable.name, value, cwd)
        if not named.is_usable:
            words = "this program makes no encrypted connection of its own with it"
            yield "fail", f"{named.sentence}; Claude Code {variable.ignoring}, {words}"
        elif variable.ours == "adds":
            yield "ok", f"{variable.name} adds the certificates of {named.path}"
        elif reads_system:
            words = f"Claude Code adds the certificates of {named.path} to the usual ones"
            yield "ok", f"{variable.name}: {words}, this program's own connections trust them alone"
        else:
            words = f"makes Claude Code leave {variable.name} out; this program reads it"
            yield "warn", f"{STORE_VARIABLE} {words}"
