"""Which folder's settings.local.json is read in a linked worktree, found without git."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from claude_auth.observe.repository import main_working_tree
from tests.conformance.layout import look_at


def linked(**changed: str | None) -> dict[str, str]:
    """The files of a repository and of a worktree beside it; a value of None leaves a file out."""
    files = {
        "git": "gitdir: $HOME/repo/.git/worktrees/wt\n",
        "commondir": "../..\n",
        "gitdir": "$HOME/wt/.git\n",
        "place": "repo/.git/worktrees/wt",
        **changed,
    }
    paths = {
        "git": "wt/.git",
        "commondir": f"{files['place']}/commondir",
        "gitdir": f"{files['place']}/gitdir",
    }
    return {path: text for name, path in paths.items() if (text := files[name]) is not None}


def lay_out(files: Mapping[str, str], home: Path) -> None:
    for path, text in files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text.replace("$HOME", str(home)))


@pytest.mark.parametrize(
    ("changed", "main"),
    [
        ({}, "repo"),
        ({"git": "gitdir: ../repo/.git/worktrees/wt"}, "repo"),
        ({"gitdir": "../../../../wt/.git"}, "repo"),
        ({"gitdir": "$HOME/elsewhere/.git"}, "wt"),
        ({"gitdir": None}, "wt"),
        ({"commondir": None}, "wt"),
        ({"commondir": "../../.."}, "wt"),
        ({"git": "$HOME/repo/.git/worktrees/wt"}, "wt"),
        ({"git": "gitdir:"}, "wt"),
        ({"git": "gitdir: $HOME/repo/.git/modules/wt", "place": "repo/.git/modules/wt"}, "wt"),
        ({"git": "gitdir: $HOME/bare.git/worktrees/wt", "place": "bare.git/worktrees/wt"}, "bare.git"),
    ],
)
def test_a_worktree_counts_where_both_sides_name_each_other(
    changed: dict[str, str | None], main: str, tmp_path: Path
) -> None:
    lay_out(linked(**changed), tmp_path)
    assert main_working_tree(str(tmp_path / "wt")) == str(tmp_path / main)


def test_a_repository_is_its_own_main_working_tree(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert main_working_tree(str(tmp_path)) == str(tmp_path)


@pytest.mark.parametrize(
    ("cwd", "expected"), [("wt", ["main", "worktree"]), ("wt/sub", ["main", "sub"]), ("repo", ["main"])]
)
def test_local_settings_of_the_main_one_outrank_those_of_the_working_directory(
    cwd: str, expected: list[str], tmp_path: Path
) -> None:
    files = {path: {"$text": text} for path, text in linked().items()}
    places = {"main": "repo", "worktree": "wt", "sub": "wt/sub"}
    local = {f"{folder}/.claude/settings.local.json": {"env": {"FOO": n}} for n, folder in places.items()}
    snapshot = look_at(tmp_path, {**files, "repo/.git/HEAD": {"$text": ""}, **local}, cwd=cwd).snapshot
    assert [a.value.reveal() for a in snapshot.variables["FOO"]] == expected
