"""Whatever a model's text holds, as if nobody had cleaned it: nothing hidden gets to a terminal."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from claude_auth.app.app import DashboardApp
from claude_auth.app.launch import first_frame
from claude_auth.app.services import Services
from claude_auth.app.widgets.line_view import LineView
from claude_auth.cli import console
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import line
from claude_auth.sandbox import scenes
from claude_auth.security.sanitize import printable, printable_lines
from claude_auth.security.secret import Secret
from tests.app.driving import drive, eyes, screen_lines
from tests.as_text import status_summary, status_text

#: An escape sequence, a bidirectional override, a private-use character, a C1 control, a filler.
HOSTILE = " \x1b]0;owned\x07\u202e\ue000\x9b31m\u3164\r"
#: What the first frame is made of besides text.
OWN_SEQUENCES = re.compile(r"\x1b\[[\d;]*[mH]")
#: A machine of each kind: the app takes its time.
DRIVEN = ("two-sent", "broken", "helper-failing", "bedrock-expired")


def poisoned(thing: Any) -> Any:
    """The same with something hostile behind every text that is no mere id, path or name."""
    if isinstance(thing, str):
        return thing + HOSTILE if " " in thing or "@" in thing else thing
    if isinstance(thing, tuple):
        changed = [poisoned(one) for one in thing]
        return type(thing)(*changed) if hasattr(thing, "_fields") else tuple(changed)
    if isinstance(thing, Mapping):
        return {key: poisoned(value) for key, value in thing.items()}
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        fields = [one.name for one in dataclasses.fields(thing) if one.init]
        return dataclasses.replace(thing, **{name: poisoned(getattr(thing, name)) for name in fields})
    return thing


def hidden(lines: Iterator[str] | list[str]) -> list[str]:
    return [text for text in lines if printable(text) != text]


@pytest.fixture(params=list(scenes.SCENES))
def state(request: pytest.FixtureRequest, tmp_path: Path) -> DashboardState:
    found: DashboardState = poisoned(scenes.state_of(request.param, tmp_path))
    return found


def test_of_the_first_frame(state: DashboardState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LINES", "120")
    for ascii_only in (False, True):
        frame = first_frame(state, None, lambda: True, ascii_only=ascii_only)
        assert "owned" in frame.text
        assert hidden([OWN_SEQUENCES.sub("", frame.text)]) == []


def test_of_a_printed_status(
    state: DashboardState, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for colour in (False, True):
        monkeypatch.setattr(console, "colours_serve", lambda colour=colour: colour)
        for text in (status_text, status_summary):
            told = text(state.snapshot, state.resolution, state.findings, colour=colour)
            console.print_lines([told + HOSTILE])
            printed = capsys.readouterr().out
            assert "owned" in printed
            colours = re.compile(r"\x1b\[\d{1,2}m" if colour else "(?!)")
            assert bool(colours.search(printed)) == colour
            assert hidden(colours.sub("", printed).split("\n")) == []


@pytest.mark.parametrize("state", DRIVEN, indirect=True)
def test_of_the_dashboard(state: DashboardState, tmp_path: Path) -> None:
    services = Services(eyes("healthy", tmp_path, look=lambda: state.snapshot), state.home)
    app = DashboardApp(services, state)

    async def look(pilot: Pilot[int]) -> None:
        for key in ("down", "enter", "escape", "space", "d", "down", "escape", "f", "escape"):
            await pilot.press(key)
            assert hidden(screen_lines(app)) == [], key
            for view in app.screen.query(LineView):
                assert hidden(view.text().split("\n")) == [], key

    drive(app, look)


@given(st.text(alphabet=st.characters(), max_size=200))
def test_of_any_line(text: str) -> None:
    told = printable(text)
    assert told.isprintable() or not hidden([told])
    assert printable(told) == told
    assert printable_lines(f"{text}\n{text}") == "\n".join([*map(printable, text.split("\n"))] * 2)


def test_what_is_said_and_what_a_document_holds(capsys: pytest.CaptureFixture[str]) -> None:
    console.say(HOSTILE)
    console.print_document({"text": HOSTILE, HOSTILE: [HOSTILE]})
    printed = capsys.readouterr()
    assert hidden(printed.err.split("\n")) == []
    assert hidden(printed.out.split("\n")) == []
    assert printed.out.isascii()
    assert json.loads(printed.out) == {"text": HOSTILE, HOSTILE: [HOSTILE]}


def test_of_a_title_and_of_what_is_copied(tmp_path: Path) -> None:
    app = DashboardApp(
        Services(eyes("healthy", tmp_path), "/home/ada"), scenes.state_of("healthy", tmp_path / "2")
    )

    async def look(pilot: Pilot[int]) -> None:
        view = app.screen.query(LineView).first()
        view.show(lambda width: [line("words" + HOSTILE)])
        view.entitle("title" + HOSTILE)
        await pilot.pause()
        assert hidden(screen_lines(app)) == []
        copied: list[Secret] = []
        app.copy = lambda text, tell: copied.append(text)  # type: ignore[method-assign]
        app.screen.send_to_clipboard("words" + HOSTILE)  # type: ignore[attr-defined]
        assert hidden([str(view.border_title), copied[0].reveal()]) == []

    drive(app, look)
