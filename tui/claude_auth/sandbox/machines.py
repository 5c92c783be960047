"""Pretend machines: what lies in a home directory, laid out on disk, and looked at by the real observer.

Every path is below the home: `proj` is the working directory, `root` stands for `/`, so nothing of the real
machine is seen. All values are made up.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claude_auth.model import Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext, read_descriptors

CREDENTIALS, STATE = ".claude/.credentials.json", ".claude.json"
USER_SETTINGS, PROJECT_SETTINGS = ".claude/settings.json", "proj/.claude/settings.json"
MANAGED_SETTINGS = "root/etc/claude-code/managed-settings.json"
ADC = ".config/gcloud/application_default_credentials.json"


@dataclass(frozen=True)
class PretendMachine:
    """What lies there. `files`: path → text, bytes, or what becomes JSON; in texts `$HOME` is filled in, and
    `{"$now_ms": n}` is the moment n milliseconds from the layout's, `{"$text": t}` a text that is no JSON,
    `{"$b64": b}` bytes. `modes` of files (0600 where nothing is said); `times`: path → seconds from the
    layout's moment; `links`: path → where it leads, what is there moves to a target below the home; `gone`:
    what is taken away at the end. `descriptors`: variable → what a pipe gives, `descriptor_files`: → what a
    file gives."""

    files: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    modes: Mapping[str, int] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    descriptors: Mapping[str, str] = field(default_factory=dict)
    descriptor_files: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "proj"
    #: The file of `--settings`.
    settings: str | None = None
    client: str = "claude"


@dataclass(frozen=True)
class LaidOut:
    """A machine that waits for a program to be started on it."""

    home: Path
    cwd: Path
    environ: Mapping[str, str]
    settings: Path | None = None
    descriptors: tuple[int, ...] = ()

    @property
    def root(self) -> Path:
        return self.home / "root"

    def context(self, now: float | None = None) -> ObservationContext:
        return ObservationContext(
            home=str(self.home),
            cwd=str(self.cwd),
            root=str(self.root),
            environ=Environment(self.environ),
            user_id=os.geteuid(),
            now=now,
            settings_flag=None if self.settings is None else str(self.settings),
            descriptors=read_descriptors(self.environ),
        )

    def look(self, now: float | None = None) -> Snapshot:
        return observe(self.context(now))

    def close(self) -> None:
        """Its descriptors; whoever started a program there may have closed them already."""
        for number in self.descriptors:
            with contextlib.suppress(OSError):
                os.close(number)


@contextlib.contextmanager
def laid_out(machine: PretendMachine, home: Path, now: float | None = None) -> Iterator[LaidOut]:
    """Like `lay_out`; its descriptors are closed at the end."""
    laid = lay_out(machine, home, now)
    try:
        yield laid
    finally:
        laid.close()


def lay_out(machine: PretendMachine, home: Path, now: float | None = None) -> LaidOut:
    """Write the machine into the directory `home`. `now`: the moment that times are told from."""
    moment = time.time() if now is None else now
    cwd = home / machine.cwd
    first, *_ = machine.cwd.split("/")
    if first in machine.links:
        Path(machine.links[first].replace("$HOME", str(home))).mkdir(parents=True, exist_ok=True)
        _link(home / first, machine.links[first], home)
    for folder in (cwd, home / ".claude", home / "root", *(home / name for name in machine.folders)):
        folder.mkdir(parents=True, exist_ok=True)
    for name, content in machine.files.items():
        write(home / name, content, machine.modes.get(name, 0o600), home=home, now=moment)
    for name in machine.gone:
        (home / name).unlink()
    for name, target in machine.links.items():
        if name != first:
            _link(home / name, target, home)
    for name, seconds in machine.times.items():
        os.utime(home / name, (moment + seconds,) * 2)
    descriptors = {variable: _pipe_with(text) for variable, text in machine.descriptors.items()}
    for variable, text in machine.descriptor_files.items():
        path = write(home / f"{variable}.txt", text, 0o600, home=home, now=moment)
        descriptors[variable] = os.open(path, os.O_RDONLY)
    for number in descriptors.values():
        os.set_inheritable(number, True)
    given = {name: value.replace("$HOME", str(home)) for name, value in machine.environ.items()}
    numbers = {variable: str(number) for variable, number in descriptors.items()}
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin", **given, **numbers}
    flag = home / machine.settings if machine.settings else None
    return LaidOut(
        home, cwd.resolve() if first in machine.links else cwd, environ, flag, tuple(descriptors.values())
    )


def write(path: Path, content: object, mode: int = 0o600, *, home: Path, now: float) -> Path:
    """One file, as `PretendMachine.files` says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, dict) and "$b64" in content:
        content = base64.b64decode(content["$b64"])
    path.write_bytes(content if isinstance(content, bytes) else _text(content, home, now).encode())
    path.chmod(mode)
    return path


def _text(content: object, home: Path, now: float) -> str:
    filled = fill(content, now)
    if isinstance(filled, dict) and "$text" in filled:
        filled = str(filled["$text"])
    text = filled if isinstance(filled, str) else json.dumps(filled, indent=2)
    return text.replace("$HOME", str(home))


def fill(value: Any, now: float) -> Any:
    """The value with its moments filled in."""
    if isinstance(value, dict):
        if set(value) == {"$now_ms"}:
            return int(now * 1000) + value["$now_ms"]
        return {key: fill(item, now) for key, item in value.items()}
    return [fill(item, now) for item in value] if isinstance(value, list) else value


def _link(path: Path, target: str, home: Path) -> None:
    place = home / target.replace("$HOME", str(home))
    if path.is_dir() and not any(path.iterdir()):
        path.rmdir()
    if path.exists() and not target.startswith("/"):
        place.parent.mkdir(parents=True, exist_ok=True)
        path.rename(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(place)


def _pipe_with(text: str) -> int:
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    return reading


def login(access: str, refresh: str, expires_in: float, **more: object) -> dict[str, Any]:
    """A stored login of Claude Code; `expires_in` seconds from the layout's moment."""
    grant = {
        "accessToken": access,
        "refreshToken": refresh,
        "expiresAt": {"$now_ms": int(expires_in * 1000)},
        "scopes": ["user:inference", "user:profile"],
        **more,
    }
    return {"claudeAiOauth": grant}
