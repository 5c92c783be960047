"""Which look follows what: a change of a file is looked at at once, and everything a little later."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from claude_auth.app import watcher
from claude_auth.app.watcher import HostWatcher
from claude_auth.app.widgets.hints import Hints
from claude_auth.model import Snapshot
from claude_auth.sandbox import scenes
from tests.app.driving import app_on, drive


def test_a_change_is_followed_by_a_whole_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "WHOLE_LOOK_AFTER_CHANGE", 0.05)
    looked: list[str] = []

    def look(name: str) -> Callable[..., Snapshot]:
        def looks(changed: frozenset[str] = frozenset()) -> Snapshot:
            looked.append(name)
            return scenes.snapshot(scenes.SCENES["healthy"], tmp_path)

        return looks

    app = app_on("healthy", tmp_path, look=look("whole"), look_after_change=look("after a change"))

    async def until(pilot: Pilot[int], count: int) -> None:
        async with asyncio.timeout(20):
            while len(looked) < count:
                await pilot.pause(0.01)

    async def script(pilot: Pilot[int]) -> None:
        assert looked == []
        app.screen.post_message(HostWatcher.FilesChanged())
        await until(pilot, 2)
        assert looked == ["after a change", "whole"]
        await pilot.press("u")
        await until(pilot, 3)
        assert looked[2] == "whole"

    drive(app, script)


def test_who_asks_while_a_look_is_under_way_is_answered_by_the_next(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(changed: frozenset[str]) -> Snapshot:
        begun.set()
        assert go_on.wait(60)
        return scenes.snapshot(scenes.SCENES["healthy"], tmp_path)

    app = app_on("healthy", tmp_path, look_after_change=slow)

    async def script(pilot: Pilot[int]) -> None:
        app.screen.post_message(HostWatcher.FilesChanged())
        await asyncio.to_thread(begun.wait, 60)
        await pilot.press("u")
        go_on.set()
        hints = app.screen.query_one(Hints)
        async with asyncio.timeout(60):
            while hints.notice is None:
                await pilot.pause(0.01)
        assert hints.text().strip() == "looked again"

    try:
        drive(app, script)
    finally:
        go_on.set()
