"""What every dialog is: an opaque page with a titled box, and a line of hints. Built when it is asked for."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES, LineView

Result = TypeVar("Result")


class Dialog(Speaking[Result], ModalScreen[Result], inherit_bindings=False):
    """Escape closes; so does an instant key, since a bare Escape waits for the rest of a sequence."""

    CSS_PATH = sheet("dialog")
    AUTO_FOCUS = "#content"
    COMPONENT_CLASSES = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,escape", "close", "Close", tooltip="Close and change nothing", id="dialog.close"),
        Binding(
            "y",
            "copy",
            "Copy",
            show=False,
            tooltip="Send this to your terminal’s clipboard",
            id="dialog.copy",
        ),
    ]

    def compose(self) -> ComposeResult:
        yield from self.compose_content()
        yield Hints(id="hints")

    def compose_content(self) -> ComposeResult:
        """The widget with the id `content`, and what goes around it."""
        yield from ()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        self.send_to_clipboard(self.query_one("#content", LineView).copied())
