"""Whether a browser can be opened here, and with which command. Starting it is the caller's: processes start
in `processes` alone."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from claude_auth.model import Machine
from claude_auth.oauth.urls import split
from claude_auth.processes.which import which as find
from claude_auth.security.secret import Secret

#: Starts a program apart from our terminal (no stdin, output thrown away, its own session); says whether it
#: could be started.
Starter = Callable[[Sequence[str]], bool]
#: Where a program lies, None where it isn't installed.
Which = Callable[[str], str | None]

#: The graphical browsers that Python's `webbrowser` knows, and their present names.
GRAPHICAL = (
    "firefox",
    "firefox-esr",
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "brave-browser",
    "microsoft-edge",
    "vivaldi",
    "opera",
    "epiphany",
    "epiphany-browser",
    "konqueror",
    "falkon",
    "iceweasel",
    "seamonkey",
    "mozilla",
    "x-www-browser",
)
#: They would start inside our own terminal.
TEXT_BROWSERS = frozenset({"browsh", "carbonyl", "elinks", "links", "links2", "lynx", "w3m", "www-browser"})


@dataclass(frozen=True, slots=True)
class Opened:
    """`program` is None where nothing was started; `reason` then says why."""

    program: str | None
    reason: str


def can_open(machine: Machine, *, asked: bool = False) -> tuple[bool, str]:
    """Whether a browser opened here would be seen. Over SSH only when `asked` for: it opens over there."""
    if machine.over_ssh and not asked:
        return False, "this is an SSH session: a browser would open on the other computer"
    if machine.wsl:
        return True, "the browser of Windows"
    if machine.platform in {"darwin", "win32"}:
        return True, "the default browser"
    if not machine.display:
        where = f" in this container ({machine.container})" if machine.container else ""
        return False, f"there is no graphical display{where}"
    return True, "the default browser"


def browser_command(
    url: Secret, machine: Machine, environ: Mapping[str, str], which: Which | None = None
) -> tuple[str, ...] | None:
    """Program and arguments, without a shell; None where there is no graphical browser."""
    which = which or partial(find, path=environ.get("PATH"))
    address = url.reveal()
    parts = split(address)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or not _is_plain(address):
        return None
    if machine.platform == "darwin":
        return ("/usr/bin/open", address)
    if machine.wsl:
        for program, *arguments in (("wslview",), ("rundll32.exe", "url.dll,FileProtocolHandler")):
            path = which(program)
            if path:
                return (path, *arguments, address)
    chosen = _from_variable(address, environ.get("BROWSER", ""), which)
    if chosen:
        return chosen
    installed = [path for path in map(which, GRAPHICAL) if path and not _is_text_browser(path)]
    if not installed:
        return None
    # xdg-open knows the person's choice, but falls back to text browsers where no other is installed.
    opener = which("xdg-open") or installed[0]
    return (opener, address)


def open_browser(
    url: Secret,
    machine: Machine,
    environ: Mapping[str, str],
    starter: Starter,
    *,
    asked: bool = False,
    which: Which | None = None,
) -> Opened:
    """Opens `url` where that makes sense. Its address is visible in the list of processes: it holds the state
    and the challenge, never the verifier."""
    possible, reason = can_open(machine, asked=asked)
    if not possible:
        return Opened(None, reason)
    command = browser_command(url, machine, environ, which)
    if command is None:
        return Opened(None, "there is no graphical browser here")
    name = os.path.basename(command[0])
    if not starter(command):
        return Opened(None, f"{name} could not be started")
    return Opened(name, f"opened with {name}")


def _is_plain(address: str) -> bool:
    return address.isascii() and address.isprintable() and " " not in address and not address.startswith("-")


def _from_variable(address: str, value: str, which: Which) -> tuple[str, ...] | None:
    """`BROWSER`: commands with colons between them, `%s` for the address."""
    for text in value.split(os.pathsep):
        try:
            words = shlex.split(text)
        except ValueError:
            continue
        path = which(words[0]) if words else None
        if not path or _is_text_browser(path) or _is_text_browser(words[0]):
            continue
        arguments = [word for word in words[1:] if word != "&"]
        if any("%s" in word for word in arguments):
            return (path, *(word.replace("%s", address) for word in arguments))
        return (path, *arguments, address)
    return None


def _is_text_browser(path: str) -> bool:
    """By its name, links followed: `www-browser` and `x-www-browser` point anywhere."""
    names = {os.path.basename(path), os.path.basename(os.path.realpath(path))}
    return bool(names & TEXT_BROWSERS)
