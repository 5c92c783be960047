"""The variables that matter, the settings keys, and which of their values must not be shown.

Names from behaviour.md sections 1, 2 and 6, and the catalogue of causes for proxies and certificates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from claude_auth.model import Assignment, Origin, Provider, Snapshot
from claude_auth.security.secret import WHITE_SPACE, Secret


def _names(rows: str) -> tuple[str, ...]:
    return tuple(rows.split())


#: Values that are secrets. Everything else in the tables below may be shown, cleaned.
CREDENTIALS = _names(
    """
    ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN CLAUDE_CODE_OAUTH_TOKEN ANTHROPIC_CUSTOM_HEADERS
    AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_BEARER_TOKEN_BEDROCK AWS_CONTAINER_AUTHORIZATION_TOKEN
    ANTHROPIC_FOUNDRY_API_KEY ANTHROPIC_FOUNDRY_AUTH_TOKEN ANTHROPIC_AWS_API_KEY AZURE_CLIENT_SECRET
    ANTHROPIC_IDENTITY_TOKEN CLAUDE_OAUTH_CLIENT_SECRET
    """
)

DESCRIPTORS = ("CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR", "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR")

#: What a switch turns to, in the order in which switches win.
PROVIDER_OF: Mapping[str, Provider] = {
    "CLAUDE_CODE_USE_BEDROCK": "bedrock",
    "CLAUDE_CODE_USE_FOUNDRY": "foundry",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": "anthropic-aws",
    "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": "anthropic-google-cloud",
    "CLAUDE_CODE_USE_MANTLE": "mantle",
    "CLAUDE_CODE_USE_VERTEX": "vertex",
}
PROVIDER_SWITCHES = tuple(PROVIDER_OF)

CLOUD_BASE_URLS = _names(
    """
    ANTHROPIC_BEDROCK_BASE_URL ANTHROPIC_BEDROCK_MANTLE_BASE_URL ANTHROPIC_AWS_BASE_URL
    ANTHROPIC_VERTEX_BASE_URL ANTHROPIC_GOOGLE_CLOUD_BASE_URL ANTHROPIC_FOUNDRY_BASE_URL
    """
)

#: Which program started Claude Code, and how it reaches the API: taken from the shell alone [behaviour.md 8].
START_CONTEXT = _names(
    "CLAUDE_CODE_ENTRYPOINT CLAUDE_CODE_REMOTE CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST ANTHROPIC_UNIX_SOCKET"
)

PROFILES = _names("ANTHROPIC_CONFIG_DIR ANTHROPIC_PROFILE")

FEDERATION = _names(
    """
    ANTHROPIC_FEDERATION_RULE_ID ANTHROPIC_ORGANIZATION_ID ANTHROPIC_IDENTITY_TOKEN_FILE
    ANTHROPIC_IDENTITY_TOKEN
    """
)

SHELL_ONLY = frozenset(DESCRIPTORS + START_CONTEXT)

#: Not taken from a project's or local env block [seen].
NOT_FROM_A_PROJECT = frozenset(
    (
        *_names("CLAUDE_CODE_SIMPLE CLAUDE_CODE_OAUTH_SCOPES CLAUDE_CODE_CUSTOM_OAUTH_URL"),
        *PROFILES,
        *FEDERATION,
    )
)

#: With these a project's settings can lead requests elsewhere, or put a credential of theirs into them.
STEERING = (
    *_names("ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN CLAUDE_CODE_OAUTH_TOKEN ANTHROPIC_CUSTOM_HEADERS"),
    *("ANTHROPIC_BASE_URL", *CLOUD_BASE_URLS, "AWS_BEARER_TOKEN_BEDROCK", *PROVIDER_SWITCHES),
)

PLACES = ("CLAUDE_CONFIG_DIR", "CLAUDE_SECURESTORAGE_CONFIG_DIR")

NETWORK = _names(
    """
    HTTPS_PROXY https_proxy HTTP_PROXY http_proxy ALL_PROXY all_proxy NO_PROXY no_proxy
    NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED NODE_USE_SYSTEM_CA NODE_OPTIONS
    SSL_CERT_FILE SSL_CERT_DIR CLAUDE_CODE_CERT_STORE
    """
)

_MODES = """
    CLAUDE_CODE_SIMPLE CLAUDE_CODE_API_KEY_HELPER_TTL_MS CLAUDE_CODE_SDK_HAS_HOST_AUTH_REFRESH
    CLAUDE_CODE_OAUTH_SCOPES CLAUDE_CODE_CUSTOM_OAUTH_URL
    ANTHROPIC_BASE_URL ANTHROPIC_BETAS ANTHROPIC_MODEL ANTHROPIC_DEFAULT_MODEL CLAUDE_CODE_USE_GATEWAY
    ANTHROPIC_DEFAULT_OPUS_MODEL ANTHROPIC_DEFAULT_SONNET_MODEL ANTHROPIC_DEFAULT_HAIKU_MODEL
    ANTHROPIC_DEFAULT_FABLE_MODEL
    """

_AWS = """
    CLAUDE_CODE_SKIP_BEDROCK_AUTH CLAUDE_CODE_SKIP_MANTLE_AUTH CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH
    ANTHROPIC_AWS_WORKSPACE_ID AWS_ACCESS_KEY_ID AWS_PROFILE AWS_DEFAULT_PROFILE
    AWS_REGION AWS_DEFAULT_REGION AWS_SHARED_CREDENTIALS_FILE AWS_CONFIG_FILE
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_CREDENTIALS_FULL_URI
    AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN
    AWS_EC2_METADATA_DISABLED AWS_EC2_METADATA_SERVICE_ENDPOINT
    AWS_ENDPOINT_URL AWS_ENDPOINT_URL_BEDROCK_RUNTIME
    """

_GOOGLE = """
    CLAUDE_CODE_SKIP_VERTEX_AUTH ANTHROPIC_VERTEX_PROJECT_ID
    CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH ANTHROPIC_GOOGLE_CLOUD_PROJECT
    ANTHROPIC_GOOGLE_CLOUD_LOCATION ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID
    GCLOUD_PROJECT GOOGLE_CLOUD_PROJECT CLOUD_ML_REGION GOOGLE_APPLICATION_CREDENTIALS CLOUDSDK_CONFIG
    GCE_METADATA_HOST K_SERVICE CLOUD_RUN_JOB FUNCTION_TARGET GAE_SERVICE
    """

_AZURE = """
    CLAUDE_CODE_SKIP_FOUNDRY_AUTH ANTHROPIC_FOUNDRY_RESOURCE
    AZURE_CLIENT_ID AZURE_TENANT_ID AZURE_FEDERATED_TOKEN_FILE AZURE_CONFIG_DIR
    IDENTITY_ENDPOINT MSI_ENDPOINT
    """

#: Of our own OAuth clients.
_OAUTH_CLIENT = """
    CLAUDE_OAUTH_CLIENT_ID CLAUDE_OAUTH_REDIRECT_URI CLAUDE_OAUTH_AUTHORIZE_URL CLAUDE_OAUTH_TOKEN_URL
    CLAUDE_OAUTH_SCOPES
    """

WATCHED = frozenset(
    CREDENTIALS
    + DESCRIPTORS
    + START_CONTEXT
    + PROFILES
    + FEDERATION
    + PROVIDER_SWITCHES
    + CLOUD_BASE_URLS
    + PLACES
    + NETWORK
    + _names(f"{_MODES} {_AWS} {_GOOGLE} {_AZURE} {_OAUTH_CLIENT}")
)

#: Per-model Vertex regions: any of them makes the host depend on the model.
VERTEX_REGION_PREFIX = "VERTEX_REGION_CLAUDE"

#: What Claude Code calls itself to the programs that it starts, by client; the shell's own word stands.
ENTRYPOINT, ENTRYPOINTS = "CLAUDE_CODE_ENTRYPOINT", {"claude": "cli", "claude-print": "sdk-cli"}

COMMAND_SETTINGS = _names("apiKeyHelper awsCredentialExport awsAuthRefresh gcpAuthRefresh otelHeadersHelper")

#: Settings keys other than `env` that the dashboard reads.
SETTINGS_KEYS = (
    *COMMAND_SETTINGS,
    *_names("forceLoginMethod forceLoginOrgUUID forceLoginGatewayUrl policyHelper model"),
)


#: Switches of this form choose where requests go; but for those that switch something else [2.1.332].
_SWITCH_PREFIX = "CLAUDE_CODE_USE_"
_OTHER_SWITCHES = frozenset(
    f"{_SWITCH_PREFIX}{name}"
    for name in ("CCR_V2", "COWORK_PLUGINS", "NATIVE_FILE_SEARCH", "POWERSHELL_TOOL")
)


def is_watched(name: str) -> bool:
    return name in WATCHED or name.startswith((VERTEX_REGION_PREFIX, _SWITCH_PREFIX))


def is_unmodelled_switch(name: str) -> bool:
    """Whether it would choose a provider that is not known here."""
    return name.startswith(_SWITCH_PREFIX) and name not in WATCHED and name not in _OTHER_SWITCHES


_OF_PROVIDER = _names(
    """
    AWS_REGION CLOUD_ML_REGION ANTHROPIC_VERTEX_PROJECT_ID ANTHROPIC_FOUNDRY_RESOURCE
    ANTHROPIC_AWS_WORKSPACE_ID ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID ANTHROPIC_GOOGLE_CLOUD_PROJECT
    """
)


def is_of_provider(name: str) -> bool:
    """Whether a program that manages the provider itself takes the variable over, and settings files have no
    say in it: credentials, switches, addresses, headers, regions, projects [seen, 2.1.332]."""
    if name in CREDENTIALS or name in PROVIDER_SWITCHES or name in _OF_PROVIDER:
        return True
    return name.endswith("_BASE_URL") or name.startswith(("CLAUDE_CODE_SKIP_", VERTEX_REGION_PREFIX))


def is_own(name: str, origin: Origin) -> bool:
    """Whether a variable that a project's settings can't set counts from there. Those of profiles and
    federation don't count from managed settings either [seen, 2.1.332]."""
    from_policy = origin.layer == "managed" and name in (*PROFILES, *FEDERATION)
    return not (origin.of_project or from_policy)


def own_value(variables: Mapping[str, tuple[Assignment, ...]], name: str) -> str:
    """The trimmed value of a variable that a project's settings can't set; empty where it is unset."""
    found = (one.value for one in variables.get(name, ()) if is_own(name, one.origin))
    return next((value.stripped().reveal() for value in found), "")


def switched_on(value: str) -> bool:
    """How Claude Code reads a switch [seen]: `1 true yes on` in any case are on, all else is off."""
    return value.strip(WHITE_SPACE).lower() in {"1", "true", "yes", "on"}


# ── what must not be shown ───────────────────────────────────────────────────────────────────────

#: A helper may print its credential within JSON.
_QUOTED = r'"([^"\\\s]{16,8000})"'
_MOST_PRINTED = 100_000


def secrets_of(snapshot: Snapshot) -> Iterator[Secret]:
    """Every value of a machine that must not be shown, whatever it looks like: of variables, stores, cloud
    files, and of what helpers printed."""
    for name in CREDENTIALS:
        for assignment in snapshot.variables.get(name, ()):
            yield assignment.value
            yield from _header_values(assignment.value)
    yield from (found.value for found in snapshot.descriptors.values() if found.value is not None)
    stores = (
        snapshot.login,
        snapshot.sdk_tokens,
        snapshot.keyring_tokens,
        snapshot.claw_tokens,
        snapshot.profile_tokens,
    )
    others = () if snapshot.more is None else (found.login for found in snapshot.more.directories)
    for store in (*stores, *others):
        yield from store.secrets
    told = None if snapshot.profile is None else snapshot.profile.identity
    files = (*snapshot.remote_files.values(), snapshot.identity, told)
    yield from (file.value for file in files if file is not None and file.value is not None)
    yield from (*snapshot.claude_json.approved, *snapshot.claude_json.rejected)
    if snapshot.claude_json.primary_api_key is not None:
        yield snapshot.claude_json.primary_api_key
    for profile in snapshot.aws.profiles.values():
        yield from profile.secrets
    yield from snapshot.google.secrets if snapshot.google is not None else ()
    for run in snapshot.runs.values():
        yield run.stdout
        yield from map(Secret, re.findall(_QUOTED, run.stdout.reveal()[:_MOST_PRINTED]))


def _header_values(value: Secret) -> Iterator[Secret]:
    """What stands behind the names, where a value is one of headers; behind `Bearer` too."""
    for line in value.reveal().splitlines():
        behind = line.partition(":")[2].strip()
        yield from (Secret(behind), Secret(behind.rpartition(" ")[2]))
