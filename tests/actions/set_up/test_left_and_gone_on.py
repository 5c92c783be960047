"""Left at any step and gone on with; killed at any write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_auth.actions.set_up.paths import BY_HAND, SET_UP_PATHS
from claude_auth.actions.set_up.progress import SetUpProgress, load_progress, save_progress
from tests.actions.set_up.stage import SECRETS, TYPED, YEAR, Stage
from tests.store.world import start_python

WAYS = [path.id for path in SET_UP_PATHS]
#: Every way, wherever something of it may be written.
EVERYWHERE = [
    (path.id, place) for path in SET_UP_PATHS for place in path.places or (None,) if place not in BY_HAND
]


@pytest.mark.parametrize("way", WAYS)
def test_left_after_every_step(way: str, tmp_path: Path) -> None:
    """A new process each time, which knows no secret."""
    stage = Stage(tmp_path)
    place = "shell" if way == "api-key" else None
    stage.choose(way, place)
    stage.begin()
    assert (stage.set_up.progress.path, stage.set_up.progress.step) == (way, "clear")
    stage.clear()
    stage.set_up.go_to("do")
    stage.begin()
    for name, text in TYPED[way].items():
        assert stage.type(**{name: text}) == {}
        stage.begin()
    kept = (stage.state / "set-up.json").read_text()
    assert not [secret for secret in SECRETS if secret in kept]
    assert (stage.state / "set-up.json").stat().st_mode & 0o777 == 0o600
    secrets = {field.id for field in stage.set_up.missing()}
    assert stage.type(**{name: text for name, text in TYPED[way].items() if name in secrets}) == {}
    stage.do()
    stage.set_up.go_to("prove")
    assert stage.prove().proved
    stage.begin()
    assert (stage.set_up.progress.step, stage.set_up.missing()) == ("prove", ())
    stage.set_up.over()
    stage.begin()
    assert not stage.set_up.progress.is_begun


@pytest.mark.parametrize(
    ("way", "place"), [(way, place) for way, place in EVERYWHERE if place in {"shell", "settings"}]
)
def test_left_after_every_task(way: str, place: str, tmp_path: Path) -> None:
    """What was written is known again, a secret in a start-up file too."""
    stage = Stage(tmp_path).choose(way, place)
    stage.type(**TYPED[way])
    done: list[str] = []
    while tasks := stage.set_up.tasks():
        assert tasks[0].id not in done
        done += stage.do(1)
        stage.begin()
        open_again = {one.id for one in stage.set_up.missing()}
        stage.type(**{name: text for name, text in TYPED[way].items() if name in open_again})
    assert stage.set_up.missing() == ()
    stage.set_up.go_to("prove")
    stage.begin()
    assert stage.prove().proved


@pytest.mark.parametrize("place", ["shell", "settings"])
def test_an_older_secret_is_not_taken_for_the_one_that_was_typed(place: str, tmp_path: Path) -> None:
    """It stands where the new one was to be written, when this was left."""
    older = YEAR.replace("y34r", "0ld0")
    stage = Stage(tmp_path).choose("year-token", place)
    stage.type(token=older)
    stage.do()
    stage.type(token=YEAR)
    stage.begin()
    assert ([one.id for one in stage.set_up.missing()], stage.set_up.values) == (["token"], {})
    stage.type(token=YEAR)
    stage.do()
    stage.begin()
    assert stage.set_up.missing() == ()
    assert stage.prove().proved
    assert YEAR in (stage.home / (".bashrc" if place == "shell" else ".claude/settings.json")).read_text()


def test_another_way_forgets_what_was_typed(tmp_path: Path) -> None:
    stage = Stage(tmp_path).choose("gateway")
    stage.type(**TYPED["gateway"])
    stage.choose("foundry")
    assert stage.set_up.values == {}
    assert load_progress(str(stage.state)).values == {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"step": "prove"}',
        b'{"path": "nowhere", "step": "do"}',
        b'{"path": ["gateway"], "step": "do"}',
        b'{"path": "gateway", "step": "later"}',
        b'{"path": "gateway", "values": {"token": "x"}}',
        b'{"path": "gateway", "values": []}',
        b'{"path": "gateway", "values": {"url": 7}}',
        b'{"path": "gateway", "cleared": 7}',
        b'{"path": "gateway", "given": ["token"]}',
        b'{"path": "gateway", "given": {"url": "0123abcd"}}',
        b'{"path": "gateway", "cleared": [7]}',
        b'{"path": "gateway", "store": "elsewhere"}',
        b'{"path": "gateway", "place": "elsewhere"}',
        b'{"path": "gateway", "more": 1}',
        b'{"path": "gateway", "done": ["sk-ant-api03-madeUpForTests00Key0madeUpForTests00Key0"]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_is_no_progress_is_the_beginning(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "set-up.json").write_bytes(content)
    (tmp_path / "set-up.json").chmod(0o600)
    assert load_progress(str(tmp_path)) == SetUpProgress()


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    made = SetUpProgress("do", "gateway", "settings", {"url": "https://gw.example.org"}, ("X",), ("run",))
    save_progress(str(tmp_path), made)
    assert load_progress(str(tmp_path)) == made
    assert json.loads((tmp_path / "set-up.json").read_text())["path"] == "gateway"


#: Forks a child for each system call, which goes the whole way and is killed after that one.
EVERY_WRITE = """
import json, os, shutil, sys
from pathlib import Path
from claude_auth.actions.set_up.session import SetUp
from claude_auth.store import keyring
from tests.actions.set_up.stage import GATEWAY, SECRETS, Stage
from tests.dying import arm
from tests.store.world import FakeKeyring

way, place, root = sys.argv[1], sys.argv[2], Path(sys.argv[3])
place = None if place == "None" else place
CALLS = "mkdir fchmod chmod posix_fallocate write ftruncate rename link unlink".split()
NAMES = [".bashrc", ".claude/settings.json", ".claude.json", ".config/claude-auth/config.toml"]
OLD = {"model": "opus", "env": {"ANTHROPIC_AUTH_TOKEN": GATEWAY[::-1]}}
backend, look_again = FakeKeyring(), SetUp.look_again
keyring.system_backend = lambda: backend

def files(home):
    told = {name: (home / name).read_bytes() if (home / name).exists() else None for name in NAMES}
    return {name: content and content.replace(bytes(home), b"HOME") for name, content in told.items()}

def at(folder):
    stage = Stage(folder, {".bashrc": "# mine\\n", ".claude/settings.json": OLD})
    (stage.home / ".claude/settings.json").chmod(0o600)
    return stage

def open_to_others(folder):
    found = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    texts = [*SECRETS, GATEWAY[::-1]]
    return [path for path in found if path.is_relative_to(folder / "state")
            or any(text.encode() in path.read_bytes() for text in texts)]

trial = at(root / "trial")
seen = {name: {content} for name, content in files(trial.home).items()}

def noting(set_up):
    look_again(set_up)
    for name, content in files(trial.home).items():
        seen[name].add(content)

SetUp.look_again = noting
trial.go(way, place)
SetUp.look_again = look_again
backups = len(list((trial.state / "fixes").glob("*.backup"))) if (trial.state / "fixes").exists() else 0
steps = 0
for limit in range(1, 600):
    folder = root / str(limit)
    stage = at(folder)
    pid = os.fork()
    if not pid:
        arm(CALLS, limit)
        stage.go(way, place)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    steps = limit
    for name, content in files(stage.home).items():
        assert content in seen[name], (limit, name, content)
    assert open_to_others(folder) == [], limit
    again = Stage.__new__(Stage)
    again.home, again.state, again.laid = stage.home, stage.state, stage.laid
    again.begin()
    assert again.set_up.progress.path in {None, way}
    assert again.go(way, place).proved, limit
    assert open_to_others(folder) == [], limit
    assert not list(stage.home.rglob("*.tmp*")), (limit, list(stage.home.rglob("*.tmp*")))
    shutil.rmtree(folder)
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0, status
        break
print(json.dumps([steps, backups]))
"""


@pytest.mark.prove
@pytest.mark.parametrize(("way", "place"), EVERYWHERE)
def test_a_kill_after_each_write(way: str, place: str | None, tmp_path: Path) -> None:
    """Each file is the old one or the new one, nothing that others can read holds a secret, and the set-up
    goes on to its proof."""
    with start_python(EVERY_WRITE, way, str(place), tmp_path) as child:
        out, err = child.communicate(timeout=900)
    assert child.returncode == 0, err
    steps, backups = json.loads(out)
    assert steps > 4
    assert backups or (way.startswith(("bedrock", "vertex", "foundry")) and place == "shell")
