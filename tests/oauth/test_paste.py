"""Everything that people paste."""

from __future__ import annotations

import textwrap
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.oauth.authorization import base64url
from claude_auth.oauth.callback import Callback, PasteProblem, read_paste
from claude_auth.security.secret import Secret

#: Hypothesis builds its table of characters once, and the machine may be busy.

STATE = Secret(base64url(bytes(range(32))))
CODE = "SplxlOBeZQQYbYS6WxSbIA"
URL = f"http://localhost:8089/callback?code={CODE}&state={STATE.reveal()}"
PAIR = f"{CODE}#{STATE.reveal()}"


def code_in(text: str, state: Secret = STATE) -> str:
    read = read_paste(text, state)
    assert isinstance(read, Callback), read
    assert read.code is not None
    assert read.code.reveal() not in repr(read)
    return read.code.reveal()


def kind_of(text: str) -> str:
    read = read_paste(text, STATE)
    assert isinstance(read, PasteProblem), read
    assert read.text.endswith(".")
    return read.kind


@pytest.mark.parametrize(
    "text",
    [
        URL,
        URL.removeprefix("http://"),
        URL.partition("?")[2],
        URL.replace("&", "&amp;"),
        f"https://login.example/code?code={CODE}#{STATE.reveal()}",
        f"https://login.example/code#code={CODE}&state={STATE.reveal()}",
        f"{URL}&iss=https%3A%2F%2Flogin.example#",
    ],
)
def test_the_whole_address(text: str) -> None:
    assert code_in(text) == CODE


def test_code_and_state() -> None:
    assert code_in(PAIR) == CODE
    assert code_in(f"{CODE}#state={STATE.reveal()}") == CODE
    assert code_in(f"{CODE}&state={STATE.reveal()}") == CODE


def test_the_bare_code() -> None:
    assert code_in(CODE) == CODE
    read = read_paste(CODE, STATE)
    assert isinstance(read, Callback)
    assert not read.is_whole


@pytest.mark.parametrize("text", [URL, PAIR, CODE])
def test_wrapped_lines(text: str) -> None:
    lines = [f"  {line}" for line in textwrap.wrap(text, 20, break_on_hyphens=False)]
    assert code_in("\r\n".join(lines)) == CODE


@pytest.mark.parametrize("text", [URL, PAIR, CODE])
@pytest.mark.parametrize("around", [" {} ", "\t{}\n\n", '"{}"', "'{}'\n", "`{}`", "“{}”", "<{}>", "\u200b{}"])
def test_spaces_and_quotes(text: str, around: str) -> None:
    assert code_in(around.format(text)) == CODE


@pytest.mark.parametrize("text", [URL, PAIR, CODE])
def test_bracketed_paste(text: str) -> None:
    assert code_in(f"\x1b[200~{text}\x1b[201~") == CODE
    assert code_in(f"[200~{text}[201~") == CODE


def test_escaped_characters_of_an_address() -> None:
    query = urlencode({"code": "a/b+c=d%&", "state": STATE.reveal()})
    assert code_in(f"http://localhost/callback?{query}") == "a/b+c=d%&"


def test_a_denial_is_an_answer() -> None:
    read = read_paste(f"http://localhost/callback?error=access_denied&state={STATE.reveal()}", STATE)
    assert isinstance(read, Callback)
    assert (read.error, read.code) == ("access_denied", None)


def test_a_wrong_state_names_an_earlier_attempt() -> None:
    for text in (URL, PAIR, URL.replace("code=", "error=")):
        wrong = text.replace(STATE.reveal(), "x" * 43)
        assert kind_of(wrong) == "earlier-attempt"
        read = read_paste(wrong, STATE)
        assert isinstance(read, PasteProblem)
        assert "earlier attempt" in read.text


@pytest.mark.parametrize("text", ["123456", " 123 456\n", "123-456", '"123456"'])
def test_a_six_digit_code_is_from_an_e_mail(text: str) -> None:
    assert kind_of(text) == "e-mail-code"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "nothing"),
        (" \n\t ", "nothing"),
        ('""', "nothing"),
        ("x" * 40_000, "too-long"),
        (f"#{STATE.reveal()}", "no-code"),
        (f"{CODE}#", "no-state"),
        (f"{CODE}#{STATE.reveal()[:20]}", "no-state"),
        (f"http://localhost/callback?code={CODE}", "no-state"),
        (URL[:-9], "no-state"),
        (f"http://localhost/callback?code=&state={STATE.reveal()}", "no-code"),
        (f"http://localhost/callback?state={STATE.reveal()}", "no-code"),
        ("http://localhost:8089/callback", "not-a-code"),
        ("https://login.example/authorize?client_id=c&state=s&code_challenge=x", "sign-in-address"),
        ("abc", "too-short"),
        ("sk-ant-api03-canary", "token"),
        ("export ANTHROPIC_API_KEY=sk-ant-api03-canary", "token"),
        ("CLAUDE_CODE_OAUTH_TOKEN='sk-ant-oat01-canary'", "token"),
        ('"accessToken":"sk-ant-oat01-canary"', "token"),
        ("c2stYW50LW9hdDAxLWNhbmFyeQ==", "token"),
        ("I have pressed the button but nothing happens", "not-a-code"),
        ("Grüße-aus-Köln", "not-a-code"),
    ],
)
def test_says_what_is_missing(text: str, kind: str) -> None:
    assert kind_of(text) == kind


@given(st.text(max_size=200) | st.text(alphabet="code=state&?#/:%\x1b[20~ \n", max_size=80))
def test_nothing_raises(text: str) -> None:
    read = read_paste(text, STATE)
    if isinstance(read, PasteProblem):
        assert read.text
    else:
        assert read.code or read.error


#: What survives quoting and wrapping: visible ASCII that neither ends a code nor stands around it.
_codes = st.text(alphabet="ABCxyz019-._~+/", min_size=12, max_size=120).filter(
    lambda code: not code.isdigit()
)
_states = st.binary(min_size=32, max_size=32).map(lambda raw: Secret(base64url(raw)))


@given(_codes, _states, st.integers(5, 60), st.sampled_from(["", " ", "  ", "\t"]), st.booleans())
def test_any_code_however_wrapped(code: str, state: Secret, width: int, indent: str, as_url: bool) -> None:
    if as_url:
        text = f"http://127.0.0.1:1234/cb?{urlencode({'code': code, 'state': state.reveal()})}"
    else:
        text = f"{code}#{state.reveal()}"
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    assert code_in("\n".join(indent + line for line in lines), state) == code


@given(_codes, _states, _states)
def test_a_state_of_another_attempt_never_passes(code: str, mine: Secret, other: Secret) -> None:
    if mine != other:
        assert isinstance(read_paste(f"{code}#{other.reveal()}", mine), PasteProblem)
