"""`claude-auth setup` as a process of its own: from a file of answers, on a terminal, and without either."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from claude_auth.actions.set_up.paths import SET_UP_PATHS, SetUpPlace
from tests.actions.set_up.stage import GATEWAY, KEY, SECRETS, TYPED, YEAR
from tests.cli.keyring_session import in_keyring_session
from tests.cli.setup_stage import COMMAND, World, settings
from tests.conftest import requires_system
from tests.promises import kept, schema_of
from tests.waiting import wait_until

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


@pytest.mark.parametrize("way", ANSWERED)
def test_answers_lead_to_the_proof(way: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    given = {"path": way, "place": ANSWERED[way], **TYPED[way], "agree": ["write"]}
    told = world.run(given, "--json")
    document = kept("setup", json.loads(told.stdout))
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
    document = kept("setup", json.loads(told.stdout))
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
    first = kept("setup", json.loads(world.run({**given, "agree": []}, "--json").stdout))
    assert [one["outcome"] for one in first["obstacles"]] == ["declined"]
    assert settings(world)["env"] == {"ANTHROPIC_API_KEY": KEY}
    told = world.run({**given, "agree": ["clear", "write"]}, "--json")
    second = kept("setup", json.loads(told.stdout))
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
    document = kept("setup", json.loads(told.stdout))
    assert told.returncode == 2
    assert {one["path"] for one in document["paths"]} == set(TYPED)
    assert "--answers" in told.stderr
    assert not (world.home / ".local/state").exists()


def test_the_schema_names_the_ways_and_the_places() -> None:
    needs = schema_of("setup")["$defs"]["needs"]["properties"]
    assert needs["recommended"]["enum"] == [path.id for path in SET_UP_PATHS]
    places = needs["paths"]["items"]["properties"]["places"]["items"]["enum"]
    assert places == list(get_args(SetUpPlace))


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


@pytest.mark.parametrize("columns", [44, 80])
def test_its_text_is_broken_between_words_at_the_terminals_width(columns: int, tmp_path: Path) -> None:
    """What is shown exactly, a change or a command to copy, is left as it is; so is what was typed."""
    world = World(tmp_path)
    narrow = ["sh", "-c", f'stty cols {columns}; exec "$0" "$@"', COMMAND]
    code, seen = world.asked(
        [
            ("Which one?", "11"),
            ("Where shall it go?", ""),
            ("  Gateway address:", "http://gateway.example.org"),
            ("  Gateway address:", "https://gateway.example.org"),
            ("  Gateway token: ", GATEWAY),
            ("Write exactly this?", "n"),
        ],
        narrow,
    )
    assert code == 1, seen
    exact = ("  +", "  -", "  @", "  export ", "  read ", "  Gateway address: http")
    lines = [line for line in seen.splitlines() if len(line) > columns]
    assert not [line for line in lines if not line.startswith(exact)]
    words = " ".join(seen.split())
    for sentence in (
        "q leaves: it is kept how far you have come.",
        "an app that you registered, signed in here",
    ):
        assert sentence in words
    assert "  export ANTHROPIC_BASE_URL=https://gateway.example.org" in seen.splitlines()


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


#: Notes each change of the terminal's echo, and each question whose answer is hidden.
NOTED = """
import getpass, sys, termios
notes, changes, asks = open(sys.argv.pop(1), "w", buffering=1), termios.tcsetattr, getpass.getpass
def change(descriptor, when, attributes):
    notes.write("shown\\n" if attributes[3] & termios.ECHO else "not shown\\n")
    changes(descriptor, when, attributes)
def ask(*arguments, **more):
    notes.write("asked\\n")
    return asks(*arguments, **more)
termios.tcsetattr, getpass.getpass = change, ask
from claude_auth.cli import main
sys.exit(main())
"""


def test_what_is_typed_between_two_hidden_answers_is_not_shown(tmp_path: Path) -> None:
    """What is typed too early ends no line: it is thrown away or rubbed out; each question has one answer."""
    world, notes = World(tmp_path), tmp_path / "notes"
    early, question = YEAR[:40], "  Token for a year: "
    with world.on_terminal([sys.executable, "-c", NOTED, str(notes)]) as asked:
        asked.answer([("Which one?", "4"), ("Where shall it go?", "1")])
        asked.until(question)
        asked.type(f"{KEY}\n{early}")
        asked.until("an Anthropic API key")
        asked.type(early)
        asked.answer([(question, f"\x15{KEY[:20]}"), (question, f"\x15{YEAR}"), ("Write exactly this?", "n")])
        asked.to_the_end()
        code, seen = asked.process.wait(60), asked.told
    assert code == 1, seen
    assert early not in seen
    times = notes.read_text().split("asked\n")
    assert len(times) == 4
    assert not [between for between in times[1:-1] if "\nshown" in f"\n{between}"]
    assert times[-1].endswith("\nshown\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_no_signal_leaves_the_terminal_without_echo(number: signal.Signals, tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.on_terminal() as asked:
        asked.answer([("Which one?", "4"), ("Where shall it go?", "1")])
        asked.until("  Token for a year: ")
        wait_until(lambda: not asked.echoes())
        asked.process.send_signal(number)
        assert asked.process.wait(60) in {-number, 128 + number}
        assert asked.echoes()


def test_it_is_shown_while_it_is_stopped(tmp_path: Path) -> None:
    """Under a shell, which has the terminal meanwhile."""
    world = World(tmp_path)
    shell = ["/bin/sh", "-c", 'set -m; "$0" "$@"; echo "stopped: "; read word; echo "read: $word"; fg']
    with world.on_terminal([*shell, COMMAND]) as asked:
        asked.answer([("Which one?", "4"), ("Where shall it go?", "1")])
        asked.until("  Token for a year: ")
        wait_until(lambda: not asked.echoes())
        asked.type("\x1a")
        asked.answer([("stopped: ", "seen")])
        asked.until("read: seen")
        assert "stopped: \r\nseen" in asked.told
        wait_until(lambda: not asked.echoes())
        asked.type("q\n")
        asked.until("goes on from here")
        asked.to_the_end()
        assert asked.echoes()


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


def test_no_helper_is_set_up_for_a_key_that_no_keyring_took(tmp_path: Path) -> None:
    world = World(tmp_path)
    told = world.run({"path": "api-key", "place": "keyring", "key": KEY, "agree": ["write"]}, "--json")
    document = kept("setup", json.loads(told.stdout))
    assert [task["outcome"] for task in document["tasks"]] == ["refused"]
    assert document["copy"] == []
    assert not (world.home / ".claude/settings.json").exists()


def test_the_place_that_is_offered_first_is_one_that_works(tmp_path: Path) -> None:
    _, seen = World(tmp_path).asked([("Which one?", "3"), ("Where shall it go? [2]", "q")])
    told = " ".join(seen.split())
    assert "(not here: the keyring can't be used: no Secret Service answers in this session)" in told


def test_where_no_keyring_takes_the_key_another_place_is_asked_for(tmp_path: Path) -> None:
    world = World(tmp_path)
    _, seen = world.asked(
        [
            ("Which one?", "3"),
            ("Where shall it go?", "1"),
            ("  API key: ", KEY),
            ("Do it?", "y"),
            ("Where shall it go?", "3"),
        ]
    )
    assert "read -rsp 'ANTHROPIC_API_KEY: '" in seen
    assert not (world.home / ".claude/settings.json").exists()
    assert KEY not in seen


@requires_system("gnome-keyring", "gnome-keyring-daemon")
@requires_system("dbus", "dbus-run-session")
def test_a_key_in_a_real_keyring_is_what_goes_out(tmp_path: Path) -> None:
    """The helper that was written runs our own command, which reads the keyring."""
    world = World(tmp_path)
    around, places = in_keyring_session(tmp_path)
    answers = {"path": "api-key", "key": KEY, "agree": ["write", "evaluate"]}
    told = world.run(answers, "--json", around=around, more=places, timeout=90)
    document = kept("setup", json.loads(told.stdout))
    assert (told.returncode, document["proof"]["verdict"]) == (0, "works"), told.stderr
    assert document["proof"]["bills"].startswith("per token")
    assert world.holding(KEY) == set()
    assert KEY not in told.stdout + told.stderr
