"""Which values make Claude Code drop a whole settings file: each row was put to the client 2.1.332."""

from __future__ import annotations

import json

import pytest

from claude_auth.claude_code.settings_keys import KINDS, misfit_in

DROPPED = """
    "model":null  "model":5  "model":["a"]  "apiKeyHelper":null  "$schema":5  "otelHeadersHelper":5
    "permissions":[]  "permissions":{"allow":"x"}  "permissions":{"deny":null}
    "permissions":{"defaultMode":"Plan"}  "permissions":{"defaultMode":null}
    "permissions":{"additionalDirectories":[5]}  "permissions":{"disableBypassPermissionsMode":true}
    "cleanupPeriodDays":"30"  "cleanupPeriodDays":0  "cleanupPeriodDays":-1  "cleanupPeriodDays":1.5
    "cleanupPeriodDays":true  "includeCoAuthoredBy":"true"  "includeCoAuthoredBy":1
    "feedbackSurveyRate":"0.5"  "skillListingBudgetFraction":2  "tui":"bogus"  "autoUpdatesChannel":"beta"
    "statusLine":{}  "statusLine":{"type":"x","command":"y"}
    "statusLine":{"type":"command","command":"y","padding":"x"}
    "sandbox":true  "sandbox":{"enabled":"x"}  "sandbox":{"network":{"allowedDomains":[5]}}
    "sandbox":{"ripgrep":{}}  "sandbox":{"ignoreViolations":{"a":"x"}}
    "attribution":[]  "attribution":{"commit":5}  "enabledPlugins":{"a@b":5}  "enabledPlugins":{"a@b":[5]}
    "availableModels":{}  "availableModels":[5]  "modelOverrides":{"a":5}  "skillOverrides":{"a":"x"}
    "enabledMcpjsonServers":[5]  "forceLoginOrgUUID":[5]  "forceLoginOrgUUID":null
    "hooks":{"PreToolUse":5}  "hooks":{"PermissionRequest":5}  "hooks":{"PreToolUse":[{}]}
    "hooks":{"PreToolUse":[{"hooks":[{"type":"command"}]}]}  "hooks":{"PreToolUse":[{"matcher":5,"hooks":[]}]}
    "autoMode":{"allow":"x"}  "pluginConfigs":{"a":5}  "sshConfigs":[{}]  "env":null  "env":[]
"""
KEPT = """
    "fooBar":{"a":1}  "hooks":5  "hooks":{"Stop":5}  "hooks":{"Nope":5}  "hooks":{"PreToolUse":null}
    "permissions":{"allow":[5]}  "permissions":{"unknown":5}  "permissions":{"defaultMode":"manual"}
    "permissions":{"blockReadsExemptPaths":"x"}  "cleanupPeriodDays":30.0  "desktopSessionCleanupPeriodDays":0
    "enabledMcpjsonServers":"x"  "forceLoginMethod":5  "forceLoginOrgUUID":[]  "attribution":true
    "attribution":{"other":5}  "statusLine":{"type":"command","command":"y","refreshInterval":"x"}
    "enabledPlugins":{"a@b":["1.0"]}  "sandbox":{"unknown":5}  "worktree":{"bgIsolation":"x"}
    "deniedModels":"x"  "effortLevel":"bogus"  "theme":5  "extraKnownMarketplaces":{"a":5}
    "env":{"A":{"b":1}}
"""


@pytest.mark.parametrize("text", DROPPED.split())
def test_a_value_of_the_wrong_kind_is_found(text: str) -> None:
    assert misfit_in(json.loads("{" + text + "}")) is not None


@pytest.mark.parametrize("text", KEPT.split())
def test_what_the_client_skips_or_does_not_know_is_none(text: str) -> None:
    assert misfit_in(json.loads("{" + text + "}")) is None


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ('{"model": 5}', ("model",), "text"),
        ('{"permissions": {"defaultMode": "x"}}', ("permissions", "defaultMode"), "one of acceptEdits"),
        ('{"availableModels": ["a", 5]}', ("availableModels", "1"), "text"),
        ('{"statusLine": {"type": "command"}}', ("statusLine", "command"), "there"),
    ],
)
def test_it_says_where_and_what_belongs_there(text: str, path: tuple[str, ...], expected: str) -> None:
    misfit = misfit_in(json.loads(text))
    assert misfit is not None
    assert misfit.path == path
    assert misfit.expected.startswith(expected)


@pytest.mark.parametrize("value", [None, True, 5, 1e300, float("inf"), "x", [], [[]], {}, {"a": None}])
def test_no_value_of_any_key_raises(value: object) -> None:
    for key in KINDS:
        misfit_in({key: value})
