"""Each fixing action on real files: shown, applied, verified by another look, taken back."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_auth.actions.fixes.plans import FileEdit
from tests.actions.fixes.machines import (
    KEY,
    OTHER,
    Machine,
    broken_store,
    broken_store_of_claude_code,
    helper_wanted,
    key_in_bashrc,
    key_in_settings,
    open_store,
    rejected,
    state,
)

CASES: list[tuple[Callable[[Path], Machine], str, str]] = [
    (open_store, "store-readable-by-others/chmod", ".claude/.credentials.json"),
    (rejected, "key-rejected/approve-key", ".claude.json"),
    (rejected, "key-rejected/unreject-key", ".claude.json"),
    (key_in_settings, "key-overrides-login/settings-variable", ".claude/settings.json"),
    (key_in_bashrc, "key-overrides-login/startup-line", ".bashrc"),
    (broken_store, "store-unusable/move-aside", ".claude_code/tokens.json"),
    (broken_store_of_claude_code, "store-unusable/keep-copy", ".claude/.credentials.json"),
    (helper_wanted, "key-helper", ".claude/settings.json"),
]


@pytest.mark.parametrize(("make", "identifier", "changed"), CASES, ids=[case[1] for case in CASES])
def test_applied_verified_and_taken_back(
    make: Callable[[Path], Machine], identifier: str, changed: str, tmp_path: Path
) -> None:
    machine = make(tmp_path)
    before = state(machine.home)
    preview = machine.offer(identifier)
    assert preview.applicable
    assert preview.diff
    assert state(machine.home) == before, "a preview changed something"
    result = machine.apply(preview)
    assert result.outcome == "applied", result
    assert result.gone is not False, machine.ids()
    assert machine.left_behind() == set()
    after = state(machine.home)
    touched = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert {name.partition(".broken-")[0] for name in touched} == {changed}
    assert machine.undo(result.number).outcome == "undone"
    assert state(machine.home) == before
    assert machine.undo(result.number).outcome == "refused", "taken back twice"
    for name in os.listdir(machine.records.folder):
        assert stat.S_IMODE(os.stat(os.path.join(machine.records.folder, name)).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(machine.records.folder).st_mode) == 0o700


@pytest.mark.parametrize(("make", "identifier", "changed"), CASES, ids=[case[1] for case in CASES])
def test_no_secret_is_shown(
    make: Callable[[Path], Machine], identifier: str, changed: str, tmp_path: Path
) -> None:
    machine = make(tmp_path)
    preview = machine.offer(identifier)
    result = machine.apply(preview)
    said = repr((preview, result, machine.events, preview.diff, preview.commands, machine.records.all()))
    for secret in (KEY, OTHER, "C4naryForTests0AbC", "made0up"):
        for start in range(13, len(secret) - 12):
            assert secret[start : start + 8] not in said


def test_what_the_files_say_afterwards(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    before = (machine.home / ".claude.json").read_text()
    result = machine.apply("key-rejected/approve-key")
    assert result.gone is True
    answers = json.loads((machine.home / ".claude.json").read_text())["customApiKeyResponses"]
    assert answers == {"approved": [OTHER[-20:], KEY[-20:]], "rejected": []}
    after = (machine.home / ".claude.json").read_text()
    assert after.startswith(before[: before.index("customApi")])
    assert after.endswith(before[before.index('"projects"') :])
    assert [event.kind for event in machine.events] == ["fix.applied", "fix.verified"]


def test_a_commented_line_counts_in_a_new_shell(tmp_path: Path) -> None:
    machine = key_in_bashrc(tmp_path)
    result = machine.apply("key-overrides-login/startup-line")
    assert result.gone is True
    assert "key-overrides-login" in machine.ids(), "this process still has the variable"
    text = (machine.home / ".bashrc").read_text()
    assert text == f"alias a=b\n: # export ANTHROPIC_API_KEY='{KEY}'  # mine\necho hi\n"
    assert "unset ANTHROPIC_API_KEY" in machine.events[-1].text


def test_a_fix_that_was_not_enough_says_so(tmp_path: Path) -> None:
    machine = key_in_settings(tmp_path)
    machine.environ["ANTHROPIC_API_KEY"] = KEY
    result = machine.apply("key-overrides-login/settings-variable")
    assert (result.outcome, result.gone) == ("applied", False)
    assert "fix.not-enough" in {event.kind for event in machine.events}


def test_the_first_start_wizard_takes_no_credential_away(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    token = "gateway-" + "made0up" * 6
    machine.write(".claude/settings.json", {"env": {"ANTHROPIC_AUTH_TOKEN": token}})
    assert "onboarding-unfinished" in machine.ids()
    offered = [preview for preview in machine.offers() if preview.finding == "onboarding-unfinished"]
    assert offered
    assert not [preview.id for preview in offered if preview.applicable]


# ── the lock of Claude Code ──────────────────────────────────────────────────────────────────────


def test_an_orphaned_lock_goes(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    lock = machine.home / ".claude/.oauth_refresh.lock"
    lock.mkdir()
    os.utime(lock, (time.time() - 300,) * 2)
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    result = machine.apply("lock-left-behind/remove-lock", sleep=sleep, monotonic=lambda: now[0])
    assert (result.outcome, result.gone, lock.exists()) == ("applied", True, False)


@pytest.mark.parametrize("running", [(4711,), None])
def test_a_lock_stays_while_a_claude_runs(tmp_path: Path, running: tuple[int, ...] | None) -> None:
    machine = Machine(tmp_path, running=running)
    lock = machine.home / ".claude/.oauth_refresh.lock"
    lock.mkdir()
    os.utime(lock, (time.time() - 300,) * 2)
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    result = machine.apply("lock-left-behind/remove-lock", sleep=sleep, monotonic=lambda: now[0])
    assert (result.outcome, lock.exists()) == ("refused", True)
    assert "rmdir" in result.next_step


def test_a_held_lock_is_waited_for_and_never_taken(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    before = (machine.home / ".claude.json").read_bytes()
    lock = machine.home / ".claude.json.lock"
    lock.mkdir()
    result = machine.apply("key-rejected/approve-key")
    assert result.outcome == "refused"
    assert "lock" in (result.error or "")
    assert lock.is_dir()
    assert (machine.home / ".claude.json").read_bytes() == before
    lock.rmdir()
    assert machine.apply("key-rejected/approve-key").outcome == "applied"


def test_the_lock_is_held_while_the_file_is_exchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = rejected(tmp_path)
    seen = []
    rename = os.rename

    def renamed(source: str, target: str) -> None:
        seen.append((os.path.basename(target), (machine.home / ".claude.json.lock").is_dir()))
        rename(source, target)

    monkeypatch.setattr(os, "rename", renamed)
    machine.apply("key-rejected/approve-key")
    assert (".claude.json", True) in seen


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("running", [(4711,), None], ids=["runs", "not-known"])
@pytest.mark.parametrize(
    ("make", "identifier"),
    [
        (rejected, "key-rejected/approve-key"),
        (key_in_settings, "key-overrides-login/settings-variable"),
        (helper_wanted, "key-helper"),
    ],
)
def test_nothing_while_a_claude_runs(
    make: Callable[[Path], Machine], identifier: str, running: tuple[int, ...] | None, tmp_path: Path
) -> None:
    machine = make(tmp_path)
    machine.running = running
    before = state(machine.home)
    preview = machine.offer(identifier)
    result = machine.apply(preview)
    assert result.outcome == "refused"
    assert preview.commands[0] in result.next_step
    assert state(machine.home) == before
    assert machine.records.all() == ()
    assert machine.left_behind() == set()


def test_a_start_up_file_may_change_while_a_claude_runs(tmp_path: Path) -> None:
    machine = key_in_bashrc(tmp_path)
    machine.running = (4711,)
    assert machine.apply("key-overrides-login/startup-line").outcome == "applied"


def test_a_claude_that_starts_at_the_last_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = rejected(tmp_path)
    before = state(machine.home)
    preview = machine.offer("key-rejected/approve-key")
    fsync = os.fsync

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        machine.running = (4711,)

    monkeypatch.setattr(os, "fsync", synced)
    assert machine.apply(preview).outcome == "refused"
    assert state(machine.home) == before
    assert machine.left_behind() == set()
    assert machine.records.all() == ()


@pytest.mark.parametrize(
    ("make", "identifier", "name"),
    [
        (rejected, "key-rejected/approve-key", ".claude.json"),
        (key_in_settings, "key-overrides-login/settings-variable", ".claude/settings.json"),
        (key_in_bashrc, "key-overrides-login/startup-line", ".bashrc"),
    ],
)
def test_a_file_that_was_changed_since_the_preview(
    make: Callable[[Path], Machine], identifier: str, name: str, tmp_path: Path
) -> None:
    machine = make(tmp_path)
    preview = machine.offer(identifier)
    path = machine.home / name
    path.write_bytes(path.read_bytes() + b"\n")
    changed = path.read_bytes()
    result = machine.apply(preview)
    assert (result.outcome, path.read_bytes()) == ("refused", changed)
    assert result.again is not None
    assert result.again.id == identifier
    assert machine.apply(result.again).outcome == "applied"


def test_a_writer_between_the_look_and_the_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = key_in_bashrc(tmp_path)
    preview = machine.offer("key-overrides-login/startup-line")
    path = machine.home / ".bashrc"
    fsync = os.fsync

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        if b"somebody" not in path.read_bytes():
            path.write_bytes(path.read_bytes() + b"somebody else's line\n")

    monkeypatch.setattr(os, "fsync", synced)
    assert machine.apply(preview).outcome == "refused"
    assert path.read_bytes().endswith(b"somebody else's line\n")
    assert b"# export" not in path.read_bytes()


def test_an_undo_refuses_where_somebody_wrote_since(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    result = machine.apply("key-rejected/approve-key")
    path = machine.home / ".claude.json"
    path.write_bytes(path.read_bytes() + b"\n")
    changed = path.read_bytes()
    undone = machine.undo(result.number)
    assert undone.outcome == "refused"
    assert "changed since" in (undone.error or "")
    assert path.read_bytes() == changed


def test_an_undo_says_of_a_file_that_is_gone_that_it_is_gone(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    result = machine.apply("key-rejected/approve-key")
    path = machine.home / ".claude.json"
    path.unlink()
    undone = machine.undo(result.number)
    assert undone.outcome == "refused"
    assert f"{path} is gone" in (undone.error or "")
    assert "changed since" not in (undone.error or "")
    assert not path.exists()
    assert "fix-0001.backup" in (undone.error or "")


def test_an_undo_refuses_a_copy_that_was_changed(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    result = machine.apply("key-rejected/approve-key")
    (Path(machine.records.folder) / "fix-0001.backup").write_bytes(b"{}")
    assert machine.undo(result.number).outcome == "refused"
    assert machine.undo(77).outcome == "refused"


def test_a_store_that_was_mended_meanwhile_is_not_moved(tmp_path: Path) -> None:
    machine = broken_store(tmp_path)
    preview = machine.offer("store-unusable/move-aside")
    machine.write(".claude_code/tokens.json", {"access_token": "gateway-" + "made0up" * 6})
    before = state(machine.home)
    assert machine.apply(preview).outcome == "refused"
    assert state(machine.home) == before


def test_claude_codes_own_store_is_never_moved_by_us(tmp_path: Path) -> None:
    """Not even a broken one, which a sign-in writes over: a copy is made beside it first."""
    machine = broken_store_of_claude_code(tmp_path)
    assert not [preview for preview in machine.offers() if preview.kind == "move-aside"]
    path, before = machine.home / ".claude/.credentials.json", state(machine.home)
    path.chmod(0o644)
    (told,) = [one for one in machine.findings() if one.id == "store-unusable"]
    assert [fix.about.split(" ")[0] or fix.action for fix in told.fixes] == ["keep-copy", "sign-in"]
    assert machine.apply("store-unusable/keep-copy").outcome == "applied"
    path.chmod(0o600)
    (copy,) = set(state(machine.home).items()) - set(before.items())
    assert copy[1] == (path.read_bytes(), 0o600)
    (told,) = [one for one in machine.findings() if one.id == "store-unusable"]
    assert [fix.action for fix in told.fixes] == ["sign-in"]
    path.write_bytes(path.read_bytes() + b" ")  # what stands there now is not what was kept
    assert machine.offer("store-unusable/keep-copy").applicable


def test_a_copy_that_is_all_that_is_left_is_not_taken_back(tmp_path: Path) -> None:
    machine = broken_store_of_claude_code(tmp_path)
    damaged = (machine.home / ".claude/.credentials.json").read_bytes()
    result = machine.apply("store-unusable/keep-copy")
    machine.login()
    before = state(machine.home)
    assert damaged in {content for content, _ in before.values()}
    assert machine.undo(result.number).outcome == "refused"
    assert state(machine.home) == before


def test_a_store_that_was_written_since_its_preview_is_not_copied(tmp_path: Path) -> None:
    machine = broken_store_of_claude_code(tmp_path)
    preview = machine.offer("store-unusable/keep-copy")
    machine.login()
    before = state(machine.home)
    assert machine.apply(preview).outcome == "refused"
    assert state(machine.home) == before


def test_a_copy_takes_no_other_files_place(tmp_path: Path) -> None:
    machine = broken_store_of_claude_code(tmp_path)
    preview = machine.offer("store-unusable/keep-copy")
    assert isinstance(preview.change, FileEdit)
    Path(preview.change.path).write_text("kept earlier")
    before = state(machine.home)
    assert machine.apply(preview).outcome == "refused"
    assert state(machine.home) == before


def test_an_empty_store_holds_nothing_to_keep(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.write(".claude/.credentials.json", " \n")
    assert not [preview for preview in machine.offers() if preview.kind == "keep-copy"]


def test_a_store_that_can_be_parsed_is_never_offered(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.write(".claude/.credentials.json", {"claudeAiOauth": {"accessToken": "", "expiresAt": 0}})
    assert not [preview for preview in machine.offers() if preview.kind == "move-aside"]


def test_no_place_for_the_copy_no_change(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    Path(tmp_path / "state").write_text("a file stands there")
    before = state(machine.home)
    assert machine.apply("key-rejected/approve-key").outcome == "refused"
    assert state(machine.home) == before
    assert machine.left_behind() == set()


# ── hostile and unusual files ────────────────────────────────────────────────────────────────────


def test_a_symbolic_link_stays_and_its_target_changes(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    dotfiles = machine.home / "dotfiles"
    dotfiles.mkdir()
    link = machine.home / ".claude.json"
    link.rename(dotfiles / "claude.json")
    link.symlink_to("dotfiles/claude.json")
    before = (dotfiles / "claude.json").read_bytes()
    told = machine.offer("key-rejected/approve-key").explanation
    assert "~/.claude.json leads through a symbolic link" in told
    assert "the file that changes is ~/dotfiles/claude.json." in told
    result = machine.apply("key-rejected/approve-key")
    assert result.outcome == "applied"
    assert link.is_symlink()
    assert (dotfiles / "claude.json").read_bytes() != before
    assert machine.left_behind() == set()
    assert machine.undo(result.number).outcome == "undone"
    assert link.is_symlink()
    assert (dotfiles / "claude.json").read_bytes() == before


def test_a_state_file_with_a_byte_order_mark_is_read_and_keeps_it(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    path = machine.home / ".claude.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert machine.apply("key-rejected/approve-key").outcome == "applied"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf{")


def test_a_home_behind_a_link(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    alias = tmp_path / "alias"
    alias.symlink_to(machine.home)
    machine.home = alias
    machine.environ["HOME"] = str(alias)
    assert "symbolic link" not in machine.offer("key-rejected/approve-key").explanation
    assert machine.apply("key-rejected/approve-key").outcome == "applied"


def test_mode_and_times_of_others(tmp_path: Path) -> None:
    machine = key_in_bashrc(tmp_path)
    (machine.home / ".bashrc").chmod(0o640)
    machine.apply("key-overrides-login/startup-line")
    assert stat.S_IMODE((machine.home / ".bashrc").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    "text",
    [
        '{\r\n\t"customApiKeyResponses": {\r\n\t\t"rejected": [\r\n\t\t\t"SUFFIX"\r\n\t\t]\r\n\t}\r\n}',
        '{"customApiKeyResponses":{"rejected":["SUFFIX"]},"n":1.50}',
        '{"customApiKeyResponses":{"rejected":["zzz"]},"customApiKeyResponses":{"rejected":["SUFFIX"]}}',
        '{"custom\\u0041piKeyResponses": {"rejected": ["SUFFIX", "SUFFIX"], "approved": []}, "é": "\\u00e9"}',
        '{"projects": {"HUGE": 1}, "customApiKeyResponses": {"rejected": ["SUFFIX"]}}',
    ],
    ids=["crlf-tabs", "one-line", "duplicate-keys", "escapes", "huge"],
)
def test_files_as_they_come(text: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"ANTHROPIC_API_KEY": KEY})
    text = text.replace("SUFFIX", KEY[-20:]).replace("HUGE", "x" * 5_000_000)
    path = machine.write(".claude.json", text)
    result = machine.apply("key-rejected/unreject-key")
    assert result.outcome == "applied"
    assert path.read_bytes() != text.encode()
    assert json.loads(path.read_bytes())["customApiKeyResponses"]["rejected"] == []
    assert ("\r\n" in text) == (b"\r\n" in path.read_bytes())
    machine.undo(result.number)
    assert path.read_bytes() == text.encode()


def test_a_byte_order_mark_in_settings_stays(tmp_path: Path) -> None:
    machine = Machine(tmp_path, client="claude-print").login()
    path = machine.write(
        ".claude/settings.json", b"\xef\xbb\xbf" + json.dumps({"env": {"ANTHROPIC_API_KEY": KEY}}).encode()
    )
    assert machine.apply("key-overrides-login/settings-variable").outcome == "applied"
    assert path.read_bytes() == b'\xef\xbb\xbf{"env": {}}'


@pytest.mark.parametrize("kind", ["read-only", "hard-link", "directory-read-only", "dangling"])
def test_files_that_stay_as_they_are(kind: str, tmp_path: Path) -> None:
    if kind == "directory-read-only" and os.geteuid() == 0:
        pytest.skip("root writes everywhere")
    machine = rejected(tmp_path)
    path = machine.home / ".claude.json"
    preview = machine.offer("key-rejected/approve-key")
    if kind == "read-only":
        path.chmod(0o400)
    elif kind == "hard-link":
        os.link(path, machine.home / "second-name")
    elif kind == "directory-read-only":
        machine.home.chmod(0o500)
    else:
        path.unlink()
        path.symlink_to("nowhere")
    before = path.read_bytes() if kind != "dangling" else b""
    result = machine.apply(preview)
    machine.home.chmod(0o700)
    assert result.outcome == "refused"
    if kind != "dangling":
        assert path.read_bytes() == before
    assert machine.left_behind() == set()


def test_a_foreign_owner_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = rejected(tmp_path)
    preview = machine.offer("key-rejected/approve-key")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)  # another user, and not root
    result = machine.apply(preview)
    assert result.outcome == "refused"
    assert ".claude.json belongs to another user" in (result.error or "")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_root_keeps_the_owner(tmp_path: Path) -> None:
    machine = key_in_bashrc(tmp_path)
    os.chown(machine.home / ".bashrc", 12345, 23456)
    assert machine.apply("key-overrides-login/startup-line").outcome == "applied"
    status = (machine.home / ".bashrc").stat()
    assert (status.st_uid, status.st_gid) == (12345, 23456)


def test_managed_settings_are_for_the_administrator(tmp_path: Path) -> None:
    machine = Machine(tmp_path, client="claude-print").login()
    managed = tmp_path / "etc/claude-code/managed-settings.json"
    managed.parent.mkdir(parents=True)
    managed.write_text(json.dumps({"env": {"ANTHROPIC_API_KEY": KEY}}))
    preview = machine.offer("key-overrides-login/settings-variable")
    assert not preview.applicable
    assert "administrator" in (preview.by_hand or "")


def test_settings_that_are_missing_are_made_and_go_again(tmp_path: Path) -> None:
    machine = helper_wanted(tmp_path)
    path = machine.home / ".claude/settings.json"
    path.unlink()
    preview = machine.offer("key-helper")
    assert "/dev/null" in preview.diff
    result = machine.apply(preview)
    assert json.loads(path.read_text()) == {"apiKeyHelper": "claude-auth token --store sdk"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert machine.undo(result.number).outcome == "undone"
    assert not path.exists()


def test_no_helper_for_a_claude_accounts_own_token(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.write(".claude_code/tokens.json", {"access_token": "sk-ant-oat01-" + "x" * 40, "expires_at": 4e9})
    assert "key-helper" not in {preview.id for preview in machine.offers()}


def test_an_unknown_path_in_a_findings_command_is_not_touched(tmp_path: Path) -> None:

    from claude_auth.actions.fixes.files import propose_modes
    from claude_auth.actions.fixes.plans import Case
    from claude_auth.model import Fix
    from claude_auth.resolve import resolve

    machine = open_store(tmp_path)
    stranger = machine.write("stranger", "x", 0o644)
    finding = machine.findings()[0]
    snapshot = machine.look()
    for path in (stranger, machine.home, "/etc/passwd", "'", machine.home / ".claude/.credentials.json"):
        fix = Fix("x", f"chmod 600 {path}", about=f"chmod {path}")
        case = Case(snapshot, resolve(snapshot, "claude"), finding._replace(fixes=(fix,)))
        assert bool(list(propose_modes(case))) is (path == machine.home / ".claude/.credentials.json")
