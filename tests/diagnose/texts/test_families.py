"""Words that nobody knows: whose answer it is, what happened, to which credential. Never more than likely."""

from __future__ import annotations

import pytest

from claude_auth.diagnose.texts import classify, explain
from claude_auth.present.documents import diagnose_document
from tests.as_text import diagnose_text
from tests.diagnose.texts.ordinary import ORDINARY
from tests.diagnose.texts.strangers import STRANGERS

#: No record has these words.
FAMILIES: dict[str, tuple[str, str, str | None]] = {
    "API Error: 403 your seat was parked by the workspace rule": ("anthropic", "not-allowed", None),
    "API Error: 401 the api key did not convince": ("anthropic", "refused", "anthropic-api-key"),
    'API Error: 418 {"type":"error","error":{"type":"teapot_error","message":"bad key"}}': (
        *("anthropic", "misconfigured"),
        None,
    ),
    'MCP server "x" answered with a token that is wrong': ("mcp-server", "misconfigured", "mcp-sign-in"),
    "claude: the corporate gateway said 401 to us": ("gateway", "refused", None),
    "claude: the cloud gateway said 401 to us": ("gateway", "refused", "gateway-session"),
    'API Error: 401 {"error":{"message":"Nobody of that name here.","code":401}}': (
        "gateway",
        "refused",
        None,
    ),
    'API Error: 402 {"error":{"message":"Buy more at openrouter.ai","code":402}}': (
        *("gateway", "not-allowed"),
        None,
    ),
    'Streamable HTTP error: (HTTP 401): {"error":"invalid_token"}': ("mcp-server", "refused", "mcp-sign-in"),
    '{"type":"system","subtype":"api_retry","error_status":401}': ("anthropic", "refused", None),
    "API Error: ManagedIdentityCredential: authentication failed": ("azure", "misconfigured", "foundry"),
    "claude: could not persist the thing in the keychain": ("keyring", "not-saved", None),
    "claude: bedrock says the role may not, 403": ("aws", "not-allowed", "bedrock"),
    "claude: vertex says that the quota token expired": ("google", "expired", "vertex"),
    "claude: foundry rejected it": ("azure", "refused", "foundry"),
    "claude: ECONNABORTED while asking": ("network", "not-reachable", None),
    "claude-code-action: the oidc thing is missing a token": ("github", "not-signed-in", "github-token"),
    "Claude Code: nobody is here, run /login maybe": ("client", "not-signed-in", "stored-login"),
    "API Error: 429 slow down": ("anthropic", "rate-limited", None),
    'API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}': (
        *("anthropic", "rate-limited"),
        None,
    ),
    "API Error: Repeated 529 Overloaded errors": ("anthropic", "rate-limited", None),
    "Claude Code: your CLAUDE_CODE_OAUTH_TOKEN was withdrawn": (
        *("client", "revoked"),
        "claude-code-oauth-token",
    ),
}


@pytest.mark.parametrize("text", FAMILIES)
def test_whose_answer_it_is(text: str) -> None:
    found = classify(text)
    assert found.matches == ()
    assert found.parsed.family is not None
    assert found.parsed.family[:3] == FAMILIES[text]
    assert found.parsed.family.certainty == "likely"


@pytest.mark.parametrize("text", [*STRANGERS.values(), "hello", "401", "make: *** [check] Error 1"])
def test_nobodys_has_none(text: str) -> None:
    assert classify(text).parsed.family is None


def test_ordinary_logs_have_none() -> None:
    ours = {name for name, text in ORDINARY.items() if classify(text).parsed.family is not None}
    assert ours <= {"claude-overloaded"}  # the API itself says so


def test_nobodys_credential_is_at_fault_where_the_api_is_busy() -> None:
    told = " ".join(classify("API Error: 529 Overloaded").parsed.unknown_words)
    assert "the credential is not at fault" in told
    assert "claude-auth status" not in told


def test_another_program_is_named_in_the_document_too() -> None:
    parsed, causes = explain("brew: Error: GitHub API Error: Bad credentials")
    assert diagnose_document(causes, (), parsed)["other_programs"] == ["GitHub's API", "Homebrew"]
    ours, causes = explain(next(iter(FAMILIES)))
    assert diagnose_document(causes, (), ours)["other_programs"] == []


@pytest.mark.parametrize(
    "text",
    [
        "claude.ai Notion: authentication required",
        "claude.ai Google Drive: https://x.test/mcp - ! Needs authentication",
    ],
)
def test_a_connectors_sign_in_is_that_of_an_mcp_server(text: str) -> None:
    assert [match.cause for match in classify(text).matches] == ["mcp-sign-in"]


def test_claude_ai_itself_is_no_connector() -> None:
    assert classify("claude.ai login: authentication required").matches == ()


def test_it_is_told() -> None:
    text = next(iter(FAMILIES))
    parsed, causes = explain(text)
    document = diagnose_document(causes, (), parsed)
    assert document["family"] == {
        "who": "anthropic",
        "what": "not-allowed",
        "credential": None,
        "certainty": "likely",
    }
    assert "Anthropic's API" in diagnose_text(causes, (), parsed)


def test_a_cause_that_is_known_has_none() -> None:
    parsed, causes = explain("Not logged in · Please run /login")
    assert diagnose_document(causes, (), parsed)["family"] is None


def test_another_program_is_named() -> None:
    parsed, causes = explain(STRANGERS["kubectl-sso"])
    assert "kubectl" in diagnose_text(causes, (), parsed)
