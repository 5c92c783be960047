"""Which store a name stands for; and the room costs nothing until it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from claude_auth.model.errors import AuthenticationError
from claude_auth.store.others import STORE_IDS, open_store


def test_each_id_opens_its_store(tmp_path: Path) -> None:
    for name in STORE_IDS:
        store = open_store(name, str(tmp_path))
        assert store.id == name
        assert store.describe().place
    assert open_store("sdk", str(tmp_path), "work").describe().place.endswith("/.claude_code/work.json")
    assert open_store("keyring", str(tmp_path), "work").account == "work"
    path = "/elsewhere/.credentials.json"
    assert open_store("claude-code", str(tmp_path), credentials_path=path).describe().place == path


@pytest.mark.parametrize(
    "arguments", [("claude-code", "work"), ("claw", "work"), ("sdk", "a/b"), ("other", None)]
)
def test_what_does_not_exist_is_refused(tmp_path: Path, arguments: tuple[str, str | None]) -> None:
    with pytest.raises(AuthenticationError) as caught:
        open_store(arguments[0], str(tmp_path), arguments[1])
    assert caught.value.next_step


def test_a_look_writes_nothing(tmp_path: Path) -> None:
    for name in ("claude-code", "sdk", "claw"):
        store = open_store(name, str(tmp_path))
        assert store.load().tokens is None
        assert store.sweep() == 0
    assert list(tmp_path.iterdir()) == []


def test_nothing_heavy_is_loaded_for_a_look(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from claude_auth.store import coordinator, others\n"
        "store = others.open_store('sdk', sys.argv[1])\n"
        "coordinator.refresh(store, lambda tokens: None, lambda event: None)\n"
        "others.open_store('keyring', sys.argv[1])\n"
        "print({'filelock', 'keyring', 'psutil', 'httpx', 'asyncio'} & set(sys.modules))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "set()"
