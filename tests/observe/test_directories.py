"""Every configuration directory of Claude Code: what names it, what is in it, who uses it; each once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.accounts import list_accounts, list_mcp_logins
from claude_auth.model import Snapshot
from claude_auth.model.surroundings import ConfigDirectory, Surroundings
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.observe.directories import config_directories
from claude_auth.observe.running import Process
from claude_auth.present.logins import accounts_document, accounts_text
from tests.disguises import needs_linux, start_of
from tests.promises import kept

NOW = time.time()


def grant(name: str = "made-up", **more: object) -> dict[str, Any]:
    login = {
        "accessToken": f"sk-ant-oat01-{name}",
        "refreshToken": f"sk-ant-ort01-{name}",
        "expiresAt": int((NOW + 3600) * 1000),
        "scopes": ["user:inference"],
        "subscriptionType": "max",
    }
    return {"claudeAiOauth": login, **more}


class Home:
    def __init__(self, root: Path, **environ: str) -> None:
        self.path = self.cwd = root / "home"
        self.path.mkdir()
        given = {name: value.replace("~", str(self.path)) for name, value in environ.items()}
        self.environ = {"HOME": str(self.path), **given}
        self.processes: list[Process] = []

    def write(self, name: str, content: object) -> Home:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return self

    def run(self, pid: int, environ: Mapping[str, str]) -> Home:
        def read() -> Mapping[str, str]:
            return {"HOME": str(self.path), **environ}

        self.processes.append(Process(pid, ("claude",), "/opt/claude", NOW, read))
        return self

    def look(self) -> Snapshot:
        view = ObservationContext(
            str(self.path), str(self.cwd), environ=Environment(self.environ), user_id=os.geteuid()
        )
        snapshot = observe(view)
        found = config_directories(snapshot, view, tuple(self.processes))
        return snapshot._replace(more=Surroundings(directories=found))

    def directories(self) -> tuple[ConfigDirectory, ...]:
        more = self.look().more
        assert more is not None
        return more.directories

    def found(self) -> dict[str, tuple[str, ...]]:
        """Path below home → what names it."""
        home = f"{self.path}/"
        return {
            one.path.removeprefix(home): tuple(words.replace(home, "~/") for words in one.found_by)
            for one in self.directories()
        }


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


# ── which there are ──────────────────────────────────────────────────────────────────────────────


def test_the_one_that_is_looked_at_comes_first_also_empty(home: Home) -> None:
    assert home.found() == {".claude": ("the default",)}
    assert home.directories()[0].is_current


def test_by_its_name_and_only_with_a_login_in_it(home: Home) -> None:
    home.write(".claude-work/.credentials.json", grant()).write(".claude-empty/settings.json", {})
    home.write(".claude-other/.credentials.json", {"mcpOAuth": {}}).write(".claude.json", {})
    assert home.found() == {".claude": ("the default",), ".claude-work": ("its name",)}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (".bashrc", "export CLAUDE_CONFIG_DIR=~/cfg\n"),
        (".zshrc", 'export CLAUDE_CONFIG_DIR="$HOME/cfg"\n'),
        (".zshrc", "alias work='CLAUDE_CONFIG_DIR=~/cfg claude'\n"),
        (".bash_aliases", 'alias work="CLAUDE_CONFIG_DIR=${HOME}/cfg claude --continue"\n'),
        (".zshrc", "work() { CLAUDE_CONFIG_DIR=~/cfg/ claude; }\n"),
        (".config/fish/config.fish", "set -gx CLAUDE_CONFIG_DIR ~/cfg\n"),
        (".config/environment.d/claude.conf", "CLAUDE_CONFIG_DIR=$HOME/cfg\n"),
    ],
)
def test_a_start_up_file_names_it(home: Home, name: str, line: str) -> None:
    home.write("cfg/.credentials.json", grant()).write(name, f"# first\n{line}")
    assert home.found() == {".claude": ("the default",), "cfg": (f"~/{name}:2",)}


@pytest.mark.parametrize(
    "line",
    [
        "# export CLAUDE_CONFIG_DIR=~/cfg\n",
        "export MY_CLAUDE_CONFIG_DIR=~/cfg\n",
        "export CLAUDE_CONFIG_DIR=$BASE/cfg\n",
        "export CLAUDE_CONFIG_DIR=cfg\n",
    ],
)
def test_what_names_none(home: Home, line: str) -> None:
    home.write("cfg/.credentials.json", grant()).write(".bashrc", line)
    assert list(home.found()) == [".claude"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".env", "CLAUDE_CONFIG_DIR=$HOME/cfg\n"),
        (".envrc", "export CLAUDE_CONFIG_DIR=~/cfg\n"),
        (".claude/settings.json", {"env": {"CLAUDE_CONFIG_DIR": "$HOME/cfg"}}),
    ],
)
def test_a_repository_names_none(home: Home, name: str, content: object) -> None:
    """What it names could hold somebody else's login, and would be advised."""
    home.write("cfg/.credentials.json", grant())
    text = content if isinstance(content, str) else json.dumps(content).replace("$HOME", str(home.path))
    home.cwd = home.path / "proj"
    home.write(f"proj/{name}", text)
    assert list(home.found()) == [".claude"]


def test_a_running_client_names_it_also_without_a_login(home: Home) -> None:
    home.run(4711, {"CLAUDE_CONFIG_DIR": str(home.path / "cfg")}).run(4712, {"HOME": "/home/bob"})
    assert home.found() == {".claude": ("the default",), "cfg": ("process 4711",)}
    assert [one.pid for one in home.directories()[1].instances] == [4711]


def test_settings_name_it(home: Home) -> None:
    home.write(".claude/settings.json", {"env": {"CLAUDE_CONFIG_DIR": str(home.path / "cfg")}})
    home.write("cfg/.credentials.json", grant())
    assert home.found()["cfg"] == ("~/.claude/settings.json",)


def test_settings_lead_on_from_every_directory(home: Home) -> None:
    """From a process's own to the one that its settings name, and from there to a third."""
    home.write("first/settings.json", {"env": {"CLAUDE_CONFIG_DIR": f"{home.path}/second"}})
    home.write("second/settings.json", {"env": {"CLAUDE_CONFIG_DIR": f"{home.path}/third"}})
    home.write("third/.credentials.json", grant("third")).run(50, {"CLAUDE_CONFIG_DIR": f"{home.path}/first"})
    assert list(home.found()) == [".claude", "first", "third"]
    assert home.found()["third"] == ("~/second/settings.json",)


def test_settings_lead_to_credentials_elsewhere(home: Home) -> None:
    home.write(
        ".claude-work/settings.json", {"env": {"CLAUDE_SECURESTORAGE_CONFIG_DIR": f"{home.path}/vault"}}
    )
    home.write("vault/.credentials.json", grant("vault"))
    found = [one.login.tokens for one in home.directories() if one.login.tokens is not None]
    assert [one.access_token.reveal() for one in found] == ["sk-ant-oat01-vault"]


@needs_linux
def test_editors_that_run(home: Home) -> None:
    mine = {
        "pid": os.getpid(),
        "ideName": "VS Code",
        "workspaceFolders": [f"{home.path}/proj"],
        "authToken": "made-up",
    }
    home.write(".claude/.credentials.json", grant())
    home.write(".claude/ide/45678.lock", mine).write(".claude/ide/1.lock", {**mine, "pid": 2**22 + 1})
    home.write(".claude/ide/x.lock", mine).write(".claude/ide/2.lock", "{").run(50, {})
    (editor,) = home.directories()[0].editors
    assert (editor.pid, editor.port, editor.name) == (os.getpid(), 45678, "VS Code")
    assert editor.folders == (f"{home.path}/proj",)
    accounts = list_accounts(home.look())
    document = kept("actions", accounts_document(accounts))
    assert document["accounts"][0]["editors"][0]["port"] == 45678
    assert "made-up" not in json.dumps(document)
    assert "VS Code" in accounts_text(accounts, (), str(home.path))


def test_the_default_beside_the_one_that_the_variable_names(tmp_path: Path) -> None:
    home = Home(tmp_path, CLAUDE_CONFIG_DIR="~/cfg").write(".claude/.credentials.json", grant())
    assert home.found() == {"cfg": ("CLAUDE_CONFIG_DIR",), ".claude": ("the default", "its name")}


def test_credentials_that_lie_elsewhere_are_another_place(tmp_path: Path) -> None:
    home = Home(tmp_path, CLAUDE_SECURESTORAGE_CONFIG_DIR="~/store")
    home.write("store/.credentials.json", grant("here")).write(".claude/.credentials.json", grant("there"))
    found = [account.fingerprint for account in list_accounts(home.look())]
    assert len(set(found)) == 2


def test_a_link_is_no_further_directory(home: Home) -> None:
    home.write(".claude/.credentials.json", grant())
    (home.path / ".claude-link").symlink_to(home.path / ".claude")
    assert home.found() == {".claude": ("the default", "its name")}


# ── what is in one ───────────────────────────────────────────────────────────────────────────────


def test_whose_login_it_is(home: Home) -> None:
    home.write(".claude/.credentials.json", grant())
    home.write(".claude.json", {"oauthAccount": {"emailAddress": "ada@example.org"}})
    home.write(".claude-work/.credentials.json", grant("work"))
    home.write(".claude-work/.claude.json", {"oauthAccount": {"emailAddress": "ada@work.example"}})
    accounts = list_accounts(home.look())
    assert [(one.email, one.active, one.plan, one.expiry, one.refreshable) for one in accounts] == [
        ("ada@example.org", True, "max", "live", True),
        ("ada@work.example", False, "max", "live", True),
    ]
    assert len({one.id for one in accounts}) == 2


MCP = {
    "issues|0123": {
        "serverName": "issues",
        "serverUrl": "https://user:word@mcp.example.org/mcp?key=made-up",
        "accessToken": "mcp-access-made-up",
        "refreshToken": "mcp-refresh-made-up",
        "expiresAt": int((NOW - 60) * 1000),
    },
    "wiki|4567": {"accessToken": "mcp-wiki-made-up", "expiresAt": None},
    "old|89ab": {"accessToken": "mcp-old-made-up", "expiresAt": int((NOW - 60) * 1000)},
    "registered|cdef": {"serverName": "registered", "accessToken": "", "clientId": "x"},
    "odd": "text",
}


@pytest.mark.parametrize("more", [{}, grant()])
def test_sign_ins_at_mcp_servers_also_where_they_stand_alone(home: Home, more: dict[str, Any]) -> None:
    home.write(".claude-work/.credentials.json", {**more, "mcpOAuth": MCP})
    snapshot = home.look()
    found = list_mcp_logins(snapshot)
    assert [(one.server, one.host, one.expiry, one.refreshable) for one in found] == [
        ("issues", "mcp.example.org", "stale-refreshable", True),
        ("old", None, "expired", False),
        ("wiki", None, "none", False),
    ]
    assert {one.directory for one in found} == {str(home.path / ".claude-work")}
    accounts = list_accounts(snapshot)
    document = accounts_document(accounts, mcp=found)
    kept("actions", document)
    assert "made-up" not in json.dumps(document) + accounts_text(accounts, found) + repr(snapshot)


@needs_linux
def test_who_uses_it_as_the_register_says(home: Home) -> None:
    started, folder = start_of(os.getppid()), str(home.path / "proj")
    record = {"pid": os.getppid(), "procStart": started, "version": "2.1.332", "kind": "interactive"}
    home.write(".claude/.credentials.json", grant())
    name = f".claude/sessions/{os.getppid()}"
    home.write(f"{name}.json", {**record, "entrypoint": "cli", "cwd": folder})
    home.write(f"{name}.{'0' * 64}.key", {"peerToken": "made-up"})
    os.chmod(home.path / f"{name}.{'0' * 64}.key", 0)
    home.write(".claude/sessions/1.json", {**record, "pid": 1, "procStart": "made up"})
    home.run(os.getppid(), {}).run(1, {"HOME": "/elsewhere"})
    (account,) = list_accounts(home.look())
    (used,) = account.used_by
    assert used == (os.getppid(), "2.1.332", "interactive", "cli", folder)
    assert f"used by process {os.getppid()} (interactive, cli, 2.1.332) in ~/proj" in accounts_text(
        (account,), (), str(home.path)
    )
    kept("actions", accounts_document((account,)))


# ── what Claude Code says of itself ──────────────────────────────────────────────────────────────


@needs_linux
def test_evidence_with_its_age(home: Home) -> None:
    hour = 3600_000
    now = int(time.time() * 1000) - 30_000
    home.write(".claude/.credentials.json", grant())
    usage = {"five_hour": {"utilization": 12.4, "resets_at": None}, "seven_day": {"utilization": 0}}
    home.write(
        ".claude.json",
        {
            "oauthAccount": {"accountUuid": "a", "profileFetchedAt": now - 48 * hour},
            "cachedUsageUtilization": {"fetchedAtMs": now - hour, "accountUuid": "a", "utilization": usage},
        },
    )
    status = {"writtenAt": now - 2 * hour, "supervisorPid": os.getpid(), "workers": {"a": {}}}
    started = start_of(os.getpid())
    home.write(".claude/daemon.status.json", {**status, "supervisorProcStart": started})
    home.write(".claude/daemon-auth-status.json", {"status": "auth_required", "since": now - 3 * hour})
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(now / 1000 - 7200))
    lines = ("x" * 100_000, f"[{stamp}] [supervisor] auth: handling 401", f"[{stamp}] [bg] other", "")
    home.write(".claude/daemon.log", "\n".join(lines))
    (account,) = list_accounts(home.look())
    assert account.evidence == (
        "its account was looked up 2 days ago",
        "its usage was looked up 1 h 0 min ago: 12 % of 5 hours, 0 % of 7 days",
        f"the background service runs as process {os.getpid()}; 2 h 0 min ago it had 1 worker",
        "the background service asked for a sign-in 3 h 0 min ago",
        "it logged 2 h 0 min ago: auth: handling 401",
    )
    home.write(".claude/daemon.status.json", {**status, "supervisorProcStart": "1"})
    assert "the background service does not run" in list_accounts(home.look())[0].evidence[2]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"writtenAt": "x", "since": true, "status": "auth_required"}']
)
def test_what_can_t_be_read_says_nothing(home: Home, content: str) -> None:
    home.write(".claude/.credentials.json", grant())
    for name in ("daemon.status.json", "daemon-auth-status.json", "daemon.log"):
        home.write(f".claude/{name}", content)
    assert home.directories()[0].service is None
