"""`status --json` is what docs/status.schema.json promises, for every machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from claude_auth.claude_code.clients import CLIENTS
from claude_auth.diagnose import diagnose
from claude_auth.model import Snapshot
from claude_auth.present.documents import status_document
from claude_auth.resolve import resolve
from claude_auth.sources import SOURCES
from claude_auth.words.times import iso
from tests.conformance.cases import CASES, title
from tests.conformance.layout import NEWEST, Case, answer, lay_out, look_at
from tests.promises import schema_of, validator
from tests.resolve.snapshots import CLIENT_IDS, VERSIONS, snapshots


def objections(document: Any) -> list[str]:
    return [
        f"{error.json_path}: {error.message[:200]}" for error in validator("status").iter_errors(document)
    ]


@pytest.mark.parametrize("case", CASES, ids=title)
def test_every_observed_machine_gives_a_valid_document(case: Case, tmp_path: Path) -> None:
    with lay_out(case, tmp_path) as laid:
        document = answer(laid, case["client"], case.get("client_version", NEWEST)).document
    assert objections(json.loads(json.dumps(document))) == []


@settings(max_examples=50, deadline=None)
@given(snapshots(), CLIENT_IDS, VERSIONS)
def test_any_machine_gives_a_valid_document(snapshot: Snapshot, client: str, version: str | None) -> None:
    resolution = resolve(snapshot, client, version)
    document = status_document(snapshot, resolution, diagnose(snapshot, resolution))
    assert objections(json.loads(json.dumps(document))) == []


def test_the_schema_notices_what_is_wrong(tmp_path: Path) -> None:
    document = look_at(tmp_path, env={"ANTHROPIC_API_KEY": "made-up"}, client="claude-print").document
    assert objections(document) == []
    for change in (
        {"schema": 2},
        {"extra": 1},
        {"winner": "netscape"},
        {"usable": "yes"},
        {"verdict": "fine"},
        {"wire": None},
        {"blocked": {"code": "no-credential", "reason": "none"}},
        {"sources": document["sources"][1:]},
        {"observed_at": "yesterday"},
    ):
        assert objections({**document, **change}), change
    without = {key: value for key, value in document.items() if key != "findings"}
    assert objections(without)


def test_the_schema_lists_every_source_and_client() -> None:
    schema = schema_of("status")
    assert schema["$defs"]["source_id"]["enum"] == [source.id for source in SOURCES]
    listed = schema["properties"]["sources"]
    assert (listed["minItems"], listed["maxItems"]) == (len(SOURCES), len(SOURCES))
    assert schema["properties"]["client"]["enum"] == [client.id for client in CLIENTS]


def test_every_object_of_the_schema_is_closed() -> None:
    def open_objects(node: Any) -> list[Any]:
        if isinstance(node, list):
            return [found for item in node for found in open_objects(item)]
        if not isinstance(node, dict):
            return []
        mine = [node] if "properties" in node and "required" in node else []
        wrong = [found for found in mine if found.get("additionalProperties") is not False]
        wrong += [found for found in mine if set(found["required"]) != set(found["properties"])]
        return wrong + [found for item in node.values() for found in open_objects(item)]

    assert open_objects(schema_of("status")) == []


def test_one_machine_in_full(tmp_path: Path) -> None:
    key = "sk-ant-api03-" + "madeUpForTests" * 3 + "1234"
    zshrc = {"$text": "\nexport ANTHROPIC_API_KEY=\n"}
    env = {"ANTHROPIC_API_KEY": key, "ANTHROPIC_AUTH_TOKEN": "made-up"}
    document = look_at(
        tmp_path, {".zshrc": zshrc}, env=env, client="claude-print", now=1_795_176_184.9
    ).document
    assert document["observed_at"] == "2026-11-20T12:03:04Z"
    assert document["client_version"] == {"resolved_as": NEWEST, "installed": None, "observed": True}
    assert (document["provider"], document["verdict"], document["usable"], document["winner"]) == (
        "first-party",
        "works-not-as-expected",
        True,
        "anthropic-auth-token",
    )
    assert document["wire"]["host"] == "api.anthropic.com"
    assert document["wire"]["x_api_key"] == {
        "source": "anthropic-api-key",
        "kind": "api-key",
        "masked": "sk-ant-api03-…1234",
        "fingerprint": document["sources"][5]["fingerprint"],
    }
    row = document["sources"][5]
    assert (row["id"], row["rank"], row["state"], row["verdict"]) == (
        "anthropic-api-key",
        6,
        "present",
        "also-sent",
    )
    assert row["origin"] == {
        "kind": "environment",
        "layer": None,
        "path": None,
        "line": None,
        "variable": "ANTHROPIC_API_KEY",
        "likely_set_at": [{"path": str(tmp_path / ".zshrc"), "line": 2}],
    }
    assert [finding["id"] for finding in document["findings"]] == ["two-credentials-sent"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, None),
        (0, "1970-01-01T00:00:00Z"),
        (-1.5, "1969-12-31T23:59:58Z"),
        (-6e10, "0068-09-03T13:20:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
        (253_402_300_800, None),
        (1e300, None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_moments(seconds: float | None, text: str | None) -> None:
    assert iso(seconds) == text
