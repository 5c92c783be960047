"""Pictures of running a command: the choice, the questions, its output, what it asks, how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions.run_command import Ended, Line, Link, RunResult, to_be_run
from claude_auth.actions.terminal import CellSpan, CellStyle, Dropped
from claude_auth.app.screens.run import RunScreen
from claude_auth.cloud.command_output import Understood
from claude_auth.cloud.identity import AwsAnswer, AwsIdentity
from claude_auth.cloud.trouble import CloudError
from claude_auth.model import CommandRun, Event, Fix
from claude_auth.sandbox import scenes
from claude_auth.security.secret import Secret
from claude_auth.words import StatusText
from tests.app.running_stage import ScriptedCommand, ScriptedCommands
from tests.app.stage import NOW, SIZES, Stage

ADDRESS = "https://device.sso.eu-central-1.amazonaws.com/?user_code=WXYZ-BCDF"
ARN = "arn:aws:sts::123456789012:assumed-role/Developer/ada"
WHO = AwsIdentity("sso", "sso", "ASIAMADEUPEXAMPLE001", "123456789012", ARN, "x", None, "eu-central-1", "x")
RUN = CommandRun("awsAuthRefresh", Secret("x"), 0, Secret(""), Secret(""), 8.4)
WELL = RunResult(
    "aws-refresh",
    True,
    Ended(0, None, 8.4),
    Understood(True, "it ended well"),
    RUN,
    after=AwsAnswer(NOW, 0.4, WHO),
    change=StatusText("✓", f"now {ARN}", "ok"),
)
TROUBLE = CloudError(
    "sso-expired",
    "The single sign-on has expired",
    "The token in the cache is past its end and could not be renewed, so nobody answers for Bedrock.",
    fixes=(Fix("Sign in again", "aws sso login --profile work"),),
)
FAILED = RunResult(
    "aws-refresh",
    False,
    Ended(255, None, 1.2),
    Understood(False, "exit code 255"),
    RUN._replace(exit_code=255),
    after=AwsAnswer(NOW, 0.4, None, TROUBLE),
    change=StatusText("✗", "still no identity: The single sign-on has expired", "fail"),
)
#: Pictures are the same whatever is installed here.
NO_PROGRAMS = {"PATH": "/nowhere"}


def said(*parts: str | CellSpan, unfinished: bool = False) -> Line:
    return Line(tuple(CellSpan(part) if isinstance(part, str) else part for part in parts), unfinished)


COLOURED = [
    said("Attempting to open your ", CellSpan("SSO", CellStyle("bright_cyan", bold=True)), " sign-in page"),
    said("Please visit the following URL:"),
    said(""),
    said(CellSpan(ADDRESS, CellStyle("blue", underline=True))),
    said(""),
    said("Then enter the code:"),
    said(""),
    said(CellSpan("WXYZ-BCDF", CellStyle("black", "yellow"))),
    Link("address", ADDRESS),
    Link("code", "WXYZ-BCDF"),
    Dropped(12),
    said(CellSpan("warning:", CellStyle("#ff8700")), " the clock is 3 s ahead"),
    said("waiting ", CellSpan("████████", CellStyle("green")), "░░░░  66 %", unfinished=True),
]


async def begun(stage: Stage, pilot: Pilot[int]) -> ScriptedCommand:
    """The run screen with a scripted command that has started."""
    stage.enter(pilot)
    commands = stage.services.commands = ScriptedCommands(stage.services)
    snapshot = stage.eyes.look()
    proposal = to_be_run("aws-refresh", commands.config(snapshot), stage.services.environ)
    assert proposal is not None
    screen = RunScreen(stage.services, snapshot, proposal)
    await stage.app.push_screen(screen)
    await stage.until(pilot, lambda: screen.running)
    commands.scripted.event("before", "before: The single sign-on has expired")
    commands.scripted.event("started", "awsAuthRefresh started: aws sso login --profile work")
    await stage.until(pilot, lambda: len(screen.steps.events) == 2)
    return commands.scripted


def on_stage(stage: Stage) -> RunScreen:
    screen = stage.app.screen
    assert isinstance(screen, RunScreen)
    return screen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", ["links", "asks", "well", "failed"])
def test_picture_run(step: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path, "aws-refresh")

    async def before(pilot: Pilot[int]) -> None:
        command = await begun(stage, pilot)
        screen = on_stage(stage)
        if step == "asks":
            command.tell(said("[sudo] the token of your key is needed"), said("PIN: ", unfinished=True))
            await stage.until(pilot, lambda: screen.output.prompt != "")
            await pilot.press("i", *"4711")
        elif step == "failed":
            command.tell(said(CellSpan("Error loading SSO Token: expired", CellStyle("red"))))
        else:
            command.tell(*COLOURED)
            await stage.until(pilot, lambda: screen.output.prompt != "")
        if step in ("well", "failed"):
            command.event("ended", "awsAuthRefresh · exit code 0 after 8.4 s")
            command.end(WELL if step == "well" else FAILED)
            await stage.until(pilot, lambda: not screen.running)
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", ["choice", "yours", "repository", "repository-again", "untrusted"])
def test_picture_run_question(step: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    name = "aws-refresh" if step in ("choice", "yours") else "project-refresh"
    changes: dict[str, Any] = {}
    if step == "untrusted":
        seen = scenes.snapshot(scenes.SCENES[name], tmp_path / "seen")
        changes["claude_json"] = seen.claude_json._replace(trusted=False)
    stage = Stage(tmp_path, name, environ=NO_PROGRAMS, **changes)

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        await pilot.press("x")
        await stage.until(pilot, lambda: "Run which command?" in stage.text)
        if step != "choice":
            await pilot.press("enter")
        if step == "repository-again":
            await stage.settle(pilot)
            await pilot.press("Y")
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", ["list", "events"])
def test_picture_run_history(step: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path, "aws-refresh", environ=NO_PROGRAMS)
    hour = 3600.0
    told: list[tuple[float, str, str, str, Any]] = [
        (-5, "started", "apiKeyHelper", "apiKeyHelper started: ~/bin/get-key --vault work", "info"),
        (-5 + 1e-4, "ended", "apiKeyHelper", "apiKeyHelper · exit code 3 after 0.4 s", "error"),
        (
            -5 + 2e-4,
            "understood",
            "apiKeyHelper",
            "apiKeyHelper · Claude Code would send an empty key",
            "error",
        ),
        (-2, "started", "awsAuthRefresh", "awsAuthRefresh started: aws sso login --profile work", "info"),
        (-2 + 1e-3, "ended", "awsAuthRefresh", "awsAuthRefresh · exit code 0 after 3.6 s", "info"),
        (-2 + 1e-3, "understood", "awsAuthRefresh", "awsAuthRefresh · it ended well", "info"),
        (-2 + 2e-3, "identity", "awsAuthRefresh", f"now {ARN}", "info"),
        (-1, "started", "gcpAuthRefresh", "gcpAuthRefresh started: gcloud auth login", "info"),
    ]
    for hours, kind, setting, text, level in told:
        event = Event(NOW + hours * hour, f"run.{kind}", text, level, None, {"setting": setting})
        assert stage.services.journal.write(event)

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        await pilot.press("x")
        await stage.until(pilot, lambda: "Run which command?" in stage.text)
        await pilot.press("end", "enter")
        await stage.until(pilot, lambda: "Runs of the past" in stage.text)
        if step == "events":
            await pilot.press("down", "enter")
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)
