"""The programs that run, and the environment that each of them really has."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from claude_auth.model.surroundings import Difference, RunningClient
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.observe.running import Process, claude_processes, registered, running_clients
from claude_auth.security.secret import Secret
from tests import disguises
from tests.canary_machine import CANARIES, leaks
from tests.disguises import BYSTANDERS, DISGUISES, needs_linux, start_of

HOME = "/home/ada"
CONFIG = "/home/ada/.claude"


def view(environ: Mapping[str, str] | None = None, root: str = "/") -> ObservationContext:
    return ObservationContext(HOME, HOME, root, Environment(environ or {"HOME": HOME}), user_id=os.geteuid())


def process(*command: str, program: str = "", pid: int = 4711, environ: object = None) -> Process:
    def read() -> Mapping[str, str]:
        if environ is None:
            raise OSError("not readable")
        assert isinstance(environ, dict)
        return environ

    return Process(pid, command, program, 100.0, read)


def described(*processes: Process, environ: Mapping[str, str] | None = None) -> tuple[RunningClient, ...]:
    found = running_clients(view(environ), CONFIG, processes)
    assert found is not None
    return found


def working(environ: Mapping[str, str], **more: str) -> dict[str, str]:
    return {"HOME": HOME, **environ, **more}


def test_this_process_is_left_out() -> None:
    assert described(process("claude", pid=os.getpid())) == ()


def test_a_sign_in_that_waits_is_told_apart() -> None:
    words = [("auth", "login"), ("auth", "status")]
    kinds = [client.kind for pair in words for client in described(process("claude", *pair))]
    assert kinds == ["sign-in", "session"]


def test_version_and_directory() -> None:
    program = "/home/ada/.local/share/claude/versions/2.1.300"
    named = {"HOME": HOME, "CLAUDE_CONFIG_DIR": f"{CONFIG}/"}
    one = described(process("claude", program=program, environ=named))[0]
    assert (one.version, one.config_dir, one.program) == ("2.1.300", CONFIG, program)
    two = described(process("claude", environ={"HOME": HOME}))[0]
    assert (two.version, two.config_dir) == (None, "/home/ada/.claude")


def test_an_environment_that_can_t_be_read_is_told_apart() -> None:
    one = described(process("claude"))[0]
    assert (one.config_dir, one.differences) == (None, ())


def test_what_runs_on_another_home_or_configuration_or_as_another_user_is_not_told() -> None:
    elsewhere = [
        process("claude", environ={"HOME": "/home/bob"}),
        process("claude", environ={"HOME": HOME, "CLAUDE_CONFIG_DIR": "/cfg"}),
        process("claude", environ={"HOME": "/home/bob", "CLAUDE_CONFIG_DIR": CONFIG}),
        replace(process("claude", environ={"HOME": HOME}), user_id=os.geteuid() + 1),
    ]
    assert described(*elsewhere) == ()


def test_a_credential_differs_by_its_fingerprint_and_the_rest_by_its_value() -> None:
    here = {"HOME": HOME, "ANTHROPIC_API_KEY": CANARIES["api key"], "EDITOR": "vi", "AWS_PROFILE": ""}
    there = working({"ANTHROPIC_API_KEY": CANARIES["settings key"], "AWS_REGION": "eu-west-1"})
    one = described(process("claude", environ=there), environ=here)[0]
    assert one.differences == (
        Difference(
            "ANTHROPIC_API_KEY",
            Secret(CANARIES["api key"]).fingerprint,
            Secret(CANARIES["settings key"]).fingerprint,
        ),
        Difference("AWS_REGION", None, "eu-west-1"),
    )
    assert leaks(repr(one)) == []
    assert leaks(repr(process("claude", CANARIES["api key"], environ=there))) == []


def test_a_secret_in_another_variable_is_not_told() -> None:
    key = CANARIES["api key"]
    there = working({"HTTPS_PROXY": f"http://u:{key}@proxy", "SSL_CERT_FILE": key})
    one = described(process("claude", environ=there), environ={**there, "HTTPS_PROXY": "http://u:x@proxy"})[0]
    (change,) = one.differences
    assert change.name == "HTTPS_PROXY"
    assert change.here != change.there
    assert leaks(repr(one)) == []


def test_the_oldest_first_and_not_without_end() -> None:
    many = [process("claude", pid=1000 + n) for n in range(200)]
    assert len(described(*many)) == 64
    young = Process(1, ("claude",), "", 900.0, lambda: {"HOME": HOME})
    old = Process(2, ("claude",), "", 5.0, lambda: {"HOME": HOME})
    assert [client.pid for client in described(young, old)] == [2, 1]


def test_another_machine_s_root_has_no_processes_here() -> None:
    assert running_clients(view(root="/mnt/container"), CONFIG) is None


@pytest.mark.parametrize("error", [IndexError("no boot time"), RuntimeError("anything"), PermissionError()])
def test_what_the_library_raises_is_not_known_and_never_a_crash(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where /proc is not mounted."""
    import psutil

    def pids() -> list[int]:
        raise error

    monkeypatch.setattr(psutil, "pids", pids)
    assert claude_processes(CONFIG) is None
    assert running_clients(view(), CONFIG) is None


# ── real ones ────────────────────────────────────────────────────────────────────────────────────


@needs_linux
@pytest.mark.parametrize("name", DISGUISES)
def test_a_running_claude_is_known_under_each_disguise(name: str, tmp_path: Path) -> None:
    with disguises.running(DISGUISES[name], tmp_path, {"HOME": str(tmp_path)}) as child:
        assert claude_processes(str(tmp_path / ".claude")) == frozenset({child.pid})
    assert claude_processes(str(tmp_path / ".claude")) == frozenset()


@needs_linux
@pytest.mark.parametrize("name", BYSTANDERS)
def test_a_program_that_has_the_name_among_its_words_is_none(name: str, tmp_path: Path) -> None:
    with disguises.running(BYSTANDERS[name], tmp_path, {"HOME": str(tmp_path)}):
        assert claude_processes(str(tmp_path / ".claude")) == frozenset()


@needs_linux
def test_a_script_named_without_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / disguises.PACKAGE
    folder.mkdir(parents=True)
    with disguises.running(
        (("node", "cli.js"), "{}/bin/node"), tmp_path, {"HOME": str(tmp_path)}, folder
    ) as child:
        assert claude_processes(str(tmp_path / ".claude")) == frozenset({child.pid})


@needs_linux
def test_a_claude_of_another_home_or_configuration_does_not_matter(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    for home in (mine, other):
        (home / ".claude").mkdir(parents=True)
    (tmp_path / "alias").symlink_to(mine)
    with (
        disguises.running(DISGUISES["claude"], tmp_path, {"HOME": str(other)}) as stranger,
        disguises.running(
            DISGUISES["path"], tmp_path, {"HOME": str(mine), "CLAUDE_CONFIG_DIR": str(other / ".claude")}
        ) as moved,
        disguises.running(
            DISGUISES["bun"], tmp_path, {"HOME": "/", "CLAUDE_CONFIG_DIR": "alias/.claude"}, tmp_path
        ) as relative,
    ):
        assert claude_processes(str(mine / ".claude")) == frozenset({relative.pid})
        assert claude_processes(str(tmp_path / "alias/.claude")) == frozenset({relative.pid})
        assert claude_processes(str(other / ".claude")) == frozenset({stranger.pid, moved.pid})
        assert running_clients(view({"HOME": str(mine)}), str(mine / ".claude")) == ()


@needs_linux
def test_the_register_knows_a_client_whatever_its_command_line_looks_like(tmp_path: Path) -> None:
    config = tmp_path / ".claude"
    with disguises.running((("worker",), "{}/bin/worker"), tmp_path, {"HOME": "/nowhere"}) as child:
        assert claude_processes(str(config)) == frozenset()
        disguises.register(config, child.pid, start_of(child.pid), entrypoint="claude-vscode")
        assert claude_processes(str(config)) == frozenset({child.pid})
        record = registered(str(config))[child.pid]
        assert record.version == "2.1.332"


@needs_linux
def test_a_registered_client_of_another_user_keeps_us_from_writing_and_is_no_finding(tmp_path: Path) -> None:
    config = tmp_path / ".claude"
    with disguises.running((("worker",), "{}/bin/worker"), tmp_path, {"HOME": "/"}) as child:
        disguises.register(config, child.pid, start_of(child.pid))
        row = process("sudo", pid=child.pid)
        for user_id, told in ((os.geteuid(), 1), (os.geteuid() + 1, 0)):
            rows = [replace(row, user_id=user_id)]
            assert claude_processes(str(config), rows) == frozenset({child.pid})
            assert len(running_clients(view(), str(config), rows) or ()) == told


@needs_linux
def test_a_killed_client_leaves_its_record_and_counts_no_more(tmp_path: Path) -> None:
    config = tmp_path / ".claude"
    with disguises.running(DISGUISES["claude"], tmp_path, {"HOME": str(tmp_path)}) as child:
        path = disguises.register(config, child.pid, start_of(child.pid))
        assert claude_processes(str(config)) == frozenset({child.pid})
    assert path.exists()
    assert claude_processes(str(config)) == frozenset()


@needs_linux
def test_a_number_that_was_given_to_another_process_counts_no_more(tmp_path: Path) -> None:
    config = tmp_path / ".claude"
    with disguises.running(BYSTANDERS["vim"], tmp_path, {"HOME": str(tmp_path)}) as child:
        disguises.register(config, child.pid, str(int(start_of(child.pid)) - 1))
        assert claude_processes(str(config)) == frozenset()


@needs_linux
def test_one_that_has_ended_and_is_still_listed_counts_no_more(tmp_path: Path) -> None:
    config = tmp_path / ".claude"
    with disguises.running(DISGUISES["claude"], tmp_path, {"HOME": str(tmp_path)}) as child:
        disguises.register(config, child.pid, start_of(child.pid))
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert claude_processes(str(config)) == frozenset()


@needs_linux
def test_the_secret_beside_a_record_is_never_opened(tmp_path: Path) -> None:
    """By the audit of another interpreter, so that no other test is slowed down."""
    config = tmp_path / ".claude"
    with disguises.running(DISGUISES["claude"], tmp_path, {"HOME": str(tmp_path)}) as child:
        path = disguises.register(config, child.pid, start_of(child.pid))
        script = (
            "import sys; opened = []\n"
            "sys.addaudithook(lambda name, args: opened.append(str(args[0])) if name == 'open' else None)\n"
            "from claude_auth.observe.running import claude_processes\n"
            "print(sorted(claude_processes(sys.argv[1])), sys.argv[2] in opened,"
            " [name for name in opened if name.endswith('.key')])\n"
        )
        told = subprocess.run(
            [sys.executable, "-c", script, str(config), str(path)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert told.stdout.strip() == f"[{child.pid}] True []"


@needs_linux
def test_what_is_told_of_a_real_one(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "ANTHROPIC_API_KEY": CANARIES["api key"]}
    config = str(tmp_path / ".claude")
    with disguises.running(DISGUISES["version"], tmp_path, environ) as child:
        here = ObservationContext(
            str(tmp_path), "/", "/", Environment({"HOME": str(tmp_path)}), user_id=os.geteuid()
        )
        found = running_clients(here, config)
        assert found is not None
        (one,) = found
    assert (one.pid, one.config_dir, one.version) == (child.pid, config, "2.1.328")
    assert one.started_at is not None
    assert [change.name for change in one.differences] == ["ANTHROPIC_API_KEY"]
    assert leaks(repr(found)) == []
