"""Where the files really lie once links are followed: repositories, synchronised folders, stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.diagnose.rules.seen import NO_SECOND_LOOK, Answer, NotChecked, Rule, RuleMatch
from claude_auth.diagnose.rules.stores import in_a_store, quoted
from claude_auth.model import Fix

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


def _place(s: DiagnosisContext) -> StorePlace | NotChecked | None:
    if s.snapshot.more is None:
        return NO_SECOND_LOOK
    return s.snapshot.more.store if s.is_claude_code else None


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
        Fix("keep the directory where no other program looks, and sign in there", "claude auth login"),
        Fix("see how the link stands", f"ls -ld {quoted(s.snapshot.places.config_dir)} {quoted(path)}"),
    )


def _in_repository(s: DiagnosisContext) -> Answer:
    place = _place(s)
    if place is None or isinstance(place, NotChecked):
        return place
    path = s.snapshot.places.credentials_path
    if place.repository is None or not (place.tracked or path != place.real_path):
        return None
    words = f"{_through_link(s, place)}; repository {place.repository}"
    if place.tracked:
        relative = place.real_path.removeprefix(place.repository).lstrip("/")
        out = Fix(
            "take it out of the repository",
            f"git -C {quoted(place.repository)} rm --cached {quoted(relative)}",
        )
        told = Fix("then sign out and in: what was pushed counts as known", "claude auth logout")
        return RuleMatch(f"{words}, which tracks it", (out, told), "stored-login", severity="error")
    return RuleMatch(words, _moved_out(s), "stored-login")


def _in_synced_folder(s: DiagnosisContext) -> Answer:
    place = _place(s)
    if place is None or isinstance(place, NotChecked):
        return place
    name = _synced_by(place.real_path)
    if name is None:
        return None
    return RuleMatch(f"{_through_link(s, place)}: {name}", _moved_out(s), "stored-login")


def _linked(s: DiagnosisContext) -> Answer:
    """A link with nothing worse about it."""
    place = _place(s)
    if place is None or isinstance(place, NotChecked):
        return place
    file = s.snapshot.login.origin.file
    if file is None or file.link_target is None or place.repository or _synced_by(place.real_path):
        return None
    return RuleMatch(_through_link(s, place), _moved_out(s)[1:], "stored-login")


def _settings_linked(s: DiagnosisContext) -> Answer:
    if not s.is_claude_code:
        return None
    linked = [
        settings.file
        for settings in s.snapshot.settings_files
        if settings.file is not None and in_a_store(settings.file.link_target)
    ]
    if not linked:
        return None
    words = "; ".join(f"{file.path} leads to {file.link_target}" for file in linked)
    return RuleMatch(
        words, (Fix("change it where the store's content is written, or use a file of your own"),)
    )


def _on_windows_drive(s: DiagnosisContext) -> Answer:
    place, parts = s.snapshot.places.config_dir, s.snapshot.places.config_dir.split("/")
    is_drive = len(parts) > 2 and parts[1] == "mnt" and len(parts[2]) == 1
    if not s.snapshot.machine.wsl or not is_drive:
        return None
    fix = Fix("use a directory of the Linux home", 'export CLAUDE_CONFIG_DIR="$HOME/.claude"')
    return RuleMatch(place, (fix,), "stored-login")


RULES: dict[str, Rule] = {
    "store-in-repository": _in_repository,
    "store-in-synced-folder": _in_synced_folder,
    "store-is-a-link": _linked,
    "settings-link-read-only": _settings_linked,
    "store-on-windows-drive": _on_windows_drive,
}
