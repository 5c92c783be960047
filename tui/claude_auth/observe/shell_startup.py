"""Where a variable of the shell is probably set: start-up files, environment files, `.env` and `.envrc`.

Only path and line leave this module, never a value. Nothing is expanded or run, so a file that is read
by no shell of this person may be named, and a variable set by a program is not found: "probably".
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Literal

from claude_auth.files import list_directory, read_file
from claude_auth.model import Location
from claude_auth.observe.context import ObservationContext

Dialect = Literal["shell", "fish", "fish-variables", "lines"]
Word = tuple[int, bytes]

MOST_FILES = 60
MOST_PLACES = 20
#: Occurrences of a name that are looked at in one file; a file that repeats one forever is no start-up file.
MOST_OCCURRENCES = 200
#: Names of a working directory that are searched for `.env*`.
MOST_NAMES = 1000
MOST_PARENTS = 16
LONGEST_STATEMENT = 1 << 16

_HOME_FILES = {
    "bash": ".bashrc .bash_profile .bash_login .profile .bash_aliases".split(),
    "zsh": ".zshrc .zshenv .zprofile .zlogin".split(),
}
_SYSTEM_FILES = (
    "etc/profile etc/bash.bashrc etc/bashrc etc/zsh/zshenv etc/zsh/zshrc etc/zsh/zprofile "
    "etc/zshenv etc/zshrc etc/zprofile"
).split()
#: Templates that come with a project and set nothing.
_TEMPLATES = (".example", ".sample", ".template", ".dist")
#: Words in front of a command that leave it what it is.
_LEADING = frozenset(b"then else elif do if while until { } ! time builtin command begin and or not".split())


def likely_set_at(names: Iterable[str], view: ObservationContext) -> dict[str, tuple[Location, ...]]:
    """Name → the lines that set it, files of the person's own shell (`SHELL`) first; names that were not
    found are left out. Files of up to 1 MiB, `MOST_FILES` of them; what can't be read is passed over."""
    wanted = {name.encode(): name for name in names if name.isascii() and name.isidentifier()}
    if not wanted:
        return {}
    found: dict[str, list[Location]] = {}
    files_read = 0
    for path, dialect in _candidates(view):
        read = read_file(path)
        if read.content is None:
            continue
        for name, line in assignments(read.content, dialect, wanted):
            places = found.setdefault(wanted[name], [])
            if len(places) < MOST_PLACES and Location(path, line) not in places:
                places.append(Location(path, line))
        files_read += 1
        if files_read == MOST_FILES:
            break
    return {name: tuple(places) for name, places in found.items()}


def named_directories(view: ObservationContext) -> tuple[tuple[str, Location], ...]:
    """The directories that start-up files name as CLAUDE_CONFIG_DIR, in an alias or for one command too, and
    the lines; a folder's own files decide nothing here. Of what a shell expands only the home is known, the
    rest is passed over."""
    found: dict[str, Location] = {}
    for path, _ in _each_once(_shell_files(view)):
        content = read_file(path).content or b""
        if b"CLAUDE_CONFIG_DIR" not in content:
            continue
        for match in _patterns()["config-dir"].finditer(content):
            line_start = content.rfind(b"\n", 0, match.start()) + 1
            directory = _expanded(os.fsdecode(match[1]).strip("\"'"), view.home)
            if directory is not None and not content[line_start:].lstrip(b" \t").startswith(b"#"):
                line = content.count(b"\n", 0, match.start()) + 1
                found.setdefault(directory, Location(path, line))
        if len(found) >= MOST_PLACES:
            break
    return tuple(found.items())


def _expanded(text: str, home: str) -> str | None:
    """None where more than the home would have to be expanded, or where no full path comes of it."""
    for name in ("~", "$HOME", "${HOME}"):
        if text == name or text.startswith(f"{name}/"):
            text = home + text.removeprefix(name)
    return text if os.path.isabs(text) and not set(text) & set("$`*?[{\0") else None


def assignments(content: bytes, dialect: Dialect, names: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Each name that a line of `content` sets, with the number of the line, from 1."""
    present = frozenset(name for name in names if name in content)
    if not present:
        return
    # A search for whole words comes after the plain one: most files hold none of the names.
    pattern = re.compile(rb"(?<![A-Za-z0-9_])(?:%s)(?![A-Za-z0-9_])" % b"|".join(sorted(present)))
    statement_end = 0
    for _, match in zip(range(MOST_OCCURRENCES), pattern.finditer(content), strict=False):
        if match.start() < statement_end:
            continue
        line_start = content.rfind(b"\n", 0, match.start()) + 1
        line_end = _line_end(content, match.end())
        if dialect in {"lines", "fish-variables"}:
            before, after = content[line_start : match.start()], content[match.end() : line_end]
            if _is_set_on_line(before, after, dialect):
                yield match[0], content.count(b"\n", 0, match.start()) + 1
            continue
        start, statement_end = max(statement_end, _statement_start(content, line_start)), line_end
        for offset, name in _assigned(content[start:line_end], in_fish=dialect == "fish"):
            if name in present:
                yield name, content.count(b"\n", 0, start + offset) + 1


def is_exported(content: bytes, name: str) -> bool:
    """Whether a shell's file hands `name` on to programs: it exports the name anywhere, or everything."""
    wanted = re.escape(name.encode())
    exports = (
        rb"(?m)^[^#\n]*\b(?:export|setenv|(?:declare|typeset)[ \t]+-\w*x\w*)[ \t][^#\n;]*\b%s\b" % wanted
    )
    everything = rb"(?m)^[ \t]*set[ \t]+(?:-\w*a|-o[ \t]+allexport)"
    return re.search(exports, content) is not None or re.search(everything, content) is not None


# ── which files ──────────────────────────────────────────────────────────────────────────────────


def _candidates(view: ObservationContext) -> Iterator[tuple[str, Dialect]]:
    return _each_once(chain(_project_files(view), _shell_files(view)))


def _each_once(files: Iterable[tuple[str, Dialect]]) -> Iterator[tuple[str, Dialect]]:
    """Path and dialect, each file once, also where one is a link to another."""
    seen: set[tuple[int, int]] = set()
    for path, dialect in files:
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            continue
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            yield path, dialect


def _shell_files(view: ObservationContext) -> Iterator[tuple[str, Dialect]]:
    home, root, environ = view.home, view.root, view.environ
    config = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    own_shell = os.path.basename(environ.get("SHELL", ""))
    for shell in sorted(("bash", "zsh", "fish"), key=lambda shell: shell != own_shell):
        if shell == "fish":
            yield from _fish_files(os.path.join(config, "fish"))
            continue
        folders = [home]
        if shell == "zsh" and environ.get("ZDOTDIR"):
            folders.insert(0, environ["ZDOTDIR"])
        for folder in folders:
            yield from ((os.path.join(folder, name), "shell") for name in _HOME_FILES[shell])
    yield from _listed(os.path.join(config, "environment.d"), ".conf", "lines")
    yield os.path.join(home, ".pam_environment"), "lines"
    yield os.path.join(root, "etc/environment"), "lines"
    yield from _listed(os.path.join(root, "etc/environment.d"), ".conf", "lines")
    yield from ((os.path.join(root, path), "shell") for path in _SYSTEM_FILES)
    yield from _listed(os.path.join(root, "etc/profile.d"), ".sh", "shell")
    yield from _fish_files(os.path.join(root, "etc/fish"))


def _fish_files(folder: str) -> Iterator[tuple[str, Dialect]]:
    yield os.path.join(folder, "config.fish"), "fish"
    yield from _listed(os.path.join(folder, "conf.d"), ".fish", "fish")
    yield os.path.join(folder, "fish_variables"), "fish-variables"


def _listed(folder: str, ending: str, dialect: Dialect) -> Iterator[tuple[str, Dialect]]:
    names = [name for name in list_directory(folder) if name.endswith(ending)]
    yield from ((os.path.join(folder, name), dialect) for name in names[: MOST_FILES // 2])


def _project_files(view: ObservationContext) -> Iterator[tuple[str, Dialect]]:
    """`.envrc` and `.env*` of the working directory and its parents, up to home or the root."""
    folder = view.cwd
    for _ in range(MOST_PARENTS):
        yield os.path.join(folder, ".envrc"), "shell"
        yield os.path.join(folder, ".env"), "lines"
        names = [name for name in list_directory(folder, MOST_NAMES) if name.startswith(".env.")]
        for name in names[:10]:
            if not name.endswith(_TEMPLATES):
                yield os.path.join(folder, name), "lines"
        parent = os.path.dirname(folder)
        if parent == folder or folder in {view.home.rstrip("/"), view.root.rstrip("/")}:
            break
        folder = parent


# ── what a line sets ─────────────────────────────────────────────────────────────────────────────


@cache
def _patterns() -> Mapping[str, re.Pattern[bytes]]:
    """Compiled on first use: most start-up files name none of the variables."""
    return {
        "config-dir": re.compile(
            rb"""(?<![A-Za-z0-9_])CLAUDE_CONFIG_DIR(?:=|[ \t]+)("[^"\n]*"|'[^'\n]*'|[^\s;&|()"']+)"""
        ),
        "before-name": re.compile(rb"[ \t]*(?:export[ \t]+)?"),
        # systemd, dotenv and pam_env; the last one also writes `NAME DEFAULT=value`.
        "after-name": re.compile(rb"[ \t]*=|[ \t]+(?:DEFAULT|OVERRIDE)="),
        "fish-universal": re.compile(rb"[ \t]*SETUVAR[ \t]+(?:--\w+[ \t]+)*--export[ \t]+(?:--\w+[ \t]+)*"),
        "assignment": re.compile(rb"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?="),
        "token": re.compile(
            rb"""(?P<blank>[ \t\r]++|\\\r?\n)
            |(?P<comment>\#[^\n]*+)
            |(?P<end>[\n;&|()])
            |(?P<word>(?:"(?:[^"\\]|\\.)*+(?:"|\Z) | '[^']*+(?:'|\Z) | \$\{[^}\n]*+\} | \\.
                |[^\s;&|()"'])++)
            |(?P<other>.)""",
            re.VERBOSE | re.DOTALL,
        ),
    }


def _is_set_on_line(before: bytes, after: bytes, dialect: Dialect) -> bool:
    patterns = _patterns()
    if dialect == "fish-variables":
        return after.startswith(b":") and patterns["fish-universal"].fullmatch(before) is not None
    starts_line = patterns["before-name"].fullmatch(before) is not None
    return starts_line and patterns["after-name"].match(after) is not None


def _line_end(content: bytes, position: int) -> int:
    """The end of the line, or of the last one that a backslash joins with it."""
    from claude_auth.formats.shell_tokens import goes_on  # most start-up files name none of the variables

    end = content.find(b"\n", position)
    while 0 <= end < position + LONGEST_STATEMENT and goes_on(
        content[max(0, end - 1024) : end].removesuffix(b"\r")
    ):
        end = content.find(b"\n", end + 1)
    return min(len(content) if end < 0 else end, position + LONGEST_STATEMENT)


def _statement_start(content: bytes, line_start: int) -> int:
    """The start of the first of the lines that are joined with this one by a backslash at their end."""
    from claude_auth.formats.shell_tokens import goes_on

    start = line_start
    while start > 0 and line_start - start < LONGEST_STATEMENT:
        if not goes_on(content[max(0, start - 1024) : start - 1].removesuffix(b"\r")):
            break
        start = content.rfind(b"\n", 0, start - 1) + 1
    return start


def _assigned(statement: bytes, *, in_fish: bool) -> Iterator[Word]:
    """Offset and name of everything that `statement`, one line or several joined ones, sets."""
    command: list[Word] = []
    for token in _patterns()["token"].finditer(statement):
        if token.lastgroup == "word":
            command.append((token.start(), token[0]))
        elif token.lastgroup == "end":
            yield from _assigned_by(command, in_fish)
            command = []
    yield from _assigned_by(command, in_fish)


def _assigned_by(command: list[Word], in_fish: bool) -> Iterator[Word]:
    words = command[2:] if command and command[0][1] == b"function" else list(command)
    while words and words[0][1] in _LEADING:
        words.pop(0)
    if not words:
        return
    first, rest = words[0][1], words[1:]
    options = [word for _, word in rest if word.startswith((b"-", b"+"))]
    arguments = [(offset, word.strip(b"\"'")) for offset, word in rest if not word.startswith((b"-", b"+"))]
    if first == b"setenv":
        yield from arguments[:1] if len(arguments) > 1 else ()
    elif first == b"set" and in_fish:
        if _exports_in_fish(options):
            yield from arguments[:1]
    elif first == b"export" or (first in {b"declare", b"typeset"} and _has_flag(options, b"x")):
        yield from _pairs(arguments)
    elif not in_fish and len(pairs := list(_pairs(words))) == len(words):
        # Nothing but assignments; with a command behind them they would be for that command alone.
        yield from pairs


def _pairs(words: Iterable[Word]) -> Iterator[Word]:
    for offset, word in words:
        if match := _patterns()["assignment"].match(word):
            yield offset, match[1]


def _has_flag(options: Iterable[bytes], letter: bytes) -> bool:
    return any(option[:1] == b"-" and option[:2] != b"--" and letter in option for option in options)


def _exports_in_fish(options: list[bytes]) -> bool:
    """`-x` or `--export`, and neither erased, asked for nor local to a block."""
    if any(long in options for long in (b"--erase", b"--query", b"--local", b"--unexport")):
        return False
    if any(_has_flag(options, letter) for letter in (b"e", b"q", b"l", b"u")):
        return False
    return b"--export" in options or _has_flag(options, b"x")
