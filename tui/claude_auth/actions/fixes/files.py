"""Fixes of files: `chmod` for what others can read, a hint for what belongs to somebody else, a broken store
moved aside, an export in a start-up file made a comment, a lock that was left behind removed."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Mapping

from claude_auth.actions.fixes import plans
from claude_auth.actions.fixes.plans import Case, FileEdit, ModeChange, MoveAside, Preview, variables_of
from claude_auth.actions.fixes.shells import Shell, edit_command, quoted, unset
from claude_auth.claude_code.locks import LockState, state_of
from claude_auth.files import read_file
from claude_auth.formats import EditError
from claude_auth.formats.shell_edit import Dialect, comment_out
from claude_auth.model import Location
from claude_auth.words import format_location, format_path


def propose_modes(case: Case) -> Iterator[Preview]:
    if "chmod" in case.entry.changes:
        known = known_paths(case)
        paths = (fix.about.removeprefix("chmod ") for fix in case.finding.fixes)
        yield from filter(None, (_chmod(case, path) for path in paths if path in known))
    if "chown" in case.entry.changes:
        yield from _chown(case)


def known_paths(case: Case) -> frozenset[str]:
    """Files and folders that hold credentials or decide about them."""
    snapshot = case.snapshot
    stores = (snapshot.login, snapshot.sdk_tokens, snapshot.claw_tokens, snapshot.profile_tokens)
    files = [store.origin.path for store in stores]
    files += [snapshot.claude_json.path, *(file.path for file in snapshot.settings_files)]
    files += [file.path for file in (snapshot.claude_json.file,) if file is not None]
    folders = [snapshot.places.config_dir, snapshot.places.secure_dir]
    folders += [os.path.dirname(path) for path in files if path]
    home = snapshot.places.home
    return frozenset(path for path in (*files, *folders) if path and path not in {home, "/"})


def _chmod(case: Case, path: str) -> Preview | None:
    try:
        status = os.lstat(os.path.realpath(path))
    except OSError:
        return None
    if not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)):
        return None
    mode, now = 0o700 if stat.S_ISDIR(status.st_mode) else 0o600, stat.S_IMODE(status.st_mode)
    if now == mode:
        return None
    ours = status.st_uid == os.geteuid()
    shown, command = format_path(path, case.home), f"chmod {mode:o} {quoted(path, case.shell)}"
    return Preview(
        id=case.id("chmod"),
        kind="chmod",
        finding=case.finding.id,
        title=f"make {shown} yours alone",
        explanation=f"Changes its mode from {now:04o} to {mode:04o}; the content stays as it is.",
        commands=(command if ours else f"sudo {command}",),
        diff=f"{shown}: mode {now:04o} → {mode:04o}",
        change=ModeChange(path, now, mode) if ours else None,
        by_hand=None if ours else "it belongs to another user, so this takes administrator's rights",
    )


def _chown(case: Case) -> Iterator[Preview]:
    s = case.situation
    for source, store in (("stored-login", s.snapshot.login), ("sdk-tokens", s.snapshot.sdk_tokens)):
        file = store.origin.file
        if file is None or file.owned_by_us or s.reading(source).state != "unreadable":
            continue
        owner = "(id -un)" if case.shell == "fish" else '"$(id -un)"'
        yield Preview(
            id=case.id("chown"),
            kind="chown",
            finding=case.finding.id,
            title=f"make {format_path(file.path, case.home)} yours again",
            explanation=f"It belongs to {file.owner}, mostly because something ran with sudo once.",
            commands=(f"sudo chown {owner} {quoted(file.path, case.shell)}",),
            by_hand="a file of another user takes administrator's rights",
        )


# ── stores that can't be parsed ───────────────────────────────────────────────────────────────────────


def propose_move_aside(case: Case) -> Iterator[Preview]:
    """Never deleted, never changed, and only while it stays broken."""
    store, state = case.snapshot.sdk_tokens, case.situation.reading("sdk-tokens").state
    damage, path = store.damage, store.origin.path
    of_it = "move-aside" in case.entry.changes and case.finding.source in {"sdk-tokens", None}
    if not of_it or state != "unusable" or damage is None or not path:
        return
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(case.snapshot.observed_at))
    to = f"{path}.broken-{stamp}"
    shown, shown_to = format_path(path, case.home), format_path(to, case.home)
    linked = store.origin.file is not None and store.origin.file.link_target is not None
    yield Preview(
        id=case.id("move-aside"),
        kind="move-aside",
        finding=case.finding.id,
        title=f"move the broken {shown} aside",
        explanation=f"{damage.text[:1].upper()}{damage.text[1:]}, so no program can use it. It keeps its "
        "content under another name; then sign in again.",
        commands=(f"mv -n {quoted(path, case.shell)} {quoted(to, case.shell)}",)
        if linked
        else (f"claude-auth fix {case.id('move-aside')}",),
        diff=f"{shown} → {shown_to}",
        change=None if linked else MoveAside(path, to),
        by_hand="it is a symbolic link: look at what it leads to" if linked else None,
        afterwards="sign in again: `claude-auth login`",
    )


def propose_copy(case: Case) -> Iterator[Preview]:
    """Claude Code's own store is neither moved nor written by us: a copy of it is made beside it."""
    file = case.situation.login_to_keep
    content = None if file is None else read_file(file.path).content
    if "keep-copy" not in case.entry.changes or file is None or content is None:
        return
    shown, shown_copy = format_path(file.path, case.home), format_path(file.copy_path, case.home)
    yield Preview(
        id=case.id("keep-copy"),
        kind="keep-copy",
        finding=case.finding.id,
        title=f"keep a copy of the damaged {shown} before you sign in",
        explanation="Claude Code writes over it when you sign in. The file stays as it is; the copy can be "
        "read by you alone.",
        commands=(f"claude-auth fix {case.id('keep-copy')}",),
        diff=f"{shown} → {shown_copy} (a copy, mode 0600)",
        change=FileEdit(file.copy_path, None, content, claudes=False, copy_of=file.path),
        afterwards="sign in: `claude-auth login`",
        place=file.path,
    )


# ── lines of start-up files ──────────────────────────────────────────────────────────────────────

_MOST = 3


def propose_startup_lines(case: Case) -> Iterator[Preview]:
    """In this shell the variable stays until it is unset."""
    for name in variables_of(case):
        assignment = case.situation.view.assignment(name)
        if assignment is None or assignment.origin.kind != "environment":
            continue
        places = assignment.origin.likely_set_at
        for location in places[:_MOST]:
            yield _startup_preview(case, name, location, only=len(places) == 1)
        if not places:
            yield Preview(
                id=case.id("commands"),
                kind="commands",
                finding=case.finding.id,
                title=f"unset {name} in this shell",
                explanation="No file that was looked at sets it: a new shell has it only where the program "
                "that starts the shell sets it.",
                commands=(unset(name, case.shell), "claude"),
                by_hand="only this shell itself can change its variables",
                variable=name,
            )


def dialect_of(path: str) -> Dialect | None:
    """None for files that a program writes."""
    name = os.path.basename(path)
    if name == "fish_variables":
        return None
    if path.endswith(".fish"):
        return "fish"
    if name.startswith(".env") and name != ".envrc":
        return "lines"
    return "lines" if path.endswith(".conf") or name in {"environment", ".pam_environment"} else "shell"


def _startup_preview(case: Case, name: str, location: Location, *, only: bool) -> Preview:
    found = startup_line_preview(name, location, case.home, case.shell, only=only)
    return found._replace(id=case.id("startup-line"), finding=case.finding.id)


def startup_line_preview(
    name: str, location: Location, home: str, shell: Shell, *, only: bool = True
) -> Preview:
    """The line that sets `name` as a comment. `only`: it is set nowhere else."""
    shown = format_location(location, home)
    content = read_file(location.path).content
    dialect = dialect_of(location.path)
    edit, problem = None, "it can't be read"
    if dialect is None:
        problem = f"fish keeps it; `set -Ue {name}` in fish erases it"
    elif content is not None and location.line is not None:
        try:
            edit = FileEdit(location.path, content, comment_out(content, location.line, name, dialect), False)
        except EditError as error:
            problem = str(error)
    diff = plans.shell_diff(shown, edit.before or b"", edit.after, name) if edit is not None else ""
    more = "" if only else " It is set in other places too."
    return Preview(
        id="startup-line",
        kind="startup-line",
        finding=None,
        title=f"comment out {name} in {shown}",
        explanation=f"New shells won't set it any more.{more}",
        commands=(edit_command(location.path, location.line, shell), unset(name, shell)),
        diff=diff,
        change=edit,
        by_hand=None if edit else problem,
        afterwards=f"this shell still has it: `{unset(name, shell)}`, or open a new one",
        variable=name,
        removes=(name,),
        place=location.path,
    )


# ── a lock that was left behind ──────────────────────────────────────────────────────────────────

_STATES: Mapping[str, LockState] = {"lock-from-the-future": "future", "lock-left-behind": "orphan"}


def propose_lock_removal(case: Case) -> Iterator[Preview]:
    state = _STATES.get(case.finding.id)
    if state is None:
        return
    known = plans.guarded_paths(case.snapshot)
    for lock in case.snapshot.locks:
        if lock.path not in known or state_of(lock) != state:
            continue
        is_folder = os.path.isdir(lock.path) and not os.path.islink(lock.path)
        yield Preview(
            id=case.id("remove-lock"),
            kind="remove-lock",
            finding=case.finding.id,
            title=f"remove {format_path(lock.path, case.home)}",
            explanation="Watches it for eleven seconds first: it goes only if nobody touches it and no "
            f"claude runs. It guards: {lock.guards}. There is nothing in it, so there is nothing to undo.",
            commands=(f"rmdir {quoted(lock.path, case.shell)}",),
            diff=f"rmdir {format_path(lock.path, case.home)}",
            change=plans.LockRemoval(lock.path) if is_folder else None,
            by_hand=None
            if is_folder
            else "no folder stands there, so it is not a lock that Claude Code made",
        )
