"""A demo: one pretend world after the other, in this process, behind a border that it can't cross."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

from claude_auth.present.demo import DemoMenu, DemoOffer
from claude_auth.sandbox.border import Border
from claude_auth.sandbox.demo_scenes import BY_NAME, DEMO
from claude_auth.sandbox.world import PretendWorld, open_world, removed_at_the_end

SCENES = tuple(DemoOffer(scene.scene, scene.label, scene.about) for scene in DEMO)


class Demo:
    """Made by `open_demo`. From the first world on this process has the pretend environment and stands in the
    pretend home."""

    def __init__(self, directory: Path, environ: Mapping[str, str], border: Border) -> None:
        self.border = border
        self._directory, self._environ = directory, environ
        self._numbers = count(1)

    @contextlib.contextmanager
    def world(self, name: str) -> Iterator[tuple[PretendWorld, DemoMenu]]:
        scene = BY_NAME[name]
        with open_world(scene, self._directory / str(next(self._numbers)), self._environ) as world:
            os.environ.clear()
            os.environ.update(world.environ)
            os.chdir(world.laid.cwd)
            tempfile.tempdir = None  # what it was before is remembered there
            try:
                yield world, DemoMenu(SCENES, name, scene.error)
            finally:
                os.chdir("/")


@contextlib.contextmanager
def open_demo() -> Iterator[Demo]:
    """For this whole process: the border can't be taken down again."""
    environ = dict(os.environ)
    directory = Path(os.path.realpath(tempfile.mkdtemp(prefix="claude-auth-demo-")))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        stack.enter_context(removed_at_the_end(directory))
        border = Border(str(directory), environ)
        border.install()
        yield Demo(directory, environ, border)
