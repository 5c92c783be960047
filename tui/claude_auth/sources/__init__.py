"""The one table of credential sources. The ladder, the panes, the JSON, the docs and the tests iterate it.

Ranks 1 to 6 are the documented ladder [seed 002]; the other rows have no rank there but can reach the wire,
replace the ladder, or belong to another program.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Family = Literal["ladder", "wire", "provider", "other-program"]


class Source(NamedTuple):
    """A row: `variable` is the environment variable that sets it, if one does; `unset` says how to make it
    go away, as a command where there is one."""

    id: str
    label: str
    rank: int | None
    family: Family
    sets: str
    unset: str
    bills: str
    variable: str | None = None
    unset_command: str | None = None


_API = "per token, to the Console organisation of the key"
_PLAN = "the Claude subscription of the signed-in account"

SOURCES: tuple[Source, ...] = (
    Source(
        "anthropic-auth-token",
        "ANTHROPIC_AUTH_TOKEN",
        1,
        "ladder",
        "an environment variable, or the env block of a settings file",
        "unset the variable where it is set, then start claude from a new shell",
        "whatever the receiving gateway bills",
        "ANTHROPIC_AUTH_TOKEN",
        "unset ANTHROPIC_AUTH_TOKEN",
    ),
    Source(
        "claude-code-oauth-token",
        "CLAUDE_CODE_OAUTH_TOKEN",
        2,
        "ladder",
        "an environment variable, usually a token from `claude setup-token`",
        "unset the variable where it is set, then start claude from a new shell",
        _PLAN,
        "CLAUDE_CODE_OAUTH_TOKEN",
        "unset CLAUDE_CODE_OAUTH_TOKEN",
    ),
    Source(
        "oauth-token-file-descriptor",
        "OAuth file descriptor",
        3,
        "ladder",
        "a program that starts Claude Code and hands it a token through an open file descriptor",
        "start claude without that program, or unset the variable",
        _PLAN,
        "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
        "unset CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
    ),
    Source(
        "api-key-helper",
        "apiKeyHelper",
        4,
        "ladder",
        "the apiKeyHelper key of a settings file: a command that prints the key",
        "remove the apiKeyHelper line from the settings file",
        "whatever the key that it prints bills",
    ),
    Source(
        "stored-login",
        "claude.ai login",
        5,
        "ladder",
        "signing in: `claude auth login`",
        "sign out: `claude auth logout`",
        _PLAN,
        None,
        "claude auth logout",
    ),
    Source(
        "anthropic-api-key",
        "ANTHROPIC_API_KEY",
        6,
        "ladder",
        "an environment variable, or the env block of a settings file",
        "unset the variable where it is set, then start claude from a new shell",
        _API,
        "ANTHROPIC_API_KEY",
        "unset ANTHROPIC_API_KEY",
    ),
    Source(
        "api-key-file-descriptor",
        "API key file descriptor",
        None,
        "wire",
        "a program that starts Claude Code and hands it a key through an open file descriptor",
        "start claude without that program, or unset the variable",
        _API,
        "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
        "unset CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
    ),
    Source(
        "managed-key",
        "Console login key",
        None,
        "wire",
        "signing in with a Console account, which stores a key as primaryApiKey in .claude.json",
        "sign out: `claude auth logout`",
        _API,
        None,
        "claude auth logout",
    ),
    Source(
        "custom-headers",
        "ANTHROPIC_CUSTOM_HEADERS",
        None,
        "wire",
        "an environment variable that can set either header itself",
        "unset the variable, or take the x-api-key or Authorization line out of it",
        "whatever the credential in that header bills",
        "ANTHROPIC_CUSTOM_HEADERS",
        "unset ANTHROPIC_CUSTOM_HEADERS",
    ),
    Source(
        "bedrock",
        "Amazon Bedrock",
        None,
        "provider",
        "CLAUDE_CODE_USE_BEDROCK; the credentials are AWS's own",
        "unset CLAUDE_CODE_USE_BEDROCK",
        "the AWS account of the credentials",
        "CLAUDE_CODE_USE_BEDROCK",
        "unset CLAUDE_CODE_USE_BEDROCK",
    ),
    Source(
        "bedrock-api-key",
        "Bedrock API key",
        None,
        "provider",
        "AWS_BEARER_TOKEN_BEDROCK, which outranks every other AWS credential",
        "unset AWS_BEARER_TOKEN_BEDROCK",
        "the AWS account that issued the key",
        "AWS_BEARER_TOKEN_BEDROCK",
        "unset AWS_BEARER_TOKEN_BEDROCK",
    ),
    Source(
        "vertex",
        "Google Vertex AI",
        None,
        "provider",
        "CLAUDE_CODE_USE_VERTEX; the credentials are Google's Application Default Credentials",
        "unset CLAUDE_CODE_USE_VERTEX",
        "the Google Cloud project",
        "CLAUDE_CODE_USE_VERTEX",
        "unset CLAUDE_CODE_USE_VERTEX",
    ),
    Source(
        "foundry",
        "Microsoft Foundry",
        None,
        "provider",
        "CLAUDE_CODE_USE_FOUNDRY; a key, a token or Azure's own credentials",
        "unset CLAUDE_CODE_USE_FOUNDRY",
        "the Azure subscription of the resource",
        "CLAUDE_CODE_USE_FOUNDRY",
        "unset CLAUDE_CODE_USE_FOUNDRY",
    ),
    Source(
        "anthropic-aws",
        "Claude Platform on AWS",
        None,
        "provider",
        "CLAUDE_CODE_USE_ANTHROPIC_AWS",
        "unset CLAUDE_CODE_USE_ANTHROPIC_AWS",
        "the AWS account of the workspace",
        "CLAUDE_CODE_USE_ANTHROPIC_AWS",
        "unset CLAUDE_CODE_USE_ANTHROPIC_AWS",
    ),
    Source(
        "mantle",
        "Mantle",
        None,
        "provider",
        "CLAUDE_CODE_USE_MANTLE",
        "unset CLAUDE_CODE_USE_MANTLE",
        "not known here",
        "CLAUDE_CODE_USE_MANTLE",
        "unset CLAUDE_CODE_USE_MANTLE",
    ),
    Source(
        "sdk-tokens",
        "SDK token file",
        None,
        "other-program",
        "signing in with your own OAuth client: `claude-auth login`, kept in ~/.claude_code/tokens.json",
        "move ~/.claude_code/tokens.json aside",
        "what the OAuth client's server bills",
    ),
    Source(
        "keyring-tokens",
        "SDK tokens in the keyring",
        None,
        "other-program",
        "signing in with your own OAuth client into the system's keyring",
        "remove the entry with the system's keyring program",
        "what the OAuth client's server bills",
    ),
    Source(
        "claw-tokens",
        "claw's login",
        None,
        "other-program",
        "signing in with the program claw, kept below ~/.claude/credentials",
        "sign out with claw",
        "what claw's OAuth client bills",
    ),
    Source(
        "profile",
        "Anthropic profile",
        None,
        "wire",
        "ANTHROPIC_PROFILE, a profile below ~/.config/anthropic, or workload identity variables",
        "unset ANTHROPIC_PROFILE and the workload identity variables",
        "the organisation of the profile",
        "ANTHROPIC_PROFILE",
        "unset ANTHROPIC_PROFILE",
    ),
)

BY_ID: dict[str, Source] = {source.id: source for source in SOURCES}

#: What signs or fills a request in a cloud provider's mode without being a row of the ladder.
WIRE_LABELS: dict[str, str] = {
    "aws-credential-export": "awsCredentialExport",
    "aws-profile": "AWS_PROFILE",
    "aws-environment": "AWS keys in the environment",
    "aws-default-profile": "AWS profile [default]",
    "aws-ambient": "AWS role of this machine",
}


def label(source_id: str) -> str:
    """The words for a source, also for those that only sign."""
    return BY_ID[source_id].label if source_id in BY_ID else WIRE_LABELS.get(source_id, source_id)


def rank_key(source_id: str) -> tuple[int, int]:
    """Sorts by documented rank, unranked ones last and in table order."""
    order = [source.id for source in SOURCES]
    row = BY_ID.get(source_id)
    rank = row.rank if row is not None and row.rank is not None else 99
    return rank, order.index(source_id) if source_id in BY_ID else len(order)
