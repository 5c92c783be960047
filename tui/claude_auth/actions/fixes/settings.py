"""Fixes of Claude Code's settings and state: a variable taken out of an `env` block, a helper's command taken
out or set up, the answer about an API key (`customApiKeyResponses` in `.claude.json`)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from claude_auth.actions.fixes.plans import (
    Case,
    FileEdit,
    Kind,
    Preview,
    json_diff,
    settings_of,
    variables_of,
)
from claude_auth.actions.fixes.shells import Shell, edit_command, quoted
from claude_auth.claude_code.values import is_no_value
from claude_auth.files import LARGE_LIMIT, read_file
from claude_auth.formats import EditError
from claude_auth.formats.json_edit import add_item, remove_item, remove_key, set_text
from claude_auth.model import Origin, Snapshot, StoreReading
from claude_auth.processes.environment import token_command
from claude_auth.sources.anthropic_api_key import key_suffix
from claude_auth.words import LAYERS, format_path


def propose_settings(case: Case) -> Iterator[Preview]:
    seen: set[tuple[str, str]] = set()
    for name in variables_of(case):
        for assignment in case.situation.view.assignments(name):
            yield from _once(case, name, ("env", name), assignment.origin, seen)
    for name in settings_of(case):
        found = case.situation.view.setting(name)
        if found is not None:
            yield from _once(case, name, (name,), found.origin, seen)


def _once(
    case: Case, name: str, path: tuple[str, ...], origin: Origin, seen: set[tuple[str, str]]
) -> Iterator[Preview]:
    if origin.kind != "settings" or not origin.path or (name, origin.path) in seen:
        return
    if not os.path.isabs(origin.path):  # a flag that claude was started with
        return
    seen.add((name, origin.path))
    yield _setting_preview(case, name, path, origin)


def _setting_preview(case: Case, name: str, path: tuple[str, ...], origin: Origin) -> Preview:
    identifier = case.id("settings-variable")
    found = setting_preview(name, path, origin, case.home, case.shell)
    commands = (f"claude-auth fix {identifier} --yes",) if found.applicable else found.commands
    return found._replace(id=identifier, finding=case.finding.id, commands=commands)


def setting_preview(name: str, path: tuple[str, ...], origin: Origin, home: str, shell: Shell) -> Preview:
    """The key at `path` taken out of the settings file of `origin`."""
    file = origin.path or ""
    shown = format_path(file, home)
    layer = LAYERS[origin.layer] if origin.layer else "settings"
    content = read_file(file, LARGE_LIMIT).content
    edit, problem = None, "it can't be read"
    if origin.layer == "managed":
        problem = "managed settings belong to the machine's administrator"
    elif content is not None:
        try:
            edit = FileEdit(file, content, remove_key(content, path))
        except EditError as error:
            problem = str(error)
    return Preview(
        id="settings-variable",
        kind="settings-variable",
        finding=None,
        title=f"take {name} out of {shown}",
        explanation=f"It stands in {layer} and holds for every claude that reads them.",
        commands=(edit_command(file, origin.line, shell),),
        diff="" if edit is None else json_diff(shown, edit.before, edit.after),
        change=edit,
        by_hand=None if edit else problem,
        afterwards="a claude that runs already keeps the old value until it is started again"
        if edit
        else None,
        removes=(name,),
    )


_ANSWERS = "customApiKeyResponses"
_APPROVING = (
    "Writes the answer Yes that Claude Code's own question would write: the key's last 20 characters."
)
_BILLED = "From then on requests with it are billed per token."
_SENT_ON = "From then on it is sent to the gateway that ANTHROPIC_BASE_URL names."
_FORGETTING = "Claude Code asks about it once more at its next start."


def propose_key_answer(case: Case) -> Iterator[Preview]:
    if "approve-key" not in case.entry.changes:
        return
    view = case.situation.view
    key, suffix = view.secret("ANTHROPIC_API_KEY"), key_suffix(view)
    if key is None or suffix is None or is_no_value("ANTHROPIC_API_KEY", key):
        return
    path = case.snapshot.claude_json.path
    read = read_file(path, LARGE_LIMIT)
    if read.is_unreadable:
        return
    before = read.content
    base = b"{}" if before is None else before
    named = f"the key {key.masked} (fingerprint {key.fingerprint})"
    damage = case.snapshot.claude_json.damage
    rejected = suffix in {found.reveal() for found in case.snapshot.claude_json.rejected}
    problem = damage.text if damage is not None and not damage.is_missing else None
    forgotten = approved = base
    if problem is None:  # else an answer in it would not be read
        try:
            forgotten = remove_item(base, (_ANSWERS, "rejected"), suffix) if rejected else base
            approved = add_item(forgotten, (_ANSWERS, "approved"), suffix)
        except EditError as error:
            problem = str(error)
    if problem is not None:
        yield _answer_preview(case, "approve-key", f"approve {named}", "", None, problem)
        return
    edit = FileEdit(path, before, approved)
    then = _SENT_ON if case.resolution.provider == "gateway" else _BILLED
    yield _answer_preview(case, "approve-key", f"approve {named}", f"{_APPROVING} {then}", edit, None)
    if rejected:
        title, edit = f"forget that {named} was rejected", FileEdit(path, before, forgotten)
        yield _answer_preview(case, "unreject-key", title, _FORGETTING, edit, None)


def _answer_preview(
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


HELPER_ID = "key-helper"


def propose_helper(
    snapshot: Snapshot, *, program: str = "claude-auth", shell: Shell = "bash", account: str | None = None
) -> Preview | None:
    """None where neither store holds a token of the user's own client. `program`: how it is started."""
    store = _helper_store(snapshot)
    if store is None:
        return None
    line = token_command(program, store, account)
    path = os.path.join(snapshot.places.config_dir, "settings.json")
    shown = format_path(path, snapshot.places.home)
    found = _helper_edit(snapshot, path, line)
    edit, problem = (None, found) if isinstance(found, str) else (found, None)
    return Preview(
        id=HELPER_ID,
        kind="key-helper",
        finding=None,
        title=f"let Claude Code read its key from {_STORES[store]}",
        explanation="Claude Code runs this command at its start, every five minutes and after a 401, and "
        "sends what it prints in both headers. No file and no shell holds the key in clear text then.",
        commands=(f"{quoted(program, shell)} token --store {store} | wc -c",),
        diff="" if edit is None else json_diff(shown, edit.before, edit.after, (line,)),
        change=edit,
        by_hand=problem,
        afterwards="take the key out of the shell and of other settings, or they still come first"
        if _comes_first(snapshot)
        else None,
    )


def _comes_first(snapshot: Snapshot) -> bool:
    """Whether a key or token is set that a client takes before the helper's."""
    names = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
    return any(not one.value.is_blank for name in names for one in snapshot.variables.get(name, ()))


def _helper_edit(snapshot: Snapshot, path: str, line: str) -> FileEdit | str:
    """With `line` as its apiKeyHelper, or why that can't be."""
    home = snapshot.places.home
    configured = [s.origin.path for s in snapshot.settings.get("apiKeyHelper", ()) if not s.value.is_empty]
    if configured:
        return f"apiKeyHelper is configured already, in {format_path(configured[0] or '', home)}"
    read = read_file(path, LARGE_LIMIT)
    if read.is_unreadable:
        return f"{format_path(path, home)} can't be read"
    if read.content is None:
        made = json.dumps({"apiKeyHelper": line}, indent=2) + "\n"
        return FileEdit(path, None, made.encode())
    try:
        return FileEdit(path, read.content, set_text(read.content, ("apiKeyHelper",), line))
    except EditError as error:
        return f"{format_path(path, home)} can't be changed: {error}"


_STORES = {"keyring": "the OS keyring", "sdk": "~/.claude_code/tokens.json"}


def _helper_store(snapshot: Snapshot) -> str | None:
    if _holds_a_key(snapshot.keyring_tokens):
        return "keyring"
    return "sdk" if _holds_a_key(snapshot.sdk_tokens) else None


def _holds_a_key(store: StoreReading) -> bool:
    """A Claude account's own token is never handed out."""
    if store.tokens is None:
        return store.present_unread
    return store.tokens.access_token.kind != "oauth-access-token" and not store.tokens.access_token.is_empty
