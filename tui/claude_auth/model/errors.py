"""The base of every error that this package raises and expects to be shown to a person."""

from __future__ import annotations


class AuthenticationError(Exception):
    """`code`: short and stable, for programs (`keyring-locked`). `sentence`: what happened and where, without
    a secret. `next_step`: what the person can do; empty where there is nothing. `retryable`: whether asking
    again, with nothing changed, can help.

    >>> from claude_auth import AuthenticationError, TokenStorage
    >>> try:
    ...     TokenStorage("~/.claude/.credentials.json")
    ... except AuthenticationError as error:
    ...     print(error.code, error.retryable)
    ...     print(error.next_step)
    claude-codes-own False
    Choose another file, such as ~/.claude_code/work.json
    """

    def __init__(self, code: str, sentence: str, next_step: str = "", *, retryable: bool = False) -> None:
        ended = sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
        super().__init__(f"{ended} {next_step}".rstrip())
        self.code, self.sentence, self.next_step, self.retryable = code, sentence, next_step, retryable
