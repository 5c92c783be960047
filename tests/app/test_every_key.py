"""Every key of the table, pressed at every place: it does what its row names, or nothing but say a word."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import warnings
from collections import defaultdict
from pathlib import Path

import pytest
from textual.binding import ActiveBinding

from claude_auth.app.actions import ACTIONS, KEY_NAMES
from claude_auth.app.screens.base import BaseScreen
from tests.app.every_key import KeyStage, Place, Seen, has_effect, is_untouched, opened
from tests.app.key_places import PLACES
from tests.guard import Guard

ROWS = {row.id: row for rows in ACTIONS.values() for row in rows}
#: Those of `priority` are heard before any screen is asked.
KEYS = tuple(dict.fromkeys(k for row in ROWS.values() if not row.priority for k in row.key.split(",")))


def bound(stage: KeyStage) -> dict[str, ActiveBinding]:
    """What keys reach now: a key to its binding."""
    return dict(stage.app.screen.active_bindings)


def goes_elsewhere(stage: KeyStage, key: str) -> bool:
    """Letters go into a field; everything but the keys that leave it into a terminal."""
    is_pane = isinstance(stage.app.screen, BaseScreen) and stage.app.screen.is_in_pane
    if is_pane:
        return key not in ROWS["terminal.leave"].key.split(",")
    shown = KEY_NAMES.get(key, key)
    return stage.is_typed_into() and (key == "space" or (len(shown) == 1 and shown.isascii()))


async def press_dead_keys(stage: KeyStage) -> list[str]:
    """All keys that do nothing here, one after the other: what is wrong."""
    screen, told = stage.app.screen, list[str]()
    dead = [key for key in KEYS if key not in bound(stage) and not goes_elsewhere(stage, key)]
    if not isinstance(screen, BaseScreen):
        return [f"{screen} is none of ours"]
    tell, before = screen.show_notice, Seen.of(stage)
    screen.show_notice = told.append  # type: ignore[method-assign, assignment]
    await stage.pilot.press(*dead)
    screen.show_notice = tell  # type: ignore[method-assign]
    wrong = (
        [] if is_untouched(before, Seen.of(stage), live=stage.place.live) else ["a dead key did something"]
    )
    if len([words for words in told if "does nothing here" in words]) != len(dead):
        wrong.append(f"not a word for each of {dead}: {told}")
    return wrong


async def press_row(stage: KeyStage, key: str, row: str) -> tuple[bool, list[str]]:
    """Whether its effect could be seen, and what is wrong with it."""
    screen = stage.app.screen
    binding = bound(stage)[key]
    refuse = getattr(binding.node, "refusal", lambda action: None)
    named = ROWS[row].effect if refuse(binding.binding.action) is None else "tells"
    before = Seen.of(stage)
    await stage.pilot.press(key)
    with contextlib.suppress(TimeoutError):  # a look takes its time, and tells only then
        if named != "moves":
            await stage.until(lambda: has_effect(named, before, Seen.of(stage), stage))
    after = Seen.of(stage)
    if has_effect(named, before, after, stage):
        return named != "moves" or has_effect("shows", before, after, stage), []
    words = f"{type(screen).__name__}: {key} ({row}) should: {named}; now {after.top}, {after.notice!r}"
    return True, [words]


def is_first_of_its_screen(name: str) -> bool:
    """Keys that nothing is bound to are the same at every place of a screen."""
    return next(other for other, place in PLACES.items() if place.screen == PLACES[name].screen) == name


async def walk(name: str, place: Place, directory: Path) -> tuple[set[str], list[str]]:
    """All rows that were pressed at a place, without those that had nowhere to move to, and what is wrong."""
    pressed, wrong = set[str](), list[str]()
    todo: list[tuple[str, str]] | None = None
    worlds = 0
    while todo is None or todo:
        worlds += 1
        async with opened(place.scene, directory / f"{worlds}", place) as stage:
            await stage.open(place)
            if todo is None:
                rows = {one.binding.id or "": key for key, one in reversed(bound(stage).items())}
                todo = [(key, row) for row, key in reversed(rows.items())]
                if is_first_of_its_screen(name):
                    wrong += await press_dead_keys(stage)
            while todo:
                key, row = todo.pop(0)
                now = bound(stage).get(key)
                if now is None or now.binding.id != row or goes_elsewhere(stage, key):
                    continue  # it belongs to a state that is over
                is_seen, words = await press_row(stage, key, row)
                pressed |= {row} if is_seen else set()
                wrong += words
                if not await stage.come_back():
                    if place.spoils:
                        break
                    await stage.open(place)
    return pressed, [f"{name}: {words}" for words in wrong]


def test_every_row_names_its_effect() -> None:
    assert [name for name, row in ROWS.items() if not row.effect] == []


#: The first place of each screen always, its other states in the long proofs.
NAMES = [pytest.param(name, marks=pytest.mark.prove if "," in name else ()) for name in PLACES]


@pytest.mark.parametrize("name", NAMES)
def test_every_key_does_what_its_row_names(name: str, tmp_path: Path, guard: Guard) -> None:
    with guard.expecting() as refused, warnings.catch_warnings():
        # Each key ends what the one before it began, and nobody hears the end of those programs.
        warnings.simplefilter("ignore", ResourceWarning)
        pressed, wrong = asyncio.run(walk(name, PLACES[name], tmp_path))
        gc.collect()
    assert wrong == []
    # Names of the real hosts are asked for by the look at the network; a demo's border refuses them likewise.
    assert [what for what in refused if not what.startswith("socket.getaddrinfo")] == []
    PRESSED[name] |= pressed


#: What was pressed where, by the test above.
PRESSED: defaultdict[str, set[str]] = defaultdict(set)


def test_every_row_was_pressed_somewhere() -> None:
    if set(PRESSED) == set(PLACES):  # else not all of them were run
        assert set(ROWS) <= set().union(*PRESSED.values())
