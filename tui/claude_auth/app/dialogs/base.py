"""What every dialog is: an opaque page with a titled box, and a line of hints. Built when it is asked for."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import ModalScreen

from claude_auth.app.actions import bindings
from claude_auth.app.screens.base import Answer, BaseScreen
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.lines import Maker


class Dialog(BaseScreen[Answer], ModalScreen[Answer], inherit_bindings=False):
    """Escape closes; so does `q`, at once: a bare Escape waits for the rest of a sequence."""

    CSS_PATH = sheet("dialog")
    AUTO_FOCUS = "#content"
    BINDINGS = bindings("dialog")

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


class TextDialog(Dialog[None]):
    """Lines to read. `about`: what they are, for the help; `classes`: how the box looks."""

    BINDINGS = bindings("help")

    def __init__(self, title: str, maker: Maker, about: str = "", *, classes: str = "box") -> None:
        super().__init__()
        self.heading, self.maker, self.about, self.box_classes = title, maker, about, classes

    def compose_content(self) -> ComposeResult:
        view = LineView(self.maker, id="content", classes=self.box_classes)
        view.about = self.about
        view.entitle(self.heading)
        yield view
