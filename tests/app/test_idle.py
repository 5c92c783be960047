"""An idle dashboard writes nothing, and a busy one little."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from claude_auth.sandbox import scenes
from tests.app.terminal import Terminal

#: What stands there once the first look is over and told, each of which paints.
LOOKED = {
    "fresh": "step 1 of 4",  # set-up, which opens by itself there
    "healthy": "a login stands here",
    "stale": "a login stands here",
    "two-sent": "looked again",  # its first look changes nothing that is shown: another one is asked for
}
#: What is left of days is told in hours; as the scene has it, a minute passes meanwhile.
SCENES = {
    **scenes.SCENES,
    "healthy": replace(
        scenes.SCENES["healthy"],
        files={
            **scenes.SCENES["healthy"].files,
            ".claude/.credentials.json": scenes.login(53.5 * scenes.HOUR),
        },
    ),
}


@pytest.mark.parametrize("name", LOOKED)
def test_an_idle_dashboard_writes_nothing(name: str, tmp_path: Path) -> None:
    with Terminal(SCENES[name], tmp_path) as terminal:
        if name == "two-sent":
            terminal.send(b"u")
        terminal.until(LOOKED[name], timeout=60)
        terminal.settle(0.7)
        before = len(terminal.output())
        assert terminal.read(3.0) == b""
        assert len(terminal.output()) == before
        if name == "fresh":
            terminal.send(b"q")
            terminal.until("1 Credentials", "3 What is sent")
        terminal.send(b"q")
        assert terminal.wait(60.0) == 0


def test_keys_send_little(tmp_path: Path) -> None:
    with Terminal("key-over-login", tmp_path) as terminal:
        terminal.until("live, changed")
        start = terminal.settle(0.7) + len(terminal.output())
        sent = {
            keys: terminal.press(keys) for keys in ("k", "j", "u", "4", "1", "?", "q", "c", "q", "v", "v")
        }
        assert start < 60_000
        assert sent["k"] < 6_000, sent
        assert all(count < 40_000 for count in sent.values()), sent
