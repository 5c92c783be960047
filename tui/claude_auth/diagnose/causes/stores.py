"""The files of the stored logins: damage, owner, mode, room; and the Keychain."""

from __future__ import annotations

import time
from collections.abc import Iterator
from shlex import quote

from claude_auth.diagnose.cause import (
    LOOK_FOR_BACKUP,
    OPEN,
    OWN_TOKEN,
    SIGN_IN,
    SIGN_IN_AGAIN,
    UPDATE,
    Answer,
    Cause,
    MachineRule,
    NotChecked,
    RuleMatch,
    act,
)
from claude_auth.diagnose.causes.login import is_keychain_closed, is_wiped, lacks_inference, needed
from claude_auth.diagnose.context import DiagnosisContext, joined
from claude_auth.model import FileFacts, Fix, Severity, StoreReading


def _store_problem(s: DiagnosisContext) -> tuple[str, StoreReading] | None:
    """The first store with a problem that has no finding of its own."""
    told = is_wiped(s) or lacks_inference(s)
    for source, store in (("stored-login", s.snapshot.login), ("sdk-tokens", s.snapshot.sdk_tokens)):
        state = s.reading(source).state
        if source == "stored-login" and s.is_claude_code and (told or is_keychain_closed(store)):
            continue
        if state in {"unusable", "unreadable"}:
            return source, store
    return None


def _store_unusable(s: DiagnosisContext) -> RuleMatch | None:
    """The file of the stored login (or the SDK's) is there and damaged, or holds no token that a client would
    use."""
    found = _store_problem(s)
    if found is None or s.reading(found[0]).state != "unusable":
        return None
    source, store = found
    reading = s.reading(source)
    fixes = (SIGN_IN,) if source == "stored-login" else ()
    if source != "stored-login" and store.damage is not None:
        move = "claude-auth fix store-unusable/move-aside"
        fixes = (Fix("move the damaged file aside", move, about=f"move-aside {store.origin.path}"),)
    return RuleMatch(f"{store.origin.path}: {reading.reason}", fixes, source, severity=needed(s))


def _aside(source: str, store: StoreReading) -> Fix:
    """To a name of its own, and never over another file: what was kept earlier may be all that is left. The
    sign-in follows at once: without the file nothing tells that there was a login."""
    path, file = store.origin.path or "", store.origin.file
    written = "" if file is None else time.strftime("-%Y%m%d-%H%M%S", time.localtime(file.modified))
    move = f"mv -n {quote(path)} {quote(f'{path}.aside{written}')}"
    if source != "stored-login":
        return Fix("move it aside first", move)
    return Fix("move it aside, then sign in", f"{move} && {SIGN_IN.command}")


def _store_unreadable(s: DiagnosisContext) -> RuleMatch | None:
    """The look at that file failed: no permission, no regular file, too large."""
    found = _store_problem(s)
    if found is None or s.reading(found[0]).state != "unreadable":
        return None
    source, store = found
    file = store.origin.file
    owner = f", owned by {file.owner}" if file is not None and not file.owned_by_us else ""
    fixes: tuple[Fix, ...] = ()
    path = quote(store.origin.path or "")
    if store.damage is not None and store.origin.kind == "file":
        if store.damage.code == "permission":
            fixes = (Fix("make the file yours again", f'sudo chown "$(id -un)" {path}'),)
            if file is not None and file.owned_by_us:
                fixes = (Fix("let yourself read it again", f"chmod 600 {path}"),)
        elif store.damage.code != "too-large":
            fixes = (_aside(source, store), Fix("see what stands there", f"ls -ld {path}"))
    return RuleMatch(
        f"{store.origin.path}: {s.reading(source).reason}{owner}", fixes, source, severity=needed(s)
    )


def _store_readable_by_others(s: DiagnosisContext) -> RuleMatch | None:
    """The file of the stored login (or the SDK's) may be opened by the group or by everybody."""
    for source, store in (("stored-login", s.snapshot.login), ("sdk-tokens", s.snapshot.sdk_tokens)):
        file = store.origin.file
        no_file = store.damage is not None and store.damage.code == "not-a-file"
        if file is None or no_file or s.reading(source).state == "absent":
            continue
        if file.open_to_others:
            command = f"chmod 600 {quote(file.path)}"
            fix = Fix(f"make {file.path} yours alone", command, about=f"chmod {file.path}")
            return RuleMatch(f"{file.path} has mode {file.mode:04o}", (fix,), source)
    return None


def in_a_store(target: str | None) -> bool:
    """Whether a link leads into the store of a package manager, where nobody writes."""
    return target is not None and target.startswith(("/nix/store/", "/gnu/store/"))


# ── owner and permissions ────────────────────────────────────────────────────────────────────────


def _files(s: DiagnosisContext) -> Iterator[FileFacts]:
    yield from s.own_files
    for settings in s.snapshot.settings_files:
        if settings.file is not None and settings.layer == "user":
            yield settings.file


def _foreign_owner(s: DiagnosisContext) -> Answer:
    """The credentials file, `.claude.json` or the user's settings belong to another user, and this one is not
    root.

    Root may do what it likes with everybody's files; what it leaves behind is told elsewhere."""
    if s.snapshot.machine.user_id == 0 or not s.is_claude_code:
        return None
    foreign = [file for file in _files(s) if not file.owned_by_us and not in_a_store(file.link_target)]
    if not foreign:
        return None
    words = "; ".join(f"{file.path} belongs to {file.owner}" for file in foreign)
    names = " ".join(quote(file.path) for file in foreign)
    fix = Fix("make them yours again", f'sudo chown "$(id -un)":"$(id -gn)" {names}')
    return RuleMatch(words, (fix,), "stored-login")


def _not_ours(s: DiagnosisContext) -> Answer:
    """Whoever asks, root and other clients included: that text has come."""
    for file in (s.snapshot.claude_json.file, s.snapshot.login.origin.file):
        if file is not None and not file.owned_by_us:
            return RuleMatch(f"{file.path} belongs to {file.owner}")
    shut = [path for path, allowed in s.snapshot.machine.writable.items() if not allowed]
    return RuleMatch(f"{shut[0]} is not writable") if shut else OPEN


def _not_writable(s: DiagnosisContext) -> Answer:
    """The configuration directory or that of `.claude.json` can't be written, or one of them or of the files
    is mounted read-only. A note where the stored login is not used.

    Matters where Claude Code has something to save there: a login that is used, or a sign-in to come."""
    places = s.snapshot.places
    state_dir = s.snapshot.claude_json.path.rpartition("/")[0]
    shut = [path for path, allowed in s.snapshot.machine.writable.items() if not allowed]
    shut = [path for path in shut if path in {places.config_dir, places.secure_dir, state_dir}]
    mounts = (None if s.snapshot.more is None else s.more.mounts) or {}
    for path in (places.config_dir, places.credentials_path, s.snapshot.claude_json.path):
        mount = mounts.get(path)
        if mount is not None and mount.read_only and mount.point not in shut:
            shut.append(mount.point)
    if not shut or not s.is_claude_code:
        return None
    uses_login = "stored-login" in s.sent() or s.resolution.wire is None
    fix = Fix("see who may write there", f"ls -ld {' '.join(quote(path) for path in shut)}")
    severity: Severity | None = None if uses_login else "info"
    return RuleMatch(
        f"not writable: {joined(dict.fromkeys(shut))}", (fix,), "stored-login", severity=severity
    )


_MEGABYTE = 1_000_000
_FULL, _ALMOST_FULL = 1 * _MEGABYTE, 50 * _MEGABYTE


def _disk_full(s: DiagnosisContext) -> Answer:
    """Less than 1 MB or no further file on the file system of the configuration; below 50 MB a warning."""
    free = s.snapshot.machine.free_bytes
    if free is None:
        return NotChecked("the file system does not tell its free space")
    fix = Fix("see what fills it", f"df -h {quote(s.snapshot.places.config_dir)}")
    where = f"the file system of {s.snapshot.places.config_dir}"
    if s.snapshot.more is not None and s.more.free_files == 0:
        return RuleMatch(f"no further file can be made on {where}", (fix,), title="No room for further files")
    if free < _FULL:
        return RuleMatch(f"{free // 1000} kB are free on {where}", (fix,))
    if free < _ALMOST_FULL:
        title = "The disk is almost full"
        return RuleMatch(f"{free // _MEGABYTE} MB are free on {where}", (fix,), None, title, "warning")
    return None


_DELETE_ITEM = Fix(
    "delete the old item", 'security delete-generic-password -s "Claude Code-credentials" -a "$USER"'
)

CAUSES: tuple[Cause, ...] = (
    Cause(
        "disk-full",
        "The disk is full",
        "There is no room on the file system that holds Claude Code's files. A token that is refreshed now "
        "is written half or not at all, and the old one is used up. Make room before you sign in or start "
        "claude.",
        (58,),
        rule=MachineRule("error", _disk_full),
        beside_text="A write that finds no space leaves an empty or cut file, and signing in then makes it "
        "worse.",
        fixes=(Fix("free space before anything else", 'df -h ~ "${TMPDIR:-/tmp}"'), LOOK_FOR_BACKUP),
        here=_disk_full,
        who="client",
        phrases=r"""
            94: config directory … is full, disk that holds the claude code config directory, disk quota on it
                is full
            85: enospc … .claude; gap: 120; look: \benospc\b
            85: no space left on device … .claude, disk quota exceeded … .claude; gap: 120
            80: .claude … no space left on device; gap: 120
            85: edquot … .claude; gap: 120; look: \bedquot\b
        """,
    ),
    Cause(
        "store-unusable",
        "The stored login can't be used",
        "The file in which Claude Code keeps its login is there, but Claude Code does not count it as "
        "signed in. A sign-in writes over a damaged file with all that is left in it, sign-ins at MCP "
        "servers for instance: keep a copy first.",
        (57, 58, 112, 113),
        rule=MachineRule("error", _store_unusable, changes=("move-aside", "keep-copy")),
    ),
    Cause(
        "store-unreadable",
        "The stored login can't be read",
        "The look at the file failed, so nothing is known about what it holds. Claude Code fails in the "
        "same way where it runs as the same user.",
        (54, 56, 115),
        rule=MachineRule("error", _store_unreadable, changes=("chown",)),
    ),
    Cause(
        "not-writable",
        "Claude Code can't save its files",
        "Claude Code replaces its files by new ones, for which it needs to write in their directory. Where "
        "it can't, a sign-in seems to succeed and is gone, and a refreshed token is lost.",
        (45, 54, 55, 59),
        rule=MachineRule("warning", _not_writable),
    ),
    Cause(
        "foreign-owner",
        "Files of Claude Code belong to another user",
        "They were probably made by a claude that was started with sudo or by another user of a container. "
        "What this user may not write, Claude Code can't refresh or save.",
        (54, 115),
        rule=MachineRule("warning", _foreign_owner),
    ),
    Cause(
        "store-readable-by-others",
        "Other users of this machine can read your login",
        "The file holds the tokens of your account and should be readable by you alone.",
        (54,),
        rule=MachineRule("warning", _store_readable_by_others, changes=("chmod",)),
    ),
    Cause(
        "files-of-another-owner",
        "Claude Code may not write its own files",
        "They belong to another user, often root after `sudo claude` or from a volume, or their directory "
        "is not writable; a file is replaced by a new one, so the directory counts too.",
        (54,),
        fixes=(
            Fix(
                "make the files yours again",
                'sudo chown -R "$(id -un)":"$(id -gn)" ~/.claude ~/.claude.json && chmod 700 ~/.claude '
                "&& chmod 600 ~/.claude/.credentials.json",
            ),
        ),
        seen_by="foreign-owner not-writable store-unreadable",
        here=_not_ours,
        who="client",
        phrases="""
            95: couldnt remove your expired login; also: login-save-failed keychain-locked
            92: make your credentials file writable, can write to its config directory;
                also: login-save-failed
            85: permissions on your anthropic config directory
            85: eacces permission denied … .claude.json; also: sandbox-blocks-write; gap: 90
            80: eacces permission denied … .claude, permission denied … .claude/.credentials.json; gap: 90
            78: permission denied … .claude.json; gap: 60
            75: .claude.json … permission denied, .credentials.json … permission denied; gap: 20
            80: eperm operation not permitted … .claude; also: sandbox-blocks-write; gap: 90
        """,
    ),
    Cause(
        "login-not-saved",
        "The sign-in was not saved",
        "The browser part worked, but the result could not be written: a locked or refused keychain, or a "
        "file or directory without write permission.",
        (45,),
        fixes=(
            Fix("look whether the file changes", "ls -l ~/.claude/.credentials.json"),
            Fix("on macOS: delete the old keychain item, unlock the keychain and sign in again"),
            OWN_TOKEN,
        ),
        also="keychain-locked",
        who="client",
        phrases="""
            88 ours: login not saved; also: login-save-failed keychain-locked; alone: 40
            55: authmethod none; also: no-credential
            90: login successful … not logged in, login successful … missing api key; gap: 400
            80: errsecauthfailed; also: keychain-not-writable
        """,
    ),
    Cause(
        "login-save-failed",
        "The sign-in or the refresh worked, and could not be saved",
        "What the server gave holds until this session ends; the store did not take it. On macOS the "
        "keychain is locked, or asks after every refresh because another program made the item; elsewhere "
        "the file or its directory can't be written.",
        (130,),
        fixes=(
            Fix("unlock the keychain", "security unlock-keychain ~/Library/Keychains/login.keychain-db"),
            act("diagnose", "see whether the file can be written"),
            act("sign-in", "then sign in again"),
        ),
        also="login-not-saved keychain-locked",
        seen_by="not-writable foreign-owner disk-full keychain-locked",
        phrases="""
            90: could not be saved to keychain, could not be saved to the keychain, credentials could not be
                saved, failed to save credentials
            95: credentials may not have been saved, settings saved but couldnt save the client secret, may
                not have been saved to your keychain, couldnt confirm that your login was saved, couldnt save
                your login, save the sign-in to secure storage, save your sign-in to secure, couldnt confirm
                your new credentials were saved, new credentials could not be saved to, your credentials could
                not be saved to, could not be saved to secure storage, failed to save organization sign-in
                tokens, credential could not be saved
            96: cant save to the keychain, cant save to the macos keychain, unable to save to keychain;
                also: keychain-locked keychain-not-writable login-not-saved
            80 ours: secure storage was unavailable, failed to save oauth tokens
        """,
    ),
    Cause(
        "keychain-not-writable",
        "The keychain refuses the new item",
        "An item of that name exists already, or the check that Claude Code makes is wrong. Often deleting "
        "the old item is enough.",
        (46,),
        fixes=(_DELETE_ITEM, SIGN_IN, UPDATE),
        certainty="seen",
        platform="darwin",
        phrases="""
            92: failed to delete keychain entry, failed to save api key to macos keychain, keychain would not
                save, failed to remove api key from macos keychain, failed to write to keychain, keychain
                takes a write, failed to save credentials to keychain, could not write to the keychain,
                keychain write failed; also: login-save-failed keychain-locked
            90: keychain is not writable; also: login-not-saved
            80: command failed security -i; also: keychain-locked login-save-failed
            90: returned -25299
            60: -25299; near: keychain errsec security
            60 ours: -25299; alone: 0
            85: specified item already exists in the keychain; also: keychain-duplicates
        """,
    ),
    Cause(
        "keychain-item-of-old-binary",
        "The keychain item belongs to an older program",
        "It was made by node; today's signed program may not read it, and that looks like being signed out.",
        (47,),
        fixes=(_DELETE_ITEM, SIGN_IN),
        certainty="not-checkable",
        platform="darwin",
    ),
    Cause(
        "keychain-duplicates",
        "Many keychain items of Claude Code",
        "Each configuration directory has an item of its own name; old ones stay, and other tools may pick "
        "the wrong one.",
        (48,),
        fixes=(Fix("list them", "security dump-keychain | grep -c 'Claude Code-credentials'"),),
        certainty="not-checkable",
        platform="darwin",
    ),
    Cause(
        "background-session",
        "A background session can't use the keychain",
        "What is started by launchd has no session with a screen, so the keychain does not answer it, "
        "although `security` finds the item.",
        (50,),
        fixes=(Fix("give the job a token in CLAUDE_CODE_OAUTH_TOKEN", "claude setup-token"),),
        platform="darwin",
    ),
    Cause(
        "sandbox-blocks-write",
        "A sandbox forbids the temporary file beside .claude.json",
        "Claude Code writes `.claude.json.tmp.…` in the home directory and renames it. A sandbox that "
        "allows ~/.claude alone stops that.",
        (59,),
        fixes=(Fix("keep all state in one allowed directory", 'export CLAUDE_CONFIG_DIR="$HOME/.claude"'),),
        also="files-of-another-owner",
        who="client",
        phrases="""
            86: .claude.json.tmp; near: eacces eperm erofs denied notpermitted sandbox landlock seatbelt fail
        """,
    ),
    Cause(
        "mcp-grants-lost",
        "MCP sign-ins went with the login",
        "They are kept in the same store as the login and leave with it on signing out or changing accounts.",
        (60,),
        fixes=(Fix("sign in to the servers again inside claude: /mcp"),),
        certainty="not-checkable",
    ),
    Cause(
        "scopes-damaged",
        "The stored login's scopes are neither a list nor text",
        "Claude Code stops at its start where `scopes` in .credentials.json is a number or an object. "
        "Something other than Claude Code wrote that file.",
        fixes=(SIGN_IN_AGAIN,),
        certainty="seen",
        phrases="90: scopesincludes is not a function",
    ),
)
