"""What the memory leaves out changes no cell of the screen."""

from __future__ import annotations

import random

import pyte
import pytest
from rich.cells import cell_len

from claude_auth.app.terminal_diff import ScreenMemory, _restyle
from claude_auth.app.themes import is_bare
from tests.app.terminal import looks

SIZE = (40, 10)
STYLES = ("", "1", "2;39;49", "7", "32;49")
NARROW = ("abc", "x", "       ", "─────", "★ wins", "~/.cl", "…")
WIDE = ("日本", "日x本", "é")


def screens(writes: list[str]) -> tuple[pyte.Screen, pyte.Screen, int, int]:
    """The screens that the writes paint, whole and shortened, and how much was sent for each."""
    whole, short = pyte.Screen(*SIZE), pyte.Screen(*SIZE)
    streams = pyte.Stream(whole), pyte.Stream(short)
    memory = ScreenMemory()
    counts = [0, 0]
    for write in writes:
        for number, text in enumerate((write, memory.filter(write, SIZE))):
            streams[number].feed(text)
            counts[number] += len(text)
    return whole, short, counts[0], counts[1]


def same(one: pyte.Screen, other: pyte.Screen) -> bool:
    return one.display == other.display and looks(one) == looks(other)


def painted(*lines: str) -> str:
    return "".join(
        f"\x1b[{row};1H\x1b[39;49m{line.ljust(SIZE[0])}\x1b[0m\n" for row, line in enumerate(lines, 1)
    )


FULL = painted(*(f"line {number} of the whole screen" for number in range(SIZE[1] - 1))) * 3


def test_the_same_paint_twice_is_sent_once() -> None:
    whole, short, before, after = screens([FULL, FULL, FULL])
    assert same(whole, short)
    assert after == before // 3


def test_one_changed_word_sends_that_word() -> None:
    changed = FULL.replace("line 3 of the whole", "line 3 of a newer")
    memory = ScreenMemory()
    memory.filter(FULL, SIZE)
    sent = memory.filter(changed, SIZE)
    assert len(sent) < 60
    assert "a newer" in sent


def test_empty_updates_send_nothing() -> None:
    memory = ScreenMemory()
    memory.filter(FULL, SIZE)
    for text in ("\x1b[?2026h", FULL, "\x1b[1;1H", "\x1b[?2026l"):
        assert memory.filter(text, SIZE) == ""


@pytest.mark.parametrize("forgetting", ["\x1b[2J", "\x1b[?1049h", "\x1b[?1049l", "\x1bc", "\x1b[5L"])
def test_what_could_change_the_screen_makes_it_forget(forgetting: str) -> None:
    whole, short, _, _ = screens([FULL, FULL, forgetting, FULL])
    assert same(whole, short)
    memory = ScreenMemory()
    memory.filter(FULL, SIZE)
    assert forgetting in memory.filter(forgetting, SIZE)
    assert memory.filter(FULL, SIZE) == FULL


def test_another_size_makes_it_forget() -> None:
    memory = ScreenMemory()
    memory.filter(FULL, SIZE)
    assert memory.filter(FULL, SIZE) == ""
    assert memory.filter(FULL, (41, 10)) == FULL


@pytest.mark.parametrize("seed", range(30))
def test_random_paints_give_the_same_screen(seed: int) -> None:
    chance = random.Random(seed)
    writes = [FULL]
    for _ in range(30):
        parts = []
        for _ in range(chance.randint(1, 6)):
            parts.append(f"\x1b[{chance.randint(1, SIZE[1])};{chance.randint(1, 20)}H")
            parts += [styled(chance, chance.choice(NARROW)) for _ in range(chance.randint(1, 3))]
        writes.append("".join(parts))
    whole, short, before, after = screens(writes)
    assert same(whole, short)
    assert after < before


@pytest.mark.parametrize("seed", range(30))
def test_random_lines_with_wide_characters(seed: int) -> None:
    """Whole lines, as Textual sends them: nobody leaves half of a wide character behind."""
    chance = random.Random(seed)
    writes = [FULL]
    for _ in range(30):
        words = chance.choices(NARROW + WIDE, k=4)
        rest = SIZE[0] - cell_len("".join(words))
        line = "".join(styled(chance, word) for word in words) + " " * rest
        writes.append(f"\x1b[{chance.randint(1, SIZE[1])};1H{line}")
    whole, short, _, _ = screens(writes)
    assert same(whole, short)


def styled(chance: random.Random, word: str) -> str:
    style = chance.choice(STYLES)
    return f"\x1b[{style}m{word}\x1b[0m" if style else word


def test_a_programs_colours_are_not_all_remembered() -> None:
    memory = ScreenMemory()
    memory.filter(FULL, SIZE)
    for number in range(2000):
        memory.filter(f"\x1b[1;1H\x1b[38;2;{number % 256};{number // 256};9mx\x1b[0m", SIZE)
    assert max(one.cache_info().currsize for one in (is_bare, _restyle)) <= 512
