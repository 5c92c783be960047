"""What would win over the choice, or stop it, with the fix under it: the answer is asked for as if all were
done, and whatever stands in the way is taken away, until the choice wins. Reads files, writes none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from claude_auth.actions.fixes.files import startup_line_preview
from claude_auth.actions.fixes.plans import Preview
from claude_auth.actions.fixes.settings import setting_preview
from claude_auth.actions.fixes.shells import Shell, unset
from claude_auth.actions.set_up.choice import HELPER, SetUpChoice
from claude_auth.claude_code.destination import base_variable
from claude_auth.claude_code.variables import PROVIDER_OF
from claude_auth.model import NOWHERE, Origin, Resolution, Snapshot, StoreReading
from claude_auth.named_tuples import NamedTuple
from claude_auth.resolve import resolve
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret, without_locals
from claude_auth.sources import BY_ID, label
from claude_auth.words import format_location, origin_words

#: More than so many in a row would be a riddle, not a machine.
MOST = 12
#: Blocks that are for the choice's own steps to end.
_OWN_BLOCKS = frozenset({"no-credential", "no-cloud-credential"})
#: And those that end where their source goes; the usual one, where none is named.
_REMOVABLE = {"approval-pending": "anthropic-api-key", "blank-credential": None}
_SETTING_OF = {"api-key-helper": HELPER}


class Obstacle(NamedTuple):
    """`name`: the variable or the settings key that is to go, where it is one. `fixes`: with a change where
    it can be done here, else what to run by hand."""

    id: str
    title: str
    fixes: tuple[Preview, ...] = ()
    name: str | None = None


@without_locals
def obstacles(
    snapshot: Snapshot, choice: SetUpChoice, client: str, version: str | None = None, shell: Shell = "bash"
) -> tuple[Obstacle, ...]:
    """The first one is what wins now. `snapshot`: as a new shell would see it."""
    typed, choice = choice.variables, choice.filled()
    after = choice.foreseen(snapshot)
    found: list[Obstacle] = []
    for _ in range(MOST):
        resolution = resolve(after, client, version)
        wrong = _in_the_way(after, resolution, choice, typed)
        if wrong is None:
            return tuple(found)
        obstacle = _obstacle(snapshot, wrong, resolution, choice, shell)
        if obstacle.id in {one.id for one in found}:
            return tuple(found)
        found.append(obstacle)
        after = _without(after, wrong, choice)
    return tuple(found)


class _Wrong(NamedTuple):
    """`source` or `name` is to go; `blocked`: nothing can."""

    source: str | None = None
    name: str | None = None
    blocked: bool = False


def _in_the_way(
    after: Snapshot, resolution: Resolution, choice: SetUpChoice, typed: Mapping[str, Secret]
) -> _Wrong | None:
    blocked, expected = resolution.blocked, set(choice.path.expects)
    if overridden := _overridden(after, choice, typed):
        return _Wrong(name=overridden)
    if blocked is not None and blocked.code not in _OWN_BLOCKS:
        source = blocked.source or _REMOVABLE.get(blocked.code)
        removable = blocked.code in _REMOVABLE and source not in {None, *expected}
        return _Wrong(source, blocked=not removable)
    wanted = choice.path.provider
    if wanted is not None and resolution.provider != wanted:
        switches = {provider: name for name, provider in PROVIDER_OF.items()}
        return _Wrong(name=switches.get(resolution.provider) or base_variable(resolution.provider))
    if resolution.winner is not None and resolution.winner not in expected:
        return _Wrong(resolution.winner)
    also = [s.reading.source for s in resolution.standings if s.verdict == "also-sent"]
    return next((_Wrong(source) for source in also if source not in expected), None)


def _overridden(after: Snapshot, choice: SetUpChoice, typed: Mapping[str, Secret]) -> str | None:
    """A variable or a key of the choice itself that something stronger sets otherwise."""
    for name, value in typed.items():
        told = after.variables.get(name, ())
        if told and told[0].value != value:
            return name
    for name, text in choice.settings.items():
        settings = after.settings.get(name, ())
        if settings and settings[0].value.reveal() != text:
            return name
    return None


def _without(after: Snapshot, wrong: _Wrong, choice: SetUpChoice) -> Snapshot:
    name = _name_of(wrong)
    if name is not None:
        wanted = choice.variables.get(name)
        text = choice.settings.get(name)
        return after._replace(
            variables={
                **after.variables,
                name: tuple(
                    a for a in after.variables.get(name, ()) if wanted is not None and a.value == wanted
                ),
            },
            settings={
                **after.settings,
                name: tuple(
                    s for s in after.settings.get(name, ()) if text is not None and s.value.reveal() == text
                ),
            },
        )
    if wrong.source == "stored-login":
        return after._replace(login=StoreReading(NOWHERE))
    if wrong.source == "managed-key":
        return after._replace(claude_json=after.claude_json._replace(primary_api_key=None))
    return after


def _name_of(wrong: _Wrong) -> str | None:
    if wrong.name is not None or wrong.source is None:
        return wrong.name
    if wrong.source in _SETTING_OF:
        return _SETTING_OF[wrong.source]
    return BY_ID[wrong.source].variable if wrong.source in BY_ID else None


# ── words and fixes ──────────────────────────────────────────────────────────────────────────────


def _obstacle(
    snapshot: Snapshot, wrong: _Wrong, resolution: Resolution, choice: SetUpChoice, shell: Shell
) -> Obstacle:
    home, name = snapshot.places.home, _name_of(wrong)
    if wrong.blocked and resolution.blocked is not None:
        return Obstacle(resolution.blocked.code, clean(resolution.blocked.reason, 400))
    fixes = () if name is None else tuple(_numbered(_fixes(snapshot, name, choice, shell)))
    if name is not None:
        where = ", ".join(dict.fromkeys(_place_words(o, home) for o in _origins(snapshot, name)))
        return Obstacle(
            name, clean(f"{name} would win; it is set in {where or 'this shell'}", 400), fixes, name
        )
    source = wrong.source or ""
    row = BY_ID.get(source)
    by_hand = () if row is None else (_by_hand(source, row.sign_out or row.unset),)
    return Obstacle(source, f"{label(source)} would win", by_hand)


def _place_words(origin: Origin, home: str) -> str:
    if origin.kind != "environment":
        return origin_words(origin, home)
    places = [format_location(at, home) for at in origin.likely_set_at]
    return ", ".join(places) or "this shell, from a place that was not found"


def _origins(snapshot: Snapshot, name: str) -> tuple[Origin, ...]:
    assigned = (a.origin for a in snapshot.variables.get(name, ()))
    return (*assigned, *(s.origin for s in snapshot.settings.get(name, ())))


def _fixes(snapshot: Snapshot, name: str, choice: SetUpChoice, shell: Shell) -> Iterator[Preview]:
    home = snapshot.places.home
    key = ("env", name) if name in snapshot.variables else (name,)
    for origin in _origins(snapshot, name):
        if origin.kind == "settings" and (origin.path or "").startswith("/"):
            yield setting_preview(name, key, origin, home, shell)
        elif origin.kind == "settings":
            yield _by_hand(name, f"start claude without what sets {name}")
        for location in origin.likely_set_at if origin.kind == "environment" else ():
            yield startup_line_preview(name, location, home, shell)
        if origin.kind == "environment" and not origin.likely_set_at:
            yield _by_hand(name, unset(name, shell))._replace(variable=name)


def _by_hand(name: str, command: str) -> Preview:
    return Preview(
        id="commands",
        kind="commands",
        finding=None,
        title=f"by hand: {clean(command, 300)}",
        explanation="",
        commands=(clean(command, 300),),
        by_hand="where it is set was not found, or it is not for this program to change",
    )


def _numbered(previews: Iterable[Preview]) -> Iterator[Preview]:
    for number, preview in enumerate(previews, 1):
        yield preview._replace(id=f"set-up/clear/{preview.id}-{number}")
