"""Precision: on ordinary healthy machines no warning is raised, after the second look too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.diagnose.machines import (
    ADC,
    AWS_FILE,
    AWS_KEYS,
    BEDROCK,
    FOUNDRY,
    GOOGLE_USER,
    HOUR,
    KEY,
    MANAGED,
    OAUTH,
    PROJECT,
    SETUP_TOKEN,
    SIGNED_IN,
    STATE,
    STORE,
    SUFFIX,
    USER,
    VERTEX,
    WITH_KEY,
    On,
    Tweak,
    ask,
    both,
    login,
    on_machine,
)
from tests.diagnose.table import CONTAINER, GATEWAY, SSO_CONFIG, SSO_TOKEN, installed, mounted, sessions

CORPORATE = {
    "HTTPS_PROXY": "http://proxy.example:3128",
    "NO_PROXY": "localhost,127.0.0.1,.example",
    "NODE_EXTRA_CA_CERTS": "$HOME/root.pem",
}
#: A made-up authority, valid until 2126.
ROOT_PEM = (Path(__file__).parent / "root.pem").read_bytes()
HOSTS = {"root/etc/hosts": {"$text": "127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.0.0.5 wiki\n"}}
ACCOUNT = {
    STATE: {
        "oauthAccount": {"emailAddress": "ada@example.org", "organizationUuid": "o"},
        "hasAvailableSubscription": True,
    }
}
EXTENSION = {
    ".config/Code/User/settings.json": {
        "claudeCode.environmentVariables": [{"name": "ANTHROPIC_MODEL", "value": "opus"}]
    }
}
ENV_FILE = {"proj/.env": {"$text": "DATABASE_URL=postgres://localhost\n"}}
AMBIENT: Tweak = on_machine(vendor="Amazon EC2")

HEALTHY: dict[str, On] = {
    "subscription": On(SIGNED_IN),
    "subscription, with its account": On({**SIGNED_IN, **ACCOUNT}, {"USER": "ada"}),
    "stale login": On({STORE: login(expiresAt={"$now_ms": -9 * HOUR})}),
    "login of last week": On(
        {STORE: login(expiresAt={"$now_ms": -150 * HOUR}, refreshTokenExpiresAt={"$now_ms": 500 * HOUR})}
    ),
    "stale login, asked with -p": On({STORE: login(expiresAt={"$now_ms": -HOUR})}, client="claude-print"),
    "approved key alone": On(env=WITH_KEY, approved=(SUFFIX,)),
    "key with -p": On(env=WITH_KEY, client="claude-print"),
    "key in the user's own settings": On({USER: {"env": WITH_KEY}}, approved=(SUFFIX,)),
    "key in .bashrc": On(
        {".bashrc": {"$text": f"export ANTHROPIC_API_KEY={KEY}\n"}}, WITH_KEY, approved=(SUFFIX,)
    ),
    "gateway with its own token": On(env=GATEWAY),
    "gateway on this machine": On(env={**GATEWAY, "ANTHROPIC_BASE_URL": "http://localhost:4000"}),
    "gateway in the user's settings": On({USER: {"env": GATEWAY}}),
    "Console login": On({STATE: {"primaryApiKey": KEY}}),
    "Bedrock with keys": On(env={**BEDROCK, **AWS_KEYS}),
    "Bedrock with a profile": On(env={**BEDROCK, "AWS_PROFILE": "work"}, raw={".aws/credentials": AWS_FILE}),
    "Bedrock, single sign-on": On(
        {SSO_TOKEN: {"accessToken": "x", "expiresAt": "2099-01-01T00:00:00Z"}},
        {**BEDROCK, "AWS_PROFILE": "work"},
        raw={".aws/config": SSO_CONFIG},
    ),
    "Bedrock with an API key": On(
        env={**BEDROCK, "AWS_BEARER_TOKEN_BEDROCK": "ABSKmade"},
        raw={".aws/credentials": AWS_FILE.replace("work", "default")},
    ),
    "Bedrock on EC2": On(env=BEDROCK, tweak=AMBIENT),
    "Bedrock beside a login": On(SIGNED_IN, {**BEDROCK, **AWS_KEYS}),
    "Bedrock over SSH with a refresh command": On(
        {USER: {"awsAuthRefresh": "aws sso login --profile work"}},
        {**BEDROCK, **AWS_KEYS, "SSH_CONNECTION": "1"},
    ),
    "Vertex with default credentials": On({ADC: {"type": "authorized_user"}}, VERTEX),
    "Vertex with a service account": On(
        {"key.json": {"type": "service_account", "project_id": "p"}},
        {**VERTEX, "GOOGLE_APPLICATION_CREDENTIALS": "$HOME/key.json", "GOOGLE_CLOUD_PROJECT": "p"},
    ),
    "Vertex beside a login": On({**SIGNED_IN, **GOOGLE_USER}, VERTEX),
    "Foundry with a key": On(env=FOUNDRY),
    "Foundry, signed in with az": On(
        {".azure/azureProfile.json": {}}, {k: v for k, v in FOUNDRY.items() if not k.endswith("KEY")}
    ),
    "CI with a setup token": On(
        env={"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN, "CI": "true"}, client="claude-print", gone=(STATE,)
    ),
    "CI with a key": On(env={**WITH_KEY, "CI": "true"}, client="claude-print", gone=(STATE,)),
    "token from a descriptor": On(fd={"CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR": OAUTH}, evaluated=True),
    "container": On({**SIGNED_IN, **CONTAINER}, raw=mounted()),
    "container with the home on a volume": On({**SIGNED_IN, **CONTAINER}, raw=mounted("$HOME")),
    "dev container with a directory of its own": On(
        {"cfg/.credentials.json": login(), **CONTAINER},
        {"CLAUDE_CONFIG_DIR": "$HOME/cfg", "REMOTE_CONTAINERS": "true"},
        raw=mounted("$HOME/cfg"),
    ),
    "over SSH in tmux": On(SIGNED_IN, {"SSH_CONNECTION": "1", "TMUX": "1"}),
    "WSL": On(SIGNED_IN, {"WSL_DISTRO_NAME": "Ubuntu"}),
    "behind a proxy with its certificate": On(SIGNED_IN, CORPORATE, binary={"root.pem": ROOT_PEM}),
    "usual table of hosts": On({**SIGNED_IN, **HOSTS}),
    "three sessions": On(SIGNED_IN, tweak=sessions(3)),
    "one program on PATH, the newest": On(SIGNED_IN, tweak=installed("2.1.328")),
    "one program, under two names": On(SIGNED_IN, tweak=installed("2.1.328", "2.1.328")),
    "gateway with headers of its own": On(
        env={**GATEWAY, "ANTHROPIC_CUSTOM_HEADERS": "x-team: a; b\nx-user: ada\ncookie: c=d, e=f"}
    ),
    "a switching tool's proxy on this machine": On(
        env={"ANTHROPIC_AUTH_TOKEN": "PROXY_MANAGED", "ANTHROPIC_BASE_URL": "http://127.0.0.1:15721"}
    ),
    "an editor's extension with variables of its own": On({**SIGNED_IN, **EXTENSION}),
    "settings.local.json of the user without credentials": On(
        {**SIGNED_IN, ".claude/settings.local.json": {"permissions": {"allow": ["Bash(ls)"]}}}
    ),
    "start-up file that exports on another line": On(
        {**SIGNED_IN, ".bashrc": {"$text": "HTTPS_PROXY=http://proxy.example:3128\nexport HTTPS_PROXY\n"}}
    ),
    "policies that have no part in it": On(
        {**SIGNED_IN, MANAGED: {"companyAnnouncements": ["hello"], "requiredMinimumVersion": "2.0.0"}}
    ),
    "helper": On({USER: {"apiKeyHelper": "echo key"}}),
    "helper, run": On({USER: {"apiKeyHelper": "echo key"}}, evaluated=True),
    "helper of the organisation": On({MANAGED: {"apiKeyHelper": "echo key"}}),
    "policy that the login satisfies": On({**SIGNED_IN, MANAGED: {"forceLoginMethod": "claudeai"}}),
    "a project that sets nothing of ours": On({**SIGNED_IN, PROJECT: {"env": {"FOO": "x"}}, **ENV_FILE}),
    "a project with a key for its own program": On(
        {**SIGNED_IN, "proj/.env": {"$text": f"ANTHROPIC_API_KEY={KEY}\n"}}
    ),
    "settings of home-manager": On({**SIGNED_IN, USER: {}}),
    "a repository around the home": On({**SIGNED_IN, ".git/HEAD": {"$text": "ref: refs/heads/main\n"}}),
    "backups of the state": On(
        {**SIGNED_IN, f"{STATE}.backup": {}, ".claude/backups/.claude.json.backup": {}}
    ),
    "white space after a key": On(env={"ANTHROPIC_API_KEY": KEY + "\n"}, approved=(SUFFIX,)),
    "model of the plan": On({STORE: login(subscriptionType="max")}, {"ANTHROPIC_MODEL": "claude-sonnet-5"}),
    "macOS over SSH with a token": On(
        env={"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN, "USER": "ada", "SSH_TTY": "/dev/ttys001"},
        tweak=on_machine(platform="darwin"),
    ),
}


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("more", [False, True], ids=["status", "diagnose"])
def test_an_ordinary_healthy_machine_has_no_warning(name: str, more: bool, tmp_path: Path) -> None:
    machine = HEALTHY[name]
    if not more and machine.tweak is not None:
        machine = replace(machine, more=False)
    found = ask(replace(machine, more=more), tmp_path)
    assert [f.id for f in found.findings if f.severity != "info"] == []
    assert found.resolution.usable is not False


def test_there_are_enough() -> None:
    assert len(HEALTHY) >= 30


@pytest.mark.parametrize("hours", [-1, -9, -100, -600])
@pytest.mark.parametrize("client", ["claude", "claude-print"])
def test_a_stale_login_is_never_called_signed_out(hours: int, client: str, tmp_path: Path) -> None:
    machine = On({STORE: login(expiresAt={"$now_ms": hours * HOUR})}, client=client, more=True)
    found = ask(machine, tmp_path).findings
    assert [finding.id for finding in found] == ["login-idle"]


def test_several_things_at_once_stay_apart(tmp_path: Path) -> None:
    """The cause that stops all work comes first, and no finding hides another."""
    machine = On(
        {**SIGNED_IN, "$chmod": {STORE: 0o644}},
        {**WITH_KEY, "NODE_TLS_REJECT_UNAUTHORIZED": "0", "HTTPS_PROXY": "proxy.example:3128"},
        more=True,
        tweak=both(on_machine(free_bytes=0), on_machine(over_ssh=True)),
    )
    assert [finding.id for finding in ask(machine, tmp_path).findings] == [
        "approval-pending",
        "disk-full",
        "certificate-checks-off",
        "store-readable-by-others",
        "proxy-unusable",
        "proxy-takes-localhost",
    ]
