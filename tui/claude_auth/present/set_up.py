"""The words of set-up: the ways, what is in the way, what would be done, the proof; for the screen, the plain
text and the JSON document. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from claude_auth.actions.fixes.plans import Preview
from claude_auth.actions.set_up.choice import SetUpChoice
from claude_auth.actions.set_up.obstacles import Obstacle
from claude_auth.actions.set_up.paths import BY_HAND, PATH_BY_ID, SET_UP_PATHS, SetUpPath, SetUpPlace
from claude_auth.actions.set_up.progress import STEPS, SetUpStep
from claude_auth.actions.set_up.survey import SetUpProof, SetUpSurvey
from claude_auth.actions.set_up.tasks import SetUpTask
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText

STEP_WORDS: Mapping[SetUpStep, str] = {
    "choose": "choose",
    "clear": "clear the way",
    "do": "do it",
    "prove": "prove it",
}
PLACE_WORDS: Mapping[SetUpPlace, str] = {
    "keyring": "in this system's keyring; Claude Code gets it by a command",
    "settings": "in ~/.claude/settings.json: holds for every shell and editor",
    "shell": "in the start-up file of your shell: holds for new shells",
    "build": "in the secrets of a GitHub repository, for its builds: show how",
    "copy": "nowhere: show me the lines to copy",
}
NOTHING_IN_THE_WAY = StatusText("✓", "nothing is in the way: the choice would win", "ok")
NOT_SEEN = StatusText("·", "what else those builds set can't be seen from here", "plain")
NOTHING_TO_DO = StatusText("✓", "all of it is done", "ok")
TO_RUN = StatusText("·", "nothing is written here: run what is shown below; y copies it", "plain")
SEND_THERE = StatusText("·", "one live request can be sent from there: claude-auth probe", "plain")
NO_WAY = StatusText("✗", "no change of this program ends that", "fail")


def place_words(place: SetUpPlace, refusing: Mapping[SetUpPlace, str]) -> str:
    why = refusing.get(place)
    return f"{PLACE_WORDS[place]}{f' ({refusal_words(why)})' if why else ''}"


def refusal_words(why: str) -> str:
    """Of a place where nothing can be put."""
    return f"not here: {clean(why, 200)}"


def way_words(path: SetUpPath, survey: SetUpSurvey) -> str:
    """What is said beside a way."""
    found = survey.found.get(path.id)
    return f"found here: {found}" if found else path.detail


def recommended_words(survey: SetUpSurvey) -> str:
    return f"recommended: {PATH_BY_ID[survey.recommended].label}; {survey.because}"


def step_line(step: SetUpStep, done: Sequence[SetUpStep] = ()) -> str:
    """`1 ✓ choose   2 ▸ clear the way   3   do it   4   prove it`."""
    told = []
    for number, name in enumerate(STEPS, 1):
        mark = "▸" if name == step else "✓" if name in done or STEPS.index(name) < STEPS.index(step) else " "
        told.append(f"{number} {mark} {STEP_WORDS[name]}")
    return "   ".join(told)


def preview_text(preview: Preview) -> list[str]:
    """The exact change, masked."""
    lines = [*preview.diff.splitlines()]
    if preview.by_hand is not None:
        lines += [f"for you to run ({preview.by_hand}):", *preview.commands]
    return lines


def by_hand_lines(choice: SetUpChoice, copy: Sequence[str]) -> list[str]:
    """What to run instead, and what to know for it."""
    made = choice.path.made_by if choice.place in BY_HAND else None
    first = [f"First, to make the token: {made}"] if made else []
    if choice.place != "build":
        return [*first, "By hand, in the shell that starts claude:", *copy]
    names = [line.rpartition(" ")[2] for line in copy]
    return [
        *first,
        "Then in a folder of the repository; it asks for the value, which gets into no history:",
        *copy,
        "And in the workflow, under env of the step that runs claude:",
        *(f"{name}: ${{{{ secrets.{name} }}}}" for name in names),
    ]


def proof_words(proof: SetUpProof) -> list[StatusText]:
    told = [proof.sentence]
    if proof.winner is not None:
        where = f", sent to {clean(proof.host, 120)}" if proof.host else ""
        told.append(StatusText("·", f"goes out: {proof.winner}{where}", "plain"))
    if proof.bills is not None:
        told.append(StatusText("·", f"billed: {proof.bills}", "plain"))
    if proof.proved:
        told.append(StatusText("✓", f"done: {proof.next_step}", "ok"))
    elif proof.by_hand:
        told.append(
            StatusText(
                "·",
                "not proved here: run what the third step shows, then run there: claude-auth status",
                "plain",
            )
        )
    else:
        told.append(StatusText("✗", "not proved yet: what you chose is not what works here now", "fail"))
    return told


# ── the document ─────────────────────────────────────────────────────────────────────────────────


def needs_document(survey: SetUpSurvey) -> dict[str, Any]:
    """What a file of answers may say."""
    return {
        "schema": 1,
        "recommended": survey.recommended,
        "because": survey.because,
        "paths": [
            {
                "path": path.id,
                "label": path.label,
                "found": survey.found.get(path.id),
                "places": list(path.places),
                "fields": [
                    {
                        "field": one.id,
                        "label": one.label,
                        "hint": one.hint,
                        "secret": one.secret,
                        "optional": one.optional,
                    }
                    for one in path.fields
                ],
            }
            for path in SET_UP_PATHS
        ],
    }


def needs_lines(survey: SetUpSurvey) -> list[str]:
    lines = [
        "claude-auth setup asks on a terminal; without one it needs --answers FILE (or -), a JSON object:",
        '  {"path": "…", "place": "…", a value for each field, "agree": ["clear", "write", "sign-in", '
        '"run", "evaluate", "send"]}',
        "What is not agreed to is shown and not done. The paths and their fields:",
    ]
    for path in SET_UP_PATHS:
        names = ", ".join(f"{one.id}{' (may be left out)' if one.optional else ''}" for one in path.fields)
        places = f"; place: {', '.join(path.places)}" if path.places else ""
        lines.append(f"  {path.id}: {names or 'no field'}{places}")
    return [*lines, recommended_words(survey)]


def set_up_document(
    path: str,
    survey: SetUpSurvey,
    obstacles: Iterable[tuple[Obstacle, str]],
    tasks: Iterable[tuple[SetUpTask, str]],
    copy: Sequence[str],
    proof: SetUpProof | None,
) -> dict[str, Any]:
    """`obstacles` and `tasks` with what became of each: `done`, `declined`, `refused`, `not-here`."""
    return {
        "schema": 1,
        "path": path,
        "recommended": survey.recommended,
        "because": survey.because,
        "obstacles": [{"id": one.id, "title": one.title, "outcome": outcome} for one, outcome in obstacles],
        "tasks": [
            {
                "id": one.id,
                "title": one.title,
                "change": one.preview.diff.splitlines() if one.preview is not None else [],
                "problem": one.problem,
                "outcome": outcome,
            }
            for one, outcome in tasks
        ],
        "copy": [clean(text, 600) for text in copy],
        "proof": None if proof is None else proof_document(proof),
    }


def proof_document(proof: SetUpProof) -> dict[str, Any]:
    return {
        "proved": proof.proved,
        "verdict": proof.word,
        "sentence": proof.sentence.text,
        "winner": proof.winner,
        "host": proof.host,
        "bills": proof.bills,
        "new_shell": proof.new_shell,
        "next_step": proof.next_step,
    }
