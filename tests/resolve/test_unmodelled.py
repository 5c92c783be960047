"""What is set and not modelled is never a winner: the answer is not checked, and names what is in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.model import Blocked
from tests.diagnose.machines import MANAGED, SIGNED_IN, USER, WITH_KEY, On, ask


def blocked(machine: On, home: Path) -> Blocked | None:
    return ask(machine, home).resolution.blocked


@pytest.mark.parametrize("value", ["1", "true", " YES "])
def test_a_switch_that_is_not_known(value: str, tmp_path: Path) -> None:
    found = blocked(On(env={**WITH_KEY, "CLAUDE_CODE_USE_NEWCLOUD": value}, client="claude-print"), tmp_path)
    assert found is not None
    assert (found.code, "CLAUDE_CODE_USE_NEWCLOUD" in found.reason) == ("not-checked", True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLAUDE_CODE_USE_NEWCLOUD", "0"),
        ("CLAUDE_CODE_USE_NEWCLOUD", ""),
        ("CLAUDE_CODE_USE_POWERSHELL_TOOL", "1"),
        ("CLAUDE_CODE_USES", "1"),
    ],
)
def test_switches_that_choose_nothing(name: str, value: str, tmp_path: Path) -> None:
    assert blocked(On(env={**WITH_KEY, name: value}, client="claude-print"), tmp_path) is None


@pytest.mark.parametrize("client", ["claude", "claude-print"])
@pytest.mark.parametrize(
    "policy",
    [
        {"enforceAnthropicSignIn": True},
        {"allowedProviders": ["bedrock"]},
        {"requireSsoLogin": "always"},
        {"gatewayMode": {"url": "https://gw.example"}},
        {"requiredMinimumVersion": "9.0.0"},
    ],
)
def test_a_policy_that_is_not_modelled(policy: dict[str, Any], client: str, tmp_path: Path) -> None:
    found = blocked(On({**SIGNED_IN, MANAGED: policy}, client=client), tmp_path)
    assert found is not None
    assert (found.code, next(iter(policy)) in found.reason) == ("not-checked", True)


@pytest.mark.parametrize(
    "policy",
    [
        {"enforceAnthropicSignIn": False},
        {"someSsoLogin": None},
        {"companyAnnouncements": ["hello"]},
        {"totalTokensReminder": "off"},
        {"somethingNew": True},
        {"requiredMinimumVersion": "2.0.0", "requiredMaximumVersion": "9.0.0"},
    ],
)
def test_policies_that_change_nothing(policy: dict[str, Any], tmp_path: Path) -> None:
    assert blocked(On({**SIGNED_IN, MANAGED: policy}), tmp_path) is None


def test_the_same_key_in_the_user_settings_is_no_policy(tmp_path: Path) -> None:
    assert blocked(On({**SIGNED_IN, USER: {"enforceAnthropicSignIn": True}}), tmp_path) is None


def test_other_programs_read_no_policy(tmp_path: Path) -> None:
    machine = On({MANAGED: {"enforceAnthropicSignIn": True}}, WITH_KEY, client="anthropic-sdk")
    assert blocked(machine, tmp_path) is None
