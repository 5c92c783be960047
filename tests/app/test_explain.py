"""Explaining an error: what was pasted is read, never shown; its causes on this machine; what to do."""

from __future__ import annotations

import dataclasses
import gc
import threading
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from claude_auth.actions.explain import Explained, count_lines, dropped_file, explain_here
from claude_auth.actions.look import machine_answers
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.explain import ExplainScreen
from claude_auth.app.screens.sign_in import SignInScreen
from claude_auth.app.services import Asking
from claude_auth.app.widgets.causes import Causes, CauseView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.model import Snapshot
from claude_auth.sandbox import scenes
from claude_auth.security.secret import Secret
from tests.app.driving import screen_lines
from tests.app.stage import SIZES, Stage
from tests.diagnose.texts.noise import log
from tests.diagnose.texts.verbatim import TEXTS
from tests.waiting import Stopwatch

HEADLINE = (
    'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":'
    '"OAuth authentication is currently not supported."},"request_id":"req_011CSHoEeqs5C35K2UUqR7Fy"}'
)
UNKNOWN = (
    'HTTP/1.1 418 I\'m a teapot\n\n{"type":"error","error":{"type":"teapot","message":"short and stout"}}'
)
CANARY = "sk-ant-oat01-" + "C4naryForTests0AbC" * 5
OPAQUE = "gw-c4naryTokenOfAGateway0123456789"


def stage_of(tmp_path: Path, name: str = "healthy", **variables: str) -> Stage:
    """With these variables set in the shell."""
    laid = dataclasses.replace(scenes.SCENES[name], environ={**scenes.SCENES[name].environ, **variables})
    seen = scenes.snapshot(laid, tmp_path / "seen")
    return Stage(tmp_path, name, variables=seen.variables)


async def open_screen(stage: Stage, pilot: Pilot[int]) -> ExplainScreen:
    await pilot.press("p")
    await stage.until(pilot, lambda: isinstance(stage.app.screen, ExplainScreen))
    screen = stage.app.screen
    assert isinstance(screen, ExplainScreen)
    return screen


def test_a_paste_on_the_dashboard_is_explained(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        stage.app.post_message(events.Paste(HEADLINE))
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ExplainScreen))
        screen = stage.app.screen
        assert isinstance(screen, ExplainScreen)
        await stage.until(pilot, lambda: screen.found is not None)
        assert screen.found is not None
        assert screen.found.causes[0].id == "oauth-not-supported"

    stage.play(look)


def test_what_mends_a_paste_on_the_dashboard_is_gone_to(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        stage.app.post_message(events.Paste("Not logged in · Please run /login"))
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ExplainScreen))
        screen = stage.app.screen
        assert isinstance(screen, ExplainScreen)
        await stage.until(pilot, lambda: screen.found is not None and not screen.reading)
        assert screen.found is not None
        actions = [[fix.action for fix in cause.fixes] for cause in screen.found.causes]
        number = next(number for number, several in enumerate(actions) if several[:1] == ["sign-in"])
        causes_of(screen).go_to(str(number))
        await stage.settle(pilot)
        await pilot.press("f")
        await stage.until(pilot, lambda: stands(stage, SignInScreen))

    stage.play(look)


def causes_of(screen: ExplainScreen) -> RowView:
    return screen.query_one(Causes).listed


def stands(stage: Stage, kind: type[object]) -> bool:
    return isinstance(stage.app.screen, kind)


async def paste(stage: Stage, pilot: Pilot[int], text: str) -> None:
    """As a terminal brackets it."""
    stage.app.post_message(events.Paste(text))
    await pilot.pause()


async def explained(stage: Stage, pilot: Pilot[int], text: str) -> ExplainScreen:
    screen = await open_screen(stage, pilot)
    await paste(stage, pilot, text)
    await stage.until(pilot, lambda: screen.found is not None)
    return screen


STEPS = {"empty": "", "recognised": HEADLINE, "not-recognised": UNKNOWN}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", STEPS)
def test_picture_explain(step: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage = stage_of(tmp_path, ANTHROPIC_AUTH_TOKEN=scenes.OAT)

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        if STEPS[step]:
            await explained(stage, pilot, STEPS[step])
        else:
            await open_screen(stage, pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


# ── what it means ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES.values())
def test_the_headline_on_a_machine_with_a_token_in_the_shell(size: tuple[int, int], tmp_path: Path) -> None:
    stage = stage_of(tmp_path, ANTHROPIC_AUTH_TOKEN=scenes.OAT)

    async def look(pilot: Pilot[int]) -> None:
        screen = await explained(stage, pilot, HEADLINE)
        assert screen.found is not None
        assert screen.found.causes[0].id == "oauth-token-in-auth-token"
        assert stage.app.focused is causes_of(screen)
        words = stage.words
        assert "status 401, type authentication_error" in words
        assert "★ seen" in words
        detail = " ".join(screen.query_one(CauseView).text().split())
        assert "the text or this machine proves it" in detail
        assert "here " in detail
        assert "ANTHROPIC_AUTH_TOKEN" in detail
        assert "which token is which" in detail
        assert "sk-ant-ort01-" in detail
        await pilot.press("end")
        await pilot.pause()
        assert screen.query_one(Causes).cause == screen.found.causes[-1]

    stage.play(look, size)


def test_what_mends_it_is_seen_without_scrolling(tmp_path: Path) -> None:
    """What it is, and what to do about it, before why."""
    stage = stage_of(tmp_path, ANTHROPIC_AUTH_TOKEN=scenes.OAT)

    async def look(pilot: Pilot[int]) -> None:
        screen = await explained(stage, pilot, HEADLINE)
        await pilot.pause()
        assert screen.found is not None
        cause = screen.found.causes[0]
        assert screen.query_one(CauseView).scroll_y == 0
        told = stage.words
        assert told.index(cause.title) < told.index(cause.fixes[0].title)
        assert "Diagnose" not in told  # a key without a meaning here

    stage.play(look, (80, 24))


@pytest.mark.parametrize("number", range(0, len(TEXTS), 12))
def test_posted_errors_are_recognised(number: int, tmp_path: Path) -> None:
    text = TEXTS[number]
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        screen = await explained(stage, pilot, text.text)
        assert screen.found is not None
        assert any(text.entry in cause.symptoms for cause in screen.found.causes)
        first = screen.found.causes[0].title
        assert first[:20] in stage.words

    stage.play(look)


def test_what_is_ruled_out_says_so(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, ANTHROPIC_AUTH_TOKEN=scenes.OAT)

    async def look(pilot: Pilot[int]) -> None:
        screen = await explained(stage, pilot, HEADLINE)
        assert screen.found is not None
        ruled_out = [number for number, cause in enumerate(screen.found.causes) if cause.ruled_out]
        assert ruled_out
        causes_of(screen).go_to(str(ruled_out[0]))
        await stage.settle(pilot)
        assert "– ruled out: nothing on this machine points to it" in stage.words

    stage.play(look)


def test_a_text_from_another_machine(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "key-over-login")

    async def look(pilot: Pilot[int]) -> None:
        await explained(stage, pilot, "Claude login has expired. Run claude /login again.")
        assert "None of its causes shows on this machine" in stage.words
        await paste(
            stage,
            pilot,
            HEADLINE.replace("OAuth authentication is currently not supported.", "invalid x-api-key"),
        )
        await stage.until(pilot, lambda: "status 401" in stage.words)
        assert "None of its causes" not in stage.words

    stage.play(look)


def test_what_is_not_recognised_is_not_guessed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        screen = await explained(stage, pilot, UNKNOWN)
        words = stage.words
        assert "The text is not recognised." in words
        assert "Read out of it: status 418, type teapot, message “short and stout”." in words
        assert "3 lines, " in words
        assert not causes_of(screen).rows
        await pilot.press("y")
        assert "there is no explanation to copy yet" in stage.hint

    stage.play(look)


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        HEADLINE + f"\n> authorization: Bearer {CANARY}\n> x-api-key: {OPAQUE}",
        f'{{"error":{{"type":"new","message":"bad token {CANARY} and key={OPAQUE}"}}}}',
        CANARY,
    ],
    ids=["beside-the-headline", "in-the-message", "alone"],
)
def test_no_secret_of_the_paste_anywhere(text: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        screen = await explained(stage, pilot, text)
        seen = ["\n".join(screen_lines(stage.app)), stage.app.export_screenshot()]
        await pilot.press("y")
        seen.append(stage.app.clipboard)
        for view in (screen.query_one(CauseView), causes_of(screen), screen.pasted):
            seen += [view.text(), view.copied(), repr(view), repr(vars(view))]
        seen += [repr(screen), repr(vars(screen)), repr(list(stage.app.workers)), stage.journal()]
        for piece in (CANARY[20:60], OPAQUE[3:]):
            assert not [one for one in seen if piece in one]

    stage.play(look)


def test_a_value_of_this_machine_is_taken_out_whatever_its_shape(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, ANTHROPIC_AUTH_TOKEN="correct horse battery")
    text = '{"type":"error","error":{"type":"new","message":"no such correct horse battery here"}}'

    async def look(pilot: Pilot[int]) -> None:
        screen = await explained(stage, pilot, text)
        assert "message “no such …redacted… here”" in stage.words
        assert "horse" not in stage.text + repr(vars(screen))

    stage.play(look)


def test_nothing_of_the_paste_is_kept(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    needle = "made-up-words-" * 100

    async def look(pilot: Pilot[int]) -> None:
        await explained(stage, pilot, f"{HEADLINE} {needle}")
        await pilot.press("r")
        assert "forgotten" in stage.hint
        await stage.settle(pilot)
        gc.collect()
        held = [one for one in gc.get_objects() if isinstance(one, Secret) and needle in one.reveal()]
        assert not held
        assert "Paste the error text here" in stage.words

    stage.play(look)


def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    hostile = "\x1b[2J\x1b]0;x\x07[red]bold[/red]\u202e\u200b" + "x" * 5000
    text = f'{{"type":"error","error":{{"type":"[b]t","message":"{hostile}"}}}}'

    async def look(pilot: Pilot[int]) -> None:
        await explained(stage, pilot, text)
        shown = "\n".join(screen_lines(stage.app))
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "[red]bold[/red]" in shown.replace("│", "").replace("\n", "") or "not recognised" in shown

    stage.play(look)


# ── taking it ────────────────────────────────────────────────────────────────────────────────────


def test_a_big_paste_leaves_the_screen_alive(tmp_path: Path) -> None:
    """Two megabytes: keys are answered while it is read."""
    stage = Stage(tmp_path)
    text = f"{log(2_000_000)}\n{HEADLINE}"

    async def look(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, pilot)
        longest = 0.0
        stage.app.post_message(events.Paste(text))
        while screen.found is None:
            watch = Stopwatch()
            await pilot.pause(0.01)
            longest = max(longest, watch.seconds)
            assert not screen.is_modal
        assert longest < 1.5
        assert screen.found.characters == len(text)
        assert screen.found.causes

    stage.play(look)


class SlowAsking(Asking):
    """Reads when it is told to."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.services)
        stage.services.asking = self
        self.go_on = threading.Event()

    def explain(self, given: Secret, known: Snapshot) -> Explained:
        assert self.go_on.wait(60)
        return super().explain(given, known)


@pytest.mark.parametrize("key", ["ctrl+x", "ctrl+c"])
def test_reading_can_be_stopped(key: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    asking = SlowAsking(stage)

    async def look(pilot: Pilot[int]) -> None:
        screen = ExplainScreen(stage.services, stage.services.host.look())
        stage.app.push_screen(screen)
        await stage.settle(pilot)
        await paste(stage, pilot, HEADLINE)
        await stage.until(pilot, lambda: "READING" in stage.words)
        await pilot.press(key)
        assert "what was pasted is forgotten" in stage.hint
        asking.go_on.set()
        await stage.app.workers.wait_for_complete()
        await stage.settle(pilot)
        assert screen.found is None
        assert "Paste the error text here" in stage.words

    stage.play(look)


def test_a_paste_over_another_begins_anew(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    asking = SlowAsking(stage)

    async def look(pilot: Pilot[int]) -> None:
        screen = ExplainScreen(stage.services, stage.services.host.look())
        stage.app.push_screen(screen)
        await stage.settle(pilot)
        await paste(stage, pilot, HEADLINE)
        await paste(stage, pilot, UNKNOWN)
        asking.go_on.set()
        await stage.until(pilot, lambda: screen.found is not None)
        assert "status 418" in stage.words
        await paste(stage, pilot, HEADLINE)
        await stage.until(pilot, lambda: "status 401" in stage.words)
        await paste(stage, pilot, "  \n ")
        assert "nothing in that paste" in stage.hint
        assert "status 401" in stage.words

    stage.play(look)


def test_typed_lines(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, pilot)
        await pilot.press("i", *"Invalid", "enter", *"bearer q", "backspace", *"token")
        assert "20 characters typed, on line 2; not shown" in stage.words
        await pilot.press("ctrl+d")
        await stage.until(pilot, lambda: screen.found is not None)
        assert screen.found is not None
        assert screen.found.lines == 2
        assert screen.found.causes
        await pilot.press("r", "i", *"abc", "ctrl+x")
        assert not screen.has_class("-typing")
        assert "Paste the error text here" in stage.words
        await pilot.press("q")
        assert stands(stage, Dashboard)

    stage.play(look)


def test_leaving_while_it_reads(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    asking = SlowAsking(stage)

    async def look(pilot: Pilot[int]) -> None:
        stage.app.push_screen(ExplainScreen(stage.services, stage.services.host.look()))
        await stage.settle(pilot)
        await paste(stage, pilot, HEADLINE)
        await pilot.press("q")
        assert stands(stage, Dashboard)
        asking.go_on.set()
        await stage.app.workers.wait_for_complete()
        await stage.settle(pilot)
        await pilot.press("down", "p")
        assert stands(stage, ExplainScreen)

    stage.play(look)


def test_a_failure_is_told(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    class Broken(Asking):
        def explain(self, given: Secret, known: Snapshot) -> Explained:
            raise RecursionError("made up")

    async def look(pilot: Pilot[int]) -> None:
        stage.services.asking = Broken(stage.services)
        screen = ExplainScreen(stage.services, stage.services.host.look())
        stage.app.push_screen(screen)
        await stage.settle(pilot)
        await paste(stage, pilot, HEADLINE)
        await stage.until(pilot, lambda: "It could not be explained (RecursionError)" in stage.words)
        assert not screen.reading

    stage.play(look)


def test_copying_the_explanation_and_a_command(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, ANTHROPIC_AUTH_TOKEN=scenes.OAT)

    async def look(pilot: Pilot[int]) -> None:
        screen = await explained(stage, pilot, HEADLINE)
        await pilot.press("y")
        assert screen.found is not None
        assert screen.found.causes[0].explanation in stage.app.clipboard
        view = screen.query_one(CauseView)
        await pilot.press("enter")
        assert stage.app.focused is view
        commands = [fix.command for fix in screen.found.causes[0].fixes]
        assert None not in commands
        await pilot.press("end", "enter")
        await stage.settle(pilot)
        assert stage.app.clipboard == commands[-1]
        number, cause = next(
            (number, cause)
            for number, cause in enumerate(screen.found.causes)
            if cause.fixes and cause.fixes[0].command is None
        )
        causes_of(screen).go_to(str(number))
        await stage.settle(pilot)
        assert screen.query_one(Causes).cause == cause
        await pilot.press("enter")
        await stage.settle(pilot)
        assert "there is no command in that step" in stage.hint

    stage.play(look)


def test_every_key_explains_itself(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.app.add_class("-ascii")

    async def look(pilot: Pilot[int]) -> None:
        screen = await explained(stage, pilot, HEADLINE)
        for view in (screen.pasted, causes_of(screen), screen.query_one(CauseView)):
            assert view.about
        for active in screen.active_bindings.values():
            assert active.binding.id
            assert active.binding.tooltip
        shown = set("".join(screen_lines(stage.app))) - set("▁▂▃▄▅▆▇")  # those are Textual's scroll bars
        assert "".join(shown).isascii()
        await pilot.press("question_mark")
        await pilot.pause()
        assert "What the text is known to mean" in stage.words

    stage.play(look)


# ── a file that is dropped ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", ["{0}", "'{0}'", '"{0}"', "{1}", "file://{2}", "  {1} \n"], ids=range(6))
def test_a_dropped_file_is_read(form: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    path = tmp_path / "my log.txt"
    path.write_text(HEADLINE)
    name = str(path)
    text = form.format(name, name.replace(" ", "\\ "), name.replace(" ", "%20"))

    async def look(pilot: Pilot[int]) -> None:
        screen = await explained(stage, pilot, text)
        assert screen.found is not None
        assert screen.found.file == name
        assert "read from the file" in stage.words
        assert screen.found.causes

    stage.play(look)


def test_what_is_no_file_is_text(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    for text in (
        str(tmp_path / "directory"),
        str(tmp_path / "absent.log"),
        "/dev/null",
        "README.md",
        "file://elsewhere.example/etc/passwd",
        f"{tmp_path / 'a'}\n{tmp_path / 'b'}",
        "'/unbalanced",
        "/" + "x" * 20_000,
    ):
        assert dropped_file(text, str(tmp_path)) is None


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    path.write_text(HEADLINE)
    stage = Stage(tmp_path)

    def refuse(path: str) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("claude_auth.actions.explain.read_file", refuse)
    found = explain_here(Secret(str(path)), machine_answers(stage.services.host.look(), "claude"))
    assert (found.problem, found.file, found.causes) == ("permission denied", str(path), ())


def test_lines_are_counted_as_people_do() -> None:
    assert [count_lines(text) for text in ("", "a", "a\n", "a\rb", "a\r\nb\r\n", "a\n\nb")] == [
        0,
        1,
        1,
        2,
        2,
        3,
    ]
