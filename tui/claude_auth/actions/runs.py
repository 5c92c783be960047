"""The commands that can be run here: what the settings name and what we suggest; what a run came to, who
answers after it, and the last runs of the journal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from claude_auth.actions.look import effective_config
from claude_auth.claude_code.clients import BY_ID
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.aws.plan import plan_aws
from claude_auth.cloud.command_output import Understood
from claude_auth.cloud.commands import (
    SETTINGS,
    CommandKind,
    CommandPlan,
    PlannedCommand,
    aws_will_run,
    google_will_run,
    propose,
    suggested_aws,
    suggested_google,
)
from claude_auth.cloud.google import plan_google
from claude_auth.cloud.identity import Answer, ask_aws, ask_google, compared
from claude_auth.cloud.providers import GOOGLE, is_set_up
from claude_auth.formats.journal_line import JournalEntry
from claude_auth.model import CommandRun, Event, Snapshot
from claude_auth.named_tuples import NamedTuple
from claude_auth.processes.lifetime import Ended
from claude_auth.words import StatusText


@dataclass(frozen=True, slots=True)
class RunResult:
    """The last word. `run` belongs into `Snapshot.runs`; `after` is who answers now, where that was asked,
    `change` what is different from before."""

    kind: CommandKind
    ok: bool
    ended: Ended | None
    understood: Understood
    run: CommandRun
    before: Answer | None = None
    after: Answer | None = None
    change: StatusText | None = None


def asking_runs(
    kind: CommandKind, view: EffectiveConfig, environ: Mapping[str, str]
) -> tuple[PlannedCommand, ...]:
    """What asking who answers would run itself, beside the command."""
    if kind == "api-key-helper":
        return ()
    if kind == "gcp-refresh":
        google = plan_google(view, environ)
        return google_will_run(google, view) if google.commands else ()
    aws = plan_aws(view, environ)
    return aws_will_run(aws, view) if aws.commands else ()


def who_answers(
    kind: CommandKind,
    run: CommandRun | None,
    view: EffectiveConfig,
    environ: Mapping[str, str],
    token_endpoint: str | None,
    *,
    allowed: Collection[PlannedCommand],
) -> Answer | None:
    """Blocks. `run`: what counts as run, where the answer depends on its output. None: asking would run what
    is not `allowed`."""
    if kind == "aws-export" and run is not None:
        runs = {**view.snapshot.runs, run.setting: run}
        view = view._replace(snapshot=view.snapshot._replace(runs=runs))
    if not set(asking_runs(kind, view, environ)) <= set(allowed):
        return None
    if kind == "gcp-refresh":
        return ask_google(plan_google(view, environ), view, environ, token_endpoint=token_endpoint)
    return ask_aws(plan_aws(view, environ), view, environ)


def compared_key(earlier: CommandRun | None, understood: Understood) -> StatusText | None:
    if earlier is None or understood.fingerprint is None:
        return None
    was = earlier.stdout.stripped().fingerprint
    if was == understood.fingerprint:
        return StatusText("✓", f"the same key as before, {was}", "ok")
    return StatusText("▲", f"another key than before: {was} → {understood.fingerprint}", "warn")


def before_words(proposal: CommandPlan, before: Answer) -> str:
    if before.identity is not None:
        return (
            f"{compared(None, before).text} answers already: Claude Code would not run {proposal.setting} now"
        )
    return f"before: {before.trouble.title if before.trouble is not None else 'no answer'}"


# ── what can be run ───────────────────────────────────────────────────────────────────────────────────

KINDS: tuple[CommandKind, ...] = ("aws-refresh", "aws-export", "gcp-refresh", "api-key-helper")


class RunOffer(NamedTuple):
    """`proposal` None: that setting is not configured."""

    kind: CommandKind
    proposal: CommandPlan | None

    @property
    def setting(self) -> str:
        return SETTINGS[self.kind]


def config_for_commands(snapshot: Snapshot, client: str, version: str | None = None) -> EffectiveConfig:
    """As the program that asks reads the settings; as Claude Code does, where that one reads none."""
    return effective_config(snapshot, client if BY_ID[client].settings else "claude", version)


def to_be_run(kind: CommandKind, view: EffectiveConfig, environ: Mapping[str, str]) -> CommandPlan | None:
    """The configured command, else the sign-in that would be suggested; None where there is neither."""
    found = propose(kind, view, environ) or next(iter(_suggested(kind, view, environ)), None)
    return None if found is None else told_with(found, view, environ)


def told_with(proposal: CommandPlan, view: EffectiveConfig, environ: Mapping[str, str]) -> CommandPlan:
    """Beside the command, what asking who answers would run. A repository's is left out: for that one a
    person is asked on its own, on the pane of the cloud."""
    runs = asking_runs(proposal.kind, view, environ)
    return replace(proposal, asks_by=tuple(run for run in runs if not run.from_repository))


def run_offers(
    kinds: Sequence[CommandKind], view: EffectiveConfig, environ: Mapping[str, str]
) -> tuple[RunOffer, ...]:
    """Reads files. `kinds` empty: all. What is configured first, then what we suggest, unless that is what
    one's own settings say; where no kind is named, only for a cloud that is set up."""
    wanted = kinds or KINDS
    found = [RunOffer(kind, propose(kind, view, environ)) for kind in wanted]
    own = {offer.proposal.command for offer in found if offer.proposal and offer.proposal.confirmations == 1}
    for kind in wanted:
        suggested = _suggested(kind, view, environ, named=bool(kinds))
        found += [RunOffer(kind, proposal) for proposal in suggested if proposal.command not in own]
    return tuple(
        offer if offer.proposal is None else offer._replace(proposal=told_with(offer.proposal, view, environ))
        for offer in found
    )


def _suggested(
    kind: CommandKind, view: EffectiveConfig, environ: Mapping[str, str], *, named: bool = True
) -> list[CommandPlan]:
    """The form that fits this terminal, then the other one: with or without a browser on this side."""
    found: list[CommandPlan | None] = []
    if kind == "aws-refresh":
        aws = plan_aws(view, environ)
        other = replace(aws, over_ssh=not aws.over_ssh)
        found = [suggested_aws(plan, view, environ) for plan in (aws, other)]
    elif kind == "gcp-refresh":
        google = plan_google(view, environ)
        elsewhere = replace(google, over_ssh=not google.over_ssh)
        if named or is_set_up(GOOGLE, view, google):
            found = [suggested_google(plan, view, environ) for plan in (google, elsewhere)]
    return [proposal for proposal in found if proposal is not None]


# ── what was run ──────────────────────────────────────────────────────────────────────────────────────

MOST = 100
_BEGINS = ("run.before", "run.started", "run.refused")
NO_END = StatusText("·", "its end is not told: under way still, or broken off", "dim")


class PastRun(NamedTuple):
    """`seconds` None: its end is not told."""

    setting: str
    events: tuple[Event, ...]

    @property
    def at(self) -> float:
        return self.events[0].at

    @property
    def seconds(self) -> float | None:
        times = {event.kind: event.at for event in self.events}
        if "run.started" not in times or "run.ended" not in times:
            return None
        return times["run.ended"] - times["run.started"]

    @property
    def outcome(self) -> StatusText:
        """What was understood of it, else how it ended."""
        told = {event.kind: event for event in self.events}
        for kind in ("run.refused", "run.understood", "run.ended"):
            if kind in told:
                event = told[kind]
                text = event.text.removeprefix(f"{self.setting} · ")
                return StatusText("✗", text, "fail") if event.level != "info" else StatusText("✓", text, "ok")
        return NO_END


def past_runs(entries: Iterable[JournalEntry]) -> tuple[PastRun, ...]:
    """The newest first. Runs of several programs may stand between one another."""
    runs: dict[int, list[Event]] = {}
    current: dict[tuple[int, str], int] = {}
    for number, entry in enumerate(entries):
        event = entry.event
        setting = event.data.get("setting")
        if not event.kind.startswith("run.") or not isinstance(setting, str):
            continue
        place = (entry.pid, setting)
        open_run = runs.get(current.get(place, -1), [])
        begun = {earlier.kind for earlier in open_run}
        fresh = event.kind in _BEGINS and bool(begun - {"run.before"} or event.kind in begun)
        if not open_run or fresh:
            current[place] = number
            runs[number] = []
        runs[current[place]].append(event)
    found = [PastRun(str(events[0].data["setting"]), tuple(events)) for events in runs.values()]
    return tuple(reversed(found[-MOST:]))


def read_runs(directory: str) -> tuple[PastRun, ...]:
    """Blocks. OSError where the journal can't be read."""
    from claude_auth.journal import read

    return past_runs(read(directory=directory))
