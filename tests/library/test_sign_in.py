"""Signing in and out and refreshing from a program, with a client of one's own and through `claude`."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from claude_auth import (
    ClaudeAuth,
    LoginError,
    MissingCredentialError,
    OAuthConfig,
    OAuthFlow,
    TokenStorage,
    login,
    logout,
)
from claude_auth.journal import read
from claude_auth.sandbox.loopback_server import Fault
from tests.library.world import ProgramWorld, run, visit_in_browser
from tests.oauth.servers import StandInBrowser


def test_an_account_by_its_storage(world: ProgramWorld) -> None:
    """Signed in, refreshed, asked and signed out, and the other account is as it was."""
    world.client()
    work, other = (TokenStorage(world.home / f".claude_code/{name}.json") for name in ("work", "other"))

    async def live() -> list[str]:
        async with ClaudeAuth(token_storage=work) as auth:
            outcomes = [await auth.login(open_browser=False, on_address=visit_in_browser)]
            first = work.load_token()
            outcomes.append(await auth.refresh())
            outcomes.append(await auth.refresh(force=True))
            assert work.load_token() != first
            world.accept_tokens()
            assert {message.credential async for message in auth.query("Hello")} == {"sdk-tokens"}
            outcomes.append(await auth.logout())
        return [result.outcome for result in outcomes]

    assert run(live()) == ["signed-in", "not-needed", "refreshed", "signed-out"]
    assert (work.load_token(), other.load_token()) == (None, None)
    kinds = {entry.event.kind for entry in read(directory=str(world.root / "state/claude-auth"))}
    assert {"signin.saved", "refresh.saved", "signout.revoked"} <= kinds


def test_a_person_who_says_no(world: ProgramWorld) -> None:
    world.client()

    def deny(url: str) -> None:
        with StandInBrowser() as browser:
            browser.sign_in(url, "deny")

    def asked(url: str) -> None:
        asyncio.get_running_loop().run_in_executor(None, deny, url)

    with pytest.raises(LoginError) as caught:
        run(login(on_address=asked, open_browser=False))
    assert caught.value.code == "denied"
    assert not TokenStorage().path.exists()


def test_the_address_is_printed_where_nobody_hears_it(
    world: ProgramWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error: standard output may be somebody's document."""
    world.client()

    async def begin() -> None:
        task = asyncio.create_task(login(open_browser=False))
        while "/authorize?" not in (said := capsys.readouterr().err):
            assert not task.done()
            await asyncio.sleep(0.01)  # a stream is all that it says
        visit_in_browser(said.split()[-1])
        assert (await task).outcome == "signed-in"

    run(begin())


def test_a_sign_in_that_is_left_listens_no_longer(world: ProgramWorld) -> None:
    world.client()

    async def leave() -> str:
        heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(login(on_address=heard.set_result, open_browser=False))
        url = await heard
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return url

    url = run(leave())
    with StandInBrowser() as browser, pytest.raises(httpx.ConnectError):
        browser.sign_in(url)
    assert world.server.counters.exchanges == 0


def test_a_server_that_is_down_at_the_exchange(world: ProgramWorld) -> None:
    world.client()
    world.server.faults.add(Fault("error", times=5))
    with pytest.raises(LoginError) as caught:
        run(login(on_address=visit_in_browser, open_browser=False))
    assert caught.value.code == "incident"


def test_a_flow_by_hand_and_by_paste(world: ProgramWorld) -> None:
    """Nothing listens; what is pasted wrongly is told, and the right address is still good."""
    world.client()

    async def sign_in() -> OAuthFlow:
        flow = OAuthFlow(listen=False)
        async for event in flow.events():
            if event.kind == "signin.waiting":
                assert flow.paste("http://localhost/callback?error") is not None
                assert flow.url is not None
                assert flow.paste(await asyncio.to_thread(redirected, flow.url)) is None
        return flow

    def redirected(url: str) -> str:
        with StandInBrowser() as browser:
            return browser.redirect(url)

    flow = run(sign_in())
    assert not flow.token.is_expired()
    assert flow.token.access_token.reveal() not in repr(flow)
    assert not TokenStorage().path.exists()


def test_a_flow_that_is_not_at_its_end(world: ProgramWorld) -> None:
    flow = OAuthFlow(OAuthConfig("me", issuer=world.server.issuer), listen=False)
    with pytest.raises(LoginError) as caught:
        _ = flow.token
    assert caught.value.code == "not-finished"


# ── a Claude account's ───────────────────────────────────────────────────────────────────────────


def test_claude_signs_in_and_keeps_the_login(world: ProgramWorld) -> None:
    world.claude()
    told: list[str] = []
    result = run(login(on_address=told.append))
    assert (result.outcome, result.store) == ("signed-in", "claude-code")
    assert [url.partition("?")[0] for url in told] == ["https://claude.com/cai/oauth/authorize"]
    kept = json.loads((world.home / ".claude/.credentials.json").read_text())
    assert kept["claudeAiOauth"]["accessToken"] not in world.every_file()
    assert not TokenStorage().path.exists()


def test_claude_does_not_sign_in(world: ProgramWorld) -> None:
    world.claude(login={"browser": True, "end": "Request failed with status code 500"})
    with pytest.raises(LoginError) as caught:
        run(login(on_address=lambda url: None))
    assert caught.value.code == "login-failed"
    assert caught.value.next_step


def test_claude_is_not_there(world: ProgramWorld) -> None:
    for work in (login(), logout()):
        with pytest.raises(MissingCredentialError) as caught:
            run(work)
        assert caught.value.code == "claude-not-installed"


def test_a_claude_account_s_login_is_refreshed_by_claude(world: ProgramWorld) -> None:
    world.login()
    assert run(ClaudeAuth().refresh()).outcome == "not-needed"
    with pytest.raises(LoginError) as caught:
        run(ClaudeAuth().refresh(force=True))
    assert caught.value.code == "refresh-failed"


def test_the_settings_name_the_store(world: ProgramWorld) -> None:
    """As for `claude-auth login`: with a client configured, Claude Code's is still meant."""
    world.client().login().set(CLAUDE_AUTH_STORE="claude-code")
    assert run(ClaudeAuth().refresh()).store == "claude-code"
    world.set(CLAUDE_AUTH_STORE="sdk")
    with pytest.raises(MissingCredentialError) as caught:
        run(ClaudeAuth().refresh())
    assert caught.value.code == "not-signed-in"
