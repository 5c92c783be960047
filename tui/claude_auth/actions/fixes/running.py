"""Which `claude` processes work on a configuration directory: what they keep in memory they write back."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence


def claude_processes(config_dir: str) -> Collection[int] | None:
    """Process ids of this person's `claude` on `config_dir`; one whose environment can't be read counts. None
    where processes can't be listed at all."""
    import psutil

    found = set()
    wanted = os.path.realpath(config_dir)
    try:
        for process in psutil.process_iter(["pid", "uids", "name", "cmdline"]):
            told = process.info
            uids = told["uids"]
            if uids is None or uids.real != os.getuid() or not is_claude(told["name"], told["cmdline"]):
                continue
            try:
                works_on = config_dir_of(process.environ(), process.cwd())
            except psutil.NoSuchProcess:
                continue
            except (psutil.Error, OSError):
                works_on = None
            if works_on is None or os.path.realpath(works_on) == wanted:
                found.add(int(told["pid"]))
    except (psutil.Error, OSError):
        return None
    return frozenset(found)


def config_dir_of(environ: Mapping[str, str], cwd: str) -> str | None:
    """Where a process with this environment keeps its configuration; None where it can't be told."""
    named = environ.get("CLAUDE_CONFIG_DIR")
    if named:
        return os.path.normpath(os.path.join(cwd, named))
    home = environ.get("HOME")
    return os.path.join(home, ".claude") if home else None


def is_claude(name: str | None, command: Sequence[str] | None) -> bool:
    """`claude …`, `node …/bin/claude …`, `node …/claude-code/cli.js …`."""
    words = [*(command or ())][:2]
    names = [os.path.basename(word) for word in words]
    if name == "claude" or "claude" in names:
        return True
    return len(words) > 1 and names[0].startswith(("node", "bun")) and "/claude-code/" in words[1]
