"""Every scene of a demo is a world of its own, where everything that a dashboard asks for is answered."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
from claude_auth.actions.explain import explain_here
from claude_auth.actions.look import HostObserver, machine_answers, running_claude
from claude_auth.actions.network import Probe, plan_for
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.sandbox import scenes
from claude_auth.sandbox.demo_scenes import BY_NAME, DEMO
from claude_auth.sandbox.messages_api import ERROR_TYPES, MessagesApi, Refusal
from claude_auth.sandbox.stand_in_program import made_up_token
from claude_auth.sandbox.world import PretendWorld, open_world
from claude_auth.security.secret import Secret
from tests.waiting import wait_until

#: Scene → what it is shown for: a finding, or the verdict where there is none.
SHOWN = {
    "healthy": "works",
    "key-over-login": "key-overrides-login",
    "two-sent": "two-credentials-sent",
    "stale": "login-idle",
    "signed-out": "tokens-wiped",
    "oauth-not-supported": "wrong-kind",
    "bedrock-expired": "aws-sso-expired",
    "lock-orphaned": "lock-left-behind",
    "eight-clients": "login-idle",
    "helper-failing": "helper-not-run",
    "gateway": "works",
    "managed": "managed-policy",
    "fresh": "no-credential",
}


def observer(world: PretendWorld) -> HostObserver:
    return HostObserver.of(world.context)


def state(world: PretendWorld) -> DashboardState:
    return DashboardState.of(observer(world).look(), "claude")


@pytest.mark.parametrize("name", BY_NAME)
def test_a_scene_shows_what_it_is_for(name: str, tmp_path: Path) -> None:
    with open_world(BY_NAME[name], tmp_path / "world", os.environ) as world:
        seen = state(world)
        ids = [finding.id for finding in seen.findings]
        assert SHOWN[name] in (ids or ["works"]), ids
        assert seen.snapshot.installed[0].path == str(tmp_path / "world/bin/claude")
    assert not (tmp_path / "world").exists()


@pytest.mark.parametrize("demo", DEMO, ids=lambda demo: demo.scene)
def test_the_error_of_a_scene_can_be_explained_there(demo: object, tmp_path: Path) -> None:
    assert hasattr(demo, "error")
    with open_world(demo, tmp_path / "world", os.environ) as world:  # type: ignore[arg-type]
        found = explain_here(Secret(demo.error), machine_answers(observer(world).look(), "claude"))
        assert found.causes or found.parsed.family, found


def test_nothing_of_the_real_environment_but_the_words_of_the_terminal_gets_in(tmp_path: Path) -> None:
    real = {
        "HOME": "/home/real",
        "PATH": "/usr/bin",
        "ANTHROPIC_API_KEY": "canary",
        "TERM": "xterm",
        "LC_ALL": "C",
    }
    with open_world(BY_NAME["healthy"], tmp_path / "world", real) as world:
        assert {name for name in real if world.environ.get(name) == real[name]} == {"TERM", "LC_ALL"}
        inside = str(tmp_path / "world")
        for name in ("HOME", "PATH", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
            assert world.environ[name].startswith(inside)


# ── what can be done there ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "ok", "words"),
    [
        ("key-over-login", True, "accepted (200)"),
        ("gateway", True, "accepted (200)"),
        ("healthy", True, "Claude Code got an answer"),
        ("oauth-not-supported", False, "ended with code 1"),
    ],
)
def test_a_live_request_is_answered_on_loopback(name: str, ok: bool, words: str, tmp_path: Path) -> None:
    with open_world(BY_NAME[name], tmp_path / "world", os.environ) as world:
        planned = plan_for(observer(world).look(), "claude", world.environ)
        probe = Probe(planned, world.environ, world.reach)

        async def send() -> None:
            async for _ in probe.events():
                pass

        asyncio.run(send())
        assert probe.answer is not None
        assert (probe.answer.ok, words in probe.answer.words) == (ok, True), probe.answer
        if not ok:
            assert "oauth-not-supported" in {cause.id for cause in probe.answer.causes}


def test_a_stale_login_is_renewed_by_the_stand_in(tmp_path: Path) -> None:
    with open_world(BY_NAME["stale"], tmp_path / "world", os.environ) as world:
        refresh = DelegatedRefresh(
            look=observer(world).look, environ=world.environ, force=False, allow_request=False
        )

        async def run() -> None:
            async for _ in refresh.events():
                pass

        asyncio.run(run())
        assert refresh.result is not None
        assert refresh.result.outcome == "refreshed"


def test_eight_clients_renew_one_login_and_none_is_lost(tmp_path: Path) -> None:
    """Each refresh token works once, so a client that used an old one would have emptied the login."""
    with open_world(BY_NAME["eight-clients"], tmp_path / "world", os.environ) as world:
        path = world.laid.home / ".claude/.credentials.json"

        def grant() -> dict[str, object]:
            found = json.loads(path.read_text())["claudeAiOauth"]
            assert isinstance(found, dict)
            return found

        first = grant()["accessToken"]
        wait_until(lambda: grant()["accessToken"] != first)
        wait_until(lambda: len(running_claude(str(path.parent)) or ()) == 8)
        assert grant()["refreshToken"]


def test_an_expired_single_sign_on_is_renewed_by_its_command(tmp_path: Path) -> None:
    with open_world(BY_NAME["bedrock-expired"], tmp_path / "world", os.environ) as world:
        (command,) = state(world).snapshot.settings["awsAuthRefresh"]
        words = ["/bin/sh", "-c", command.value.reveal()]
        told = subprocess.run(
            words, env=dict(world.environ), capture_output=True, text=True, check=False, timeout=60
        )
        assert "Successfully logged into" in told.stdout, told
        assert "aws-sso-expired" not in [finding.id for finding in state(world).findings]


def test_the_pretend_browser_signs_in_and_agrees(tmp_path: Path) -> None:
    """As far as the redirect: nothing listens there, so it is the browser that fails, after the consent."""
    with open_world(BY_NAME["fresh"], tmp_path / "world", os.environ) as world:
        lines = (world.laid.home / ".config/claude-auth/oauth.toml").read_text()
        authorize = next(
            line.split('"')[1] for line in lines.splitlines() if line.startswith("authorize_url")
        )
        more = "response_type=code&client_id=sandbox-public&state=s&code_challenge_method=S256"
        query = f"{more}&code_challenge={'c' * 43}&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback"
        browser = [f"{world.environ['PATH']}/pretend-browser", f"{authorize}?{query}"]
        done = subprocess.run(browser, env=dict(world.environ), capture_output=True, check=False, timeout=60)
        assert done.returncode == 1, done
        elsewhere = [browser[0], "https://claude.ai/oauth/authorize"]
        assert subprocess.run(elsewhere, env=dict(world.environ), check=False, timeout=60).returncode == 0


# ── the API ──────────────────────────────────────────────────────────────────────────────────────


def ask(
    api: MessagesApi, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, object]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(api.url + path, body, named), timeout=60
        ) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_the_api_answers_good_credentials_and_tells_the_others_why() -> None:
    token = made_up_token("oat01")
    with MessagesApi((scenes.KEY, token)) as api:
        assert ask(api, "/v1/models", x_api_key=scenes.KEY)[0] == 200
        status, message = ask(api, "/v1/messages", b'{"model": "m"}', x_api_key=scenes.KEY)
        assert (status, message["type"], message["model"]) == (200, "message", "m")
        bearer = f"Bearer {token}"
        assert ask(api, "/v1/models", authorization=bearer, anthropic_beta="oauth-2025-04-20")[0] == 200
        refused = [
            ask(api, "/v1/models"),
            ask(api, "/v1/models", x_api_key="wrong"),
            ask(api, "/v1/models", authorization=bearer),
            ask(api, "/v1/messages", b"no", x_api_key=scenes.KEY),
            ask(api, "/elsewhere", x_api_key=scenes.KEY),
        ]
        told = [(status, body["error"]["type"]) for status, body in refused]  # type: ignore[index]
        unknown = (401, "authentication_error")
        assert told == [unknown] * 3 + [(400, "invalid_request_error"), (404, "not_found_error")]


@pytest.mark.parametrize("status", ERROR_TYPES)
def test_an_incident_is_told_with_the_documented_type(status: int) -> None:
    with MessagesApi(refusal=Refusal(status, "made up")) as api:
        told, body = ask(api, "/v1/models", x_api_key=scenes.KEY)
        assert told == status
        assert body["type"] == "error"
        assert body["error"] == {"type": ERROR_TYPES[status], "message": "made up"}
