"""Amazon Bedrock."""

from __future__ import annotations

from claude_auth.claude_code.destination import aws_region, is_host_label
from claude_auth.diagnose.context import DiagnosisContext, place_of, removal
from claude_auth.diagnose.rules.outcome import configured_sign_in
from claude_auth.diagnose.rules.seen import Answer, NotChecked, Rule, RuleMatch
from claude_auth.diagnose.rules.stores import quoted
from claude_auth.model import Fix
from claude_auth.sources import label
from claude_auth.sources.bedrock import SINGLE_SIGN_ON, aws_keys_mismatch, aws_session


def _on(s: DiagnosisContext) -> bool:
    return s.resolution.provider == "bedrock"


def _signs(s: DiagnosisContext) -> str | None:
    """The row that signs, or that would: None where something else is sent."""
    blocked = s.resolution.blocked
    sent = next((header.source for header in s.headers if header.is_signature), None)
    return sent if blocked is None else blocked.source


def _key_sent_to_aws(s: DiagnosisContext) -> RuleMatch | None:
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


def _profile_before_keys(s: DiagnosisContext) -> RuleMatch | None:
    if not _on(s) or _signs(s) != "aws-profile":
        return None
    if s.view.secret("AWS_ACCESS_KEY_ID") is None:
        return None
    profile = s.view.assignments("AWS_PROFILE")[0]
    return RuleMatch(
        f"AWS_PROFILE and AWS_ACCESS_KEY_ID are both set: {place_of(profile.origin)}",
        (Fix("keep one of them", "unset AWS_PROFILE"),),
        "bedrock",
    )


def _sso_expired(s: DiagnosisContext) -> Answer:
    """The profile that signs, where single sign-on gives its credentials."""
    name = _sso_profile(s)
    if name is None:
        return None
    session = aws_session(s.view, _signs(s) or "")
    if session is None:
        return NotChecked("the profile's sign-in is described in more than one place")
    if session.state in {"live", "refreshable"}:
        return None
    why = {"missing": "there is no token of it", "damaged": "its token can't be read"}
    words = f"profile {name}: {why.get(session.state, 'its token has expired')}, {session.path}"
    return RuleMatch(words, (*configured_sign_in(s, "bedrock"), _sign_in(s, name)), "bedrock")


def _sso_profile(s: DiagnosisContext) -> str | None:
    if not _on(s) or _signs(s) not in SINGLE_SIGN_ON:
        return None
    named = s.view.secret("AWS_PROFILE")
    profile = s.snapshot.aws.profiles.get("default" if named is None else named.reveal())
    return profile.name if profile is not None and profile.provider == "sso" else None


def _sign_in(s: DiagnosisContext, name: str) -> Fix:
    option = "" if name == "default" else f" --profile {quoted(name)}"  # a name is anybody's text
    code = " --use-device-code --no-browser" if s.snapshot.machine.over_ssh else ""
    return Fix("sign in to AWS again", f"aws sso login{option}{code}")


def _keys_incomplete(s: DiagnosisContext) -> Answer:
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
    return RuleMatch(f"{mismatch}; {place_of(key.origin)}", (again,), "bedrock")


def _half(s: DiagnosisContext, key: str, where: str) -> RuleMatch | None:
    """A key without its secret that is passed over for something else."""
    if s.view.secret("AWS_SECRET_ACCESS_KEY") is not None or _signs(s) is None:
        return None
    title = "AWS_ACCESS_KEY_ID is set without its secret"
    words = f"{where}; signed with {label(_signs(s) or '')} instead"
    return RuleMatch(words, (Fix("take it away", "unset AWS_ACCESS_KEY_ID"),), "bedrock", title, "warning")


def _session_token(s: DiagnosisContext) -> Answer:
    if not _on(s) or _signs(s) != "aws-environment":
        return None
    token = s.view.assignment("AWS_SESSION_TOKEN")
    if token is None or token.value.is_blank or _keys_incomplete(s) is not None:
        return None
    return RuleMatch(
        place_of(token.origin), (Fix("use a profile that can be renewed", "aws configure sso"),), "bedrock"
    )


def _key_beside(s: DiagnosisContext) -> Answer:
    """Beside a [default] profile that other programs use it is what somebody wanted."""
    if not _on(s) or s.reading("bedrock-api-key").state != "present":
        return None
    beside = [name for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID") if s.view.secret(name) is not None]
    if not beside or not any(header.source == "bedrock-api-key" for header in s.headers):
        return None
    reading = s.reading("bedrock-api-key")
    words = f"{place_of(reading.origin)}; {' and '.join(beside)} not used"
    return RuleMatch(words, removal(reading), "bedrock-api-key")


def _key_shape(s: DiagnosisContext) -> Answer:
    reading = s.reading("bedrock-api-key")
    if not _on(s) or reading.value is None:
        return None
    if reading.value.reveal().startswith(("ABSK", "bedrock-api-key-")):
        return None
    words = f"{place_of(reading.origin)}, fingerprint {reading.value.fingerprint}"
    return RuleMatch(words, removal(reading), "bedrock-api-key")


_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")


def _own_address(s: DiagnosisContext) -> bool:
    return bool(s.view.text("ANTHROPIC_BEDROCK_BASE_URL"))


def _region_malformed(s: DiagnosisContext) -> Answer:
    if not _on(s) or _own_address(s):
        return None
    for name in _REGIONS:
        found = s.view.assignment(name)
        if found is None or found.value.is_blank:
            continue
        if not is_host_label(s.view.text(name)):
            region, origin = aws_region(s.view)
            words = f"{name}: {place_of(found.origin)}; used instead: {region} ({origin})"
            return RuleMatch(words, (Fix("write it as eu-central-1", f"export {name}=…"),), "bedrock")
    return None


def _region_default(s: DiagnosisContext) -> Answer:
    if not _on(s) or _own_address(s) or aws_region(s.view)[1] != "the default":
        return None
    if _region_malformed(s) is not None:
        return None
    fix = Fix("name the region of your models", "export AWS_REGION=…")
    return RuleMatch("neither AWS_REGION, AWS_DEFAULT_REGION nor the profile names one", (fix,), "bedrock")


def _model(s: DiagnosisContext) -> Answer:
    found = s.view.assignment("ANTHROPIC_MODEL")
    if not _on(s) or found is None or not s.view.text("ANTHROPIC_MODEL").startswith("anthropic."):
        return None
    fix = Fix("put us., eu., apac. or global. in front of the id")
    return RuleMatch(f"ANTHROPIC_MODEL: {place_of(found.origin)}", (fix,), "bedrock")


def _export_signs_in(s: DiagnosisContext) -> Answer:
    found = s.view.setting("awsCredentialExport")
    if found is None:
        return None
    words = found.value.reveal().split()
    if "login" not in words or "export-credentials" in words:
        return None
    export = "aws configure export-credentials --profile PROFILE"
    fix = Fix("let it print credentials instead", export)
    return RuleMatch(place_of(found.origin), (fix,), "bedrock")


def _sign_in_over_ssh(s: DiagnosisContext) -> Answer:
    if not _on(s) or not s.snapshot.machine.over_ssh:
        return None
    found = s.view.setting("awsAuthRefresh")
    words = "" if found is None else found.value.reveal()
    if found is not None and "sso login" in words and "--use-device-code" not in words:
        return RuleMatch(
            f"awsAuthRefresh: {place_of(found.origin)}",
            (Fix("add these options to the command", "--use-device-code --no-browser"),),
            "bedrock",
        )
    return None


RULES: dict[str, Rule] = {
    "aws-sso-expired": _sso_expired,
    "aws-keys-incomplete": _keys_incomplete,
    "key-sent-to-aws": _key_sent_to_aws,
    "aws-profile-before-keys": _profile_before_keys,
    "bedrock-key-beside-credentials": _key_beside,
    "aws-region-malformed": _region_malformed,
    "aws-export-is-a-sign-in": _export_signs_in,
    "bedrock-key-shape": _key_shape,
    "aws-session-token-fixed": _session_token,
    "aws-region-default": _region_default,
    "bedrock-model-without-profile": _model,
    "aws-sign-in-over-ssh": _sign_in_over_ssh,
}
