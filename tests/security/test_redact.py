"""The one redactor: what must go, what must stay, and how long it takes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.security.redact import REDACTED, KnownValues, redact, redact_value
from claude_auth.security.sanitize import safe_text, shown_path, shown_value
from claude_auth.security.secret import Secret

API_KEY = "sk-ant-api03-" + "madeUpForTests" * 3
#: Its middle begins with nothing that would be known by itself.
JWT = "eyJhbGciOiJIUzI1NiJ9.canaryMiddleOfIt.canaryPartWithoutAnyDigit"
#: Made up, with and without a slash, a plus, a slash at its beginning.
AWS_SECRETS = (
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYMADEUPKEYS",
    "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbMADEUPKEYS",
    "/Zx8+PqLmN0vRt5YuWcEdF2gHjK4bVnM7sAqTo1x",
    "kP9xQ2mV7nB4cR8tY1wE5uI3oL6aS0dF+gHj/ZkX",
    "Qm3RtYpLw8ZxCvBnHg5FdSaQwErTyUiOpLkJhGf4",
)
#: What may stand before and after a secret.
SURROUNDINGS = (
    "{0}",
    "/{0}",
    "~{0}",
    "${0}",
    "~/{0}",
    "$HOME/{0}",
    "/etc/{0}",
    "/srv/x/{0}/file",
    "cannot use /{0} here",
    "'{0}'",
    "key:/{0};",
    ".{0}",
    "\xe9{0}\xb2",
    "/home/ada/_{0}",
)


def shows(text: str, secret: str) -> bool:
    """Whether eight characters in a row of a secret can be read."""
    return any(secret[start : start + 8] in text for start in range(len(secret) - 7))


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
@pytest.mark.parametrize("secret", AWS_SECRETS)
def test_an_aws_secret_is_not_shown_whatever_stands_before_it(secret: str, surrounding: str) -> None:
    text = surrounding.format(secret)
    assert not shows(redact(text), secret)
    assert not shows(redact_value(text), secret)


@pytest.mark.parametrize("before", ["", "x", "word", "9", "_", "-", "/", "~", "$", "=", "\xe9"])
def test_no_part_of_a_jwt_is_shown_that_is_glued_to_a_word(before: str) -> None:
    assert not shows(redact(f"got {before}{JWT} here"), JWT)


@pytest.mark.parametrize(
    "invisible", ["\u200b", "\u2060", "\xad", "\ufe0f", "\U000e0100", "\u034f", "\u202e", "\0"]
)
@pytest.mark.parametrize("secret", [API_KEY, JWT, *AWS_SECRETS])
def test_an_invisible_character_hides_no_secret(secret: str, invisible: str) -> None:
    for place in (3, 10, len(secret) // 2):
        hidden = secret[:place] + invisible + secret[place:]
        assert not shows(safe_text(f"cannot use {hidden}"), secret)
        assert not shows(shown_value("AWS_REGION", hidden), secret)
        assert not shows(shown_path(f"/home/{hidden}/x"), secret)


def test_a_secret_that_the_cut_halves_is_not_shown() -> None:
    for start in range(1960, 2001):
        text = "word " * (start // 5) + "x" * (start % 5) + AWS_SECRETS[4]
        assert "Qm3R" not in safe_text(text, 500)


#: What a reader needs, and what is no secret.
ORDINARY_VALUES = (
    "/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js",
    "/home/ada/.claude/projects/-home-ada-My-Project/550e8400-e29b-41d4-a716-446655440000.jsonl",
    "/home/ada/.aws/sso/cache/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b.json",
    "/nix/store/0c7nwzhc2hmr5a7cl0ckqzk6qzzbhq8r-python3-3.11.7/bin/python",
    "/tmp/pytest-of-Ada/pytest-12/test_Foo_Bar_123456_x0/home",
    "/Users/Ada/Library/CloudStorage/OneDrive-Contoso/Documents/Claude 2",
    "/mnt/c/Users/AdaLovelace/AppData/Roaming/npm/node_modules/claude-code/cli.js",
    "/Users/Ada/Developer/MyCompany/Projects/WebApp2/Frontend",
    "/snap/aws-cli/1234/bin/aws",
    "claude-sonnet-4-5-20250929",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "arn:aws:iam::123456789012:role/Admin",
    "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/ada",
    "550e8400-e29b-41d4-a716-446655440000",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "cosmic-tractor-project-412345",
    "https://bedrock-runtime.us-east-1.amazonaws.com",
    "AKIAMADEUPFORTESTS47",
    "my-service-account@my-project-412345.iam.gserviceaccount.com",
    "default_claude_max_20x",
    "--max-old-space-size=8192 --require /opt/agent/lib/Instrument.js",
)
#: In what a program says these go, as they may be secrets there.
_MAY_GO = (
    "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/ada",
    "550e8400-e29b-41d4-a716-446655440000",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
)


@pytest.mark.parametrize("text", ORDINARY_VALUES)
def test_an_ordinary_path_or_identifier_stays_readable(text: str) -> None:
    assert redact_value(text) == text
    assert shown_value("AWS_REGION", text) == text
    if text not in _MAY_GO:
        assert redact(text) == text


def test_the_value_of_a_secret_s_name_is_not_shown() -> None:
    assert shown_value("MY_TOKEN", "plainword") == REDACTED
    assert shown_value("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token") == "/var/run/token"


PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvMadeUpMadeUp\nshort1\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize("text", [PEM, PEM.replace("\n", "\\n"), PEM.replace("\n", " "), PEM[:-20]])
def test_no_line_of_a_private_key_is_shown(text: str) -> None:
    assert redact(f"key is {text}").startswith(f"key is {REDACTED}")
    assert "short1" not in redact(text)


def test_a_password_with_an_at_sign_goes_whole() -> None:
    assert redact("https://ada:one@two@gw.example/v1") == f"https://{REDACTED}@gw.example/v1"


def test_a_sentence_of_ours_stays_whole() -> None:
    told = "The server no longer accepts the refresh token: this login has ended."
    assert redact(told, ours=True) == told
    assert redact(told) != told
    for secret in ("token: hunter2", "token=hunter", "password: Hunter", 'token: "hunter"'):
        assert "unter" not in redact(secret, ours=True)


def test_known_values_in_each_form() -> None:
    known = KnownValues([Secret("correct horse/battery"), Secret("first line\nsecond line"), Secret("abc")])
    shown = redact("correct horse/battery correct%20horse%2Fbattery correct%20horse/battery abc", known)
    assert shown == f"{REDACTED} {REDACTED} {REDACTED} abc"
    assert redact("it said second line", known) == f"it said {REDACTED}"
    assert "horse" not in repr(known)


_WORDS = (
    *(
        "key",
        "token",
        "secret",
        "passwd",
        "password",
        "pwd",
        "credential",
        "authorization",
        "proxy-authorization",
    ),
    *(
        "bearer",
        "basic",
        "sk-ant-",
        "sk-",
        "eyJ",
        "ya29.",
        "ghp_",
        "1//0",
        "xoxb-",
        "-----BEGIN PRIVATE KEY-----",
    ),
    *(":", "=", " ", '"', "'", "://", "@", "--", "/", "~", "$", ".", "user", "Aa1", "\n"),
)
_texts = st.lists(
    st.one_of(st.sampled_from(_WORDS), st.text(alphabet="aB3_-+/=. ", max_size=24)), max_size=12
).map("".join)


@given(_texts)
def test_no_search_is_left_out_that_would_find_something(text: str) -> None:
    """A letter beyond ASCII makes it do every search."""
    assert redact(f"\xe9 {text}") == f"\xe9 {redact(text)}"
    assert redact_value(f"\xe9 {text}") == f"\xe9 {redact_value(text)}"


@given(_texts)
def test_twice_is_the_same_as_once(text: str) -> None:
    for function in (redact, redact_value):
        once = function(text)
        assert function(once) == once


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "the quick brown fox ",
            "token=token=",
            "A1b/",
            "/",
            "/a",
            "aB3",
            "Aa1+/",
            "eyJ",
            "-----BEGIN ",
            "://",
        ),
        *(
            "-----BEGIN PRIVATE KEY-----",
            "://a@",
            "sk-",
            "ya29.",
            "authorization: a ",
            "--key ",
            'key="',
            "a.key.",
        ),
    ],
)
def test_no_long_text_takes_more_than_a_time_that_grows_with_it(piece: str) -> None:
    """Quadratic patterns would take minutes; the bound is generous, as the machine may be busy."""
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    redact(text)
    redact_value(text)
    assert time.process_time() - started < 6
