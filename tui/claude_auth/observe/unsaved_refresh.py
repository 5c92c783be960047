"""A note of ours: a refresh of Claude Code's login that came to nothing, as the one who watched it saw it.

It holds a fingerprint and moments, no secret. It lies in the state directory, not beside Claude Code's files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from claude_auth.files import read_file
from claude_auth.formats.document import javascript_number, parse, text_of
from claude_auth.model import UnsavedRefresh
from claude_auth.security.sanitize import clean

NAME = "unsaved-refresh.json"
_LIMIT = 4096


def note_path(environ: Mapping[str, str], home: str, platform: str) -> str:
    """In the state directory of the platform, without a library: every look at the machine comes by."""
    state = environ.get("XDG_STATE_HOME", "").strip()
    if platform == "darwin":
        state = state or os.path.join(home, "Library", "Application Support")
    elif not os.path.isabs(state):
        state = os.path.join(home, ".local", "state")
    return os.path.join(state, "claude-auth", NAME)


def read_note(path: str) -> UnsavedRefresh | None:
    """None also for a note that isn't one."""
    read = read_file(path, _LIMIT)
    if read.content is None:
        return None
    data = parse(read.content).data
    fingerprint, at = text_of(data.get("fingerprint")), javascript_number(data.get("at"))
    if not fingerprint or not 0 < at < 1e12:
        return None
    held = javascript_number(data.get("held"))
    return UnsavedRefresh(
        clean(fingerprint, 16),
        clean(text_of(data.get("command")) or "", 60),
        at,
        held if 0 <= held < 1e9 else 0.0,
        data.get("ended") is True,
    )


def written(note: UnsavedRefresh) -> bytes:
    return (json.dumps(note._asdict()) + "\n").encode("ascii")
