"""How a fix says no."""

from __future__ import annotations

import errno


class Refused(Exception):  # noqa: N818
    """Nothing was changed; `sentence` and `next_step` are for a person and hold no secret.

    Codes: `changed` (the file is not what was previewed), `locked`, `claude-runs`, `not-known` (whether one
    runs), `permission`, `read-only`, `not-a-file`, `foreign`, `linked`, `no-space`, `io-error`, `gone`.
    """

    def __init__(self, code: str, sentence: str, next_step: str = "") -> None:
        super().__init__(f"{sentence}. {next_step}".strip())
        self.code = code
        self.sentence = sentence
        self.next_step = next_step


def from_os_error(error: OSError, path: str, doing: str) -> Refused:
    words = (error.strerror or "input/output error").lower()
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Refused("no-space", f"{doing} {path} failed: {words}", "Make room on that disk and try again")
    if error.errno == errno.EROFS:
        return Refused("read-only", f"{doing} {path} failed: {words}", "Change it where it comes from")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return Refused(
            "permission", f"{doing} {path} failed: {words}", f"Look at `ls -ld {path}` and at its folder"
        )
    return Refused("io-error", f"{doing} {path} failed: {words}", "Look at that disk and try again")
