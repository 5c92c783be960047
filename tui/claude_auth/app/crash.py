"""What a crash says: what, where, and nothing that stood in a variable."""

from __future__ import annotations

import traceback
from pathlib import Path

from claude_auth.security.sanitize import safe_text

REPORT_AT = "the project's issue tracker (see the README)"


def crash_text(error: BaseException) -> str:
    """Type, place in our own code, and the message without anything secret-shaped."""
    package = str(Path(__file__).resolve().parent.parent)
    ours = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(package)
    ]
    where = [
        f"  at claude_auth{frame.filename[len(package) :]}:{frame.lineno} in {frame.name}"
        for frame in ours[-3:]
    ]
    message = safe_text(str(error)[:2000], 400)
    head = f"claude-auth-tui stopped: {type(error).__name__}{f': {message}' if message else ''}"
    advice = f"Nothing was changed. Please report this text to {REPORT_AT}; it holds no credential."
    return "\n".join([head, *where, advice])
