"""Where `aws sts get-caller-identity` in the same shell would name somebody else, and why. Pure.

The command line tool looks in an order of its own, botocore's, and sees the shell's variables alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from claude_auth.cloud.aws.files import AwsSeen, Profile, shown_name
from claude_auth.cloud.aws.routes import CredentialKind, CredentialRoute, follow
from claude_auth.model.surroundings import AwsTool
from claude_auth.security.sanitize import shown_path, shown_value

_WORDS: dict[str, str] = {
    "environment": "the keys of the environment",
    "static": "the keys of a profile",
    "assume-role": "a role that a profile assumes",
    "web-identity": "a web identity token",
    "process": "a credential_process",
    "sso": "single sign-on",
    "login": "the console login",
    "container": "the container's endpoint",
    "instance": "the role of this EC2 instance",
    "none": "nobody",
}


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whom `aws` would ask; `stops` is the error it stops with instead."""

    kind: CredentialKind
    profile: str | None = None
    access_key_id: str | None = None
    stops: str | None = None


def profile_variables(tool: AwsTool | None) -> tuple[str, str]:
    """Of the two that name a profile version 2 takes AWS_PROFILE first [seen, 2.9.19], version 1 the other
    one; where the version isn't known, as version 2."""
    found = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
    return found[::-1] if tool is not None and tool.major == 1 else found


def tool_choice(seen: AwsSeen) -> ToolChoice:
    """botocore's order, with the variables of the shell."""
    shell = seen.shell
    named = next((value for name in profile_variables(seen.tool) if (value := shell.get(name))), None)
    if named is not None and named not in seen.profiles:
        return ToolChoice("none", named, stops=f"the profile {shown_name(named)} could not be found")
    key, secret = shell.get("AWS_ACCESS_KEY_ID"), shell.get("AWS_SECRET_ACCESS_KEY")
    if key and not secret:
        return ToolChoice("none", stops="AWS_ACCESS_KEY_ID stands without its secret")
    if key:
        return ToolChoice("environment", None, shown_value("AWS_ACCESS_KEY_ID", key, 40))
    name = named or "default"
    profile = seen.profiles.get(name)
    from_profile = None if profile is None else _of_profile(profile)
    if from_profile == "assume-role":
        return _choice(seen, "assume-role", name)
    if shell.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        return ToolChoice("web-identity")
    if from_profile is not None:
        return _choice(seen, from_profile, name)
    if shell.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") or shell.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        return ToolChoice("container")
    disabled = shell.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true"
    is_there = seen.on_amazon or shell.get("AWS_EC2_METADATA_SERVICE_ENDPOINT")
    return ToolChoice("instance" if is_there and not disabled else "none")


def _of_profile(profile: Profile) -> CredentialKind | None:
    if profile.get("role_arn") and (profile.get("source_profile") or profile.get("credential_source")):
        return "assume-role"
    if profile.get("role_arn") and profile.get("web_identity_token_file"):
        return "web-identity"
    if profile.get("sso_session") or profile.get("sso_start_url"):
        return "sso"
    if profile.is_static:
        return "static"
    if profile.get("login_session"):
        return "login"
    return "process" if profile.get("credential_process") else None


def _choice(seen: AwsSeen, kind: CredentialKind, name: str) -> ToolChoice:
    route = follow(seen, name)
    return ToolChoice(kind, name, route.access_key_id if kind in {"static", "assume-role"} else None)


def _by_version(seen: AwsSeen) -> tuple[str, ...]:
    """Of two variables that name different profiles each version takes another one: said where the version
    isn't known."""
    if seen.tool is not None and seen.tool.major is not None:
        return ()
    first, other = seen.shell.get("AWS_PROFILE"), seen.shell.get("AWS_DEFAULT_PROFILE")
    if not first or not other or first == other:
        return ()
    whose = f"AWS_DEFAULT_PROFILE ({shown_name(other)})"
    return (f"version 1 of `aws` takes {whose} before AWS_PROFILE, version 2 after it",)


def difference(
    seen: AwsSeen, source: str, kind: CredentialKind, route: CredentialRoute | None
) -> tuple[str, ...]:
    """A sentence for each way in which the command line tool would mislead; empty where it agrees."""
    if source == "bedrock-api-key":
        return ("`aws sts get-caller-identity` knows no Bedrock API key: it names your AWS credentials",)
    if source == "aws-credential-export":
        words = "doesn't run awsCredentialExport, so it may name somebody else"
        return (f"`aws sts get-caller-identity` {words}",)
    theirs = tool_choice(seen)
    named = seen.variable("AWS_PROFILE")
    mine = named if source == "aws-profile" else "default" if source == "aws-default-profile" else None
    key = route.access_key_id if route is not None else None
    tool = _tool_words(seen.tool)
    same_place = (theirs.kind, theirs.profile) == (kind, mine)
    if theirs.stops is None and same_place and (theirs.access_key_id or key) == (key or theirs.access_key_id):
        return _by_version(seen)
    they = f"would stop: {theirs.stops}" if theirs.stops else f"would be answered by {_described(theirs)}"
    here = f"profile {shown_name(mine)}" if mine else _WORDS.get(kind, kind)
    why = _reason(seen, theirs)
    return (
        f"`aws sts get-caller-identity` in this shell{tool} {they}; Claude Code uses {here}: {why}",
        *_by_version(seen),
    )


def _tool_words(tool: AwsTool | None) -> str:
    return "" if tool is None or tool.version is None else f" (version {tool.version})"


def _described(choice: ToolChoice) -> str:
    words = _WORDS[choice.kind]
    if choice.profile is not None:
        words = f"profile {shown_name(choice.profile)}"
    return f"{words} ({choice.access_key_id})" if choice.access_key_id else words


def _reason(seen: AwsSeen, theirs: ToolChoice) -> str:
    shell, mine = seen.shell, seen.environment
    deciding = ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE")
    for name in deciding:
        if (shell.get(name) or "") != (mine.get(name) or "") and name in seen.from_settings:
            return f"{name} comes from {shown_path(seen.from_settings[name])}, which the shell doesn't see"
    if theirs.stops and theirs.profile is None:
        return "it passes over a key without its secret"
    by_default = theirs.profile is not None and theirs.profile != shell.get("AWS_PROFILE")
    if by_default and shell.get("AWS_DEFAULT_PROFILE"):
        return "it doesn't look at AWS_DEFAULT_PROFILE"
    if theirs.kind == "environment":
        return "it lets AWS_PROFILE win over keys of the environment, `aws` does the reverse"
    if theirs.kind == "web-identity":
        return "it asks the profile before AWS_WEB_IDENTITY_TOKEN_FILE, `aws` after it"
    return "the two look into a profile in another order"
