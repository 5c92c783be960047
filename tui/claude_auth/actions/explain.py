"""An error text explained on this machine: the text itself, or the file that was dropped on the terminal."""

from __future__ import annotations

import errno
import os
import shlex
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from claude_auth import files
from claude_auth.diagnose import MachineAnswers
from claude_auth.diagnose.causes.tokens import TELL_KINDS
from claude_auth.diagnose.texts import Parsed, Recognised, explain
from claude_auth.diagnose.texts.prepare import decode
from claude_auth.security.secret import Secret, without_locals

__all__ = [
    "READ_AT_MOST",
    "Explained",
    "Parsed",
    "Recognised",
    "explain",
    "explain_here",
    "explain_text",
    "read_file",
    "tells_kinds",
]

#: More than this of a text is not read: its beginning.
READ_AT_MOST = 64_000_000
#: No path is longer.
_LONGEST_PATH = 4096
_NOTHING = Parsed()


@dataclass(frozen=True, slots=True)
class Explained:
    """What the text is known to mean; of the text itself nothing but its size and what was `parsed`.
    `file`: it was read from there. `problem`: it could not be."""

    lines: int = 0
    characters: int = 0
    parsed: Parsed = _NOTHING
    causes: tuple[Recognised, ...] = ()
    file: str | None = None
    problem: str | None = None


def tells_kinds(causes: Iterable[Recognised]) -> bool:
    """Whether the table of token kinds helps beside one of them that is not ruled out."""
    return any(cause.id in TELL_KINDS for cause in causes if not cause.ruled_out)


@without_locals
def explain_here(given: Secret, machine: MachineAnswers) -> Explained:
    """Blocks: for a tenth of a second a megabyte."""
    text = given.reveal()
    path = dropped_file(text, machine.snapshot.places.home)
    if path is not None:
        try:
            text = decode(read_file(path))
        except OSError as error:
            return Explained(file=path, problem=(error.strerror or "it is no ordinary file").lower())
    return replace(explain_text(Secret(text), machine), file=path)


@without_locals
def explain_text(given: Secret, machine: MachineAnswers) -> Explained:
    """The same of a text alone, whatever it names."""
    text = given.reveal()
    parsed, causes = explain(text, machine)
    return Explained(count_lines(text), len(text), parsed, causes)


def count_lines(text: str) -> int:
    """A terminal pastes line ends as carriage returns."""
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    return ends + (not text.endswith(("\n", "\r"))) if text else 0


# ── a file that was dropped ──────────────────────────────────────────────────────────────────────


def dropped_file(text: str, home: str) -> str | None:
    """The path, where `text` is one line that names a file: as it is, quoted, with escaped blanks, or as a
    `file://` address. A path that starts nowhere in particular is a word of some text."""
    line = text.strip()
    if not line or len(line) > _LONGEST_PATH * 3 or "\n" in line or "\r" in line or "\0" in line:
        return None
    return next((path for path in _readings(line, home) if _is_file(path)), None)


def _readings(line: str, home: str) -> list[str]:
    readings = [line]
    try:
        words = shlex.split(line)
    except ValueError:  # a lone quote
        words = []
    if len(words) == 1:
        readings.append(words[0])
    paths = []
    for reading in readings:
        if reading.startswith("file://"):
            try:
                parts = urlsplit(reading)
            except ValueError:
                continue
            reading = unquote(parts.path) if parts.netloc in {"", "localhost", os.uname().nodename} else ""
        elif reading.startswith("~/"):
            reading = os.path.join(home, reading[2:])
        if reading.startswith("/"):
            paths.append(reading)
    return paths


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def read_file(path: str) -> bytes:
    """Its beginning. Raises OSError where it can't be read or something else than a file stands there."""
    read = files.read_file(path, READ_AT_MOST, cut=True)
    if read.content is None:
        raise OSError(errno.EINVAL, "nothing is there" if read.damage is None else read.damage.text)
    return read.content
