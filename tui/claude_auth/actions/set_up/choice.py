"""What was chosen: the way, the place, the values; what Claude Code would read then, and the machine as it
would be seen. Pure."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from claude_auth.actions.set_up.fields import FieldFacts, SetUpField, problem_with
from claude_auth.actions.set_up.paths import BY_HAND, SetUpPath, SetUpPlace
from claude_auth.model import Assignment, Origin, Setting, Snapshot, StoreReading, TokenSet
from claude_auth.processes.environment import token_command
from claude_auth.security.secret import Secret
from claude_auth.sources.anthropic_api_key import suffix_of

#: The account of the keyring that an API key of set-up lies in.
KEY_ACCOUNT = "anthropic-api-key"
HELPER, AWS_REFRESH, GCP_REFRESH = "apiKeyHelper", "awsAuthRefresh", "gcpAuthRefresh"
_MADE_UP = Secret("set-up")
_STRONGEST_FIRST = ("managed", "flag", "local", "project", "user", None)


@dataclass(frozen=True, slots=True)
class SetUpChoice:
    """`values` by the field's id; what is not filled in is left out. `program`: our own command line, for a
    helper. `store`: the one of ours that an own client's login goes into."""

    path: SetUpPath
    place: SetUpPlace | None = None
    values: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    program: str = "claude-auth"
    store: str = "sdk"

    def text(self, id: str) -> str:
        found = self.values.get(id)
        return "" if found is None else found.reveal()

    def with_value(self, id: str, value: Secret | None) -> SetUpChoice:
        values = {name: one for name, one in self.values.items() if name != id}
        return replace(self, values=values if value is None or value.is_empty else {**values, id: value})

    def problems(self, facts: FieldFacts) -> dict[str, str]:
        """By field, what still keeps this from being done."""
        asked = [one for one in self.path.fields if one in self.asked or one.id in self.values]
        told = {one.id: problem_with(one, self.text(one.id), facts) for one in asked}
        return {name: problem for name, problem in told.items() if problem is not None}

    @property
    def asked(self) -> tuple[SetUpField, ...]:
        """The fields that are typed here: lines to copy ask for a secret themselves."""
        return tuple(one for one in self.path.fields if not (one.secret and self.place in BY_HAND))

    @property
    def variables(self) -> Mapping[str, Secret]:
        """What Claude Code reads it from, in the order in which it is written."""
        found = {} if self.path.switch is None else {self.path.switch: Secret("1")}
        if self.place == "keyring":
            return found
        for one in self.path.fields:
            value = self.values.get(one.id)
            if (
                one.variable is not None
                and value is not None
                and not one.variable.startswith("CLAUDE_OAUTH_")
            ):
                found[one.variable] = value
        return found

    @property
    def settings(self) -> Mapping[str, str]:
        """Settings keys beside the `env` block."""
        if self.place == "keyring":
            return {HELPER: token_command(self.program, "keyring", KEY_ACCOUNT)}
        if self.path.sign_in == "own":
            return {HELPER: token_command(self.program, self.store)}
        if self.path.run == "aws-refresh":
            usual = f"aws sso login --profile {shlex.quote(self.text('profile'))}"
            return {AWS_REFRESH: self.text("refresh") or usual}
        if self.path.run == "gcp-refresh":
            return {GCP_REFRESH: self.text("refresh") or "gcloud auth application-default login"}
        return {}

    def secret_variables(self) -> frozenset[str]:
        return frozenset(one.variable for one in self.path.fields if one.secret and one.variable)

    def field(self, id: str) -> SetUpField:
        return next(one for one in self.path.fields if one.id == id)

    def filled(self) -> SetUpChoice:
        """With something in every field that has to be filled in: enough to tell which source wins."""
        usual = {"url": "https://gateway.invalid"}
        missing = [one.id for one in self.path.fields if not one.optional and one.id not in self.values]
        made = {name: Secret(usual.get(name, "x-1")) for name in missing}
        return replace(self, values={**self.values, **made})

    # ── the machine then ─────────────────────────────────────────────────────────────────────────

    def foreseen(self, snapshot: Snapshot) -> Snapshot:
        """The machine as it will be seen in a new shell, once all of it is done."""
        path = settings_path(snapshot)
        settings = dict(snapshot.settings)
        for name, text in self.settings.items():
            other = [s for s in settings.get(name, ()) if s.origin.path != path]
            made = Setting(name, Secret(text), Origin("settings", "user", path))
            settings[name] = tuple(sorted([made, *other], key=_strength))
        after = self._with_variables(snapshot)._replace(settings=settings)
        return self._signed_in(self._approved(after))

    def _with_variables(self, snapshot: Snapshot) -> Snapshot:
        path = settings_path(snapshot)
        origin = Origin("environment") if self.place == "shell" else Origin("settings", "user", path)
        variables = dict(snapshot.variables)
        for name, value in self.variables.items():
            kept = [a for a in variables.get(name, ()) if not _is_replaced(a, origin)]
            placed = Assignment(name, value, origin._replace(variable=name))
            variables[name] = tuple(sorted([placed, *kept], key=_strength))
        return snapshot._replace(variables=variables)

    def _approved(self, snapshot: Snapshot) -> Snapshot:
        key = self.variables.get("ANTHROPIC_API_KEY")
        if key is None:
            return snapshot
        state = snapshot.claude_json
        suffix = Secret(suffix_of(key))
        rejected = tuple(one for one in state.rejected if one != suffix)
        return snapshot._replace(
            claude_json=state._replace(approved=(*state.approved, suffix), rejected=rejected)
        )

    def _signed_in(self, snapshot: Snapshot) -> Snapshot:
        """With a login that is as good as a new one."""
        if self.path.sign_in == "subscription":
            origin = Origin("file", path=snapshot.places.credentials_path)
            hours = snapshot.observed_at + 8 * 3600
            tokens = TokenSet(_MADE_UP, _MADE_UP, hours, scopes=("user:inference", "user:profile"))
            return snapshot._replace(login=StoreReading(origin, tokens))
        if self.path.sign_in == "console":
            return snapshot._replace(claude_json=snapshot.claude_json._replace(primary_api_key=_MADE_UP))
        return snapshot


def settings_path(snapshot: Snapshot) -> str:
    return os.path.join(snapshot.places.config_dir, "settings.json")


def _is_replaced(found: Assignment, origin: Origin) -> bool:
    if origin.kind == "environment":
        return found.origin.kind == "environment"
    return found.origin.path == origin.path


def _strength(found: Assignment | Setting) -> int:
    return _STRONGEST_FIRST.index(found.origin.layer)
