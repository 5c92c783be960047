"""The `claude` programs that run as this user, and the environment that each of them really has.

Of an environment only names and fingerprints leave this module, of a command line nothing.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from claude_auth.model.surroundings import Difference, RunningClient
from claude_auth.observe.installed import PACKAGE, package_version, version_in_path
from claude_auth.observe.viewpoint import Viewpoint
from claude_auth.security.sanitize import shown_path
from claude_auth.security.secret import Secret
from claude_auth.variables import CREDENTIALS, PLACES, PROVIDER_SWITCHES

#: More would be a fork bomb; what is told stays the same.
MOST_CLIENTS = 64

#: What decides which credential a process uses and how it connects.
COMPARED: tuple[str, ...] = (
    *CREDENTIALS,
    *PROVIDER_SWITCHES,
    *PLACES,
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_PROFILE",
    "CLAUDE_CODE_SIMPLE",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "NODE_EXTRA_CA_CERTS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "SSL_CERT_FILE",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
    "HOME",
    "USER",
)


@dataclass(frozen=True, slots=True)
class Process:
    """One row of the process table. `environ` is asked only of a `claude`, and may raise OSError."""

    pid: int
    command: tuple[str, ...] = field(repr=False)
    program: str
    started_at: float | None
    environ: Callable[[], Mapping[str, str]] = field(repr=False)


def running_clients(
    view: Viewpoint, processes: Iterable[Process] | None = None
) -> tuple[RunningClient, ...] | None:
    """The oldest first; None where the process table belongs to another machine than the one looked at."""
    if processes is None:
        if view.root != "/":
            return None
        processes = _of_this_user(view.user_id)
    found = []
    for process in processes:
        script = _script(process.command)
        if process.pid == os.getpid() or not _is_claude(process, script):
            continue
        found.append(_described(process, script, view))
        if len(found) == MOST_CLIENTS:
            break
    return tuple(sorted(found, key=lambda client: (client.started_at or 0.0, client.pid)))


def _of_this_user(user_id: int) -> Iterable[Process]:
    import psutil

    def environ_of(process: psutil.Process) -> Callable[[], Mapping[str, str]]:
        def environ() -> Mapping[str, str]:
            try:
                return process.environ()
            except psutil.Error as error:
                raise OSError("not readable") from error

        return environ

    with contextlib.suppress(psutil.Error, OSError):
        for process in psutil.process_iter(["cmdline", "exe", "create_time", "uids"]):
            info = process.info
            if info["uids"] is None or info["uids"].real != user_id or not info["cmdline"]:
                continue
            yield Process(
                process.pid,
                tuple(info["cmdline"]),
                info["exe"] or "",
                info["create_time"],
                environ_of(process),
            )


def _script(command: tuple[str, ...]) -> str:
    """The script that an interpreter runs: the first argument that is no option."""
    return next((word for word in command[1:4] if not word.startswith("-")), "")


def _is_claude(process: Process, script: str) -> bool:
    names = (process.command[0] if process.command else "", process.program)
    if any(os.path.basename(name) == "claude" for name in names):
        return True
    interpreter = os.path.basename(names[0]) in {"node", "bun", "deno"}
    return interpreter and (f"/{PACKAGE}/" in script or os.path.basename(script) == "claude")


def _described(process: Process, script: str, view: Viewpoint) -> RunningClient:
    is_script = f"/{PACKAGE}/" in script or os.path.basename(script) == "claude"
    program = script if is_script and os.path.isabs(script) else process.program or process.command[0]
    version = version_in_path(program)
    if version is None and os.path.isabs(program):
        folder = os.path.dirname(os.path.realpath(program))
        version = package_version(os.path.join(folder, "package.json"))
    environ: Mapping[str, str] | None = None
    with contextlib.suppress(OSError):
        environ = process.environ()
    words = process.command[1:6]
    waits = "setup-token" in words or ("auth", "login") in itertools.pairwise(words)
    return RunningClient(
        pid=process.pid,
        kind="sign-in" if waits else "session",
        program=shown_path(program),
        version=version,
        started_at=process.started_at,
        config_dir=None if environ is None else _config_dir(environ),
        differences=() if environ is None else _differences(view.environ, environ),
    )


def _config_dir(environ: Mapping[str, str]) -> str:
    named = environ.get("CLAUDE_CONFIG_DIR") or os.path.join(environ.get("HOME") or "/", ".claude")
    return os.path.normpath(named)


def _differences(here: Mapping[str, str], there: Mapping[str, str]) -> tuple[Difference, ...]:
    """An empty variable counts as unset, as it does for Claude Code."""
    found = []
    for name in COMPARED:
        mine, other = here.get(name) or None, there.get(name) or None
        if mine != other:
            found.append(Difference(name, _fingerprint(mine), _fingerprint(other)))
    return tuple(found)


def _fingerprint(value: str | None) -> str | None:
    return None if value is None else Secret(value).fingerprint
