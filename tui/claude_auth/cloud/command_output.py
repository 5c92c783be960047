"""What a command's output means: a key, exported credentials, or just an end. Pure; secrets masked."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass

from claude_auth.cloud.commands import CommandKind
from claude_auth.formats.cloud_files import moment_of_text
from claude_auth.formats.outputs import helper_ttl, read_exported_credentials, read_helper_output
from claude_auth.model import CommandRun
from claude_auth.security.sanitize import shown_value
from claude_auth.words import left, span

#: From here on a person notices that the key is fetched.
SLOW = 10.0


@dataclass(frozen=True, slots=True)
class Understood:
    """`accepted`: whether Claude Code would take it; `facts` in order, masked."""

    accepted: bool
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    fingerprint: str | None = None
    expires_at: float | None = None


def understand(kind: CommandKind, run: CommandRun, environment: Mapping[str, str], now: float) -> Understood:
    """`environment` is the effective one: it holds the TTL."""
    if kind == "api-key-helper":
        return _key(run, environment.get("CLAUDE_CODE_API_KEY_HELPER_TTL_MS"))
    if kind == "aws-export":
        return _export(run, now)
    if run.exit_code == 0:
        return Understood(True, "it ended well")
    return Understood(False, run.problem or f"exit code {run.exit_code}")


def _key(run: CommandRun, ttl_text: str | None) -> Understood:
    output = read_helper_output(run.stdout.reveal(), run.exit_code)
    ttl, ttl_problem = helper_ttl(ttl_text)
    warnings = list(output.doubts)
    if ttl_problem is not None:
        warnings.append(f"CLAUDE_CODE_API_KEY_HELPER_TTL_MS: {ttl_problem}")
    if run.seconds > ttl:
        warnings.append(f"it takes {run.seconds:.1f} s, longer than a key is kept ({_length(ttl)})")
    elif run.seconds > SLOW:
        warnings.append(f"it takes {run.seconds:.0f} s, and Claude Code waits for it")
    kept = ("kept for", _length(ttl))
    if run.exit_code is None and run.problem:  # it was ended before it could print one
        return Understood(False, f"what it gives is not known: {run.problem}", (), tuple(warnings))
    if output.value is None:
        problem = run.problem or output.problem or "it failed"
        if run.stdout.is_blank and not run.stderr.is_blank and run.exit_code == 0:
            warnings.append("it printed to stderr only; the key belongs on stdout")
        words = f"Claude Code would send an empty key ({problem})"  # after "key:" it would be redacted
        return Understood(False, words, (kept,), tuple(warnings))
    value = output.value
    facts = (
        ("key", value.masked),
        ("fingerprint", value.fingerprint),
        ("length", f"{len(value)} characters"),
        ("took", f"{run.seconds:.1f} s"),
        kept,
    )
    return Understood(True, "it printed a key", facts, tuple(warnings), value.fingerprint)


def _length(seconds: float) -> str:
    return span(seconds) if seconds >= 1 or seconds == 0 else f"{seconds * 1000:.0f} ms"


def _export(run: CommandRun, now: float) -> Understood:
    if run.exit_code != 0:
        problem = run.problem or f"exit code {run.exit_code}"
        return Understood(False, f"{problem}; Claude Code goes on to the next place", ())
    found = read_exported_credentials(run.stdout.reveal())
    if isinstance(found, str):
        return Understood(False, f"{found}; Claude Code goes on to the next place", ())
    facts = [
        ("access key id", shown_value("AccessKeyId", found.access_key_id, 40)),
        ("secret access key", found.secret_access_key.masked),
        ("session token", found.session_token.masked if found.session_token is not None else "none"),
    ]
    warnings = []
    expires_at = moment_of_text(found.expiration)
    if found.expiration is None:
        facts.append(("expires", "not told"))
    elif expires_at is None:
        warnings.append("its Expiration is no moment")
    else:
        facts.append(("expires", left(expires_at - now)))
        if expires_at <= now:
            warnings.append(
                "these credentials have expired already, and Claude Code would use them all the same"
            )
    fingerprint = found.secret_access_key.fingerprint
    return Understood(True, "it exported credentials", tuple(facts), tuple(warnings), fingerprint, expires_at)


_MOST_OUTPUT = 1 << 20


# ── what is a credential never passes through a terminal, a log or a disk ────────────────────────


class SecretPipe:
    """A named pipe in a directory of our own: the credential passes through memory only."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._descriptor = -1
        self._content = bytearray()

    def __enter__(self) -> SecretPipe:
        return self

    def open(self) -> str:
        self._folder = tempfile.TemporaryDirectory(prefix="claude-auth-")
        path = os.path.join(self._folder.name, "output")
        os.mkfifo(path, 0o600)
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        asyncio.get_running_loop().add_reader(self._descriptor, self._read)
        return path

    def _read(self) -> None:
        """What goes beyond the bound is read and dropped, so that the command doesn't hang on it."""
        try:
            chunk = os.read(self._descriptor, 1 << 16)
        except BlockingIOError:
            return
        if chunk:
            self._content += chunk[: _MOST_OUTPUT - len(self._content)]
        else:
            asyncio.get_running_loop().remove_reader(self._descriptor)

    def taken(self) -> bytes:
        """Everything until now; a child left behind may hold the pipe open for as long as it likes."""
        if self._descriptor >= 0:
            for _ in range(64):
                before = len(self._content)
                self._read()
                if len(self._content) == before:
                    break
        return bytes(self._content)

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1
        if self._folder is not None:
            self._folder.cleanup()
        self._content.clear()
