"""What `claude-auth run` says before and after, as lines and as JSON; no secret in either."""

from __future__ import annotations

from claude_auth.actions.run_command import CommandPlan, RunResult
from claude_auth.cloud.identity import Answer, AwsIdentity
from claude_auth.sources.source import withheld_words
from claude_auth.words import origin_words
from claude_auth.words.times import iso


def proposal_lines(proposal: CommandPlan, home: str, *, agreed: bool = False) -> list[str]:
    """What is about to be run, and whose idea that is. `agreed`: twice beforehand."""
    where = "suggested by this program; no settings file names a command"
    if not proposal.suggested:
        where = f"{proposal.setting}, {origin_words(proposal.origin, home)}"
    lines = [f"Command  {proposal.shown}", f"From     {where}"]
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
        lines += [f"  ▸ {fix.title}" + (f": {fix.command}" if fix.command else "") for fix in trouble.fixes]
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
        "path": proposal.origin.path,
        "line": proposal.origin.line,
        "from_repository": proposal.from_repository,
        "trusted": proposal.trusted,
        "withheld": list(finished.run.withheld),
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
    found = answer.identity
    more = {"arn": found.arn} if isinstance(found, AwsIdentity) else {"project": found.project}
    return {"account": found.account, **more, "expires_at": iso(found.expires_at)}
