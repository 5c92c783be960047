"""Named scenes: machines to look at, told in fixed paths, owners and moments, so that pictures of them never
change. All tokens are made up."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from claude_auth.model import FileFacts, Machine, Snapshot
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.sandbox import machines
from claude_auth.sandbox.machines import (
    ADC,
    CREDENTIALS,
    MANAGED_SETTINGS,
    PROJECT_SETTINGS,
    STATE,
    USER_SETTINGS,
    LaidOut,
    PretendMachine,
)

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
#: The company's gateway of the scene with that name.
GATEWAY_URL = "https://llm.engines.example"


#: How the machine of every scene presents itself.
HOST = Machine(user="ada", user_id=1000, over_ssh=True)


@dataclass(frozen=True)
class Scene(PretendMachine):
    """A machine, and as what it is shown."""

    host: Machine = HOST


def login(expires_in: float = 5.2 * HOUR + 30, **more: object) -> dict[str, Any]:
    plan = {"subscriptionType": "max", "rateLimitTier": "default_claude_max_5x"}
    scopes = ["user:inference", "user:profile", "user:sessions:claude_code"]
    deadline = {"$now_ms": int(24 * DAY * 1000)}
    return machines.login(
        OAT, ORT, expires_in, **{"refreshTokenExpiresAt": deadline, "scopes": scopes, **plan, **more}
    )


ACCOUNT = {
    "oauthAccount": {"emailAddress": "ada@example.org", "organizationName": "Analytical Engines"},
    "projects": {"$HOME/proj": {"hasTrustDialogAccepted": True}},
}
ZSHRC = "# shell\nexport EDITOR=vi\n\nexport ANTHROPIC_API_KEY=made-up\n"


SSO_PROFILE = """[profile work]
sso_session = engines
sso_account_id = 123456789012
sso_role_name = Developer
region = eu-central-1

[sso-session engines]
sso_start_url = https://engines.awsapps.example/start
sso_region = eu-central-1
sso_registration_scopes = sso:account:access
"""
#: Where the SDKs keep the token of that session, by its name.
SSO_CACHE = f".aws/sso/cache/{hashlib.sha1(b'engines', usedforsecurity=False).hexdigest()}.json"
REFRESH_LOCK = ".claude/.oauth_refresh.lock"


def approved(*keys: str) -> dict[str, Any]:
    return {**ACCOUNT, "customApiKeyResponses": {"approved": [key[-20:] for key in keys], "rejected": []}}


SCENES: dict[str, Scene] = {
    "fresh": Scene(),
    "healthy": Scene({CREDENTIALS: login(), STATE: ACCOUNT}),
    "key-over-login": Scene(
        {CREDENTIALS: login(), STATE: approved(KEY), ".zshrc": ZSHRC}, environ={"ANTHROPIC_API_KEY": KEY}
    ),
    "two-sent": Scene(
        {STATE: approved(KEY), USER_SETTINGS: {"env": {"ANTHROPIC_AUTH_TOKEN": GATEWAY}}},
        environ={"ANTHROPIC_API_KEY": KEY},
    ),
    "stale": Scene({CREDENTIALS: login(-26 * HOUR), STATE: ACCOUNT}),
    "broken": Scene({CREDENTIALS: '{"claudeAiOauth": {"accessToken": "sk-ant-', STATE: ACCOUNT}),
    "bedrock": Scene(
        {
            STATE: ACCOUNT,
            CREDENTIALS: login(),
            ".aws/credentials": "[default]\naws_access_key_id = AKIAMADEUPEXAMPLE001\n"
            f"aws_secret_access_key = {AWS}\n",
        },
        environ={"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-central-1"},
    ),
    "vertex": Scene(
        {
            STATE: ACCOUNT,
            ADC: {
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
    "foundry": Scene(
        {STATE: ACCOUNT},
        environ={
            "CLAUDE_CODE_USE_FOUNDRY": "1",
            "ANTHROPIC_FOUNDRY_RESOURCE": "engines",
            "ANTHROPIC_FOUNDRY_API_KEY": FOUNDRY,
        },
    ),
    "managed": Scene(
        {CREDENTIALS: login(), STATE: approved(KEY), MANAGED_SETTINGS: {"forceLoginMethod": "claudeai"}},
        environ={"ANTHROPIC_API_KEY": KEY},
    ),
    "unapproved": Scene(
        {CREDENTIALS: login(), STATE: ACCOUNT, ".zshrc": ZSHRC}, environ={"ANTHROPIC_API_KEY": KEY}
    ),
    "helper": Scene({STATE: ACCOUNT, USER_SETTINGS: {"apiKeyHelper": "~/bin/get-key --vault work"}}),
    "project-helper": Scene(
        {STATE: ACCOUNT, PROJECT_SETTINGS: {"apiKeyHelper": "./tools/get-key --vault work"}}
    ),
    "aws-refresh": Scene(
        {
            STATE: ACCOUNT,
            USER_SETTINGS: {
                "awsAuthRefresh": "aws sso login --profile work",
                "apiKeyHelper": "~/bin/get-key --vault work",
            },
        }
    ),
    "project-refresh": Scene(
        {
            STATE: ACCOUNT,
            PROJECT_SETTINGS: {"awsAuthRefresh": "./tools/sign-in --profile work && aws sts help"},
        }
    ),
    "setup-token": Scene({STATE: ACCOUNT}, environ={"CLAUDE_CODE_OAUTH_TOKEN": SETUP}),
    # The server said invalid_grant, and Claude Code emptied its login [seen].
    "signed-out": Scene(
        {
            STATE: ACCOUNT,
            CREDENTIALS: {"claudeAiOauth": {"accessToken": "", "refreshToken": "", "expiresAt": 0}},
        }
    ),
    "oauth-not-supported": Scene(
        {STATE: ACCOUNT, ".zshrc": f"# shell\nexport ANTHROPIC_AUTH_TOKEN={OAT}\n"},
        environ={"ANTHROPIC_AUTH_TOKEN": OAT},
    ),
    "bedrock-expired": Scene(
        {
            STATE: ACCOUNT,
            ".aws/config": SSO_PROFILE,
            SSO_CACHE: {
                "startUrl": "https://engines.awsapps.example/start",
                "region": "eu-central-1",
                "accessToken": "madeUpSsoToken0000",
                "expiresAt": "2026-02-03T04:05:06Z",
            },
            USER_SETTINGS: {
                "env": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_PROFILE": "work", "AWS_REGION": "eu-central-1"},
                "awsAuthRefresh": "aws sso login --profile work",
            },
        }
    ),
    "lock-orphaned": Scene(
        {CREDENTIALS: login(-26 * HOUR), STATE: ACCOUNT}, folders=(REFRESH_LOCK,), times={REFRESH_LOCK: -HOUR}
    ),
    "eight-clients": Scene({CREDENTIALS: login(-26 * HOUR), STATE: ACCOUNT}),
    "helper-failing": Scene(
        {
            STATE: ACCOUNT,
            USER_SETTINGS: {"apiKeyHelper": "~/bin/get-key --vault work"},
            "bin/get-key": "#!/bin/sh\necho 'vault: permission denied for work' >&2\nexit 2\n",
        },
        modes={"bin/get-key": 0o700},
    ),
    "gateway": Scene(
        {
            STATE: ACCOUNT,
            USER_SETTINGS: {"env": {"ANTHROPIC_BASE_URL": GATEWAY_URL, "ANTHROPIC_AUTH_TOKEN": GATEWAY}},
        }
    ),
}


def lay_out(scene: PretendMachine, directory: Path, now: float = NOW) -> LaidOut:
    """The scene on disk, an hour old, with no program on its PATH."""
    old = dict.fromkeys(scene.files, -HOUR)
    quiet = dataclasses.replace(scene, environ={"PATH": "", **scene.environ}, times={**old, **scene.times})
    return machines.lay_out(quiet, directory / "home", now)


def snapshot(scene: Scene, directory: Path) -> Snapshot:
    """What the real observer sees there, told in fixed words."""
    laid = lay_out(scene, directory)
    seen = told(laid.look(NOW), laid)
    return seen._replace(machine=scene.host, places=seen.places._replace(root="/"))


def state_of(name: str, directory: Path) -> DashboardState:
    scene = SCENES[name]
    return DashboardState.of(snapshot(scene, directory), scene.client)


Thing = TypeVar("Thing")


def told(thing: Thing, laid: LaidOut) -> Thing:
    """The same with the paths of a scene, and with ada as the owner of every file."""
    return cast(Thing, _told(thing, {str(laid.root): "", str(laid.home): HOME}))


def _told(thing: Any, words: Mapping[str, str]) -> Any:
    """The same with paths replaced in every text, and with ada as the owner of every file."""
    tell: Callable[[Any], Any] = lambda inner: _told(inner, words)  # noqa: E731
    if isinstance(thing, str):
        for old, new in words.items():
            thing = thing.replace(old, new)
        return thing
    if isinstance(thing, tuple):
        told = [tell(item) for item in thing]
        if isinstance(thing, FileFacts):
            return FileFacts(*told)._replace(owner="ada")
        return type(thing)(*told) if hasattr(thing, "_fields") else tuple(told)
    if isinstance(thing, Mapping):
        return {tell(name): tell(value) for name, value in thing.items()}
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        changed = {
            item.name: tell(getattr(thing, item.name)) for item in dataclasses.fields(thing) if item.init
        }
        return dataclasses.replace(thing, **changed)
    return thing
