"""A case laid out in a fresh home directory, and what our own core answers there.

A case is what the README of the observed cases says (`files`, `raw`, `env`, `fd`, `approved`,
`rejected`); it may add `cwd` (below the home, default `proj`), `dirs`, `symlinks`, `state` (where
`.claude.json` lies), `settings` (the file of `--settings`), and in observed.json `fd_file` (variable → text
in a regular file). `$HOME` is filled in everywhere, in files too.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claude_auth.actions.evaluate import evaluate
from claude_auth.claude_code.versions import NEWEST
from claude_auth.diagnose import diagnose
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.observe import observe
from claude_auth.present.documents import status_document
from claude_auth.resolve import resolve
from claude_auth.sandbox.machines import STATE, LaidOut, PretendMachine, laid_out

__all__ = ["NEWEST", "Answer", "Case", "LaidOut", "answer", "lay_out", "look_at", "machine_of", "situation"]

Case = Mapping[str, Any]


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
    view = laid.context(now)
    snapshot = observe(view)
    if evaluated:
        snapshot = evaluate(snapshot, view.environ, client, version, agreed=agreed)
    resolution = resolve(snapshot, client, version)
    findings = diagnose(snapshot, resolution)
    return Answer(snapshot, resolution, findings, status_document(snapshot, resolution, findings))


def lay_out(case: Case, home: Path) -> AbstractContextManager[LaidOut]:
    """The machine of `case` in the empty directory `home`; its descriptors are closed afterwards."""
    return laid_out(machine_of(case), home)


def machine_of(case: Case) -> PretendMachine:
    """A case without `client_version` is about the newest client."""
    files, cwd = dict(case["files"]), case.get("cwd", "proj")
    modes, trusted = files.pop("$chmod", {}), not files.pop("$untrusted", False)
    links = case.get("symlinks", {})
    state = {
        **files.pop(STATE, {}),
        "hasCompletedOnboarding": True,
        "customApiKeyResponses": {"approved": case["approved"], "rejected": case["rejected"]},
        "projects": {
            f"$HOME/{folder}": {"hasTrustDialogAccepted": trusted} for folder in ("proj", "repo", cwd, *links)
        },
    }
    at_config_dir = bool(case["env"].get("CLAUDE_CONFIG_DIR"))
    for path in case.get("state", ["cfg/.claude.json" if at_config_dir else STATE]):
        files[path] = state
    return PretendMachine(
        {**files, **{path: {"$text": text} for path, text in case["raw"].items()}},
        {"TERM": "xterm-256color", **case["env"]},
        modes=modes,
        links=links,
        folders=(*case.get("dirs", ()), *(() if "cwd" in case else (f"{cwd}/.claude",))),
        descriptors=case.get("fd", {}),
        descriptor_files=case.get("fd_file", {}),
        cwd=cwd,
        settings=case.get("settings"),
    )


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
