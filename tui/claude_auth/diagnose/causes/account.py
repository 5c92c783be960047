"""The account, its plan and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING

from claude_auth.diagnose.cause import (
    SIGN_IN_AGAIN,
    SIGN_IN_WITH_PLAN,
    SUPPORT,
    UNSET_KEY,
    USE_CLAUDE,
    USE_CONSOLE_KEY,
    Answer,
    Cause,
    MachineRule,
    RuleMatch,
    act,
)
from claude_auth.diagnose.causes.sent import key_is_sent
from claude_auth.diagnose.context import DiagnosisContext, joined
from claude_auth.model import Fix
from claude_auth.security.secret import Secret
from claude_auth.words.times import ago

if TYPE_CHECKING:
    from claude_auth.model import StoreReading
    from claude_auth.model.surroundings import ConfigDirectory


def _refresh_token_twice(s: DiagnosisContext) -> Answer:
    """Two of the stores of this machine hold the same refresh token: configuration directories of Claude
    Code, its sign-ins at MCP servers, tokens of the SDK and of claw, a profile."""
    places: dict[Secret, dict[str, Fix]] = {}
    for token, place, again in _refresh_tokens(s):
        places.setdefault(token, {}).setdefault(place, again)
    shared = [(token, found) for token, found in places.items() if len(found) > 1]
    if not shared:
        return None
    told = [f"{token.fingerprint} lies in {joined(found)}" for token, found in shared]
    last, again = [*shared[0][1].items()][-1]
    own = again._replace(title=f"{again.title} in {last}, so that each has a login of its own")
    here = any(place == _place(s.snapshot.login) for _, found in shared for place in found)
    return RuleMatch(told[0], (own,), "stored-login" if here else None, more=tuple(told[1:]))


_IN_MCP = Fix("sign in to the server anew, with /mcp in claude", "claude")


def _refresh_tokens(s: DiagnosisContext) -> Iterator[tuple[Secret, str, Fix]]:
    """Each with where it lies, a link followed, and with what makes another one there."""
    for directory in s.more.directories:
        login = s.snapshot.login if directory.is_current else directory.login
        elsewhere = Fix("sign in anew", f"CLAUDE_CONFIG_DIR={quote(directory.path)} claude auth login")
        again = act("sign-in", "sign in anew") if directory.is_current else elsewhere
        in_mcp = ((one.tokens, _IN_MCP) for one in login.mcp)
        for tokens, how in ((login.tokens, again), *in_mcp):
            if tokens is not None and tokens.refresh_token is not None and tokens.is_refreshable:
                yield tokens.refresh_token, _place(login), how
    for store, how in (
        (s.snapshot.sdk_tokens, act("sign-in", "sign in anew", "--store sdk")),
        (s.snapshot.claw_tokens, Fix("sign in anew", "claw login")),
        (s.snapshot.profile_tokens, Fix("sign in anew", "ant auth login")),
    ):
        if store.tokens is not None and store.tokens.refresh_token is not None:
            yield store.tokens.refresh_token, _place(store), how


def _place(store: StoreReading) -> str:
    file = store.origin.file
    return (file.link_target if file is not None else None) or store.origin.path or "the Keychain"


def _accounts_differ(s: DiagnosisContext) -> Answer:
    """Beside a login, Claude Code's files name two accounts: the organisation of the credentials and that of
    the state file, or the account of the state file and that of its cached usage."""
    told = [(words, one.is_current) for one in s.more.directories for words in _differences(one, s)]
    if not told:
        return None
    here = any(is_current for _, is_current in told)
    fix = SIGN_IN_AGAIN._replace(title="sign in again, so that all of them are of one account")
    return RuleMatch(
        told[0][0], (fix,), "stored-login" if here else None, more=tuple(words for words, _ in told[1:])
    )


def _differences(directory: ConfigDirectory, s: DiagnosisContext) -> Iterator[str]:
    state, now = directory.state, s.snapshot.observed_at
    login = s.snapshot.login if directory.is_current else directory.login
    asked = "" if state.account_at is None else f", looked up {ago(state.account_at, now)}"
    mine, theirs = state.organization_id, login.organization_id
    if login.tokens is not None and mine and theirs and mine != theirs:
        yield f"{state.path}: organisation {mine[:8]}…{asked}; {_place(login)}: {theirs[:8]}…"
    usage = state.usage
    if usage is not None and usage.account_id and state.account_id and usage.account_id != state.account_id:
        cached = f"the cached usage of {ago(usage.at, now)} is of {usage.account_id[:8]}…"
        yield f"{state.path}: account {state.account_id[:8]}…{asked}; {cached}"


def _background_service_signed_out(s: DiagnosisContext) -> Answer:
    """Claude Code's background service runs, and noted that it needs a sign-in after the login was last
    written."""
    for directory in s.more.directories:
        service, file = directory.service, directory.login.origin.file
        since = None if service is None else service.sign_in_wanted_since
        if service is None or not service.runs or since is None or file is None or since <= file.modified:
            continue
        words = f"{directory.path}: asked for {ago(since, s.snapshot.observed_at)}, by process {service.pid}"
        return RuleMatch(words, (SIGN_IN_AGAIN,), "stored-login" if directory.is_current else None)
    return None


CAUSES: tuple[Cause, ...] = (
    Cause(
        "refresh-token-twice",
        "The same refresh token lies in two places",
        "A refresh token works once. Whichever place is refreshed first leaves a spent one in the other, and "
        "the next refresh there ends the login, often in both. A copied file is no second login: sign in "
        "anew where it was copied to.",
        rule=MachineRule("warning", _refresh_token_twice, second_look=True),
    ),
    Cause(
        "accounts-differ",
        "Claude Code's files name two accounts",
        "The file with the login and the state file belong together. Where one of them was copied or put "
        "back alone, Claude Code shows one account and uses the login of another.",
        rule=MachineRule("warning", _accounts_differ, second_look=True),
    ),
    Cause(
        "background-service-signed-out",
        "Claude Code's background service waits for a sign-in",
        "The service that runs background sessions could not renew the login and says so in its directory. "
        "It can't open a browser itself: sign in once, and it goes on by itself.",
        rule=MachineRule("warning", _background_service_signed_out, second_look=True),
    ),
    Cause(
        "third-party-extra-usage",
        "Other programs draw on extra usage, not on the plan",
        "The request was taken for one of a third-party program. Those no longer count against a "
        "subscription's limits: they need extra usage on the account, or an API key.",
        (3,),
        fixes=(
            USE_CLAUDE,
            Fix("or switch on extra usage: https://claude.ai/settings/usage"),
            USE_CONSOLE_KEY,
        ),
        certainty="seen",
        phrases="""
            95: third-party apps now draw from your extra usage
            90: third-party apps now draw from
            70: claim it at claude.ai/settings/usage
        """,
    ),
    Cause(
        "token-endpoint-rate-limited",
        "Too many sign-ins or refreshes",
        "The endpoint that issues tokens asks to wait. Repeated failed attempts, scheduled refreshers and "
        "loops without pause bring this about; trying on makes it longer.",
        (15,),
        fixes=(
            act("sign-in", "stop trying, wait as long as Retry-After says, then sign in once"),
            Fix("for automation, use a long-lived token", "claude setup-token"),
        ),
        certainty="seen",
        phrases=r"""
            92 ours: token refresh is rate-limited, token refresh rate limited, refresh rate limited, rate
                limited while refreshing, too many login attempts, oauth rate limited
            80: rate_limit_error … rate limited please try again later, rate limited please try again later …
                rate_limit_error; also: usage-endpoint-rate-limited; gap: 80
            85: v1/oauth/token … 429; gap: 120; look: \b429\b
            85: 429 … v1/oauth/token; gap: 200; look: \b429\b
            90: oauth error request failed with status code 429
        """,
    ),
    Cause(
        "usage-endpoint-rate-limited",
        "The usage display asks too often",
        "The endpoint that tells how much of a plan is used has a limit of its own. The answer says "
        "nothing about the credential: requests to the model still work.",
        (16,),
        fixes=(Fix("let status lines and widgets ask every five minutes or less often"),),
        certainty="seen",
        phrases=r"""
            88: api/oauth/usage … 429; look: \b429\b
            88: 429 … api/oauth/usage; gap: 200; look: \b429\b
        """,
    ),
    Cause(
        "credit-balance-too-low",
        "An API key without credit is used instead of the plan",
        "A credit balance belongs to API keys; a Pro or Max plan has none. So a key is being sent: from "
        "the environment, from settings, or one that a Console login left behind.",
        (25,),
        fixes=(
            UNSET_KEY,
            act("sign-out", "or, where a Console sign-in left it: sign out"),
            SIGN_IN_WITH_PLAN,
            Fix("or add credit: https://platform.claude.com/settings/billing"),
        ),
        seen_by="key-overrides-login",
        here=key_is_sent,
        also="managed-key-lingers key-from-dotenv key-of-another-organisation",
        phrases="85: credit balance is too low, credit balance too low",
    ),
    Cause(
        "key-of-another-organisation",
        "The key belongs to another organisation or has a limit",
        "Where the Console shows credit, compare organisation and workspace: keys draw on their own ones, "
        "and a workspace may have a spending limit.",
        (26,),
        fixes=(Fix("compare the key with the Console's list: https://platform.claude.com/settings/keys"),),
        certainty="not-checkable",
        phrases="""
            95: reached your specified api usage limits, reached your specified workspace api usage limits
            85 ours: api key does not have permission to use the specified resource, invalid authorization for
                organization
        """,
    ),
    Cause(
        "organisation-disabled",
        "The organisation of the key is disabled",
        "Most often a forgotten ANTHROPIC_API_KEY of an organisation that no longer exists stands before a "
        "healthy subscription. Only if no key is set is the account itself suspended, and nothing on this "
        "machine changes that.",
        (77,),
        fixes=(
            Fix("try once without the key", "env -u ANTHROPIC_API_KEY claude -p ok"),
            Fix("if that works: take the key away where it is set", "unset ANTHROPIC_API_KEY"),
            SUPPORT,
        ),
        here=key_is_sent,
        phrases="""
            95: belongs to a disabled organization, organization is suspended, suspended for this organization
            85 ours: organization has been suspended, organization is disabled
            90: this organization has been disabled
        """,
    ),
    Cause(
        "subscription-access-disabled",
        "The organisation does not allow subscriptions in Claude Code",
        "An administrator's policy, or the account's rights have not reached all servers yet. Keep the "
        "login as it is: it can't always be renewed in this state.",
        (78,),
        fixes=(
            Fix("ask the administrator of the organisation to allow it"),
            Fix("or work with an API key", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'),
            SUPPORT,
        ),
        certainty="not-checkable",
        phrases="""
            95: organization does not have access to claude, does not allow claude code for this account,
                doesnt allow claude code for this account, oauth authentication is not allowed for this
                organization, is not allowed to use claude code, claude code is not enabled for your
                organization, claude code access has been disabled, your account no longer has access;
                also: token-revoked plan-required
            92: disabled claude subscription access, managed settings failed to load access denied 403, oauth
                authentication is currently not allowed for this organization
            90: oauth_org_not_allowed
        """,
    ),
    Cause(
        "plan-required",
        "The account in the browser has no plan with Claude Code",
        "Usually the browser is signed in to another account than the one with the plan; sometimes a new "
        "plan is not known everywhere yet. Keep an existing login meanwhile.",
        (79,),
        fixes=(
            Fix("check which account the browser has: https://claude.ai/settings/account"),
            Fix("or use an API key", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'),
        ),
        certainty="not-checkable",
        phrases="""
            95: unable to access claude code, claude subscription required, requires a pro max team or
                enterprise plan
            90 ours: no active subscription, does not include claude code, doesnt include claude code
            90: claude max or pro is required, you need claude max or pro
            85: is required to connect to claude code
        """,
    ),
    Cause(
        "model-not-in-plan",
        "Signed in, but this model or context is not in the plan",
        "The credential is fine. The model that is asked for does not exist, or this account may not use "
        "it or the long context.",
        (82,),
        fixes=(
            Fix("choose another model", "claude --model sonnet"),
            Fix(
                "see whether one is set", "grep -n model ~/.claude/settings.json; env | grep ANTHROPIC_MODEL"
            ),
        ),
        certainty="seen",
        phrases="""
            88: requires a paid subscription, requires a max plan, upgrade your plan to use
            85 ours: not currently available for your account, isnt available for your account
            85: theres an issue with the selected model
            85: is not available with the claude … plan; gap: 20
            90: usage credits required for 1m context
            92: extra usage is required for long context
        """,
    ),
    Cause(
        "action-hides-error",
        "The GitHub action hides what Claude Code said",
        "A run that ends after seconds, with one turn and no cost, was usually refused at the start: the "
        "secret's token is expired or was revoked. A login that is renewed elsewhere also ends copies of "
        "it.",
        (92,),
        fixes=(
            Fix("show the real text: set `show_full_output: true` on the action, for one run"),
            Fix("make a new token and store it without copying", "claude setup-token"),
            Fix("store it", "gh secret set CLAUDE_CODE_OAUTH_TOKEN"),
        ),
        also="setup-token-rejected",
        phrases=r"""
            85: claude execution failed … is_error; gap: 40
            70 ours: result is_error true; alone: 40
            70: is_error true … total_cost_usd 0; also: setup-token-rejected long-lived-token-expired;
                gap: 250; look: total_cost_usd\W{1,6}0(?:\.0+)?(?![\d.])
        """,
    ),
    Cause(
        "region-or-proxy-blocked",
        "The network's address is not served",
        "The server refuses the connection's country or proxy before it looks at the credential. Often the "
        "browser goes through a proxy and the shell does not.",
        (81,),
        fixes=(
            Fix("let the shell use the proxy that works", "export HTTPS_PROXY=http://proxy.example:8080"),
            Fix("see which countries are served: https://www.anthropic.com/supported-countries"),
        ),
        phrases="""
            93: couldnt connect through your proxy, err_proxy_tunnel, proxy refused the tunnel, use a web
                proxy make sure it allows, network edge refused the connection, sign in to network or proxy,
                blocked by the network egress proxy, host_not_allowed, x-deny-reason; also: proxy-refuses
            90: unsupported_country_region_territory, country region or territory not supported, not available
                in your region, type forbidden message request not allowed, oauth error request failed with
                status code 403, failed to connect to api.anthropic.com request failed with status code 403
            85 no-stranger: forbidden … request not allowed, request not allowed … forbidden; gap: 30
            65 ours: request not allowed; alone: 6
            85: app unavailable in region
            60 ours: might not be available in your country; also: base-url-unreachable; alone: 40
        """,
    ),
    Cause(
        "proxy-refuses",
        "The proxy does not let the connection through",
        "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY leads to a proxy that refuses: it wants a user name and "
        "password, these are wrong or not escaped (`@`, `#`, `:` in them), or it does not allow the host.",
        (81,),
        fixes=(
            Fix("write the password with its special characters escaped (`@` as %40, `#` as %23)"),
            Fix("ask who runs the proxy to allow api.anthropic.com and claude.ai"),
        ),
        who="network",
        seen_by="proxy-unusable",
        phrases="93: proxy asked for authentication before it would forward, proxy authentication required",
    ),
)
