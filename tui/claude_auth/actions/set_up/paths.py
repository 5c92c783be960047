"""The ways to get at Claude, as one table of records: what each asks for, where that may be written, what
Claude Code reads it from, and which source has to win in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from claude_auth.actions.set_up import fields
from claude_auth.actions.set_up.fields import SetUpField
from claude_auth.claude_code.variables import PROVIDER_OF
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
        fields=(fields.API_KEY,),
        places=("keyring", "shell", "copy"),
    ),
    SetUpPath(
        "year-token",
        "Token for a year",
        "for servers and builds without a browser",
        ("claude-code-oauth-token",),
        fields=(fields.YEAR_TOKEN,),
        places=("shell", "settings", "build", "copy"),
        made_by="claude setup-token",
    ),
    SetUpPath(
        "bedrock-key",
        "Amazon Bedrock, API key",
        "one key, no AWS profile",
        ("bedrock-api-key",),
        PROVIDER_OF[_BEDROCK],
        fields=(fields.BEDROCK_KEY, fields.AWS_REGION),
        places=_WRITTEN,
        switch=_BEDROCK,
    ),
    SetUpPath(
        "bedrock-profile",
        "Amazon Bedrock, AWS profile",
        "keys or a role of ~/.aws",
        ("bedrock",),
        PROVIDER_OF[_BEDROCK],
        fields=(fields.AWS_PROFILE, fields.AWS_REGION),
        places=_WRITTEN,
        switch=_BEDROCK,
    ),
    SetUpPath(
        "bedrock-sso",
        "Amazon Bedrock, single sign-on",
        "a profile that signs in with a browser",
        ("bedrock",),
        PROVIDER_OF[_BEDROCK],
        fields=(fields.SSO_PROFILE, fields.AWS_REGION, fields.REFRESH_COMMAND),
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
        fields=(fields.PROJECT, fields.GOOGLE_REGION, fields.REFRESH_COMMAND),
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
        fields=(fields.SERVICE_ACCOUNT, fields.PROJECT, fields.GOOGLE_REGION),
        places=_WRITTEN,
        switch=_VERTEX,
    ),
    SetUpPath(
        "foundry",
        "Microsoft Foundry",
        "a resource; its key, or the login of az",
        ("foundry",),
        PROVIDER_OF["CLAUDE_CODE_USE_FOUNDRY"],
        fields=(fields.RESOURCE, fields.FOUNDRY_KEY),
        places=_WRITTEN,
        switch="CLAUDE_CODE_USE_FOUNDRY",
    ),
    SetUpPath(
        "gateway",
        "Company gateway",
        "an address and a token",
        ("anthropic-auth-token",),
        "gateway",
        fields=(fields.GATEWAY_URL, fields.GATEWAY_TOKEN),
        places=_WRITTEN,
    ),
    SetUpPath(
        "own-client",
        "OAuth client of your own",
        "an app that you registered, signed in here",
        ("api-key-helper",),
        None,
        fields=(fields.CLIENT_ID, fields.ISSUER, fields.CLIENT_SECRET, fields.SCOPES, fields.OWN_URL),
        places=("settings",),
        sign_in="own",
    ),
)
PATH_BY_ID = {path.id: path for path in SET_UP_PATHS}
