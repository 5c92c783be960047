"""Settings files, a project's above all."""

from __future__ import annotations

from claude_auth.diagnose.rules.seen import Rule, Seen
from claude_auth.diagnose.situation import Situation
from claude_auth.model import Fix
from claude_auth.variables import PROVIDER_SWITCHES


def _settings_ignored(s: Situation) -> Seen | None:
    if not s.view.client.settings:
        return None
    for file in s.snapshot.settings_files:
        damage = file.damage
        if damage is None or damage.is_missing or damage.code == "empty" or file.layer == "managed":
            continue
        at = file.path if damage.line is None else f"{file.path}:{damage.line}"
        return Seen(f"{at}: {damage.text}", (Fix(f"mend {at}"),))
    return None


_PROJECT_LAYERS = ("project", "local")
_STEERING = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_BEDROCK_BASE_URL",
    "AWS_BEARER_TOKEN_BEDROCK",
    *PROVIDER_SWITCHES,
)


def _project_origins(s: Situation) -> list[str]:
    """What a project's files set and this client really takes from there."""
    found = []
    for name in _STEERING:
        assignment = s.view.assignment(name)
        if assignment is not None and assignment.layer in _PROJECT_LAYERS:
            found.append(f"{name} at {assignment.origin.path}:{assignment.origin.line}")
    for name in ("apiKeyHelper", "awsCredentialExport"):
        setting = s.view.setting(name)
        if setting is not None and setting.origin.layer in _PROJECT_LAYERS:
            found.append(f"{name} at {setting.origin.path}:{setting.origin.line}")
    return found


def _project_override(s: Situation) -> Seen | None:
    found = _project_origins(s)
    if not found:
        return None
    fix = Fix(f"look at it, and take it out if it is not yours: {found[0]}")
    # settings.local.json is the person's own, kept out of the repository: worth telling, no warning
    own = all("settings.local.json:" in where for where in found)
    return Seen("; ".join(found), (fix,), severity="info" if own else None)


def _folder_not_trusted(s: Situation) -> Seen | None:
    if s.resolution.client != "claude" or s.snapshot.claude_json.trusted or not _project_origins(s):
        return None
    return Seen(s.snapshot.places.cwd, (Fix("start claude here and read what it asks", "claude"),))


RULES: dict[str, Rule] = {
    "settings-file-ignored": _settings_ignored,
    "project-settings-override": _project_override,
    "folder-not-trusted": _folder_not_trusted,
}
