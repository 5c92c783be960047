"""A pipe of its own for what is a credential, so that it never passes through a terminal, a log or a disk."""

from __future__ import annotations

import asyncio
import os
import tempfile

_MOST_OUTPUT = 1 << 20


class SecretPipe:
    """A named pipe in a directory of our own: the credential passes through memory only."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._descriptor = -1
        self._content = bytearray()

    def __enter__(self) -> SecretPipe:
        return self

    def open(self) -> str:
        self._folder = tempfile.TemporaryDirectory(prefix="claude-auth-")
        path = os.path.join(self._folder.name, "output")
        os.mkfifo(path, 0o600)
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        asyncio.get_running_loop().add_reader(self._descriptor, self._read)
        return path

    def _read(self) -> None:
        """What goes beyond the bound is read and dropped, so that the command doesn't hang on it."""
        try:
            chunk = os.read(self._descriptor, 1 << 16)
        except BlockingIOError:
            return
        if chunk:
            self._content += chunk[: _MOST_OUTPUT - len(self._content)]
        else:
            asyncio.get_running_loop().remove_reader(self._descriptor)

    def taken(self) -> bytes:
        """Everything until now; a child left behind may hold the pipe open for as long as it likes."""
        if self._descriptor >= 0:
            for _ in range(64):
                before = len(self._content)
                self._read()
                if len(self._content) == before:
                    break
        return bytes(self._content)

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1
        if self._folder is not None:
            self._folder.cleanup()
        self._content.clear()
