"""Proxies, exceptions and certificates as they are set; the hosts that a machine needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_auth.network.results import needed_hosts
from claude_auth.network.settings import (
    Proxy,
    UnusableProxy,
    configured_proxy,
    is_bypassed,
    network_environment,
    proxy_for,
    settings_checks,
)
from claude_auth.trust import is_inspector
from tests.network.probes import view_of


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:8080"}, "http://p:8080"),
        ({"HTTPS_PROXY": "http://p"}, "http://p:80"),
        ({"HTTPS_PROXY": "https://u:x@p"}, "https://p:443"),
        ({"HTTP_PROXY": "http://later:1", "https_proxy": "http://first:1"}, "http://first:1"),
        ({"ALL_PROXY": "http://p:1"}, None),
        ({"HTTPS_PROXY": "http://[::1]:3128"}, "http://::1:3128"),
    ],
)
def test_the_proxy(environ: dict[str, str], expected: str | None) -> None:
    found = configured_proxy(environ)
    assert (found.shown if isinstance(found, Proxy) else found) == expected


@pytest.mark.parametrize("value", ["p:8080", "socks5://p:1", "http://", "http://p:99999", "http://[p"])
def test_a_proxy_that_cannot_be_used(value: str) -> None:
    assert isinstance(configured_proxy({"HTTPS_PROXY": value}), UnusableProxy)
    assert settings_checks({"HTTPS_PROXY": value}, "/")[0].state == "fail"


@pytest.mark.parametrize(
    ("host", "listed", "expected"),
    [
        ("api.anthropic.com", "*", True),
        ("api.anthropic.com", "anthropic.com", False),
        ("api.anthropic.com", ".anthropic.com", True),
        ("api.anthropic.com", "*.anthropic.com", True),
        ("anthropic.com", ".anthropic.com", True),
        ("notanthropic.com", ".anthropic.com", False),
        ("API.Anthropic.com.", "x, api.anthropic.COM", True),
        ("api.anthropic.com", "api.anthropic.com:443", True),
        ("api.anthropic.com", "api.anthropic.com:8443", False),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "11.0.0.0/8 ; x", False),
        ("localhost", "", True),
        ("127.0.0.9", "", True),
        ("::1", "", True),
        ("api.anthropic.com", "", False),
    ],
)
def test_exceptions(host: str, listed: str, expected: bool) -> None:
    assert is_bypassed(host, 443, {"NO_PROXY": listed}) is expected
    proxy = proxy_for(host, 443, {"NO_PROXY": listed, "HTTPS_PROXY": "http://p:1"})
    assert (proxy is None) is expected


def test_nothing_of_a_proxys_password_is_shown() -> None:
    checks = settings_checks({"HTTPS_PROXY": "http://ada:s3cretword@p:1", "ALL_PROXY": "x"}, "/")
    assert "s3cretword" not in repr(checks) + repr(configured_proxy({"HTTPS_PROXY": "http://a:s3cretword@p"}))
    assert [check.state for check in checks] == ["ok", "warn"]


def test_settings_outrank_the_shell(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    settings = {"env": {"HTTPS_PROXY": "http://settings:1", "NO_PROXY": ""}}
    (tmp_path / ".claude/settings.json").write_text(json.dumps(settings))
    view = view_of(tmp_path, {"HTTPS_PROXY": "http://shell:1", "NO_PROXY": "*", "SSL_CERT_FILE": "/x"})
    assert network_environment(view) == {"HTTPS_PROXY": "http://settings:1", "SSL_CERT_FILE": "/x"}


FIRST_PARTY = ["api.anthropic.com", "platform.claude.com", "claude.ai", "claude.com"]


@pytest.mark.parametrize(
    ("environ", "hosts"),
    [
        ({}, FIRST_PARTY),
        ({"ANTHROPIC_BASE_URL": "https://api.anthropic.com/"}, FIRST_PARTY),
        ({"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000/key/x"}, ["127.0.0.1", *FIRST_PARTY[1:]]),
        ({"ANTHROPIC_BASE_URL": "ht tp://"}, FIRST_PARTY[1:]),
        (
            {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-west-1"},
            ["bedrock-runtime.eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com"],
        ),
        (
            {"CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "global"},
            ["aiplatform.googleapis.com", "oauth2.googleapis.com"],
        ),
        (
            {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_RESOURCE": "mine"},
            ["mine.services.ai.azure.com", "login.microsoftonline.com"],
        ),
        (
            {"CLAUDE_CODE_USE_MANTLE": "1", "AWS_REGION": "eu-west-1"},
            ["bedrock-mantle.eu-west-1.api.aws", "sts.eu-west-1.amazonaws.com"],
        ),
        (
            {"CLAUDE_CODE_USE_ANTHROPIC_AWS": "1"},
            ["aws-external-anthropic.us-east-1.api.aws", "sts.us-east-1.amazonaws.com"],
        ),
        ({"CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": "1"}, ["claude.googleapis.com", "oauth2.googleapis.com"]),
    ],
)
def test_hosts_of_a_machine(environ: dict[str, str], hosts: list[str], tmp_path: Path) -> None:
    found = needed_hosts(view_of(tmp_path, environ))
    assert [host.host for host in found] == hosts
    assert all(host.why and host.failing for host in found)


def test_a_gateways_port_and_scheme(tmp_path: Path) -> None:
    gateway = needed_hosts(view_of(tmp_path, {"ANTHROPIC_BASE_URL": "http://127.0.0.1:4000"}))[0]
    assert (gateway.scheme, gateway.port, gateway.path) == ("http", 4000, "/")


def test_what_blocking_the_platform_means(tmp_path: Path) -> None:
    platform = needed_hosts(view_of(tmp_path))[1]
    assert "requests work" in platform.failing
    assert "sign-in and refresh don't" in platform.failing


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("Zscaler Inc., Zscaler Root CA", True),
        ("Netskope", True),
        ("mitmproxy", True),
        ("Let's Encrypt, R11", False),
    ],
)
def test_inspectors(issuer: str, expected: bool) -> None:
    assert is_inspector(issuer) is expected
