"""One cause of an error in full; the cursor walks over what can be done about it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from claude_auth.actions.explain import Recognised
from claude_auth.app.widgets.row_view import RowView
from claude_auth.present.causes import cause_rows, cause_text
from claude_auth.present.lines import Row
from claude_auth.security.sanitize import clean


class CauseView(RowView, inherit_bindings=True):
    about = (
        "What the cause is, what this machine shows of it, and what helps. The cursor walks over what can be "
        "done; Enter copies the command under it, y the explanation. Neither holds a secret."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "choose", "Copy command", tooltip="Copy the command under the cursor", id="cause.copy"
        ),
    ]

    def __init__(self, home: str, *, id: str = "cause") -> None:
        super().__init__(self._rows, id=id, classes="panel")
        self.home = home
        self.cause: Recognised | None = None
        self.kinds = False

    def tell(self, cause: Recognised | None, *, kinds: bool = False) -> None:
        """`kinds`: with the table of the kinds of tokens."""
        self.cause, self.kinds = cause, kinds
        self.cursor = None
        self.scroll_home(animate=False)
        self.show_rows(self._rows)

    def _rows(self, width: int) -> list[Row]:
        if self.cause is None:
            return []
        return cause_rows(self.cause, self.home, width, kinds=self.kinds)

    @property
    def command(self) -> str:
        """The one under the cursor, empty where that step has none."""
        fixes = () if self.cause is None else self.cause.fixes
        fix = fixes[int(self.cursor)] if self.cursor is not None and fixes else None
        return clean(fix.command, 2000) if fix is not None and fix.command else ""

    def copied(self) -> str:
        return "" if self.cause is None else cause_text(self.cause, self.home)
