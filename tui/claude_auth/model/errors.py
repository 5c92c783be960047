"""The base of every error that this package raises and expects to be shown to a person."""

from __future__ import annotations

import errno


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


def from_os_error(error: OSError, path: str, doing: str) -> AuthenticationError:
    """An error of the system in words. The path is ours, never a secret."""
    failed = f"{doing} {path} failed: {(error.strerror or 'input/output error').lower()}"
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return AuthenticationError("no-space", failed, "Make room on that disk and try again")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return AuthenticationError("permission", failed, f"Look at `ls -ld {path}` and at its folder")
    if error.errno == errno.EROFS:
        return AuthenticationError("permission", failed, "Mount that disk for writing")
    if error.errno == errno.ELOOP:
        link = f"{path} is a symbolic link"
        return AuthenticationError(
            "not-private", link, "Replace it by the file itself: tokens follow no links"
        )
    return AuthenticationError("io-error", failed, "Look at that disk and try again")
