"""Every place of the app that keys are pressed at, opened in a pretend world, and what is seen there before
and after a key."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from textual import events
from textual.pilot import Pilot
from textual.screen import Screen

from claude_auth.actions.look import HostObserver
from claude_auth.app.app import DashboardApp
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.services import Services
from claude_auth.app.widgets.fields import FilterLine, TypedField
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.terminal_pane import TerminalPane
from claude_auth.journal import Journal
from claude_auth.present.dashboard_state import DashboardState, PanelName
from claude_auth.present.demo import DemoMenu
from claude_auth.sandbox.demo import SCENES
from claude_auth.sandbox.demo_scenes import BY_NAME, DemoScene
from claude_auth.sandbox.world import open_world
from claude_auth.words import TextStyle
from tests.app.driving import screen_text


class Place(NamedTuple):
    """Keys from the dashboard of a scene to a screen, which is there once its class has that name and it is
    `ready`. Among the keys `paste:TEXT` pastes, `at:STATE` waits for a state of the screen, `on:SCREEN` until
    that one is painted. `live`: something
    runs there, so it changes by itself; `spoils`: what was done there can't be done again in that world;
    `holds`: a service that comes to no end there; `browses`: the pretend browser really starts; `waits`: the
    person never confirms a single sign-on, so its command stays at work; `size`: of the terminal."""

    scene: str
    keys: tuple[str, ...] = ()
    screen: str = "Dashboard"
    ready: Callable[[Any], bool] = lambda screen: True
    live: bool = False
    spoils: bool = False
    holds: str = ""
    browses: bool = False
    waits: bool = False
    size: tuple[int, int] = (80, 24)


@dataclass(frozen=True)
class Seen:
    """What a key may change: which screens lie over each other, where the next key goes, what a terminal was
    sent, what the last line says, what stands on the screen."""

    stack: tuple[int, ...]
    top: str
    focus: str
    clipboard: str
    notice: str
    said: int
    shown: tuple[object, ...]
    since: float
    started: int
    repaints: int
    exits: int

    @classmethod
    def of(cls, stage: KeyStage) -> Seen:
        app = stage.app
        screen = app.screen
        views = [view for view in screen.query(LineView) if not isinstance(view, Hints)]
        lines = [(line.value, line.cursor_position) for line in screen.query(FilterLine)]
        notices = [hints.notice[0] for hints in screen.query(Hints) if hints.notice is not None]
        return cls(
            stack=tuple(map(id, app.screen_stack)),
            top=type(screen).__name__,
            focus="" if screen.focused is None else f"{type(screen.focused).__name__}#{screen.focused.id}",
            clipboard=app.clipboard,
            notice=" ".join(notices),
            said=len(stage.notices),
            shown=(*map(look_of, views), *lines),
            since=getattr(screen, "_since", 0.0),
            started=len(stage.started),
            repaints=stage.repaints,
            exits=stage.exits,
        )


def look_of(view: LineView) -> tuple[object, ...]:
    cursor = getattr(view, "cursor", None)
    return (
        view.id,
        view.title,
        tuple(view.lines),
        cursor,
        view.scroll_target_y,
        view.display,
        len(view.lines),
    )


class KeyStage:
    """The app in a pretend world, at one place after the other."""

    def __init__(self, app: DashboardApp, pilot: Pilot[int], notices: Sequence[str] = ()) -> None:
        self.app, self.pilot, self.notices = app, pilot, notices
        self.started: list[Any] = []
        self.repaints = self.exits = 0
        self.words: list[str] = []
        self.place = Place("healthy")
        self.panel: PanelName | None = None
        self.screen: Screen[Any] = app.screen
        self.focused = app.screen.focused

    def has_begun(self) -> bool:
        """Set-up opens by itself where nothing is set up; it stands there, or it isn't needed."""
        asked = any(worker.group == "set-up" and worker.is_running for worker in self.app.workers)
        return len(self.app.screen_stack) > 1 or not asked

    async def open(self, place: Place) -> None:
        """From wherever it is back to the dashboard, and from there on."""
        self.place = place
        self.screen, self.focused = self.app.screen_stack[0], None
        assert await self._close_others()
        for key in place.keys:
            kind, _, what = key.partition(":")
            if kind == "paste" and what:
                self.app.post_message(events.Paste(what))
                await self.pilot.pause()
            elif kind == "at" and what:
                await self.until(lambda what=what: what in self.states())  # type: ignore[misc]
            elif kind == "on" and what:
                await self.until(lambda what=what: self.is_painted(what))  # type: ignore[misc]
            else:
                await self.pilot.press(key)
        await self.until(self.is_there)
        self.screen, self.focused = self.app.screen, self.app.screen.focused
        self.panel = self.screen.scene.focused if isinstance(self.screen, Dashboard) else None

    @property
    def home(self) -> str:
        return self.app.services.home

    def states(self) -> frozenset[str]:
        screen = self.app.screen
        return screen.states() if isinstance(screen, BaseScreen) else frozenset()

    def is_painted(self, name: str) -> bool:
        """A question hears nothing before it is."""
        screen = self.app.screen
        return type(screen).__name__ == name and getattr(screen, "shown_at", 0.0) is not None

    def is_there(self) -> bool:
        screen = self.app.screen
        return type(screen).__name__ == self.place.screen and self.place.ready(screen)

    async def until(self, holds: Callable[[], bool], seconds: float = 60.0) -> None:
        """Ends with `TimeoutError`, which says what stands there instead."""
        end = asyncio.get_running_loop().time() + seconds
        while not holds():
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError(screen_text(self.app))
            await self.pilot.pause(0.02)
        await self.pilot.pause()

    async def come_back(self) -> bool:
        """Whether the place is there again without opening it anew."""
        return await self._close_others() and self.is_there()

    async def _close_others(self) -> bool:
        """What lies over the screen is closed, a field that was opened is left. Whether it is still there."""
        for _ in range(9):
            top = self.app.screen
            if self.screen not in self.app.screen_stack:
                return False
            if top is self.screen:
                break
            top.dismiss(None)
            await self.pilot.pause()
        if self.app.screen is not self.screen:
            return False
        if self.is_typed_into() and self.focused is not self.screen.focused:
            await self.pilot.press("escape")
        if self.focused is not None and self.focused.is_attached and self.screen.focused is not self.focused:
            self.screen.set_focus(self.focused)
        self.app._clipboard = ""
        if isinstance(self.screen, BaseScreen):
            self.screen.clear_notice()
        if isinstance(self.screen, Dashboard) and self.panel:
            self.screen.action_panel(self.panel)
        await self.pilot.pause()
        return True

    def is_typed_into(self) -> bool:
        return isinstance(self.app.screen.focused, FilterLine | TypedField | TerminalPane)


@contextlib.asynccontextmanager
async def opened(scene: str, directory: Path, place: Place) -> AsyncIterator[KeyStage]:
    """A stage in a new world, at no place yet; `place` tells what its services are like."""
    demo, held = BY_NAME.get(scene, DemoScene(scene, "", "")), threading.Event()
    if place.waits:
        demo = replace(demo, polls=1_000_000_000)
    with open_world(demo, directory, os.environ) as world:
        host = HostObserver.of(world.context)
        if place.holds == "host.evaluate":
            host = host._replace(evaluate=lambda snapshot, *_: (held.wait(60.0), snapshot)[1])
        state = DashboardState.of(host.look(), "claude")
        journal = Journal(str(directory / "journal"))
        menu = DemoMenu(SCENES, scene, demo.error) if scene in BY_NAME else None
        services = Services(
            host, state.home, environ=world.environ, journal=journal, demo=menu, reach=world.reach
        )
        part, _, name = place.holds.partition(".")
        if part not in {"", "host"}:
            setattr(getattr(services, part), name, lambda *_: held.wait(60.0) and None)
        app, notices, say = DashboardApp(services, state), list[str](), Hints.say

        def said(hints: Hints, text: str, role: TextStyle = "strong") -> None:
            notices.append(text)  # what ends meanwhile may hush it at once
            say(hints, text, role)

        try:
            with patch.object(Hints, "say", said):
                async with app.run_test(size=place.size) as pilot:
                    await pilot.pause()
                    stage = _prepared(KeyStage(app, pilot, notices), services, place)
                    await stage.until(stage.has_begun)
                    yield stage
        finally:
            held.set()


def _prepared(stage: KeyStage, services: Services, place: Place) -> KeyStage:
    """What leaves the app is told to the stage instead."""

    def leave(*_: object, **__: object) -> None:
        stage.exits += 1

    def repaint(*_: object) -> None:
        stage.repaints += 1

    def suspended(run: object) -> None:
        stage.started.append(run)

    def detached(command: object) -> bool:
        stage.started.append(command)
        return True

    stage.app.exit = leave  # type: ignore[method-assign]
    stage.app.action_repaint = repaint  # type: ignore[method-assign]
    services.run_suspended = suspended
    if not place.browses:
        services.start_detached = detached
    return stage


# ── effects ──────────────────────────────────────────────────────────────────────────────────────


def has_effect(named: str, before: Seen, after: Seen, stage: KeyStage) -> bool:
    """Whether one of the effects that a row names was seen."""
    return any(_is_seen(effect, before, after, stage) for effect in named.split(" or "))


def _is_seen(effect: str, before: Seen, after: Seen, stage: KeyStage) -> bool:
    verb, _, what = effect.partition(" ")
    is_closed = before.stack[-1] not in after.stack
    seen: dict[str, bool] = {
        "opens": after.stack[-1] not in before.stack and what in {"", after.top},
        "closes": is_closed,
        "quits": after.exits > before.exits,
        "copies": bool(after.clipboard),
        "tells": after.said > before.said or bool(after.notice),
        "focuses": before.focus != after.focus or len(stage.app.screen.focus_chain) < 2,
        "types": before.focus != after.focus and stage.is_typed_into(),
        "shows": before.shown != after.shown or before.focus != after.focus,
        "moves": True,  # where there is somewhere to go, which another test looks at
        "begins": before.since != after.since,
        "starts": after.started > before.started,
        "stops": bool(after.notice) or before.shown != after.shown,
        "leaves": False,  # without a terminal there is no shell; test_ways_out has one
        "repaints": after.repaints > before.repaints,
    }
    return seen[verb]


def is_untouched(before: Seen, after: Seen, *, live: bool) -> bool:
    """Whether nothing but a word has come of a key."""
    same = replace(after, notice=before.notice, said=before.said)
    return (replace(same, shown=before.shown) if live else same) == before
