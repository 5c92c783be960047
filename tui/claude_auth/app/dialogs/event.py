"""One event in full, and the lives of the tokens that the log tells of."""

from __future__ import annotations

from collections.abc import Iterable

from claude_auth.app.dialogs.base import TextDialog
from claude_auth.journal import JournalEntry
from claude_auth.journal.token_lives import token_lives
from claude_auth.model import Event
from claude_auth.present.activity import event_lines
from claude_auth.present.token_lives import ABOUT, token_life_lines

_ABOUT = "All that is known of one event. Nothing here is a secret; y copies it."


def event_dialog(entry: JournalEntry, home: str) -> TextDialog:
    return TextDialog("Event", lambda width: event_lines(entry, home, width), _ABOUT)


def lives_dialog(events: Iterable[Event], home: str, now: float) -> TextDialog:
    lives = token_lives(events)
    return TextDialog("Lives of tokens", lambda width: token_life_lines(lives, home, now, width), ABOUT)
