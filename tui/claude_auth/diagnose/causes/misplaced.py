"""Settings that stand where Claude Code does not read them, or can't be set."""

from __future__ import annotations

from shlex import quote

from claude_auth.claude_code.variables import COMMAND_SETTINGS, is_watched
from claude_auth.diagnose.cause import Answer, Cause, MachineRule, RuleMatch
from claude_auth.diagnose.context import DiagnosisContext, joined
from claude_auth.model import Fix

#: Where what stands in such a file belongs; `{folder}`: the configuration directory.
_BELONGS = {
    "user-local": "{folder}/settings.json",
    "config": "{folder}/settings.json",
    "user-managed": "/etc/claude-code/managed-settings.json, which the administrator writes",
    "top-level": "the env block of that file",
    "state": "{folder}/settings.json",
    "elsewhere": "{folder}/settings.json",
    "editor": "{folder}/settings.json too, where it is meant for more than the editor's extension",
    "repository": "the .claude folder of the directory that claude is started in",
}
_ON_PURPOSE = frozenset({"editor", "config", "repository"})


def _setting_not_read(s: DiagnosisContext) -> Answer:
    """A credential, command, provider or address stands in `settings.local.json`, `config.json`, `.env` or
    `managed-settings.json` of the configuration directory, in `~/.config/claude`, at the top of a settings
    file, as a command in `.claude.json`, in the settings of the repository's root or of an editor (these two
    and `config.json` are a note)."""
    found = s.more.misplaced if s.view.client.settings else ()
    if not found:
        return None
    fixes = []
    for one in found[:3]:
        where = _BELONGS[one.kind].format(folder=s.snapshot.places.config_dir)
        fixes.append(
            Fix(f"{one.names[0]} at {one.place} belongs into {_variable_for(s, one.names[0])}{where}")
        )
    words = "; ".join(f"{joined(one.names)} at {one.place}" for one in found)
    on_purpose = all(one.kind in _ON_PURPOSE for one in found)
    return RuleMatch(words, tuple(fixes), severity="info" if on_purpose else None)


def _variable_for(s: DiagnosisContext, name: str) -> str:
    """What a key that is no variable and no setting was probably meant for."""
    if is_watched(name) or name in COMMAND_SETTINGS:
        return ""
    if name.lower().endswith("url"):
        return "ANTHROPIC_BASE_URL in "
    return f"{'ANTHROPIC_AUTH_TOKEN' if s.view.text('ANTHROPIC_BASE_URL') else 'ANTHROPIC_API_KEY'} in "


def _variable_not_set(s: DiagnosisContext) -> Answer:
    """A settings file, or `.claude.json`, sets a variable to a value with a NUL character (a note where the
    variable bears on no credential)."""
    left_out = (*(file.not_set for file in s.snapshot.settings_files), s.snapshot.claude_json.not_set)
    found = [(name, place) for one in left_out for name, place in one.items()]
    if not found or not s.view.client.settings:
        return None
    name, place = found[0]
    line = "" if place.line is None else f"+{place.line} "
    edit = Fix(rf"take the \u0000 out of {name}", f"${{EDITOR:-vi}} {line}{quote(place.path)}")
    words = "; ".join(f"{name} at {place}" for name, place in found[:6])
    is_ours = any(is_watched(name) for name, _ in found)
    return RuleMatch(words, (edit,), severity=None if is_ours else "info")


CAUSES: tuple[Cause, ...] = (
    Cause(
        "setting-not-read",
        "A setting stands where Claude Code does not read it",
        "Claude Code reads settings.json of the configuration directory, settings.json and "
        "settings.local.json of the working directory's .claude folder, and managed settings; variables "
        "count in their env block alone. What an editor sets reaches its extension alone.",
        rule=MachineRule("warning", _setting_not_read, second_look=True),
    ),
    Cause(
        "variable-not-set",
        "A variable in the settings holds a NUL character",
        "No program can be given such a value, so Claude Code leaves the variable out without a word, and "
        "what a weaker place sets counts. Such a character comes from a file that was joined, cut or "
        "converted by a program.",
        rule=MachineRule("warning", _variable_not_set),
    ),
)
