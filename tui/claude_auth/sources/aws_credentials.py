"""Amazon's own credentials: every place that can sign for a provider on AWS [behaviour.md 2 and 8]."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from claude_auth.claude_code.destination import aws_region
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import AwsProfile, AwsSession, CommandRun, HeaderValue
from claude_auth.security.sanitize import shown_command, shown_path, shown_value
from claude_auth.sources.source import RUNNING_TELLS, SlotPart

if TYPE_CHECKING:
    from claude_auth.formats.outputs import ExportedCredentials

_EXPORT = "awsCredentialExport"
SIGNATURE = "AWS4-HMAC-SHA256"

#: Parts that sign by a profile.
PROFILE_PARTS = frozenset({"aws-profile", "aws-default-profile"})


def _signature(part: str, identity: str | None) -> HeaderValue:
    return HeaderValue(part, SIGNATURE, None, identity)


def profile_in_use(view: EffectiveConfig) -> AwsProfile | None:
    """The one that AWS_PROFILE names, as it is: AWS does not trim it; the default one where it names none."""
    named = view.secret("AWS_PROFILE")
    return view.snapshot.aws.profiles.get("default" if named is None else named.reveal())


# ── what signs ───────────────────────────────────────────────────────────────────────────────────


def exported(run: CommandRun) -> ExportedCredentials | str:
    """The credentials that awsCredentialExport printed, or why they are not taken."""
    if run.exit_code is None:
        return run.problem or "it gave no answer"
    if run.exit_code != 0:
        return f"it ended with exit code {run.exit_code}"
    from claude_auth.formats.outputs import read_exported_credentials

    return read_exported_credentials(run.stdout.reveal())


def _by_export(view: EffectiveConfig) -> HeaderValue | None:
    if view.setting(_EXPORT) is None:
        return None
    run = view.run_of(_EXPORT)
    if run is None or run.withheld:
        return _signature("aws-credential-export", None)
    answer = exported(run)
    return None if isinstance(answer, str) else _signature("aws-credential-export", answer.access_key_id)


def _by_profile(view: EffectiveConfig, part: str) -> HeaderValue | None:
    profile, is_named = profile_in_use(view), view.secret("AWS_PROFILE") is not None
    if profile is None or profile.provider == "none" or is_named != (part == "aws-profile"):
        return None
    if role_problem(view, profile) is not None:
        return None  # then the SDK asks what the machine itself gives
    return _signature(part, profile.access_key_id if profile.provider == "static" else None)


def _by_environment(view: EffectiveConfig) -> HeaderValue | None:
    key, secret = view.secret("AWS_ACCESS_KEY_ID"), view.secret("AWS_SECRET_ACCESS_KEY")
    if key is None or secret is None or view.secret("AWS_PROFILE") is not None:
        return None
    return _signature("aws-environment", key.reveal())  # sent with its white space [seen, 2.1.328]


def _by_machine(view: EffectiveConfig) -> HeaderValue | None:
    return None if ambient_aws(view) is None else _signature("aws-ambient", None)


_WEB_IDENTITY = "a web identity token"


def ambient_aws(view: EffectiveConfig) -> str | None:
    """What of this machine would give AWS credentials without any file or key; None where nothing would."""
    for name, words in (
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "the container's task role"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "the container's credentials endpoint"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", _WEB_IDENTITY),
    ):
        needs_role = name == "AWS_WEB_IDENTITY_TOKEN_FILE" and view.secret("AWS_ROLE_ARN") is None
        if view.secret(name) is not None and not needs_role:
            return words
    if view.is_on("AWS_EC2_METADATA_DISABLED"):
        return None
    on_amazon = "amazon" in (view.snapshot.machine.vendor or "").lower()
    if on_amazon or view.text("AWS_EC2_METADATA_SERVICE_ENDPOINT"):
        return "the role of this EC2 instance"
    return None


def aws_keys_mismatch(view: EffectiveConfig) -> str | None:
    """Why AWS refuses the keys of the environment, whatever they are: a temporary one needs its session
    token, a permanent one has none."""
    key, token = view.text("AWS_ACCESS_KEY_ID"), view.secret("AWS_SESSION_TOKEN")
    if key.startswith("ASIA") and token is None:
        return "AWS_ACCESS_KEY_ID is temporary, AWS_SESSION_TOKEN is not set"
    if key.startswith("AKIA") and token is not None:
        return "AWS_ACCESS_KEY_ID is permanent, AWS_SESSION_TOKEN is set"
    return None


# ── a profile that can't sign ────────────────────────────────────────────────────────────────────


def role_problem(view: EffectiveConfig, profile: AwsProfile, visited: tuple[str, ...] = ()) -> str | None:
    """Why the role of a profile can't be assumed, as far as files and variables tell; None where that is not
    known, or where it assumes none."""
    if profile.provider != "assume-role":
        return None
    if profile.credential_source is not None:
        return _source_problem(view, profile.name, profile.credential_source)
    source = profile.source_profile or ""
    start = view.snapshot.aws.profiles.get(source)
    if start is None:
        shown = shown_value("profile", source, 60)
        return f"profile {profile.name} builds on {shown} (source_profile), which is in neither AWS file"
    if source in visited:
        return f"profile {profile.name} builds on itself"
    if start.has_keys:
        return None
    if start.provider == "none" and start.credential_source is None:
        return f"profile {profile.name} builds on {start.name}, which holds no credentials"
    if start.provider == "none":
        return _source_problem(view, start.name, start.credential_source or "")
    return role_problem(view, start, (*visited, source))


_CREDENTIAL_SOURCES = ("Ec2InstanceMetadata", "EcsContainer", "Environment")


def _source_problem(view: EffectiveConfig, name: str, source: str) -> str | None:
    if source not in _CREDENTIAL_SOURCES:
        shown = shown_value("credential_source", source, 40)
        return f"credential_source {shown} of profile {name} is none of {', '.join(_CREDENTIAL_SOURCES)}"
    pair = (view.secret("AWS_ACCESS_KEY_ID"), view.secret("AWS_SECRET_ACCESS_KEY"))
    if source != "Environment" or None not in pair:
        return None
    return f"profile {name} starts from the keys of the environment, and there is no complete pair of them"


def _built_on(view: EffectiveConfig, part: str) -> Iterator[AwsProfile]:
    """The profile that a part signs by, and those that its role starts from."""
    profile = profile_in_use(view) if part in PROFILE_PARTS else None
    seen: set[str] = set()
    while profile is not None and profile.name not in seen:
        yield profile
        seen.add(profile.name)
        role = profile.provider == "assume-role"
        profile = view.snapshot.aws.profiles.get(profile.source_profile or "") if role else None
        if profile is not None and profile.has_keys:
            return


def sign_in_problem(view: EffectiveConfig, part: str) -> str | None:
    """Why a profile or a web identity can't sign that a part would sign by, and no other place is asked then;
    None where a sign-in is live or can be renewed, or nothing of it is known."""
    unread = view.snapshot.aws.identity
    if part == "aws-ambient" and unread is not None and ambient_aws(view) == _WEB_IDENTITY:
        return f"the web identity token can't be read from {shown_path(unread[0])}: {unread[1].text}"
    for profile in _built_on(view, part):
        if profile.wants_code:
            return f"profile {profile.name} wants a code for its role, which Claude Code can't ask for"
        if profile.lacks:
            return f"the single sign-on of profile {profile.name} lacks {', '.join(profile.lacks)}"
    session = aws_session(view, part)
    if session is None or session.state in {"live", "refreshable"}:
        return None
    if session.state == "missing":
        return f"nobody has signed in to AWS for profile {session.profile}"
    why = "can't be read" if session.state == "damaged" else "has expired"
    return f"the AWS sign-in of profile {session.profile} {why}"


def aws_session(view: EffectiveConfig, part: str) -> AwsSession | None:
    """The single sign-on that a part signs by; None where it signs otherwise."""
    named = {profile.name for profile in _built_on(view, part) if profile.provider == "sso"}
    return next((session for session in view.snapshot.aws.sessions if session.profile in named), None)


# ── in words ─────────────────────────────────────────────────────────────────────────────────────


def aws_details(view: EffectiveConfig) -> list[tuple[str, str]]:
    """The region and everything that could sign."""
    region, origin = aws_region(view)
    return [
        ("region", f"{region} ({origin})"),
        *(("AWS credentials", words) for words in _credentials_in_words(view)),
    ]


def _credentials_in_words(view: EffectiveConfig) -> list[str]:
    """Everything that could sign, in the order in which Claude Code looks."""
    export, default = view.setting(_EXPORT), view.snapshot.aws.profiles.get("default")
    name, key = view.secret("AWS_PROFILE"), view.secret("AWS_ACCESS_KEY_ID")
    incomplete = "" if view.secret("AWS_SECRET_ACCESS_KEY") is not None else ", without its secret"
    found = (
        export and f"{_EXPORT}: {shown_command(export.value.reveal(), 80)}",
        name
        and f"AWS_PROFILE={shown_value('AWS_PROFILE', name.reveal(), 60)}: {_in_words(profile_in_use(view))}",
        key and f"environment: {shown_value('AWS_ACCESS_KEY_ID', key.reveal(), 40)}{incomplete}",
        default and f"[default]: {_in_words(default)}",
        ambient_aws(view),
    )
    return [words for words in found if words]


_PROFILE_KINDS = {
    "sso": "single sign-on",
    "assume-role": "assumes a role",
    "web-identity": "web identity",
    "process": "runs a credential_process",
    "login": "console login",
    "none": "no credentials",
}


def _in_words(profile: AwsProfile | None) -> str:
    if profile is None:
        return "not in the AWS files"
    key = profile.access_key_id or "keys"
    return key if profile.provider == "static" else _PROFILE_KINDS[profile.provider]


#: What signs for each provider on AWS.
AWS_PARTS = (
    SlotPart("aws-credential-export", _EXPORT, authorization=_by_export, unknown_until=RUNNING_TELLS),
    SlotPart("aws-profile", "AWS_PROFILE", authorization=lambda view: _by_profile(view, "aws-profile")),
    SlotPart("aws-environment", "AWS keys in the environment", authorization=_by_environment),
    SlotPart(
        "aws-default-profile",
        "AWS profile [default]",
        authorization=lambda view: _by_profile(view, "aws-default-profile"),
    ),
    SlotPart("aws-ambient", "AWS role of this machine", authorization=_by_machine),
)
