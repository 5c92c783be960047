"""A real browser goes through the login and consent pages and comes back to our listener."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from claude_auth.oauth.flow import SignIn
from claude_auth.sandbox.authorization_server import AuthorizationServer
from tests.conftest import requires_system
from tests.oauth.scenes import client_of, failure_of, follow, kinds, tokens_of

pytestmark = [requires_system("chromium", "chromium"), requires_system("chromium-driver", "chromedriver")]

#: A cold start of a browser on a busy machine.
PATIENCE = 120.0
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LAST_PAGE = "//h1[contains(., 'The sign-in')]"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """As much of WebDriver as a sign-in needs."""

    def __init__(self, driver: str, profile: Path) -> None:
        self._http = httpx.Client(base_url=driver, trust_env=False, timeout=PATIENCE)
        options = {"args": [*FLAGS, f"--user-data-dir={profile}"]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options}
        session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{session['sessionId']}"
        # Elements are waited for, since a click may return before the page that follows is there.
        self._call("POST", f"{self._session}/timeouts", {"implicit": int(PATIENCE * 1000)})

    def _call(self, method: str, path: str, data: dict[str, Any] | None = None) -> Any:
        answer = self._http.request(method, path, json=data)
        value = answer.json()["value"]
        assert answer.status_code == 200, value
        return value

    def open(self, url: str) -> None:
        self._call("POST", f"{self._session}/url", {"url": url})

    def element(self, path: str) -> str:
        wanted = {"using": "xpath", "value": path}
        element = self._call("POST", f"{self._session}/element", wanted)[_ELEMENT]
        return f"{self._session}/element/{element}"

    def type(self, path: str, text: str) -> None:
        self._call("POST", f"{self.element(path)}/value", {"text": text})

    def click(self, path: str) -> None:
        self._call("POST", f"{self.element(path)}/click", {})

    def text(self, path: str) -> str:
        return str(self._call("GET", f"{self.element(path)}/text"))

    def style(self, path: str, name: str) -> str:
        return str(self._call("GET", f"{self.element(path)}/css/{name}"))

    def close(self) -> None:
        self._call("DELETE", self._session)
        self._http.close()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with subprocess.Popen(
        ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as driver:
        assert driver.stdout is not None
        try:
            port = next(
                found[1]
                for line in driver.stdout
                if (found := re.search(r"successfully on port (\d+)", line))
            )
            running = Browser(f"http://127.0.0.1:{port}", tmp_path / "profile")
            try:
                yield running
            finally:
                running.close()
        finally:
            driver.terminate()
            driver.communicate()


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
