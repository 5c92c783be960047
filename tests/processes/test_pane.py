"""A terminal in a widget: the screen model, keys passed through, links found, floods and attacks survived."""

from __future__ import annotations

import asyncio
import os
import sys
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claude_auth.processes.ansi import CellStyle, plain
from claude_auth.processes.links import Link
from claude_auth.processes.screen import ScreenModel
from claude_auth.processes.stream import Pane
from tests.processes.running import ENVIRONMENT, python, shell
from tests.waiting import Stopwatch


def fed(*chunks: bytes, columns: int = 20, rows: int = 4) -> ScreenModel:
    screen = ScreenModel(columns, rows)
    for chunk in chunks:
        screen.feed(chunk)
    return screen


def rows(screen: ScreenModel) -> list[str]:
    return [plain(screen.row(y)) for y in range(screen.rows)]


def test_text_looks_and_cursor() -> None:
    screen = fed(b"one\r\n\x1b[1;31mred\x1b[0m \x1b[38;5;174mpink\x1b[7m!\x1b[m\x1b[2;2H")
    assert screen.text() == "one\nred pink!"
    looks = {span.text.strip(): span.look for span in screen.row(1)}
    assert looks["red"] == CellStyle("red", bold=True)
    assert looks["pink"] == CellStyle("#d78787")
    assert looks["!"].reverse
    assert screen.cursor == (1, 1)
    assert [len(row) for row in rows(screen)] == [20] * 4
    screen.feed(b"\x1b[?25l")
    assert screen.cursor is None


def test_only_what_changed_is_told() -> None:
    screen = fed(b"a\r\nb\r\n")
    screen.take_changed()
    screen.feed(b"c")
    assert screen.take_changed() == {2}
    assert screen.take_changed() == frozenset()


def test_wide_characters_fill_their_cells() -> None:
    screen = fed("日本x".encode())
    assert rows(screen)[0] == "日本x" + " " * 15


def test_questions_of_the_program_are_answered() -> None:
    screen = ScreenModel(20, 4)
    assert screen.feed(b"ab\x1b[6n\x1b[c\x1b[5n\x1b[>0q\x1b[?u\x1b]11;?\x07") == b"\x1b[1;3R\x1b[?6c\x1b[0n"


def test_modes_for_the_widget() -> None:
    screen = fed(b"\x1b[?1h\x1b[?2004h")
    assert (screen.application_keys, screen.bracketed_paste) == (True, True)
    screen.feed(b"\x1b[?1;2004l")
    assert (screen.application_keys, screen.bracketed_paste) == (False, False)


def test_unknown_sequences_leave_nothing_behind() -> None:
    screen = fed(b"\x1b[>4m\x1b[<u\x1b[?1016l\x1b]52;c;eA==\x07\x1bP+q\x1b\\\x1b(Bok\x1b[=1;1u")
    assert screen.text() == "ok"
    assert screen.row(0)[0].look == CellStyle()


def test_nothing_that_fools_a_reader_stands_in_a_cell() -> None:
    screen = fed("\u202eabc\u200b\u2066d\ue000e".encode())
    assert screen.text() == "abcde"


def test_the_other_screen_and_resizing() -> None:
    screen = fed(b"shell\x1b[?1049h\x1b[Heditor")
    assert screen.text() == "editor"
    screen.resize(3, 2)
    assert (screen.columns, screen.rows) == (3, 2)
    assert screen.text() == "edi"
    assert screen.take_changed() == {0, 1}


FRAGMENTS = st.one_of(
    st.binary(max_size=20),
    st.builds(
        lambda parameters, final: f"\x1b[{parameters}{final}".encode(),
        st.text("0123456789;?:>$ ", max_size=8),
        st.text("@ABCDEFGHIJKLMPSTXZ`abcdefghilmnpqrstux", min_size=1, max_size=1),
    ),
    st.sampled_from([b"\x1b7", b"\x1b8", b"\x1bM", b"\x1bD", b"\x1bc", "e\u0301日".encode(), b"\r\n\t\b"]),
)


@settings(max_examples=300)
@given(st.lists(FRAGMENTS, max_size=30), st.integers(1, 30), st.integers(1, 10))
def test_whatever_comes_the_screen_stays_whole(parts: list[bytes], columns: int, height: int) -> None:
    screen = fed(*parts, columns=columns, rows=height)
    for row in rows(screen):
        assert all(character.isprintable() for character in row)
    assert screen.cursor is None or screen.cursor < (columns, height)
    screen.resize(height, columns)
    screen.feed(b"\x1b[Hstill there\x1b[99B\n\n")
    assert len(rows(screen)) == columns


@pytest.mark.parametrize("flood", [b"\x1b7", "\u0301".encode() + b"\0", b"\x1b]0;x", b"\x1b[", b"\x1bH\t"])
def test_memory_of_the_screen_is_bounded(flood: bytes) -> None:
    screen = fed(b"warm up " + flood)
    tracemalloc.start()
    for _ in range(20):
        screen.feed(flood * 1000)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert used < 2 << 20


# ── with a program in it ─────────────────────────────────────────────────────────────────────────


async def until(pane: Pane, condition: Any) -> None:
    """Looks again after each chunk of the program."""
    changed = asyncio.Event()
    pane.changed = changed.set
    while not condition():
        await asyncio.wait_for(changed.wait(), 60)
        changed.clear()


def make(argv: list[str], **more: Any) -> Pane:
    return Pane(argv, environment=ENVIRONMENT, cwd="/", **more)


def test_keys_go_through_untouched_and_the_echo_is_the_programs() -> None:
    program = (
        "import os, sys, tty\ntty.setraw(0)\nprint('ready', end='', flush=True)\n"
        "data = b''\nwhile len(data) < 40: data += os.read(0, 40)\nprint('\\r\\n' + data.hex())"
    )
    keys = b"\x1b[A\x1bOP\x03\x04\x1a\x00\xff\xfe\x1b[200~pasted\r\n\x1b[201~tail-of-"
    assert len(keys) == 40

    async def typed() -> str:
        pane = make(python(program), columns=100)
        await pane.start()
        await until(pane, lambda: "ready" in pane.screen.text())
        assert pane.type(keys)
        ended = await pane.wait()
        assert ended.exit_code == 0
        assert not pane.type(b"late")
        return pane.screen.text()

    assert keys.hex() in asyncio.run(typed())


def test_the_program_hears_of_a_new_size() -> None:
    program = (
        "import os, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])\n"
        "print('ready', flush=True)\nsignal.sigwait([signal.SIGWINCH])\nprint('now', *os.get_terminal_size())"
    )

    async def resized() -> str:
        pane = make(python(program))
        await pane.start()
        await until(pane, lambda: "ready" in pane.screen.text())
        pane.resize(50, 12)
        await pane.wait()
        assert (pane.screen.columns, pane.screen.rows) == (50, 12)
        return pane.screen.text()

    assert "now 50 12" in asyncio.run(resized())


def test_links_of_a_full_screen_program() -> None:
    address = "https://claude.com/cai/oauth/authorize?state=" + "s1" * 80
    pieces = [address[start : start + 80] for start in range(0, len(address), 80)]
    linked = "".join(f"\\033]8;id=1;{address}\\007{piece}\\033]8;;\\007\\r\\r\\n" for piece in pieces)
    links: list[Link] = []

    async def shown() -> None:
        pane = make(shell(f"printf '\\033[2J{linked}\\033[2GPaste\\033[8Gcode'"), on_link=links.append)
        await pane.start()
        await pane.wait()

    asyncio.run(shown())
    assert [link.value for link in links] == [address]


def test_a_wrapped_link_without_a_hyperlink_is_told_once_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the silence behind it, which a program that is slow in between must not be taken for."""
    monkeypatch.setattr("claude_auth.processes.stream.SETTLES_AFTER", 3600.0)
    address = "https://claude.com/cai/oauth/authorize?state=" + "s1" * 80
    links: list[Link] = []

    async def shown() -> None:
        lines = "; ".join(f"echo '{address[start : start + 80]}'; sleep 0.02" for start in range(0, 205, 80))
        pane = make(shell(f"{lines}; printf 'Paste code here > '; read answer"), on_link=links.append)
        await pane.start()
        await until(pane, lambda: "Paste code here" in pane.screen.text())
        assert links == []
        pane._settle()
        await pane.cancel()

    asyncio.run(shown())
    assert [link.value for link in links] == [address]


@pytest.mark.parametrize("end", ["", "\\n"])
def test_a_link_before_silence_is_told(end: str) -> None:
    address = "https://example.org/" + "a" * 70
    links: list[Link] = []

    async def shown() -> None:
        seen = asyncio.Event()

        def on_link(link: Link) -> None:
            links.append(link)
            seen.set()

        pane = make(shell(f"printf '{address}{end}'; read answer"), on_link=on_link)
        await pane.start()
        await asyncio.wait_for(seen.wait(), 60)
        await pane.cancel()

    asyncio.run(shown())
    assert [link.value for link in links] == [address]


def test_a_flood_in_the_pane_leaves_the_loop_answering() -> None:
    async def flooded() -> float:
        delays = []
        lines = "yes '\\033[31mflood flood flood\\033[0m flood' | head -c 400000"
        pane = make(shell(f"{lines}; head -c 200000 /dev/urandom"))
        await pane.start()
        waiting = asyncio.ensure_future(pane.wait())
        while not waiting.done():
            watch = Stopwatch()
            await asyncio.sleep(0.01)
            delays.append(watch.seconds - 0.01)
        assert waiting.result().exit_code == 0
        return sorted(delays)[-2] if len(delays) > 1 else 0.0

    assert asyncio.run(flooded()) < 0.5


def test_starting_needs_neither_thread_nor_heavy_import() -> None:
    program = (
        "import claude_auth.processes.terminal, claude_auth.processes.stream, claude_auth.processes.stream,"
        " claude_auth.actions.claude_cli, claude_auth.actions.claude_cli_refresh, sys\n"
        "print({'pyte', 'psutil', 'textual', 'rich', 'httpx'} & set(sys.modules))"
    )
    run = os.popen(f'{sys.executable} -c "{program}"')
    assert run.read().strip() == "set()"
    run.close()
