"""What a fix leaves for its undo, beside the journal: a copy of the file as it was (0600), and a note without
any of its content. Both are there before the file is touched, so a kill never leaves a change without its way
back."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from claude_auth.actions.fixes.writing import FixRefused
from claude_auth.files import LARGE_LIMIT, USUAL_LIMIT, list_directory, read_file
from claude_auth.model.errors import AuthenticationError
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import clean
from claude_auth.store.private import check_directory, check_file, sweep, write_private

Operation = Literal["edit", "create", "chmod", "move"]

_NAME = re.compile(r"fix-(\d{4,9})\.json", re.ASCII)


@dataclass(frozen=True, slots=True)
class Record:
    """`before` and `after` are digests of the content (for `chmod` the modes in octal; for `move` the digest
    and the new place). `copy_of`: what a file that was made is a copy of."""

    number: int
    at: float
    id: str
    title: str
    operation: Operation
    path: str
    before: str
    after: str
    claudes: bool = True
    copy_of: str = ""


class Done(NamedTuple):
    """One fix that was applied, and whether it was taken back."""

    record: Record
    undone: bool


class Records:
    """The folder of notes and copies below `directory`, the journal's."""

    def __init__(self, directory: str | None = None) -> None:
        if directory is None:
            from claude_auth.journal import state_directory

            directory = state_directory()
        self.folder = os.path.join(directory, "fixes")

    def write(self, record: Mapping[str, Any], backup: bytes | None) -> Record:
        """Keeps the copy, then the note; returns it with its number. Raises Refused."""
        try:
            check_directory(os.path.dirname(self.folder), tighten=True)
            check_directory(self.folder, tighten=True)
            number = self._take_number()
            try:
                made = Record(number=number, **record)
                if backup is not None:
                    write_private(self._path(number, "backup"), backup)
                write_private(self._path(number, "json"), json.dumps(asdict(made), indent=1).encode())
            except BaseException:
                self.drop(number)  # a disk that is full: the number is free again
                raise
        except AuthenticationError as error:
            raise FixRefused(
                error.code, f"no copy of the file could be kept: {error.sentence}", error.next_step
            ) from None
        return made

    def _take_number(self) -> int:
        """The next that nobody has: an empty note stands for it until it is written."""
        highest = max((self._number(name) for name in list_directory(self.folder, 100_000)), default=0)
        while True:
            highest += 1
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                os.close(os.open(self._path(highest, "json"), flags, 0o600))
                return highest
            except FileExistsError:
                continue
            except OSError as error:
                raise AuthenticationError(
                    "io-error", f"{self.folder} can't be written", str(error.strerror)
                ) from None

    @staticmethod
    def _number(name: str) -> int:
        found = _NAME.fullmatch(name)
        return int(found[1]) if found else 0

    def _path(self, number: int, ending: str) -> str:
        return os.path.join(self.folder, f"fix-{number:04d}.{ending}")

    def read(self, number: int) -> Record | None:
        try:
            record = Record(**json.loads(_private(self._path(number, "json")) or b""))
        except (ValueError, TypeError, RecursionError):
            return None
        if record.number != number or not _is_sound(record):
            return None
        return replace(record, title=clean(record.title))

    def all(self) -> tuple[Record, ...]:
        """The oldest first."""
        numbers = sorted(self._number(name) for name in list_directory(self.folder, 100_000))
        return tuple(record for number in numbers if number and (record := self.read(number)))

    def applied(self) -> tuple[Done, ...]:
        """The newest first."""
        return tuple(Done(record, self.is_undone(record.number)) for record in reversed(self.all()))

    def unreadable(self) -> tuple[str, ...]:
        """Notes that say nothing any more: what they were for can't be taken back from here. An empty one
        was never followed by a change."""
        found = []
        for name in list_directory(self.folder, 100_000):
            number, path = self._number(name), os.path.join(self.folder, name)
            if number and self.read(number) is None and read_file(path).content != b"":
                found.append(path)
        return tuple(sorted(found))

    def backup(self, number: int) -> bytes | None:
        return _private(self._path(number, "backup"), LARGE_LIMIT)

    def is_undone(self, number: int) -> bool:
        return os.path.lexists(self._path(number, "undone"))

    def mark_undone(self, number: int) -> None:
        with contextlib.suppress(AuthenticationError):
            write_private(self._path(number, "undone"), b"")

    def drop(self, number: int) -> None:
        """For a fix that was refused after all: its copy and its note, for nothing was changed."""
        for ending in ("json", "backup"):
            with contextlib.suppress(OSError):
                os.unlink(self._path(number, ending))
            sweep(self._path(number, ending))


def _private(path: str, limit: int = USUAL_LIMIT) -> bytes | None:
    """The content of a file that is ours alone; None for any other."""
    try:
        check_file(path)
    except AuthenticationError:
        return None
    return read_file(path, limit).content


def _is_sound(record: Record) -> bool:
    texts = "id title path before after operation copy_of".split()
    return (
        all(isinstance(getattr(record, name), str) for name in texts)
        and os.path.isabs(record.path)
        and record.operation in {"edit", "create", "chmod", "move"}
        and isinstance(record.at, int | float)
    )
