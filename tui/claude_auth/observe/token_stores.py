"""Token stores of other programs: the SDK's and ours, claw's, Anthropic profiles."""

from __future__ import annotations

import os

from claude_auth.files import list_directory, read_file
from claude_auth.formats.credentials import read_token_set
from claude_auth.formats.document import Document, parse, text_of
from claude_auth.model import Damage, Origin, StoreReading
from claude_auth.security.sanitize import shown_value

#: Our own list of what was put into the keyring: names and fingerprints, no secret. Asking the keyring
#: itself would open a connection, which a look never does.
KEYRING_LIST = "keyring.json"


def _read_document(path: str) -> tuple[Document, Origin]:
    read = read_file(path)
    document = parse(read.content) if read.content is not None else Document(damage=read.damage)
    return document, Origin("file", path=path, file=read.file)


def read_sdk_tokens(home: str) -> StoreReading:
    """`~/.claude_code/tokens.json`; further accounts lie beside it as NAME.json."""
    folder = os.path.join(home, ".claude_code")
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


def read_keyring_list(home: str) -> StoreReading:
    path = os.path.join(home, ".claude_code", KEYRING_LIST)
    document, origin = _read_document(path)
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


def read_claw_tokens(home: str) -> StoreReading:
    """One file for each configuration of claw, named by a hash that is not told: with several, which one
    claw would take can't be said."""
    folder = os.path.join(home, ".claude", "credentials")
    names = [name for name in list_directory(folder) if not name.startswith(".")]
    if not names:
        return StoreReading(Origin("file", path=folder), damage=Damage("missing", "claw has stored no login"))
    if len(names) > 1:
        shown = tuple(shown_value("account", name, 16) for name in names)
        return StoreReading(Origin("file", path=folder), present_unread=True, others=shown)
    document, origin = _read_document(os.path.join(folder, names[0]))
    return _reading(document, origin)


def read_profile(home: str) -> StoreReading:
    """Whether a profile stands in `~/.config/anthropic` [doc]; its tokens are not read."""
    folder = os.path.join(home, ".config", "anthropic")
    names = [name[:-5] for name in list_directory(os.path.join(folder, "configs")) if name.endswith(".json")]
    active = read_file(os.path.join(folder, "active_config"), 4096)
    if not names and active.content is None:
        return StoreReading(Origin("file", path=folder), damage=Damage("missing", "there is no profile"))
    chosen = text_of(active.content.decode("utf-8", "replace")) if active.content is not None else None
    return StoreReading(
        Origin("file", path=folder),
        present_unread=True,
        account=shown_value("account", chosen, 60) if chosen else None,
        others=tuple(shown_value("account", name, 60) for name in names),
    )
