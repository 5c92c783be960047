"""The one routine that looks into values: what it tells, and what it leaves alone."""

from __future__ import annotations

import pytest

from claude_auth.claude_code.values import SHAPES, authority_is_cut, faults
from claude_auth.claude_code.variables import is_watched
from claude_auth.security.secret import Secret

KEY, TOKEN, URL = "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"
RESOURCE, HEADERS = "ANTHROPIC_FOUNDRY_RESOURCE", "ANTHROPIC_CUSTOM_HEADERS"
#: Longer than any limit of a pattern that goes back.
LONG = "your-" * 20_000


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        (TOKEN, "${GATEWAY_TOKEN}", "reference"),
        (TOKEN, "${GATEWAY_TOKEN:-none}", "reference"),
        (TOKEN, "$GATEWAY_TOKEN", "reference"),
        (TOKEN, "Bearer $GATEWAY_TOKEN", "reference"),
        (TOKEN, "%GATEWAY_TOKEN%", "reference"),
        (TOKEN, "${env:GATEWAY_TOKEN}", "reference"),
        (KEY, "${{ secrets.ANTHROPIC_API_KEY }}", "reference"),
        (KEY, "$(cat key.txt)", "reference"),
        (KEY, "`cat key.txt`", "reference"),
        (KEY, "{{ anthropic_key }}", "reference"),
        (URL, "https://$GATEWAY_HOST/v1", "reference"),
        (HEADERS, "Authorization: Bearer ${TOKEN}", "reference"),
        ("AWS_CONFIG_FILE", "~/.aws/other", "reference"),
        (KEY, "<your-api-key>", "placeholder"),
        (KEY, "your-api-key-here", "placeholder"),
        (KEY, "sk-ant-api03-your-key-here", "placeholder"),
        (KEY, "sk-ant-api03-xxxxxxxx", "placeholder"),
        (KEY, "sk-ant-…", "placeholder"),
        (KEY, "PROXY_MANAGED", "placeholder"),
        (KEY, f"PLEASE_SET_{KEY}", "placeholder"),
        (KEY, "undefined", "placeholder"),
        ("AWS_PROFILE", "your-profile", "placeholder"),
        (KEY, "'made-up'", "quotes"),
        ("CLAUDE_CODE_USE_BEDROCK", '"1"', "quotes"),
        (TOKEN, '{"claudeAiOauth": {}}', "kind"),
        (KEY, f"{KEY}=made-up", "kind"),
        (KEY, f"export {KEY}=made-up", "kind"),
        (KEY, "https://gateway.example", "kind"),
        (RESOURCE, "https://r.services.ai.azure.com", "kind"),
        (RESOURCE, "r.services.ai.azure.com", "kind"),
        ("AWS_PROFILE", "https://example.awsapps.com/start", "kind"),
        ("GOOGLE_APPLICATION_CREDENTIALS", '{"type": "service_account"}', "kind"),
        (URL, "sk-ant-api03-made", "kind"),
        (HEADERS, '{"x-team": "a"}', "kind"),
        (KEY, "sk-ant-api03-madesk-ant-api03-made", "kind"),
        (HEADERS, "Authorization=Bearer made-up", "kind"),
        (HEADERS, "x-team: a; Authorization: Bearer made-up", "joined"),
        (HEADERS, "x-team: a, x-user: b", "joined"),
        (HEADERS, r"x-team: a\nx-user: b", "joined"),
    ],
)
def test_what_is_told(name: str, value: str, code: str) -> None:
    assert [fault.code for fault in faults(name, Secret(value))] == [code]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (KEY, ""),
        (KEY, "   "),
        (KEY, "sk-ant-api03-madeUpForTests"),
        (TOKEN, "pa$sword"),
        (TOKEN, "5%off%"),
        (TOKEN, "freecc"),
        (TOKEN, "eyJhbGciOiJIUzI1NiJ9.e30.made"),
        (URL, "https://gateway.example/$metadata"),
        (URL, "http://127.0.0.1:8082"),
        ("HTTPS_PROXY", "http://ada:%23made%40@proxy.example:3128"),
        (RESOURCE, "my-resource"),
        ("AWS_PROFILE", "team.dev"),
        ("CLAUDE_CODE_USE_BEDROCK", "1"),
        (HEADERS, "cookie: a=b; c=d"),
        (HEADERS, "x-team: a\nx-user: b"),
        (HEADERS, "x-link: https://gateway.example; q=1"),
        ("NOT_OURS", "${X}"),
    ],
)
def test_what_is_left_alone(name: str, value: str) -> None:
    assert faults(name, Secret(value)) == ()


def test_quotes_hide_nothing() -> None:
    assert [fault.code for fault in faults(KEY, Secret('"${NAME}"'))] == ["quotes", "reference"]


def test_a_reference_is_told_by_its_name_and_the_value_never() -> None:
    (fault,) = faults(HEADERS, Secret("x-team: made-up ${NAME}"))
    assert fault.name == "NAME"
    assert "made-up" not in fault.words


def test_every_variable_with_a_shape_is_looked_at() -> None:
    assert not [name for name in SHAPES if not is_watched(name)]


@pytest.mark.parametrize("name", [KEY, URL, HEADERS])
def test_a_long_value_takes_no_time(name: str) -> None:
    assert faults(name, Secret(f"x: {LONG};{LONG}")) == ()


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("http://me:p@ss#1@proxy.example:8080", True),
        ("http://me:a/b@proxy.example", True),
        ("http://me:a%23b@proxy.example:8080", False),
        ("http://proxy.example:8080/a@b", False),
        ("http://proxy.example:8080", False),
    ],
)
def test_a_password_that_ends_the_host(address: str, cut: bool) -> None:
    assert authority_is_cut(address) is cut
