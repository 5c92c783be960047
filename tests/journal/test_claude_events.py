"""What Claude Code does, told from one look to the next: as a table of snapshots, and live on real files."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest

from claude_auth.claude_code.locks import STILL_SECONDS
from claude_auth.journal import Journal
from claude_auth.journal.activity import Activity, live
from claude_auth.journal.claude_events import Memory, first, follow, json_events, next_look, store_events
from claude_auth.journal.refreshes import STORE
from claude_auth.model import (
    NOWHERE,
    ClaudeJson,
    Damage,
    Event,
    FileFacts,
    Lock,
    Origin,
    Places,
    Resolution,
    Snapshot,
    StoreReading,
    TokenSet,
)
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.observe.watch import changes, interesting_files
from claude_auth.resolve import resolve
from claude_auth.security.secret import Secret
from tests.waiting import Stopwatch

NOW = 1795176184.0
HOME = "/home/ada"
PATH = f"{HOME}/.claude/.credentials.json"
LOCK = f"{HOME}/.claude/.oauth_refresh.lock"
PATIENCE = 60.0

OLD, NEW = Secret("sk-ant-oat01-" + "madeUpOld0" * 6), Secret("sk-ant-oat01-" + "madeUpNew0" * 6)
ORT, ORT2 = Secret("sk-ant-ort01-" + "madeUp0Renew" * 5), Secret("sk-ant-ort01-" + "madeUp1Renew" * 5)
FILE = FileFacts(PATH, 0o600, "ada", True, NOW - 60, 500)
SCOPES = ("user:inference",)
WIPED_WORDS = "Claude Code cleared the tokens, which it does after a refresh was rejected"


def look(at: float = NOW, *locks: Lock, **more: object) -> Snapshot:
    places = Places(HOME, "/", f"{HOME}/proj", f"{HOME}/.claude", PATH)
    state = ClaudeJson(f"{HOME}/.claude.json", email="ada@example.org")
    return Snapshot(at, places, claude_json=state, locks=locks)._replace(**more)  # type: ignore[arg-type]


def login(
    token: Secret = OLD, expires_at: float | None = NOW + 3600, file: FileFacts = FILE, **more: object
) -> StoreReading:
    tokens = TokenSet(token, ORT, expires_at, NOW + 86400, SCOPES)._replace(**more)  # type: ignore[arg-type]
    return StoreReading(Origin("file", path=PATH, file=file), tokens)


def nothing(code: str = "missing") -> StoreReading:
    return StoreReading(Origin("file", path=PATH), damage=Damage(code, f"the file is {code}"))


WIPED = StoreReading(
    Origin("file", path=PATH, file=FILE),
    TokenSet(Secret(""), Secret(""), 0.0, None, SCOPES),
    unusable=WIPED_WORDS,
)
EMPTIED = WIPED._replace(
    tokens=TokenSet(Secret(""), None, NOW, None, SCOPES), unusable="the access token is empty"
)
UNUSABLE = login(scopes=())._replace(unusable="the login has no scopes")
ENTRYLESS = StoreReading(Origin("file", path=PATH, file=FILE), unusable="the file holds no claude.ai login")
KEYRING = StoreReading(Origin("keychain"), present_unread=True)


def kinds(events: tuple[Event, ...]) -> list[str]:
    return [event.kind.removeprefix("claude.") for event in events]


# ── the login ────────────────────────────────────────────────────────────────────────────────────

REFRESHED = login(NEW, NOW + 8 * 3600, refresh_token=ORT2)


@pytest.mark.parametrize(
    ("before", "after", "kind", "level", "words"),
    [
        (nothing(), login(), "login.appeared", "info", f"signed in: {OLD.fingerprint}, lasts until 13:03"),
        (WIPED, login(), "login.appeared", "info", "signed in"),
        (ENTRYLESS, login(), "login.appeared", "info", "signed in"),
        (nothing(), KEYRING, "login.appeared", "info", "keyring"),
        (
            login(),
            REFRESHED,
            "login.refreshed",
            "info",
            f"refreshed {OLD.fingerprint} → {NEW.fingerprint}, lasts until 20:03",
        ),
        (login(), login(NEW, NOW), "login.changed", "info", f"changed {OLD.fingerprint} → {NEW.fingerprint}"),
        (
            login(),
            login(NEW, NOW + 9000, scopes=("user:inference", "user:profile")),
            "login.changed",
            "info",
            "→",
        ),
        (login(), login(expires_at=NOW + 7200), "login.expiry", "info", "another expiry, lasts until 14:03"),
        (login(), login(expires_at=NOW - 7200), "login.expiry", "info", "another expiry, ended 10:03"),
        (login(), login(refresh_token=ORT2), "login.rotated", "info", "another refresh token"),
        (login(), login(scopes=("user:inference", "x")), "login.scopes", "info", "other scopes"),
        (login(), UNUSABLE, "login.unusable", "error", "no scopes"),
        (UNUSABLE, login(), "login.usable", "info", "usable again"),
        (login(), WIPED, "login.wiped", "error", f"{OLD.fingerprint} is gone: {WIPED_WORDS}"),
        (nothing(), WIPED, "login.wiped", "error", "the login is gone"),
        (login(), EMPTIED, "login.emptied", "error", "access token is empty"),
        (login(), nothing(), "login.gone", "info", f"signed out: the login {OLD.fingerprint} is gone"),
        (login(), ENTRYLESS, "login.gone", "info", "signed out"),
        (
            WIPED,
            nothing(),
            "login.gone",
            "info",
            "nothing is left of the login in ~/.claude/.credentials.json",
        ),
        (KEYRING, nothing(), "login.gone", "info", "nothing is left"),
        (
            login(),
            nothing("truncated"),
            "store.damaged",
            "error",
            "~/.claude/.credentials.json: the file is truncated",
        ),
        (login(), nothing("permission"), "store.unreadable", "error", "permission"),
        (nothing("truncated"), login(), "store.readable", "info", "can be read again"),
        (nothing("truncated"), nothing(), "login.gone", "info", "nothing is left"),
    ],
)
def test_login(before: StoreReading, after: StoreReading, kind: str, level: str, words: str) -> None:
    (event,) = store_events(look(login=before), look(NOW, login=after))
    assert event.kind == f"claude.{kind}"
    assert words in event.text
    assert (event.level, event.store, event.at) == (level, STORE, NOW)


@pytest.mark.parametrize(
    "same", [login(), nothing(), nothing("truncated"), WIPED, EMPTIED, UNUSABLE, ENTRYLESS, KEYRING]
)
def test_no_change_no_event(same: StoreReading) -> None:
    memory, _ = first(look(login=same))
    assert follow(memory, look(NOW + 10, login=same))[1] == ()


def test_another_account_is_a_change_and_no_refresh() -> None:
    other = ClaudeJson(f"{HOME}/.claude.json", email="bob@example.org")
    events = follow(Memory(look(login=login())), look(login=REFRESHED, claude_json=other))[1]
    assert kinds(events) == ["login.changed", "json.account"]


def test_fingerprints_and_expiries_and_no_secret() -> None:
    (event,) = store_events(look(login=login()), look(login=REFRESHED))
    assert event.data == {
        "from": OLD.fingerprint,
        "to": NEW.fingerprint,
        "expires_at": NOW + 8 * 3600,
        "deadline": NOW + 86400,
        "path": PATH,
        "written": NOW - 60,
    }
    assert "sk-ant" not in repr(event)


def test_another_configuration_directory_is_a_new_beginning() -> None:
    moved = look(login=REFRESHED)
    moved = moved._replace(places=moved.places._replace(credentials_path="/elsewhere/.credentials.json"))
    assert follow(Memory(look(login=login())), moved)[1] == ()


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "kind", "level", "words"),
    [
        ({"mode": 0o644}, "store.loose", "warning", "another mode: 0644, anybody may read it"),
        ({"mode": 0o660}, "store.loose", "warning", "0660"),
        ({"mode": 0o400}, "store.tight", "info", "0400, only its owner"),
        ({"owner": "root", "owned_by_us": False}, "store.owner", "error", "belongs to root now, before: ada"),
        (
            {"link_target": f"{HOME}/dotfiles/c.json"},
            "store.link",
            "warning",
            "symbolic link now: ~/dotfiles/c.json",
        ),
    ],
)
def test_file(change: dict[str, object], kind: str, level: str, words: str) -> None:
    changed = FILE._replace(**change)  # type: ignore[arg-type]
    (event,) = store_events(look(login=login()), look(login=login(file=changed)))
    assert (event.kind, event.level) == (f"claude.{kind}", level)
    assert words in event.text
    (back,) = store_events(look(login=login(file=changed)), look(login=login()))
    assert back.level == "info"


# ── locks ────────────────────────────────────────────────────────────────────────────────────────


def lock(age: float, path: str = LOCK) -> Lock:
    return Lock(path, "refresh of the login", age)


def tell(*looks: tuple[float, float | None]) -> list[list[str]]:
    """The events of looks at (moment after NOW, age of the lock or None)."""
    memory, told = Memory(look(NOW - 1)), []
    for after, age in looks:
        locks = () if age is None else (lock(age),)
        memory, events = follow(memory, look(NOW + after, *locks))
        told.append([kind.removeprefix("lock.") for kind in kinds(events) if "refresh" not in kind])
    return told


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        # held for a moment
        ([(0, 0.1), (2, None)], [["appeared"], ["released"]]),
        # beating every five seconds, told once
        (
            [(0, 0.1), (4, 4.1), (5, 0.0), (9, 4.0), (10, 0.0), (14, None)],
            [["appeared"], [], ["beating"], [], [], ["released"]],
        ),
        # stands still while it is watched, and is taken up again
        (
            [(0, 0.1), (9, 9.1), (10.1, 10.2), (30, 30.1), (31, 0.2)],
            [["appeared"], [], ["still"], [], ["beating"]],
        ),
        # beats by a clock of the disk that lags behind
        ([(0, 90.0), (4, 90.0), (8, 98.0)], [["appeared", "still"], ["beating"], []]),
        # an orphan that grows old
        (
            [(0, 0.1), (11, 11.1), (130, 130.1), (500, 500.1), (501, None)],
            [["appeared"], ["still"], ["old"], [], ["released"]],
        ),
        # stood there before us
        ([(0, 3600.0), (1, 3601.0)], [["appeared", "old"], []]),
        ([(0, 60.0), (1, 61.0)], [["appeared"], ["still"]]),
        # dated in the future, until time has caught up
        (
            [(0, -3600.0), (1, -3599.0), (3599, -1.0), (3604, 4.0), (3607, 7.0)],
            [["appeared", "future"], [], ["still"], [], []],
        ),
        ([(0, -600.0), (5, 0.0)], [["appeared", "future"], ["beating"]]),
        # clocks that differ by less than anybody notices
        ([(0, -0.4)], [["appeared"]]),
    ],
    ids=[
        "held",
        "beating",
        "still",
        "slow-clock",
        "orphan",
        "old",
        "found-still",
        "future",
        "future-touched",
        "rounding",
    ],
)
def test_locks(looks: list[tuple[float, float | None]], told: list[list[str]]) -> None:
    assert tell(*looks) == told


def test_a_login_that_is_saved_where_none_was_is_not_called_a_renewal() -> None:
    """A sign-in holds the same locks."""
    both = [lock(1.0), Lock(f"{HOME}/.claude.lock", "refresh of the login, second lock", 1.0)]
    memory, _ = first(look(login=nothing()))
    memory, taken = follow(memory, look(NOW + 1, *both, login=nothing()))
    _, saved = follow(memory, look(NOW + 2, login=login()))
    assert kinds(taken) == ["lock.appeared", "lock.appeared"]
    assert saved[-1].kind == "claude.refresh.saved"
    assert saved[-1].text.startswith(f"Claude Code saved a login where none was: {OLD.fingerprint}")


def test_words_of_locks() -> None:
    memory, (event,) = first(look(NOW, lock(0.1)))
    assert event.text == "a lock was taken: ~/.claude/.oauth_refresh.lock (refresh of the login)"
    assert event.data == {
        "path": LOCK,
        "guards": "refresh of the login",
        "age": 0.1,
        "since": NOW - 0.1,
        "refresh": f"{NOW - 0.1:.3f}",
    }
    _, (still,) = follow(memory, look(NOW + 12, lock(12.1)))
    assert still.text == (
        "~/.claude/.oauth_refresh.lock has stood still for 12 s: its holder is gone or stopped"
    )
    assert still.level == "warning"
    _, (gone, _whole) = follow(memory, look(NOW + 8))
    assert gone.text == "lock released: ~/.claude/.oauth_refresh.lock, held for 8 s"
    _, (there, _) = first(look(NOW, lock(3600.0)))
    assert there.text == "a lock stands there: ~/.claude/.oauth_refresh.lock (refresh of the login)"
    _, (_, future) = first(look(NOW, lock(-7200)))
    assert "2 h 0 min in the future" in future.text
    assert future.level == "error"


def test_when_to_look_again() -> None:
    memory, _ = first(look(NOW, lock(1.0), lock(50.0, f"{HOME}/.claude.lock")))
    assert next_look(memory) == pytest.approx(NOW + 10)
    memory, _ = follow(memory, look(NOW + 11, lock(12.0), lock(61.0, f"{HOME}/.claude.lock")))
    assert next_look(memory) == pytest.approx(NOW + 70)
    assert next_look(first(look(NOW, lock(500.0)))[0]) is None
    assert next_look(first(look(NOW))[0]) is None
    assert next_look(first(look(NOW, lock(-60)))[0]) == pytest.approx(NOW + 58)


# ── .claude.json ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"approved": (Secret("a" * 20),)}, "approved", "approved keys changed, 1 more: ~/.claude.json"),
        ({"rejected": (Secret("a" * 20),)}, "rejected", "rejected keys changed, 1 more"),
        ({"email": "bob@example.org"}, "account", "the account changed"),
        ({"primary_api_key": Secret("k")}, "console-key", "the Console key changed"),
        ({"trusted": True}, "trust", "this folder is trusted"),
        ({"damage": Damage("truncated", "the file ends too early")}, "damaged", "ends too early"),
    ],
)
def test_claude_json(change: dict[str, object], kind: str, words: str) -> None:
    before = look()
    after = look(claude_json=before.claude_json._replace(**change))  # type: ignore[arg-type]
    (event,) = json_events(before, after)
    assert event.kind == f"claude.json.{kind}"
    assert words in event.text
    back = json_events(after, before)
    assert len(back) == (0 if kind == "damaged" else 1)


def test_one_key_in_place_of_another() -> None:
    state = look().claude_json
    one, two = state._replace(approved=(Secret("a" * 20),)), state._replace(approved=(Secret("b" * 20),))
    (event,) = json_events(look(claude_json=one), look(claude_json=two))
    assert "1 more and 1 fewer" in event.text
    assert event.data["from"] == event.data["to"] == 1


def test_nothing_is_known_of_an_empty_reading() -> None:
    assert store_events(look(login=StoreReading(NOWHERE)), look(login=StoreReading(NOWHERE))) == ()


# ── live ─────────────────────────────────────────────────────────────────────────────────────────


class Machine:
    """A real home, watched for real."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / ".claude").mkdir(parents=True)
        self.view = ObservationContext(
            str(home), str(home), str(home / "root"), Environment({}), user_id=os.geteuid()
        )
        self.seen: list[Event] = []
        self.activity = Activity(Journal(str(home.parent / "state")))

    def write_login(self, token: str, expires_at: float) -> None:
        path = self.home / ".claude" / ".credentials.json"
        grant = {
            "accessToken": token,
            "refreshToken": f"r-{token}",
            "expiresAt": int(expires_at * 1000),
            "scopes": ["user:inference"],
        }
        new = path.with_suffix(".new")
        new.write_text(json.dumps({"claudeAiOauth": grant}))
        new.chmod(0o600)
        new.replace(path)

    def events(self) -> AsyncGenerator[tuple[Event, ...], None]:
        def watch(paths: tuple[str, ...], ready: asyncio.Event) -> AsyncIterator[frozenset[str]]:
            return changes(paths, ready=ready)

        return live(self.activity, self.look, watch, interesting_files)

    def look(self) -> tuple[Snapshot, Resolution]:
        snapshot = observe(self.view)
        return snapshot, resolve(snapshot, "claude")

    async def until(self, following: AsyncGenerator[tuple[Event, ...], None], kind: str) -> float:
        """Seconds until that was told."""
        watch = Stopwatch()
        async with asyncio.timeout(PATIENCE):
            while not any(event.kind == f"claude.{kind}" for event in self.seen):
                self.seen += await anext(following)
        self.seen.clear()
        return watch.seconds


def test_live(tmp_path: Path) -> None:
    """A refresh as it happens, each part within a second; the standstill without any file changing."""

    async def run() -> None:
        machine = Machine(tmp_path / "home")
        machine.write_login("old-token", time.time() + 60)
        lock = machine.home / ".claude" / ".oauth_refresh.lock"
        lock.mkdir()
        following = machine.events()
        await machine.until(following, "lock.appeared")
        os.utime(lock, (time.time() + 1, time.time() + 1))
        assert await machine.until(following, "lock.beating") < 1
        machine.write_login("new-token", time.time() + 8 * 3600)
        assert await machine.until(following, "login.refreshed") < 1
        assert await machine.until(following, "lock.still") < STILL_SECONDS + 1.5
        ahead = time.time() + 600
        os.utime(lock, (ahead, ahead))
        assert await machine.until(following, "lock.future") < 1
        lock.rmdir()
        assert await machine.until(following, "lock.released") < 1
        (machine.home / ".claude" / ".credentials.json").chmod(0o644)
        assert await machine.until(following, "store.loose") < 1
        await following.aclose()

    asyncio.run(run())


def test_live_ends_with_its_watcher(tmp_path: Path) -> None:
    async def run() -> None:
        machine = Machine(tmp_path / "home")

        async def watch(paths: tuple[str, ...], ready: asyncio.Event) -> AsyncIterator[frozenset[str]]:
            ready.set()
            yield frozenset(paths)

        async with asyncio.timeout(PATIENCE):
            assert [
                events async for events in live(machine.activity, machine.look, watch, interesting_files)
            ] == []

    asyncio.run(run())
