"""The address of a sign-in on its way to a browser: opened here, copied, drawn, forwarded, written to a file.
What belongs to one attempt never gets into the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from claude_auth.actions.terminal import start_detached
from claude_auth.model import Machine
from claude_auth.oauth import browser
from claude_auth.oauth.browser import (
    Opened,
    Starter,
    qr_rows,
    remove_url_file,
    ssh_forward,
    url_directory,
    write_url_file,
)
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.journal import Journal

__all__ = [
    "Opened",
    "forward_command",
    "hide_address",
    "hide_pasted",
    "open_browser",
    "qr_rows",
    "remove_url_file",
    "url_directory",
    "write_url_file",
]


def open_browser(
    url: Secret,
    machine: Machine,
    environ: Mapping[str, str],
    *,
    asked: bool = False,
    starter: Starter = start_detached,
) -> Opened:
    """`asked`: a person wants it, so over SSH too: it opens over there."""
    return browser.open_browser(url, machine, environ, starter, asked=asked)


def forward_command(environ: Mapping[str, str], port: int | None, machine: Machine) -> str | None:
    """What to run on the computer with the browser, so that its answer reaches us; None without SSH."""
    return ssh_forward(environ, port, machine.user) if port else None


def hide_address(journal: Journal, address: str) -> None:
    """Whatever the parts of one attempt look like, they are not journalled."""
    fields = dict(parse_qsl(urlsplit(address).query))
    known = ("state", "code_challenge", "nonce")
    journal.hide(*(Secret(fields[name]) for name in known if fields.get(name)))


def hide_pasted(journal: Journal, text: str) -> None:
    """The same for what was pasted: an address, a code, or both halves of one."""
    words = "".join(text.split())
    fields = [part.partition("=")[2] or part for part in words.replace("#", "&").replace("?", "&").split("&")]
    journal.hide(*(Secret(field) for field in fields if len(field) >= 8))
