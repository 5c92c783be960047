"""The macOS Keychain, against a stand-in: presence alone, never a dialog, never a wait without end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from claude_auth.model import StoreReading
from claude_auth.observe import keychain
from claude_auth.observe.keychain import Presence, find_login, read_value, service_name

ENVIRON = {"USER": "ada"}


@pytest.fixture
def released() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_the_service_name_carries_the_configured_directory() -> None:
    assert service_name(None) == service_name("") == "Claude Code-credentials"
    assert service_name("/home/ada/cfg") == "Claude Code-credentials-734b0802"
    assert service_name("/\udcff") != service_name("/")  # a path that is no UTF-8
    assert service_name("/u\u0308") == service_name("/\u00fc") != service_name("/u")


@pytest.mark.parametrize(
    ("answer", "is_unread", "code"),
    [("present", True, None), ("locked", False, "permission"), ("failed", False, "io-error")],
)
def test_what_the_keychain_answers(answer: Presence, is_unread: bool, code: str | None) -> None:
    found = find_login(ENVIRON, None, lambda service, account: answer)
    assert found is not None
    assert (found.origin.kind, found.origin.path) == ("keychain", "Claude Code-credentials")
    assert found.present_unread == is_unread
    assert (found.damage and found.damage.code) == code


def test_without_an_item_the_file_counts() -> None:
    assert find_login(ENVIRON, None, lambda service, account: "absent") is None


def test_it_is_asked_for_the_account_and_the_service() -> None:
    asked: list[tuple[str, str]] = []

    def presence(service: str, account: str) -> Presence:
        asked.append((service, account))
        return "absent"

    find_login(ENVIRON, "/cfg", presence)
    assert asked == [(service_name("/cfg"), "ada")]


def test_a_failure_of_the_library_is_an_answer() -> None:
    def presence(service: str, account: str) -> Presence:
        raise OSError("no framework")

    found = find_login(ENVIRON, None, presence)
    assert found is not None
    assert found.damage is not None
    assert found.damage.code == "io-error"


def test_a_keychain_that_does_not_answer_holds_nobody_up(
    released: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keychain, "_SECONDS", 0.05)

    def presence(service: str, account: str) -> Presence:
        released.wait(10)
        return "present"

    found = find_login(ENVIRON, None, presence)
    assert found is not None
    assert found.damage is not None
    assert found.damage.code == "io-error"


ITEM = '{"claudeAiOauth": {"accessToken": "made-up", "scopes": ["user:inference"]}}'


def unread() -> StoreReading:
    found = find_login(ENVIRON, None, lambda service, account: "present")
    assert found is not None
    return found


def test_on_consent_the_value_is_read() -> None:
    asked: list[tuple[str, str]] = []

    def password(service: str, account: str) -> str:
        asked.append((service, account))
        return ITEM

    found = read_value(unread(), password)
    assert asked == [("Claude Code-credentials", "ada")]
    assert found.tokens is not None
    assert found.tokens.access_token.reveal() == "made-up"


@pytest.mark.parametrize(
    ("item", "code"), [(None, "io-error"), ("not json", "not-json"), ("\udcff", "not-json")]
)
def test_an_item_without_a_login_is_damage(item: str | None, code: str) -> None:
    damage = read_value(unread(), lambda service, account: item).damage
    assert damage is not None
    assert damage.code == code
