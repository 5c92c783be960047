"""Mixtures of credentials, and of what surrounds them, from which somebody starts to do what is advised."""

from __future__ import annotations

from typing import Any

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
    both,
    login,
    on_machine,
    settings_of,
)
from tests.diagnose.table import FEDERATION, OWN_LOGIN, SSO_CONFIG, SSO_TOKEN, account, keychain

LOCAL = "proj/.claude/settings.local.json"
OTHER_KEY = KEY.replace("madeUp", "OtherK")
TOKEN = {"ANTHROPIC_AUTH_TOKEN": "made-up-token"}
YEAR = {"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN}
HOST = {"ANTHROPIC_BASE_URL": "https://gateway.example.com"}
HELPER, FAILS = {"apiKeyHelper": "echo made-up-key"}, {"apiKeyHelper": "exit 3"}
PRINTS_LOGIN = {"apiKeyHelper": f"echo {SETUP_TOKEN}"}
OVER = {STORE: login(expiresAt={"$now_ms": -HOUR}, refreshTokenExpiresAt={"$now_ms": -HOUR})}
NOT_RENEWED = {STORE: login(expiresAt={"$now_ms": -HOUR}, refreshToken="")}
WIPED = {STORE: login(accessToken="", refreshToken="", expiresAt=0)}
NO_INFERENCE = {STORE: login(scopes=["user:profile"])}
DAMAGED, NO_JSON = {STORE: "{"}, "{ no"
IN_ZSH = {".zshrc": f"export ANTHROPIC_API_KEY={KEY}\n"}
IN_BOTH = {**IN_ZSH, ".bashrc": f"export ANTHROPIC_API_KEY={KEY}\n"}
SSO = {".aws/config": SSO_CONFIG}
ENDED_SSO = {SSO_TOKEN: {"accessToken": "x", "expiresAt": "2020-01-01T00:00:00Z"}}
CLAUDEAI, CONSOLE = {"forceLoginMethod": "claudeai"}, {"forceLoginMethod": "console"}
ORGANISATION = "22222222-2222-4222-8222-222222222222"
SSH = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22", "SSH_TTY": "/dev/pts/0"}
APPROVED: dict[str, Any] = {"approved": (SUFFIX,)}
REJECTED: dict[str, Any] = {"rejected": (SUFFIX,)}
#: Under `$HOME/work`, with a login and a state file of its own.
WORK_DIR = {"CLAUDE_CONFIG_DIR": "$HOME/work"}
ROOT_ONLY = on_machine(user_id=0, user="root")


def user(env: dict[str, str], **settings: object) -> dict[str, Any]:
    return {USER: {**settings, "env": env}}


def project(env: dict[str, str], file: str = PROJECT, **settings: object) -> dict[str, Any]:
    return {file: {**settings, "env": env}}


WALKS: dict[str, On] = {
    # ── a login that is there and can't be used, beside a key ────────────────────────────────────
    "damaged-login+new-key": On(env=WITH_KEY, raw={**DAMAGED, **IN_ZSH}),
    "damaged-login+new-key-of-shell": On(env=WITH_KEY, raw=DAMAGED),
    "damaged-login+rejected-key": On(env=WITH_KEY, raw=DAMAGED, **REJECTED),
    "damaged-login+approved-key": On(env=WITH_KEY, raw=DAMAGED, **APPROVED),
    "damaged-login+key-in-settings": On(user(WITH_KEY), raw=DAMAGED),
    "folder-instead-of-login+new-key": On({f"{STORE}/x": "y"}, WITH_KEY),
    "login-over+new-key": On(OVER, WITH_KEY, raw=IN_ZSH),
    "login-over+rejected-key": On(OVER, WITH_KEY, **REJECTED),
    "login-over+approved-key": On(OVER, WITH_KEY, **APPROVED),
    "login-not-renewable+new-key": On(NOT_RENEWED, WITH_KEY),
    "wiped-login+new-key": On(WIPED, WITH_KEY),
    "login-without-inference+new-key": On(NO_INFERENCE, WITH_KEY),
    "damaged-login+new-key+gateway": On(user(HOST), WITH_KEY, raw=DAMAGED),
    "login-over+token": On(OVER, TOKEN),
    "login-over+year": On(OVER, YEAR),
    "damaged-login+year+new-key": On(env={**YEAR, **WITH_KEY}, raw=DAMAGED),
    "damaged-own-store+new-key": On(env=WITH_KEY, raw={".claude_code/tokens.json": "{"}),
    "locked-keychain+new-key": On(env=WITH_KEY, tweak=keychain("permission")),
    # ── gateways ─────────────────────────────────────────────────────────────────────────────────
    "login+rejected-key+gateway": On({**SIGNED_IN, **user(HOST)}, WITH_KEY, **REJECTED),
    "login+rejected-key+gateway-of-shell": On(SIGNED_IN, {**WITH_KEY, **HOST}, **REJECTED),
    "year+gateway": On(user(HOST), YEAR),
    "login+gateway+helper-fails": On({**SIGNED_IN, **user(HOST, **FAILS)}, evaluated=True),
    "gateway+plain-http": On(user({"ANTHROPIC_BASE_URL": "http://gw.example", **TOKEN})),
    "gateway-without-scheme+login": On({**SIGNED_IN, **user({"ANTHROPIC_BASE_URL": "gw.example"})}),
    "login+custom-headers-credential": On(SIGNED_IN, {"ANTHROPIC_CUSTOM_HEADERS": f"x-api-key: {KEY}"}),
    "gateway+custom-headers-credential": On(
        {**SIGNED_IN, **user(HOST)}, {"ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer made-up"}
    ),
    "custom-headers-unsendable+login": On(SIGNED_IN, {"ANTHROPIC_CUSTOM_HEADERS": "x-tenant: a\x01b"}),
    # ── what an administrator says ───────────────────────────────────────────────────────────────
    "claudeai-forced+new-key": On({MANAGED: CLAUDEAI}, WITH_KEY),
    "claudeai-forced+login+key": On({MANAGED: CLAUDEAI, **SIGNED_IN}, WITH_KEY, **APPROVED),
    "claudeai-forced+login-over+token": On({MANAGED: CLAUDEAI, **OVER}, TOKEN),
    "claudeai-forced+helper": On({MANAGED: CLAUDEAI, USER: HELPER}),
    "console-forced+login": On({MANAGED: CONSOLE, **SIGNED_IN}),
    "console-forced+login+key": On({MANAGED: CONSOLE, **SIGNED_IN}, WITH_KEY, **APPROVED),
    "console-forced+token": On({MANAGED: CONSOLE, **SIGNED_IN}, TOKEN),
    "console-forced+login+helper": On({MANAGED: CONSOLE, **SIGNED_IN, USER: HELPER}),
    "claudeai-forced+login-over+vertex+key": On({MANAGED: CLAUDEAI, **OVER}, {**VERTEX, **WITH_KEY}),
    "gateway-forced+login": On({MANAGED: {"forceLoginMethod": "gateway"}, **SIGNED_IN}),
    "organisation-forced+login": On(
        {MANAGED: {"forceLoginOrgUUID": ORGANISATION}, **SIGNED_IN, STATE: account("1" * 8)}
    ),
    "managed-damaged+login": On(SIGNED_IN, raw={MANAGED: NO_JSON}),
    "managed-helper+login": On({MANAGED: HELPER, **SIGNED_IN}),
    "managed-key+login": On({MANAGED: {"env": WITH_KEY}, **SIGNED_IN}, **APPROVED),
    "managed-gateway+login": On({MANAGED: {"env": HOST}, **SIGNED_IN}),
    "managed-bedrock+login": On({MANAGED: {"env": BEDROCK}, **SIGNED_IN}),
    # ── helpers ──────────────────────────────────────────────────────────────────────────────────
    "helper-not-run+login": On({USER: HELPER, **SIGNED_IN}),
    "helper-fails+login": On({USER: FAILS, **SIGNED_IN}, evaluated=True),
    "helper-fails+login-over": On({USER: FAILS, **OVER}, evaluated=True),
    "helper-fails+new-key": On({USER: FAILS}, WITH_KEY, evaluated=True),
    "helper-prints-login": On({USER: PRINTS_LOGIN}, evaluated=True),
    "helper-prints-login+gateway": On(user(HOST, **PRINTS_LOGIN), evaluated=True),
    "helper-prints-two-lines+login": On(
        {USER: {"apiKeyHelper": "echo a; echo b"}, **SIGNED_IN}, evaluated=True
    ),
    "helper-missing+login": On({USER: {"apiKeyHelper": "/nowhere/get-key"}, **SIGNED_IN}),
    "helper-of-project+login": On({PROJECT: HELPER, **SIGNED_IN}),
    "helper-of-project-fails+login": On({PROJECT: FAILS, **SIGNED_IN}, evaluated=True),
    # ── clouds, half set up ──────────────────────────────────────────────────────────────────────
    "bedrock+no-keys+login": On({**SIGNED_IN, **user(BEDROCK)}),
    "bedrock-of-shell+no-keys+login": On(SIGNED_IN, BEDROCK),
    "bedrock+half-a-key+key": On(user({**BEDROCK, "AWS_ACCESS_KEY_ID": "AKIAMADEUP"}), WITH_KEY, **APPROVED),
    "bedrock+sso-over+login": On(
        {**SIGNED_IN, **ENDED_SSO, **user({**BEDROCK, "AWS_PROFILE": "work"})}, raw=SSO
    ),
    "bedrock+profile-of-another-name": On(
        user({**BEDROCK, "AWS_PROFILE": "home"}), raw={".aws/credentials": AWS_FILE}
    ),
    "bedrock+anthropic-key-as-token": On(user({**BEDROCK, "AWS_BEARER_TOKEN_BEDROCK": KEY})),
    "bedrock-of-project+login": On({**SIGNED_IN, **project(BEDROCK)}),
    "bedrock-of-project+key": On(project(BEDROCK), WITH_KEY, **APPROVED),
    "bedrock-of-project+new-key": On(project(BEDROCK), WITH_KEY),
    "bedrock-of-project+own-aws-keys+login": On({**SIGNED_IN, **project(BEDROCK)}, AWS_KEYS),
    "bedrock-of-project+sso-over": On(
        {**SIGNED_IN, **ENDED_SSO, **project({**BEDROCK, "AWS_PROFILE": "work"})}, raw=SSO
    ),
    "bedrock+vertex": On(GOOGLE_USER, {**BEDROCK, **VERTEX}),
    "vertex+no-adc+login": On({**SIGNED_IN, **user(VERTEX)}),
    "vertex+damaged-adc+key": On(user(VERTEX), WITH_KEY, raw={ADC: "{"}, **APPROVED),
    "vertex+no-project": On({**GOOGLE_USER, **user({"CLAUDE_CODE_USE_VERTEX": "1"})}),
    "vertex-of-project+login": On({**SIGNED_IN, **project(VERTEX)}),
    "vertex-of-project+own-adc": On({**GOOGLE_USER, **SIGNED_IN, **project(VERTEX)}),
    "foundry+two-addresses": On(
        user({**FOUNDRY, "ANTHROPIC_FOUNDRY_BASE_URL": "https://f.example"}), WITH_KEY
    ),
    "foundry+no-key+login": On(
        {**SIGNED_IN, **user({"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_RESOURCE": "res"})}
    ),
    "foundry-address-of-project+own-key": On(
        project({"ANTHROPIC_FOUNDRY_BASE_URL": "https://f.example"}),
        {**FOUNDRY, "ANTHROPIC_FOUNDRY_RESOURCE": ""},
    ),
    # ── where a variable is set ──────────────────────────────────────────────────────────────────
    "key-in-two-shells+login": On(SIGNED_IN, {**WITH_KEY, "SHELL": "/bin/bash"}, raw=IN_BOTH, **APPROVED),
    "key-in-other-shells-file+login": On(
        SIGNED_IN, {**WITH_KEY, "SHELL": "/bin/bash"}, raw=IN_ZSH, **APPROVED
    ),
    "new-key-in-two-shells+login": On(SIGNED_IN, {**WITH_KEY, "SHELL": "/bin/bash"}, raw=IN_BOTH),
    "two-keys-in-two-shells": On(
        env={**WITH_KEY, "SHELL": "/bin/bash"},
        raw={**IN_ZSH, ".bashrc": f"export ANTHROPIC_API_KEY={OTHER_KEY}\n"},
    ),
    "key-of-direnv+login": On(
        SIGNED_IN,
        {**WITH_KEY, "DIRENV_DIR": "-$HOME/proj", "DIRENV_FILE": "$HOME/proj/.envrc"},
        raw={"proj/.env": f"ANTHROPIC_API_KEY={KEY}\n", "proj/.envrc": "dotenv\n"},
        **APPROVED,
    ),
    "new-key-of-dotenv+login": On(SIGNED_IN, WITH_KEY, raw={"proj/.env": f"ANTHROPIC_API_KEY={KEY}\n"}),
    "key-in-local-settings+login": On({**SIGNED_IN, **project(WITH_KEY, LOCAL)}, **APPROVED),
    "token-in-local-settings+login": On({**SIGNED_IN, **project(TOKEN, LOCAL)}),
    "gateway-in-local-settings+login": On({**SIGNED_IN, **project(HOST, LOCAL)}),
    "gateway-of-project+login": On({**SIGNED_IN, **project(HOST)}),
    "gateway-of-project+own-token": On(project(HOST), TOKEN),
    "gateway-of-project+year": On(project(HOST), YEAR),
    "gateway-of-project+helper": On({USER: HELPER, **project(HOST)}),
    "token-of-project+login": On({**SIGNED_IN, **project(TOKEN)}),
    "key-and-token+login": On({**SIGNED_IN, **user(TOKEN)}, WITH_KEY, **APPROVED),
    "empty-key-in-settings+key-of-shell": On(
        {**SIGNED_IN, **user({"ANTHROPIC_API_KEY": ""})}, WITH_KEY, **APPROVED
    ),
    # ── places and accounts ──────────────────────────────────────────────────────────────────────
    "own-config-dir-empty+login-at-default": On(SIGNED_IN, WORK_DIR),
    "own-config-dir-login-over+login-at-default": On(
        {**SIGNED_IN, "work/.credentials.json": OVER[STORE]}, WORK_DIR
    ),
    "own-config-dir-damaged+new-key": On(
        SIGNED_IN, {**WORK_DIR, **WITH_KEY}, raw={"work/.credentials.json": "{"}
    ),
    "relative-config-dir": On(SIGNED_IN, {"CLAUDE_CONFIG_DIR": "work"}),
    "own-login-not-connected+new-key": On(OWN_LOGIN, WITH_KEY),
    "own-login-not-connected+login-over": On({**OWN_LOGIN, **OVER}),
    "console-key+login-over": On({**OVER, STATE: {"primaryApiKey": KEY}}),
    "console-key+year": On({STATE: {"primaryApiKey": KEY}}, YEAR),
    "year-cut-off": On(env={"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN[:60]}),
    "year-cut-off+login": On(SIGNED_IN, {"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN[:60]}),
    "year-as-key+login": On(SIGNED_IN, {"ANTHROPIC_API_KEY": SETUP_TOKEN}),
    "key-as-year": On(env={"CLAUDE_CODE_OAUTH_TOKEN": KEY}),
    "federation-without-token+login": On(SIGNED_IN, FEDERATION),
    # ── damage, owners, rights ───────────────────────────────────────────────────────────────────
    "damaged-state+login": On(SIGNED_IN, raw={"work/.claude.json": NO_JSON}, env=WORK_DIR),
    "damaged-user-settings+login": On(SIGNED_IN, WITH_KEY, raw={USER: NO_JSON}, **APPROVED),
    "damaged-project-settings+new-key": On(env=WITH_KEY, raw={PROJECT: NO_JSON}),
    "damaged-local-settings+login": On(SIGNED_IN, raw={LOCAL: NO_JSON}),
    "foreign-settings+login": On({**SIGNED_IN, **user(TOKEN)}, tweak=settings_of("mallory")),
    "read-only-home+login-over": On(
        OVER,
        tweak=lambda s: s._replace(
            machine=s.machine._replace(writable=dict.fromkeys(s.machine.writable, False))
        ),
    ),
    "read-only-home+new-key": On(
        env=WITH_KEY,
        tweak=lambda s: s._replace(
            machine=s.machine._replace(writable=dict.fromkeys(s.machine.writable, False))
        ),
    ),
    "root-in-container+no-login": On({"root/.dockerenv": {"$text": ""}}, tweak=ROOT_ONLY),
    "root-in-container+new-key": On({"root/.dockerenv": {"$text": ""}}, WITH_KEY, tweak=ROOT_ONLY),
    "ssh-without-agent+login-over": On(OVER, SSH, tweak=both(on_machine(over_ssh=True))),
    "ssh+new-key": On(env={**WITH_KEY, **SSH}, tweak=on_machine(over_ssh=True)),
    # ── the way there ────────────────────────────────────────────────────────────────────────────
    "proxy-malformed+login": On(SIGNED_IN, {"HTTPS_PROXY": "proxy.example:8080"}),
    "proxy-with-password+login-over": On(OVER, {"HTTPS_PROXY": "http://ada:secret@proxy.example:8080"}),
    "authority-missing+login": On(SIGNED_IN, {"NODE_EXTRA_CA_CERTS": "$HOME/nowhere.pem"}),
    "checks-off+login": On({**SIGNED_IN, **user({"NODE_TLS_REJECT_UNAUTHORIZED": "0"})}),
    "checks-off+new-key": On(user({"NODE_TLS_REJECT_UNAUTHORIZED": "0"}), WITH_KEY),
    # ── other clients ────────────────────────────────────────────────────────────────────────────
    "print+damaged-login+key": On(env=WITH_KEY, raw=DAMAGED, client="claude-print"),
    "print+login-over": On(OVER, client="claude-print"),
    "sdk+login+no-key": On(SIGNED_IN, client="sdk"),
}
