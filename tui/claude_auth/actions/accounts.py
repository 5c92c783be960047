"""The logins of this machine: whose, which plan, until when, and which one is active; making another one
active."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.model import Event, Expiry, Resolution, Snapshot, StoreReading, TokenSet
from claude_auth.model.surroundings import ClientInstance, ConfigDirectory, Editor
from claude_auth.named_tuples import NamedTuple
from claude_auth.words.times import ago

if TYPE_CHECKING:
    from claude_auth.oauth.authorization import OAuthClient
    from claude_auth.oauth.configuration import Configuration
    from claude_auth.store import TokenStore


__all__ = [
    "Account",
    "Configuration",
    "McpAccount",
    "OAuthClient",
    "OpenedStore",
    "TokenStore",
    "accounts_to_refresh",
    "accounts_to_sign_out",
    "list_accounts",
    "list_mcp_logins",
    "oauth_configuration",
    "oauth_configuration_path",
    "open_for_sign_in",
    "open_known",
    "switch_account",
]


@dataclass(frozen=True, slots=True)
class Account:
    """`active`: the one that its own program uses. `expiry` None: not known without reading its value.
    `directory`: of a login of Claude Code, the configuration directory that it lies in; `found_by`: what
    names that; `used_by`: who runs there now; `editors`: those that wait for it; `evidence`: what Claude Code
    left there, in sentences."""

    store: str
    name: str | None
    active: bool
    email: str | None = None
    organization: str | None = None
    plan: str | None = None
    expiry: Expiry | None = None
    expires_at: float | None = None
    fingerprint: str | None = None
    refreshable: bool | None = None
    directory: str | None = None
    found_by: tuple[str, ...] = ()
    used_by: tuple[ClientInstance, ...] = ()
    editors: tuple[Editor, ...] = ()
    evidence: tuple[str, ...] = ()
    #: Why nothing is known of a login that may be there.
    problem: str | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Of Claude Code, and not in the configuration directory that is looked at: it is only read."""
        return self.store == "claude-code" and not self.active

    @property
    def id(self) -> str:
        """Unlike that of every other one."""
        return f"{self.store}:{self.directory if self.is_elsewhere else self.name or ''}"


@dataclass(frozen=True, slots=True)
class McpAccount:
    """A sign-in of Claude Code at an MCP server, and the configuration directory that it lies in."""

    server: str
    host: str | None
    directory: str
    expiry: Expiry
    expires_at: float | None
    refreshable: bool


def list_accounts(snapshot: Snapshot) -> tuple[Account, ...]:
    """Pure. Other configuration directories than the one that is looked at: after a second look alone."""
    now = snapshot.observed_at
    found = [_of_claude_code(one, snapshot) for one in _directories(snapshot) if _has_login(one.login)]
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


def accounts_to_refresh(snapshot: Snapshot) -> tuple[Account, ...]:
    """Those that are not only read here."""
    found = (one for one in list_accounts(snapshot) if one.problem is None)
    return tuple(one for one in found if one.store != "claw" and not one.is_elsewhere)


def accounts_to_sign_out(snapshot: Snapshot, resolution: Resolution) -> tuple[Account, ...]:
    """With a Console sign-in that left a key alone, which `claude auth logout` takes away."""
    ours = accounts_to_refresh(snapshot)
    has_key = resolution.standing("managed-key").reading.state == "present"
    if has_key and not any(one.store == "claude-code" for one in ours):
        return (Account("claude-code", None, True), *ours)
    return ours


def list_mcp_logins(snapshot: Snapshot) -> tuple[McpAccount, ...]:
    """Pure; by directory."""
    now = snapshot.observed_at
    return tuple(
        McpAccount(
            login.server,
            login.host,
            directory.path,
            login.tokens.expiry(now, RENEWAL_MARGIN),
            login.tokens.expires_at,
            login.tokens.is_refreshable,
        )
        for directory in _directories(snapshot)
        for login in directory.login.mcp
        if login.tokens is not None
    )


def _directories(snapshot: Snapshot) -> tuple[ConfigDirectory, ...]:
    """The one that is looked at with what was evaluated since."""
    here = ConfigDirectory(
        snapshot.places.config_dir, (), snapshot.login, snapshot.claude_json, is_current=True
    )
    found = () if snapshot.more is None else snapshot.more.directories
    told = tuple(one._replace(login=snapshot.login) if one.is_current else one for one in found)
    return told if any(one.is_current for one in told) else (here, *told)


def _has_login(login: StoreReading) -> bool:
    """Also where it could not be looked at: that is not the same as none."""
    unread = login.present_unread or (login.damage is not None and login.damage.is_unreadable)
    return unread or (login.tokens is not None and login.unusable is None)


def _of_claude_code(directory: ConfigDirectory, snapshot: Snapshot) -> Account:
    account = Account(
        "claude-code",
        None,
        directory.is_current,
        directory.state.email,
        directory.state.organization,
        directory=directory.path,
        found_by=directory.found_by,
        used_by=directory.instances,
        editors=directory.editors,
        evidence=evidence_words(directory, snapshot.observed_at),
        problem=None if directory.login.damage is None else directory.login.damage.text,
    )
    return _with_tokens(account, directory.login.tokens, snapshot.observed_at)


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
        refreshable=tokens.is_refreshable,
    )


def switch_account(home: str, name: str, keep_as: str | None = None) -> tuple[Event, str | None]:
    """Make `name` the active account of the SDK's store: what to journal, and why it was not done."""
    from claude_auth.model.errors import AuthenticationError
    from claude_auth.store.switching import switch

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


def evidence_words(directory: ConfigDirectory, now: float) -> tuple[str, ...]:
    """What Claude Code's own files say beside the login, with their age."""
    state, service = directory.state, directory.service
    told: list[str] = []
    if state.account_at is not None:
        told.append(f"its account was looked up {ago(state.account_at, now)}")
    if state.usage is not None:
        shares = (("5 hours", state.usage.five_hours), ("7 days", state.usage.seven_days))
        used = ", ".join(f"{share:.0f} % of {window}" for window, share in shares if share is not None)
        told.append(f"its usage was looked up {ago(state.usage.at, now)}{': ' if used else ''}{used}")
    if service is not None and service.written_at is not None:
        runs = f"runs as process {service.pid}" if service.runs else "does not run"
        workers = f"{service.workers} worker{'s' if service.workers != 1 else ''}"
        told.append(f"the background service {runs}; {ago(service.written_at, now)} it had {workers}")
    if service is not None and service.sign_in_wanted_since is not None:
        told.append(f"the background service asked for a sign-in {ago(service.sign_in_wanted_since, now)}")
    if service is not None and service.logged is not None and service.logged_at is not None:
        told.append(f"it logged {ago(service.logged_at, now)}: {service.logged}")
    return tuple(told)
