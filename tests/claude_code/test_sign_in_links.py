"""Both forms of the link that Claude Code prints; what is wrong, and what can't be judged."""

from __future__ import annotations

import pytest

from claude_auth.claude_code.sign_in_links import DIGITS, SCOPES, check_sign_in_link, is_about_signing_in

LONG = (
    "https://claude.com/cai/oauth/authorize?code=true&client_id=00000000-0000-4000-8000-000000000000"
    "&response_type=code&redirect_uri=https%3A%2F%2Fplatform.claude.com%2Foauth%2Fcode%2Fcallback"
    "&scope=org%3Acreate_api_key+user%3Aprofile+user%3Ainference+user%3Asessions%3Aclaude_code"
    "&code_challenge=Lt_AdwQk4rIRVFFrobDJbNOOiKZ5y5JnqHffHaI0Fzc&code_challenge_method=S256"
    "&state=PmKGO80ff-z3_dAUCnnZ_Q1XoGe-n1ptss7jkuWe3Pk"
)
CHALLENGE = "WMInryGfcfsIv066ahNXXhMNsiA6zADMsypYKVNKRys"
SHORT = f"https://claude.ai/oauth/authorize?z-{CHALLENGE}"
CONSOLE = f"https://platform.claude.com/oauth/authorize?T-{CHALLENGE}"


def test_a_way_back_that_leads_on_to_another_host_is_refused() -> None:
    on = "callback%3Fnext%3Dhttps%253A%252F%252Fevil.example%252F"
    assert check_sign_in_link(LONG).judgement == "fine"
    link = check_sign_in_link(LONG.replace("callback", on))
    assert link.problems == ("a value in it leads to a host that isn't one of Anthropic's sign-in pages",)
    assert check_sign_in_link(LONG.replace("callback", "callback%3Fpage%3D1")).judgement == "fine"


# ── the short form [seen, 2.1.332] ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (SHORT, "claude.ai"),
        (CONSOLE, "platform.claude.com"),
        (f"{SHORT}&login_method=sso", "claude.ai"),
        (f"{SHORT}&login_hint=ada%40example.org", "claude.ai"),
        (f"https://claude.ai/oauth/authorize?I{CHALLENGE}", "claude.ai"),  # setup-token: one digit
        (f"https://claude.ai/oauth/authorize?z--_{CHALLENGE[2:]}", "claude.ai"),  # dashes in the challenge
    ],
)
def test_the_short_links_of_the_real_client_are_fine_not_refused(url: str, host: str) -> None:
    link = check_sign_in_link(url)
    assert (link.judgement, link.problems, link.doubts) == ("fine", (), ())
    assert link.host == host
    assert link.pasted
    assert "user:inference" in link.scopes
    assert "PKCE S256" in link.verdict
    assert CHALLENGE[4:] not in repr(link) + link.verdict
    assert is_about_signing_in(url)


def test_the_number_names_client_and_scopes() -> None:
    login = {"user:projects:read", "user:projects:write"}
    assert set(check_sign_in_link(SHORT).scopes) == set(SCOPES) - login
    assert set(check_sign_in_link(CONSOLE).scopes) == set(SCOPES) - login - {"org:desktop_config"}
    assert check_sign_in_link(f"https://claude.ai/oauth/authorize?I{CHALLENGE}").scopes == ("user:inference",)
    more = check_sign_in_link(f"{SHORT}&scope=user%3Adesign%3Aread")
    assert (more.judgement, more.scopes[-1]) == ("fine", "user:design:read")


@pytest.mark.parametrize(
    "url",
    [
        SHORT.replace("z-", "z", 1)[:-1],  # torn: a letter is missing
        SHORT[:-1],
        SHORT[:-9],
        "https://claude.ai/oauth/authorize?",
        "https://claude.ai/oauth/authorize",
        SHORT.replace("?z-", "?__", 1),  # every bit: scopes that nobody knows
        SHORT.replace("?z-", "?BAA", 1),
        SHORT.replace("?z-", "?A", 1),  # no scope at all
        SHORT.replace("?z-", "?z.", 1),
        SHORT.replace("?z-", "?v2.z-", 1),
        f"https://claude.ai/oauth/authorize?J{CHALLENGE}",  # bit 0: a client that claude.ai has none of
        f"{SHORT}&state=somethingThatIsImplied",
        f"{SHORT}&redirect_uri=https%3A%2F%2Fplatform.claude.com%2Foauth%2Fcode%2Fcallback",
        "https://claude.ai/oauth/authorize?ticket=4711",
        SHORT.replace("/oauth/authorize", "/sign-in/oauth/authorize"),
        LONG.replace("/cai/oauth/authorize", "/cai/oauth/authorise"),
        SHORT.replace("claude.ai", "login.claude.ai"),
        SHORT.replace("claude.ai", "console.anthropic.com.claude.com"),
    ],
)
def test_what_cannot_be_judged_on_anthropics_own_host_is_not_checked_and_not_refused(url: str) -> None:
    link = check_sign_in_link(url)
    assert link.judgement == "not-checked", link.verdict
    assert link.may_be_used
    assert link.verdict.startswith("not checked: ")
    assert CHALLENGE[4:] not in repr(link) + link.verdict


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://", "http://"),
        ("claude.ai", "claude.ai.evil.example"),
        ("claude.ai", "xclaude.ai"),
        ("claude.ai", "claude-ai.example"),
        ("claude.ai", "claude.ai@evil.example"),
        ("claude.ai", "ada@claude.ai"),
        ("claude.ai", "claude.ai:8443"),
        ("claude.ai", "claude.ai:99999"),
        ("claude.ai", "[claude.ai"),
        ("claude.ai", "evil.example\\.claude.ai"),
        ("claude.ai", "evil.example%2f.claude.ai"),
        ("claude.ai", "claude.ai%2eevil.example"),
        ("claude.ai", "cl\u0430ude.ai"),
        ("claude.ai", "claude.ai\t.evil.example"),
        ("claude.ai", "claude.ai."),
        ("claude.ai", "127.0.0.1"),
        ("claude.ai", ""),
        ("https://claude.ai", "https:claude.ai"),
        ("https://", "javascript://"),
        (CHALLENGE, f"{CHALLENGE}&redirect_uri=https%3A%2F%2Fevil.example%2Fcallback"),
        (CHALLENGE, f"{CHALLENGE}&redirect_uri=evil%3A%2F%2Fplatform.claude.com"),
        (CHALLENGE, f"{CHALLENGE}&redirect%5Furi=https%3A%2F%2Fevil.example"),
        (CHALLENGE, f"{CHALLENGE}&next=%2F%2Fevil.example%2Fcallback"),
        (CHALLENGE, f"{CHALLENGE}&next=https%3A%5C%5Cevil.example"),
        (CHALLENGE, f"{CHALLENGE}&login_hint=a&login_hint=b"),
        (f"z-{CHALLENGE}", "ticket=1&returnUrl=https%3A%2F%2Fevil.example"),
    ],
)
def test_evidence_of_harm_refuses_a_short_link(old: str, new: str) -> None:
    assert old in SHORT
    link = check_sign_in_link(SHORT.replace(old, new, 1))
    assert link.judgement == "refused", link.verdict
    assert not link.may_be_used
    assert link.verdict.startswith("don't open")
    assert "evil" not in link.verdict


def test_every_digit_stands_for_itself() -> None:
    assert len(set(DIGITS)) == 64
    for digit in DIGITS:
        assert check_sign_in_link(f"https://claude.ai/oauth/authorize?{digit}{CHALLENGE}").may_be_used


# ── the long form ────────────────────────────────────────────────────────────────────────────────


def test_the_real_clients_addresses_are_fine() -> None:
    url = check_sign_in_link(LONG)
    assert url.judgement == "fine", url.verdict
    assert url.pasted
    assert url.host == "claude.com"
    assert "user:inference" in url.scopes
    assert "PKCE S256" in url.verdict
    assert "PmKGO" not in repr(url) + url.verdict
    console = LONG.replace("claude.com/cai/", "platform.claude.com/", 1)
    assert check_sign_in_link(console).judgement == "fine"
    older = LONG.replace("claude.com/cai/", "console.anthropic.com/", 1)
    assert check_sign_in_link(older).judgement == "fine"
    loopback = LONG.replace(
        "https%3A%2F%2Fplatform.claude.com%2Foauth%2Fcode%2Fcallback",
        "http%3A%2F%2Flocalhost%3A34567%2Fcallback",
    )
    assert check_sign_in_link(loopback).redirect == "localhost:34567"
    assert not check_sign_in_link(loopback).pasted


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("https://claude.com", "http://claude.com", "isn't https"),
        ("https://claude.com", "https://claude.com.evil.org", "host"),
        ("https://claude.com", "https://xclaude.com", "host"),
        ("https://claude.com", "https://claude.com@evil.org", "host"),
        ("https://claude.com", "https://claude.com:8443", "port"),
        ("https://claude.com", "https://ada@claude.com", "user name"),
        ("code_challenge_method=S256", "code_challenge_method=plain", "S256"),
        ("code_challenge=Lt_AdwQk4r", "code_challenge=", "challenge"),
        ("&state=PmKGO80ff-z3_dAUCnnZ_Q1XoGe-n1ptss7jkuWe3Pk", "", "state"),
        ("scope=org%3Acreate_api_key+", "scope=us+", "scope in it is damaged"),
        ("&scope=", "&other=", "no scopes"),
        ("https%3A%2F%2Fplatform.claude.com", "https%3A%2F%2Fevil.org", "way back"),
        ("https%3A%2F%2Fplatform.claude.com", "http%3A%2F%2Fplatform.claude.com", "way back"),
        ("response_type=code", "response_type=token", "code"),
        ("&state=", "&scope=user%3Aprofile&state=", "twice"),
        ("https://claude.com", "https://[claude.com", "damaged"),
        ("https://claude.com", "https://claude.com:99999", "damaged"),
    ],
)
def test_a_wrong_address_is_told_from_the_right_one(old: str, new: str, problem: str) -> None:
    assert old in LONG
    url = check_sign_in_link(LONG.replace(old, new, 1))
    assert url.judgement == "refused"
    assert problem in url.verdict
    assert url.verdict.startswith("don't open")
