"""A home with a stand-in `claude` on PATH, and a look at it. All tokens are made up."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claude_auth.model import Event, Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.sandbox.stand_in import install

HOUR = 3600.0
ACCESS = "sk-ant-oat01-" + "madeUpForTests0Login" * 4
REFRESH = "sk-ant-ort01-" + "madeUpForTests0Renew" * 4
API_KEY = "sk-ant-api03-" + "madeUpForTests00Key0" * 4
LOCKS = (".claude/.oauth_refresh.lock", ".claude.lock", ".claude/.storage-write.lock", ".claude.json.lock")


@dataclass
class World:
    root: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = self.root / "home"
        (self.home / ".claude").mkdir(parents=True)
        path = f"{self.root / 'bin'}:/usr/bin:/bin"
        self.environ = {"HOME": str(self.home), "PATH": path, "LC_ALL": "C.UTF-8", **self.environ}
        self.diary = self.root / "diary"

    def client(self, **script: Any) -> World:
        install(self.root / "bin", {"diary": str(self.diary), "beat": 0.2, **script})
        return self

    def login(self, expires_in: float = 5 * HOUR, **more: object) -> World:
        now = time.time()
        grant = {
            "accessToken": ACCESS,
            "refreshToken": REFRESH,
            "expiresAt": int((now + expires_in) * 1000),
            "refreshTokenExpiresAt": int((now + 20 * 24 * HOUR) * 1000),
            "scopes": ["user:inference", "user:profile"],
            **more,
        }
        self.write(".claude/.credentials.json", {"claudeAiOauth": grant, "mcpOAuth": {"made": "up"}})
        return self

    def write(self, name: str, content: object) -> World:
        path = self.home / name
        path.write_text(json.dumps(content))
        path.chmod(0o600)
        return self

    def look(self) -> Snapshot:
        return observe(
            ObservationContext(str(self.home), str(self.home), str(self.root), Environment(self.environ))
        )

    @property
    def locks(self) -> list[str]:
        return [name for name in LOCKS if os.path.lexists(self.home / name)]

    @property
    def did(self) -> list[dict[str, Any]]:
        if not self.diary.exists():
            return []
        return [json.loads(line) for line in self.diary.read_text().splitlines()]

    def did_what(self) -> list[str]:
        return [str(entry["what"]) for entry in self.did]

    def wait_for(self, what: str, seconds: float = 60) -> None:
        """Until the stand-in says in its diary that it did so."""
        until = time.monotonic() + seconds
        while what not in self.did_what():
            assert time.monotonic() < until, self.did_what()
            time.sleep(0.01)  # a file is all that the program tells of itself

    def every_file(self) -> str:
        files = [path for path in self.root.rglob("*") if path.is_file() and path.name != "claude.json"]
        return "\n".join(path.read_text(errors="replace") for path in files)


async def all_of(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]


def kinds(events: list[Event]) -> list[str]:
    return [event.kind.partition(".")[2] for event in events]
