"""Amazon Bedrock."""

from __future__ import annotations

from shlex import quote

from claude_auth.claude_code.destination import AWS_PROVIDERS, aws_region, base_variable, is_region
from claude_auth.diagnose.cause import RESTART, Answer, Cause, MachineRule, RuleMatch, act
from claude_auth.diagnose.causes.bedrock import SSO_SIGN_IN
from claude_auth.diagnose.causes.blocked import configured_sign_in
from claude_auth.diagnose.context import DiagnosisContext, place_of, removal, removal_beside_others
from claude_auth.model import Fix
from claude_auth.sources import label
from claude_auth.sources.aws_credentials import aws_keys_mismatch, aws_session


def _on(s: DiagnosisContext) -> bool:
    return s.resolution.provider in AWS_PROVIDERS


def _signs(s: DiagnosisContext) -> str | None:
    """The row that signs, or that would: None where something else is sent."""
    blocked = s.resolution.blocked
    sent = next((header.source for header in s.headers if header.is_signature), None)
    return sent if blocked is None else blocked.source


def _key_sent_to_aws(s: DiagnosisContext) -> RuleMatch | None:
    """Bedrock with a client up to 2.1.206, and an Anthropic key or token goes along."""
    wire = s.resolution.wire
    if wire is None or s.resolution.provider != "bedrock":
        return None
    anthropic = [h.source for h in s.headers if h.source in {"anthropic-api-key", "anthropic-auth-token"}]
    if not anthropic or s.view.is_on("CLAUDE_CODE_SKIP_BEDROCK_AUTH"):
        return None
    reading = s.reading(anthropic[0])
    return RuleMatch(
        f"{label(anthropic[0])} goes to {wire.host}",
        (Fix("update", "claude update"), *removal(reading)),
        anthropic[0],
    )


def _aws_profile_before_keys(s: DiagnosisContext) -> RuleMatch | None:
    """Bedrock with both `AWS_PROFILE` and `AWS_ACCESS_KEY_ID`."""
    if not _on(s) or _signs(s) != "aws-profile":
        return None
    if s.view.secret("AWS_ACCESS_KEY_ID") is None:
        return None
    profile = s.view.assignments("AWS_PROFILE")[0]
    return RuleMatch(
        f"AWS_PROFILE and AWS_ACCESS_KEY_ID are both set: {place_of(profile.origin)}",
        (Fix("keep one of them", "unset AWS_PROFILE"),),
        s.resolution.provider,
    )


def _aws_tool_other_profile(s: DiagnosisContext) -> RuleMatch | None:
    """Bedrock, and of `AWS_PROFILE` and `AWS_DEFAULT_PROFILE` in this shell the `aws` on PATH takes another
    one than Claude Code, or may, where its version isn't known."""
    tool, mine = s.more.aws_tool, s.view.text("AWS_PROFILE")
    if not _on(s) or tool is None or _in_shell(s, "AWS_ACCESS_KEY_ID"):
        return None  # with keys there, neither of the two counts for `aws`
    first, other = _in_shell(s, "AWS_PROFILE"), _in_shell(s, "AWS_DEFAULT_PROFILE")
    if not other or other == (mine or "default"):
        return None
    takes = tool.major == 1 or not first
    if not takes and tool.major is not None:
        return None
    name = "version not known" if tool.version is None else f"version {tool.version}"
    used = f"AWS_PROFILE ({mine})" if mine else "[default]"
    evidence = (
        f"{tool.path} ({name}) {'takes' if takes else 'may take'} AWS_DEFAULT_PROFILE ({other}), "
        f"Claude Code {used}"
    )
    option = f" --profile {quote(mine or 'default')}"
    return RuleMatch(evidence, (Fix("name the profile", f"aws sts get-caller-identity{option}"),))


def _in_shell(s: DiagnosisContext, name: str) -> str:
    found = (one for one in s.snapshot.variables.get(name, ()) if one.layer is None)
    return next((one.value.reveal() for one in found), "")


def _aws_sso_expired(s: DiagnosisContext) -> Answer:
    """Bedrock is signed for by a profile of single sign-on that has no valid token on this machine. *Second
    look.*"""
    session = aws_session(s.view, _signs(s) or "") if _on(s) else None
    if session is None or session.state in {"live", "refreshable"}:
        return None
    name = session.profile
    why = {"missing": "there is no token of it", "damaged": "its token can't be read"}
    words = f"profile {name}: {why.get(session.state, 'its token has expired')}, {session.path}"
    return RuleMatch(words, (*configured_sign_in(s), _sign_in(s, name)), s.resolution.provider)


def _sign_in(s: DiagnosisContext, name: str) -> Fix:
    option = "" if name == "default" else f" --profile {quote(name)}"  # a name is anybody's text
    code = " --use-device-code --no-browser" if s.snapshot.machine.over_ssh else ""
    return act("run", "sign in to AWS again", "aws-refresh", f"aws sso login{option}{code}")


def _aws_keys_incomplete(s: DiagnosisContext) -> Answer:
    """Bedrock with an `ASIA…` key without session token, an `AKIA…` key with one, or a key id without its
    secret."""
    key = s.view.assignment("AWS_ACCESS_KEY_ID")
    if not _on(s) or key is None or key.value.is_blank:
        return None
    if s.view.secret("AWS_SECRET_ACCESS_KEY") is None or _signs(s) != "aws-environment":
        return _half(s, key.value.reveal().strip(), place_of(key.origin))
    mismatch = aws_keys_mismatch(s.view)
    if mismatch is None:
        return None
    again = Fix(
        "take all of them from one place, or use a profile",
        "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
    )
    return RuleMatch(f"{mismatch}; {place_of(key.origin)}", (again,), s.resolution.provider)


def _half(s: DiagnosisContext, key: str, where: str) -> RuleMatch | None:
    """A key without its secret that is passed over for something else."""
    if s.view.secret("AWS_SECRET_ACCESS_KEY") is not None or _signs(s) is None:
        return None
    title = "AWS_ACCESS_KEY_ID is set without its secret"
    words = f"{where}; signed with {label(_signs(s) or '')} instead"
    fix = Fix("take it away", "unset AWS_ACCESS_KEY_ID")
    return RuleMatch(words, (fix,), s.resolution.provider, title, "warning")


def _aws_session_token_fixed(s: DiagnosisContext) -> Answer:
    """Bedrock is signed for by temporary keys of the environment."""
    if not _on(s) or _signs(s) != "aws-environment":
        return None
    token = s.view.assignment("AWS_SESSION_TOKEN")
    if token is None or token.value.is_blank or _aws_keys_incomplete(s) is not None:
        return None
    fix = Fix("use a profile that can be renewed", "aws configure sso")
    return RuleMatch(place_of(token.origin), (fix,), s.resolution.provider)


def _bedrock_key_beside_credentials(s: DiagnosisContext) -> Answer:
    """`AWS_BEARER_TOKEN_BEDROCK` together with `AWS_PROFILE` or keys in the environment.

    Beside a [default] profile that other programs use it is what somebody wanted."""
    if not _on(s) or s.reading("bedrock-api-key").state != "present":
        return None
    beside = [name for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID") if s.view.secret(name) is not None]
    if not beside or not any(header.source == "bedrock-api-key" for header in s.headers):
        return None
    reading = s.reading("bedrock-api-key")
    words = f"{place_of(reading.origin)}; {' and '.join(beside)} not used"
    return RuleMatch(words, removal(reading), "bedrock-api-key")


def _bedrock_key_shape(s: DiagnosisContext) -> Answer:
    """Bedrock with an API key of neither known beginning."""
    reading = s.reading("bedrock-api-key")
    if reading.value is None or s.resolution.provider not in {"bedrock", "mantle"}:
        return None
    if reading.value.reveal().startswith(("ABSK", "bedrock-api-key-")):
        return None
    words = f"{place_of(reading.origin)}, fingerprint {reading.value.fingerprint}"
    new = Fix("make a new key in the Bedrock console")
    return RuleMatch(words, (new, *removal_beside_others(s, reading)), "bedrock-api-key")


def _own_address(s: DiagnosisContext) -> bool:
    return bool(s.view.text(base_variable(s.resolution.provider)))


def _aws_region_malformed(s: DiagnosisContext) -> Answer:
    """Bedrock, and a region variable that can't be part of a host name."""
    if not _on(s) or _own_address(s):
        return None
    for found in s.filled("AWS_REGION", "AWS_DEFAULT_REGION"):
        if not is_region(s.view.text(found.name)):
            region, origin = aws_region(s.view)
            words = f"{found.name}: {place_of(found.origin)}; used instead: {region} ({origin})"
            fix = Fix("write it as eu-central-1", f"export {found.name}=…")
            return RuleMatch(words, (fix,), s.resolution.provider)
    return None


def _aws_region_default(s: DiagnosisContext) -> Answer:
    """Bedrock, and neither a variable nor the profile names a region."""
    if not _on(s) or _own_address(s) or aws_region(s.view)[1] != "the default":
        return None
    if _aws_region_malformed(s) is not None:
        return None
    fix = Fix("name the region of your models", "export AWS_REGION=…")
    words = "neither AWS_REGION, AWS_DEFAULT_REGION nor the profile names one"
    return RuleMatch(words, (fix,), s.resolution.provider)


def _bedrock_model_without_profile(s: DiagnosisContext) -> Answer:
    """Bedrock, and `ANTHROPIC_MODEL` begins with `anthropic.`."""
    found = s.view.assignment("ANTHROPIC_MODEL")
    named = s.view.text("ANTHROPIC_MODEL")
    if s.resolution.provider != "bedrock" or found is None or not named.startswith("anthropic."):
        return None
    fix = Fix("put us., eu., apac. or global. in front of the id")
    return RuleMatch(f"ANTHROPIC_MODEL: {place_of(found.origin)}", (fix,), "bedrock")


def _aws_export_is_a_sign_in(s: DiagnosisContext) -> Answer:
    """`awsCredentialExport` runs a `login` command."""
    found = s.view.setting("awsCredentialExport")
    if found is None:
        return None
    words = found.value.reveal().split()
    if "login" not in words or "export-credentials" in words:
        return None
    export = "aws configure export-credentials --profile PROFILE"
    fix = Fix("let it print credentials instead", export)
    return RuleMatch(place_of(found.origin), (fix,), "bedrock")


def _aws_sign_in_over_ssh(s: DiagnosisContext) -> Answer:
    """Bedrock over SSH, and `awsAuthRefresh` signs in without `--use-device-code`."""
    if not _on(s) or not s.snapshot.machine.over_ssh:
        return None
    found = s.view.setting("awsAuthRefresh")
    words = "" if found is None else found.value.reveal()
    if found is not None and "sso login" in words and "--use-device-code" not in words:
        return RuleMatch(
            f"awsAuthRefresh: {place_of(found.origin)}",
            (Fix("add these options to the command", "--use-device-code --no-browser"),),
            s.resolution.provider,
        )
    return None


CAUSES: tuple[Cause, ...] = (
    Cause(
        "aws-sso-expired",
        "The AWS sign-in has expired",
        "The profile that signs for Bedrock gets its credentials by single sign-on, and there is no valid "
        "token of it on this machine.",
        (94,),
        rule=MachineRule("error", _aws_sso_expired),
        beside_text="The profile uses IAM Identity Center, whose session has ended. If signing in seems to "
        "do nothing, sign out first.",
        fixes=(SSO_SIGN_IN, Fix("if that changes nothing", "aws sso logout"), RESTART),
        certainty="seen",
        phrases="""
            90 no-stranger: credentials because of a change in your password, invalid sso credentials, sso
                returns an invalid
            92 no-stranger: sso session associated with this profile is invalid, sso session expired, aws sso
                login --profile, please re-authenticate using aws login, sso session is invalid or expired,
                run aws sso login, sso session associated with this profile has expired
            85 no-stranger: aws sso login with the corresponding profile
            80 no-stranger: sso session token associated with profile, retrieving token from sso token has
                expired, unauthorizedssotokenerror
            75 no-stranger: error loading sso token, invalidgrantexception
            85 no-stranger: session token not found or invalid; also: aws-token-invalid client-too-old
        """,
    ),
    Cause(
        "aws-keys-incomplete",
        "The AWS keys in the environment do not belong together",
        "A key that begins with ASIA is temporary and needs its session token; one that begins with AKIA "
        "has none. AWS answers 'The security token included in the request is invalid.'",
        (96,),
        rule=MachineRule("error", _aws_keys_incomplete),
    ),
    Cause(
        "key-sent-to-aws",
        "Your Anthropic key is sent to AWS",
        "Up to version 2.1.206 Claude Code sends ANTHROPIC_API_KEY along to Bedrock. Update, or unset the "
        "key.",
        rule=MachineRule("warning", _key_sent_to_aws, removes=("source",)),
    ),
    Cause(
        "aws-tool-other-profile",
        "`aws` in this shell names another profile than Claude Code uses",
        "Version 1 of the command line tool lets AWS_DEFAULT_PROFILE win over AWS_PROFILE, version 2 the "
        "reverse; Claude Code looks at AWS_PROFILE alone. So `aws sts get-caller-identity` can name another "
        "identity than the one that is used.",
        rule=MachineRule("info", _aws_tool_other_profile, second_look=True),
    ),
    Cause(
        "aws-profile-before-keys",
        "Claude Code uses the AWS profile, not the keys in the environment",
        "Claude Code looks at AWS_PROFILE before AWS_ACCESS_KEY_ID; the aws command looks the other way "
        "round. So `aws sts get-caller-identity` can name another identity than the one that is used.",
        (96,),
        rule=MachineRule("warning", _aws_profile_before_keys),
    ),
    Cause(
        "bedrock-key-beside-credentials",
        "A Bedrock API key overrides the AWS profile or keys",
        "AWS_BEARER_TOKEN_BEDROCK comes before every other AWS credential. Signing in to AWS changes "
        "nothing while it is set, and a short-term key ends after hours.",
        (101,),
        rule=MachineRule("warning", _bedrock_key_beside_credentials, removes=("source",)),
    ),
    Cause(
        "aws-region-malformed",
        "The AWS region is not one",
        "A value that can't be part of a host name counts as unset: Claude Code goes on with the next "
        "source of a region, in the end us-east-1.",
        (98,),
        rule=MachineRule("warning", _aws_region_malformed),
    ),
    Cause(
        "aws-export-is-a-sign-in",
        "awsCredentialExport signs in instead of printing credentials",
        "The command must print credentials as JSON. One that signs in prints words for people, and Claude "
        "Code goes on without its credentials. Put the sign-in into awsAuthRefresh.",
        (102,),
        rule=MachineRule("warning", _aws_export_is_a_sign_in, "likely"),
    ),
    Cause(
        "bedrock-key-shape",
        "The Bedrock API key does not look like one",
        "Bedrock API keys begin with ABSK, short-term ones with bedrock-api-key-. Anything else is refused "
        "with 'Must start with pre-defined prefix'.",
        (101,),
        rule=MachineRule("info", _bedrock_key_shape, "likely"),
    ),
    Cause(
        "aws-session-token-fixed",
        "The AWS keys in the environment are temporary",
        "They end with their session, and nothing renews them in a running process. A profile can be "
        "renewed.",
        (95,),
        rule=MachineRule("info", _aws_session_token_fixed),
    ),
    Cause(
        "aws-region-default",
        "No AWS region is set",
        "Claude Code then asks in us-east-1; other tools stop with 'region setting is missing'. Models and "
        "permissions differ by region.",
        (98,),
        rule=MachineRule("info", _aws_region_default),
    ),
    Cause(
        "bedrock-model-without-profile",
        "The model is named without an inference profile",
        "Most models on Bedrock are called through an inference profile, whose id begins with us., eu., "
        "apac. or global.; the plain id is refused with 'on-demand throughput isn't supported'.",
        (100,),
        rule=MachineRule("info", _bedrock_model_without_profile, "likely"),
    ),
    Cause(
        "aws-sign-in-over-ssh",
        "The AWS sign-in expects a browser on this machine",
        "Newer versions of the aws command open a page that ends at an address of this machine. Over SSH "
        "ask for a code to type instead.",
        (103,),
        rule=MachineRule("info", _aws_sign_in_over_ssh, "likely"),
    ),
)
