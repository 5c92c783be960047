"""A store that can't be parsed, moved aside: never deleted, never changed, and only while it stays broken."""

from __future__ import annotations

import time
from collections.abc import Iterator

from claude_auth.actions.fixes.plans import Case, MoveAside, Preview
from claude_auth.actions.fixes.shells import quoted
from claude_auth.words import format_path

_UNPARSABLE = frozenset({"empty", "truncated", "not-json", "bom", "utf-16", "not-utf-8", "wrong-type"})


def propose(case: Case) -> Iterator[Preview]:
    if "move-aside" not in case.entry.changes:
        return
    stores = {"stored-login": case.snapshot.login, "sdk-tokens": case.snapshot.sdk_tokens}
    for source, store in stores.items():
        damage, path = store.damage, store.origin.path
        if case.finding.source not in {source, None} or damage is None or not path:
            continue
        if damage.code not in _UNPARSABLE or store.origin.kind != "file":
            continue
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(case.snapshot.observed_at))
        to = f"{path}.broken-{stamp}"
        shown, shown_to = format_path(path, case.home), format_path(to, case.home)
        linked = store.origin.file is not None and store.origin.file.link_target is not None
        theirs = source == "stored-login"  # Claude Code's own store: not ours to touch, nor to copy
        again = "claude auth login" if source == "stored-login" else "claude-auth login"
        yield Preview(
            id=case.id("move-aside"),
            kind="move-aside",
            finding=case.finding.id,
            title=f"move the broken {shown} aside",
            explanation=f"{damage.text[:1].upper()}{damage.text[1:]}, so no program can use it. It keeps its "
            "content under another name; then sign in again.",
            commands=(f"mv -n {quoted(path, case.shell)} {quoted(to, case.shell)}", again),
            diff=f"{shown} → {shown_to}",
            change=None if linked or theirs else MoveAside(path, to),
            by_hand="it is a symbolic link: look at what it leads to"
            if linked
            else "it is Claude Code's own store, which this program never touches: run the command yourself"
            if theirs
            else None,
            afterwards=f"sign in again: `{again}`",
        )
