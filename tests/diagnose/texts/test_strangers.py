"""An error of another program is never taken for ours."""

from __future__ import annotations

import pytest

from claude_auth.diagnose.texts import classify
from tests.diagnose.texts.strangers import STRANGERS


def test_there_are_enough() -> None:
    assert len(STRANGERS) >= 60


@pytest.mark.parametrize("text", STRANGERS.values(), ids=STRANGERS)
def test_another_programs_error_has_no_cause(text: str) -> None:
    assert classify(text).matches == ()
