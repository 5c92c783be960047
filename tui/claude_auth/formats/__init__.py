"""Bytes to facts and back: pure, tolerant of anything, unknown keys kept, damage described."""

from claude_auth.model.errors import AuthenticationError


class EditError(AuthenticationError):
    """A text can't be changed in the way that was asked for; says why without any of the content.

    Codes: `not-there`; of JSON `damaged`, `wrong-type` (something else stands where an object or a list
    belongs), `not-text` (what should be written holds bytes that are no UTF-8); of a start-up file
    `does-more`, `no-command`, `unclear`.
    """
