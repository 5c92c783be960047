"""Set-up asked on a terminal, one plain line a question: fit for a screen reader. `b` goes one step back, `q`
leaves and keeps how far it has come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import fitted, say
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret
from claude_auth.words import Exact

if TYPE_CHECKING:
    from claude_auth.actions.set_up.fields import SetUpField
    from claude_auth.actions.set_up.obstacles import Obstacle
    from claude_auth.actions.set_up.progress import SetUpStep
    from claude_auth.actions.set_up.tasks import SetUpTask
    from claude_auth.cli.setup_steps import SetUpRun


class Leaving(Exception):  # noqa: N818
    """The person leaves; what was done stays."""


class GoingBack(Exception):  # noqa: N818
    """One step back."""


def ask_through(running: SetUpRun) -> int:
    """Until it is proved, or left. What is typed is shown while a line is asked for that is no secret."""
    with running.echo.held():
        return _ask_through(running)


def _ask_through(running: SetUpRun) -> int:
    from claude_auth.present.set_up import step_line

    set_up = running.set_up
    say(
        "Nothing is written or sent before your own yes. b goes a step back, q leaves: it is kept how far "
        "you have come."
    )
    if set_up.progress.is_begun and not _goes_on(running):
        set_up.over()
    steps: Mapping[SetUpStep, Callable[[SetUpRun], None]] = {"choose": _choose, "clear": _clear, "do": _do}
    before: Mapping[SetUpStep, SetUpStep] = {"clear": "choose", "do": "clear", "prove": "do"}
    while True:
        step = set_up.progress.step
        say("")
        say(step_line(step))
        try:
            if step == "prove":
                return _prove(running)
            steps[step](running)
        except GoingBack:
            running.obstacles, running.tasks = [], []
            if step in before:
                set_up.go_to(before[step])


def _goes_on(running: SetUpRun) -> bool:
    return _yes(running, f"You had chosen {running.set_up.chosen.path.label}. Go on from there?", usual=True)


# ── one line of input ────────────────────────────────────────────────────────────────────────────


def _line(running: SetUpRun, prompt: str) -> str:
    with running.echo.shown():  # before it is asked for: what comes at once is seen as well
        say(prompt.rstrip(), end=" ")
        text = sys.stdin.readline()
    if not text:
        raise Leaving
    return _heard(text.strip())


def _heard(word: str) -> str:
    """Raises Leaving and GoingBack."""
    if word == "q":
        raise Leaving
    if word == "b":
        raise GoingBack
    return word


def _hidden(prompt: str) -> Secret:
    """Typed without being shown; no history keeps it."""
    import getpass

    return Secret(_heard(getpass.getpass(f"{fitted(prompt.rstrip())} ", stream=sys.stderr)))


def _yes(running: SetUpRun, question: str, *, usual: bool = False) -> bool:
    word = _line(running, f"{question} [{'Y/n' if usual else 'y/N'}] ").lower()
    return usual if not word else word in {"y", "yes"}


def _number(running: SetUpRun, question: str, count: int, usual: int) -> int:
    while True:
        word = _line(running, f"{question} [{usual}] ") or str(usual)
        if word.isascii() and word.isdigit() and 1 <= int(word) <= count:
            return int(word)
        say(f"  a number from 1 to {count}")


# ── the steps ────────────────────────────────────────────────────────────────────────────────────


def _choose(running: SetUpRun) -> None:
    from claude_auth.actions.set_up.paths import SET_UP_PATHS
    from claude_auth.present.set_up import recommended_words, way_words

    survey = running.survey
    for number, path in enumerate(SET_UP_PATHS, 1):
        mark = "  (recommended)" if path.id == survey.recommended else ""
        say(f"  {number:>2}  {path.label}: {way_words(path, survey)}{mark}")
    say(recommended_words(survey))
    usual = [path.id for path in SET_UP_PATHS].index(survey.recommended) + 1
    chosen = _number(running, "Which one?", len(SET_UP_PATHS), usual)
    running.set_up.choose(SET_UP_PATHS[chosen - 1].id)


def _clear(running: SetUpRun) -> None:
    from claude_auth.present.set_up import NOT_SEEN, NOTHING_IN_THE_WAY

    _ask_place(running)
    running.set_up.look_again()
    while (obstacle := running.next_obstacle()) is not None:
        running.tell_obstacle(obstacle)
        _ask_about(running, obstacle)
    if not running.obstacles:
        say(str(NOT_SEEN if running.set_up.progress.place == "build" else NOTHING_IN_THE_WAY))
    running.set_up.go_to("do")


def _ask_place(running: SetUpRun) -> None:
    from claude_auth.present.set_up import place_words

    choice = running.set_up.chosen
    places = choice.path.places
    if len(places) < 2:
        return
    refusing = running.set_up.refusing(choice.path.id)
    for number, place in enumerate(places, 1):
        say(f"  {number:>2}  {place_words(place, refusing)}")
    working = [place for place in places if place not in refusing]
    usual = places.index(choice.place if choice.place in working else working[0]) + 1
    running.set_up.put(places[_number(running, "Where shall it go?", len(places), usual) - 1])


def _ask_about(running: SetUpRun, obstacle: Obstacle) -> None:
    from claude_auth.present.set_up import NO_WAY

    if any(preview.applicable for preview in obstacle.fixes):
        if _yes(running, "Change exactly this? `claude-auth fix --undo N` takes it back."):
            running.clear(obstacle)
        else:
            running.obstacles.append((obstacle, "declined"))
    elif obstacle.fixes and obstacle.name is not None:
        if _yes(running, "Will you see to that, so that a new shell is without it?"):
            running.set_up.cleared(obstacle)
            running.set_up.look_again()
        running.obstacles.append((obstacle, "not-here"))
    else:
        say(f"  {NO_WAY}" if not obstacle.fixes else "  it stays for now")
        running.obstacles.append((obstacle, "not-here"))


def _do(running: SetUpRun) -> None:
    from claude_auth.present.set_up import NOTHING_TO_DO, by_hand_lines

    set_up, choice = running.set_up, running.set_up.chosen
    for one in choice.asked:
        _ask_field(running, one)
    while (task := running.next_task()) is not None:
        running.tell_task(task)
        if task.problem is None and _yes(running, _question(task)):
            running.do(task)
            if running.lacks_key:
                raise GoingBack  # another place is asked for
        else:
            running.decline(task)
    copied: Sequence[str] = running.copied()
    if copied:
        for text in by_hand_lines(choice, copied):
            say(f"  {text}" if text.endswith(":") else Exact(f"  {text}"))
    elif not running.tasks:
        say(str(NOTHING_TO_DO))
    set_up.go_to("prove")


def _question(task: SetUpTask) -> str:
    return "Write exactly this?" if task.kind == "change" else "Do it?"


def _ask_field(running: SetUpRun, one: SetUpField) -> None:
    """Until it may stand; what is refused is kept nowhere."""
    set_up = running.set_up
    stands = set_up.stands(one) or (one.secret and one.id in set_up.values)
    usual = set_up.suggested(one)
    said = "it is there already; Enter keeps it" if stands else clean(usual, 100)
    maker = set_up.chosen.path.made_by if one.secret else None
    say(f"{one.label}: {one.hint}{' (m runs that here first)' if maker else ''}")
    while True:
        prompt = f"  {one.label}{f' [{said}]' if said else ''}: "
        value = _hidden(prompt) if one.secret else Secret(_line(running, prompt))
        if value.is_empty and stands:
            return
        if maker and value == Secret("m"):
            running.make_token()
            continue
        problem = set_up.give(one, Secret(usual) if value.is_empty else value)
        if problem is None:
            return
        say(f"  ✗ {problem}")


def _prove(running: SetUpRun) -> int:
    from claude_auth.present.set_up import SEND_THERE

    proof = running.set_up.proof()
    evaluated = proof.word == "not-known" and "api-key-helper" in running.set_up.chosen.path.expects
    if evaluated:
        evaluated = _yes(running, "Run the helper, to see whether it gives a key? It shows no value.")
    code = running.prove(evaluated=evaluated)
    if code == ExitCode.NOT_DONE:
        return code
    question = "Send one live request, to see whether it is accepted? It is shown first, and may be billed."
    if proof.new_shell:
        say(str(SEND_THERE))
    elif _yes(running, question):
        code = running.send()
    running.set_up.over()
    return code
