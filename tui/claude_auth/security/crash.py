"""What a crash says: what, where, and nothing that stood in a variable."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from claude_auth.security.sanitize import safe_text

REPORT_AT = "the project's issue tracker (see the README)"
_PACKAGE = str(Path(__file__).resolve().parent.parent)


def crash_text(error: BaseException, program: str) -> str:
    """Type, place in our own code, and the message without what it quotes and without anything
    secret-shaped."""
    head = f"{program} stopped: {type(error).__name__}{_message(error)}"
    advice = f"Please report this text to {REPORT_AT}; it holds no credential."
    return "\n".join([head, *_places(error), advice])


def _message(error: BaseException) -> str:
    """Python quotes what it could not read: `invalid literal for int() with base 10: 'sk-…'`. What is quoted
    goes, whatever it looks like; the names of modules and the words of the operating system stay."""
    if isinstance(error, OSError):
        return f": {safe_text(error.strerror)}" if error.strerror else ""
    if isinstance(error, UnicodeError):
        return f": {safe_text(error.reason)}" if isinstance(error.reason, str) else ""  # type: ignore[attr-defined]
    if isinstance(error, ImportError):
        return f": {safe_text(str(error), 200)}"
    try:
        said = str(error)[:2000]
    except Exception:  # a __str__ that fails is the last thing to crash over
        return ""
    said = safe_text(_quoted().sub("…", said), 400)
    return f": {said}" if said else ""


@cache
def _quoted() -> re.Pattern[str]:
    """In quotes or brackets, also where the end is cut off."""
    return re.compile(
        r"b?(?:'(?:[^'\\]|\\.|\\\Z)*(?:'|\Z)|\"(?:[^\"\\]|\\.|\\\Z)*(?:\"|\Z))"
        r"|`[^`]*(?:`|\Z)|“[^”]*(?:”|\Z)|[{\[].*",
        re.DOTALL,
    )


def _places(error: BaseException) -> list[str]:
    """The last three frames of ours; no line of code, since a line may hold a value."""
    import traceback

    try:
        frames = traceback.extract_tb(error.__traceback__)
    except Exception:
        return []
    ours = [frame for frame in frames if frame.filename.startswith(_PACKAGE)]
    return [
        f"  at claude_auth{frame.filename[len(_PACKAGE) :]}:{frame.lineno} in {frame.name}"
        for frame in ours[-3:]
    ]
