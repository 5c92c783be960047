"""What is pasted into a line that filters: all on one line, as much as there is room for, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from claude_auth.app.widgets.fields import FilterLine
from tests.app.stage import Stage

LINE = "a line of an error that is longer than what a filter takes at most, so it is cut"


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("\nlogin\n", "login"),
        ("api\tkey\r\nhelper", "api key helper"),
        ("log\u200bin\ufe0f", "login"),
        (LINE, LINE[:60]),
        ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
    ],
)
def test_a_paste_is_one_line_of_what_is_seen(pasted: str, kept: str, tmp_path: Path) -> None:
    assert _after(pasted, tmp_path)[0] == kept


def test_a_secret_is_not_shown_by_a_filter(tmp_path: Path) -> None:
    key = f"sk-ant-api03-{'Ab3-' * 24}AA"
    value, words = _after(f"login {key}", tmp_path)
    assert (value, "Ab3-Ab3" in words) == ("", False)
    assert "looks like a secret" in words


def _after(pasted: str, tmp_path: Path) -> tuple[str, str]:
    stage = Stage(tmp_path)
    found = []

    async def paste(pilot: Pilot[int]) -> None:
        await pilot.press("slash")
        await stage.until(pilot, lambda: isinstance(stage.app.focused, FilterLine))
        stage.app.post_message(events.Paste(pasted))
        for _ in range(5):
            await pilot.pause()
        found.append((stage.app.screen.query_one(FilterLine).value, stage.words))

    stage.play(paste)
    return found[0]
