"""SIGKILL in the middle of a save: random moments, and after every single step."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

from claude_auth.store.files import FileStore
from tests.store.world import check_whole, files_beside, start_python, token_set
from tests.waiting import wait_until

SAVING = """
import sys
from claude_auth.store.files import FileStore
from tests.store.world import token_set
store = FileStore.of_sdk(sys.argv[1])
import filelock
print("ready", flush=True)
for number in range(100_000):
    store.save(token_set(f"round{number}", expires_in=1e9))
"""


def test_25_kills_at_random_moments(tmp_path: Path) -> None:
    store = FileStore.of_sdk(str(tmp_path))
    store.save(token_set())
    leftovers = 0
    chance = random.Random(4)
    for number in range(25):
        child = start_python(SAVING, tmp_path)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.03))
        if number % 2:  # a busy machine may not have let it begin by then
            wait_until(lambda: bool(files_beside(store)))
        child.kill()
        child.communicate()
        check_whole(store)
        leftovers += len(files_beside(store))
        FileStore.of_sdk(str(tmp_path)).sweep()
        assert files_beside(store) == set()
    assert leftovers, "no kill came in the middle of a save"
    assert store.save(token_set()).tokens == token_set()


#: Forks a child for each step, lets it do that many system calls, and kills it.
EVERY_STEP = """
import json, os, signal, sys
from pathlib import Path
import filelock
from claude_auth.store.files import FileStore
from tests.dying import arm
from tests.store.world import check_whole, files_beside, token_set

CALLS = "open fchmod posix_fallocate write ftruncate fsync rename unlink close".split()

home = sys.argv[1]
store = FileStore.of_sdk(home)
store.save(token_set("old"))
new = 0
for limit in range(1, 500):
    pid = os.fork()
    if not pid:
        arm(CALLS, limit)
        store.save(token_set("new"))
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    check_whole(store)
    assert store.load().fingerprint in {token_set(w).access_token.fingerprint for w in ("old", "new")}
    new += store.load().fingerprint == token_set("new").access_token.fingerprint
    store.sweep()
    assert files_beside(store) == set(), files_beside(store)
    store.save(token_set("old"))
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0, status
        break
print(json.dumps([limit, new]))
"""


def test_a_kill_after_each_step_of_a_save(tmp_path: Path) -> None:
    with start_python(EVERY_STEP, tmp_path) as child:
        out, err = child.communicate(timeout=120)
    assert child.returncode == 0, err
    steps, new = json.loads(out)
    assert steps > 10
    assert 2 <= new < steps


#: The same for a whole refresh against a server that ends the login when a refresh token comes twice.
EVERY_STEP_OF_A_REFRESH = """
import json, os, signal, sys
from pathlib import Path
import filelock, httpx
from claude_auth.store.coordinator import refresh
from claude_auth.store.files import FileStore
from claude_auth.sandbox.authorization_server import AuthorizationServer
from tests.dying import arm
from tests.store.world import Journal, files_beside, is_alive, refresher_of, signed_in

CALLS = "open fchmod posix_fallocate write ftruncate fsync rename unlink close".split()

told = {"alive": 0, "interrupted": 0, "recovered": 0, "steps": 0}
with AuthorizationServer() as server:
    refresher = refresher_of(server)
    for limit in range(1, 500):
        home = Path(sys.argv[1], str(limit))
        store = signed_in(server, home)
        pid = os.fork()
        if not pid:
            wrapped = arm(CALLS, limit)
            refresh(store, wrapped(refresher), Journal())
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        journal = Journal()
        result = refresh(FileStore.of_sdk(str(home)), refresher, journal)
        assert server.counters.reuses == 0, limit
        told["recovered"] += "recovered" in journal.kinds
        if result.ok:
            assert is_alive(server, store), (limit, result)
            told["alive"] += 1
            assert files_beside(store) <= {n for n in files_beside(store) if n.endswith(".new")}
            store.sweep()
            assert files_beside(store) == set(), files_beside(store)
        else:
            assert result.reason == "interrupted" and "sign in again" in result.message.lower(), result
            told["interrupted"] += 1
            assert refresh(store, refresher, Journal(), force=True).reason == "interrupted"
            assert server.counters.reuses == 0
            again = signed_in(server, home)
            assert files_beside(again) <= {n for n in files_beside(again) if n.endswith(".new")}
            again.sweep()
            assert refresh(again, refresher, Journal()).outcome == "refreshed"
            assert files_beside(again) == set(), files_beside(again)
        told["steps"] = limit
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, status
            break
print(json.dumps(told))
"""


def test_a_kill_after_each_step_of_a_refresh(tmp_path: Path) -> None:
    with start_python(EVERY_STEP_OF_A_REFRESH, tmp_path) as child:
        out, err = child.communicate(timeout=300)
    assert child.returncode == 0, err
    told = json.loads(out)
    assert told["alive"] + told["interrupted"] == told["steps"] > 20
    assert told["recovered"] >= 2, told  # killed with the answer written and not yet in place
    assert told["interrupted"] <= told["alive"], told
