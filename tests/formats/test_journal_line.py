"""The line of the journal: there and back, bounded, and without any secret in whatever field it was put."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.formats.journal_line import (
    _FIRST_KEY,
    LONGEST_LINE,
    LONGEST_TEXT,
    LONGEST_VALUE,
    JournalEntry,
    _may_hold_a_secret,
    _patterns,
    decode,
    encode,
    passes,
    redacted,
    safe,
)
from claude_auth.model import Event
from claude_auth.security.redact import REDACTED, KnownValues, redact
from claude_auth.security.secret import Secret
from tests.waiting import Stopwatch

NOW = 1795176184.125

CANARIES = (
    "sk-ant-oat01-" + "canaryCanary0" * 5,
    "sk-ant-ort01-short",
    "sk-ant-api03-" + "k" * 90,
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2ln",
    "Zx81Canary0Code0Zx81Canary0",
)
#: What a person, a browser or a server may put in front of a canary.
SETTINGS = (
    "{0}",
    "the code is {0} as you see",
    "http://localhost:8089/callback?code={0}&state={0}",
    "GET /callback?code={0}&state={0} HTTP/1.1",
    "{0}#{0}",
    "Authorization: Bearer {0}",
    '{{"access_token": "{0}", "refresh_token":"{0}"}}',
    "--token {0}",
    "https://user:{0}@proxy.example:3128/",
    "ANTHROPIC_API_KEY={0} claude",
    "sk-\u200bant-api03-{0}",
)
#: Short ones without any shape of their own are known by where they stand.
SHORT = "zq7w"
SETTINGS_OF_SHORT = (
    "http://localhost:8089/callback?code={0}&state={0}",
    "/callback?code={0}&state={0}",
    "code_verifier={0}",
    '{{"code": "{0}", "state": "{0}"}}',
    "{{'refresh_token': '{0}'}}",
    "password={0}",
)


def event(**more: Any) -> Event:
    return Event(**{"at": NOW, "kind": "test.kind", "text": "words", **more})


def test_the_line() -> None:
    entry = JournalEntry(
        event(
            store="sdk",
            text="saved a1b2c3d4 → c3d4e5f6",
            data={"from": "a1b2c3d4", "ok": True, "n": 3, "x": None},
        ),
        4711,
        "claude-auth",
    )
    line = encode(entry)
    assert (
        line
        == (
            '{"time":"2026-11-20T12:03:04.125Z","level":"info","kind":"test.kind","store":"sdk",'
            '"text":"saved a1b2c3d4 → c3d4e5f6","data":{"from":"a1b2c3d4","ok":true,"n":3,"x":null},'
            '"pid":4711,"program":"claude-auth"}\n'
        ).encode()
    )
    assert decode(line) == entry
    assert line.decode().startswith(_FIRST_KEY)


_words = st.text(st.sampled_from("abc xyz 12 → é宽 .,:"), max_size=80).map(
    lambda text: " ".join(text.split())
)
_events = st.builds(
    Event,
    at=st.integers(0, 4_000_000_000_000).map(lambda milliseconds: milliseconds / 1000),
    kind=_words,
    text=_words,
    level=st.sampled_from(["info", "warning", "error"]),
    store=st.none() | _words,
    data=st.dictionaries(_words, st.none() | st.booleans() | st.integers(-9, 9) | _words, max_size=6),
)


#: A busy machine makes them slowly.
@given(_events, st.integers(0, (1 << 32) - 1))
def test_there_and_back(told: Event, pid: int) -> None:
    there = JournalEntry(safe(told), pid, "claude-auth")
    back = decode(encode(there))
    assert back is not None
    assert back.event.at == pytest.approx(told.at, abs=0.001)
    assert replace(back, event=back.event._replace(at=told.at)) == there


_anything = st.text(max_size=3000)


@given(
    st.builds(
        Event,
        at=st.just(NOW),
        kind=_anything,
        text=_anything,
        store=st.none() | _anything,
        data=st.dictionaries(
            st.text(max_size=300), st.none() | st.integers() | st.floats() | _anything, max_size=40
        ),
    )
)
def test_any_event_makes_one_bounded_line(told: Event) -> None:
    line = encode(JournalEntry(told, 1, "x"))
    assert len(line) <= LONGEST_LINE
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    back = decode(line)
    assert back is not None
    assert len(back.event.text) <= LONGEST_TEXT
    assert all(len(value) <= LONGEST_VALUE for value in back.event.data.values() if isinstance(value, str))
    json.loads(line, parse_constant=pytest.fail)


def test_a_line_that_would_be_too_long_loses_its_data() -> None:
    told = event(text="宽" * 600, data={f"name{number}": "宽" * 200 for number in range(16)})
    back = decode(encode(JournalEntry(told)))
    assert back is not None
    assert back.event.data == {"cut": True}


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────


def everywhere(text: str) -> Event:
    return Event(NOW, text, text, store=text, data={text: text, "token": text, "url": text})


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("canary", CANARIES)
def test_no_canary_in_any_field(canary: str, setting: str) -> None:
    text = setting.format(canary)
    line = encode(JournalEntry(everywhere(text), 1, text)).decode()
    assert canary not in line
    assert canary[-12:] not in line
    foreign = json.dumps(
        {
            "time": "2026-11-20T12:03:04Z",
            "kind": text,
            "text": text,
            "store": text,
            "data": {text: text},
            "program": text,
        }
    )
    shown = repr(decode(foreign.encode()))
    assert canary not in shown
    assert "Entry" in shown


@pytest.mark.parametrize("setting", SETTINGS_OF_SHORT)
def test_no_short_secret_where_it_can_be_told(setting: str) -> None:
    assert SHORT not in encode(JournalEntry(everywhere(setting.format(SHORT)))).decode()


@pytest.mark.parametrize(
    "name", ["code", "access_token", "accessToken", "password", "api_key", "key", "code_verifier"]
)
def test_values_with_a_secret_name(name: str) -> None:
    assert safe(event(data={name: "plainword"})).data == {name: REDACTED}
    assert safe(event(data={name: "a1b2c3d4"})).data == {name: "a1b2c3d4"}  # a fingerprint


@pytest.mark.parametrize("name", ["exit_code", "state", "path", "keyring", "monkey"])
def test_values_with_another_name(name: str) -> None:
    assert safe(event(data={name: "plainword"})).data == {name: "plainword"}


def test_known_secrets_of_any_shape() -> None:
    secret = Secret("correct horse/battery")
    told = event(
        text="it was correct horse/battery, or correct%20horse%2Fbattery",
        data={"x": "<correct horse/battery>"},
    )
    line = encode(JournalEntry(told), [secret, Secret(""), Secret("a")]).decode()
    assert "horse" not in line
    assert "words" in encode(JournalEntry(event()), [Secret(""), Secret("w")]).decode()


@pytest.mark.parametrize(
    "told",
    [
        event(data={"token": Secret("x")}),
        event(data={Secret("x"): "x"}),
        event(text=Secret("x")),
        event(kind=Secret("x")),
        event(store=Secret("x")),
        event(level=Secret("x")),
        event(at=Secret("x")),
        event(data={"list": ["x"]}),
        event(data={"bytes": b"x"}),
    ],
)
def test_a_secret_or_a_nest_is_refused(told: Event) -> None:
    with pytest.raises(TypeError):
        encode(JournalEntry(told))


def test_the_rest_of_a_long_text_cannot_be_half_a_token() -> None:
    text = "word " * 398 + "Zx81Canary0Code0Zx81Canary0"  # cut after 10 letters of the last word
    assert "Zx81" not in redacted(text, 5000)


@pytest.mark.parametrize(
    "text", ["key" * 2000, "a-" * 3000, "://" * 2000, "code=" * 1500, '"key' * 2000, "x#" * 3000]
)
def test_hostile_texts_take_no_time(text: str) -> None:
    watch = Stopwatch()
    redacted(text)
    assert watch.seconds < 1.0


_SCRAPS = (
    "key Token = : ' \" code state - -- eyJ abcdefgh 12345678 # ? :// @ bearer BASIC sk-ant- / . & _"
    " \u017fecret pa\u017f\u017fword \u212aey xxxxxxxxxxxxxxxxxxxx"
)
_scraps = st.lists(st.sampled_from([" ", *_SCRAPS.split()]), max_size=14).map("".join)


@given(_scraps)
def test_what_is_not_suspected_needs_no_redaction(text: str) -> None:
    if not _may_hold_a_secret(text):
        assert redact(text) == text
        for pattern, replacement in _patterns():
            assert pattern.sub(replacement, text) == text


# ── what isn't ours ──────────────────────────────────────────────────────────────────────────────


@given(st.binary(max_size=400))
def test_any_bytes(line: bytes) -> None:
    decode(line)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["time", "level", "kind", "store", "text", "data", "pid", "program", "more"]),
        _json | st.just("2026-11-20T12:03:04Z"),
    )
)
def test_any_object(fields: dict[str, object]) -> None:
    entry = decode(json.dumps(fields).encode())
    if entry is not None:
        again = decode(encode(entry))
        assert again is not None
        assert again.event.level == entry.event.level


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{}",
        b"[1]",
        b"null",
        b'{"time":"2026-11-20T12:03:04Z","kind":"x"}',
        b'{"time":"2026-11-20T12:03:04","kind":"x","text":"no zone"}',
        b'{"time":"0001-01-01T00:00:00+14:00","kind":"x","text":"no such moment"}',
        b'{"time":17,"kind":"x","text":"a number"}',
        b'{"time":"2026-11-20T12:03:04Z","kind":"x","text":NaN}',
        b'{"time":"2026-11-20T12:03:04Z","kind":"x","text":"x","pid":' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_foreign_lines(line: bytes) -> None:
    assert decode(line) is None


def test_a_line_after_a_torn_one_is_read() -> None:
    whole = encode(JournalEntry(event(text='a "quoted" text'), 7, "x"))
    for end in range(len(whole)):
        found = decode(whole[:end] + whole)
        assert found is not None
        assert (found.event.text, found.pid) == ('a "quoted" text', 7)


def test_what_a_foreign_line_says_is_cleaned() -> None:
    entry = decode(
        b'{"time":"2026-11-20T12:03:04Z","kind":"x\\u001b[2J","text":"a\\u202eb\\nc","level":"panic","pid":-1}'
    )
    assert entry is not None
    assert (entry.event.kind, entry.event.text, entry.event.level, entry.pid) == ("x[2J", "ab c", "info", 0)
    raw = '{"time":"2026-11-20T12:03:04Z","kind":"x","text":"a\u202eb\u200b"}'
    assert (found := decode(raw.encode())) is not None
    assert found.event.text == "ab"


@pytest.mark.parametrize("moment", [float("nan"), float("inf"), 1e20, -1e20])
def test_no_calendar_holds_it(moment: float) -> None:
    with pytest.raises(ValueError, match=r"calendar|NaN"):
        encode(JournalEntry(event(at=moment)))


def test_passes() -> None:
    told = event(store="sdk", level="warning")
    assert passes(told, None, None, None)
    assert passes(told, NOW, "sdk", "warning")
    assert not passes(told, NOW + 1, None, None)
    assert not passes(told, None, "claude-code", None)
    assert not passes(told, None, None, "error")


@pytest.mark.parametrize("invisible", ["\u200b", "\u2060", "\xad", "\ufe0f", "\u202e"])
def test_invisible_characters_are_out_before_secrets_are_looked_for(invisible: str) -> None:
    """In the other order the text would be clean and the secret in it whole."""
    secret = "sk-ant-api03-madeUpForTests"
    told = redacted(f"saw {secret[:4]}{invisible}{secret[4:]} there")
    assert told == f"saw {REDACTED} there"
    known = KnownValues([Secret("correct horse")])
    assert redacted(f"saw cor{invisible}rect horse there", known=known) == f"saw {REDACTED} there"


@pytest.mark.parametrize(
    "text", ["cannot use /{0} here", "~{0}", "${0}", "/{0}", "/etc/{0}/x", "x{1}", "key{1} there"]
)
def test_no_secret_behind_a_slash_or_glued_to_a_word(text: str) -> None:
    aws = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYMADEUPKEYS"
    jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.madeUpForTests"
    for told in (
        redacted(text.format(aws, jwt)),
        repr(decode(encode(JournalEntry(everywhere(text.format(aws, jwt)))))),
    ):
        assert not any(secret[start : start + 8] in told for secret in (aws, jwt) for start in range(32))


def test_our_own_sentences_stay_whole() -> None:
    for sentence in (
        "The server no longer accepts the refresh token: this login has ended",
        "That is a Claude account's own token: it belongs to Claude Code, and we neither send nor keep it.",
    ):
        assert redacted(sentence) == sentence
        back = decode(encode(JournalEntry(event(text=sentence))))
        assert back is not None
        assert back.event.text == sentence
