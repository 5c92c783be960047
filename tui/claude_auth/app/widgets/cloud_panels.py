"""The cloud panes: the list of providers, and the one under its cursor line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from claude_auth.app.widgets.row_view import RowView
from claude_auth.present.lines import RowMaker

if TYPE_CHECKING:
    pass


class Providers(RowView):
    about = (
        "Where requests can go instead of Anthropic’s own service, and how that stands for the program that "
        "asks. Enter goes to the lines about the one under the cursor; i asks it who you are."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open", show=False, tooltip="Go to the lines about it", id="row.open"),
    ]


class Detail(RowView):
    about = (
        "One provider: who you would be there and why, from files and variables alone until i asks. The "
        "cursor walks over the lines; Enter or f copies the command of a line that has one, y all of it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,f",
            "screen.copy_command",
            "Copy command",
            tooltip="Copy the command of this line to your terminal",
            id="cloud.copy-command",
        ),
    ]

    def __init__(self, maker: RowMaker, *, id: str, classes: str) -> None:
        super().__init__(maker, id=id, classes=classes)
        self.about_which = ""

    def copied(self) -> str:
        """All of it, without the margin of the cursor."""
        return "\n".join(text.rstrip()[2:] for text in self.text().split("\n"))
