"""The logins of a machine as rows, as text and as JSON (docs/actions.schema.json): whose, which plan, until
when. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from claude_auth.actions.accounts import Account, McpAccount
from claude_auth.claude_code.plans import plan_name
from claude_auth.model import Snapshot
from claude_auth.model.surroundings import ClientInstance, Editor
from claude_auth.present.actions import (
    CLAUDE_HEADING,
    CLAUDE_ROUTES,
    INSTALLS,
    NO_CLIENT,
    NOT_CONFIGURED,
    OWN_HEADING,
    OWN_ROUTES,
    STORES,
    Route,
    until_words,
)
from claude_auth.present.lines import Line, Row, Span, fact, fit, line, pad, wrap
from claude_auth.security.sanitize import clean, shown_path
from claude_auth.words import EXPIRIES, StatusText, abbreviate_home, format_path
from claude_auth.words.times import iso

if TYPE_CHECKING:
    from claude_auth.oauth.configuration import Configuration


NO_LOGIN = "No login is stored on this machine. Press l to sign in."
_LABEL = 15


def active_account_lines(accounts: Sequence[Account], width: int) -> list[Line]:
    """One line for each that is in use."""
    active = [account for account in accounts if account.active]
    if not active:
        return [line(Span(fit(" – no login is active", width), "dim"))]
    return [line(Span(fit(f" ★ {_store(one)}: {_whose(one)}", width), "ok")) for one in active]


def account_rows(
    accounts: Mapping[str, Account], mcp: Sequence[McpAccount], now: float, home: str, width: int
) -> list[Row]:
    rows = [Row(key, tuple(_account_lines(one, now, home, width))) for key, one in accounts.items()]
    if not accounts:
        rows = [Row(None, wrap(line(NO_LOGIN), width))]
    if mcp:
        servers = (wrap(line(f"  {mcp_words(login, home)}"), width, 4) for login in mcp)
        heading = line(Span(fit("Sign-ins at MCP servers", width), "strong"))
        rows.append(Row(None, (heading, *(one for lines in servers for one in lines))))
    return rows


def _account_lines(account: Account, now: float, home: str, width: int) -> list[Line]:
    mark = Span("★ active   ", "ok") if account.active else Span("– not now  ", "dim")
    name = f"{_store(account)} · {account_name(account, home)}"
    found = [line(mark, Span(fit(name, width - 11), "strong"))]
    facts = (
        ("e-mail", account.email),
        ("organisation", account.organization),
        ("plan", plan_name(account.plan or "")),
    )
    for label, value in facts:
        if value:
            found += fact(f"  {label}", line(clean(value, 100)), width, _LABEL)
    if account.expiry is None:
        unknown = account.problem or "not known without reading it"
        return [*found, *fact("  expiry", line(Span(unknown, "dim")), width, _LABEL)]
    word = EXPIRIES[account.expiry]
    until = until_words(account.expires_at, now) if account.expiry == "live" else ""
    found += fact("  expiry", line(Span(f"{word}{f', {until}' if until else ''}", word.role)), width, _LABEL)
    if account.fingerprint:
        found += fact("  token", line(account.fingerprint), width, _LABEL)
    for words in account_details(account, home):
        found += wrap(line(Span(f"  {words}", "dim")), width, 4)
    return found


def _store(account: Account) -> str:
    return STORES.get(account.store, account.store)


def _plan(account: Account) -> str:
    return f"{plan_name(account.plan)} plan" if account.plan else ""


def _whose(account: Account) -> str:
    parts = [account.name, account.email, account.organization, _plan(account)]
    return ", ".join(part for part in parts if part) or "the default account"


_ROUTE_LABEL = 20


def route_rows(
    snapshot: Snapshot, configuration: Configuration, path: str, account: str | None, width: int
) -> list[Row]:
    """`path`: where the configuration's file belongs. Rows whose id begins with `copy:` are to be copied."""
    return [
        Row(None, (line(Span(fit(CLAUDE_HEADING, width), "strong")),)),
        *_by_claude(snapshot, width),
        Row(None, ((),)),
        Row(None, (line(Span(fit(OWN_HEADING, width), "strong")),)),
        *_by_us(configuration, path, account, snapshot.places.home, width),
    ]


def _by_claude(snapshot: Snapshot, width: int) -> list[Row]:
    if not snapshot.installed:
        rows = [Row(None, wrap(line(Span(NO_CLIENT, "warn")), width))]
        return rows + [
            Row(f"copy:{command}", wrap(line(Span(command, "accent")), width)) for command in INSTALLS
        ]
    first = snapshot.installed[0]
    told = f"{first.version or 'version not known'}, {format_path(first.path, snapshot.places.home)}"
    rows = [Row(None, wrap(line(Span(f"Claude Code {told}", "dim")), width))]
    return rows + [_route_row(route, width) for route in CLAUDE_ROUTES]


def _by_us(configuration: Configuration, path: str, account: str | None, home: str, width: int) -> list[Row]:
    told = [StatusText("✗", clean(str(problem), 300), "fail") for problem in configuration.problems]
    told += [StatusText("▲", clean(str(warning), 300), "warn") for warning in configuration.warnings]
    rows = [Row(None, wrap(line(word), width, 2)) for word in told]
    client = configuration.client
    if client is None:
        if configuration.is_absent:
            rows.append(Row(None, wrap(line(Span(NOT_CONFIGURED, "dim")), width)))
        rows.append(Row(f"copy:{path}", wrap(line(Span(format_path(path, home), "accent")), width)))
        return rows
    where = (client.authorize_url or client.issuer or "").partition("?")[0]
    words = clean(f"client {client.client_id} at {where}", 300)
    rows.append(Row(None, wrap(line(Span(words, "dim")), width)))
    name = "the default account" if account is None else f"the account {clean(account, 60)}"
    rows.append(Row(None, wrap(line(Span(f"as {name}; c names another", "dim")), width)))
    return rows + [_route_row(route, width) for route in OWN_ROUTES]


def _route_row(route: Route, width: int) -> Row:
    label = Span(pad(route.label, _ROUTE_LABEL))
    return Row(route.id, wrap(line(label, Span(route.detail, "dim")), width, _ROUTE_LABEL))


def address_title(title: str, leads_to: str, qr_rows: int, height: int) -> str:
    """With where it leads, which a long address would push out of sight, and the size of the QR code, before
    its key is pressed. `qr_rows` 0: there is none; `height`: the rows of the terminal."""
    parts = [title, *([f"it leads to {leads_to}"] if leads_to else [])]
    if qr_rows:
        parts.append(f"QR {qr_rows} rows" + (f", here {height}" if qr_rows > height else ""))
    return " · ".join(parts)


def accounts_document(
    accounts: tuple[Account, ...], error: str | None = None, mcp: tuple[McpAccount, ...] = ()
) -> dict[str, Any]:
    return {
        "schema": 1,
        "error": error,
        "accounts": [
            {
                **asdict(account),
                "expires_at": iso(account.expires_at),
                "directory": None if account.directory is None else shown_path(account.directory, 500),
                "found_by": list(account.found_by),
                "used_by": [one._asdict() for one in account.used_by],
                "editors": [{**one._asdict(), "folders": list(one.folders)} for one in account.editors],
                "evidence": list(account.evidence),
            }
            for account in accounts
        ],
        "mcp": [
            {
                **asdict(login),
                "expires_at": iso(login.expires_at),
                "directory": shown_path(login.directory, 500),
            }
            for login in mcp
        ],
    }


def accounts_text(accounts: tuple[Account, ...], mcp: tuple[McpAccount, ...] = (), home: str = "") -> str:
    """One line each, the active ones marked with a star and the word; below it who uses it, and what Claude
    Code left there."""
    lines = [] if accounts else ["No login is stored on this machine."]
    for account in accounts:
        words = [account.email, account.organization, _plan(account), account.expiry, account.problem]
        mark = "* active" if account.active else "        "
        name = account_name(account, home)
        lines.append(f"{mark}  {account.store:<12} {name:<16} {', '.join(w for w in words if w)}".rstrip())
        lines += [f"          {words}" for words in account_details(account, home)]
    lines += ["MCP servers:"] if mcp else []
    lines += [f"          {mcp_words(login, home)}" for login in mcp]
    return "\n".join(lines)


def account_name(account: Account, home: str) -> str:
    """Its name, or where it lies."""
    if account.is_elsewhere:
        return format_path(account.directory or "", home)
    return account.name or "(default)"


def account_details(account: Account, home: str) -> tuple[str, ...]:
    used = [f"used by {instance_words(one, home)}" for one in account.used_by]
    names = abbreviate_home(", ".join(account.found_by), home) if account.is_elsewhere else ""
    found_by = [f"found by {names}"] if names else []
    editors = [editor_words(one, home) for one in account.editors]
    return (*found_by, *used, *editors, *account.evidence)


def instance_words(instance: ClientInstance, home: str) -> str:
    told = [instance.kind, instance.entrypoint, instance.version]
    words = f"process {instance.pid} ({', '.join(word for word in told if word) or 'not registered'})"
    return words if instance.folder is None else f"{words} in {format_path(instance.folder, home)}"


def editor_words(editor: Editor, home: str) -> str:
    folders = ", ".join(format_path(folder, home) for folder in editor.folders)
    where = f", with {folders}" if folders else ""
    return f"{editor.name or 'an editor'} waits for it (process {editor.pid}, port {editor.port}){where}"


def mcp_words(login: McpAccount, home: str) -> str:
    host = f" ({login.host})" if login.host else ""
    renewed = "can be refreshed" if login.refreshable else "can't be refreshed"
    where = format_path(login.directory, home)
    return f"{login.server}{host}: {EXPIRIES[login.expiry].text}, {renewed}; in {where}"
