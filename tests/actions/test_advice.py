"""What is kept from one look to the next never changes what is advised."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions import look
from claude_auth.actions.host_look import HostLook
from claude_auth.actions.look import AdviceMemory, advised
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.sandbox import scenes

Login = dict[str, Any]
DAY = 86_400_000
#: The moment of every look at these logins, however much later that is.
NOW = time.time()
#: Claude Code renews a token that ends then before it sends it.
SOON = int(NOW * 1000) + 200_000
TEXT = "user:inference user:profile"


def tokens(**changes: object) -> Login:
    """A login as Claude Code saves it; times in milliseconds."""
    return {
        "accessToken": "sk-ant-oat01-test",
        "refreshToken": "sk-ant-ort01-test",
        "expiresAt": int(NOW * 1000) + DAY,
        "scopes": ["user:inference", "user:profile"],
        "subscriptionType": "max",
    } | changes


#: One after the other into the same file.
LOGINS: dict[str, str] = {
    name: text if isinstance(text, str) else json.dumps({"claudeAiOauth": text})
    for name, text in {
        "one": tokens(),
        "another token": tokens(accessToken="sk-ant-oat01-test-two", refreshToken="sk-ant-ort01-two"),
        "spent": tokens(expiresAt=int(NOW * 1000) - DAY, refreshToken=""),
        "blank": tokens(accessToken=" "),
        "an API key in it": tokens(accessToken="sk-ant-api03-test"),
        "no scope for requests": tokens(scopes=["user:profile"]),
        "scopes as text": tokens(scopes=TEXT),
        "scopes as text, deadline passed": tokens(scopes=TEXT, refreshTokenExpiresAt=1),
        "that before a refresh": tokens(scopes=TEXT, refreshTokenExpiresAt=1, expiresAt=SOON),
        "of a team": tokens(subscriptionType="team"),
        "deadline passed": tokens(refreshTokenExpiresAt=1),
        "no JSON": "{",
        "as at first": tokens(),
    }.items()
}


@pytest.mark.parametrize("name", list(scenes.SCENES))
@pytest.mark.parametrize("client", ["claude", "sdk"])
def test_the_same_as_without_a_memory(name: str, client: str, tmp_path: Path) -> None:
    view = scenes.lay_out(scenes.SCENES[name], tmp_path, now=NOW).context()._replace(now=NOW)
    host, memory = HostLook(view), AdviceMemory()
    store = Path(host.whole().places.credentials_path)
    store.parent.mkdir(parents=True, exist_ok=True)
    for text in LOGINS.values():
        store.unlink(missing_ok=True)
        store.write_text(text, encoding="utf-8")
        store.chmod(0o600)
        snapshot = host.whole()
        assert memory.advised(snapshot, client, None, after_change=True) == advised(snapshot, client)
    for file in snapshot.settings_files:
        if Path(file.path).is_file():
            Path(file.path).write_text("{}", encoding="utf-8")
            snapshot = host.whole()
            assert memory.advised(snapshot, client, None, after_change=True) == advised(snapshot, client)


def test_the_end_of_what_would_take_the_place_is_seen(tmp_path: Path) -> None:
    """Nothing was written, but time has passed: the profile behind the helper has ended."""
    now = time.time()
    view = scenes.lay_out(scenes.SCENES["project-helper"], tmp_path, now=now).context()
    place = Path(view.home, ".config", "anthropic")
    for name, content in (
        ("configs/default.json", {"authentication": {"type": "user_oauth"}}),
        ("credentials/default.json", {"access_token": "sk-ant-oat01-test", "expires_at": int(now) + 3600}),
    ):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(json.dumps(content), encoding="utf-8")
    memory, advice = AdviceMemory(), []
    for moment in (now, now + 7200):
        host = HostLook(view._replace(now=moment))
        host.whole()
        snapshot = host.whole()
        advice.append(memory.advised(snapshot, "claude", None, after_change=True))
        assert advice[-1] == advised(snapshot, "claude")
    assert advice[0][1] != advice[1][1]


def test_the_fixes_are_tried_again_by_a_whole_look_or_where_something_else_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Snapshot] = []

    def counted(
        snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...], client: str
    ) -> tuple[Finding, ...]:
        tried.append(snapshot)
        return findings

    monkeypatch.setattr(look, "with_changes", counted)
    view = scenes.lay_out(scenes.SCENES["healthy"], tmp_path, now=time.time()).context()
    host, memory = HostLook(view._replace(now=time.time())), AdviceMemory()
    store = Path(host.whole().places.credentials_path)
    counts = []
    for text, after_change in (
        (LOGINS["one"], True),
        (LOGINS["another token"], True),
        (LOGINS["another token"], False),
        (LOGINS["one"], True),
        (LOGINS["spent"], True),
    ):
        store.write_text(text, encoding="utf-8")
        memory.advised(host.whole(), "claude", None, after_change=after_change)
        counts.append(len(tried))
    assert counts == [1, 1, 2, 2, 3]
