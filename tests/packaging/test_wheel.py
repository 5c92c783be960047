"""What users get: the wheel with its declared dependencies, and nothing else, in a fresh environment."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import time
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bench.terminal import Screen, Session
from tests.guard import REAL_ENVIRONMENT, ROOT

DISTRIBUTION = "claude-auth-tui"


def run(*command: object, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sdist, and the wheel that was built from it."""
    directory = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", directory, ROOT)
    return directory


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


def make_environment(directory: Path) -> Path:
    venv.create(directory, symlinks=True, with_pip=False)
    return directory / "bin" / "python"


def link_dependencies(of: Path, into: Path) -> None:
    """Link what the wheel declares, and what that declares in turn, out of the current environment.

    Installing them would take a network and a minute. A dependency that isn't declared is missing here too.
    """
    with zipfile.ZipFile(of) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        about = archive.read(name).decode()
    wanted = [
        line.removeprefix("Requires-Dist: ")
        for line in about.splitlines()
        if line.startswith("Requires-Dist: ")
    ]
    todo = [(Requirement(line), "") for line in wanted]
    seen: set[tuple[str, str]] = set()
    while todo:
        requirement, extra = todo.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        distribution = metadata.distribution(requirement.name)
        for asked in ("", *requirement.extras):
            if (canonicalize_name(requirement.name), asked) not in seen:
                seen.add((canonicalize_name(requirement.name), asked))
                todo += [(Requirement(line), asked) for line in distribution.requires or ()]
        for top in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
            target = into / top
            if not target.exists():
                target.symlink_to(Path(str(distribution.locate_file(top))).resolve())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the commands of a fresh environment that holds the wheel."""
    python = make_environment(tmp_path_factory.mktemp("fresh"))
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "--quiet")
    run(*pip, "install", "--no-index", "--no-deps", wheel)
    link_dependencies(
        wheel, Path(run(python, "-c", "import site; print(site.getsitepackages()[0])").stdout.strip())
    )
    run(*pip, "check")
    return python.parent


def test_wheel_holds_the_styles_and_nothing_foreign(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {f"claude_auth/styles/{path.name}" for path in (ROOT / "styles").glob("*.tcss")} <= names
    assert any(name.endswith(".tcss") for name in names)
    assert "claude_auth/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"claude_auth", "claude_auth_tui"}


def test_sdist_holds_the_styles(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"styles/{path.name}" for path in (ROOT / "styles").glob("*.tcss")} <= names
    assert {
        "tui/claude_auth/__init__.py",
        "tests/conftest.py",
        "Makefile",
        "constraints.txt",
        "LICENSE",
    } <= names


def test_imports_come_from_the_wheel(installed: Path) -> None:
    where = run(installed / "python", "-c", "import claude_auth; print(claude_auth.__file__)").stdout
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_headless_commands(installed: Path) -> None:
    version = metadata.version(DISTRIBUTION)
    assert version in run(installed / "claude-auth", "--version").stdout
    assert "status" in run(installed / "python", "-m", "claude_auth", "--help").stdout


def start_dashboard(installed: Path, home: Path) -> None:
    """Start it on a pty, see it painted with its styles, leave with q. There is a key, since without any
    credential set-up opens by itself, sooner or later, and the q would be its own."""
    environment = os.environ | {"HOME": str(home), "ANTHROPIC_API_KEY": "sk-ant-api03-madeUpForTests"}
    with Session([str(installed / "claude-auth-tui")], environment, str(home)) as session:
        screen = Screen()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (
            "1 Credentials" in screen.text and "3 What is sent" in screen.text
        ):
            chunk = session.read(0.2)
            if chunk is None:
                break
            screen.feed(chunk)
        while chunk := session.read(0.5):  # until it rests
            screen.feed(chunk)
        assert "1 Credentials" in screen.text, screen.text
        assert "3 What is sent" in screen.text, screen.text
        # Without the stylesheet there are no borders, and the panes stand below each other.
        assert "╭" in screen.text
        assert any("1 Credentials" in line and "3 What is sent" in line for line in screen.lines), screen.text
        session.send(b"q")
        assert session.wait(60) == 0, screen.text


def test_dashboard(installed: Path, tmp_path: Path) -> None:
    start_dashboard(installed, tmp_path)


@pytest.mark.prove
def test_installs_with_pip(wheel: Path, tmp_path: Path) -> None:
    """The same with pip's own choice of dependencies, the newest that the bounds allow."""
    python = make_environment(tmp_path / "fresh")
    asked = (
        "HOME",
        "HTTPS_PROXY",
        "https_proxy",
        "NO_PROXY",
        "no_proxy",
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
    )
    environment = os.environ | {
        name: value for name, value in REAL_ENVIRONMENT.items() if name.startswith("PIP_") or name in asked
    }
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", wheel, environment=environment)
    (tmp_path / "home").mkdir()
    start_dashboard(python.parent, tmp_path / "home")
