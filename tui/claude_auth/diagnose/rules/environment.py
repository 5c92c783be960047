"""Where variables come from: settings over the shell, `.env` files, start-up files, profiles."""

from __future__ import annotations

from claude_auth.claude_code.variables import CREDENTIALS, PROVIDER_SWITCHES
from claude_auth.diagnose.context import DiagnosisContext, place_of, removal
from claude_auth.diagnose.rules.seen import NO_SECOND_LOOK, Answer, Rule, RuleMatch
from claude_auth.model import Fix, Location, SourceReading
from claude_auth.sources import label

_STEERING = (*CREDENTIALS, *PROVIDER_SWITCHES, "ANTHROPIC_BASE_URL", "AWS_PROFILE", "AWS_REGION")


def _overrides_shell(s: DiagnosisContext) -> Answer:
    """The shell says one thing, a file of the person's own another. A project's files are told elsewhere."""
    if not s.view.client.settings:
        return None
    found = []
    for name in _STEERING:
        all_of_them = s.view.assignments(name)
        if len(all_of_them) < 2 or not all_of_them[0].of_own_settings:
            continue
        shell = all_of_them[-1]
        if shell.layer is None and not shell.value.is_empty and shell.value != all_of_them[0].value:
            found.append((name, all_of_them[0].origin))
    if not found:
        return None
    words = "; ".join(f"{name}: {place_of(origin)}" for name, origin in found)
    name, origin = found[0]
    at = origin.path if origin.line is None else f"{origin.path}:{origin.line}"
    fixes = (Fix(f"take {name} out of {at}"), Fix("or leave it to the file", f"unset {name}"))
    return RuleMatch(words, fixes)


def _is_dotenv(place: Location) -> bool:
    return place.path.rpartition("/")[2].startswith(".env")


def _from_dotenv(s: DiagnosisContext) -> Answer:
    for source in s.sent():
        reading = s.reading(source) if source in _READ_FROM_VARIABLES else None
        if reading is None or reading.origin.kind != "environment" or not reading.origin.likely_set_at:
            continue
        place = reading.origin.likely_set_at[0]
        if _is_dotenv(place):
            return RuleMatch(f"{label(source)}, at {place}", _out_of(place, reading), source)
    return None


_READ_FROM_VARIABLES = frozenset({"anthropic-api-key", "anthropic-auth-token", "claude-code-oauth-token"})


def _out_of(place: Location, reading: SourceReading) -> tuple[Fix, ...]:
    return (Fix(f"take the line out if it is not meant for Claude Code: {place}"), *removal(reading)[:1])


def _not_loaded(s: DiagnosisContext) -> Answer:
    if s.snapshot.more is None:
        return NO_SECOND_LOOK
    missing = s.snapshot.more.not_loaded
    if not missing:
        return None
    words = "; ".join(f"{name} at {place}" for name, place in missing.items())
    shells = [place for place in missing.values() if not _is_dotenv(place)]
    fix = Fix("start a new login shell, and claude from there", 'exec "$SHELL" -l')
    return RuleMatch(words, (fix,) if shells else ())


def _profile_not_used(s: DiagnosisContext) -> Answer:
    profile = s.reading("profile")
    if profile.state != "present" or s.resolution.client not in {"anthropic-sdk", "claude", "claude-print"}:
        return None
    names = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
    beside = [found for name in names if (found := s.view.assignment(name)) is not None]
    if not beside:
        return None
    words = "; ".join(
        f"{found.name}{' (empty)' if found.value.is_empty else ''}: {place_of(found.origin)}"
        for found in beside
    )
    return RuleMatch(words, tuple(Fix("unset it", f"unset {found.name}") for found in beside), "profile")


def _federation_rule(s: DiagnosisContext) -> Answer:
    found = s.view.assignment("ANTHROPIC_FEDERATION_RULE_ID")
    if found is None or found.value.is_blank or found.value.stripped().reveal().startswith("fdrl_"):
        return None
    fix = Fix("copy the rule's id from the Console", "export ANTHROPIC_FEDERATION_RULE_ID=fdrl_…")
    return RuleMatch(place_of(found.origin), (fix,), "profile")


RULES: dict[str, Rule] = {
    "settings-override-shell": _overrides_shell,
    "key-from-dotenv": _from_dotenv,
    "set-but-not-loaded": _not_loaded,
    "profile-not-used": _profile_not_used,
    "federation-rule-malformed": _federation_rule,
}
