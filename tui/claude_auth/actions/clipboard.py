"""Copying: what the terminal is sent, and what can be said of where the text has got to. A terminal never
answers OSC 52; tmux does, when it is asked."""

from __future__ import annotations

import os
from collections.abc import Mapping

from claude_auth.named_tuples import NamedTuple
from claude_auth.oauth.browser import clipboard_sequence
from claude_auth.processes.environment import child_environment, which
from claude_auth.processes.run_captured import MOST_INPUT, Captured, run_program
from claude_auth.security.secret import Secret

#: What is said where nothing better is known.
SENT = "sent to your terminal as clipboard text"
_SECONDS = 3.0

#: Variable → how its value begins → what that terminal needs, as its documentation says.
_TERMINALS = (
    ("TERM_PROGRAM", "Apple_Terminal", "Apple's Terminal takes none: select the text with the mouse"),
    (
        "TERM_PROGRAM",
        "iTerm",
        "iTerm2 takes it with Settings, General, Selection: applications may access the clipboard",
    ),
    ("XTERM_VERSION", "", "xterm takes it with the resource disallowedWindowOps without SetSelection"),
    ("VTE_VERSION", "", "terminals built on VTE may take none: then select the text with the mouse"),
    ("STY", "", "GNU screen passes it on to a terminal that takes it"),
)


class Copied(NamedTuple):
    """`sequence`: what the terminal is to be sent as well, empty where that is needless. `words` follow "it
    was"."""

    words: str
    sequence: str = ""


def asks_tmux(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("TMUX"))


def copy(text: Secret, environ: Mapping[str, str]) -> Copied:
    """Blocks while tmux is asked, a few seconds at most. `sequence` is for a multiplexer alone: OSC 52 itself
    the caller has sent."""
    if asks_tmux(environ):
        return _by_tmux(text, environ)
    sequence = clipboard_sequence(text, "screen").decode("ascii") if environ.get("STY") else ""
    for variable, beginning, needs in _TERMINALS:
        value = environ.get(variable, "")
        if value and value.startswith(beginning):
            return Copied(f"{SENT}; {needs}", sequence)
    return Copied(SENT, sequence)


def _by_tmux(text: Secret, environ: Mapping[str, str]) -> Copied:
    """`load-buffer -w` is there from tmux 3.2 on, and sends whatever `set-clipboard` says [seen, 3.3a].
    What an older one passes on needs `allow-passthrough`."""
    content = text.reveal().encode()
    loaded = _tmux(environ, "load-buffer", "-w", "-", content=content) if len(content) <= MOST_INPUT else None
    if loaded is None or loaded.exit_code != 0:
        sequence = clipboard_sequence(text, "tmux").decode("ascii")
        return Copied(f"{SENT}; tmux passes it on with `allow-passthrough on`", sequence)
    told = _tmux(environ, "display-message", "-p", "#{client_termfeatures}")
    if told is not None and b"clipboard" in told.stdout.strip().split(b","):
        return Copied("given to tmux, which hands it to your terminal's clipboard")
    return Copied(
        "put into tmux's buffer alone (prefix ] pastes it): of your terminal tmux knows no clipboard; "
        "`tmux set -as terminal-features ',*:clipboard'` tells it of one"
    )


def _tmux(environ: Mapping[str, str], *arguments: str, content: bytes = b"") -> Captured | None:
    environment = child_environment(environ, "plain", our_choice=True)
    program = which("tmux", environment.get("PATH"))
    if program is None:
        return None
    return run_program(
        (program, *arguments), environment=environment, cwd=os.sep, seconds=_SECONDS, content=content
    )
