"""Documents of earlier looks: `.claude.json` grows to megabytes, and to parse it would be most of a look."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from claude_auth.files import Signature, read_file, signature
from claude_auth.formats.document import Document
from claude_auth.model import FileFacts

Parser = Callable[[bytes], Document]

#: A file that was written within so many nanoseconds before it was read may be written again without another
#: time or size: file systems count in steps of up to two seconds.
_STEP = 2_000_000_000
_MOST = 100


class DocumentMemory:
    """Parses a file again only where its status, or that of the link to it, is another one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Parser], tuple[Signature, Document, FileFacts | None]] = {}

    def forget(self) -> None:
        self._known.clear()

    def read(self, path: str, limit: int, parsed: Parser) -> tuple[Document, FileFacts | None]:
        """A file of JSON, damaged where it can't be read either."""
        key, status = (path, parsed), _status(path)
        known = self._known.get(key)
        if known is not None and known[0] == status:
            return known[1:]
        moment = time.time_ns()
        read = read_file(path, limit)
        document = parsed(read.content) if read.content is not None else Document(damage=read.damage)
        self._known.pop(key, None)
        if read.content is not None and _is_settled(path, moment) and len(self._known) < _MOST:
            self._known[key] = (status, document, read.file)
        return document, read.file


def _status(path: str) -> Signature:
    try:
        link = os.lstat(path)
    except (OSError, ValueError):
        return None
    return (link.st_ino, link.st_ctime_ns, signature(path))


def _is_settled(path: str, moment: int) -> bool:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return False
    return max(status.st_mtime_ns, status.st_ctime_ns) < moment - _STEP
