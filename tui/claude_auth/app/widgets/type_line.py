"""One line to type an answer to a command into. What is typed goes to the command and is not kept."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from claude_auth.app.widgets.typed_field import TypedField
from claude_auth.present.lines import Line, Span, fit, fit_left, line

IDLE = "i types an answer to the command"
ASKED = "it seems to wait for an answer: i types one"


class TypeLine(TypedField, inherit_bindings=False):
    """`hidden`: what stands here is counted, not shown."""

    about = (
        "What is typed here goes to the command with Enter, and nobody keeps it. Where it asks for a secret "
        "the letters are not shown; ^t shows or hides them. ^d tells it that no more comes."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send", tooltip="Send this line to the command", id="type.send"),
        Binding("ctrl+d", "end", "No more", tooltip="Tell it that no more input comes", id="type.end"),
        Binding("ctrl+t", "hide", "Show/hide", tooltip="Show what is typed, or hide it", id="type.hide"),
        Binding("escape,tab", "leave", "Leave", tooltip="Leave this field; nothing is sent", id="type.leave"),
        Binding("backspace", "erase", "Erase", show=False, tooltip="Erase a letter", id="type.erase"),
        Binding("ctrl+u", "erase_all", "Erase all", show=False, tooltip="Erase all", id="type.erase-all"),
    ]

    class Typed(Message):
        """A line was typed; None: no more comes."""

        def __init__(self, text: str | None) -> None:
            super().__init__()
            self.text = text

        def __repr__(self) -> str:
            return "Typed()"

    class Left(Message):
        """The person wants out."""

    def __init__(self, *, id: str = "type") -> None:
        super().__init__(self._lay_out, id=id)
        self._typed: list[str] = []
        self.hidden = self.asked = False

    def ask(self, asked: bool, *, secret: bool) -> None:
        """Whether the command seems to wait for a line. What is being typed stays hidden once it was."""
        hidden = secret or (self.hidden and bool(self._typed))
        if (asked, hidden) != (self.asked, self.hidden):
            self.asked, self.hidden = asked, hidden
            self.show()

    def _lay_out(self, width: int) -> list[Line]:
        if not self.has_focus and not self._typed:
            words = Span(fit(f" {ASKED if self.asked else IDLE}", width), "strong" if self.asked else "dim")
            return [line(words)]
        count = len(self._typed)
        if self.hidden:
            shown = f"{count} character{'' if count == 1 else 's'}, not shown"
        else:
            shown = fit_left("".join(self._typed), width - 4)
        return [line(" ", Span("> ", "accent"), shown, Span("█", "dim"))]

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.show()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._add("".join(character for character in event.text[: self.most] if character.isprintable()))

    def action_submit(self) -> None:
        self.post_message(self.Typed(self.take()))

    def action_end(self) -> None:
        self.action_erase_all()
        self.post_message(self.Typed(None))

    def action_hide(self) -> None:
        self.hidden = not self.hidden
        self.show()

    def action_leave(self) -> None:
        self.action_erase_all()
        self.post_message(self.Left())
