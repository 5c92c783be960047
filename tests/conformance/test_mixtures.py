"""Random mixtures of everything: each is answered, and a source that stands below changes nothing."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest

from claude_auth.actions.evaluate import evaluate
from claude_auth.claude_code.clients import CLIENTS, FIRST_PARTY, OAUTH_SOURCES
from claude_auth.diagnose import diagnose
from claude_auth.model import HeaderValue, Resolution, Wire
from claude_auth.model.resolution import BlockCode
from claude_auth.observe import observe
from claude_auth.present.documents import status_document
from claude_auth.resolve import resolve
from tests.conformance.layout import NEWEST, lay_out
from tests.conformance.mixtures import DIMENSIONS, Chosen, every_pair, few, mixture, title
from tests.conformance.odd_values import ODD, each_odd, odd_mixture, odd_title

BLOCKED_CODES = get_args(BlockCode)


@pytest.mark.parametrize("chosen", every_pair(), ids=title)
def test_every_pair_of_values_is_answered_for_every_client(chosen: Chosen, tmp_path: Path) -> None:
    with lay_out(mixture(chosen), tmp_path) as laid:
        snapshot = observe(laid.context())
        if chosen["helper"] in {"fails", "two lines"}:
            snapshot = evaluate(snapshot, laid.environ, "claude-print", NEWEST)
    for client in CLIENTS:
        resolution = resolve(snapshot, client.id, NEWEST)
        document = status_document(snapshot, resolution, diagnose(snapshot, resolution))
        assert (document["wire"] is None) == (document["blocked"] is not None)
        assert document["blocked"] is None or document["blocked"]["code"] in BLOCKED_CODES


@pytest.mark.parametrize("name", ODD)
def test_every_odd_value_is_answered_for_every_client(name: str, tmp_path: Path) -> None:
    for number, (chosen, beside) in enumerate(one for one in each_odd() if name in one[0]):
        with lay_out(odd_mixture(chosen, beside), tmp_path / str(number)) as laid:
            snapshot = observe(laid.context())
        for client in CLIENTS:
            resolution = resolve(snapshot, client.id, NEWEST)
            document = status_document(snapshot, resolution, diagnose(snapshot, resolution))
            assert (document["wire"] is None) == (document["blocked"] is not None), odd_title(chosen, beside)
            assert "check-failed" not in {finding["id"] for finding in document["findings"]}


def test_every_pair_of_values_stands_in_a_mixture() -> None:
    pairs = {frozenset(pair) for chosen in every_pair() for pair in combinations(chosen.items(), 2)}
    sizes = [len(values) for values in DIMENSIONS.values()]
    assert len(pairs) == sum(one * other for one, other in combinations(sizes, 2))


# ── a source below the one that fills a slot ─────────────────────────────────────────────────────

#: By which value of which dimension each source comes to be there.
COMES_BY = {
    "anthropic-api-key": ("key", "shell"),
    "api-key-file-descriptor": ("descriptor", "key"),
    "api-key-helper": ("helper", "user"),
    "managed-key": ("primary key", "there"),
    "anthropic-auth-token": ("auth token", "shell"),
    "claude-code-oauth-token": ("oauth variable", "shell"),
    "oauth-token-file-descriptor": ("descriptor", "oauth"),
    "stored-login": ("login", "live"),
}
#: What says on its own which credentials count.
DECIDES = {"start", "scopes", "policy", "provider", "settings", "profile", "federation"}


def is_below(source: str, resolution: Resolution) -> bool:
    """Whether, in each slot that the source could fill, something above it does."""
    wire = resolution.wire
    if wire is None or disables(source, wire):
        return False
    for slot, rules in zip(("x_api_key", "authorization"), FIRST_PARTY, strict=True):
        order, filled = [rule.source for rule in rules], getattr(wire, slot)
        if source in order and (filled is None or order.index(source) <= order.index(filled.source)):
            return False
    return True


def disables(source: str, wire: Wire) -> bool:
    """A key from outside and a helper end OAuth, an OAuth token ends the managed key."""
    if source in OAUTH_SOURCES:
        return wire.x_api_key is not None and wire.x_api_key.source == "managed-key"
    oauth_sent = wire.authorization is not None and wire.authorization.source in OAUTH_SOURCES
    return oauth_sent and source in {"anthropic-api-key", "api-key-file-descriptor", "api-key-helper"}


@pytest.mark.parametrize("client", ["claude", "claude-print"])
def test_a_source_below_the_one_that_fills_a_slot_changes_nothing(client: str, tmp_path: Path) -> None:
    tried = 0
    plain = [chosen for chosen in few(seed=3, count=400) if not chosen.keys() & DECIDES]
    for number, chosen in enumerate(plain):
        alone = resolved(chosen, client, tmp_path / str(number))
        for source, (dimension, value) in COMES_BY.items():
            if dimension in chosen or not is_below(source, alone):
                continue
            tried += 1
            with_it = resolved({**chosen, dimension: value}, client, tmp_path / f"{number} {source}")
            assert headers(with_it) == headers(alone), (title(chosen), source)
    assert tried > 100


def resolved(chosen: Chosen, client: str, home: Path) -> Resolution:
    with lay_out(mixture(chosen), home) as laid:
        return resolve(observe(laid.context()), client, NEWEST)


def headers(resolution: Resolution) -> tuple[HeaderValue | None, HeaderValue | None] | None:
    wire = resolution.wire
    return None if wire is None else (wire.x_api_key, wire.authorization)
