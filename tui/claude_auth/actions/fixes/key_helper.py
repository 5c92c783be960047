"""An apiKeyHelper line that lets Claude Code read a key from the OS keyring, or from the SDK's store."""

from __future__ import annotations

import json
import os

from claude_auth.actions.fixes.diffs import json_diff
from claude_auth.actions.fixes.plans import FileEdit, Preview
from claude_auth.actions.fixes.shells import Shell, quoted
from claude_auth.files import LARGE_LIMIT, read_file
from claude_auth.formats import EditError
from claude_auth.formats.json_edit import set_text
from claude_auth.model import Snapshot, StoreReading
from claude_auth.words import format_path

ID = "key-helper"


def propose_helper(
    snapshot: Snapshot, *, program: str = "claude-auth", shell: Shell = "bash", account: str | None = None
) -> Preview | None:
    """None where neither store holds a token of the user's own client. `program`: how it is started."""
    store = _store(snapshot)
    if store is None:
        return None
    line = f"{_word(program)} token --store {store}" + (f" --account {_word(account)}" if account else "")
    path = os.path.join(snapshot.places.config_dir, "settings.json")
    shown = format_path(path, snapshot.places.home)
    read = read_file(path, LARGE_LIMIT)
    configured = [s.origin.path for s in snapshot.settings.get("apiKeyHelper", ()) if not s.value.is_empty]
    edit, problem = None, None
    if configured:
        problem = (
            f"apiKeyHelper is configured already, in {format_path(configured[0] or '', snapshot.places.home)}"
        )
    elif read.content is None and not (read.damage is not None and read.damage.is_missing):
        problem = f"{shown} can't be read"
    elif read.content is None:
        made = json.dumps({"apiKeyHelper": line}, indent=2) + "\n"
        edit = FileEdit(path, None, made.encode())
    else:
        try:
            edit = FileEdit(path, read.content, set_text(read.content, ("apiKeyHelper",), line))
        except EditError as error:
            problem = f"{shown} can't be changed: {error}"
    return Preview(
        id=ID,
        kind="key-helper",
        finding=None,
        title=f"let Claude Code read its key from {_WORDS[store]}",
        explanation="Claude Code runs this command at its start, every five minutes and after a 401, and "
        "sends what it prints in both headers. No file and no shell holds the key in clear text then.",
        commands=(f"{quoted(program, shell)} token --store {store} | wc -c",),
        diff="" if edit is None else json_diff(shown, edit.before, edit.after, (line,)),
        change=edit,
        by_hand=problem,
        afterwards="take the key out of the shell and of other settings, or they still come first",
    )


_WORDS = {"keyring": "the OS keyring", "sdk": "~/.claude_code/tokens.json"}


def _store(snapshot: Snapshot) -> str | None:
    if _holds(snapshot.keyring_tokens):
        return "keyring"
    return "sdk" if _holds(snapshot.sdk_tokens) else None


def _holds(store: StoreReading) -> bool:
    """A Claude account's own token is never handed out."""
    if store.tokens is None:
        return store.present_unread
    return store.tokens.access_token.kind != "oauth-access-token" and not store.tokens.access_token.is_empty


def _word(word: str) -> str:
    """For /bin/sh, which runs it."""
    return quoted(word, "bash")
