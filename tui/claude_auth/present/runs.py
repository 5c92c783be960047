"""A command that is or was run, as lines and as JSON: what it is, what it came to, what was run before. Pure;
no secret in either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from claude_auth.present.lines import Line, Row, Span, fact, line, wrap
from claude_auth.security.sanitize import clean, shown_path
from claude_auth.sources.source import withheld_words
from claude_auth.words import Exact, StatusText, abbreviate_home, origin_words, with_command
from claude_auth.words.times import iso, log_time

if TYPE_CHECKING:
    from claude_auth.actions.run_command import CommandPlan, RunResult
    from claude_auth.actions.runs import PastRun
from claude_auth.cloud.identity import Answer

SUGGESTED = "suggested by this program; no settings file names this command"
_LABEL = 10


def where_words(proposal: CommandPlan, home: str) -> str:
    if proposal.suggested:
        return SUGGESTED
    return f"{proposal.setting}, {origin_words(proposal.origin, home)}"


def beware_words(proposal: CommandPlan, home: str) -> list[StatusText]:
    """What to know before it is run."""
    found = proposal.beware(home)
    if proposal.hides_shell:
        words = "what is hidden of it, being shaped like a secret, may run something too: read it in the file"
        found.append(StatusText("▲", words, "warn"))
    for name in proposal.missing:
        words = f"{name} is not on PATH or not executable: the command will fail there"
        found.append(StatusText("▲", words, "warn"))
    return found


def fate_words(proposal: CommandPlan) -> str:
    """What becomes of what it prints."""
    if proposal.prints_a_secret:
        return (
            "What it prints on stdout is a credential: it is checked as Claude Code does, shown masked, and "
            "written nowhere. What it says on stderr is shown."
        )
    return (
        "What it prints is shown line by line, what is shaped like a secret hidden. Who answers is asked "
        "over the network, before and after."
    )


def consent_lines(proposal: CommandPlan, home: str, width: int) -> list[Line]:
    found = [
        *fact("command", line(Span(proposal.shown, "accent")), width, _LABEL),
        *fact("from", line(where_words(proposal, home)), width, _LABEL),
    ]
    for run in proposal.asks_by:
        found += fact("asking", line("runs ", Span(run.command, "accent"), f", {run.where}"), width, _LABEL)
    for word in beware_words(proposal, home):
        found += wrap(line(word), width, 2)
    return [*found, (), *wrap(line(Span(fate_words(proposal), "dim")), width)]


def command_lines(proposal: CommandPlan, home: str, width: int) -> list[Line]:
    """Above the output: at most three lines of the command, and where it comes from."""
    command = wrap(line(" ", Span("$ ", "dim"), Span(proposal.shown, "accent")), width, 3)
    if len(command) > 3:
        command = (
            *command[:2],
            line("   ", Span("… (the whole of it stands in the question before)", "dim")),
        )
    where = where_words(proposal, home)
    return [*command, *wrap(line(" ", Span(where, "dim")), width, 3)]


def time_words(elapsed: float, limit: float | None) -> str:
    """`0:42 of 3:00`."""
    return (
        f"{_minutes(elapsed)} of {_minutes(limit)}" if limit is not None else f"{_minutes(elapsed)}, no limit"
    )


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def result_lines(finished: RunResult, home: str, width: int) -> list[Line]:
    """What it came to: the end itself, what its output means, who answers now."""
    understood, ended = finished.understood, finished.ended
    label = max([_LABEL, *(len(name) + 2 for name, _ in understood.facts)])

    def told(name: str, word: StatusText) -> tuple[Line, ...]:
        text = abbreviate_home(word.text, home)
        return fact(name, line(Span(f"{word.glyph} {text}", word.role)), width, label)

    good = understood.accepted
    found = [*told("result", StatusText("✓" if good else "✗", understood.text, "ok" if good else "fail"))]
    if ended is not None and understood.text not in ended.text:
        fine = ended.cause == "exited" and ended.exit_code == 0
        found += told("ended", StatusText("·" if fine else "▲", ended.text, "plain" if fine else "warn"))
    for name, value in understood.facts:
        found += fact(name, line(clean(value, 200)), width, label)
    for warning in understood.warnings:
        found += told("", StatusText("▲", warning, "warn"))
    if finished.change is not None:
        found += told("identity", finished.change)
    trouble = finished.after.trouble if finished.after is not None else None
    if trouble is not None:
        found += fact("", line(abbreviate_home(trouble.meaning, home)), width, label)
        for fix in trouble.fixes:
            found += told("", StatusText("▸", fix.title, "plain"))
            if fix.command:
                found += fact("", line("  ", Span(clean(fix.command, 400), "accent")), width, label)
    return found


# ── what was run before ──────────────────────────────────────────────────────────────────────────


def history_rows(runs: Sequence[PastRun], problem: str, width: int) -> list[Row]:
    """`problem`: why the journal can't be read."""
    if problem:
        word = StatusText("✗", f"the journal can't be read: {problem}", "fail")
        return [Row(None, wrap(line(word), width, 2))]
    if not runs:
        words = "The journal tells of no command that was run here."
        return [Row(None, wrap(line(Span(words, "dim")), width))]
    found = []
    for number, run in enumerate(runs):
        seconds = "" if run.seconds is None else f"{run.seconds:.1f} s"
        word = run.outcome
        head = line(Span(f"{log_time(run.at)}  ", "dim"), f"{clean(run.setting, 40):<20} ", f"{seconds:>8}  ")
        outcome = Span(f"{word.glyph} {word.text}", word.role)
        if width < 80:
            found.append(Row(str(number), (*wrap(head, width), *wrap((Span("  "), outcome), width, 4))))
        else:
            found.append(Row(str(number), wrap((*head, outcome), width, 47)))
    return found


# ── for the command line ─────────────────────────────────────────────────────────────────────────


def proposal_lines(proposal: CommandPlan, home: str, *, agreed: bool = False) -> list[str]:
    """What is about to be run, and whose idea that is. `agreed`: twice beforehand."""
    lines = [Exact(f"Command  {proposal.shown}"), f"From     {where_words(proposal, home)}"]
    lines += [f"Asking   runs {run.command}, {run.where}" for run in proposal.asks_by]
    lines += [f"Beware   {word.text}" for word in proposal.beware(home, agreed=agreed)]
    if proposal.hides_shell:
        lines.append("Beware   what is hidden of it may run something too: read it in the file")
    lines += [f"Missing  {name} is not on PATH or not executable" for name in proposal.missing]
    return lines


def finished_lines(finished: RunResult) -> list[str]:
    """How it went, for people."""
    understood, ended = finished.understood, finished.ended
    result = f"{'✓' if understood.accepted else '✗'} {understood.text}"
    if ended is not None and ended.text not in understood.text:
        result += f" ({ended.text})"
    lines = [result, *(f"  {name}  {value}" for name, value in understood.facts)]
    lines += [f"▲ {warning}" for warning in understood.warnings]
    if finished.run.withheld:
        lines.append(f"▲ {withheld_words(finished.run)}")
    if finished.change is not None:
        lines.append(str(finished.change))
    trouble = finished.after.trouble if finished.after is not None else None
    if trouble is not None:
        lines.append(f"  {trouble.meaning}")
        lines += [with_command(f"  ▸ {fix.title}", fix.command) for fix in trouble.fixes]
    return lines


def run_document(proposal: CommandPlan, finished: RunResult) -> dict[str, object]:
    """The same for programs; no secret in it."""
    understood, ended, after = finished.understood, finished.ended, finished.after
    trouble = after.trouble if after is not None else None
    return {
        "schema": 1,
        "command": finished.kind,
        "setting": proposal.setting,
        "suggested": proposal.suggested,
        "shown": proposal.shown,
        "path": None if proposal.origin.path is None else shown_path(proposal.origin.path, 500),
        "line": proposal.origin.line,
        "from_repository": proposal.from_repository,
        "trusted": proposal.trusted,
        "withheld": [clean(name, 60) for name in finished.run.withheld],
        "missing": list(proposal.missing),
        "ok": finished.ok,
        "accepted": understood.accepted,
        "result": understood.text,
        "facts": dict(understood.facts),
        "warnings": list(understood.warnings),
        "fingerprint": understood.fingerprint,
        "expires_at": iso(understood.expires_at),
        "exit_code": ended.exit_code if ended is not None else None,
        "signal": ended.signal if ended is not None else None,
        "cause": ended.cause if ended is not None else "not-started",
        "seconds": round(finished.run.seconds, 3),
        "identity": _identity(after),
        "trouble": None if trouble is None else {"code": trouble.code, "text": trouble.title},
        "change": finished.change.text if finished.change is not None else None,
    }


def _identity(answer: Answer | None) -> dict[str, object] | None:
    if answer is None or answer.identity is None:
        return None
    from claude_auth.cloud.identity import AwsIdentity

    found = answer.identity
    more = {"arn": found.arn} if isinstance(found, AwsIdentity) else {"project": found.project}
    return {"account": found.account, **more, "expires_at": iso(found.expires_at)}
