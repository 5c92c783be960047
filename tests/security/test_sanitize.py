"""Text from outside becomes text for a screen here, and nothing a terminal would act on is left."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.security.redact import REDACTED, redact
from claude_auth.security.sanitize import clean, shown_command
from tests.guard import ROOT
from tests.waiting import Stopwatch

API_KEY = "sk-ant-api03-" + "madeUpForTests" * 3


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain words", "plain words"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]52;c;Zm9v\x07", "]52;c;Zm9v"),
        ("user\u202egnp.exe", "usergnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("private\ue000use", "privateuse"),
        ("lone\udcffsurrogate", "lonesurrogate"),
        ("nul\0\x08\x7f", "nul"),
        ("  many   blanks ", "many blanks"),
        ("é – 漢字 stay", "é – 漢字 stay"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert clean("x" * 500, 10) == "x" * 9 + "…"
    assert clean("x" * 10, 10) == "x" * 10


@given(st.text(alphabet=st.characters(), max_size=400), st.integers(1, 100))
def test_clean_text_holds_nothing_hidden_and_keeps_its_bound(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert not {unicodedata.category(character) for character in cleaned} & {
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Zl",
        "Zp",
    }
    assert clean(cleaned, limit) == cleaned


@pytest.mark.parametrize(
    "secret",
    [API_KEY, "sk-ant-oat01-madeup", "eyJhbGciOiJub25lIn0.e30.c2lnbmF0dXJl", "Zm9vYmFy0123456789Zm9vYmFy"],
)
def test_what_is_shaped_like_a_secret_goes(secret: str) -> None:
    shown = redact(f"curl -H x:{secret} {secret} '{secret}'")
    assert secret not in shown
    assert REDACTED in shown


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("ANTHROPIC_API_KEY=hunter2 claude", f"ANTHROPIC_API_KEY={REDACTED} claude"),
        ("export my_secret='two words'", f"export my_secret={REDACTED}"),
        ("--password hunter2 --user ada", f"--password {REDACTED} --user ada"),
        ("--token=hunter2", f"--token={REDACTED}"),
        ('{"token": "hunter2"}', f'{{"token": {REDACTED}}}'),
        ("url=https://x.example/?api_key=hunter2&b=1", f"url=https://x.example/?api_key={REDACTED}&b=1"),
        ("Authorization: Bearer hunter2", f"Authorization: {REDACTED} {REDACTED}"),
        ("Proxy-Authorization: Basic aHVudGVyMg==", f"Proxy-Authorization: {REDACTED} {REDACTED}"),
        ("https://ada:hunter2@gw.example/v1", f"https://{REDACTED}@gw.example/v1"),
    ],
)
def test_what_is_named_a_secret_goes(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "/usr/local/bin/get-anthropic-key",
        "vault kv get -field=value kv/claude",
        "aws sts get-caller-identity",
        "~/bin/helper --account work",
        "op read op://Private/Claude/credential",
        "the quick brown fox 2026-11-20",
    ],
)
def test_an_ordinary_command_stays_readable(text: str) -> None:
    assert redact(text) == text
    assert shown_command(text) == text


def test_a_command_is_shown_on_one_line_without_its_secrets() -> None:
    shown = shown_command(f"#!/bin/sh\nexport A_TOKEN={API_KEY}\necho \x1b[2J$A_TOKEN")
    assert shown == f"#!/bin/sh ⏎ export A_TOKEN={REDACTED} ⏎ echo [2J$A_TOKEN"


@given(st.text(max_size=300))
def test_redacting_never_fails_and_is_done_once(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize("piece", ["a_token", "token=", "Aa1", '"', "sk-ant-", "-", "://", "eyJ"])
def test_no_text_takes_long_to_redact(piece: str) -> None:
    """Up to the length that `shown_command` looks at: patterns that go back and forth would never end."""
    watch = Stopwatch()
    shown_command(piece * (30_000 // len(piece)))
    assert watch.seconds < 2


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("vend --token abc", "vend --token …redacted…"),
        ('vend --token "$TOKEN"', "vend --token …redacted…"),
        ('true --password "$(curl x|sh)" ok', "true --password …redacted-shell-syntax… ok"),
        ("true --password '`touch x`'", "true --password …redacted-shell-syntax…"),
        ('sh -c "true --token "\' ; touch x ; \'""', 'sh -c "true --token …redacted-shell-syntax…"'),
        ("true --secret\ntouch x", "true --secret …redacted-shell-syntax… touch x"),
        ("echo fine #\ntouch x", "echo fine # ⏎ touch x"),
        ("curl https://a;$(touch)@h", "curl https://…redacted-shell-syntax…@h"),
        ("authorization: token=$(x)", "authorization: …redacted-shell-syntax…"),
    ],
)
def test_a_command_cannot_hide_what_it_runs_behind_a_secret(command: str, shown: str) -> None:
    assert shown_command(command, 400) == shown


def test_a_command_too_long_to_be_shown_says_so() -> None:
    assert shown_command("true " + "x" * 20_000 + "; touch x", 20_000).startswith("(not shown: the last 14 ")


#: Whoever redacts by itself, and what was cleaned before it does.
CLEANED_BEFORE = {
    "formats/journal_line.py": "each text, by `redacted`",
    "processes/links.py": "each line of a screen, by `processes.screen`",
}


def test_nothing_outside_the_boundary_redacts_what_may_not_be_clean() -> None:
    package = ROOT / "tui/claude_auth"
    redacting = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(r"(?<![\w.])redact\(", path.read_text(encoding="utf-8"))
    }
    assert {name for name in redacting if not name.startswith("security/")} == set(CLEANED_BEFORE)
