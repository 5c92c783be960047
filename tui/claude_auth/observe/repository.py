"""The repository that a folder lies in, found in its files: git is never run."""

from __future__ import annotations

import os

from claude_auth.files import read_file

_LIMIT = 1 << 16


def find_repository_root(cwd: str) -> str | None:
    """The nearest parent with a `.git`."""
    folder = cwd
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def main_working_tree(root: str) -> str:
    """Of the root of a linked worktree the repository's main one, else `root` itself.

    A worktree counts as linked where its `.git` is a file that leads to `worktrees/NAME` of a git directory,
    and that leads back; a submodule's doesn't. Of a bare repository its own directory [seen, 2.1.332].
    """
    git_file = os.path.join(root, ".git")
    if not os.path.isfile(git_file):
        return root
    mark, _, named = _text(git_file).partition("gitdir:")
    if mark or not named.strip():
        return root
    own = _resolved(root, named.strip())
    common_name, back = _text(os.path.join(own, "commondir")), _text(os.path.join(own, "gitdir"))
    if not common_name or not back:
        return root
    common = _resolved(own, common_name)
    leads_back = os.path.realpath(_resolved(own, back)) == os.path.join(os.path.realpath(root), ".git")
    if os.path.dirname(own) != os.path.join(common, "worktrees") or not leads_back:
        return root
    if os.path.basename(common) == ".git":
        return os.path.dirname(common)
    return root if os.path.exists(os.path.join(common, ".git")) else common


def _text(path: str) -> str:
    return (read_file(path, _LIMIT).content or b"").decode("utf-8", "replace").strip()


def _resolved(folder: str, name: str) -> str:
    return os.path.normpath(os.path.join(folder, name))
