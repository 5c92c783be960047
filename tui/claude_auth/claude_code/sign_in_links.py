"""The link that Claude Code asks a person to open: fine, refused, or not checked, in words.

Two forms are known [seen, 2.1.332]:

    long    https://claude.com/cai/oauth/authorize?code=true&client_id=…&scope=…&code_challenge=…&state=…
    short   https://claude.ai/oauth/authorize?z-<43 characters>
            https://platform.claude.com/oauth/authorize?T-<43 characters>, for the Console

Behind the `?` of the short one stand a number and the PKCE challenge, with nothing between them: the
challenge is the last 43 characters before the first `&`. `z-` and `T-` are numbers of two digits, `claude
setup-token` has one digit, `I`. The greatest digit of `DIGITS` comes first; bit 0 is the client, bit n + 1 is
`SCOPES[n]`. Way back and state are implied; `login_hint`, `login_method` and further scopes may follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, urlsplit

#: Where Anthropic's sign-in pages are; `console` is of older clients, `fedstart` what
#: CLAUDE_CODE_CUSTOM_OAUTH_URL may name [seen, 2.1.332]. Compared as a whole.
HOSTS = ("claude.com", "claude.ai", "platform.claude.com", "console.anthropic.com", "claude.fedstart.com")
PATHS = ("/cai/oauth/authorize", "/oauth/authorize")
_OWN_DOMAINS = (".claude.com", ".claude.ai", ".anthropic.com")
_CONSOLE = ("platform.claude.com", "console.anthropic.com")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PASTE_PAGE = "platform.claude.com"

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#: In the order of their bits [seen, 2.1.332].
SCOPES = (
    "org:create_api_key user:profile user:inference user:sessions:claude_code user:mcp_servers "
    "user:file_upload user:plugins user:projects:read user:projects:write user:privacy_consents:write "
    "org:desktop_config"
).split()
_LONG_FORM = frozenset(
    "client_id response_type redirect_uri code_challenge code_challenge_method state".split()
)

Judgement = Literal["fine", "refused", "not-checked"]
_UNKNOWN_FORM = "its form isn't known here (a newer Claude Code may have made it)"


@dataclass(frozen=True, slots=True)
class SignInLink:
    """`url` is for opening, copying and the QR code. `problems`: what speaks against opening it, one sentence
    each. `doubts`: what can't be judged here; with doubts alone it is *not checked*, and may be used.

    `pasted`: the page shows a code to paste; otherwise the browser must reach `redirect` on this machine.
    """

    url: str = field(repr=False)
    host: str
    scopes: tuple[str, ...] = ()
    redirect: str = ""
    pasted: bool = True
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    binding: str = "PKCE S256"

    @property
    def judgement(self) -> Judgement:
        if self.problems:
            return "refused"
        return "not-checked" if self.doubts else "fine"

    @property
    def may_be_used(self) -> bool:
        return not self.problems

    @property
    def verdict(self) -> str:
        if self.problems:
            return "don't open this address: " + "; ".join(self.problems)
        if self.doubts:
            why = "; ".join(self.doubts)
            return f"not checked: {why}. It leads to {self.host} over https, and can be used all the same"
        back = "shows a code to paste here" if self.pasted else f"comes back to {self.redirect}"
        return f"it leads to {self.host} over https, is bound to this attempt ({self.binding}), and {back}"


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        "whole": re.compile(r"[\x21-\x7e]+"),
        "host": re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"),
        "short": re.compile(r"([A-Za-z0-9_-]{1,10})([A-Za-z0-9_-]{43})"),
        "challenge": re.compile(r"[A-Za-z0-9_-]{43,128}"),
        "state": re.compile(r"[A-Za-z0-9._~-]{16,512}"),
        "scope": re.compile(r"[a-z_]+(?::[a-z_]+)+|offline_access|openid|email|profile"),
        "address": re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?[/\\]{2}", re.IGNORECASE),
    }


def is_about_signing_in(url: str) -> bool:
    """Whether the address is meant as one to sign in with, right or wrong."""
    return ("oauth" in url.lower() and "authorize" in url.lower()) or "code_challenge" in url


def check_sign_in_link(url: str) -> SignInLink:
    """Pure. Never raises."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
        first, _, rest = parts.query.partition("&")
        by_name = "=" in first
        named = parse_qsl(parts.query if by_name else rest, keep_blank_values=True, strict_parsing=by_name)
    except ValueError:
        return SignInLink(url, "", problems=("it is damaged: no address can be read from it",))
    query = dict(named)
    if by_name and _LONG_FORM & query.keys():
        link = _long_form(url, host, query)
    elif by_name:
        link = SignInLink(url, host, doubts=(_UNKNOWN_FORM,))
    else:
        link = _short_form(url, host, first, query)
    problems, doubts = _place(parts, host, port)
    if not _patterns()["whole"].fullmatch(url):
        problems.append("it is damaged: it holds a character that no address holds")
    names = [name for name, _ in named]
    problems += [
        f"{name} stands in it twice"
        for name in sorted(query)
        if names.count(name) > 1 and name.isidentifier()
    ]
    values = [value for name, value in named if name != "redirect_uri"]
    if any(map(_leads_elsewhere, (*values, *_inner(query.get("redirect_uri", ""))))):
        problems.append("a value in it leads to a host that isn't one of Anthropic's sign-in pages")
    return replace(link, problems=(*problems, *link.problems), doubts=(*doubts, *link.doubts))


def _place(parts: SplitResult, host: str, port: int | None) -> tuple[list[str], list[str]]:
    """What is wrong with where it leads, and what can't be judged about that."""
    problems: list[str] = []
    doubts: list[str] = []
    if parts.scheme != "https":
        problems.append("it isn't https")
    if host not in HOSTS:
        if not (host.endswith(_OWN_DOMAINS) and _patterns()["host"].fullmatch(host)):
            problems.append("it leads to a host that isn't one of Anthropic's sign-in pages")
        doubts.append("its host is Anthropic's, and not one of the sign-in pages that are known here")
    elif parts.path not in PATHS:
        doubts.append("its path isn't the one of the sign-in page that is known here")
    if port not in {None, 443}:
        problems.append("it names a port of its own")
    if "@" in parts.netloc:
        problems.append("it carries a user name")
    return problems, doubts


def _inner(uri: str) -> list[str]:
    """The values that an address within the address carries."""
    try:
        return [value for _, value in parse_qsl(urlsplit(uri).query, keep_blank_values=True)]
    except ValueError:
        return []


def _leads_elsewhere(value: str) -> bool:
    """Whether a value is an address of a host that is neither Anthropic's nor this machine."""
    if not _patterns()["address"].match(value):
        return False
    try:
        host = urlsplit(value.strip().replace("\\", "/")).hostname
    except ValueError:
        return True
    return (host or "").lower() not in HOSTS + _LOOPBACK


# ── the long form ────────────────────────────────────────────────────────────────────────────────


def _long_form(url: str, host: str, query: dict[str, str]) -> SignInLink:
    problems = _binding_problems(query)
    scopes = tuple(query.get("scope", "").split())
    if not scopes:
        problems.append("it asks for no scopes: it was torn where the terminal wrapped it")
    elif not all(_patterns()["scope"].fullmatch(scope) for scope in scopes):
        problems.append("a scope in it is damaged: it was torn where the terminal wrapped it")
    redirect, pasted, trouble = _redirect(query.get("redirect_uri", ""))
    problems += trouble
    return SignInLink(url, host, scopes, redirect, pasted, tuple(problems), binding="PKCE S256, state")


def _binding_problems(query: dict[str, str]) -> list[str]:
    patterns = _patterns()
    problems: list[str] = []
    if query.get("response_type") != "code":
        problems.append("it doesn't ask for a code")
    if query.get("code_challenge_method") != "S256":
        problems.append("its PKCE method isn't S256")
    if not patterns["challenge"].fullmatch(query.get("code_challenge", "")):
        problems.append("its PKCE challenge is missing or damaged")
    if not patterns["state"].fullmatch(query.get("state", "")):
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
    if parts.scheme == "https" and host in HOSTS and port is None and "@" not in parts.netloc:
        return host, True, []
    return "", False, ["its way back is neither this machine nor Anthropic's page with the code"]


# ── the short form ───────────────────────────────────────────────────────────────────────────────


def _short_form(url: str, host: str, first: str, query: dict[str, str]) -> SignInLink:
    """`first`: what stands before the first `&`. `query`: what follows it by name."""
    redirect, _, problems = _redirect(query["redirect_uri"]) if "redirect_uri" in query else ("", True, [])
    match = _patterns()["short"].fullmatch(first)
    if match is None or _LONG_FORM & query.keys():
        return SignInLink(url, host, redirect=redirect, problems=tuple(problems), doubts=(_UNKNOWN_FORM,))
    number = 0
    for digit in match[1]:
        number = number * len(DIGITS) + DIGITS.index(digit)
    bits = number >> 1
    scopes = [scope for place, scope in enumerate(SCOPES) if bits >> place & 1] + query.get(
        "scope", ""
    ).split()
    doubts: list[str] = []
    if number & 1 and host not in _CONSOLE:
        doubts.append("its client isn't known here")
    if bits >> len(SCOPES):
        doubts.append("it asks for a scope that isn't known here")
    elif not scopes:
        doubts.append("it asks for no scopes")
    if DIGITS.index(match[2][-1]) % 4:  # 32 bytes leave the last two of 258 bits empty
        doubts.append("its PKCE challenge isn't whole: it may have been torn where the terminal wrapped it")
    return SignInLink(url, host, tuple(scopes), _PASTE_PAGE, doubts=tuple(doubts))
