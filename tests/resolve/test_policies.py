"""What a demand for a sign-in in managed settings refuses: each row was put to the real client 2.1.332."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.sandbox.machines import MANAGED_SETTINGS, STATE
from tests.conformance.layout import look_at
from tests.conformance.mixtures import profile
from tests.diagnose.machines import KEY, SIGNED_IN, SUFFIX

DEMAND = {MANAGED_SETTINGS: {"forceLoginMethod": "claudeai"}}
CONSOLE = {STATE: {"primaryApiKey": "sk-ant-api03-console"}}
PROFILE = profile("default")["files"]
NAMED = {"ANTHROPIC_PROFILE": "default"}
FEDERATION = {"ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1", "ANTHROPIC_ORGANIZATION_ID": "made-up"}
DESKTOP = {"CLAUDE_CODE_ENTRYPOINT": "claude-desktop"}


@pytest.mark.parametrize(
    ("files", "env", "winner"),
    [
        (CONSOLE, {}, "managed-key"),
        ({**CONSOLE, **PROFILE}, {}, None),
        ({**CONSOLE, **PROFILE}, DESKTOP, "managed-key"),
        (CONSOLE, FEDERATION, None),
        (PROFILE, {}, "profile"),
        ({**CONSOLE, **PROFILE, **SIGNED_IN}, {}, "stored-login"),
        ({**CONSOLE, **PROFILE, **SIGNED_IN}, NAMED, None),
    ],
)
def test_a_console_key_that_stands_in_the_place_of_a_profile(
    files: dict[str, Any], env: dict[str, str], winner: str | None, tmp_path: Path
) -> None:
    found = look_at(tmp_path, {**DEMAND, **files}, env=env, client="claude-print").resolution
    assert found.winner == winner
    assert winner is not None or (found.blocked is not None and found.blocked.code == "managed-policy")


@pytest.mark.parametrize(("simple", "winner"), [("1", "anthropic-api-key"), ("", None)])
def test_a_rejected_key_counts_in_the_simple_mode(simple: str, winner: str | None, tmp_path: Path) -> None:
    env = {"ANTHROPIC_API_KEY": KEY, "CLAUDE_CODE_SIMPLE": simple}
    said = look_at(tmp_path, env=env, rejected=[SUFFIX])
    assert said.resolution.winner == winner
    assert ("key-rejected" in {finding.id for finding in said.findings}) is (winner is None)
