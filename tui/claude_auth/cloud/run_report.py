"""What `claude-auth run` says before and after, as lines and as JSON; no secret in either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.cloud.proposals import CommandPlan
from claude_auth.sources.source import withheld_words

if TYPE_CHECKING:
    from claude_auth.actions.run_command import RunResult


def proposal_lines(proposal: CommandPlan, home: str, *, agreed: bool = False) -> list[str]:
    """What is about to be run, and whose idea that is. `agreed`: twice beforehand."""
    from claude_auth.words import origin_words

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
    glyph = "✓" if finished.understood.accepted else "✗"
    result, ended = finished.understood.text, finished.ended
    lines = [
        f"{glyph} {result}" if ended is None or ended.text in result else f"{glyph} {result} ({ended.text})"
    ]
    lines += [f"  {name}  {value}" for name, value in finished.understood.facts]
    lines += [f"▲ {warning}" for warning in finished.understood.warnings]
    if finished.run.withheld:
        lines.append(f"▲ {withheld_words(finished.run)}")
    if finished.change is not None:
        lines.append(str(finished.change))
    trouble = finished.after.trouble if finished.after is not None else None
    if trouble is not None:
        lines.append(f"  {trouble.meaning}")
        lines += [f"  ▸ {fix.title}" + (f": {fix.command}" if fix.command else "") for fix in trouble.fixes]
    return lines


def document(proposal: CommandPlan, finished: RunResult) -> dict[str, object]:
    """The same for programs; no secret in it."""
    from claude_auth.cloud.aws import AwsIdentity
    from claude_auth.cloud.google import GoogleIdentity
    from claude_auth.words.timestamps import iso

    understood, ended, after = finished.understood, finished.ended, finished.after
    identity: dict[str, object] | None = None
    if after is not None and isinstance(after.identity, AwsIdentity):
        found = after.identity
        identity = {"account": found.account, "arn": found.arn, "expires_at": iso(found.expires_at)}
    elif after is not None and isinstance(after.identity, GoogleIdentity):
        other = after.identity
        identity = {"account": other.account, "project": other.project, "expires_at": iso(other.expires_at)}
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
        "identity": identity,
        "trouble": None if trouble is None else {"code": trouble.code, "text": trouble.title},
        "change": finished.change.text if finished.change is not None else None,
    }
