"""The logins of this machine: whose, which plan, until when, and which one is active; making another one
active."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.model import Event, Expiry, Snapshot, TokenSet
from claude_auth.words.times import iso

if TYPE_CHECKING:
    from claude_auth.oauth.configuration import Configuration, OAuthClient
    from claude_auth.store import TokenStore

__all__ = [
    "Account",
    "Configuration",
    "OAuthClient",
    "OpenedStore",
    "TokenStore",
    "accounts_document",
    "accounts_text",
    "list_accounts",
    "oauth_configuration",
    "oauth_configuration_path",
    "open_for_sign_in",
    "open_known",
    "switch_account",
]


@dataclass(frozen=True, slots=True)
class Account:
    """`active`: the one that its own program uses. `expiry` None: not known without reading its value."""

    store: str
    name: str | None
    active: bool
    email: str | None = None
    organization: str | None = None
    plan: str | None = None
    expiry: Expiry | None = None
    expires_at: float | None = None
    fingerprint: str | None = None


def list_accounts(snapshot: Snapshot) -> tuple[Account, ...]:
    """Pure."""
    found: list[Account] = []
    login, state, now = snapshot.login, snapshot.claude_json, snapshot.observed_at
    tokens = login.tokens if login.unusable is None else None
    if tokens is not None or login.present_unread:
        account = Account("claude-code", None, True, state.email, state.organization)
        found.append(_with_tokens(account, tokens, now))
    own = snapshot.sdk_tokens
    if own.tokens is not None:
        found.append(replace(_with_tokens(Account("sdk", None, True), own.tokens, now), plan=None))
    found += [Account("sdk", name, False) for name in own.others]
    if snapshot.keyring_tokens.present_unread:
        names = (snapshot.keyring_tokens.account, *snapshot.keyring_tokens.others)
        found += [Account("keyring", name, place == 0) for place, name in enumerate(names)]
    claw = snapshot.claw_tokens
    if claw.tokens is not None or claw.present_unread:
        expiry = None if claw.tokens is None else claw.tokens.expiry(now, RENEWAL_MARGIN)
        found.append(Account("claw", None, True, expiry=expiry))
    return tuple(found)


def _with_tokens(account: Account, tokens: TokenSet | None, now: float) -> Account:
    """`tokens` None: there are some, which are not read."""
    if tokens is None:
        return account
    return replace(
        account,
        plan=tokens.subscription,
        expiry=tokens.expiry(now, RENEWAL_MARGIN),
        expires_at=tokens.expires_at,
        fingerprint=tokens.access_token.fingerprint,
    )


def switch_account(home: str, name: str, keep_as: str | None = None) -> tuple[Event, str | None]:
    """Make `name` the active account of the SDK's store: what to journal, and why it was not done."""
    from claude_auth.model.errors import AuthenticationError
    from claude_auth.store.files import switch

    try:
        text = switch(home, name, keep_as)
    except AuthenticationError as error:
        return Event(time.time(), "accounts.failed", str(error), "error", "sdk"), str(error)
    facts = {"account": name, "kept_as": keep_as}
    return Event(time.time(), "accounts.switched", f"{text}.", store="sdk", data=facts), None


# ── the stores that a login can stand in ─────────────────────────────────────────────────────────


class OpenedStore(NamedTuple):
    """`notice`: another store than the wished one was taken. `problem`: none could be."""

    store: TokenStore | None
    notice: str | None = None
    problem: str | None = None


def open_known(id: str, home: str, account: str | None) -> OpenedStore:
    """One that a login stands in already; nothing is asked yet."""
    from claude_auth.model.errors import AuthenticationError
    from claude_auth.store.others import open_store

    try:
        return OpenedStore(open_store(id, home, account))
    except AuthenticationError as error:
        return OpenedStore(None, problem=str(error))


def open_for_sign_in(id: str, home: str, account: str | None) -> OpenedStore:
    """One that a login will stand in: a keyring that takes nothing is replaced by a file. Blocks: a keyring
    may take its time."""
    from claude_auth.model.errors import AuthenticationError
    from claude_auth.store.others import keyring_or_file

    if id != "keyring":
        return open_known(id, home, account)
    try:
        choice = keyring_or_file(home, account)
    except AuthenticationError as error:
        return OpenedStore(None, problem=str(error))
    return OpenedStore(choice.store, choice.notice)


def oauth_configuration(environ: Mapping[str, str]) -> Configuration:
    """The user's own OAuth client."""
    from claude_auth.oauth.configuration import load_configuration

    return load_configuration(environ)


def oauth_configuration_path(environ: Mapping[str, str]) -> str:
    """The file that an OAuth client is configured in."""
    from claude_auth.oauth.configuration import configuration_path

    return configuration_path(environ)


# ── in words ─────────────────────────────────────────────────────────────────────────────────────


def accounts_document(accounts: tuple[Account, ...], error: str | None = None) -> dict[str, Any]:
    found = [{**asdict(account), "expires_at": iso(account.expires_at)} for account in accounts]
    return {"schema": 1, "error": error, "accounts": found}


def accounts_text(accounts: tuple[Account, ...]) -> str:
    """One line each, the active ones marked with a star and the word."""
    if not accounts:
        return "No login is stored on this machine."
    lines = []
    for account in accounts:
        words = [account.email, account.organization, account.plan and f"{account.plan} plan", account.expiry]
        mark = "* active" if account.active else "        "
        name = account.name or "(default)"
        lines.append(f"{mark}  {account.store:<12} {name:<16} {', '.join(w for w in words if w)}".rstrip())
    return "\n".join(lines)
