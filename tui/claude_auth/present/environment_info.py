"""What a report tells beside the diagnosis: the versions of everything, and the end of the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claude_auth.journal import JournalEntry

_LIBRARIES = ("httpx", "textual", "keyring")


def versions() -> dict[str, str]:
    """Of this program, Python, the system and the libraries, none of which is imported."""
    import platform
    from importlib import metadata

    from claude_auth import __version__

    found = {
        "claude-auth": __version__,
        "Python": platform.python_version(),
        platform.system(): platform.release(),
    }
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def last_lines(most: int, directory: str | None = None) -> list[JournalEntry]:
    """Of the journal; one that can't be read is empty."""
    from collections import deque

    from claude_auth.journal import read

    try:
        return list(deque(read(directory=directory), maxlen=most))
    except OSError:
        return []
