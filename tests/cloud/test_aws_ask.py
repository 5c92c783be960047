"""On a key press: who answers, asked of moto with its IAM checks on, and of the stand-ins."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from claude_auth.cloud.aws.plan import AwsPlan, plan_aws
from claude_auth.cloud.child import answered
from claude_auth.cloud.identity import METHODS, AwsAnswer, ask_aws
from claude_auth.model import CommandRun
from claude_auth.sandbox.cloud_endpoints import CloudEndpoints
from claude_auth.security.secret import Secret
from tests.cloud.aws_accounts import CORP, signed_in
from tests.cloud.conftest import Moto
from tests.cloud.machines import SECRET, SESSION, CloudMachine, assert_clean, iso, keys, machine
from tests.guard import Guard
from tests.network.lines import unused_port
from tests.waiting import Stopwatch


def asked(made: CloudMachine, seconds: float = 30.0) -> tuple[AwsPlan, AwsAnswer]:
    view = made.view()
    plan = plan_aws(view, made.environ)
    answer = ask_aws(plan, view, made.environ, seconds=seconds)
    assert_clean(plan, answer)
    return plan, answer


# ── every provider of the chain ──────────────────────────────────────────────────────────────────


def test_keys_of_the_environment(moto: Moto, tmp_path: Path) -> None:
    environ = {
        "AWS_ENDPOINT_URL_STS": moto.url,
        "AWS_ACCESS_KEY_ID": moto.allowed[0],
        "AWS_SECRET_ACCESS_KEY": moto.allowed[1],
        "AWS_DEFAULT_PROFILE": "other",  # boto3 would take it, Claude Code doesn't
    }
    plan, answer = asked(machine(tmp_path, environ, credentials=keys("other", *moto.denied)))
    assert answer.identity is not None
    assert answer.identity.method in METHODS[plan.chosen.kind if plan.chosen else ""]
    assert answer.identity.arn == "arn:aws:iam::123456789012:user/allowed"
    assert (answer.identity.account, answer.identity.access_key_id) == ("123456789012", moto.allowed[0])
    assert answer.identity.endpoint == moto.url
    assert answer.identity.expires_at is None
    assert answer.identity.unexpected is None
    assert_clean(answer, more=(moto.allowed[1],))


@pytest.mark.parametrize("in_config", [False, True])
def test_profile_before_the_keys_of_the_environment(moto: Moto, tmp_path: Path, in_config: bool) -> None:
    environ = {
        "AWS_ENDPOINT_URL": moto.url,
        "AWS_PROFILE": "work",
        "AWS_ACCESS_KEY_ID": moto.denied[0],
        "AWS_SECRET_ACCESS_KEY": moto.denied[1],
    }
    where = {
        "config" if in_config else "credentials": keys("profile work" if in_config else "work", *moto.allowed)
    }
    plan, answer = asked(machine(tmp_path, environ, **where))  # type: ignore[arg-type]
    assert answer.identity is not None
    assert answer.identity.method == ("config-file" if in_config else "shared-credentials-file")
    assert answer.identity.arn.endswith(":user/allowed")
    assert "AWS_PROFILE win over keys" in plan.differences[0]


def test_default_profile(moto: Moto, tmp_path: Path) -> None:
    environ = {"AWS_ENDPOINT_URL_STS": moto.url, "AWS_ACCESS_KEY_ID": "AKIAHALF"}
    _, answer = asked(machine(tmp_path, environ, credentials=keys("default", *moto.allowed)))
    assert answer.identity is not None
    assert answer.identity.source == "aws-default-profile"


def test_role_through_a_chain(moto: Moto, tmp_path: Path) -> None:
    role = f"role_arn = {moto.role}"
    config = (
        f"[profile deep]\n{role}\nsource_profile = middle\n[profile middle]\n{role}\nsource_profile = work\n"
    )
    environ = {"AWS_ENDPOINT_URL_STS": moto.url, "AWS_PROFILE": "deep"}
    _, answer = asked(machine(tmp_path, environ, config=config, credentials=keys("work", *moto.allowed)))
    assert answer.identity is not None
    assert answer.identity.method == "assume-role"
    assert ":assumed-role/r/" in answer.identity.arn
    assert answer.identity.expires_at is not None
    assert 3500 < answer.identity.expires_at - time.time() < 3700
    assert answer.identity.access_key_id.startswith("ASIA")


def test_role_on_the_keys_of_the_environment(moto: Moto, tmp_path: Path) -> None:
    environ = {
        "AWS_ENDPOINT_URL_STS": moto.url,
        "AWS_PROFILE": "role",
        "AWS_ACCESS_KEY_ID": moto.allowed[0],
        "AWS_SECRET_ACCESS_KEY": moto.allowed[1],
    }
    config = f"[profile role]\nrole_arn = {moto.role}\ncredential_source = Environment\n"
    _, answer = asked(machine(tmp_path, environ, config=config))
    assert answer.identity is not None
    assert answer.identity.method == "assume-role"


def test_credential_process(moto: Moto, tmp_path: Path) -> None:
    document = {
        "Version": 1,
        "AccessKeyId": moto.allowed[0],
        "SecretAccessKey": moto.allowed[1],
        "Expiration": iso(900),
    }
    made = machine(tmp_path, {"AWS_ENDPOINT_URL_STS": moto.url, "AWS_PROFILE": "p"})
    printed = made.write("printed.json", json.dumps(document))
    made.write(".aws/config", f"[profile p]\ncredential_process = cat {printed}\n")
    plan, answer = asked(made)
    assert plan.commands == (f"cat {printed}",)
    assert answer.identity is not None
    assert answer.identity.method == "custom-process"
    assert answer.identity.expires_at is not None


def test_the_files_are_read_as_claude_code_reads_them(moto: Moto, tmp_path: Path) -> None:
    """What stands behind a comment is no part of a command, and [profile default] replaces [default]."""
    document = {"Version": 1, "AccessKeyId": moto.allowed[0], "SecretAccessKey": moto.allowed[1]}
    printed = tmp_path / "printed.json"
    printed.write_text(json.dumps(document))
    config = f"[default]\n{keys('x', *moto.denied).partition(chr(10))[2]}"
    config += f"[profile default]\ncredential_process = cat {printed} ; touch {tmp_path}/was-run\n"
    plan, answer = asked(machine(tmp_path, {"AWS_ENDPOINT_URL_STS": moto.url}, config=config))
    assert plan.commands == (f"cat {printed}",)
    assert answer.identity is not None
    assert answer.identity.arn.endswith(":user/allowed")


def test_exported_credentials(cloud: CloudEndpoints, tmp_path: Path) -> None:
    settings = {"awsCredentialExport": "vend"}
    environ = {**cloud.environment(), "AWS_PROFILE": "work"}
    made = machine(tmp_path, environ, credentials=keys("work", "AKIAOTHER"), settings=settings)
    document = {"AccessKeyId": "ASIAEXPORTED00000001", "SecretAccessKey": SECRET, "SessionToken": SESSION}
    run = CommandRun("awsCredentialExport", Secret("vend"), 0, Secret(json.dumps(document)), Secret(""), 0.1)
    view = made.view(made.snapshot()._replace(runs={"awsCredentialExport": run}))
    plan = plan_aws(view, made.environ)
    answer = ask_aws(plan, view, made.environ)
    assert answer.identity is not None
    assert (answer.identity.source, answer.identity.method) == ("aws-credential-export", "env")
    assert answer.identity.access_key_id == "ASIAEXPORTED00000001"
    assert_clean(view, plan, answer)
    _, unasked = asked(made)
    assert unasked.trouble is not None
    assert unasked.trouble.code == "export-not-run"


def test_single_sign_on(cloud: CloudEndpoints, tmp_path: Path) -> None:
    made = machine(tmp_path, {**cloud.environment(), "AWS_PROFILE": "sso"}, config=CORP)
    cloud.world.sso_tokens.add(f"token-{SESSION}")
    signed_in(made, f"token-{SESSION}")
    _, answer = asked(made)
    assert answer.identity is not None
    assert answer.identity.method == "sso"
    assert answer.identity.arn.endswith("assumed-role/Developer/person")


def test_stale_sign_in_is_renewed(cloud: CloudEndpoints, tmp_path: Path) -> None:
    made = machine(tmp_path, {**cloud.environment(), "AWS_PROFILE": "sso"}, config=CORP)
    cloud.world.sso_refresh_tokens.add(SESSION)
    signed_in(made, f"old-{SESSION}", expiresAt=iso(-60), refreshToken=SESSION)
    plan, answer = asked(made)
    assert plan.usable is None
    assert answer.identity is not None
    assert ("POST", "/token") in cloud.world.requests


def test_web_identity_container_and_instance(cloud: CloudEndpoints, tmp_path: Path) -> None:
    base = cloud.environment()
    made = machine(tmp_path, {**base, "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{cloud.url}/container"})
    _, answer = asked(made)
    assert answer.identity is not None
    assert (answer.identity.method, answer.identity.access_key_id) == (
        "container-role",
        "ASIACONTAINER0000001",
    )
    _, answer = asked(machine(tmp_path, base))
    assert answer.identity is not None
    assert (answer.identity.method, answer.identity.access_key_id) == ("iam-role", "ASIAINSTANCE00000001")


def test_the_default_profile_does_not_answer_for_the_container(cloud: CloudEndpoints, tmp_path: Path) -> None:
    environ = {
        **cloud.environment(),
        "AWS_PROFILE": "missing",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{cloud.url}/container",
    }
    plan, answer = asked(machine(tmp_path, environ, credentials=keys("default", "ASIAEXPORTED00000001")))
    assert plan.chosen is not None
    assert plan.chosen.kind == "container"
    assert answer.identity is not None
    assert answer.identity.access_key_id == "ASIACONTAINER0000001"


def test_web_identity(cloud: CloudEndpoints, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(f"eyJ.{SESSION}.jwt")
    environ = {
        **cloud.environment(),
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/pod",
    }
    made = machine(tmp_path, environ)
    plan, answer = asked(made)
    assert plan.chosen is not None
    assert plan.chosen.kind == "web-identity"
    assert answer.trouble is not None
    assert answer.trouble.code == "web-token-refused"
    cloud.world.web_identity_tokens.add(f"eyJ.{SESSION}.jwt")
    _, answer = asked(made)
    assert answer.identity is not None
    assert answer.identity.method == "assume-role-with-web-identity"
    assert answer.identity.access_key_id == "ASIAWEBIDENTITY00001"


def test_no_request_goes_to_a_machine_that_is_not_amazons(tmp_path: Path, guard: Guard) -> None:
    before = guard.started
    _, answer = asked(machine(tmp_path))
    assert answer.trouble is not None
    assert answer.trouble.code == "no-credentials"
    assert guard.started == before


# ── every error, explained ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("which", "code"),
    [("unknown", "key-unknown"), ("wrong-secret", "secret-wrong"), ("denied", "assume-role-denied")],
)
def test_refusals(moto: Moto, tmp_path: Path, which: str, code: str) -> None:
    pair = {
        "unknown": ("AKIANOTTHERE00000000", SECRET),
        "wrong-secret": (moto.allowed[0], SECRET),
        "denied": moto.denied,
    }[which]
    config = f"[profile role]\nrole_arn = {moto.role}\nsource_profile = work\n"
    environ = {"AWS_ENDPOINT_URL_STS": moto.url, "AWS_PROFILE": "role"}
    _, answer = asked(machine(tmp_path, environ, config=config, credentials=keys("work", *pair)))
    assert answer.trouble is not None
    assert answer.trouble.code == code
    assert answer.trouble.said
    assert answer.trouble.fixes
    commands = [fix.command for fix in answer.trouble.fixes if fix.command]
    assert all("--profile work" in command for command in commands)


def test_expired_sign_in(cloud: CloudEndpoints, tmp_path: Path) -> None:
    made = machine(tmp_path, {**cloud.environment(), "AWS_PROFILE": "sso"}, config=CORP)
    signed_in(made, f"revoked-{SESSION}")  # live by its file, but the portal doesn't take it
    plan, answer = asked(made)
    assert plan.usable is None
    assert answer.trouble is not None
    assert answer.trouble.code == "sso-expired"
    assert answer.trouble.fixes[0].command == "aws sso login --profile sso"
    signed_in(made, f"old-{SESSION}", expiresAt=iso(-60))
    plan, answer = asked(made)
    assert plan.usable is False
    assert answer.trouble is not None
    assert answer.trouble.code == "sso-expired"
    assert 94 in answer.trouble.symptoms


def test_failing_process(tmp_path: Path) -> None:
    made = machine(
        tmp_path,
        {"AWS_PROFILE": "p"},
        config=f"[profile p]\ncredential_process = sh -c 'echo token={SECRET} >&2; exit 3'\n",
    )
    _, answer = asked(made)
    assert answer.trouble is not None
    assert answer.trouble.code == "process-failed"


def test_a_process_that_hangs_is_ended(tmp_path: Path) -> None:
    made = machine(tmp_path, {"AWS_PROFILE": "p"}, config="[profile p]\ncredential_process = sleep 60\n")
    watch = Stopwatch()
    _, answer = asked(made, seconds=1.0)
    assert answer.trouble is not None
    assert answer.trouble.code == "time-out"
    assert watch.seconds < 5


def test_mfa(moto: Moto, tmp_path: Path) -> None:
    config = (
        f"[profile m]\nrole_arn = {moto.role}\nsource_profile = work\nmfa_serial = arn:aws:iam::1:mfa/x\n"
    )
    environ = {"AWS_ENDPOINT_URL_STS": moto.url, "AWS_PROFILE": "m"}
    _, answer = asked(machine(tmp_path, environ, config=config, credentials=keys("work", *moto.allowed)))
    assert answer.trouble is not None
    assert answer.trouble.code == "mfa-needed"


def test_nobody_there(tmp_path: Path) -> None:
    environ = {"AWS_ENDPOINT_URL_STS": f"http://127.0.0.1:{unused_port()}"}
    _, answer = asked(machine(tmp_path, environ, credentials=keys("default", "AKIAX")))
    assert answer.trouble is not None
    assert answer.trouble.code == "unreachable"


def test_proxy_that_is_not_there(tmp_path: Path) -> None:
    environ = {
        "HTTP_PROXY": f"http://127.0.0.1:{unused_port()}",
        "AWS_ENDPOINT_URL_STS": "http://sts.invalid",
    }
    _, answer = asked(machine(tmp_path, environ, credentials=keys("default", "AKIAX")))
    assert answer.trouble is not None
    assert answer.trouble.code == "proxy"


class _Skewed(BaseHTTPRequestHandler):
    """STS as it answers a clock that is an hour behind, with the request that was signed in the text."""

    def do_POST(self) -> None:
        text = (
            "Signature expired: 20261120T100000Z is now earlier than 20261120T105500Z\n\n"
            f"The Canonical String should have been\n'POST\n/\nx-amz-security-token:{SESSION}'"
        )
        body = (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
            f"<Code>SignatureDoesNotMatch</Code><Message>{text}</Message></Error></ErrorResponse>"
        ).encode()
        self.send_response_only(403)
        self.send_header("Date", formatdate(time.time() + 3600, usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def skewed() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Skewed)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_clock(skewed: str, tmp_path: Path) -> None:
    credentials = keys("default", "ASIACLOCK", SECRET, SESSION)
    _, answer = asked(machine(tmp_path, {"AWS_ENDPOINT_URL_STS": skewed}, credentials=credentials))
    assert answer.trouble is not None
    assert answer.trouble.code == "clock-skew"
    assert "59 min behind" in answer.trouble.meaning or "1 h 0 min behind" in answer.trouble.meaning
    assert "Canonical" not in answer.trouble.said


def test_nothing_secret_in_this_process_either(
    moto: Moto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The child's code run right here, with botocore's debug log switched on as far as it goes."""
    made = machine(tmp_path, credentials=keys("default", "AKIANOTTHERE00000000"))
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", moto.url)
    request = {
        "profile": "default",
        "region": "us-east-1",
        "connect_timeout": 5,
        "read_timeout": 5,
        "metadata_timeout": 1,
    }
    level = logging.root.manager.disable
    try:
        with caplog.at_level(logging.DEBUG):
            answer = answered("aws", request)
    finally:
        logging.disable(level)
    assert answer["error"]["code"] == "InvalidClientTokenId"
    assert_clean(answer, [record.getMessage() for record in caplog.records if record.name.startswith("boto")])
