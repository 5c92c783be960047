"""A stand-in for `claude`: prompts, addresses, locks and files like the real client's, tokens made up.

`install` puts it into a directory for PATH; a small JSON file beside it says how it behaves, and may change
between two runs. It never opens a connection.

The script, every key optional:

    version    "2.1.328"; from 2.1.332 on sign-in links have their short form
    diary      a file that gets a JSON line for everything it does (never what was typed)
    login      code: what must be pasted ("good#code"); end: "success", "crash", "hang", "no-change", or the
               text of a failure; wrap: columns to hard-wrap the address at; indent: spaces before each piece;
               link: false for no hyperlink; url: another address; waits: seconds for a code before it gives
               up; browser: true to succeed without a code; hold: seconds that it keeps the locks
    status, doctor, print
               refresh: true, false, "wipe"; seconds: how long it takes; stuck: true to stand still holding
               the lock, for ever; say: lines to print
    logout     end: "success", "unconfirmed", or the text of a failure
    beat, lock_wait, stale
               seconds: how often a held lock is touched (5), how long it waits for one (31), and from which
               age it takes one over (120)
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any


def install(directory: Path, script: dict[str, Any] | None = None) -> Path:
    """Writes `claude`, its script and its package.json there; the path of the program."""
    directory.mkdir(parents=True, exist_ok=True)
    program = directory / "claude"
    script = {"version": "2.1.328", **(script or {})}
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
