"""Refreshing and signing in through the stand-in, to the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from claude_auth.actions.claude_cli import Delegated, SignInChoice, SignInTask
from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
from claude_auth.actions.result import Result
from claude_auth.claude_code.refreshing import Timing
from claude_auth.model import Event
from tests.actions.world import World

#: Where nothing changes, which is all that these tests wait for. The client ends with its input by itself.
QUICK = Timing(patience=2.0, settle=1.0, grace=30.0, kill=30.0)
CODE = "canary-code#canary-state"
Answer = Callable[[Delegated, Event], Awaitable[None]]


def refresh(world: World, *, slowly: bool = False, **more: Any) -> tuple[list[Event], Result]:
    """`slowly`: the answer comes once the lock of the refresh was seen."""
    action = DelegatedRefresh(**{"look": world.look, "environ": world.environ, **more})
    answered = world.root / "answered"
    if slowly:
        world.client(serve={"refresh": True, "stuck": str(answered)})

    async def run() -> list[Event]:
        events = []
        async for event in action.events():
            events.append(event)
            if event.kind == "refresh.lock-taken":
                answered.touch()
        return events

    events = asyncio.run(asyncio.wait_for(run(), 120))
    assert action.result is not None
    return events, action.result


async def nothing(action: Delegated, event: Event) -> None:
    """Only watches."""


def typing(*lines: str) -> Answer:
    """Types the next line whenever it is asked for."""
    left = list(lines)

    async def answer(action: Delegated, event: Event) -> None:
        if event.kind == "sign-in.wants-code" and left:
            assert action.program is not None
            action.program.pane.type(left.pop(0).encode() + b"\r")

    return answer


def sign_in(
    world: World, answer: Answer = nothing, choice: SignInChoice | None = None, **more: Any
) -> tuple[list[Event], Result, Delegated]:
    async def run() -> tuple[list[Event], Result, Delegated]:
        action = Delegated(
            SignInTask(choice or SignInChoice()), look=world.look, environ=world.environ, **more
        )
        events = []
        async for event in action.events():
            events.append(event)
            await answer(action, event)
        assert action.result is not None
        return events, action.result, action

    return asyncio.run(asyncio.wait_for(run(), 60))
