"""Every way of `claude-auth setup` to its proof: from a file of answers, and asked on a plain terminal."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.set_up.paths import PATH_BY_ID, SET_UP_PATHS
from claude_auth.sandbox.authorization_rules import CONFIDENTIAL_CLIENT
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.cloud_endpoints import AWS_STAND_IN, CloudEndpoints
from tests.actions.set_up.stage import SECRETS, TYPED
from tests.app.set_up_remote import GCLOUD, program
from tests.cli.setup_stage import COMMAND, Asked, World
from tests.own_world import visit
from tests.promises import kept

WAYS = [path.id for path in SET_UP_PATHS]
#: Where a way's values go that are not put into the settings.
PLACES = {"api-key": "shell", "bedrock-profile": "shell"}
AGREE = ["clear", "write", "sign-in", "run", "evaluate"]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/authorize\?\S+")
#: Google's own address is fixed in its library: the stand-in's takes its place.
AT_GOOGLE = """
import os, sys
from claude_auth.actions import run_command
made = run_command.RunningCommand
def at_the_stand_in(*arguments, **more):
    return made(*arguments, **more, token_endpoint=os.environ["GOOGLE_STAND_IN"])
run_command.RunningCommand = at_the_stand_in
from claude_auth.cli import main
sys.exit(main())
"""


@dataclass
class Way:
    id: str
    world: World
    values: Mapping[str, str]
    command: tuple[str, ...] = (COMMAND,)
    place: str | None = None
    seen: set[str] = field(default_factory=set)

    @property
    def answers(self) -> dict[str, Any]:
        place = {} if self.place is None else {"place": self.place}
        return {"path": self.id, **place, **self.values, "agree": AGREE}

    def agreed(self) -> set[str]:
        """Where its secrets may stand."""
        return {".bashrc", ".claude/settings.json", ".config/claude-auth/config.toml"}


@contextlib.contextmanager
def way_of(id: str, root: Path) -> Iterator[Way]:
    """With what its programs talk to; meanwhile every command line of this machine is looked at."""
    with contextlib.ExitStack() as stack:
        environ: dict[str, str] = {}
        values = dict(TYPED[id])
        command: tuple[str, ...] = (COMMAND,)
        if id in {"bedrock-sso", "vertex-adc"}:
            cloud = stack.enter_context(CloudEndpoints())
            environ = {**cloud.environment(), "GOOGLE_STAND_IN": f"{cloud.url}/google/token"}
        if id == "own-client":
            server = stack.enter_context(AuthorizationServer())
            secret = CONFIDENTIAL_CLIENT.secret or ""
            values = {
                "client_id": CONFIDENTIAL_CLIENT.client_id,
                "issuer": server.issuer,
                "client_secret": secret,
            }
        world = World(root, None, **environ)
        program(root / "bin/aws", AWS_STAND_IN)
        program(root / "bin/gcloud", GCLOUD)
        if id == "vertex-adc":
            command = (sys.executable, "-c", AT_GOOGLE)
        places = PATH_BY_ID[id].places
        place = PLACES.get(id, "settings" if "settings" in places else None)
        values = {name: text.replace("$HOME", str(world.home)) for name, text in values.items()}
        made = Way(id, world, values, command, place)
        stack.enter_context(command_lines(made.seen))
        yield made


@contextlib.contextmanager
def command_lines(seen: set[str]) -> Iterator[None]:
    """Those of new programs that held a secret."""
    over = threading.Event()

    def watch() -> None:
        looks = dict.fromkeys(os.listdir("/proc"), 99)
        while not over.wait(0.02):
            for name in (one for one in os.listdir("/proc") if one.isdigit() and looks.get(one, 0) < 9):
                looks[name] = looks.get(name, 0) + 1  # it changes when another program is started in it
                with contextlib.suppress(OSError):
                    words = Path("/proc", name, "cmdline").read_bytes()
                    seen.update(secret for secret in SECRETS if secret.encode() in words)

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    over.set()
    thread.join()


def check(way: Way, told: str) -> None:
    """No secret was shown or given to a program, and none stands where nobody agreed to it."""
    home = way.world.home
    assert not [secret for secret in SECRETS if secret in told]
    assert way.seen == set()
    for secret in SECRETS:
        assert way.world.holding(secret) <= way.agreed()
    assert not list(home.rglob("*history*"))
    state = home / ".local/state/claude-auth"
    assert not [path for path in state.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    for name in way.agreed():
        if any(name in way.world.holding(secret) for secret in SECRETS):
            assert not (home / name).stat().st_mode & 0o077
    assert not (state / "set-up.json").exists()


# ── from answers ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("id", [path.id for path in SET_UP_PATHS if path.sign_in in {None, "own"}])
def test_answers_alone_lead_to_the_proof(id: str, tmp_path: Path) -> None:
    with way_of(id, tmp_path) as way:
        world = way.world
        words = [*way.command, *world.words, *world.given(way.answers), "--json"]
        with subprocess.Popen(
            words,
            env=world.environ,
            cwd=world.laid.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            told = in_the_browser(process) if id == "own-client" else ""
            out, err = process.communicate(timeout=90)
        document = kept("setup", json.loads(out))
        code = 3 if document["proof"]["verdict"] == "not-known" else 0
        assert (process.returncode, document["proof"]["proved"]) == (code, True), told + err
        assert {task["outcome"] for task in document["tasks"]} == {"done"}
        assert document["proof"]["bills"]
        check(way, told + out + err)


def in_the_browser(process: subprocess.Popen[str]) -> str:
    """What was told until the address came, which is opened."""
    assert process.stderr is not None
    told = ""
    while (found := ADDRESS.search(told)) is None:
        line = process.stderr.readline()
        assert line, told
        told += line
    assert "sign-in worked" in visit(found[0])
    return told


@pytest.mark.parametrize("id", ["subscription", "console"])
def test_answers_and_a_code_that_is_pasted(id: str, tmp_path: Path) -> None:
    """Claude Code asks for it on the terminal; without one the sign-in stays undone, and that is said."""
    with way_of(id, tmp_path) as way:
        alone = way.world.run(way.answers)
        assert (alone.returncode, "needs a terminal" in alone.stderr) == (1, True)
        with way.world.on_terminal(way.command, *way.world.given(way.answers)) as asked:
            asked.answer([("Paste code here", "good#code")])
            asked.to_the_end()
            assert asked.process.wait(60) == 0, asked.told
        assert "done: run: claude" in asked.told
        check(way, asked.told)


# ── asked on a terminal ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("id", WAYS)
def test_asked_on_a_terminal_to_the_proof(id: str, tmp_path: Path) -> None:
    path = PATH_BY_ID[id]
    with way_of(id, tmp_path) as way, way.world.on_terminal(way.command) as asked:
        asked.answer([("Which one?", str(WAYS.index(id) + 1))])
        if len(path.places) > 1:
            number = [str(place) for place in path.places].index(way.place or "") + 1
            asked.answer([("Where shall it go?", str(number))])
        for one in path.fields:
            asked.answer([(f"  {one.label}", way.values.get(one.id, ""))])
        answer_tasks(way, asked)
        code = 3 if "\n? not known: " in asked.told else 0
        assert asked.process.wait(60) == code, asked.told
        assert "· billed: " in asked.told
        assert "✓ done: " in asked.told
        assert "run: claude" in asked.told
    check(way, asked.told)


#: What is asked for, or printed, after the values: and what a person does then.
TOLD = {
    "Write exactly this?": "y",
    "Do it?": "y",
    "Paste code here": "good#code",
    "Run the helper": "y",
    "Send one live request": "n",
}


def answer_tasks(way: Way, asked: Asked) -> None:
    while (question := asked.any_of([*TOLD, "/authorize?"])) is not None:
        if question in TOLD:
            asked.type(f"{TOLD[question]}\n")
        elif way.id == "own-client":
            asked.until("\n")
            assert "sign-in worked" in visit(ADDRESS.findall(asked.told)[-1])
