"""The list of logins, as text and as a document, and switching as an event."""

from __future__ import annotations

import json
from pathlib import Path

from claude_auth.actions.accounts import Account, list_accounts, switch_account
from claude_auth.present.logins import accounts_document, accounts_text
from claude_auth.store.files import FileStore
from claude_auth.store.keyring import KeyringStore
from tests.actions.world import ACCESS, World
from tests.promises import kept
from tests.store.world import FakeKeyring, token_set


def everything(tmp_path: Path) -> World:
    world = World(tmp_path).login(subscriptionType="max")
    account = {"emailAddress": "ada@example.org", "organizationName": "Analytical Engines"}
    world.write(".claude.json", {"oauthAccount": account})
    FileStore.of_sdk(str(world.home)).save(token_set(expires_in=-10))
    FileStore.of_sdk(str(world.home), "work").save(token_set("work"))
    backend = FakeKeyring()
    for name in (None, "vault"):
        KeyringStore(str(world.home), name, backend).save(token_set("keyring"))
    (world.home / ".claude/credentials").mkdir()
    world.write(".claude/credentials/abc", {"access_token": "made-up", "expires_at": 4102444800})
    return world


def test_all_of_them(tmp_path: Path) -> None:
    accounts = list_accounts(everything(tmp_path).look())
    assert [(account.store, account.name, account.active) for account in accounts] == [
        ("claude-code", None, True),
        ("sdk", None, True),
        ("sdk", "work", False),
        ("keyring", "default", True),
        ("keyring", "vault", False),
        ("claw", None, True),
    ]
    first = accounts[0]
    assert (first.email, first.organization, first.plan) == ("ada@example.org", "Analytical Engines", "max")
    assert (first.expiry, accounts[1].expiry, accounts[2].expiry) == ("live", "stale-refreshable", None)


def test_as_text_and_as_a_document(tmp_path: Path) -> None:
    accounts = list_accounts(everything(tmp_path).look())
    lines = accounts_text(accounts).splitlines()
    assert lines[0].split() == [
        *("*", "active", "claude-code", "(default)"),
        *("ada@example.org,", "Analytical", "Engines,", "Claude", "Max", "plan,", "live"),
    ]
    assert [line.startswith("* active") for line in lines] == [True, True, False, True, False, True]
    document = accounts_document(accounts)
    kept("actions", document)
    assert ACCESS not in json.dumps(document) + accounts_text(accounts)


def test_none(tmp_path: Path) -> None:
    assert list_accounts(World(tmp_path).look()) == ()
    kept("actions", accounts_document(()))


def test_a_wiped_login_is_none(tmp_path: Path) -> None:
    world = World(tmp_path).login(accessToken="", refreshToken="", expiresAt=0)
    assert list_accounts(world.look()) == ()


def test_hostile_names_are_no_markup_and_no_control_sequences(tmp_path: Path) -> None:
    world = World(tmp_path).login()
    world.write(".claude.json", {"oauthAccount": {"emailAddress": "ada\x1b[31m@example.org\n[b]x[/b]"}})
    text = accounts_text(list_accounts(world.look()))
    assert "\x1b" not in text
    assert len(text.splitlines()) == 1


def test_switching_is_an_event(tmp_path: Path) -> None:
    home = str(tmp_path)
    FileStore.of_sdk(home).save(token_set("old"))
    FileStore.of_sdk(home, "work").save(token_set("work"))
    failed, why = switch_account(home, "work")
    assert (failed.kind, failed.level) == ("accounts.failed", "error")
    assert "--keep-as" in (why or "")
    switched, problem = switch_account(home, "work", "home")
    assert (switched.kind, switched.store, problem) == ("accounts.switched", "sdk", None)
    assert switched.data == {"account": "work", "kept_as": "home"}


def test_an_account_without_anything() -> None:
    assert accounts_text((Account("sdk", "work", False),)).split() == ["sdk", "work"]
