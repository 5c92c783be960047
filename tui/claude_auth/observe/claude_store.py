"""Claude Code's own credentials and state: read, never written."""

from __future__ import annotations

import os

from claude_auth.files import LARGE_LIMIT, read_file
from claude_auth.formats.credentials import read_login
from claude_auth.formats.document import Document, parse
from claude_auth.formats.settings import environment_entries, read_claude_json
from claude_auth.model import Assignment, ClaudeJson, Origin, Places, StoreReading
from claude_auth.observe import keychain
from claude_auth.observe.context import ObservationContext
from claude_auth.observe.settings_layers import find_repository_root


def find_places(view: ObservationContext) -> Places:
    """Where Claude Code keeps things. CLAUDE_SECURESTORAGE_CONFIG_DIR moves the credentials alone."""
    default = os.path.join(view.home, ".claude")
    config = _directory(view, view.environ.get("CLAUDE_CONFIG_DIR", "")) or default
    secure = view.environ.get("CLAUDE_SECURESTORAGE_CONFIG_DIR")
    store = config if secure is None else _directory(view, secure) or default
    return Places(
        home=view.home,
        root=view.root,
        cwd=view.cwd,
        config_dir=config,
        credentials_path=os.path.join(store, ".credentials.json"),
        repository_root=find_repository_root(view.cwd),
    )


def _directory(view: ObservationContext, value: str) -> str:
    """The directory that a variable names; a relative one starts at the working directory."""
    return os.path.normpath(os.path.join(view.cwd, value)) if value else ""


def read_claude_login(view: ObservationContext, places: Places) -> StoreReading:
    """The stored claude.ai login: on macOS the Keychain (presence alone) before the file."""
    if view.platform == "darwin" and view.home == view.environ.get("HOME"):  # another home, another Keychain
        found = keychain.look(view.environ, view.environ.get("CLAUDE_CONFIG_DIR"))
        if found is not None:
            return found
    read = read_file(places.credentials_path)
    origin = Origin("file", path=places.credentials_path, file=read.file)
    if read.content is None:
        return StoreReading(origin, damage=read.damage)
    document = parse(read.content)
    if document.damage is not None:
        return StoreReading(origin, damage=document.damage)
    login = read_login(document)
    return StoreReading(origin, login.tokens, unusable=login.unusable)


def claude_json_path(view: ObservationContext, places: Places) -> str:
    """`.claude.json` lies in the home directory, or inside CLAUDE_CONFIG_DIR where that is set; a legacy
    `.config.json` in the config directory replaces it [seen]."""
    legacy = os.path.join(places.config_dir, ".config.json")
    if os.path.lexists(legacy):
        return legacy
    folder = places.config_dir if view.environ.get("CLAUDE_CONFIG_DIR") else view.home
    return os.path.join(folder, ".claude.json")


def read_state(view: ObservationContext, places: Places) -> tuple[ClaudeJson, tuple[Assignment, ...]]:
    """The state, and the variables of its own `env` block: a legacy that still counts, below the settings
    files and above the shell [seen, 2.1.328]."""
    path = claude_json_path(view, places)
    read = read_file(path, LARGE_LIMIT)
    document = parse(read.content) if read.content is not None else Document(damage=read.damage)
    folders = (places.cwd, places.repository_root or places.cwd)
    assignments = tuple(
        Assignment(e.name, e.value, Origin("settings", "user", path, e.line, e.name, file=read.file))
        for e in environment_entries(document)
    )
    return read_claude_json(document, path, read.file, folders), assignments
