"""A new source is one record in the registry: everything that tells of sources tells of it then."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_auth import sources
from claude_auth.claude_code import variables
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.ladder import ladder_rows, source_lines
from claude_auth.present.lines import plain
from claude_auth.resolve.slots import candidate
from claude_auth.security.secret import Secret
from claude_auth.sources.source import Source, bearer, bearer_of_variable, read_variable
from claude_auth.words import absent_word, bill_words, unknown_until
from tests.as_text import status_text
from tests.conformance.layout import look_at
from tests.docs.sources_page import page

MADE_UP = Source(
    id="made-up",
    label="a made-up source",
    family="wire",
    sets="MADE_UP_TOKEN",
    unset="forget it",
    bills="nobody",
    variable="MADE_UP_TOKEN",
    read=lambda view: read_variable(view, "made-up", "MADE_UP_TOKEN"),
    authorization=lambda view: bearer_of_variable(view, "made-up", "MADE_UP_TOKEN"),
    absent="unheard of",
    unknown_until="ask its maker",
)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sources.BY_ID, MADE_UP.id, MADE_UP)
    monkeypatch.setattr(variables, "WATCHED", variables.WATCHED | {"MADE_UP_TOKEN"})


@pytest.mark.usefixtures("registered")
def test_it_stands_in_the_resolution_the_json_and_the_text(tmp_path: Path) -> None:
    seen = look_at(tmp_path, env={"MADE_UP_TOKEN": "made-up-value"})
    standing = seen.resolution.standing("made-up")
    assert (standing.reading.state, standing.verdict) == ("present", "unused")  # nothing at all is sent
    assert standing.reading.origin.variable == "MADE_UP_TOKEN"
    (row,) = [row for row in seen.document["sources"] if row["id"] == "made-up"]
    assert (row["label"], row["state"]) == ("a made-up source", "present")
    assert "a made-up source" in status_text(seen.snapshot, seen.resolution, seen.findings)
    view = EffectiveConfig.of(seen.snapshot, seen.resolution)
    assert candidate(view, "made-up", "authorization") == bearer("made-up", Secret("made-up-value"))


@pytest.mark.usefixtures("registered")
def test_it_stands_in_the_ladder_and_has_a_pane(tmp_path: Path) -> None:
    snapshot = look_at(tmp_path).snapshot
    scene = DashboardState.of(snapshot, "claude")._replace(chosen="made-up", opened=True)
    (row,) = [row for row in ladder_rows(scene, 100) if row.id == "made-up"]
    assert "unheard of" in plain(row.lines[0])
    pane = " ".join(plain(line) for line in source_lines(scene, 100))
    assert all(words in pane for words in ("MADE_UP_TOKEN", "nobody"))


@pytest.mark.usefixtures("registered")
def test_its_words_are_its_own() -> None:
    assert absent_word("made-up").text == "unheard of"
    assert unknown_until("made-up") == "ask its maker"
    assert bill_words("made-up") == "nobody"
    assert sources.label("made-up") == "a made-up source"
    assert sources.rank_key("made-up") > sources.rank_key("profile")


@pytest.mark.usefixtures("registered")
def test_it_stands_on_the_page_about_sources() -> None:
    assert "| `made-up` | a made-up source |" in page()
