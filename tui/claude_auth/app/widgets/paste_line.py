"""Where the code, or the address of the browser's last page, is pasted. What stands in it is never shown."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from claude_auth.app.widgets.typed_field import TypedField
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.words import StatusText

ASKING = "Paste the code, or the whole address of the browser’s last page: at any time, from anywhere here"


class PasteLine(TypedField, inherit_bindings=False):
    most = 32 << 10
    about = (
        "Paste what the browser shows at the end: the whole address, code#state or the code. Line breaks and "
        "blanks in it don’t matter. It is not shown, since it is a secret for some minutes."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Take it", tooltip="Take what was typed", id="paste.submit"),
        Binding("tab", "app.focus_next", "Leave", tooltip="Leave this field", id="paste.leave"),
        Binding("backspace", "erase", "Erase", show=False, tooltip="Erase a letter", id="paste.erase"),
        Binding("ctrl+u", "erase_all", "Erase all", show=False, tooltip="Erase all", id="paste.erase-all"),
    ]

    class Pasted(Message):
        """Something was pasted, or typed and ended with Enter."""

        def __init__(self, text: str, typed: bool = False) -> None:
            super().__init__()
            self.text, self.typed = text, typed

        def __repr__(self) -> str:
            return "Pasted()"

    def __init__(self, *, id: str = "paste") -> None:
        super().__init__(self._lay_out, id=id, classes="panel")
        self._typed: list[str] = []
        self.answer: StatusText | None = None

    def tell(self, answer: StatusText | None) -> None:
        """What is wrong with what was pasted."""
        self.answer = answer
        self.show()

    def _lay_out(self, width: int) -> list[Line]:
        if self._typed:
            count = len(self._typed)
            return [line(f"{count} character{'' if count == 1 else 's'} typed, not shown", Span("█", "dim"))]
        if self.answer is not None:
            return [*wrap(line(self.answer), width, 2)]
        return [*wrap(line(Span(ASKING, "dim")), width)]

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.post_message(self.Pasted(self.take() + event.text[: self.most + 1]))

    def action_submit(self) -> None:
        text = self.take()
        if text:
            self.post_message(self.Pasted(text, typed=True))
