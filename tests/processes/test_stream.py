"""The hostile command suite: real programs in real terminals, and what reaches a log."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import tracemalloc
from pathlib import Path

import pytest

from claude_auth.processes.ansi import CellStyle
from claude_auth.processes.lifetime import CouldNotStart
from claude_auth.processes.stream import BACKLOG, LATEST, Dropped, Line, Output, Stream
from claude_auth.security.secret import Secret
from tests.processes.running import ENVIRONMENT, Ran, python, run, running, shell
from tests.waiting import Stopwatch, is_gone, wait_until

TOKEN = "sk-ant-oat01-" + "canaryCanary0Canary1" * 4
KNOWN = "plainlyKnownWord"


# ── ordinary commands ────────────────────────────────────────────────────────────────────────────


def test_lines_colours_and_exit_code() -> None:
    ran = run(shell(r"echo one; printf '\033[1;31mred\033[0m plain\n'; echo err >&2; exit 3"))
    assert ran.texts == ["one", "red plain", "err"]
    assert ran.lines[1].spans[0].look == CellStyle("red", bold=True)
    assert ran.ended is not None
    assert (ran.ended.exit_code, ran.ended.signal, ran.ended.cause) == (3, None, "exited")
    assert ran.ended.text.startswith("exit code 3")


def test_it_has_a_terminal_of_its_own_and_leads_its_session() -> None:
    program = (
        "import os, sys; print(os.isatty(0), os.isatty(1), os.isatty(2), os.getsid(0) == os.getpid(),"
        " os.tcgetpgrp(0) == os.getpgrp(), open('/dev/tty').isatty(), *os.get_terminal_size())"
    )
    ran = run(python(program), columns=97, rows=31)
    assert ran.texts == ["True True True True True True 97 31"]


def test_the_size_can_change() -> None:
    program = (
        "import os, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])\n"
        "print('ready', flush=True)\nsignal.sigwait([signal.SIGWINCH])\nprint('now', *os.get_terminal_size())"
    )

    def answer(stream: Stream, output: Output) -> None:
        if isinstance(output, Line) and output.text == "ready":
            stream.resize(60, 20)

    assert run(python(program), answer).texts == ["ready", "now 60 20"]


def test_a_program_that_needs_a_terminal_opens_it() -> None:
    ran = run(python("open('/dev/tty', 'w').write('written to the terminal')"))
    assert ran.texts == ["written to the terminal"]


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(CouldNotStart, match="not there"):
        run(["no-such-program-anywhere"])
    with pytest.raises(CouldNotStart):
        run(["/bin/sh", "-c", "a\0b"])


def test_the_end_by_a_signal_is_told() -> None:
    ran = run(shell("kill -SEGV $$"))
    assert ran.ended is not None
    assert (ran.ended.exit_code, ran.ended.signal) == (None, "SIGSEGV")


def test_links_and_codes_are_lifted_out() -> None:
    address = "https://device.sso.us-east-1.amazonaws.com/?user_code=" + "a1" * 60
    ran = run(
        shell(
            f"echo Open; printf '%s\\n' '{address}' | fold -w 40; echo; echo enter the code:; echo WDJB-MJHT"
        )
    )
    assert [link.value for link in ran.links] == [address, "WDJB-MJHT"]


# ── hostile output ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "hostile",
    [
        r"\033]52;c;c3RvbGVu\007",
        r"\033]0;evil title\007",
        r"\033Pq#0\033\\",
        r"\302\235" + r"0;evil\302\234",
        r"\302\233" + "31m",
        r"\033[?1049h\033[2J\033[H\033[10;10H\033[?25l\033[6n",
        r"\342\200\256\342\200\213\342\201\246",
        r"\033_Gevil\033\\",
        r"\033^evil\033\\",
        r"\007\016\017\005\033c",
    ],
)
def test_terminal_control_never_comes_through(hostile: str) -> None:
    ran = run(shell(rf"printf 'safe{hostile}text\n'"))
    joined = "".join(ran.texts)
    assert joined.replace("safe", "").replace("text", "").strip() == ""
    assert joined.isprintable()


def test_markup_stays_text() -> None:
    assert run(shell("echo '[red]x[/red] [link=file:///]y[/]'")).texts == ["[red]x[/red] [link=file:///]y[/]"]


def test_progress_bars_collapse() -> None:
    ran = run(python("for i in range(5000): print(f'\\r{i / 50:.0f}%', end='')\nprint()"))
    assert ran.texts == ["100%"]
    assert len(ran.unfinished) < 30


def test_secrets_split_over_chunks_never_show(tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = f"""
import os, sys, time
for secret in ({TOKEN!r}, {KNOWN!r}):
    for letter in 'value is ' + secret + ' end\\n':
        sys.stdout.write(letter); sys.stdout.flush(); time.sleep(0.002)
sys.stdout.write({TOKEN!r}[:30]); sys.stdout.flush()
while not os.path.exists({str(told)!r}): time.sleep(0.01)
print({TOKEN!r}[30:])
"""
    whole: list[Output] = []

    def answer(stream: Stream, output: Output) -> None:
        """The rest comes once the half was told."""
        if isinstance(output, Line):
            whole.extend([output] * (not output.unfinished))
            if output.unfinished and len(whole) == 2:
                told.touch()

    ran = run(python(program), answer, secrets=[Secret(KNOWN)])
    assert len(ran.lines) == 3
    assert ran.unfinished
    for part in (TOKEN[:20], "canary", "Canary", KNOWN[:8]):
        assert part not in ran.everything


def test_what_is_typed_never_comes_back() -> None:
    program = (
        "import getpass\na = input('name? ')\nprint('hello', a)\nb = getpass.getpass('password: ')\n"
        "print('you typed', b)"
    )
    answers = {"name? ": "ada-canary-name", "password: ": "hunter2-canary"}

    def answer(stream: Stream, output: Output) -> None:
        if isinstance(output, Line) and output.unfinished and output.text in answers:
            stream.send(answers.pop(output.text))

    ran = run(python(program), answer)
    assert "name?" in ran.unfinished[0]
    assert ran.texts == ["name? hello …redacted…", "password: ", "you typed …redacted…"]
    assert "canary" not in ran.everything


# ── floods ───────────────────────────────────────────────────────────────────────────────────────

FLOODS = {
    "lines": "yes 'a line of a flood that is neither short nor long, just a line' | head -c 4000000",
    "binary": "head -c 1000000 /dev/urandom",
    "no newline": "head -c 6000000 /dev/zero | tr '\\0' x",
    "long lines": "head -c 6000000 /dev/zero | tr '\\0' y | fold -w 1000000",
    "newlines": "head -c 200000 /dev/zero | tr '\\0' '\\n'",
}


async def unread(flood: str) -> Ran:
    """The reader takes nothing until the flood is over: that is the worst case."""
    ran = Ran()
    async with Stream(shell(flood), environment=ENVIRONMENT, cwd="/", limit=120) as stream:
        await stream.terminal.wait()
        async for output in stream:
            if isinstance(output, Line) and not output.unfinished:
                ran.lines.append(output)
            elif isinstance(output, Dropped):
                ran.dropped += output.lines
    return ran


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_floods_leave_the_loop_answering(flood: str) -> None:
    async def measured() -> tuple[Ran, float]:
        delays = []
        flooding = asyncio.ensure_future(unread(flood))
        while not flooding.done():
            watch = Stopwatch()
            await asyncio.sleep(0.01)
            delays.append(watch.seconds - 0.01)
        return flooding.result(), max(sorted(delays)[:-2], default=0.0)

    ran, delay = asyncio.run(measured())
    assert delay < 0.5
    assert len(ran.lines) <= BACKLOG + LATEST + 1
    assert ran.dropped > 0 or sum(line.cut for line in ran.lines) > 0
    assert all(len(line.text) <= 4096 for line in ran.lines)


@pytest.mark.parametrize("flood", [FLOODS["lines"], FLOODS["long lines"]], ids=["lines", "long lines"])
def test_floods_leave_memory_bounded(flood: str) -> None:
    tracemalloc.start()
    asyncio.run(unread(flood))
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert memory < 20 << 20


def test_the_first_and_the_latest_lines_are_kept_and_the_rest_counted() -> None:
    async def late() -> list[Output]:
        argv = shell("seq 1 5000")
        async with Stream(argv, environment=ENVIRONMENT, cwd="/", backlog=10) as stream:
            await stream.terminal.wait()
            return [output async for output in stream]

    outputs = asyncio.run(late())
    texts = [output.text for output in outputs if isinstance(output, Line)]
    assert texts == [str(number) for number in (*range(1, 11), *range(5001 - LATEST, 5001))]
    assert [output for output in outputs if isinstance(output, Dropped)] == [Dropped(5000 - 10 - LATEST)]


# ── commands that don't end as they should ───────────────────────────────────────────────────────


def test_a_grandchild_that_holds_the_terminal_does_not_hang_us() -> None:
    watch = Stopwatch()
    ran = run(shell("trap '' HUP; (trap '' HUP; exec sleep 60) & echo $!; echo done"))
    seconds = watch.seconds
    os.kill(int(ran.texts[0]), signal.SIGKILL)
    assert ran.texts[1:] == ["done"]
    assert ran.ended is not None
    assert ran.ended.exit_code == 0
    assert seconds < 10


def test_output_after_the_exit_is_heard_for_a_moment_and_never_for_ever(tmp_path: Path) -> None:
    told = shlex.quote(str(tmp_path / "told"))
    flood = f"trap '' HUP; until [ -e {told} ]; do sleep 0.01; done; while :; do echo more; done"
    watch = Stopwatch()
    ran = run(shell(f"trap '' HUP; ({flood}) & echo $!; : > {told}; exit 0"))
    seconds = watch.seconds
    os.kill(int(ran.texts[0]), signal.SIGKILL)  # after a normal end it is left alone
    assert ran.ended is not None
    assert ran.ended.exit_code == 0
    assert seconds < 10


def test_one_that_closes_its_output_and_goes_on_is_ended_at_its_limit() -> None:
    watch = Stopwatch()
    ran = run(shell("exec >&- 2>&- <&-; exec sleep 60"), limit=0.5)
    assert ran.ended is not None
    assert ran.ended.cause == "limit"
    assert watch.seconds < 10
    assert "limit" in ran.ended.text


def test_one_that_ignores_the_polite_request_is_ended_with_all_its_children() -> None:
    program = """
import os, signal, sys, time
for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(sign, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgid(0, 0)  # a group of its own in the same session
print(os.getpid(), flush=True)
time.sleep(120)
"""
    pids: list[int] = []

    async def cancelled() -> Ran:
        tasks = []

        def answer(stream: Stream, output: Output) -> None:
            if isinstance(output, Line) and not output.unfinished:
                pids.append(int(output.text))
                if len(pids) == 2:
                    tasks.append(asyncio.ensure_future(stream.terminal.cancel(patience=0.3)))

        return await running(python(program), answer)

    ran = asyncio.run(cancelled())
    assert ran.ended is not None
    assert (ran.ended.cause, ran.ended.signal) == ("cancelled", "SIGKILL")
    wait_until(lambda: all(map(is_gone, pids)))


def test_fork_and_hang() -> None:
    """Forty children that never end; leaving the stream ends them all."""
    pids: list[int] = []

    async def left() -> None:
        argv = shell("for i in $(seq 40); do sleep 100 & echo $!; done; wait")
        async with Stream(argv, environment=ENVIRONMENT, cwd="/") as stream:
            async for output in stream:
                if isinstance(output, Line) and not output.unfinished:
                    pids.append(int(output.text))
                if len(pids) == 40:
                    break

    asyncio.run(left())
    wait_until(lambda: all(map(is_gone, pids)))


def test_the_limit_can_be_moved_while_it_runs() -> None:
    def answer(stream: Stream, output: Output) -> None:
        if isinstance(output, Line) and output.text == "ready":
            stream.set_limit(0.1)

    ran = run(shell("echo ready; exec sleep 60"), answer, limit=500)
    assert ran.ended is not None
    assert ran.ended.cause == "limit"


def test_nothing_is_left_open() -> None:
    async def several() -> tuple[int, int]:
        await running(shell("true"))
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            await running(shell("echo x"))
        return before, len(os.listdir("/proc/self/fd"))

    before, after = asyncio.run(several())
    assert before == after
