"""Signing in through the stand-in, in a real terminal of its own."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.claude_cli import Delegated, SignInChoice, setup_token, suspended_sign_in
from claude_auth.formats.journal_line import safe
from claude_auth.model import Event
from tests.actions.delegated import CODE, Answer, nothing, sign_in, typing
from tests.actions.world import API_KEY, World, kinds


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_pasted_code_signs_in_and_the_new_login_is_verified(world: World) -> None:
    world.client(login={"code": CODE})
    events, result, action = sign_in(world, typing(CODE))
    steps = ["started", "browser", "address", "wants-code", "exchanging", "accepted", "ended", "verified"]
    assert kinds(events) == steps
    assert (result.outcome, result.before, result.overridden_by) == ("signed-in", None, None)
    tokens = world.look().login.tokens
    assert tokens is not None
    assert result.after == tokens.access_token.fingerprint
    assert result.expires_at == tokens.expires_at
    assert result.as_json()["error"] is None
    assert action.program is not None
    (url,) = action.program.urls
    assert url.judgement == "fine"
    assert url.host == "claude.com"
    assert world.locks == []
    assert world.did[0]["terminal"] is True


def test_nothing_typed_is_in_events_results_or_files(world: World) -> None:
    world.client(login={"code": CODE})
    events, result, action = sign_in(world, typing("canary-wrong", "canary " * 3 + "#", CODE))
    kept = "\n".join(
        [repr(events), repr(result), repr(vars(action)), repr(action.program), world.every_file()]
    )
    assert "canary" not in kept
    assert action.program is not None
    assert "canary" in action.program.pane.screen.text()  # its echo is its terminal's business
    states = re.findall(r"state=([\w-]+)", action.program.urls[0].url)
    assert states
    assert states[0] not in kept


@pytest.mark.parametrize(
    ("choice", "arguments"),
    [
        (SignInChoice(), []),
        (SignInChoice(console=True), ["--console"]),
        (SignInChoice(sso=True, email="ada@example.org"), ["--sso", "--email=ada@example.org"]),
        (SignInChoice(email="--console\x1b[0m"), ["--email=--console[0m"]),
    ],
)
def test_the_choices(world: World, choice: SignInChoice, arguments: list[str]) -> None:
    world.client(login={"browser": True})
    _, result, action = sign_in(world, choice=choice)
    assert result.outcome == "signed-in"
    assert world.did[0]["arguments"] == ["auth", "login", *arguments]
    if choice.console:
        key = world.look().claude_json.primary_api_key
        assert key is not None
        assert result.after == key.fingerprint
        assert action.program is not None
        assert action.program.urls[0].host == "platform.claude.com"


@pytest.mark.parametrize("version", ["2.1.328", "2.1.332"])
@pytest.mark.parametrize(
    "choice",
    [SignInChoice(), SignInChoice(console=True), SignInChoice(sso=True)],
    ids=["subscription", "console", "sso"],
)
def test_the_link_of_no_version_and_no_choice_is_refused(
    version: str, choice: SignInChoice, world: World
) -> None:
    world.client(version=version, login={"browser": True})
    events, _, action = sign_in(world, choice=choice)
    assert action.program is not None
    assert [url.judgement for url in action.program.urls] == ["fine"]
    (told,) = [event for event in events if event.kind == "sign-in.address"]
    assert (told.level, told.data["judgement"], told.data["pasted"]) == ("info", "fine", True)
    assert ("state=" in action.program.urls[0].url) == (version == "2.1.328")


@pytest.mark.parametrize("wrap", [{"wrap": 60}, {"wrap": 80}, {"wrap": 72, "indent": 2}, {"link": False}])
def test_the_address_is_whole_however_it_is_printed(world: World, wrap: dict[str, Any]) -> None:
    world.client(login={"code": CODE, **wrap})
    _, _, action = sign_in(world, typing(CODE))
    assert action.program is not None
    assert [url.problems for url in action.program.urls] == [()]


def test_a_wrong_address_is_not_recommended(world: World) -> None:
    evil = "https://claude.com.evil.example/oauth/authorize?code_challenge=x&state=y"
    world.client(login={"code": CODE, "url": evil})
    events, _, _ = sign_in(world, typing(CODE))
    (told,) = [event for event in events if event.kind == "sign-in.address"]
    assert (told.level, told.data["judgement"]) == ("error", "refused")
    assert "don't open" in told.text


def test_half_a_code_then_the_whole(world: World) -> None:
    world.client(login={"code": CODE})
    events, result, _ = sign_in(world, typing("half", CODE))
    assert "code-incomplete" in kinds(events)
    assert result.outcome == "signed-in"


@pytest.mark.parametrize(
    ("script", "lines", "words"),
    [
        ({"code": CODE}, ["other#code"], "refused the code"),
        ({"code": CODE, "waits": 0.2}, [], "no answer in time"),
        ({"code": CODE, "end": "getaddrinfo EAI_AGAIN platform.claude.com"}, [CODE], "looked up"),
        ({"code": CODE, "end": "Request failed with status code 500"}, [CODE], "failure of its own"),
        ({"code": CODE, "end": "Request failed with status code 403"}, [CODE], "refused this network"),
        ({"code": CODE, "end": "Request failed with status code 429"}, [CODE], "wait some minutes"),
        (
            {"code": CODE, "end": "self signed certificate in certificate chain"},
            [CODE],
            "NODE_EXTRA_CA_CERTS",
        ),
        ({"code": CODE, "end": "something new"}, [CODE], "stand in the terminal"),
        ({"code": CODE, "end": "crash"}, [CODE], "ended without signing in"),
        ({"code": CODE, "end": "no-change"}, [CODE], "has not changed"),
    ],
)
def test_failures_in_words(world: World, script: dict[str, Any], lines: list[str], words: str) -> None:
    world.login().client(login=script)
    before = (world.home / ".claude/.credentials.json").read_text()
    events, result, _ = sign_in(world, typing(*lines))
    assert result.outcome == "failed"
    assert words in (result.error or "")
    assert kinds(events)[-1] == "unchanged"
    assert (world.home / ".claude/.credentials.json").read_text() == before


def test_a_crash_is_told_by_its_signal(world: World) -> None:
    world.client(login={"browser": True, "end": "crash"})
    events, _, _ = sign_in(world)
    assert any("SIGABRT" in event.text for event in events)


def test_signed_in_and_overridden_by_a_key(tmp_path: Path) -> None:
    world = World(tmp_path, {"ANTHROPIC_API_KEY": API_KEY}).client(login={"browser": True})
    approved = {"customApiKeyResponses": {"approved": [API_KEY[-20:]], "rejected": []}}
    world.write(".claude.json", approved)
    events, result, _ = sign_in(world)
    assert result.outcome == "signed-in"
    assert "ANTHROPIC_API_KEY wins" in (result.overridden_by or "")
    assert events[-1].kind == "sign-in.overridden"
    assert API_KEY not in repr(events)
    assert all("ANTHROPIC_API_KEY" not in str(entry) for entry in world.did)


def test_without_a_client_it_says_how_to_install_one(world: World) -> None:
    events, result, _ = sign_in(world)
    assert kinds(events) == ["client-missing"]
    assert "install" in str(events[0].data["install"])
    assert result.outcome == "failed"


def test_cancelling_ends_the_group_and_changes_nothing(world: World) -> None:
    world.client(login={"code": CODE})

    async def cancel(action: Delegated, event: Event) -> None:
        if event.kind == "sign-in.wants-code":
            await asyncio.gather(action.cancel(), action.cancel())  # an impatient second press

    events, result, action = sign_in(world, cancel)
    assert result.error == "cancelled: nothing was changed"
    assert "cancel-waits" not in kinds(events)
    ended = next(event for event in events if event.kind == "sign-in.ended")
    assert "cancelled after" in safe(ended).text  # the journal takes nothing of it for a code
    assert action.program is not None
    assert not action.program.pane.terminal.running


def cancelling_once_locked(world: World) -> Answer:
    async def cancel(action: Delegated, event: Event) -> None:
        if event.kind == "sign-in.exchanging":
            await asyncio.to_thread(world.wait_for, "locked")
            await action.cancel()

    return cancel


def test_cancelling_waits_for_a_lock_so_that_no_login_is_torn(world: World) -> None:
    let_go = world.root / "let-go"
    world.client(login={"browser": True, "stuck": str(let_go)})

    async def sleep(seconds: float) -> None:
        let_go.touch()  # it is waited for
        await asyncio.sleep(seconds)

    events, result, _ = sign_in(world, cancelling_once_locked(world), sleep=sleep)
    assert "cancel-waits" in kinds(events)
    assert "wrote" in world.did_what()
    assert world.locks == []
    assert result.outcome == "signed-in"


def test_cancelling_waits_a_minute_at_most(world: World) -> None:
    world.client(login={"browser": True, "stuck": True})
    waited: list[float] = []

    class Clock:
        now = 0.0

        def __call__(self) -> float:
            import time

            return time.time() + self.now

    clock = Clock()

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock.now += seconds
        await asyncio.sleep(0)

    events, result, _ = sign_in(world, cancelling_once_locked(world), clock=clock, sleep=sleep)
    assert "cancel-waits" in kinds(events)
    assert 50 <= sum(waited) <= 61
    assert result.outcome == "failed"


def test_nobody_comes_within_the_time(world: World) -> None:
    world.client(login={"code": CODE})
    _, result, _ = sign_in(world, limit=1.0)
    assert "within the time" in (result.error or "")


@pytest.mark.parametrize(
    ("typed", "outcome", "error"),
    [
        (CODE, "token-made", ""),
        ("wrong#code", "failed", "refused the code"),
        ("", "failed", "within the time"),
    ],
)
def test_a_token_for_a_year_is_shown_and_nowhere_else(
    typed: str, outcome: str, error: str, world: World
) -> None:
    world.client(setup_token={"code": CODE})
    answer = typing(typed) if typed else nothing
    more = {} if typed else {"limit": 1.0}
    events, result, action = sign_in(world, answer, SignInChoice(year_token=True), **more)
    assert (result.outcome, error in (result.error or "")) == (outcome, True)
    assert action.program is not None
    assert ("sk-ant-oat01-standIn" in action.program.pane.screen.text()) is (outcome == "token-made")
    assert "standIn" not in repr((events, result))
    assert world.look().login.tokens is None


def test_what_runs_in_the_suspended_terminal(tmp_path: Path) -> None:
    environ = {"ANTHROPIC_API_KEY": API_KEY, "CLAUDE_CODE_OAUTH_TOKEN": API_KEY}
    world = World(tmp_path, environ).client()
    plan = setup_token(world.look(), world.environ)
    assert plan is not None
    assert plan.argv == (str(world.root / "bin/claude"), "setup-token")
    assert API_KEY not in plan.environment.values()
    assert API_KEY not in repr(plan)
    assert "never passes through this program" in plan.reason
    login = suspended_sign_in(SignInChoice(sso=True), world.look(), world.environ)
    assert login is not None
    assert login.argv[1:] == ("auth", "login", "--sso")
    assert suspended_sign_in(SignInChoice(), World(tmp_path / "other").look(), {}) is None
