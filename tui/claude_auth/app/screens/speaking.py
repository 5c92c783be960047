"""What every screen with a line of hints does alike: says something there, refuses, copies."""

from __future__ import annotations

from textual import events
from textual.screen import Screen, ScreenResultType

from claude_auth.app.widgets.hints import Hints

SENT = "sent to your terminal as clipboard text"


class Speaking(Screen[ScreenResultType]):
    """Has `Hints`."""

    def say(self, text: str) -> None:
        """Until the next key."""
        self.query_one(Hints).say(text)

    def on_key(self, event: events.Key) -> None:
        self.query_one(Hints).hush()

    def refusal(self, action: str) -> str | None:
        """Why an action can't be done now; the hints dim it, and pressing its key says so."""
        return None

    def refuses(self, action: str) -> bool:
        """Whether it can't be done now; says why."""
        refused = self.refusal(action)
        if refused is not None:
            self.say(refused)
        return refused is not None

    def send_to_clipboard(self, text: str, what: str = "") -> None:
        """Whether the terminal took it is not known: OSC 52 has no answer, and tmux may keep it to itself."""
        if not text:
            self.say("there is nothing to copy here")
            return
        self.app.copy_to_clipboard(text)
        self.say(f"{what} was {SENT}" if what else SENT)
