"""Set-up through a real ssh to an sshd of its own on loopback: 80×24, keyboard alone, to the proof."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_auth.actions.set_up.paths import SET_UP_PATHS
from claude_auth.sandbox import stand_in
from tests.actions.set_up.stage import GATEWAY, KEY, YEAR
from tests.app.own_sshd import OwnServer, server
from tests.app.set_up_remote import DOWN, PATIENCE, Remote, WayWorld, agree, keyring_world, settings, world
from tests.conftest import requires_system

__all__ = ["server"]  # a fixture is found by its name
pytestmark = [requires_system("openssh-server", "sshd"), requires_system("openssh-client", "ssh")]
#: In `make test`.
ALWAYS = {"gateway", "subscription"}
WAYS = [pytest.param(path.id, marks=() if path.id in ALWAYS else pytest.mark.prove) for path in SET_UP_PATHS]


def env(home: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((home / ".claude/settings.json").read_text())["env"]
    return found


#: What is there in the end, by way.
KEPT: dict[str, Callable[[Path], bool]] = {
    "subscription": lambda home: (home / ".claude/.credentials.json").exists(),
    "console": lambda home: bool(json.loads((home / ".claude.json").read_text())["primaryApiKey"]),
    "api-key": lambda home: f"ANTHROPIC_API_KEY={KEY}" in (home / ".bashrc").read_text().replace("'", ""),
    "year-token": lambda home: YEAR in (home / ".bashrc").read_text(),
    "bedrock-key": lambda home: "AWS_BEARER_TOKEN_BEDROCK" in env(home),
    "bedrock-profile": lambda home: env(home)["AWS_PROFILE"] == "keys",
    "bedrock-sso": lambda home: any((home / ".aws/sso/cache").iterdir()),
    "vertex-adc": lambda home: (home / ".config/gcloud/application_default_credentials.json").exists(),
    "vertex-service-account": lambda home: env(home)["CLOUD_ML_REGION"] == "global",
    "foundry": lambda home: env(home)["ANTHROPIC_FOUNDRY_RESOURCE"] == "my-resource",
    "gateway": lambda home: env(home)["ANTHROPIC_AUTH_TOKEN"] == GATEWAY,
    "own-client": lambda home: str(settings(home)["apiKeyHelper"]).endswith("token --store sdk"),
}


def to_the_proof(made: WayWorld, server: OwnServer, directory: Path) -> Path:
    with made.remote(server, directory) as remote:
        remote.choose(made.way)
        remote.put(made.way, made.place)
        remote.type_all(made.way, made.values)
        for task in made.tasks:
            task.begin(remote)
            task.end(remote)
        remote.prove(with_helper=made.with_helper)
        assert "· billed: " in remote.screen.text
        assert remote.leaks(*made.holding) == []
        return remote.home


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_its_proof(way: str, server: OwnServer, tmp_path: Path) -> None:
    with world(way, tmp_path) as made:
        home = to_the_proof(made, server, tmp_path)
    assert KEPT[way](home)
    if way == "own-client":
        client = tomllib.loads((home / ".config/claude-auth/config.toml").read_text())["oauth"]
        assert client["issuer"] == made.values["issuer"]


@pytest.mark.prove
@requires_system("gnome-keyring", "gnome-keyring-daemon")
@requires_system("dbus", "dbus-run-session")
def test_a_key_in_a_real_keyring_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    home = to_the_proof(keyring_world(tmp_path), server, tmp_path)
    assert "--store keyring" in str(settings(home)["apiKeyHelper"])


def test_a_token_for_a_year_is_made_and_pasted_over_ssh(server: OwnServer, tmp_path: Path) -> None:
    """Claude Code prints it in its pane; it is pasted as a window of 80 columns has broken it."""
    stand_in.install(tmp_path / "bin", {"version": "2.1.332", "setup_token": {"code": "good#code"}})
    path = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    with Remote(server, tmp_path, more=path) as remote:
        remote.choose("year-token")
        remote.put("year-token", "settings")
        remote.until("▸ ▲ Token for a year", timeout=PATIENCE)
        remote.key(DOWN, "▸ → make one here first: claude setup-token")
        remote.key("\r", "bound to this attempt", "Paste code here if prompted")
        shown = remote.key("good#code\r", "copy the token above now", "OVER")
        assert "sk-ant-oat01-standIn" in shown
        files = [path for path in remote.home.rglob("*") if path.is_file()]
        assert not [path for path in files if b"standIn" in path.read_bytes()]
        remote.key("q", "─ Token for a year ─")
        remote.send(f"\x1b[200~{YEAR[:79]}\r {YEAR[79:]}\x1b[201~".encode())
        remote.until(f"{len(YEAR)} characters, not shown", "that may stand", timeout=PATIENCE)
        remote.key("\r", "step 3 of 4", "✓ Token for a year")
        write = agree("write CLAUDE_CODE_OAUTH_TOKEN")
        write.begin(remote)
        write.end(remote)
        remote.prove()
        assert remote.leaks(".claude/settings.json") == []
    assert env(remote.home) == {"CLAUDE_CODE_OAUTH_TOKEN": YEAR}
