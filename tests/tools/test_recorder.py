"""The recorder that stands in for every server when the real client is observed."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import httpx
import pytest

from tools.observe_client import expectation
from tools.recorder import MINTED, Authority, Recorder, Request, grant_type

NOTHING = {"request": False, "host": None, "x_api_key": None, "authorization": None, "refreshed": False}


def inference(**headers: str) -> Request:
    return Request("api.anthropic.com", "POST", "/v1/messages?beta=true", headers, b"")


def test_requests_through_it_are_kept_and_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)

    async def ask() -> tuple[list[int], list[Request]]:
        async with Recorder(authority) as recorder:
            trust = ssl.create_default_context(cafile=str(authority.path))
            proxy = f"http://127.0.0.1:{recorder.port}"
            async with httpx.AsyncClient(proxy=proxy, verify=trust, trust_env=False) as client:
                answers = [
                    await client.post("https://api.anthropic.com/v1/messages", headers={"x-api-key": "K"}),
                    await client.post("http://gw.example.test:8080/v1/messages", content=b"{}"),
                    await client.post(
                        "https://platform.claude.com/v1/oauth/token", json={"grant_type": "refresh_token"}
                    ),
                    await client.get("https://api.anthropic.com/api/other"),
                ]
            return [answer.status_code for answer in answers], recorder.requests

    codes, requests = asyncio.run(ask())
    assert codes == [400, 400, 200, 404]
    assert [request.host for request in requests[:2]] == ["api.anthropic.com", "gw.example.test:8080"]
    assert [request.is_inference for request in requests] == [True, True, False, False]
    assert requests[0].headers["x-api-key"] == "K"


@pytest.mark.parametrize(
    ("requests", "wanted"),
    [
        ([], NOTHING),
        ([Request("api.anthropic.com", "GET", "/api/oauth/profile", {}, b"")], NOTHING),
        (
            [inference(**{"x-api-key": "K"})],
            {**NOTHING, "request": True, "host": "api.anthropic.com", "x_api_key": "K"},
        ),
        (
            [inference(authorization="AWS4-HMAC-SHA256 Credential=AKIAX/20260101/us-east-1, Signature=0")],
            {**NOTHING, "request": True, "host": "api.anthropic.com", "authorization": "sigv4:AKIAX"},
        ),
    ],
)
def test_the_first_inference_request_is_what_a_case_expects(
    requests: list[Request], wanted: dict[str, object]
) -> None:
    assert expectation(requests) == wanted


def test_a_token_that_the_recorder_gave_says_what_it_was_given_for() -> None:
    refreshed = expectation([inference(authorization=f"Bearer {MINTED}refresh_token")])
    exchanged = expectation([inference(authorization=f"Bearer {MINTED}jwt-bearer")])
    assert refreshed["refreshed"]
    assert "value_unknown" not in refreshed
    assert exchanged["value_unknown"]
    assert not exchanged["refreshed"]


@pytest.mark.parametrize(
    ("body", "grant"),
    [
        (b'{"grant_type": "refresh_token"}', "refresh_token"),
        (b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer", "jwt-bearer"),
        (b"", ""),
    ],
)
def test_the_grant_is_read_from_json_and_from_a_form(body: bytes, grant: str) -> None:
    assert grant_type(body) == grant
