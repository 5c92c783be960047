"""Which look follows what: a change of a file is looked at at once, and everything a little later."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.message import Message
from textual.pilot import Pilot

from claude_auth.app import watcher
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.watcher import HostWatcher
from claude_auth.app.widgets.hints import Hints
from claude_auth.model import CommandRun, Snapshot
from claude_auth.sandbox import scenes
from claude_auth.security.secret import Secret
from tests.app.driving import app_on, drive, until


def test_a_change_is_followed_by_a_whole_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "WHOLE_LOOK_AFTER_CHANGE", 0.05)
    looked: list[str] = []

    def look(name: str) -> Callable[..., Snapshot]:
        def looks(changed: frozenset[str] = frozenset()) -> Snapshot:
            looked.append(name)
            return scenes.snapshot(scenes.SCENES["healthy"], tmp_path)

        return looks

    app = app_on("healthy", tmp_path, look=look("whole"), look_after_change=look("after a change"))

    async def script(pilot: Pilot[int]) -> None:
        assert looked == []
        app.screen.post_message(HostWatcher.FilesChanged())
        await until(pilot, lambda: len(looked) >= 2)
        assert looked == ["after a change", "whole"]
        await pilot.press("u")
        await until(pilot, lambda: len(looked) >= 3)
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


def test_a_journal_without_news_has_nothing_painted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_on("healthy", tmp_path)
    told: list[Message] = []

    async def script(pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, Dashboard)
        post = screen.post_message

        def heard(message: Message) -> bool:
            told.append(message)
            return post(message)

        monkeypatch.setattr(screen, "post_message", heard)
        screen.watcher._read_journal(lambda: ())
        await app.workers.wait_for_complete()
        assert HostWatcher.Written not in set(map(type, told))
        screen.watcher._read_journal(lambda: (), at_first=True)
        await until(pilot, lambda: screen.scene.journal_read)
        assert HostWatcher.Written in set(map(type, told))

    drive(app, script)


def test_what_was_written_while_a_helper_ran_counts(tmp_path: Path) -> None:
    """Its answer is about what was seen before, and no look that began before it says more."""
    begun, go_on = threading.Event(), threading.Event()
    seen = scenes.snapshot(scenes.SCENES["helper"], tmp_path)
    run = CommandRun(
        "apiKeyHelper", seen.settings["apiKeyHelper"][0].value, 0, Secret("made up"), Secret(""), 0.1
    )
    now = [seen]

    def evaluate(snapshot: Snapshot, *_: object) -> Snapshot:
        begun.set()
        assert go_on.wait(60)
        return snapshot._replace(runs={"apiKeyHelper": run})

    app = app_on("helper", tmp_path, look=lambda: now[0], evaluate=evaluate)

    async def script(pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, Dashboard)

        screen.watcher.evaluate(screen.scene, agreed=False)
        await asyncio.to_thread(begun.wait, 60)
        now[0] = seen._replace(azure_signed_in=not seen.azure_signed_in)
        screen.look()
        await until(pilot, lambda: screen.scene.snapshot.azure_signed_in != seen.azure_signed_in)
        go_on.set()
        await until(pilot, lambda: bool(screen.scene.snapshot.runs))
        assert screen.scene.snapshot.azure_signed_in != seen.azure_signed_in

    try:
        drive(app, script)
    finally:
        go_on.set()


def test_a_look_that_was_forgotten_on_its_way_takes_nothing_back(tmp_path: Path) -> None:
    """It has told already when a helper's answer comes, and another change is waiting to be looked at."""
    on_its_way, may_tell, may_look = threading.Event(), threading.Event(), threading.Event()
    seen = scenes.snapshot(scenes.SCENES["helper"], tmp_path)
    run = CommandRun(
        "apiKeyHelper", seen.settings["apiKeyHelper"][0].value, 0, Secret("made up"), Secret(""), 0.1
    )
    looked: list[str] = []

    def look() -> Snapshot:
        assert may_look.wait(60)
        looked.append("whole")
        return seen

    def ours() -> bool:
        """Asked by each look right before it tells."""
        if threading.current_thread() is not threading.main_thread() and not on_its_way.is_set():
            on_its_way.set()
            assert may_tell.wait(60)
        return True

    app = app_on(
        "helper",
        tmp_path,
        look=look,
        look_after_change=lambda changed: seen,
        evaluate=lambda snapshot, *_: snapshot._replace(runs={"apiKeyHelper": run}),
        ours=ours,
    )

    async def script(pilot: Pilot[int]) -> None:
        screen = app.screen
        assert isinstance(screen, Dashboard)
        screen.files_changed()
        assert await asyncio.to_thread(on_its_way.wait, 60)
        screen.files_changed()
        screen.evaluate(agreed=False, running="apiKeyHelper")
        await until(pilot, lambda: not screen.watcher.is_evaluating)
        may_tell.set()
        await pilot.pause(0.2)
        may_look.set()
        await until(pilot, lambda: looked == ["whole"])
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert screen.scene.snapshot.runs

    try:
        drive(app, script)
    finally:
        may_tell.set()
        may_look.set()
