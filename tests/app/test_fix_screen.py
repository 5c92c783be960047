"""Fixing from the screen, on real files: previewed, applied by keys, gone, and taken back by keys."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions.fixes.action import FixResult
from claude_auth.actions.fixes.plans import Preview
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.diagnose import DiagnoseScreen
from claude_auth.app.screens.fix import NOT_HALF, FixScreen
from claude_auth.diagnose.cause import act
from claude_auth.model import Fix, Snapshot
from claude_auth.present import fixes as told
from claude_auth.present.fixes import diff_lines
from tests import disguises
from tests.actions.fixes.machines import (
    KEY,
    OTHER,
    Machine,
    helper_wanted,
    key_in_bashrc,
    key_in_settings,
    open_store,
    rejected,
    state,
)
from tests.app.fix_stage import (
    APPROVED,
    FixStage,
    agree,
    agree_at_once,
    all_ways,
    fixed_stage,
    opened,
    undoes,
    ways,
)
from tests.app.stage import SIZES, ScriptedRefreshing
from tests.disguises import needs_linux

Make = Callable[[Path], Machine]
#: The machine, the row, the way, the file that changes, a line of the preview.
CASES: dict[str, tuple[Make, str, str, str, str]] = {
    "chmod": (
        open_store,
        "store-readable-by-others",
        "store-readable-by-others/chmod",
        ".claude/.credentials.json",
        "~/.claude/.credentials.json: mode 0644 → 0600",
    ),
    "settings-variable": (
        key_in_settings,
        "key-overrides-login",
        "key-overrides-login/settings-variable",
        ".claude/settings.json",
        '- "ANTHROPIC_API_KEY": "sk-ant-api03-…k3y9",',
    ),
    "startup-line": (
        key_in_bashrc,
        "key-overrides-login",
        "key-overrides-login/startup-line",
        ".bashrc",
        "+: # export ANTHROPIC_API_KEY=…",
    ),
    "key-answer": (rejected, "key-rejected", "key-rejected/approve-key", ".claude.json", '- "rejected": ['),
    "helper": (
        helper_wanted,
        "own-login-not-connected",
        "key-helper",
        ".claude/settings.json",
        '+ "apiKeyHelper":',
    ),
}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("case", CASES)
def test_previewed_applied_gone_and_taken_back(case: str, size: tuple[int, int], tmp_path: Path) -> None:
    make, row, way, changed, line = CASES[case]
    stage = FixStage(make(tmp_path))
    home = stage.machine.home
    before = state(home)

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, row, way)
        preview = screen.preview.text()
        assert " ".join(line.split()) in " ".join(preview.split()), preview
        assert "Press Enter to apply exactly this: it asks you first." in " ".join(preview.split())
        await pilot.press("enter")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
        assert " ".join(line.split()) in " ".join(stage.words.split())
        await pilot.press("y", "enter")  # the cursor stands on no
        await stage.settle(pilot)
        assert state(home) == before, "a second Enter applied it"
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        after = state(home)
        assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {
            changed
        }
        words = " ".join(screen.steps.text().split())
        assert ": done." in words, words
        outcome = {
            "startup-line": "✓ the finding is gone in a new shell; this one still has the variable"
        }.get(case, "✓ the finding is gone")
        assert f"{outcome}; z on the dashboard or the diagnosis takes it back" in words
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, DiagnoseScreen))
        diagnosis = stage.app.screen
        assert isinstance(diagnosis, DiagnoseScreen)

        def gone() -> bool:
            return row not in {name.split("#")[0] for name in diagnosis.found.choices}

        if case not in ("startup-line", "helper"):  # this process keeps its variable; the offer stays
            await stage.until(pilot, gone)
        undo = await stage.undo(pilot)
        assert "Take back number 1" in stage.words
        await pilot.press("z", "enter")
        await stage.settle(pilot)
        assert state(home) == after, "Enter took it back"
        await agree(stage, pilot, "z")
        await stage.over(pilot, undo)
        assert state(home) == before
        assert "✓ taken back" in " ".join(undo.steps.text().split())
        assert "○ taken back" in " ".join(undo.listed.text().split())
        await pilot.press("enter")
        assert "taken back already" in stage.hint
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, DiagnoseScreen))
        await stage.until(pilot, lambda: not gone())
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))
        assert "taken back:" in stage.log()
        assert ": done." in stage.log()

    stage.play(press, size)
    assert stage.machine.left_behind() == set()
    journal = stage.journal()
    assert "fix.applied" in journal
    assert "fix.undone" in journal
    assert KEY[-20:] not in journal


@pytest.mark.parametrize("leave", ["q", "escape"])
def test_looking_at_a_preview_changes_nothing(leave: str, tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))
    before = state(stage.machine.home)

    async def press(pilot: Pilot[int]) -> None:
        await stage.fix(pilot, "key-rejected")  # its first question is answered with no
        await pilot.press("enter", "n", "tab", leave)
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, DiagnoseScreen)

    stage.play(press)
    assert state(stage.machine.home) == before
    assert stage.journal() == ""


def test_from_the_dashboard(tmp_path: Path) -> None:
    stage = FixStage(open_store(tmp_path))

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("f")
        screen = await agree_at_once(stage, pilot)
        await stage.over(pilot, screen)
        assert "✓ this finding is gone: there is nothing left to do here" in stage.words
        await pilot.press("enter")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, FixScreen)  # nothing to apply: nothing is asked
        await pilot.press("q")
        await stage.until(pilot, lambda: "Other users of this machine" not in stage.words)
        assert isinstance(stage.app.screen, Dashboard)
        assert "done. `claude-auth fix --undo 1`" in stage.log()

    stage.play(press)


def test_commands_are_copied_never_run(tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))
    before = state(stage.machine.home)

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, "key-rejected")
        screen.listed.go_to("copy:unset ANTHROPIC_API_KEY")
        await stage.settle(pilot)
        assert screen.row in ways(screen)
        assert "By hand: comment out" in stage.words or "By hand: unset" in stage.words
        assert "▸ unset ANTHROPIC_API_KEY" in screen.preview.text()
        assert "y Copy" in stage.hint
        assert "Enter Apply" not in stage.hint
        await pilot.press("y")
        await stage.settle(pilot)
        assert stage.app.clipboard == ways(screen)[screen.row].command == "unset ANTHROPIC_API_KEY"
        assert not screen.started

    stage.play(press)
    assert state(stage.machine.home) == before


# ── what refuses ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", ["settings-variable", "startup-line", "key-answer"])
def test_a_file_that_changed_since_is_shown_anew_and_asked_anew(case: str, tmp_path: Path) -> None:
    make, row, way, changed, _ = CASES[case]
    stage = FixStage(make(tmp_path))
    path = stage.machine.home / changed

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, row, way)
        path.write_bytes(b"\n" + path.read_bytes())
        now = path.read_bytes()
        was = screen.preview.text()
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        assert path.read_bytes() == now
        words = " ".join(screen.steps.text().split())
        assert "nothing was changed" in words
        assert "the preview shows the change as it is now: Enter asks anew" in words
        assert screen.preview.text() != was
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        await stage.until(pilot, lambda: ": done." in screen.steps.text())
        assert path.read_bytes() != now
        assert path.read_bytes().startswith(b"\n")

    stage.play(press)


@needs_linux
def test_nothing_while_a_claude_runs_and_its_command_is_offered(tmp_path: Path) -> None:
    """A real process that is Claude Code by its register alone, on this configuration."""
    stage = FixStage(rejected(tmp_path))
    home = stage.machine.home
    before = state(home)
    with disguises.running((("x",), "{}/x"), tmp_path / "p", {"HOME": "/"}) as child:
        record = disguises.register(home / ".claude", child.pid, disguises.start_of(child.pid))

        async def press(pilot: Pilot[int]) -> None:
            screen = await stage.fix(pilot, "key-rejected", "key-rejected/unreject-key")
            await agree(stage, pilot)
            await stage.over(pilot, screen)
            words = " ".join(screen.steps.text().split())
            assert f"claude runs on this configuration (process {child.pid})" in words
            assert "Quit it, then try again" in words
            assert "y copies the command" in stage.hint
            await pilot.press("y")
            assert stage.app.clipboard == "claude-auth fix key-rejected/unreject-key --yes"

        stage.play(press)
    shutil.rmtree(record.parent)
    assert state(home) == before
    assert "fix.refused" in stage.journal()


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_place_is_left_alone(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = FixStage(key_in_settings(tmp_path))
    path = stage.machine.home / ".claude/settings.json"
    if what == "file":
        path.chmod(0o400)
    else:  # to root every folder is writable
        access = os.access
        monkeypatch.setattr(
            os, "access", lambda place, mode: place != str(path.parent) and access(place, mode)
        )
    before = state(stage.machine.home)

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, "key-overrides-login", "key-overrides-login/settings-variable")
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        words = " ".join(screen.steps.text().split())
        assert "nothing was changed" in words
        assert ("is read-only: somebody meant it" if what == "file" else "can't be written") in words
        assert screen.result is not None
        assert screen.result.outcome == "refused"

    stage.play(press)
    assert state(stage.machine.home) == before


def test_nothing_in_somebody_elses_files(tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path), ours=lambda: False)
    before = state(stage.machine.home)

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, "key-rejected", "key-rejected/approve-key")
        await pilot.press("enter")
        assert "belong to somebody else" in stage.hint
        assert not screen.started

    stage.play(press)
    assert state(stage.machine.home) == before


def test_a_fix_that_was_not_enough_says_so(tmp_path: Path) -> None:
    machine = key_in_settings(tmp_path)
    machine.environ["ANTHROPIC_API_KEY"] = OTHER
    stage = FixStage(machine)

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, "key-overrides-login", "key-overrides-login/settings-variable")
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        assert "applied, but the finding is still there: see what is left" in stage.words
        assert "copy:unset ANTHROPIC_API_KEY" in ways(screen)
        assert "apply:key-overrides-login/settings-variable" not in ways(screen)

    stage.play(press)


def test_after_the_line_is_gone_this_shell_still_has_the_key(tmp_path: Path) -> None:
    """What is advised then is to unset it; to approve it, which bills per token, is not asked about."""
    machine = Machine(tmp_path, {"ANTHROPIC_API_KEY": KEY}).login()
    start_up = machine.write(".bashrc", f"export ANTHROPIC_API_KEY={KEY}\n")
    stage = FixStage(machine)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("f")
        screen = await agree_at_once(stage, pilot)
        await stage.over(pilot, screen)
        assert not start_up.read_text().startswith("export")
        assert "✓ applied: a new shell won't have it, this one still has the old value" in stage.words
        assert next(iter(ways(screen))) == "copy:unset ANTHROPIC_API_KEY"
        await pilot.press("escape")
        await stage.settle(pilot)
        await pilot.press("f")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, FixScreen))
        again = stage.app.screen
        assert isinstance(again, FixScreen)
        await stage.until(pilot, lambda: again.choices.known)
        await stage.settle(pilot)
        assert not isinstance(stage.app.screen, ConfirmDialog)  # nothing is asked
        assert again.row == "copy:unset ANTHROPIC_API_KEY"
        assert list(ways(again))[1] == "apply:approval-pending/approve-key"

    stage.play(press)


def test_after_a_fix_the_cursor_stands_on_nothing_that_y_would_apply(tmp_path: Path) -> None:
    """`y y` applies one thing, however long was waited between."""
    machine = key_in_settings(tmp_path)
    machine.environ["ANTHROPIC_API_KEY"] = OTHER
    start_up = machine.write(".bashrc", f"export ANTHROPIC_API_KEY={OTHER}\n")
    stage = FixStage(machine)

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, "key-overrides-login", "key-overrides-login/settings-variable")
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        assert "apply:key-overrides-login/startup-line" in ways(screen)
        assert screen.row not in ways(screen)
        assert "▸ ✓ applied: what else can be done stands below" in stage.words
        await pilot.press("enter", "enter")
        assert isinstance(stage.app.screen, FixScreen)
        await stage.settle(pilot)
        assert start_up.read_text().startswith("export")
        screen.listed.focus()
        await pilot.press("down")
        await stage.settle(pilot)
        assert screen.listed.cursor == "apply:key-overrides-login/startup-line"
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        assert not start_up.read_text().startswith("export")

    stage.play(press)


def test_the_same_key_again_does_not_comment_out_the_next_file(tmp_path: Path) -> None:
    """The second way of a kind takes the first one's place, and its name, once that is done."""
    machine = key_in_bashrc(tmp_path)
    other = machine.write(".profile", f"export ANTHROPIC_API_KEY={KEY}\n")
    stage = FixStage(machine)

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, "key-overrides-login", "key-overrides-login/startup-line")
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        assert "apply:key-overrides-login/startup-line" in ways(screen)
        assert screen.row not in ways(screen)
        await pilot.press("enter")
        await stage.settle(pilot)
        assert other.read_text().startswith("export")

    stage.play(press)


#: Nothing like it is offered; should a change have such an effect, the screen says so.
WORSE = FixResult("applied", 3, False, worse="Amazon Bedrock is no longer used", usable=False)


def test_what_got_worse_is_said_and_never_called_gone(tmp_path: Path) -> None:
    stage, fixing = fixed_stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        diagnosis = await opened(stage, pilot)
        diagnosis.found.go_to(next(row for row in diagnosis.found.choices if row.startswith("key-rejected")))
        await pilot.press("f")
        fixing.end_with = WORSE
        screen = await agree_at_once(stage, pilot)
        fixing.laid = APPROVED  # the finding itself is gone
        fixing.scripted[0].end()
        await stage.until(pilot, lambda: not screen.running and not screen.looking)
        words = " ".join(screen.steps.text().split())
        assert "✗ applied, and now it is worse: Amazon Bedrock is no longer used; z on the dashboard" in words
        listed = " ".join(screen.listed.text().split())
        assert (
            "✗ it was applied, and now it is worse: z on the dashboard or the diagnosis takes it back"
            in listed
        )
        assert "nothing left to do" not in words + listed

    stage.play(press)


def test_gone_is_not_called_all_well_while_no_request_can_go_out(tmp_path: Path) -> None:
    """A mode that is right again makes no login of a file without one."""
    machine = open_store(tmp_path)
    machine.write(".claude/.credentials.json", {"claudeAiOauth": {}}, 0o644)
    stage = FixStage(machine)

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, "store-readable-by-others")
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        for part in (screen.steps, screen.listed):
            words = " ".join(part.text().split())
            assert "▲" in words
            assert "gone, but no request can go out yet" in words
            assert "nothing left to do" not in words

    stage.play(press)


def test_what_an_action_does_is_opened_and_what_none_does_is_copied() -> None:
    login, unset = act("sign-in", "sign in"), Fix("take it away", "unset MADE_UP")
    previews = [
        Preview("f/commands", "commands", "f", fix.title, "", (fix.command or "",)) for fix in (unset, login)
    ]
    found = told.ways(previews, (unset, login))
    assert [(way.command, way.action) for way in found.values()] == [
        ("claude-auth login", login),
        ("unset MADE_UP", None),
    ]
    rows = ["".join(span.text for span in row.lines[0]) for row in told.way_rows(found, "/h", 60)]
    assert [words.split()[:2] for words in rows] == [["Enter", "opens"], ["y", "copies"]]


def test_an_undo_refuses_where_somebody_wrote_since(tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))
    path = stage.machine.home / ".claude.json"

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, "key-rejected", "key-rejected/approve-key")
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        path.write_bytes(path.read_bytes() + b"\n")
        now = path.read_bytes()
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, DiagnoseScreen))
        undo = await stage.undo(pilot)
        await agree(stage, pilot)
        await stage.over(pilot, undo)
        assert path.read_bytes() == now
        words = " ".join(undo.steps.text().split())
        assert "nothing was changed" in words
        assert "was changed since: putting back the copy would lose that" in words

    stage.play(press)
    assert "fix.undo-refused" in stage.journal()


def test_nothing_to_take_back(tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))

    async def press(pilot: Pilot[int]) -> None:
        await stage.diagnose(pilot)
        await stage.undo(pilot)
        assert "Nothing was fixed from here yet" in stage.words
        await pilot.press("enter")
        assert "there is nothing to take back" in stage.hint
        await pilot.press("q")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, DiagnoseScreen)

    stage.play(press)


# ── the lock, cancelling, leaving while it runs ──────────────────────────────────────────────────


class Watched:
    """Eleven seconds that pass when the test says so."""

    def __init__(self, stage: FixStage) -> None:
        machine = stage.machine
        self.lock = machine.home / ".claude/.oauth_refresh.lock"
        self.lock.mkdir()
        os.utime(self.lock, (time.time() - 300,) * 2)
        self.stage, self.now, self.passed = stage, 0.0, asyncio.Event()

    def enter(self) -> None:
        fixing = self.stage.services.fixing
        fixing.sleep, fixing.monotonic = self.sleep, lambda: self.now

    async def sleep(self, seconds: float) -> None:
        await self.passed.wait()
        self.now += seconds


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_an_orphaned_lock_is_watched_first(size: tuple[int, int], tmp_path: Path) -> None:
    stage = FixStage(Machine(tmp_path))
    watched = Watched(stage)

    async def press(pilot: Pilot[int]) -> None:
        watched.enter()
        screen = await stage.fix(pilot, "lock-left-behind", "lock-left-behind/remove-lock")
        await agree(stage, pilot)
        await stage.until(pilot, lambda: "watching the lock for 11 s" in stage.words)
        assert watched.lock.exists()
        await pilot.press("enter", "q")
        assert "it is still under way: ^x cancels it" in stage.hint
        watched.passed.set()
        await stage.over(pilot, screen)
        assert not watched.lock.exists()
        assert "lock-left-behind is gone" in stage.words
        assert "takes it back" not in stage.words

    stage.play(press, size)


@pytest.mark.parametrize("key", ["ctrl+x", "ctrl+c"])
def test_watching_can_be_cancelled(key: str, tmp_path: Path) -> None:
    stage = FixStage(Machine(tmp_path))
    watched = Watched(stage)

    async def press(pilot: Pilot[int]) -> None:
        watched.enter()
        screen = await stage.fix(pilot, "lock-left-behind", "lock-left-behind/remove-lock")
        await agree(stage, pilot)
        await stage.until(pilot, lambda: "watching the lock for 11 s" in stage.words)
        await pilot.press(key)
        await stage.over(pilot, screen)
        assert "cancelled" in stage.words
        watched.passed.set()
        await stage.settle(pilot)
        assert watched.lock.exists()
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        await stage.until(pilot, lambda: "is gone" in stage.words)
        assert not watched.lock.exists()

    stage.play(press)


@pytest.mark.parametrize("key", ["ctrl+x", "ctrl+c"])
def test_an_exchange_is_not_broken_off_half_way(key: str, tmp_path: Path) -> None:
    stage = FixStage(rejected(tmp_path))
    go_on = threading.Event()

    class Held(ScriptedRefreshing):
        def running(self, config_dir: str) -> frozenset[int]:
            assert go_on.wait(60)
            return frozenset()

    async def press(pilot: Pilot[int]) -> None:
        stage.services.refreshing = Held(stage.services)
        screen = await stage.fix(pilot, "key-rejected", "key-rejected/approve-key")
        await agree(stage, pilot)
        await stage.until(pilot, lambda: screen.running)
        await pilot.press("enter")
        assert "it is under way" in stage.hint
        await pilot.press("q")
        assert "^x goes back as soon as it is over" in stage.hint
        await pilot.press(key)
        assert NOT_HALF in stage.hint
        assert isinstance(stage.app.screen, FixScreen)
        go_on.set()
        await stage.until(pilot, lambda: isinstance(stage.app.screen, DiagnoseScreen))

    stage.play(press)
    assert "fix.applied" in stage.journal()


def test_a_look_that_failed_claims_nothing(tmp_path: Path) -> None:
    machine = open_store(tmp_path)

    def fail() -> Snapshot:
        raise OSError("made up")

    stage = FixStage(machine, look=fail)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("f")
        await stage.until(pilot, lambda: "that look failed (OSError)" in stage.hint)
        assert "? not known: the look at this machine failed" in stage.words
        await pilot.press("enter")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, FixScreen)  # nothing to apply: nothing is asked
        await pilot.press("q")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, Dashboard)

    stage.play(press)


# ── hostile content ──────────────────────────────────────────────────────────────────────────────


def test_hostile_names_and_content_in_a_diff(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "[red]h\x1b[31mo\u202eme", client="claude-print").login()
    env = {
        "[bold]\x1b]0;owned\x07": "x",
        "ANTHROPIC_API_KEY": KEY,
        "Z\u202e" + "wide" * 100: "[link=x]y[/link]",
    }
    machine.write(".claude/settings.json", {"env": env})
    stage = FixStage(machine)

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, "key-overrides-login", "key-overrides-login/settings-variable")
        text = stage.text + screen.preview.text()
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
        assert "[bold]" in text
        assert KEY[20:40] not in text
        await agree(stage, pilot)
        await stage.over(pilot, screen)
        assert not {"\x1b", "\x07", "\u202e"} & set(stage.text)
        assert ": done." in " ".join(screen.steps.text().split())

    stage.play(press)


def test_a_command_that_a_terminal_would_act_on_is_not_copied(tmp_path: Path) -> None:
    stage = FixStage(key_in_bashrc(tmp_path / "h\x1b[201~\nme"))

    async def press(pilot: Pilot[int]) -> None:
        screen = await stage.fix(pilot, "key-overrides-login")
        screen.listed.go_to(next(key for key in ways(screen) if "\x1b[201~\n" in key))
        await stage.settle(pilot)
        await pilot.press("y")
        assert "not copied" in stage.hint
        assert stage.app.clipboard == ""
        assert "\x1b" not in stage.text

    stage.play(press)


def test_a_diff_keeps_signs_and_indentation_and_loses_nothing() -> None:
    told = "\n".join(["--- ~/a", "+++ ~/a", "@@ -1,2 +1 @@", " {", "-    old\x1b[2J", "+  " + "new " * 40])
    found = diff_lines(told, 40)
    text = ["".join(span.text for span in line) for line in found]
    assert text[:5] == ["--- ~/a", "+++ ~/a", "@@ -1,2 +1 @@", " {", "-    old[2J"]
    assert [line[0].role for line in found[:6]] == ["dim", "dim", "accent", "plain", "dim", "ok"]
    assert " ".join(text[5:]).split().count("new") == 40
    assert max(map(len, text)) <= 40


def test_what_is_done_by_hand_is_told(tmp_path: Path) -> None:
    """What the dashboard says beside `f` stands on the screen that `f` opens."""
    machine = Machine(tmp_path)
    gateway = {"ANTHROPIC_BASE_URL": "https://gateway.example.com/v1", "ANTHROPIC_AUTH_TOKEN": "made-up"}
    machine.write(".claude/settings.json", {"env": gateway})
    stage = FixStage(machine)

    async def press(pilot: Pilot[int]) -> None:
        await stage.settle(pilot)
        await pilot.press("f")
        await stage.until(pilot, lambda: "this is done by hand" in stage.words)
        assert "→ end ANTHROPIC_BASE_URL before /v1" in stage.words

    stage.play(press)


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────

REFUSED = FixResult(
    "refused",
    error="claude runs on this configuration (process 4711) and would write back what it remembers",
    next_step="Quit it, then try again. To copy: claude-auth fix key-rejected/approve-key --yes",
)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", ["preview", "applied", "refused", "chmod", "command"])
def test_picture_fix(step: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage, fixing = fixed_stage(tmp_path)

    async def before(pilot: Pilot[int]) -> None:
        diagnosis = await opened(stage, pilot)
        at = "store-readable-by-others" if step == "chmod" else "key-rejected"
        diagnosis.found.go_to(next(row for row in diagnosis.found.choices if row.startswith(at)))
        await pilot.press("f")
        screen = await all_ways(stage, pilot)
        if step == "command":
            screen.listed.go_to("copy:unset ANTHROPIC_API_KEY")
        if step in ("applied", "refused"):
            screen.listed.go_to("apply:key-rejected/approve-key")
            fixing.end_with = FixResult("applied", 3, True) if step == "applied" else REFUSED
            await agree(stage, pilot)
            action = fixing.scripted[0]
            if step == "applied":
                title = "approve the key sk-ant-api03-…k3y9 (fingerprint 792dbf4d)"
                action.tell("fix.applied", f"{title}: done. `claude-auth fix --undo 3` takes it back")
                action.tell("fix.verified", "looked again: key-rejected is gone")
                fixing.laid = APPROVED
            else:
                text = f"nothing was changed: {REFUSED.error}. {REFUSED.next_step}"
                action.tell("fix.refused", text, "error")
            action.end()
            await stage.until(pilot, lambda: not screen.running and not screen.looking)
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_picture_undo(size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage, _ = fixed_stage(tmp_path)

    async def before(pilot: Pilot[int]) -> None:
        await opened(stage, pilot)
        await pilot.press("z")
        await stage.until(pilot, lambda: undoes(stage))
        screen = stage.app.screen
        assert isinstance(screen, FixScreen)
        await stage.until(pilot, lambda: not screen.looking)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)
