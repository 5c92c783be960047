"""Each way to its proof, wherever it may be written."""

from __future__ import annotations

import asyncio
import stat
import threading
from pathlib import Path

import pytest

from claude_auth.actions.fixes.action import UndoFix
from claude_auth.actions.fixes.records import Records
from claude_auth.actions.set_up.paths import BY_HAND, PATH_BY_ID, SET_UP_PATHS
from claude_auth.present.set_up import by_hand_lines
from claude_auth.store import keyring
from tests.actions.set_up.stage import FILES, KEY, SECRETS, TYPED, YEAR, Stage, run_through
from tests.store.world import FakeKeyring

WAYS = [
    (path.id, place)
    for path in SET_UP_PATHS
    for place in path.places or (None,)
    if place not in {*BY_HAND, "keyring"}
]


@pytest.mark.parametrize(("way", "place"), WAYS)
def test_to_its_proof(way: str, place: str | None, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    proof = stage.go(way, place)
    assert proof.proved, proof
    assert stage.set_up.tasks() == ()
    assert proof.bills
    assert proof.new_shell is (place == "shell")
    told = [str(stage.set_up.told(proof)), str(proof), *stage.set_up.lines_to_copy()]
    assert not [secret for secret in SECRETS if any(secret in text for text in told)]


def test_a_key_in_the_keyring_is_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = FakeKeyring()
    monkeypatch.setattr(keyring, "system_backend", lambda: backend)
    stage = Stage(tmp_path)
    proof = stage.go("api-key", "keyring")
    assert (proof.proved, proof.word, proof.winner) == (True, "not-known", "apiKeyHelper")
    assert any(KEY in text for text in backend.items.values())
    assert not holding(tmp_path, KEY)
    assert (
        "token --store keyring --account anthropic-api-key"
        in (stage.home / ".claude/settings.json").read_text()
    )


def test_a_keyring_that_refuses_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = FakeKeyring()
    backend.problem = "refuses"
    monkeypatch.setattr(keyring, "system_backend", lambda: backend)
    stage = Stage(tmp_path).choose("api-key", "keyring")
    stage.type(key=KEY)

    async def kept() -> list[str]:
        return [event.kind async for event in stage.set_up.keep_key()]

    assert asyncio.run(kept()) == ["set-up.key-refused"]
    assert [task.id for task in stage.set_up.tasks()] == ["keep-key", "settings"]
    assert not stage.prove().proved
    assert not holding(tmp_path, KEY)


def test_settings_name_no_keyring_before_the_key_lies_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "system_backend", FakeKeyring)
    stage = Stage(tmp_path).choose("api-key", "keyring")
    stage.type(key=KEY)
    keep, write = stage.set_up.tasks()
    assert (keep.kind, keep.problem) == ("keep-key", None)
    assert write.problem == "not before the key lies in the keyring"
    stage.set_up.finished(keep)
    assert [(task.id, task.problem) for task in stage.set_up.tasks()] == [("settings", None)]


def test_the_usual_place_is_one_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "system_backend", FakeKeyring)
    assert Stage(tmp_path / "a").choose("api-key").set_up.chosen.place == "keyring"

    def none_here() -> FakeKeyring:
        raise keyring.unavailable("made up")

    monkeypatch.setattr(keyring, "system_backend", none_here)
    stage = Stage(tmp_path / "b").choose("api-key")
    assert stage.set_up.chosen.place == "shell"
    assert stage.set_up.refusing("api-key") == {"keyring": "the keyring can't be used: made up"}
    assert stage.set_up.refusing("gateway") == {}
    shellless = Stage(tmp_path / "c", environ={"PSModulePath": "/made/up"}).choose("api-key")
    assert shellless.set_up.chosen.place == "copy"
    assert set(shellless.set_up.refusing("api-key")) == {"keyring", "shell"}


def test_a_keyring_is_asked_for_where_one_could_be_used_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(keyring, "why_unusable", lambda: asked.append("keyring"))
    stage = Stage(tmp_path).choose("gateway")
    stage.set_up.survey()
    stage.choose("subscription").set_up.refusing("subscription")
    assert asked == []
    stage.choose("api-key").set_up.refusing("api-key")
    assert asked == ["keyring"]


def test_a_keyring_that_gives_no_answer_is_waited_for_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def locked() -> FakeKeyring:
        over.wait(60)
        return FakeKeyring()

    monkeypatch.setattr(keyring, "system_backend", locked)
    why = keyring.why_unusable(0.1)
    over.set()
    assert why is not None
    assert "no answer" in why


@pytest.mark.parametrize(("place", "name"), [("shell", ".bashrc"), ("settings", ".claude/settings.json")])
def test_a_secret_goes_into_no_file_that_others_can_read(place: str, name: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, {name: "{}\n" if name.endswith("json") else "# mine\n"})
    (stage.home / name).chmod(0o644)
    stage.choose("year-token", place)
    stage.type(token=YEAR)
    assert [task.id for task in stage.set_up.tasks()][:2] == [
        "mode",
        "startup" if place == "shell" else "settings",
    ]
    stage.do()
    assert stat.S_IMODE((stage.home / name).stat().st_mode) == 0o600
    assert YEAR in (stage.home / name).read_text()


@pytest.mark.parametrize(("way", "place"), WAYS)
def test_no_secret_but_where_it_was_agreed_to(way: str, place: str | None, tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.choose(way, place)
    assert stage.type(**TYPED[way]) == {}
    shown = [task.preview.diff for task in stage.set_up.tasks() if task.preview is not None]
    assert not [secret for secret in SECRETS if any(secret in text for text in shown)]
    stage.do()
    typed = [secret for secret in SECRETS if secret in TYPED[way].values()]
    agreed = {".bashrc", ".claude/settings.json", ".config/claude-auth/config.toml"}
    for secret in typed:
        places = holding(tmp_path, secret)
        assert {str(path.relative_to(stage.home)) for path in places} <= agreed
        assert all(not path.stat().st_mode & 0o077 for path in places)


def test_what_was_there_stays_and_comes_back(tmp_path: Path) -> None:
    before = {".bashrc": "# mine", ".claude/settings.json": '{\n  "model": "opus"\n}\n'}
    stage = Stage(tmp_path, before)
    (stage.home / ".bashrc").chmod(0o600)
    stage.go("bedrock-sso", "shell")
    assert (stage.home / ".bashrc").read_text().startswith("# mine\nexport CLAUDE_CODE_USE_BEDROCK=1\n")
    assert '"model": "opus"' in (stage.home / ".claude/settings.json").read_text()
    records = Records(str(stage.state))
    for done in records.applied():
        run_through(UndoFix(done.record.number, look=stage.set_up.look, records=records))
    assert {name: (stage.home / name).read_text() for name in before} == before


def test_without_a_yes_nothing_is_written(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    before = set(stage.home.rglob("*"))
    for way in PATH_BY_ID:
        stage.choose(way)
        stage.type(**TYPED[way])
        stage.set_up.obstacles()
        stage.set_up.tasks()
        stage.set_up.lines_to_copy()
        stage.prove()
    assert set(stage.home.rglob("*")) == before
    assert {path.name for path in stage.state.iterdir()} == {"set-up.json"}


@pytest.mark.parametrize("way", [path.id for path in SET_UP_PATHS if "copy" in path.places])
def test_lines_to_copy_ask_for_the_secret_themselves(way: str, tmp_path: Path) -> None:
    """None is asked for here, and none stands in a line; what asks comes last, so that it reads no line."""
    stage = Stage(tmp_path).choose(way, "copy")
    public = {one.id for one in PATH_BY_ID[way].fields if not one.secret}
    assert stage.type(**{name: text for name, text in TYPED[way].items() if name in public}) == {}
    assert (stage.set_up.missing(), stage.set_up.tasks()) == ((), ())
    lines = stage.set_up.lines_to_copy()
    asking = [line for line in lines if line.startswith("read -rsp ")]
    secret = {one.variable for one in PATH_BY_ID[way].fields if one.secret}
    assert [line.rpartition(" ")[2] for line in asking] == sorted(str(name) for name in secret)
    assert lines[len(lines) - len(asking) :] == tuple(asking)


def test_a_token_for_builds_is_asked_for_by_what_keeps_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path).choose("year-token", "build")
    assert (stage.set_up.missing(), stage.set_up.tasks()) == ((), ())
    assert stage.set_up.lines_to_copy() == ("gh secret set CLAUDE_CODE_OAUTH_TOKEN",)
    choice = stage.set_up.choice
    assert choice is not None
    shown = by_hand_lines(choice, stage.set_up.lines_to_copy())
    assert shown[-1] == "CLAUDE_CODE_OAUTH_TOKEN: ${{ secrets.CLAUDE_CODE_OAUTH_TOKEN }}"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_start_up_file_is_that_of_the_shell(shell: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ={"SHELL": f"/bin/{shell}"})
    assert stage.go("foundry", "shell").proved
    name = {"zsh": ".zshrc", "fish": ".config/fish/config.fish"}[shell]
    line = {
        "zsh": "export ANTHROPIC_FOUNDRY_RESOURCE=my-resource",
        "fish": "set -gx ANTHROPIC_FOUNDRY_RESOURCE my-resource",
    }
    assert line[shell] in (stage.home / name).read_text()


def holding(root: Path, secret: str) -> list[Path]:
    known = {root / "home" / name for name in FILES}
    files = (path for path in root.rglob("*") if path.is_file() and path not in known)
    return [path for path in files if secret.encode() in path.read_bytes()]
