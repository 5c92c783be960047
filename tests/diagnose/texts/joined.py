"""A pasted text joined with a machine of made-up files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from claude_auth.diagnose import MachineAnswers, diagnose
from claude_auth.diagnose.texts import Recognised, explain
from claude_auth.model import Resolution, Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.resolve import resolve

NOW = 1_795_176_184.0
HOUR, DAY = 3600.0, 86_400.0
OAT = "sk-ant-oat01-" + "madeUpForTests0Login" * 4 + "AbCdEfGhIjKl012"
ORT = "sk-ant-ort01-" + "madeUpForTests0Renew" * 4 + "r3n3"
KEY = "sk-ant-api03-" + "madeUpForTests00Key0" * 4 + "k3y9"


def login(expires_in: float = 5 * HOUR, deadline_in: float = 20 * DAY, **more: object) -> dict[str, Any]:
    grant = {
        "accessToken": OAT,
        "refreshToken": ORT,
        "expiresAt": int((NOW + expires_in) * 1000),
        "refreshTokenExpiresAt": int((NOW + deadline_in) * 1000),
        "scopes": ["user:inference", "user:profile"],
        "subscriptionType": "max",
        **more,
    }
    return {".claude/.credentials.json": {"claudeAiOauth": grant}}


def read(
    tmp_path: Path,
    text: str,
    files: dict[str, Any] | None = None,
    environ: dict[str, str] | None = None,
    client: str = "claude-print",
) -> tuple[Recognised, ...]:
    """The causes of `text` on a machine with these files and this environment."""
    snapshot, resolution = machine(tmp_path, files or {}, environ or {}, client)
    return explain(text, MachineAnswers.of(snapshot, resolution, diagnose(snapshot, resolution)))[1]


def machine(
    tmp_path: Path, files: dict[str, Any], environ: dict[str, str], client: str = "claude-print"
) -> tuple[Snapshot, Resolution]:
    home = tmp_path / "home"
    (home / "proj").mkdir(parents=True)
    for name, content in files.items():
        path = (tmp_path / "root" / name[1:]) if name.startswith("/") else home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        path.chmod(0o600)
    (tmp_path / "root").mkdir(exist_ok=True)
    view = ObservationContext(
        home=str(home),
        cwd=str(home / "proj"),
        root=str(tmp_path / "root"),
        environ=Environment({"HOME": str(home), **environ}),
        user_id=os.geteuid(),
        now=NOW,
    )
    snapshot = observe(view)
    return snapshot, resolve(snapshot, client, None)
