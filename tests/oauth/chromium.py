"""A real browser, driven without a window."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

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
