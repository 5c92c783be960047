"""A made-up home: its effective configuration, and what one live request there would be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from claude_auth.claude_code.clients import BY_ID
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import Resolution, Snapshot
from claude_auth.network.probe_plan import ProbePlan, plan_probe
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.resolve import resolve

KEY = "sk-ant-api03-" + "madeUpForTests00Key0" * 4 + "k3y9"
MODELS = json.dumps({"data": [{"id": "made-up-model"}]}).encode()

Case = tuple[Snapshot, Resolution, ProbePlan]


def plan(home: Path, environ: dict[str, str], client: str = "claude-print", **more: Any) -> Case:
    full = {"PATH": str(home / "bin"), **environ}
    snapshot = observe(ObservationContext(str(home), str(home), str(home / "root"), Environment(full)))
    resolution = resolve(snapshot, client)
    return snapshot, resolution, plan_probe(snapshot, resolution, **more)


def view_of(home: Path, environ: dict[str, str] | None = None) -> EffectiveConfig:
    point = ObservationContext(str(home), str(home), str(home / "root"), Environment(environ or {}))
    return EffectiveConfig(observe(point), BY_ID["claude"], "2.1.328")
