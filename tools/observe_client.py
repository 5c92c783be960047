"""For maintainers: puts situations to an installed Claude Code and writes down what it sends.

usage: python -m tools.observe_client CLAUDE OUT.json (CASES.json | --mixtures SEED COUNT) [--client claude]

Each situation is laid out in a home directory of its own with made-up tokens; the client runs in a namespace
without any network but loopback (Linux, as root), with a recorder as its proxy. OUT.json holds the cases with
`expect`, as tests/conformance/observed.json has them: read them before they become rules.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.conformance.layout import Case, lay_out
from tests.conformance.mixtures import few, mixture, title
from tests.conformance.odd_values import odd, odd_mixture, odd_title
from tools.recorder import MINTED, Authority, Recorder, Request

#: Where the client looks for what `root/…` of a case stands for.
_SYSTEM = ("etc/claude-code", "home/claude/.claude/remote")
_QUIET = {
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_TELEMETRY": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_MAX_RETRIES": "0",
    "IS_SANDBOX": "1",
}
_SECONDS = 60.0
#: The client's own start: so long nothing new on its screen, in seconds, and it waits for keys.
_SETTLED = 2.5
_AFTER_ENTER = 12.0
#: Words of questions that it may ask before it takes a prompt, and the answers that change nothing: about
#: settings that it can't use as they are, about another way to paint.
_QUESTIONS = {b"Continue": b"\r", b"fullscreen": b"2"}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("claude", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("cases", type=Path, nargs="?")
    parser.add_argument("--mixtures", type=int, nargs=2, metavar=("SEED", "COUNT"))
    parser.add_argument(
        "--odd", type=int, nargs=2, metavar=("SEED", "COUNT"), help="mixtures with odd values"
    )
    parser.add_argument("--client", choices=["claude", "claude-print"], default="claude-print")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        return _within_namespace()
    if options.mixtures:
        seed, count = options.mixtures
        cases: list[Case] = [
            {"name": title(one), "client": options.client, **mixture(one)} for one in few(seed, count)
        ]
    elif options.odd:
        cases = [
            {"name": odd_title(*one), "client": options.client, **odd_mixture(*one)}
            for one in odd(*options.odd)
        ]
    else:
        cases = json.loads(options.cases.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        seen = asyncio.run(observe_all(options.claude.resolve(), Authority(Path(folder)), cases))
    options.out.write_text(json.dumps(seen, indent=1), encoding="utf-8")
    return 0


def _within_namespace() -> int:
    """This program again, where only loopback is there."""
    again = [sys.executable, "-m", "tools.observe_client", *sys.argv[1:], "--inside"]
    return subprocess.run(apart(again), check=False).returncode


def apart(command: Sequence[str]) -> list[str]:
    """The command where only loopback is there."""
    script = 'ip link set lo up && exec "$@"'
    return ["unshare", "--net", "--mount", "sh", "-c", script, "sh", *command]


async def observe_all(claude: Path, authority: Authority, cases: list[Case]) -> list[dict[str, Any]]:
    """The cases with what was seen, two at a time."""
    places = asyncio.Semaphore(2)

    async def one(case: Case) -> dict[str, Any]:
        async with places:
            with tempfile.TemporaryDirectory() as home:
                return {**case, **await observe(claude, authority, case, Path(home))}

    return list(await asyncio.gather(*map(one, cases)))


async def observe(claude: Path, authority: Authority, case: Case, home: Path) -> dict[str, Any]:
    with lay_out(case, home) as laid:
        async with Recorder(authority) as recorder:
            proxy = f"http://127.0.0.1:{recorder.port}"
            environ = {**laid.environ, **_QUIET, "HTTPS_PROXY": proxy, "HTTP_PROXY": proxy}
            environ["NODE_EXTRA_CA_CERTS"] = str(authority.path)
            command = [str(claude), *(["--settings", str(laid.settings)] if laid.settings else [])]
            client = Client(with_system_files(laid.root, command, case["client"]), environ, laid.cwd)
            said = await client.run(recorder, laid.descriptors, types=case["client"] != "claude-print")
    return {"expect": expectation(recorder.requests), "said": said[-200:]}


def with_system_files(root: Path, command: list[str], client: str) -> list[str]:
    """The command in a mount namespace in which the case's system files lie where the client looks, and
    nothing that another run left there: the client keeps a descriptor's key in the remote files."""
    for name in _SYSTEM:
        (root / name).mkdir(parents=True, exist_ok=True)
    mounts = "".join(f"mkdir -p /{name} && mount --bind {root / name} /{name} && " for name in _SYSTEM)
    printing = ["-p", "hi"] if client == "claude-print" else []
    return ["unshare", "--mount", "sh", "-c", f'{mounts}exec "$@"', "sh", *command, *printing]


class Client:
    """One run of the client in a terminal of its own, ended at the first inference request."""

    def __init__(self, command: list[str], environ: dict[str, str], cwd: Path) -> None:
        self._command, self._environ, self._cwd = command, environ, cwd

    async def run(self, recorder: Recorder, descriptors: tuple[int, ...], *, types: bool) -> str:
        """The end of what it printed. `types`: it waits for a prompt."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._environ,
            cwd=self._cwd,
            stdin=theirs if types else subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            pass_fds=descriptors,
            start_new_session=True,
        )
        os.close(theirs)
        os.set_blocking(ours, False)
        try:
            return await self._until_it_asks(process, recorder, ours, types)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            os.close(ours)

    async def _until_it_asks(
        self, process: asyncio.subprocess.Process, recorder: Recorder, terminal: int, types: bool
    ) -> str:
        printed, keys = b"", [b"hi", b"\r"] if types else []
        began = changed = time.monotonic()
        asked = dict(_QUESTIONS) if types else {}
        while time.monotonic() - began < _SECONDS and process.returncode is None:
            await asyncio.sleep(0.1)
            with contextlib.suppress(BlockingIOError, OSError):
                printed += os.read(terminal, 1 << 16)
                changed = time.monotonic()
            if any(request.is_inference for request in recorder.requests):
                break
            quiet = time.monotonic() - changed
            for words in [words for words in asked if words in printed]:
                keys.insert(0, asked.pop(words))
            if keys and printed and quiet > _SETTLED:
                os.write(terminal, keys.pop(0))
                changed = time.monotonic()
            elif types and not keys and quiet > _AFTER_ENTER:
                break
        return printed.decode("utf-8", "replace").strip()


def expectation(requests: list[Request]) -> dict[str, Any]:
    """What the first inference request carried, as the cases say it."""
    nothing = {"request": False, "host": None, "x_api_key": None, "authorization": None, "refreshed": False}
    first = next((request for request in requests if request.is_inference), None)
    if first is None:
        return nothing
    bearer = first.headers.get("authorization")
    if bearer is not None and bearer.startswith("AWS4-HMAC-SHA256"):
        bearer = "sigv4:" + bearer.partition("Credential=")[2].partition("/")[0]
    refreshed = bearer is not None and f"{MINTED}refresh_token" in bearer
    unknown = bearer is not None and MINTED in bearer and not refreshed
    return {
        "request": True,
        "host": first.host,
        "x_api_key": first.headers.get("x-api-key"),
        "authorization": bearer,
        "refreshed": refreshed,
        **({"value_unknown": True} if unknown else {}),
    }


if __name__ == "__main__":
    sys.exit(main())
