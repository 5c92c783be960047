"""The ways to get at Claude, as one table of records: what each asks for, where that may be written, what
Claude Code reads it from, and which source has to win in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from claude_auth.actions.set_up import fields
from claude_auth.actions.set_up.fields import SetUpField
from claude_auth.claude_code.values import SETUP_TOKEN_LENGTH
from claude_auth.claude_code.variables import PROVIDER_OF
from claude_auth.formats.cloud_files import LONG_TERM, SHORT_TERM
from claude_auth.model import Provider

#: Where values go: the keyring of this system behind an apiKeyHelper, the person's settings of Claude Code, a
#: start-up file of the shell, a secret of a repository's builds, or nowhere.
SetUpPlace = Literal["keyring", "settings", "shell", "build", "copy"]
#: Nothing is written there: there are lines to copy, which ask for a secret themselves.
BY_HAND: frozenset[SetUpPlace | None] = frozenset({"build", "copy"})
SignInRoute = Literal["subscription", "console", "own"]


@dataclass(frozen=True, slots=True)
class SetUpPath:
    """`places`: the usual one first; none where nothing is written. `expects`: sources of which one has to
    win. `provider`: where requests go then, None where an address decides. `switch`: the variable that
    turns the provider on. `sign_in`: as what one signs in, where that is needed. `run`: the command that
    brings the credentials. `made_by`: the one that prints what is to be typed."""

    id: str
    label: str
    detail: str
    expects: tuple[str, ...]
    provider: Provider | None = "first-party"
    fields: tuple[SetUpField, ...] = ()
    places: tuple[SetUpPlace, ...] = ()
    switch: str | None = None
    sign_in: SignInRoute | None = None
    run: Literal["aws-refresh", "gcp-refresh"] | None = None
    made_by: Literal["claude setup-token"] | None = None


# ── the fields ───────────────────────────────────────────────────────────────────────────────────

_AWS_REGION = fields.named(r"[a-z]{2}(-[a-z]+)+-\d", "a region is written as us-east-1")
_GOOGLE_REGION = fields.named(
    r"global|us|eu|[a-z]+-[a-z]+\d{1,2}", "a region is written as us-east5, or global"
)
_PROJECT = fields.named(
    r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]",
    "a project's id has 6 to 30 small letters, digits and dashes, and begins with a letter",
)
_CLIENT_ID = fields.named(
    r"[A-Za-z0-9][\w.:/@+~-]{2,199}", "a client id is one word of three characters or more"
)

_WORD = "A-Za-z0-9_-"

API_KEY = SetUpField(
    "key",
    "API key",
    "from platform.claude.com, settings, API keys; it begins with sk-ant-api",
    fields.with_prefix(("sk-ant-api",), "an API key", 60, _WORD),
    "ANTHROPIC_API_KEY",
    secret=True,
)
YEAR_TOKEN = SetUpField(
    "token",
    "Token for a year",
    "what `claude setup-token` printed; it begins with sk-ant-oat",
    fields.with_prefix(
        ("sk-ant-oat",),
        "such a token",
        SETUP_TOKEN_LENGTH,
        _WORD,
        "too short, or cut off where its line ended",
    ),
    "CLAUDE_CODE_OAUTH_TOKEN",
    secret=True,
)
BEDROCK_KEY = SetUpField(
    "key",
    "Bedrock API key",
    "from the Bedrock console; it begins with ABSK or bedrock-api-key-",
    fields.with_prefix((LONG_TERM, SHORT_TERM), "a Bedrock API key", 40, "A-Za-z0-9+/=_-"),
    "AWS_BEARER_TOKEN_BEDROCK",
    secret=True,
)
AWS_REGION = SetUpField("region", "Region", "where the models run, say us-east-1", _AWS_REGION, "AWS_REGION")
AWS_PROFILE = SetUpField(
    "profile", "AWS profile", "its name in ~/.aws/config", fields.aws_profile, "AWS_PROFILE"
)
SSO_PROFILE = SetUpField(
    "profile",
    "AWS profile",
    "one that `aws configure sso` made, by its name in ~/.aws/config",
    fields.sso_profile,
    "AWS_PROFILE",
)
REFRESH_COMMAND = SetUpField(
    "refresh", "Command that signs in again", "left empty: the usual one", fields.command, optional=True
)
PROJECT = SetUpField(
    "project", "Google Cloud project", "its id, say my-project-1", _PROJECT, "ANTHROPIC_VERTEX_PROJECT_ID"
)
GOOGLE_REGION = SetUpField("region", "Region", "say us-east5, or global", _GOOGLE_REGION, "CLOUD_ML_REGION")
SERVICE_ACCOUNT = SetUpField(
    "file",
    "Key file",
    "the JSON of a service account",
    fields.service_account_file,
    "GOOGLE_APPLICATION_CREDENTIALS",
)
RESOURCE = SetUpField(
    "resource",
    "Foundry resource",
    "its name, without .services.ai.azure.com",
    fields.foundry_resource,
    "ANTHROPIC_FOUNDRY_RESOURCE",
)
FOUNDRY_KEY = SetUpField(
    "key",
    "Foundry API key",
    "left empty: the login of the az command is used",
    fields.opaque_secret("a key of Azure's", frozenset(), 32),
    "ANTHROPIC_FOUNDRY_API_KEY",
    secret=True,
    optional=True,
)
GATEWAY_URL = SetUpField(
    "url", "Gateway address", "https://…, without /v1", fields.address(anthropic=False), "ANTHROPIC_BASE_URL"
)
GATEWAY_TOKEN = SetUpField(
    "token",
    "Gateway token",
    "what the gateway gave you; it is sent there as a Bearer",
    fields.opaque_secret("a gateway's token", frozenset({"sk-", "sk-or-"}), 8),
    "ANTHROPIC_AUTH_TOKEN",
    secret=True,
)
CLIENT_ID = SetUpField("client_id", "Client id", "of your own OAuth client", _CLIENT_ID)
CLIENT_SECRET = SetUpField(
    "client_secret",
    "Client secret",
    "left empty where the client has none",
    fields.opaque_secret("a client's secret", frozenset(), 8),
    "CLAUDE_OAUTH_CLIENT_SECRET",
    secret=True,
    optional=True,
)
ISSUER = SetUpField(
    "issuer", "Issuer", "https://… of the authorization server", fields.address(anthropic=True)
)
SCOPES = SetUpField("scopes", "Scopes", "words with blanks between them", fields.scopes, optional=True)
OWN_URL = SetUpField(
    "url",
    "Address of the API",
    "where the token is sent; left empty: Anthropic's own",
    fields.address(anthropic=False),
    "ANTHROPIC_BASE_URL",
    optional=True,
)

# ── the ways ─────────────────────────────────────────────────────────────────────────────────────

_WRITTEN: tuple[SetUpPlace, ...] = ("settings", "shell", "copy")
_BEDROCK = "CLAUDE_CODE_USE_BEDROCK"
_VERTEX = "CLAUDE_CODE_USE_VERTEX"

SET_UP_PATHS: tuple[SetUpPath, ...] = (
    SetUpPath(
        "subscription",
        "Claude subscription",
        "Pro, Max, Team, Enterprise",
        ("stored-login",),
        sign_in="subscription",
    ),
    SetUpPath(
        "console",
        "Console account",
        "of platform.claude.com; billed per token",
        ("managed-key",),
        sign_in="console",
    ),
    SetUpPath(
        "api-key",
        "API key",
        "one that you have; billed per token",
        ("anthropic-api-key", "api-key-helper"),
        fields=(API_KEY,),
        places=("keyring", "shell", "copy"),
    ),
    SetUpPath(
        "year-token",
        "Token for a year",
        "for servers and builds without a browser",
        ("claude-code-oauth-token",),
        fields=(YEAR_TOKEN,),
        places=("shell", "settings", "build", "copy"),
        made_by="claude setup-token",
    ),
    SetUpPath(
        "bedrock-key",
        "Amazon Bedrock, API key",
        "one key, no AWS profile",
        ("bedrock-api-key",),
        PROVIDER_OF[_BEDROCK],
        fields=(BEDROCK_KEY, AWS_REGION),
        places=_WRITTEN,
        switch=_BEDROCK,
    ),
    SetUpPath(
        "bedrock-profile",
        "Amazon Bedrock, AWS profile",
        "keys or a role of ~/.aws",
        ("bedrock",),
        PROVIDER_OF[_BEDROCK],
        fields=(AWS_PROFILE, AWS_REGION),
        places=_WRITTEN,
        switch=_BEDROCK,
    ),
    SetUpPath(
        "bedrock-sso",
        "Amazon Bedrock, single sign-on",
        "a profile that signs in with a browser",
        ("bedrock",),
        PROVIDER_OF[_BEDROCK],
        fields=(SSO_PROFILE, AWS_REGION, REFRESH_COMMAND),
        places=_WRITTEN,
        switch=_BEDROCK,
        run="aws-refresh",
    ),
    SetUpPath(
        "vertex-adc",
        "Google Vertex AI",
        "your own Google login, by gcloud",
        ("vertex",),
        PROVIDER_OF[_VERTEX],
        fields=(PROJECT, GOOGLE_REGION, REFRESH_COMMAND),
        places=_WRITTEN,
        switch=_VERTEX,
        run="gcp-refresh",
    ),
    SetUpPath(
        "vertex-service-account",
        "Google Vertex AI, service account",
        "the key file of a service account",
        ("vertex",),
        PROVIDER_OF[_VERTEX],
        fields=(SERVICE_ACCOUNT, PROJECT, GOOGLE_REGION),
        places=_WRITTEN,
        switch=_VERTEX,
    ),
    SetUpPath(
        "foundry",
        "Microsoft Foundry",
        "a resource; its key, or the login of az",
        ("foundry",),
        PROVIDER_OF["CLAUDE_CODE_USE_FOUNDRY"],
        fields=(RESOURCE, FOUNDRY_KEY),
        places=_WRITTEN,
        switch="CLAUDE_CODE_USE_FOUNDRY",
    ),
    SetUpPath(
        "gateway",
        "Company gateway",
        "an address and a token",
        ("anthropic-auth-token",),
        "gateway",
        fields=(GATEWAY_URL, GATEWAY_TOKEN),
        places=_WRITTEN,
    ),
    SetUpPath(
        "own-client",
        "OAuth client of your own",
        "an app that you registered, signed in here",
        ("api-key-helper",),
        None,
        fields=(CLIENT_ID, ISSUER, CLIENT_SECRET, SCOPES, OWN_URL),
        places=("settings",),
        sign_in="own",
    ),
)
PATH_BY_ID = {path.id: path for path in SET_UP_PATHS}
