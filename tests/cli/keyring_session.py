"""A session of D-Bus with a real gnome-keyring that is unlocked, for programs that run in it."""

from __future__ import annotations

import shutil
from pathlib import Path


def in_keyring_session(directory: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """What stands before the command, and the places that its environment names."""
    (directory / "run").mkdir(mode=0o700)
    # A copy has none of the file's capabilities, which a container may not grant.
    found = shutil.which("gnome-keyring-daemon") or ""
    daemon = shutil.copyfile(found, directory / "gnome-keyring-daemon")
    daemon.chmod(0o755)
    script = directory / "session.sh"
    script.write_text(
        f'printf made-up-password | {daemon} --unlock --components=secrets >/dev/null\nexec "$@"\n'
    )
    places = {"XDG_RUNTIME_DIR": str(directory / "run"), "XDG_DATA_HOME": str(directory / "data")}
    return ("dbus-run-session", "--", "sh", str(script)), places
