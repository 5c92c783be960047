"""Random mixtures of what can lie on a machine, with every pair of values in at least one of them.

A dimension is one thing that varies; a value of it is a part of a case (layout.py). The parts of a mixture
are merged, file by file and key by key.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from tests.conformance.layout import Case, situation

Part = Mapping[str, Any]

KEY = "sk-ant-api03-" + "A" * 60 + "KEY-TAIL-1234567890"
OAUTH, STORED, PROFILE = "sk-ant-oat01-ENVIRONMENT", "sk-ant-oat01-STORED", "sk-ant-oat01-PROFILE"
ORGANIZATION = "11111111-1111-4111-8111-111111111111"
USER, PROJECT = ".claude/settings.json", "proj/.claude/settings.json"
LOCAL, MANAGED = "proj/.claude/settings.local.json", "root/etc/claude-code/managed-settings.json"
REMOTE = "root/home/claude/.claude/remote"
HOUR = 3_600_000


def env(**variables: str) -> Part:
    return {"env": variables}


def at(path: str, content: Any) -> Part:
    return {"files": {path: content}}


def set_in(path: str, **variables: str) -> Part:
    return at(path, {"env": variables})


def login(expires: int | None = HOUR, **more: Any) -> Part:
    grant = {
        "accessToken": STORED,
        "refreshToken": "sk-ant-ort01-STORED",
        "expiresAt": None if expires is None else {"$now_ms": expires},
        "scopes": ["user:inference", "user:profile"],
        "subscriptionType": "max",
        **more,
    }
    return at(".claude/.credentials.json", {"claudeAiOauth": grant})


def profile(name: str, *, expires: int = 4_000_000_000, client_id: str | None = None, **more: Any) -> Part:
    authentication = {"type": "user_oauth"} | ({} if client_id is None else {"client_id": client_id})
    token = {
        "version": "1.0",
        "type": "oauth_token",
        "access_token": PROFILE,
        "expires_at": expires,
        "refresh_token": "sk-ant-ort01-PROFILE",
        **more,
    }
    return {
        "files": {
            f".config/anthropic/configs/{name}.json": {
                "authentication": authentication,
                "organization_id": ORGANIZATION,
            },
            f".config/anthropic/credentials/{name}.json": token,
        }
    }


def together(*parts: Part) -> Part:
    """The parts merged: of two values for one place the later one stays."""
    whole: dict[str, Any] = {}
    for part in parts:
        _merge(whole, part)
    return whole


def _merge(whole: dict[str, Any], part: Part) -> None:
    for name, value in part.items():
        if isinstance(value, Mapping) and isinstance(whole.get(name), dict):
            _merge(whole[name], value)
        else:
            whole[name] = together(value) if isinstance(value, Mapping) else value


_FEDERATION = {"ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1", "ANTHROPIC_ORGANIZATION_ID": ORGANIZATION}
_HELPER = {"apiKeyHelper": "echo sk-ant-api03-HELPER"}
_AWS_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENVKEY", "AWS_SECRET_ACCESS_KEY": "s" * 40}

DIMENSIONS: Mapping[str, Mapping[str, Part]] = {
    "key": {
        "none": {},
        "shell": {**env(ANTHROPIC_API_KEY=KEY), "approved": [KEY[-20:]]},
        "unapproved": env(ANTHROPIC_API_KEY=KEY),
        "rejected": {**env(ANTHROPIC_API_KEY=KEY), "rejected": [KEY[-20:]]},
        "blank": env(ANTHROPIC_API_KEY=" "),
        "empty": env(ANTHROPIC_API_KEY=""),
        "user settings": {**set_in(USER, ANTHROPIC_API_KEY=KEY), "approved": [KEY[-20:]]},
        "cancelled": {**env(ANTHROPIC_API_KEY=KEY), **set_in(PROJECT, ANTHROPIC_API_KEY="")},
        "managed": set_in(MANAGED, ANTHROPIC_API_KEY=KEY),
    },
    "oauth variable": {
        "none": {},
        "shell": env(CLAUDE_CODE_OAUTH_TOKEN=OAUTH),
        "empty": env(CLAUDE_CODE_OAUTH_TOKEN=""),
        "user settings": set_in(USER, CLAUDE_CODE_OAUTH_TOKEN=OAUTH),
        "local settings": set_in(LOCAL, CLAUDE_CODE_OAUTH_TOKEN=OAUTH),
        "managed": set_in(MANAGED, CLAUDE_CODE_OAUTH_TOKEN=OAUTH),
    },
    "auth token": {
        "none": {},
        "shell": env(ANTHROPIC_AUTH_TOKEN="AUTH"),
        "empty": env(ANTHROPIC_AUTH_TOKEN=""),
        "project settings": set_in(PROJECT, ANTHROPIC_AUTH_TOKEN="AUTHPROJECT"),
        "managed": set_in(MANAGED, ANTHROPIC_AUTH_TOKEN="AUTHMANAGED"),
    },
    "descriptor": {
        "none": {},
        "key": {"fd": {"CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR": "sk-ant-api03-DESCRIPTOR"}},
        "oauth": {"fd": {"CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR": "sk-ant-oat01-DESCRIPTOR"}},
        "closed": env(CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR="97"),
    },
    "helper": {
        "none": {},
        "user": at(USER, _HELPER),
        "project": at(PROJECT, _HELPER),
        "fails": at(USER, {"apiKeyHelper": "exit 3"}),
        "two lines": at(LOCAL, {"apiKeyHelper": "echo a; echo b"}),
        "off": {"files": {USER: _HELPER, LOCAL: {"apiKeyHelper": ""}}},
        "managed": at(MANAGED, _HELPER),
    },
    "login": {
        "none": {},
        "live": login(),
        "stale": login(-HOUR),
        "no refresh token": login(-HOUR, refreshToken=None),
        "no expiry": login(None),
        "no scope": login(scopes=["user:profile"]),
        "no scope, stale": login(-HOUR, scopes=["user:profile"]),
        "scopes as text": login(scopes="user:inference user:profile"),
        "past its deadline": login(-HOUR, refreshTokenExpiresAt={"$now_ms": -1000}),
        "wiped": login(accessToken="", expiresAt=0),
        "team": login(subscriptionType="team"),
        "broken": {"raw": {".claude/.credentials.json": '{"claudeAiOauth": {'}},
    },
    "primary key": {"none": {}, "there": at(".claude.json", {"primaryApiKey": "sk-ant-api03-PRIMARY"})},
    "profile": {
        "none": {},
        "default": profile("default"),
        "named": together(profile("work"), env(ANTHROPIC_PROFILE="work")),
        "named in settings": together(profile("work"), set_in(USER, ANTHROPIC_PROFILE="work")),
        "named, missing": together(profile("default"), env(ANTHROPIC_PROFILE="nowhere")),
        "active": together(profile("work"), at(".config/anthropic/active_config", {"$text": "work\n"})),
        "expired": profile("default", expires=1000),
        "expired, refreshable": profile("default", expires=1000, client_id="cid"),
        "named, expired": together(profile("work", expires=1000), env(ANTHROPIC_PROFILE="work")),
        "broken": at(".config/anthropic/configs/default.json", {"$text": "{"}),
    },
    "federation": {
        "none": {},
        "token": env(**_FEDERATION, ANTHROPIC_IDENTITY_TOKEN="eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"),
        "no token": env(**_FEDERATION),
        "no organisation": env(ANTHROPIC_FEDERATION_RULE_ID="fdrl_1"),
    },
    "remote files": {
        "none": {},
        "oauth": at(f"{REMOTE}/.oauth_token", {"$text": "sk-ant-oat01-REMOTE\n"}),
        "key": at(f"{REMOTE}/.api_key", {"$text": "sk-ant-api03-REMOTE\n"}),
    },
    "start": {
        "terminal": {},
        "desktop": env(CLAUDE_CODE_ENTRYPOINT="claude-desktop"),
        "local agent": env(CLAUDE_CODE_ENTRYPOINT="local-agent"),
        "editor": env(CLAUDE_CODE_ENTRYPOINT="claude-vscode"),
        "library": env(CLAUDE_CODE_ENTRYPOINT="sdk-py"),
        "remote": env(CLAUDE_CODE_REMOTE="true"),
        "managed by host": env(CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST="1"),
        "simple": env(CLAUDE_CODE_SIMPLE="1"),
        "simple in settings": set_in(USER, CLAUDE_CODE_SIMPLE="1"),
    },
    "scopes": {
        "none": {},
        "without inference": env(CLAUDE_CODE_OAUTH_SCOPES="user:profile"),
        "blank": env(CLAUDE_CODE_OAUTH_SCOPES=" "),
    },
    "provider": {
        "none": {},
        "off": env(CLAUDE_CODE_USE_BEDROCK="0"),
        "bedrock": env(CLAUDE_CODE_USE_BEDROCK="1", **_AWS_KEYS),
        "bedrock key": env(CLAUDE_CODE_USE_BEDROCK="true", AWS_BEARER_TOKEN_BEDROCK="BEDROCK"),
        "bedrock without credentials": env(CLAUDE_CODE_USE_BEDROCK="1"),
        "bedrock skip": env(CLAUDE_CODE_USE_BEDROCK="1", CLAUDE_CODE_SKIP_BEDROCK_AUTH="1"),
        "bedrock in settings": together(set_in(USER, CLAUDE_CODE_USE_BEDROCK="1"), env(**_AWS_KEYS)),
        "bedrock profile": together(
            env(CLAUDE_CODE_USE_BEDROCK="1", AWS_PROFILE="work", **_AWS_KEYS),
            at(
                ".aws/credentials", {"$text": "[work]\naws_access_key_id=AKIAWORK\naws_secret_access_key=s\n"}
            ),
        ),
        "vertex skip": env(
            CLAUDE_CODE_USE_VERTEX="1", CLAUDE_CODE_SKIP_VERTEX_AUTH="1", ANTHROPIC_VERTEX_PROJECT_ID="p"
        ),
        "foundry": env(
            CLAUDE_CODE_USE_FOUNDRY="1", ANTHROPIC_FOUNDRY_RESOURCE="res", ANTHROPIC_FOUNDRY_API_KEY="FOUNDRY"
        ),
        "platform on AWS": env(
            CLAUDE_CODE_USE_ANTHROPIC_AWS="1", ANTHROPIC_AWS_WORKSPACE_ID="w", ANTHROPIC_AWS_API_KEY="AWSKEY"
        ),
        "platform on AWS, signed": env(
            CLAUDE_CODE_USE_ANTHROPIC_AWS="1", ANTHROPIC_AWS_WORKSPACE_ID="w", **_AWS_KEYS
        ),
        "platform on Google Cloud": env(
            CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD="1",
            CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH="1",
            ANTHROPIC_GOOGLE_CLOUD_PROJECT="p",
            ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID="w",
        ),
        "mantle": env(CLAUDE_CODE_USE_MANTLE="1", **_AWS_KEYS),
        "mantle key": env(CLAUDE_CODE_USE_MANTLE="1", AWS_BEARER_TOKEN_BEDROCK="BEDROCK"),
        "gateway": env(CLAUDE_CODE_USE_GATEWAY="1"),
        "unknown": env(CLAUDE_CODE_USE_SOMETHING_NEW="1"),
    },
    "base URL": {
        "none": {},
        "elsewhere": env(ANTHROPIC_BASE_URL="https://gateway.example.test"),
        "a port": env(ANTHROPIC_BASE_URL="http://gateway.example.test:8080/base"),
        "one slash": env(ANTHROPIC_BASE_URL="http:/gateway.example.test"),
        "user settings": set_in(USER, ANTHROPIC_BASE_URL="https://settings.example.test"),
        "empty": env(ANTHROPIC_BASE_URL=""),
    },
    "custom headers": {
        "none": {},
        "key": env(ANTHROPIC_CUSTOM_HEADERS="x-api-key: CUSTOM"),
        "bearer": env(ANTHROPIC_CUSTOM_HEADERS="Authorization: Bearer CUSTOM"),
        "another": env(ANTHROPIC_CUSTOM_HEADERS="x-team: blue"),
        "invalid name": env(ANTHROPIC_CUSTOM_HEADERS="x team: blue"),
        "project": set_in(PROJECT, ANTHROPIC_CUSTOM_HEADERS="x-api-key: CUSTOMPROJECT"),
    },
    "policy": {
        "none": {},
        "claude.ai": at(MANAGED, {"forceLoginMethod": "claudeai"}),
        "console": at(MANAGED, {"forceLoginMethod": "console"}),
        "gateway": at(MANAGED, {"forceLoginMethod": "gateway"}),
        "unknown method": at(MANAGED, {"forceLoginMethod": "other"}),
        "in user settings": at(USER, {"forceLoginMethod": "claudeai"}),
        "drop-in": at("root/etc/claude-code/managed-settings.d/10.json", {"forceLoginMethod": "claudeai"}),
    },
    "settings": {
        "none": {},
        "user file violates": at(USER, {"permissions": []}),
        "project file violates": at(PROJECT, {"model": 5}),
        "tolerated": at(USER, {"hooks": 5, "unknownKey": True}),
        "a managed field violates": at(MANAGED, {"permissions": []}),
    },
}


Chosen = Mapping[str, str]


def every_pair(seed: int = 0) -> list[Chosen]:
    """Values by dimension, until every pair of values of two dimensions stands in one of them."""
    chance = random.Random(seed)
    missing = {
        frozenset([(one, a), (other, b)])
        for one, other in combinations(DIMENSIONS, 2)
        for a in DIMENSIONS[one]
        for b in DIMENSIONS[other]
    }
    found: list[Chosen] = []
    while missing:
        chosen = {name: chance.choice(list(values)) for name, values in DIMENSIONS.items()}
        chosen.update(min(missing, key=sorted))
        missing -= {frozenset(pair) for pair in combinations(chosen.items(), 2)}
        found.append(chosen)
    return found


def few(seed: int, count: int, most: int = 4) -> list[Chosen]:
    """`count` choices of two to `most` values that are not the first of their dimension: what machines are
    like."""
    chance = random.Random(seed)
    found: dict[str, Chosen] = {}
    while len(found) < count:
        names = chance.sample(list(DIMENSIONS), chance.randint(2, most))
        chosen = {name: chance.choice(list(DIMENSIONS[name])[1:]) for name in names}
        found[title(chosen)] = chosen
    return list(found.values())


def title(chosen: Chosen) -> str:
    return " + ".join(f"{name}: {v}" for name, v in chosen.items() if v != next(iter(DIMENSIONS[name])))


def mixture(chosen: Chosen) -> Case:
    """The case of these values, and of the first value of every other dimension."""
    return together(
        situation(), *(values[chosen.get(name, next(iter(values)))] for name, values in DIMENSIONS.items())
    )
