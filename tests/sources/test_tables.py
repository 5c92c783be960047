"""The tables: sources, clients, variables. Everything else iterates them, so they must fit together."""

from __future__ import annotations

import pytest

from claude_auth import sources
from claude_auth.claude_code import clients, variables, versions
from claude_auth.claude_code.clients import CLIENTS, PROVIDER_SLOTS, Client, Rule
from claude_auth.resolve.slots import GUARDS
from claude_auth.sources import SOURCES

#: Promised by the conformance README, in table order.
PROMISED = (
    "anthropic-auth-token",
    "claude-code-oauth-token",
    "oauth-token-file-descriptor",
    "api-key-helper",
    "stored-login",
    "anthropic-api-key",
    "api-key-file-descriptor",
    "managed-key",
    "custom-headers",
    "bedrock",
    "bedrock-api-key",
    "vertex",
    "foundry",
    "anthropic-aws",
    "anthropic-google-cloud",
    "mantle",
    "sdk-tokens",
    "keyring-tokens",
    "claw-tokens",
    "profile",
    "federation",
    "remote-oauth-token",
    "remote-api-key",
)
EVERY_RULE: list[tuple[str, Rule]] = [
    (slot, rule)
    for slots in (*(client.slots for client in CLIENTS), *PROVIDER_SLOTS.values())
    for slot, rules in (("x_api_key", slots.x_api_key), ("authorization", slots.authorization))
    for rule in rules
]


def test_all_promised_sources_are_there_in_their_order() -> None:
    ids = [source.id for source in SOURCES]
    assert [name for name in ids if name in PROMISED] == list(PROMISED)
    assert len(ids) == len(set(ids))


def test_the_documented_ladder_has_ranks_one_to_six_in_the_seed_s_order() -> None:
    assert [source.id for source in SOURCES if source.rank] == list(PROMISED[:6])
    assert [source.rank for source in SOURCES if source.rank] == [1, 2, 3, 4, 5, 6]
    assert clients.BY_ID["documented"].one_header == PROMISED[:6]


def test_every_source_says_what_sets_it_how_to_unset_it_and_what_it_bills() -> None:
    assert all(source.label and source.sets and source.unset and source.bills for source in SOURCES)


def test_a_variable_that_sets_a_source_is_watched() -> None:
    assert all(variables.is_watched(source.variable) for source in SOURCES if source.variable)


@pytest.mark.parametrize(("slot", "rule"), EVERY_RULE)
def test_a_rule_names_what_exists(slot: str, rule: Rule) -> None:
    assert getattr(sources.find(rule.source), slot) is not None
    assert rule.guard == "account" or rule.guard in GUARDS
    assert sources.owner(rule.source) in sources.BY_ID
    for bound in (rule.since, rule.until):
        assert bound is None or versions.parse_version(bound) is not None


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_a_client_has_two_slots_or_one_order(client: Client) -> None:
    assert bool(client.one_header) != bool(client.slots.x_api_key or client.slots.authorization)
    assert all(source in sources.BY_ID for source in client.one_header)


def test_the_promised_clients_are_there() -> None:
    promised = ["claude", "claude-print", "documented", "docs-2026-08", "claw", "sdk", "anthropic-sdk"]
    assert [client.id for client in CLIENTS] == [*promised, "claude-auth-status"]


def test_rank_key_sorts_the_ladder_first_and_the_rest_in_table_order() -> None:
    everything = [source.id for source in SOURCES]
    assert sorted(sorted(everything), key=sources.rank_key) == everything
    assert sources.rank_key("no such source") > sources.rank_key("profile")


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes", "on", " 1 ", "On"])
def test_what_switches_on(value: str) -> None:
    assert variables.switched_on(value)


@pytest.mark.parametrize("value", ["", "0", "false", "no", "2", "y", "enabled", "1.0"])
def test_what_does_not_switch_on(value: str) -> None:
    assert not variables.switched_on(value)
