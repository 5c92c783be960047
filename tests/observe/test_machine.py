"""The machine around us, looked at through a made-up root: connection, container, vendor, directories."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claude_auth.model import Machine, Places
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.observe.machine import look_at_machine, main_working_tree
from tests.conformance.layout import look_at


def look(
    root: Path, environ: Mapping[str, str] | None = None, platform: str = "linux", home: str | None = None
) -> Machine:
    return look_from(home or str(root / "home/u"), str(root), environ, platform)


def look_from(
    home: str,
    root: str,
    environ: Mapping[str, str] | None = None,
    platform: str = "linux",
    user_id: int = 1000,
) -> Machine:
    view = ObservationContext(home, "/", root, Environment(environ or {}), platform, user_id)
    places = Places(home, root, "/", f"{home}/.claude", f"{home}/.claude/.credentials.json")
    return look_at_machine(view, places)


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def test_an_empty_machine(tmp_path: Path) -> None:
    machine = look(tmp_path)
    assert not machine.over_ssh
    assert not machine.wsl
    assert not machine.display
    assert (machine.multiplexer, machine.container, machine.vendor) == (None, None, None)
    assert (machine.platform, machine.user_id) == ("linux", 1000)


@pytest.mark.parametrize("name", ["SSH_CONNECTION", "SSH_TTY"])
def test_ssh(tmp_path: Path, name: str) -> None:
    assert look(tmp_path, {name: "10.0.0.1 5000 10.0.0.2 22"}).over_ssh
    assert not look(tmp_path, {name: ""}).over_ssh


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"TMUX": "/tmp/tmux-1000/default,1,0"}, "tmux"),
        ({"STY": "1234.pts-0.host"}, "screen"),
        ({"ZELLIJ": "0"}, "zellij"),
        ({"TERM": "tmux-256color"}, None),  # that may be the terminal at the other end of SSH
    ],
)
def test_multiplexer(tmp_path: Path, environ: dict[str, str], name: str | None) -> None:
    assert look(tmp_path, environ).multiplexer == name


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"CODESPACES": "true", "REMOTE_CONTAINERS": "true"}, "codespaces"),
        ({"REMOTE_CONTAINERS": "true"}, "devcontainer"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ({"CODESPACES": "false"}, None),
    ],
)
def test_container_by_variable(tmp_path: Path, environ: dict[str, str], name: str | None) -> None:
    assert look(tmp_path, environ).container == name


@pytest.mark.parametrize(
    ("file", "content", "name"),
    [
        (".dockerenv", "", "docker"),
        ("run/.containerenv", "", "podman"),
        ("proc/1/cgroup", "12:pids:/docker/0123abcd\n", "docker"),
        ("proc/1/cgroup", "0::/kubepods.slice/kubepods-pod12.slice\n", "kubernetes"),
        ("proc/1/cgroup", "0::/init.scope\n", None),
        ("proc/1/cgroup", b"\xff\xfe\0", None),
    ],
)
def test_container_by_file(tmp_path: Path, file: str, content: str | bytes, name: str | None) -> None:
    write(tmp_path / file, content)
    assert look(tmp_path).container == name


def test_wsl(tmp_path: Path) -> None:
    assert look(tmp_path, {"WSL_DISTRO_NAME": "Debian"}).wsl
    write(tmp_path / "proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2\n")
    assert look(tmp_path).wsl


def test_display(tmp_path: Path) -> None:
    assert look(tmp_path, {"DISPLAY": ":0"}).display
    assert look(tmp_path, {"WAYLAND_DISPLAY": "wayland-0"}).display
    assert look(tmp_path, platform="darwin").display
    assert not look(tmp_path, {"SSH_TTY": "/dev/pts/0"}, platform="darwin").display


def test_vendor_names_the_cloud_and_can_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path / "sys/class/dmi/id/sys_vendor", "Amazon EC2\n")
    assert look(tmp_path).vendor == "Amazon EC2"
    write(tmp_path / "sys/class/dmi/id/product_name", "m5.large\nsecond line\n")
    assert look(tmp_path).vendor == "Amazon EC2 m5.large"
    write(tmp_path / "sys/class/dmi/id/sys_vendor", "\x1b[31mred\u202e" + "x" * 5000)
    vendor = look(tmp_path).vendor
    assert vendor is not None
    assert vendor.isprintable()
    assert len(vendor) <= 120


def test_the_user_is_looked_up_only_for_the_running_system(tmp_path: Path) -> None:
    own = pwd.getpwuid(os.getuid())
    machine = look_from("/x", "/", user_id=os.getuid())
    assert (machine.user, machine.home_in_passwd) == (own.pw_name, own.pw_dir)
    elsewhere = look_from("/x", str(tmp_path), {"USER": "me"}, user_id=os.getuid())
    assert (elsewhere.user, elsewhere.home_in_passwd) == ("", None)


def test_a_user_id_without_an_entry_has_the_name_of_the_environment() -> None:
    machine = look_from("/x", "/", {"USER": "nobody\n"}, user_id=3_999_999_999)
    assert (machine.user, machine.home_in_passwd) == ("nobody", None)


# ── directories ──────────────────────────────────────────────────────────────────────────────────


def test_directories_that_can_be_written(tmp_path: Path) -> None:
    home = tmp_path / "home/u"
    home.mkdir(parents=True)
    machine = look(tmp_path)
    assert machine.writable == {str(home): True, str(home / ".claude"): True}, "missing, but could be made"
    assert machine.free_bytes is not None
    assert machine.free_bytes > 0


def test_a_file_in_the_place_of_the_directory_cannot_be_written_into(tmp_path: Path) -> None:
    home = tmp_path / "home/u"
    write(home / ".claude", "")
    assert look(tmp_path).writable == {str(home): True, str(home / ".claude"): False}


def test_a_directory_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer of `os.access` counts (also told for read-only file systems; root is refused nothing)."""
    home = tmp_path / "home/u"
    (home / ".claude").mkdir(parents=True)
    monkeypatch.setattr(os, "access", lambda path, mode: path != str(home / ".claude"))
    assert look(tmp_path).writable == {str(home): True, str(home / ".claude"): False}


def test_a_moved_store_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    machine = look(tmp_path, {"CLAUDE_SECURESTORAGE_CONFIG_DIR": str(tmp_path / "store")})
    assert machine.writable[str(tmp_path / "store")]


@pytest.mark.parametrize(
    "name", ["sys/class/dmi/id/sys_vendor", "proc/1/cgroup", "proc/sys/kernel/osrelease"]
)
def test_pipes_where_files_belong_do_not_block(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    os.mkfifo(tmp_path / name)
    machine = look(tmp_path)
    assert (machine.container, machine.vendor, machine.wsl) == (None, None, False)


def test_paths_that_cannot_be(tmp_path: Path) -> None:
    machine = look(tmp_path, home="/nonexistent\0")
    assert set(machine.writable.values()) <= {True, False}
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert look(tmp_path, home=str(loop)).writable[str(loop)] is False


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(content=st.binary(), value=st.text())
def test_any_content(tmp_path: Path, content: bytes, value: str) -> None:
    for name in ("sys/class/dmi/id/sys_vendor", "proc/1/cgroup", "proc/sys/kernel/osrelease"):
        write(tmp_path / name, content)
    names = ("USER", "TMUX", "DISPLAY", "CODESPACES", "CLAUDE_SECURESTORAGE_CONFIG_DIR", "CLAUDE_CONFIG_DIR")
    assert isinstance(look(tmp_path, dict.fromkeys(names, value)), Machine)


def test_no_heavy_import() -> None:
    """`claude-auth status` starts in the time of a few imports. Only the difference counts: an editable
    install or a plug-in may bring some of them along."""
    heavy = "platform shutil subprocess socket asyncio pathlib"
    ours = (
        "from claude_auth.observe import observe; from claude_auth.observe.context import ObservationContext;"
        "observe(ObservationContext('/nowhere', '/nowhere', '/nowhere'));"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def loaded(program: str) -> set[str]:
        program = f"{program}import sys; print(*set('{heavy}'.split()) & set(sys.modules))"
        command = [sys.executable, "-c", program]
        return set(
            subprocess.run(command, env=environ, check=True, text=True, capture_output=True).stdout.split()
        )

    assert loaded(ours) - loaded("") == set()


def linked(**changed: str | None) -> dict[str, str]:
    """The files of a repository and of a worktree beside it; a value of None leaves a file out."""
    files = {
        "git": "gitdir: $HOME/repo/.git/worktrees/wt\n",
        "commondir": "../..\n",
        "gitdir": "$HOME/wt/.git\n",
        "place": "repo/.git/worktrees/wt",
        **changed,
    }
    paths = {
        "git": "wt/.git",
        "commondir": f"{files['place']}/commondir",
        "gitdir": f"{files['place']}/gitdir",
    }
    return {path: text for name, path in paths.items() if (text := files[name]) is not None}


def lay_out(files: Mapping[str, str], home: Path) -> None:
    for path, text in files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text.replace("$HOME", str(home)))


@pytest.mark.parametrize(
    ("changed", "main"),
    [
        ({}, "repo"),
        ({"git": "gitdir: ../repo/.git/worktrees/wt"}, "repo"),
        ({"gitdir": "../../../../wt/.git"}, "repo"),
        ({"gitdir": "$HOME/elsewhere/.git"}, "wt"),
        ({"gitdir": None}, "wt"),
        ({"commondir": None}, "wt"),
        ({"commondir": "../../.."}, "wt"),
        ({"git": "$HOME/repo/.git/worktrees/wt"}, "wt"),
        ({"git": "gitdir:"}, "wt"),
        ({"git": "gitdir: $HOME/repo/.git/modules/wt", "place": "repo/.git/modules/wt"}, "wt"),
        ({"git": "gitdir: $HOME/bare.git/worktrees/wt", "place": "bare.git/worktrees/wt"}, "bare.git"),
    ],
)
def test_a_worktree_counts_where_both_sides_name_each_other(
    changed: dict[str, str | None], main: str, tmp_path: Path
) -> None:
    lay_out(linked(**changed), tmp_path)
    assert main_working_tree(str(tmp_path / "wt")) == str(tmp_path / main)


def test_a_repository_is_its_own_main_working_tree(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert main_working_tree(str(tmp_path)) == str(tmp_path)


@pytest.mark.parametrize(
    ("cwd", "expected"), [("wt", ["main", "worktree"]), ("wt/sub", ["main", "sub"]), ("repo", ["main"])]
)
def test_local_settings_of_the_main_one_outrank_those_of_the_working_directory(
    cwd: str, expected: list[str], tmp_path: Path
) -> None:
    files = {path: {"$text": text} for path, text in linked().items()}
    places = {"main": "repo", "worktree": "wt", "sub": "wt/sub"}
    local = {f"{folder}/.claude/settings.local.json": {"env": {"FOO": n}} for n, folder in places.items()}
    snapshot = look_at(tmp_path, {**files, "repo/.git/HEAD": {"$text": ""}, **local}, cwd=cwd).snapshot
    assert [a.value.reveal() for a in snapshot.variables["FOO"]] == expected
