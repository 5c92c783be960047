"""Pictures of the cloud screen, each of a machine of fixed words; what stands on them, and its keys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions.cloud import CloudLook
from claude_auth.actions.look import diagnosed
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.cloud import CloudScreen, ProviderDetail, Providers
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.identity import AwsAnswer, AwsIdentity, GoogleAnswer
from claude_auth.cloud.providers import CloudSeen, ProviderAnswer, look
from claude_auth.cloud.trouble import explain_google
from claude_auth.formats.cloud_files import cache_name
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.sandbox import scenes
from claude_auth.sandbox.scenes import ACCOUNT, AWS, GATEWAY, NOW, SCENES, SECRETS, Scene
from tests.app.stage import SIZES, Stage

ON = {"CLAUDE_CODE_USE_BEDROCK": "1"}
SSO = (
    "[profile work]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Developer\n"
    "region = eu-central-1\n[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n"
    "sso_region = us-east-1\n"
)
TOKEN = {
    "accessToken": AWS,
    "startUrl": "https://corp.awsapps.com/start",
    "region": "us-east-1",
    "expiresAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - 3 * 3600)),
}
PLACES: dict[str, Scene] = {
    "aws": SCENES["bedrock"],
    "answered": SCENES["bedrock"],
    "expired": Scene(
        {
            ".claude.json": ACCOUNT,
            ".aws/config": SSO,
            f".aws/sso/cache/{cache_name('corp')}": TOKEN,
            ".claude/settings.json": {"awsAuthRefresh": "aws sso login --profile work"},
        },
        environ={**ON, "AWS_PROFILE": "work"},
    ),
    "consent": Scene(
        {
            ".claude.json": ACCOUNT,
            "proj/.claude/settings.json": {"awsCredentialExport": "./tools/vend --role developer"},
        },
        environ=ON,
    ),
    "google": SCENES["vertex"],
    "foundry": SCENES["foundry"],
    "gateway": Scene(
        {
            ".claude.json": ACCOUNT,
            ".claude/settings.json": {
                "env": {"ANTHROPIC_BASE_URL": "http://llm.example.org/v1", "ANTHROPIC_AUTH_TOKEN": GATEWAY}
            },
        },
        environ={"ANTHROPIC_AWS_API_KEY": AWS},
    ),
    "nothing": SCENES["fresh"],
}
IDENTITY = AwsIdentity(
    "aws-default-profile",
    "shared-credentials-file",
    "AKIAMADEUPEXAMPLE001",
    "123456789012",
    "arn:aws:iam::123456789012:user/ada",
    "AIDAMADEUP",
    None,
    "eu-central-1",
    "https://sts.eu-central-1.amazonaws.com",
)
REVOKED = {"class": "RefreshError", "text": "invalid_grant: Token has been expired or revoked."}


class PicturedLook(CloudLook):
    """Looks at the files that were laid out, and tells them in fixed words; nobody is asked."""

    def __init__(self, stage: Stage, laid: Scene, directory: Path) -> None:
        super().__init__(stage.services.environ)
        stage.services.cloud = self
        self.laid, self.directory = laid, directory

    def see(self, snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...]) -> CloudSeen:
        point = scenes.lay_out(self.laid, self.directory)
        snapshot = point.look(scenes.NOW)._replace(machine=self.laid.host)
        resolution, findings = diagnosed(snapshot, resolution.client, None)
        view = EffectiveConfig.of(snapshot, resolution)
        seen = look(view, resolution, findings, point.environ)
        return scenes.told(seen, point)


def stage_of(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Stage, PicturedLook]:
    monkeypatch.setitem(SCENES, "cloud", PLACES[name])
    stage = Stage(tmp_path, "cloud")
    cloud = PicturedLook(stage, PLACES[name], tmp_path)
    if name == "answered":
        cloud.asked["aws"] = ProviderAnswer(AwsAnswer(NOW - 120, 0.4, IDENTITY), None)
    elif name == "google":
        seen = cloud.see(*DashboardState.of(stage.eyes.look(), "claude")[:3])
        trouble = explain_google(REVOKED, seen.google)
        cloud.asked["google"] = ProviderAnswer(GoogleAnswer(NOW - 120, 0.4, trouble=trouble), None)
    return stage, cloud


async def open_screen(stage: Stage, cloud: PicturedLook, pilot: Pilot[int]) -> CloudScreen:
    stage.enter(pilot)
    await pilot.press("w")
    await stage.until(
        pilot, lambda: isinstance(stage.app.screen, CloudScreen) and stage.app.screen.seen is not None
    )
    screen = stage.app.screen
    assert isinstance(screen, CloudScreen)
    return screen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PLACES)
def test_picture_cloud(
    name: str, size: str, snap_compare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, cloud = stage_of(name, tmp_path, monkeypatch)

    async def before(pilot: Pilot[int]) -> None:
        await open_screen(stage, cloud, pilot)
        if name == "consent":
            await pilot.press("s")
            await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


#: What a tired person reads in the list and in the lines below it.
READABLE: dict[str, tuple[str, ...]] = {
    "aws": (
        "AWS · Amazon Bedrock ★ in use",
        "every request of claude goes there",
        "identity not asked yet",
        "s asks sts.eu-central-1.amazonaws.com; it runs no command of yours",
        "region eu-central-1 (AWS_REGION)",
        "★ [default]: keys in ~/.aws/credentials, AKIAMADEUPEXAMPLE001",
        "– nothing at AWS_BEARER_TOKEN_BEDROCK, awsCredentialExport, AWS_PROFILE",
    ),
    "answered": (
        "AWS · Amazon Bedrock ✓ in use, and it answers",
        "identity ✓ arn:aws:iam::123456789012:user/ada",
        "account 123456789012",
        "key AKIAMADEUPEXAMPLE001 (shared-credentials-file)",
    ),
    "expired": (
        "AWS · Amazon Bedrock ✗ in use, with a problem",
        "problem ▲ the sign-in has expired",
        "aws sso login --profile work --use-device-code --no-browser",
        "sign-in ✗ expired 3 h 0 min ago",
        "sso-session corp at https://corp.awsapps.com/start, asked in us-east-1",
        "cache ~/.aws/sso/cache/",
        "x runs aws sso login --profile work",
        "awsAuthRefresh, your settings: ~/.claude/settings.json:2",
        "aws is not on PATH",
    ),
    "consent": ("./tools/vend --role developer", "this project's settings: ~/proj/.claude/settings.json:2"),
    "google": (
        "Google · Vertex AI ✗ in use, with a problem",
        "it said invalid_grant: Token has been expired or revoked.",
        "gcloud auth application-default login --no-launch-browser",
        "project engines (ANTHROPIC_VERTEX_PROJECT_ID)",
        "kind ★ user",
        "quota project engines",
    ),
    "foundry": (
        "Microsoft Foundry ★ in use",
        "sent to https://engines.services.ai.azure.com/anthropic/v1/messages",
        "x-api-key ★ …yKey, fingerprint",
        "ANTHROPIC_FOUNDRY_RESOURCE = engines (the environment)",
        "ANTHROPIC_FOUNDRY_API_KEY = …yKey, fingerprint",
        "not set – ANTHROPIC_FOUNDRY_BASE_URL, ANTHROPIC_FOUNDRY_AUTH_TOKEN",
    ),
    "gateway": (
        "Claude Platform on AWS · not used, and would not work",
        "Gateway ✗ in use, with a problem",
        "sent to http://llm.example.org/v1/v1/messages",
        "authorization ★ Bearer …g4t3, fingerprint",
        "ANTHROPIC_BASE_URL = http://llm.example.org/v1 (your settings: ~/.claude/settings.json:3)",
        "end ANTHROPIC_BASE_URL before /v1",
    ),
    "nothing": (
        "AWS · Amazon Bedrock – not configured",
        "Google · Vertex AI – not configured",
        "Microsoft Foundry – not configured",
        "Claude Platform on AWS – not configured",
        "Gateway – not configured",
        "not in use: claude sends to Anthropic's API",
        "s asks nobody: there is no identity to ask for",
    ),
}


@pytest.mark.parametrize("size", SIZES.values())
@pytest.mark.parametrize("name", PLACES)
def test_what_stands_there(
    name: str, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, cloud = stage_of(name, tmp_path, monkeypatch)

    async def read(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, cloud, pilot)
        views = (screen.query_one(Providers), screen.query_one(ProviderDetail))
        words = " ".join(" ".join(view.text() for view in views).split())
        missing = [sentence for sentence in READABLE[name] if sentence not in words]
        assert not missing, words
        assert all(len(line) <= size[0] for view in views for line in view.text().splitlines())
        for key in ("down", "down", "down", "down", "down", "tab", "end", "y"):
            await pilot.press(key)
            shown = stage.text + stage.app.clipboard + stage.app.export_screenshot()
            assert not [secret for secret in SECRETS if secret in shown]

    stage.play(read, size)


def test_every_line_can_be_reached_and_the_screen_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, cloud = stage_of("expired", tmp_path, monkeypatch)

    async def press(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, cloud, pilot)
        await pilot.press("enter")
        detail = screen.query_one(ProviderDetail)
        assert detail.has_focus
        assert "note" not in stage.words
        await pilot.press("end")
        await stage.settle(pilot)
        last = detail.text().splitlines()[-1].split()[-1]
        assert last in stage.words
        await pilot.press("home")
        await stage.settle(pilot)
        assert "every request of claude" in stage.words
        await pilot.press("tab")
        assert screen.query_one(Providers).has_focus
        await pilot.press("question_mark")
        assert "Where requests can go instead" in stage.words
        await pilot.press("q", "q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))

    stage.play(press, (80, 24))


def test_ascii(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, cloud = stage_of("expired", tmp_path, monkeypatch)
    stage.app.set_class(True, "-ascii")

    async def read(pilot: Pilot[int]) -> None:
        await open_screen(stage, cloud, pilot)
        assert "x in use, with a problem" in stage.words
        for row in ("providers", "detail"):
            text = stage.app.screen.query_one(f"#{row}", Providers if row == "providers" else ProviderDetail)
            assert text.spoken(text.text()).isascii()

    stage.play(read)


PROGRAM = """
import asyncio, json, sys
from claude_auth.app.app import DashboardApp
from claude_auth.actions.look import HostObserver
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.observe.context import ObservationContext
from claude_auth.app.services import Services

host = HostObserver.of(ObservationContext.of_process({}))
state = DashboardState.of(host.look(), "claude")
app = DashboardApp(Services(host, state.home), state)
HEAVY = ("boto3", "botocore", "google", "urllib3", "claude_auth.cloud")

def loaded():
    return sorted(name for name in HEAVY if name in sys.modules)

async def main():
    seen = []
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        seen.append(loaded())
        await pilot.press("w")
        while getattr(app.screen, "seen", None) is None:
            await pilot.pause(0.05)
        seen.append(loaded())
        await pilot.press("s")
        while "aws" not in app.screen.services.cloud.asked:
            await pilot.pause(0.05)
        seen.append(loaded())
    print(json.dumps([seen, app.return_code]))

asyncio.run(main())
"""


def test_what_is_imported_when(tmp_path: Path) -> None:
    """Nothing of the clouds before the screen is opened; boto3 and google-auth never in this process."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text("[default]\naws_access_key_id=AKIA\naws_secret_access_key=x\n")
    environ = {
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
        "CLAUDE_CODE_USE_BEDROCK": "1",
    }
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    seen, _ = json.loads(run.stdout.splitlines()[-1])
    assert seen == [[], ["claude_auth.cloud"], ["claude_auth.cloud"]]
