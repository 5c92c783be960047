"""Addresses and codes come out whole."""

from __future__ import annotations

import pytest

from claude_auth.processes.links import Link, LinkFinder
from claude_auth.security.redact import KnownValues
from claude_auth.security.secret import Secret

AUTHORIZE = (
    "https://claude.com/cai/oauth/authorize?code=true&client_id=00000000-0000-4000-8000-000000000000"
    "&response_type=code&redirect_uri=https%3A%2F%2Fplatform.claude.com%2Foauth%2Fcode%2Fcallback"
    "&scope=org%3Acreate_api_key+user%3Aprofile+user%3Ainference+user%3Asessions%3Aclaude_code"
    "&code_challenge=Lt_AdwQk4rIRVFFrobDJbNOOiKZ5y5JnqHffHaI0Fzc&code_challenge_method=S256"
    "&state=PmKGO80ff-z3_dAUCnnZ_Q1XoGe-n1ptss7jkuWe3Pk"
)


def found(lines: list[str], columns: int = 80) -> list[str]:
    finder = LinkFinder(columns)
    links = [link for line in lines for link in finder.line(line)] + finder.flush()
    return [link.value for link in links]


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    step = width - len(indent)
    return [indent + text[start : start + step] for start in range(0, len(text), step)]


@pytest.mark.parametrize("width", [40, 60, 72, 79, 80, 120])
@pytest.mark.parametrize("indent", ["", "  "])
def test_a_wrapped_address_is_put_together(width: int, indent: str) -> None:
    lines = ["Open this:", *wrapped(AUTHORIZE, width, indent), "Paste code here if prompted >"]
    assert found(lines, columns=80) == [AUTHORIZE]


def test_wrapped_behind_words() -> None:
    lines = wrapped(f"If the browser didn't open, visit: {AUTHORIZE}", 80)
    assert found([*lines, "Waiting..."]) == [AUTHORIZE]


def test_a_sentence_after_an_address_is_not_part_of_it() -> None:
    assert found([f"visit {AUTHORIZE}", "Then"]) == [AUTHORIZE]
    assert found(["See https://example.org/a, or (https://example.org/b)."]) == [
        "https://example.org/a",
        "https://example.org/b",
    ]
    full = "https://example.org/" + "a" * 60
    assert found([full, "Waiting..."]) == [full]


def test_only_https_and_each_once() -> None:
    assert found(["http://example.org/ ftp://x https://a.org/x", "https://a.org/x"]) == ["https://a.org/x"]


def test_a_torn_piece_of_a_known_hyperlink_is_not_told() -> None:
    finder = LinkFinder(80)
    assert [link.value for link in finder.hyperlink(AUTHORIZE)] == [AUTHORIZE]
    assert [link for line in wrapped(AUTHORIZE, 80) for link in finder.line(line)] + finder.flush() == []
    assert finder.hyperlink("javascript:alert(1)") == []
    assert finder.hyperlink("https://a b") == []


@pytest.mark.parametrize("end", ["s", "ys", "M", "0_"])
def test_the_last_letters_of_an_address_alone_on_a_line_are_no_word(end: str) -> None:
    """The short sign-in link is one letter too long for a pane of 78 columns."""
    link = "https://claude.ai/oauth/authorize?z-WMInryGfcfsIv066ahNXXhMNsiA6zADMsypYKVNKR"
    assert found([link, end, "Paste code here if prompted >"], columns=len(link)) == [link + end]


def test_device_codes_need_a_word_about_a_code() -> None:
    lines = ["Then enter the code:", "", "WDJB-MJHT", "This is READ-ONLY and REAL-TIME"]
    assert found(lines) == ["WDJB-MJHT"]
    assert found(["Use READ-ONLY mode", "2026-2027"]) == []


def test_what_is_shown_has_no_query() -> None:
    link = Link("address", AUTHORIZE)
    assert link.shown == "https://claude.com/cai/oauth/authorize"
    assert "state" not in repr(link)


def test_floods_of_addresses_are_bounded() -> None:
    assert len(found([f"https://example.org/{number}" for number in range(1000)])) == 50


# ── addresses that hold a credential ─────────────────────────────────────────────────────────────

OWN = "correct-horse/battery-staple"
AWS = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYMADEUPKEYS"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.madeUpForTests"
KEY = "sk-ant-api03-madeUpForTestsOnly"


@pytest.mark.parametrize(
    "address",
    [
        f"https://h.example/x?token={OWN}",
        f"https://h.example/{OWN}/x",
        f"https://h.example/x?token={OWN.replace('/', '%2F')}#top",
        f"https://h.example/x?k={KEY}",
        f"https://h.example/x?state={KEY}",
        f"https://h.example/{KEY}",
        f"https://h.example/x?hint={JWT}",
        f"https://h.example/{JWT}",
        f"https://h.example/x?k={AWS}",
        f"https://h.example/x?k={AWS.replace('/', '%2F')}&y=1",
        f"https://h.example/{AWS}",
        f"https://h.example/x?k={KEY.replace('-', '%252D')}",
        f"https://h.example/x?next=https%3A%2F%2Fi.example%3Ft%3D{OWN.replace('/', '%25252F')}",
    ],
)
def test_an_address_that_holds_a_credential_is_not_handed_out(address: str) -> None:
    finder = LinkFinder(200, KnownValues([Secret(OWN)]))
    told = [*finder.line(f"see {address} now"), *finder.hyperlink(address), *finder.flush()]
    assert len(told) == 1
    assert told[0].withheld
    for secret in (OWN, AWS, AWS[:13], JWT, KEY, KEY[13:]):
        assert secret not in told[0].value + told[0].shown + repr(told[0])


def test_an_address_that_holds_a_credential_is_not_handed_out_where_it_was_wrapped() -> None:
    finder = LinkFinder(60, KnownValues([Secret(OWN)]))
    address = f"https://h.example/some/long/path/of/a/page?first=one&token={OWN}&more=2"
    links = [link for piece in wrapped(address, 60) for link in finder.line(piece)] + finder.flush()
    assert [link.withheld is not None for link in links] == [True]
    assert OWN not in links[0].value


@pytest.mark.parametrize(
    "address",
    [
        AUTHORIZE,
        "https://device.sso.us-east-1.amazonaws.com/?user_code=WXYZ-BCDF",
        f"https://h.example/authorize?state={AWS.replace('/', 'x')}&code_challenge={AWS.replace('/', 'y')}",
        "https://h.example/activate/aB3dE5fG7hJ9kL1mN3pQ",
        "https://accounts.google.com/o/oauth2/auth?client_id=1234-abc.apps.googleusercontent.com&scope=openid",
    ],
)
def test_a_one_time_code_may_be_opened(address: str) -> None:
    link, *_ = LinkFinder(400, KnownValues([Secret(OWN)])).line(f"see {address} now")
    assert (link.value, link.withheld) == (address, None)
