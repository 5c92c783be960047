"""No secret of a text comes out of it, and nothing that is thrown at the classifier breaks it."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_auth.diagnose.texts import classify, explain, parse
from claude_auth.diagnose.texts.prepare import decode, prepare, redact_text
from claude_auth.present.documents import diagnose_document
from tests.as_text import diagnose_text
from tests.diagnose.texts.noise import log, wrapped
from tests.diagnose.texts.verbatim import SEEN, TEXTS

CANARIES = (
    "sk-ant-oat01-" + "C4naryForTests0AbC" * 5,
    "sk-ant-api03-" + "cAnary-For_Tests99" * 5 + "AA",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkxMjM0In0.c4n4ryS1gnatur3c4n4ry",
    "gw-c4naryTokenOfAGateway0123456789",
)

_SURROUNDINGS = (
    'API Error: 401 {{"type":"error","error":{{"type":"new_error","message":"bad token {0}"}}}}',
    "LocalProtocolError: Illegal header value b'Bearer {0}\\r\\n'",
    '401 Incorrect API key provided: "{0}"',
    '> authorization: Bearer {0}\n< HTTP/1.1 401\n{{"error":{{"message":"Invalid bearer token"}}}}',
    "ANTHROPIC_API_KEY={0} claude -p ok\nAPI Error: 499 Something new about {0}",
    'https://user:{0}@gateway.example/v1/messages 401 {{"message":"no {0}"}}',
    '{{"accessToken":"{0}","message":"{0}"}}',
    "API Error: 401 Invalid authentication credentials¹{0}",
    "API Error: 403 The security token included in the request is invalid.{0}",
)


def shown(text: str | bytes) -> str:
    """Everything that is ever shown of a text."""
    found = classify(text)
    recognised = explain(text)[1]
    document = json.dumps(diagnose_document(recognised, ()), ensure_ascii=False)
    return f"{document}{diagnose_text(recognised, (), found.parsed)}{found!r}"


@pytest.mark.parametrize("canary", CANARIES, ids=["login", "key", "jwt", "gateway"])
@pytest.mark.parametrize("surrounding", _SURROUNDINGS, ids=range(len(_SURROUNDINGS)))
def test_a_secret_never_comes_out(surrounding: str, canary: str) -> None:
    text = surrounding.format(canary)
    for changed in (text, json.dumps(text), wrapped(text, 40), wrapped(text, 33), f"{log(5000)}\n{text}"):
        out = shown(changed)
        pieces = [canary[place : place + 16] for place in range(0, len(canary) - 16, 8)]
        assert not any(piece in out for piece in pieces)


def test_redaction_keeps_the_errors() -> None:
    for case in TEXTS:
        assert _ids(redact_text(case.text)) == _ids(case.text)


def _ids(text: str) -> list[str]:
    return [match.cause for match in classify(text).matches]


_PIECES = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from([case.text for case in TEXTS] + [text for text, _ in SEEN]),
        st.sampled_from(
            ["\x1b[31m", "\\u00b7", "\\\\n", "&quot;", "%20", "Bearer ", "token: ", "\n", *CANARIES]
        ),
    ),
    max_size=6,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(_PIECES)
def test_any_text(text: str) -> None:
    once = redact_text(text)
    assert redact_text(once) == once
    assert _ids(once) == _ids(text)
    assert not any(canary in shown(text) for canary in CANARIES)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    assert isinstance(decode(data), str)
    parse(prepare(data))
    classify(data)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "x",
            " ",
            "\n",
            "\\",
            "a\n",
            "<html>",
            "401 {",
            "sk-ant-",
            "token: ",
            "é·",
            "[",
            "1",
            "2026-",
            "a|",
        ),
        *(
            '"message":"',
            "://",
            "\x1b[",
            "%25",
            "&#39;",
            "{'",
            "eyJ",
            "Bearer x ",
            "runs not logged in redis ",
        ),
    ],
)
def test_no_text_takes_for_ever(piece: str) -> None:
    """A megabyte of anything is linear work; the bound is wide, for busy machines."""
    text = piece * (1_000_000 // len(piece))
    begun = time.process_time()
    classify(text)
    assert time.process_time() - begun < 3


@pytest.mark.parametrize("between", ["\u200b", "\u2060", "\xad", "\ufe0f", "\x1b[1m", "\x1b[0;31m"])
@pytest.mark.parametrize("canary", CANARIES[:3], ids=["login", "key", "jwt"])
def test_a_secret_does_not_come_out_in_pieces(canary: str, between: str) -> None:
    """Whatever nobody sees in it: it is gone before secrets are looked for."""
    broken = canary[:5] + between + canary[5:20] + between + canary[20:]
    text = f'API Error: 401 {{"type":"error","error":{{"type":"x","message":"bad token {broken}"}}}}'
    out = shown(text) + repr((prepare(text).plain, prepare(text).lines))
    assert not any(canary[place : place + 8] in out for place in range(13, len(canary) - 8))
