"""Amazon Bedrock: the places of AWS credentials that sign for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.claude_code.destination import aws_region
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import AwsProfile, AwsSession, CommandRun, HeaderValue, SourceReading
from claude_auth.security.sanitize import shown_command, shown_value
from claude_auth.sources.source import RUNNING_TELLS, SlotPart, Source, read_switch, with_details

if TYPE_CHECKING:
    from claude_auth.formats.outputs import ExportedCredentials

_ID = "bedrock"
_VARIABLE = "CLAUDE_CODE_USE_BEDROCK"
_EXPORT = "awsCredentialExport"
SIGNATURE = "AWS4-HMAC-SHA256"

#: Parts that may sign by a single sign-on.
SINGLE_SIGN_ON = frozenset({"aws-profile", "aws-default-profile"})


def _signature(part: str, identity: str | None) -> HeaderValue:
    return HeaderValue(part, SIGNATURE, None, identity)


def _profile_of(view: EffectiveConfig) -> AwsProfile | None:
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
    profile, is_named = _profile_of(view), view.secret("AWS_PROFILE") is not None
    if profile is None or profile.provider == "none" or is_named != (part == "aws-profile"):
        return None
    return _signature(part, profile.access_key_id if profile.provider == "static" else None)


def _by_environment(view: EffectiveConfig) -> HeaderValue | None:
    key, secret = view.secret("AWS_ACCESS_KEY_ID"), view.secret("AWS_SECRET_ACCESS_KEY")
    if key is None or secret is None or view.secret("AWS_PROFILE") is not None:
        return None
    return _signature("aws-environment", key.reveal())  # sent with its white space [seen, 2.1.328]


def _by_machine(view: EffectiveConfig) -> HeaderValue | None:
    return None if ambient_aws(view) is None else _signature("aws-ambient", None)


def ambient_aws(view: EffectiveConfig) -> str | None:
    """What of this machine would give AWS credentials without any file or key; None where nothing would."""
    for name, words in (
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "the container's task role"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "the container's credentials endpoint"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "a web identity token"),
    ):
        if view.secret(name) is not None:
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


def aws_session(view: EffectiveConfig, part: str) -> AwsSession | None:
    """The single sign-on that a part signs by; None where it signs otherwise, or where the profile's sign-in
    is described in more than one place."""
    profile = _profile_of(view) if part in SINGLE_SIGN_ON else None
    if profile is None or profile.provider != "sso":
        return None
    return next((s for s in view.snapshot.aws.sessions if s.profile == profile.name), None)


# ── what is there ────────────────────────────────────────────────────────────────────────────────


def _read(view: EffectiveConfig) -> SourceReading:
    reading = read_switch(view, _ID, _VARIABLE)
    aws = view.snapshot.aws
    details: list[tuple[str, str]] = []
    if reading.state == "present" or aws.profiles or view.secret("AWS_ACCESS_KEY_ID"):
        region, origin = aws_region(view)
        details.append(("region", f"{region} ({origin})"))
        details += [("AWS credentials", words) for words in _credentials_in_words(view)]
    details += [("problem", f"{path}: {damage.text}") for path, damage in aws.damage]
    return with_details(reading, details)


def _credentials_in_words(view: EffectiveConfig) -> list[str]:
    """Everything that could sign for Bedrock, in the order in which Claude Code looks."""
    export, default = view.setting(_EXPORT), view.snapshot.aws.profiles.get("default")
    name, key = view.secret("AWS_PROFILE"), view.secret("AWS_ACCESS_KEY_ID")
    incomplete = "" if view.secret("AWS_SECRET_ACCESS_KEY") is not None else ", without its secret"
    found = (
        export and f"{_EXPORT}: {shown_command(export.value.reveal(), 80)}",
        name
        and f"AWS_PROFILE={shown_value('AWS_PROFILE', name.reveal(), 60)}: {_in_words(_profile_of(view))}",
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


SOURCE = Source(
    id=_ID,
    label="Amazon Bedrock",
    family="provider",
    sets="CLAUDE_CODE_USE_BEDROCK; the credentials are AWS's own",
    unset="unset CLAUDE_CODE_USE_BEDROCK",
    bills="the AWS account of the credentials",
    variable=_VARIABLE,
    read=_read,
    parts=(
        SlotPart(
            "aws-credential-export",
            "awsCredentialExport",
            authorization=_by_export,
            unknown_until=RUNNING_TELLS,
        ),
        SlotPart("aws-profile", "AWS_PROFILE", authorization=lambda view: _by_profile(view, "aws-profile")),
        SlotPart("aws-environment", "AWS keys in the environment", authorization=_by_environment),
        SlotPart(
            "aws-default-profile",
            "AWS profile [default]",
            authorization=lambda view: _by_profile(view, "aws-default-profile"),
        ),
        SlotPart("aws-ambient", "AWS role of this machine", authorization=_by_machine),
    ),
    absent="off",
)
