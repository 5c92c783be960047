"""Machines to look at: each is laid out in a temporary home, observed by the real observer, and then told in
fixed paths, owners and moments, so that pictures of it never change. All tokens are made up."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claude_auth.app.eyes import Eyes
from claude_auth.model import Machine, Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.present.dashboard_state import DashboardState

#: 2026-11-20 12:03:04 UTC.
NOW = 1795176184.0
HOUR, DAY = 3600.0, 86400.0
HOME = "/home/ada"

OAT = "sk-ant-oat01-" + "madeUpForTests0Login" * 4 + "l0g1"
ORT = "sk-ant-ort01-" + "madeUpForTests0Renew" * 4 + "r3n3"
KEY = "sk-ant-api03-" + "madeUpForTests00Key0" * 4 + "k3y9"
GATEWAY = "gateway-" + "madeUpForTests0Gate0" * 3 + "g4t3"
SETUP = "sk-ant-oat01-" + "madeUpForTests0Setup" * 4 + "s3tu"
AWS = "madeUpAwsSecret0madeUpAwsSecret0"
FOUNDRY = "madeUpFoundryKey" * 4
SECRETS = (OAT, ORT, KEY, GATEWAY, SETUP, AWS, FOUNDRY)


@dataclass(frozen=True)
class Laid:
    """Files below the home and below the root, and the environment."""

    files: Mapping[str, Any] = field(default_factory=dict)
    system: Mapping[str, Any] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    modes: Mapping[str, int] = field(default_factory=dict)
    client: str = "claude"
    machine: Machine = Machine(user="ada", user_id=1000, over_ssh=True)


def login(expires_in: float = 5.2 * HOUR + 30, **more: object) -> dict[str, Any]:
    grant = {
        "accessToken": OAT,
        "refreshToken": ORT,
        "expiresAt": int((NOW + expires_in) * 1000),
        "refreshTokenExpiresAt": int((NOW + 24 * DAY) * 1000),
        "scopes": ["user:inference", "user:profile", "user:sessions:claude_code"],
        "subscriptionType": "max",
        "rateLimitTier": "default_claude_max_5x",
        **more,
    }
    return {"claudeAiOauth": grant}


ACCOUNT = {
    "oauthAccount": {"emailAddress": "ada@example.org", "organizationName": "Analytical Engines"},
    "projects": {"$HOME/proj": {"hasTrustDialogAccepted": True}},
}
CREDENTIALS = ".claude/.credentials.json"
ZSHRC = "# shell\nexport EDITOR=vi\n\nexport ANTHROPIC_API_KEY=made-up\n"


def approved(*keys: str) -> dict[str, Any]:
    return {**ACCOUNT, "customApiKeyResponses": {"approved": [key[-20:] for key in keys], "rejected": []}}


MACHINES: dict[str, Laid] = {
    "fresh": Laid(),
    "healthy": Laid({CREDENTIALS: login(), ".claude.json": ACCOUNT}),
    "key-over-login": Laid(
        {CREDENTIALS: login(), ".claude.json": approved(KEY), ".zshrc": ZSHRC},
        environ={"ANTHROPIC_API_KEY": KEY},
    ),
    "two-sent": Laid(
        {".claude.json": approved(KEY), ".claude/settings.json": {"env": {"ANTHROPIC_AUTH_TOKEN": GATEWAY}}},
        environ={"ANTHROPIC_API_KEY": KEY},
    ),
    "stale": Laid({CREDENTIALS: login(-26 * HOUR), ".claude.json": ACCOUNT}),
    "broken": Laid({CREDENTIALS: '{"claudeAiOauth": {"accessToken": "sk-ant-', ".claude.json": ACCOUNT}),
    "bedrock": Laid(
        {
            ".claude.json": ACCOUNT,
            CREDENTIALS: login(),
            ".aws/credentials": "[default]\naws_access_key_id = AKIAMADEUPEXAMPLE001\n"
            f"aws_secret_access_key = {AWS}\n",
        },
        environ={"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-central-1"},
    ),
    "vertex": Laid(
        {
            ".claude.json": ACCOUNT,
            ".config/gcloud/application_default_credentials.json": {
                "type": "authorized_user",
                "client_id": "made-up.apps.googleusercontent.com",
                "client_secret": "madeUpGoogleSecret000",
                "refresh_token": "1//madeUpGoogleRefresh00000",
                "quota_project_id": "engines",
            },
        },
        environ={
            "CLAUDE_CODE_USE_VERTEX": "1",
            "ANTHROPIC_VERTEX_PROJECT_ID": "engines",
            "CLOUD_ML_REGION": "europe-west1",
        },
    ),
    "foundry": Laid(
        {".claude.json": ACCOUNT},
        environ={
            "CLAUDE_CODE_USE_FOUNDRY": "1",
            "ANTHROPIC_FOUNDRY_RESOURCE": "engines",
            "ANTHROPIC_FOUNDRY_API_KEY": FOUNDRY,
        },
    ),
    "managed": Laid(
        {CREDENTIALS: login(), ".claude.json": approved(KEY)},
        system={"etc/claude-code/managed-settings.json": {"forceLoginMethod": "claudeai"}},
        environ={"ANTHROPIC_API_KEY": KEY},
    ),
    "unapproved": Laid(
        {CREDENTIALS: login(), ".claude.json": ACCOUNT, ".zshrc": ZSHRC}, environ={"ANTHROPIC_API_KEY": KEY}
    ),
    "helper": Laid(
        {".claude.json": ACCOUNT, ".claude/settings.json": {"apiKeyHelper": "~/bin/get-key --vault work"}}
    ),
    "project-helper": Laid(
        {
            ".claude.json": ACCOUNT,
            "proj/.claude/settings.json": {"apiKeyHelper": "./tools/get-key --vault work"},
        }
    ),
    "aws-refresh": Laid(
        {
            ".claude.json": ACCOUNT,
            ".claude/settings.json": {
                "awsAuthRefresh": "aws sso login --profile work",
                "apiKeyHelper": "~/bin/get-key --vault work",
            },
        }
    ),
    "project-refresh": Laid(
        {
            ".claude.json": ACCOUNT,
            "proj/.claude/settings.json": {
                "awsAuthRefresh": "./tools/sign-in --profile work && aws sts help"
            },
        }
    ),
    "setup-token": Laid({".claude.json": ACCOUNT}, environ={"CLAUDE_CODE_OAUTH_TOKEN": SETUP}),
}


def lay_out(laid: Laid, directory: Path, now: float = NOW) -> ObservationContext:
    """Write the files, their times told from `now`, and say from where to look."""
    home, root = directory / "home", directory / "root"
    (home / "proj").mkdir(parents=True, exist_ok=True)
    root.mkdir(exist_ok=True)
    for base, files in ((home, laid.files), (root, laid.system)):
        for name, content in files.items():
            path = base / name
            path.parent.mkdir(parents=True, exist_ok=True)
            text = content if isinstance(content, str) else json.dumps(_moved(content, now - NOW), indent=2)
            path.write_text(text.replace("$HOME", str(home)), encoding="utf-8")
            path.chmod(laid.modes.get(name, 0o600))
            os.utime(path, (now - HOUR, now - HOUR))
    environ = Environment({"HOME": str(home), "PATH": "", **laid.environ})
    return ObservationContext(str(home), str(home / "proj"), str(root), environ, "linux", os.geteuid(), now)


def _moved(content: Any, seconds: float) -> Any:
    """The content with the expiries of a login moved."""
    if not isinstance(content, dict) or "claudeAiOauth" not in content:
        return content
    grant = dict(content["claudeAiOauth"])
    for name in ("expiresAt", "refreshTokenExpiresAt"):
        grant[name] += int(seconds * 1000)
    return {"claudeAiOauth": grant}


def snapshot(laid: Laid, directory: Path) -> Snapshot:
    """What the real observer sees there, told in fixed words."""
    view = lay_out(laid, directory)
    seen = observe(view)
    fixed = _told(seen, {str(directory / "home"): HOME, str(directory / "root"): ""})
    assert isinstance(fixed, Snapshot)
    places = fixed.places._replace(root="/")
    return dataclasses.replace(fixed, machine=laid.machine, places=places)


def scene(name: str, directory: Path) -> DashboardState:
    laid = MACHINES[name]
    return DashboardState.of(snapshot(laid, directory), laid.client)


def eyes(name: str, directory: Path, **more: Any) -> Eyes:
    """Looks at the machine with a clock that stands still; nothing is watched."""
    laid = MACHINES[name]
    return Eyes(
        **{
            "look": lambda: snapshot(laid, directory),
            "evaluate": lambda snapshot, client, version: snapshot,
            "clock": lambda: NOW,
            **more,
        }
    )


def _told(thing: Any, words: Mapping[str, str]) -> Any:
    """The same with paths replaced in every text, and with ada as the owner of every file."""
    tell: Callable[[Any], Any] = lambda inner: _told(inner, words)  # noqa: E731
    if isinstance(thing, str):
        for old, new in words.items():
            thing = thing.replace(old, new)
        return thing
    if isinstance(thing, tuple):
        told = [tell(item) for item in thing]
        return type(thing)(*told) if hasattr(thing, "_fields") else tuple(told)
    if isinstance(thing, Mapping):
        return {tell(name): tell(value) for name, value in thing.items()}
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        changed = {
            item.name: tell(getattr(thing, item.name)) for item in dataclasses.fields(thing) if item.init
        }
        if "owner" in changed:
            changed["owner"] = "ada"
        return dataclasses.replace(thing, **changed)
    return thing
