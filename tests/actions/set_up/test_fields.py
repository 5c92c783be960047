"""What is typed wrongly: one sentence about it, which quotes nothing, and nothing kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_auth.actions.set_up.fields import FieldFacts, SetUpField, problem_with
from claude_auth.actions.set_up.paths import SET_UP_PATHS
from claude_auth.security.secret import Secret
from tests.actions.set_up.stage import BEDROCK, FOUNDRY, GATEWAY, KEY, YEAR, Stage
from tests.actions.set_up.wrong_input import RIGHT, wrong

FIELDS = [(path.id, field) for path in SET_UP_PATHS for field in path.fields]
IDS = [f"{way}-{field.id}" for way, field in FIELDS]
FACTS = FieldFacts(frozenset({"dev", "keys"}), frozenset({"dev"}))


@pytest.mark.parametrize(("way", "field"), FIELDS, ids=IDS)
def test_thirty_wrong_ones(way: str, field: SetUpField) -> None:
    told = wrong(way, field)
    assert len(told) >= 30
    taken = [name for name, text in told.items() if problem_with(field, text, FACTS) is None]
    assert taken == []


@pytest.mark.parametrize(("way", "field"), FIELDS, ids=IDS)
def test_the_sentence_is_short_and_quotes_nothing(way: str, field: SetUpField) -> None:
    for name, text in wrong(way, field).items():
        sentence = problem_with(field, text, FACTS) or ""
        assert 5 < len(sentence) < 160, name
        assert "\n" not in sentence
        assert text.strip() not in sentence or len(text.strip()) < 2, name
        assert not any(secret[20:40] in sentence for secret in (KEY, YEAR, BEDROCK, FOUNDRY)), name


@pytest.mark.parametrize(("way", "field"), FIELDS, ids=IDS)
def test_the_right_one_and_every_part_of_it_while_it_is_typed(
    way: str, field: SetUpField, tmp_path: Path
) -> None:
    stage = Stage(tmp_path)
    right = RIGHT[way, field.id].replace("$HOME", str(stage.home))
    assert problem_with(field, right, FACTS) is None
    if field.secret and field.id != "client_secret":
        assert problem_with(field, right[: len(right) // 4], FACTS) is not None
    for length in range(len(right)):
        problem_with(field, right[:length], FACTS)


@pytest.mark.parametrize(("way", "field"), FIELDS, ids=IDS)
def test_nothing_of_a_wrong_one_is_kept(way: str, field: SetUpField, tmp_path: Path) -> None:
    stage = Stage(tmp_path).choose(way)
    kept = (stage.state / "set-up.json").read_bytes()
    for text in wrong(way, field).values():
        assert stage.set_up.give(field, Secret(text)) is not None
    assert (stage.state / "set-up.json").read_bytes() == kept
    assert stage.set_up.values == {}
    assert not (stage.home / ".claude/settings.json").exists()


@pytest.mark.parametrize(
    ("way", "name", "text", "words"),
    [
        ("api-key", "key", YEAR, "a Claude login's access token; an API key begins with sk-ant-api"),
        ("api-key", "key", KEY[:30], "too short"),
        ("api-key", "key", KEY + KEY, "two keys or tokens in one"),
        ("year-token", "token", KEY, "an Anthropic API key"),
        ("year-token", "token", YEAR[:100], "cut off where its line ended: such a token has 108 characters"),
        ("gateway", "token", YEAR, "a Claude login's access token, not a gateway's token"),
        ("gateway", "url", "https://gateway.example.org/v1", "without /v1"),
        ("gateway", "url", "http://gateway.example.org", "clear text"),
        ("gateway", "url", "https://ada:secret@gateway.example.org", "a name or a password"),
        ("gateway", "url", "https://api.anthropic.com", "Anthropic's own host"),
        ("gateway", "url", GATEWAY, "looks like a secret"),
        ("bedrock-sso", "profile", "keys", "`aws configure sso`"),
        ("bedrock-sso", "profile", "nobody", "`aws configure sso`"),
        ("bedrock-profile", "profile", "nobody", "`aws configure sso`"),
        ("bedrock-key", "region", "us-east-1a", "us-east-1"),
        ("foundry", "resource", "https://my.services.ai.azure.com", "that is"),
        ("vertex-service-account", "file", "/nowhere.json", "can't be read"),
        ("own-client", "scopes", "read  write", "one blank between"),
    ],
)
def test_what_is_said(way: str, name: str, text: str, words: str) -> None:
    field = next(one for path, one in FIELDS if path == way and one.id == name)
    assert words in (problem_with(field, text, FACTS) or "")


def test_loopback_may_be_plain_http() -> None:
    field = next(one for path, one in FIELDS if path == "gateway" and one.id == "url")
    assert problem_with(field, "http://127.0.0.1:4000", FACTS) is None
