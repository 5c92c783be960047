"""The journal: what our programs did, and what Claude Code does, seen from outside."""

from claude_auth.formats.journal_line import LEVELS, JournalEntry, encode, passes, safe
from claude_auth.journal.reading import follow, read, recent
from claude_auth.journal.records import FILES, NAME, Journal, RefusedError, export, state_directory

__all__ = [
    "FILES",
    "LEVELS",
    "NAME",
    "Journal",
    "JournalEntry",
    "RefusedError",
    "encode",
    "export",
    "follow",
    "passes",
    "read",
    "recent",
    "safe",
    "state_directory",
]
