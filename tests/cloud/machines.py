"""A made-up home with cloud files in it, and a view of it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from claude_auth.claude_code.clients import BY_ID
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import Snapshot
from claude_auth.sandbox import machines

#: Shaped like real ones, and in no result, no log, no `repr`, no exception.
SECRET = "CanarySecretKeyOfForty0123456789abcdEFGH"
SESSION = "IQoJb3JpZ2luX2VjCanarySessionTokenOfAKindThatIsLong0123456789"
CANARIES = (SECRET, SESSION)

PATH = os.environ["PATH"]


@dataclass(frozen=True)
class CloudMachine:
    """`environ` is the shell's; settings and files are written below `home`."""

    home: Path
    environ: Mapping[str, str]
    client: str = "claude-print"
    vendor: str | None = None

    def write(self, name: str, content: str | Mapping[str, object]) -> Path:
        return machines.write(self.home / name, content, home=self.home, now=time.time())

    def snapshot(self) -> Snapshot:
        found = machines.LaidOut(self.home, self.cwd, self.environ).look()
        if self.vendor is None:
            return found
        return found._replace(machine=found.machine._replace(vendor=self.vendor))

    @property
    def cwd(self) -> Path:
        folder = self.home / "project"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def view(self, snapshot: Snapshot | None = None) -> EffectiveConfig:
        return EffectiveConfig(snapshot or self.snapshot(), BY_ID[self.client], "2.1.328")


def machine(
    home: Path,
    environ: Mapping[str, str] | None = None,
    *,
    config: str = "",
    credentials: str = "",
    settings: Mapping[str, object] | None = None,
    client: str = "claude-print",
    vendor: str | None = None,
) -> CloudMachine:
    made = CloudMachine(home, {"PATH": PATH, "HOME": str(home), **(environ or {})}, client, vendor)
    if config:
        made.write(".aws/config", config)
    if credentials:
        made.write(".aws/credentials", credentials)
    if settings is not None:
        made.write(".claude/settings.json", settings)
    return made


def keys(name: str, key: str, secret: str = SECRET, token: str | None = None) -> str:
    lines = f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
    return lines + (f"aws_session_token = {token}\n" if token else "")


def iso(seconds_from_now: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds_from_now))


def assert_clean(*things: object, more: tuple[str, ...] = ()) -> None:
    """No canary in anybody's words."""
    for thing in things:
        for text in (repr(thing), str(thing)):
            for canary in (*CANARIES, *more):
                assert canary not in text
