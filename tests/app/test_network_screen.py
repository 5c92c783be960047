"""The network's screen: which hosts first, then each step as it ends, and what it means; on loopback."""

from __future__ import annotations

import dataclasses
import functools
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions.network import NetworkLook, asked_for
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.network import NetworkScreen
from claude_auth.app.services import Asking
from claude_auth.model import Event, Snapshot
from claude_auth.network.checks import check_network
from claude_auth.network.results import HostReport, NeededHost, NetworkCheck, NetworkReport, conclusions
from tests.app.driving import screen_lines
from tests.app.stage import NOW, SIZES, Stage, stands
from tests.network.hosts import HOST, here, needed, unauthorized
from tests.network.lines import authority, proxy, talking, unused_port
from tests.oauth.servers import read_request, saying
from tests.waiting import Stopwatch


class LoopbackAsking(Asking):
    """These hosts with these variables; every name leads to this machine."""

    def __init__(
        self, stage: Stage, hosts: tuple[NeededHost, ...], environ: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(stage.services)
        self.hosts, self.environ = hosts, dict(environ or {})

    def network(self, snapshot: Snapshot, changed: Callable[[], None]) -> NetworkLook:
        return NetworkLook(self.hosts, self.environ, "/", changed)


@pytest.fixture(autouse=True)
def names_lead_here(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = functools.partial(check_network, resolver=here, seconds=6)
    monkeypatch.setattr("claude_auth.actions.network.check_network", looking)


def open_on(stage: Stage, asking: Asking) -> NetworkScreen:
    stage.services.asking = asking
    screen = NetworkScreen(stage.services, stage.services.host.look())
    stage.app.push_screen(screen)
    return screen


async def ask(stage: Stage, pilot: Pilot[int], asking: Asking) -> NetworkScreen:
    screen = open_on(stage, asking)
    await stage.settle(pilot)
    await pilot.press("enter")
    await stage.until(pilot, lambda: screen.started and not screen.running)
    return screen


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


class ScriptedLook(NetworkLook):
    """What a network that inspects TLS and blocks the sign-in would give."""

    async def events(self) -> AsyncIterator[Event]:
        yield Event(NOW, "network.asked", "asking 4 hosts, without any credential")
        lines = {
            "api": (
                NetworkCheck("dns", "ok", "the name leads to 192.0.2.10", 0.01),
                NetworkCheck("tcp", "ok", "connected to 192.0.2.10, port 443", 0.02),
                NetworkCheck("tls", "warn", "TLS is inspected: the certificate was issued by Zscaler Inc., "
                      "and is trusted here thanks to NODE_EXTRA_CA_CERTS", 0.1),
                NetworkCheck("http", "ok", "it answers (401, as it should without a credential)", 0.2),
                NetworkCheck("clock", "ok", "this clock agrees with the server's"),
            ),
            "platform": (
                NetworkCheck("dns", "ok", "the name leads to 192.0.2.11", 0.01),
                NetworkCheck("tcp", "fail", "no connection to platform.claude.com, port 443, in time: a "
                      "firewall swallows it"),
            ),
        }  # fmt: skip
        fine = (
            NetworkCheck("dns", "ok", "the name leads to 192.0.2.12"),
            NetworkCheck("http", "ok", "it answers (200)"),
        )
        issuers = {"api": "Zscaler Inc."}
        reports = tuple(
            HostReport(host, lines.get(host.id, fine), issuer=issuers.get(host.id)) for host in self.hosts
        )
        for report in reports:
            self.seen[report.needed.id] = report
        settings = (NetworkCheck("settings", "ok", "no proxy is set"),)
        self.report = NetworkReport(NOW, settings, reports, conclusions(reports, settings))
        yield Event(NOW, "network.checked", self.report.conclusions[0], "error")


class ScriptedAsking(Asking):
    def network(self, snapshot: Snapshot, changed: Callable[[], None]) -> NetworkLook:
        hosts, environ = asked_for(snapshot, "claude")
        return ScriptedLook(hosts, environ, "/", changed)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", ["before", "failures"])
def test_picture_network(step: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        if step == "failures":
            await ask(stage, pilot, ScriptedAsking(stage.services))
        else:
            open_on(stage, ScriptedAsking(stage.services))
            await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


# ── before ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES.values())
def test_which_hosts_before_anything_is_asked(size: tuple[int, int], tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        await pilot.press("h")
        await stage.until(pilot, lambda: stands(stage, NetworkScreen))
        words = stage.words
        for part in (
            "These hosts would be contacted from this machine",
            "api.anthropic.com: every request to Claude",
            "platform.claude.com: sign-in, refresh and sign-out",
            "Nothing else is sent: no credential",
            "Press Enter to start.",
        ):
            assert part in words, words
        await pilot.press("r")
        assert stands(stage, NetworkScreen)
        await pilot.press("q")
        assert stands(stage, Dashboard)

    stage.play(look, size)
    assert stage.journal() == ""


# ── what is found ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return authority(tmp_path_factory.mktemp("public"), "Public Trust Services", (HOST, "localhost"))


@pytest.fixture(scope="module")
def inspecting(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return authority(tmp_path_factory.mktemp("inspecting"), "Zscaler Inc.", (HOST, "localhost"))


@pytest.mark.parametrize("size", SIZES.values())
def test_all_is_well(
    size: tuple[int, int],
    public: tuple[Path, ssl.SSLContext],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("certifi.where", lambda: str(public[0]))
    asked: list[bytes] = []
    stage = Stage(tmp_path)
    with talking(saying(unauthorized(), asked), context=public[1]) as port:

        async def look(pilot: Pilot[int]) -> None:
            screen = await ask(stage, pilot, LoopbackAsking(stage, (needed(port),)))
            assert screen.action.report is not None
            words = stage.words
            assert "✓ What it means Everything that is needed can be reached." in words
            assert "certificate issued by Public Trust Services" in words
            assert "✓ clock: this clock agrees" in words
            await pilot.press("y")
            assert "Everything that is needed can be reached." in stage.app.clipboard
            await pilot.press("r")
            await stage.until(pilot, lambda: len(asked) == 2 and not screen.running)

        stage.play(look, size)
    for request in asked:
        for secret in (b"authorization", b"x-api-key", b"cookie", b"sk-ant"):
            assert secret not in request.lower()
    assert "network.checked" in stage.journal()


def test_an_intercepted_certificate(inspecting: tuple[Path, ssl.SSLContext], tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    with talking(saying(unauthorized()), context=inspecting[1]) as port:

        async def look(pilot: Pilot[int]) -> None:
            screen = await ask(stage, pilot, LoopbackAsking(stage, (needed(port),)))
            words = " ".join(screen.hosts.text().split())
            assert "issued by Zscaler Inc.: your network inspects TLS" in words
            assert "NODE_EXTRA_CA_CERTS" in words
            assert words.startswith("✗ What it means No host that is needed can be reached from here.")

        stage.play(look)


def test_refused_and_reached_by_a_proxy_that_says_no(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    asked: list[bytes] = []
    with proxy(unused_port(), asked, "403 Forbidden") as port:
        environ = {"HTTPS_PROXY": f"http://ada:hunter2hunter2@127.0.0.1:{port}"}

        async def look(pilot: Pilot[int]) -> None:
            screen = await ask(stage, pilot, LoopbackAsking(stage, (needed(443),), environ))
            words = " ".join(screen.hosts.text().split())
            assert f"the proxy refuses the way to {HOST} (403)" in words
            assert "from HTTPS_PROXY, with a user name and password" in words
            assert "hunter2" not in words + stage.text + stage.journal() + repr(vars(screen))

        stage.play(look)
    assert asked


def test_nothing_listens(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        await ask(stage, pilot, LoopbackAsking(stage, (needed(unused_port()),)))
        assert "refuses connections" in stage.words
        assert "network.host" in stage.journal()

    stage.play(look)


# ── while it runs ────────────────────────────────────────────────────────────────────────────────


def hanging(came: threading.Event, over: threading.Event) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        came.set()
        over.wait(60)

    return talk


@pytest.mark.parametrize("key", ["ctrl+x", "ctrl+c", "escape", "q"])
def test_each_step_as_it_ends_and_stopping(key: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    came, over = threading.Event(), threading.Event()
    with talking(hanging(came, over)) as slow, talking(saying(unauthorized())) as quick:
        hosts = (
            needed(slow, "localhost", scheme="http"),
            dataclasses.replace(needed(quick, "localhost", scheme="http"), id="other", why="the quick one"),
        )

        async def look(pilot: Pilot[int]) -> None:
            screen = open_on(stage, LoopbackAsking(stage, hosts))
            await stage.settle(pilot)
            await pilot.press("enter", "enter")
            await stage.until(pilot, came.is_set)
            await stage.until(pilot, lambda: "✓ localhost: the quick one" in stage.words)
            assert "· localhost: every request" in stage.words
            assert "connected to 127.0.0.1" in stage.words
            assert "^x stops waiting" in stage.words
            await pilot.press("r")
            assert "it is under way" in stage.hint
            watch = Stopwatch()
            await pilot.press(key)
            if key in ("q", "escape"):
                assert stands(stage, Dashboard)
            else:
                await stage.until(pilot, lambda: not screen.running)
                assert "It was stopped: what stands here is all that is known." in stage.words
                assert "took too long" not in stage.words
            assert watch.seconds < 3

        try:
            stage.play(look)
        finally:
            over.set()
    assert "network.cancelled" in stage.journal()
    assert "network.checked" not in stage.journal()


def test_hostile_names_and_issuers_are_only_text(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    hostile = "[red]x[/red]\x1b[2J\u202e" + "long-" * 99
    host = NeededHost("api", "localhost", hostile, hostile, port=unused_port(), scheme="http", api=True)

    async def look(pilot: Pilot[int]) -> None:
        screen = await ask(stage, pilot, LoopbackAsking(stage, (host,)))
        text = "\n".join(screen_lines(stage.app))
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[red]x[/red]" in text
        assert max(len(line) for line in screen_lines(stage.app)) <= 80
        await pilot.press("end")
        assert screen.hosts.scroll_offset.y > 0

    stage.play(look, (80, 24))
