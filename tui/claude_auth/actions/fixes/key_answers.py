"""The answer to Claude Code's question about an API key: `customApiKeyResponses` in `.claude.json`."""

from __future__ import annotations

from collections.abc import Iterator

from claude_auth.actions.fixes.diffs import json_diff
from claude_auth.actions.fixes.plans import Case, FileEdit, Kind, Preview
from claude_auth.files import LARGE_LIMIT, read_file
from claude_auth.formats import EditError
from claude_auth.formats.json_edit import add_item, remove_item
from claude_auth.security.secret import without_locals
from claude_auth.sources.anthropic_api_key import key_suffix
from claude_auth.words import format_path

_ANSWERS = "customApiKeyResponses"


@without_locals
def propose(case: Case) -> Iterator[Preview]:
    if "approve-key" not in case.entry.changes:
        return
    view = case.situation.view
    key, suffix = view.secret("ANTHROPIC_API_KEY"), key_suffix(view)
    if key is None or suffix is None:
        return
    path = case.snapshot.claude_json.path
    read = read_file(path, LARGE_LIMIT)
    if read.content is None and not (read.damage is not None and read.damage.is_missing):
        return
    before = read.content
    base = b"{}" if before is None else before
    named = f"the key {key.masked} (fingerprint {key.fingerprint})"
    damage = case.snapshot.claude_json.damage
    if damage is not None and not damage.is_missing:  # an answer in it would not be read
        yield _preview(case, "approve-key", f"approve {named}", "", None, damage.text)
        return
    rejected = suffix in {found.reveal() for found in case.snapshot.claude_json.rejected}
    try:
        forgotten = remove_item(base, (_ANSWERS, "rejected"), suffix) if rejected else base
        approved = add_item(forgotten, (_ANSWERS, "approved"), suffix)
    except EditError as problem:
        yield _preview(case, "approve-key", f"approve {named}", "", None, str(problem))
        return
    yield _preview(
        case,
        "approve-key",
        f"approve {named}",
        "Writes the answer Yes that Claude Code's own question would write: the key's last 20 characters. "
        "From then on requests with it are billed per token.",
        FileEdit(path, before, approved),
        None,
    )
    if rejected:
        yield _preview(
            case,
            "unreject-key",
            f"forget that {named} was rejected",
            "Claude Code asks about it once more at its next start.",
            FileEdit(path, before, forgotten),
            None,
        )


def _preview(
    case: Case, kind: Kind, title: str, explanation: str, edit: FileEdit | None, problem: str | None
) -> Preview:
    path = case.snapshot.claude_json.path
    shown = format_path(path, case.home)
    return Preview(
        id=case.id(kind),
        kind=kind,
        finding=case.finding.id,
        title=title,
        explanation=explanation,
        commands=(f"claude-auth fix {case.id(kind)} --yes",) if edit is not None else ("claude",),
        diff="" if edit is None else json_diff(shown, edit.before, edit.after),
        change=edit,
        by_hand=None if problem is None else f"{shown} can't be changed: {problem}",
    )
