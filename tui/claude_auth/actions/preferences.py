"""Writing `config.toml`: every setting with its default as a comment, and the OAuth client that had a file of
its own. Nothing that stands there is overwritten."""

from __future__ import annotations

import os
from collections.abc import Mapping

from claude_auth.preferences import (
    AUTOMATIC,
    KEYS_TABLE,
    OAUTH_TABLE,
    PREFERENCES,
    Preference,
    Preferences,
    load_preferences,
    older_client_path,
    preferences_path,
)

__all__ = [
    "AUTOMATIC",
    "PREFERENCES",
    "Preferences",
    "default_store",
    "initialise",
    "load_preferences",
    "preferences_path",
    "template",
]


def initialise(environ: Mapping[str, str]) -> tuple[str, tuple[str, str] | None]:
    """Where the file lies now; and the file whose OAuth client stands in it, with where that one lies now.
    Raises `AuthenticationError` where the file is there already, or can't be written. An `oauth.toml` is
    kept beside it under another name, once the new file holds what it held."""
    from claude_auth.files import read_file
    from claude_auth.model.errors import AuthenticationError, from_os_error
    from claude_auth.store.private import check_directory, write_private

    path = preferences_path(environ)
    if os.path.lexists(path):
        raise AuthenticationError(
            "exists",
            f"{path} is there already",
            "Edit it; claude-auth config check says what is wrong with it",
        )
    older = older_client_path(environ)
    read = read_file(older)
    if read.damage is not None and not read.damage.is_missing:
        raise AuthenticationError(
            "unreadable", f"{older} can't be read: {read.damage.text}", "Look at that file"
        )
    client = "" if read.content is None else _table_of(read.content, older)
    check_directory(os.path.dirname(path), tighten=False)
    write_private(path, template(client).encode())
    if not client:
        return path, None
    kept = f"{older}.moved"
    try:
        os.rename(older, kept)
    except OSError as error:
        raise from_os_error(error, older, "renaming") from None
    return path, (older, kept)


def _table_of(content: bytes, path: str) -> str:
    """The lines of the older file as they are, with its own tables below the new one."""
    from claude_auth.formats.toml_document import parse_toml
    from claude_auth.model.errors import AuthenticationError

    document = parse_toml(content, path)
    if document.problem is not None:
        raise AuthenticationError("not-toml", str(document.problem), "Mend that file first")
    lines = []
    for line in document.text.splitlines():
        header = line.lstrip()
        lines.append(f"[{OAUTH_TABLE}.{header[1:].lstrip()}" if header.startswith("[") else line)
    return "\n".join(lines).strip()


def default_store(environ: Mapping[str, str]) -> str:
    """Which login is meant where none is named: as the settings say, else the SDK's where an OAuth client is
    configured, by variables (an empty one counts as unset) or by the file, else Claude Code's. A client that
    is configured wrongly is one: whoever set it must hear of that."""
    preferred = load_preferences(environ).text("store")
    if preferred != AUTOMATIC:
        return preferred
    if not _may_have_client(environ):
        return "claude-code"
    from claude_auth.oauth.configuration import load_configuration

    return "claude-code" if load_configuration(environ).is_absent else "sdk"


def _may_have_client(environ: Mapping[str, str]) -> bool:
    """Without the room that would read it: `status` asks, and has nothing of that room to import."""
    if any(name.startswith("CLAUDE_OAUTH_") and value.strip() for name, value in environ.items()):
        return True
    return any(map(os.path.lexists, (preferences_path(environ), older_client_path(environ))))


def template(client: str = "") -> str:
    """The whole file. `client`: the lines of its OAuth client."""
    parts = ["# claude-auth: remove the # before what you want otherwise. A variable wins over a line here."]
    tables = dict.fromkeys(one.table for one in PREFERENCES)
    for table in tables:
        rows = [_commented(one) for one in PREFERENCES if one.table == table]
        parts.append("\n".join([*([f"[{table}]"] if table else []), *rows]))
    parts.append(
        f'# Other keys for actions, by the names that the README lists.\n[{KEYS_TABLE}]\n# sign-in = "f2"'
    )
    own = ["# An OAuth client of your own: client_id, issuer, scopes and the rest, see the README."]
    parts.append("\n".join([*own, f"[{OAUTH_TABLE}]", *([client] if client else [])]))
    return "\n\n".join(parts) + "\n"


def _commented(one: Preference) -> str:
    default = str(one.default) if isinstance(one.default, int) else f'"{one.default}"'
    lines = [f"# {one.what} ({one.variable})"]
    if one.choices:
        lines.append(f"# one of: {', '.join(one.choices)}")
    return "\n".join([*lines, f"# {one.key} = {default}"])
