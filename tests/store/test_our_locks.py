"""Our own lock: between threads, between processes, and after a holder that was killed."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from claude_auth.model.errors import AuthenticationError
from claude_auth.store.files import RefreshState
from claude_auth.store.locks import Waiting, hold, read_holder
from tests.store.world import start_python
from tests.waiting import Stopwatch

HOLDING = """
import sys, time
from claude_auth.store.locks import hold
with hold(sys.argv[1], 5):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def lock(tmp_path: Path) -> str:
    return str(tmp_path / ".tokens.json.lock")


def test_it_is_private_and_says_who_holds_it(lock: str) -> None:
    before = os.umask(0)
    try:
        with hold(lock, 1) as held:
            assert held.waited is None
            assert read_holder(lock).pid == os.getpid()
            assert os.stat(lock).st_mode & 0o777 == 0o600
    finally:
        os.umask(before)
    assert read_holder(lock).pid is None


def test_a_thread_may_take_it_again(lock: str) -> None:
    with hold(lock, 1), hold(lock, 0), hold(lock, 0):
        assert read_holder(lock).pid == os.getpid()
    with hold(lock, 0):
        pass


def test_another_process_is_waited_for_by_name(lock: str) -> None:
    told: list[Waiting] = []
    with start_python(HOLDING, lock) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(AuthenticationError) as caught, hold(lock, 0.2, told.append):
            pass
        assert caught.value.code == "locked"
        assert f"process {child.pid}" in caught.value.sentence
        assert child.stdin is not None
        timer = threading.Timer(0.1, child.stdin.close)
        timer.start()
        with hold(lock, 5, told.append) as held:
            assert held.waited is not None
            assert held.waited.pid == child.pid
        timer.join()
    assert [waiting.pid for waiting in told] == [child.pid, child.pid]


def test_a_killed_holder_holds_no_longer(lock: str) -> None:
    with start_python(HOLDING, lock) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.kill()
        with hold(lock, 5):
            assert read_holder(lock).pid == os.getpid()


def test_another_thread_waits_too(lock: str) -> None:
    told: list[Waiting] = []
    order = []
    taken, done = threading.Event(), threading.Event()

    def first() -> None:
        with hold(lock, 1):
            taken.set()
            done.wait(60)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    taken.wait(60)
    with (
        pytest.raises(AuthenticationError, match="another part of this program"),
        hold(lock, 0.05, told.append),
    ):
        pass
    done.set()
    with hold(lock, 5):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
    assert told[0].same_process


def test_a_fork_does_not_inherit_it(lock: str) -> None:
    with hold(lock, 1):
        reader, writer = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                with hold(lock, 0.05):
                    os.write(writer, b"got it")
            except AuthenticationError:
                os.write(writer, b"waited")
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
        assert os.read(reader, 20) == b"waited"
    os.close(reader)
    os.close(writer)


def test_a_store_in_memory_has_a_lock_among_threads() -> None:
    ledger = RefreshState(None, "memory")
    with ledger.hold(1), ledger.hold(0):
        assert ledger.lock_path is None


def test_waiting_takes_no_longer_than_asked(lock: str) -> None:
    with start_python(HOLDING, lock) as child:
        assert child.stdout is not None
        child.stdout.readline()
        started, watch = time.monotonic(), Stopwatch()
        with pytest.raises(AuthenticationError), hold(lock, 0.3):
            pass
        assert time.monotonic() - started > 0.25
        assert watch.seconds < 3
        child.communicate("\n")
