"""The other table: which program asks, and in which order it looks.

A client has two slots, each an ordered list of rules; the first rule whose source holds a value and whose
guard agrees fills the slot. `since` and `until` bound a rule by Claude Code's version. Where a rule comes
from: behaviour.md sections 1 and 2 (seen on the wire, or told by the page that the client's name says).
"""

from typing import Literal

from claude_auth.named_tuples import NamedTuple

Guard = Literal[
    "always",
    "approved",  # the key was approved, or this client never asks
    "account",  # of the credentials of an account this one is used
    "skip",  # CLAUDE_CODE_SKIP_…_AUTH is on
    "no-skip",
    "skip-not-empty",  # … and where the helper gives nothing, -p asks
    "skip-with-bearer",  # … and a Bearer goes out
    "no-anthropic-aws-key",  # … nor a key of Claude Platform on AWS
    "no-foundry-token",
    "no-foundry-key-skip",
    "no-foundry-key-no-skip",
]


class Rule(NamedTuple):
    source: str
    guard: Guard = "always"
    since: str | None = None
    until: str | None = None


class Slots(NamedTuple):
    """Rules for the two headers, each in the order in which Claude Code looks."""

    x_api_key: tuple[Rule, ...] = ()
    authorization: tuple[Rule, ...] = ()


class Client(NamedTuple):
    """`one_header`: the order of a client that sends the winner alone. `settings`: applies the env blocks and
    commands of Claude Code's settings. `trims`: removes white space around a value. `empty_counts`: an
    empty variable still fills its slot. `providers`: a cloud provider's switch replaces the ladder."""

    id: str
    label: str
    about: str
    slots: Slots = Slots()
    one_header: tuple[str, ...] = ()
    settings: bool = True
    asks_approval: bool = False
    trims: bool = True
    empty_counts: bool = False
    providers: bool = True
    #: From this version on an OAuth token from a project's or local env block is skipped.
    skips_project_oauth_since: str = "2.1.197"
    #: Claude Code itself: policies, modes and helpers have been observed for it.
    is_claude_code: bool = False
    #: Says which credential it goes by, and sends nothing.
    names_only: bool = False


#: First-party and gateway. ANTHROPIC_CUSTOM_HEADERS replaces a key and an OAuth Bearer, but not
#: ANTHROPIC_AUTH_TOKEN's, a helper's, a profile's or federation's Bearer [seen, 2.1.332].
FIRST_PARTY = Slots(
    (
        Rule("custom-headers"),
        Rule("anthropic-api-key", "approved"),
        Rule("api-key-file-descriptor"),
        Rule("remote-api-key"),
        Rule("api-key-helper"),
        Rule("managed-key", "account"),
    ),
    (
        Rule("anthropic-auth-token"),
        Rule("api-key-helper"),
        Rule("profile", "account"),
        Rule("federation", "account"),
        Rule("custom-headers"),
        Rule("claude-code-oauth-token", "account"),
        Rule("oauth-token-file-descriptor", "account"),
        Rule("remote-oauth-token", "account"),
        Rule("stored-login", "account"),
    ),
)

#: CLAUDE_CODE_USE_GATEWAY: one Bearer, and headers of one's own [seen, 2.1.332].
GATEWAY_MODE = Slots((Rule("custom-headers"),), (Rule("anthropic-auth-token"),))


def _skipping(helper: Guard) -> tuple[Rule, ...]:
    """What goes out in the place of the provider's own credential where it is told to skip that."""
    return (
        Rule("anthropic-auth-token", "skip"),
        Rule("api-key-helper", helper),
        Rule("custom-headers", "skip"),
    )


_AWS_CHAIN = ("aws-credential-export", "aws-profile", "aws-environment", "aws-default-profile", "aws-ambient")


def _signing(guard: Guard) -> tuple[Rule, ...]:
    return tuple(Rule(part, guard) for part in _AWS_CHAIN)


#: What replaces the ladder in a cloud provider's mode [seen; SKIP rows with 2.1.328; both Claude Platforms
#: and Mantle with 2.1.332].
PROVIDER_SLOTS: dict[str, Slots] = {
    "bedrock": Slots(
        (
            Rule("custom-headers"),
            Rule("anthropic-api-key", "approved", until="2.1.206"),
            Rule("anthropic-api-key", "skip-with-bearer"),
        ),
        (
            Rule("bedrock-api-key"),
            Rule("anthropic-auth-token", until="2.1.206"),
            *_skipping("skip-not-empty"),
            *_signing("no-skip"),
        ),
    ),
    "vertex": Slots(
        (Rule("custom-headers"), Rule("anthropic-api-key", "skip")),
        (*_skipping("skip-not-empty"), Rule("vertex", "no-skip")),
    ),
    "foundry": Slots(
        (Rule("custom-headers"), Rule("foundry-key", "no-foundry-token")),
        (
            Rule("foundry-token"),
            Rule("anthropic-auth-token", "no-foundry-key-skip"),
            Rule("api-key-helper", "no-foundry-key-skip"),
            Rule("foundry-placeholder", "no-foundry-key-skip"),
            Rule("azure", "no-foundry-key-no-skip"),
        ),
    ),
    "anthropic-aws": Slots(
        (
            Rule("custom-headers"),
            Rule("anthropic-auth-token-as-key", "skip"),
            Rule("api-key-helper", "skip"),
            Rule("anthropic-aws", "no-skip"),
        ),
        (*_skipping("skip"), *_signing("no-anthropic-aws-key")),
    ),
    "anthropic-google-cloud": Slots(
        (Rule("custom-headers"),), (*_skipping("skip"), Rule("anthropic-google-cloud", "no-skip"))
    ),
    "mantle": Slots(
        (Rule("custom-headers"),),
        (Rule("bedrock-api-key"), *_skipping("skip-not-empty"), *_signing("no-skip")),
    ),
}


def _order(sources: str) -> tuple[str, ...]:
    return tuple(sources.split())


CLIENTS: tuple[Client, ...] = (
    Client(
        "claude",
        "claude",
        "Claude Code in a terminal: as it was observed",
        FIRST_PARTY,
        asks_approval=True,
        is_claude_code=True,
    ),
    Client(
        "claude-print",
        "claude -p",
        "claude -p and the Agent SDK: as it was observed",
        FIRST_PARTY,
        skips_project_oauth_since="2.1.199",
        is_claude_code=True,
    ),
    Client(
        "documented",
        "documented order",
        "Claude Code as documented: the first that is set",
        one_header=_order(
            "anthropic-auth-token claude-code-oauth-token oauth-token-file-descriptor api-key-helper "
            "stored-login anthropic-api-key"
        ),
    ),
    Client(
        "docs-2026-08",
        "docs of August 2026",
        "the same, by the official page of 22 Aug 2026",
        asks_approval=True,
        one_header=_order(
            "anthropic-auth-token anthropic-api-key api-key-helper claude-code-oauth-token profile "
            "federation stored-login"
        ),
    ),
    Client(
        "claw",
        "claw",
        "another program for Claude, which sends one header",
        settings=False,
        one_header=_order("anthropic-api-key anthropic-auth-token claw-tokens"),
        providers=False,
    ),
    Client(
        "sdk",
        "SDK",
        "our library claude_auth: its login, then the API key",
        settings=False,
        one_header=_order("sdk-tokens keyring-tokens anthropic-api-key"),
        providers=False,
    ),
    Client(
        "anthropic-sdk",
        "anthropic SDK",
        "the plain anthropic SDK: both variables, both headers",
        Slots((Rule("anthropic-api-key"),), (Rule("anthropic-auth-token"),)),
        settings=False,
        trims=False,
        empty_counts=True,
        providers=False,
    ),
    Client(
        "claude-auth-status",
        "claude auth status",
        "what that command answers, by an order of its own",
        one_header=_order(
            "anthropic-auth-token api-key-helper anthropic-api-key api-key-file-descriptor "
            "remote-api-key claude-code-oauth-token oauth-token-file-descriptor remote-oauth-token "
            "profile federation stored-login managed-key"
        ),
        names_only=True,
    ),
)

BY_ID: dict[str, Client] = {client.id: client for client in CLIENTS}

#: `authMethod` of `claude auth status` by what it goes by [seen, 2.1.332]; of a cloud provider, and in
#: gateway mode: THIRD_PARTY.
AUTH_METHODS: dict[str, str] = {
    "anthropic-auth-token": "oauth_token",
    "api-key-helper": "api_key_helper",
    "anthropic-api-key": "api_key",
    "api-key-file-descriptor": "api_key",
    "remote-api-key": "api_key",
    "managed-key": "api_key",
    "stored-login": "claude.ai",
}
THIRD_PARTY, OTHER_METHOD, NO_METHOD = "third_party", "oauth_token", "none"

#: OAuth tokens that whoever starts Claude Code hands over, in the order in which they win.
HANDED_OVER = _order("claude-code-oauth-token oauth-token-file-descriptor remote-oauth-token")
#: Sources whose Bearer is an OAuth token of a Claude account, sent with the beta header.
OAUTH_SOURCES: tuple[str, ...] = (*HANDED_OVER, "stored-login")
#: … and those that go out with it although no Claude account signed in.
BETA_SOURCES: tuple[str, ...] = (*OAUTH_SOURCES, "profile", "federation")
OAUTH_BETA = "oauth-2025-04-20"
