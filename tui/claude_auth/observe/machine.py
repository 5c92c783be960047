"""The machine around us: how we are connected, in what we run, whether the directories can be written."""

from __future__ import annotations

import os
from collections.abc import Mapping

from claude_auth.files import read_file
from claude_auth.model import Machine
from claude_auth.security.sanitize import clean

#: /proc and /sys answer with a few lines.
SMALL = 64 << 10

#: Words in /proc/1/cgroup, which version 1 of control groups fills in; version 2 mostly says `0::/`.
_CGROUP_HINTS = (
    ("kubepods", "kubernetes"),
    ("libpod", "podman"),
    ("docker", "docker"),
    ("containerd", "containerd"),
    ("lxc", "lxc"),
)


def look_at_machine(
    environ: Mapping[str, str], home: str, root: str, config_dir: str, platform: str, user_id: int
) -> Machine:
    """What is known without asking anybody. `root` other than `/`: the user data base, which is that of the
    running system, is left out. `writable`: path → whether a file could be created there, for a missing
    directory whether it could be made. `free_bytes`: for the file system of the configuration."""
    user, home_in_passwd = _user(user_id) if root == "/" else ("", None)
    over_ssh = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    folders = (home, config_dir, *_moved_stores(environ), _claude_json_folder(environ, home, config_dir))
    return Machine(
        platform=platform,
        user=user or (clean(environ.get("USER", ""), 80) if root == "/" else ""),
        user_id=user_id,
        home_in_passwd=home_in_passwd,
        over_ssh=over_ssh,
        multiplexer=_multiplexer(environ),
        container=_container(environ, root),
        wsl=_is_wsl(environ, root),
        display=_has_display(environ, platform, over_ssh),
        vendor=_vendor(root),
        free_bytes=_free_bytes(config_dir),
        writable={folder: _is_writable(folder) for folder in folders},
    )


def _user(user_id: int) -> tuple[str, str | None]:
    try:
        import pwd
    except ImportError:  # not a POSIX system
        return "", None
    try:
        entry = pwd.getpwuid(user_id)
    except (KeyError, OverflowError):  # a container started with a bare user id
        return "", None
    return clean(entry.pw_name, 80), entry.pw_dir or None


def _multiplexer(environ: Mapping[str, str]) -> str | None:
    """The innermost can't be told from the outer one, so the order is how often they are met."""
    variables = (("TMUX", "tmux"), ("ZELLIJ", "zellij"), ("STY", "screen"))
    return next((name for variable, name in variables if environ.get(variable)), None)


def _container(environ: Mapping[str, str], root: str) -> str | None:
    """The most telling name first: what people call the thing they work in."""
    if environ.get("CODESPACES", "").lower() == "true":
        return "codespaces"
    if environ.get("REMOTE_CONTAINERS", "").lower() == "true":
        return "devcontainer"
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    for path, name in (("run/.containerenv", "podman"), (".dockerenv", "docker")):
        if _exists(os.path.join(root, path)):
            return name
    groups = _text(os.path.join(root, "proc/1/cgroup"))
    return next((name for hint, name in _CGROUP_HINTS if hint in groups), None)


def _is_wsl(environ: Mapping[str, str], root: str) -> bool:
    if environ.get("WSL_DISTRO_NAME") or environ.get("WSL_INTEROP"):
        return True
    return "microsoft" in _text(os.path.join(root, "proc/sys/kernel/osrelease")).lower()


def _has_display(environ: Mapping[str, str], platform: str, over_ssh: bool) -> bool:
    """Whether a browser opened here would be seen."""
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return True
    return platform in {"darwin", "win32"} and not over_ssh


def _vendor(root: str) -> str | None:
    """Maker and model as the firmware tells them; names the cloud on most virtual machines."""
    folder = os.path.join(root, "sys/class/dmi/id")
    lines = (_text(os.path.join(folder, name)).partition("\n")[0] for name in ("sys_vendor", "product_name"))
    return clean(" ".join(dict.fromkeys(line.strip() for line in lines)), 120) or None


def _text(path: str) -> str:
    return (read_file(path, SMALL).content or b"").decode("utf-8", "replace")


def _exists(path: str) -> bool:
    return os.path.lexists(path)


# ── directories ──────────────────────────────────────────────────────────────────────────────────


def _claude_json_folder(environ: Mapping[str, str], home: str, config_dir: str) -> str:
    """`.claude.json` lies in home, or inside `CLAUDE_CONFIG_DIR` if set (behaviour.md, section 3)."""
    return config_dir if environ.get("CLAUDE_CONFIG_DIR") else home


def _moved_stores(environ: Mapping[str, str]) -> tuple[str, ...]:
    """`CLAUDE_SECURESTORAGE_CONFIG_DIR` moves the credentials file alone."""
    moved = environ.get("CLAUDE_SECURESTORAGE_CONFIG_DIR", "")
    return (moved,) if os.path.isabs(moved) else ()


def _nearest_existing(path: str) -> str:
    while not _exists(path) and (parent := os.path.dirname(path)) not in {path, ""}:
        path = parent
    return path


def _free_bytes(path: str) -> int | None:
    try:
        status = os.statvfs(_nearest_existing(path))
    except (OSError, ValueError):
        return None
    return status.f_bavail * status.f_frsize


def _is_writable(folder: str) -> bool:
    try:
        nearest = _nearest_existing(folder)
        return os.path.isdir(nearest) and os.access(nearest, os.W_OK | os.X_OK)
    except (OSError, ValueError):
        return False
