"""A home full of things to look for, and a witness of everything that is opened in it (Linux)."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from pathlib import Path

_ACCESS, _MODIFY, _ATTRIB, _OPEN, _CREATE, _DELETE, _MOVED = 0x1, 0x2, 0x4, 0x20, 0x100, 0x200, 0xC0
_EVERYTHING = _ACCESS | _MODIFY | _ATTRIB | _OPEN | _CREATE | _DELETE | _MOVED
_HEAD = struct.Struct("iIII")

FILES = (
    ".claude/.credentials.json",
    ".claude/settings.json",
    ".claude.json",
    ".aws/credentials",
    ".config/gcloud/application_default_credentials.json",
    ".config/claude-auth/oauth.toml",
    ".local/state/claude-auth/journal.jsonl",
    ".zshrc",
)


class WatchedHome:
    """`seen` tells what was opened, read, changed or made there since it was laid out."""

    def __init__(self, home: Path) -> None:
        self.home = home
        for name in FILES:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text("{}")
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert self._descriptor >= 0
        folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
        self._names = {
            libc.inotify_add_watch(self._descriptor, os.fsencode(folder), _EVERYTHING): folder
            for folder in folders
        }
        assert min(self._names) > 0

    def seen(self) -> list[str]:
        found: list[str] = []
        while content := self._read():
            while content:
                watch, _, _, length = _HEAD.unpack_from(content)
                name = content[_HEAD.size : _HEAD.size + length].rstrip(b"\0").decode()
                found.append(str(self._names[watch] / name))
                content = content[_HEAD.size + length :]
        return found

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, 1 << 16)
        except OSError as error:
            if error.errno != errno.EAGAIN:
                raise
            return b""

    def close(self) -> None:
        os.close(self._descriptor)
