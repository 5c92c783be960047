"""What holds for every machine, client and version."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from claude_auth.actions.evaluate import evaluation_plan
from claude_auth.claude_code import clients
from claude_auth.diagnose import diagnose, verdict
from claude_auth.diagnose.causes import rank
from claude_auth.model import (
    AnthropicProfile,
    Assignment,
    ClaudeJson,
    Damage,
    DescriptorReading,
    Origin,
    Resolution,
    Setting,
    Snapshot,
    StoreReading,
    TokenSet,
)
from claude_auth.present.documents import status_document
from claude_auth.resolve import resolve
from claude_auth.security.secret import Secret
from claude_auth.sources import SOURCES, owner
from tests.as_text import status_text
from tests.resolve.snapshots import CLIENT_IDS, NOW, PLACES, VERSIONS, snapshots

PLAIN = ("documented", "docs-2026-08", "claw", "sdk")


def sent(resolution: Resolution) -> list[str]:
    wire = resolution.wire
    headers = [] if wire is None else [wire.x_api_key, wire.authorization]
    return [owner(header.source) for header in headers if header is not None]


@settings(max_examples=100, deadline=None)
@given(snapshots(), CLIENT_IDS, VERSIONS)
def test_whatever_is_seen_there_is_one_sound_answer(
    snapshot: Snapshot, client: str, version: str | None
) -> None:
    resolution = resolve(snapshot, client, version)
    wire, blocked = resolution.wire, resolution.blocked

    assert [standing.reading.source for standing in resolution.standings] == [source.id for source in SOURCES]
    assert all(standing.reason for standing in resolution.standings)
    assert (blocked is None) == (wire is not None)
    sends = client != "claude-auth-status"  # it names a credential, and sends nothing
    assert blocked is None or (blocked.reason and resolution.usable is not True)
    assert blocked is None or resolution.winner is None or not sends
    assert resolution.usable is not True or sent(resolution)
    assert not [
        s for s in sent(resolution) if resolution.standing(s).reading.state in {"absent", "unreadable"}
    ]

    verdicts = {standing.reading.source: standing.verdict for standing in resolution.standings}
    winners = [source for source, verdict in verdicts.items() if verdict == "winning"]
    assert winners == ([] if resolution.winner is None else [resolution.winner])
    assert all(verdicts[source] in {"winning", "also-sent"} for source in sent(resolution))
    assert all(verdicts[source] != "also-sent" or source in sent(resolution) for source in verdicts)
    for standing in resolution.standings:
        if standing.verdict == "shadowed":
            assert standing.reading.state == "present"


@settings(max_examples=60, deadline=None)
@given(snapshots(), CLIENT_IDS, VERSIONS)
def test_whatever_is_seen_can_be_told(snapshot: Snapshot, client: str, version: str | None) -> None:
    resolution = resolve(snapshot, client, version)
    findings = diagnose(snapshot, resolution)
    because = verdict(resolution, findings).because
    ranks = [rank(finding) for finding in findings if finding is not because]
    assert ranks == sorted(ranks)
    if because is not None:  # what the verdict names comes first of what is as urgent
        before = itertools.takewhile(lambda finding: finding is not because, findings)
        assert all(rank(finding) < (rank(because)[0], 0, 0) for finding in before)
    assert status_document(snapshot, resolution, findings)["schema"] == 1
    text = status_text(snapshot, resolution, findings)
    assert not [character for character in text if character != "\n" and not character.isprintable()]
    evaluation_plan(snapshot, client, version)


@settings(max_examples=60, deadline=None)
@given(snapshots(), VERSIONS)
def test_what_a_source_holds_does_not_depend_on_who_asks(snapshot: Snapshot, version: str | None) -> None:
    states = {
        client.id: [standing.reading.state for standing in resolve(snapshot, client.id, version).standings]
        for client in clients.CLIENTS
    }
    names = [source.id for source in SOURCES]
    first = states["claude"]
    differing = [
        (client, names[i], first[i], found[i])
        for client, found in states.items()
        for i in range(len(names))
        if found[i] != first[i]
    ]
    assert differing == []


# ── plain orders ─────────────────────────────────────────────────────────────────────────────────

TOKENS = TokenSet(Secret("token"), Secret("refresh"), NOW + 3600, scopes=("user:inference",))


def with_variable(snapshot: Snapshot, name: str, value: str) -> Snapshot:
    assignment = Assignment(name, Secret(value), Origin("environment", variable=name))
    return snapshot._replace(variables={**snapshot.variables, name: (assignment,)})


def with_source(snapshot: Snapshot, source: str) -> Snapshot:
    """The snapshot with a healthy `source` added."""
    store = StoreReading(Origin("file", path="/store"), TOKENS)
    if source in {"stored-login", "sdk-tokens", "claw-tokens", "keyring-tokens"}:
        name = {"stored-login": "login"}.get(source, source.replace("-", "_"))
        return snapshot._replace(**{name: store})  # type: ignore[arg-type]
    if source == "oauth-token-file-descriptor":
        name = "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR"
        found = {**snapshot.descriptors, name: DescriptorReading(name, 7, "file", Secret("token"))}
        return with_variable(snapshot, name, "7")._replace(descriptors=found)
    if source == "api-key-helper":
        setting = Setting("apiKeyHelper", Secret("echo key"), Origin("settings", "user", "/s", 1))
        return snapshot._replace(settings={**snapshot.settings, "apiKeyHelper": (setting,)})
    if source == "profile":
        profile = AnthropicProfile("work", "/configs/work.json", "user_oauth")
        return snapshot._replace(profile=profile, profile_tokens=store)
    if source == "federation":
        snapshot = with_variable(snapshot, "ANTHROPIC_ORGANIZATION_ID", "organisation")
        snapshot = with_variable(snapshot, "ANTHROPIC_IDENTITY_TOKEN", "token")
    variable = next(row.variable for row in SOURCES if row.id == source)
    assert variable is not None
    return with_variable(snapshot, variable, "key")


EMPTY = Snapshot(NOW, PLACES, claude_json=ClaudeJson("/home/ada/.claude.json", approved=(Secret("key"),)))


@pytest.mark.parametrize("client", PLAIN)
@given(data=st.data())
def test_the_first_source_wins_whatever_is_added_below_it(client: str, data: st.DataObject) -> None:
    order = clients.BY_ID[client].one_header
    first = data.draw(st.integers(0, len(order) - 1))
    snapshot = with_source(EMPTY, order[first])
    before = resolve(snapshot, client)
    for lower in data.draw(st.lists(st.sampled_from(order[first:]))):
        snapshot = with_source(snapshot, lower)
    after = resolve(snapshot, client)
    assert after.winner == before.winner
    assert (after.blocked and after.blocked.code) == (before.blocked and before.blocked.code)
    assert sent(after) == [order[first]]


@pytest.mark.parametrize("client", PLAIN)
@settings(max_examples=40, deadline=None)
@given(snapshot=snapshots(), data=st.data())
def test_in_any_surroundings_a_winner_stays_when_a_lower_source_is_added(
    client: str, snapshot: Snapshot, data: st.DataObject
) -> None:
    order = clients.BY_ID[client].one_header
    snapshot = with_source(snapshot, data.draw(st.sampled_from(order)))
    before = resolve(snapshot, client)
    assume(before.winner in order)
    assert before.winner is not None
    lower = data.draw(st.sampled_from(order[order.index(before.winner) :]))
    assume(lower != before.winner)
    assert resolve(with_source(snapshot, lower), client).winner == before.winner


# ── what is not modelled ─────────────────────────────────────────────────────────────────────────

UNMODELLED = [
    ("claude", {"CLAUDE_CODE_USE_A_NEW_CLOUD": "1"}),
    ("documented", {"CLAUDE_CODE_USE_A_NEW_CLOUD": "on"}),
]


@pytest.mark.parametrize(("client", "variables"), UNMODELLED)
def test_what_is_not_modelled_makes_the_answer_not_checked(client: str, variables: dict[str, str]) -> None:
    snapshot = with_source(EMPTY, "stored-login")
    for name, value in variables.items():
        snapshot = with_variable(snapshot, name, value)
    resolution = resolve(snapshot, client)
    assert resolution.blocked is not None
    assert resolution.blocked.code == "not-checked"
    assert (resolution.winner, resolution.usable, resolution.wire) == (None, None, None)


def test_a_profile_below_a_key_that_is_used_changes_nothing() -> None:
    snapshot = with_variable(with_source(EMPTY, "anthropic-api-key"), "ANTHROPIC_PROFILE", "work")
    assert resolve(snapshot, "claude").winner == "anthropic-api-key"
    assert resolve(snapshot, "docs-2026-08").winner == "anthropic-api-key"


def test_a_store_that_cannot_be_looked_at_makes_nothing_of_the_rest() -> None:
    login = StoreReading(Origin("file", path="/x"), damage=Damage("permission", "no permission"))
    resolution = resolve(EMPTY._replace(login=login), "claude")
    assert resolution.blocked is not None
    assert resolution.blocked.code == "not-checked"
    assert resolution.standing("stored-login").reading.state == "unreadable"


def test_an_unknown_client_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        resolve(EMPTY, "netscape")
