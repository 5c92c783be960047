"""`claude-auth setup` as a process of its own, on a made-up machine: with answers, or on a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import select
import subprocess
import sys
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from claude_auth.sandbox import stand_in
from claude_auth.sandbox.machines import PretendMachine, lay_out
from tests.actions.set_up.stage import FILES

COMMAND = str(Path(sys.executable).parent / "claude-auth")


class World:
    def __init__(self, root: Path, files: Mapping[str, Any] | None = None, **environ: str) -> None:
        self.root, self.home = root, root / "home"
        self.home.mkdir()
        self.laid = lay_out(PretendMachine({**FILES, **(files or {})}), self.home)
        stand_in.install(root / "bin", {"login": {"code": "good#code"}})
        self.environ = {
            "HOME": str(self.home),
            "PATH": f"{root / 'bin'}:/usr/bin:/bin",
            "SHELL": "/bin/bash",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            **environ,
        }
        self.words = ("setup", "--root", str(self.laid.root))

    def given(self, answers: Mapping[str, Any] | str | None, mode: int = 0o600) -> list[str]:
        """The words that hand the answers over."""
        if answers is None:
            return []
        text = answers if isinstance(answers, str) else json.dumps(answers)
        path = self.root / "answers.json"
        path.write_text(text.replace("$HOME", str(self.home)))
        path.chmod(mode)
        return ["--answers", str(path)]

    def run(
        self,
        answers: Mapping[str, Any] | str | None = None,
        *words: str,
        mode: int = 0o600,
        around: Sequence[str] = (),
        more: Mapping[str, str] = MappingProxyType({}),
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        """`around`: a command that starts ours; `more`: variables for both."""
        return subprocess.run(
            [*around, COMMAND, *self.words, *self.given(answers, mode), *words],
            env={**self.environ, **more},
            cwd=self.laid.cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def asked(self, answers: list[tuple[str, str]], command: Sequence[str] = (COMMAND,)) -> tuple[int, str]:
        """On a terminal; each answer is typed once its question stands there."""
        with self.on_terminal(command) as asked:
            asked.answer(answers)
            asked.to_the_end()
            return asked.process.wait(60), asked.told

    def on_terminal(self, command: Sequence[str] = (COMMAND,), *words: str) -> Asked:
        return Asked([*command, *self.words, *words], self.environ, str(self.laid.cwd))

    def holding(self, secret: str) -> set[str]:
        files = (path for path in self.home.rglob("*") if path.is_file())
        return {str(path.relative_to(self.home)) for path in files if secret.encode() in path.read_bytes()}


class Asked:
    """A command on a terminal of its own. `told`: all that it has printed."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], cwd: str) -> None:
        self._ours, self._terminal = os.openpty()
        self.told = self._seen = ""
        self._decode = getincrementaldecoder("utf-8")("replace").decode  # a letter may come in two pieces
        self.process = subprocess.Popen(
            command,
            env=environ,
            cwd=cwd,
            stdin=self._terminal,
            stdout=self._terminal,
            stderr=self._terminal,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(60)
        os.close(self._ours)
        os.close(self._terminal)

    def answer(self, answers: list[tuple[str, str]]) -> None:
        """Each is typed once its question stands there."""
        for question, answer in answers:
            self.until(question)
            self.type(f"{answer}\n")

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def until(self, text: str) -> None:
        until = time.monotonic() + 60
        while text not in self._seen:
            assert time.monotonic() < until, (text, self.told)
            has_ended = self.process.poll() is not None
            assert self._read(0.1) or not has_ended, (text, self.told)
        self._seen = self._seen.partition(text)[2]

    def any_of(self, texts: Sequence[str]) -> str | None:
        """The first of them that comes; None at the end of the program."""
        until = time.monotonic() + 60
        while not (found := [text for text in texts if text in self._seen]):
            assert time.monotonic() < until, (texts, self.told)
            has_ended = self.process.poll() is not None
            if not self._read(0.1) and has_ended:
                return None
        first = min(found, key=self._seen.index)
        self._seen = self._seen.partition(first)[2]
        return first

    def to_the_end(self) -> None:
        until = time.monotonic() + 60
        while self.process.poll() is None:
            assert time.monotonic() < until, self.told
            self._read(0.1)
        while self._read(0.1):
            pass

    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._terminal)[3] & termios.ECHO)

    def _read(self, seconds: float) -> bool:
        """Whether anything came."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        text = self._decode(os.read(self._ours, 4096))
        self.told, self._seen = self.told + text, self._seen + text
        return True


def _take_terminal() -> None:
    """Of the new session's own; getpass opens it by name."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def settings(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((world.home / ".claude/settings.json").read_text())
    return found
