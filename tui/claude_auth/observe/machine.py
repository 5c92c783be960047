"""The machine around us: how we are connected, in what we run, whether the directories can be written, what
is mounted where, which repository a folder lies in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from claude_auth.files import read_file
from claude_auth.model import Machine, Places
from claude_auth.model.machine import Mount
from claude_auth.observe.context import ObservationContext, account_of
from claude_auth.security.sanitize import clean

#: /proc and /sys answer with a few lines …
SMALL = 64 << 10
#: … but for the table of mounts.
MOUNTS_LIMIT = 1 << 20

#: Words in /proc/1/cgroup, which version 1 of control groups fills in; version 2 mostly says `0::/`.
_CGROUP_HINTS = (
    ("kubepods", "kubernetes"),
    ("libpod", "podman"),
    ("docker", "docker"),
    ("containerd", "containerd"),
    ("lxc", "lxc"),
)


def look_at_machine(view: ObservationContext, places: Places) -> Machine:
    """What is known without asking anybody. A root other than `/`: the user data base, which is that of the
    running system, is left out. `writable`: path → whether a file could be created there, for a missing
    directory whether it could be made. `free_bytes`: for the file system of the configuration."""
    environ, is_ours = view.environ, view.root == "/"
    user, home_in_passwd = account_of(view.user_id) if is_ours else ("", "")
    over_ssh = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    has_display = bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    space = file_system(places.config_dir)
    return Machine(
        platform=view.platform,
        user=clean(user or environ.get("USER", ""), 80) if is_ours else "",
        user_id=view.user_id,
        home_in_passwd=home_in_passwd or None,
        over_ssh=over_ssh,
        multiplexer=_multiplexer(environ),
        container=_container(view),
        wsl=_is_wsl(view),
        # Whether a browser opened here would be seen.
        display=has_display or (view.platform in {"darwin", "win32"} and not over_ssh),
        vendor=_vendor(view),
        free_bytes=None if space is None else space.f_bavail * space.f_frsize,
        writable={folder: _is_writable(folder) for folder in _folders(view, places)},
    )


def _multiplexer(environ: Mapping[str, str]) -> str | None:
    """The innermost can't be told from the outer one, so the order is how often they are met."""
    variables = (("TMUX", "tmux"), ("ZELLIJ", "zellij"), ("STY", "screen"))
    return next((name for variable, name in variables if environ.get(variable)), None)


def _container(view: ObservationContext) -> str | None:
    """The most telling name first: what people call the thing they work in."""
    if view.environ.get("CODESPACES", "").lower() == "true":
        return "codespaces"
    if view.environ.get("REMOTE_CONTAINERS", "").lower() == "true":
        return "devcontainer"
    if view.environ.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    for path, name in (("/run/.containerenv", "podman"), ("/.dockerenv", "docker")):
        if os.path.lexists(view.system(path)):
            return name
    groups = _text(view, "/proc/1/cgroup")
    return next((name for hint, name in _CGROUP_HINTS if hint in groups), None)


def _is_wsl(view: ObservationContext) -> bool:
    if view.environ.get("WSL_DISTRO_NAME") or view.environ.get("WSL_INTEROP"):
        return True
    return "microsoft" in _text(view, "/proc/sys/kernel/osrelease").lower()


def _vendor(view: ObservationContext) -> str | None:
    """Maker and model as the firmware tells them; names the cloud on most virtual machines."""
    lines = (_text(view, f"/sys/class/dmi/id/{name}") for name in ("sys_vendor", "product_name"))
    return clean(" ".join(dict.fromkeys(line.partition("\n")[0].strip() for line in lines)), 120) or None


def _text(view: ObservationContext, path: str) -> str:
    return (read_file(view.system(path), SMALL).content or b"").decode("utf-8", "replace")


# ── directories ──────────────────────────────────────────────────────────────────────────────────


def _folders(view: ObservationContext, places: Places) -> tuple[str, ...]:
    """Home, the configuration, and the store where it was moved elsewhere."""
    moved = view.environ.get("CLAUDE_SECURESTORAGE_CONFIG_DIR", "")
    return (view.home, places.config_dir, *((moved,) if os.path.isabs(moved) else ()))


def nearest_existing(path: str) -> str:
    while not os.path.lexists(path) and (parent := os.path.dirname(path)) not in {path, ""}:
        path = parent
    return path


def file_system(path: str) -> os.statvfs_result | None:
    """The status of the one that the path lies on, or would lie on."""
    try:
        return os.statvfs(nearest_existing(path))
    except (OSError, ValueError):
        return None


def _is_writable(folder: str) -> bool:
    nearest = nearest_existing(folder)
    return os.path.isdir(nearest) and os.access(nearest, os.W_OK | os.X_OK)


# ── mounts ───────────────────────────────────────────────────────────────────────────────────────


def read_mounts(root: str) -> tuple[Mount, ...] | None:
    """The table of mounts (proc(5)) of the system below `root`; None where it has none."""
    content = read_file(os.path.join(root, "proc/self/mountinfo"), MOUNTS_LIMIT).content
    return None if content is None else tuple(_mounts(content))


def _mounts(content: bytes) -> Iterable[Mount]:
    """Lines that aren't of its form are passed over. The kernel writes spaces of a path as octal numbers."""
    for line in content.splitlines():
        before, _, after = line.partition(b" - ")
        fields, kind = before.split(b" "), after.split(b" ")[0]
        if len(fields) >= 6 and kind:
            point = re.sub(rb"\\([0-3][0-7]{2})", lambda match: bytes([int(match[1], 8)]), fields[4])
            yield Mount(os.fsdecode(point), kind.decode("ascii", "replace"), b"ro" in fields[5].split(b","))


def covering(path: str, mounts: Iterable[Mount]) -> Mount | None:
    """The mount that a real path lies on: the innermost, and of two on one point the later."""
    found: Mount | None = None
    for mount in mounts:
        inside = path == mount.point or path.startswith(mount.point.rstrip("/") + "/")
        if inside and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


# ── the repository that a folder lies in, found in its files: git is never run ────────────────────

_GIT_LIMIT = 1 << 16


def find_repository_root(cwd: str) -> str | None:
    """The nearest parent with a `.git`."""
    folder = cwd
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def main_working_tree(root: str) -> str:
    """Of the root of a linked worktree the repository's main one, else `root` itself.

    A worktree counts as linked where its `.git` is a file that leads to `worktrees/NAME` of a git directory,
    and that leads back; a submodule's doesn't. Of a bare repository its own directory [seen, 2.1.332].
    """
    git_file = os.path.join(root, ".git")
    if not os.path.isfile(git_file):
        return root
    mark, _, named = _stripped(git_file).partition("gitdir:")
    if mark or not named.strip():
        return root
    own = _resolved(root, named.strip())
    common_name, back = _stripped(os.path.join(own, "commondir")), _stripped(os.path.join(own, "gitdir"))
    if not common_name or not back:
        return root
    common = _resolved(own, common_name)
    leads_back = os.path.realpath(_resolved(own, back)) == os.path.join(os.path.realpath(root), ".git")
    if os.path.dirname(own) != os.path.join(common, "worktrees") or not leads_back:
        return root
    if os.path.basename(common) == ".git":
        return os.path.dirname(common)
    return root if os.path.exists(os.path.join(common, ".git")) else common


def _stripped(path: str) -> str:
    return (read_file(path, _GIT_LIMIT).content or b"").decode("utf-8", "replace").strip()


def _resolved(folder: str, name: str) -> str:
    return os.path.normpath(os.path.join(folder, name))
