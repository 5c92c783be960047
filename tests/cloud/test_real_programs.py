"""Debian's `aws` and Google's `gcloud`: whether our sentences about them are true."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from claude_auth.cloud.aws.difference import tool_choice
from claude_auth.cloud.aws.files import look_at_aws
from claude_auth.cloud.aws.plan import plan_aws
from claude_auth.cloud.google import plan_google
from claude_auth.cloud.identity import ask_google
from claude_auth.sandbox.cloud_endpoints import CloudEndpoints
from tests.cloud.conftest import Moto
from tests.cloud.google_accounts import ADC, service_account
from tests.cloud.machines import CloudMachine, keys, machine
from tests.guard import real_program

GCLOUD = real_program("gcloud")


def caller(made: CloudMachine, moto: Moto, aws_path: str) -> tuple[str, str]:
    """Who `aws sts get-caller-identity` names, or what it stops with."""
    command = ["aws", "sts", "get-caller-identity", "--endpoint-url", moto.url, "--region", "us-east-1"]
    run = subprocess.run(
        [*command, "--output", "json"],
        env={**made.environ, "PATH": aws_path, "HOME": str(made.home), "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return (json.loads(run.stdout)["Arn"] if run.returncode == 0 else ""), run.stderr


@pytest.mark.parametrize(
    ("names", "credentials"),
    [
        (("keys",), ""),
        (("keys", "AWS_PROFILE=work"), "work"),
        (("keys", "AWS_DEFAULT_PROFILE=work"), "work"),
        (("AWS_DEFAULT_PROFILE=work",), "work default"),
        (("AWS_PROFILE=work",), "work default"),
        (("AWS_PROFILE=default", "AWS_DEFAULT_PROFILE=work"), "work default"),
        (("AWS_PROFILE=missing",), "default"),
        (("keys", "AWS_PROFILE=missing"), "default"),
        (("half",), "default"),
        ((), "default"),
        ((), ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_what_aws_answers(
    moto: Moto, tmp_path: Path, aws_path: str, names: tuple[str, ...], credentials: str
) -> None:
    environ = {"AWS_EC2_METADATA_DISABLED": "true"}
    for name in names:
        if name in {"keys", "half"}:
            environ["AWS_ACCESS_KEY_ID"] = moto.allowed[0]
        if name == "keys":
            environ["AWS_SECRET_ACCESS_KEY"] = moto.allowed[1]
        if "=" in name:
            variable, _, value = name.partition("=")
            environ[variable] = value
    pairs = {"work": moto.other, "default": moto.allowed}
    made = machine(tmp_path, environ, credentials="".join(keys(n, *pairs[n]) for n in credentials.split()))
    choice = tool_choice(look_at_aws(made.view(), made.environ))
    arn, said = caller(made, moto, aws_path)
    if choice.stops is not None or choice.kind == "none":
        assert not arn
        assert said
        return
    users = {moto.allowed[0]: "allowed", moto.other[0]: "other"}
    assert arn.endswith(f":user/{users[choice.access_key_id or '']}")
    plan = plan_aws(made.view(), made.environ)
    agrees = plan.chosen is not None and plan.chosen.route is not None
    same_key = agrees and plan.chosen is not None and plan.chosen.route is not None
    assert same_key
    mine = (
        plan.chosen.route.access_key_id if plan.chosen is not None and plan.chosen.route is not None else None
    )
    if mine != choice.access_key_id:
        assert plan.differences


def google_environment(made: CloudMachine) -> Mapping[str, str]:
    folder = str(made.home / ".config/gcloud")
    return {
        **made.environ,
        "CLOUDSDK_CONFIG": folder,
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
    }


@pytest.mark.skipif(GCLOUD is None, reason="gcloud is in no package of Debian's")
@pytest.mark.parametrize("refused", [False, True])
def test_gcloud_agrees(cloud: CloudEndpoints, tmp_path: Path, refused: bool) -> None:
    """The same credentials file, asked by gcloud and by us."""
    if refused:
        cloud.world.google_error = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    made = machine(tmp_path, {"ANTHROPIC_VERTEX_PROJECT_ID": "p"})
    made.write(ADC, service_account(f"{cloud.url}/google/token"))
    assert GCLOUD is not None
    run = subprocess.run(
        [GCLOUD, "auth", "application-default", "print-access-token"],
        env={**google_environment(made), "CLOUDSDK_AUTH_TOKEN_HOST": f"{cloud.url}/google/token"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    view = made.view()
    answer = ask_google(plan_google(view, made.environ), view, made.environ)
    assert (run.returncode == 0) == (not refused), run.stderr
    assert (answer.identity is None) == refused
    assert run.stdout.startswith("ya29.stand-in") == (not refused)
