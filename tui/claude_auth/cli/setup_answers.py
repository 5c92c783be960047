"""A file of answers for `claude-auth setup`: read, checked as a whole before anything is done, then done."""

from __future__ import annotations

import json
import os
import stat
import sys
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode
from claude_auth.security.sanitize import shown_path, shown_sentence
from claude_auth.security.secret import Secret, without_locals

if TYPE_CHECKING:
    from claude_auth.actions.set_up.paths import SetUpPath, SetUpPlace
    from claude_auth.cli.setup_steps import SetUpRun

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
