"""What a command that was run came to: its end, its output understood, and who answers after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.aws.plan import plan_aws
from claude_auth.cloud.command_output import Understood
from claude_auth.cloud.commands import CommandKind, CommandPlan, PlannedCommand, aws_will_run, google_will_run
from claude_auth.cloud.google import plan_google
from claude_auth.cloud.identity import AwsAnswer, GoogleAnswer, ask_aws, ask_google, compared
from claude_auth.model import CommandRun
from claude_auth.processes.terminal import Ended
from claude_auth.words import StatusText

Answer = AwsAnswer | GoogleAnswer


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
        view = replace(view, snapshot=replace(view.snapshot, runs=runs))
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
