"""Which `claude` programs stand on PATH, and their versions, read from made-up packages; none is run."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claude_auth.observe.installed import find_aws_tool, installed_clients, package_version, version_in_path


def program(path: Path, content: str = "\x7fELF made up") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(0o755)
    return path


def package(folder: Path, version: str = "2.1.328", name: str = "@anthropic-ai/claude-code") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"name": name, "version": version}))
    return folder


def link(path: Path, target: Path | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def versions(*folders: Path, home: Path | None = None) -> list[str | None]:
    path = os.pathsep.join(map(str, folders))
    return [client.version for client in installed_clients(path, str(home or folders[0]))]


# ── ways to install it ───────────────────────────────────────────────────────────────────────────


def test_native_installer(tmp_path: Path) -> None:
    target = program(tmp_path / ".local/share/claude/versions/2.1.328")
    link(tmp_path / ".local/bin/claude", target)
    (client,) = installed_clients(str(tmp_path / ".local/bin"), str(tmp_path))
    assert client.path == str(tmp_path / ".local/bin/claude")
    assert client.target == str(target)
    assert client.version == "2.1.328"


def test_homebrew_cask(tmp_path: Path) -> None:
    link(tmp_path / "bin/claude", program(tmp_path / "Caskroom/claude-code/2.1.3/claude"))
    assert versions(tmp_path / "bin") == ["2.1.3"]


def test_nix(tmp_path: Path) -> None:
    link(tmp_path / "bin/claude", program(tmp_path / "store/abc0-claude-code-2.1.5/bin/claude"))
    assert versions(tmp_path / "bin") == ["2.1.5"]


def test_npm_global_under_nvm_is_not_taken_for_the_version_of_node(tmp_path: Path) -> None:
    node = tmp_path / ".nvm/versions/node/22.3.0"
    folder = package(node / "lib/node_modules/@anthropic-ai/claude-code", "2.1.197")
    program(folder / "bin/claude.exe")
    link(node / "bin/claude", "../lib/node_modules/@anthropic-ai/claude-code/bin/claude.exe")
    assert versions(node / "bin") == ["2.1.197"]


def test_npm_local_as_claude_code_migrates_to_it(tmp_path: Path) -> None:
    """`~/.claude/local/claude` is a wrapper around the package's program."""
    folder = package(tmp_path / ".claude/local/node_modules/@anthropic-ai/claude-code", "2.0.1")
    link(tmp_path / ".claude/local/node_modules/.bin/claude", program(folder / "cli.js"))
    program(
        tmp_path / "bin/claude",
        f'#!/bin/bash\nexec "{tmp_path}/.claude/local/node_modules/.bin/claude" "$@"\n',
    )
    assert versions(tmp_path / "bin") == ["2.0.1"]


@pytest.mark.parametrize(
    "line",
    [
        'exec "$HOME/app/cli.js" "$@"',
        "exec ${HOME}/app/cli.js $*",
        "    exec node --no-warnings ~/app/cli.js",
        "exec env A=1 '/usr/bin/false' \"$HOME/app/cli.js\"",
        'if [ -x "$basedir/node" ]; then\n  exec "$basedir/node"  "$basedir/../app/cli.js" "$@"\nfi',  # pnpm
    ],
)
def test_wrapper_scripts(tmp_path: Path, line: str) -> None:
    program(package(tmp_path / "app", "2.1.7") / "cli.js")
    program(tmp_path / "bin/claude", f"#!/bin/sh\n# exec /nowhere\n{line}\n")
    assert versions(tmp_path / "bin", home=tmp_path) == ["2.1.7"]


def test_bun_and_yarn_link_into_their_global_folder(tmp_path: Path) -> None:
    folder = package(tmp_path / ".bun/install/global/node_modules/@anthropic-ai/claude-code", "2.1.9")
    program(folder / "cli.js")
    link(tmp_path / ".bun/bin/claude", "../install/global/node_modules/@anthropic-ai/claude-code/cli.js")
    assert versions(tmp_path / ".bun/bin") == ["2.1.9"]


def test_a_shim_beside_its_packages(tmp_path: Path) -> None:
    """Volta links every program to one of its own."""
    own = "tools/image/packages/@anthropic-ai/claude-code/lib/node_modules/@anthropic-ai/claude-code"
    package(tmp_path / ".volta" / own, "2.1.11")
    program(tmp_path / ".volta/bin/volta-shim")
    link(tmp_path / ".volta/bin/claude", "volta-shim")
    package(tmp_path / "usr/lib/node_modules/@anthropic-ai/claude-code", "2.1.12")
    program(tmp_path / "usr/bin/claude", "#!/usr/bin/env node\n")
    assert versions(tmp_path / ".volta/bin", tmp_path / "usr/bin") == ["2.1.11", "2.1.12"]


def test_the_package_for_one_platform(tmp_path: Path) -> None:
    folder = package(tmp_path / "claude-code-linux-x64", "2.1.328", "@anthropic-ai/claude-code-linux-x64")
    program(folder / "claude")
    assert versions(folder) == ["2.1.328"]


# ── PATH ─────────────────────────────────────────────────────────────────────────────────────────


def test_order_of_path_is_kept_and_each_program_told_once(tmp_path: Path) -> None:
    first, second = program(tmp_path / "a/claude"), program(tmp_path / "b/claude")
    link(tmp_path / "c/claude", first)
    folders = [tmp_path / name for name in ("missing", "b", "a", "c", "b")]
    clients = installed_clients(os.pathsep.join(map(str, folders)), str(tmp_path))
    assert [client.target for client in clients] == [str(second), str(first)]
    assert [client.version for client in clients] == [None, None]


def test_at_most_limit_programs(tmp_path: Path) -> None:
    folders = [program(tmp_path / str(number) / "claude").parent for number in range(12)]
    assert len(installed_clients(os.pathsep.join(map(str, folders)), str(tmp_path), limit=3)) == 3


def test_what_no_shell_would_start_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "directory/claude").mkdir(parents=True)
    program(tmp_path / "data/claude").chmod(0o644)
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe/claude", 0o755)
    link(tmp_path / "loop/claude", tmp_path / "loop/claude")
    link(tmp_path / "dangling/claude", tmp_path / "nowhere")
    program(tmp_path / "relative/claude")
    monkeypatch.chdir(tmp_path)
    folders = [
        *(str(tmp_path / name) for name in ("directory", "data", "pipe", "loop", "dangling")),
        "relative",
    ]
    assert installed_clients(os.pathsep.join([*folders, "", "\0", "~"]), str(tmp_path)) == ()


# ── hostile packages ─────────────────────────────────────────────────────────────────────────────


def test_a_package_of_another_name_tells_nothing(tmp_path: Path) -> None:
    program(package(tmp_path / "bin", "9.9.9", "somebody-else") / "claude")
    assert versions(tmp_path / "bin") == [None]


@pytest.mark.parametrize("version", ["", "latest", "2.1", "2.1.3 \x1b[31m", "2.1.3\n", 213, None, ["2.1.3"]])
def test_what_is_no_version_is_not_told(tmp_path: Path, version: object) -> None:
    path = tmp_path / "package.json"
    path.write_text(json.dumps({"name": "@anthropic-ai/claude-code", "version": version}))
    assert package_version(str(path)) is None


def test_a_pipe_a_directory_and_a_huge_file_in_the_place_of_the_package(tmp_path: Path) -> None:
    os.mkfifo(program(tmp_path / "pipe/claude").parent / "package.json")
    (program(tmp_path / "folder/claude").parent / "package.json").mkdir()
    huge = program(tmp_path / "huge/claude").parent / "package.json"
    huge.touch()
    os.truncate(huge, 1 << 30)
    assert versions(tmp_path / "pipe", tmp_path / "folder", tmp_path / "huge") == [None, None, None]


def test_wrappers_that_start_each_other_end(tmp_path: Path) -> None:
    program(tmp_path / "a/claude", f"#!/bin/sh\nexec {tmp_path}/b/claude\n")
    program(tmp_path / "b/claude", f"#!/bin/sh\nexec {tmp_path}/a/claude\n")
    assert versions(tmp_path / "a", tmp_path / "b") == [None, None]


def test_deeply_nested_json_is_survived(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("[" * 100_000)
    assert package_version(str(tmp_path / "package.json")) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
HARMLESS_REUSE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@HARMLESS_REUSE
@given(
    content=st.binary()
    | st.fixed_dictionaries({"name": JSON, "version": JSON}).map(lambda it: json.dumps(it).encode())
)
def test_any_package_json(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "package.json").write_bytes(content)
    assert package_version(str(tmp_path / "package.json")) is None


@HARMLESS_REUSE
@given(content=st.binary())
def test_any_wrapper(tmp_path: Path, content: bytes) -> None:
    program(tmp_path / "claude").write_bytes(b"#!/bin/sh\nexec " + content)
    installed_clients(str(tmp_path), str(tmp_path))


@given(st.text())
def test_any_path(text: str) -> None:
    version_in_path(text)
    installed_clients(text, "/nonexistent")


def folder_with(path: Path, content: str = "\x7fELF") -> Path:
    return program(path, content).parent


def version(folder: Path, home: Path) -> str | None:
    found = find_aws_tool(f"{home}/nothing:{folder}", str(home))
    assert found is not None
    assert found.path == str(folder / "aws")
    return found.version


def test_without_one(tmp_path: Path) -> None:
    assert find_aws_tool(str(tmp_path), str(tmp_path)) is None


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("usr/local/aws-cli/v2/2.15.3/dist/aws", "2.15.3"),
        ("opt/homebrew/Cellar/awscli/2.13.0/bin/aws", "2.13.0"),
        ("nix/store/abc-awscli2-2.11.1/bin/aws", None),
        ("somewhere/bin/aws", None),
    ],
)
def test_by_its_real_path(place: str, told: str | None, tmp_path: Path) -> None:
    folder_with(tmp_path / place)
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "aws").symlink_to(tmp_path / place)
    assert version(folder, tmp_path) == told


def test_by_what_lies_beside_it(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "dist/aws")
    (folder / "awscli/data").mkdir(parents=True)
    (folder / "awscli/data/ac.index").touch()
    found = find_aws_tool(str(folder), str(tmp_path))
    assert found is not None
    assert (found.version, found.major) == ("2", 2)


@pytest.mark.parametrize("package", ["awscli-1.45.11.dist-info", "awscli-1.22.34-py3.11.egg-info"])
def test_by_the_package_of_its_interpreter(package: str, tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "venv/bin/aws", f"#!{tmp_path}/venv/bin/python3\nimport awscli\n")
    (tmp_path / "venv/lib/python3.11/site-packages" / package).mkdir(parents=True)
    assert version(folder, tmp_path) == package.split("-")[1].removesuffix(".dist")


def test_by_the_person_s_own_package(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / ".local/bin/aws", "#!/usr/bin/python3\n")
    (tmp_path / ".local/lib/python3.12/site-packages/awscli-1.33.0.dist-info").mkdir(parents=True)
    assert version(folder, tmp_path) == "1.33.0"


def test_a_shim_of_another_program_tells_nothing(tmp_path: Path) -> None:
    assert (
        version(folder_with(tmp_path / "shims/aws", "#!/usr/bin/env bash\nexec pyenv exec aws\n"), tmp_path)
        is None
    )
