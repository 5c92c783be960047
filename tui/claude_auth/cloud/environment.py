"""The environment that Claude Code's cloud SDKs would see: the shell's variables under the settings' own."""

from __future__ import annotations

from collections.abc import Mapping

from claude_auth.model import Layer
from claude_auth.observe.viewpoint import Environment
from claude_auth.resolve.effective import View

_FROM_A_PROJECT: tuple[Layer | None, ...] = ("project", "local")


def distrusts_project(view: View) -> bool:
    """Whether this client would ask first before it used anything of this folder's settings."""
    return view.client.id != "claude-print" and not view.snapshot.claude_json.trusted


def effective(view: View, environ: Mapping[str, str]) -> Environment:
    """`environ` is the shell's. A folder that is not trusted sets nothing: an AWS_CONFIG_FILE from there
    could name a command, a PATH or LD_PRELOAD run its code."""
    found = {**environ, "HOME": view.snapshot.places.home}
    left_out = _FROM_A_PROJECT if distrusts_project(view) else ()
    for name in view.snapshot.variables:
        assignment = next((a for a in view.assignments(name) if a.layer not in left_out), None)
        if assignment is not None:
            found[name] = assignment.value.reveal()
    return Environment(found)


def names_from_settings(view: View) -> dict[str, str]:
    """Variable → the settings file that sets it, for those that the shell doesn't decide."""
    left_out = _FROM_A_PROJECT if distrusts_project(view) else ()
    found = {}
    for name in view.snapshot.variables:
        assignment = next((a for a in view.assignments(name) if a.layer not in left_out), None)
        if assignment is not None and assignment.layer is not None and assignment.origin.path:
            found[name] = assignment.origin.path
    return found
