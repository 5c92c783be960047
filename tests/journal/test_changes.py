"""The log's lines, from pairs of looks."""

from __future__ import annotations

from pathlib import Path

from claude_auth.journal.changes import Look, changes
from claude_auth.model import Damage, FileFacts, SettingsFile, Snapshot
from claude_auth.resolve import resolve
from claude_auth.sandbox import scenes
from claude_auth.security.secret import Secret


def look(name: str, directory: Path, client: str = "claude") -> Look:
    seen = scenes.snapshot(scenes.SCENES[name], directory / name)
    return seen, resolve(seen, client)


def answer(snapshot: Snapshot) -> Look:
    return snapshot, resolve(snapshot, "claude")


def texts(before: Look, after: Look) -> list[str]:
    return [change.text for change in changes(before, after)]


def test_nothing_changes_between_equal_looks(tmp_path: Path) -> None:
    for name in scenes.SCENES:
        assert not texts(look(name, tmp_path), look(name, tmp_path))


def test_of_the_stored_login_only_time_is_told_here(tmp_path: Path) -> None:
    before = look("stale", tmp_path)
    tokens = before[0].login.tokens
    assert tokens is not None
    renewed = tokens._replace(access_token=Secret("sk-ant-oat01-renewed"), expires_at=scenes.NOW + 8 * 3600)
    assert not texts(before, answer(before[0]._replace(login=before[0].login._replace(tokens=renewed))))
    live = look("healthy", tmp_path)
    (event,) = changes(live, answer(live[0]._replace(observed_at=scenes.NOW + 8 * 3600)))
    assert (event.kind, event.data["source"]) == ("source.expiry", "stored-login")


def test_a_source_appears_and_wins_and_vanishes(tmp_path: Path) -> None:
    login, key = look("healthy", tmp_path), look("key-over-login", tmp_path)
    assert texts(login, key) == [
        "ANTHROPIC_API_KEY is used now, before: claude.ai login",
        f"ANTHROPIC_API_KEY appeared: {Secret(scenes.KEY).fingerprint} (~/.zshrc:4)",
    ]
    appeared, gone = changes(login, key)[1], changes(key, login)[1]
    assert (appeared.kind, appeared.data["where"]) == ("source.appeared", "~/.zshrc:4")
    assert (gone.kind, gone.data["where"]) == ("source.gone", "~/.zshrc:4")
    assert appeared.data["to"] == gone.data["from"] == Secret(scenes.KEY).fingerprint


def test_a_broken_store_is_told_in_words(tmp_path: Path) -> None:
    found = texts(look("healthy", tmp_path), look("broken", tmp_path))
    assert found[0].startswith("no request would go out any more: ")
    assert len(found) == 1  # what happens to the login itself is told by `claude_events`


def test_another_client_is_no_change_of_the_machine(tmp_path: Path) -> None:
    assert not [
        text
        for text in texts(look("unapproved", tmp_path), look("unapproved", tmp_path, "claude-print"))
        if "wins" in text
    ]


def test_settings_files_come_change_and_go(tmp_path: Path) -> None:
    snapshot = look("healthy", tmp_path)[0]
    path = f"{scenes.HOME}/.claude/settings.json"
    facts = FileFacts(path, 0o600, "ada", True, scenes.NOW, 10)
    gone = SettingsFile("user", path, Damage("missing", "not there"), None)
    there, later = (
        SettingsFile("user", path, None, facts),
        SettingsFile("user", path, None, facts._replace(size=11)),
    )
    bad = SettingsFile("user", path, Damage("not-json", "no JSON at line 1"), facts)

    def with_file(file: SettingsFile) -> Look:
        return answer(snapshot._replace(settings_files=(file,)))

    name = "~/.claude/settings.json"
    assert texts(with_file(gone), with_file(there)) == [f"settings file appeared: {name}"]
    assert texts(with_file(there), with_file(later)) == [f"settings file changed: {name}"]
    assert texts(with_file(there), with_file(bad)) == [f"settings file is damaged: {name}: no JSON at line 1"]
    assert texts(with_file(there), with_file(gone)) == [f"settings file vanished: {name}"]
    assert texts(with_file(there), answer(snapshot._replace(settings_files=()))) == [
        f"settings file vanished: {name}"
    ]


def test_no_secret_in_any_line(tmp_path: Path) -> None:
    looks = [look(name, tmp_path) for name in scenes.SCENES]
    text = "\n".join(line for before in looks for after in looks for line in texts(before, after))
    assert not [secret for secret in scenes.SECRETS if secret[-40:] in text]
