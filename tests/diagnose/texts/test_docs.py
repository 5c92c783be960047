"""docs/symptoms.md says what the tables say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from claude_auth.diagnose.catalogue import BY_ID
from claude_auth.diagnose.texts.patterns import CAUSES, PHRASES
from tests.diagnose.table import NUMBERS

PAGE = Path(__file__).parents[3] / "docs" / "symptoms.md"


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d", line)
    ]


def _by_text(cause: str) -> str:
    ranks = [phrase.causes.index(cause) for phrase in PHRASES if cause in phrase.causes]
    return "–" if not ranks else "own" if 0 in ranks else "further"


def test_every_number_has_a_row(rows: list[list[str]]) -> None:
    assert sorted({int(row[0]) for row in rows}) == sorted(NUMBERS)


def test_rows_follow_the_tables(rows: list[list[str]]) -> None:
    numbered = {cause.id: cause for cause in CAUSES.values() if cause.symptoms}
    assert {row[1].strip("`") for row in rows} == set(numbered)
    for number, name, title, by_text, *_ in rows:
        cause = numbered[name.strip("`")]
        assert (int(number), title, by_text) == (cause.symptoms[0], cause.title, _by_text(cause.id))


def test_findings_exist_and_the_rest_has_a_reason(rows: list[list[str]]) -> None:
    reasons = {row[0]: row[5] for row in rows if row[5]}
    for number, _, _, _, machine, _ in rows:
        if machine == "–":
            assert number in reasons or any(r[0] == number and r[4] != "–" for r in rows)
        elif machine != "confirms":
            assert {name.strip(" `") for name in machine.split(",")} <= set(BY_ID)


def test_causes_name_findings_that_exist() -> None:
    assert {name for cause in CAUSES.values() for name in cause.findings} <= set(BY_ID)
