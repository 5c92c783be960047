"""What the account or the organisation does not allow."""

from __future__ import annotations

from claude_auth.diagnose.cause import SIGN_IN_AGAIN, UNSET_KEY, Cause, act
from claude_auth.model import Fix

_ADMINISTRATOR = Fix("ask an administrator of the organisation")

CAUSES: tuple[Cause, ...] = (
    Cause(
        "account-on-hold",
        "The account is on hold",
        "Anthropic has put the account on hold. The credential is in order; no sign-in, key or file here "
        "changes that. The page that the message names tells why and takes an appeal.",
        (120,),
        fixes=(Fix("see why, or appeal: https://claude.ai/restricted"),),
        certainty="seen",
        phrases="95: account is on hold, account on hold, is on hold and cant sign in",
    ),
    Cause(
        "payment-past-due",
        "A payment of the subscription is past due",
        "The subscription can't be used until it is paid or renewed. The login is in order.",
        (121,),
        fixes=(
            Fix("pay or renew, then wait some minutes: https://claude.ai/settings/billing"),
            Fix("or use an API key meanwhile", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'),
        ),
        certainty="seen",
        phrases="""
            95: payment is past due, cant use your claude subscription
            70 ours: payment past due, past due payment, subscription is past due
        """,
    ),
    Cause(
        "api-keys-disabled",
        "The organisation does not allow API keys",
        "The key is a good one, but the organisation has switched off API keys: only a sign-in with the "
        "account is taken.",
        (122,),
        fixes=(UNSET_KEY, act("sign-in", "sign in with the account")),
        certainty="seen",
        sent="anthropic-api-key api-key-helper managed-key api-key-file-descriptor custom-headers",
        phrases="""
            95: organization has disabled api key authentication, api key authentication is disabled, api keys
                are disabled for, has disabled api keys, api key access is disabled
        """,
    ),
    Cause(
        "session-too-old",
        "The sign-in is too old for what is asked",
        "The session has not expired, but what was asked (more scopes, a setting) needs a fresh sign-in.",
        (124,),
        fixes=(SIGN_IN_AGAIN,),
        certainty="seen",
        sent="stored-login",
        also="session-invalid",
        phrases="95: session_stale_relogin, too old for the requested scope, session is too old",
    ),
    Cause(
        "device-not-enrolled",
        "This device is not enrolled as a trusted one",
        "The organisation lets only trusted devices use this. Signing in with /login inside Claude Code on "
        "this computer enrols the device; `claude auth login` does not.",
        (128,),
        fixes=(Fix("start claude on this computer and type /login", "claude"), _ADMINISTRATOR),
        certainty="seen",
        phrases="""
            95: requires trusted devices, this device is not enrolled, trusted-device check, not a trusted
                device, requires a trusted device, trusted device for your account, prove it is the computer
                the session is bound to, enroll this device, enrolled as a trusted device, no trusted-device
                token
        """,
    ),
    Cause(
        "sign-in-restricted",
        "The organisation restricts who may sign in, and where",
        "Managed settings of this computer, or of the organisation, demand one kind of sign-in, one "
        "organisation or one provider, or they could not be read. `claude auth login` in a terminal names "
        "the rule.",
        (132,),
        fixes=(act("sign-in", "see which rule it is"), _ADMINISTRATOR),
        certainty="seen",
        also="login-method-forced organisation-forced",
        seen_by="managed-policy organisation-mismatch",
        phrases="""
            94: login blocked, enforceanthropicsignin, allowedproviders, managed settings allow no
                organization to sign in, you signed in to an organization that, no organization is permitted
                to log in, require a different sign-in method, managed settings require a sign-in to
                anthropic, settings require a console sign-in, limit the organizations you can sign in to,
                policy could not be satisfied or verified, requires them before a session can start, which it
                requires before a session can start, organizations policy could not be loaded, load your
                organizations managed settings, couldnt load your organizations settings, the refused sign-in
                could not be fully undone, managed settings dont allow, which it requires before this sign-in
                can be used, couldnt load your organizations policy, could not get your organizations settings
            70: forceloginmethod
            55 ours: managed settings; near: login signin sign provider; alone: 40
        """,
    ),
    Cause(
        "feature-disabled-by-organisation",
        "The organisation has switched this feature off",
        "A policy of the organisation forbids the feature. Nothing on this machine is at fault, and no "
        "sign-in changes it: ask an administrator of the organisation.",
        (132,),
        fixes=(_ADMINISTRATOR,),
        certainty="seen",
        phrases="""
            75: your organization has disabled; unless: subscriptionaccess
            92: usage is paused for your organization, turned off by your administrator, your organization
                doesnt allow, check your organization permissions, remote control is not enabled for your
                account, remote control is not yet enabled, not available for your organization, your
                organization has turned off, are disabled by your organizations policy, is disabled by your
                organizations policy, has been disabled by your organization, have been disabled by your
                organization, disabled by your organizations administrator, not enabled for your organization,
                blocked by your organizations policy, turned off by your organization, isnt enabled for your
                organization, verify your organizations policy, not allowed by your organizations policy, has
                not been enabled for your organization
            70 ours: by your organizations policy, disabled by your organization
        """,
    ),
    Cause(
        "feature-needs-claude-login",
        "The feature needs a sign-in with a claude.ai account",
        "What is asked for (Remote Control, cloud sessions, artifacts, voice, teleport) works with a "
        "claude.ai login alone. The key, token, Console sign-in or provider that is used here works for the "
        "model, not for this.",
        (133,),
        fixes=(
            act("panel.wire", "see what is used, and unset what comes before the login"),
            act("sign-in", "sign in with the subscription"),
        ),
        certainty="seen",
        also="needs-full-login",
        phrases="""
            93: requires a claude.ai subscription, only available with claude.ai, needs a claude.ai, requires
                a claude account, requires a claude.ai account, need a claude.ai login, require a claude.ai
                login, requires claude.ai account access, need a claude.ai sign-in, require a claude.ai
                subscription, need a claude.ai account, require a claude.ai account, requires a claude.ai
                login, requires a claude.ai sign-in, needs a claude subscription, not authenticated with a
                claude.ai account, need to authenticate with a claude.ai account, you must be logged in to use
                remote control, api accounts are not supported, need a sign-in with a claude account, not
                signed in to your claude account, not signed in to claude.ai, isnt enabled for this account,
                not signed in to claude run, with your claude.ai account not console, run login and select
                claude account with, does not provide claude.ai credentials, the login token does not include
                the, long-lived tokens from claude setup-token, token lacks the scope for
            80: needs a saved login
        """,
    ),
    Cause(
        "account-changed",
        "Another account was signed in on this machine meanwhile",
        "What runs was begun under one Claude account or organisation; the login that is stored now is "
        "another one. The sign-in works, what was begun belongs to the former account.",
        (133,),
        fixes=(
            act("accounts", "see which account is signed in"),
            act("sign-in", "start it anew, or sign in with the former account"),
        ),
        certainty="seen",
        phrases="""
            94: account or organization changed on this machine, belongs to a different claude.ai account,
                resolves to a different claude.ai account, account changed via, account changed while, is in
                another organization, belongs to an account and organization that, account has changed, not
                match the claude account and organization, do not agree on which claude account, claude
                account is still the one that was signed in, ran under more than one organization
        """,
    ),
)
