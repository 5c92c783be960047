"""Few files lie between what a person does and what it comes to; the ends are fakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from claude_auth.app.services import Services
from claude_auth.model import Assignment, HeaderValue, SourceReading, Standing
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.present.causes import cause_list_rows, pasted_lines
from claude_auth.present.ladder import credential_lines
from claude_auth.present.lines import plain
from claude_auth.resolve import resolve
from claude_auth.sandbox import scenes
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.security.secret import Secret
from tests.app.driving import eyes
from tests.paths import as_row, files_between, files_given
from tests.store.world import client_of, signed_in

#: Files by now; lowered, never raised.
EXPLAINED, SAVED, SHOWN = 8, 10, 8
#: The table of the paths in the architecture page has each row, word for word.
PAGE = (Path(__file__).parents[1] / "docs/architecture.md").read_text(encoding="utf-8").splitlines()
TEXT = "API Error: 401 OAuth authentication is currently not supported."


def test_from_a_pasted_text_to_its_explanation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's side of it, what is seen and found there and what it says about each cause, stands before
    it begins. The screen and the widget stand around what is counted here."""
    state = scenes.state_of("healthy", tmp_path)
    host = eyes("healthy", tmp_path, look=lambda: state.snapshot)
    services = Services(host, scenes.HOME, environ={})
    here = services.asking.machine(state.snapshot)
    monkeypatch.setattr(services.asking, "machine", lambda known: here)
    shown: list[object] = []

    def explain() -> None:
        found = services.asking.explain(Secret(TEXT), state.snapshot)
        shown.extend([*pasted_lines(found, scenes.HOME, 80), *cause_list_rows(found.causes, 80)])

    explain()  # what is loaded once
    files = files_between(explain)
    assert shown
    assert len(files) <= EXPLAINED, files
    assert as_row("a pasted text to its explanation", files) in PAGE


def test_from_the_key_r_to_the_saved_token(tmp_path: Path) -> None:
    """The screen stands before what is counted here, the server behind it."""
    with AuthorizationServer() as server:
        store = signed_in(server, tmp_path)
        client = client_of(server)
        environ = {
            "CLAUDE_OAUTH_CLIENT_ID": client.client_id,
            "CLAUDE_OAUTH_AUTHORIZE_URL": client.authorize_url or "",
            "CLAUDE_OAUTH_TOKEN_URL": client.token_url or "",
        }
        state = scenes.state_of("healthy", tmp_path)
        host = eyes("healthy", tmp_path, look=lambda: state.snapshot)
        services = Services(host, str(tmp_path), environ=environ)
        action = services.refreshing.oauth(store, force=True)  # what is read of the configuration, once
        before = store.load().tokens
        files = files_between(lambda: action.run(lambda event: None))
        after = store.load().tokens
        assert before is not None
        assert after is not None
        assert after.access_token.fingerprint != before.access_token.fingerprint
        assert len(files) <= SAVED, files
        assert as_row("the key `r` to the saved token", files) in PAGE


KEY = "sk-ant-api03-madeUpForTests"


def is_the_key(value: object) -> bool:
    """Its text, what stands for it on the way, and its row."""
    match value:
        case str():
            return value == KEY
        case Secret():
            return value.reveal() == KEY
        case Assignment():
            return value.name == "ANTHROPIC_API_KEY"
        case SourceReading() | HeaderValue():
            return value.source == "anthropic-api-key"
        case Standing():
            return value.reading.source == "anthropic-api-key"
    return False


def test_from_a_key_in_the_environment_to_its_row(tmp_path: Path) -> None:
    """A look reads every place that there is; counted are the files through which the key goes."""
    state = scenes.state_of("healthy", tmp_path / "scene")
    home = str(tmp_path)
    view = ObservationContext(home, home, environ=Environment({"HOME": home, "ANTHROPIC_API_KEY": KEY}))
    shown: list[str] = []

    def look() -> None:
        snapshot = observe(view)
        resolution = resolve(snapshot, "claude-print")
        standing = resolution.standing("anthropic-api-key")
        scene = state._replace(snapshot=snapshot, resolution=resolution)
        shown.extend(plain(one) for one in credential_lines(standing, scene, 80))

    look()  # what is loaded once
    files = files_given(look, is_the_key)
    assert any("ANTHROPIC_API_KEY" in words for words in shown)
    assert len(files) <= SHOWN, files
    assert as_row("a key in the environment to its row", files) in PAGE
