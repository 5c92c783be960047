"""`chmod` for what others can read, a hint for what belongs to somebody else."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterator

from claude_auth.actions.fixes.plans import Case, ModeChange, Preview
from claude_auth.actions.fixes.shells import quoted
from claude_auth.words import format_path

_CHMOD = re.compile(r"chmod (600|700|u\+rw|u\+rwx) (.+)")


def propose(case: Case) -> Iterator[Preview]:
    if "chmod" in case.entry.changes:
        for path, mode in _asked_for(case):
            if (preview := _chmod(case, path, mode)) is not None:
                yield preview
    if "chown" in case.entry.changes:
        yield from _chown(case)


def _asked_for(case: Case) -> Iterator[tuple[str, int]]:
    """Paths that the finding's own fixes name, each one of ours to know: no other file is touched."""
    for fix in case.finding.fixes:
        found = _CHMOD.fullmatch(fix.command or "")
        try:
            words = shlex.split(found[2]) if found else []
        except ValueError:
            words = []
        # A path with a space may have been written without quotes.
        for path in dict.fromkeys([*(words if len(words) == 1 else ()), found[2] if found else ""]):
            full = os.path.expanduser(path) if path.startswith("~/") else path
            if found is not None and full in known_paths(case):
                yield full, 0o700 if found[1] in {"700", "u+rwx"} else 0o600
                break


def known_paths(case: Case) -> frozenset[str]:
    """Files and folders that hold credentials or decide about them."""
    snapshot = case.snapshot
    stores = (snapshot.login, snapshot.sdk_tokens, snapshot.claw_tokens, snapshot.profile)
    files = [store.origin.path for store in stores]
    files += [snapshot.claude_json.path, *(file.path for file in snapshot.settings_files)]
    files += [file.path for file in (snapshot.claude_json.file,) if file is not None]
    folders = [snapshot.places.config_dir, snapshot.places.secure_dir]
    folders += [os.path.dirname(path) for path in files if path]
    home = snapshot.places.home
    return frozenset(path for path in (*files, *folders) if path and path not in {home, "/"})


def _chmod(case: Case, path: str, mode: int) -> Preview | None:
    real = os.path.realpath(path)
    try:
        status = os.lstat(real)
    except OSError:
        return None
    if stat.S_ISDIR(status.st_mode):
        mode = 0o700
    elif not stat.S_ISREG(status.st_mode):
        return None
    now = stat.S_IMODE(status.st_mode)
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
