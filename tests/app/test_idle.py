"""An idle dashboard writes nothing, and a busy one little."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.terminal import Terminal


@pytest.mark.parametrize("name", ["fresh", "healthy", "stale", "two-sent"])
def test_an_idle_dashboard_writes_nothing(name: str, tmp_path: Path) -> None:
    with Terminal(name, tmp_path) as terminal:
        in_set_up = name == "fresh"  # which opens by itself there
        terminal.until(*(("step 1 of 4",) if in_set_up else ("1 Credentials", "3 What is sent")))
        terminal.settle(0.7)
        before = len(terminal.output())
        assert terminal.read(3.0) == b""
        assert len(terminal.output()) == before
        if in_set_up:
            terminal.send(b"q")
            terminal.until("1 Credentials", "3 What is sent")
        terminal.send(b"q")
        assert terminal.wait(5.0) == 0


def test_keys_send_little(tmp_path: Path) -> None:
    with Terminal("key-over-login", tmp_path) as terminal:
        terminal.until("1 Credentials", "3 What is sent")
        start = terminal.settle(0.7) + len(terminal.output())
        sent = {
            keys: terminal.press(keys) for keys in ("k", "j", "u", "4", "1", "?", "q", "c", "q", "v", "v")
        }
        assert start < 60_000
        assert sent["k"] < 6_000, sent
        assert all(count < 40_000 for count in sent.values()), sent
