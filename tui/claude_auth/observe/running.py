"""The processes of Claude Code, and the environment that each of them really has.

Its own register says first who works on a configuration directory, whatever the command line looks like; the
process table adds those that write none. Of an environment no value of a credential leaves this module, of a
command line nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from claude_auth.claude_code.process import (
    EDITORS,
    RECORD_LIMIT,
    REGISTER,
    RegisterRecord,
    config_dir_of,
    is_claude_code,
    parse_editor,
    parse_record,
    pid_of_record,
    script_of,
    start_in_stat,
    waits_for_sign_in,
)
from claude_auth.claude_code.variables import CREDENTIALS, PLACES, PROVIDER_SWITCHES
from claude_auth.files import list_directory, read_file, real_path
from claude_auth.model.surroundings import ClientInstance, Difference, Editor, RunningClient
from claude_auth.observe.context import ObservationContext, account_of
from claude_auth.observe.installed import package_version, version_in_path
from claude_auth.security.sanitize import clean, shown_path, shown_value
from claude_auth.security.secret import Secret

#: More would be a fork bomb; what is told stays the same.
MOST_CLIENTS = 64
#: Killed clients leave their records.
MOST_RECORDS = 10_000

#: What decides which credential a process uses and how it connects.
_COMPARED = """
    ANTHROPIC_BASE_URL ANTHROPIC_PROFILE CLAUDE_CODE_SIMPLE AWS_PROFILE AWS_REGION AWS_ACCESS_KEY_ID
    GOOGLE_APPLICATION_CREDENTIALS NODE_EXTRA_CA_CERTS NODE_TLS_REJECT_UNAUTHORIZED SSL_CERT_FILE
    HTTPS_PROXY https_proxy NO_PROXY no_proxy USER
    """


@dataclass(frozen=True)
class Process:
    """One row of the process table. `environ` and `cwd` are asked only where they matter; they raise
    ProcessLookupError for one that has ended, OSError for one that can't be read."""

    pid: int
    command: tuple[str, ...] = field(repr=False)
    program: str
    started_at: float | None
    environ: Callable[[], Mapping[str, str]] = field(repr=False)
    cwd: Callable[[], str] = field(default=str, repr=False)
    user_id: int | None = None

    @cached_property
    def is_claude_code(self) -> bool:
        """Asked once: a table is gone through for each directory, and at more than one look."""
        try:
            return is_claude_code(self.command, self.program, self.cwd)
        except OSError:
            return is_claude_code(self.command, self.program)


@dataclass(frozen=True, slots=True)
class _Found:
    """A process of Claude Code. `config_dir` is None where its environment can't be read."""

    process: Process
    record: RegisterRecord | None
    environ: Mapping[str, str] | None = field(repr=False)
    config_dir: str | None


def claude_processes(config_dir: str, processes: Iterable[Process] | None = None) -> frozenset[int] | None:
    """Who may write to the files of `config_dir`: its registered processes, and those of this user that work
    on it or of which that can't be told. None where processes can't be listed at all."""
    rows = process_table() if processes is None else processes
    if rows is None:
        return None
    found = _working_on(config_dir, rows, os.geteuid())
    return frozenset(one.process.pid for one in found)


def running_clients(
    view: ObservationContext, config_dir: str, processes: Iterable[Process] | None = None
) -> tuple[RunningClient, ...] | None:
    """Those of this user, home and configuration, the oldest first; one whose environment can't be read has
    no `config_dir`. None where the process table belongs to another machine, or can't be read."""
    if processes is None:
        processes = process_table() if view.has_processes else None
    if processes is None:
        return None
    found = []
    for one in _working_on(config_dir, processes, view.user_id):
        foreign = one.process.user_id not in {None, view.user_id}
        if foreign or (one.environ is not None and not is_same_file(_home_of(one.environ), view.home)):
            continue
        found.append(_described(one, view))
        if len(found) == MOST_CLIENTS:
            break
    return tuple(sorted(found, key=lambda client: (client.started_at or 0.0, client.pid)))


def places_in_use(
    view: ObservationContext, processes: Iterable[Process]
) -> Iterator[tuple[int, str, str | None]]:
    """Of each client of this user and home: its process, its configuration directory, and the directory of
    its credentials where that is another one."""
    for process in processes:
        if (
            process.user_id not in {None, view.user_id}
            or process.pid == os.getpid()
            or not process.is_claude_code
        ):
            continue
        try:
            environ = process.environ()
            cwd = _cwd(process, environ)
        except OSError:
            continue
        if not is_same_file(_home_of(environ), view.home):
            continue
        path = config_dir_of(environ, cwd, _home_of({}))
        store = environ.get("CLAUDE_SECURESTORAGE_CONFIG_DIR")
        if path is not None:
            yield process.pid, path, os.path.normpath(os.path.join(cwd, store)) if store else None


def instances_on(config_dir: str, processes: Iterable[Process], user_id: int) -> tuple[ClientInstance, ...]:
    """Who runs on that directory, by its register and by the process table."""
    found = []
    for one in _working_on(config_dir, processes, user_id):
        record = one.record
        if record is not None:
            told = (record.version, record.kind, record.entrypoint)
            version, kind, entrypoint = (None if text is None else clean(text, 40) for text in told)
            folder = None if record.folder is None else shown_path(record.folder)
            found.append(ClientInstance(one.process.pid, version, kind, entrypoint, folder))
        elif one.config_dir is not None:
            found.append(ClientInstance(one.process.pid, version_in_path(one.process.program)))
    return tuple(found[:MOST_CLIENTS])


def _working_on(config_dir: str, processes: Iterable[Process], user_id: int) -> Iterator[_Found]:
    register = registered(config_dir)
    for process in processes:
        record = register.get(process.pid)
        if process.pid == os.getpid():
            continue
        if record is None and (process.user_id not in {None, user_id} or not process.is_claude_code):
            continue
        environ: Mapping[str, str] | None = None
        works_on = None if record is None else config_dir
        try:
            environ = process.environ()
            works_on = works_on or config_dir_of(environ, _cwd(process, environ), _home_of({}))
        except ProcessLookupError:
            continue
        except OSError:
            pass
        if works_on is None or is_same_file(works_on, config_dir):
            yield _Found(process, record, environ, works_on)


def _cwd(process: Process, environ: Mapping[str, str]) -> str:
    """Asked only where a directory is named from there."""
    named = environ.get("CLAUDE_CONFIG_DIR") or environ.get("HOME") or "/"
    return "/" if os.path.isabs(named) else process.cwd()


def _home_of(environ: Mapping[str, str]) -> str:
    return environ.get("HOME") or account_of(os.geteuid())[1]


def is_same_file(path: str, other: str) -> bool:
    return real_path(path) == real_path(other)


# ── the register ─────────────────────────────────────────────────────────────────────────────────


def registered(config_dir: str) -> dict[int, RegisterRecord]:
    """The records of processes that run, by process id."""
    folder = os.path.join(config_dir, REGISTER)
    found = {}
    for name in list_directory(folder, MOST_RECORDS):
        pid = pid_of_record(name)
        started = None if pid is None else start_of(pid)
        if pid is None or started is None:
            continue
        content = read_file(os.path.join(folder, name), RECORD_LIMIT).content
        record = None if content is None else parse_record(name, content)
        if record is not None and record.is_of(started):
            found[pid] = record
    return found


def editors_on(config_dir: str) -> tuple[Editor, ...]:
    """The editors of this machine that run and left their record there."""
    folder = os.path.join(config_dir, EDITORS)
    found = []
    for name in list_directory(folder, MOST_RECORDS):
        content = read_file(os.path.join(folder, name), RECORD_LIMIT).content
        record = None if content is None else parse_editor(name, content)
        if record is None or start_of(record.pid) is None:
            continue
        named = None if record.name is None else clean(record.name, 60)
        folders = tuple(shown_path(folder) for folder in record.folders[:8])
        found.append(Editor(record.pid, record.port, named, folders))
    return tuple(found[:MOST_CLIENTS])


def start_of(pid: int) -> str | None:
    """When a process started, in clock ticks since the machine did, as text; None where none has that number
    any more. On Linux."""
    content = read_file(f"/proc/{pid}/stat", 64 << 10).content
    return None if content is None else start_in_stat(content)


# ── the process table ────────────────────────────────────────────────────────────────────────────


def process_table() -> tuple[Process, ...] | None:
    """Every process that this user may see; None where they can't be listed. psutil fails in ways of its own
    where `/proc` is not there or another system's, so whatever it raises means that."""
    try:
        import psutil

        rows = []
        for pid in psutil.pids():
            try:
                process = psutil.Process(pid)
                told = process.as_dict(("cmdline", "exe", "create_time", "uids"))
            except psutil.NoSuchProcess:
                continue
            rows.append(
                Process(
                    pid,
                    tuple(told["cmdline"] or ()),
                    told["exe"] or "",
                    told["create_time"],
                    _asked(process.environ),
                    _asked(process.cwd),
                    told["uids"].real if told["uids"] else None,
                )
            )
    except Exception:  # psutil's errors are many: not known is the answer to all of them
        return None
    return tuple(rows)


def _asked(ask: Callable[[], Any]) -> Callable[[], Any]:
    def asked() -> Any:
        import psutil

        try:
            return ask()
        except psutil.NoSuchProcess as error:
            raise ProcessLookupError("it has ended") from error
        except Exception as error:
            raise OSError("not readable") from error

    return asked


# ── what is told ─────────────────────────────────────────────────────────────────────────────────


def _described(one: _Found, view: ObservationContext) -> RunningClient:
    process, record = one.process, one.record
    script = script_of(process.command, process.program) or ""
    program = script if os.path.isabs(script) else process.program or (process.command or ("",))[0]
    version = (record.version if record is not None else None) or version_in_path(program)
    if version is None and os.path.isabs(program):
        folder = os.path.dirname(os.path.realpath(program))
        version = next((v for v in map(_package_version, (folder, os.path.dirname(folder))) if v), None)
    return RunningClient(
        pid=process.pid,
        kind="sign-in" if waits_for_sign_in(process.command) else "session",
        program=shown_path(program),
        version=None if version is None else clean(version, 40),
        started_at=process.started_at,
        config_dir=one.config_dir,
        differences=() if one.environ is None else _differences(view.environ, one.environ),
    )


def _package_version(folder: str) -> str | None:
    return package_version(os.path.join(folder, "package.json"))


def _differences(here: Mapping[str, str], there: Mapping[str, str]) -> tuple[Difference, ...]:
    """An empty variable counts as unset, as it does for Claude Code."""
    found = []
    for name in (*CREDENTIALS, *PROVIDER_SWITCHES, *PLACES, *_COMPARED.split()):
        mine, other = here.get(name) or None, there.get(name) or None
        if mine != other:
            found.append(Difference(name, *_shown(name, mine, other)))
    return tuple(found)


def _shown(name: str, *values: str | None) -> tuple[str | None, ...]:
    """What is no secret by its value; a credential, and what looks the same once secrets are out, by its
    fingerprint."""
    told = [None if value is None else shown_value(name, value, 100) for value in values]
    if name in CREDENTIALS or told[0] == told[1]:
        return tuple(None if value is None else Secret(value).fingerprint for value in values)
    return tuple(told)
