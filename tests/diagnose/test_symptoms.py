"""The entries of the catalogue of causes: what the machine shows of each, and why not the rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from claude_auth.diagnose.causes import FINDINGS
from tests.diagnose.machines import (
    AWS_FILE,
    BEDROCK,
    FOUNDRY,
    HOUR,
    MANAGED,
    SIGNED_IN,
    STATE,
    STORE,
    SUFFIX,
    USER,
    VERTEX,
    WITH_KEY,
    On,
    ask,
    ids,
    login,
)
from tests.diagnose.table import (
    GATEWAY,
    NUMBERS,
    PROJECT_TOKEN,
    STALE,
    TABLE,
    Row,
    differs,
    keychain,
    running,
    session,
)

PAGE = Path(__file__).parents[2] / "docs/symptoms.md"

#: Entry → the findings that show it on the machine of their row.
SHOWN: dict[int, tuple[str, ...]] = {
    1: ("scopes-as-text", "wrong-kind", "client-outdated", "several-installs"),
    4: ("login-expired", "login-deadline"),
    8: ("foreign-credential", "token-overrides-login", "bearer-twice"),
    10: ("many-running-clients", "lock-from-the-future", "lock-left-behind", "store-in-synced-folder"),
    11: ("running-versions-differ",),
    12: ("store-in-repository", "store-in-synced-folder"),
    13: ("tokens-wiped",),
    14: ("login-idle",),
    18: ("token-cut-off", "stray-characters"),
    19: ("login-without-profile-scope", "login-without-inference", "token-overrides-login"),
    20: ("key-overrides-login", "token-overrides-login"),
    21: ("stale-login-beside-token",),
    22: ("token-overrides-login", "running-environment-differs", "project-settings-override"),
    23: ("key-overrides-login",),
    24: ("key-from-dotenv", "set-but-not-loaded"),
    25: ("key-overrides-login", "managed-key-lingers"),
    27: ("foreign-credential", "token-overrides-login"),
    28: ("two-credentials-sent",),
    29: ("settings-override-shell", "project-settings-override"),
    30: ("managed-key-lingers",),
    31: ("key-rejected",),
    32: ("approval-pending",),
    33: ("wrong-kind", "foreign-credential"),
    34: ("no-credential", "login-elsewhere"),
    35: ("value-set-but-empty", "empty-credential-sent"),
    36: ("stray-characters",),
    37: ("quotes-in-value",),
    38: ("onboarding-unfinished",),
    39: ("empty-credential-sent", "command-missing", "helper-not-run"),
    40: ("helper-slow", "helper-lifetime-ignored"),
    41: ("managed-helper",),
    42: ("managed-policy",),
    43: ("organisation-mismatch",),
    44: ("keychain-locked",),
    45: ("not-writable", "keychain-locked"),
    49: ("user-variable-missing",),
    51: ("login-elsewhere", "config-dir-not-absolute", "config-dir-names-default"),
    52: ("home-differs", "login-elsewhere"),
    53: ("container-loses-state", "container-keeps-nothing"),
    54: ("foreign-owner", "not-writable", "store-readable-by-others"),
    55: ("settings-link-read-only", "not-writable"),
    56: ("store-is-a-link", "store-in-repository", "store-in-synced-folder"),
    57: ("state-file-damaged", "state-file-corrupted-before"),
    58: ("disk-full",),
    59: ("not-writable",),
    61: ("browser-elsewhere", "store-on-windows-drive"),
    62: ("localhost-odd",),
    63: ("localhost-odd",),
    65: ("proxy-takes-localhost",),
    66: ("browser-elsewhere",),
    67: ("browser-elsewhere",),
    73: ("client-outdated", "version-not-observed"),
    74: ("several-installs",),
    75: ("parked-sign-ins",),
    76: ("client-outdated",),
    80: ("subscription-not-recognised",),
    81: ("host-pinned", "proxy-unusable"),
    82: ("model-outside-plan",),
    83: ("certificate-checks-off", "certificate-file-unusable"),
    84: ("certificate-file-unusable", "set-but-not-loaded"),
    86: ("clock-doubtful",),
    88: ("login-sent-to-gateway", "credential-in-clear-text"),
    89: ("wrong-kind",),
    90: ("base-url-doubles-version", "host-pinned"),
    93: ("login-deadline",),
    94: ("aws-sso-expired",),
    95: ("aws-session-token-fixed",),
    96: ("aws-keys-incomplete", "aws-profile-before-keys"),
    97: ("no-cloud-credential",),
    98: ("aws-region-default", "aws-region-malformed"),
    100: ("bedrock-model-without-profile",),
    101: ("bedrock-key-beside-credentials", "bedrock-key-shape"),
    102: ("aws-export-is-a-sign-in",),
    103: ("aws-sign-in-over-ssh",),
    104: ("provider-not-switched-on", "provider-switch-ignored"),
    107: ("older-than-cloud-credentials",),
    108: ("google-file-not-found",),
    109: ("quota-project-missing",),
    110: ("vertex-project-default", "vertex-project-overridden", "vertex-region-default"),
    114: ("profile-not-used", "federation-rule-malformed"),
    115: ("login-elsewhere", "sudo-with-own-home", "foreign-owner"),
    131: ("refresh-not-saved",),
}

#: More machines: entry, finding → the row.
FURTHER: dict[tuple[int, str], Row] = {
    (1, "wrong-kind"): Row(
        On(env={"ANTHROPIC_API_KEY": "sk-ant-oat01-madeUp"}, client="claude-print"),
        ("wrong-kind",),
        On(env=WITH_KEY, client="claude-print"),
    ),
    (4, "login-expired"): Row(
        On({STORE: login(expiresAt=STALE, refreshTokenExpiresAt=STALE)}),
        ("login-expired",),
        On({STORE: login(expiresAt=STALE, refreshTokenExpiresAt={"$now_ms": 500 * HOUR})}),
    ),
    (4, "running-environment-differs"): Row(
        On(SIGNED_IN, more=True, tweak=differs("CLAUDE_CODE_OAUTH_TOKEN", "a1b2c3d4", "e5f6a7b8")),
        ("running-environment-differs",),
        On(SIGNED_IN, more=True),
    ),
    (22, "project-settings-override"): Row(
        On({**SIGNED_IN, **PROJECT_TOKEN}, {"ANTHROPIC_BASE_URL": "https://gw.example"}),
        ("token-overrides-login", "project-settings-override"),
        On(SIGNED_IN, {"ANTHROPIC_BASE_URL": "https://api.anthropic.com"}),
    ),
    (43, "managed-policy"): Row(
        On({MANAGED: {"forceLoginOrgUUID": "org"}}, WITH_KEY, approved=(SUFFIX,)),
        ("managed-policy",),
        On({MANAGED: {"forceLoginOrgUUID": "org"}}),
    ),
    (54, "store-unreadable"): Row(
        On({f"{STORE}/x": {}}), ("store-unreadable", "not-checked"), On({STORE: {}})
    ),
    (56, "store-unreadable"): Row(
        On(links={STORE: "/nowhere/login"}), ("store-unreadable", "not-checked"), On(SIGNED_IN)
    ),
    (57, "store-unusable"): Row(
        On(raw={STORE: '{"claudeAiOauth": {"acc'}), ("store-unusable", "no-credential"), On(SIGNED_IN)
    ),
    (58, "state-file-damaged"): Row(On(SIGNED_IN, raw={STATE: ""}), ("state-file-damaged",), On(SIGNED_IN)),
    (84, "running-environment-differs"): Row(
        On(SIGNED_IN, more=True, tweak=differs("NODE_EXTRA_CA_CERTS", "a1b2c3d4", None)),
        ("running-environment-differs",),
        On(SIGNED_IN, more=True, tweak=running(session(4711))),
    ),
    (87, "no-credential"): Row(
        On(env={"ANTHROPIC_BASE_URL": "https://gw.example"}), ("no-credential",), On(env=GATEWAY)
    ),
    (90, "no-credential"): Row(
        On(env={**GATEWAY, "ANTHROPIC_BASE_URL": "gw.example"}), ("no-credential",), On(env=GATEWAY)
    ),
    (90, "credential-in-clear-text"): Row(
        On(env={**GATEWAY, "ANTHROPIC_BASE_URL": "http://gw.example"}),
        ("credential-in-clear-text",),
        On(env=GATEWAY),
    ),
    (97, "no-cloud-credential"): Row(
        On(env={**BEDROCK, "AWS_PROFILE": "wrok"}, raw={".aws/credentials": AWS_FILE}),
        ("no-cloud-credential",),
        On(env={**BEDROCK, "AWS_PROFILE": "work"}, raw={".aws/credentials": AWS_FILE}),
    ),
    (104, "no-cloud-credential"): Row(
        On(env={**FOUNDRY, "ANTHROPIC_FOUNDRY_BASE_URL": "https://r.example"}),
        ("no-cloud-credential",),
        On(env=FOUNDRY),
    ),
    (105, "no-cloud-credential"): Row(
        On(env=VERTEX), ("no-cloud-credential",), TABLE["quota-project-missing"].has
    ),
    (108, "no-cloud-credential"): Row(
        On({"key.json": {"$text": "{"}}, {**VERTEX, "GOOGLE_APPLICATION_CREDENTIALS": "$HOME/key.json"}),
        ("no-cloud-credential",),
        On(
            {"key.json": {"type": "service_account"}},
            {**VERTEX, "GOOGLE_APPLICATION_CREDENTIALS": "$HOME/key.json"},
        ),
    ),
    (110, "no-cloud-credential"): Row(
        On(
            env={
                "CLAUDE_CODE_USE_VERTEX": "1",
                "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1",
                "CLOUD_ML_REGION": "global",
            }
        ),
        ("no-cloud-credential",),
        On(env={**VERTEX, "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1"}),
    ),
    (112, "store-unusable"): Row(
        On(binary={STORE: b"\xef\xbb\xbf{}"}), ("store-unusable", "no-credential"), On(binary={STORE: b"{}"})
    ),
    (112, "settings-file-ignored"): Row(
        On(SIGNED_IN, binary={USER: b"\xfe\xff\0{\0}"}),
        ("settings-file-ignored",),
        On(SIGNED_IN, binary={USER: b"\xff\xfe{\0}\0"}),
    ),
    (113, "settings-file-ignored"): Row(
        On(SIGNED_IN, raw={USER: '{"env": {},}'}),
        ("settings-file-ignored",),
        On(SIGNED_IN, raw={USER: '{"env": {}}'}),
    ),
    (115, "store-unreadable"): Row(
        On(tweak=keychain("io-error")), ("store-unreadable", "not-checked"), On(SIGNED_IN)
    ),
}

#: Not shown without a text, or not here; docs/symptoms.md tells the same reasons.
_SERVER = "a server's answer"
NOT_SHOWN: dict[int, str] = {
    **dict.fromkeys((2, 3, 5, 6, 9, 15, 16, 17, 70, 71, 77, 78, 85, 99, 106, 111), _SERVER),
    7: "shows only after a sign-in",
    26: "the Console knows the key's organisation, this machine does not",
    46: "macOS only",
    47: "macOS only, and the keychain does not tell who made an item",
    48: "macOS only; one item is looked for, by its name",
    50: "macOS only: a matter of the session that launchd starts",
    60: "what was lost is gone from the store",
    64: "the listener lives only while a sign-in waits",
    68: "happens in the paste",
    69: _SERVER,
    72: "happens in the terminal",
    79: "shown by the browser",
    91: "happens in another program",
    92: "happens on the CI machine",
    **dict.fromkeys((118, 132, 119, 120, 121, 122, 124, 128, 129), _SERVER),
    116: "a session that has ended is not",
    117: "what managed settings demand is shown",
    123: _SERVER,
    125: "no command is run and no address asked without a request",
    126: "the command is not run",
    127: "happens on the CI machine",
    130: "shows only before and after a sign-in",
    133: "shows only over time",
    134: "what a header is made of is checked",
}

CASES = [
    *((number, name, TABLE[name]) for number, names in SHOWN.items() for name in names),
    *((number, name, row) for (number, name), row in FURTHER.items()),
]


NAMES = [f"{number}-{name}" for number, name, _ in CASES]


def test_every_entry_is_shown_or_has_a_reason() -> None:
    shown = {number for number, _, _ in CASES}
    assert shown | set(NOT_SHOWN) == set(NUMBERS)
    assert not shown & set(NOT_SHOWN)


def test_every_pair_of_the_catalogue_has_a_machine() -> None:
    claimed = {(number, entry.id) for entry in FINDINGS for number in entry.symptoms}
    shown = {(number, name) for number, name, _ in CASES}
    # These share a file's fate with another number; the machine is the same.
    same = {
        (52, "container-keeps-nothing"),
        (53, "onboarding-unfinished"),
        (54, "sudo-with-own-home"),
        (54, "store-on-windows-drive"),
        (57, "settings-file-ignored"),
        (58, "store-unusable"),
        (58, "state-file-corrupted-before"),
        (24, "project-settings-override"),
        (87, "set-but-not-loaded"),
        (95, "older-than-cloud-credentials"),
        (102, "command-missing"),
        (113, "store-unusable"),
    }
    assert claimed - shown <= same
    assert shown - claimed <= {(87, "no-credential"), (90, "no-credential")}  # told where it is so


@pytest.mark.parametrize(("number", "name", "row"), CASES, ids=NAMES)
def test_a_machine_that_has_it(number: int, name: str, row: Row, tmp_path: Path) -> None:
    found = ask(row.has, tmp_path).findings
    assert tuple(finding.id for finding in found) == row.ids
    assert number in next(finding for finding in found if finding.id == name).symptoms


@pytest.mark.parametrize(("number", "name", "row"), CASES, ids=NAMES)
def test_a_machine_close_to_it_has_not(number: int, name: str, row: Row, tmp_path: Path) -> None:
    assert name not in ids(row.has_not, tmp_path)


def test_the_page_says_the_same() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in li.strip("|").split("|")] for li in lines if re.match(r"\| \d", li)]
    told: dict[int, set[str]] = {}
    for row in rows:
        told.setdefault(int(row[0]), set()).update(re.findall(r"`([a-z-]+)`", row[4]))
    shown: dict[int, set[str]] = {number: set() for number in NUMBERS}
    for number, name, _ in CASES:
        shown[number].add(name)
    for entry in FINDINGS:
        for number in entry.symptoms:
            shown[number].add(entry.id)
    assert told == shown
    reasons = {int(row[0]): row[5] for row in rows if row[5]}
    assert all(NOT_SHOWN[number] in reasons[number] for number in NOT_SHOWN)
