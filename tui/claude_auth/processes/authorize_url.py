"""The address that Claude Code asks a person to open: is it what it must be, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import SplitResult, parse_qsl, urlsplit

#: Where Anthropic's sign-in pages are; the last one is of older clients. Compared as a whole.
HOSTS = ("claude.com", "claude.ai", "platform.claude.com", "console.anthropic.com")
PATHS = ("/cai/oauth/authorize", "/oauth/authorize")
_PASTE_HOSTS = ("platform.claude.com", "console.anthropic.com", "claude.com", "claude.ai")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class AuthorizeUrl:
    """`url` is for opening, copying and the QR code. `problems`: one sentence each; none: it is fine.

    `pasted`: the page shows a code to paste; otherwise the browser must reach `redirect` on this machine.
    """

    url: str = field(repr=False)
    host: str
    scopes: tuple[str, ...]
    redirect: str
    pasted: bool
    problems: tuple[str, ...]

    @property
    def is_fine(self) -> bool:
        return not self.problems

    @property
    def verdict(self) -> str:
        if self.problems:
            return "don't open this address: " + "; ".join(self.problems)
        back = "shows a code to paste here" if self.pasted else f"comes back to {self.redirect}"
        return f"it leads to {self.host} over https, is bound to this attempt (PKCE S256, state), and {back}"


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    return (
        re.compile(r"[A-Za-z0-9_-]{43,128}"),
        re.compile(r"[A-Za-z0-9._~-]{16,512}"),
        re.compile(r"[a-z_]+(?::[a-z_]+)+|offline_access|openid|email|profile"),
    )


def is_about_signing_in(url: str) -> bool:
    """Whether the address is meant as one to sign in with, right or wrong."""
    return ("oauth" in url.lower() and "authorize" in url.lower()) or "code_challenge" in url


def check_authorize_url(url: str) -> AuthorizeUrl:
    """Pure. Never raises."""
    problems: list[str] = []
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        return AuthorizeUrl(url, "", (), "", False, ("it is damaged: no address can be read from it",))
    query = dict(pairs)
    problems += _place_problems(parts, host, port)
    problems += [
        f"{name} stands in it twice"
        for name in sorted(query)
        if sum(other == name for other, _ in pairs) > 1 and name.isidentifier()
    ]
    problems += _binding_problems(query)
    scopes = tuple(query.get("scope", "").split())
    if not scopes:
        problems.append("it asks for no scopes: it was torn where the terminal wrapped it")
    elif not all(_patterns()[2].fullmatch(scope) for scope in scopes):
        problems.append("a scope in it is damaged: it was torn where the terminal wrapped it")
    redirect, pasted, trouble = _redirect(query.get("redirect_uri", ""))
    problems += trouble
    return AuthorizeUrl(url, host, scopes, redirect, pasted, tuple(problems))


def _place_problems(parts: SplitResult, host: str, port: int | None) -> list[str]:
    problems: list[str] = []
    if parts.scheme != "https":
        problems.append("it isn't https")
    if host not in HOSTS:
        problems.append("it leads to a host that isn't one of Anthropic's sign-in pages")
    elif parts.path not in PATHS:
        problems.append("its path isn't the one of the sign-in page")
    if port not in {None, 443}:
        problems.append("it names a port of its own")
    if "@" in parts.netloc:
        problems.append("it carries a user name")
    return problems


def _binding_problems(query: dict[str, str]) -> list[str]:
    challenge, state, _ = _patterns()
    problems: list[str] = []
    if query.get("response_type") != "code":
        problems.append("it doesn't ask for a code")
    if query.get("code_challenge_method") != "S256":
        problems.append("its PKCE method isn't S256")
    if not challenge.fullmatch(query.get("code_challenge", "")):
        problems.append("its PKCE challenge is missing or damaged")
    if not state.fullmatch(query.get("state", "")):
        problems.append("its state is missing or damaged")
    return problems


def _redirect(uri: str) -> tuple[str, bool, list[str]]:
    """Where it comes back to, whether that is a page with a code, and what is wrong with it."""
    try:
        parts = urlsplit(uri)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "", False, ["its way back is damaged"]
    if parts.scheme == "http" and host in _LOOPBACK and port is not None:
        return f"{host}:{port}", False, []
    if parts.scheme == "https" and host in _PASTE_HOSTS and port is None and "@" not in parts.netloc:
        return host, True, []
    return "", False, ["its way back is neither this machine nor Anthropic's page with the code"]
