"""A case laid out in a fresh home directory, and what our own core answers there.

A case is what the README of the observed cases says (`files`, `raw`, `env`, `fd`, `approved`,
`rejected`); cases of observed.json may add `cwd` (below the home, default `proj`), `settings` (the file
of `--settings`) and `fd_file` (variable → text in a regular file). `$HOME` is filled in everywhere, in
files too.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claude_auth.actions.evaluate import evaluate
from claude_auth.diagnose import diagnose
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.observe.descriptors import look
from claude_auth.present.status_json import status_document
from claude_auth.resolve import resolve

Case = Mapping[str, Any]

#: The newest client that was observed; a case without `client_version` is about this one.
NEWEST = "2.1.328"


@dataclass(frozen=True)
class LaidOut:
    """A machine that waits for a program to be started on it."""

    home: Path
    cwd: Path
    environ: dict[str, str]
    settings: Path | None = None
    descriptors: tuple[int, ...] = ()

    @property
    def root(self) -> Path:
        """Stands for `/`, so that nothing of the real machine is seen. It may be empty."""
        return self.home / "root"

    def view(self, now: float | None = None) -> ObservationContext:
        return ObservationContext(
            home=str(self.home),
            cwd=str(self.cwd),
            root=str(self.root),
            environ=Environment(self.environ),
            user_id=os.geteuid(),
            now=now,
            settings_flag=None if self.settings is None else str(self.settings),
            descriptors=look(self.environ),
        )


@dataclass(frozen=True)
class Answer:
    """All that the core says about one machine."""

    snapshot: Snapshot
    resolution: Resolution
    findings: tuple[Finding, ...]
    document: dict[str, Any] = field(repr=False)


def answer(
    laid: LaidOut,
    client: str = "claude",
    version: str | None = NEWEST,
    *,
    evaluated: bool = True,
    agreed: bool = False,
    now: float | None = None,
) -> Answer:
    """What `claude-auth status --json --client CLIENT` says, without starting it."""
    view = laid.view(now)
    snapshot = observe(view)
    if evaluated:
        snapshot = evaluate(snapshot, view.environ, client, version, agreed=agreed)
    resolution = resolve(snapshot, client, version)
    findings = diagnose(snapshot, resolution)
    return Answer(snapshot, resolution, findings, status_document(snapshot, resolution, findings))


@contextlib.contextmanager
def lay_out(case: Case, home: Path) -> Iterator[LaidOut]:
    """The machine of `case` in the empty directory `home`; its descriptors are closed afterwards."""
    cwd = home / case.get("cwd", "proj")
    for folder in (cwd / ".claude", home / ".claude", home / "root"):
        folder.mkdir(parents=True, exist_ok=True)
    environ = {name: value.replace("$HOME", str(home)) for name, value in case["env"].items()}
    _write_files(case, home, cwd, bool(environ.get("CLAUDE_CONFIG_DIR")))
    with contextlib.ExitStack() as open_files:
        descriptors = {}
        for variable, text in case.get("fd", {}).items():
            descriptors[variable] = _pipe_with(text)
            open_files.callback(_close, descriptors[variable])
        for variable, text in case.get("fd_file", {}).items():
            path = home / f"{variable}.txt"
            path.write_text(text, encoding="utf-8")
            descriptors[variable] = os.open(path, os.O_RDONLY)
            open_files.callback(_close, descriptors[variable])
        for number in descriptors.values():
            os.set_inheritable(number, True)
        named = {variable: str(number) for variable, number in descriptors.items()}
        basis = {"HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "xterm-256color"}
        flag = home / case["settings"] if case.get("settings") else None
        yield LaidOut(home, cwd, {**basis, **environ, **named}, flag, tuple(descriptors.values()))


def _write_files(case: Case, home: Path, cwd: Path, has_config_dir: bool) -> None:
    files = dict(case["files"])
    modes, trusted = files.pop("$chmod", {}), not files.pop("$untrusted", False)
    state = {
        **_filled_in(files.pop(".claude.json", {})),
        "hasCompletedOnboarding": True,
        "customApiKeyResponses": {"approved": case["approved"], "rejected": case["rejected"]},
        "projects": {str(cwd): {"hasTrustDialogAccepted": trusted}},
    }
    files["cfg/.claude.json" if has_config_dir else ".claude.json"] = state
    texts = {path: _text_of(value) for path, value in files.items()} | dict(case["raw"])
    for path, text in texts.items():
        full = home / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text.replace("$HOME", str(home)), encoding="utf-8")
        full.chmod(0o600)
    for path, mode in modes.items():
        (home / path).chmod(mode)


def _text_of(value: Any) -> str:
    value = _filled_in(value)
    is_literal = isinstance(value, dict) and "$text" in value
    return str(value["$text"]) if is_literal else json.dumps(value)


def _filled_in(value: Any) -> Any:
    """`{"$now_ms": n}` becomes the moment n milliseconds from now."""
    if isinstance(value, dict):
        if set(value) == {"$now_ms"}:
            return int(time.time() * 1000) + value["$now_ms"]
        return {key: _filled_in(item) for key, item in value.items()}
    return [_filled_in(item) for item in value] if isinstance(value, list) else value


def _pipe_with(text: str) -> int:
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    return reading


def _close(number: int) -> None:
    with contextlib.suppress(OSError):
        os.close(number)


def situation(files: Mapping[str, Any] | None = None, **more: Any) -> Case:
    """A case with nothing in it but what is given."""
    return {"files": files or {}, "raw": {}, "env": {}, "fd": {}, "approved": [], "rejected": [], **more}


def look_at(
    home: Path,
    files: Mapping[str, Any] | None = None,
    *,
    client: str = "claude",
    version: str | None = NEWEST,
    evaluated: bool = False,
    agreed: bool = False,
    now: float | None = None,
    **more: Any,
) -> Answer:
    """Lays a machine out in the empty directory `home` and answers."""
    with lay_out(situation(files, **more), home) as laid:
        return answer(laid, client, version, evaluated=evaluated, agreed=agreed, now=now)
