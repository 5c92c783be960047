"""A token of your own OAuth client, and the file that it is kept in."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from claude_auth.model import TokenSet
    from claude_auth.security.secret import Secret
    from claude_auth.store import TokenStore


class AuthToken:
    """A token set. Its `repr` shows no token; `access_token.reveal()` gives the value out.

    >>> from datetime import datetime, timedelta, timezone
    >>> from claude_auth import AuthToken
    >>> in_an_hour = datetime.now(timezone.utc) + timedelta(hours=1)
    >>> token = AuthToken("made-up-access-token", expires_at=in_an_hour, scopes=("inference",))
    >>> token.is_expired()
    False
    >>> token.scopes
    ('inference',)
    >>> "made-up" in repr(token)
    False
    """

    __slots__ = ("_tokens",)

    def __init__(
        self,
        access_token: str,
        *,
        refresh_token: str | None = None,
        expires_at: datetime | None = None,
        scopes: tuple[str, ...] = (),
    ) -> None:
        """`expires_at` without a time zone is UTC; None: it does not expire."""
        from datetime import UTC, datetime

        from claude_auth.library.checks import checked_secret, checked_type
        from claude_auth.model import TokenSet

        access = checked_secret("access_token", access_token)
        del access_token  # no frame of an error holds it
        renewing = None if refresh_token is None else checked_secret("refresh_token", refresh_token)
        del refresh_token
        if expires_at is not None:
            checked_type("expires_at", expires_at, datetime)
        if expires_at is not None and expires_at.tzinfo is None:
            expires_at = expires_at.replace(tzinfo=UTC)
        moment = None if expires_at is None else expires_at.timestamp()
        self._tokens = TokenSet(access, renewing, moment, scopes=tuple(scopes), token_type="Bearer")

    @classmethod
    def _of(cls, tokens: TokenSet) -> AuthToken:
        token = cls.__new__(cls)
        token._tokens = tokens
        return token

    @property
    def access_token(self) -> Secret:
        """`reveal()` gives the value, `masked` and `fingerprint` are for people."""
        return self._tokens.access_token

    @property
    def refresh_token(self) -> Secret | None:
        """None where the login can't be renewed."""
        return self._tokens.refresh_token

    @property
    def expires_at(self) -> datetime | None:
        """In UTC; None where the server named no end."""
        from datetime import UTC, datetime

        moment = self._tokens.expires_at
        return None if moment is None else datetime.fromtimestamp(moment, UTC)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the login allows, in the server's words."""
        return self._tokens.scopes

    def is_expired(self, margin: float = 0.0) -> bool:
        """Whether it ends within `margin` seconds. Whoever uses the library need not ask: what has expired is
        refreshed by itself."""
        moment = self._tokens.expires_at
        return moment is not None and moment <= time.time() + margin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AuthToken) and self._tokens == other._tokens

    def __hash__(self) -> int:
        return hash(self._tokens)

    def __repr__(self) -> str:
        if not hasattr(self, "_tokens"):  # in a report of a crash, before it was made
            return "<AuthToken>"
        return f"<AuthToken {self.access_token.fingerprint}, expires at {self.expires_at}>"


class TokenStorage:
    """A file for one account's token: 0600 from its first byte, written whole or not at all, under a lock
    that all programs of ours share. Without a path it is the SDK's own, `~/.claude_code/tokens.json`. Claude
    Code's own credentials are no such file, and are refused.

    >>> from pathlib import Path
    >>> from claude_auth import AuthToken, TokenStorage
    >>> storage = TokenStorage(Path.home() / ".claude_code" / "work.json")
    >>> storage.save_token(AuthToken("made-up-access-token"))
    >>> storage.load_token().is_expired()
    False
    >>> storage.delete_token()
    True
    >>> print(storage.load_token())
    None
    """

    __slots__ = ("_store", "path")

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        """Raises `ConfigurationError`."""
        self._store = _open(path)
        #: Where it lies.
        self.path = Path(self._store.describe().place)

    def load_token(self) -> AuthToken | None:
        """None where nobody is signed in. Raises `AuthenticationError` where the file can't be used, with a
        code such as `not-private` or `not-json`."""
        from claude_auth.model.errors import AuthenticationError

        loaded = self._store.load()
        if loaded.tokens is not None:
            return AuthToken._of(loaded.tokens)
        if loaded.damage is None or loaded.damage.is_missing:
            return None
        step = "Remove the file and sign in again, or give it back as it was"
        raise AuthenticationError(loaded.damage.code, f"{self.path}: {loaded.damage.text}", step)

    def save_token(self, token: AuthToken) -> None:
        """In the place of what stands there. Raises `AuthenticationError`, and leaves what stood there."""
        from claude_auth.library.checks import checked_type
        from claude_auth.library.errors import ConfigurationError
        from claude_auth.security.secret import holds_token

        checked_type("token", token, AuthToken)
        tokens = token._tokens
        held = (tokens.access_token, *filter(None, (tokens.refresh_token,)))
        if any(holds_token(one.reveal()) for one in held):
            raise ConfigurationError(
                "claude-account",
                "this is a token of a Claude account, which Claude Code alone keeps",
                "Sign in to it with `claude auth login`",
            )
        self._store.save(tokens)

    def delete_token(self) -> bool:
        """Whether there was one. The server is not told: that is what `logout` is for."""
        return self._store.delete()

    def __repr__(self) -> str:
        return f"TokenStorage({str(self.path)!r})"


def store_of(storage: TokenStorage) -> TokenStore:
    return storage._store


def token_of(tokens: TokenSet) -> AuthToken:
    return AuthToken._of(tokens)


def _open(path: str | os.PathLike[str] | None) -> TokenStore:
    from claude_auth.library.errors import ConfigurationError
    from claude_auth.observe.context import home_directory
    from claude_auth.store.files import FOLDER, FileStore

    home = home_directory(os.environ)
    if path is None:
        return FileStore.of_sdk(home)
    try:
        place = os.path.abspath(os.path.expanduser(os.fspath(path)))
        if "\0" in place:
            raise ValueError
    except (TypeError, ValueError):
        raise ConfigurationError(
            "bad-storage-path", "the path of the token storage is none", "Give a path of the file system"
        ) from None
    folder, name = os.path.split(place)
    _refuse_claude_codes(place, home)
    if folder == os.path.join(home, FOLDER) and name.endswith(".json"):
        account = name.removesuffix(".json")
        return FileStore.of_sdk(home, None if account == "tokens" else account)
    return FileStore(place, id="file")


def _refuse_claude_codes(place: str, home: str) -> None:
    """Whatever lies there is another program's, and never written by us."""
    from claude_auth.library.errors import ConfigurationError

    real = os.path.realpath(place)
    folders = [os.path.join(home, ".claude"), os.environ.get("CLAUDE_CONFIG_DIR", "")]
    inside = any(real.startswith(os.path.join(os.path.realpath(one), "")) for one in folders if one)
    if inside or os.path.basename(real) in {".credentials.json", ".claude.json"}:
        raise ConfigurationError(
            "claude-codes-own",
            f"{place} belongs to Claude Code, which alone writes there",
            "Choose another file, such as ~/.claude_code/work.json",
        )
