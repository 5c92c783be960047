"""Commands that print without measure: keys are answered all the same, and memory stays bounded."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import psutil
import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from claude_auth.actions.terminal import CellSpan, CellStyle, Dropped, Line
from claude_auth.app.widgets.output_view import OutputView
from tests.app.running_stage import RunStage, never_at_rest  # noqa: F401

KEY = "sk-ant-api03-canaryCanaryCanaryCanaryCanary7890"
#: Of this process's own time, which other processes on the machine don't make longer.
LONGEST_WAIT = 0.3
FLOODS = {
    "short lines": "yes >&2",
    "longer lines": "yes abcdefghijklmnopqrstuvwxyz-0123456789 >&2",
    "coloured": f"{sys.executable} -c \"while 1: print('\\x1b[31mred \\x1b[32mgreen ' * 9)\" >&2",
    "binary": "cat /dev/urandom >&2",
    "no line break": "tr '\\0' a </dev/zero >&2",
    "lines of a megabyte": f"{sys.executable} -c \"while 1: print('x y z ' * 200000)\" >&2",
    "progress": f"{sys.executable} -c \"while 1: print('progress 50 %', end='\\r')\" >&2",
}


@pytest.mark.usefixtures("never_at_rest")
@pytest.mark.parametrize("kind", FLOODS)
def test_keys_are_answered_while_it_floods(kind: str, tmp_path: Path) -> None:
    stage = RunStage(tmp_path, {"apiKeyHelper": FLOODS[kind]})
    waits: list[float] = []
    memory = psutil.Process().memory_info

    async def press(pilot: Pilot[int]) -> None:
        run = await stage.open(pilot)
        field = run.query_one("#type")
        await stage.until(pilot, lambda: run.command is not None and run.command.can_be_cancelled)
        before = memory().rss
        for number in range(12):
            await asyncio.sleep(0.15)
            begun = time.process_time()
            stage.app.simulate_key("escape" if number % 2 else "i")
            async with asyncio.timeout(60):
                while field.has_focus is bool(number % 2):  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
            waits.append(time.process_time() - begun)
        assert memory().rss - before < 30 << 20
        assert len(stage.output) < 2_100_000
        assert len(stage.output.splitlines()) <= 5001
        await pilot.press("ctrl+x")
        await stage.ended(pilot)
        assert "cancelled after" in stage.words

    stage.play(press)
    assert len(waits) == 12
    assert max(waits) < LONGEST_WAIT


def test_five_megabytes_without_a_line_break(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, {"apiKeyHelper": f"head -c 5000000 /dev/zero | tr '\\0' a >&2; echo {KEY}"})

    async def look(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.ended(pilot)
        assert stage.output.endswith("more characters")
        assert len(stage.output) < 5000
        assert "✓ it printed a key" in stage.words

    stage.play(look)


# ── the widget alone ─────────────────────────────────────────────────────────────────────────────


class Alone(App[None]):
    ENABLE_COMMAND_PALETTE = False
    CSS = "OutputView { height: 1fr; overflow-x: hidden; overflow-y: scroll; }"

    def compose(self) -> ComposeResult:
        yield OutputView(capacity=100, most_characters=5000)

    @property
    def view(self) -> OutputView:
        return self.query_one(OutputView)

    @property
    def shown(self) -> list[str]:
        """What stands on the screen."""
        top = self.view.scroll_offset.y
        rows = [self.view.row(top + y) for y in range(self.view.size.height)]
        return ["".join(span.text for span in row) for row in rows]


def lines(*texts: str) -> list[Line]:
    return [Line((CellSpan(text),)) for text in texts]


def alone(script: object, size: tuple[int, int] = (40, 10)) -> None:
    async def run() -> None:
        app = Alone()
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await script(app, pilot)  # type: ignore[operator]

    asyncio.run(run())


def test_it_keeps_the_newest_and_counts_the_rest() -> None:
    async def look(app: Alone, pilot: Pilot[None]) -> None:
        app.view.extend(lines(*map(str, range(150))))
        await pilot.pause()
        assert app.view.text().splitlines() == [str(number) for number in range(50, 150)]
        assert app.view.left_out == 50
        assert app.shown[-1] == "149"
        app.view.extend([Dropped(7)])
        assert "7 lines left out" in app.shown[-1] + app.shown[-2]
        assert app.view.left_out == 58
        app.view.extend(lines("x" * 4000, "y" * 4000))
        assert app.view.text() == "y" * 4000

    alone(look)


def test_it_follows_until_somebody_goes_up_and_again_from_the_end() -> None:
    async def press(app: Alone, pilot: Pilot[None]) -> None:
        app.view.focus()
        app.view.extend(lines(*map(str, range(60))))
        await pilot.press("pageup")
        before = app.shown
        app.view.extend(lines(*map(str, range(60, 130))))  # thirty fall out above
        await pilot.pause()
        assert app.shown == before
        await pilot.press("home")
        assert app.shown[0] == "30"
        await pilot.press("end")
        app.view.extend(lines("the last"))
        await pilot.pause()
        assert app.shown[-1] == "the last"

    alone(press)


def test_long_lines_are_broken_also_after_a_resize() -> None:
    text = "".join(chr(97 + number % 26) for number in range(100)) + "日本語" * 9

    async def look(app: Alone, pilot: Pilot[None]) -> None:
        for width in (40, 21, 80):
            await pilot.resize_terminal(width, 10)
            await pilot.pause()
            app.view.clear()
            app.view.extend(lines(text))
            await pilot.pause()
            assert "".join(app.shown).rstrip() == text
            await pilot.resize_terminal(width + 7, 10)
            await pilot.pause()
            assert "".join(app.shown).rstrip() == text

    alone(look)


def test_an_unfinished_line_is_replaced_and_colours_are_kept() -> None:
    async def look(app: Alone, pilot: Pilot[None]) -> None:
        red = CellSpan("red", CellStyle("red", bold=True))
        app.view.extend([Line((CellSpan("10 %"),), unfinished=True)])
        assert (app.view.prompt, app.shown[0]) == ("10 %", "10 %")
        app.view.extend([Line((CellSpan("20 %"),), unfinished=True), Line((red,))])
        assert app.shown[0] == "red"
        strip = app.view.render_line(0)
        styles = [part.style for part in strip if part.text == "red"]
        assert styles[0] is not None
        assert styles[0].bold
        assert styles[0].color is not None
        assert styles[0].color.name == "red"

    alone(look)
