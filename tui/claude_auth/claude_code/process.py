"""Whether a process is Claude Code, and what its own register says of it. Pure.

The register: `<config>/sessions/PID.json`, written by a client that runs and removed at its end; one that was
killed leaves it, so a record counts only where the process of that number started when the record says [seen,
2.1.332, Linux]. Older clients write none: they are told by their command line. Beside it lies
`PID.HASH.key`, a secret: it is never opened.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from claude_auth.named_tuples import NamedTuple

PACKAGE = "@anthropic-ai/claude-code"
#: Below the configuration directory.
REGISTER = "sessions"
#: A record is a few hundred bytes.
RECORD_LIMIT = 64 << 10

#: What the program is called: natively, by npm with the binary in the package [seen], by Nix [told].
_NAMES = frozenset({"claude", "claude.exe", ".claude-wrapped"})
#: The folder of the script, as npm lays it out; the Agent SDK brings a copy of its own [told].
_FOLDERS = frozenset({"claude-code", "claude-agent-sdk"})
_SCRIPTS = frozenset({"cli.js", "cli.mjs", "cli.cjs", "cli-wrapper.cjs"})


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    return (
        re.compile(r"(node|nodejs|bun|deno)(?:-?v?\d[\d.]*)?(?:\.exe)?"),
        re.compile(r"ld(?:-linux|-musl|64)?[\w.-]*\.so(?:\.\d+)*|qemu-[\w-]+|box64|FEXInterpreter"),
        re.compile(r".*/claude/versions/\d+\.\d+\.\d+[\w.+-]*"),
        re.compile(rf"npm:/?{re.escape(PACKAGE)}(?:@[^/]*)?(?:/.*)?"),
    )


# ── by its command line ──────────────────────────────────────────────────────────────────────────


def is_claude_code(command: Sequence[str], program: str = "", cwd: Callable[[], str] | None = None) -> bool:
    """`command` is the argument list, `program` the executable's real path; each may be empty where it isn't
    known. `cwd` is asked where a script is named without its folder. What a program merely opens
    (`vim claude`) doesn't count, nor do our own programs."""
    command, program = _loaded(command, program.removesuffix(" (deleted)"))
    if any(_is_program(name) for name in (*command[:1], program)):
        return True
    script = script_of(command, program)
    if script is None:
        return False
    folder = "" if cwd is None or posixpath.isabs(script) or not script else cwd()
    return _is_script(posixpath.join(folder, script)) or _is_package(script)


def script_of(command: Sequence[str], program: str = "") -> str | None:
    """The script that Node, Bun or Deno runs; None for another program, and where it runs none."""
    interpreter, *_ = _patterns()
    for name in (*command[:1], program.removesuffix(" (deleted)")):
        if found := interpreter.fullmatch(posixpath.basename(name)):
            return _script("node" if found[1] == "nodejs" else found[1], command[1:])
    return None


def waits_for_sign_in(command: Sequence[str]) -> bool:
    """`claude auth login` and `claude setup-token`, whatever interpreter runs them."""
    words = [word for word in command[1:] if not word.startswith("-")][:5]
    return "setup-token" in words or ("auth", "login") in pairwise(words)


def _loaded(command: Sequence[str], program: str) -> tuple[Sequence[str], str]:
    """Without the loader or the emulator that a program may be started by; then only its words are known."""
    _, loader, _, _ = _patterns()
    if not any(loader.fullmatch(posixpath.basename(name)) for name in (*command[:1], program)):
        return command, program
    rest = list(command[1:])
    while rest and rest[0].startswith("-"):
        del rest[: 2 if rest[0] in _LOADER_VALUED else 1]
    return rest, ""


_LOADER_VALUED = frozenset({"--library-path", "--preload", "--argv0", "--audit", "--inhibit-rpath", "-L"})


def _is_program(path: str) -> bool:
    _, _, version, _ = _patterns()
    return posixpath.basename(path) in _NAMES or version.fullmatch(path) is not None


def _is_script(path: str) -> bool:
    folder, name = posixpath.split(path)
    return name in _NAMES or (posixpath.basename(folder) in _FOLDERS and name in _SCRIPTS)


def _is_package(script: str) -> bool:
    *_, package = _patterns()
    return package.fullmatch(script) is not None


#: Options whose value is a word of its own. Node takes any `--option=value` as two words as well.
_VALUED: Mapping[str, str] = {
    "node": (
        "-r -c --require --import --loader --experimental-loader -C --conditions --env-file "
        "--env-file-if-exists --title --input-type --icu-data-dir --max-http-header-size --openssl-config "
        "--diagnostic-dir --redirect-warnings --report-dir --report-directory --report-filename "
        "--report-signal --unhandled-rejections --tls-cipher-list --tls-keylog --dns-result-order "
        "--disable-warning --disable-proto --trace-event-categories --trace-event-file-pattern "
        "--trace-require-module --experimental-default-type --experimental-policy --policy-integrity "
        "--cpu-prof-dir --cpu-prof-interval --cpu-prof-name --heap-prof-dir --heap-prof-interval "
        "--heap-prof-name --heapsnapshot-near-heap-limit --heapsnapshot-signal --inspect-port --debug-port "
        "--inspect-publish-uid --secure-heap --secure-heap-min --snapshot-blob --localstorage-file "
        "--allow-fs-read --allow-fs-write --network-family-autoselection-attempt-timeout --use-largepages "
        "--watch-path --experimental-config-file --stack-trace-limit"
    ),
    "bun": (
        "-r --preload --require --import -c --config --cwd --env-file -d --define --drop -l --loader "
        "--conditions --tsconfig-override --port --title --main-fields --extension-order --jsx-factory "
        "--jsx-fragment --jsx-import-source --jsx-runtime -F --filter --shell --install --dns-result-order "
        "--unhandled-rejections --elide-lines --max-http-header-size --user-agent --fetch-preconnect"
    ),
    "deno": (
        "-c --config --import-map --lock --cert --location --seed --ext --preload --import "
        "--require -L --log-level --v8-flags --node-modules-dir --minimum-dependency-age --conditions"
    ),
}
#: With these an interpreter runs what stands in the option, or nothing at all.
_NO_SCRIPT = frozenset({"-e", "--eval", "-p", "--print", "-pe", "-h", "--help", "-v", "--version", "--check"})


def _script(interpreter: str, words: Sequence[str]) -> str | None:
    rest = _words_without_options(interpreter, words)
    first = next(rest, None)
    if interpreter in {"bun", "deno"} and first == "run":
        return next(rest, None)
    return first


def _words_without_options(interpreter: str, words: Sequence[str]) -> Iterator[str]:
    """Up to where it is told that no script follows."""
    following = iter(words)
    for word in following:
        if word == "--":
            yield from following
        elif word in _NO_SCRIPT:
            return
        elif word in _VALUED[interpreter].split():
            next(following, None)
        elif not word.startswith("-"):
            yield word


# ── what it works on ─────────────────────────────────────────────────────────────────────────────


def config_dir_of(environ: Mapping[str, str], cwd: str, home: str = "") -> str | None:
    """Where a process with this environment keeps its configuration; None where it can't be told. `home` is
    the one of the user data base, which counts where HOME is not set."""
    named = environ.get("CLAUDE_CONFIG_DIR")
    if named:
        return posixpath.normpath(posixpath.join(cwd, named))
    home = environ.get("HOME") or home
    return posixpath.normpath(posixpath.join(cwd, home, ".claude")) if home else None


# ── the register ─────────────────────────────────────────────────────────────────────────────────


def json_object(content: bytes) -> dict[str, Any]:
    """Empty for what is none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number_of(name: str, ending: str) -> int | None:
    number, _, found = name.partition(".")
    is_number = found == ending and number.isascii() and number.isdigit() and len(number) < 10
    return int(number) if is_number else None


class RegisterRecord(NamedTuple):
    """A record of the register. `started` is the start of the process in clock ticks since the machine's
    (field 22 of `/proc/PID/stat`), as text. `kind`: `interactive`; told are `bg`, `daemon`, `daemon-worker`.
    `entrypoint`: `cli`, or what started it; `folder`: its working directory."""

    pid: int
    started: str
    version: str | None = None
    kind: str | None = None
    entrypoint: str | None = None
    folder: str | None = None

    def is_of(self, started: str | None) -> bool:
        """Whether the record is of the process that has this number now; `started` is None where none has."""
        return started is not None and started == self.started


def pid_of_record(name: str) -> int | None:
    """The process that a file of the register is about; None for any other file, the `.key` among them."""
    return _number_of(name, "json") or None


def parse_record(name: str, content: bytes) -> RegisterRecord | None:
    """None for what isn't a record of the process that the file's name tells."""
    fields = json_object(content)
    pid, started = fields.get("pid"), fields.get("procStart")
    if type(pid) is not int or pid != pid_of_record(name) or not isinstance(started, str) or not started:
        return None
    told = (fields.get(name) for name in ("version", "kind", "entrypoint", "cwd"))
    return RegisterRecord(pid, started, *(text if isinstance(text, str) and text else None for text in told))


# ── editors ──────────────────────────────────────────────────────────────────────────────────────

#: Below the configuration directory: `PORT.lock` of an editor that Claude Code may connect to [told].
EDITORS = "ide"


class EditorRecord(NamedTuple):
    """What an editor left there; not when its process started. The token beside it is not kept."""

    port: int
    pid: int
    name: str | None = None
    folders: tuple[str, ...] = ()


def parse_editor(name: str, content: bytes) -> EditorRecord | None:
    """None for what isn't such a record."""
    port, fields = _number_of(name, "lock"), json_object(content)
    pid = fields.get("pid")
    if port is None or port > 65535 or type(pid) is not int or pid <= 0:
        return None
    named, folders = fields.get("ideName"), fields.get("workspaceFolders")
    told = [one for one in folders if isinstance(one, str)] if isinstance(folders, list) else []
    return EditorRecord(port, pid, named if isinstance(named, str) else None, tuple(told))


def start_in_stat(stat: bytes) -> str | None:
    """The start of a process from its `/proc/PID/stat`; None for one that has ended and is still listed."""
    fields = stat.rpartition(b")")[2].split()
    if len(fields) < 20 or fields[0] in {b"Z", b"X", b"x"}:
        return None
    return fields[19].decode("ascii", "replace")
