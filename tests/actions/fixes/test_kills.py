"""SIGKILL after every single step of every fixing action and of its undo: the files are the original or the
fixed ones, never something else, and the way back is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.store.world import start_python

#: Forks a child for each step, lets it do that many system calls, and kills it.
EVERY_STEP = """
import asyncio, json, os, shutil, signal, sys
from pathlib import Path
import filelock
from tests.actions.fixes import machines
from tests.actions.fixes.machines import state
from tests.dying import arm

make, identifier, root, undoing = getattr(machines, sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4]
CALLS = "open mkdir rmdir fchmod fchown chmod posix_fallocate write ftruncate fsync link rename unlink"
CALLS = (CALLS + " close utime").split()

def without_extras(found):
    return {name: value for name, value in found.items() if not name.endswith(".new")}

def at(number):
    folder = root / str(number)
    folder.mkdir()
    return make(folder)

def stamped(found):
    # the moment stands in the name of what was moved aside
    return {name.partition(".broken-")[0] + (".broken" if ".broken-" in name else ""): value
            for name, value in found.items()}

trial = at("trial")
original = state(trial.home)
assert trial.apply(identifier).outcome == "applied"
fixed = stamped(state(trial.home))
told = {"original": 0, "fixed": 0, "steps": 0, "locks": 0}
for limit in range(1, 500):
    machine = at(limit)
    if undoing == "undo":
        number = machine.apply(identifier).number
    pid = os.fork()
    if not pid:
        arm(CALLS, limit)
        if undoing == "undo":
            machine.undo(number)
        else:
            machine.apply(identifier)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    now = stamped(without_extras(state(machine.home)))
    both = {**fixed, **original}  # a file that is moved has two names for a moment
    moving = identifier.endswith("move-aside")
    assert now in (original, fixed) or (moving and now == both), (limit, sorted(now))
    told["original" if now == original else "fixed"] += 1
    told["steps"] = limit
    told["locks"] += len([*machine.home.rglob("*.lock")])
    # whatever it was, and whatever lock it left, the same fix (or the same undo) goes through afterwards
    if undoing == "undo":
        if not machine.records.is_undone(number) and now != both:
            again = machine.undo(number)
            assert again.outcome == "undone" or now == original, again
    elif now == original:
        assert machine.apply(identifier).outcome == "applied", limit
        assert stamped(state(machine.home)) == fixed, limit
    elif now == fixed:
        numbers = [record.number for record in machine.records.all()]
        assert numbers, "changed without a way back"
        assert machine.undo(numbers[-1]).outcome == "undone", limit
        assert without_extras(state(machine.home)) == original
    shutil.rmtree(root / str(limit))
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0, status
        break
print(json.dumps(told))
"""

CASES = [
    ("open_store", "store-readable-by-others/chmod"),
    ("rejected", "key-rejected/approve-key"),
    ("key_in_settings", "key-overrides-login/settings-variable"),
    ("key_in_bashrc", "key-overrides-login/startup-line"),
    ("broken_store", "store-unusable/move-aside"),
    ("broken_store_of_claude_code", "store-unusable/keep-copy"),
    ("helper_wanted", "key-helper"),
]


@pytest.mark.parametrize("undoing", ["apply", "undo"])
@pytest.mark.parametrize(("make", "identifier"), CASES, ids=[case[1] for case in CASES])
def test_a_kill_after_each_step(make: str, identifier: str, undoing: str, tmp_path: Path) -> None:
    with start_python(EVERY_STEP, make, identifier, tmp_path, undoing) as child:
        out, err = child.communicate(timeout=300)
    assert child.returncode == 0, err
    told = json.loads(out)
    assert told["steps"] > 3, told
    assert told["fixed"], told
    assert told["original"], told
    if make in {"rejected", "key_in_settings", "helper_wanted"}:
        assert told["locks"], "no lock of Claude Code was left by any of these kills"
