"""What an evaluation would do, in the words that the person is asked with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from claude_auth.model import Resolution, Setting, Snapshot
from claude_auth.named_tuples import NamedTuple
from claude_auth.present.lines import Line, Span, fact, line, wrap
from claude_auth.security.sanitize import shown_command
from claude_auth.words import LAYERS, StatusText, beware_word, format_location, variables_word

if TYPE_CHECKING:
    from claude_auth.claude_code.effective import EffectiveConfig


NOTHING_TO_RUN = "there is nothing to run: no value here waits for a command to print it"
#: While it runs: when it begins, when it is asked for once more, and when somebody ended it.
RUNS = "it runs: Esc or ^x ends it"
UNDER_WAY = "it is under way: ^x ends it"
CANCELLED = "cancelled: what was run is ended, and nothing was learned"


class EvaluationRequest(NamedTuple):
    """One thing to be allowed. `foreign`: a project's file says so, which anybody may have written, or
    another user's. `distrusted`: it needs a second question. `given`, `withheld`: which variables of settings
    that are not trusted it gets with the second yes, and goes without with the first alone."""

    what: str
    command: str = ""
    where: str = ""
    foreign: bool = False
    distrusted: bool = False
    beware: StatusText | None = None
    given: StatusText | None = None
    withheld: StatusText | None = None
    setting: str = ""

    @property
    def asked_twice(self) -> bool:
        return self.distrusted or self.given is not None

    def variables_word(self, agreed: bool) -> StatusText | None:
        """`agreed`: what the second yes means, else what the first one does."""
        return self.given if agreed or self.distrusted else self.withheld


def evaluation_requests(
    snapshot: Snapshot, client: str, version: str | None
) -> tuple[EvaluationRequest, ...]:
    """What the answer for this client still needs: first what one yes allows."""
    from claude_auth.actions.evaluate import evaluation_plan
    from claude_auth.claude_code.effective import EffectiveConfig
    from claude_auth.resolve import resolve

    view = EffectiveConfig.of(snapshot, resolve(snapshot, client, version))
    once, twice = (
        evaluation_plan(snapshot, client, version),
        evaluation_plan(snapshot, client, version, agreed=True),
    )
    found = [_run(setting, view, distrusted=False) for setting in once.commands]
    for name in once.descriptors:
        number = snapshot.descriptors[name].number
        what = f"read descriptor {number}, which works once: Claude Code, started from here, finds it empty"
        found.append(EvaluationRequest(what, where=name))
    more = (setting for setting in twice.commands if setting not in once.commands)
    return (*found, *(_run(setting, view, distrusted=True) for setting in more))


def evaluating_words(wanted: tuple[EvaluationRequest, ...], agreed: bool) -> str:
    """While it is done. `agreed`: to the second question, too."""
    names = [one.setting for one in wanted if one.setting and (agreed or not one.distrusted)]
    return f"running {' and '.join(names)}" if names else "reading"


def second(wanted: tuple[EvaluationRequest, ...]) -> tuple[EvaluationRequest, ...]:
    """What the second question is about."""
    return tuple(request for request in wanted if request.asked_twice)


def refusal(wanted: tuple[EvaluationRequest, ...]) -> str | None:
    """Why nothing can be evaluated; None where something can."""
    if wanted:
        return None
    return "there is nothing left to run: what is unknown only the network could tell"


def evaluation_refusal(
    snapshot: Snapshot, resolution: Resolution, version: str | None, ours: Callable[[], bool]
) -> str | None:
    """Why nothing can be evaluated for that program. `ours`: whether the files looked at are the caller's."""
    from claude_auth.actions.look import NOT_OWNER

    if not waits_for_a_run(resolution):
        return NOTHING_TO_RUN  # the common case, told without asking the evaluation itself
    if not ours():
        return f"not run: {NOT_OWNER}"
    refused = refusal(evaluation_requests(snapshot, resolution.client, version))
    if refused and any(run.problem for run in snapshot.runs.values()):
        return "it was run and gave no answer: x runs it again, and shows what it says"
    return refused


def waits_for_a_run(resolution: Resolution) -> bool:
    """Whether anything that is sent is not known by value, or that anything is sent."""
    wire, blocked = resolution.wire, resolution.blocked
    if blocked is not None and blocked.code == "not-checked":
        return True
    headers = () if wire is None else (wire.x_api_key, wire.authorization)
    return any(header is not None and header.value is None for header in headers)


def _run(setting: Setting, view: EffectiveConfig, *, distrusted: bool) -> EvaluationRequest:
    from claude_auth.cloud.environment import distrusted_variables

    origin, home = setting.origin, view.snapshot.places.home
    where = format_location(origin.location, home) if origin.path else ""
    layer = LAYERS[origin.layer] if origin.layer else "settings"
    trusted = not view.snapshot.distrusts(origin)
    # The program of a policy gets none of any settings.
    variables = () if setting.name == "policyHelper" else distrusted_variables(view, setting.name)
    return EvaluationRequest(
        f"run {setting.name}, from {layer}",
        shown_command(setting.value.reveal(), 20_000),
        where,
        foreign=origin.of_project or not trusted,
        distrusted=distrusted,
        beware=beware_word(origin, trusted=trusted),
        given=variables_word(variables, home, given=True),
        withheld=variables_word(variables, home, given=False),
        setting=setting.name,
    )


def evaluation_lines(wanted: tuple[EvaluationRequest, ...], again: bool, width: int) -> list[Line]:
    """What would be run or read, exactly, and where it is configured. `again`: for the second question."""
    found: list[Line] = []
    for number, request in enumerate(wanted):
        found += [()] if number else []
        found += wrap(line(Span(f"{number + 1}. {request.what}", "strong")), width, 3)
        if request.command:
            found += fact("command", line(Span(request.command, "accent")), width, 11)
        if request.where:
            found += fact("set in", line(request.where), width, 11)
        for word in (request.beware, request.variables_word(again)):
            if word is not None:
                found += wrap(line(word), width, 2)
    words = "What it prints is kept in memory, shown masked, and written nowhere."
    return [*found, (), *wrap(line(Span(words, "dim")), width)]
