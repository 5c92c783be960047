"""What tests wait and measure with can fail."""

from __future__ import annotations

import os
import select
import subprocess
import time

import pytest

from tests.waiting import Stopwatch, Work, is_gone, wait_at_most, wait_until


def test_what_takes_longer_than_promised_fails() -> None:
    with pytest.raises(AssertionError, match="it took longer"):
        wait_at_most(0.1, lambda: False, os.getpid())


def test_what_never_comes_fails() -> None:
    with pytest.raises(AssertionError, match="it never came to that"):
        wait_until(lambda: False, 0.1)


def test_a_sleep_counts_and_a_process_that_is_gone_takes_nothing_off() -> None:
    with subprocess.Popen(["/bin/true"]) as child:
        watch = Stopwatch(child.pid)
        wait_until(lambda: is_gone(child.pid))
    time.sleep(0.3)
    # Little of a sleep is spent on waiting for a processor.
    assert watch.seconds > 0.1


def test_work_is_over_once_it_is_done_by_whoever_was_started() -> None:
    busy = "read line; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo done; read line"
    with subprocess.Popen(
        ["sh", "-c", f"sh -c '{busy}'; true"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        work = Work(child.pid)
        child.stdin.write(b"\n")
        child.stdin.flush()
        while not select.select([child.stdout], [], [], 0.05)[0]:
            assert not work.is_over() or select.select([child.stdout], [], [], 0)[0]
        work.is_over()
        wait_until(work.is_over)
