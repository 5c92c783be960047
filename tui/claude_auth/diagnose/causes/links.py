"""Where the files really lie once links are followed: repositories, synchronised folders, stores."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from claude_auth.diagnose.cause import OPEN, Answer, Cause, MachineRule, RuleMatch, act
from claude_auth.diagnose.causes.stores import in_a_store
from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.model import FileFacts, Fix

if TYPE_CHECKING:
    from claude_auth.model.surroundings import StorePlace

_SYNCED = (
    ("Dropbox", "Dropbox"),
    ("OneDrive", "OneDrive"),
    ("Mobile Documents", "iCloud"),
    ("iCloud", "iCloud"),
    ("CloudStorage", "a cloud drive"),
    ("Google Drive", "Google Drive"),
    ("GoogleDrive", "Google Drive"),
    ("Nextcloud", "Nextcloud"),
    ("Syncthing", "Syncthing"),
)


def _place(s: DiagnosisContext) -> StorePlace | None:
    return s.more.store if s.is_claude_code else None


def _synced_by(path: str) -> str | None:
    for part in path.split("/"):
        for start, name in _SYNCED:
            if part.lower().startswith(start.lower()):
                return name
    return None


def _through_link(s: DiagnosisContext, place: StorePlace) -> str:
    path = s.snapshot.places.credentials_path
    return path if path == place.real_path else f"{path}, which leads to {place.real_path}"


def _moved_out(s: DiagnosisContext) -> tuple[Fix, ...]:
    path = s.snapshot.places.credentials_path
    return (
        act("sign-in", "keep the directory where no other program looks, and sign in there"),
        Fix("see how the link stands", f"ls -ld {quote(s.snapshot.places.config_dir)} {quote(path)}"),
    )


def _store_in_repository(s: DiagnosisContext) -> Answer:
    """A link leads the credentials file into a git repository; an error where the repository tracks it."""
    place = _place(s)
    if place is None:
        return None
    path = s.snapshot.places.credentials_path
    if place.repository is None or not (place.tracked or path != place.real_path):
        return None
    words = f"{_through_link(s, place)}; repository {place.repository}"
    if place.tracked:
        relative = place.real_path.removeprefix(place.repository).lstrip("/")
        out = Fix(
            "take it out of the repository", f"git -C {quote(place.repository)} rm --cached {quote(relative)}"
        )
        told = act("sign-out", "then sign out and in: what was pushed counts as known")
        return RuleMatch(f"{words}, which tracks it", (out, told), "stored-login", severity="error")
    return RuleMatch(words, _moved_out(s), "stored-login")


def _store_in_synced_folder(s: DiagnosisContext) -> Answer:
    """The credentials file lies in a folder of Dropbox, OneDrive, iCloud, Google Drive, Nextcloud or
    Syncthing."""
    place = _place(s)
    if place is None:
        return None
    name = _synced_by(place.real_path)
    if name is None:
        return None
    return RuleMatch(f"{_through_link(s, place)}: {name}", _moved_out(s), "stored-login")


def _store_is_a_link(s: DiagnosisContext) -> Answer:
    """The credentials file is a link to somewhere harmless."""
    place = _place(s)
    if place is None:
        return None
    file = s.snapshot.login.origin.file
    if file is None or file.link_target is None or place.repository or _synced_by(place.real_path):
        return None
    return RuleMatch(_through_link(s, place), _moved_out(s)[1:], "stored-login")


def _in_a_store(s: DiagnosisContext) -> list[FileFacts]:
    files = (settings.file for settings in s.snapshot.settings_files)
    return [file for file in files if file is not None and in_a_store(file.link_target)]


def _linked_settings(s: DiagnosisContext) -> Answer:
    linked = _in_a_store(s)
    return RuleMatch(f"{linked[0].path} points to {linked[0].link_target}") if linked else OPEN


def _settings_link_read_only(s: DiagnosisContext) -> Answer:
    """A settings file is a link into `/nix/store` or `/gnu/store`."""
    linked = _in_a_store(s)
    if not linked or not s.is_claude_code:
        return None
    words = "; ".join(f"{file.path} leads to {file.link_target}" for file in linked)
    return RuleMatch(
        words, (Fix("change it where the store's content is written, or use a file of your own"),)
    )


def _store_on_windows_drive(s: DiagnosisContext) -> Answer:
    """WSL, and the configuration directory is below `/mnt/` and the letter of a drive."""
    place, parts = s.snapshot.places.config_dir, s.snapshot.places.config_dir.split("/")
    is_drive = len(parts) > 2 and parts[1] == "mnt" and len(parts[2]) == 1
    if not s.snapshot.machine.wsl or not is_drive:
        return None
    fix = Fix("use a directory of the Linux home", 'export CLAUDE_CONFIG_DIR="$HOME/.claude"')
    return RuleMatch(place, (fix,), "stored-login")


CAUSES: tuple[Cause, ...] = (
    Cause(
        "store-in-repository",
        "Your login lies in a git repository",
        "The credentials file lies, through a link, inside the working tree of a repository, such as one "
        "for dotfiles. One commit puts the tokens of your account where others can read them. And Claude "
        "Code replaces the file when it refreshes, so that copies on other machines hold used-up tokens.",
        (12, 56),
        rule=MachineRule("warning", _store_in_repository, second_look=True),
    ),
    Cause(
        "store-in-synced-folder",
        "Your login lies in a synchronised folder",
        "The credentials file lies in a folder that a program copies to other machines. A refresh token "
        "works once: as soon as one machine has used it, the copies of the others are refused and their "
        "logins end.",
        (10, 12, 56),
        rule=MachineRule("warning", _store_in_synced_folder, second_look=True),
    ),
    Cause(
        "store-on-windows-drive",
        "Your login lies on a Windows drive",
        "Under WSL the drives of Windows usually keep no permissions, so that a mode of 0600 protects "
        "nothing there, and locks and exchanged files behave otherwise than on Linux. Keep the "
        "configuration in the Linux home directory.",
        (54, 61),
        rule=MachineRule("warning", _store_on_windows_drive, "likely"),
    ),
    Cause(
        "store-is-a-link",
        "The credentials file is reached through a link",
        "Claude Code replaces the file when it refreshes. Where the file itself is a link, the link may be "
        "exchanged for a file, and two copies live on that no longer agree.",
        (56,),
        rule=MachineRule("info", _store_is_a_link, second_look=True),
        title_beside_text="The credentials file is a link",
        beside_text="A new file takes the place of a link when it is written, so the copies drift apart; and "
        "a secret in a dotfiles repository or a synced folder spreads.",
        fixes=(Fix("put a copy of the file itself in the place of the link"),),
        certainty="not-checkable",
    ),
    Cause(
        "settings-link-read-only",
        "Settings come from a store that can't be written",
        "The settings file is a link into the store of a package manager. Claude Code reads it, but can't "
        "save there: changes made with /config fail with 'permission denied' or replace the link.",
        (55,),
        rule=MachineRule("info", _settings_link_read_only),
    ),
    Cause(
        "settings-read-only",
        "The settings are read-only",
        "settings.json is a link into a read-only place such as the Nix store, so Claude Code can't write "
        "it.",
        (55,),
        fixes=(Fix("keep ~/.claude/settings.json a file of its own, and rules for all in managed settings"),),
        seen_by="settings-link-read-only",
        here=_linked_settings,
        also="files-of-another-owner",
        phrases=r"""
            92: permission denied … nix/store … .claude; also: none; gap: 90; hides: files-of-another-owner
                sandbox-blocks-write
            85: nix/store … home-manager-files … .claude; also: none; near: eacces erofs eperm
                permissiondenied readonly; gap: 90
            85: erofs … .claude; gap: 90; look: \berofs\b
            85: read-only file system … .claude; gap: 90
        """,
    ),
)
