"""Amazon on loopback: moto's server with its IAM checks, and the stand-ins that ship with the program."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from claude_auth.sandbox.cloud_endpoints import CloudEndpoints
from tests.guard import NO_SYSTEM_SKIPS, REAL_ENVIRONMENT

ROLE_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


@dataclass(frozen=True)
class Moto:
    """An account with two users who may call STS, one who may not, and a role."""

    url: str
    allowed: tuple[str, str]
    other: tuple[str, str]
    denied: tuple[str, str]
    role: str


def _post(url: str, body: bytes = b"") -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(
        urllib.request.Request(url, body, {"Content-Type": "text/plain"}, method="POST"), timeout=60
    ).close()


def _is_version_2(folder: str) -> bool:
    aws = os.path.join(folder, "aws")
    if not os.path.isabs(aws) or not os.access(aws, os.X_OK):
        return False
    told = subprocess.run([aws, "--version"], capture_output=True, text=True, check=False, timeout=60)
    return told.stdout.startswith("aws-cli/2.")


@pytest.fixture(scope="session")
def aws_path() -> str:
    """PATH with an `aws` of version 2 in front: version 1 looks for profiles in another order."""
    folders = ("/usr/bin", *REAL_ENVIRONMENT.get("PATH", os.defpath).split(os.pathsep))
    found = next((folder for folder in folders if _is_version_2(folder)), None)
    if found is None:
        reason = "needs version 2 of aws: apt-get install awscli"
        if os.environ.get(NO_SYSTEM_SKIPS):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return f"{found}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    iam = boto3.client(
        "iam",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="setup",
        aws_secret_access_key="setup",
    )
    made = {}
    for name, effect in (("allowed", "Allow"), ("other", "Allow"), ("denied", "Deny")):
        iam.create_user(UserName=name)
        statement = {"Effect": effect, "Action": "sts:*", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        made[name] = (key["AccessKeyId"], key["SecretAccessKey"])
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(ROLE_TRUST))["Role"]["Arn"]
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}
    )
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document)
    _post(f"{url}/moto-api/reset-auth", b"0")  # from here on every call is checked
    yield Moto(url, made["allowed"], made["other"], made["denied"], role)
    server.stop()


@pytest.fixture
def cloud() -> Iterator[CloudEndpoints]:
    with CloudEndpoints() as endpoints:
        yield endpoints
