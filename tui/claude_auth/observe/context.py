"""From where the machine is looked at: whose home, which root, which environment, which moment."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from claude_auth.model import DescriptorReading


class Environment(Mapping[str, str]):
    """Environment variables whose `repr` names them without their values."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Environment of {len(self._values)} variables>"


@dataclass(frozen=True, slots=True)
class ObservationContext:
    """`root` is `/` but for a look at a mounted container; `now` freezes the moment where it is given."""

    home: str
    cwd: str
    root: str = "/"
    environ: Environment = field(default_factory=lambda: Environment({}))
    platform: str = "linux"
    user_id: int = 0
    now: float | None = None
    settings_flag: str | None = None
    descriptors: Mapping[str, DescriptorReading] = field(default_factory=dict)

    @classmethod
    def of_process(
        cls,
        descriptors: Mapping[str, DescriptorReading],
        *,
        home: str | None = None,
        cwd: str | None = None,
        root: str | None = None,
        settings_flag: str | None = None,
        keep_environment: bool = True,
    ) -> ObservationContext:
        """This process's own view, with the places that were given on the command line."""
        own = os.environ
        return cls(
            home=os.path.abspath(home or own.get("HOME") or os.path.expanduser("~")),
            cwd=os.path.abspath(cwd) if cwd else _working_directory(),
            root=os.path.abspath(root or "/"),
            environ=Environment(own if keep_environment else {}),
            platform=sys.platform,
            user_id=os.geteuid(),
            settings_flag=os.path.abspath(settings_flag) if settings_flag else None,
            descriptors=descriptors if keep_environment else {},
        )

    @property
    def moment(self) -> float:
        return time.time() if self.now is None else self.now

    def below_home(self, *names: str) -> str:
        return os.path.join(self.home, *names)

    def system(self, path: str) -> str:
        """A system-wide path, below the root that was given."""
        return path if self.root == "/" else self.root.rstrip("/") + path

    def belongs_to_us(self) -> bool:
        """Whether the files below home and root are the caller's own, so that running what they name is
        no surprise. The usual root is the system's own and counts as ours."""
        places = [self.home] if self.root == "/" else [self.home, self.root]
        try:
            return all(os.stat(place).st_uid == self.user_id for place in places)
        except OSError:
            return False


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed under us
        return "/"
