"""How far set-up has come, kept in the state directory without any secret, so that it can be gone on with."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, get_args

from claude_auth.actions.set_up.paths import PATH_BY_ID, SetUpPlace
from claude_auth.files import read_file
from claude_auth.model.errors import AuthenticationError
from claude_auth.security.redact import holds_secret
from claude_auth.store.private import check_directory, check_file, sweep, write_private

FILE = "set-up.json"
SetUpStep = Literal["choose", "clear", "do", "prove"]
STEPS: tuple[SetUpStep, ...] = get_args(SetUpStep)


@dataclass(frozen=True, slots=True)
class SetUpProgress:
    """`values`: of fields that are no secret; `given`: the fingerprints of the secret ones
    that were typed. `cleared`: variables
    that were taken out of a start-up file, which this shell still has. `done`: tasks that leave no trace,
    such as a command that ran."""

    step: SetUpStep = "choose"
    path: str | None = None
    place: SetUpPlace | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    cleared: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    store: str = "sdk"
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_begun(self) -> bool:
        return self.path is not None


def load_progress(directory: str) -> SetUpProgress:
    """The beginning where nothing sound is kept."""
    path = os.path.join(directory, FILE)
    try:
        check_file(path)
        fields = json.loads(read_file(path).content or b"{}")
        lists = {name: tuple(fields.get(name, ())) for name in ("cleared", "done")}
        made = SetUpProgress(**{**fields, **lists})
    except (AuthenticationError, ValueError, TypeError, AttributeError, RecursionError):
        return SetUpProgress()
    try:
        return made if _is_sound(made) else SetUpProgress()
    except (TypeError, AttributeError):  # of another type than it says
        return SetUpProgress()


def save_progress(directory: str, progress: SetUpProgress) -> None:
    """Raises AuthenticationError where it can't be kept."""
    check_directory(directory, tighten=True)
    sweep(os.path.join(directory, FILE))
    content = json.dumps({**asdict(progress), "values": dict(progress.values)}, indent=1) + "\n"
    write_private(os.path.join(directory, FILE), content.encode())


def forget_progress(directory: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(os.path.join(directory, FILE))


def _is_sound(made: SetUpProgress) -> bool:
    """What somebody wrote into the file counts no more than what is typed, and is checked as that later."""
    if made.step not in STEPS or made.place not in {None, *get_args(SetUpPlace)}:
        return False
    if made.path is None:
        return made.step == "choose"
    path = PATH_BY_ID.get(made.path)
    if path is None or made.store not in {"sdk", "keyring"}:
        return False
    known = {one.id for one in path.fields if not one.secret}
    texts = [*made.cleared, *made.done, *made.given.values(), *made.values.values()]
    secret = {one.id for one in path.fields if one.secret}
    return set(made.values) <= known and set(made.given) <= secret and not any(map(holds_secret, texts))
