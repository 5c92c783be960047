"""Pasted text is never played as keys, wherever its pieces are cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.message import Message

from claude_auth.app.driver import END, START, PasteParser
from tests.app.terminal import Terminal

COLOURED = "\x1b[31mred: q y quit\x1b[0m \x1b]0;title\x07 \x1b\x1b[ \x1b[200~ q\x1b"


def told(*pieces: str) -> list[Message]:
    parser = PasteParser()
    return [event for piece in pieces for event in parser.feed(piece)]


def pasted(found: list[Message]) -> list[str]:
    return [event.text for event in found if isinstance(event, events.Paste)]


def keys(found: list[Message]) -> list[str]:
    return [event.key for event in found if isinstance(event, events.Key)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 4096])
def test_no_key_comes_out_of_a_paste(size: int) -> None:
    whole = f"a{START}{COLOURED}{END}b\x1b[A{START}second{END}"
    found = told(*(whole[place : place + size] for place in range(0, len(whole), size)))
    assert pasted(found) == [COLOURED.replace("\x1b", ""), "second"]
    assert keys(found) == ["a", "b", "up"]


def test_keys_are_what_they_were() -> None:
    assert keys(told("q\x1b[B\x1bOP", "\x1b[6~", "ä")) == ["q", "down", "f1", "pagedown", "ä"]


def test_a_paste_that_never_ends_holds_the_keys_back_only_until_it_does() -> None:
    assert keys(told(f"{START}qqq", "qq")) == []
    assert keys(told(f"{START}qqq", f"qq{END}", "x")) == ["x"]


def test_a_log_in_colour_pasted_into_a_real_terminal(tmp_path: Path) -> None:
    text = "\x1b[31mAPI Error: 401 q y q\x1b[0m OAuth authentication is currently not supported. \x1b[1mq q"
    with Terminal("healthy", tmp_path) as terminal:
        terminal.until("1 Credentials")
        terminal.send(b"p")
        terminal.until("Paste an error")
        terminal.send(f"{START}{text}{END}".encode())
        screen = terminal.until("What it means", "ruled out")
    assert "status 401" in screen


def test_two_megabytes_through_a_real_terminal(tmp_path: Path) -> None:
    """Written in pieces as a terminal does; it takes seconds, and the screen answers afterwards."""
    import threading

    noise = "2026-01-01 12:00:00 INFO an ordinary line of a log, nothing to see\r" * 30_000
    data = f"{START}{noise}Invalid bearer token 401{END}".encode()
    with Terminal("healthy", tmp_path) as terminal:
        terminal.until("1 Credentials")
        terminal.send(b"p")
        terminal.until("Paste an error")
        writer = threading.Thread(target=terminal.send, args=(data,))
        writer.start()
        terminal.until("30,001 lines", timeout=60)
        writer.join()
        terminal.send(b"r")
        terminal.until("Paste the error text here")
