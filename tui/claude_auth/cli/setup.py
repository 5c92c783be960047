"""`claude-auth setup`: guided set-up in plain text, asked on a terminal or answered by a file, which
is read and checked as a whole before anything is done."""

from __future__ import annotations

import json
import os
import stat
import sys
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import can_ask, print_document, print_lines, refuse, say
from claude_auth.cli.context import Descriptors, belongs_to_us, context_of
from claude_auth.cli.options import Arguments, add_context_options, add_flag, add_json
from claude_auth.model.errors import AuthenticationError
from claude_auth.security.sanitize import shown_path, shown_sentence
from claude_auth.security.secret import Secret, without_locals

if TYPE_CHECKING:
    from claude_auth.actions.set_up.paths import SetUpPath, SetUpPlace
    from claude_auth.actions.set_up.session import SetUp
    from claude_auth.cli.setup_steps import SetUpRun


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "setup",
        help="set up how Claude Code gets at Claude, step by step",
        description="Looks at what is here, asks for one decision at a time, shows each exact change before "
        "it asks for your yes, and proves at the end what goes out. It can be left at any step and gone on "
        "with. Nothing is written or sent without its own yes.",
        epilog="Exit status: 0 proved, 1 not, 2 nothing was done or something is needed, 3 done and not "
        "known whether it works.",
    )
    parser.add_argument(
        "--answers", metavar="FILE", help="a JSON object with the answers; - reads it from standard input"
    )
    add_flag(parser, "--again", "begin anew, forget how far it had come")
    add_json(parser)
    add_context_options(parser, ("claude", "claude-print"))


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    """Look, ask, do, prove; returns the exit code."""
    from claude_auth.actions.look import NOT_OWNER
    from claude_auth.actions.set_up.session import SetUp
    from claude_auth.cli.setup_steps import SetUpRun
    from claude_auth.journal import state_directory

    set_up = SetUp(
        context_of(arguments, descriptors), state_directory(), arguments.client, arguments.client_version
    )
    if not belongs_to_us(arguments, set_up.snapshot):
        return refuse(f"nothing is set up from here: {NOT_OWNER}")
    if arguments.answers is None and not can_ask():
        return _needs(set_up, as_json=arguments.json)
    running = SetUpRun(set_up, arguments, descriptors)
    try:
        if arguments.again:
            set_up.over()
        return _answered(running, arguments) if arguments.answers is not None else _asked(running)
    except AuthenticationError as error:
        return refuse(str(error))


def _needs(set_up: SetUp, *, as_json: bool) -> int:
    from claude_auth.present.set_up import needs_document, needs_lines

    found = set_up.survey()
    if as_json:
        print_document(needs_document(found))
    for line in needs_lines(found):
        say(line)
    return ExitCode.WRONG_USAGE


def _asked(running: SetUpRun) -> int:
    from claude_auth.cli.setup_questions import Leaving, ask_through

    try:
        return ask_through(running)
    except (Leaving, EOFError):
        say("")
        say("Left. `claude-auth setup` goes on from here; nothing else was changed.")
        return ExitCode.WRONG_USAGE


def _answered(running: SetUpRun, arguments: Arguments) -> int:
    try:
        code = answer_all(running, read_answers(arguments.answers))
    except AnswersError as problem:
        return refuse(str(problem))
    if arguments.json:
        print_document(running.document())
    else:
        print_lines(running.summary())
    if running.proof is not None and running.proof.proved:
        running.set_up.over()
    return code


# ── a file of answers ─────────────────────────────────────────────────────────────────────────────

AGREEMENTS = ("clear", "write", "sign-in", "run", "evaluate", "send")
_MOST = 256 << 10


class AnswersError(Exception):
    """What is wrong with the answers, in one sentence without any of them. Nothing was done."""


class SetUpAnswers:
    """`agree`: what may be done without another question."""

    def __init__(
        self, path: str, place: str | None, values: dict[str, Secret], agree: frozenset[str]
    ) -> None:
        self.path, self.place, self.values, self.agree = path, place, values, agree


@without_locals
def read_answers(name: str) -> SetUpAnswers:
    """Raises AnswersError. A file that others can read holds no secret any more."""
    from claude_auth.actions.set_up.paths import PATH_BY_ID

    found = _parsed(_text(name))
    path = found.pop("path", None)
    if not isinstance(path, str) or path not in PATH_BY_ID:
        raise AnswersError(f'"path" is one of {", ".join(PATH_BY_ID)}')
    place, agree = found.pop("place", None), found.pop("agree", [])
    places = PATH_BY_ID[path].places
    if place is not None and place not in places:
        raise AnswersError(f'"place" of {path} is one of {", ".join(places) or "none"}')
    if not isinstance(agree, list) or not set(map(str, agree)) <= set(AGREEMENTS):
        raise AnswersError(f'"agree" is a list of {", ".join(AGREEMENTS)}')
    values = _values(PATH_BY_ID[path], found)
    secret = any(one.secret and one.id in values for one in PATH_BY_ID[path].fields)
    if secret and name != "-" and stat.S_IMODE(os.stat(name).st_mode) & 0o077:
        raise AnswersError(f"others can read {shown_path(name)}, and a secret stands in it: chmod 600 first")
    return SetUpAnswers(path, place, values, frozenset(map(str, agree)))


def _values(path: SetUpPath, found: dict[str, Any]) -> dict[str, Secret]:
    unknown = set(found) - {one.id for one in path.fields}
    if unknown:
        named = shown_sentence(", ".join(sorted(map(str, unknown))), 200)
        raise AnswersError(f"{path.id} has no field {named}")
    if any(not isinstance(value, str) for value in found.values()):
        raise AnswersError("the value of a field is a text")
    return {name: Secret(value) for name, value in found.items()}


def _text(name: str) -> str:
    try:
        if name == "-":
            content = sys.stdin.buffer.read(_MOST)
        else:
            from claude_auth.actions.explain import read_file

            content = read_file(name)
        return content.decode("utf-8")
    except OSError as error:
        raise AnswersError(f"{shown_path(name)} can't be read: {error.strerror}") from None
    except ValueError:
        raise AnswersError("the answers are no text in UTF-8") from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise AnswersError("the answers are no JSON") from None
    if not isinstance(found, dict):
        raise AnswersError("the answers are one JSON object")
    return found


# ── doing what they say ──────────────────────────────────────────────────────────────────────────


def answer_all(running: SetUpRun, answers: SetUpAnswers) -> int:
    """Checks every value first: with one wrong, nothing is done. Raises AnswersError."""
    from claude_auth.actions.set_up.choice import SetUpChoice
    from claude_auth.actions.set_up.paths import PATH_BY_ID

    set_up, path = running.set_up, PATH_BY_ID[answers.path]
    place = _place(path, answers.place)
    trial = SetUpChoice(path, place, answers.values)
    wrong = {
        name: problem
        for name, problem in trial.problems(set_up.facts).items()
        if name in answers.values or not set_up.stands(trial.field(name), trial)
    }
    if wrong:
        raise AnswersError("; ".join(f"{name}: {problem}" for name, problem in wrong.items()))
    set_up.choose(answers.path)
    if place is not None:
        set_up.put(place)
    for one in path.fields:
        if one.id in answers.values:
            set_up.give(one, answers.values[one.id])
    _clear(running, agreed="clear" in answers.agree)
    set_up.go_to("do")
    _do(running, answers.agree)
    set_up.go_to("prove")
    code = running.prove(evaluated="evaluate" in answers.agree)
    return running.send() if code != ExitCode.NOT_DONE and "send" in answers.agree else code


def _place(path: SetUpPath, name: str | None) -> SetUpPlace | None:
    """The usual one where none is named."""
    return next((place for place in path.places if name in {None, place}), None)


def _clear(running: SetUpRun, *, agreed: bool) -> None:
    while (obstacle := running.next_obstacle()) is not None:
        running.tell_obstacle(obstacle)
        if agreed and any(preview.applicable for preview in obstacle.fixes):
            running.clear(obstacle)
        else:
            running.obstacles.append((obstacle, "declined" if obstacle.fixes else "not-here"))


_AGREEMENT_FOR = {"change": "write", "keep-key": "write", "sign-in": "sign-in", "run": "run"}


def _do(running: SetUpRun, agree: frozenset[str]) -> None:
    while (task := running.next_task()) is not None:
        running.tell_task(task)
        if _AGREEMENT_FOR[task.kind] in agree:
            running.do(task)
        else:
            running.decline(task)
