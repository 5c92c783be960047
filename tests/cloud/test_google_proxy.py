"""The token endpoint through a proxy, and what NO_PROXY names without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_auth.cloud.google import plan_google
from claude_auth.cloud.identity import ask_google
from claude_auth.sandbox.cloud_endpoints import CloudEndpoints
from tests.cloud.google_accounts import ADC, service_account
from tests.cloud.machines import machine


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"HTTP_PROXY": "http://127.0.0.1:9"}, "unreachable"),
        ({"HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}, None),
    ],
)
def test_proxy(cloud: CloudEndpoints, tmp_path: Path, variables: dict[str, str], code: str | None) -> None:
    made = machine(tmp_path, {"ANTHROPIC_VERTEX_PROJECT_ID": "p", **variables})
    made.write(ADC, service_account(f"{cloud.url}/google/token"))
    view = made.view()
    answer = ask_google(plan_google(view, made.environ), view, made.environ)
    assert (answer.trouble.code if answer.trouble else None) == code


def test_metadata_server_is_never_asked_through_a_proxy(cloud: CloudEndpoints, tmp_path: Path) -> None:
    made = machine(tmp_path, {**cloud.environment(), "HTTP_PROXY": "http://127.0.0.1:9"})
    view = made.view()
    assert ask_google(plan_google(view, made.environ), view, made.environ).identity is not None
