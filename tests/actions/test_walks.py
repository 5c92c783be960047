"""Whoever does what is advised first, step by step, comes to `works` or to a plain word why not, and loses
nothing on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.actions.walk_machines import WALKS
from tests.actions.walks import advice, at_machine, contradicts, faults, see

MOST_STEPS = 3


@pytest.mark.parametrize("face", ["dashboard", "status"])
@pytest.mark.parametrize("name", WALKS)
def test_the_first_advice_leads_somewhere_good(name: str, face: str, tmp_path: Path) -> None:
    with at_machine(WALKS[name], tmp_path) as person:
        done: list[str] = []
        while True:
            seen = see(person, face)
            assert contradicts(seen) is None, done
            fix = advice(seen, face)
            if seen.word == "works" or fix is None or seen.first is None:
                break
            assert len(done) < MOST_STEPS, (done, fix)
            words = person.follow(fix, seen.previews)
            if words is None:  # what is left is told, and is for the person
                break
            done.append(f"{seen.first.id}: {fix.title} | {fix.command}")
            told = f"{seen.first.title} {seen.first.explanation} {words}"
            assert list(faults(seen, see(person, face), told)) == [], done
