"""The old face of the services, for screens that are not converted yet."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping

from claude_auth.actions.look import HostObserver, Look
from claude_auth.app.services import Services
from claude_auth.journal import Journal
from claude_auth.model import Snapshot


class Doors(Services):
    def __init__(
        self,
        eyes: HostObserver,
        *,
        home: str,
        environ: Mapping[str, str] = os.environ,
        client: str = "claude",
        version: str | None = None,
        journal: Journal | None = None,
    ) -> None:
        journal = journal or Journal(program="claude-auth-tui")
        super().__init__(eyes, home, environ, client, version, journal)

    @property
    def look(self) -> Look:
        return self.host.look

    @look.setter
    def look(self, look: Callable[[], Snapshot]) -> None:
        self.host = self.host._replace(look=look)

    @property
    def clock(self) -> Callable[[], float]:
        return self.host.clock

    @property
    def ours(self) -> Callable[[], bool]:
        return self.host.ours

    def running(self, config_dir: str) -> Collection[int] | None:
        return self.refreshing.running(config_dir)
