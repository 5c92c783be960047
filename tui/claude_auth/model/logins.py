"""Where Claude Code keeps logins on this machine, who uses them, and what it left there about itself. Seen
by the second look alone."""

from __future__ import annotations

from claude_auth.model.stores import ClaudeJson, StoreReading
from claude_auth.named_tuples import NamedTuple


class ClientInstance(NamedTuple):
    """A Claude Code that runs on a configuration directory. `kind`, `entrypoint` and `folder` as its own
    register says; None for one that the process table alone shows."""

    pid: int
    version: str | None = None
    kind: str | None = None
    entrypoint: str | None = None
    folder: str | None = None


class Editor(NamedTuple):
    """An editor that runs and waits for Claude Code's connection on `port`, with the folders open in it."""

    pid: int
    port: int
    name: str | None = None
    folders: tuple[str, ...] = ()


class BackgroundService(NamedTuple):
    """What Claude Code's background service wrote beside its log: when, and with how many workers; whether it
    still runs; since when it wants a sign-in; the last line of its log about that."""

    written_at: float | None = None
    pid: int | None = None
    runs: bool = False
    workers: int = 0
    sign_in_wanted_since: float | None = None
    logged_at: float | None = None
    logged: str | None = None


class ConfigDirectory(NamedTuple):
    """A configuration directory with the login in it. `found_by`: what names it, in words; `is_current`: the
    one that is looked at."""

    path: str
    found_by: tuple[str, ...]
    login: StoreReading
    state: ClaudeJson
    instances: tuple[ClientInstance, ...] = ()
    service: BackgroundService | None = None
    is_current: bool = False
    editors: tuple[Editor, ...] = ()
