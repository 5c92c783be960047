"""What asking would run and whom it would contact: told before, from the plan alone."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from claude_auth.cloud.aws.plan import plan_aws
from claude_auth.cloud.commands import (
    PlannedCommand,
    aws_contacts,
    aws_will_run,
    google_contacts,
    google_will_run,
)
from claude_auth.cloud.google import plan_google
from claude_auth.cloud.question import NoAnswer, ask
from claude_auth.model import CommandRun
from claude_auth.processes.environment import child_environment
from claude_auth.security.secret import Secret
from tests.cloud.aws_accounts import CORP, signed_in
from tests.cloud.google_accounts import ADC, PROJECT, USER, service_account
from tests.cloud.machines import PATH, SECRET, CloudMachine, iso, keys, machine
from tests.waiting import Stopwatch

PROCESS = "[profile p]\ncredential_process = vend --all\n"


def contacts(made: CloudMachine) -> str:
    return aws_contacts(plan_aws(made.view(), made.environ))


@pytest.mark.parametrize(
    ("environ", "hosts"),
    [
        ({"AWS_REGION": "eu-central-1"}, "sts.eu-central-1.amazonaws.com"),
        ({"AWS_REGION": "cn-north-1"}, "sts.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL": "https://all.example.org"}, "https://all.example.org"),
        (
            {"AWS_ENDPOINT_URL": "https://all.example.org", "AWS_ENDPOINT_URL_STS": "https://s.example.org"},
            "https://s.example.org",
        ),
        ({"AWS_BEARER_TOKEN_BEDROCK": "ABSKmadeUp"}, "nobody"),
    ],
)
def test_whom_amazon_asking_contacts(tmp_path: Path, environ: Mapping[str, str], hosts: str) -> None:
    assert contacts(machine(tmp_path, environ, credentials=keys("default", "AKIA1"))) == hosts


def test_single_sign_on_contacts_its_portal_too(tmp_path: Path) -> None:
    made = machine(tmp_path, {"AWS_PROFILE": "sso", "AWS_REGION": "eu-central-1"}, config=CORP)
    signed_in(made, "token")
    portal = "portal.sso.us-east-1.amazonaws.com and sts.eu-central-1.amazonaws.com"
    assert contacts(made) == portal
    signed_in(made, "token", expiresAt=iso(-60), refreshToken="refresh")
    assert contacts(made) == f"oidc.us-east-1.amazonaws.com and {portal}"


def test_a_profile_can_lead_elsewhere(tmp_path: Path) -> None:
    config = "[default]\nendpoint_url = https://corp.example.org\nregion = eu-central-1\n"
    made = machine(tmp_path, config=config, credentials=keys("default", "AKIA1"))
    assert contacts(made) == "https://corp.example.org"
    plan = plan_aws(made.view(), made.environ)
    assert plan.endpoints == (("endpoint_url of profile default", "https://corp.example.org"),)


def test_commands_that_are_shown_alike_are_told_apart(tmp_path: Path) -> None:
    config = "[profile p]\ncredential_process = vend --token {}\n"

    def run(token: str) -> PlannedCommand:
        made = machine(tmp_path, {"AWS_PROFILE": "p"}, config=config.format(token))
        return aws_will_run(plan_aws(made.view(), made.environ), made.view())[0]

    first, second = run(SECRET), run(SECRET[::-1])
    assert first.command == second.command == "vend --token …redacted…"
    assert first != second


def test_container_and_nobody(tmp_path: Path) -> None:
    environ = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/c", "AWS_REGION": "us-west-2"}
    made = machine(tmp_path, environ)
    assert contacts(made) == "the container's credentials endpoint and sts.us-west-2.amazonaws.com"
    assert contacts(machine(tmp_path / "b")) == "nobody"


def test_whom_google_asking_contacts(tmp_path: Path) -> None:
    made = machine(tmp_path, PROJECT)
    assert google_contacts(plan_google(made.view(), made.environ)) == "nobody"
    made.write(ADC, USER)
    assert google_contacts(plan_google(made.view(), made.environ)) == "oauth2.googleapis.com"
    made.write(ADC, service_account("https://t.example.org/token"))
    assert google_contacts(plan_google(made.view(), made.environ)) == "https://t.example.org/token"


# ── what would be run ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("in_credentials", [False, True])
def test_a_credential_process_and_its_file(tmp_path: Path, in_credentials: bool) -> None:
    text = PROCESS.replace("profile ", "") if in_credentials else PROCESS
    made = machine(tmp_path, {"AWS_PROFILE": "p"}, **{"credentials" if in_credentials else "config": text})  # type: ignore[arg-type]
    (run,) = aws_will_run(plan_aws(made.view(), made.environ), made.view())
    name = "credentials" if in_credentials else "config"
    assert (run.command, run.where) == ("vend --all", f"credential_process in ~/.aws/{name}")
    assert not run.from_repository


def test_a_process_behind_a_role(tmp_path: Path) -> None:
    config = f"{PROCESS}[profile r]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = p\n"
    made = machine(tmp_path, {"AWS_PROFILE": "r"}, config=config)
    (run,) = aws_will_run(plan_aws(made.view(), made.environ), made.view())
    assert run.where == "credential_process in ~/.aws/config"


def test_a_file_inside_this_project_is_a_repositorys(tmp_path: Path) -> None:
    made = machine(tmp_path)
    path = made.write("project/aws-config", PROCESS)
    made = machine(tmp_path, {"AWS_PROFILE": "p", "AWS_CONFIG_FILE": str(path)})
    (run,) = aws_will_run(plan_aws(made.view(), made.environ), made.view())
    assert run.from_repository


def test_a_file_that_a_projects_settings_name_is_a_repositorys(tmp_path: Path) -> None:
    made = machine(tmp_path, {"AWS_PROFILE": "p"})
    path = made.write("elsewhere/aws-config", PROCESS)
    made.write("project/.claude/settings.json", {"env": {"AWS_CONFIG_FILE": str(path)}})
    assert aws_will_run(plan_aws(made.view(), made.environ), made.view()) == (), "not even read"
    made.write(".claude.json", {"projects": {str(made.cwd): {"hasTrustDialogAccepted": True}}})
    (run,) = aws_will_run(plan_aws(made.view(), made.environ), made.view())
    assert run.from_repository


@pytest.mark.parametrize("client", ["claude", "claude-print"])
@pytest.mark.parametrize("trusted", [True, False])
def test_an_export_of_a_project(tmp_path: Path, client: str, trusted: bool) -> None:
    """Whichever client is asked about: trust is the folder's."""
    made = machine(tmp_path, client=client)
    made.write("project/.claude/settings.json", {"awsCredentialExport": "vend"})
    made.write(".claude.json", {"projects": {str(made.cwd): {"hasTrustDialogAccepted": trusted}}})
    (run,) = aws_will_run(plan_aws(made.view(), made.environ), made.view())
    assert (run.command, run.from_repository) == ("vend", True)
    assert ["not trusted" in word.text for word in run.beware] == [not trusted]
    assert run.where == "this project's settings: ~/project/.claude/settings.json:2"


def test_an_export_that_was_run_is_not_run_again(tmp_path: Path) -> None:
    made = machine(tmp_path, settings={"awsCredentialExport": "vend"})
    assert aws_will_run(plan_aws(made.view(), made.environ), made.view())
    text = '{"AccessKeyId": "ASIA1", "SecretAccessKey": "s", "SessionToken": "t"}'
    run = CommandRun("awsCredentialExport", Secret("vend"), 0, Secret(text), Secret(""), 0.1)
    view = made.view(made.snapshot()._replace(runs={"awsCredentialExport": run}))
    assert aws_will_run(plan_aws(view, made.environ), view) == ()


def test_the_program_of_a_google_workload(tmp_path: Path) -> None:
    made = machine(tmp_path, {**PROJECT, "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1"})
    source = {"executable": {"command": "/opt/token --now"}}
    workload = {
        "type": "external_account",
        "audience": "a",
        "subject_token_type": "t",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": source,
    }
    made.write(ADC, workload)
    (run,) = google_will_run(plan_google(made.view(), made.environ), made.view())
    assert run.command == "/opt/token --now"
    assert run.where == f"credential_source in ~/{ADC}"
    made.write(ADC, USER)
    assert google_will_run(plan_google(made.view(), made.environ), made.view()) == ()


# ── giving up ────────────────────────────────────────────────────────────────────────────────────


def test_asking_ends_as_soon_as_it_is_given_up(tmp_path: Path) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    watch = Stopwatch()
    request = {
        "profile": "p",
        "region": "us-east-1",
        "connect_timeout": 5,
        "read_timeout": 5,
        "metadata_timeout": 1,
    }
    environment = child_environment({"HOME": str(tmp_path), "PATH": PATH}, "aws")
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[profile p]\ncredential_process = sleep 60\n")
    with pytest.raises(NoAnswer) as raised:
        ask("aws", request, environment, cwd=str(tmp_path), seconds=30, stop=stop)
    assert raised.value.code == "cancelled"
    assert watch.seconds < 10
