"""What the client says: read from its file, and each message told, or left out for a reason."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import get_args

import pytest

from claude_auth.diagnose.cause import Who
from claude_auth.diagnose.causes import BY_ID
from claude_auth.diagnose.texts.families import What
from tools.client_messages import (
    INSTALLED,
    REASONS,
    counts,
    digest,
    is_message,
    literals,
    messages,
    missing,
    read_record,
    sources,
    written,
)

RECORD = read_record()["messages"]
CLIENT = Path(os.environ.get("CLAUDE_AUTH_CLIENT", INSTALLED))
SAID = "Not logged in · Please run /login"
SOURCE = r"""var a="Not logged in \xb7 Please run /login",b='it\'s',c=`run ${x?`a${y}`:"b"} to {sign} in`;
x=/["'`]/g.test(a);// "no"
/* 'no' */ return/`/.test(a)?{k:"after"}:`\u2014`"""


def test_the_strings_of_a_source() -> None:
    assert list(literals(SOURCE)) == [SAID, "it's", "a…", "b", "run … to {sign} in", "after", "—"]


def test_a_package_and_a_binary_say_the_same(tmp_path: Path) -> None:
    package, binary = tmp_path / "node_modules/@anthropic-ai/claude-code/cli.js", tmp_path / "claude"
    package.parent.mkdir(parents=True)
    package.write_text(SOURCE)
    binary.write_bytes(b"\x7fELF\0\0// @bun\n" + SOURCE.encode() + b"\0\xff\0// @bun x\0")
    assert messages(tmp_path) == messages(binary) == {SAID}
    assert len(list(sources(binary))) == 2


@pytest.mark.parametrize(
    ("literal", "seen"),
    [
        (SAID, True),
        ("Your apiKeyHelper script is failing", True),
        ("[auth] token was not refreshed here", False),
        ("The weather is not nice today", False),
        ("Tell the user that the sign-in failed.", False),
        ("auth.failed: the login did not work out", False),
        ("login", False),
    ],
)
def test_what_is_a_message(literal: str, seen: bool) -> None:
    assert is_message(literal) is seen


def test_what_the_record_lacks_is_wrong() -> None:
    told = written({SAID}, {})
    assert told == {digest(SAID): "cause no-credential"}
    assert list(missing({SAID}, told)) == []
    assert "not in the record" in next(missing({SAID}, {}))
    assert "is ours" in next(missing({SAID}, {digest(SAID): "interface"}))
    other = "a b c"
    assert "told no more" in next(missing({other}, {digest(other): "cause no-credential"}))


def test_the_record_holds_hashes_and_what_exists() -> None:
    for key, told in RECORD.items():
        assert re.fullmatch(r"[0-9a-f]{12}", key)
        kind, *names = told.split()
        if kind == "cause":
            assert names[0] in BY_ID
        elif kind == "family":
            assert names[0] in get_args(Who)
            assert names[1] in get_args(What)
        else:
            assert told in REASONS


def test_the_page_counts_them() -> None:
    page = (Path(__file__).parents[2] / "docs/symptoms.md").read_text(encoding="utf-8")
    found = counts(RECORD)
    others = len(RECORD) - found["cause"] - found["family"]
    sentence = " ".join(page.split())
    assert f"Of the {len(RECORD)} in {read_record()['client']} " in sentence
    assert f"what {found['cause']} mean, {found['family']} are told" in sentence
    assert f"and {others} are about something else" in sentence


@pytest.mark.skipif(not CLIENT.exists(), reason="Claude Code is not there to be read: make client")
def test_every_message_of_the_client_is_in_the_record() -> None:
    assert list(missing(messages(CLIENT), RECORD)) == []
