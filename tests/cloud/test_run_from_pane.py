"""From the pane of a cloud, by keys alone: what has expired is renewed by a command whose output streams in,
and the pane turns green live. And every provider of the chain, as its pane names it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.app.dialogs.choose import ChooseDialog
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.cloud import CloudScreen
from claude_auth.app.screens.run import RunScreen
from claude_auth.app.services import Commands
from claude_auth.app.widgets.output_view import OutputView
from claude_auth.sandbox.cloud_endpoints import CloudEndpoints
from tests.actions.commands import with_stand_in
from tests.app.driving import screen_lines
from tests.cloud.aws_accounts import BEDROCK, CORP, signed_in
from tests.cloud.conftest import Moto
from tests.cloud.google_accounts import ADC, PROJECT, REVOKED, USER
from tests.cloud.live import Live
from tests.cloud.machines import SECRET, SESSION, CloudMachine, assert_clean, iso, keys, machine
from tests.guard import real_program

VERTEX = {**PROJECT, "CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "europe-west1"}


async def run_by_keys(live: Live, pilot: Pilot[int], meanwhile: Callable[[str], None]) -> str:
    """`x`, the first of what is offered, yes; until it has ended. What it printed."""
    await pilot.press("x")
    await live.until(pilot, lambda: isinstance(live.app.screen, ConfirmDialog | ChooseDialog))
    if isinstance(live.app.screen, ChooseDialog):
        await pilot.press("enter")
        await live.until(pilot, lambda: isinstance(live.app.screen, ConfirmDialog))
    await pilot.press("Y")
    await live.until(pilot, lambda: isinstance(live.app.screen, RunScreen) and live.app.screen.started)
    run = live.app.screen
    assert isinstance(run, RunScreen)

    def ended() -> bool:
        meanwhile("\n".join(screen_lines(live.app)))
        return not run.running

    await live.until(pilot, ended)
    said = run.query_one(OutputView).text()
    await pilot.press("q")
    await live.until(pilot, lambda: isinstance(live.app.screen, CloudScreen))
    return said


@pytest.mark.parametrize("configured", [True, False])
@pytest.mark.parametrize("size", [(120, 50), (80, 24)])
def test_an_expired_sign_in_is_refreshed_from_its_pane(
    cloud: CloudEndpoints, tmp_path: Path, configured: bool, size: tuple[int, int]
) -> None:
    settings: Mapping[str, object] = {"awsAuthRefresh": "aws sso login --profile sso"} if configured else {}
    environ = {**BEDROCK, **cloud.environment(), "AWS_PROFILE": "sso"}
    made = with_stand_in(machine(tmp_path, environ, config=CORP, settings=settings), {})
    signed_in(made, f"old-{SESSION}", expiresAt=iso(-3662))
    shown: list[str] = []

    async def press(live: Live, pilot: Pilot[int]) -> None:
        assert "✗ in use, with a problem" in live.words
        assert "sign-in ✗ expired 1 h 1 min ago" in live.words
        said = await run_by_keys(live, pilot, shown.append)
        assert "Successfully logged into Start URL" in said
        await live.says(pilot, "identity ✓ arn:aws:sts::123456789012:assumed-role/Developer/person")
        await live.says(pilot, "✓ in use, and it answers")
        await live.says(pilot, "sign-in ✓ signed in")
        assert "change ✓ now arn:aws:sts::" in live.words
        for old in ("expired", "asked before the last change", "with a problem"):
            assert old not in live.words, live.words

    Live(made).play(press, size)
    assert any("code to enter there: WXYZ-BCDF" in text and "UNDER WAY" in text for text in shown)
    assert_clean(*shown)


@pytest.mark.parametrize("size", [(120, 50), (80, 24)])
def test_what_asking_runs_beside_the_command_stands_in_its_question(
    cloud: CloudEndpoints, tmp_path: Path, size: tuple[int, int]
) -> None:
    made = _of_the_chain("process", tmp_path, None, cloud)
    made.write(".claude/settings.json", {"awsAuthRefresh": "true"})

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await pilot.press("x")
        await live.until(pilot, lambda: isinstance(live.app.screen, ConfirmDialog))
        assert "asking runs cat" in live.words
        assert "credential_process in ~/.aws/config" in live.words
        await pilot.press("n")
        await live.until(pilot, lambda: isinstance(live.app.screen, CloudScreen))
        await run_by_keys(live, pilot, lambda text: None)
        await live.says(pilot, "identity ✓ arn:aws:sts::123456789012:assumed-role/exported/x")

    Live(made).play(press, size)


#: Waits for the person to have said yes in the browser, as `gcloud` does, and writes what it then would.
GCLOUD = """
import pathlib, sys, time

here = pathlib.Path(__file__).parent.parent
if sys.argv[1:4] != ["auth", "application-default", "login"]:
    sys.exit("this stand-in for gcloud knows only: auth application-default login")
print("Go to the following link in your browser:\\n")
print("    https://accounts.google.com/o/oauth2/auth?x=1\\n", flush=True)
while not (here / "confirmed").exists():
    time.sleep(0.05)
path = here / ".config/gcloud/application_default_credentials.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text((here / "prepared.json").read_text())
print(f"Credentials saved to file: [{path}]")
"""


@pytest.mark.parametrize("before", ["nothing", "revoked"])
def test_google_is_signed_in_to_from_its_pane(
    cloud: CloudEndpoints, tmp_path: Path, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = f"{cloud.url}/google/token"
    made = machine(tmp_path, VERTEX, settings={"gcpAuthRefresh": "gcloud auth application-default login"})
    program = made.write("bin/gcloud", f"#!{sys.executable} -E\n{GCLOUD}")
    program.chmod(0o755)
    made = CloudMachine(made.home, {**made.environ, "PATH": f"{program.parent}:{made.environ['PATH']}"})
    made.write("prepared.json", USER)
    if before == "revoked":
        cloud.world.google_error = REVOKED
        made.write(ADC, {**USER, "refresh_token": f"old-{SESSION}"})
    command = Commands.command

    def at_the_stand_in(self: Commands, *arguments: Any) -> Any:
        running = command(self, *arguments)
        running.token_endpoint = endpoint
        return running

    monkeypatch.setattr(Commands, "command", at_the_stand_in)
    shown: list[str] = []

    def confirm(text: str) -> None:
        """The person in the browser, once the address stands on the screen."""
        shown.append(text)
        if "it leads to accounts.google.com" in text:
            cloud.world.google_error = None
            (tmp_path / "confirmed").touch()

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await pilot.press("s")
        title = "No Google credentials" if before == "nothing" else "Token has been expired or revoked"
        await live.says(pilot, title)
        await live.says(pilot, "✗ in use, with a problem")
        said = await run_by_keys(live, pilot, confirm)
        assert "Credentials saved to file" in said
        await live.says(pilot, "identity ✓ person@example.org")
        await live.says(pilot, "✓ in use, and it answers")
        assert "change ✓ now" in live.words
        for old in (title, "asked before the last change", "with a problem"):
            assert old not in live.words, live.words

    Live(made, token_endpoint=endpoint).play(press, provider="google")
    assert_clean(*shown, more=("ya29",))


# ── the real programs ────────────────────────────────────────────────────────────────────────────


def test_what_the_real_aws_exports_answers_from_its_pane(moto: Moto, tmp_path: Path, aws_path: str) -> None:
    shell = {"AWS_ACCESS_KEY_ID": moto.allowed[0], "AWS_SECRET_ACCESS_KEY": moto.allowed[1]}
    export = f"aws sts assume-role --role-arn {moto.role} --role-session-name pane --output json"
    made = machine(
        tmp_path,
        {**BEDROCK, **shell, "AWS_ENDPOINT_URL_STS": moto.url, "PATH": aws_path},
        settings={"awsCredentialExport": f"{export} --endpoint-url {moto.url}"},
    )

    async def press(live: Live, pilot: Pilot[int]) -> None:
        await run_by_keys(live, pilot, lambda text: None)
        await live.says(pilot, "identity ✓ arn:aws:sts::123456789012:assumed-role/r/pane")
        await live.says(pilot, "✓ in use, and it answers")
        assert moto.allowed[1] not in live.everything()

    Live(made).play(press)


@pytest.mark.skipif(real_program("gcloud") is None, reason="gcloud is in no package of Debian's")
def test_the_real_gcloud_asks_on_its_pane(tmp_path: Path) -> None:
    """Its address is lifted out and its question is seen; it is given up before it asks the network."""
    login = f"{real_program('gcloud')} auth application-default login --no-launch-browser"
    made = machine(tmp_path, VERTEX, settings={"gcpAuthRefresh": login})
    cancelled: list[str] = []

    async def press(live: Live, pilot: Pilot[int]) -> None:
        def give_up(text: str) -> None:
            if "i types one" in text and not cancelled:
                cancelled.append(text)
                live.app.simulate_key("ctrl+x")

        said = await run_by_keys(live, pilot, give_up)
        assert "verification code" in said
        assert "it leads to accounts.google.com" in cancelled[0]
        assert "nothing was run" not in live.hint

    Live(made).play(press, provider="google")


# ── every provider of the chain ──────────────────────────────────────────────────────────────────


def _of_the_chain(which: str, home: Path, moto: Moto | None, cloud: CloudEndpoints) -> CloudMachine:
    """A machine where this provider is the one that answers."""
    if moto is None or which not in {"environment", "shared file", "config", "assume-role"}:
        return _of_the_stand_ins(which, home, cloud)
    at_moto = {**BEDROCK, "AWS_ENDPOINT_URL_STS": moto.url}
    shell = {"AWS_ACCESS_KEY_ID": moto.allowed[0], "AWS_SECRET_ACCESS_KEY": moto.allowed[1]}
    role = f"[profile role]\nrole_arn = {moto.role}\nsource_profile = work\n"
    if which == "environment":
        return machine(home, {**at_moto, **shell}, credentials=keys("default", *moto.other))
    if which == "shared file":
        return machine(home, at_moto, credentials=keys("default", *moto.allowed))
    if which == "config":
        environ = {**at_moto, "AWS_PROFILE": "work"}
        return machine(home, environ, config=keys("profile work", *moto.allowed))
    environ = {**at_moto, "AWS_PROFILE": "role"}
    return machine(home, environ, config=role, credentials=keys("work", *moto.allowed))


def _of_the_stand_ins(which: str, home: Path, cloud: CloudEndpoints) -> CloudMachine:
    at_cloud = {**BEDROCK, **cloud.environment()}
    if which == "sso":
        made = machine(home, {**at_cloud, "AWS_PROFILE": "sso"}, config=CORP)
        cloud.world.sso_tokens.add(f"live-{SESSION}")
        signed_in(made, f"live-{SESSION}")
        return made
    if which == "process":
        made = machine(home, {**at_cloud, "AWS_PROFILE": "p"})
        vended = {"Version": 1, "AccessKeyId": "ASIAEXPORTED00000001", "SecretAccessKey": SECRET}
        printed = made.write("printed.json", json.dumps(vended))
        made.write(".aws/config", f"[profile p]\ncredential_process = cat {printed}\n")
        return made
    if which == "web identity":
        token = home / "token"
        token.write_text(f"eyJ.{SESSION}.jwt")
        cloud.world.web_identity_tokens.add(f"eyJ.{SESSION}.jwt")
        role = "arn:aws:iam::123456789012:role/pod"
        pod = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": role}
        return machine(home, {**at_cloud, **pod})
    if which == "container":
        return machine(home, {**at_cloud, "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{cloud.url}/container"})
    assert which == "instance"
    return machine(home, at_cloud)


@pytest.mark.parametrize(
    ("which", "order", "identity"),
    [
        ("environment", "order ★ AWS_ACCESS_KEY_ID", "iam::123456789012:user/allowed"),
        ("shared file", "order ★ [default]", "iam::123456789012:user/allowed"),
        ("config", "order ★ AWS_PROFILE", "iam::123456789012:user/allowed"),
        ("assume-role", "order ★ AWS_PROFILE", "sts::123456789012:assumed-role/r/"),
        ("sso", "order ★ AWS_PROFILE", "sts::123456789012:assumed-role/Developer/person"),
        ("process", "order ★ AWS_PROFILE", "sts::123456789012:assumed-role/exported/x"),
        ("web identity", "order ★ web identity", "sts::123456789012:assumed-role/pod/1"),
        ("container", "order ★ AWS_CONTAINER_CREDENTIALS_FULL_URI", "sts::123456789012:assumed-role/task/1"),
        ("instance", "order ★ the role of this EC2 instance", "sts::123456789012:assumed-role/machine/i-1"),
    ],
)
def test_the_provider_that_would_be_asked_is_the_one_that_answers(
    moto: Moto, cloud: CloudEndpoints, tmp_path: Path, which: str, order: str, identity: str
) -> None:
    made = _of_the_chain(which, tmp_path, moto, cloud)

    async def press(live: Live, pilot: Pilot[int]) -> None:
        assert order in live.words, live.words
        await pilot.press("s")
        if which == "process":
            await live.says(pilot, "Yes, run it and ask")
            await pilot.press("Y")
        await live.says(pilot, f"identity ✓ arn:aws:{identity}")
        await live.says(pilot, "✓ in use, and it answers")
        for wrong in ("boto3 was answered by", "would be answered by nobody", "there are no AWS credentials"):
            assert wrong not in live.words, live.words

    Live(made).play(press)
