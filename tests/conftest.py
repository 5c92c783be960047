"""What every test gets: a home of its own, a guard, and pictures in snapshots/."""

from __future__ import annotations

from tests import guard as _guard

# First of all, so that nothing of ours is imported with the real environment.
GUARD, HOME = _guard.isolate()

import gc
import os
import signal
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import hypothesis
import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.location import PyTestLocation

#: What tests share asserts too: a failure there tells the values as one in a test does.
pytest.register_assert_rewrite(
    *(f"tests.{package.parent.name}" for package in sorted(_guard.ROOT.glob("tests/*/__init__.py")))
)

time.tzset()

#: What whoever starts the tests may have left ignored: a shell ignores Ctrl-C in what it puts into the
#: background, nohup and some CI runners ignore hang-ups. Every child would inherit that, and never end.
_SIGNALS = (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGCHLD, signal.SIGTSTP, signal.SIGUSR1)
for _number in _SIGNALS:
    signal.signal(_number, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.pthread_sigmask(signal.SIG_SETMASK, ())

#: So long may a long proof take, and a property whose examples are drawn: where one fails, looking for the
#: shortest takes up to five minutes. Other tests have the limit of pyproject.toml.
PROOF_SECONDS = 3600

#: The same examples in each run, so that a change is judged by what it changes; `make prove` draws others.
#: A machine that is busy makes no example slow, nor the making of it.
_unhurried = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("test", _unhurried, derandomize=True)
hypothesis.settings.register_profile("prove", _unhurried)

SNAPSHOTS = _guard.ROOT / "snapshots"
STALE = pytest.StashKey[list[Path]]()

#: `@requires_system("tmux", "tmux")`: the Debian package, and the program of it that the test runs.
requires_system = pytest.mark.requires_system


def _dirname(_cls: type[SVGImageExtension], *, test_location: PyTestLocation) -> str:
    return str(SNAPSHOTS)


# One directory at the top, `<test function with its parameters>.svg`, instead of one beside each test file.
SVGImageExtension.dirname = classmethod(_dirname)


def pinned_textual() -> str:
    lines = (_guard.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return next(line.removeprefix("textual==") for line in lines if line.startswith("textual=="))


def _proves(config: pytest.Config) -> bool:
    return str(config.option.markexpr).startswith("prove")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("prove" if _proves(config) else "test")
    installed = metadata.version("textual")
    if config.option.update_snapshots and installed != pinned_textual():
        raise pytest.UsageError(f"snapshots are updated with Textual {pinned_textual()}, here is {installed}")


def pytest_unconfigure() -> None:
    _guard.clear_away(HOME)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    names = []
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.examples)
        if item.get_closest_marker("prove") or (_proves(config) and item.get_closest_marker("examples")):
            item.add_marker(pytest.mark.timeout(PROOF_SECONDS))
        if {"snap_compare", "snapshot"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.snapshot)
            names.append(SVGImageExtension.get_snapshot_name(test_location=PyTestLocation(item)))
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.ignore
    if everything or config.args == ["tests/app"]:
        # syrupy looks for stale pictures by the name of the test file, which ours don't have.
        stale = [path for path in sorted(SNAPSHOTS.glob("*.svg")) if not _belongs(path.stem, names)]
        if config.option.update_snapshots:
            for path in stale:
                path.unlink()
        else:
            config.stash[STALE] = stale


def _belongs(stem: str, names: list[str]) -> bool:
    return any(stem == name or stem.startswith(f"{name}.") for name in names)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.stash.get(STALE, []) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for path in config.stash.get(STALE, []):
        terminalreporter.write_line(f"snapshots/{path.name} belongs to no test: make snapshots", red=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("requires_system"):
        package, program = marker.args
        if _guard.real_program(program) is None:
            reason = f"needs {program}: apt-get install {package}"
            if os.environ.get(_guard.NO_SYSTEM_SKIPS):
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)


@pytest.fixture(autouse=True)
def _leaves_nothing_frozen() -> Iterator[None]:
    """The app freezes what it starts with, for good: here every app would stay in memory."""
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _stays_in_its_own_home() -> Iterator[None]:
    GUARD.trespasses.clear()
    yield
    assert not GUARD.trespasses


@pytest.fixture
def guard() -> _guard.Guard:
    return GUARD
