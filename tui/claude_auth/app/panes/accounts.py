"""The logins of a machine as rows: whose, which plan, until when. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from claude_auth.actions.accounts import Account
from claude_auth.present.actions import STORES, until_words
from claude_auth.present.lines import Line, Row, Span, fact, fit, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import EXPIRIES

NONE = "No login is stored on this machine. Press l to sign in."
_LABEL = 15


def active_lines(accounts: Sequence[Account], width: int) -> list[Line]:
    """One line for each that is in use."""
    active = [account for account in accounts if account.active]
    if not active:
        return [line(Span(fit(" – no login is active", width), "dim"))]
    return [line(Span(fit(f" ★ {_store(one)}: {_whose(one)}", width), "ok")) for one in active]


def rows(accounts: Mapping[str, Account], now: float, width: int) -> list[Row]:
    if not accounts:
        return [Row(None, wrap(line(NONE), width))]
    return [Row(key, tuple(_lines(account, now, width))) for key, account in accounts.items()]


def _lines(account: Account, now: float, width: int) -> list[Line]:
    mark = Span("★ active   ", "ok") if account.active else Span("– not now  ", "dim")
    name = f"{_store(account)} · {account.name or '(default)'}"
    found = [line(mark, Span(fit(name, width - 11), "strong"))]
    facts = (("e-mail", account.email), ("organisation", account.organization), ("plan", account.plan))
    for label, value in facts:
        if value:
            found += fact(f"  {label}", line(clean(value, 100)), width, _LABEL)
    if account.expiry is None:
        unknown = "not known without reading it"
        return [*found, *fact("  expiry", line(Span(unknown, "dim")), width, _LABEL)]
    word = EXPIRIES[account.expiry]
    until = until_words(account.expires_at, now) if account.expiry == "live" else ""
    found += fact("  expiry", line(Span(f"{word}{f', {until}' if until else ''}", word.role)), width, _LABEL)
    if account.fingerprint:
        found += fact("  token", line(account.fingerprint), width, _LABEL)
    return found


def _store(account: Account) -> str:
    return STORES.get(account.store, account.store)


def _whose(account: Account) -> str:
    parts = [account.name, account.email, account.organization, account.plan and f"{account.plan} plan"]
    return clean(", ".join(part for part in parts if part) or "the default account", 200)
