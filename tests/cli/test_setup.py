"""`claude-auth setup` as a process of its own: from a file of answers, on a terminal, and without either."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from claude_auth.sandbox import stand_in
from claude_auth.sandbox.machines import PretendMachine, lay_out
from tests.actions.set_up.stage import FILES, GATEWAY, KEY, SECRETS, TYPED, YEAR
from tests.conftest import requires_system

COMMAND = str(Path(sys.executable).parent / "claude-auth")
#: The ways that need neither a browser nor a command of somebody else's.
ANSWERED = {
    "api-key": "shell",
    "year-token": "settings",
    "bedrock-key": "settings",
    "bedrock-profile": "shell",
    "vertex-service-account": "settings",
    "foundry": "settings",
    "gateway": "settings",
}


class World:
    def __init__(self, root: Path, files: Mapping[str, Any] | None = None, **environ: str) -> None:
        self.root, self.home = root, root / "home"
        self.home.mkdir()
        self.laid = lay_out(PretendMachine({**FILES, **(files or {})}), self.home)
        stand_in.install(root / "bin", {"login": {"code": "good#code"}})
        self.environ = {
            "HOME": str(self.home),
            "PATH": f"{root / 'bin'}:/usr/bin:/bin",
            "SHELL": "/bin/bash",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            **environ,
        }
        self.words = ("setup", "--root", str(self.laid.root))

    def run(
        self, answers: Mapping[str, Any] | str | None = None, *words: str, mode: int = 0o600
    ) -> subprocess.CompletedProcess[str]:
        given: list[str] = []
        if answers is not None:
            text = answers if isinstance(answers, str) else json.dumps(answers)
            path = self.root / "answers.json"
            path.write_text(text.replace("$HOME", str(self.home)))
            path.chmod(mode)
            given = ["--answers", str(path)]
        return subprocess.run(
            [COMMAND, *self.words, *given, *words],
            env=self.environ,
            cwd=self.laid.cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def asked(self, answers: list[tuple[str, str]]) -> tuple[int, str]:
        """On a terminal; each answer is typed once its question stands there."""
        master, slave = os.openpty()
        process = subprocess.Popen(
            [COMMAND, *self.words],
            env=self.environ,
            cwd=self.laid.cwd,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509
        )
        os.close(slave)
        seen, told, waiting, until = "", "", list(answers), time.monotonic() + 60
        while time.monotonic() < until:
            if not select.select([master], [], [], 1.0)[0]:
                continue
            try:
                chunk = os.read(master, 4096)
            except OSError:  # the other side is gone
                break
            if not chunk:
                break
            seen, told = seen + chunk.decode(errors="replace"), told + chunk.decode(errors="replace")
            while waiting and waiting[0][0] in seen:
                seen = seen.partition(waiting[0][0])[2]
                os.write(master, f"{waiting.pop(0)[1]}\n".encode())
        os.close(master)
        if process.poll() is None and waiting:
            process.kill()
            process.wait(30)
        assert not waiting, (waiting, told)
        return process.wait(30), told

    def holding(self, secret: str) -> set[str]:
        files = (path for path in self.home.rglob("*") if path.is_file())
        return {str(path.relative_to(self.home)) for path in files if secret.encode() in path.read_bytes()}


def _take_terminal() -> None:
    """Of the new session's own; getpass opens it by name."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def settings(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((world.home / ".claude/settings.json").read_text())
    return found


@pytest.mark.parametrize("way", ANSWERED)
def test_answers_lead_to_the_proof(way: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    given = {"path": way, "place": ANSWERED[way], **TYPED[way], "agree": ["write"]}
    told = world.run(given, "--json")
    document = json.loads(told.stdout)
    assert document["proof"]["proved"], told.stderr
    assert told.returncode == (3 if document["proof"]["verdict"] == "not-known" else 0)
    assert {task["outcome"] for task in document["tasks"]} == {"done"}
    assert not [secret for secret in SECRETS if secret in told.stdout + told.stderr]
    assert not (world.home / ".local/state/claude-auth/set-up.json").exists()
    for secret in SECRETS:
        assert world.holding(secret) <= {".bashrc", ".claude/settings.json"}


def test_what_is_not_agreed_to_is_shown_and_not_done(tmp_path: Path) -> None:
    world = World(tmp_path)
    told = world.run({"path": "gateway", **TYPED["gateway"]}, "--json")
    document = json.loads(told.stdout)
    assert told.returncode == 1
    assert [task["outcome"] for task in document["tasks"]] == ["declined"]
    assert '+    "ANTHROPIC_BASE_URL": "https://gateway.example.org",' in document["tasks"][0]["change"]
    assert any("read -rsp" in text for text in document["copy"])
    assert not (world.home / ".claude/settings.json").exists()
    assert GATEWAY not in told.stdout + told.stderr


def test_what_is_in_the_way_is_cleared_where_that_was_agreed_to(tmp_path: Path) -> None:
    files = {".claude/settings.json": {"env": {"ANTHROPIC_API_KEY": KEY}}}
    world = World(tmp_path, files)
    given = {"path": "year-token", "place": "settings", "token": YEAR}
    first = json.loads(world.run({**given, "agree": []}, "--json").stdout)
    assert [one["outcome"] for one in first["obstacles"]] == ["declined"]
    assert settings(world)["env"] == {"ANTHROPIC_API_KEY": KEY}
    told = world.run({**given, "agree": ["clear", "write"]}, "--json")
    second = json.loads(told.stdout)
    assert [one["outcome"] for one in second["obstacles"]] == ["done"]
    assert (told.returncode, settings(world)["env"]) == (0, {"CLAUDE_CODE_OAUTH_TOKEN": YEAR})


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ("", "no JSON"),
        ("[]", "one JSON object"),
        ({}, '"path" is one of'),
        ({"path": "nowhere"}, '"path" is one of'),
        ({"path": "gateway", "place": "keyring"}, '"place" of gateway is one of settings, shell, copy'),
        ({"path": "gateway", "agree": "everything"}, '"agree" is a list of'),
        ({"path": "gateway", "agree": ["everything"]}, '"agree" is a list of'),
        ({"path": "gateway", "key": "x"}, "gateway has no field key"),
        ({"path": "gateway", "url": 7}, "is a text"),
        ({"path": "gateway", "url": "https://gateway.example.org"}, "token: it is empty"),
        ({"path": "gateway", "url": GATEWAY, "token": YEAR}, "not a gateway's token"),
        ({"path": "api-key", "key": KEY[:30]}, "key: too short"),
    ],
)
def test_wrong_answers_do_nothing(answers: Any, words: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    told = world.run(answers)
    assert (told.returncode, words in told.stderr) == (2, True), told.stderr
    assert not any(secret in told.stderr for secret in SECRETS)
    assert not (world.home / ".claude/settings.json").exists()
    assert not (world.home / ".local/state/claude-auth/set-up.json").exists()


def test_answers_that_others_can_read_are_no_place_for_a_secret(tmp_path: Path) -> None:
    world = World(tmp_path)
    told = world.run({"path": "gateway", **TYPED["gateway"], "agree": ["write"]}, mode=0o644)
    assert (told.returncode, "chmod 600" in told.stderr) == (2, True)
    assert not (world.home / ".claude/settings.json").exists()


def test_without_a_terminal_it_says_what_it_needs(tmp_path: Path) -> None:
    world = World(tmp_path)
    told = world.run(None, "--json")
    document = json.loads(told.stdout)
    assert told.returncode == 2
    assert {one["path"] for one in document["paths"]} == set(TYPED)
    assert "--answers" in told.stderr
    assert not (world.home / ".local/state").exists()


# ── on a terminal ────────────────────────────────────────────────────────────────────────────────


def test_asked_on_a_terminal(tmp_path: Path) -> None:
    world = World(tmp_path)
    code, seen = world.asked(
        [
            ("Which one?", "11"),
            ("Where shall it go?", ""),
            ("  Gateway address:", "http://gateway.example.org"),
            ("  Gateway address:", "https://gateway.example.org"),
            ("  Gateway token: ", YEAR),
            ("  Gateway token: ", GATEWAY),
            ("Write exactly this?", "y"),
            ("Send one live request", "n"),
        ]
    )
    assert code == 0, seen
    assert settings(world)["env"]["ANTHROPIC_AUTH_TOKEN"] == GATEWAY
    assert "clear text" in seen
    assert "not a gateway's token" in seen
    assert "done: run: claude" in seen
    assert GATEWAY not in seen
    assert YEAR not in seen


def test_left_in_the_middle_and_gone_on_with(tmp_path: Path) -> None:
    world = World(tmp_path)
    code, seen = world.asked(
        [
            ("Which one?", "10"),
            ("Where shall it go?", ""),
            ("  Foundry resource:", "my-resource"),
            ("  Foundry API key: ", "q"),
        ]
    )
    assert (code, "goes on from here" in seen) == (2, True)
    code, seen = world.asked(
        [
            ("Go on from there?", ""),
            ("  Foundry resource [my-resource]:", ""),
            ("  Foundry API key: ", TYPED["foundry"]["key"]),
            ("Write exactly this?", "y"),
            ("Send one live request", "n"),
        ]
    )
    assert code == 0, seen
    assert settings(world)["env"]["ANTHROPIC_FOUNDRY_RESOURCE"] == "my-resource"


def test_back_and_another_way(tmp_path: Path) -> None:
    world = World(tmp_path)
    code, seen = world.asked(
        [
            ("Which one?", "11"),
            ("Where shall it go?", "b"),
            ("Which one?", "6"),
            ("Where shall it go?", "1"),
            ("  AWS profile [keys]:", ""),
            ("  Region [us-east-1]:", ""),
            ("Write exactly this?", "y"),
            ("Send one live request", "n"),
        ]
    )
    assert code == 0, seen
    assert settings(world)["env"] == {
        "CLAUDE_CODE_USE_BEDROCK": "1",
        "AWS_PROFILE": "keys",
        "AWS_REGION": "us-east-1",
    }


@pytest.mark.parametrize(("number", "winner"), [("1", "claude.ai login"), ("2", "Console login key")])
def test_signed_in_by_claude_code(number: str, winner: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    code, seen = world.asked(
        [
            ("Which one?", number),
            ("Do it?", "y"),
            ("Paste code here", "good#code"),
            ("Send one live request", "n"),
        ]
    )
    assert code == 0, seen
    assert f"goes out: {winner}" in seen


def test_declined_there_are_lines_to_copy(tmp_path: Path) -> None:
    world = World(tmp_path)
    code, seen = world.asked(
        [
            ("Which one?", "4"),
            ("Where shall it go?", "1"),
            ("  Token for a year: ", YEAR),
            ("Write exactly this?", "n"),
        ]
    )
    assert code == 1
    assert "read -rsp 'CLAUDE_CODE_OAUTH_TOKEN: '" in seen
    assert "not proved yet" in seen
    assert world.holding(YEAR) == set()


@requires_system("gnome-keyring", "gnome-keyring-daemon")
@requires_system("dbus", "dbus-run-session")
def test_a_key_in_a_real_keyring_is_what_goes_out(tmp_path: Path) -> None:
    """The helper that was written runs our own command, which reads the keyring."""
    world = World(tmp_path)
    (tmp_path / "run").mkdir(mode=0o700)
    # A copy has none of the file's capabilities, which a container may not grant.
    daemon = shutil.copyfile(shutil.which("gnome-keyring-daemon") or "", tmp_path / "gnome-keyring-daemon")
    daemon.chmod(0o755)
    script = tmp_path / "session.sh"
    script.write_text(
        f'printf made-up-password | {daemon} --unlock --components=secrets >/dev/null\nexec "$@"\n'
    )
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps({"path": "api-key", "key": KEY, "agree": ["write", "evaluate"]}))
    answers.chmod(0o600)
    places = {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "XDG_DATA_HOME": str(tmp_path / "data")}
    told = subprocess.run(
        [
            "dbus-run-session",
            "--",
            "sh",
            str(script),
            COMMAND,
            *world.words,
            "--answers",
            str(answers),
            "--json",
        ],
        env={**world.environ, **places},
        cwd=world.laid.cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    document = json.loads(told.stdout)
    assert (told.returncode, document["proof"]["verdict"]) == (0, "works"), told.stderr
    assert document["proof"]["bills"].startswith("per token")
    assert world.holding(KEY) == set()
    assert KEY not in told.stdout + told.stderr
