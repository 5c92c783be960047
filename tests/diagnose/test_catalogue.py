"""docs/findings.md is the catalogue."""

from __future__ import annotations

from pathlib import Path

from claude_auth.diagnose.catalogue import CHECK_FAILED, ENTRIES
from claude_auth.diagnose.rules import ON_REQUEST, RULES
from tests.diagnose.table import NUMBERS

PAGE = Path(__file__).parents[2] / "docs/findings.md"


def test_the_page_lists_the_catalogue_in_its_order() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = [tuple(cell.strip().strip("`") for cell in row.strip("|").split("|")[:3]) for row in rows]
    ordered = sorted(ENTRIES, key=lambda entry: ("error", "warning", "info").index(entry.severity))
    assert told == [(entry.id, entry.severity, entry.title) for entry in ordered]
    assert all(len(row.strip("|").split("|")[3].strip()) > 20 for row in rows)
    likely = {row.split("`")[1] for row in rows if row.endswith("*Likely.* |")}
    assert likely == {entry.id for entry in ENTRIES if entry.certainty == "likely"}


def test_every_entry_has_one_rule() -> None:
    assert set(RULES) | {CHECK_FAILED.id} == {entry.id for entry in ENTRIES}
    assert len({entry.id for entry in ENTRIES}) == len(ENTRIES)
    assert all(entry.title and entry.explanation for entry in ENTRIES)
    assert not {name for name, _, _ in ON_REQUEST} & set(RULES)


def test_symptoms_are_numbers_of_the_catalogue_of_causes() -> None:
    assert {number for entry in ENTRIES for number in entry.symptoms} <= set(NUMBERS)
