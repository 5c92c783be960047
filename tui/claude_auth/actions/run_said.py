"""What a command says: the end of it, and whether it asks for something that nobody should see."""

from __future__ import annotations

from collections import deque

_MOST_SAID = 16 << 10


class OutputTail:
    """The end of what it said, in bounded memory, whatever the length of its lines."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self._characters = 0

    def add(self, line: str) -> None:
        self._lines.append(line)
        self._characters += len(line) + 1
        while len(self._lines) > 1 and self._characters > _MOST_SAID:
            self._characters -= len(self._lines.popleft()) + 1

    @property
    def text(self) -> str:
        return "\n".join(self._lines)


def asks_for_a_secret(prompt: str) -> bool:
    """Whether what a person types now shouldn't stand on the screen."""
    words = ("passw", "passphrase", "pin", "secret", "token", "code", "otp")
    return any(word in prompt.lower() for word in words)
