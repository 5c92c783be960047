"""One set-up from its beginning to the proof, for the screen and the command line alike: what was chosen and
typed, what is in the way, what is to be done; kept after each step, without the secrets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace

from claude_auth.actions.evaluate import evaluate
from claude_auth.actions.fixes.action import ApplyFix
from claude_auth.actions.fixes.plans import Preview
from claude_auth.actions.fixes.records import Records
from claude_auth.actions.fixes.shells import Shell, own_program, shell_of
from claude_auth.actions.look import ObservationContext, further_look, look_from_new_shell
from claude_auth.actions.set_up.choice import KEY_ACCOUNT, SetUpChoice
from claude_auth.actions.set_up.fields import FieldFacts, SetUpField, problem_with
from claude_auth.actions.set_up.obstacles import Obstacle, obstacles
from claude_auth.actions.set_up.paths import PATH_BY_ID, SetUpPlace
from claude_auth.actions.set_up.progress import (
    SetUpProgress,
    SetUpStep,
    forget_progress,
    load_progress,
    save_progress,
)
from claude_auth.actions.set_up.survey import SetUpProof, SetUpSurvey, prove, suggested, survey
from claude_auth.actions.set_up.tasks import (
    SetUpTask,
    is_configured,
    lines_to_copy,
    startup_file,
    startup_value,
    tasks,
)
from claude_auth.model import Event, Severity, Snapshot, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.resolve import resolve
from claude_auth.security.secret import Secret, without_locals

KEY_FIRST = "not before the key lies in the keyring"


@dataclass(eq=False, repr=False)
class SetUp:
    """`directory`: where it is kept how far this has come. `snapshot`: as a new shell would see the machine.
    `values` hold what was typed, secrets too."""

    context: ObservationContext
    directory: str
    client: str = "claude"
    version: str | None = None
    clock: Callable[[], float] = time.time
    progress: SetUpProgress = field(init=False)
    snapshot: Snapshot = field(init=False)
    in_new_shell: bool = field(default=False, init=False)
    changes: dict[str, Secret | None] = field(default_factory=dict, init=False)
    values: dict[str, Secret] = field(default_factory=dict, init=False)
    #: Places where nothing can be put here, and why; None before they were looked at.
    unusable: dict[SetUpPlace, str] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.progress = load_progress(self.directory)
        self.values = {name: Secret(text) for name, text in self.progress.values.items()}
        self.look_again()

    @property
    def environ(self) -> Mapping[str, str]:
        """The shell's."""
        return self.context.environ

    def look(self) -> Snapshot:
        """Of this shell. Blocks."""
        return further_look(self.context)

    def look_again(self) -> None:
        """Of a new shell: without what was cleared away, with what was written. Blocks."""
        here = self.look()
        self._read_back(here.places.home)
        set_at = {name for name, found in here.variables.items() for a in found if a.origin.likely_set_at}
        self.changes = dict.fromkeys(name for name in self.progress.cleared if name not in set_at)
        choice = self.choice
        if choice is not None and choice.place == "shell" and not self._writes_startup(here):
            self.changes |= choice.variables
        now = {name: Secret(text) for name, text in self.environ.items() if name in self.changes}
        changed = {name: value for name, value in self.changes.items() if now.get(name) != value}
        self.in_new_shell = bool(changed)
        self.snapshot = look_from_new_shell(self.context, changed) if changed else here

    def _read_back(self, home: str) -> None:
        """A secret that was typed before this was left, and stands in the start-up file since; not an older
        one that stands there."""
        choice = self.choice
        for one in choice.path.fields if choice is not None and choice.place == "shell" else ():
            if one.id in self.progress.given and one.id not in self.values and one.variable is not None:
                found = startup_value(one.variable, home, self.shell)
                if found is not None and found.fingerprint == self.progress.given[one.id]:
                    self.values = {**self.values, one.id: found}

    def _writes_startup(self, snapshot: Snapshot) -> bool:
        return any(task.id == "startup" for task in self._tasks(snapshot))

    @property
    def shell(self) -> Shell:
        return shell_of(self.environ)

    @property
    def facts(self) -> FieldFacts:
        return FieldFacts.of(self.snapshot)

    @property
    def choice(self) -> SetUpChoice | None:
        """None before anything was chosen."""
        made = self.progress
        if made.path is None:
            return None
        program = own_program(self.environ)
        return SetUpChoice(PATH_BY_ID[made.path], made.place, self.values, program, made.store)

    @property
    def chosen(self) -> SetUpChoice:
        choice = self.choice
        assert choice is not None, "a way is chosen before anything else is asked for"
        return choice

    def _keep(self, **changes: object) -> None:
        self.progress = replace(self.progress, **changes)  # type: ignore[arg-type]
        save_progress(self.directory, self.progress)

    @property
    def is_needed(self) -> bool:
        """Whether it opens by itself."""
        return resolve(self.snapshot, self.client, self.version).finds_nothing

    # ── the steps ────────────────────────────────────────────────────────────────────────────────

    def survey(self) -> SetUpSurvey:
        return survey(self.snapshot, self.environ, self.client, self.version)

    def choose(self, id: str) -> None:
        """Another way than before forgets what was typed for that one. Blocks."""
        if self.progress.path != id:
            self.values = {}
            place = next((place for place in PATH_BY_ID[id].places if place not in self.refusing(id)), None)
            self.progress = SetUpProgress(path=id, place=place, cleared=self.progress.cleared)
        self._keep(step="clear")

    def refusing(self, id: str) -> Mapping[SetUpPlace, str]:
        """Of the places of that way those where nothing can be put, and why. The keyring is asked once, and
        only for a way that could use it. Blocks."""
        places = PATH_BY_ID[id].places
        if self.unusable is None and "keyring" in places:
            from claude_auth.store.keyring import why_unusable

            problem = why_unusable()
            self.unusable = {} if problem is None else {"keyring": problem}
        found = {place: why for place, why in (self.unusable or {}).items() if place in places}
        if "shell" in places and startup_file(self.snapshot.places.home, self.shell) is None:
            found["shell"] = f"no start-up file of {self.shell} is known"
        return found

    def go_to(self, step: SetUpStep) -> None:
        self._keep(step=step)

    def put(self, place: SetUpPlace) -> None:
        self._keep(place=place)

    def sign_in_into(self, store: str) -> None:
        self._keep(store=store)

    @without_locals
    def judge(self, asked: SetUpField, value: Secret) -> str | None:
        """What is wrong with what stands in the field; asked with each letter."""
        return problem_with(asked, value.reveal(), self.facts)

    @without_locals
    def give(self, asked: SetUpField, value: Secret) -> str | None:
        """Takes the value, or says what is wrong with it; then nothing is kept."""
        problem = self.judge(asked, value)
        if problem is not None:
            return problem
        self.values = dict(self.chosen.with_value(asked.id, value).values)
        if asked.secret:
            given = {name: one for name, one in self.progress.given.items() if name != asked.id}
            given |= {} if value.is_empty else {asked.id: value.fingerprint}
            self._keep(given=given, done=tuple(one for one in self.progress.done if one != "keep-key"))
        else:
            public = {one.id for one in self.chosen.path.fields if not one.secret}
            kept = {name: one.reveal() for name, one in self.values.items() if name in public}
            self._keep(values=kept)
        return None

    def missing(self) -> tuple[SetUpField, ...]:
        """Fields that a value is still needed for; also of a secret that was typed before this was left."""
        choice = self.chosen
        wrong = {*choice.problems(self.facts), *(set(self.progress.given) - set(self.values))}
        found = (one for one in choice.asked if one.id in wrong)
        return tuple(one for one in found if one.id in self.values or not self.stands(one))

    def suggested(self, asked: SetUpField) -> str:
        """What may stand in a field that is no secret before anything is typed."""
        if asked.secret or asked.id in self.values:
            return self.values[asked.id].reveal() if not asked.secret else ""
        found = suggested(asked, self.chosen, self.snapshot)
        return found if problem_with(asked, found, self.facts) is None else ""

    def stands(self, asked: SetUpField, trial: SetUpChoice | None = None) -> bool:
        """Whether a secret was put where it belongs before, so that it need not be typed again. `trial`: a
        choice that was not made yet."""
        choice = trial or self.chosen
        if not asked.secret or asked.variable is None:
            return False
        if choice.place == "keyring":
            return "keep-key" in self.progress.done
        if choice.path.sign_in == "own":
            return is_configured(choice, self._configuration)
        more, typed = self.snapshot.more, self.progress.given.get(asked.id)
        told = [a.value for a in self.snapshot.variables.get(asked.variable, ())]
        if typed is not None and trial is None:
            return any(value.fingerprint == typed for value in told)
        return any(not value.is_blank for value in told) or (
            more is not None and asked.variable in more.not_loaded
        )

    def obstacles(self) -> tuple[Obstacle, ...]:
        """Also before anything was typed. None for builds, which run on another machine."""
        choice = self.chosen
        if choice.place == "build":
            return ()
        return obstacles(self.snapshot, choice, self.client, self.version, self.shell)

    def tasks(self) -> tuple[SetUpTask, ...]:
        """What is still to be done."""
        return self._tasks(self.snapshot)

    def _tasks(self, snapshot: Snapshot) -> tuple[SetUpTask, ...]:
        found = tasks(snapshot, self.chosen, self.shell, self._configuration)
        left = tuple(task for task in found if task.id not in self.progress.done)
        if all(task.kind != "keep-key" for task in left):
            return left
        # Else the settings would name a place that has no key.
        return tuple(task._replace(problem=KEY_FIRST) if task.id == "settings" else task for task in left)

    @property
    def _configuration(self) -> str:
        from claude_auth.actions.accounts import oauth_configuration_path

        return oauth_configuration_path(self.environ)

    def lines_to_copy(self) -> tuple[str, ...]:
        return lines_to_copy(self.chosen, self.shell)

    # ── doing ────────────────────────────────────────────────────────────────────────────────────

    def apply(self, preview: Preview) -> ApplyFix:
        return ApplyFix(
            preview,
            look=self.look,
            client=self.client,
            version=self.version,
            records=Records(self.directory),
            clock=self.clock,
        )

    def cleared(self, obstacle: Obstacle) -> None:
        """It was taken out of where it stood, or the person will see to it in a new shell."""
        if obstacle.name is not None:
            self._keep(cleared=tuple(dict.fromkeys((*self.progress.cleared, obstacle.name))))

    def finished(self, task: SetUpTask) -> None:
        """For a task that leaves nothing to be seen by."""
        self._keep(done=tuple(dict.fromkeys((*self.progress.done, task.id))))

    async def keep_key(self) -> AsyncIterator[Event]:
        """Into the keyring, as an account of our own. The last event says whether it was."""
        key = self.chosen.values["key"]
        home = self.snapshot.places.home
        problem = await asyncio.to_thread(_put_into_keyring, home, key)
        if problem is None:
            text = "the key lies in the keyring, and in no file"
            yield Event(self.clock(), "set-up.key-kept", text, store="keyring", data={"account": KEY_ACCOUNT})
        else:
            self.unusable = {"keyring": problem}
            text = f"{problem}. Choose another place for it"
            yield Event(self.clock(), "set-up.key-refused", text, "error", "keyring")

    # ── the proof ────────────────────────────────────────────────────────────────────────────────

    def proof(self, *, evaluated: bool = False) -> SetUpProof:
        """Of a fresh look. `evaluated`: helpers are run for it, which calling is the consent to. Blocks."""
        self.look_again()
        seen = self.snapshot
        if evaluated:
            environ = {name: value for name, value in self.environ.items() if name not in self.changes}
            environ |= {name: value.reveal() for name, value in self.changes.items() if value is not None}
            seen = evaluate(seen, environ, self.client, self.version)
        found = prove(seen, self.chosen, self.client, self.version, new_shell=self.in_new_shell)
        waits = any(task.kind in {"sign-in", "keep-key"} for task in self.tasks())
        return found._replace(proved=False) if waits else found

    def told(self, proof: SetUpProof) -> Event:
        kind = "set-up.proved" if proof.proved else "set-up.not-proved"
        text = f"set-up, {self.chosen.path.label}: {proof.sentence.text}"
        level: Severity = "info" if proof.proved else "warning"
        return Event(self.clock(), kind, text, level, None, {"path": self.progress.path})

    def over(self) -> None:
        """Nothing is left to go on with."""
        forget_progress(self.directory)
        self.progress, self.values = SetUpProgress(), {}


@without_locals
def _put_into_keyring(home: str, key: Secret) -> str | None:
    """Why it was not kept; a key that can't be read back by our own command is none."""
    from claude_auth.store.keyring import KeyringStore

    try:
        KeyringStore(home, KEY_ACCOUNT).save(TokenSet(key))
    except AuthenticationError as error:
        return error.sentence
    return None
