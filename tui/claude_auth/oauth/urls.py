"""What may be called: https anywhere, http on this machine alone, never a Claude account's own servers."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit, urlunsplit

#: Sign-in to a Claude account completes through Anthropic's own flow, so these hosts are not for our engine.
CLAUDE_DOMAINS = ("anthropic.com", "claude.ai", "claude.com")


def is_loopback_host(host: str | None) -> bool:
    """`localhost`, 127.0.0.0/8 or ::1."""
    if not host:
        return False
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def belongs_to_claude(host: str | None) -> bool:
    name = (host or "").lower().rstrip(".")
    return any(name == domain or name.endswith(f".{domain}") for domain in CLAUDE_DOMAINS)


def split(url: str) -> SplitResult | None:
    """The parts, None for what is no URL at all."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def url_problem(url: str) -> str | None:
    """Why `url` can't be an endpoint, in words that follow its name; None where it can."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return "holds a space or another character that no URL can hold"
    parts = split(url)
    if parts is None or not parts.hostname or parts.scheme not in {"http", "https"}:
        return "is not a URL: it starts with https:// and names a host"
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password"
    if parts.fragment or url.endswith("#"):
        return "holds a # part, which an endpoint can't have"
    if parts.scheme == "http" and not is_loopback_host(parts.hostname):
        return "is not https: http is for this machine alone"
    return None


def with_port(url: str, port: int) -> str:
    """The same URL at another port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return urlunsplit(parts._replace(netloc=f"[{host}]:{port}" if ":" in host else f"{host}:{port}"))
