"""Settings files, a project's above all, and the commands that they name."""

from __future__ import annotations

from claude_auth.claude_code.variables import STEERING
from claude_auth.diagnose.context import DiagnosisContext, joined, place_of
from claude_auth.diagnose.rules.seen import NO_SECOND_LOOK, Answer, NotChecked, Rule, RuleMatch
from claude_auth.diagnose.rules.stores import quoted
from claude_auth.model import Fix


def _settings_ignored(s: DiagnosisContext) -> RuleMatch | None:
    if not s.view.client.settings:
        return None
    for file in s.snapshot.settings_files:
        damage = file.damage
        if damage is None or damage.is_missing or damage.code == "empty" or file.layer == "managed":
            continue
        at = file.path if damage.line is None else f"{file.path}:{damage.line}"
        return RuleMatch(f"{at}: {damage.text}", (Fix(f"mend {at}"),))
    return None


def _project_origins(s: DiagnosisContext) -> list[str]:
    """What a project's files set and this client really takes from there."""
    found = []
    for name in STEERING:
        assignment = s.view.assignment(name)
        if assignment is not None and assignment.origin.of_project:
            found.append(f"{name} at {assignment.origin.path}:{assignment.origin.line}")
    for name in ("apiKeyHelper", "awsCredentialExport"):
        setting = s.view.setting(name)
        if setting is not None and setting.origin.of_project:
            found.append(f"{name} at {setting.origin.path}:{setting.origin.line}")
    return found


def _project_override(s: DiagnosisContext) -> RuleMatch | None:
    found = _project_origins(s)
    if not found:
        return None
    fix = Fix(f"look at it, and take it out if it is not yours: {found[0]}")
    # settings.local.json is the person's own, kept out of the repository: worth telling, no warning
    own = all("settings.local.json:" in where for where in found)
    return RuleMatch("; ".join(found), (fix,), severity="info" if own else None)


def _settings_foreign(s: DiagnosisContext) -> RuleMatch | None:
    """Only files that this client takes something from."""
    names = [*s.snapshot.settings, *s.snapshot.variables]
    found = [s.view.setting(name) or s.view.assignment(name) for name in names]
    foreign = [one for one in found if one is not None and one.origin.is_foreign]
    if not foreign:
        return None
    first = foreign[0].origin
    assert first.file is not None
    words = joined(dict.fromkeys(f"{one.name} ({place_of(one.origin)})" for one in foreign[:6]))
    fixes = [Fix(f"read it, and take it away or make it yours: {first.path}")]
    config = s.view.assignment("CLAUDE_CONFIG_DIR")
    if config is not None and (first.path or "").startswith(s.snapshot.places.config_dir):
        fixes.insert(0, Fix("use a configuration directory of your own", "unset CLAUDE_CONFIG_DIR"))
    return RuleMatch(f"it belongs to {first.file.owner}: {words}", tuple(fixes))


def _folder_not_trusted(s: DiagnosisContext) -> RuleMatch | None:
    if s.resolution.client != "claude" or s.snapshot.claude_json.trusted or not _project_origins(s):
        return None
    return RuleMatch(s.snapshot.places.cwd, (Fix("start claude here and read what it asks", "claude"),))


def _command_missing(s: DiagnosisContext) -> Answer:
    if s.snapshot.more is None:
        return NO_SECOND_LOOK
    mine = [
        command
        for command in s.snapshot.more.commands
        if (setting := s.view.setting(command.setting)) is not None and setting.origin == command.origin
    ]
    if not mine:
        return None
    why = {"missing": "is not there", "not-executable": "may not be executed"}
    words = "; ".join(f"{c.setting}: {c.path} {why[c.problem]} ({place_of(c.origin)})" for c in mine)
    first = mine[0]
    at = first.origin.path or ""
    line = "" if first.origin.line is None else f"+{first.origin.line} "
    correct = Fix(f"correct the path in {first.setting}", f"${{EDITOR:-vi}} {line}{quoted(at)}")
    fixes: tuple[Fix, ...] = (Fix(f"install the program again, so that it is at {first.path}"), correct)
    if first.problem == "not-executable":
        fixes = (Fix("let it be executed", f"chmod u+x {quoted(first.path)}"), correct)
    source = "api-key-helper" if first.setting == "apiKeyHelper" else None
    return RuleMatch(words, fixes, source)


_SLOW_FROM = 5.0


def _helper_slow(s: DiagnosisContext) -> Answer:
    setting, run = s.view.setting("apiKeyHelper"), s.view.run_of("apiKeyHelper")
    if setting is None:
        return None
    if run is None:
        return NotChecked("the command is run only with your consent")
    if run.seconds < _SLOW_FROM:
        return None
    words = f"{run.seconds:.0f} s; {place_of(setting.origin)}"
    hour = Fix("ask once an hour", "export CLAUDE_CODE_API_KEY_HELPER_TTL_MS=3600000")
    return RuleMatch(words, (hour,), "api-key-helper")


def _lifetime(s: DiagnosisContext) -> Answer:
    found = s.view.assignment("CLAUDE_CODE_API_KEY_HELPER_TTL_MS")
    if found is None or found.value.is_blank or s.view.text(found.name).isdecimal():
        return None
    fix = Fix("write milliseconds", "export CLAUDE_CODE_API_KEY_HELPER_TTL_MS=3600000")
    return RuleMatch(place_of(found.origin), (fix,), "api-key-helper")


def _managed_helper(s: DiagnosisContext) -> Answer:
    setting = s.view.setting("apiKeyHelper")
    if setting is None or setting.origin.layer != "managed":
        return None
    return RuleMatch(place_of(setting.origin), (Fix("ask your administrator"),), "api-key-helper")


RULES: dict[str, Rule] = {
    "settings-file-ignored": _settings_ignored,
    "project-settings-override": _project_override,
    "settings-foreign": _settings_foreign,
    "folder-not-trusted": _folder_not_trusted,
    "command-missing": _command_missing,
    "helper-slow": _helper_slow,
    "helper-lifetime-ignored": _lifetime,
    "managed-helper": _managed_helper,
}
