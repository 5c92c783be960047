"""The variables that matter, and whether a value may be shown.

Names from behaviour.md sections 1, 2 and 6, and the catalogue of causes for proxies and certificates.
"""

from __future__ import annotations

#: Values that are secrets. Everything else in the tables below may be shown, cleaned.
CREDENTIALS: tuple[str, ...] = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "ANTHROPIC_CUSTOM_HEADERS",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "ANTHROPIC_FOUNDRY_API_KEY",
    "ANTHROPIC_FOUNDRY_AUTH_TOKEN",
    "ANTHROPIC_AWS_API_KEY",
    "AZURE_CLIENT_SECRET",
    "CLAUDE_OAUTH_CLIENT_SECRET",
)

DESCRIPTORS: tuple[str, ...] = (
    "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
    "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
)

PROVIDER_SWITCHES: tuple[str, ...] = (
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_ANTHROPIC_AWS",
    "CLAUDE_CODE_USE_MANTLE",
    "CLAUDE_CODE_USE_VERTEX",
)

MODES: tuple[str, ...] = (
    "CLAUDE_CODE_SIMPLE",
    "CLAUDE_CODE_API_KEY_HELPER_TTL_MS",
    "CLAUDE_CODE_SDK_HAS_HOST_AUTH_REFRESH",
    "ANTHROPIC_PROFILE",
    "ANTHROPIC_FEDERATION_RULE_ID",
    "ANTHROPIC_ORGANIZATION_ID",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_MODEL",
)

#: With these a project's settings can lead requests elsewhere, or put a credential of theirs into them.
STEERING: tuple[str, ...] = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_BEDROCK_BASE_URL",
    "AWS_BEARER_TOKEN_BEDROCK",
    *PROVIDER_SWITCHES,
)

PLACES: tuple[str, ...] = ("CLAUDE_CONFIG_DIR", "CLAUDE_SECURESTORAGE_CONFIG_DIR")

AWS: tuple[str, ...] = (
    "ANTHROPIC_BEDROCK_BASE_URL",
    "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    "ANTHROPIC_AWS_WORKSPACE_ID",
)

GOOGLE: tuple[str, ...] = (
    "CLAUDE_CODE_SKIP_VERTEX_AUTH",
    "ANTHROPIC_VERTEX_BASE_URL",
    "ANTHROPIC_VERTEX_PROJECT_ID",
    "GCLOUD_PROJECT",
    "GOOGLE_CLOUD_PROJECT",
    "CLOUD_ML_REGION",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "CLOUDSDK_CONFIG",
    "GCE_METADATA_HOST",
    "K_SERVICE",
    "CLOUD_RUN_JOB",
    "FUNCTION_TARGET",
    "GAE_SERVICE",
)

AZURE: tuple[str, ...] = (
    "CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
    "ANTHROPIC_FOUNDRY_BASE_URL",
    "ANTHROPIC_FOUNDRY_RESOURCE",
    "AZURE_CLIENT_ID",
    "AZURE_TENANT_ID",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_CONFIG_DIR",
    "IDENTITY_ENDPOINT",
    "MSI_ENDPOINT",
)

NETWORK: tuple[str, ...] = (
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "NODE_EXTRA_CA_CERTS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "NODE_USE_SYSTEM_CA",
    "NODE_OPTIONS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CLAUDE_CODE_CERT_STORE",
)

OUR_CLIENT: tuple[str, ...] = (
    "CLAUDE_OAUTH_CLIENT_ID",
    "CLAUDE_OAUTH_REDIRECT_URI",
    "CLAUDE_OAUTH_AUTHORIZE_URL",
    "CLAUDE_OAUTH_TOKEN_URL",
    "CLAUDE_OAUTH_SCOPES",
)

WATCHED: frozenset[str] = frozenset(
    CREDENTIALS
    + DESCRIPTORS
    + PROVIDER_SWITCHES
    + MODES
    + PLACES
    + AWS
    + GOOGLE
    + AZURE
    + NETWORK
    + OUR_CLIENT
)

#: Per-model Vertex regions: any of them makes the host depend on the model.
VERTEX_REGION_PREFIX = "VERTEX_REGION_CLAUDE"

#: Settings keys other than `env` that the dashboard reads.
SETTINGS_KEYS: tuple[str, ...] = (
    "apiKeyHelper",
    "awsCredentialExport",
    "awsAuthRefresh",
    "gcpAuthRefresh",
    "otelHeadersHelper",
    "forceLoginMethod",
    "forceLoginOrgUUID",
)

COMMAND_SETTINGS: tuple[str, ...] = (
    "apiKeyHelper",
    "awsCredentialExport",
    "awsAuthRefresh",
    "gcpAuthRefresh",
    "otelHeadersHelper",
)


def is_watched(name: str) -> bool:
    return name in WATCHED or name.startswith(VERTEX_REGION_PREFIX)


def switched_on(value: str) -> bool:
    """How Claude Code reads a switch [seen]: `1 true yes on` in any case are on, all else is off."""
    return value.strip().lower() in {"1", "true", "yes", "on"}
