"""The files of the stored logins: damage, owner, mode, place, room."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from claude_auth.diagnose.context import DiagnosisContext, joined
from claude_auth.diagnose.rules.login import is_wiped, lacks_inference, needed
from claude_auth.diagnose.rules.seen import SIGN_IN, Answer, NotChecked, Rule, RuleMatch
from claude_auth.model import FileFacts, Fix, Severity, StoreReading


def quoted(path: str) -> str:
    """A path as a word of a command."""
    return shlex.quote(path)


def _store_problem(s: DiagnosisContext) -> tuple[str, StoreReading] | None:
    """The first store with a problem that has no finding of its own."""
    told = is_wiped(s) or lacks_inference(s)
    for source, store in (("stored-login", s.snapshot.login), ("sdk-tokens", s.snapshot.sdk_tokens)):
        state = s.reading(source).state
        if source == "stored-login" and s.is_claude_code and (told or store.origin.kind == "keychain"):
            locked = store.damage is not None and store.damage.code == "permission"
            if told or locked:
                continue
        if state in {"unusable", "unreadable"}:
            return source, store
    return None


def _store_unusable(s: DiagnosisContext) -> RuleMatch | None:
    found = _store_problem(s)
    if found is None or s.reading(found[0]).state != "unusable":
        return None
    source, store = found
    reading = s.reading(source)
    fixes = (SIGN_IN,) if source == "stored-login" else ()
    if store.damage is not None and store.origin.path:
        fixes = (
            Fix(
                "keep the damaged file aside first",
                f"mv {quoted(store.origin.path)} {quoted(store.origin.path + '.damaged')}",
            ),
            *fixes,
        )
    return RuleMatch(f"{store.origin.path}: {reading.reason}", fixes, source, severity=needed(s))


def _store_unreadable(s: DiagnosisContext) -> RuleMatch | None:
    found = _store_problem(s)
    if found is None or s.reading(found[0]).state != "unreadable":
        return None
    source, store = found
    file = store.origin.file
    owner = f", owned by {file.owner}" if file is not None and not file.owned_by_us else ""
    fixes: tuple[Fix, ...] = ()
    if store.damage is not None and store.damage.code == "permission" and store.origin.kind == "file":
        fixes = (
            Fix("make the file yours again", f'sudo chown "$(id -un)" {quoted(store.origin.path or "")}'),
        )
    return RuleMatch(
        f"{store.origin.path}: {s.reading(source).reason}{owner}", fixes, source, severity=needed(s)
    )


def _readable_by_others(s: DiagnosisContext) -> RuleMatch | None:
    for source, store in (("stored-login", s.snapshot.login), ("sdk-tokens", s.snapshot.sdk_tokens)):
        file = store.origin.file
        no_file = store.damage is not None and store.damage.code == "not-a-file"
        if file is None or no_file or s.reading(source).state == "absent":
            continue
        if file.open_to_others:
            fix = Fix("make it yours alone", f"chmod 600 {quoted(file.path)}")
            return RuleMatch(f"{file.path} has mode {file.mode:04o}", (fix,), source)
    return None


def in_a_store(target: str | None) -> bool:
    """Whether a link leads into the store of a package manager, where nobody writes."""
    return target is not None and target.startswith(("/nix/store/", "/gnu/store/"))


# ── owner and permissions ────────────────────────────────────────────────────────────────────────


def _files(s: DiagnosisContext) -> Iterator[FileFacts]:
    for file in (s.snapshot.login.origin.file, s.snapshot.claude_json.file):
        if file is not None:
            yield file
    for settings in s.snapshot.settings_files:
        if settings.file is not None and settings.layer == "user":
            yield settings.file


def _foreign_owner(s: DiagnosisContext) -> Answer:
    """Root may do what it likes with everybody's files; what it leaves behind is told elsewhere."""
    if s.snapshot.machine.user_id == 0 or not s.is_claude_code:
        return None
    foreign = [file for file in _files(s) if not file.owned_by_us and not in_a_store(file.link_target)]
    if not foreign:
        return None
    words = "; ".join(f"{file.path} belongs to {file.owner}" for file in foreign)
    names = " ".join(quoted(file.path) for file in foreign)
    fix = Fix("make them yours again", f'sudo chown "$(id -un)":"$(id -gn)" {names}')
    return RuleMatch(words, (fix,), "stored-login")


def _not_writable(s: DiagnosisContext) -> Answer:
    """Matters where Claude Code has something to save there: a login that is used, or a sign-in to come."""
    places = s.snapshot.places
    state_dir = s.snapshot.claude_json.path.rpartition("/")[0]
    shut = [path for path, allowed in s.snapshot.machine.writable.items() if not allowed]
    shut = [path for path in shut if path in {places.config_dir, places.secure_dir, state_dir}]
    mounts = None if s.snapshot.more is None else s.snapshot.more.mounts
    for path in (places.config_dir, s.snapshot.claude_json.path):
        mount = None if mounts is None else mounts.get(path)
        if mount is not None and mount.read_only and mount.point not in shut:
            shut.append(mount.point)
    if not shut or not s.is_claude_code:
        return None
    uses_login = "stored-login" in s.sent() or s.resolution.wire is None
    fix = Fix("see who may write there", f"ls -ld {' '.join(quoted(path) for path in shut)}")
    severity: Severity | None = None if uses_login else "info"
    return RuleMatch(
        f"not writable: {joined(dict.fromkeys(shut))}", (fix,), "stored-login", severity=severity
    )


_MEGABYTE = 1_000_000
_FULL, _ALMOST_FULL = 1 * _MEGABYTE, 50 * _MEGABYTE


def _disk_full(s: DiagnosisContext) -> Answer:
    free = s.snapshot.machine.free_bytes
    files = None if s.snapshot.more is None else s.snapshot.more.free_files
    if free is None:
        return NotChecked("the file system does not tell its free space")
    fix = Fix("see what fills it", f"df -h {quoted(s.snapshot.places.config_dir)}")
    where = f"the file system of {s.snapshot.places.config_dir}"
    if files == 0:
        return RuleMatch(f"no further file can be made on {where}", (fix,), title="No room for further files")
    if free < _FULL:
        return RuleMatch(f"{free // 1000} kB are free on {where}", (fix,))
    if free < _ALMOST_FULL:
        title = "The disk is almost full"
        return RuleMatch(f"{free // _MEGABYTE} MB are free on {where}", (fix,), None, title, "warning")
    return None


RULES: dict[str, Rule] = {
    "store-unusable": _store_unusable,
    "store-unreadable": _store_unreadable,
    "disk-full": _disk_full,
    "not-writable": _not_writable,
    "foreign-owner": _foreign_owner,
    "store-readable-by-others": _readable_by_others,
}
