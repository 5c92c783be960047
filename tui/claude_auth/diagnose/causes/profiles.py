"""Anthropic profiles and workload identities: what is neither a claude.ai login nor a key."""

from __future__ import annotations

from claude_auth.claude_code.destination import AWS_PROVIDERS
from claude_auth.diagnose.cause import Cause, MachineRule, RuleMatch
from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.model import Damage, Fix

#: A claude.ai sign-in does not mend a profile.
PROFILE_FIXES = (
    Fix("sign the profile in again", "ant auth login"),
    Fix("or start claude, type /login and choose the Console account", "claude"),
    Fix("or go on without the profile", "unset ANTHROPIC_PROFILE"),
)


def _identity_token_missing(s: DiagnosisContext) -> RuleMatch | None:
    """`ANTHROPIC_IDENTITY_TOKEN_FILE`, or with Bedrock `AWS_WEB_IDENTITY_TOKEN_FILE`, names a file that is
    not there, can't be read or is empty."""
    found = _unread_token(s)
    if found is None:
        return None
    variable, path, why, source = found
    blocked = s.resolution.blocked
    stops = (blocked is not None and blocked.source == source) or source in s.sent()
    fixes = (
        Fix(f"have the file written again by what mounts or makes it, or let {variable} name the right one"),
        Fix("or go without it", f"unset {variable}"),
    )
    return RuleMatch(f"{variable} names {path}: {why}", fixes, source, severity=None if stops else "info")


def _unread_token(s: DiagnosisContext) -> tuple[str, str, str, str] | None:
    """The variable, the path, why, and the row of a slot that needs it."""
    ours, amazons = s.snapshot.identity, s.snapshot.aws.identity
    if s.resolution.provider in AWS_PROVIDERS and amazons is not None:
        return "AWS_WEB_IDENTITY_TOKEN_FILE", amazons[0], amazons[1].text, "aws-ambient"
    federated = s.reading("federation").state == "present"
    if not federated or ours is None or ours.value is not None:
        return None
    damage = ours.damage or Damage("empty", "the file is empty")
    return "ANTHROPIC_IDENTITY_TOKEN_FILE", ours.path, damage.text, "federation"


CAUSES: tuple[Cause, ...] = (
    Cause(
        "profile-login-ended",
        "The sign-in of the Anthropic profile has ended",
        "The profile's token has expired and can't be renewed, or its file can't be used. No claude.ai "
        "login is involved: renew the profile with what made it (a Console sign-in, `ant auth login`), or "
        "leave it with ANTHROPIC_PROFILE unset.",
        (123,),
        fixes=PROFILE_FIXES,
        sent="profile",
        also="profile-not-picked-up",
        phrases="""
            96: anthropic profile login expired, profile login expired, failed to authenticate anthropic
                profile, anthropic profile has expired, this sessions profile isnt here;
                hides: access-token-expired login-deadline-passed refresh-race tokens-wiped clock-wrong
            90: has expired and no refresh is available, names a profile that gives no credential,
                anthropic_profile is set and isnt a valid profile name, profile credential unavailable, the
                profiles credentials file could not be read, the profile credential could not, console sign-in
                saved on this computer, cant use anthropic console sign-in, user_oauth config requires,
                rejected the profile credential, anthropic_profile is set so claude code wont use, could not
                be resolved no config_dir
            60: re-authenticate your anthropic profile
            70 ours: ant auth login; alone: 40
        """,
    ),
    Cause(
        "federation-refused",
        "The exchange of the workload's identity token was refused",
        "Workload identity federation swaps an identity token for a short-lived one. The federation rule "
        "does not match the token (issuer, audience, subject, organisation, workspace), the token has "
        "expired, or one that is good for a single use was sent twice (jti_reused).",
        (123,),
        fixes=(
            Fix("compare the federation rule with the token's issuer, audience and subject"),
            Fix("make a fresh identity token for each start, and one for each process"),
        ),
        who="anthropic",
        sent="federation",
        also="profile-not-picked-up",
        phrases="""
            90: wif credentials, oidc_federation config requires
            95: ensure your federation rule matches, the identity token was rejected, jti_reused, workload
                identity federation could not obtain, check the federation rule, identity token has already
                been used, identity token was already used, no matching federation rule, federation rule not
                found, identity token has expired
            85: token exchange failed with status, check your workload-identity setup
            70 ours: federation rule, workload identity federation
        """,
    ),
    Cause(
        "identity-token-missing",
        "The file of the workload's identity token can't be read",
        "A workload signs in with an identity token that its platform writes into a file. Without the file "
        "there is nothing to exchange, and no other credential is used in its place.",
        rule=MachineRule("error", _identity_token_missing),
    ),
)
