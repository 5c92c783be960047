"""The logins of a machine as text and as JSON (docs/actions.schema.json). Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from claude_auth.actions.accounts import Account, McpAccount
from claude_auth.model.logins import ClientInstance, Editor
from claude_auth.security.sanitize import shown_path
from claude_auth.words import EXPIRIES, abbreviate_home, format_path
from claude_auth.words.times import iso


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
        plan = account.plan and f"{account.plan} plan"
        words = [account.email, account.organization, plan, account.expiry, account.problem]
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
