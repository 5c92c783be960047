"""A token, the file it is kept in, and the OAuth client: what is taken, what is refused, what is shown."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from claude_auth import (
    AuthenticationError,
    AuthToken,
    ClaudeAuth,
    ConfigurationError,
    OAuthConfig,
    TokenStorage,
)
from tests.library.world import ProgramWorld

CANARY = "canary-9f3b7c51e8"


def token(expires_in: float = 60.0) -> AuthToken:
    moment = datetime.now(UTC) + timedelta(seconds=expires_in)
    return AuthToken(
        f"{CANARY}-access", refresh_token=f"{CANARY}-refresh", expires_at=moment, scopes=("a", "b")
    )


def test_when_it_ends() -> None:
    assert not token().is_expired()
    assert token().is_expired(margin=120)
    assert token(-1).is_expired()
    assert not AuthToken("for-ever").is_expired()
    naive = datetime(2026, 5, 4, 12)  # noqa: DTZ001
    away = datetime(2026, 5, 4, 14, tzinfo=timezone(timedelta(hours=2)))
    assert AuthToken("a", expires_at=naive).expires_at == AuthToken("a", expires_at=away).expires_at


def test_it_shows_nothing_of_itself() -> None:
    assert CANARY not in f"{token()!r} {token()} {token().access_token!r}"
    assert token().access_token.reveal() == f"{CANARY}-access"
    assert AuthToken("a") == AuthToken("a")
    assert len({AuthToken("a"), AuthToken("a"), AuthToken("b")}) == 2


def test_what_is_kept_is_what_was_given(world: ProgramWorld) -> None:
    storage = TokenStorage(str(world.home / "folder" / "work.json"))
    given = token()
    storage.save_token(given)
    found = storage.load_token()
    assert found is not None
    assert (found.scopes, found.expires_at) == (given.scopes, given.expires_at)
    assert found.refresh_token == given.refresh_token
    assert stat.S_IMODE(os.stat(storage.path).st_mode) == 0o600
    assert storage.delete_token()
    assert not storage.delete_token()


def test_its_usual_place_is_the_sdk_s(world: ProgramWorld) -> None:
    assert TokenStorage().path == world.home / ".claude_code/tokens.json"
    assert TokenStorage("~/.claude_code/tokens.json").path == TokenStorage().path
    assert "work.json" in repr(TokenStorage("work.json"))


def damaged(path: Path) -> TokenStorage:
    path.write_text(f'{{"access_token": "{CANARY}')
    return TokenStorage(path)


def linked(path: Path) -> TokenStorage:
    path.symlink_to(path.with_name("elsewhere"))
    return TokenStorage(path)


def without(path: Path) -> TokenStorage:
    path.write_text(f'{{"{CANARY}": 1}}')
    return TokenStorage(path)


@pytest.mark.parametrize(
    ("made", "code"), [(damaged, "truncated"), (linked, "permission"), (without, "wrong-type")]
)
def test_a_file_that_can_not_be_used(
    made: Callable[[Path], TokenStorage], code: str, world: ProgramWorld
) -> None:
    with pytest.raises(AuthenticationError) as caught:
        made(world.home / "work.json").load_token()
    assert caught.value.code == code
    assert caught.value.next_step
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "path", ["~/.claude/.credentials.json", "~/.claude/other.json", ".claude.json", "\0", 7]
)
def test_what_is_no_place_for_it(path: str, world: ProgramWorld) -> None:
    """Claude Code's own files are never written."""
    with pytest.raises(ConfigurationError):
        TokenStorage(path)


def test_a_claude_account_s_token_is_not_kept(world: ProgramWorld) -> None:
    for given in (
        AuthToken(f"sk-ant-oat01-{CANARY}"),
        AuthToken("a", refresh_token=f"sk-ant-ort01-{CANARY}"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            TokenStorage().save_token(given)
        assert caught.value.code == "claude-account"
        assert CANARY not in str(caught.value)
    assert not TokenStorage().path.exists()


def test_what_is_no_token(world: ProgramWorld) -> None:
    for made in (
        lambda: AuthToken(7),  # type: ignore[arg-type]
        lambda: AuthToken("a", expires_at=CANARY),  # type: ignore[arg-type]
        lambda: TokenStorage().save_token(CANARY),  # type: ignore[arg-type]
        lambda: ClaudeAuth(token_storage=CANARY),  # type: ignore[arg-type]
        lambda: ClaudeAuth(oauth_config=CANARY),  # type: ignore[arg-type]
    ):
        with pytest.raises(ConfigurationError) as caught:
            made()
        assert caught.value.code == "wrong-argument"
        assert CANARY not in str(caught.value)


def test_no_frame_of_an_error_holds_the_token() -> None:
    """Some reports of a crash print every local variable."""
    try:
        AuthToken(f"{CANARY}-access", refresh_token=f"{CANARY}-refresh", expires_at=7)  # type: ignore[arg-type]
    except ConfigurationError as error:
        step, shown = error.__traceback__, []
        while step is not None:
            ours = "/claude_auth/" in step.tb_frame.f_code.co_filename
            shown += [repr(value) for value in step.tb_frame.f_locals.values()] if ours else []
            step = step.tb_next
        assert shown
        assert CANARY not in "".join(shown)


def test_a_disk_that_says_no(world: ProgramWorld) -> None:
    (world.home / "file").write_text("")
    with pytest.raises(AuthenticationError) as caught:
        TokenStorage(world.home / "file" / "work.json").save_token(token())
    assert caught.value.next_step
    assert CANARY not in str(caught.value)


# ── the OAuth client ─────────────────────────────────────────────────────────────────────────────


def test_a_client_of_the_environment(world: ProgramWorld) -> None:
    assert OAuthConfig.from_environment() is None
    world.client().set(CLAUDE_OAUTH_CLIENT_SECRET=CANARY, CLAUDE_OAUTH_SCOPES="a b")
    config = OAuthConfig.from_environment()
    assert config is not None
    assert (config.client_id, config.scopes, config.client_secret) == ("sandbox-public", ("a", "b"), CANARY)
    assert config.checked() is config
    assert CANARY not in repr(config)


def test_a_client_of_the_file(world: ProgramWorld) -> None:
    path = world.root / "config/claude-auth/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('[oauth]\nclient_id = "me"\nissuer = "https://auth.example.org"\n')
    config = OAuthConfig.from_environment()
    assert config is not None
    assert config.issuer == "https://auth.example.org"


@pytest.mark.parametrize(
    "config",
    [
        OAuthConfig(),
        OAuthConfig("me"),
        OAuthConfig("me", issuer=f"http://{CANARY}.example.org"),
        OAuthConfig("me", "https://platform.claude.com/oauth", "https://platform.claude.com/token"),
        OAuthConfig("me", issuer="https://a.example.org", client_secret=f"{CANARY}\n"),
        OAuthConfig("me", issuer="https://a.example.org", scopes=(f"{CANARY} \x00",)),
    ],
)
def test_a_client_that_can_not_be_used(config: OAuthConfig) -> None:
    with pytest.raises(ConfigurationError) as caught:
        config.checked()
    assert caught.value.code == "bad-oauth-config"
    assert caught.value.next_step
    assert CANARY not in str(caught.value)
    assert "CLAUDE_OAUTH" not in str(caught.value)
