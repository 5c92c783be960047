"""Tokens: what a terminal acts on is recognised whole or in pieces, and bounded."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.processes.ansi import (
    LONGEST_COMMAND,
    PLAIN,
    CellStyle,
    LineBuilder,
    Tokeniser,
    after_sgr,
    hyperlink,
    spans_of,
    visible,
)

HOSTILE = [
    b"\x1b]52;c;c3RvbGVu\x07",
    b"\x1b]0;title\x1b\\",
    b"\x1bPq#0;2;0;0;0\x1b\\",
    b"\x1b_G secret\x1b\\",
    b"\x1b^private\x1b\\",
    b"\x1bXstring\x1b\\",
    "\x9b31m".encode(),
    "\x9d0;title\x9c".encode(),
    "\x90q\x9c".encode(),
    b"\x1b[?1049h\x1b[2J\x1b[H\x1b[6n\x1b[>c",
    b"\x1bc\x1b(0\x1b#8\x1b=\x1b7\x1b8",
    "\u202egnp.exe\u202c\u200b\u2066\ufeff".encode(),
    b"\x07\x00\x7f\x0e\x0f\x05",
]


def text_of(chunks: list[bytes]) -> str:
    tokens = Tokeniser()
    return "".join(text for chunk in chunks for kind, text in tokens.feed(chunk) if kind == "text")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_sequences_leave_no_trace_in_text(hostile: bytes) -> None:
    whole = text_of([b"before ", hostile, b" after"])
    assert whole.replace("gnp.exe", "") == "before  after"
    assert text_of([bytes([byte]) for byte in b"before " + hostile + b" after"]) == whole


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_chunks_make_no_difference(data: bytes, cuts: list[int]) -> None:
    cuts = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:end] for start, end in itertools.pairwise(cuts)]
    assert text_of(pieces).isprintable()
    kinds = {"text", "control", "csi", "osc", "escape"}
    assert {kind for kind, _ in Tokeniser().feed(data)} <= kinds


def test_an_endless_string_is_given_up_and_never_kept() -> None:
    tokens = Tokeniser()
    for _ in range(100):
        list(tokens.feed(b"\x1b]0;" + b"x" * 1000))
    last = list(tokens.feed(b"\x07seen"))
    assert ("text", "seen") in last
    assert sum(map(len, tokens._string or [])) <= LONGEST_COMMAND


def test_hyperlinks() -> None:
    assert hyperlink("8;id=1;https://x.org/?a;b") == "https://x.org/?a;b"
    assert hyperlink("8;;") == ""
    assert hyperlink("52;c;https://x.org") == ""


def test_at_most_three_accents_on_a_letter() -> None:
    assert visible("e" + "\u0301" * 40 + "!") == "e" + "\u0301" * 3 + "!"
    assert visible("a\u3164b\u2066c\ue000d\u00a0e") == "abcd e"


def test_sgr() -> None:
    assert after_sgr(PLAIN, "1;31") == CellStyle("red", bold=True)
    assert after_sgr(CellStyle("red", bold=True), "") == PLAIN
    assert after_sgr(PLAIN, "38;5;174") == CellStyle("#d78787")
    assert after_sgr(PLAIN, "38:2::1:2:3") == CellStyle("#010203")
    assert after_sgr(PLAIN, "48;2;300;0;0;4") == CellStyle(None, "#ff0000", underline=True)
    assert after_sgr(PLAIN, "4:0;97;5") == CellStyle("bright_white")
    assert after_sgr(PLAIN, "38;5") == PLAIN
    assert after_sgr(PLAIN, "99999;38;9;9") == PLAIN


def test_spans() -> None:
    red = CellStyle("red")
    assert [(s.text, s.look) for s in spans_of("abc", [PLAIN, red, red])] == [("a", PLAIN), ("bc", red)]
    assert spans_of("", None) == ()


def lines_of(data: bytes) -> list[str]:
    return [line.text for line in LineBuilder().feed(data, final=True)]


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"one\r\ntwo\n\nthree", ["one", "two", "", "three"]),
        (b"  0%\r 50%\r100%\n", ["100%"]),
        (b"downloading\r\x1b[Kdone\n", ["done"]),
        (b"Not\x1b[5Glogged\x1b[12Gin.\x1b[16GRun", ["Not logged in. Run"]),
        (b"a\tb\n", ["a       b"]),
        (b"passs\bword\n", ["passsword"[:4] + "word"]),
        (b"top\x1b[2J\x1b[Hnew", ["top", "new"]),
        (b"one\x85", ["one\ufffd"]),
        (b"\x1b[31mred\x1b[0m", ["red"]),
    ],
)
def test_lines(data: bytes, lines: list[str]) -> None:
    assert lines_of(data) == lines


def test_a_long_line_is_cut_and_counted() -> None:
    (line,) = LineBuilder(longest=10).feed(b"0123456789abcdef\n")
    assert (line.text, line.cut) == ("0123456789", 6)
    assert "0123" not in repr(line)


def test_columns_far_out_are_bounded() -> None:
    (line,) = LineBuilder(longest=100).feed(b"a\x1b[99999Gb\x1b[99999Cc\n")
    assert len(line.text) <= 100
