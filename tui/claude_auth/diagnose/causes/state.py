"""Claude Code's state file `.claude.json`, its copies, and files that are no JSON."""

from __future__ import annotations

from shlex import quote

from claude_auth.diagnose.cause import (
    LOOK_FOR_BACKUP,
    OPEN,
    Answer,
    Cause,
    MachineQuestion,
    MachineRule,
    RuleMatch,
)
from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.model import Fix, Severity


def _state_file_damaged(s: DiagnosisContext) -> Answer:
    """`.claude.json` is there and can't be read or parsed; a warning where it is empty or holds no object:
    then Claude Code starts all the same."""
    state = s.snapshot.claude_json
    if state.damage is None or state.damage.is_missing or not s.is_claude_code:
        return None
    whole = [backup for backup in s.more.backups if backup.whole]
    if whole:
        title = "with every claude closed, restore the newest whole copy"
        fix = Fix(title, f"cp {quote(whole[0].path)} {quote(state.path)}")
    else:
        look = f"ls -t {quote(state.path)}.backup* ~/.claude/backups/ 2>/dev/null"
        fix = Fix("look for a backup to restore", look)
    severity: Severity | None = "warning" if state.damage.code in {"empty", "wrong-type"} else None
    return RuleMatch(f"{state.path}: {state.damage.text}", (fix,), "managed-key", severity=severity)


def _state_file_corrupted_before(s: DiagnosisContext) -> Answer:
    """Copies named `.claude.json.corrupted.*` lie beside a whole `.claude.json`."""
    copies, state = s.more.corrupted, s.snapshot.claude_json
    if not copies or not s.is_claude_code or (state.damage is not None and not state.damage.is_missing):
        return None
    count = "one copy" if len(copies) == 1 else f"{len(copies)} copies"
    return RuleMatch(f"{count} moved aside, the newest {copies[0].path}", (), "managed-key")


def _onboarding_unfinished(s: DiagnosisContext) -> Answer:
    """Interactive client, something would be sent, and `.claude.json` has neither an account nor
    `hasCompletedOnboarding`; a warning where that says `false`.

    The wizard of interactive Claude Code; who has an account there went through it. A state file that can't
    be read is told by another finding."""
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


def _damage(*codes: str) -> MachineQuestion:
    """Whether a file of Claude Code has one of these kinds of damage."""

    def question(s: DiagnosisContext) -> Answer:
        damaged = [
            (s.snapshot.claude_json.path, s.snapshot.claude_json.damage),
            (s.snapshot.login.origin.path, s.snapshot.login.damage),
            *((file.path, file.damage) for file in s.snapshot.settings_files),
        ]
        for path, damage in damaged:
            if damage is not None and damage.code in codes:
                return RuleMatch(f"{path}: {damage.text}")
        return OPEN

    return question


def _never_onboarded(s: DiagnosisContext) -> Answer:
    """Given the text, whoever asks and whatever account is known."""
    if s.snapshot.claude_json.onboarded:
        return None
    if s.resolution.winner is None:
        return OPEN
    words = f"{s.snapshot.claude_json.path} has no hasCompletedOnboarding"
    return RuleMatch(words, certainty="likely")


CAUSES: tuple[Cause, ...] = (
    Cause(
        "state-file-damaged",
        "Claude Code's state file is damaged",
        "Without .claude.json Claude Code does not know which keys you approved, which folders you trust "
        "and whose account it is. Restore a backup before you let Claude Code reset it.",
        (57, 58),
        rule=MachineRule("error", _state_file_damaged),
    ),
    Cause(
        "onboarding-unfinished",
        "The first-start wizard will appear although a credential is there",
        "Interactive Claude Code asks for a way to sign in as long as .claude.json does not say that the "
        "first start was completed, whatever key or token is set. It looks as if the credential were not "
        "seen. Going through the questions once, or one run of claude -p, ends it.",
        (38, 53),
        rule=MachineRule("info", _onboarding_unfinished),
        title_beside_text="The first-start wizard was never finished",
        beside_text="Interactive Claude Code shows the choice of a sign-in until .claude.json says that the "
        "first start is done, whatever credential is set.",
        symptoms_beside_text=(38,),
        fixes=(
            Fix("answer once without the screen", "claude -p ok"),
            Fix('then set "hasCompletedOnboarding": true in ~/.claude.json, or go through the wizard once'),
        ),
        here=_never_onboarded,
        also="key-rejected base-url-without-token",
        phrases="70: select login method",
    ),
    Cause(
        "state-file-corrupted-before",
        "Claude Code's state file was damaged before",
        "Claude Code moved damaged copies of .claude.json aside, mostly after several sessions wrote it at "
        "once or the disk was full. The file in use is whole.",
        (57, 58),
        rule=MachineRule("info", _state_file_corrupted_before, second_look=True),
    ),
    Cause(
        "state-file-corrupted",
        "Claude Code's state file is damaged",
        "Several sessions wrote ~/.claude.json at the same time, or a write was cut off. A backup usually "
        "lies beside it. Do not choose the reset first: it forgets accounts, approvals and projects.",
        (57,),
        fixes=(Fix("close all sessions and restore the newest backup that parses"), LOOK_FOR_BACKUP),
        certainty="seen",
        seen_by="state-file-damaged",
        here=_damage("truncated", "empty", "not-json"),
        phrases="""
            90: configuration file at … is corrupted; also: disk-full bom-in-file; gap: 120
            85: corrupted file has been backed up; near: claude
            80 no-stranger: corrupted file has been backed up
            85: backup file exists at … .claude.json; gap: 120
            80: .claude.json.corrupted
            80: reset with default configuration; also: json-not-strict
            70 ours: unable to parse json string; also: json-not-strict; alone: 30
            70 no-stranger: json parse error unable to parse json string
            60 ours: unexpected end of json input; also: disk-full; alone: 0
            60: unexpected eof … .claude.json; also: disk-full; gap: 90
            92: .claude.json contains invalid json; also: json-not-strict bom-in-file
        """,
    ),
    Cause(
        "bom-in-file",
        "A file begins with a byte order mark",
        "Windows PowerShell writes one at the start of UTF-8 files. The file then is no plain JSON, and "
        "settings in it may be ignored as a whole.",
        (112,),
        fixes=(Fix("take it away", "sed -i '1s/^\\xEF\\xBB\\xBF//' ~/.claude/settings.json"),),
        seen_by="settings-file-ignored store-unusable state-file-damaged",
        here=_damage("bom", "utf-16"),
        phrases=r"""
            75 no-stranger: unrecognized token; also: json-not-strict; look: unrecogni[sz]ed
                token\s*['\"‘“]?\s*(?:\ufeff|ï»¿|\\?ufeff)?\s*['\"’”]
            80 no-stranger: unexpected token; look: unexpected token\W{0,4}(?:\ufeff|ufeff|ï»¿)
            70 ours: unexpected utf-8 bom; alone: 40
        """,
    ),
    Cause(
        "json-not-strict",
        "A settings file is no valid JSON",
        "Comments and trailing commas are not allowed, and one wrong value makes Claude Code drop the "
        "whole file: nothing in it is in effect.",
        (113,),
        fixes=(Fix("find the place", "python3 -m json.tool ~/.claude/settings.json"),),
        seen_by="settings-file-ignored",
        here=_damage("not-json", "wrong-type"),
        also="bom-in-file",
        phrases="""
            80 no-stranger: invalid or malformed json
            85: settings files did not load
            85: managed settings failed to load, managed settings document could not be parsed; also: none
            85 no-stranger: configuration file at … contains invalid json; also: bom-in-file
                state-file-corrupted; gap: 120
            60 ours: contains invalid json; also: bom-in-file state-file-corrupted; alone: 20
            60 ours: invalid settings; alone: 4
        """,
    ),
)
