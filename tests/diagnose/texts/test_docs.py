"""docs/findings.md and docs/symptoms.md are what the records say."""

from __future__ import annotations

import pytest

from claude_auth.diagnose.causes import BY_ID, FINDINGS
from tests.diagnose.table import NUMBERS
from tests.docs.generated import DOCS, UNSEEN, page


@pytest.mark.parametrize("name", ["findings.md", "symptoms.md"])
def test_the_page_is_written_from_the_records(name: str) -> None:
    """`python -m tests.docs.generated` writes it anew."""
    assert (DOCS / name).read_text(encoding="utf-8") == page(name)


def test_every_number_has_a_record() -> None:
    own = {cause.symptoms_beside_text[0] for cause in BY_ID.values() if cause.fixes and cause.symptoms}
    assert own == set(NUMBERS)


def test_what_no_finding_shows_has_a_reason() -> None:
    shown = {number for finding in FINDINGS for number in finding.symptoms}
    for cause in BY_ID.values():
        if cause.fixes and cause.symptoms and not shown & {cause.symptoms_beside_text[0]}:
            same = [
                other
                for other in BY_ID.values()
                if other.symptoms_beside_text[:1] == cause.symptoms_beside_text[:1]
            ]
            assert any(one.id in UNSEEN or one.here is not None for one in same), cause.id
    assert set(UNSEEN) <= set(BY_ID)


def test_causes_name_findings_that_exist() -> None:
    findings = {cause.id for cause in FINDINGS}
    assert {name for cause in BY_ID.values() for name in cause.seen_by.split()} <= findings
