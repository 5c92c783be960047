"""Stores, files and locks."""

from __future__ import annotations

from claude_auth.diagnose.rules.seen import SIGN_IN, Rule, Seen
from claude_auth.diagnose.situation import Situation
from claude_auth.model import Fix, Severity, StoreReading


def _store_problem(s: Situation) -> tuple[str, StoreReading] | None:
    for source, store in (("stored-login", s.snapshot.login), ("sdk-tokens", s.snapshot.sdk_tokens)):
        if s.reading(source).state in {"unusable", "unreadable"}:
            return source, store
    return None


def _store_unusable(s: Situation) -> Seen | None:
    found = _store_problem(s)
    if found is None or s.reading(found[0]).state != "unusable":
        return None
    source, store = found
    reading = s.reading(source)
    fixes = (SIGN_IN,) if source == "stored-login" else ()
    if store.damage is not None and store.origin.path:
        fixes = (
            Fix("keep the damaged file aside first", f"mv {store.origin.path} {store.origin.path}.damaged"),
            *fixes,
        )
    return Seen(f"{store.origin.path}: {reading.reason}", fixes, source, severity=_how_bad(s))


def _store_unreadable(s: Situation) -> Seen | None:
    found = _store_problem(s)
    if found is None or s.reading(found[0]).state != "unreadable":
        return None
    source, store = found
    file = store.origin.file
    owner = f", owned by {file.owner}" if file is not None and not file.owned_by_us else ""
    fixes: tuple[Fix, ...] = ()
    if store.damage is not None and store.damage.code == "permission" and store.origin.kind == "file":
        fixes = (Fix("make the file yours again", f'sudo chown "$(id -un)" {store.origin.path}'),)
    elif store.origin.kind == "keychain":
        fixes = (
            Fix("unlock the Keychain", "security unlock-keychain ~/Library/Keychains/login.keychain-db"),
        )
    return Seen(
        f"{store.origin.path}: {s.reading(source).reason}{owner}", fixes, source, severity=_how_bad(s)
    )


def _how_bad(s: Situation) -> Severity | None:
    """A store that nobody needs at the moment stops no work."""
    return "warning" if s.resolution.usable else None


def _state_file_damaged(s: Situation) -> Seen | None:
    state = s.snapshot.claude_json
    if state.damage is None or state.damage.is_missing or not s.is_claude_code:
        return None
    fix = Fix("look for a backup to restore", f"ls -t {state.path}.backup* ~/.claude/backups/ 2>/dev/null")
    return Seen(f"{state.path}: {state.damage.text}", (fix,), "managed-key")


def _readable_by_others(s: Situation) -> Seen | None:
    for source, store in (("stored-login", s.snapshot.login), ("sdk-tokens", s.snapshot.sdk_tokens)):
        file = store.origin.file
        if file is not None and file.open_to_others and s.reading(source).state != "absent":
            fix = Fix("make it yours alone", f"chmod 600 {file.path}")
            return Seen(f"{file.path} has mode {file.mode:04o}", (fix,), source)
    return None


def _lock_from_the_future(s: Situation) -> Seen | None:
    for lock in s.snapshot.locks:
        if lock.age < -2:
            fix = Fix("with no claude running, remove the lock", f"rmdir {lock.path}")
            return Seen(f"{lock.path} is dated {-lock.age:.0f} s ahead of the clock", (fix,))
    return None


def _lock_left_behind(s: Situation) -> Seen | None:
    for lock in s.snapshot.locks:
        if lock.age > 60 and lock.moving is not True:
            fix = Fix("with no claude running, remove the lock", f"rmdir {lock.path}")
            return Seen(f"{lock.path} was last touched {lock.age:.0f} s ago", (fix,))
    return None


RULES: dict[str, Rule] = {
    "store-unusable": _store_unusable,
    "store-unreadable": _store_unreadable,
    "state-file-damaged": _state_file_damaged,
    "lock-from-the-future": _lock_from_the_future,
    "lock-left-behind": _lock_left_behind,
    "store-readable-by-others": _readable_by_others,
}
