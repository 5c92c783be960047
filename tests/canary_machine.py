"""A machine with a pretend secret in every secret field of every source, and the search for them in output.

`lay_out(home, mode)` writes the files and gives the environment; `leaks(output)` names what got out. The
values are shaped like real ones and made up. A mask may show a prefix and the last four characters, so those
are not searched for.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from claude_auth.observe.context import Environment, ObservationContext, read_descriptors
from claude_auth.sandbox import machines

#: So many characters of a secret in a row are a leak.
WINDOW = 8


def _made_up(name: str, length: int = 60) -> str:
    """Characters that look random and are the same in every run."""
    text = ""
    while len(text) < length:
        text += hashlib.sha256(f"{name}{len(text)}".encode()).hexdigest().replace("0", "Q").replace("a", "Z")
    return text[:length]


def _shaped(name: str, prefix: str = "", length: int = 60) -> str:
    return prefix + _made_up(name, length)


API_KEY = _shaped("api key", "sk-ant-api03-")
_NAMES = (
    *("auth token", "custom key", "custom authorization", "base url password", "proxy password"),
    *("foundry key", "foundry token", "foundry url password", "bedrock token", "anthropic aws key"),
    *("aws secret", "aws session", "aws container token", "aws file secret", "aws file session"),
    *("azure secret", "client secret", "google secret", "google refresh", "google private key"),
    *("mcp access", "mcp refresh", "mcp client secret", "rejected key", "helper stderr", "password option"),
    *("export secret", "export session", "bare word in a command", "claw access", "claw refresh"),
)
_OAUTH = ("env oauth", "fd oauth", "stored access", "settings oauth", "sdk access", "profile access")
_REFRESH = ("stored refresh", "sdk refresh", "profile refresh")
_KEYS = (
    "fd key",
    "managed key",
    "settings key",
    "project key",
    "managed settings key",
    "helper key",
    "url path key",
)

CANARIES: dict[str, str] = {
    "api key": API_KEY,
    **{name: _shaped(name) for name in _NAMES},
    **{name: _shaped(name, "sk-ant-oat01-") for name in _OAUTH},
    **{name: _shaped(name, "sk-ant-ort01-") for name in _REFRESH},
    **{name: _shaped(name, "sk-ant-api03-") for name in _KEYS},
}
C = CANARIES

_SHOWN_PREFIXES = ("sk-ant-api03-", "sk-ant-oat01-", "sk-ant-ort01-")


def _windows(value: str) -> set[str]:
    core = value
    for prefix in _SHOWN_PREFIXES:
        core = core.removeprefix(prefix)
    core = core[:-4]
    return {core[start : start + WINDOW] for start in range(len(core) - WINDOW + 1)}


_SEARCHED = {window: name for name, value in CANARIES.items() for window in _windows(value)}


def leaks(output: str | bytes) -> list[str]:
    """Names of the canaries of which `output` shows more than a mask would; wherever its lines are broken."""
    text = output.decode("utf-8", "replace") if isinstance(output, bytes) else output
    found = {
        _SEARCHED[text[start : start + WINDOW]]
        for start in range(len(text) - WINDOW + 1)
        if text[start : start + WINDOW] in _SEARCHED
    }
    return sorted(found)


def _login() -> dict[str, Any]:
    return {
        "claudeAiOauth": {
            "accessToken": C["stored access"],
            "refreshToken": C["stored refresh"],
            "expiresAt": int((time.time() + 3600) * 1000),
            "scopes": ["user:inference", "user:profile"],
            "subscriptionType": "max",
        },
        "mcpOAuth": {
            "server|1": {
                "accessToken": C["mcp access"],
                "refreshToken": C["mcp refresh"],
                "clientSecret": C["mcp client secret"],
            }
        },
    }


#: The helper's own words hold the key, print it, and repeat it where it fails.
HELPER = (
    f"echo {C['helper key']}; echo 'cannot use {C['helper key']} {C['helper stderr']}' >&2; "
    f": --password {C['password option']} {C['bare word in a command']}"
)
EXPORT = (
    f'echo \'{{"Credentials": {{"AccessKeyId": "ASIAMADEUP", "SecretAccessKey": "{C["export secret"]}", '
    f'"SessionToken": "{C["export session"]}"}}}}\''
)


def _files() -> dict[str, Any]:
    approved = {"approved": [API_KEY[-20:]], "rejected": [C["rejected key"][-20:]]}
    oauth = {
        "access_token": C["sdk access"],
        "refresh_token": C["sdk refresh"],
        "expires_at": time.time() + 3600,
    }
    claw = {**oauth, "access_token": C["claw access"], "refresh_token": C["claw refresh"]}
    profile = {**oauth, "access_token": C["profile access"], "refresh_token": C["profile refresh"]}
    google = {
        "type": "service_account",
        "client_email": "made-up@engines.example",
        "private_key": f"-----BEGIN PRIVATE KEY-----\n{C['google private key']}\n-----END PRIVATE KEY-----",
        "client_secret": C["google secret"],
        "refresh_token": C["google refresh"],
    }
    aws = (
        f"[default]\naws_access_key_id = AKIAMADEUP\naws_secret_access_key = {C['aws file secret']}\n"
        f"aws_session_token = {C['aws file session']}\n"
    )
    return {
        ".claude/.credentials.json": _login(),
        ".claude/settings.json": {
            "env": {"CLAUDE_CODE_OAUTH_TOKEN": C["settings oauth"], "ANTHROPIC_API_KEY": C["settings key"]},
            "awsCredentialExport": EXPORT,
            "awsAuthRefresh": f"aws-login --password {C['password option']}",
            "otelHeadersHelper": f"echo 'Authorization: Bearer {C['auth token']}'",
        },
        "proj/.claude/settings.json": {"env": {"ANTHROPIC_API_KEY": C["project key"]}},
        "root/etc/claude-code/managed-settings.json": {
            "env": {"ANTHROPIC_API_KEY": C["managed settings key"]}
        },
        ".claude.json": {
            "primaryApiKey": C["managed key"],
            "customApiKeyResponses": approved,
            "oauthAccount": {"emailAddress": "ada@example.org"},
        },
        ".claude_code/tokens.json": oauth,
        ".claude/credentials/abc": claw,
        ".config/anthropic/credentials/default.json": profile,
        ".config/gcloud/application_default_credentials.json": google,
        ".aws/credentials": aws,
        ".zshrc": f"export ANTHROPIC_API_KEY={API_KEY}\nexport ANTHROPIC_AUTH_TOKEN='{C['auth token']}'\n",
        "proj/.env": f"AWS_SECRET_ACCESS_KEY={C['aws secret']}\n",
    }


ENVIRON: dict[str, str] = {
    "ANTHROPIC_API_KEY": API_KEY,
    "ANTHROPIC_AUTH_TOKEN": C["auth token"],
    "CLAUDE_CODE_OAUTH_TOKEN": C["env oauth"],
    "ANTHROPIC_CUSTOM_HEADERS": "\n".join(
        [f"x-api-key: {C['custom key']}", f"Authorization: Bearer {C['custom authorization']}"]
    ),
    "ANTHROPIC_BASE_URL": f"https://ada:{C['base url password']}@gw.example/{C['url path key']}",
    "HTTPS_PROXY": f"http://ada:{C['proxy password']}@proxy.example:3128",
    "ANTHROPIC_FOUNDRY_API_KEY": C["foundry key"],
    "ANTHROPIC_FOUNDRY_AUTH_TOKEN": C["foundry token"],
    "ANTHROPIC_FOUNDRY_BASE_URL": f"https://ada:{C['foundry url password']}@foundry.example/",
    "AWS_BEARER_TOKEN_BEDROCK": C["bedrock token"],
    "ANTHROPIC_AWS_API_KEY": C["anthropic aws key"],
    "AWS_ACCESS_KEY_ID": "AKIAMADEUP",
    "AWS_SECRET_ACCESS_KEY": C["aws secret"],
    "AWS_SESSION_TOKEN": C["aws session"],
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": C["aws container token"],
    "AZURE_CLIENT_SECRET": C["azure secret"],
    "CLAUDE_OAUTH_CLIENT_SECRET": C["client secret"],
}

#: Name → what is taken away (variables and files) and what is added, so that every source is the winner once.
_SETTINGS = (
    ".claude/settings.json",
    "proj/.claude/settings.json",
    "root/etc/claude-code/managed-settings.json",
)
_LADDER = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", "CLAUDE_CODE_OAUTH_TOKEN")
MODES: dict[str, tuple[tuple[str, ...], Mapping[str, Any]]] = {
    "everything": ((), {}),
    "key alone": (("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", *_SETTINGS), {}),
    "token alone": (("ANTHROPIC_API_KEY", "ANTHROPIC_CUSTOM_HEADERS", *_SETTINGS), {}),
    "custom headers": ((*_SETTINGS, "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"), {}),
    "helper": ((*_LADDER, *_SETTINGS), {".claude/settings.json": {"apiKeyHelper": HELPER}}),
    "failing helper": (
        (*_LADDER, *_SETTINGS),
        {".claude/settings.json": {"apiKeyHelper": f"{HELPER}; exit 1"}},
    ),
    "oauth token": ((*_LADDER[:3], *_SETTINGS), {}),
    "login": ((*_LADDER, *_SETTINGS), {}),
    "managed key": ((*_LADDER, *_SETTINGS, ".claude/.credentials.json"), {}),
    "bedrock": (("AWS_BEARER_TOKEN_BEDROCK",), {"CLAUDE_CODE_USE_BEDROCK": "1"}),
    "bedrock token": ((), {"CLAUDE_CODE_USE_BEDROCK": "1"}),
    "vertex": ((), {"CLAUDE_CODE_USE_VERTEX": "1"}),
    "foundry": (("ANTHROPIC_FOUNDRY_AUTH_TOKEN",), {"CLAUDE_CODE_USE_FOUNDRY": "1"}),
    "foundry token": ((), {"CLAUDE_CODE_USE_FOUNDRY": "1"}),
    "damaged": (
        (),
        {
            ".claude/.credentials.json": json.dumps(_login())[:-3],
            ".claude.json": f'{{"primaryApiKey": "{C["managed key"]}",, }}',
            ".claude/settings.json": f'{{"apiKeyHelper": ["{C["helper key"]}"]}}',
            ".aws/credentials": f"aws_secret_access_key = {C['aws file secret']}\n",
            "ANTHROPIC_BASE_URL": f"ht tp://ada:{C['base url password']}@[gw",
        },
    ),
    "wrong kinds": (
        _SETTINGS,
        {
            "ANTHROPIC_AUTH_TOKEN": f"Bearer {C['env oauth']}",
            "ANTHROPIC_API_KEY": f'"{C["stored refresh"]}"',
            "CLAUDE_CODE_OAUTH_TOKEN": f"{C['fd key']}\n→",
            "ANTHROPIC_CUSTOM_HEADERS": "",
        },
    ),
}


def context_of(home: Path, environ: Mapping[str, str]) -> ObservationContext:
    """From where the machine that was laid out in `home` is looked at."""
    return ObservationContext(
        str(home),
        str(home / "proj"),
        str(home / "root"),
        Environment(environ),
        user_id=os.geteuid(),
        descriptors=read_descriptors(environ),
    )


def lay_out(home: Path, mode: str = "everything") -> dict[str, str]:
    """Writes the machine into `home` (`home/root` stands for `/`, `home/proj` is the working directory) and
    gives the environment in which a program would be started there."""
    removed, added = MODES[mode]
    files = {name: value for name, value in _files().items() if name not in removed}
    environ = {name: value for name, value in ENVIRON.items() if name not in removed}
    for name, value in added.items():
        (environ if name.isupper() else files)[name] = value
    laid = machines.lay_out(machines.PretendMachine(files), home)
    return {**laid.environ, "TERM": "xterm-256color", "SHELL": "/bin/zsh", **environ}
