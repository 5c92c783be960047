"""Signing out through the stand-in, and what is said before."""

from __future__ import annotations

import asyncio
from pathlib import Path

from claude_auth.actions.claude_cli import Delegated, SignOutTask, warnings_before
from claude_auth.model import Event
from tests.actions.world import API_KEY, World, all_of, kinds


def sign_out(world: World) -> tuple[list[Event], Delegated]:
    action = Delegated(SignOutTask(), look=world.look, environ=world.environ)
    return asyncio.run(asyncio.wait_for(all_of(action.events()), 30)), action


def test_signing_out_is_verified(tmp_path: Path) -> None:
    world = World(tmp_path).login().client()
    events, action = sign_out(world)
    assert kinds(events) == ["started", "accepted", "ended", "verified"]
    assert action.result is not None
    assert (action.result.outcome, action.result.after) == ("signed-out", None)
    assert action.result.before is not None
    assert world.did[0]["arguments"] == ["auth", "logout"]


def test_the_server_did_not_confirm(tmp_path: Path) -> None:
    world = World(tmp_path).login().client(logout={"end": "unconfirmed"})
    events, _ = sign_out(world)
    assert "not-revoked" in kinds(events)
    assert events[-1].kind == "sign-out.verified"


def test_it_did_not_work(tmp_path: Path) -> None:
    world = World(tmp_path).login().client(logout={"end": "Request failed with status code 401"})
    events, action = sign_out(world)
    assert kinds(events)[-1] == "unchanged"
    assert action.result is not None
    assert action.result.error == "the login is still there"


def test_what_is_used_afterwards_is_told(tmp_path: Path) -> None:
    world = World(tmp_path, {"ANTHROPIC_AUTH_TOKEN": API_KEY}).login().client()
    events, _ = sign_out(world)
    assert "ANTHROPIC_AUTH_TOKEN is what gets used now" in events[-1].text
    assert API_KEY not in repr(events)


def test_without_a_client(tmp_path: Path) -> None:
    events, _ = sign_out(World(tmp_path).login())
    assert kinds(events) == ["client-missing"]


def test_warnings(tmp_path: Path) -> None:
    world = World(tmp_path).login().client()
    (grants,) = warnings_before(world.look())
    assert (grants.symptom, grants.against) == (60, False)
    assert "made" in grants.text
    worse = warnings_before(world.look(), {78, 79, 1})
    assert [(warning.symptom, warning.against) for warning in worse] == [(78, True), (79, True), (60, False)]
    (none,) = warnings_before(World(tmp_path / "other").client().look())
    assert "no stored login" in none.text
