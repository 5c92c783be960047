"""The errors that botocore and AWS's services give, and what each one means. Data only."""

from __future__ import annotations

from collections.abc import Mapping

#: Stable code, title, meaning, entries in the catalogue of causes.
Entry = tuple[str, str, str, tuple[int, ...]]

#: Error class of botocore, or a code of ours.
CLASSES: Mapping[str, Entry] = {
    "no-credentials": (
        "no-credentials",
        "No AWS credentials",
        "No place that Claude Code looks at gives any.",
        (97,),
    ),
    "NoCredentialsError": (
        "no-credentials",
        "No AWS credentials",
        "The provider that is asked gave none.",
        (97,),
    ),
    "bedrock-api-key": (
        "bedrock-api-key",
        "A Bedrock API key is used",
        "AWS_BEARER_TOKEN_BEDROCK is sent as it is; STS can't tell whose it is.",
        (101,),
    ),
    "export-not-run": (
        "export-not-run",
        "awsCredentialExport has not been run",
        "Its output decides who Bedrock is called as: run it first.",
        (),
    ),
    "PartialCredentialsError": (
        "partial-credentials",
        "Half a pair of keys",
        "An access key id stands without its secret, or the reverse.",
        (96,),
    ),
    "ProfileNotFound": (
        "profile-missing",
        "The profile is missing",
        "Neither AWS file has a profile of that name.",
        (97,),
    ),
    "InfiniteLoopConfigError": (
        "profile-loop",
        "The profiles go in a circle",
        "source_profile leads back to where it started.",
        (),
    ),
    "InvalidConfigError": (
        "profile-invalid",
        "The profile is incomplete",
        "A key that its kind needs is missing.",
        (),
    ),
    "ConfigParseError": (
        "file-damaged",
        "An AWS file can't be read",
        "It is no valid configuration file.",
        (),
    ),
    "SSOTokenLoadError": ("sso-expired", "Not signed in", "The cache holds no token of this sign-in.", (94,)),
    "UnauthorizedSSOTokenError": (
        "sso-expired",
        "The single sign-on has expired",
        "AWS takes the token of this sign-in no more.",
        (94,),
    ),
    "TokenRetrievalError": (
        "sso-expired",
        "The single sign-on could not be renewed",
        "The token has run out, and AWS gave no new one for its refresh token.",
        (94,),
    ),
    "CredentialRetrievalError": (
        "process-failed",
        "A provider of the profile failed",
        "Its command ended with an error, or printed something that is no credential.",
        (97,),
    ),
    "MetadataRetrievalError": (
        "metadata-failed",
        "The container's or instance's endpoint gave no credentials",
        "It could not be reached, or it knows of no role.",
        (97,),
    ),
    "EOFError": (
        "mfa-needed",
        "The role wants an MFA code",
        "Neither this program nor Claude Code can ask for one.",
        (97,),
    ),
    "RefreshWithMFAUnsupportedError": (
        "mfa-needed",
        "The role wants an MFA code",
        "Neither this program nor Claude Code can ask for one.",
        (97,),
    ),
    "time-out": (
        "time-out",
        "No answer in time",
        "A provider or AWS took too long; everything that was started has been ended.",
        (),
    ),
    "ConnectTimeoutError": ("time-out", "AWS did not answer in time", "No connection came about.", ()),
    "ReadTimeoutError": (
        "time-out",
        "AWS did not answer in time",
        "The connection stood, but nothing came.",
        (),
    ),
    "EndpointConnectionError": (
        "unreachable",
        "AWS can't be reached",
        "The name of the endpoint is unknown, or nothing listens there.",
        (90,),
    ),
    "ConnectionClosedError": (
        "unreachable",
        "AWS closed the connection",
        "It ended before an answer came.",
        (),
    ),
    "ResponseParserError": (
        "not-aws",
        "Something else than AWS answered",
        "A proxy, a sign-in page or another server stands where AWS belongs.",
        (85,),
    ),
    "ProxyConnectionError": ("proxy", "The proxy can't be reached", "A proxy variable names it.", (83,)),
    "SSLError": (
        "tls",
        "The certificate is not trusted",
        "Something on the way shows another certificate.",
        (83,),
    ),
    "UnknownRegionError": ("region", "The region is unknown", "AWS has none of that name.", (99,)),
    "InvalidRegionError": (
        "region",
        "The region is no region",
        "Its name holds a character that no host has.",
        (98,),
    ),
    "not-started": (
        "not-started",
        "The check could not be started",
        "This Python could not start itself.",
        (),
    ),
}

#: Code of an AWS service.
CODES: Mapping[str, Entry] = {
    "InvalidClientTokenId": (
        "key-unknown",
        "AWS doesn't know this access key",
        "It was deleted or deactivated, or is a temporary key without its session token.",
        (96,),
    ),
    "SignatureDoesNotMatch": (
        "secret-wrong",
        "The secret doesn't belong to the access key",
        "The secret access key is mistyped, cut short, or of another key.",
        (86, 96),
    ),
    "ExpiredToken": (
        "expired",
        "The temporary credentials have expired",
        "Their time is up; Claude Code keeps those it has until it is started again.",
        (95,),
    ),
    "AccessDenied": (
        "access-denied",
        "AWS refuses this call",
        "A policy denies it, or none allows it.",
        (99,),
    ),
    "InvalidIdentityToken": (
        "web-token-refused",
        "AWS refuses the web identity token",
        "It is expired, or the role's provider doesn't know who issued it.",
        (),
    ),
    "RegionDisabledException": (
        "region",
        "STS is switched off in this region",
        "Switch it on, or take another region.",
        (99,),
    ),
    "ForbiddenException": (
        "sso-forbidden",
        "The sign-in has no such role",
        "The account or the permission set is not assigned to you.",
        (),
    ),
    "ThrottlingException": (
        "throttled",
        "AWS asks to slow down",
        "Too many calls at once: try again shortly.",
        (),
    ),
}

#: Codes that other services use for the same.
SAME_AS: Mapping[str, str] = {
    "UnrecognizedClientException": "InvalidClientTokenId",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "IncompleteSignature": "SignatureDoesNotMatch",
    "RequestExpired": "SignatureDoesNotMatch",
    "ExpiredTokenException": "ExpiredToken",
    "AccessDeniedException": "AccessDenied",
    "UnauthorizedOperation": "AccessDenied",
    "IDPCommunicationError": "InvalidIdentityToken",
    "IDPRejectedClaim": "InvalidIdentityToken",
    "ResourceNotFoundException": "ForbiddenException",
    "Throttling": "ThrottlingException",
    "TooManyRequestsException": "ThrottlingException",
}
