"""Token stores of other programs: the SDK's, the keyring's list, claw's."""

from __future__ import annotations

from pathlib import Path

from claude_auth.observe.context import ObservationContext
from claude_auth.observe.token_stores import read_claw_tokens, read_keyring_list, read_sdk_tokens
from claude_auth.security.secret import Secret
from tests.conformance.layout import look_at

TOKENS = {"access_token": "made-up", "refresh_token": "r", "expires_at": 4_000_000_000}


def test_nothing_there(tmp_path: Path) -> None:
    view = ObservationContext(str(tmp_path), str(tmp_path))
    for read in (read_sdk_tokens, read_keyring_list, read_claw_tokens):
        found = read(view)
        assert found.damage is not None
        assert found.damage.is_missing


def test_the_sdk_s_tokens_and_its_further_accounts(tmp_path: Path) -> None:
    files = {
        ".claude_code/tokens.json": TOKENS,
        ".claude_code/work.json": {},
        ".claude_code/keyring.json": {},
    }
    found = look_at(tmp_path, files).snapshot.sdk_tokens
    assert found.tokens is not None
    assert (found.tokens.access_token, found.tokens.expires_at) == (Secret("made-up"), 4e9)
    assert found.others == ("work",)


def test_an_sdk_file_without_a_token_is_unusable(tmp_path: Path) -> None:
    found = look_at(tmp_path, {".claude_code/tokens.json": {"token": 1}}).snapshot.sdk_tokens
    assert found.unusable == "the file holds no access token"


def test_a_damaged_sdk_file_is_told(tmp_path: Path) -> None:
    reading = look_at(tmp_path, raw={}, files={".claude_code/tokens.json": {"$text": "{,"}})
    found = reading.resolution.standing("sdk-tokens").reading
    assert (found.state, "line 1, column 2" in found.reason) == ("unusable", True)


def test_what_we_put_into_the_keyring_is_known_without_asking_it(tmp_path: Path) -> None:
    files = {".claude_code/keyring.json": {"accounts": ["ada", "work", 5]}}
    found = look_at(tmp_path, files).snapshot.keyring_tokens
    assert (found.present_unread, found.account, found.others) == (True, "ada", ("work",))


def test_an_empty_list_of_the_keyring_is_nothing(tmp_path: Path) -> None:
    found = look_at(tmp_path, {".claude_code/keyring.json": {"accounts": []}}).snapshot.keyring_tokens
    assert found.damage is not None
    assert found.damage.is_missing


def test_one_file_of_claw_is_read_and_of_several_none(tmp_path: Path) -> None:
    name = ".claude/credentials/" + "a" * 64
    one = look_at(tmp_path / "one", {name: TOKENS}).snapshot.claw_tokens
    two = look_at(tmp_path / "two", {name: TOKENS, name[:-1] + "b": TOKENS}).snapshot.claw_tokens
    assert one.tokens is not None
    assert (two.tokens, two.present_unread, len(two.others)) == (None, True, 2)
