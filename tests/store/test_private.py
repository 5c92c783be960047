"""Files that are ours alone, and what happens when the disk or the folder is not as it should be."""

from __future__ import annotations

import errno
import json
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.fixes.writing import exchange
from claude_auth.model.errors import AuthenticationError
from claude_auth.store import private
from claude_auth.store.files import FileStore, check_account, sdk_accounts
from claude_auth.store.private import Owner, this_process
from tests.store.world import files_beside, start_python, token_set


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore.of_sdk(str(tmp_path))


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_modes_whatever_the_umask(store: FileStore, umask: int) -> None:
    before = os.umask(umask)
    try:
        store.save(token_set())
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(store.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(store.path)).st_mode) == 0o700


def test_0600_from_the_first_byte(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    write = os.write

    def watching(descriptor: int, data: bytes) -> int:
        seen.add(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return write(descriptor, data)

    before = os.umask(0)
    monkeypatch.setattr(os, "write", watching)
    try:
        store.save(token_set())
    finally:
        os.umask(before)
    assert seen == {0o600}


def test_no_open_of_ours_for_writing_follows_a_link(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O_EXCL alone stands in the way of a link already; each has to carry both, for whoever changes one."""
    flags: dict[str, int] = {}
    opened = os.open

    def watching(path: str, how: int, *more: Any, **named: Any) -> int:
        if how & (os.O_WRONLY | os.O_RDWR) and os.fspath(path).endswith(".new"):
            flags[os.fspath(path)] = how
        return opened(path, how, *more, **named)

    monkeypatch.setattr(os, "open", watching)
    store.save(token_set())
    exchange(str(tmp_path / "new.json"), b"{}", None, lambda: None)
    assert len(flags) >= 2
    for how in flags.values():
        assert how & os.O_EXCL
        assert how & os.O_NOFOLLOW
        assert how & os.O_CLOEXEC


def test_a_loose_folder_is_tightened_and_a_loose_file_replaced(store: FileStore, tmp_path: Path) -> None:
    (tmp_path / ".claude_code").mkdir(mode=0o755)
    Path(store.path).write_text('{"access_token": "made-up", "email": "ada@example.org"}')
    Path(store.path).chmod(0o644)
    store.save(token_set())
    assert stat.S_IMODE(os.stat(store.path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(store.path)).st_mode) == 0o700
    assert json.loads(Path(store.path).read_text())["email"] == "ada@example.org"


def test_somebody_s_own_folder_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir(mode=0o755)
    FileStore(str(folder / "personal.json")).save(token_set())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    folder.chmod(0o757)
    with pytest.raises(AuthenticationError, match="everybody may write"):
        FileStore(str(folder / "personal.json")).save(token_set())


def test_a_linked_file_is_refused(store: FileStore, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.json"
    target.write_text('{"access_token": "made-up"}')
    (tmp_path / ".claude_code").mkdir()
    Path(store.path).symlink_to(target)
    for act in (lambda: store.save(token_set()), store.delete):
        with pytest.raises(AuthenticationError) as caught:
            act()
        assert caught.value.code == "not-private"
    assert target.read_text() == '{"access_token": "made-up"}'
    assert Path(store.path).is_symlink()
    damage = store.load().damage
    assert damage is not None
    assert "symbolic link" in damage.text


def test_a_linked_folder_is_refused(store: FileStore, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "tokens.json").write_text('{"access_token": "made-up"}')
    (tmp_path / ".claude_code").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuthenticationError, match="symbolic link"):
        store.save(token_set())
    assert os.listdir(tmp_path / "elsewhere") == ["tokens.json"]
    assert store.load().tokens is None


def test_a_link_in_the_place_of_the_lock_is_refused(store: FileStore, tmp_path: Path) -> None:
    store.save(token_set())
    target = tmp_path / "precious"
    target.write_text("precious")
    lock = Path(str(store.ledger.lock_path))
    lock.unlink()
    lock.symlink_to(target)
    with pytest.raises(AuthenticationError, match="symbolic link"):
        store.save(token_set("second"))
    assert target.read_text() == "precious"
    assert store.load().tokens == token_set()


def test_another_owner_is_refused(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(token_set())
    uid = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    with pytest.raises(AuthenticationError, match="belongs to another user"):
        store.save(token_set("second"))
    assert store.load().tokens is None


@pytest.mark.parametrize("what", ["folder", "pipe"])
def test_what_is_no_file_is_refused(store: FileStore, what: str) -> None:
    os.makedirs(os.path.dirname(store.path))
    os.mkdir(store.path) if what == "folder" else os.mkfifo(store.path)
    with pytest.raises(AuthenticationError, match="no regular file"):
        store.save(token_set())


STEPS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "make the temporary file": ("open", lambda path: str(path).endswith(".new")),
    "take room": ("posix_fallocate", lambda _: True),
    "write": ("write", lambda _: True),
    "cut": ("ftruncate", lambda _: True),
    "sync": ("fsync", lambda _: True),
    "rename": ("rename", lambda _: True),
}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("step", STEPS)
def test_a_failed_write_leaves_the_old_token_set(
    store: FileStore, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    old = store.save(token_set("old"))
    name, concerns = STEPS[step]
    real = getattr(os, name)

    def failing(first: Any, *rest: Any, **more: Any) -> Any:
        if concerns(first):
            raise OSError(number, os.strerror(number))
        return real(first, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(os, name, failing)
        with pytest.raises(AuthenticationError) as caught:
            store.save(token_set("new"))
    assert caught.value.next_step
    assert "made-up" not in str(caught.value)
    assert store.load() == old
    assert files_beside(store) == set()
    assert store.save(token_set("new")).tokens == token_set("new")


def test_without_fallocate_room_is_written(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "not supported")

    monkeypatch.setattr(os, "posix_fallocate", unsupported)
    prepared = store.prepare()
    (temporary,) = files_beside(store)
    assert os.stat(os.path.join(os.path.dirname(store.path), temporary)).st_size >= private.ROOM
    assert prepared.commit(token_set()).tokens == token_set()


SMALL_FILES = """
import resource, sys
from claude_auth.model.errors import AuthenticationError
from claude_auth.store.files import FileStore
from tests.store.world import token_set
store = FileStore.of_sdk(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    store.prepare()
except AuthenticationError as error:
    print(error.code)
"""


def test_a_limit_on_file_size_is_found_before_anything_is_sent(store: FileStore, tmp_path: Path) -> None:
    store.save(token_set())
    with start_python(SMALL_FILES, tmp_path) as child:
        out, err = child.communicate(timeout=60)
    assert out.strip() == "no-space", err
    assert store.load().tokens == token_set()
    assert files_beside(store) == set()


AS_NOBODY = """
import os, sys
from claude_auth.model.errors import AuthenticationError
from claude_auth.store.coordinator import refresh
from claude_auth.store.files import FileStore
from tests.store.world import Fake, Journal, token_set
import tempfile
with tempfile.TemporaryDirectory() as elsewhere:  # loads what nobody may not read later
    warm = FileStore.of_sdk(elsewhere)
    warm.save(token_set())
    refresh(warm, Fake(token_set("new")), Journal(), force=True)
store = FileStore.of_sdk(sys.argv[1])
if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
try:
    store.save(token_set("new"))
except AuthenticationError as error:
    print(error.code)
fake = Fake()
result = refresh(store, fake, Journal(), force=True)
print(result.outcome, result.reason, len(fake.asked), store.load().tokens is not None)
"""


@pytest.mark.parametrize("lock_exists", [True, False])
def test_in_a_read_only_folder_nothing_is_sent(lock_exists: bool) -> None:
    with tempfile.TemporaryDirectory() as home:  # pytest's own folders let nobody else through
        os.chmod(home, 0o755)
        store = FileStore.of_sdk(home)
        store.save(token_set("old"))
        folder = os.path.dirname(store.path)
        if not lock_exists:
            os.unlink(str(store.ledger.lock_path))
        if os.geteuid() == 0:  # root may write anywhere, so the child is nobody
            for path in (folder, *(os.path.join(folder, name) for name in os.listdir(folder))):
                os.chown(path, 65534, 65534)
        os.chmod(folder, 0o500)
        before = Path(store.path).read_bytes()
        with start_python(AS_NOBODY, home) as child:
            out, err = child.communicate(timeout=60)
        assert out.splitlines() == ["permission", "failed cannot-save 0 True"], err
        assert Path(store.path).read_bytes() == before


def test_names_of_accounts() -> None:
    for good in ("work", "ada@example.org", "Büro 2", "a.b", "x" * 64):
        assert check_account(good) == good
    for bad in (
        "",
        " ",
        "a/b",
        "..",
        ".hidden",
        "a\\b",
        "tokens",
        "TOKENS",
        "keyring",
        "tokens.json",
        "-x",
        "x" * 65,
    ):
        with pytest.raises(AuthenticationError):
            check_account(bad)
    for bad in ("a\nb", "a\0b", "a\u202eb"):
        with pytest.raises(AuthenticationError) as caught:
            check_account(bad)
        assert bad not in str(caught.value)


def test_accounts_are_files(tmp_path: Path) -> None:
    assert sdk_accounts(str(tmp_path)) == ()
    for account in ("work", None, "home"):
        FileStore.of_sdk(str(tmp_path), account).save(token_set())
    (tmp_path / ".claude_code" / "keyring.json").write_text("{}")
    assert sdk_accounts(str(tmp_path)) == (None, "home", "work")


def test_a_leftover_goes_when_its_process_is_gone_and_no_sooner(store: FileStore) -> None:
    store.save(token_set())
    kept = private.Reserved(store.path)
    gone = Owner(4_194_305, "123", this_process().host)
    elsewhere = Owner(1, "123", "0123abcd")
    folder = os.path.dirname(store.path)
    stale = os.path.join(folder, f".tokens.json.{gone}.0123abcd.new")
    foreign = os.path.join(folder, f".tokens.json.{elsewhere}.0123abcd.new")
    not_ours = os.path.join(folder, ".tokens.json.draft.new")
    for path in (stale, foreign, not_ours):
        Path(path).write_text("")
    assert store.sweep() == 1
    assert not os.path.exists(stale)
    os.utime(foreign, (1, 1))
    assert store.sweep() == 1
    assert os.path.exists(kept.path)
    assert os.path.exists(not_ours)
    kept.discard()


def test_a_process_number_that_is_used_again_is_another_process() -> None:
    us = this_process()
    assert not us.is_gone
    assert Owner(us.pid, "1", us.host).is_gone
    assert Owner.parse(str(us)) == us
    for damaged in ("", "1-2", "x-1-2", "1-../..-3", "1-2-3-4"):
        assert Owner.parse(damaged) is None
