"""What enters the model is clean there: no text of a snapshot, a resolution, a finding or a check holds what
a terminal would act on, however hostile the machine is. So nobody who shows one has to clean it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.evaluate import evaluate
from claude_auth.actions.fixes.offers import offers, with_ours
from claude_auth.actions.host_look import further_look
from claude_auth.actions.look import checks
from claude_auth.claude_code.clients import CLIENTS
from claude_auth.diagnose import MachineAnswers, diagnose
from claude_auth.diagnose.causes import BY_ID
from claude_auth.diagnose.texts import explain
from claude_auth.observe.context import ObservationContext
from claude_auth.present.documents import status_document
from claude_auth.resolve import resolve
from claude_auth.security.sanitize import printable
from claude_auth.security.secret import Secret
from tests.canary_machine import MODES, context_of, lay_out

#: An escape sequence, a bidirectional override, a private-use character, a C1 control, a line break.
HOSTILE = "\x1b]0;owned\x07\u202e\ue000\x9b31m\n"
#: What decides which file is opened or which variable is meant, so is kept as it is; `words/origins.py` shows
#: it. A path may stand as the key of a mapping.
KEPT = {
    *("Places.home", "Places.root", "Places.cwd", "Places.config_dir", "Places.credentials_path"),
    *("Assignment.name", "Origin.variable", "Fix.about", "Snapshot.variables{key}", "AwsFiles.damage[][]"),
    *("Machine.writable{key}", "Surroundings.aws_files_modified{key}"),
    # To be copied, as they are; of a diff each line is clean.
    *("Preview.commands[]", "Preview.diff"),
}


def is_kept(field: str) -> bool:
    return field in KEPT or field.endswith((".path", "_path"))


def unclean(thing: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text in it that `printable` would change, and the field that it stands in."""
    if isinstance(thing, str):
        if printable(thing) != thing and not is_kept(field):
            yield field, thing
    elif isinstance(thing, Secret):
        return
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from unclean(key, field + "{key}")
            yield from unclean(value, field + "{}")
    elif names := getattr(thing, "_fields", None) or getattr(thing, "__dataclass_fields__", None):
        for name in names:
            yield from unclean(getattr(thing, name), f"{type(thing).__name__}.{name}")
    elif isinstance(thing, tuple | list | set | frozenset):
        for one in thing:
            yield from unclean(one, field + "[]")


def poisoned(value: Any) -> Any:
    """Every text with something hostile behind it, and every key once more with something behind it."""
    if isinstance(value, str):
        return value + HOSTILE
    if isinstance(value, dict):
        values = {key: poisoned(one) for key, one in value.items()}
        return {**values, **{key + HOSTILE: one for key, one in values.items()}}
    return [poisoned(one) for one in value] if isinstance(value, list) else value


def poison_files(home: Path) -> None:
    for path in home.rglob("*"):
        if path.is_file():
            text = path.read_text()
            try:
                path.write_text(json.dumps(poisoned(json.loads(text))))
            except ValueError:
                path.write_text(text.replace("\n", f"{HOSTILE}\n"))


def view_of(home: Path, mode: str, *, poisons_values: bool) -> ObservationContext:
    environ = lay_out(home, mode)
    poison_files(home)
    if poisons_values:
        environ = {
            name: text if name in {"HOME", "PATH"} else text + HOSTILE for name, text in environ.items()
        }
    environ |= {f"{name}_X{HOSTILE}": f"{text}{HOSTILE}" for name, text in environ.items()}
    return context_of(home, environ)


@pytest.mark.parametrize("poisons_values", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_no_text_of_the_model_holds_anything_hidden(mode: str, poisons_values: bool, tmp_path: Path) -> None:
    home = tmp_path / ("h\x1b[1m\u202eome" if poisons_values else "home")
    home.mkdir()
    view = view_of(home, mode, poisons_values=poisons_values)
    seen = further_look(view)
    assert [*unclean(seen)] == []
    for client in (one.id for one in CLIENTS):
        snapshot = evaluate(seen, view.environ, client) if mode.endswith("helper") else seen
        resolution = resolve(snapshot, client)
        findings = diagnose(snapshot, resolution)
        told = (resolution, findings, checks(snapshot, resolution))
        assert [*unclean(told)] == [], client
        assert [*unclean(status_document(snapshot, resolution, findings))] == [], client


def test_the_search_finds_what_is_there() -> None:
    found = dict(unclean(({"a": ["b" + HOSTILE]}, [Secret(HOSTILE)])))
    assert found == {"[]{}[]": "b" + HOSTILE}


def test_nor_does_what_a_machine_says_of_an_error_text_or_what_can_be_done(tmp_path: Path) -> None:
    home = tmp_path / "h\x1b[1m\u202eome"
    home.mkdir()
    snapshot = further_look(view_of(home, "everything", poisons_values=True))
    resolution = resolve(snapshot, "claude")
    findings = diagnose(snapshot, resolution)
    previews = offers(snapshot, resolution, findings)
    assert previews
    assert [*unclean(previews)] == []
    assert [*unclean(with_ours(findings, previews))] == []
    texts = [wording.words for cause in BY_ID.values() for wording in cause.wordings]
    machine = MachineAnswers.of(snapshot, resolution, findings)
    for text in texts:
        assert [*unclean(explain(text.replace("…", " ") + HOSTILE, machine))] == []
