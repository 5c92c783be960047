"""Claude Code in a pane: its terminal is shown and typed into, its address checked and offered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from claude_auth.actions.result import Result
from claude_auth.app.dialogs.confirm import TextDialog
from claude_auth.app.screens.claude_terminal import ClaudeScreen
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.log import LogScreen
from claude_auth.app.widgets.terminal_pane import TerminalPane, bytes_of
from claude_auth.claude_code.sign_in_links import check_sign_in_link
from claude_auth.model import McpLogin
from tests.app.stage import SIZES, URL, ByClaude, Stage

PROMPT = "Paste code here if prompted > "
SAID = f"Opening browser to sign in…\nIf the browser didn't open, visit: \x1b[94m{URL}\x1b[39m\n{PROMPT}"
CODE = "canary-code-4711#canary-state-4711"


async def open_pane(stage: Stage, pilot: Pilot[int], url: str = URL) -> ByClaude:
    """The sign-in runs, has shown its address, and waits for the code."""
    await pilot.press("l", "enter")
    await stage.until(pilot, lambda: bool(stage.services.actions))
    action = stage.services.actions[-1]
    assert isinstance(action, ByClaude)
    action.tell(
        "sign-in.started", "Claude Code runs in a terminal of its own; what it prints is shown as it is"
    )
    action.program.prints(SAID)
    action.program.urls.append(check_sign_in_link(url))
    told = action.program.urls[-1]
    action.tell("sign-in.address", told.verdict, "info" if told.may_be_used else "error")
    action.tell(
        "sign-in.wants-code", "it waits for the browser; if the page shows a code, paste all of it here"
    )
    await stage.until(pilot, lambda: len(screen(stage).steps.events) == 3)
    return action


def screen(stage: Stage) -> ClaudeScreen:
    found = next(one for one in stage.app.screen_stack if isinstance(one, ClaudeScreen))
    assert isinstance(found, ClaudeScreen)
    return found


async def finish(stage: Stage, pilot: Pilot[int], action: ByClaude) -> None:
    action.end()
    await stage.until(pilot, lambda: not screen(stage).running)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", ["waiting", "left", "over", "refused"])
def test_picture_sign_in_by_claude(step: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    if step == "refused":
        stage.services.result = Result("failed", error="the server refused the code: mistyped, or too old")

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        action = await open_pane(stage, pilot)
        if step != "waiting":
            await pilot.press("f6")
        if step == "over":
            action.tell("sign-in.verified", "signed in: claude.ai login 11aa22bb → 33cc44dd")
            await finish(stage, pilot, action)
        if step == "refused":
            action.tell("sign-in.refused", "the server refused the code: mistyped, or too old", "error")
            await finish(stage, pilot, action)
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES.values())
def test_the_terminal_is_shown_and_the_address_judged(size: tuple[int, int], tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        await open_pane(stage, pilot)
        assert stage.app.focused is screen(stage).terminal
        joined = stage.text.replace("│", "").replace("┃", "").replace("\n", "")
        assert "Opening browser to sign in…" in joined
        assert "Paste code here if prompted >" in joined
        assert "every key and paste goes to Claude Code; F6 or ^] leaves its terminal" in stage.hint
        assert "it leads to claude.com over https" in stage.words
        assert "UNDER WAY" in stage.text

    stage.play(look, size)


def test_every_key_and_paste_goes_to_the_program_as_it_is(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        action = await open_pane(stage, pilot)
        await pilot.press(
            "q", "question_mark", "escape", "ctrl+p", "ctrl+c", "ctrl+q", "tab", "up", "enter", "ö"
        )
        assert action.program.typed == b"q?\x1b\x10\x03\x11\t\x1b[A\r" + "ö".encode()
        action.program.typed = b""
        screen(stage).terminal.post_message(events.Paste(CODE))
        await stage.settle(pilot)
        assert action.program.typed == CODE.encode()
        action.program.prints("\x1b[?2004h\x1b[?1h")
        screen(stage).terminal.post_message(events.Paste("two\nlines"))
        await stage.settle(pilot)
        await pilot.press("down")
        assert action.program.typed.endswith(b"\x1b[200~two\nlines\x1b[201~\x1bOB")
        assert screen(stage).running

    stage.play(press)


def test_an_interrupt_does_not_overtake_what_was_typed_before_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        action = await open_pane(stage, pilot)
        for key in ("a", "b", "ctrl+c", "d"):
            stage.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await stage.until(pilot, lambda: len(action.program.typed) == 4)
        assert action.program.typed == b"ab\x03d"
        assert screen(stage).running

    stage.play(press)


@pytest.mark.parametrize(
    ("key", "character", "data"),
    [
        ("a", "a", b"a"),
        ("enter", "\r", b"\r"),
        ("ctrl+d", "\x04", b"\x04"),
        ("shift+tab", None, b"\x1b[Z"),
        ("alt+b", None, b"\x1bb"),
        ("f1", None, b"\x1bOP"),
        ("f4", None, b"\x1bOS"),
        ("delete", "\x7f", b"\x1b[3~"),
        ("f12", None, b""),
    ],
)
def test_keys_as_bytes(key: str, character: str | None, data: bytes) -> None:
    assert bytes_of(key, character) == data


@pytest.mark.parametrize("key", ["f6", "ctrl+right_square_bracket"])
def test_leaving_the_terminal_and_going_back(key: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        action = await open_pane(stage, pilot)
        await pilot.press(key)
        await pilot.pause()
        assert stage.app.focused is screen(stage).steps
        assert "^x Cancel" in stage.hint
        await pilot.press("q", "ctrl+q")
        assert "it is still under way: ^x cancels it" in stage.hint
        for back in ("f6", "i"):
            await pilot.press(back)
            await pilot.pause()
            assert stage.app.screen.query_one(TerminalPane).has_focus
            await pilot.press(key)
            await pilot.pause()
        assert action.program.typed == b""
        assert screen(stage).running

    stage.play(press)


def test_the_ways_to_a_browser(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await open_pane(stage, pilot)
        await pilot.press("f6", "y")
        await pilot.pause()
        assert stage.app.clipboard == URL
        assert "sent to your terminal as clipboard text" in stage.words
        await pilot.press("b")
        await pilot.pause()
        assert "browser: there is no graphical display" in stage.words
        await pilot.press("m")
        await pilot.pause()
        (path,) = (tmp_path / "run" / "claude-auth").iterdir()
        assert path.read_text().strip() == URL
        assert path.stat().st_mode & 0o777 == 0o600
        await pilot.press("v")
        await pilot.pause()
        assert isinstance(stage.app.screen, TextDialog)
        assert "█" in stage.text
        await pilot.press("q", "t")
        await pilot.pause()
        assert "can't be given back" in stage.hint
        action = stage.services.actions[-1]
        await finish(stage, pilot, action)
        await pilot.press("q")
        await pilot.pause()
        assert not path.exists()

    stage.play(press, (120, 60))


def test_a_qr_code_that_does_not_fit_says_what_it_needs(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await open_pane(stage, pilot)
        await pilot.press("f6", "v")
        await pilot.pause()
        assert "this terminal has 80 and 24" in stage.words
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(stage.app.screen, ClaudeScreen)

    stage.play(press, (80, 24))


def test_a_wrong_address_is_not_offered(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await open_pane(stage, pilot, URL.replace("claude.com/cai", "claude.com.evil.example"))
        assert "don't open this address" in stage.words
        await pilot.press("f6")
        for key in "byvtm":
            await pilot.press(key)
            assert "not to be opened" in stage.hint
        assert stage.app.clipboard == ""

    stage.play(press)


@pytest.mark.parametrize("key", ["ctrl+x", "ctrl+c"])
def test_cancelling_waits_for_the_lock_and_says_so(key: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.services.result = Result("failed", error="cancelled: nothing was changed")

    async def press(pilot: Pilot[int]) -> None:
        action = await open_pane(stage, pilot)
        await pilot.press("f6", key)
        await stage.until(pilot, lambda: action.cancelled)
        assert "until Claude Code has let go" in stage.words
        assert screen(stage).running
        await finish(stage, pilot, action)
        assert "cancelled: nothing was changed" in stage.words
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(stage.app.screen, Dashboard)

    stage.play(press)


def test_the_outcome_is_told_logged_and_looked_at_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        action = await open_pane(stage, pilot)
        action.tell("sign-in.verified", "signed in: claude.ai login 11aa22bb → 33cc44dd")
        await finish(stage, pilot, action)
        words = stage.words
        assert "✓ signed in: 11aa22bb → 33cc44dd, until 20:03, 8 h 0 min left" in words
        assert "its terminal" not in words
        assert "q Back" in stage.hint
        await pilot.press("g")
        await pilot.pause()
        assert isinstance(stage.app.screen, LogScreen)
        await pilot.press("q", "q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))
        assert "signed in: claude.ai login 11aa22bb → 33cc44dd" in stage.words

    stage.play(press)
    journal = stage.journal()
    assert "sign-in.verified" in journal
    assert "madeUpState" not in journal
    assert "madeUpChallenge" not in journal


def test_what_overrides_the_new_login_is_said(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    over = "ANTHROPIC_API_KEY wins (~/.zshrc:4); to change that: unset it"
    stage.services.result = Result("signed-in", before=None, after="33cc44dd", overridden_by=over)

    async def press(pilot: Pilot[int]) -> None:
        await finish(stage, pilot, await open_pane(stage, pilot))
        assert "but it is not what gets used: ANTHROPIC_API_KEY wins" in stage.words

    stage.play(press)


def test_resizing_tells_the_program(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        action = await open_pane(stage, pilot)
        await pilot.resize_terminal(80, 24)
        await stage.settle(pilot)
        assert (action.program.pane.screen.columns, action.program.pane.screen.rows) == screen(
            stage
        ).terminal.cells
        assert action.program.pane.screen.columns == 78
        await pilot.resize_terminal(30, 10)
        await stage.settle(pilot)

    stage.play(press)


# ── signing out ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES)
def test_picture_sign_out_question(size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        await pilot.press("o")
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("key", ["n", "enter", "q", "escape"])
def test_signing_out_is_asked_and_the_default_is_no(key: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("o")
        await pilot.pause()
        assert "Sign out of Claude Code?" in stage.words
        assert "claude auth logout" in stage.words
        await pilot.press(key)
        await pilot.pause()
        assert "nothing was changed" in stage.hint
        assert not stage.services.asked

    stage.play(press)


def test_warnings_come_first(tmp_path: Path) -> None:

    from claude_auth.sandbox import scenes

    seen = scenes.snapshot(scenes.SCENES["healthy"], tmp_path / "seen")
    stage = Stage(tmp_path, login=seen.login._replace(mcp=(McpLogin("issues"), McpLogin("wiki"))))

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("o")
        await pilot.pause()
        assert "the sign-ins of MCP servers lie in the same file and go with it: issues, wiki" in stage.words

    stage.play(press)


def test_yes_signs_out_in_the_pane(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.services.result = Result("signed-out", before="11aa22bb")

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("o", "Y")
        await stage.until(pilot, lambda: bool(stage.services.actions))
        action = stage.services.actions[0]
        action.tell("sign-out.verified", "signed out")
        action.end()
        await stage.until(pilot, lambda: "OVER" in stage.text)
        assert isinstance(stage.app.screen, ClaudeScreen)
        assert "✓ signed out" in stage.words
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))

    stage.play(press)


def test_without_a_client_nothing_is_signed_out(tmp_path: Path) -> None:
    stage = Stage(tmp_path, installed=False)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("o")
        assert "isn't installed here" in stage.hint

    stage.play(press)


def test_nothing_is_there_to_sign_out_of_or_refresh(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "fresh")

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("o")
        assert "l signs in" in stage.hint
        await pilot.press("r")
        assert "l signs in" in stage.hint

    stage.play(press)
