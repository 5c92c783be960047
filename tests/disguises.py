"""Processes that wait, under any command line and any program's name: real ones, told apart only by what the
system says of them. Each ends by itself within two minutes."""

from __future__ import annotations

import contextlib
import json
import platform
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from claude_auth.claude_code.process import start_in_stat

SECONDS = 120

#: nanosleep(120 s), exit(0), as the instructions of each processor; the time stands right behind.
_X86 = "bf{at}31f6b8230000000f05b83c00000031ff0f05"
_ARM = "00010010010080d2a80c80d2010000d4000080d2a80b80d2010000d41f2003d5"
_BASE, _HEADERS = 0x400000, 120

needs_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux") or platform.machine() not in {"x86_64", "aarch64"},
    reason="the waiting program is written for Linux on x86-64 and ARM64",
)

PACKAGE = "lib/node_modules/@anthropic-ai/claude-code"
VERSION = "share/claude/versions/2.1.328"

#: Name → command line and program, `{}` being a folder of the test's own.
DISGUISES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "claude": (("claude",), "{}/bin/claude"),
    "path": (("{}/bin/claude", "-p", "hello"), "{}/bin/claude"),
    "title": (("claude",), "{}/" + PACKAGE + "/bin/claude.exe"),
    "node-script": (("node", "{}/bin/claude"), "{}/bin/node"),
    "node-flag": (("node", "--max-old-space-size=4096", "{}/" + PACKAGE + "/cli.js"), "{}/bin/node"),
    "node-no-warnings": (("node", "--no-warnings", "{}/bin/claude"), "{}/bin/node"),
    "node-require": (("node", "-r", "x", "{}/bin/claude"), "{}/bin/node"),
    "renamed-node": (("anything", "{}/" + PACKAGE + "/cli.js"), "{}/bin/node"),
    "bun": (("bun", "{}/" + PACKAGE + "/cli.js"), "{}/bin/bun"),
    "bun-run": (("bun", "run", "{}/" + PACKAGE + "/cli.js"), "{}/bin/bun"),
    "deno": (("deno", "run", "-A", "{}/bin/claude"), "{}/bin/deno"),
    "version": (("{}/" + VERSION,), "{}/" + VERSION),
    "version-renamed": (("x",), "{}/" + VERSION),
}
#: What merely has the name among its words.
BYSTANDERS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "vim": (("vim", "{}/bin/claude"), "{}/bin/vim"),
    "grep": (("grep", "claude"), "{}/bin/grep"),
    "less": (("less", "{}/" + PACKAGE + "/cli.js"), "{}/bin/less"),
    "tail": (("tail", "-f", "claude.log"), "{}/bin/tail"),
    "ours": (("claude-auth", "status"), "{}/bin/claude-auth"),
    "ours-tui": (("python3", "{}/bin/claude-auth-tui"), "{}/bin/python3"),
    "node-other": (("node", "{}/work/server.js", "claude"), "{}/bin/node"),
}


def _waiting_program() -> bytes:
    arm = platform.machine() == "aarch64"
    code = bytes.fromhex(_ARM)
    if not arm:
        length = len(bytes.fromhex(_X86.replace("{at}", "00000000")))
        code = bytes.fromhex(_X86.replace("{at}", struct.pack("<I", _BASE + _HEADERS + length).hex()))
    code += struct.pack("<qq", SECONDS, 0)
    size = _HEADERS + len(code)
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack(
        "<HHIQQQIHHHHHH", 2, 183 if arm else 62, 1, _BASE + _HEADERS, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    head += struct.pack("<IIQQQQQQ", 1, 5, 0, _BASE, _BASE, size, size, 0x1000)
    return head + code


def lay_out(program: Path) -> Path:
    """The waiting program at that path."""
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_bytes(_waiting_program())
        program.chmod(0o755)
    return program


@contextlib.contextmanager
def running(
    disguise: tuple[Sequence[str], str], folder: Path, environ: Mapping[str, str], cwd: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    command, program = disguise
    executable = lay_out(Path(program.format(folder)))
    words = [word.format(folder) for word in command]
    # Closed streams: nothing that waits for the end of ours waits for it.
    with subprocess.Popen(
        words, executable=str(executable), env=dict(environ), cwd=cwd, stdin=subprocess.DEVNULL
    ) as child:
        try:
            yield child
        finally:
            child.kill()
            child.wait(60)


def start_of(pid: int) -> str:
    started = start_in_stat(Path(f"/proc/{pid}/stat").read_bytes())
    assert started is not None
    return started


def register(config: Path, pid: int, started: str, **more: object) -> Path:
    """The record of a client that runs, and the secret that lies beside it."""
    folder = config / "sessions"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{pid}.{'7' * 64}.key").write_text('{"peerToken": "never-to-be-read"}')
    path = folder / f"{pid}.json"
    fields = {"version": "2.1.332", "kind": "interactive", "entrypoint": "cli", "cwd": "/", **more}
    path.write_text(json.dumps({"pid": pid, "procStart": started, **fields}))
    return path
