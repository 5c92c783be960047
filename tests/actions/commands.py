"""A command run to its end, and an `aws` that stands in for the real one."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping

from claude_auth.actions.run_command import RunningCommand, RunOutput, RunResult
from claude_auth.cloud.commands import CommandKind, propose
from claude_auth.sandbox.cloud_endpoints import AWS_STAND_IN
from tests.cloud.machines import CloudMachine, assert_clean

KEY = "sk-ant-api03-canaryCanaryCanaryCanaryCanary7890"


def running(made: CloudMachine, kind: CommandKind, **options: object) -> RunningCommand:
    view = made.view()
    proposal = propose(kind, view, made.environ)
    assert proposal is not None
    return RunningCommand(proposal, view, made.environ, made.view, **options)  # type: ignore[arg-type]


async def collect(
    command: RunningCommand, on_output: Callable[[RunOutput], None] = lambda _: None
) -> tuple[list[RunOutput], RunResult]:
    outputs = []
    async for output in command.run():
        on_output(output)
        outputs.append(output)
    assert_clean(outputs, more=(KEY,))
    last = outputs[-1]
    assert isinstance(last, RunResult)
    return outputs, last


def run(command: RunningCommand) -> tuple[list[RunOutput], RunResult]:
    return asyncio.run(collect(command))


def with_stand_in(made: CloudMachine, environ: Mapping[str, str]) -> CloudMachine:
    """An `aws` in front of PATH that knows `sso login`."""
    program = made.write("bin/aws", f"#!{sys.executable} -E\n{AWS_STAND_IN}")
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    return CloudMachine(made.home, {**made.environ, **environ, "PATH": path}, made.client)
