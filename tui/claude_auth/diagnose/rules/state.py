"""Claude Code's state file `.claude.json`, and its copies."""

from __future__ import annotations

from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.diagnose.rules.seen import NO_SECOND_LOOK, Answer, Rule, RuleMatch
from claude_auth.diagnose.rules.stores import quoted
from claude_auth.model import Fix, Severity


def _damaged(s: DiagnosisContext) -> Answer:
    state = s.snapshot.claude_json
    if state.damage is None or state.damage.is_missing or not s.is_claude_code:
        return None
    whole = [] if s.snapshot.more is None else [backup for backup in s.snapshot.more.backups if backup.whole]
    if state.damage.code == "bom":
        old = f"{quoted(state.path)}.old"
        command = f"cp -p {quoted(state.path)} {old} && tail -c +4 {old} > {quoted(state.path)}"
        fix = Fix("with every claude closed, write it without the mark", command)
    elif whole:
        title = "with every claude closed, restore the newest whole copy"
        fix = Fix(title, f"cp {quoted(whole[0].path)} {quoted(state.path)}")
    else:
        look = f"ls -t {quoted(state.path)}.backup* ~/.claude/backups/ 2>/dev/null"
        fix = Fix("look for a backup to restore", look)
    return RuleMatch(f"{state.path}: {state.damage.text}", (fix,), "managed-key")


def _damaged_before(s: DiagnosisContext) -> Answer:
    if s.snapshot.more is None:
        return NO_SECOND_LOOK
    copies, state = s.snapshot.more.corrupted, s.snapshot.claude_json
    if not copies or not s.is_claude_code or (state.damage is not None and not state.damage.is_missing):
        return None
    count = "one copy" if len(copies) == 1 else f"{len(copies)} copies"
    return RuleMatch(f"{count} moved aside, the newest {copies[0].path}", (), "managed-key")


def _onboarding(s: DiagnosisContext) -> Answer:
    """The wizard of interactive Claude Code; who has an account there went through it. A state file that
    can't be read is told by another finding."""
    state = s.snapshot.claude_json
    damaged = state.damage is not None and not state.damage.is_missing
    if s.resolution.client != "claude" or state.onboarded or damaged or s.resolution.usable is False:
        return None
    if s.resolution.winner is None or state.email is not None or state.organization_id is not None:
        return None
    why = "is not there" if state.damage is not None else "does not say that the first start was completed"
    fixes = (
        Fix("go through the questions once", "claude"),
        Fix("or let one run without a terminal write the file", "claude -p ok"),
    )
    begun: Severity | None = "warning" if state.onboarded is False else None
    return RuleMatch(f"{state.path} {why}", fixes, s.resolution.winner, severity=begun)


RULES: dict[str, Rule] = {
    "state-file-damaged": _damaged,
    "state-file-corrupted-before": _damaged_before,
    "onboarding-unfinished": _onboarding,
}
