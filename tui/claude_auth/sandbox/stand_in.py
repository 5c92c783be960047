"""A stand-in for `claude`: prompts, addresses, locks and files like the real client's, tokens made up.

`install` puts it into a directory for PATH; a small JSON file beside it says how it behaves, and may change
between two runs. It opens no connection but to a `token_url` on loopback.

The script, every key optional:

    version    "2.1.328"; from 2.1.332 on sign-in links have their short form
    diary      a file that gets a JSON line for everything it does (never what was typed)
    login      code: what must be pasted ("good#code"); end: "success", "crash", "hang", "no-change", or the
               text of a failure; wrap: columns to hard-wrap the address at; indent: spaces before each piece;
               link: false for no hyperlink; url: another address; waits: seconds for a code before it gives
               up; browser: true to succeed without a code; stuck: as below; say: what it prints first
    work       what it does without arguments, until its input ends (Linux): refresh: true; every: seconds
    lifetime   seconds that a login lives that it saves (eight hours)
    status, doctor, serve, print
               refresh: true, false, "wipe"; seconds: how late the answer comes without a `token_url`; wait:
               seconds before it begins; stuck: to stand still holding the lock, true for ever, or the file
               whose coming ends it; say: lines to print; code: what it ends with; for serve lingers: true to
               go on after the end of its input; ends: true to end at once
    print, with --output-format stream-json
               answer: the texts of its messages; refused: the text of a failure in their place; hangs: true
               to stand still after them
    token_url  where a refresh is asked for, `sandbox.token_endpoint` say
    saved_up_to
               by those four names: for how many seconds it waits for that answer; then it ends, and the
               refresh is lost. Null: it doesn't refresh. Without it: as the version was seen to, and an
               unobserved one like the worst of them
    logout     end: "success", "unconfirmed", or the text of a failure
    beat, lock_wait, stale, ahead
               seconds: how often a held lock is touched (5), how long it waits for one (31), from which age
               it takes one over (120), and how far ahead it dates one (0)
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

from claude_auth.claude_code.refreshing import (
    ALWAYS,
    AUTH_STATUS,
    DOCTOR,
    MCP_SERVE,
    NEVER,
    RENEWAL_MARGIN,
    REQUEST,
    observed,
    saved_up_to,
)

_COMMANDS = {"status": AUTH_STATUS, "doctor": DOCTOR, "serve": MCP_SERVE, "print": REQUEST}
_WORST = {"status": NEVER, "doctor": NEVER, "serve": ALWAYS, "print": ALWAYS}


def install(directory: Path, script: dict[str, Any] | None = None) -> Path:
    """Writes `claude`, its script and its package.json there; the path of the program."""
    directory.mkdir(parents=True, exist_ok=True)
    program = directory / "claude"
    script = {"version": "2.1.328", "margin": RENEWAL_MARGIN, **(script or {})}
    script.setdefault("saved_up_to", _as_seen(script["version"]))
    package = {"name": "@anthropic-ai/claude-code", "version": script["version"]}
    (directory / "package.json").write_text(json.dumps(package))
    (directory / "claude.json").write_text(json.dumps(script))
    words = [
        sys.executable,
        "-I",
        "-S",
        str(Path(__file__).with_name("stand_in_program.py")),
        str(directory / "claude.json"),
    ]
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    program.chmod(0o755)
    return program


def _as_seen(version: str) -> dict[str, float | None]:
    if observed(version) is None:
        return dict(_WORST)
    return {name: saved_up_to(command, version) for name, command in _COMMANDS.items()}
