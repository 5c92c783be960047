"""The diagnosis: every finding, every check, the detail beside them, and the report."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions.look import HostObserver
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.diagnose import LOOKING, DiagnoseScreen
from claude_auth.app.screens.fix import FixScreen
from claude_auth.model import Finding, Snapshot
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.present.dashboard_state import named_findings
from claude_auth.sandbox import scenes
from tests.actions.fixes.machines import KEY, OAT, Machine, open_store, rejected
from tests.app.driving import app_on, drive, screen_lines
from tests.app.fix_stage import FixStage, fixed_stage, opened
from tests.app.stage import SIZES


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("step", "keys"),
    [
        ("found", []),
        ("open", ["enter"]),
        ("checks", ["space", "end"]),
        ("filter", ["space", "slash", *"clock"]),
    ],
    ids=["found", "open", "checks", "filter"],
)
def test_picture_diagnose(step: str, keys: list[str], size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage, _ = fixed_stage(tmp_path)

    async def before(pilot: Pilot[int]) -> None:
        await opened(stage, pilot)
        await pilot.press(*keys)
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_picture_diagnose_nothing_found(size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage, _ = fixed_stage(tmp_path, scenes.SCENES["healthy"])

    async def before(pilot: Pilot[int]) -> None:
        await opened(stage, pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES.values())
def test_a_finding_in_full(size: tuple[int, int], tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))

    async def look(pilot: Pilot[int]) -> None:
        screen = await stage.diagnose(pilot, "key-rejected")
        await pilot.press("enter")
        await stage.settle(pilot)
        text = " ".join(screen.detail.text().split())
        for words in (
            "▲ warning ANTHROPIC_API_KEY was rejected earlier",
            "key-rejected · seen: this machine shows it",
            "Somebody answered No",
            "seen by ANTHROPIC_API_KEY in the environment of this process; rejected in ~/.claude.json",
            "about ANTHROPIC_API_KEY",
            "found in the environment: ANTHROPIC_API_KEY",
            "what to do 1. → f approve the key",
            "claude-auth fix key-rejected/approve-key",
            "2. with claude closed",
            "unset ANTHROPIC_API_KEY",
        ):
            assert words in text, text
        assert "Somebody answered No" in stage.words
        assert " fine ·" not in stage.words
        await pilot.press("v")
        await stage.settle(pilot)
        assert " fine ·" in stage.words

    stage.play(look, size)


def test_the_worst_first_and_enter_on_the_dashboard_opens_that_one(tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))

    async def press(pilot: Pilot[int]) -> None:
        rows = [*named_findings(stage.app.first_scene.findings)]
        assert len(rows) > 1
        await pilot.press("2", "end", "enter")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, DiagnoseScreen))
        screen = stage.app.screen
        assert isinstance(screen, DiagnoseScreen)
        await stage.until(pilot, lambda: screen.diagnosis.checks is not None)
        assert [row for row in screen.found.choices if not row.startswith("extra")] == rows
        assert screen.found.cursor == rows[-1]
        order = ("error", "warning", "info")
        found = [order.index(finding.severity) for finding in screen.diagnosis.findings]
        assert found == sorted(found)

    stage.play(press)


@pytest.mark.parametrize("key", ["q", "escape"])
def test_leaving_changes_nothing(key: str, tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))

    async def press(pilot: Pilot[int]) -> None:
        await stage.diagnose(pilot)
        await pilot.press(key)
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, Dashboard)

    stage.play(press)
    assert stage.journal() == ""


def test_escape_takes_one_step_back_at_a_time(tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.diagnose(pilot)
        await pilot.press("slash", *"rejected", "enter", "enter")
        await stage.settle(pilot)
        assert screen.has_class("-zoomed")
        await pilot.press("escape")
        assert not screen.has_class("-zoomed")
        assert screen.needle == "rejected"
        await pilot.press("escape")
        assert screen.needle == ""
        await pilot.press("escape")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, Dashboard)

    stage.play(press)


def test_every_key_has_id_and_tooltip(tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))

    async def look(pilot: Pilot[int]) -> None:
        await stage.diagnose(pilot, "key-rejected")
        for key in ("", "tab", "f", "q", "q", "z"):
            if key:
                await pilot.press(key)
                await stage.settle(pilot)
            for active in stage.app.screen.active_bindings.values():
                assert active.binding.id, active.binding
                assert active.binding.tooltip, active.binding
                assert 0 < len(active.binding.description) <= 18
            assert ("q No" if key == "f" else "q Back") in stage.hint  # f opens the question at once

    stage.play(look, (80, 24))


# ── the checks ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES.values())
def test_every_check_says_what_came_of_it(size: tuple[int, int], tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))

    async def look(pilot: Pilot[int]) -> None:
        screen = await stage.diagnose(pilot)
        counts, found = screen.diagnosis.counts, screen.found
        told = f"{counts['found']} found · {counts['fine']} fine · {counts['not-checked']} not checked"
        assert told in stage.words
        before = len(found.choices)
        await pilot.press("space")
        await stage.settle(pilot)
        text = " ".join(found.text().split())
        assert f"── not checked · {counts['not-checked']} ─" in text
        assert f"── fine · {counts['fine']} ─" in text
        assert "? not checked: The server accepts the credential, because only a request tells" in text
        assert "✓ not so: A variable is set but empty" in text
        checks = [row for row in found.choices if row.startswith("check:")]
        assert len(checks) == counts["fine"] + counts["not-checked"]
        found.go_to("check:credential-accepted")
        await stage.settle(pilot)
        assert "? not checked: because only a request tells" in stage.words
        found.go_to("check:variable-empty" if "check:variable-empty" in found.choices else checks[-1])
        await stage.settle(pilot)
        assert "✓ fine: looked at, and it is not so here" in stage.words
        assert "what it would mean" in stage.words
        await pilot.press("f")
        assert "there is nothing to fix in this row" in stage.hint
        await pilot.press("space")
        await stage.settle(pilot)
        assert len(found.choices) == before

    stage.play(look, size)


def test_counts_and_remedies_are_those_of_the_command_line(tmp_path: Path) -> None:
    machine = rejected(tmp_path).login()
    (machine.home / ".claude/.credentials.json").chmod(0o644)
    environ = {**machine.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    folder = str(machine.home / "proj")
    run = subprocess.run(
        [sys.executable, "-m", "claude_auth", "diagnose", "--json"],
        env=environ,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = json.loads(run.stdout)["findings"]
    told = [finding["id"] for finding in found]
    remedies = [[(fix["title"], fix["command"]) for fix in finding["fixes"]] for finding in found]
    assert any(len(one) > 1 for one in remedies)
    view = ObservationContext(str(machine.home), folder, "/", Environment(environ), user_id=os.geteuid())
    eyes = HostObserver.of(view)
    eyes.look()  # the first one is for the dashboard
    stage = FixStage(machine, look=eyes.look)

    async def look(pilot: Pilot[int]) -> None:
        screen = await stage.diagnose(pilot)
        assert screen.diagnosis.snapshot.more is not None, "the slower look was not taken"
        assert [finding.id for finding in screen.diagnosis.findings] == told
        here = [[(fix.title, fix.command) for fix in one.fixes] for one in screen.diagnosis.findings]
        assert here == remedies
        assert screen.diagnosis.counts["found"] == len(told)
        assert f"{len(told)} found · " in stage.words

    stage.play(look)


def test_nothing_found_and_what_else_is_possible(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    scopes = ["user:inference", "user:profile"]
    grant = {"accessToken": OAT, "expiresAt": 4_102_444_800_000, "scopes": scopes}
    machine.write(".claude/.credentials.json", {"claudeAiOauth": grant})
    machine.write(".claude.json", {"hasCompletedOnboarding": True, "oauthAccount": {"emailAddress": "a@b.c"}})
    stage = FixStage(machine)

    async def look(pilot: Pilot[int]) -> None:
        screen = await stage.diagnose(pilot)
        assert screen.diagnosis.findings == ()
        assert "✓ nothing to worry about was found" in stage.words
        assert "space shows every check" in stage.words
        await pilot.press("f")
        assert "there is nothing to fix in this row" in stage.hint
        await pilot.press("y")
        assert "there is nothing to copy" in stage.hint

    stage.play(look)


def test_the_filter(tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.diagnose(pilot)
        total = len(screen.found.choices)
        await pilot.press("slash", *"rejected q")
        await stage.settle(pilot)
        assert "nothing matches; Escape shows every row; space shows all checks" in stage.words
        assert "No row is left" in stage.words
        assert "No check found anything wrong" not in stage.words
        await pilot.press("backspace", "backspace")
        await stage.settle(pilot)
        assert [row.split("#")[0] for row in screen.found.choices] == ["key-rejected"]
        assert f"1 of {total} match “rejected”" in stage.words
        await pilot.press("enter", "space")
        await stage.settle(pilot)
        assert all("check" in row or "rejected" in row for row in screen.found.choices)
        await pilot.press("slash", "escape")
        await stage.settle(pilot)
        assert len(screen.found.choices) > total

    stage.play(press)


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


def test_it_says_that_it_looks_further_and_can_be_left_meanwhile(tmp_path: Path) -> None:
    machine, go_on = rejected(tmp_path), threading.Event()

    def look() -> Snapshot:
        assert go_on.wait(60)
        return machine.look()

    stage = FixStage(machine, look=look)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("d")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, DiagnoseScreen))
        screen = stage.app.screen
        assert isinstance(screen, DiagnoseScreen)
        await stage.settle(pilot)
        assert LOOKING in stage.words
        assert f"{len(screen.diagnosis.findings)} found so far" in stage.words
        assert "ANTHROPIC_API_KEY was rejected earlier" in stage.words
        for key in ("space", "m"):
            await pilot.press(key)
            assert "the checks are not made yet" in stage.hint
        await pilot.press("q")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, Dashboard)
        await pilot.press("d")
        go_on.set()
        await stage.until(pilot, lambda: "fine" in stage.words)
        assert LOOKING not in stage.words

    stage.play(press)


@pytest.mark.parametrize("key", ["u", "f5"])
def test_it_looks_again_on_a_key(key: str, tmp_path: Path) -> None:
    stage = FixStage(open_store(tmp_path))

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.diagnose(pilot)
        assert "store-readable-by-others" in {finding.id for finding in screen.diagnosis.findings}
        (stage.machine.home / ".claude/.credentials.json").chmod(0o600)
        await pilot.press(key)
        await stage.until(pilot, lambda: "looked again" in stage.hint)
        assert "store-readable-by-others" not in {finding.id for finding in screen.diagnosis.findings}
        assert "Other users of this machine" not in stage.words

    stage.play(press)


def test_it_follows_what_the_dashboard_sees(tmp_path: Path) -> None:
    """The files are watched by the dashboard below; nobody looks twice."""
    stage = FixStage(open_store(tmp_path))

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.diagnose(pilot)
        (stage.machine.home / ".claude/.credentials.json").chmod(0o600)
        dashboard = stage.app.screen_stack[0]
        assert isinstance(dashboard, Dashboard)
        dashboard.files_changed()
        await stage.until(pilot, lambda: "Other users of this machine" not in stage.words)
        assert "store-readable-by-others" not in {finding.id for finding in screen.diagnosis.findings}

    stage.play(press)


def test_a_failing_look_is_told(tmp_path: Path) -> None:
    machine = rejected(tmp_path)

    def fail() -> Snapshot:
        raise OSError("made up")

    stage = FixStage(machine, look=fail)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("d")
        await stage.until(pilot, lambda: "that look failed (OSError)" in stage.hint)
        assert "ANTHROPIC_API_KEY was rejected earlier" in stage.words

    stage.play(press)


# ── copying and the report ───────────────────────────────────────────────────────────────────────


def test_copying(tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))

    async def press(pilot: Pilot[int]) -> None:
        await stage.diagnose(pilot, "key-rejected")
        await pilot.press("y")
        assert stage.app.clipboard == "unset ANTHROPIC_API_KEY"
        assert "the command was sent to your terminal" in stage.hint
        await pilot.press("tab", "y")
        assert "Somebody answered No" in stage.app.clipboard

    stage.play(press)


def test_commands_are_for_this_shell(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    machine.environ["SHELL"] = "/usr/bin/fish"
    stage = FixStage(machine)

    async def press(pilot: Pilot[int]) -> None:
        await stage.diagnose(pilot, "key-rejected")
        await pilot.press("y")
        assert stage.app.clipboard == "set -e ANTHROPIC_API_KEY"

    stage.play(press)


def test_the_report_is_copied_or_saved(tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path).login())

    async def press(pilot: Pilot[int]) -> None:
        await stage.diagnose(pilot)
        await pilot.press("m")
        await stage.settle(pilot)
        assert "read it before you hand it on" in stage.words
        await pilot.press("enter")
        await stage.until(pilot, lambda: stage.app.clipboard != "")
        assert "the report was sent to your terminal" in stage.hint
        await pilot.press("m", "down", "enter")
        await stage.until(pilot, lambda: "report written to" in stage.hint)
        assert ".md" in stage.hint
        assert "report written to" in stage.log()

    stage.play(press, (200, 40))
    (path,) = (tmp_path / "state").glob("report-*.md")
    text = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert text.startswith("# claude-auth report\n")
    assert "key-rejected" in text
    assert "## Checks" in text
    assert text.splitlines()[5:] == stage.app.clipboard.splitlines()[5:]
    for secret in (KEY, OAT):
        assert secret[20:40] not in text + stage.app.clipboard


def test_a_report_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    (tmp_path / "state").write_text("a file stands there")
    stage = FixStage(machine)

    async def press(pilot: Pilot[int]) -> None:
        await stage.diagnose(pilot)
        await pilot.press("m", "down", "enter")
        await stage.until(pilot, lambda: "not written:" in stage.hint)

    stage.play(press)


# ── hostile, small, without colours ──────────────────────────────────────────────────────────────

HOSTILE = Finding(
    "made-up",
    "warning",
    "[red]title[/] \x1b[31m\u202e" + "long" * 100,
    "[link=x]explained[/link]\x07 " + "word " * 400,
    "seen \x1b]0;title\x07 in /home/ada/[b]x",
    fixes=(),
)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (30, 10)])
def test_hostile_text_is_only_text(size: tuple[int, int], tmp_path: Path) -> None:
    stage, fixing = fixed_stage(tmp_path)
    diagnose = fixing.diagnose
    fixing.diagnose = lambda snapshot: diagnose(snapshot)._replace(findings=(HOSTILE,))  # type: ignore[method-assign]

    async def look(pilot: Pilot[int]) -> None:
        screen = await opened(stage, pilot)
        await pilot.press("enter")
        await stage.settle(pilot)
        detail = screen.detail.text()
        for text in (stage.text, detail):
            assert not {"\x1b", "\x07", "\u202e"} & set(text)
        assert "[red]title[/]" in detail
        assert "[link=x]explained[/link]" in " ".join(detail.split()) or size[0] < 40
        assert max(len(line) for line in stage.text.splitlines()) <= size[0]

    stage.play(look, size)


def test_resize_at_any_time(tmp_path: Path) -> None:
    stage, _ = fixed_stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await opened(stage, pilot)
        for size in ((60, 20), (120, 40), (80, 24), (40, 12), (200, 60), (20, 5), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.press("v")
            await pilot.pause()
            assert max(len(line) for line in stage.text.splitlines()) <= size[0]
        assert "In full" in stage.words

    stage.play(press)


def test_in_plain_characters(tmp_path: Path) -> None:
    app = app_on("two-sent", tmp_path, ascii_only=True)

    async def read(pilot: Pilot[int]) -> None:
        for key in ("d", "space", "end", "m", "q", "z", "q", "home", "f", "end"):
            await pilot.press(key)
            while any(worker.group == "look" and not worker.is_finished for worker in app.workers):
                await pilot.pause(0.01)
            await pilot.pause()
            text = "\n".join(screen_lines(app))
            assert text.isascii(), text
        assert isinstance(app.screen, FixScreen)

    drive(app, read)


def test_the_rows_tell_two_findings_of_one_id_apart() -> None:
    one = HOSTILE._replace(id="check-failed")
    two = one._replace(evidence="another")
    assert named_findings((one, two, one._replace(source="vertex"))) == {
        "check-failed": one,
        "check-failed#2": two,
        "check-failed#vertex": one._replace(source="vertex"),
    }
