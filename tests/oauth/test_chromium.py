"""A real browser goes through the login and consent pages and comes back to our listener."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from claude_auth.oauth.flow import SignIn
from claude_auth.sandbox.authorization_server import AuthorizationServer
from tests.conftest import requires_system
from tests.oauth.chromium import LAST_PAGE, PATIENCE, Browser, browser
from tests.oauth.scenes import client_of, failure_of, follow, kinds, tokens_of

__all__ = ["browser"]  # a fixture is found by its name

pytestmark = [requires_system("chromium", "chromium"), requires_system("chromium-driver", "chromedriver")]


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


def sign_in(attempt: SignIn, browser: Browser, button: str) -> list[str]:
    """The kinds of the events, while the browser does what a person would."""

    def person(url: str) -> str:
        browser.open(url)
        browser.type("//input[@id='name']", "ada")
        browser.type("//input[@id='password']", "wrong")
        browser.click("//button[@id='sign-in']")
        assert "don't belong together" in browser.text("//p[@id='wrong']")
        browser.type("//input[@id='name']", "ada")
        browser.type("//input[@id='password']", "engine")
        browser.click("//button[@id='sign-in']")
        browser.click(f"//button[@id='{button}']")
        return browser.text(LAST_PAGE)

    async def open_page(it: SignIn) -> None:
        assert it.url is not None
        pages.append(await asyncio.to_thread(person, it.url.reveal()))

    pages: list[str] = []
    steps = {"signin.waiting": open_page}
    events = asyncio.run(asyncio.wait_for(follow(attempt, dict(steps)), PATIENCE))
    return [*kinds(events), pages[0]]


def test_signs_in(server: AuthorizationServer, browser: Browser) -> None:
    attempt = SignIn(client_of(server), lock_path=None)
    *_, last, page = sign_in(attempt, browser, "allow")
    assert last == "succeeded"
    assert "The sign-in worked" in page
    assert server.rules.person_of(tokens_of(attempt).access_token.reveal()) == "ada"
    # The page's own style got past its Content-Security-Policy.
    assert browser.style(LAST_PAGE, "font-size") == "24px"


def test_denies(server: AuthorizationServer, browser: Browser) -> None:
    attempt = SignIn(client_of(server), lock_path=None)
    *_, last, page = sign_in(attempt, browser, "deny")
    assert (last, failure_of(attempt).code) == ("failed", "denied")
    assert "did not work" in page
