"""Token stores of other programs: the SDK's and ours, claw's. And our note of a refresh
of Claude Code's login that came to nothing, which holds a fingerprint and moments, no secret."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from claude_auth.files import list_directory, read_file
from claude_auth.formats.credentials import read_token_set
from claude_auth.formats.document import Document, javascript_number, parse, text_of
from claude_auth.model import Damage, Origin, StoreReading, UnsavedRefresh
from claude_auth.observe.claude_files import read_document
from claude_auth.observe.context import ObservationContext
from claude_auth.security.sanitize import clean, shown_value

#: Our own list of what was put into the keyring: names and fingerprints, no secret. Asking the keyring
#: itself would open a connection, which a look never does.
KEYRING_LIST = "keyring.json"


def _read_document(path: str) -> tuple[Document, Origin]:
    document, file = read_document(path)
    return document, Origin("file", path=path, file=file)


def read_sdk_tokens(view: ObservationContext) -> StoreReading:
    """`~/.claude_code/tokens.json`; further accounts lie beside it as NAME.json."""
    folder = view.below_home(".claude_code")
    names = [name[:-5] for name in list_directory(folder) if name.endswith(".json")]
    others = tuple(
        shown_value("account", name, 60)
        for name in names
        if f"{name}.json" not in {"tokens.json", KEYRING_LIST}
    )
    document, origin = _read_document(os.path.join(folder, "tokens.json"))
    return _reading(document, origin, others)


def _reading(document: Document, origin: Origin, others: tuple[str, ...] = ()) -> StoreReading:
    if document.damage is not None:
        return StoreReading(origin, damage=document.damage, others=others)
    tokens = read_token_set(document.data)
    if tokens is None:
        return StoreReading(origin, unusable="the file holds no access token", others=others)
    return StoreReading(origin, tokens, others=others)


def read_keyring_list(view: ObservationContext) -> StoreReading:
    document, origin = _read_document(view.below_home(".claude_code", KEYRING_LIST))
    if document.damage is not None:
        return StoreReading(origin, damage=document.damage)
    accounts = document.data.get("accounts")
    names = (
        [shown_value("account", name, 60) for name in accounts if isinstance(name, str)]
        if isinstance(accounts, list)
        else []
    )
    if not names:
        return StoreReading(origin, damage=Damage("missing", "no token set was put into the keyring"))
    return StoreReading(origin, present_unread=True, account=names[0], others=tuple(names[1:]))


def read_claw_tokens(view: ObservationContext) -> StoreReading:
    """One file for each configuration of claw, named by a hash that is not told: with several, which one
    claw would take can't be said."""
    folder = view.below_home(".claude", "credentials")
    names = [name for name in list_directory(folder) if not name.startswith(".")]
    if not names:
        return StoreReading(Origin("file", path=folder), damage=Damage("missing", "claw has stored no login"))
    if len(names) > 1:
        shown = tuple(shown_value("account", name, 16) for name in names)
        return StoreReading(Origin("file", path=folder), present_unread=True, others=shown)
    document, origin = _read_document(os.path.join(folder, names[0]))
    return _reading(document, origin)


# ── a refresh that was not saved, as the one who watched it saw it ───────────────────────────────

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
