"""Twelve real processes want a refresh at once; the server ends the login if a refresh token comes twice."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.store.files import FileStore
from tests.store.world import files_beside, is_alive, signed_in, start_python

PROCESSES = 12

#: A refresh for every line that comes in. `force` is the second argument.
REFRESHING = """
import json, sys
import filelock, httpx
from claude_auth.oauth.authorization import OAuthClient
from claude_auth.store.coordinator import refresh
from claude_auth.store.files import FileStore
from claude_auth.actions.oauth import OAuthRefresher
from tests.store.world import CLIENT_ID, Journal
issuer = sys.argv[1]
client = OAuthClient(CLIENT_ID, authorize_url=issuer + "/authorize", token_url=issuer + "/token")
print("ready", flush=True)
for home in sys.stdin:
    journal = Journal()
    result = refresh(FileStore.of_sdk(home.strip()), OAuthRefresher(client), journal)
    waited = next((event.data["pid"] for event in journal if event.kind == "refresh.waiting"), None)
    print(json.dumps([result.outcome, result.after, result.message, waited]), flush=True)
"""


@contextmanager
def racers(server: AuthorizationServer) -> Iterator[list[subprocess.Popen[str]]]:
    children = [start_python(REFRESHING, server.issuer) for _ in range(PROCESSES)]
    try:
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        yield children
    finally:
        for child in children:
            child.communicate(timeout=60)


def race(server: AuthorizationServer, children: list[subprocess.Popen[str]], home: Path) -> set[int | None]:
    """One round; who was waited for."""
    store = signed_in(server, home)
    before = (server.counters.refresh_requests, server.counters.refreshes)
    for child in children:
        assert child.stdin is not None
        child.stdin.write(f"{home}\n")
        child.stdin.flush()
    answers = []
    for child in children:
        assert child.stdout is not None
        answers.append(json.loads(child.stdout.readline()))
    after = (server.counters.refresh_requests, server.counters.refreshes)
    outcomes = sorted(answer[0] for answer in answers)
    assert outcomes.count("refreshed") == 1, answers
    assert set(outcomes) <= {"refreshed", "adopted", "not-needed"}, answers
    assert (after[0] - before[0], after[1] - before[1], server.counters.reuses) == (1, 1, 0)
    assert is_alive(server, store)
    assert {answer[1] for answer in answers} == {store.load().fingerprint}
    assert files_beside(FileStore(store.path)) == set()
    return {answer[3] for answer in answers} - {None}


def test_three_rounds(tmp_path: Path) -> None:
    with AuthorizationServer() as server, racers(server) as children:
        waited_for = [race(server, children, tmp_path / str(number)) for number in range(3)]
        assert any(waited_for), "nobody ever waited: that was no race"
        assert set().union(*waited_for) <= {child.pid for child in children}


@pytest.mark.prove
def test_fifty_rounds(tmp_path: Path) -> None:
    with AuthorizationServer() as server, racers(server) as children:
        for number in range(50):
            race(server, children, tmp_path / str(number))


@pytest.mark.prove
def test_ten_rounds_of_new_processes(tmp_path: Path) -> None:
    with AuthorizationServer() as server:
        for number in range(10):
            with racers(server) as children:
                race(server, children, tmp_path / str(number))
