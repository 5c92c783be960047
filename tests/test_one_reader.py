"""Every file from outside is read by one reader, and none of them can make us wait or fill the memory."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from claude_auth.actions.explain import read_file as read_dropped
from claude_auth.cloud.child import answered
from claude_auth.oauth.configuration import load_configuration
from claude_auth.store.locks import read_holder
from claude_auth.trust import read_named
from tests.guard import ROOT
from tests.waiting import at_once

PACKAGE = ROOT / "tui/claude_auth"

#: Whatever else opens something to read, and why it may.
EXCEPTIONS = {
    "files.py:_read_bounded": "the reader itself",
    "app/themes.py:role_codes": "a style sheet of ours, from beside the code",
    "journal/reading.py:_open_to_read": "ours: no link, no blocking, checked, followed in pieces",
    "journal/records.py:_began": "ours: checked by opening it to append, no link, no blocking; one line",
    "processes/run_captured.py:_filled": "/dev/null, as the standard input of a child",
    "processes/lifetime.py:groups_of_session": "/proc of the kernel",
    "store/private.py:_host": "/proc of the kernel",
    "cloud/command_output.py:open": "a pipe of our own, that nobody else can name",
    "cloud/child.py:main": "/dev/null, and a descriptor that was inherited, to write to",
}
_OPENING = frozenset({"open", "fdopen", "read_text", "read_bytes", "FileIO", "copyfile", "copy", "copy2"})
_LOADING = frozenset({"tomllib.load", "json.load", "pickle.load", "configparser.read", "parser.read"})


def _readings(path: Path) -> Iterator[str]:
    """`path:function` of each call that opens something and doesn't evidently write alone."""
    name = path.relative_to(PACKAGE).as_posix()

    def visit(node: ast.AST, function: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
            if isinstance(child, ast.Call) and _opens(child):
                yield f"{name}:{inside}"
            yield from visit(child, inside)

    return visit(ast.parse(path.read_text(encoding="utf-8")), "")


def _opens(call: ast.Call) -> bool:
    whole = ast.unparse(call.func)
    if whole in _LOADING:
        return True
    last = whole.rpartition(".")[2]
    if last not in _OPENING or whole.startswith(("self.", "apart.", "stack.")):
        return False
    if last in {"copy", "copy2", "copyfile"}:
        return whole.startswith("shutil.")
    arguments = [
        *call.args,
        *(keyword.value for keyword in call.keywords if keyword.arg in {"mode", "flags"}),
    ]
    words = " ".join(ast.unparse(argument) for argument in arguments)
    modes = {a.value for a in arguments[1:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    writes = {"w", "wb", "a", "ab", "x", "xb"} & modes
    # Flags that were put together before the call are looked for by name.
    return not (
        writes or "O_WRONLY" in words or "O_DIRECTORY" in words or "O_CREAT" in words or "flags" in words
    )


def test_no_file_is_read_but_by_the_one_reader() -> None:
    found = {
        place
        for path in PACKAGE.rglob("*.py")
        if "sandbox" not in path.parts  # stand-ins of other programs, for the tests and the demo
        for place in _readings(path)
    }
    assert found - EXCEPTIONS.keys() == set(), "read it with claude_auth.files.read_file"
    assert EXCEPTIONS.keys() - found == set(), "these exceptions are no longer needed"


# ── what may stand where a file belongs ──────────────────────────────────────────────────────────


def named_pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def one_gigabyte(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


def directory(path: Path) -> None:
    path.mkdir()


def circle(path: Path) -> None:
    path.symlink_to(path.name)


KINDS = [named_pipe, device, one_gigabyte, directory, circle]
Make = Callable[[Path], None]


@pytest.mark.parametrize("make", KINDS)
def test_our_configuration_may_be_anything(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "oauth.toml"
    make(path)
    found = at_once(lambda: load_configuration({}, str(path)))
    assert [problem.where for problem in found.problems] == [str(path)]
    assert "can't be read" in str(found.problems[0])


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["token", "--store", "sdk"], 1),
        (["refresh", "--store", "sdk"], 1),
        (["diagnose", "--error", ".config/claude-auth/oauth.toml"], 2),
    ],
)
def test_a_pipe_in_the_place_of_our_configuration_holds_no_command_up(
    command: list[str], status: int, tmp_path: Path
) -> None:
    """As an apiKeyHelper, `token` would hold Claude Code up."""
    folder = tmp_path / ".config/claude-auth"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "oauth.toml")
    (tmp_path / ".claude_code").mkdir(mode=0o700)
    tokens = tmp_path / ".claude_code/tokens.json"
    tokens.write_text('{"access_token": "made-up", "refresh_token": "made-up-too", "expires_at": 1}')
    tokens.chmod(0o600)
    environ = {"HOME": str(tmp_path), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    run = subprocess.run(
        [sys.executable, "-c", "from claude_auth.cli import main; raise SystemExit(main())", *command],
        env=environ,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == status, run.stderr
    assert b"a named pipe stands where a file belongs" in run.stderr
    assert b"Traceback" not in run.stderr


@pytest.mark.parametrize("make", [named_pipe, directory, circle])
def test_an_error_text_may_be_anything(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "log"
    make(path)
    with pytest.raises(OSError, match=r"stands where a file belongs|leads in a circle"):
        at_once(lambda: read_dropped(str(path)))


def test_of_a_huge_error_text_the_beginning_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claude_auth.actions.explain.READ_AT_MOST", 1000)
    one_gigabyte(tmp_path / "log")
    assert at_once(lambda: read_dropped(str(tmp_path / "log"))) == bytes(1000)


@pytest.mark.parametrize("make", KINDS)
def test_a_lock_may_be_anything(make: Make, tmp_path: Path) -> None:
    make(tmp_path / "lock")
    assert at_once(lambda: read_holder(str(tmp_path / "lock"))).pid is None


@pytest.mark.parametrize("make", KINDS)
def test_googles_credentials_may_be_anything(make: Make, tmp_path: Path) -> None:
    make(tmp_path / "adc.json")
    request = {"path": str(tmp_path / "adc.json"), "connect_timeout": 1, "read_timeout": 1}
    assert at_once(lambda: answered("google", request))["error"]["class"] == "OSError"


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"])
def test_certificates_may_be_anything(make: Make, variable: str, tmp_path: Path) -> None:
    make(tmp_path / "root.pem")
    found = at_once(lambda: read_named(variable, str(tmp_path / "root.pem")))
    assert not found.is_usable
    assert found.damage is not None


@pytest.mark.parametrize("make", KINDS)
def test_a_folder_of_certificates_may_hold_anything(make: Make, tmp_path: Path) -> None:
    make(tmp_path / "root.pem")
    assert not at_once(lambda: read_named("SSL_CERT_DIR", str(tmp_path))).is_usable
