"""What comes back from the authorization server through the browser, by the listener or by paste."""

from __future__ import annotations

from dataclasses import dataclass

from claude_auth.security.secret import Secret


@dataclass(frozen=True, slots=True, repr=False)
class Callback:
    """The state is checked already. `error`, `description` and `issuer` are raw words of the other side."""

    code: Secret | None = None
    error: str | None = None
    description: str = ""
    issuer: str | None = None
    #: False for a code that was pasted without the rest of its address.
    is_whole: bool = True

    def __repr__(self) -> str:
        return f"Callback({'error' if self.error else 'code'})"
