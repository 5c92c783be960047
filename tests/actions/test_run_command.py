"""A command run to its end: output as it comes, secrets apart, the identity before and after."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from claude_auth.actions.run_command import AlreadyRunning, RunOutput, RunResult
from claude_auth.actions.runs import told_with
from claude_auth.cloud.identity import AwsIdentity
from claude_auth.formats.cloud_files import cache_name
from claude_auth.model import CommandRun, Event
from claude_auth.present.runs import proposal_lines
from claude_auth.processes.lifetime import Ended
from claude_auth.processes.links import Link
from claude_auth.processes.stream import Line
from claude_auth.sandbox.cloud_endpoints import CloudEndpoints
from claude_auth.security.secret import Secret
from tests.actions.commands import KEY, collect, run, running, with_stand_in
from tests.cloud.aws_accounts import CORP, signed_in
from tests.cloud.conftest import cloud  # noqa: F401
from tests.cloud.machines import SECRET, SESSION, assert_clean, iso, machine
from tests.waiting import Stopwatch


def said(outputs: list[RunOutput]) -> list[str]:
    return [output.text for output in outputs if isinstance(output, Line) and not output.unfinished]


def events(outputs: list[RunOutput]) -> dict[str, str]:
    return {output.kind: output.text for output in outputs if isinstance(output, Event)}


# ── the helper ───────────────────────────────────────────────────────────────────────────────────


def test_helper(tmp_path: Path) -> None:
    made = machine(tmp_path, settings={"apiKeyHelper": f"echo 'asking the vault' >&2; echo {KEY}"})
    outputs, last = run(running(made, "api-key-helper"))
    assert said(outputs) == ["asking the vault"]  # stderr always, the key never
    assert last.ok
    assert last.run.stdout.reveal() == f"{KEY}\n"
    assert last.run.stderr.reveal() == "asking the vault"
    assert dict(last.understood.facts)["key"] == "sk-ant-api03-…7890"
    assert list(events(outputs)) == ["run.started", "run.ended", "run.understood"]
    assert isinstance(last.ended, Ended)


def test_the_run_fits_into_the_snapshot(tmp_path: Path) -> None:

    from claude_auth.resolve import resolve

    made = machine(tmp_path, settings={"apiKeyHelper": f"echo {KEY}"})
    _, last = run(running(made, "api-key-helper"))
    snapshot = made.snapshot()._replace(runs={"apiKeyHelper": last.run})
    wire = resolve(snapshot, "claude-print", "2.1.328").wire
    assert wire is not None
    assert wire.x_api_key is not None
    assert wire.x_api_key.value == Secret(KEY)


def test_another_key_than_before(tmp_path: Path) -> None:

    made = machine(tmp_path, settings={"apiKeyHelper": f"echo {KEY}"})
    earlier = CommandRun("apiKeyHelper", Secret(f"echo {KEY}"), 0, Secret("another"), Secret(""), 0.1)
    command = running(made, "api-key-helper")
    command.view = made.view(made.snapshot()._replace(runs={"apiKeyHelper": earlier}))
    _, last = run(command)
    assert last.change is not None
    assert last.change.text.startswith("another key than before")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("echo one; echo two", "it contains a line break at character 4 (7 characters on 2 lines)"),
        ("echo wrong >&2; exit 3", "exited 3"),
        ("kill -9 $$", "exited 128"),
        ("true", "did not return a value"),
        ("/nowhere/helper", "exited 127"),
    ],
)
def test_failing_helpers(tmp_path: Path, command: str, words: str) -> None:
    _, last = run(running(machine(tmp_path, settings={"apiKeyHelper": command}), "api-key-helper"))
    assert not last.ok
    assert words in last.understood.text


def test_a_child_that_stays_behind_does_not_hold_us_up(tmp_path: Path) -> None:
    made = machine(tmp_path, settings={"apiKeyHelper": f"sleep 20 & echo {KEY}"})
    watch = Stopwatch()
    _, last = run(running(made, "api-key-helper"))
    assert last.ok
    assert watch.seconds < 5


def test_a_flood_on_the_secret_pipe_is_bounded(tmp_path: Path) -> None:
    made = machine(tmp_path, settings={"apiKeyHelper": "head -c 20000000 /dev/zero | tr '\\0' a"})
    _, last = run(running(made, "api-key-helper"))
    assert len(last.run.stdout) == 1 << 20


def test_the_limit_can_be_set(tmp_path: Path) -> None:
    made = machine(tmp_path, settings={"apiKeyHelper": "sleep 60"})
    watch = Stopwatch()
    _, last = run(running(made, "api-key-helper", limit=0.3))
    assert not last.ok
    assert last.run.exit_code is None
    assert last.ended is not None
    assert last.ended.cause == "limit"
    assert "that was its limit" in last.understood.text
    assert watch.seconds < 5


def test_cancel(tmp_path: Path) -> None:
    made = machine(tmp_path, settings={"apiKeyHelper": "echo started >&2; sleep 60"})
    command = running(made, "api-key-helper")

    async def cancel_soon() -> RunResult:
        tasks = []

        def on_output(output: RunOutput) -> None:
            if isinstance(output, Line):
                tasks.append(asyncio.ensure_future(command.cancel()))

        return (await collect(command, on_output))[1]

    last = asyncio.run(cancel_soon())
    assert last.ended is not None
    assert last.ended.cause == "cancelled"
    assert last.understood.text.startswith("what it gives is not known: cancelled after")


def test_an_answer_can_be_typed(tmp_path: Path) -> None:
    made = machine(
        tmp_path, settings={"apiKeyHelper": "printf 'PIN: ' >&2; read pin </dev/tty; echo sk-$pin"}
    )
    command = running(made, "api-key-helper")

    def on_output(output: RunOutput) -> None:
        if isinstance(output, Line) and output.unfinished and output.text.startswith("PIN"):
            assert command.send("canary-pin")

    _, last = asyncio.run(collect(command, on_output))
    assert last.run.stdout.reveal() == "sk-canary-pin\n"


def test_one_of_a_kind_at_a_time(tmp_path: Path) -> None:
    made = machine(tmp_path, settings={"apiKeyHelper": f"echo {KEY}", "awsCredentialExport": "echo x"})

    async def two() -> None:
        first = running(made, "api-key-helper")
        async for _ in first.run():
            with pytest.raises(AlreadyRunning):
                await collect(running(made, "api-key-helper"))
            await collect(running(made, "aws-export"))

    asyncio.run(two())
    assert run(running(made, "api-key-helper"))[1].ok  # the place is free again


# ── AWS and Google ───────────────────────────────────────────────────────────────────────────────


def test_expired_sign_in_is_refreshed(cloud: CloudEndpoints, tmp_path: Path) -> None:  # noqa: F811
    made = machine(
        tmp_path,
        {**cloud.environment(), "AWS_PROFILE": "sso"},
        config=CORP,
        settings={"awsAuthRefresh": "aws sso login --profile sso"},
    )
    made = with_stand_in(made, {})
    signed_in(made, f"old-{SESSION}", expiresAt=iso(-60))
    outputs, last = run(running(made, "aws-refresh", ask_first=True))
    assert events(outputs)["run.before"] == "before: The single sign-on could not be renewed"
    links = [(output.kind, output.value) for output in outputs if isinstance(output, Link)]
    assert ("code", "WXYZ-BCDF") in links
    assert "Successfully logged into Start URL: https://corp.awsapps.com/start" in said(outputs)
    assert last.ok
    assert last.after is not None
    assert isinstance(last.after.identity, AwsIdentity)
    assert last.after.identity.arn.endswith("assumed-role/Developer/person")
    assert last.change is not None
    assert last.change.text.startswith("now arn:aws:sts")
    written = json.loads((tmp_path / ".aws/sso/cache" / cache_name("corp")).read_text())
    assert_clean(outputs, more=(written["accessToken"], written["refreshToken"], written["clientSecret"]))


def test_refresh_that_is_not_needed_says_so(cloud: CloudEndpoints, tmp_path: Path) -> None:  # noqa: F811
    environ = {**cloud.environment(), "AWS_PROFILE": "sso"}
    made = machine(tmp_path, environ, config=CORP, settings={"awsAuthRefresh": "true"})
    cloud.world.sso_tokens.add(f"live-{SESSION}")
    signed_in(made, f"live-{SESSION}")
    outputs, last = run(running(made, "aws-refresh", ask_first=True))
    assert "Claude Code would not run awsAuthRefresh now" in events(outputs)["run.before"]
    assert last.change is not None
    assert last.change.text.startswith("unchanged")


@pytest.mark.parametrize("told", [False, True])
def test_asking_who_answers_runs_only_what_was_told(
    cloud: CloudEndpoints,  # noqa: F811
    tmp_path: Path,
    told: bool,
) -> None:
    """A credential_process runs when AWS is asked, and no question of the refresh had named it."""
    keys = {"Version": 1, "AccessKeyId": "ASIAEXPORTED00000001", "SecretAccessKey": SECRET}
    environ = {**cloud.environment(), "AWS_PROFILE": "p"}
    made = machine(tmp_path, environ, settings={"awsAuthRefresh": "true"})
    printed = made.write("printed.json", keys)
    process = made.write("vend", f"#!/bin/sh\ntouch {tmp_path}/ran\ncat {printed}\n")
    process.chmod(0o700)
    command = running(made, "aws-refresh", ask_first=True)
    made.write(".aws/config", f"[profile p]\ncredential_process = {process}\n")
    if told:
        command.proposal = told_with(command.proposal, made.view(), made.environ)
        assert any(str(process) in line for line in proposal_lines(command.proposal, ""))
    outputs, last = run(command)
    assert (tmp_path / "ran").exists() is told
    assert (last.after is not None) is told
    assert last.change is not None
    assert last.change.text.startswith("unchanged" if told else "not asked who answers")
    assert ("run.before" in events(outputs)) is told


def test_refresh_that_does_not_help(cloud: CloudEndpoints, tmp_path: Path) -> None:  # noqa: F811
    environ = {**cloud.environment(), "AWS_PROFILE": "sso"}
    made = machine(tmp_path, environ, config=CORP, settings={"awsAuthRefresh": "true"})
    _, last = run(running(made, "aws-refresh"))
    assert not last.ok
    assert last.change is not None
    assert last.change.text.startswith("still no identity")


def test_export_and_who_it_is(cloud: CloudEndpoints, tmp_path: Path) -> None:  # noqa: F811
    document = {
        "Credentials": {
            "AccessKeyId": "ASIAEXPORTED00000001",
            "SecretAccessKey": SECRET,
            "SessionToken": SESSION,
        }
    }
    made = machine(tmp_path, cloud.environment())
    printed = made.write("printed.json", document)
    made.write(".claude/settings.json", {"awsCredentialExport": f"cat {printed}"})
    outputs, last = run(running(made, "aws-export"))
    assert said(outputs) == []
    assert last.ok
    assert last.after is not None
    assert isinstance(last.after.identity, AwsIdentity)
    assert last.after.identity.access_key_id == "ASIAEXPORTED00000001"


def test_google_login(cloud: CloudEndpoints, tmp_path: Path) -> None:  # noqa: F811
    """The command brings the credentials file, and afterwards Google gives a token for it."""
    made = machine(tmp_path, {"ANTHROPIC_VERTEX_PROJECT_ID": "p"})
    login = {"type": "authorized_user", "client_id": "1", "client_secret": SECRET, "refresh_token": SESSION}
    prepared = made.write("prepared.json", login)
    folder = tmp_path / ".config/gcloud"
    command = f"mkdir -p {folder} && cp {prepared} {folder}/application_default_credentials.json"
    made.write(".claude/settings.json", {"gcpAuthRefresh": command})
    outputs, last = run(
        running(made, "gcp-refresh", ask_first=True, token_endpoint=f"{cloud.url}/google/token")
    )
    assert events(outputs)["run.before"] == "before: No Google credentials"
    assert last.ok
    assert last.change is not None
    assert last.change.text == "now authorized_user"


@pytest.mark.parametrize("problem", [None, "it ended with exit code 4"])
def test_after_the_real_terminal(problem: str | None, cloud: CloudEndpoints, tmp_path: Path) -> None:  # noqa: F811
    environ = {**cloud.environment(), "AWS_PROFILE": "sso", "ANTHROPIC_API_KEY": KEY}
    made = machine(tmp_path, environ, config=CORP, settings={"awsAuthRefresh": "true"})
    command = running(made, "aws-refresh")
    aside = command.aside()
    assert aside.argv == ("/bin/sh", "-c", "true")
    assert aside.environment["AWS_PROFILE"] == "sso"
    assert "ANTHROPIC_API_KEY" not in aside.environment
    assert_clean(aside, more=(KEY,))

    async def concluded() -> list[RunOutput]:
        return [output async for output in command.conclude_aside(problem, 8.0)]

    *told, last = asyncio.run(concluded())
    assert isinstance(last, RunResult)
    assert last.understood.accepted is (problem is None)
    assert last.after is not None
    started, ended = told[0], told[1]
    assert isinstance(started, Event)
    assert isinstance(ended, Event)
    assert ended.at - started.at == pytest.approx(8.0, abs=1)
    assert ended.level == ("info" if problem is None else "error")


def test_lines_beyond_measure_are_remembered_from_the_end(tmp_path: Path) -> None:
    made = machine(tmp_path, settings={"apiKeyHelper": f"seq 20000 >&2; echo {KEY}"})
    _, last = run(running(made, "api-key-helper"))
    said = last.run.stderr.reveal().splitlines()
    assert said[-1] == "20000"
    assert sum(len(line) + 1 for line in said) <= 16 << 10
