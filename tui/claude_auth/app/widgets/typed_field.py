"""What a field is whose letters go somewhere and are not kept: typed, erased, taken once."""

from __future__ import annotations

from textual import events

from claude_auth.app.widgets.line_view import LineView


class TypedField(LineView, inherit_bindings=False):
    """Bind `erase` and `erase_all`; `take` gives what was typed and forgets it."""

    #: More characters are not taken.
    most = 4096
    _typed: list[str]

    def _add(self, text: str) -> None:
        room = self.most - len(self._typed)
        if room > 0:
            self._typed += text[:room]
            self.show()

    def take(self) -> str:
        text = "".join(self._typed)
        self.action_erase_all()
        return text

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self._add(event.character)

    def action_erase(self) -> None:
        del self._typed[-1:]
        self.show()

    def action_erase_all(self) -> None:
        self._typed = []
        self.show()

    def copied(self) -> str:
        return ""
