"""What is not ours is not recognised: no guess."""

from __future__ import annotations

import pytest

from claude_auth.diagnose.texts import classify
from tests.diagnose.texts.noise import log
from tests.diagnose.texts.ordinary import ORDINARY


def test_there_are_enough() -> None:
    assert len(ORDINARY) >= 30


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_logs_give_nothing(text: str) -> None:
    assert classify(text).matches == ()


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY)
def test_nor_within_others(text: str) -> None:
    around = log(20_000)
    assert classify(f"{around}\n{text}\n{around}").matches == ()


def test_what_was_parsed_is_told() -> None:
    text = '418 {"type":"error","error":{"type":"teapot_error","message":"I am a teapot."}}'
    found = classify(text)
    assert found.matches == ()
    assert (found.parsed.status, found.parsed.type, found.parsed.message) == (
        418,
        "teapot_error",
        "I am a teapot.",
    )


@pytest.mark.parametrize(
    ("text", "status", "kind", "message"),
    [
        (
            "Error code: 401 - {'type': 'error', 'error': {'type': 'x_error', 'message': \"It's no\"}}",
            401,
            "x_error",
            "It's no",
        ),
        (
            '{\\"type\\":\\"error\\",\\"error\\":{\\"type\\":\\"x_error\\",\\"message\\":\\"no\\"}}',
            None,
            "x_error",
            "no",
        ),
        ("HTTP/1.1 404 Not Found", 404, None, None),
        ("API Error: 403 Something new", 403, None, "Something new"),
        ("status_code=502", 502, None, None),
        ("nothing at all", None, None, None),
    ],
)
def test_parsed(text: str, status: int | None, kind: str | None, message: str | None) -> None:
    parsed = classify(text).parsed
    assert (parsed.status, parsed.type, parsed.message) == (status, kind, message)


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("anthropic.AuthenticationError: Error code: 401 - {'type': 'error'}", "python-sdk"),
        ("at node_modules/@anthropic-ai/sdk/core.js AuthenticationError", "js-sdk"),
        ("API Error: 401 … · Please run /login", "claude-code"),
        ("401", ""),
    ],
)
def test_whose_words_they_are(text: str, program: str) -> None:
    assert classify(text).parsed.program == program


def test_the_type_and_the_words_weigh_together() -> None:
    """The same words are ours with the error type of the API, and nobody's without it."""
    ours = '401 {"error":{"type":"authentication_error","message":"Invalid authentication credentials"}}'
    assert classify(ours).matches
    assert not classify('HTTP/1.1 401 Unauthorized\n{"message":"Invalid authentication credentials"}').matches


def test_status_decides_between_two_endpoints() -> None:
    limited = '{"error":{"type":"rate_limit_error","message":"Rate limited. Please try again later."}}'
    usage = classify(f"GET /api/oauth/usage 429 {limited}").matches[0].cause
    token = classify(f"POST /v1/oauth/token 429 {limited}").matches[0].cause
    assert (usage, token) == ("usage-endpoint-rate-limited", "token-endpoint-rate-limited")
