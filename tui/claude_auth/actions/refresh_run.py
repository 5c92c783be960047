"""One command that was to refresh the login: what was seen of it, and what helps where it came to nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from claude_auth.claude_code.refreshing import MCP_SERVE, Command, was_probably_sent
from claude_auth.model import Setting
from claude_auth.security.sanitize import clean, shown_command
from claude_auth.security.secret import Secret
from claude_auth.words.times import duration, rounded_span

#: Of what the program said, after a failure.
LINES_SHOWN, LINE_LENGTH = 6, 300

SIGN_IN = "sign in: claude auth login"
NETWORK = "look at the network: claude-auth diagnose --network, or n on the dashboard"
#: Of an error without a server's answer.
_NETWORK_WORDS = re.compile(
    r"\b(?:E(?:AI_AGAIN|CONN(?:REFUSED|RESET|ABORTED)|HOSTUNREACH|NET(?:DOWN|UNREACH)|NOTFOUND|PROTO|TIMEDOUT)|"
    r"getaddrinfo|fetch failed|network error|timed? ?out|unable to connect|proxy|certificate|tls|ssl)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class RefreshRun:
    """`pid`: the first of its processes, which leads their session. `lock`: which one stood when it was last
    asked who runs, taken at `since` by the disk's clock; `holder`: its process, where no other client ran
    meanwhile, so that it is certain. `held`: for how many seconds it held the lock of the refresh; None: it
    was not seen to take it. `problem`: it could not be started. `goes_on`: it was left alone."""

    command: Command
    code: int | None = None
    output: str = field(default="", repr=False)
    problem: str | None = None
    held: float | None = None
    pid: int | None = None
    lock: tuple[object, ...] = ()
    since: float = 0.0
    holder: int | None = None
    goes_on: bool = False
    has_ended: bool = False

    @property
    def is_unheard_of(self) -> bool:
        """Nobody told how it ended, or that it did not start."""
        return not self.has_ended and self.problem is None

    @property
    def name(self) -> str:
        return f"claude {' '.join(self.command) if self.command == MCP_SERVE else self.command[0]}"

    def is_its_own(self, pid: int) -> bool:
        try:
            return os.getsid(pid) == self.pid
        except OSError:  # it has ended
            return False

    def how(self, saved: float, expires_at: float | None) -> str:
        """What is known only where it is certain that it held the lock."""
        if self.holder is None:
            return ""
        life = "" if expires_at is None else f", for {rounded_span(expires_at - saved)}"
        return f" in {duration(max(0.0, saved - self.since))}{life}, by process {self.holder}"

    def tried(self, held: float) -> None:
        self.held, self.holder, self.lock = max(self.held or 0.0, held), None, ()

    @property
    def lacked_network(self) -> bool:
        if _NETWORK_WORDS.search(self.output):
            return True
        return self.held is not None and not was_probably_sent(self.held, ended=False)

    @property
    def might_do_with_a_request(self) -> bool:
        """It did not even try."""
        return self.held is None and not self.lacked_network

    @property
    def what_to_do(self) -> str:
        """What came of it, and the next step, in words; after nothing was saved."""
        if self.lacked_network:
            return f"`{self.name}` got no answer from the server, as without a network; {NETWORK}"
        if self.held is not None:
            return (
                f"`{self.name}` tried for {self.held:.0f} s and saved nothing; {NETWORK}. If the answer was "
                f"lost on its way, the refresh token is used up: then {SIGN_IN}"
            )
        if self.code is not None and self.code > 0:
            return f"`{self.name}` did not refresh the login and ended with code {self.code}; {SIGN_IN}"
        return f"`{self.name}` did not refresh the login; {NETWORK}. If that is well, {SIGN_IN}"


def helper_words(helper: Setting) -> str:
    """That a refresh also runs the person's own command."""
    where = helper.origin.path or "your settings"
    return f"`claude mcp serve` also runs the apiKeyHelper of {where}: {shown_command(helper.value.reveal())}"


def last_lines(output: str, secrets: Iterable[Secret]) -> list[str]:
    """The end of what a program said, for a reader."""
    from claude_auth.processes.ansi import LineBuilder
    from claude_auth.processes.links import Redactor

    redactor = Redactor(secrets, columns=LINE_LENGTH)
    raw = LineBuilder().feed(output.encode("utf-8", "replace"), final=True)
    lines = ["".join(span.text for span in redactor.line(line)) for line in raw]
    return [clean(line, LINE_LENGTH) for line in lines if line.strip()][-LINES_SHOWN:]
