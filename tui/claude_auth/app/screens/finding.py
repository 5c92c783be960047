"""One finding: what it means, what it was seen by, and what to do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from claude_auth.app.lines import Row, Span, fact, line, wrap
from claude_auth.app.panes.fixes import fix_rows
from claude_auth.app.screens.dialog import Dialog
from claude_auth.app.widgets.row_view import RowView
from claude_auth.model import Finding
from claude_auth.sanitise import clean
from claude_auth.wording import SEVERITIES, homely


class FixList(RowView):
    """The text of a finding; the cursor walks over its fixes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "screen.copy",
            "Copy",
            show=False,
            tooltip="Copy the command under the cursor",
            id="fix.copy",
        ),
    ]

    about = "A finding in full. The cursor walks over what can be done; y copies the command under it."

    def __init__(self, finding: Finding, home: str) -> None:
        super().__init__(lambda width: rows(finding, home, width), id="content", classes="box")
        self.finding = finding
        self.entitle(clean(finding.title, 200))

    def copied(self) -> str:
        """The command of the fix under the cursor; without one, the finding as text."""
        fixes = self.finding.fixes
        if self.cursor is not None and fixes:
            fix = fixes[int(self.cursor)]
            return clean(fix.command or fix.title, 2000)
        return self.text()


class FindingDialog(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "y",
            "copy",
            "Copy the command",
            tooltip="Send the command under the cursor to your terminal",
            id="dialog.copy",
        ),
        Binding("d", "close", "Close", show=False, tooltip="Close", id="dialog.close-same-key"),
    ]

    def __init__(self, finding: Finding, home: str) -> None:
        super().__init__()
        self.finding, self.home = finding, home

    def compose_content(self) -> ComposeResult:
        yield FixList(self.finding, self.home)


def rows(finding: Finding, home: str, width: int) -> list[Row]:
    word = SEVERITIES[finding.severity]
    return [
        Row(None, wrap(line(Span(str(word), word.role), "  ", Span(clean(finding.id, 60), "dim")), width)),
        Row(None, ((),)),
        Row(None, wrap(line(clean(homely(finding.explanation, home), 2000)), width)),
        Row(None, ((),)),
        Row(None, fact("seen by", line(clean(homely(finding.evidence, home), 600)), width)),
        *fix_rows(finding.fixes, home, width),
    ]
