"""Neither program ends with a traceback: real processes, and canaries in everything that they read."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from claude_auth.cli import COMMANDS
from claude_auth.processes.crash_guard import guarded
from claude_auth.security.crash import crash_text
from tests.canary_machine import CANARIES, lay_out, leaks

COMMAND = str(Path(sys.executable).with_name("claude-auth"))

#: What makes each command answer on standard output, on the machine of the canaries.
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "status": (),
    "diagnose": ("--all",),
    "fix": ("--list",),
    "probe": ("--yes", "--json"),
    "report": (),
    "login": ("--store", "claude-code", "--json"),
    "logout": ("--store", "claude-code", "--json"),
    "accounts": (),
    "refresh": ("--store", "sdk", "--json"),
    "token": ("--store", "sdk"),
    "run": ("api-key-helper", "--yes", "--json"),
    "log": (),
    "setup": (),
    "config": ("check",),
    "completion": ("bash",),
    "help": ("status",),
    "version": (),
}
#: These may refuse before they have anything to print.
MAY_REFUSE = {"token", "logout", "login", "log", "probe", "fix", "setup"}


def test_every_command_is_tried() -> None:
    assert set(ARGUMENTS) == set(COMMANDS)


def environment(home: Path, mode: str = "helper") -> dict[str, str]:
    own = {
        "XDG_STATE_HOME": f"{home}/.local/state",
        "XDG_CONFIG_HOME": f"{home}/.config",
        "LC_ALL": "C.UTF-8",
    }
    return {**lay_out(home, mode), **own}


@contextmanager
def full_device() -> Iterator[int]:
    file = os.open("/dev/full", os.O_WRONLY)
    yield file
    os.close(file)


@contextmanager
def gone_terminal() -> Iterator[int]:
    master, slave = pty.openpty()
    os.close(master)
    yield slave
    os.close(slave)


@contextmanager
def full_pipe() -> Iterator[int]:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 65536)
    except BlockingIOError:
        pass
    yield writing
    os.close(writing)
    os.close(reading)


@contextmanager
def closed() -> Iterator[None]:
    yield None


KINDS: dict[str, Callable[[], object]] = {
    "full device": full_device,
    "gone terminal": gone_terminal,
    "full pipe": full_pipe,
    "closed": closed,
}


def run(
    program: list[str], environ: dict[str, str], cwd: Path, stdout: int | None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        program,
        env=environ,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", COMMANDS)
def test_output_that_cannot_be_written_is_a_sentence_and_no_traceback(
    command: str, kind: str, tmp_path: Path
) -> None:
    environ = environment(tmp_path)
    program = [COMMAND, command, *ARGUMENTS[command]]
    with KINDS[kind]() as stdout:  # type: ignore[attr-defined]
        if stdout is None:
            program = ["/bin/sh", "-c", 'exec "$0" "$@" >&-', *program]
        done = run(program, environ, tmp_path / "proj", stdout)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert leaks(done.stderr) == []
    told = "claude-auth: the answer can't be written to standard output: "
    if command not in MAY_REFUSE or told in done.stderr:
        assert done.stderr.count(told) == 1
        assert done.returncode == (129 if kind == "gone terminal" else 1)  # as a hang-up would have it
    assert done.returncode in {1, 2, 129} or command == "log"
    assert done.stderr.strip() or command == "log"


@pytest.mark.parametrize("buffered", ["", "1"], ids=["at the end", "at once"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_seen_enough_changes_nothing(command: str, buffered: str, tmp_path: Path) -> None:
    """As `claude-auth … | true` has it: no word about that, and the exit code is that of the answer."""
    reading, writing = os.pipe()
    os.close(reading)
    codes = []
    for name, stdout in (("read", subprocess.DEVNULL), ("unread", writing)):
        home = tmp_path / name
        home.mkdir()
        environ = {**environment(home), "PYTHONUNBUFFERED": buffered}
        done = run([COMMAND, command, *ARGUMENTS[command]], environ, home / "proj", stdout)
        assert "can't be written" not in done.stderr
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr
        codes.append(done.returncode)
    os.close(writing)
    assert codes[0] == codes[1]


# ── exceptions ───────────────────────────────────────────────────────────────────────────────────

#: Deep inside, where plain text is around: what raises, and a command that comes by.
PLACES: tuple[tuple[str, str], ...] = (
    ("claude_auth.formats.document.parse", "status"),
    ("claude_auth.formats.document.decode", "status"),
    ("claude_auth.formats.credentials.text_of", "status"),
    ("claude_auth.formats.credentials.moment", "status --json"),
    ("claude_auth.formats.credentials.read_scopes", "diagnose"),
    ("claude_auth.formats.settings.javascript_text", "status"),
    ("claude_auth.formats.settings._suffixes", "status"),
    ("claude_auth.formats.aws_files._heading", "status"),
    ("claude_auth.formats.aws_files._provider", "report"),
    ("claude_auth.formats.cloud_files.text_of", "status"),
    ("claude_auth.observe.shell_startup._assigned_by", "status"),
    ("claude_auth.observe.claude_files.read_claude_json", "status"),
    ("claude_auth.files.read_file", "status"),
    ("claude_auth.files.read_file", "accounts"),
    ("claude_auth.formats.outputs.read_custom_headers", "status"),
    ("claude_auth.sources.aws_credentials.shown_command", "status --client claude-print"),
    ("claude_auth.security.redact.redact_quotes", "status"),
    ("claude_auth.diagnose._finding", "diagnose"),
    ("claude_auth.present.documents.iso", "status --json"),
    ("claude_auth.present.status_text.words.origin_words", "status --all"),
    ("claude_auth.present.support_report.Masker._text", "report"),
    ("claude_auth.processes.run_captured._read", "status --evaluate --client claude-print"),
    ("claude_auth.store.files.FileStore.load", "refresh --store sdk"),
    ("claude_auth.cli.console.plain", "status"),
)
#: Raises with everything that it was given: in a thread, in a clean-up, and where it stands.
RAISING = """
import importlib, sys, threading
place, *arguments = sys.argv[1:]
parts = place.split(".")
for depth in range(len(parts) - 1, 0, -1):
    try:
        owner = importlib.import_module(".".join(parts[:depth]))
    except ImportError:
        continue
    break
for name in parts[depth:-1]:
    owner = getattr(owner, name)
def told(value):
    for method in ("reveal", "decode"):
        if hasattr(value, method):
            value = getattr(value, method)()
    return value if isinstance(value, str) else repr(value)
class Cleanup:
    def __init__(self, words): self.words = words
    def __del__(self): raise RuntimeError(self.words)
def fail(*given, **more):
    words = " ".join(told(value) for value in (*given, *more.values()))
    Cleanup(words)
    thread = threading.Thread(target=lambda: int(words or "x"))
    thread.start()
    thread.join()
    raise KIND(words)
setattr(owner, parts[-1], fail)
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("claude_auth"):
        for name, value in list(vars(module).items()):
            where = getattr(value, "__module__", ""), getattr(value, "__name__", "")
            if where == (owner.__name__, parts[-1]):
                setattr(module, name, fail)
from claude_auth.cli import main
sys.argv[1:] = arguments
sys.exit(main())
"""


@pytest.mark.parametrize("kind", ["ValueError", "KeyError"])
@pytest.mark.parametrize(("place", "command"), PLACES)
def test_an_exception_anywhere_prints_no_traceback_and_no_canary(
    place: str, command: str, kind: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RAISING.replace("KIND", kind), place, *command.split()],
        env=environment(tmp_path, "everything" if "evaluate" not in command else "helper"),
        cwd=tmp_path / "proj",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert leaks(done.stdout + done.stderr) == []
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.returncode == 1
    assert f"claude-auth stopped: {kind}" in done.stderr
    assert "claude-auth: a clean-up failed and was passed over: RuntimeError" in done.stderr


def test_what_an_exception_quotes_is_not_shown_and_its_words_are() -> None:
    secret = "plainword"

    def told(error: BaseException) -> str:
        return crash_text(error, "claude-auth").splitlines()[0]

    def raised(action: Callable[[], object]) -> BaseException:
        try:
            action()
        except Exception as error:
            return error
        raise AssertionError

    errors: list[BaseException] = [
        raised(lambda: int(secret)),
        raised(lambda: int(secret * 40 + "\\")),
        ValueError(f"`{secret}` is no number"),
        ValueError(f"it says “{secret}”, which is cut off: `{secret}"),
        raised(lambda: {}[secret]),  # type: ignore[index]
        raised(lambda: open(f"/nowhere/{secret}")),  # noqa: SIM115
        raised(f"\ud800{secret}".encode),
        raised((secret.encode() + b"\xff").decode),
        RuntimeError(f"not '{secret}"),
        RuntimeError(f'{{"token": "{secret}'),
    ]
    for error in errors:
        assert type(error).__name__ in told(error)
        assert secret not in told(error)
    assert told(RuntimeError("made up")) == "claude-auth stopped: RuntimeError: made up"
    assert told(FileNotFoundError(2, "No such file", secret)).endswith("FileNotFoundError: No such file")
    assert "psutil" in told(ModuleNotFoundError("No module named 'psutil'"))


def test_an_exception_does_not_leave_the_guard(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise ValueError(CANARIES["api key"])

    assert guarded("claude-auth", work, whole_process=False) == 1
    told = capsys.readouterr().err
    assert told.startswith("claude-auth stopped: ValueError: …redacted…")
    assert leaks(told) == []


def test_the_hooks_are_put_back_where_the_process_goes_on() -> None:
    before = sys.excepthook, sys.unraisablehook, threading.excepthook
    assert guarded("claude-auth", lambda: 3, whole_process=False) == 3
    assert (sys.excepthook, sys.unraisablehook, threading.excepthook) == before


def test_a_thread_that_crashes_makes_it_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        thread = threading.Thread(target=lambda: int(CANARIES["api key"]))
        thread.start()
        thread.join()
        return 0

    assert guarded("claude-auth", work, whole_process=False) == 1
    told = capsys.readouterr().err
    assert told.startswith("claude-auth stopped: ValueError")
    assert leaks(told) == []


SILENT = """
import asyncio, logging
from claude_auth.processes.crash_guard import guarded, silence_logs
async def fails():
    raise RuntimeError("CANARY of a task")
async def main():
    task = asyncio.ensure_future(fails())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    asyncio.get_running_loop().call_soon(int, "CANARY of a callback")
    await asyncio.sleep(0)
    logging.getLogger("library").error("CANARY of a log", exc_info=RuntimeError("CANARY"))
def work():
    silence_logs()
    asyncio.run(main())
    return 0
raise SystemExit(guarded("claude-auth", work, whole_process=True))
"""


def test_a_task_that_nobody_waits_for_and_a_library_s_log_print_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SILENT], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


DASHBOARD = """
import sys
from claude_auth.app import launch
def fail(*given):
    raise KIND
launch.launch = fail
from claude_auth.app import main
sys.argv[1:] = []
sys.exit(main())
"""


@pytest.mark.parametrize(
    "kind", ["ValueError(\"it says 'CANARY'\")", "OSError(5, 'Input/output error', 'CANARY')"]
)
def test_the_dashboard_is_guarded_by_the_same_words(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DASHBOARD.replace("KIND", kind)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"claude-auth-tui stopped: {kind.partition('(')[0]}")
    assert "Traceback" not in done.stderr
    assert "CANARY" not in done.stderr
