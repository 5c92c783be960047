"""What set-up does on the command line once it was agreed to, by a person or by a file of answers."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import can_ask, say
from claude_auth.cli.context import Descriptors, follow, our_journal
from claude_auth.cli.options import Arguments
from claude_auth.cli.signals import of_verdict
from claude_auth.cli.standard_input import HeldEcho
from claude_auth.model import Event
from claude_auth.words import Exact

if TYPE_CHECKING:
    from claude_auth.actions.fixes.plans import Preview
    from claude_auth.actions.set_up.obstacles import Obstacle
    from claude_auth.actions.set_up.session import SetUp
    from claude_auth.actions.set_up.survey import SetUpProof, SetUpSurvey
    from claude_auth.actions.set_up.tasks import SetUpTask


@dataclass
class SetUpRun:
    """`obstacles` and `tasks` with what became of each. `echo`: held while a person is asked."""

    set_up: SetUp
    arguments: Arguments
    descriptors: Descriptors = field(repr=False)
    obstacles: list[tuple[Obstacle, str]] = field(default_factory=list)
    tasks: list[tuple[SetUpTask, str]] = field(default_factory=list)
    proof: SetUpProof | None = None
    echo: HeldEcho = field(default_factory=HeldEcho)
    survey: SetUpSurvey = field(init=False)

    def __post_init__(self) -> None:
        self.survey = self.set_up.survey()

    # ── clearing the way ─────────────────────────────────────────────────────────────────────────

    def next_obstacle(self) -> Obstacle | None:
        """The first that nobody has decided about."""
        decided = {one.id for one, _ in self.obstacles}
        return next((one for one in self.set_up.obstacles() if one.id not in decided), None)

    def tell_obstacle(self, obstacle: Obstacle) -> None:
        """With what its fixes would change."""
        say(f"In the way: {obstacle.title}")
        for preview in obstacle.fixes:
            _tell_preview(preview)

    def clear(self, obstacle: Obstacle) -> None:
        """All of its fixes that can be done here, one after the other: each shown before."""
        while (preview := _applicable(self.set_up, obstacle.id)) is not None:
            if not self.apply(preview):
                self.obstacles.append((obstacle, "refused"))
                return
            self.set_up.cleared(obstacle)
            self.set_up.look_again()
        self.obstacles.append((obstacle, "done"))

    def apply(self, preview: Preview) -> bool:
        action = self.set_up.apply(preview)
        with self.echo.shown():
            asyncio.run(follow(action.events(), our_journal()))
        return action.result is not None and action.result.is_done

    # ── doing it ─────────────────────────────────────────────────────────────────────────────────

    def next_task(self) -> SetUpTask | None:
        """None where a key was not kept: what follows would name a place that has none."""
        if self.lacks_key:
            return None
        decided = {one.id for one, _ in self.tasks}
        self.set_up.look_again()
        return next((one for one in self.set_up.tasks() if one.id not in decided), None)

    @property
    def lacks_key(self) -> bool:
        return any(one.kind == "keep-key" and outcome != "done" for one, outcome in self.tasks)

    def tell_task(self, task: SetUpTask) -> None:
        """With what it would change."""
        say(f"To do: {task.title}{f': {task.problem}' if task.problem else ''}")
        if task.preview is not None:
            _tell_preview(task.preview)

    def do(self, task: SetUpTask) -> None:
        with self.echo.shown(), self._document_alone():
            self.tasks.append((task, self._done(task)))

    def _done(self, task: SetUpTask) -> str:
        """What became of it."""
        if task.problem is not None:
            return "not-here"
        if task.preview is not None:
            return "done" if self.apply(task.preview) else "refused"
        if task.kind == "keep-key":
            return self._keep_key(task)
        return self._sign_in() if task.kind == "sign-in" else self._run(task)

    @contextlib.contextmanager
    def _document_alone(self) -> Iterator[None]:
        """With --json: what a command or a program says meanwhile goes to standard error."""
        if not self.arguments.json:
            yield
            return
        sys.stdout.flush()
        kept = os.dup(1)
        os.dup2(2, 1)
        try:
            yield
        finally:
            sys.stdout.flush()
            os.dup2(kept, 1)
            os.close(kept)

    def decline(self, task: SetUpTask) -> None:
        self.tasks.append((task, "declined"))

    def _keep_key(self, task: SetUpTask) -> str:
        kept: list[Event] = []
        asyncio.run(follow(self.set_up.keep_key(), our_journal(), kept.append))
        if not any(event.kind == "set-up.key-kept" for event in kept):
            return "refused"
        self.set_up.finished(task)
        return "done"

    def _sign_in(self) -> str:
        """In this terminal, as `claude-auth login` does it."""
        from claude_auth.cli import login

        route = self.set_up.progress.path
        if route != "own-client" and not can_ask():
            say("Signing in needs a terminal: run `claude auth login` on one.")
            return "not-here"
        words = ["login", *(["--console"] if route == "console" else [])]
        if route == "own-client":
            words += ["--store", "keyring"]
        code = login.run(self._parsed(login, words), self.descriptors)
        self.set_up.look_again()
        if route == "own-client":
            in_keyring = self.set_up.snapshot.keyring_tokens.present_unread
            self.set_up.sign_in_into("keyring" if in_keyring else "sdk")
        return "done" if code == ExitCode.DONE else "refused"

    def make_token(self) -> None:
        """`claude setup-token` in this terminal; what it prints is for the person, who pastes it then."""
        from claude_auth.actions.claude_cli import setup_token
        from claude_auth.actions.claude_program import missing_client
        from claude_auth.actions.terminal import run_in_terminal

        snapshot = self.set_up.snapshot
        program = setup_token(snapshot, self.set_up.environ)
        if program is None:
            say(missing_client(snapshot.observed_at, "sign-in.client-missing").text)
            return
        say(program.reason)
        with self.echo.shown():
            run_in_terminal(program.argv, environment=program.environment, cwd=program.cwd, keep_stdout=True)
        say("Copy the token and paste it here, in one piece. It stays in this terminal until you clear that.")

    def _run(self, task: SetUpTask) -> str:
        from claude_auth.cli import run

        words = ["run", self.set_up.chosen.path.run or "", "--yes", *self._places()]
        code = run.run(self._parsed(run, words), self.descriptors)
        if code != ExitCode.DONE:
            return "refused"
        self.set_up.finished(task)
        return "done"

    def send(self) -> int:
        """One live request, once more shown before; not from a shell that has other variables."""
        from claude_auth.cli import probe
        from claude_auth.present.set_up import SEND_THERE

        if self.proof is not None and self.proof.new_shell:
            say(str(SEND_THERE))
            return ExitCode.NOT_KNOWN
        words = ["probe", "--yes", "--client", self.arguments.client, *self._places()]
        with self.echo.shown(), self._document_alone():
            return probe.run(self._parsed(probe, words), self.descriptors)

    def _places(self) -> list[str]:
        given = vars(self.arguments)
        names = ("home", "cwd", "root")
        return [word for name in names if given.get(name) for word in (f"--{name}", given[name])]

    def _parsed(self, module: Any, words: list[str]) -> Arguments:
        parser = argparse.ArgumentParser(prog="claude-auth")
        module.add_parser(parser.add_subparsers(dest="command", required=True))
        return parser.parse_args(words)

    # ── the proof ────────────────────────────────────────────────────────────────────────────────

    def prove(self, *, evaluated: bool) -> int:
        """Looks anew; the exit code. What is proved need not be gone on with."""
        from claude_auth.present.set_up import proof_words

        with self.echo.shown():
            self.proof = proof = self.set_up.proof(evaluated=evaluated)
        our_journal().write(self.set_up.told(proof))
        for word in proof_words(proof):
            say(str(word))
        if not proof.proved:
            return ExitCode.NOT_DONE
        return of_verdict(proof.word)

    def document(self) -> dict[str, Any]:
        from claude_auth.present.set_up import set_up_document

        path, copy = self.set_up.progress.path or "", self.copied()
        return set_up_document(path, self.survey, self.obstacles, self.tasks, copy, self.proof)

    def copied(self) -> tuple[str, ...]:
        """The lines for what was not written here."""
        from claude_auth.actions.set_up.paths import BY_HAND

        place = self.set_up.progress.place
        left = place in BY_HAND or any(outcome != "done" and one.preview for one, outcome in self.tasks)
        return self.set_up.lines_to_copy() if left else ()

    def summary(self) -> list[str]:
        lines = [f"{outcome}: {one.title}" for one, outcome in self.obstacles]
        return [*lines, *(f"{outcome}: {one.title}" for one, outcome in self.tasks), *self.copied()]


def _tell_preview(preview: Preview) -> None:
    from claude_auth.present.set_up import preview_text

    exact = {*preview.diff.splitlines(), *preview.commands}
    for text in preview_text(preview):
        say(Exact(f"  {text}") if text in exact else f"  {text}")


def _applicable(set_up: SetUp, id: str) -> Preview | None:
    """The next fix of that obstacle that can be done here, as the files are now."""
    found = next((one for one in set_up.obstacles() if one.id == id), None)
    if found is None:
        return None
    return next((preview for preview in found.fixes if preview.applicable), None)
