"""Error texts of every face of Claude Code, of what stands before it, and of other programs, as posted.

Ours: the cause is among the first three, or the family names who answered. Another program's: no cause, no
family, and its name is told.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_auth.diagnose.texts import classify

POSTED = json.loads(Path(__file__).with_name("posted.json").read_text(encoding="utf-8"))
OURS = {row["name"]: row for row in POSTED["ours"]}
OTHERS = {row["name"]: row for row in POSTED["others"]}
LOGS = (
    ("npm e401", "revoked screen", "curl ssl"),
    ("pip ssl", "credit", "git https"),
    ("docker x509", "gateway session expired", "terraform cloud"),
)


def test_there_are_enough() -> None:
    assert len(OURS) >= 190
    assert len(OTHERS) >= 130


@pytest.mark.parametrize("name", OURS)
def test_ours(name: str) -> None:
    row = OURS[name]
    found = classify(row["text"])
    if "cause" in row:
        assert row["cause"] in [match.cause for match in found.matches][:3]
    else:
        assert found.matches == ()
        assert found.parsed.family is not None
        assert found.parsed.family.who == row["who"]


@pytest.mark.parametrize("name", OTHERS)
def test_another_programs(name: str) -> None:
    row = OTHERS[name]
    found = classify(row["text"])
    assert found.matches == ()
    assert found.parsed.family is None
    assert row["program"] in found.parsed.strangers
    assert row["program"] in found.parsed.unknown_words[0]


@pytest.mark.parametrize("names", LOGS, ids=lambda names: names[1])
def test_ours_between_others(names: tuple[str, str, str]) -> None:
    """What another program says beside it is neither told nor in the way."""
    before, ours, after = names
    between = "\nworker: nothing to tell of\n" * 20
    texts = (OTHERS[before]["text"], OURS[ours]["text"], OTHERS[after]["text"])
    alone = [match.cause for match in classify(OURS[ours]["text"]).matches]
    assert [match.cause for match in classify(between.join(texts)).matches] == alone


@pytest.mark.parametrize("before", ["npm ERR! code 1", "go: running agent", "ssh: connect to host a.example"])
@pytest.mark.parametrize("said", ["invalid x-api-key", "Invalid bearer token"])
def test_the_body_of_an_answer_of_the_api_is_no_other_programs(before: str, said: str) -> None:
    """Whatever ran it: a script of npm, a program in Go."""
    error = {"type": "error", "error": {"type": "authentication_error", "message": said}}
    body = f"Error: 401 {json.dumps(error, separators=(',', ':'))}"
    alone = classify(body)
    assert alone.matches
    assert classify(f"{before}\n{body}\n{before}").matches == alone.matches
    assert classify(f"{before}\n{body}").parsed.strangers == ()


@pytest.mark.parametrize(
    "before", ["npm warn deprecated x@1.0.0", "$ docker login", "go: downloading a.example/x v1"]
)
@pytest.mark.parametrize(
    "ours",
    [
        "Credit balance is too low",
        "This organization has been disabled",
        "Invalid API key · Fix external API key",
        "OAuth token revoked · Please run /login",
        "API Error: The SSO session associated with this profile has expired",
    ],
)
def test_a_line_of_another_program_does_not_hide_what_is_ours_alone(before: str, ours: str) -> None:
    alone = classify(ours).matches
    assert alone
    assert [match.cause for match in classify(f"{before}\n{ours}").matches] == [
        match.cause for match in alone
    ]
