"""One machine, looked at again and again: what may be kept from an earlier look is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_auth.claude_code.locks import lock_paths
from claude_auth.model import Snapshot
from claude_auth.observe import observe, observe_more
from claude_auth.observe.context import DocumentMemory, ObservationContext

if TYPE_CHECKING:
    from claude_auth.model.surroundings import Surroundings
    from claude_auth.observe.running import Process


def further_look(context: ObservationContext, processes: tuple[Process, ...] | None = None) -> Snapshot:
    """With what takes longer: what diagnosing, fixing and reporting start from. `processes`: the table where
    it was read already."""
    return with_keychain(observe_more(observe(context), context, processes), context.environ)


def with_keychain(snapshot: Snapshot, environ: Mapping[str, str]) -> Snapshot:
    if snapshot.machine.platform != "darwin":
        return snapshot
    from claude_auth.actions.keychain import look_into_keychain

    return look_into_keychain(snapshot, environ)


class HostLook:
    """The process table costs more than all else together, and a change of a file says little about it: a
    look `after_change` goes by the table of the last whole one, and where only the login was written by all
    that the login says nothing of. Whoever asks for that follows it with a whole look a little later."""

    def __init__(self, context: ObservationContext) -> None:
        self.context = context._replace(documents=DocumentMemory())
        self._processes: tuple[Process, ...] | None = None
        self._looked = False
        self._last: Snapshot | None = None

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
        return self._further()

    def after_change(self, changed: frozenset[str] = frozenset()) -> Snapshot:
        """A file was written. `changed`: the paths that are watched and are others now, all of them; empty
        where that isn't known."""
        last = self._last
        if last is None:
            return self.whole()
        only_login = bool(changed) and changed <= _of_login(last) and last.machine.platform != "darwin"
        if only_login and last.login.tokens is not None and last.more is not None:
            return self._around_login(last.more)
        return self._further()

    def _around_login(self, before: Surroundings) -> Snapshot:
        from claude_auth.observe.surroundings import around_login

        snapshot = observe(self.context)
        self._last = snapshot._replace(more=around_login(snapshot, self.context, before))
        return self._last

    def _further(self) -> Snapshot:
        self._last = further_look(self.context, self._processes)
        return self._last


def _of_login(snapshot: Snapshot) -> set[str]:
    """The paths that a sign-in or a refresh by Claude Code writes."""
    places = snapshot.places
    locks = lock_paths(places.config_dir, snapshot.claude_json.path)
    return {places.credentials_path, *(path for path, _ in locks)}
