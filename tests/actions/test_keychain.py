"""The Keychain of macOS by Apple's own program, against a stand-in: presence without decrypting anything, the
value on consent, every refusal told apart from "not there", and no wait without end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.accounts import list_accounts
from claude_auth.actions.evaluate import evaluate
from claude_auth.actions.look import HostObserver, further_look, look_with_keychain
from claude_auth.claude_code import keychain
from claude_auth.claude_code.keychain import account_name, service_name
from claude_auth.diagnose import diagnose
from claude_auth.model import Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.present.logins import accounts_document
from claude_auth.resolve import resolve
from claude_auth.sandbox.keychain import Answer, install
from tests.promises import kept

SERVICE = "Claude Code-credentials"
ITEM = json.dumps({"claudeAiOauth": {"accessToken": "made-up", "scopes": ["user:inference"]}})
OLDER = {"claudeAiOauth": {"accessToken": "older", "scopes": ["user:inference"]}}


class Mac:
    """A home whose platform is macOS, with a stand-in `security`."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, **environ: str) -> None:
        self.home, self.bin = root / "home", root / "bin"
        (self.home / ".claude").mkdir(parents=True)
        self.environ = {"HOME": str(self.home), "USER": "ada", "PATH": "/usr/bin:/bin", **environ}
        self.context = ObservationContext(
            str(self.home), str(self.home), environ=Environment(self.environ), platform="darwin"
        )
        self.monkeypatch = monkeypatch
        monkeypatch.setattr(keychain, "SECONDS", 0.3)

    def security(self, items: dict[tuple[str, str], str] | None = None, **how: Any) -> Mac:
        self.monkeypatch.setattr(keychain, "SECURITY", str(install(self.bin, items, **how)))
        return self

    @property
    def calls(self) -> list[list[str]]:
        diary = self.bin / "diary"
        return [call.split("\n") for call in diary.read_text().split("\n\n")[:-1]] if diary.exists() else []

    def file(self, content: object) -> Mac:
        (self.home / ".claude/.credentials.json").write_text(json.dumps(content))
        return self


@pytest.fixture
def mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mac:
    return Mac(tmp_path, monkeypatch)


# ── names ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, SERVICE),
        ({"CLAUDE_CONFIG_DIR": ""}, SERVICE),
        ({"CLAUDE_CONFIG_DIR": "/home/ada/cfg"}, f"{SERVICE}-734b0802"),
        ({"CLAUDE_SECURESTORAGE_CONFIG_DIR": "/home/ada/cfg"}, f"{SERVICE}-734b0802"),
        (
            {"CLAUDE_CONFIG_DIR": "/x", "CLAUDE_SECURESTORAGE_CONFIG_DIR": "/home/ada/cfg"},
            f"{SERVICE}-734b0802",
        ),
        ({"CLAUDE_CONFIG_DIR": "/x", "CLAUDE_SECURESTORAGE_CONFIG_DIR": ""}, SERVICE),
    ],
)
def test_the_service_name_carries_the_directory_that_was_named(environ: dict[str, str], name: str) -> None:
    assert service_name(environ) == name


def test_the_directory_is_hashed_as_it_is_written() -> None:
    def name(directory: str) -> str:
        return service_name({"CLAUDE_CONFIG_DIR": directory})

    assert name("/a") != name("/a/")
    assert name("/\udcff") != name("/")  # a path that is no UTF-8
    assert name("/u\u0308") == name("/\u00fc") != name("/u")


@pytest.mark.parametrize(
    ("environ", "login_name", "account"),
    [
        ({"USER": "ada"}, "root", "ada"),
        ({}, "ada", "ada"),
        ({"USER": ""}, "ada", "ada"),
        ({}, "", "claude-code-user"),
        ({"USER": "ada lovelace"}, "ada", "claude-code-user"),
    ],
)
def test_the_account_name(environ: dict[str, str], login_name: str, account: str) -> None:
    assert account_name(environ, login_name) == account


# ── presence ─────────────────────────────────────────────────────────────────────────────────────


def test_a_look_starts_nothing_and_knows_nothing(mac: Mac) -> None:
    mac.security({(SERVICE, "ada"): ITEM}).file(OLDER)
    snapshot = observe(mac.context)
    resolution = resolve(snapshot, "claude")
    assert mac.calls == []
    assert snapshot.login.tokens is None
    assert resolution.standing("stored-login").reading.state == "unreadable"
    assert (resolution.blocked and resolution.blocked.code, resolution.usable) == ("not-checked", None)
    assert "store-unreadable" not in [finding.id for finding in diagnose(snapshot, resolution)]


def test_the_second_look_finds_it_without_decrypting_and_the_file_beside_is_not_the_login(mac: Mac) -> None:
    mac.security({(SERVICE, "ada"): ITEM}).file(OLDER)
    for look in (look_with_keychain, further_look):
        login = look(mac.context).login
        assert (login.present_unread, login.tokens, login.origin.kind) == (True, None, "keychain")
    assert mac.calls == [["find-generic-password", "-a", "ada", "-s", SERVICE]] * 2


def test_the_dashboard_asks_from_its_second_look_on(mac: Mac) -> None:
    look = HostObserver.of(mac.security({(SERVICE, "ada"): ITEM}).context).look
    assert (look().login.present_unread, len(mac.calls)) == (False, 0)
    assert (look().login.present_unread, len(mac.calls)) == (True, 1)


def test_the_item_of_another_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = str(tmp_path / "cfg")
    mac = Mac(tmp_path, monkeypatch, CLAUDE_CONFIG_DIR=directory)
    mac.security({(service_name({"CLAUDE_CONFIG_DIR": directory}), "ada"): ITEM})
    assert look_with_keychain(mac.context).login.present_unread


def test_where_it_surely_is_not_the_file_counts(mac: Mac) -> None:
    mac.security({(SERVICE, "somebody"): ITEM}).file(OLDER)
    login = look_with_keychain(mac.context).login
    assert login.origin.kind == "file"
    assert login.tokens is not None
    assert login.tokens.access_token.reveal() == "older"


def test_neither_there_nor_in_a_file(mac: Mac) -> None:
    resolution = resolve(look_with_keychain(mac.security().context), "claude")
    assert resolution.blocked is not None
    assert resolution.blocked.code == "no-credential"


def test_a_locked_keychain_is_no_empty_list(mac: Mac) -> None:
    mac.security({(SERVICE, "ada"): ITEM}, presence="locked")
    (account,) = list_accounts(further_look(mac.context))
    assert (account.problem, account.expiry) == ("the Keychain is locked in this session", None)
    kept("actions", accounts_document((account,)))


@pytest.mark.parametrize(
    ("answer", "code", "finding"),
    [
        ("locked", "permission", "keychain-locked"),
        ("denied", "denied", "keychain-locked"),
        ("cancelled", "denied", "keychain-locked"),
        ("no-keychain", "io-error", "store-unreadable"),
        ("fails", "io-error", "store-unreadable"),
        ("hangs", "io-error", "store-unreadable"),
    ],
)
def test_what_is_not_an_answer_is_never_signed_out(mac: Mac, answer: Answer, code: str, finding: str) -> None:
    mac.security({(SERVICE, "ada"): ITEM}, presence=answer).file(OLDER)
    snapshot = look_with_keychain(mac.context)
    assert (snapshot.login.damage and snapshot.login.damage.code, snapshot.login.tokens) == (code, None)
    assert len(mac.calls) == (2 if answer == "hangs" else 1)
    resolution = resolve(snapshot, "claude")
    assert (resolution.blocked and resolution.blocked.code, resolution.usable) == ("not-checked", None)
    told = [found.id for found in diagnose(snapshot, resolution)]
    assert {finding, "not-checked", "no-credential"} & set(told) == {finding, "not-checked"}


def test_a_program_that_is_not_there_is_no_answer(mac: Mac) -> None:
    mac.security()
    (mac.bin / "security").unlink()
    damage = look_with_keychain(mac.context).login.damage
    assert damage is not None
    assert (damage.code, "not there" in damage.text) == ("io-error", True)


def test_another_home_has_another_keychain(mac: Mac, tmp_path: Path) -> None:
    mac.security({(SERVICE, "ada"): ITEM})
    other = mac.context._replace(home=str(tmp_path / "bob"))
    assert resolve(look_with_keychain(other), "claude").usable is None
    assert mac.calls == []


def test_only_what_the_keychain_would_change_is_held_up(mac: Mac) -> None:
    """With a credential that outranks the login, whether there is one does not matter."""
    mac.security()

    def blocked(environ: dict[str, str], client: str = "claude") -> str | None:
        context = mac.context._replace(environ=Environment({**mac.environ, **environ}))
        found = resolve(observe(context), client).blocked
        return found and found.code

    assert blocked({"ANTHROPIC_AUTH_TOKEN": "made-up"}) is None
    assert blocked({"CLAUDE_CODE_OAUTH_TOKEN": "made-up"}) is None
    assert blocked({"ANTHROPIC_API_KEY": "made-up"}, "claude-print") is None
    (mac.home / ".claude.json").write_text(json.dumps({"primaryApiKey": "made-up"}))
    assert blocked({}) == "not-checked"


def test_the_items_of_other_directories_are_asked_for_too(mac: Mac) -> None:
    """As each is named: the shell hands a trailing slash over."""
    work = f"{mac.home}/.claude-work"
    (mac.home / ".zshrc").write_text(f"alias work='CLAUDE_CONFIG_DIR={work}/ claude'\n")
    (mac.home / ".claude-none").mkdir()
    item = service_name({"CLAUDE_CONFIG_DIR": f"{work}/"})
    mac.security({(SERVICE, "ada"): ITEM, (item, "ada"): ITEM})
    accounts = list_accounts(further_look(mac.context))
    assert [(one.directory, one.active, one.expiry) for one in accounts] == [
        (f"{mac.home}/.claude", True, None),
        (work, False, None),
    ]


def test_after_one_that_gives_no_answer_no_further_one_is_asked(mac: Mac) -> None:
    (mac.home / ".claude-work").mkdir()
    mac.security(presence="hangs")
    problems = [one.problem for one in list_accounts(further_look(mac.context))]
    assert [words and "no answer" in words for words in problems] == [True, False]
    assert len(mac.calls) == 2


# ── its value ────────────────────────────────────────────────────────────────────────────────────


def _evaluated(mac: Mac) -> Snapshot:
    return evaluate(observe(mac.context), mac.environ, "claude")


@pytest.mark.parametrize("text", [ITEM, ITEM.replace("made-up", "made-\u00fcp")])
def test_on_consent_the_value_is_read(mac: Mac, text: str) -> None:
    snapshot = _evaluated(mac.security({(SERVICE, "ada"): text}))
    assert snapshot.login.tokens is not None
    assert snapshot.login.tokens.access_token.reveal() == json.loads(text)["claudeAiOauth"]["accessToken"]
    assert snapshot.login.origin.kind == "keychain"
    assert resolve(snapshot, "claude").usable is True
    assert mac.calls[-1] == ["find-generic-password", "-a", "ada", "-w", "-s", SERVICE]


@pytest.mark.parametrize(
    ("item", "answer", "code"),
    [
        ("not json", "normal", "not-json"),
        (ITEM, "locked", "permission"),
        (ITEM, "denied", "denied"),
        (ITEM, "hangs", "io-error"),
    ],
)
def test_an_item_that_gives_no_login_is_damage(mac: Mac, item: str, answer: Answer, code: str) -> None:
    snapshot = _evaluated(mac.security({(SERVICE, "ada"): item}, value=answer))
    assert (snapshot.login.damage and snapshot.login.damage.code, snapshot.login.tokens) == (code, None)


def test_the_value_gets_nowhere(mac: Mac) -> None:
    snapshot = _evaluated(mac.security({(SERVICE, "ada"): ITEM}))
    assert "made-up" not in repr(snapshot)


def test_the_document_says_not_looked_at(mac: Mac) -> None:
    from claude_auth.present.documents import status_document

    snapshot = observe(mac.security().context)
    resolution = resolve(snapshot, "claude")
    document = status_document(snapshot, resolution, diagnose(snapshot, resolution))
    kept("status", document)
    (login,) = [source for source in document["sources"] if source["id"] == "stored-login"]
    assert (login["state"], "not looked at yet" in login["reason"]) == ("unreadable", True)
