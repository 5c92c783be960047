"""Running commands from the dashboard: real commands of a real home, asked, shown, answered, ended, told."""

from __future__ import annotations

import dataclasses
import os
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest
from textual import events
from textual.pilot import Pilot

from claude_auth.actions.run_command import RunningCommand, to_be_run
from claude_auth.app.dialogs.confirm import ConfirmDialog, TextDialog
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.run import IN_CLEAR, RunScreen
from claude_auth.app.widgets.fields import TypeLine
from claude_auth.app.widgets.hints import Hints, keys_of
from claude_auth.cloud.identity import AwsAnswer, AwsIdentity
from claude_auth.sandbox.cloud_endpoints import CloudEndpoints
from tests.actions.commands import KEY, with_stand_in
from tests.app.running_stage import RunStage, never_at_rest
from tests.app.stage import SIZES
from tests.cloud.aws_accounts import CORP, signed_in
from tests.cloud.conftest import cloud
from tests.cloud.machines import SESSION, assert_clean, iso, machine
from tests.waiting import is_gone, wait_at_most

__all__ = ["cloud", "never_at_rest"]  # a fixture is found by its name

TOKEN = "sk-ant-oat01-" + "canaryCanary0Canary1" * 4
#: Asked once already: these tests are about the command itself.
KNOWN = AwsAnswer(0.0, 0.0, AwsIdentity("x", "x", "x", "1", "arn:x", "x", None, "x", "x"))


def dashboard(stage: RunStage) -> Dashboard:
    screen = stage.app.screen_stack[0]
    assert isinstance(screen, Dashboard)
    return screen


def helper(command: str) -> dict[str, object]:
    return {"apiKeyHelper": command}


# ── the question before ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES.values())
def test_command_place_and_what_is_missing_are_said_before(size: tuple[int, int], tmp_path: Path) -> None:
    settings = {"awsAuthRefresh": "no-such-program --profile work", **helper("echo x")}
    stage = RunStage(tmp_path, {**settings, "env": {"ANTHROPIC_VERTEX_PROJECT_ID": "p"}})

    async def look(pilot: Pilot[int]) -> None:
        await pilot.press("x")
        await stage.until(pilot, lambda: "Run which command?" in stage.text)
        assert "– gcpAuthRefresh not configured in any settings file" in stage.words
        assert "our suggestion" in stage.words
        assert "no-such-program is missing" in stage.words
        await pilot.press("enter")
        await stage.settle(pilot)
        words = stage.words
        assert "no-such-program --profile work" in words
        assert "awsAuthRefresh, your settings: ~/.claude/settings.json" in words
        assert "no-such-program is not on PATH or not executable" in words

    stage.play(look, size)


@pytest.mark.parametrize("key", ["enter", "n", "q", "escape"])
def test_no_is_the_default(key: str, tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper(f"touch {tmp_path}/ran"))

    async def press(pilot: Pilot[int]) -> None:
        await stage.choose(pilot)
        await pilot.press(key)
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, Dashboard)
        assert "nothing was run" in stage.hint

    stage.play(press)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(("answers", "runs"), [("YY", True), ("Y\r", False), ("\r", False), ("Yn", False)])
def test_a_repositorys_command_is_asked_twice(answers: str, runs: bool, tmp_path: Path) -> None:
    made = machine(tmp_path / "home")
    made.write("project/.claude/settings.json", helper(f"touch {tmp_path}/ran; echo {KEY}"))
    stage = RunStage(tmp_path, made=made)

    async def press(pilot: Pilot[int]) -> None:
        await stage.choose(pilot)
        assert "this comes from a repository's own files" in stage.words
        for answer in answers:
            await pilot.press("enter" if answer == "\r" else answer)
            await stage.settle(pilot)
        if runs:
            await stage.until(pilot, lambda: isinstance(stage.app.screen, RunScreen) and stage.run.started)
            await stage.ended(pilot)
        else:
            assert isinstance(stage.app.screen, Dashboard)

    stage.play(press)
    assert (tmp_path / "ran").exists() is runs


@pytest.mark.parametrize("size", SIZES.values())
def test_a_payload_behind_a_secret_is_not_asked_about_in_silence(
    size: tuple[int, int], tmp_path: Path
) -> None:
    """What is shaped like a secret is hidden; whoever wrote the command may have meant that."""
    made = machine(tmp_path / "home")
    made.write("project/.claude/settings.json", helper(f'echo ok --token "$(touch {tmp_path}/ran)"'))
    stage = RunStage(tmp_path, made=made)

    async def look(pilot: Pilot[int]) -> None:
        await stage.choose(pilot)
        assert "echo ok --token …redacted-shell-syntax…" in stage.words
        assert "▲ what is hidden of it, being shaped like a secret, may run something too" in stage.words

    stage.play(look, size)


@pytest.mark.parametrize("client", ["claude", "claude-print"])
@pytest.mark.parametrize("keys", ["enter", "s", "y enter", "y n", "y s"])
def test_nothing_runs_in_a_folder_that_is_not_trusted_on_one_yes(
    keys: str, client: str, tmp_path: Path
) -> None:
    made = machine(tmp_path / "home", client=client)
    settings = {**helper(f"touch {tmp_path}/ran"), "env": {"AWS_PROFILE": "x", "BASH_ENV": "/x"}}
    made.write("project/.claude/settings.json", settings)
    stage = RunStage(tmp_path, made=made, client=client)

    async def press(pilot: Pilot[int]) -> None:
        await stage.choose(pilot)
        assert "this folder is not trusted" in stage.words
        assert "it gets AWS_PROFILE, set by" in stage.words, "and no more than Claude Code gives it"
        for key in keys.split():
            await pilot.press(key)
            await stage.settle(pilot)
        assert not any(isinstance(screen, RunScreen) for screen in stage.app.screen_stack)

    stage.play(press)
    assert not (tmp_path / "ran").exists()


def test_nothing_of_somebody_elses_files_is_run(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper("echo x"), ours=lambda: False)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("x")
        assert "belong to somebody else" in stage.hint

    stage.play(press)


def test_every_key_has_id_and_tooltip(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper("sleep 60"))

    async def look(pilot: Pilot[int]) -> None:
        await stage.choose(pilot)
        assert isinstance(stage.app.screen, ConfirmDialog)
        seen = keys_of(stage.app.screen)
        await pilot.press("Y")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, RunScreen) and stage.app.screen.started)
        seen += keys_of(stage.app.screen)
        await pilot.press("i")
        seen += keys_of(stage.app.screen)
        assert all(key.id and key.tooltip and len(key.label) <= 18 for key in seen)
        await pilot.press("escape", "question_mark")
        await stage.settle(pilot)
        assert "What the command prints, as it comes" in stage.words
        await pilot.press("q", "ctrl+x")
        await stage.ended(pilot)

    stage.play(look)


# ── output ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES.values())
def test_output_is_shown_while_it_runs_and_the_key_only_masked(size: tuple[int, int], tmp_path: Path) -> None:
    go_on = tmp_path / "go-on"
    wait = f"until [ -e {go_on} ]; do sleep 0.05; done"
    command = f"echo asking the vault >&2; printf half >&2; {wait}; echo ' done' >&2; echo {KEY}"
    stage = RunStage(tmp_path, helper(command))

    async def look(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.until(pilot, lambda: "half" in stage.output)
        assert "asking the vault" in stage.text
        assert "UNDER WAY  0:0" in stage.text
        assert "of 3:00" in stage.text
        go_on.touch()
        await stage.ended(pilot)
        assert stage.output.splitlines() == ["asking the vault", "half done"]
        words = stage.words
        assert "✓ it printed a key" in words
        assert "sk-ant-api03-…7890" in words
        assert KEY not in stage.text
        await pilot.press("q")
        await stage.until(pilot, lambda: "from apiKeyHelper" in stage.words or size[0] < 100)
        assert "apiKeyHelper" in dashboard(stage).scene.snapshot.runs

    stage.play(look, size)
    journal = stage.journal()
    assert "run.understood" in journal
    assert_clean(journal, more=(KEY,))


@pytest.mark.parametrize(
    "hostile",
    [
        r"\033]52;c;c3RvbGVu\007",
        r"\033]0;evil title\007",
        r"\033Pq#0\033\\",
        r"\302\235" + r"0;evil\302\234",
        r"\302\233" + "31m",
        r"\033[?1049h\033[2J\033[H\033[10;10H\033[?25l\033[6n",
        r"\342\200\256\342\200\213\342\201\246",
        r"\033_Gevil\033\\",
        r"\007\016\017\005\033c",
    ],
)
def test_hostile_output(hostile: str, tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper(rf"printf 'safe{hostile}text\n' >&2; echo '[red]x[/red][b]' >&2"))

    async def look(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.ended(pilot)
        lines = stage.output.splitlines()
        assert "".join(lines[:-1]).replace("safe", "").replace("text", "").strip() == ""
        assert lines[-1] == "[red]x[/red][b]"
        assert "[red]x[/red][b]" in stage.text
        assert stage.text.replace("\n", "").isprintable()
        assert stage.app.clipboard == ""

    stage.play(look)


def test_a_secret_split_over_chunks_never_shows(tmp_path: Path) -> None:
    pieces = [TOKEN[start : start + 9] for start in range(0, len(TOKEN), 9)]
    go_on = tmp_path / "go-on"
    os.mkfifo(go_on)
    parts = " ".join(f"'{piece}'" for piece in pieces)
    command = f"exec 3<>'{go_on}'; for part in {parts}; do printf %s $part >&2; read -r _ <&3; done; echo >&2"
    stage = RunStage(tmp_path, helper(command))
    seen: list[str] = []

    async def look(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        writer = os.open(go_on, os.O_RDWR)  # opened for both, it waits for nobody
        for _ in pieces:
            await pilot.pause(0.03)
            seen.append("\n".join(line for line in stage.text.splitlines() if "┃" in line))
            os.write(writer, b"\n")
        await stage.ended(pilot)
        os.close(writer)
        seen.append(stage.output)

    stage.play(look)
    assert "redacted" in seen[-1]
    assert not any("canary" in text for text in seen)


@pytest.mark.parametrize("size", SIZES.values())
def test_a_command_that_asks_gets_its_answer_and_nobody_sees_it(
    size: tuple[int, int], tmp_path: Path
) -> None:
    typed = "canary-passphrase"
    command = f"printf 'Passphrase: ' >/dev/tty; read answer </dev/tty; echo got $answer >&2; echo {KEY}"
    stage = RunStage(tmp_path, helper(command))

    async def press(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.until(pilot, lambda: "i types one" in stage.text)
        assert "Passphrase:" in stage.text
        await pilot.press("i", *typed)
        assert stage.run.query_one(TypeLine).hidden
        assert "17 characters, not shown" in stage.text
        assert typed not in stage.text
        await pilot.press("enter")
        await stage.ended(pilot)
        assert "got …redacted…" in stage.output
        assert typed not in stage.text

    stage.play(press, size)
    assert typed not in stage.journal()


def test_an_open_answer_is_shown_and_can_be_hidden(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper("printf 'Which profile? ' >&2; read name; echo was $name | wc -c >&2"))

    async def press(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.until(pilot, lambda: "i types one" in stage.text)
        await pilot.press("i", *"work")
        assert "> work" in stage.text
        await pilot.press("ctrl+t")
        assert "4 characters, not shown" in stage.text
        await pilot.press("enter")
        await stage.ended(pilot)
        assert stage.output.endswith("9")

    stage.play(press)


def test_a_pasted_answer_stays_in_its_line(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper("printf 'Which profile? ' >&2; read name; echo was $name | wc -c >&2"))

    async def press(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.until(pilot, lambda: "i types one" in stage.text)
        await pilot.press("i")
        stage.app.post_message(events.Paste("work\r"))
        await stage.until(pilot, lambda: "> work" in stage.text)
        await pilot.press("enter")
        await stage.ended(pilot)
        assert stage.output.endswith("9")

    stage.play(press)


def test_the_end_of_input(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper("cat >/dev/null; echo over >&2"))

    async def press(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.until(pilot, lambda: "i" in {key.key for key in keys_of(stage.run)})
        await pilot.press("i", "ctrl+d")
        await stage.ended(pilot)
        assert "over" in stage.output

    stage.play(press)


# ── its end ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "words"),
    [("exit 3", "exit code 3"), ("kill -SEGV $$", "ended by SIGSEGV"), ("true", "did not return a value")],
)
def test_exit_code_and_signal_are_told(command: str, words: str, tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper(command))

    async def look(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.ended(pilot)
        assert words in stage.words
        assert "✗ Claude Code would send an empty key (" in stage.words

    stage.play(look)
    assert "empty key (" in stage.journal()
    assert "redacted" not in stage.journal()  # the reason is no secret


@pytest.mark.parametrize("key", ["ctrl+x", "ctrl+c"])
def test_cancelling_ends_all_of_it_also_what_ignores_the_polite_request(key: str, tmp_path: Path) -> None:
    stage = RunStage(
        tmp_path, helper("trap '' TERM HUP; sleep 99 & echo $! >&2; echo $$ >&2; wait; sleep 99")
    )

    async def press(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.until(pilot, lambda: len(stage.output.split()) == 2)
        await pilot.press("q")
        assert "it is still under way: ^x cancels it" in stage.hint
        await pilot.press(key, key)
        await stage.ended(pilot)
        pids = [int(pid) for pid in stage.output.split()]
        await stage.until(pilot, lambda: all(map(is_gone, pids)))
        assert "cancelled after" in stage.words
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))

    stage.play(press)


def test_a_grandchild_that_stays_does_not_hold_it_up(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper(f"trap '' HUP; sleep 99 & echo $! >&2; echo {KEY}"))

    async def look(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.ended(pilot)
        assert "✓ it printed a key" in stage.words
        psutil.Process(int(stage.output)).kill()

    stage.play(look)


def test_nothing_is_left_behind_when_the_app_ends(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper("trap '' TERM HUP; echo $$ >&2; sleep 99; sleep 99"))
    pids: list[int] = []

    async def leave(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.until(pilot, lambda: bool(stage.output))
        pids.append(int(stage.output))
        stage.app.exit()

    stage.play(leave)
    wait_at_most(3.0, lambda: is_gone(pids[0]), pids[0])


def test_the_limit_is_moved_and_holds(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper("echo ready >&2; sleep 99"))

    async def press(pilot: Pilot[int]) -> None:
        run = await stage.open(pilot)
        await stage.until(pilot, lambda: "ready" in stage.output)
        for key, words in [("plus", "of 4:00"), ("0", "no limit"), ("minus", "of 1:00")]:
            await pilot.press(key)
            await stage.settle(pilot)
            assert words in stage.text
        await pilot.press("minus")
        assert "a minute less would end it now" in stage.hint
        assert run.command is not None
        run.command.set_limit(0.1)
        await stage.ended(pilot)
        assert "that was its limit" in stage.words

    stage.play(press)


def test_one_of_a_kind_at_a_time(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper("sleep 99"))

    async def press(pilot: Pilot[int]) -> None:
        view = stage.made.view()
        proposal = to_be_run("api-key-helper", view, stage.made.environ)
        assert proposal is not None
        other = RunningCommand(proposal, view, stage.made.environ, stage.made.view)
        outputs = other.run()
        await anext(outputs)
        await stage.open(pilot)
        await stage.ended(pilot)
        assert "apiKeyHelper is running already" in stage.words
        await outputs.aclose()

    stage.play(press)
    assert "run.refused" in stage.journal()


def test_again_and_history(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper(f"echo once more >&2; echo {KEY}"))

    async def press(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.ended(pilot)
        await pilot.press("r")
        await stage.until(pilot, lambda: stage.run.running or stage.run.finished is not None)
        await stage.ended(pilot)
        assert stage.output == "once more"
        await pilot.press("H")
        await stage.until(pilot, lambda: "Runs of the past" in stage.text)
        assert stage.text.count("✓ it printed a key") == 2
        await pilot.press("enter")
        await stage.until(pilot, lambda: "Run of apiKeyHelper" in stage.text)
        assert "exit code 0" in stage.words
        assert KEY not in stage.text

    stage.play(press)


def test_another_key_is_told_and_the_last_run_counts(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, helper(f"echo {KEY}$$"))

    async def press(pilot: Pilot[int]) -> None:
        run = await stage.open(pilot)
        await stage.ended(pilot)
        first = run.latest
        await pilot.press("r")
        await stage.until(pilot, lambda: run.latest is not first)
        await stage.ended(pilot)
        assert "another key than before" in stage.words
        await pilot.press("q")
        await stage.settle(pilot)
        assert run.latest is not None
        assert dashboard(stage).scene.snapshot.runs["apiKeyHelper"] == run.latest.run

    stage.play(press)


@pytest.mark.usefixtures("never_at_rest")
def test_any_size_at_any_time_also_in_ascii(tmp_path: Path) -> None:
    stage = RunStage(
        tmp_path, helper("echo '日本語 █ ✓' >&2; yes https://x.example.org/long-enough-for-it >&2")
    )
    stage.app.set_class(True, "-ascii")

    async def press(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        for size in ((60, 20), (80, 24), (40, 12), (200, 60), (20, 5), (120, 40)):
            await pilot.resize_terminal(*size)
            await stage.settle(pilot)
            assert max(len(line) for line in stage.text.splitlines()) <= size[0]
        await pilot.press("H")
        await stage.until(pilot, lambda: "Runs of the past" in stage.text)
        shown = stage.run.output.left_out
        await stage.until(pilot, lambda: stage.run.output.left_out > shown)
        await pilot.press("q", "ctrl+x")
        await stage.ended(pilot)
        assert stage.text.replace("\n", "").isascii()

    stage.play(press)


# ── links ────────────────────────────────────────────────────────────────────────────────────────


def test_addresses_and_codes_are_lifted_out(tmp_path: Path) -> None:
    first = "https://device.example.org/?user_code=WXYZ-BCDF"
    lines = (
        f"echo 'Open {first} now'; echo 'or https://other.example.org/x here'; echo enter the code: WXYZ-BCDF"
    )
    stage = RunStage(tmp_path, helper(f"({lines}) >&2; sleep 99"))

    async def press(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.until(pilot, lambda: "2 of 2" in stage.words and "code to enter there" in stage.words)
        assert "it leads to other.example.org" in stage.words
        await pilot.press("n")
        await stage.settle(pilot)
        assert "it leads to device.example.org" in stage.words
        await pilot.press("y")
        assert stage.app.clipboard == first
        await pilot.press("Y")
        assert stage.app.clipboard == "WXYZ-BCDF"
        await pilot.press("v")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, TextDialog)
        await pilot.press("q", "b")
        await stage.settle(pilot)
        assert "browser:" in stage.words
        await pilot.press("ctrl+x")
        await stage.ended(pilot)
        assert "to open in a browser" not in stage.words.lower()

    stage.play(press, (120, 60))
    assert "user_code" not in stage.journal()


def test_an_address_that_holds_a_credential_is_not_offered(tmp_path: Path) -> None:
    """Not opened, not copied, and no link for the terminal: shown without what is secret in it, and why."""
    lines = f"echo https://h.example/x?k={KEY} ; sleep 99"
    stage = RunStage(tmp_path, helper(f"({lines}) >&2"))

    async def press(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.until(pilot, lambda: "it holds a credential" in stage.words)
        offered = stage.run.address.offered
        assert offered is not None
        assert not offered.fine
        assert offered.url.reveal() == "https://h.example/x"
        for key in ("y", "b", "v", "t", "m"):
            await pilot.press(key)
            await stage.settle(pilot)
            assert not isinstance(stage.app.screen, TextDialog)
        assert stage.app.clipboard == ""
        await pilot.press("ctrl+x")
        await stage.ended(pilot)

    stage.play(press, (120, 60))
    assert KEY not in stage.journal()


# ── the real terminal ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES.values())
def test_what_prints_a_credential_stays_out_of_the_real_terminal(
    size: tuple[int, int], tmp_path: Path
) -> None:
    stage = RunStage(tmp_path, helper(f"echo {KEY}"))

    async def press(pilot: Pilot[int]) -> None:
        await stage.choose(pilot)
        assert "in the real terminal" not in stage.words.lower()  # what can't be done is not listed
        assert "In the terminal" not in stage.words
        await pilot.press("T")
        await stage.settle(pilot)
        assert IN_CLEAR in stage.words  # whole, whatever the width
        await pilot.press("x")
        await stage.settle(pilot)
        assert IN_CLEAR not in stage.words
        assert stage.app.screen.query_one(Hints).size.height == 1  # the line of the keys is one line again
        await pilot.press("Y")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, RunScreen) and stage.run.started)
        await stage.ended(pilot)
        await pilot.press("t")
        await stage.settle(pilot)
        assert IN_CLEAR in stage.words

    stage.play(press, size)


def test_where_the_app_cannot_step_aside_the_command_is_handed_out(tmp_path: Path) -> None:
    stage = RunStage(tmp_path, {"awsAuthRefresh": "aws sso login --profile x"})

    async def press(pilot: Pilot[int]) -> None:
        await stage.choose(pilot)
        await pilot.press("T")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, RunScreen))
        assert stage.app.clipboard == "aws sso login --profile x"
        assert not stage.run.started

    stage.play(press)


# ── who answers ──────────────────────────────────────────────────────────────────────────────────


def test_an_expired_sign_in_is_refreshed_and_the_identity_changes(
    cloud: CloudEndpoints, tmp_path: Path
) -> None:
    environ = {**cloud.environment(), "AWS_PROFILE": "sso"}
    settings = {"awsAuthRefresh": "aws sso login --profile sso"}
    made = with_stand_in(machine(tmp_path / "home", environ, config=CORP, settings=settings), {})
    signed_in(made, f"old-{SESSION}", expiresAt=iso(-60))
    stage = RunStage(tmp_path, made=made)
    shown: list[Any] = []

    cloud.world.polls_before_confirmed = 1_000_000

    async def press(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.until(pilot, lambda: "run.before" in stage.told)
        assert "before: The single sign-on could not be renewed" in stage.words
        await stage.until(pilot, lambda: "code to enter there: WXYZ-BCDF" in stage.text)
        cloud.world.polls_before_confirmed = 0
        while stage.run.running:
            shown.append(stage.text)
            await pilot.pause(0.02)
        await stage.settle(pilot)
        assert "Successfully logged into Start URL" in stage.output
        assert "✓ now arn:aws:sts::" in stage.words
        assert stage.run.finished is not None
        assert stage.run.finished.ok

    stage.play(press, (120, 50))
    assert_clean(stage.journal(), *shown)


def test_asking_who_answers_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = RunStage(tmp_path, {"awsAuthRefresh": "true"})
    release = threading.Event()

    def ask(self: RunningCommand, run: object) -> AwsAnswer:
        release.wait(200)
        return dataclasses.replace(KNOWN)

    monkeypatch.setattr(RunningCommand, "_ask", ask)

    async def press(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.until(pilot, lambda: "ASKING WHO ANSWERS" in stage.text)
        await pilot.press("ctrl+x")
        await stage.ended(pilot)
        assert "stopped: it was not asked any more who answers" in stage.words
        release.set()

    stage.play(press)
