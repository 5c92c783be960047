"""What would win over the choice, in what order, and the fix under it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.actions.set_up.stage import GATEWAY, KEY, YEAR, Stage

BASHRC = f"export ANTHROPIC_API_KEY={KEY}\n"


@pytest.mark.parametrize("way", ["subscription", "year-token", "bedrock-profile", "gateway"])
def test_a_machine_with_nothing_has_nothing_in_the_way(way: str, tmp_path: Path) -> None:
    assert Stage(tmp_path).choose(way).set_up.obstacles() == ()


def test_a_key_of_a_start_up_file_is_commented_out(tmp_path: Path) -> None:
    stage = Stage(tmp_path, {".bashrc": BASHRC}, {"ANTHROPIC_API_KEY": KEY}).choose("subscription")
    (obstacle,) = stage.set_up.obstacles()
    assert (obstacle.name, [fix.kind for fix in obstacle.fixes]) == ("ANTHROPIC_API_KEY", ["startup-line"])
    assert obstacle.title == "ANTHROPIC_API_KEY would win; it is set in ~/.bashrc:1"
    assert KEY not in str(obstacle)
    assert stage.clear() == ()
    assert (stage.home / ".bashrc").read_text() == f": # {BASHRC}"
    stage.by_others("sign-in")
    proof = stage.prove()
    assert (proof.proved, proof.winner, proof.new_shell) == (True, "claude.ai login", True)


def test_several_one_after_the_other(tmp_path: Path) -> None:
    settings = {"apiKeyHelper": "vault read key", "env": {"ANTHROPIC_AUTH_TOKEN": GATEWAY}}
    stage = Stage(
        tmp_path, {".claude/settings.json": settings, ".bashrc": BASHRC}, {"ANTHROPIC_API_KEY": KEY}
    )
    stage.choose("year-token", "settings")
    names = [obstacle.name for obstacle in stage.set_up.obstacles()]
    assert sorted(name or "" for name in names) == [
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "apiKeyHelper",
    ]
    stage.type(token=YEAR)
    assert stage.clear() == ()
    stage.do()
    assert stage.prove().proved


def test_a_variable_whose_place_is_not_known_is_for_the_person(tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ={"CLAUDE_CODE_USE_BEDROCK": "1"}).choose("subscription")
    (obstacle,) = stage.set_up.obstacles()
    (fix,) = obstacle.fixes
    assert obstacle.title.endswith("it is set in this shell, from a place that was not found")
    assert (fix.applicable, fix.commands) == (False, ("unset CLAUDE_CODE_USE_BEDROCK",))
    stage.set_up.cleared(obstacle)
    stage.set_up.look_again()
    assert stage.set_up.obstacles() == ()


def test_a_gateway_left_over(tmp_path: Path) -> None:
    settings = {"env": {"ANTHROPIC_BASE_URL": "https://old.example.org"}}
    stage = Stage(tmp_path, {".claude/settings.json": settings}).choose("subscription")
    assert [one.name for one in stage.set_up.obstacles()] == ["ANTHROPIC_BASE_URL"]
    assert stage.clear() == ()


def test_an_older_value_of_its_own_that_is_stronger(tmp_path: Path) -> None:
    settings = {"env": {"CLAUDE_CODE_OAUTH_TOKEN": YEAR.replace("y34r", "0ld0")}}
    stage = Stage(tmp_path, {".claude/settings.json": settings}).choose("year-token", "shell")
    stage.type(token=YEAR)
    assert [one.name for one in stage.set_up.obstacles()] == ["CLAUDE_CODE_OAUTH_TOKEN"]
    assert stage.clear() == ()
    stage.do()
    assert stage.prove().proved


def test_a_policy_is_said_and_has_no_fix(tmp_path: Path) -> None:
    managed = {"forceLoginMethod": "claudeai"}
    files = {"root/etc/claude-code/managed-settings.json": managed}
    stage = Stage(tmp_path, files).choose("api-key", "shell")
    stage.type(key=KEY)
    (obstacle,) = stage.set_up.obstacles()
    assert (obstacle.id, obstacle.fixes) == ("managed-policy", ())
    assert stage.set_up.survey().recommended == "subscription"


@pytest.mark.parametrize(
    ("files", "environ", "recommended", "words"),
    [
        ({}, {"CI": "true"}, "year-token", "this is a build"),
        ({}, {"CLAUDE_CODE_USE_VERTEX": "1"}, "vertex-adc", "CLAUDE_CODE_USE_VERTEX is on"),
        ({}, {"ANTHROPIC_BASE_URL": "https://gw.example.org"}, "gateway", "ANTHROPIC_BASE_URL is set"),
        ({}, {}, "bedrock-sso", "SSO profile dev"),
        ({".aws/config": "", ".aws/credentials": ""}, {}, "subscription", "the usual one"),
        (
            {".aws/config": "", ".aws/credentials": ""},
            {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"},
            "subscription",
            "on your own computer or phone",
        ),
    ],
)
def test_what_is_recommended_and_why(
    files: dict[str, str], environ: dict[str, str], recommended: str, words: str, tmp_path: Path
) -> None:
    found = Stage(tmp_path, files, environ).set_up.survey()
    assert found.recommended == recommended
    assert words in found.because
