"""Set-up that is left at every step, or whose connection is cut there, over a real ssh: nothing is half
written, nothing is left running, and it is gone on with at that step."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path

import psutil
import pytest

from claude_auth.actions.set_up.fields import SetUpField
from claude_auth.actions.set_up.paths import PATH_BY_ID, SET_UP_PATHS
from tests.app.own_sshd import OwnServer, server
from tests.app.set_up_remote import PATIENCE, WayWorld, world
from tests.conftest import requires_system
from tests.waiting import wait_until

__all__ = ["server"]  # a fixture is found by its name
pytestmark = [requires_system("openssh-server", "sshd"), requires_system("openssh-client", "ssh")]
#: In `make test`.
ALWAYS = {("gateway", "cut"), ("subscription", "left")}
HOW = [
    pytest.param(path.id, how, marks=() if (path.id, how) in ALWAYS else pytest.mark.prove)
    for path in SET_UP_PATHS
    for how in ("left", "cut")
]


class Journey:
    """One way, and one machine on which the program is started again and again. `written`: whether a secret
    stands where it belongs already."""

    def __init__(self, made: WayWorld, how: str, server: OwnServer, directory: Path) -> None:
        self.made, self.how, self.server = made, how, server
        self.path = PATH_BY_ID[made.way]
        self.remote = made.remote(server, directory)
        self.written = False
        self.typed: set[str] = set()

    def leave(self) -> None:
        """By ^c, which ends what runs in a pane first; or the connection ends."""
        remote = self.remote
        remote.settle(0.3)
        if self.how == "cut":
            self.server.cut()
        until = time.monotonic() + PATIENCE
        while remote.process:
            assert time.monotonic() < until, remote.screen.text
            if self.how == "left":
                remote.send(b"\x1d\x03")
            remote.wait(3.0)
        wait_until(lambda: not self.left_running())
        self.check()

    def left_running(self) -> list[str]:
        """What still runs with that home."""
        told = f"HOME={self.remote.home}\0".encode()
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(OSError, psutil.Error):
                if told in Path(f"/proc/{process.pid}/environ").read_bytes() and process.pid != os.getpid():
                    found.append(" ".join(process.cmdline()))
        return found

    def check(self) -> None:
        """Each file is whole, and no secret stands where nobody agreed to it."""
        home = self.remote.home
        assert self.remote.leaks(*(self.made.holding if self.written else ())) == []
        for path in (one for one in home.rglob("*") if one.is_file()):
            assert not path.name.endswith(".new"), path
            if path.suffix == ".json":
                json.loads(path.read_text())
        state = home / ".local/state/claude-auth"
        open_to_others = [path for path in state.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
        assert open_to_others == []

    def again(self, step: int) -> None:
        """It is there at that step; S asks for it once there is a credential."""
        remote = self.remote
        remote.shown += remote.output()
        self.leave()
        remote.close()
        remote.start_again()
        until = time.monotonic() + PATIENCE
        while f"step {step} of 4" not in remote.screen.text:
            assert time.monotonic() < until, remote.screen.text
            remote.settle(1.0)
            if " of 4" not in remote.screen.text and "claude-auth" in remote.screen.text:
                remote.send(b"S")
        remote.until("leave set-up" if step == 4 else f"{step} ▸", timeout=PATIENCE)

    # ── the way ──────────────────────────────────────────────────────────────────────────────────

    def go(self) -> None:
        remote, made = self.remote, self.made
        remote.until("How do you get at Claude?", "step 1 of 4", "2   clear the way", timeout=PATIENCE)
        self.again(1)
        remote.choose(made.way)
        self.again(2)
        remote.put(made.way, made.place)
        self.again(3)
        for one in self.path.fields:
            if made.values.get(one.id):
                self.field(one)
        for task in made.tasks:
            self.fill()
            task.begin(remote)
            self.again(3)
            self.fill()
            task.begin(remote)
            task.end(remote)
            self.written = True
            self.again(3)
        self.fill()
        remote.prove(with_helper=made.with_helper)
        self.again(4)
        remote.until("· billed: ", timeout=PATIENCE)
        self.check()

    def field(self, one: SetUpField) -> None:
        """Left while it is half typed, and once it was taken: a secret is typed again then."""
        remote, text = self.remote, self.made.values[one.id]
        remote.open_field(self.made.way, one.id)
        remote.send(b"\x15")
        remote.key(text[: len(text) // 2], "> ")
        self.again(3)
        assert f"✓ {one.label}" not in remote.screen.text
        self.fill()
        remote.type(self.made.way, one.id, text)
        self.typed.add(one.id)
        self.again(3)
        if one.secret:
            remote.until(f"▲ {one.label}", timeout=PATIENCE)
        self.fill()
        remote.until(f"✓ {one.label}", timeout=PATIENCE)

    def fill(self) -> None:
        """Secrets that were typed before are kept nowhere."""
        self.remote.settle(0.5)
        for one in self.path.fields:
            if f"▲ {one.label}" in self.remote.screen.text and one.secret and one.id in self.typed:
                self.remote.key("\x1b[H" + "\x1b[B" * self.path.fields.index(one), f"▸ ▲ {one.label}")
                self.remote.key("\r", "Enter Take")
                self.remote.send(b"\x15")
                self.remote.key(self.made.values[one.id], "that may stand")
                self.remote.key("\r", "step 3 of 4", f"✓ {one.label}")


@pytest.mark.parametrize(("way", "how"), HOW)
def test_left_at_every_step_and_gone_on_with(way: str, how: str, server: OwnServer, tmp_path: Path) -> None:
    with world(way, tmp_path) as made:
        journey = Journey(made, how, server, tmp_path)
        with journey.remote:
            journey.go()
