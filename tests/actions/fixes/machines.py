"""A machine with something to fix, and the steps of a fix on it. All keys are made up."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from claude_auth.actions.fixes.action import ApplyFix, FixResult, UndoFix
from claude_auth.actions.fixes.offers import offers
from claude_auth.actions.fixes.plans import Preview
from claude_auth.actions.fixes.records import Records
from claude_auth.diagnose import diagnose
from claude_auth.model import Event, Finding, Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.resolve import resolve

KEY = "sk-ant-api03-" + "madeUpForTests00Key0" * 4 + "k3y9"
OTHER = "sk-ant-api03-" + "anotherMadeUpKey0000" * 4 + "0th3"
OAT = "sk-ant-oat01-" + "C4naryForTests0AbC" * 5

#: Who runs, or how that is found out.
Running = Collection[int] | None | Callable[[str], Collection[int] | None]


@dataclass
class Machine:
    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    client: str = "claude"
    running: Running = ()

    def __post_init__(self) -> None:
        self.home = self.root / "home"
        (self.home / ".claude").mkdir(parents=True)
        (self.home / "proj").mkdir()
        self.environ = {"HOME": str(self.home), "PATH": "/usr/bin", "SHELL": "/bin/bash", **self.environ}
        self.records = Records(str(self.root / "state"))
        self.events: list[Event] = []

    def write(self, name: str, content: object, mode: int = 0o600) -> Path:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, indent=2)
            path.write_bytes(text.encode())
        path.chmod(mode)
        return path

    def login(self) -> Machine:
        grant = {"accessToken": OAT, "expiresAt": 4_102_444_800_000, "scopes": ["user:inference"]}
        self.write(".claude/.credentials.json", {"claudeAiOauth": grant})
        return self

    def look(self) -> Snapshot:
        view = ObservationContext(
            str(self.home),
            str(self.home / "proj"),
            str(self.root),
            Environment(self.environ),
            user_id=os.geteuid(),
        )
        return observe(view)

    def findings(self) -> tuple[Finding, ...]:
        snapshot = self.look()
        return diagnose(snapshot, resolve(snapshot, self.client))

    def ids(self) -> set[str]:
        return {finding.id for finding in self.findings()}

    def offers(self) -> tuple[Preview, ...]:
        snapshot = self.look()
        resolution = resolve(snapshot, self.client)
        return offers(snapshot, resolution, diagnose(snapshot, resolution))

    def offer(self, identifier: str) -> Preview:
        found = {preview.id: preview for preview in self.offers()}
        assert identifier in found, sorted(found)
        return found[identifier]

    def processes(self, config_dir: str) -> Collection[int] | None:
        return self.running(config_dir) if callable(self.running) else self.running

    def apply(self, preview: Preview | str, **more: object) -> FixResult:
        chosen = self.offer(preview) if isinstance(preview, str) else preview
        action = ApplyFix(
            chosen,
            look=self.look,
            client=self.client,
            records=self.records,
            running=self.processes,
            lock_seconds=0.3,
            **more,  # type: ignore[arg-type]
        )
        return self._carry_out(action)

    def undo(self, number: int | None) -> FixResult:
        assert number is not None
        action = UndoFix(
            number, look=self.look, records=self.records, running=self.processes, lock_seconds=0.3
        )
        return self._carry_out(action)

    def _carry_out(self, action: ApplyFix | UndoFix) -> FixResult:
        async def run() -> None:
            self.events += [event async for event in action.events()]

        asyncio.run(run())
        assert action.result is not None
        return action.result

    def left_behind(self) -> set[str]:
        """Temporary files and locks of ours below the home."""
        return {
            str(path.relative_to(self.home))
            for path in self.home.rglob("*")
            if path.name.endswith((".new", ".lock"))
        }


def rejected(root: Path, style: dict[str, object] | None = None) -> Machine:
    """An API key that was rejected by an accidental Enter."""
    machine = Machine(root, {"ANTHROPIC_API_KEY": KEY})
    answers = {"approved": [OTHER[-20:]], "rejected": [KEY[-20:]]}
    data = {"numStartups": 3, "customApiKeyResponses": answers, "projects": {}, "tipsHistory": {"a": 1}}
    machine.write(".claude.json", json.dumps(data, **(style or {"indent": 2})))  # type: ignore[arg-type]
    return machine


def key_in_settings(root: Path) -> Machine:
    """A key in the settings' env block that overrides the login."""
    machine = Machine(root, client="claude-print").login()
    machine.write(
        ".claude/settings.json", {"model": "m", "env": {"A": "1", "ANTHROPIC_API_KEY": KEY, "B": "2"}}
    )
    return machine


def key_in_bashrc(root: Path) -> Machine:
    machine = Machine(root, {"ANTHROPIC_API_KEY": KEY}, client="claude-print").login()
    machine.write(".bashrc", f"alias a=b\nexport ANTHROPIC_API_KEY='{KEY}'  # mine\necho hi\n", 0o644)
    return machine


def open_store(root: Path) -> Machine:
    machine = Machine(root).login()
    (machine.home / ".claude/.credentials.json").chmod(0o644)
    return machine


def broken_store(root: Path) -> Machine:
    machine = Machine(root)
    machine.write(".claude_code/tokens.json", '{"access_token": "gateway-' + "made0up" * 6)
    return machine


def broken_store_of_claude_code(root: Path) -> Machine:
    machine = Machine(root)
    machine.write(".claude/.credentials.json", '{"claudeAiOauth": {"accessToken": "' + OAT)
    return machine


def helper_wanted(root: Path) -> Machine:
    machine = Machine(root)
    machine.write(".claude_code/tokens.json", {"access_token": "gateway-" + "made0up" * 6, "expires_at": 4e9})
    machine.write(".claude/settings.json", '{\r\n\t"model": "m"\r\n}')
    return machine


def state(home: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(home)): (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }
