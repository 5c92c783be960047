"""Whether a browser can be opened here and with which command (starting it is the caller's: processes start
in `processes` alone), and ways to bring the address to a browser elsewhere: the terminal's clipboard, a QR
code, a file, a forwarded port. The address itself is always one line, never wrapped."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from claude_auth.model import Machine
from claude_auth.oauth.authorization import split
from claude_auth.processes.environment import which as find
from claude_auth.security.secret import Secret

#: Starts a program apart from our terminal (no stdin, output thrown away, its own session); says whether it
#: could be started.
Starter = Callable[[Sequence[str]], bool]
#: Where a program lies, None where it isn't installed.
Which = Callable[[str], str | None]

#: The graphical browsers that Python's `webbrowser` knows, and their present names.
GRAPHICAL = (
    "firefox firefox-esr google-chrome google-chrome-stable chromium chromium-browser brave-browser "
    "microsoft-edge vivaldi opera epiphany epiphany-browser konqueror falkon iceweasel seamonkey mozilla "
    "x-www-browser"
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
    installed = [path for path in map(which, GRAPHICAL.split()) if path and not _is_text_browser(path)]
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


#: GNU screen drops longer control strings.
_SCREEN_CHUNK = 240


def clipboard_sequence(text: Secret, multiplexer: str | None = None) -> bytes:
    """OSC 52: sent to the terminal, which may or may not put it on its clipboard and never says so. tmux
    needs `allow-passthrough on`; there `tmux load-buffer -w -` is the surer way."""
    sequence = b"\x1b]52;c;" + base64.b64encode(text.reveal().encode()) + b"\x07"
    if multiplexer == "tmux":
        return b"\x1bPtmux;" + sequence.replace(b"\x1b", b"\x1b\x1b") + b"\x1b\\"
    if multiplexer == "screen":
        chunks = (sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK))
        return b"".join(b"\x1bP" + chunk + b"\x1b\\" for chunk in chunks)
    return sequence


def qr_rows(url: Secret, *, border: int = 2) -> tuple[str, ...]:
    """A QR code in half blocks, two rows of dots a line; dark dots are drawn, so show it dark on light."""
    import segno

    dots = [list(row) for row in segno.make_qr(url.reveal(), error="l").matrix_iter(border=border)]
    if len(dots) % 2:
        dots.append([0] * len(dots[0]))
    blocks = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
    return tuple(
        "".join(blocks[int(bool(above)), int(bool(below))] for above, below in zip(top, bottom, strict=True))
        for top, bottom in zip(dots[::2], dots[1::2], strict=True)
    )


def url_directory(environ: Mapping[str, str]) -> str:
    """A place of our own that others can't read: the session's runtime directory, else the cache."""
    from claude_auth.preferences import APPLICATION

    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(runtime) and os.path.isdir(runtime):
        return os.path.join(runtime, APPLICATION)
    import platformdirs

    return platformdirs.user_cache_dir(APPLICATION, appauthor=False)


def write_url_file(url: Secret, directory: str) -> str:
    """The path of a new file, 0600 from the first byte, that holds the address on one line."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    path = os.path.join(directory, f"sign-in-{secrets.token_hex(4)}.url")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with open(descriptor, "w", encoding="ascii", errors="replace") as file:
        file.write(f"{url.reveal()}\n")
    return path


def remove_url_file(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def ssh_forward(environ: Mapping[str, str], port: int, user: str) -> str | None:
    """The command for the computer in front of the person that brings its `port` here; None without SSH."""
    words = environ.get("SSH_CONNECTION", "").split()
    if len(words) != 4 or not words[3].isdigit():
        return None
    address = words[2].partition("%")[0]
    if not all(c.isalnum() or c in ".:" for c in address):
        return None
    name = "".join(c for c in user if c.isalnum() or c in "._-")
    other_port = "" if words[3] == "22" else f" -p {words[3]}"
    target = f"{name}@{address}" if name else address
    return f"ssh -N -L {port}:127.0.0.1:{port}{other_port} {target}"
