"""The text for people: the winner, the wire, the ladder, the findings; colours only where they are wanted."""

from __future__ import annotations

import re
from pathlib import Path

from claude_auth.model import Finding, Fix
from claude_auth.sources import SOURCES
from tests.as_text import diagnose_text, status_summary, status_text
from tests.conformance.layout import Answer, look_at

STORE = ".claude/.credentials.json"
LOGIN = {
    "claudeAiOauth": {
        "accessToken": "sk-ant-oat01-madeUp",
        "refreshToken": "sk-ant-ort01-madeUp",
        "expiresAt": {"$now_ms": 3_600_000},
        "scopes": ["user:inference"],
        "subscriptionType": "max",
    }
}


def text_of(said: Answer, *, colour: bool = False) -> str:
    return status_text(said.snapshot, said.resolution, said.findings, colour=colour)


def test_it_answers_the_four_questions(tmp_path: Path) -> None:
    env = {"ANTHROPIC_API_KEY": "made-up", "ANTHROPIC_AUTH_TOKEN": "made-up-too"}
    text = text_of(look_at(tmp_path, {STORE: LOGIN}, env=env, client="claude-print"))
    assert text.splitlines()[0] == (
        "▲ works, but not as you may think: Two different credentials are sent in one request; "
        "ANTHROPIC_AUTH_TOKEN from the environment and ANTHROPIC_API_KEY, who pays is not known here; "
        "goes to api.anthropic.com"
    )
    assert "POST https://api.anthropic.com/v1/messages" in text
    assert re.search(r"x-api-key +… +ANTHROPIC_API_KEY", text)
    assert re.search(r"authorization +Bearer … +ANTHROPIC_AUTH_TOKEN", text)
    assert "[two-credentials-sent]" in text
    kept = "→ to keep ANTHROPIC_AUTH_TOKEN: take the other away in this shell, then start claude again: "
    assert f"{kept}unset ANTHROPIC_API_KEY" in text


def test_the_ladder_is_always_there_and_other_rows_where_there_is_something(tmp_path: Path) -> None:
    text = text_of(look_at(tmp_path))
    for source in SOURCES:
        assert (source.label in text) == (source.family == "ladder"), source.label
    assert "no request goes out" in text


def test_a_login_is_told_in_words(tmp_path: Path) -> None:
    text = text_of(look_at(tmp_path, {STORE: LOGIN}))
    assert "anthropic-beta oauth-2025-04-20" in text
    assert re.search(r"access token (59 min|1 h 0 min) left", text)
    assert "Claude Max plan" in text
    assert "scopes user:inference" in text


def test_colours_are_added_without_moving_anything(tmp_path: Path) -> None:
    said = look_at(tmp_path, {STORE: LOGIN})
    plain, coloured = text_of(said), text_of(said, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[32m" in coloured
    without = re.sub(r"\x1b\[\d*m", "", coloured)
    assert [line.rstrip() for line in without.splitlines()] == plain.splitlines()


def test_the_home_directory_is_written_as_people_do(tmp_path: Path) -> None:
    text = text_of(look_at(tmp_path, {STORE: LOGIN}))
    assert "from ~/.claude/.credentials.json" in text


def test_hostile_text_does_not_reach_the_terminal(tmp_path: Path) -> None:
    hostile = "\x1b]0;owned\x07\u202e[red]"
    files = {
        ".claude/settings.json": {"apiKeyHelper": f"echo {hostile}"},
        STORE: {
            "claudeAiOauth": {**LOGIN["claudeAiOauth"], "subscriptionType": hostile, "scopes": [hostile]}
        },
        ".claude.json": {"oauthAccount": {"emailAddress": hostile}},
    }
    text = text_of(look_at(tmp_path, files, env={"ANTHROPIC_PROFILE": hostile, "AWS_PROFILE": hostile}))
    assert not set("\x1b\x07\u202e") & set(text)
    assert "owned" in text


def test_an_expiry_beyond_all_calendars_stays_short(tmp_path: Path) -> None:
    login = {"claudeAiOauth": {**LOGIN["claudeAiOauth"], "expiresAt": 10**300}}
    said = look_at(tmp_path, {STORE: login})
    assert "access token 9999 years left" in text_of(said)
    assert said.document["sources"][4]["expires_at"] is None


def next_step(said: Answer) -> str:
    text = status_summary(said.snapshot, said.resolution, said.findings)
    return text.splitlines()[-1].removeprefix("  next").strip()


def test_what_to_do_next_is_always_told(tmp_path: Path) -> None:
    helper = look_at(tmp_path / "a", {".claude/settings.json": {"apiKeyHelper": "echo key"}})
    assert next_step(helper) == "what would tell: claude-auth status --evaluate --client claude"
    token = {".claude/settings.json": {"env": {"ANTHROPIC_AUTH_TOKEN": "made-up"}}}
    assert next_step(look_at(tmp_path / "b", {STORE: LOGIN, **token})).startswith(
        "ANTHROPIC_AUTH_TOKEN overrides your login; take ANTHROPIC_AUTH_TOKEN out of ~/.claude/settings.json"
    )
    assert next_step(look_at(tmp_path / "c", {STORE: LOGIN})).startswith("nothing to mend at first sight")


def test_what_has_to_go_first_is_told_first(tmp_path: Path) -> None:
    """Without the token alone the login would be sent to the gateway."""
    host = {".claude/settings.json": {"env": {"ANTHROPIC_BASE_URL": "https://gateway.example.com"}}}
    said = look_at(tmp_path, {STORE: LOGIN, **host}, env={"ANTHROPIC_AUTH_TOKEN": "made-up-token"})
    told = next_step(said)
    assert "take ANTHROPIC_BASE_URL out of ~/.claude/settings.json" in told
    assert "unset ANTHROPIC_AUTH_TOKEN" not in told


def test_what_more_is_found_is_counted_as_what_this_look_saw(tmp_path: Path) -> None:
    """`diagnose` takes a second look, and may count more."""
    said = look_at(
        tmp_path / "b",
        {STORE: LOGIN},
        env={"ANTHROPIC_AUTH_TOKEN": " made-up", "ANTHROPIC_API_KEY": "made-up"},
    )
    assert len(said.findings) > 1
    told = f" (the first of {len(said.findings)} at first sight, all in claude-auth diagnose)"
    assert told in next_step(said)


def test_a_diagnosis_is_broken_between_words_and_no_command_is() -> None:
    title, command = "take it away " * 9, f"claude-auth fix {'made-up-' * 12}name --client claude-print"
    evidence = "a file and its line " * 9
    found = Finding("made-up", "error", title, "", evidence, fixes=(Fix(title, command), Fix("now", "ls -l")))
    as_it_is, broken = diagnose_text((), (found,)), diagnose_text((), (found,), width=60)
    assert broken.split() == as_it_is.split()
    longer = [line.strip() for line in broken.splitlines() if len(line) > 60]
    assert longer == [command]
    assert "      → now: ls -l" in broken.splitlines()
