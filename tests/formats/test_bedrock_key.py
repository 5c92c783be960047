"""What a Bedrock API key tells about itself, made the way Amazon's generators make it."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.cloud.aws.plan import plan_aws
from claude_auth.formats.cloud_files import read_bedrock_key
from tests.cloud.machines import SECRET, SESSION, assert_clean, machine


def short_term(region: str = "us-east-1", age: float = 0.0) -> str:
    """Signed by botocore itself, as the generators do it."""
    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(
        "POST",
        "https://bedrock.amazonaws.com/",
        headers={"host": "bedrock.amazonaws.com"},
        params={"Action": "CallWithBearerToken"},
    )
    SigV4QueryAuth(Credentials("ASIASHORT", SECRET, SESSION), "bedrock", region, 43200).add_auth(request)
    address = f"{request.url.removeprefix('https://')}&Version=1"
    if age:
        date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - age))
        address = address.replace(address.split("X-Amz-Date=")[1].partition("&")[0], date)
    return "bedrock-api-key-" + base64.b64encode(address.encode()).decode()


def test_short_term() -> None:
    key = read_bedrock_key(short_term())
    assert (key.kind, key.access_key_id, key.region) == ("short-term", "ASIASHORT", "us-east-1")
    assert key.expires_at is not None
    assert abs(key.expires_at - time.time() - 43200) < 60
    assert_clean(key)


def test_long_term() -> None:
    key = read_bedrock_key(
        "ABSK" + base64.b64encode(b"BedrockAPIKey-ab12-at-123456789012:canarysecret").decode()
    )
    assert (key.kind, key.user) == ("long-term", "BedrockAPIKey-ab12-at-123456789012")
    assert "canarysecret" not in repr(key)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: "my-key", "starts neither with"),
        (lambda: short_term(age=50_000), "expired 1 h 53 min ago"),
        (lambda: short_term(region="eu-west-1"), "is for eu-west-1, and requests go to us-east-1"),
    ],
    ids=["foreign", "expired", "other-region"],
)
def test_problems(tmp_path: Path, make: Callable[[], str], words: str) -> None:
    value = make()
    made = machine(tmp_path, {"AWS_BEARER_TOKEN_BEDROCK": value})
    plan = plan_aws(made.view(), made.environ)
    assert words in plan.problems[0].text
    assert plan.usable is False
    assert_clean(plan, more=(value,))


def test_fine(tmp_path: Path) -> None:
    made = machine(tmp_path, {"AWS_BEARER_TOKEN_BEDROCK": short_term()})
    plan = plan_aws(made.view(), made.environ)
    assert plan.usable is None
    assert plan.chosen is not None
    assert plan.chosen.route is not None
    assert "short-term Bedrock API key of ASIASHORT, at most" in plan.chosen.route.label


def test_a_gateway_has_keys_of_its_own(tmp_path: Path) -> None:
    environ = {"AWS_BEARER_TOKEN_BEDROCK": "my-key", "ANTHROPIC_BEDROCK_BASE_URL": "https://gateway"}
    made = machine(tmp_path, environ)
    assert plan_aws(made.view(), made.environ).usable is None


@given(st.text(max_size=80))
def test_never_raises(text: str) -> None:
    for prefix in ("", "ABSK", "bedrock-api-key-"):
        read_bedrock_key(prefix + text)
