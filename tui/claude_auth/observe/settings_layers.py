"""Claude Code's settings files, strongest first, and what they set [behaviour.md section 2].

managed > --settings > local > project > user. Overridden values stay visible: every layer is kept.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from claude_auth.files import list_directory, read_file
from claude_auth.formats import settings as settings_format
from claude_auth.formats.document import Document
from claude_auth.model import Assignment, Layer, Origin, Setting, SettingsFile
from claude_auth.observe.context import ObservationContext

_MANAGED = {
    "darwin": "/Library/Application Support/ClaudeCode",
    "win32": "C:/Program Files/ClaudeCode",
}


@dataclass(slots=True)
class Layers:
    """Strongest first; filled while the files are read."""

    files: list[SettingsFile] = field(default_factory=list)
    assignments: dict[str, list[Assignment]] = field(default_factory=dict)
    settings: dict[str, list[Setting]] = field(default_factory=dict)


def managed_directory(view: ObservationContext) -> str:
    return view.system(_MANAGED.get(view.platform, "/etc/claude-code"))


def candidate_files(
    view: ObservationContext, config_dir: str, repository_root: str | None
) -> list[tuple[Layer, str]]:
    """Every settings file that would count, strongest first; existing or not."""
    managed = managed_directory(view)
    drop_ins = os.path.join(managed, "managed-settings.d")
    names = [n for n in list_directory(drop_ins) if n.endswith(".json") and not n.startswith(".")]
    found: list[tuple[Layer, str]] = [("managed", os.path.join(drop_ins, name)) for name in reversed(names)]
    found.append(("managed", os.path.join(managed, "managed-settings.json")))
    if view.settings_flag:
        found.append(("flag", view.settings_flag))
    user_file = os.path.join(config_dir, "settings.json")
    project = os.path.join(view.cwd, ".claude")
    if repository_root and repository_root != view.cwd:
        found.append(("local", os.path.join(repository_root, ".claude", "settings.local.json")))
    found.append(("local", os.path.join(project, "settings.local.json")))
    project_file = os.path.join(project, "settings.json")
    if project_file != user_file:  # in the home directory both names are the same file
        found.append(("project", project_file))
    found.append(("user", user_file))
    return found


def read_layers(view: ObservationContext, config_dir: str, repository_root: str | None) -> Layers:
    layers = Layers()
    root_local = os.path.join(repository_root or "", ".claude", "settings.local.json")
    for layer, path in candidate_files(view, config_dir, repository_root):
        read = read_file(path)
        document = (
            settings_format.parse_settings(read.content)
            if read.content is not None
            else Document(damage=read.damage)
        )
        at_root = layer == "local" and bool(repository_root) and path == root_local
        layers.files.append(SettingsFile(layer, path, document.damage, read.file, at_root))
        for entry in settings_format.environment_entries(document):
            origin = Origin("settings", layer, path, entry.line, entry.name, file=read.file)
            layers.assignments.setdefault(entry.name, []).append(Assignment(entry.name, entry.value, origin))
        for entry in settings_format.key_entries(document):
            origin = Origin("settings", layer, path, entry.line, file=read.file)
            layers.settings.setdefault(entry.name, []).append(Setting(entry.name, entry.value, origin))
    return layers


def find_repository_root(cwd: str) -> str | None:
    """The nearest parent with a `.git`, found without running git."""
    folder = cwd
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
