"""For every finding a machine that has it, everything that is told there in order, and a neighbour, one step
away, that has it not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from claude_auth.model import Damage, FileFacts, InstalledClient, Origin, Snapshot, StoreReading
from claude_auth.model.surroundings import AwsTool, BackgroundService, Difference, RunningClient
from claude_auth.security.secret import Secret
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
    both,
    login,
    on_machine,
    settings_of,
    surrounded,
)


@dataclass(frozen=True)
class Row:
    has: On
    #: Every id that is told on `has`, in order.
    ids: tuple[str, ...]
    has_not: On


#: Of the catalogue of causes, those that have a cause or a finding here.
NUMBERS = frozenset(range(1, 135))

OWN_LOGIN = {".claude_code/tokens.json": {"access_token": "own-" + "made0up" * 6, "expires_at": 4e9}}
PROJECT_TOKEN = {PROJECT: {"env": {"ANTHROPIC_AUTH_TOKEN": "made-up"}}}
FEDERATION = {
    "ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1",
    "ANTHROPIC_ORGANIZATION_ID": "11111111-1111-4111-8111-111111111111",
    "ANTHROPIC_IDENTITY_TOKEN_FILE": "$HOME/token",
}
TWO_PROFILES = {**BEDROCK, "AWS_PROFILE": "work", "AWS_DEFAULT_PROFILE": "home"}
LOCK = ".claude/.oauth_refresh.lock"
MOUNTS = "root/proc/self/mountinfo"
CONTAINER = {"root/.dockerenv": {"$text": ""}}
SSO_CONFIG = (
    "[profile work]\nsso_start_url=https://example.awsapps.com/start\nsso_region=us-east-1\n"
    "sso_account_id=1\nsso_role_name=r\n"
)
#: The file name that AWS derives from that address.
SSO_TOKEN = ".aws/sso/cache/e8be5486177c5b5392bd9aa76563515b29358e6e.json"
TOKEN = "ANTHROPIC_AUTH_TOKEN"
GATEWAY = {TOKEN: "made-up", "ANTHROPIC_BASE_URL": "https://gw.example"}
LOCAL_OF_USER, GATEWAY_ENV = ".claude/settings.local.json", {"env": GATEWAY}
OTHER_DIR = {".claude/.credentials.json": login()}
MANAGED_KEY = {STATE: {"primaryApiKey": KEY}}
DER = bytes([0x30, 0x82, 0x03, 0x01]) + b"\0" * 64
STALE = {"$now_ms": -HOUR}
NOTE = ".local/state/claude-auth/unsaved-refresh.json"


def unsaved(token: str, **more: object) -> dict[str, object]:
    """The note of a refresh of the login with this token."""
    note = {"fingerprint": Secret(token).fingerprint, "command": "claude mcp serve", "at": 1.0, "held": 6.1}
    return {STORE: login(expiresAt=STALE), NOTE: {**note, **more}}


def mounted(*points: str) -> dict[str, str]:
    lines = ["22 1 0:20 / / rw - overlay overlay rw"]
    lines += [f"{30 + n} 22 8:1 / {point} rw,relatime - ext4 /dev/vda1 rw" for n, point in enumerate(points)]
    return {MOUNTS: "\n".join(lines) + "\n"}


HERE = "the configuration that is looked at"


def running(*clients: RunningClient) -> Tweak:
    def tweak(snapshot: Snapshot) -> Snapshot:
        here = snapshot.places.config_dir
        found = (one._replace(config_dir=here) if one.config_dir == HERE else one for one in clients)
        return surrounded(running=tuple(found))(snapshot)

    return tweak


def session(pid: int, config_dir: str | None = HERE, **more: object) -> RunningClient:
    """`config_dir` None: its environment could not be read."""
    base = RunningClient(pid, "session", "/usr/bin/claude", "2.1.328", 1.0, config_dir)
    return base._replace(**more)  # type: ignore[arg-type]


def sessions(count: int) -> Tweak:
    return running(*(session(100 + n) for n in range(count)))


def mixed_versions(*versions: str) -> Tweak:
    return running(*(session(100 + n, version=version) for n, version in enumerate(versions)))


def installed(*versions: str | None) -> Tweak:
    clients = tuple(InstalledClient(f"/p{n}/claude", f"/p{n}/claude", v) for n, v in enumerate(versions))
    return lambda snapshot: snapshot._replace(installed=clients)


def account(organization: str) -> dict[str, object]:
    return {"oauthAccount": {"emailAddress": "ada@example.org", "organizationUuid": organization}}


def serviced(**service: Any) -> Tweak:
    """What the background service left in the directory that is looked at."""

    def tweak(snapshot: Snapshot) -> Snapshot:
        assert snapshot.more is not None
        first, *others = snapshot.more.directories
        told = first._replace(service=BackgroundService(**service))
        return snapshot._replace(more=snapshot.more._replace(directories=(told, *others)))

    return tweak


def keychain(code: str) -> Tweak:
    reading = StoreReading(
        Origin("keychain", path="Claude Code-credentials"), damage=Damage(code, "the Keychain is locked")
    )
    return both(on_machine(platform="darwin"), lambda snapshot: snapshot._replace(login=reading))


def owned_by(owner: str) -> Tweak:
    def tweak(snapshot: Snapshot) -> Snapshot:
        file = snapshot.login.origin.file
        assert file is not None
        changed = file._replace(owner=owner, owned_by_us=owner == "ada")
        login_ = snapshot.login._replace(origin=snapshot.login.origin._replace(file=changed))
        return snapshot._replace(login=login_)

    return tweak


def settings_linked_to(target: str) -> Tweak:
    def tweak(snapshot: Snapshot) -> Snapshot:
        files = tuple(
            f._replace(file=FileFacts(f.path, 0o444, "ada", True, 1.0, 2, target)) if f.layer == "user" else f
            for f in snapshot.settings_files
        )
        return snapshot._replace(settings_files=files)

    return tweak


def shut(snapshot: Snapshot) -> Snapshot:
    return on_machine(writable={snapshot.places.config_dir: False})(snapshot)


def moved_to(config_dir: str) -> Tweak:
    return lambda snapshot: snapshot._replace(places=snapshot.places._replace(config_dir=config_dir))


def differs(name: str, here: str | None, there: str | None) -> Tweak:
    return running(session(4711, differences=(Difference(name, here, there),)))


def older_than_now(started: float) -> Tweak:
    return running(session(4711, started_at=started))


OUTCOME: dict[str, Row] = {
    "managed-policy": Row(
        On({MANAGED: {"forceLoginMethod": "claudeai"}}, WITH_KEY, approved=(SUFFIX,)),
        ("managed-policy",),
        On({USER: {"forceLoginMethod": "claudeai"}}, WITH_KEY, approved=(SUFFIX,)),
    ),
    "organisation-mismatch": Row(
        On(
            {
                **SIGNED_IN,
                MANAGED: {"forceLoginOrgUUID": "org-one"},
                STATE: {"oauthAccount": {"organizationUuid": "org-two"}},
            }
        ),
        ("organisation-mismatch", "not-checked"),
        On(
            {
                **SIGNED_IN,
                MANAGED: {"forceLoginOrgUUID": "org-one"},
                STATE: {"oauthAccount": {"organizationUuid": "org-one"}},
            }
        ),
    ),
    "approval-pending": Row(On(env=WITH_KEY), ("approval-pending",), On(env=WITH_KEY, client="claude-print")),
    "key-rejected": Row(
        On(SIGNED_IN, WITH_KEY, rejected=(SUFFIX,)), ("key-rejected",), On(env=WITH_KEY, approved=(SUFFIX,))
    ),
    "own-login-not-connected": Row(
        On(OWN_LOGIN),
        ("own-login-not-connected", "no-credential"),
        On({**OWN_LOGIN, USER: {"apiKeyHelper": "claude-auth token --store sdk"}}),
    ),
    "no-credential": Row(On(), ("no-credential",), On(SIGNED_IN)),
    "not-checked": Row(
        On(SIGNED_IN, {"CLAUDE_CODE_USE_ANOTHER_CLOUD": "1"}),
        ("not-checked",),
        On(SIGNED_IN, {"CLAUDE_CODE_USE_ANOTHER_CLOUD": "0"}),
    ),
    "no-cloud-credential": Row(On(env=BEDROCK), ("no-cloud-credential",), On(env={**BEDROCK, **AWS_KEYS})),
    "empty-credential-sent": Row(
        On({USER: {"apiKeyHelper": "exit 1"}}, evaluated=True),
        ("empty-credential-sent",),
        On({USER: {"apiKeyHelper": "echo key"}}, evaluated=True),
    ),
    "login-expired": Row(
        On({STORE: login(expiresAt=STALE, refreshToken=None)}),
        ("login-expired",),
        On({STORE: login(expiresAt=STALE)}),
    ),
    "login-deadline": Row(
        On({STORE: login(refreshTokenExpiresAt={"$now_ms": 30 * HOUR})}),
        ("login-deadline",),
        On({STORE: login(refreshTokenExpiresAt={"$now_ms": 500 * HOUR})}),
    ),
    "two-credentials-sent": Row(
        On(env={**WITH_KEY, TOKEN: "made-up"}, client="claude-print"),
        ("two-credentials-sent",),
        On(env={**WITH_KEY, TOKEN: ""}, client="claude-print"),
    ),
    "key-overrides-login": Row(
        On(SIGNED_IN, WITH_KEY, approved=(SUFFIX,)),
        ("key-overrides-login",),
        On(SIGNED_IN, WITH_KEY, rejected=(SUFFIX,)),
    ),
    "token-overrides-login": Row(
        On(SIGNED_IN, {"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN}),
        ("token-overrides-login",),
        On({}, {"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN}),
    ),
    "value-set-but-empty": Row(
        On(SIGNED_IN, {"ANTHROPIC_API_KEY": ""}), ("value-set-but-empty",), On(SIGNED_IN)
    ),
    "helper-not-run": Row(
        On({USER: {"apiKeyHelper": "echo key"}}),
        ("helper-not-run",),
        On({USER: {"apiKeyHelper": "echo key"}}, evaluated=True),
    ),
    "helper-run-without-project": Row(
        On(
            {USER: {"apiKeyHelper": "echo key"}, PROJECT: {"env": {"AWS_PROFILE": "x"}}, "$untrusted": True},
            evaluated=True,
        ),
        ("helper-run-without-project",),
        On({USER: {"apiKeyHelper": "echo key"}, PROJECT: {"env": {"AWS_PROFILE": "x"}}}, evaluated=True),
    ),
    "folder-not-trusted": Row(
        On({**PROJECT_TOKEN, "$untrusted": True}, {"ANTHROPIC_BASE_URL": "https://gw.example"}),
        ("project-settings-override", "folder-not-trusted"),
        On(PROJECT_TOKEN, {"ANTHROPIC_BASE_URL": "https://gw.example"}),
    ),
    "provider-replaces-ladder": Row(
        On(SIGNED_IN, {**BEDROCK, **AWS_KEYS}), ("provider-replaces-ladder",), On({}, {**BEDROCK, **AWS_KEYS})
    ),
    "model-outside-plan": Row(
        On({STORE: login(subscriptionType="pro")}, {"ANTHROPIC_MODEL": "claude-opus-4-8"}),
        ("model-outside-plan",),
        On({STORE: login(subscriptionType="max")}, {"ANTHROPIC_MODEL": "claude-opus-4-8"}),
    ),
    "login-idle": Row(On({STORE: login(expiresAt=STALE)}), ("login-idle",), On(SIGNED_IN)),
    "version-not-observed": Row(
        On(SIGNED_IN, version="2.1.198"), ("version-not-observed",), On(SIGNED_IN, version="9.9.9")
    ),
}

STORES: dict[str, Row] = {
    "keychain-locked": Row(
        On(tweak=both(keychain("permission"), on_machine(over_ssh=True))),
        ("keychain-locked", "not-checked"),
        On(SIGNED_IN, tweak=on_machine(over_ssh=True)),
    ),
    "tokens-wiped": Row(
        On({STORE: login(accessToken="", refreshToken="", expiresAt=0)}),
        ("tokens-wiped", "no-credential"),
        On({STORE: login(accessToken="x", refreshToken="", expiresAt=0)}),
    ),
    "refresh-not-saved": Row(
        On(unsaved(OAUTH)),
        ("refresh-not-saved", "login-idle"),
        On(unsaved("sk-ant-oat01-anotherMadeUpLogin")),
    ),
    "login-without-inference": Row(
        On({STORE: login(scopes=["user:profile"])}),
        ("login-without-inference", "no-credential"),
        On({STORE: login(scopes=["user:profile"], expiresAt=STALE)}),
    ),
    "store-unusable": Row(
        On(raw={STORE: '{"claudeAiOauth": {"acc'}), ("store-unusable", "no-credential"), On({STORE: {}})
    ),
    "store-unreadable": Row(On({f"{STORE}/x": {}}), ("store-unreadable", "not-checked"), On(SIGNED_IN)),
    "state-file-damaged": Row(
        On(SIGNED_IN, raw={STATE: "{,"}), ("state-file-damaged",), On({**SIGNED_IN, STATE: {}})
    ),
    "scopes-as-text": Row(
        On({STORE: login(scopes="user:inference user:profile")}),
        ("scopes-as-text",),
        On({STORE: login(scopes=["user:inference user:profile", "user:inference", "user:profile"])}),
    ),
    "disk-full": Row(
        On(SIGNED_IN, tweak=on_machine(free_bytes=4096)),
        ("disk-full",),
        On(SIGNED_IN, tweak=on_machine(free_bytes=10**9)),
    ),
    "not-writable": Row(On(SIGNED_IN, tweak=shut), ("not-writable",), On(SIGNED_IN)),
    "foreign-owner": Row(
        On(SIGNED_IN, tweak=owned_by("root")), ("foreign-owner",), On(SIGNED_IN, tweak=owned_by("ada"))
    ),
    "store-readable-by-others": Row(
        On({**SIGNED_IN, "$chmod": {STORE: 0o644}}),
        ("store-readable-by-others",),
        On({**SIGNED_IN, "$chmod": {STORE: 0o600}}),
    ),
    "store-in-repository": Row(
        On({**SIGNED_IN, "dotfiles/.git/HEAD": {"$text": ""}}, links={STORE: "dotfiles/login"}, more=True),
        ("store-in-repository",),
        On({**SIGNED_IN, "dotfiles/.git/HEAD": {"$text": ""}}, more=True),
    ),
    "store-in-synced-folder": Row(
        On(SIGNED_IN, links={STORE: "Dropbox/login"}, more=True),
        ("store-in-synced-folder",),
        On(SIGNED_IN, links={STORE: "elsewhere/login"}, more=True),
    ),
    "store-is-a-link": Row(
        On(SIGNED_IN, links={STORE: "elsewhere/login"}, more=True),
        ("store-is-a-link",),
        On(SIGNED_IN, more=True),
    ),
    "settings-link-read-only": Row(
        On({**SIGNED_IN, USER: {}}, tweak=settings_linked_to("/nix/store/x-home/.claude/settings.json")),
        ("settings-link-read-only",),
        On({**SIGNED_IN, USER: {}}, tweak=settings_linked_to("/home/ada/other/settings.json")),
    ),
    "store-on-windows-drive": Row(
        On(SIGNED_IN, tweak=both(on_machine(wsl=True), moved_to("/mnt/c/Users/ada/.claude"))),
        ("store-on-windows-drive",),
        On(SIGNED_IN, tweak=both(on_machine(wsl=True), moved_to("/mnt/data/.claude"))),
    ),
    "state-file-corrupted-before": Row(
        On({**SIGNED_IN, f"{STATE}.corrupted.1": {"$text": "{"}}, more=True),
        ("state-file-corrupted-before",),
        On({**SIGNED_IN, f"{STATE}.backup": {}}, more=True),
    ),
    "onboarding-unfinished": Row(
        On(SIGNED_IN, gone=(STATE,)), ("onboarding-unfinished",), On({}, gone=(STATE,))
    ),
    "subscription-not-recognised": Row(
        On({**SIGNED_IN, STATE: {"hasAvailableSubscription": False, "oauthAccount": None}}, more=True),
        ("subscription-not-recognised",),
        On({**SIGNED_IN, STATE: {"hasAvailableSubscription": True, "oauthAccount": None}}, more=True),
    ),
    "managed-key-lingers": Row(
        On({STORE: login(accessToken="", refreshToken="", expiresAt=0), **MANAGED_KEY}),
        ("managed-key-lingers", "tokens-wiped"),
        On(MANAGED_KEY),
    ),
    "login-without-profile-scope": Row(
        On({STORE: login(scopes=["user:inference"])}), ("login-without-profile-scope",), On(SIGNED_IN)
    ),
    "stale-login-beside-token": Row(
        On({STORE: login(expiresAt=STALE, refreshToken=None)}, {"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN}),
        ("stale-login-beside-token",),
        On(env={"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN}),
    ),
}

PLACES: dict[str, Row] = {
    "user-variable-missing": Row(
        On(SIGNED_IN, more=True, tweak=on_machine(platform="darwin")),
        ("user-variable-missing",),
        On(SIGNED_IN, {"USER": "ada"}, more=True, tweak=on_machine(platform="darwin")),
    ),
    "refresh-token-twice": Row(
        On({STORE: login(), ".claude-work/.credentials.json": login()}, more=True),
        ("refresh-token-twice",),
        On(
            {STORE: login(), ".claude-work/.credentials.json": login(refreshToken="sk-ant-ort01-other")},
            more=True,
        ),
    ),
    "accounts-differ": Row(
        On({STORE: {**login(), "organizationUuid": "org-a"}, STATE: account("org-b")}, more=True),
        ("accounts-differ",),
        On({STORE: {**login(), "organizationUuid": "org-a"}, STATE: account("org-a")}, more=True),
    ),
    "background-service-signed-out": Row(
        On(SIGNED_IN, more=True, tweak=serviced(pid=4711, runs=True, sign_in_wanted_since=4e9)),
        ("background-service-signed-out",),
        On(SIGNED_IN, more=True, tweak=serviced(pid=4711, runs=True, sign_in_wanted_since=1e9)),
    ),
    "login-elsewhere": Row(
        On(OTHER_DIR, {"CLAUDE_CONFIG_DIR": "$HOME/cfg"}, more=True),
        ("login-elsewhere", "no-credential"),
        On({**OTHER_DIR, "cfg/.credentials.json": login()}, {"CLAUDE_CONFIG_DIR": "$HOME/cfg"}, more=True),
    ),
    "config-dir-not-absolute": Row(
        On({"proj/~/cfg/.credentials.json": login()}, {"CLAUDE_CONFIG_DIR": "~/cfg"}),
        ("config-dir-not-absolute", "onboarding-unfinished"),
        On({"cfg/.credentials.json": login()}, {"CLAUDE_CONFIG_DIR": "$HOME/cfg"}),
    ),
    "config-dir-names-default": Row(
        On(
            {**SIGNED_IN, ".claude/.claude.json": {"hasCompletedOnboarding": True}},
            {"CLAUDE_CONFIG_DIR": "$HOME/.claude"},
            tweak=on_machine(platform="darwin"),
        ),
        ("config-dir-names-default",),
        On(
            {**SIGNED_IN, ".claude/.claude.json": {"hasCompletedOnboarding": True}},
            {"CLAUDE_CONFIG_DIR": "$HOME/.claude"},
        ),
    ),
    "sudo-with-own-home": Row(
        On(
            SIGNED_IN,
            {"SUDO_USER": "ada"},
            more=True,
            tweak=both(on_machine(user_id=0), surrounded(home_owner="ada")),
        ),
        ("sudo-with-own-home",),
        On(
            SIGNED_IN,
            {"SUDO_USER": "ada"},
            more=True,
            tweak=both(on_machine(user_id=0), surrounded(home_owner="root")),
        ),
    ),
    "container-loses-state": Row(
        On({**SIGNED_IN, **CONTAINER}, raw=mounted("$HOME/.claude"), more=True),
        ("container-loses-state",),
        On({**SIGNED_IN, **CONTAINER}, raw=mounted("$HOME"), more=True),
    ),
    "container-keeps-nothing": Row(
        On({**SIGNED_IN, **CONTAINER}, raw=mounted(), more=True),
        ("container-keeps-nothing",),
        On(SIGNED_IN, raw=mounted(), more=True),
    ),
    "home-differs": Row(
        On({**SIGNED_IN, **CONTAINER}, tweak=on_machine(home_in_passwd="/home/node")),
        ("home-differs",),
        On(SIGNED_IN, tweak=on_machine(home_in_passwd="/home/node")),
    ),
    "browser-elsewhere": Row(On(env={"SSH_CONNECTION": "1"}), ("no-credential", "browser-elsewhere"), On()),
}

VALUES: dict[str, Row] = {
    "wrong-kind": Row(
        On(env={TOKEN: SETUP_TOKEN}), ("wrong-kind",), On(env={"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN})
    ),
    "bearer-twice": Row(
        On(env={TOKEN: "Bearer made-up"}), ("bearer-twice",), On(env={**GATEWAY, TOKEN: "Bearer-made-up"})
    ),
    "quotes-in-value": Row(
        On(env={**GATEWAY, TOKEN: '"made-up"'}), ("quotes-in-value",), On(env={**GATEWAY, TOKEN: 'made"up'})
    ),
    "value-not-expanded": Row(
        On({USER: {"env": {**GATEWAY, TOKEN: "${GATEWAY_TOKEN}"}}}),
        ("value-not-expanded",),
        On({USER: {"env": {**GATEWAY, TOKEN: "made$up"}}}),
    ),
    "placeholder-value": Row(
        On(env={**GATEWAY, TOKEN: "<your-api-key>"}),
        ("placeholder-value",),
        On(env={**GATEWAY, TOKEN: "made-up-for-your-team"}),
    ),
    "value-of-another-kind": Row(
        On(env={**FOUNDRY, "ANTHROPIC_FOUNDRY_RESOURCE": "https://r.services.ai.azure.com"}),
        ("no-cloud-credential", "value-of-another-kind"),
        On(env=FOUNDRY),
    ),
    "custom-headers-joined": Row(
        On(env={**GATEWAY, "ANTHROPIC_CUSTOM_HEADERS": "x-team: a; x-user: ada"}),
        ("custom-headers-joined",),
        On(env={**GATEWAY, "ANTHROPIC_CUSTOM_HEADERS": "x-team: a; b=c\nx-user: ada"}),
    ),
    "stray-characters": Row(
        On(env={**GATEWAY, TOKEN: "made\u200bup"}),
        ("no-credential", "stray-characters"),
        On(env={**GATEWAY, TOKEN: "made-up"}),
    ),
    "foreign-credential": Row(On(env={TOKEN: "ollama"}), ("foreign-credential",), On(env=GATEWAY)),
    "token-cut-off": Row(
        On(env={"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN[:80]}),
        ("token-cut-off",),
        On(env={"CLAUDE_CODE_OAUTH_TOKEN": SETUP_TOKEN}),
    ),
}

SETTINGS: dict[str, Row] = {
    "settings-file-ignored": Row(
        On(SIGNED_IN, raw={USER: "{,"}), ("settings-file-ignored",), On(SIGNED_IN, raw={USER: ""})
    ),
    "settings-foreign": Row(
        On({USER: {"apiKeyHelper": "echo key"}}, tweak=settings_of("mallory")),
        ("settings-foreign", "helper-not-run"),
        On({USER: {"apiKeyHelper": "echo key"}}, tweak=settings_of("root")),
    ),
    "project-settings-override": Row(
        On(PROJECT_TOKEN, {"ANTHROPIC_BASE_URL": "https://gw.example"}),
        ("project-settings-override",),
        On({PROJECT: {"env": {"FOO": "x", "CLAUDE_CODE_OAUTH_TOKEN": OAUTH}}}),
    ),
    "settings-override-shell": Row(
        On({USER: {"env": {"ANTHROPIC_BASE_URL": "https://one.example"}}}, GATEWAY),
        ("settings-override-shell",),
        On({USER: {"env": {"ANTHROPIC_BASE_URL": "https://gw.example"}}}, GATEWAY),
    ),
    "login-sent-to-gateway": Row(
        On(SIGNED_IN, {"ANTHROPIC_BASE_URL": "https://gw.example"}),
        ("login-sent-to-gateway",),
        On(SIGNED_IN, {"ANTHROPIC_BASE_URL": "https://api.anthropic.com"}),
    ),
    "credential-in-clear-text": Row(
        On(env={**GATEWAY, "ANTHROPIC_BASE_URL": "gw.example:8080"}),
        ("credential-in-clear-text",),
        On(env={**GATEWAY, "ANTHROPIC_BASE_URL": "http://localhost:8080"}),
    ),
    "base-url-doubles-version": Row(
        On(env={**GATEWAY, "ANTHROPIC_BASE_URL": "https://gw.example/v1/"}),
        ("base-url-doubles-version",),
        On(env={**GATEWAY, "ANTHROPIC_BASE_URL": "https://gw.example/v1/anthropic"}),
    ),
    "command-missing": Row(
        On({USER: {"apiKeyHelper": "~/bin/get-key"}}, more=True),
        ("command-missing", "helper-not-run"),
        On({USER: {"apiKeyHelper": "echo key"}}, more=True),
    ),
    "gateway-mode": Row(
        On(SIGNED_IN, {**GATEWAY, "CLAUDE_CODE_USE_GATEWAY": "1"}),
        ("token-overrides-login", "gateway-mode"),
        On(SIGNED_IN, {**GATEWAY, "CLAUDE_CODE_USE_GATEWAY": "0"}),
    ),
    "setting-not-read": Row(
        On(
            {**SIGNED_IN, ".claude/config.json": {"apiKeyHelper": "echo key"}, LOCAL_OF_USER: GATEWAY_ENV},
            more=True,
        ),
        ("setting-not-read",),
        On({**SIGNED_IN, LOCAL_OF_USER: {"model": "opus"}}, more=True),
    ),
    "variable-not-set": Row(
        On({**SIGNED_IN, USER: {"env": {TOKEN: "made\0up"}}}),
        ("variable-not-set",),
        On({**SIGNED_IN, USER: {"env": {TOKEN: ""}}}),
    ),
    "helper-slow": Row(
        On(
            {USER: {"apiKeyHelper": "echo key"}},
            evaluated=True,
            tweak=lambda s: s._replace(runs={n: r._replace(seconds=9.0) for n, r in s.runs.items()}),
        ),
        ("helper-slow",),
        On({USER: {"apiKeyHelper": "echo key"}}, evaluated=True),
    ),
    "helper-lifetime-ignored": Row(
        On(SIGNED_IN, {"CLAUDE_CODE_API_KEY_HELPER_TTL_MS": "1h"}),
        ("helper-lifetime-ignored",),
        On(SIGNED_IN, {"CLAUDE_CODE_API_KEY_HELPER_TTL_MS": "3600000"}),
    ),
    "managed-helper": Row(
        On({MANAGED: {"apiKeyHelper": "echo key"}}, evaluated=True),
        ("managed-helper",),
        On({USER: {"apiKeyHelper": "echo key"}}, evaluated=True),
    ),
    "key-from-dotenv": Row(
        On({"proj/.env": {"$text": f"ANTHROPIC_API_KEY={KEY}\n"}}, WITH_KEY, approved=(SUFFIX,)),
        ("key-from-dotenv",),
        On({".bashrc": {"$text": f"export ANTHROPIC_API_KEY={KEY}\n"}}, WITH_KEY, approved=(SUFFIX,)),
    ),
    "set-but-not-loaded": Row(
        On({**SIGNED_IN, "proj/.env": {"$text": f"ANTHROPIC_API_KEY={KEY}\n"}}, more=True),
        ("set-but-not-loaded",),
        On({**SIGNED_IN, "proj/.env": {"$text": "DATABASE_URL=x\n"}}, more=True),
    ),
    "profile-not-used": Row(
        On(env={"ANTHROPIC_PROFILE": "work", "ANTHROPIC_API_KEY": ""}, client="anthropic-sdk"),
        ("empty-credential-sent", "profile-not-used", "value-set-but-empty"),
        On(env={"ANTHROPIC_PROFILE": "work"}, client="anthropic-sdk"),
    ),
    "federation-rule-malformed": Row(
        On(SIGNED_IN, {"ANTHROPIC_FEDERATION_RULE_ID": "rule"}),
        ("federation-rule-malformed",),
        On(SIGNED_IN, {"ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1"}),
    ),
    "identity-token-missing": Row(
        On(env=FEDERATION),
        ("identity-token-missing", "no-credential"),
        On({"token": {"$text": "eyJ.eyJ.made-up"}}, FEDERATION),
    ),
}

NETWORK: dict[str, Row] = {
    "certificate-checks-off": Row(
        On(SIGNED_IN, {"NODE_TLS_REJECT_UNAUTHORIZED": "0"}),
        ("certificate-checks-off",),
        On(SIGNED_IN, {"NODE_TLS_REJECT_UNAUTHORIZED": "1"}),
    ),
    "certificate-file-unusable": Row(
        On(SIGNED_IN, {"NODE_EXTRA_CA_CERTS": "$HOME/root.cer"}, binary={"root.cer": DER}, more=True),
        ("certificate-file-unusable",),
        On(SIGNED_IN, {"NODE_EXTRA_CA_CERTS": ""}, binary={"root.cer": DER}, more=True),
    ),
    "host-pinned": Row(
        On(
            {**SIGNED_IN, "root/etc/hosts": {"$text": "127.0.0.1 localhost\n10.0.0.1 api.anthropic.com\n"}},
            more=True,
        ),
        ("host-pinned",),
        On(
            {**SIGNED_IN, "root/etc/hosts": {"$text": "127.0.0.1 localhost\n10.0.0.1 api.example\n"}},
            more=True,
        ),
    ),
    "localhost-odd": Row(
        On({**SIGNED_IN, "root/etc/hosts": {"$text": "::1 localhost\n"}}, more=True),
        ("localhost-odd",),
        On({**SIGNED_IN, "root/etc/hosts": {"$text": "127.0.0.1 localhost\n::1 localhost\n"}}, more=True),
    ),
    "proxy-unusable": Row(
        On(SIGNED_IN, {"HTTPS_PROXY": "socks5://proxy.example:1080", "NO_PROXY": "localhost"}),
        ("proxy-unusable",),
        On(SIGNED_IN, {"HTTPS_PROXY": "http://proxy.example:1080", "NO_PROXY": "localhost"}),
    ),
    "proxy-takes-localhost": Row(
        On(SIGNED_IN, {"HTTPS_PROXY": "http://proxy.example:1080"}),
        ("proxy-takes-localhost",),
        On(SIGNED_IN, {"HTTPS_PROXY": "http://proxy.example:1080", "no_proxy": "a, 127.0.0.1"}),
    ),
    "clock-doubtful": Row(
        On(SIGNED_IN, times={STORE: 3600.0}, more=True),
        ("clock-doubtful",),
        On(SIGNED_IN, times={STORE: 30.0}, more=True),
    ),
}

PROGRAMS: dict[str, Row] = {
    "lock-from-the-future": Row(
        On(SIGNED_IN, lock=(LOCK, -600)), ("lock-from-the-future",), On(SIGNED_IN, lock=(LOCK, 1))
    ),
    "lock-left-behind": Row(
        On(SIGNED_IN, lock=(LOCK, 600)), ("lock-left-behind",), On(SIGNED_IN, lock=(LOCK, 30))
    ),
    "running-environment-differs": Row(
        On(SIGNED_IN, more=True, tweak=differs("ANTHROPIC_API_KEY", None, "a1b2c3d4")),
        ("running-environment-differs",),
        On(SIGNED_IN, more=True, tweak=running(session(4711))),
    ),
    "many-running-clients": Row(
        On(SIGNED_IN, more=True, tweak=sessions(9)),
        ("many-running-clients",),
        On(SIGNED_IN, more=True, tweak=sessions(2)),
    ),
    "parked-sign-ins": Row(
        On(SIGNED_IN, more=True, tweak=running(session(4711, kind="sign-in"))),
        ("parked-sign-ins",),
        On(SIGNED_IN, more=True, tweak=running(session(4711, kind="sign-in", started_at=None))),
    ),
    "client-outdated": Row(
        On(SIGNED_IN, tweak=installed("1.0.83")),
        ("client-outdated",),
        On(SIGNED_IN, tweak=installed("2.1.328")),
    ),
    "several-installs": Row(
        On(SIGNED_IN, tweak=installed("2.1.328", "2.1.300")),
        ("several-installs",),
        On(SIGNED_IN, tweak=installed("2.1.328")),
    ),
    "running-versions-differ": Row(
        On(SIGNED_IN, more=True, tweak=mixed_versions("2.1.328", "2.1.300")),
        ("running-versions-differ",),
        On(SIGNED_IN, more=True, tweak=mixed_versions("2.1.328", "2.1.328")),
    ),
    "older-than-cloud-credentials": Row(
        On(GOOGLE_USER, VERTEX, more=True, tweak=older_than_now(1.0)),
        ("older-than-cloud-credentials",),
        On(GOOGLE_USER, VERTEX, more=True, tweak=older_than_now(4e9)),
    ),
}

CLOUD: dict[str, Row] = {
    "aws-sso-expired": Row(
        On(env={**BEDROCK, "AWS_PROFILE": "work"}, raw={".aws/config": SSO_CONFIG}, more=True),
        ("aws-sso-expired",),
        On(
            {SSO_TOKEN: {"accessToken": "x", "expiresAt": "2099-01-01T00:00:00Z"}},
            {**BEDROCK, "AWS_PROFILE": "work"},
            raw={".aws/config": SSO_CONFIG},
            more=True,
        ),
    ),
    "aws-keys-incomplete": Row(
        On(env={**BEDROCK, **AWS_KEYS, "AWS_ACCESS_KEY_ID": "ASIAMADEUP"}),
        ("aws-keys-incomplete",),
        On(env={**BEDROCK, **AWS_KEYS}),
    ),
    "key-sent-to-aws": Row(
        On(env={**BEDROCK, **AWS_KEYS, **WITH_KEY}, client="claude-print", version="2.1.206"),
        ("key-sent-to-aws",),
        On(env={**BEDROCK, **AWS_KEYS, **WITH_KEY}, client="claude-print", version="2.1.207"),
    ),
    "aws-profile-before-keys": Row(
        On(env={**BEDROCK, **AWS_KEYS, "AWS_PROFILE": "work"}, raw={".aws/credentials": AWS_FILE}),
        ("aws-profile-before-keys",),
        On(env={**BEDROCK, "AWS_PROFILE": "work"}, raw={".aws/credentials": AWS_FILE}),
    ),
    "aws-tool-other-profile": Row(
        On(
            env=TWO_PROFILES,
            raw={".aws/credentials": AWS_FILE},
            more=True,
            tweak=surrounded(aws_tool=AwsTool("/bin/aws", "1.45.11")),
        ),
        ("aws-tool-other-profile",),
        On(
            env=TWO_PROFILES,
            raw={".aws/credentials": AWS_FILE},
            more=True,
            tweak=surrounded(aws_tool=AwsTool("/bin/aws", "2.9.19")),
        ),
    ),
    "bedrock-key-beside-credentials": Row(
        On(env={**BEDROCK, **AWS_KEYS, "AWS_BEARER_TOKEN_BEDROCK": "ABSKmade"}),
        ("bedrock-key-beside-credentials",),
        On(env={**BEDROCK, "AWS_BEARER_TOKEN_BEDROCK": "ABSKmade"}),
    ),
    "aws-region-malformed": Row(
        On(env={**BEDROCK, **AWS_KEYS, "AWS_REGION": "eu west 1"}),
        ("aws-region-malformed",),
        On(env={**BEDROCK, **AWS_KEYS, "AWS_REGION": "eu-west-1"}),
    ),
    "aws-export-is-a-sign-in": Row(
        On({USER: {"awsCredentialExport": "aws sso login"}}, {**BEDROCK, **AWS_KEYS}),
        ("aws-export-is-a-sign-in", "helper-not-run"),
        On({USER: {"awsAuthRefresh": "aws sso login"}}, {**BEDROCK, **AWS_KEYS}),
    ),
    "provider-switch-ignored": Row(
        On(SIGNED_IN, {"CLAUDE_CODE_USE_BEDROCK": "enabled"}),
        ("provider-switch-ignored",),
        On(SIGNED_IN, {"CLAUDE_CODE_USE_BEDROCK": "0"}),
    ),
    "vertex-project-overridden": Row(
        On(GOOGLE_USER, {**VERTEX, "GOOGLE_CLOUD_PROJECT": "other"}),
        ("vertex-project-overridden",),
        On(GOOGLE_USER, {**VERTEX, "GOOGLE_CLOUD_PROJECT": "p"}),
    ),
    "google-file-not-found": Row(
        On(SIGNED_IN, {"GOOGLE_APPLICATION_CREDENTIALS": "~/key.json"}),
        ("google-file-not-found",),
        On(
            {**SIGNED_IN, "key.json": {"type": "service_account"}},
            {"GOOGLE_APPLICATION_CREDENTIALS": "$HOME/key.json"},
        ),
    ),
    "bedrock-key-shape": Row(
        On(env={**BEDROCK, "AWS_BEARER_TOKEN_BEDROCK": "made-up"}),
        ("bedrock-key-shape",),
        On(env={**BEDROCK, "AWS_BEARER_TOKEN_BEDROCK": "bedrock-api-key-made"}),
    ),
    "aws-session-token-fixed": Row(
        On(env={**BEDROCK, **AWS_KEYS, "AWS_ACCESS_KEY_ID": "ASIAMADE", "AWS_SESSION_TOKEN": "t"}),
        ("aws-session-token-fixed",),
        On(env={**BEDROCK, **AWS_KEYS}),
    ),
    "aws-region-default": Row(
        On(env={**AWS_KEYS, "CLAUDE_CODE_USE_BEDROCK": "1"}),
        ("aws-region-default",),
        On(env={**AWS_KEYS, "CLAUDE_CODE_USE_BEDROCK": "1", "AWS_DEFAULT_REGION": "eu-west-1"}),
    ),
    "bedrock-model-without-profile": Row(
        On(env={**BEDROCK, **AWS_KEYS, "ANTHROPIC_MODEL": "anthropic.claude-opus-4-8"}),
        ("bedrock-model-without-profile",),
        On(env={**BEDROCK, **AWS_KEYS, "ANTHROPIC_MODEL": "eu.anthropic.claude-opus-4-8"}),
    ),
    "aws-sign-in-over-ssh": Row(
        On({USER: {"awsAuthRefresh": "aws sso login"}}, {**BEDROCK, **AWS_KEYS, "SSH_TTY": "/dev/pts/0"}),
        ("aws-sign-in-over-ssh",),
        On({USER: {"awsAuthRefresh": "aws sso login"}}, {**BEDROCK, **AWS_KEYS}),
    ),
    "provider-not-switched-on": Row(
        On(SIGNED_IN, {"ANTHROPIC_FOUNDRY_RESOURCE": "res"}), ("provider-not-switched-on",), On(env=FOUNDRY)
    ),
    "vertex-project-default": Row(
        On(GOOGLE_USER, {"CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "global"}),
        ("vertex-project-default",),
        On(GOOGLE_USER, VERTEX),
    ),
    "vertex-region-default": Row(
        On(GOOGLE_USER, {**VERTEX, "CLOUD_ML_REGION": ""}),
        ("vertex-region-default",),
        On(GOOGLE_USER, VERTEX),
    ),
    "quota-project-missing": Row(
        On({ADC: {"type": "authorized_user"}}, VERTEX), ("quota-project-missing",), On(GOOGLE_USER, VERTEX)
    ),
}

TABLE: dict[str, Row] = {**OUTCOME, **STORES, **PLACES, **VALUES, **SETTINGS, **NETWORK, **PROGRAMS, **CLOUD}
