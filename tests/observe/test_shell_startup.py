"""Where a shell variable is probably set: which lines count, in which files; only path and line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claude_auth.model import Location
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.observe.shell_startup import Dialect, assignments, likely_set_at
from tests.waiting import Stopwatch

KEY = "ANTHROPIC_API_KEY"
SECRET = "sk-ant-api03-pretend-canary-0000000000000000000000000000"


def lines(content: str, dialect: Dialect = "shell", name: str = KEY) -> list[int]:
    return [line for _, line in assignments(content.encode(), dialect, [name.encode()])]


# ── what a line sets ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "line",
    [
        f"export {KEY}=value",
        f"  export {KEY}='value with # and ; in it'",
        f'export {KEY}="$(pass show key)"',
        f"export {KEY}=`security find-generic-password -w`",
        f"export {KEY}=",
        f"{KEY}=value",
        f"{KEY}=value; export {KEY}",
        f"export OTHER='a b' {KEY}=value PATH",
        f"declare -x {KEY}=value",
        f"typeset -gx {KEY}=value",
        f'export "{KEY}=value"',
        f"setenv {KEY} value",
        f'[ -n "$SSH_TTY" ] && export {KEY}=value',
        f"if true; then export {KEY}=value; fi",
        f"case $HOST in work) export {KEY}=value;; esac",
        f"work() {{ export {KEY}=value; }}",
        f"export {KEY}=value # for work",
        f"echo 'it''s' && export {KEY}+=value",
        f"export {KEY}=value\r",
    ],
)
def test_lines_that_set_it_for_a_posix_shell(line: str) -> None:
    assert lines(f"# first\n{line}\n") == [2]


@pytest.mark.parametrize(
    "line",
    [
        f"# export {KEY}=value",
        f"true # {KEY}=value",
        f"export {KEY}",
        f"export -n {KEY}",
        f"unset {KEY}",
        f"echo ${KEY}",
        f"echo '{KEY}=value'",
        f'alias c="{KEY}=value claude"',
        f"{KEY}=value claude -p hello",  # for that one command
        f"{KEY}=value \\\n  claude -p hello",
        f"env {KEY}=value claude",
        f"declare -r {KEY}=value",
        f"declare -x {KEY}",
        f"export {KEY}_2=value MY_{KEY}=value",
        f"export OTHER=${{{KEY}}}",
        f"export OTHER={KEY}=value",
        f"[ {KEY} = value ]",
        f"set -x {KEY} value",  # not in this shell
        f"launchctl setenv {KEY} value",
        f"setenv {KEY}",
    ],
)
def test_lines_that_do_not(line: str) -> None:
    assert lines(f"{line}\n") == []


def test_several_on_one_line_and_several_lines() -> None:
    content = f"export A=1 {KEY}=x B=2\n\n{KEY}=y\nexport {KEY}=z; {KEY}=w\n".encode()
    found = list(assignments(content, "shell", [KEY.encode(), b"A", b"B"]))
    assert found == [
        (b"A", 1),
        (KEY.encode(), 1),
        (b"B", 1),
        (KEY.encode(), 3),
        (KEY.encode(), 4),
        (KEY.encode(), 4),
    ]


def test_continued_lines_are_told_by_the_line_of_the_name() -> None:
    assert lines(f"export \\\n  A=1 \\\n  {KEY}=x\n") == [3]
    assert lines(f"export {KEY}=\\\nvalue\n") == [1]
    assert lines(f"# a comment is not continued \\\nexport {KEY}=x\n") == [2]
    assert lines(f"echo two backslashes \\\\\nexport {KEY}=x\n") == [2]


@pytest.mark.parametrize(
    ("line", "is_set"),
    [
        (f"set -gx {KEY} value", True),
        (f"set -Ux {KEY} value", True),
        (f"set --global --export {KEY} value", True),
        (f'status is-interactive; and set -gx "{KEY}" value', True),
        (f"export {KEY}=value", True),
        (f"set -g {KEY} value", False),
        (f"set -e {KEY}", False),
        (f"set -q {KEY}; or echo no", False),
        (f"set -gu {KEY} value", False),
        (f"set -gx OTHER {KEY}", False),
        (f"# set -gx {KEY} value", False),
        (f"{KEY}=value claude", False),
    ],
)
def test_fish(line: str, is_set: bool) -> None:
    assert lines(f"{line}\n", "fish") == ([1] if is_set else [])


def test_universal_variables_of_fish() -> None:
    assert lines(f"# VERSION: 3.0\nSETUVAR --export {KEY}:x\n", "fish-variables") == [2]
    assert lines(f"SETUVAR {KEY}:not exported\nSETUVAR --export OTHER:{KEY}\n", "fish-variables") == []


@pytest.mark.parametrize(
    ("line", "is_set"),
    [
        (f"{KEY}=value with spaces", True),
        (f"export {KEY}=value", True),
        (f"{KEY} = value", True),
        (f"{KEY} DEFAULT=value", True),
        (f"{KEY}  OVERRIDE=value", True),
        (f"#{KEY}=value", False),
        (f"OTHER={KEY}=value", False),
        (f"{KEY}", False),
    ],
)
def test_environment_files(line: str, is_set: bool) -> None:
    assert lines(f"\n{line}\n", "lines") == ([2] if is_set else [])


# ── which files ──────────────────────────────────────────────────────────────────────────────────


def set_in(
    tmp_path: Path, *files: str, environ: Mapping[str, str] | None = None, cwd: str = "home"
) -> list[str]:
    """Writes one assignment into the second line of each file; tells in which ones it was found."""
    for file in files:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        fish = path.suffix == ".fish"
        path.write_text(f"\nset -gx {KEY} {SECRET}\n" if fish else f"\nexport {KEY}={SECRET}\n")
    for folder in ("home", "root"):
        (tmp_path / folder).mkdir(exist_ok=True)
    home, root = str(tmp_path / "home"), str(tmp_path / "root")
    view = ObservationContext(home, str(tmp_path / cwd), root, Environment(environ or {}))
    found = likely_set_at([KEY, "OTHER"], view)
    assert SECRET not in repr(found)
    assert set(found) <= {KEY}
    assert all(place.line == 2 for place in found.get(KEY, ()))
    return [os.path.relpath(place.path, tmp_path) for place in found.get(KEY, ())]


@pytest.mark.parametrize(
    "file",
    [
        *(
            f"home/{name}"
            for name in (".bashrc", ".bash_profile", ".bash_login", ".profile", ".bash_aliases")
        ),
        *(f"home/{name}" for name in (".zshrc", ".zshenv", ".zprofile", ".zlogin")),
        "home/.config/fish/config.fish",
        "home/.config/fish/conf.d/keys.fish",
        "home/.config/environment.d/10-keys.conf",
        "home/.pam_environment",
        "root/etc/environment",
        "root/etc/profile",
        "root/etc/profile.d/keys.sh",
        "root/etc/bash.bashrc",
        *(f"root/etc/zsh/{name}" for name in ("zshenv", "zshrc", "zprofile")),
        "home/.env",
        "home/.env.local",
        "home/.envrc",
    ],
)
def test_every_kind_of_file(tmp_path: Path, file: str) -> None:
    assert set_in(tmp_path, file) == [file]


def test_the_files_of_the_own_shell_come_first(tmp_path: Path) -> None:
    files = ("home/.bashrc", "home/.zshrc")
    assert set_in(tmp_path, *files, environ={"SHELL": "/bin/bash"}) == ["home/.bashrc", "home/.zshrc"]
    assert set_in(tmp_path, *files, environ={"SHELL": "/usr/bin/zsh"}) == ["home/.zshrc", "home/.bashrc"]


def test_zdotdir_and_the_configuration_folder_can_lie_elsewhere(tmp_path: Path) -> None:
    environ = {"ZDOTDIR": str(tmp_path / "zsh"), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    files = ("zsh/.zshrc", "xdg/fish/config.fish", "home/.zshrc")
    assert sorted(set_in(tmp_path, *files, environ=environ)) == sorted(files)


def test_the_working_directory_and_its_parents_up_to_home(tmp_path: Path) -> None:
    files = ("home/project/app/.env", "home/project/.envrc", "home/.env", "above-home/.env")
    assert set_in(tmp_path, *files, cwd="home/project/app") == list(files[:3])
    (tmp_path / ".env").write_text(f"\n{KEY}=x\n")
    assert ".env" not in set_in(tmp_path, cwd="home/project/app"), "above home"
    assert ".env" in set_in(tmp_path, cwd="elsewhere"), "outside home everything up to the root counts"


def test_templates_set_nothing(tmp_path: Path) -> None:
    assert set_in(tmp_path, "home/.env.example", "home/.env.sample") == []


def test_a_file_under_two_names_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.profile").symlink_to(".bashrc")
    assert set_in(tmp_path, "home/.bashrc") == ["home/.bashrc"]


def test_nothing_is_read_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a file was looked at")

    monkeypatch.setattr(os, "stat", never)
    monkeypatch.setattr(os, "open", never)
    monkeypatch.setattr(os, "scandir", never)
    assert likely_set_at([], ObservationContext(str(tmp_path), str(tmp_path), str(tmp_path))) == {}
    names = ["no name", "ÄÖ", "a\0b", "\udcff"]
    assert likely_set_at(names, ObservationContext(str(tmp_path), "/")) == {}


# ── hostile files ────────────────────────────────────────────────────────────────────────────────


def test_what_is_no_readable_file_is_passed_over(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    os.mkfifo(home / ".bashrc")
    (home / ".zshrc").mkdir()
    (home / ".profile").symlink_to(home / ".profile")
    (home / ".zshenv").touch()
    os.truncate(home / ".zshenv", 1 << 30)
    (home / ".zlogin").symlink_to("/dev/zero")
    (home / ".pam_environment").write_bytes(b"\xff\xfe" + f"{KEY}=x".encode("utf-16-le"))
    assert set_in(tmp_path, "home/.zprofile") == ["home/.zprofile"]


def test_a_file_without_permission_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told by the system call, since root may read everything."""
    open_file = os.open

    def refuse(path: str, flags: int) -> int:
        if path.endswith(".bashrc"):
            raise PermissionError(13, "Permission denied", path)
        return open_file(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    assert set_in(tmp_path, "home/.bashrc", "home/.profile") == ["home/.profile"]


def test_other_encodings_in_the_same_file_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / ".bashrc").write_bytes(b"# caf\xe9 \x00\xff\n" + f"export {KEY}=x\n".encode())
    found = likely_set_at([KEY], ObservationContext(str(tmp_path), str(tmp_path), str(tmp_path / "root")))
    assert found == {KEY: (Location(str(tmp_path / ".bashrc"), 2),)}


@pytest.mark.parametrize(
    "content",
    [
        f"{KEY}=x\n" * 60_000,
        f"export {KEY}=x \\\n" * 40_000,
        "\\\n" * 400_000 + f"{KEY}=x\n",
        f"{KEY}=" + "'" * 900_000,
        f"{KEY}=" + '"\\' * 400_000,
        f"{KEY} " * 50_000,
    ],
    ids=["repeated", "one statement", "backslashes", "quotes", "escapes", "words"],
)
def test_a_mebibyte_of_malice_takes_no_time(content: str) -> None:
    watch = Stopwatch()
    for dialect in ("shell", "fish", "lines", "fish-variables"):
        lines(content[: 1 << 20], dialect)
    assert watch.seconds < 5, "orders of magnitude away from the time it takes"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    before=st.binary(max_size=60),
    after=st.binary(max_size=60),
    dialect=st.sampled_from(["shell", "fish", "lines", "fish-variables"]),
)
def test_any_bytes(before: bytes, after: bytes, dialect: Dialect) -> None:
    content = before + KEY.encode() + after
    for name, line in assignments(content, dialect, [KEY.encode()]):
        assert name == KEY.encode()
        assert KEY.encode() in content.split(b"\n")[line - 1]
