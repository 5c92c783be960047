"""Runs the app without a terminal, and reads its screen as text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual import _wait
from textual.pilot import Pilot

from claude_auth.actions.look import HostObserver
from claude_auth.app.app import DashboardApp
from claude_auth.app.services import Services
from claude_auth.sandbox import scenes

# After each key the pilot sleeps until the app has used next to no time while it slept. Naps half as long do,
# and most of these tests' time is such naps.
_wait.SLEEP_GRANULARITY = 1 / 100

Script = Callable[[Pilot[int]], Awaitable[None]]


def eyes(name: str, directory: Path, **more: Any) -> HostObserver:
    """Looks at a scene with a clock that stands still; nothing is watched."""
    scene = scenes.SCENES[name]
    return HostObserver(
        **{
            "look": lambda: scenes.snapshot(scene, directory),
            "evaluate": lambda snapshot, client, version: snapshot,
            "clock": lambda: scenes.NOW,
            **more,
        }
    )


def app_on(name: str, directory: Path, *, ascii_only: bool = False, **looking: Any) -> DashboardApp:
    """The dashboard on one of the machines."""
    scene = scenes.state_of(name, directory)
    services = Services(eyes(name, directory, **looking), scene.home)
    return DashboardApp(services, scene, ascii_only=ascii_only)


def drive(app: DashboardApp, script: Script, size: tuple[int, int] = (120, 40)) -> None:
    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await script(pilot)

    asyncio.run(run())


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Threads and programs take their time; a test that hangs fails here."""
    async with asyncio.timeout(60):
        while not holds():
            await pilot.pause(0.02)


def screen_lines(app: DashboardApp) -> list[str]:
    """What stands on the screen, line by line."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def screen_text(app: DashboardApp) -> str:
    return "\n".join(screen_lines(app))


def words_of(app: DashboardApp) -> str:
    """The screen's words, column by column, without frames and line breaks, for sentences that wrap."""
    lines = screen_lines(app)
    top, second = next(
        (
            (at, line.find(corner, 2))
            for at, line in enumerate(lines[:8])
            for corner in "╭┏"
            if corner in line[2:]
        ),
        (len(lines), 0),
    )
    below = lines[top:]
    columns = [lines[:top], [line[:second] for line in below], [line[second:] for line in below]]
    text = "\n".join(line for column in columns for line in column)
    return " ".join(text.translate(str.maketrans("│┃╭╮╰╯─━┏┓┗┛", " " * 12)).split())
