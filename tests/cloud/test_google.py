"""Google: what the files say, and what the token endpoint and the metadata server answer."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from claude_auth.cloud.google import GooglePlan, plan_google
from claude_auth.cloud.identity import GoogleAnswer, ask_google
from claude_auth.cloud.trouble import explain_google
from claude_auth.sandbox.cloud_endpoints import CloudEndpoints
from tests.cloud.google_accounts import ADC, KEY_LINES, PROJECT, RAPT, REVOKED, USER, service_account
from tests.cloud.machines import SECRET, CloudMachine, assert_clean, machine
from tests.guard import Guard


def plan(made: CloudMachine) -> GooglePlan:
    found = plan_google(made.view(), made.environ)
    assert_clean(found, more=tuple(KEY_LINES))
    return found


def asked(made: CloudMachine, token_endpoint: str | None = None, seconds: float = 30.0) -> GoogleAnswer:
    view = made.view()
    answer = ask_google(
        plan_google(view, made.environ), view, made.environ, token_endpoint=token_endpoint, seconds=seconds
    )
    assert_clean(answer, more=(*KEY_LINES, "ya29"))
    return answer


def problems(found: GooglePlan) -> str:
    return " | ".join(problem.text for problem in found.problems)


# ── from files ───────────────────────────────────────────────────────────────────────────────────


def test_user(tmp_path: Path) -> None:
    made = machine(tmp_path, PROJECT)
    made.write(ADC, USER)
    found = plan(made)
    assert (found.kind, found.kind_words, found.account) == ("authorized_user", "user", "person@example.org")
    assert (found.project, found.project_from) == ("mine", "ANTHROPIC_VERTEX_PROJECT_ID")
    assert found.quota_project == "billed"
    assert found.usable is None
    assert not found.problems


@pytest.mark.parametrize(
    ("environ", "project"),
    [
        (PROJECT, ("mine", "ANTHROPIC_VERTEX_PROJECT_ID")),
        ({**PROJECT, "GOOGLE_CLOUD_PROJECT": "g"}, ("g", "GOOGLE_CLOUD_PROJECT")),
        ({**PROJECT, "GOOGLE_CLOUD_PROJECT": "g", "GCLOUD_PROJECT": "old"}, ("old", "GCLOUD_PROJECT")),
        ({}, ("robots", "the credentials file")),
    ],
)
def test_which_variable_names_the_project(
    tmp_path: Path, environ: Mapping[str, str], project: tuple[str, str]
) -> None:
    made = machine(tmp_path, environ)
    made.write(ADC, service_account())
    found = plan(made)
    assert (found.project, found.project_from) == project
    assert bool(found.differences) == (len(environ) > 1)


@pytest.mark.parametrize(
    ("region", "answer"),
    [("europe-west1", "europe-west1"), ("global", "global"), ("", "us-east5"), ("a b", "us-east5")],
)
def test_region(tmp_path: Path, region: str, answer: str) -> None:
    assert plan(machine(tmp_path, {"CLOUD_ML_REGION": region})).region == answer


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("~/key.json", "the ~ is not expanded"),
        ("'/key.json'", "the quotes are part of the path"),
        ("/nowhere/key.json", "the file is not there"),
        ("key.json", "the path is relative"),
    ],
)
def test_wrong_path(tmp_path: Path, value: str, words: str) -> None:
    found = plan(machine(tmp_path, {**PROJECT, "GOOGLE_APPLICATION_CREDENTIALS": value}))
    assert words in problems(found)
    assert found.usable is False
    assert found.kind is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"type": "authorized_user", "client_id": "x"}, "lacks client_secret, refresh_token"),
        ({"installed": {"client_id": "x"}}, "an OAuth client"),
        ({"type": "magic"}, "its type is none"),
        ("{", "ends too early"),
        (
            {"type": "service_account", "client_email": "e", "token_uri": "u", "private_key": "abc"},
            "no key in PEM form",
        ),
        (
            {
                "type": "service_account",
                "client_email": "e",
                "token_uri": "u",
                "private_key": "-----BEGIN PRIVATE KEY----- x",
            },
            "line breaks",
        ),
        (
            {
                "type": "external_account",
                "audience": "a",
                "subject_token_type": "t",
                "token_url": "u",
                "credential_source": {"file": "/nowhere"},
            },
            "the token file /nowhere can't be read",
        ),
        (
            {
                "type": "external_account",
                "audience": "a",
                "subject_token_type": "t",
                "token_url": "u",
                "credential_source": {"executable": {"command": "vend --token=canary"}},
            },
            "ALLOW_EXECUTABLES",
        ),
    ],
)
def test_problems_of_the_file(tmp_path: Path, content: str | Mapping[str, object], words: str) -> None:
    made = machine(tmp_path, PROJECT)
    made.write(ADC, content)
    found = plan(made)
    assert words in problems(found)
    assert found.usable is False
    assert_clean(found, more=("canary",))


def test_gcloud_is_signed_in_but_programs_are_not(tmp_path: Path) -> None:
    made = machine(tmp_path, PROJECT)
    assert "no Application Default Credentials" in problems(plan(made))
    made.write(".config/gcloud/credentials.db", "")
    found = plan(made)
    assert "gcloud itself is signed in" in problems(found)
    assert found.problems[0].fixes[0].command == "gcloud auth application-default login"


def test_open_to_others_is_told_but_works(tmp_path: Path) -> None:
    made = machine(tmp_path, PROJECT)
    made.write(ADC, USER).chmod(0o644)
    found = plan(made)
    assert "can be opened by others" in problems(found)
    assert found.usable is None


# ── asked ────────────────────────────────────────────────────────────────────────────────────────


def test_service_account_gets_a_token(cloud: CloudEndpoints, tmp_path: Path) -> None:
    made = machine(tmp_path, PROJECT)
    made.write(ADC, service_account(f"{cloud.url}/google/token"))
    answer = asked(made)
    assert answer.identity is not None
    assert answer.identity.account == "robot@robots.iam.gserviceaccount.com"
    assert answer.identity.expires_at is not None
    assert 3500 < answer.identity.expires_at - time.time() < 3700


def test_user_gets_a_token(cloud: CloudEndpoints, tmp_path: Path) -> None:
    made = machine(tmp_path, PROJECT)
    made.write(ADC, USER)
    answer = asked(made, f"{cloud.url}/google/token")
    assert answer.identity is not None
    assert (answer.identity.kind, answer.identity.account) == ("authorized_user", "person@example.org")
    assert answer.identity.quota_project == "billed"


def test_metadata_server(cloud: CloudEndpoints, tmp_path: Path) -> None:
    made = machine(tmp_path, {**PROJECT, **cloud.environment()})
    assert plan(made).kind == "metadata"
    answer = asked(made)
    assert answer.identity is not None
    assert answer.identity.account == cloud.world.google_email
    cloud.world.google_error = {"error": "no account"}
    answer = asked(made)
    assert answer.trouble is not None
    assert answer.trouble.code == "metadata-failed"


@pytest.mark.parametrize(
    ("error", "kind", "code", "symptom"),
    [
        (RAPT, "user", "reauth", 106),
        (REVOKED, "user", "login-ended", 106),
        ({"error": "invalid_client", "error_description": "gone"}, "user", "client-refused", None),
        (
            {"error": "invalid_grant", "error_description": "Invalid JWT Signature."},
            "robot",
            "key-refused",
            108,
        ),
        (
            {
                "error": "invalid_grant",
                "error_description": "Invalid JWT: Token must be in a reasonable timeframe.",
            },
            "robot",
            "clock-skew",
            None,
        ),
    ],
)
def test_refusals(
    cloud: CloudEndpoints, tmp_path: Path, error: dict[str, str], kind: str, code: str, symptom: int | None
) -> None:
    cloud.world.google_error = error
    made = machine(tmp_path, PROJECT)
    made.write(ADC, USER if kind == "user" else service_account(f"{cloud.url}/google/token"))
    answer = asked(made, f"{cloud.url}/google/token")
    assert answer.trouble is not None
    assert answer.trouble.code == code
    assert answer.trouble.said
    assert symptom is None or symptom in answer.trouble.symptoms


def test_private_key_that_is_none(tmp_path: Path) -> None:
    made = machine(tmp_path, PROJECT)
    made.write(
        ADC,
        service_account(private_key=f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n"),
    )
    answer = asked(made)
    assert answer.trouble is not None
    assert answer.trouble.code == "file-damaged"


def test_nobody_there(tmp_path: Path) -> None:
    made = machine(tmp_path, PROJECT)
    made.write(ADC, service_account("http://127.0.0.1:9/token"))
    answer = asked(made)
    assert answer.trouble is not None
    assert answer.trouble.code == "unreachable"


def test_no_answer_in_time(cloud: CloudEndpoints, tmp_path: Path) -> None:
    cloud.world.delay = 3.0
    made = machine(tmp_path, PROJECT)
    made.write(ADC, service_account(f"{cloud.url}/google/token"))
    answer = asked(made, seconds=1.0)
    assert answer.trouble is not None
    assert answer.trouble.code == "time-out"


def test_nothing_configured_asks_nobody(tmp_path: Path, guard: Guard) -> None:
    before = guard.started
    answer = asked(machine(tmp_path, PROJECT))
    assert answer.trouble is not None
    assert (answer.trouble.code, answer.trouble.symptoms) == ("no-credentials", (105,))
    assert guard.started == before


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"class": "RefreshError", "text": "requires a quota project"}, "quota-project"),
        (
            {"class": "RefreshError", "text": "Permission 'iam.serviceAccounts.getAccessToken' denied"},
            "denied",
        ),
        ({"class": "FileNotFoundError", "text": "x"}, "file-unreadable"),
        ({"class": "TransportError", "text": "CERTIFICATE_VERIFY_FAILED"}, "tls"),
        ({"class": "RuntimeError", "text": ""}, "other"),
    ],
)
def test_explained(tmp_path: Path, error: dict[str, str], code: str) -> None:
    made = machine(tmp_path, PROJECT)
    made.write(ADC, USER)
    assert explain_google(error, plan(made)).code == code


def test_json_of_the_file_is_not_repeated(tmp_path: Path) -> None:
    made = machine(tmp_path, PROJECT)
    made.write(ADC, json.dumps(USER)[:-20])
    assert plan(made).usable is False
