"""The settings that a server gave last, kept in a file: as 2.1.332 was seen to take them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.sandbox.machines import MANAGED_SETTINGS, USER_SETTINGS
from tests.conformance.layout import look_at
from tests.diagnose.machines import STORE, login

CACHE = ".claude/remote-settings.json"
KEY = {"ANTHROPIC_API_KEY": "made-up-key"}
TOKEN = {"ANTHROPIC_AUTH_TOKEN": "made-up-token"}
OAUTH = {"CLAUDE_CODE_OAUTH_TOKEN": "made-up-oauth"}
HELPER = {"apiKeyHelper": "echo made-up"}
TEAM, PRO = {STORE: login(subscriptionType="team")}, {STORE: login(subscriptionType="pro")}
BOTH = ("api-key-helper", "api-key-helper")


def sent(tmp_path: Path, env: dict[str, str], files: dict[str, Any]) -> tuple[str | None, ...]:
    resolution = look_at(tmp_path, files, env=env, client="claude-print").resolution
    if resolution.wire is None:
        assert resolution.blocked is not None
        return (resolution.blocked.code,)
    slots = (resolution.wire.x_api_key, resolution.wire.authorization)
    return tuple(None if slot is None else slot.source for slot in slots)


@pytest.mark.parametrize(
    ("env", "files", "expected"),
    [
        (KEY, {}, ("anthropic-api-key", "api-key-helper")),
        (OAUTH, {}, BOTH),
        ({}, TEAM, BOTH),
        ({}, {".claude.json": {"primaryApiKey": "made-up"}}, BOTH),
        ({}, PRO, (None, "stored-login")),
        (TOKEN, {}, (None, "anthropic-auth-token")),
        (TOKEN, TEAM, ("api-key-helper", "anthropic-auth-token")),
        ({}, {}, ("no-credential",)),
        ({**KEY, "ANTHROPIC_BASE_URL": "https://gw.example"}, {}, ("anthropic-api-key", None)),
        ({**KEY, "ANTHROPIC_BASE_URL": "https://api.anthropic.com.example"}, {}, ("anthropic-api-key", None)),
        (
            {**KEY, "ANTHROPIC_BASE_URL": "https://API.anthropic.com/"},
            {},
            ("anthropic-api-key", "api-key-helper"),
        ),
    ],
)
def test_for_whom_its_helper_counts(
    env: dict[str, str], files: dict[str, Any], expected: tuple[str | None, ...], tmp_path: Path
) -> None:
    assert sent(tmp_path, env, {CACHE: HELPER, **files}) == expected


def test_it_stands_above_every_file(tmp_path: Path) -> None:
    others = {USER_SETTINGS: {"apiKeyHelper": "echo b"}, MANAGED_SETTINGS: {"apiKeyHelper": "echo c"}}
    seen = look_at(tmp_path, {CACHE: HELPER, **others}, env=KEY, client="claude-print")
    origin = seen.resolution.standing("api-key-helper").reading.origin
    assert (origin.path or "").endswith(CACHE)


@pytest.mark.parametrize("method", ["claudeai", "console", "gateway"])
def test_the_sign_in_that_it_forces_counts(method: str, tmp_path: Path) -> None:
    assert sent(tmp_path, KEY, {CACHE: {"forceLoginMethod": method}}) == ("managed-policy",)


@pytest.mark.parametrize("content", [{"env": TOKEN}, {"settings": HELPER}, {"$text": "no JSON"}])
def test_its_variables_and_what_is_none_do_not(content: dict[str, Any], tmp_path: Path) -> None:
    assert sent(tmp_path, KEY, {CACHE: content}) == ("anthropic-api-key", None)


def test_what_the_files_force_goes_on(tmp_path: Path) -> None:
    files = {CACHE: {"model": "x"}, MANAGED_SETTINGS: {"forceLoginMethod": "claudeai"}}
    assert sent(tmp_path, KEY, files) == ("managed-policy",)


@pytest.mark.parametrize(
    ("env", "files", "fetched", "last"),
    [
        (KEY, {}, True, []),
        ({}, TEAM, True, []),
        (
            {},
            {**TEAM, CACHE: {**HELPER, "env": {"ANTHROPIC_MODEL": "made-up"}}},
            True,
            ["apiKeyHelper", "ANTHROPIC_MODEL"],
        ),
        ({}, PRO, False, []),
        ({}, {**PRO, CACHE: HELPER}, False, []),
        (TOKEN, {CACHE: HELPER}, False, []),
        ({**KEY, "ANTHROPIC_BASE_URL": "https://gw.example"}, {}, False, []),
    ],
)
def test_that_a_server_may_change_the_answer_is_a_note(
    env: dict[str, str], files: dict[str, Any], fetched: bool, last: list[str], tmp_path: Path
) -> None:
    said = look_at(tmp_path, files, env=env, client="claude-print")
    assert said.document["server_settings"] == {"fetched": fetched, "last": last}
    winner = said.resolution.standing(said.resolution.winner or "").reading
    notes = [words for name, words in winner.details if name == "settings"]
    assert len(notes) == fetched
    assert all(name in notes[0] for name in last)
