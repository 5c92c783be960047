"""Which cause comes first: whose answer it is, what is sent here, what came first in a log."""

from __future__ import annotations

from pathlib import Path

from claude_auth.diagnose.causes import BY_ID
from claude_auth.diagnose.texts import classify
from claude_auth.diagnose.texts.other_programs import named
from tests.diagnose.texts.joined import HOUR, login, read

REFUSED = "Please run /login · API Error: 401 Invalid authentication credentials"
GATEWAY = {"ANTHROPIC_BASE_URL": "http://127.0.0.1:47821", "ANTHROPIC_AUTH_TOKEN": "sk-gw-1234567890"}


def first(text: str) -> str:
    return classify(text).matches[0].cause


def test_a_gateways_refusal_is_the_gateways(tmp_path: Path) -> None:
    found = [cause.id for cause in read(tmp_path, REFUSED, {}, GATEWAY)]
    assert found[0] == "gateway-wrong-header"
    assert "stored-login-rejected" not in found


def test_what_is_not_sent_is_not_refused(tmp_path: Path) -> None:
    found = [cause.id for cause in read(tmp_path, REFUSED, login(), {"ANTHROPIC_AUTH_TOKEN": "made-up"})]
    assert "refresh-race" not in found
    sent = [cause.id for cause in read(tmp_path / "2", REFUSED, login())]
    assert sent[0] == "stored-login-rejected"
    assert "refresh-race" in sent


def test_a_cause_of_a_provider_that_is_off_is_not_told(tmp_path: Path) -> None:
    text = "Could not resolve authentication method"
    assert "foundry-settings" in [match.cause for match in classify(text).matches]
    assert "foundry-settings" not in [cause.id for cause in read(tmp_path, text)]


def test_the_longest_phrase_hides_the_shorter_ones() -> None:
    assert [match.cause for match in classify("Anthropic profile login expired").matches][:1] == [
        "profile-login-ended"
    ]
    assert "access-token-expired" not in [
        m.cause for m in classify("Anthropic profile login expired").matches
    ]


def test_of_several_errors_the_first_comes_first() -> None:
    early, late = "Credit balance is too low", "OAuth token revoked · Please run /login"
    between = "\nworker: nothing to tell of\n" * 20
    assert first(f"{early}{between}{late}") == "credit-balance-too-low"
    assert first(f"{late}{between}{early}") == "token-revoked"


def test_a_generic_signature_counts_where_nothing_else_stands() -> None:
    assert first("ECONNREFUSED") == "base-url-unreachable"
    text = "connect ECONNREFUSED, API Error: Credit balance is too low"
    assert [match.cause for match in classify(text).matches if match.rank == 0] == ["credit-balance-too-low"]


def test_a_proxy_that_asks_for_a_password_serves_the_address() -> None:
    assert first("<title>407 Proxy Authentication Required</title>") == "proxy-refuses"


def test_refused_is_not_missing() -> None:
    text = "API Error: Could not load Google Cloud credentials · invalid_grant."
    assert [match.cause for match in classify(text).matches][:2] == ["adc-reauth", "adc-kept-until-restart"]


def test_no_remedy_of_a_text_moves_a_store_away() -> None:
    for cause in BY_ID.values():
        for fix in cause.fixes:
            assert ".credentials.json" not in (fix.command or "") or "mv " not in (fix.command or "")


def test_every_cause_says_whose_answer_it_is() -> None:
    assert all(cause.who for cause in BY_ID.values() if cause.fixes)


def test_an_old_clients_fault_is_not_a_new_ones(tmp_path: Path) -> None:
    found = read(tmp_path, "OAuth error: Invalid IP address: undefined", login(HOUR))
    assert found[0].id == "client-too-old"


def test_a_strangers_name_is_a_word() -> None:
    assert "kubectl" in named("kubectl get pods")
    assert [*named("keychains are disabled for okta-like things")] == ["okta"]
