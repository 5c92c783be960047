"""From where the machine is looked at: whose home, which root, which environment and descriptors, which
moment; and the documents of earlier looks, which are not read again."""

from __future__ import annotations

import os
import select
import stat
import sys
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from claude_auth.claude_code.variables import DESCRIPTORS
from claude_auth.files import Signature, read_file, signature
from claude_auth.formats.document import Document
from claude_auth.model import DescriptorReading, FileFacts
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import WHITE_SPACE, Secret


class Environment(dict[str, str]):
    """Environment variables; their `repr` doesn't show them."""

    def __repr__(self) -> str:
        return f"<Environment of {len(self)} variables>"


MOST_LINKS = 40


class ObservationContext(NamedTuple):
    """`root` is `/` but for a look at a mounted container; `now` freezes the moment where it is given.
    `settings_flag`: the file of `--settings`, or `settings_text` its text; `setting_sources`: which of user,
    project and local settings are read, None for all; `bare`: as `claude --bare`. `pretends`: the root is a
    pretend world's, whose processes run here. `documents`: of earlier looks; None where this is the only
    one."""

    home: str
    cwd: str
    root: str = "/"
    environ: Environment = Environment({})
    platform: str = "linux"
    user_id: int = 0
    now: float | None = None
    settings_flag: str | None = None
    descriptors: Mapping[str, DescriptorReading] = MappingProxyType({})
    settings_text: Secret | None = None
    setting_sources: frozenset[str] | None = None
    bare: bool = False
    pretends: bool = False
    documents: DocumentMemory | None = None

    @classmethod
    def of_process(
        cls,
        descriptors: Mapping[str, DescriptorReading],
        *,
        home: str | None = None,
        cwd: str | None = None,
        root: str | None = None,
        settings_flag: str | None = None,
        settings_text: Secret | None = None,
        setting_sources: frozenset[str] | None = None,
        bare: bool = False,
        keep_environment: bool = True,
    ) -> ObservationContext:
        """This process's own view, with the places that were given on the command line."""
        own = os.environ
        return cls(
            home=os.path.abspath(home or home_directory(own)),
            cwd=os.path.abspath(cwd) if cwd else _working_directory(),
            root=os.path.abspath(root or "/"),
            environ=Environment(own if keep_environment else {}),
            platform=sys.platform,
            user_id=os.geteuid(),
            settings_flag=os.path.abspath(settings_flag) if settings_flag else None,
            descriptors=descriptors if keep_environment else {},
            settings_text=settings_text,
            setting_sources=setting_sources,
            bare=bare,
        )

    @property
    def moment(self) -> float:
        return time.time() if self.now is None else self.now

    def reads(self, layer: str) -> bool:
        """Whether settings of this layer are read at all."""
        switched = layer in {"user", "project", "local"}
        return not switched or self.setting_sources is None or layer in self.setting_sources

    @property
    def has_processes(self) -> bool:
        """Whether the process table is that of the machine that is looked at."""
        return self.root == "/" or self.pretends

    def below_home(self, *names: str) -> str:
        return os.path.join(self.home, *names)

    def system(self, path: str) -> str:
        """A system-wide path, below the root that was given."""
        return path if self.root == "/" else self.root.rstrip("/") + path

    def below_root(self, path: str) -> str:
        """Below another root than `/`: where `path` leads there, its absolute links starting at that root."""
        root = self.root.rstrip("/")
        if not root or not path.startswith(root + "/"):
            return path
        place, rest, links = root, path[len(root) :].split("/")[::-1], 0
        while rest:
            name = rest.pop()
            if name == "..":
                place = max(os.path.dirname(place), root, key=len)
            elif name not in {"", "."}:
                place = os.path.join(place, name)
            if links < MOST_LINKS and os.path.islink(place):
                target, links = os.readlink(place), links + 1
                place = root if target.startswith("/") else os.path.dirname(place)
                rest.extend(target.split("/")[::-1])
        return place

    def belongs_to_us(self) -> bool:
        """Whether the files below home and root are the caller's own, so that running what they name is
        no surprise. The usual root is the system's own and counts as ours."""
        places = [self.home] if self.root == "/" else [self.home, self.root]
        try:
            return all(os.stat(place).st_uid == self.user_id for place in places)
        except OSError:
            return False


def home_directory(environ: Mapping[str, str]) -> str:
    """HOME; where it is unset or empty, the home of the account, as Node has it."""
    return environ.get("HOME") or account_of(os.geteuid())[1] or os.path.expanduser("~")


def account_of(user_id: int) -> tuple[str, str]:
    """Name and home in the user data base; both empty where it has none: a container started with a bare user
    id, or no POSIX system."""
    try:
        import pwd

        entry = pwd.getpwuid(user_id)
    except (ImportError, KeyError, OverflowError):
        return "", ""
    return entry.pw_name, entry.pw_dir


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed under us
        return "/"


# ── file descriptors that hand a credential over; looked at first of all: later a number may be ours ─

_LIMIT = 1 << 16


def read_descriptors(environ: Mapping[str, str]) -> dict[str, DescriptorReading]:
    """What each variable's descriptor is. A regular file is read in place, its offset untouched; a pipe
    is left alone, since reading it would take the token away from Claude Code."""
    return {name: _look(name, environ[name]) for name in DESCRIPTORS if environ.get(name)}


def _look(variable: str, text: str) -> DescriptorReading:
    number = _number(text)
    if number is None:
        return DescriptorReading(variable, None, "not-a-number", damage="the variable does not hold a number")
    try:
        mode = os.fstat(number).st_mode
    except (OSError, OverflowError):
        return DescriptorReading(variable, number, "closed", damage=f"descriptor {number} is not open here")
    if stat.S_ISFIFO(mode):
        return DescriptorReading(variable, number, "pipe")
    if not stat.S_ISREG(mode):
        damage = f"descriptor {number} is neither a file nor a pipe"
        return DescriptorReading(variable, number, "other", damage=damage)
    reading = DescriptorReading(variable, number, "file")
    try:
        return _with_content(reading, os.pread(number, _LIMIT, 0))
    except OSError:
        return reading._replace(damage=f"descriptor {number} can't be read")


def _number(text: str) -> int | None:
    """As JavaScript reads a number from its beginning: what follows the digits counts for nothing [seen,
    2.1.332]. A standard stream that comes of that is ours, not that of Claude Code."""
    plain = text.strip(WHITE_SPACE).removeprefix("+")
    digits = plain[: len(plain) - len(plain.lstrip("0123456789"))]
    if not digits or len(digits.lstrip("0")) > 9 or (int(digits) < 3 and digits != plain):
        return None
    return int(digits)


def _with_content(reading: DescriptorReading, content: bytes) -> DescriptorReading:
    value = Secret(content.decode("utf-8", "surrogateescape")).stripped()
    if value.is_empty:
        return reading._replace(damage=f"descriptor {reading.number} gives nothing")
    return reading._replace(value=value)


def read_pipe(reading: DescriptorReading, seconds: float = 5.0) -> DescriptorReading:
    """Takes what a pipe holds, up to its end or the time-out. Only on consent: it is gone afterwards."""
    if reading.kind != "pipe" or reading.number is None or reading.value is not None:
        return reading
    deadline = time.monotonic() + seconds
    content = b""
    try:
        while len(content) < _LIMIT:
            ready, _, _ = select.select([reading.number], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                break
            chunk = os.read(reading.number, 4096)
            if not chunk:
                break
            content += chunk
    except (OSError, ValueError):
        if not content:
            return reading._replace(damage=f"descriptor {reading.number} can't be read")
    return _with_content(reading, content)


Parser = Callable[[bytes], Document]

#: A file that was written within so many nanoseconds before it was read may be written again without another
#: time or size: file systems count in steps of up to two seconds.
_STEP = 2_000_000_000
_MOST = 100


class DocumentMemory:
    """Parses a file again only where its status, or that of the link to it, is another one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Parser], tuple[Signature, Document, FileFacts | None]] = {}

    def forget(self) -> None:
        self._known.clear()

    def read(self, path: str, limit: int, parsed: Parser) -> tuple[Document, FileFacts | None]:
        """A file of JSON, damaged where it can't be read either."""
        key, status = (path, parsed), _status(path)
        known = self._known.get(key)
        if known is not None and known[0] == status:
            return known[1:]
        moment = time.time_ns()
        read = read_file(path, limit)
        document = parsed(read.content) if read.content is not None else Document(damage=read.damage)
        self._known.pop(key, None)
        if read.content is not None and _is_settled(path, moment) and len(self._known) < _MOST:
            self._known[key] = (status, document, read.file)
        return document, read.file


def _status(path: str) -> Signature:
    try:
        link = os.lstat(path)
    except (OSError, ValueError):
        return None
    return (link.st_ino, link.st_ctime_ns, signature(path))


def _is_settled(path: str, moment: int) -> bool:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return False
    return max(status.st_mtime_ns, status.st_ctime_ns) < moment - _STEP
