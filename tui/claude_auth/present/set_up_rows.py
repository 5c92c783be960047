"""The steps of set-up as rows to walk over, and what stands beside the row under the cursor. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from claude_auth.actions.set_up.choice import SetUpChoice
from claude_auth.actions.set_up.obstacles import Obstacle
from claude_auth.actions.set_up.paths import BY_HAND, PATH_BY_ID, SET_UP_PATHS, SetUpPlace
from claude_auth.actions.set_up.progress import SetUpStep
from claude_auth.actions.set_up.survey import SetUpProof, SetUpSurvey
from claude_auth.actions.set_up.tasks import SetUpTask
from claude_auth.named_tuples import NamedTuple
from claude_auth.present.fixes import DIFF_ROLES
from claude_auth.present.lines import Line, Row, Span, fit_line, line, pad, width_of, wrap
from claude_auth.present.set_up import (
    NOT_SEEN,
    NOTHING_IN_THE_WAY,
    NOTHING_TO_DO,
    PLACE_WORDS,
    SEND_THERE,
    TO_RUN,
    by_hand_lines,
    place_words,
    preview_text,
    proof_words,
    recommended_words,
    way_words,
)
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText, TextStyle

_LABEL = 34
GO_ON, PLACE, EVALUATE, SEND, MAKE = "go-on", "place", "evaluate", "send", "make"


class SetUpSeen(NamedTuple):
    """All that the rows are made of, of one look. `fields`: by id the label, what is said beside it, and
    whether that is a value; `open`: those that a value is needed for. `copy`: the lines to do it by hand.
    `refusing`: places where nothing can be put, and why."""

    step: SetUpStep
    survey: SetUpSurvey
    choice: SetUpChoice | None = None
    obstacles: tuple[Obstacle, ...] = ()
    tasks: tuple[SetUpTask, ...] = ()
    fields: Mapping[str, tuple[str, str, bool]] = {}
    open: frozenset[str] = frozenset()
    copy: tuple[str, ...] = ()
    proof: SetUpProof | None = None
    refusing: Mapping[SetUpPlace, str] = {}


def step_rows(seen: SetUpSeen, width: int) -> list[Row]:
    if seen.step == "choose":
        return _ways(seen.survey, width)
    if seen.step == "clear":
        return _obstacles(seen, width)
    return _tasks(seen, width) if seen.step == "do" else _proof(seen, width)


def usual_row(seen: SetUpSeen) -> str:
    """What the person most likely does next."""
    if seen.step == "choose":
        return seen.survey.recommended if seen.choice is None else seen.choice.path.id
    if seen.step == "clear" and seen.choice is not None and seen.choice.place in seen.refusing:
        return PLACE
    if seen.step == "clear" and seen.obstacles:
        return f"obstacle:{seen.obstacles[0].id}"
    needed = [f"field:{name}" for name in seen.fields if name in seen.open] if seen.step == "do" else []
    tasks = [f"task:{task.id}" for task in seen.tasks if task.problem is None]
    return next(iter([*needed, *tasks]), GO_ON)


def _ways(survey: SetUpSurvey, width: int) -> list[Row]:
    rows = []
    for path in SET_UP_PATHS:
        best = path.id == survey.recommended
        label = Span(pad(path.label, min(_LABEL, width // 2)), "strong" if best else "plain")
        found = path.id in survey.found
        words = Span(way_words(path, survey), "accent" if found else "dim")
        told = line(label, Span("recommended · ", "ok"), words) if best else line(label, words)
        if best and width_of(told) > width:  # the words stand below, beside the cursor
            told = line(label, Span("recommended", "ok"))
        rows.append(Row(path.id, (fit_line(told, width),)))
    return rows


def _obstacles(seen: SetUpSeen, width: int) -> list[Row]:
    rows = []
    choice = seen.choice
    if choice is not None and len(choice.path.places) > 1 and choice.place is not None:
        where = f"where: {place_words(choice.place, seen.refusing)}"
        mark = StatusText("▲", where, "warn") if choice.place in seen.refusing else StatusText("→", where)
        rows.append(_row(PLACE, mark, width))
    words = {f"obstacle:{one.id}": StatusText("✗", one.title, "fail") for one in seen.obstacles}
    rows += [_row(row, word, width) for row, word in words.items()]
    if not seen.obstacles:
        elsewhere = choice is not None and choice.place == "build"
        rows.append(_row(None, NOT_SEEN if elsewhere else NOTHING_IN_THE_WAY, width))
    return [*rows, _row(GO_ON, StatusText("→", "go on: do it", "accent"), width)]


_FIELD_MARKS: Mapping[str, tuple[str, TextStyle]] = {
    "open": ("▲", "warn"),
    "filled": ("✓", "ok"),
    "empty": ("·", "dim"),
}


def _tasks(seen: SetUpSeen, width: int) -> list[Row]:
    rows = []
    for name, (label, words, filled) in seen.fields.items():
        glyph, style = _FIELD_MARKS["open" if name in seen.open else "filled" if filled else "empty"]
        rows.append(_row(f"field:{name}", StatusText(glyph, f"{label}: {clean(words, 160)}", style), width))
    maker = None if seen.choice is None or not seen.open else seen.choice.path.made_by
    if maker is not None:
        rows.append(_row(MAKE, StatusText("→", f"make one here first: {maker}", "plain"), width))
    for task in () if seen.open else seen.tasks:
        words = f"{task.title}: {task.problem}" if task.problem else task.title
        role = StatusText("✗", words, "fail") if task.problem else StatusText("→", words, "plain")
        rows.append(_row(f"task:{task.id}", role, width))
    if seen.open:
        rows.append(_row(None, StatusText("·", "Enter types what is still needed", "dim"), width))
    elif not seen.tasks:
        by_hand = seen.choice is not None and seen.choice.place in BY_HAND
        rows.append(_row(None, TO_RUN if by_hand else NOTHING_TO_DO, width))
    return [*rows, _row(GO_ON, StatusText("→", "go on: prove it", "accent"), width)]


def _proof(seen: SetUpSeen, width: int) -> list[Row]:
    if seen.proof is None:
        return [_row(None, StatusText("·", "looking", "dim"), width)]
    rows = [_row(None, word, width) for word in proof_words(seen.proof)]
    if seen.proof.word == "not-known" and seen.proof.winner == "apiKeyHelper":
        rows.append(
            _row(EVALUATE, StatusText("→", "run the helper, to see whether it gives a key", "plain"), width)
        )
    if seen.proof.proved and seen.proof.new_shell:
        rows.append(_row(None, SEND_THERE, width))
    elif seen.proof.proved:
        rows.append(
            _row(SEND, StatusText("→", "send one live request: shown first, asks you", "plain"), width)
        )
    return [*rows, _row(GO_ON, StatusText("→", "leave set-up", "accent"), width)]


def _row(id: str | None, word: StatusText, width: int) -> Row:
    return Row(id, wrap(line(word), width, 2))


# ── beside the cursor ────────────────────────────────────────────────────────────────────────────


def detail_lines(seen: SetUpSeen, row: str, width: int) -> list[Line]:
    """What is behind the row: why a way is recommended, the exact change of a fix or a task."""
    kind, _, name = row.partition(":")
    if seen.step == "choose":
        return _about_way(seen, row, width)
    if kind == "obstacle":
        fixes = next((one.fixes for one in seen.obstacles if one.id == name), ())
        texts = [text for fix in fixes for text in (fix.title, *preview_text(fix))]
        return _shown(texts or ["no change of this program ends that"], width)
    task = next((one for one in seen.tasks if kind == "task" and one.id == name), None)
    if task is not None:
        return _shown(preview_text(task.preview) if task.preview is not None else [task.title], width)
    if row == PLACE and seen.choice is not None:
        places = [f"· {place_words(place, seen.refusing)}" for place in seen.choice.path.places]
        return _shown(["Enter lets you choose where it goes:", *places], width)
    if row == MAKE:
        return _shown(ABOUT_MAKING, width)
    if kind == "field":
        return _shown([": ".join(seen.fields[name][:2]), *_ABOUT_FIELDS], width)
    if seen.step == "do" and seen.choice is not None and seen.copy and not seen.open:
        return _shown(by_hand_lines(seen.choice, seen.copy), width)
    if seen.step == "prove":
        return _shown(_ABOUT_PROOF, width)
    return [] if seen.choice is None else _about_way(seen, seen.choice.path.id, width)


_ABOUT_FIELDS = (
    "Enter types it: each letter is checked at once, and a secret is counted, not shown.",
    "Nothing is written by that. What would be written is shown once all is there, and asks you.",
)
ABOUT_MAKING = (
    "Claude Code itself makes it, in its own terminal: you sign in at claude.ai, and it prints the token.",
    "Copy it there, leave with q, and paste it into the field that opens then: one that was broken over two "
    "lines is put together again. It is shown this once, lasts a year, and uses your subscription.",
)
_ABOUT_PROOF = (
    "What was found out by looking again, as Claude Code would see it; nothing was sent for it.",
    "Leaving takes nothing back. S begins again; z on the dashboard takes a change back.",
)


def _about_way(seen: SetUpSeen, id: str, width: int) -> list[Line]:
    path = PATH_BY_ID.get(id)
    if path is None:
        return []
    told = [path.detail, *([way_words(path, seen.survey)] if id in seen.survey.found else ())]
    told += [f"asks for: {', '.join(one.label for one in path.fields) or 'nothing to type'}"]
    if path.places:
        told.append(f"goes, as you choose: {'; '.join(PLACE_WORDS[place] for place in path.places)}")
    if seen.step == "choose":
        told.insert(0 if id == seen.survey.recommended else len(told), recommended_words(seen.survey))
    return _shown(told, width)


def _shown(texts: Sequence[str], width: int) -> list[Line]:
    found: list[Line] = []
    for text in texts:
        role = DIFF_ROLES.get(text[:1], "plain")
        found += wrap(line(Span(text, role)), width, 2)
    return found
