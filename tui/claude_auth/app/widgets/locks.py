"""Who holds which of Claude Code's locks since when."""

from __future__ import annotations

from collections.abc import Collection

from claude_auth.actions.look import LockJudgement
from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.actions import lock_lines
from claude_auth.present.lines import Line


class Locks(LineView):
    about = (
        "Claude Code’s lock directories. It takes one while it refreshes and touches it every 5 s. One "
        "that stands still although no claude runs was left behind: f removes it, with rmdir, after asking. "
        "One whose time lies in the future makes every call fail until it is removed."
    )

    def __init__(self, home: str, *, id: str = "locks") -> None:
        super().__init__(self._lay_out, id=id, classes="panel")
        self.home = home
        self.judged: tuple[LockJudgement, ...] | None = None
        self.running: Collection[int] | None = None

    def tell(self, judged: tuple[LockJudgement, ...], running: Collection[int] | None) -> None:
        self.judged, self.running = judged, running
        self.show()

    def _lay_out(self, width: int) -> list[Line]:
        return lock_lines(self.judged, self.running, self.home, width)
