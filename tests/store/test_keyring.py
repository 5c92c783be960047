"""The keyring: a stand-in for what goes wrong, and a real daemon for what goes right."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from claude_auth.model.errors import AuthenticationError
from claude_auth.model.refreshes import NOTHING
from claude_auth.observe.context import ObservationContext
from claude_auth.observe.token_stores import read_keyring_list, read_sdk_tokens
from claude_auth.store.files import FileStore, pending_refresh
from claude_auth.store.keyring import SERVICE, KeyringStore, system_backend
from claude_auth.store.others import keyring_or_file
from claude_auth.store.private import this_process
from tests.conftest import requires_system
from tests.store.world import Fake, FakeKeyring, Journal, token_set
from tests.waiting import Stopwatch


@pytest.fixture
def backend() -> FakeKeyring:
    return FakeKeyring()


def test_the_list_names_what_is_there_without_secrets(tmp_path: Path, backend: FakeKeyring) -> None:
    (tmp_path / ".claude_code").mkdir()
    listed = tmp_path / ".claude_code" / "keyring.json"
    listed.write_text('{"accounts": [], "made_by": "somebody"}')
    KeyringStore(str(tmp_path), None, backend).save(token_set())
    KeyringStore(str(tmp_path), "work", backend).save(token_set("work"))
    assert json.loads(listed.read_text()) == {"accounts": ["default", "work"], "made_by": "somebody"}
    assert listed.stat().st_mode & 0o777 == 0o600
    view = ObservationContext(str(tmp_path), str(tmp_path))
    assert read_keyring_list(view).present_unread
    assert read_sdk_tokens(view).others == ()
    KeyringStore(str(tmp_path), None, backend).delete()
    assert json.loads(listed.read_text())["accounts"] == ["work"]
    assert set(backend.items) == {(SERVICE, "work")}


def test_accounts_don_t_mix(tmp_path: Path, backend: FakeKeyring) -> None:
    KeyringStore(str(tmp_path), "a", backend).save(token_set("a"))
    assert KeyringStore(str(tmp_path), "b", backend).load().revision == NOTHING
    assert KeyringStore(str(tmp_path), "default", backend).account is None


@pytest.mark.parametrize("problem", ["refuses", "forgets"])
def test_a_keyring_that_does_not_keep_is_found_out_by_a_trial(
    tmp_path: Path, backend: FakeKeyring, problem: str
) -> None:
    backend.problem = problem
    store = KeyringStore(str(tmp_path), None, backend)
    with pytest.raises(AuthenticationError) as caught:
        store.save(token_set())
    assert caught.value.code == "unavailable"
    assert "made-up" not in str(caught.value)
    assert not backend.items


def test_a_keyring_that_hangs_is_not_waited_for(tmp_path: Path, backend: FakeKeyring) -> None:
    backend.problem = "hangs"
    store = KeyringStore(str(tmp_path), None, backend, seconds=0.2)
    watch = Stopwatch()
    with pytest.raises(AuthenticationError) as caught:
        store.save(token_set())
    assert caught.value.code == "time-out"
    assert "dialog" in caught.value.sentence
    damage = store.load().damage
    assert damage is not None
    assert damage.is_unreadable
    assert watch.seconds < 5
    backend.wakes.set()


def test_the_fallback_to_a_file_is_told(tmp_path: Path, backend: FakeKeyring) -> None:
    wished = KeyringStore(str(tmp_path), "work", backend)
    choice = keyring_or_file(str(tmp_path), "work", wished)
    assert (choice.store.id, choice.notice) == ("keyring", None)
    backend.problem = "refuses"
    choice = keyring_or_file(str(tmp_path), "work", wished)
    assert choice.store.id == "sdk"
    assert choice.notice is not None
    assert str(tmp_path / ".claude_code" / "work.json") in choice.notice


def test_a_refusal_at_the_last_moment_loses_no_login(tmp_path: Path, backend: FakeKeyring) -> None:
    from claude_auth.store.coordinator import refresh

    store = KeyringStore(str(tmp_path), None, backend)
    store.save(token_set("old", expires_in=-1))
    backend.problem = "refuses-tokens"
    journal = Journal()
    result = refresh(store, Fake(token_set("new")), journal)
    assert result.outcome == "refreshed"
    assert any("refused it" in event.text for event in journal)
    loaded = KeyringStore(str(tmp_path), None, backend).load()
    assert loaded.tokens == token_set("new")
    assert loaded.note is not None
    rescue = tmp_path / ".claude_code" / ".default.keyring.rescue"
    assert rescue.stat().st_mode & 0o777 == 0o600
    backend.problem = ""
    store.save(token_set("newer"))
    assert not rescue.exists()
    assert store.load().note is None


def test_what_a_killed_process_had_ready_for_the_keyring_is_found(
    tmp_path: Path, backend: FakeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = KeyringStore(str(tmp_path), None, backend)
    store.save(token_set("old"))
    store.ledger.write_intent(pending_refresh(token_set("old"), 1.0))
    backend.problem = "refuses-tokens"
    prepared = store.prepare()
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
        with pytest.raises(AuthenticationError):
            prepared.commit(token_set("new"))
    assert prepared.keep()
    recovered = store.recover(str(this_process()))
    assert recovered is not None
    assert recovered.tokens == token_set("new")
    assert store.ledger.read_intent() is None


def test_without_a_session_bus_there_is_a_clear_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nowhere")
    with pytest.raises(AuthenticationError) as caught:
        KeyringStore(str(tmp_path)).save(token_set())
    assert caught.value.code == "unavailable"
    assert "--store sdk" in caught.value.next_step


def test_the_backend_is_pinned_by_class(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring.backends.SecretService
    import keyring.core

    class Viable:
        viable = True

    monkeypatch.setattr(keyring.backends.SecretService, "Keyring", Viable)
    monkeypatch.setattr(keyring.core, "_keyring_backend", object())
    assert isinstance(system_backend(), Viable)


REAL = """
import json, sys
from claude_auth.model.refreshes import NOTHING
from claude_auth.store.coordinator import refresh
from claude_auth.store.keyring import KeyringStore
from tests.store.world import Fake, Journal, token_set

home = sys.argv[1]
store = KeyringStore(home, "work")
assert store.load().revision == NOTHING, store.load()
store.save(token_set("first", expires_in=-1))
again = KeyringStore(home, "work")
assert again.load().tokens == token_set("first", expires_in=-1) or again.load().tokens is not None
result = refresh(again, Fake(token_set("second")), Journal())
assert result.outcome == "refreshed", result
assert KeyringStore(home, "work").load().fingerprint == token_set("second").access_token.fingerprint
assert KeyringStore(home).load().revision == NOTHING
assert store.delete() and store.load().revision == NOTHING
print("done")
"""


@requires_system("gnome-keyring", "gnome-keyring-daemon")
@requires_system("dbus", "dbus-run-session")
def test_a_real_secret_service(tmp_path: Path) -> None:
    run_time = tmp_path / "run"
    run_time.mkdir(mode=0o700)
    script = tmp_path / "session.sh"
    # A copy has none of the file's capabilities, which a container may not grant.
    daemon = shutil.copyfile(shutil.which("gnome-keyring-daemon") or "", tmp_path / "gnome-keyring-daemon")
    daemon.chmod(0o755)
    script.write_text(
        f'printf made-up-password | {daemon} --unlock --components=secrets >/dev/null\nexec "$@"\n'
    )
    run = subprocess.run(
        ["dbus-run-session", "--", "sh", str(script), sys.executable, "-c", REAL, str(tmp_path)],
        env=os.environ
        | {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(run_time), "XDG_DATA_HOME": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout.strip()) == (0, "done"), run.stderr
    assert not list((tmp_path / ".claude_code").glob("*rescue*"))
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.parent.name == ".claude_code":
            assert b"made-up-access" not in path.read_bytes()
    assert json.loads((tmp_path / ".claude_code" / "keyring.json").read_text()) == {"accounts": []}


def test_the_file_store_is_another_store(tmp_path: Path, backend: FakeKeyring) -> None:
    KeyringStore(str(tmp_path), None, backend).save(token_set())
    assert FileStore.of_sdk(str(tmp_path)).load().revision == NOTHING
