"""Ways to bring the address to a browser elsewhere: a link, the terminal's clipboard, a QR code, a file, a
forwarded port. The address itself is always one line, never wrapped."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
from collections.abc import Mapping

from claude_auth.security.secret import Secret

#: GNU screen drops longer control strings.
_SCREEN_CHUNK = 240


def hyperlink(url: Secret, text: str) -> str:
    """`text` as an OSC 8 link: terminals that don't know it show the text alone."""
    address = "".join(c for c in url.reveal() if "\x21" <= c <= "\x7e")
    label = "".join(c for c in text if c.isprintable())
    return f"\x1b]8;;{address}\x1b\\{label}\x1b]8;;\x1b\\"


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
    from claude_auth.oauth.configuration import APPLICATION

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
