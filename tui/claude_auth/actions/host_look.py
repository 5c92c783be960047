"""One machine, looked at again and again: what may be kept from an earlier look is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_auth.model import Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import ObservationContext

if TYPE_CHECKING:
    from claude_auth.observe.running import Process


def further_look(context: ObservationContext, processes: tuple[Process, ...] | None = None) -> Snapshot:
    """With what takes longer: what diagnosing, fixing and reporting start from. `processes`: the table where
    it was read already."""
    from claude_auth.observe import observe_more

    return with_keychain(observe_more(observe(context), context, processes), context.environ)


def with_keychain(snapshot: Snapshot, environ: Mapping[str, str]) -> Snapshot:
    if snapshot.machine.platform != "darwin":
        return snapshot
    from claude_auth.actions.keychain import look_into_keychain

    return look_into_keychain(snapshot, environ)


class HostLook:
    """The process table costs more than all else together, and a change of a file says little about it: a
    look `after_change` goes by the table of the last whole one. Whoever asks for that follows it with a whole
    look a little later."""

    def __init__(self, context: ObservationContext) -> None:
        from claude_auth.observe.context import DocumentMemory

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
