"""docs/findings.md is the catalogue."""

from __future__ import annotations

from pathlib import Path

from claude_auth.diagnose.cause import Cause, MachineRule
from claude_auth.diagnose.causes import CHECK_FAILED, FINDINGS, ON_REQUEST, RULES
from tests.diagnose.table import NUMBERS

PAGE = Path(__file__).parents[2] / "docs/findings.md"


def rule_of(cause: Cause) -> MachineRule:
    assert cause.rule is not None
    return cause.rule


def test_the_page_lists_the_catalogue_in_its_order() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    told = [tuple(cell.strip() for cell in row.strip("|").split("|")[:3]) for row in rows]
    ordered = sorted(FINDINGS, key=lambda entry: ("error", "warning", "info").index(rule_of(entry).severity))
    assert told == [(f"`{entry.id}`", rule_of(entry).severity, entry.title) for entry in ordered]
    assert all(len(row.strip("|").split("|")[3].strip()) > 20 for row in rows)
    likely = {row.split("`")[1] for row in rows if row.endswith("*Likely.* |")}
    assert likely == {entry.id for entry in FINDINGS if rule_of(entry).certainty == "likely"}


def test_every_entry_has_one_rule() -> None:
    assert set(RULES) | {CHECK_FAILED.id} == {entry.id for entry in FINDINGS}
    assert len({entry.id for entry in FINDINGS}) == len(FINDINGS)
    assert all(entry.title and entry.explanation for entry in FINDINGS)
    assert not {name for name, _, _ in ON_REQUEST} & set(RULES)


def test_symptoms_are_numbers_of_the_catalogue_of_causes() -> None:
    assert {number for entry in FINDINGS for number in entry.symptoms} <= set(NUMBERS)
