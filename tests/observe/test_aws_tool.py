"""The version of the `aws` on PATH, by where it lies: none of these programs is ever run."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_auth.observe.aws_tool import find_aws_tool


def program(path: Path, content: str = "\x7fELF") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(0o755)
    return path.parent


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
    program(tmp_path / place)
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "aws").symlink_to(tmp_path / place)
    assert version(folder, tmp_path) == told


def test_by_what_lies_beside_it(tmp_path: Path) -> None:
    folder = program(tmp_path / "dist/aws")
    (folder / "awscli/data").mkdir(parents=True)
    (folder / "awscli/data/ac.index").touch()
    found = find_aws_tool(str(folder), str(tmp_path))
    assert found is not None
    assert (found.version, found.major) == ("2", 2)


@pytest.mark.parametrize("package", ["awscli-1.45.11.dist-info", "awscli-1.22.34-py3.11.egg-info"])
def test_by_the_package_of_its_interpreter(package: str, tmp_path: Path) -> None:
    folder = program(tmp_path / "venv/bin/aws", f"#!{tmp_path}/venv/bin/python3\nimport awscli\n")
    (tmp_path / "venv/lib/python3.11/site-packages" / package).mkdir(parents=True)
    assert version(folder, tmp_path) == package.split("-")[1].removesuffix(".dist")


def test_by_the_person_s_own_package(tmp_path: Path) -> None:
    folder = program(tmp_path / ".local/bin/aws", "#!/usr/bin/python3\n")
    (tmp_path / ".local/lib/python3.12/site-packages/awscli-1.33.0.dist-info").mkdir(parents=True)
    assert version(folder, tmp_path) == "1.33.0"


def test_a_shim_of_another_program_tells_nothing(tmp_path: Path) -> None:
    assert (
        version(program(tmp_path / "shims/aws", "#!/usr/bin/env bash\nexec pyenv exec aws\n"), tmp_path)
        is None
    )
