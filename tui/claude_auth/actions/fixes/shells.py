"""Commands for the shell that the person uses."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from typing import Literal

from claude_auth.processes.environment import own_program

__all__ = ["Shell", "edit_command", "for_shell", "own_program", "quoted", "shell_of", "unset"]

Shell = Literal["bash", "zsh", "fish", "powershell"]

_NAMES: Mapping[str, Shell] = {
    "bash": "bash",
    "zsh": "zsh",
    "fish": "fish",
    "pwsh": "powershell",
    "powershell": "powershell",
}


def shell_of(environ: Mapping[str, str]) -> Shell:
    """By SHELL; PowerShell leaves its own mark, since SHELL there is the login shell's."""
    if environ.get("POWERSHELL_DISTRIBUTION_CHANNEL") or environ.get("PSModulePath"):
        return "powershell"
    return _NAMES.get(os.path.basename(environ.get("SHELL", "")), "bash")


def quoted(word: str, shell: Shell) -> str:
    """One word, whatever stands in it."""
    if shell == "powershell":
        return word if re.fullmatch(r"[\w./~:+-]+", word) else "'" + word.replace("'", "''") + "'"
    if shell == "fish":
        if re.fullmatch(r"[\w./:+-]+", word):
            return word
        return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return shlex.quote(word)


def unset(name: str, shell: Shell) -> str:
    if shell == "powershell":
        return f"Remove-Item Env:{name}"
    return f"set -e {name}" if shell == "fish" else f"unset {name}"


_UNSET = re.compile(r"unset ([A-Za-z_]\w*)")
_EXPORT = re.compile(r"export ([A-Za-z_]\w*)=(\"[^\"$`\\]*\"|[^\s\"'$`\\;&|]+)")


def for_shell(command: str, shell: Shell) -> str:
    """One of our own suggestions, written for bash, as this shell wants it; what isn't known stays."""
    if shell in {"bash", "zsh"}:
        return command
    if found := _UNSET.fullmatch(command):
        return unset(found[1], shell)
    if found := _EXPORT.fullmatch(command):
        name, value = found[1], found[2]
        return f"set -gx {name} {value}" if shell == "fish" else f"$env:{name} = {_text(value)}"
    command = command.replace(_EDITOR, _EDITORS.get(shell, _EDITOR))
    if shell == "fish":
        return command.replace('"$(id -un)"', "(id -un)")
    return command.replace("2>/dev/null", "2>$null")


def _text(value: str) -> str:
    return value if value.startswith('"') else f'"{value}"'


_EDITOR = "${EDITOR:-vi}"
_EDITORS: Mapping[Shell, str] = {"fish": "$EDITOR", "powershell": "& $env:EDITOR"}


def edit_command(path: str, line: int | None, shell: Shell) -> str:
    at = "" if line is None else f"+{line} "
    return f"{_EDITORS.get(shell, _EDITOR)} {at}{quoted(path, shell)}"
