"""What one profile leads to, as AWS's JavaScript SDK follows it: Claude Code is built on that one.

Its order within a profile: role, keys, web identity, process, single sign-on, console login; boto3's differs.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, replace
from typing import Literal

from claude_auth.cloud.aws.files import AwsSeen, Profile, shown_name
from claude_auth.formats.cloud_files import NOT_THERE, TokenState, cache_name, read_bedrock_key
from claude_auth.model import Fix
from claude_auth.security.sanitize import clean, shown_command, shown_path, shown_sentence, shown_value
from claude_auth.security.secret import Secret
from claude_auth.words import left, span

CredentialKind = (
    Literal["bearer", "export", "environment", "static", "assume-role", "web-identity"]
    | Literal["process", "sso", "login", "container", "instance", "none"]
)

#: Whoever is to agree to a command sees all of it.
LONGEST_COMMAND = 20_000
_LONGEST_CHAIN = 20
_SSO_KEYS = ("sso_session", "sso_start_url", "sso_account_id", "sso_region", "sso_role_name")
_SOURCES: dict[str, tuple[CredentialKind, str]] = {
    "Environment": ("environment", "the keys of the environment"),
    "EcsContainer": ("container", "the container's credentials endpoint"),
    "Ec2InstanceMetadata": ("instance", "the role of this EC2 instance"),
}


@dataclass(frozen=True, slots=True)
class CloudProblem:
    """Why a step would not give credentials, in one sentence, and what to do."""

    text: str
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class SsoState:
    """The single sign-on behind a profile, and its token as the cache has it."""

    session: str | None
    start_url: str
    region: str
    account: str
    role: str
    state: TokenState
    expires_at: float | None
    registration_ends_at: float | None
    cache_path: str


@dataclass(frozen=True, slots=True)
class CredentialRoute:
    """Where a profile's credentials come from. `roles`: ARNs in the order in which they are assumed.
    `command_mark` tells two commands apart that are shown alike."""

    kind: CredentialKind
    label: str
    access_key_id: str | None = None
    roles: tuple[str, ...] = ()
    through: tuple[str, ...] = ()
    sso: SsoState | None = None
    command: str | None = None
    command_in: str | None = None
    command_mark: str = ""
    problems: tuple[CloudProblem, ...] = ()


def follow(seen: AwsSeen, name: str, visited: tuple[str, ...] = ()) -> CredentialRoute:
    """The route of a profile that is there; `visited` are the profiles whose `source_profile` led here."""
    profile = seen.profiles[name]
    role, token_file = profile.get("role_arn"), profile.get("web_identity_token_file")
    if visited and profile.is_static:
        return _static(seen, profile)
    if role and (profile.get("source_profile") or profile.get("credential_source")):
        return _role(seen, profile, visited)
    if profile.is_static:
        return _static(seen, profile)
    if token_file and role:
        return _web_identity(seen, token_file, role, "the profile")
    if profile.get("credential_process"):
        command = Secret(profile.get("credential_process") or "")
        label = f"runs {shown_command(command.reveal())}"
        whole, mark = shown_command(command.reveal(), LONGEST_COMMAND), command.fingerprint
        return CredentialRoute(
            "process", label, command=whole, command_in=profile.process_in, command_mark=mark
        )
    if any(profile.get(key) for key in _SSO_KEYS):
        return _sso(seen, profile)
    if profile.get("login_session"):
        return CredentialRoute("login", "the console login of `aws login`")
    return CredentialRoute("none", "no credentials", problems=(_nothing_in(profile),))


def _nothing_in(profile: Profile) -> CloudProblem:
    name = shown_name(profile.name)
    if profile.get("role_arn"):
        return CloudProblem(
            f"profile {name} has a role_arn, but neither source_profile nor credential_source"
        )
    if profile.get("aws_access_key_id"):
        return CloudProblem(f"profile {name} has an access key id without its secret access key")
    if profile.has_secret:
        return CloudProblem(f"profile {name} has a secret access key without its access key id")
    return CloudProblem(f"profile {name} holds no credentials, only settings")


def _static(seen: AwsSeen, profile: Profile) -> CredentialRoute:
    key = shown_value("AWS_ACCESS_KEY_ID", profile.get("aws_access_key_id") or "", 40)
    problems = []
    if key.startswith("ASIA") and not profile.has_token:
        name = shown_name(profile.name)
        problems.append(
            CloudProblem(f"{key} is a temporary key, and profile {name} lacks its aws_session_token")
        )
    where = profile.static_in or seen.credentials_path
    return CredentialRoute(
        "static", f"keys in {shown_sentence(where)}", access_key_id=key, problems=tuple(problems)
    )


def _role(seen: AwsSeen, profile: Profile, visited: tuple[str, ...]) -> CredentialRoute:
    role = shown_value("role_arn", profile.get("role_arn") or "")
    name = shown_name(profile.name)
    problems: list[CloudProblem] = []
    if profile.get("mfa_serial"):
        text = f"profile {name} wants an MFA code for its role, and Claude Code has no way to ask for one"
        get = f"aws configure export-credentials{profile_option(profile.name)} --format env"
        by_hand = Fix("Get credentials by hand and put them into the environment", get)
        problems.append(CloudProblem(text, (by_hand,)))
    source, place = profile.get("source_profile"), profile.get("credential_source")
    if source and place:
        problems.append(CloudProblem(f"profile {name} has both source_profile and credential_source"))
    route = CredentialRoute("none", "nothing")
    through: tuple[str, ...] = (name,)
    if source is None:
        route = _credential_source(seen, place or "")
    elif source not in seen.profiles:
        text = f"profile {name} builds on {shown_name(source)}, which is in neither file"
        problems.append(CloudProblem(text))
    elif source in visited or len(visited) > _LONGEST_CHAIN:
        chain = " → ".join(shown_name(step) for step in (*visited, source)[-6:])
        problems.append(CloudProblem(f"the profiles build on each other in a circle: {chain}"))
    else:
        route = follow(seen, source, (*visited, source))
        through = (name, *(route.through or (shown_name(source),)))
    return replace(
        route,
        kind="assume-role",
        label=f"assumes {role}, starting from {route.label}",
        roles=(*route.roles, role),
        through=through,
        problems=(*problems, *route.problems),
    )


def _credential_source(seen: AwsSeen, place: str) -> CredentialRoute:
    if place not in _SOURCES:
        shown = shown_value("credential_source", place, 40)
        text = f"credential_source {shown} is none of {', '.join(_SOURCES)}"
        return CredentialRoute("none", "nothing", problems=(CloudProblem(text),))
    kind, label = _SOURCES[place]
    if kind != "environment":
        return CredentialRoute(kind, label)
    key = seen.variable("AWS_ACCESS_KEY_ID")
    if key is None or seen.variable("AWS_SECRET_ACCESS_KEY") is None:
        text = "credential_source says Environment, where no complete pair of keys stands"
        return CredentialRoute(kind, label, problems=(CloudProblem(text),))
    return CredentialRoute(kind, label, shown_value("AWS_ACCESS_KEY_ID", key, 40))


def _web_identity(seen: AwsSeen, path: str, role: str | None, where: str) -> CredentialRoute:
    problems = []
    if path not in seen.readable:
        problems.append(CloudProblem(f"the token file {shown_path(path)} can't be read"))
    if not role:
        problems.append(CloudProblem("AWS_ROLE_ARN, the role to assume with the token, is not set"))
    shown = shown_value("role_arn", role or "?")
    label = f"web identity: assumes {shown} with the token of {shown_path(path)} ({where})"
    return CredentialRoute("web-identity", label, roles=(shown,), problems=tuple(problems))


def web_identity_of_environment(seen: AwsSeen) -> CredentialRoute | None:
    path = seen.variable("AWS_WEB_IDENTITY_TOKEN_FILE")
    if path is None:
        return None
    return _web_identity(seen, path, seen.variable("AWS_ROLE_ARN"), "the environment")


# ── single sign-on ───────────────────────────────────────────────────────────────────────────────


def _sso(seen: AwsSeen, profile: Profile) -> CredentialRoute:
    session_name = profile.get("sso_session")
    session = seen.sessions.get(session_name or "", {})
    start_url = profile.get("sso_start_url") or session.get("sso_start_url") or ""
    region = profile.get("sso_region") or session.get("sso_region") or ""
    account, role = profile.get("sso_account_id") or "", profile.get("sso_role_name") or ""
    cache_file = cache_name(session_name or start_url)
    token = seen.tokens.get(cache_file, NOT_THERE)
    state = SsoState(
        session=shown_value("session", session_name, 80) if session_name else None,
        start_url=shown_value("start_url", start_url),
        region=shown_value("region", region, 40),
        account=shown_value("account", account, 40),
        role=shown_value("role", role, 80),
        state=token.state(seen.now, by_session=session_name is not None),
        expires_at=token.expires_at,
        registration_ends_at=token.registration_ends_at,
        cache_path=os.path.join(seen.cache_folder, cache_file),
    )
    problems = list(_incomplete_sso(profile, session_name, session_name in seen.sessions, state))
    if not problems:
        problems += _token_problem(seen, profile, state)
    label = f"single sign-on at {state.start_url or '?'}: {state.role or '?'} in {state.account or '?'}"
    return CredentialRoute("sso", label, roles=(), sso=state, problems=tuple(problems))


def _incomplete_sso(
    profile: Profile, session_name: str | None, session_there: bool, state: SsoState
) -> tuple[CloudProblem, ...]:
    name = shown_name(profile.name)
    if session_name is not None and not session_there:
        return (
            CloudProblem(
                f"profile {name} names the sso-session {state.session}, which the config file lacks"
            ),
        )
    keys = ("sso_start_url", "sso_region", "sso_account_id", "sso_role_name")
    values = (state.start_url, state.region, state.account, state.role)
    missing = [key for key, value in zip(keys, values, strict=True) if not value]
    return (CloudProblem(f"profile {name} lacks {', '.join(missing)}"),) if missing else ()


def profile_option(name: str | None) -> str:
    """For a command to copy: quoted, and left out where the name can't be shown as it is."""
    return f" --profile {shlex.quote(name)}" if name and name == clean(name, 200) else ""


def console_login(profile: str | None, over_ssh: bool) -> str:
    """`aws login`, of aws 2.32 and later; over SSH its page is for a browser elsewhere [doc]."""
    return f"aws login{profile_option(profile)}{' --remote' if over_ssh else ''}"


def sign_in_fixes(profile: str | None, over_ssh: bool) -> tuple[Fix, ...]:
    """`aws sso login`; over SSH with a code, since the browser there can't reach a listener here."""
    command = f"aws sso login{profile_option(profile)}"
    if over_ssh:
        title = "Sign in again, with a code for a browser elsewhere (aws before 2.22: without the options)"
        return (Fix(title, f"{command} --use-device-code --no-browser"),)
    return (Fix("Sign in again", command),)


def _token_problem(seen: AwsSeen, profile: Profile, state: SsoState) -> list[CloudProblem]:
    fixes = sign_in_fixes(profile.name, seen.over_ssh)
    if state.state == "missing":
        return [CloudProblem("nobody has signed in: the cache holds no token of this sign-in", fixes)]
    if state.state == "damaged":
        return [CloudProblem(f"the token in {shown_path(state.cache_path)} can't be read", fixes)]
    if state.state == "expired":
        return [CloudProblem("the sign-in has expired", fixes)]
    return []


# ── a Bedrock API key ────────────────────────────────────────────────────────────────────────────

#: Where requests go to a gateway, that decides what a key looks like.
_GATEWAYS = ("ANTHROPIC_BEDROCK_BASE_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL")


def bearer_route(value: str, seen: AwsSeen) -> CredentialRoute:
    """The key in words, and what is wrong with it here."""
    key = read_bedrock_key(value)
    if key.kind == "unknown" and any(seen.variable(name) for name in _GATEWAYS):
        return CredentialRoute("bearer", "a token for the gateway that stands in for Bedrock")
    if key.kind == "unknown":
        text = (
            "AWS_BEARER_TOKEN_BEDROCK starts neither with ABSK nor with bedrock-api-key-, as every key does"
        )
        return CredentialRoute(
            "bearer", "a Bedrock API key of an unknown form", problems=(CloudProblem(text),)
        )
    if key.kind == "long-term":
        return CredentialRoute("bearer", f"a long-term Bedrock API key of {key.user or 'an unknown user'}")
    problems = []
    lasts = ""
    if key.expires_at is not None:
        rest = key.expires_at - seen.now
        lasts = f", at most {left(rest)}" if rest > 0 else ""
        if rest <= 0:
            problems.append(CloudProblem(f"the short-term Bedrock API key expired {span(-rest)} ago"))
    if key.region and key.region != seen.region[0]:
        words = f"the Bedrock API key is for {key.region}, and requests go to {seen.region[0]}"
        problems.append(CloudProblem(words))
    label = f"a short-term Bedrock API key of {key.access_key_id or '?'}{lasts}"
    return CredentialRoute("bearer", label, key.access_key_id, problems=tuple(problems))
