"""One machine, looked at again and again: what may be kept from an earlier look is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.actions.look import further_look
from claude_auth.model import Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import ObservationContext
from claude_auth.observe.documents import DocumentMemory

if TYPE_CHECKING:
    from claude_auth.observe.running import Process


class HostLook:
    """The process table costs more than all else together, and a change of a file says little about it: a
    look `after_change` goes by the table of the last whole one. Whoever asks for that follows it with a whole
    look a little later."""

    def __init__(self, context: ObservationContext) -> None:
        self.context = context._replace(documents=DocumentMemory())
        self._processes: tuple[Process, ...] | None = None
        self._looked = self._has_table = False

    def whole(self) -> Snapshot:
        """Everything as it is now. The first one is for the first frame: what takes longer is looked at from
        the second one on."""
        if not self._looked:
            self._looked = True
            return observe(self.context)
        from claude_auth.observe.running import process_table

        if self.context.documents is not None:
            self.context.documents.forget()
        self._processes = process_table() if self.context.has_processes else None
        self._has_table = True
        return further_look(self.context, self._processes)

    def after_change(self) -> Snapshot:
        """A file was written."""
        return further_look(self.context, self._processes) if self._has_table else self.whole()
