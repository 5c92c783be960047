"""Commands whose programs are not there, or can't be started: looked for, never run."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from claude_auth.claude_code.variables import COMMAND_SETTINGS
from claude_auth.files import read_file
from claude_auth.model import Snapshot
from claude_auth.model.surroundings import CommandFile, CommandProblem
from claude_auth.observe.context import ObservationContext
from claude_auth.processes.environment import is_executable, which
from claude_auth.security.sanitize import clean, shown_command


def missing_commands(snapshot: Snapshot, view: ObservationContext) -> tuple[CommandFile, ...]:
    """Configured commands whose program is not there or can't be started: named by a path, or looked for on
    the PATH that Claude Code would hand over. A command that is more than words is left to the shell."""
    found = []
    for name in COMMAND_SETTINGS:
        for setting in snapshot.settings.get(name, ())[:1]:
            for place, word in enumerate(_programs(setting.value.reveal())):
                problem = _problem(word, snapshot, view, interpreted=place > 0)
                if problem is not None:
                    found.append(CommandFile(name, shown_command(word), problem, setting.origin))
                    break
    return tuple(found)


#: What runs a script that is named behind it.
_INTERPRETERS = frozenset("sh bash zsh dash python python3 node ruby perl".split())


def _programs(command: str) -> list[str]:
    """The program of a command, and the script that it interprets; nothing where a shell decides."""
    try:
        words = shlex.split(command[:20_000])
    except ValueError:
        return []
    first = words[0] if words else ""
    is_of_shell = first in _SHELL or first in _SEPARATORS
    if not first or is_of_shell or any(character in first for character in "\0`*?[;&|<>(="):
        return []
    script = words[1] if len(words) > 1 and os.path.basename(first) in _INTERPRETERS else ""
    is_path = "/" in script and not any(character in script for character in "\0`*?[;&|<>(=")
    return [first, script] if is_path and not script.startswith("-") else [first]


def _problem(
    word: str, snapshot: Snapshot, view: ObservationContext, *, interpreted: bool
) -> CommandProblem | None:
    path = word
    for name in ("~", "$HOME", "${HOME}"):
        if path.startswith(f"{name}/"):
            path = view.home + path.removeprefix(name)
    if "$" in path:
        return None
    if "/" not in path:
        folders = _path_of(snapshot, view)
        return None if not folders or _is_on(folders, path) else "not-on-path"
    path = os.path.join(view.cwd, path)
    if not os.path.exists(path):
        return "missing"
    if interpreted:
        return None
    if not is_executable(path):
        return "not-executable"
    return "no-interpreter" if _lacks_interpreter(path) else None


def _path_of(snapshot: Snapshot, view: ObservationContext) -> list[str]:
    """A settings file may replace it; empty where no environment is looked at, or another system."""
    if view.root != "/":
        return []
    assigned = snapshot.variables.get("PATH", ())
    text = assigned[0].value.reveal() if assigned else view.environ.get("PATH", "")
    return [os.path.join(view.cwd, folder) for folder in text.split(os.pathsep)] if text else []


def _is_on(folders: list[str], program: str) -> bool:
    paths = (os.path.join(folder, program) for folder in folders)
    return any(map(is_executable, paths))


def _lacks_interpreter(path: str) -> bool:
    """Whether the first line of a script names a program that isn't there, as with line ends of Windows."""
    content = read_file(path).content or b""
    if not content.startswith(b"#!"):
        return False
    named = content[2:].partition(b"\n")[0].strip(b" \t").split(b" ")[0]
    return bool(named) and not os.path.exists(os.fsdecode(named))


# ── before a person agrees to a command ──────────────────────────────────────────────────────────

_LINE_END = "⏎"
_SEPARATORS = frozenset(
    {_LINE_END, "|", "||", "&&", ";", "&", "(", "|&", "{", "!", "then", "do", "else", "if", "while"}
)
#: Words of the shell itself.
_SHELL = frozenset(
    "alias bg break case cd command continue echo eval exec exit export false fg for function getopts hash "
    "jobs kill local printf pwd read readonly return set shift source test time times trap true type ulimit "
    "umask unalias unset until wait [ [[ . : fi done esac }".split()
)
#: The program follows them.
_PREFIXES = frozenset("exec env nohup nice sudo time command builtin".split())


def missing_programs(command: str, environment: Mapping[str, str], cwd: str) -> tuple[str, ...]:
    """The programs at the start of each simple command that can't be found; words that the shell would
    have to expand first are left out, so nothing is called missing that is there."""
    text = command[:20_000].replace("\n", f" {_LINE_END} ")
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:  # an open quote: the shell will say so
        return ()
    found: list[str] = []
    at_start, in_comment = True, False
    for word in words:
        in_comment = (in_comment or word.startswith("#")) and word != _LINE_END
        if in_comment:
            continue
        if word in _SEPARATORS or set(word) <= set("|&;()"):
            at_start = True
        elif at_start and not _is_assignment(word) and word not in _PREFIXES:
            at_start = False
            if not _is_there(word, environment, cwd):
                found.append(clean(word, 120))
    return tuple(dict.fromkeys(found))


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def _is_there(word: str, environment: Mapping[str, str], cwd: str) -> bool:
    if word in _SHELL or word.startswith("-") or any(character in word for character in "$`*?<>\"'"):
        return True
    if "/" not in word:
        return which(word, environment.get("PATH")) is not None
    if word.startswith("~/"):
        word = environment.get("HOME", "~") + word[1:]
    return is_executable(os.path.join(cwd, word))
