"""What the errors on the way to a cloud's credentials mean: botocore's, AWS's services' and google-auth's.

Data only; what can be done about an error of AWS depends on the plan, and is decided in `cloud`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from claude_auth.diagnose.cause import google_sign_in
from claude_auth.model import Fix

CLOCK_FIX = Fix("Set the clock", "sudo timedatectl set-ntp true")
_SET_QUOTA = Fix(
    "Name the project that is billed", "gcloud auth application-default set-quota-project PROJECT"
)
_LOOK = Fix("Look at the proxy variables", "env | grep -i proxy | cut -d= -f1")

#: Sign in again, as this machine can.
SIGN_IN: Final = "sign-in"


@dataclass(frozen=True, slots=True)
class CloudCause:
    """One error. `code` is ours and stable; `symptoms` are entry numbers of the catalogue of causes.

    It is told by a class of `names`, or by one of `words` in what was said (of `a+b` both); with `plan`, for
    that kind of credentials alone."""

    code: str
    title: str
    meaning: str
    symptoms: tuple[int, ...] = ()
    fixes: tuple[Fix | Literal["sign-in"], ...] = ()
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    plan: str | None = None


_AWS: Mapping[str, CloudCause] = {
    # Error classes of botocore, and codes of ours.
    "no-credentials": CloudCause(
        "no-credentials", "No AWS credentials", "No place that Claude Code looks at gives any.", (97,)
    ),
    "NoCredentialsError": CloudCause(
        "no-credentials", "No AWS credentials", "The provider that is asked gave none.", (97,)
    ),
    "bedrock-api-key": CloudCause(
        "bedrock-api-key",
        "A Bedrock API key is used",
        "AWS_BEARER_TOKEN_BEDROCK is sent as it is; STS can't tell whose it is.",
        (101,),
    ),
    "export-not-run": CloudCause(
        "export-not-run",
        "awsCredentialExport has not been run",
        "Its output decides who Bedrock is called as: run it first.",
    ),
    "PartialCredentialsError": CloudCause(
        "partial-credentials",
        "Half a pair of keys",
        "An access key id stands without its secret, or the reverse.",
        (96,),
    ),
    "ProfileNotFound": CloudCause(
        "profile-missing", "The profile is missing", "Neither AWS file has a profile of that name.", (97,)
    ),
    "InfiniteLoopConfigError": CloudCause(
        "profile-loop", "The profiles go in a circle", "source_profile leads back to where it started."
    ),
    "InvalidConfigError": CloudCause(
        "profile-invalid", "The profile is incomplete", "A key that its kind needs is missing."
    ),
    "ConfigParseError": CloudCause(
        "file-damaged", "An AWS file can't be read", "It is no valid configuration file."
    ),
    "SSOTokenLoadError": CloudCause(
        "sso-expired", "Not signed in", "The cache holds no token of this sign-in.", (94,)
    ),
    "UnauthorizedSSOTokenError UnauthorizedException InvalidGrantException": CloudCause(
        "sso-expired", "The single sign-on has expired", "AWS takes the token of this sign-in no more.", (94,)
    ),
    "TokenRetrievalError": CloudCause(
        "sso-expired",
        "The single sign-on could not be renewed",
        "The token has run out, and AWS gave no new one for its refresh token.",
        (94,),
    ),
    "CredentialRetrievalError": CloudCause(
        "process-failed",
        "A provider of the profile failed",
        "Its command ended with an error, or printed something that is no credential.",
        (97,),
    ),
    "MetadataRetrievalError": CloudCause(
        "metadata-failed",
        "The container's or instance's endpoint gave no credentials",
        "It could not be reached, or it knows of no role.",
        (97,),
    ),
    "EOFError RefreshWithMFAUnsupportedError": CloudCause(
        "mfa-needed",
        "The role wants an MFA code",
        "Neither this program nor Claude Code can ask for one.",
        (97,),
    ),
    "time-out": CloudCause(
        "time-out",
        "No answer in time",
        "A provider or AWS took too long; everything that was started has been ended.",
    ),
    "ConnectTimeoutError": CloudCause("time-out", "AWS did not answer in time", "No connection came about."),
    "ReadTimeoutError": CloudCause(
        "time-out", "AWS did not answer in time", "The connection stood, but nothing came."
    ),
    "EndpointConnectionError": CloudCause(
        "unreachable",
        "AWS can't be reached",
        "The name of the endpoint is unknown, or nothing listens there.",
        (90,),
    ),
    "ConnectionClosedError": CloudCause(
        "unreachable", "AWS closed the connection", "It ended before an answer came."
    ),
    "ResponseParserError": CloudCause(
        "not-aws",
        "Something else than AWS answered",
        "A proxy, a sign-in page or another server stands where AWS belongs.",
        (85,),
    ),
    "ProxyConnectionError": CloudCause(
        "proxy", "The proxy can't be reached", "A proxy variable names it.", (83,)
    ),
    "SSLError": CloudCause(
        "tls", "The certificate is not trusted", "Something on the way shows another certificate.", (83,)
    ),
    "UnknownRegionError": CloudCause("region", "The region is unknown", "AWS has none of that name.", (99,)),
    "InvalidRegionError": CloudCause(
        "region", "The region is no region", "Its name holds a character that no host has.", (98,)
    ),
    "not-started": CloudCause(
        "not-started", "The check could not be started", "This Python could not start itself."
    ),
    # Codes of AWS's services.
    "InvalidClientTokenId UnrecognizedClientException": CloudCause(
        "key-unknown",
        "AWS doesn't know this access key",
        "It was deleted or deactivated, or is a temporary key without its session token.",
        (96,),
    ),
    "SignatureDoesNotMatch InvalidSignatureException IncompleteSignature RequestExpired": CloudCause(
        "secret-wrong",
        "The secret doesn't belong to the access key",
        "The secret access key is mistyped, cut short, or of another key.",
        (86, 96),
    ),
    "ExpiredToken ExpiredTokenException": CloudCause(
        "expired",
        "The temporary credentials have expired",
        "Their time is up; Claude Code keeps those it has until it is started again.",
        (95,),
    ),
    "AccessDenied AccessDeniedException UnauthorizedOperation": CloudCause(
        "access-denied", "AWS refuses this call", "A policy denies it, or none allows it.", (99,)
    ),
    "InvalidIdentityToken IDPCommunicationError IDPRejectedClaim": CloudCause(
        "web-token-refused",
        "AWS refuses the web identity token",
        "It is expired, or the role's provider doesn't know who issued it.",
    ),
    "RegionDisabledException": CloudCause(
        "region", "STS is switched off in this region", "Switch it on, or take another region.", (99,)
    ),
    "ForbiddenException ResourceNotFoundException": CloudCause(
        "sso-forbidden",
        "The sign-in has no such role",
        "The account or the permission set is not assigned to you.",
    ),
    "ThrottlingException Throttling TooManyRequestsException": CloudCause(
        "throttled", "AWS asks to slow down", "Too many calls at once: try again shortly."
    ),
}

#: By the name of the error: a class of botocore, a code of an AWS service, or a code of ours.
AWS: Mapping[str, CloudCause] = {name: cause for names, cause in _AWS.items() for name in names.split()}

#: The first that fits. `{account}` and `{path}` are those of the plan.
GOOGLE: tuple[CloudCause, ...] = (
    CloudCause(
        "reauth",
        "Your organisation wants you to sign in again",
        "A policy ends every login after some hours; `gcloud auth list` goes on looking fine.",
        fixes=(SIGN_IN, Fix("Start Claude Code again afterwards")),
        words=("rapt", "reauthentication"),
        names=("ReauthFailError", "ReauthSamlChallengeFailError"),
        symptoms=(106, 107),
    ),
    CloudCause(
        "clock-skew",
        "The clock is wrong",
        "Google refuses a signature whose time is off.",
        fixes=(CLOCK_FIX,),
        words=("jwt+time",),
    ),
    CloudCause(
        "key-refused",
        "Google doesn't take this service account's key",
        "The account or its key was deleted or disabled.",
        fixes=(
            Fix("See which keys it has", "gcloud iam service-accounts keys list --iam-account {account}"),
        ),
        words=("invalid_grant",),
        plan="service_account",
        symptoms=(108,),
    ),
    CloudCause(
        "login-ended",
        "The login has ended",
        "It was revoked, the password has changed, or it was not used for months.",
        fixes=(SIGN_IN,),
        words=("invalid_grant",),
        symptoms=(106,),
    ),
    CloudCause(
        "client-refused",
        "Google doesn't know the program that signed in",
        "The credentials file is of an OAuth client that is gone.",
        fixes=(SIGN_IN,),
        words=("invalid_client", "unauthorized_client"),
    ),
    CloudCause(
        "quota-project",
        "The quota project is missing or can't be used",
        "Calls of a user are billed to it.",
        fixes=(_SET_QUOTA,),
        words=("quota", "service_disabled"),
        symptoms=(109,),
    ),
    CloudCause(
        "metadata-failed",
        "The metadata server gave no token",
        "It could not be reached, or this machine has no service account.",
        fixes=(google_sign_in("Use a login of your own"),),
        names=("RefreshError", "TransportError"),
        plan="metadata",
        symptoms=(105,),
    ),
    CloudCause(
        "time-out",
        "Google did not answer in time",
        "Everything that was started has been ended.",
        fixes=(_LOOK,),
        words=("timed out",),
        names=("time-out",),
    ),
    CloudCause(
        "tls",
        "The certificate is not trusted",
        "Something on the way shows another certificate.",
        words=("certificate", "ssl"),
        symptoms=(83,),
    ),
    CloudCause(
        "unreachable",
        "Google can't be reached",
        "No connection to its token endpoint came about.",
        fixes=(_LOOK,),
        names=("TransportError",),
    ),
    CloudCause(
        "file-damaged",
        "The credentials file can't be used",
        "{path} is not what its type says.",
        fixes=(SIGN_IN,),
        names=("MalformedError", "DefaultCredentialsError", "ValueError", "JSONDecodeError", "KeyError"),
        symptoms=(108,),
    ),
    CloudCause(
        "file-unreadable",
        "A file that is needed can't be read",
        "The credentials file, or a token file that it names.",
        names=("FileNotFoundError", "PermissionError", "IsADirectoryError", "NotADirectoryError", "OSError"),
        symptoms=(108,),
    ),
    CloudCause(
        "denied",
        "Google refuses this",
        "A permission is missing, say to act as the impersonated account.",
        words=("permission", "denied"),
        symptoms=(111,),
    ),
)
