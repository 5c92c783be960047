"""Settings files, a project's above all, and the commands that they name."""

from __future__ import annotations

from shlex import quote

from claude_auth.claude_code.variables import CLOUD_BASE_URLS, PROVIDER_SWITCHES, STEERING
from claude_auth.diagnose.cause import (
    SEE_HELPER_PRINT,
    SIGN_IN,
    UNSET_KEY,
    Answer,
    Cause,
    MachineQuestion,
    MachineRule,
    NotChecked,
    RuleMatch,
    act,
)
from claude_auth.diagnose.context import DiagnosisContext, joined, place_of
from claude_auth.model import Fix, Location, Origin, SourceReading

#: Managed files that Claude Code goes on without; the policies in them are not in effect [seen, 2.1.332].
_PASSED_OVER = frozenset({"permission", "not-a-file", "dangling-link"})


def _settings_file_ignored(s: DiagnosisContext) -> RuleMatch | None:
    """A settings file is damaged, or a value in it has the wrong type, so nothing in it is in effect."""
    if not s.view.client.settings:
        return None
    for file in s.snapshot.settings_files:
        damage = file.damage
        if damage is None or damage.is_missing or damage.code in {"empty", "too-large"}:
            continue  # one that is too large is so for us alone: the answer is not checked then
        if file.layer == "managed" and damage.code not in _PASSED_OVER:
            continue  # it stops Claude Code, which another finding tells
        at = Location(file.path, damage.line)
        return RuleMatch(f"{at}: {damage.text}", (Fix(f"mend {at}"),))
    return None


def _project_origins(s: DiagnosisContext) -> list[str]:
    """What a project's files set and this client really takes from there."""
    found = []
    for name in STEERING:
        assignment = s.view.assignment(name)
        if assignment is not None and assignment.origin.of_project:
            found.append(f"{name} at {assignment.origin.location}")
    for name in ("apiKeyHelper", "awsCredentialExport"):
        setting = s.view.setting(name)
        if setting is not None and setting.origin.of_project:
            found.append(f"{name} at {setting.origin.location}")
    return found


#: What leads a request elsewhere, with a credential of the person's.
_DIVERTING = ("ANTHROPIC_BASE_URL ", *(f"{name} " for name in (*CLOUD_BASE_URLS, *PROVIDER_SWITCHES)))


def _project_settings_override(s: DiagnosisContext) -> RuleMatch | None:
    """A settings file of the working directory sets a credential, a helper, a provider or the host."""
    # The host first: without the credential that stands beside it another one would be sent there.
    found = sorted(_project_origins(s), key=lambda where: not where.startswith(_DIVERTING))
    if not found:
        return None
    fix = Fix(f"look at it, and take it out if it is not yours: {found[0]}")
    # settings.local.json is the person's own, kept out of the repository: worth telling, no warning
    own = all("settings.local.json:" in where for where in found)
    leads = not own and s.resolution.usable is False and found[0].startswith(_DIVERTING)
    return RuleMatch("; ".join(found), (fix,), severity="info" if own else "error" if leads else None)


def _settings_foreign(s: DiagnosisContext) -> RuleMatch | None:
    """The client takes a command or variable from a settings file (say of a foreign `CLAUDE_CONFIG_DIR`) that
    belongs neither to you nor to root."""
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
    """Interactive client in a folder that is not trusted, whose settings change the credential."""
    if s.resolution.client != "claude" or s.snapshot.claude_json.trusted or not _project_origins(s):
        return None
    return RuleMatch(s.snapshot.places.cwd, (Fix("start claude here and read what it asks", "claude"),))


_PROBLEMS = {
    "missing": "is not there",
    "not-executable": "may not be executed",
    "not-on-path": "is not on PATH",
    "no-interpreter": "names an interpreter that is not there",
}


def _command_missing(s: DiagnosisContext) -> Answer:
    """A configured command names a program that is not there: at its path, or on PATH; or it may not be
    executed, or the first line of a script names an interpreter that is not there."""
    mine = [
        command
        for command in s.more.commands
        if (setting := s.view.setting(command.setting)) is not None and setting.origin == command.origin
    ]
    if not mine:
        return None
    words = "; ".join(f"{c.setting}: {c.path} {_PROBLEMS[c.problem]} ({place_of(c.origin)})" for c in mine)
    first = mine[0]
    correct = correction(first.setting, first.origin)
    fixes: tuple[Fix, ...] = (Fix(f"install the program again, so that it is at {first.path}"), correct)
    if first.problem == "not-on-path":
        fixes = (Fix(f"name {first.path} by its whole path, or install it where PATH leads"), correct)
    elif first.problem == "no-interpreter":
        fixes = (
            Fix("name an interpreter that is there in its first line, without a carriage return"),
            correct,
        )
    elif first.problem == "not-executable":
        fixes = (Fix("let it be executed", f"chmod u+x {quote(first.path)}"), correct)
    source = "api-key-helper" if first.setting == "apiKeyHelper" else None
    return RuleMatch(words, fixes, source)


def correction(setting: str, origin: Origin, what: str = "the path in ") -> Fix:
    """In the person's own editor, at the line that sets it."""
    line = "" if origin.line is None else f"+{origin.line} "
    return Fix(f"correct {what}{setting}", f"${{EDITOR:-vi}} {line}{quote(origin.path or '')}")


def repair(s: DiagnosisContext, reading: SourceReading) -> tuple[Fix, ...]:
    """What makes a helper that failed print a key: what is known to be wrong with its program, else what it
    says."""
    known = _command_missing(s) if s.snapshot.more is not None else None
    if isinstance(known, RuleMatch) and known.source == reading.source:
        return known.fixes
    return (
        act("run", "run it again and see what it says, masked", "api-key-helper"),
        correction("apiKeyHelper", reading.origin, "the command in "),
    )


_SLOW_FROM = 5.0


def _helper_slow(s: DiagnosisContext) -> Answer:
    """`apiKeyHelper` was run and took five seconds or more."""
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


def _helper_lifetime_ignored(s: DiagnosisContext) -> Answer:
    """`CLAUDE_CODE_API_KEY_HELPER_TTL_MS` is not a number."""
    found = s.view.assignment("CLAUDE_CODE_API_KEY_HELPER_TTL_MS")
    if found is None or found.value.is_blank or s.view.text(found.name).isdecimal():
        return None
    fix = Fix("write milliseconds", "export CLAUDE_CODE_API_KEY_HELPER_TTL_MS=3600000")
    return RuleMatch(place_of(found.origin), (fix,), "api-key-helper")


def _managed_helper(s: DiagnosisContext) -> Answer:
    """`apiKeyHelper` comes from managed settings."""
    setting = s.view.setting("apiKeyHelper")
    if setting is None or setting.origin.layer != "managed":
        return None
    return RuleMatch(place_of(setting.origin), (Fix("ask your administrator"),), "api-key-helper")


def _has_helper(s: DiagnosisContext) -> Answer:
    setting = s.view.setting("apiKeyHelper")
    if setting is None:
        return None
    run = s.view.run_of("apiKeyHelper")
    where = place_of(setting.origin)
    if run is not None and (run.exit_code != 0 or run.stdout.is_blank or run.problem):
        return RuleMatch(f"the command of {where} ended with {run.exit_code}")
    return RuleMatch(f"it is configured in {where}", certainty="likely")


def _managed(name: str) -> MachineQuestion:
    def question(s: DiagnosisContext) -> Answer:
        setting = s.view.managed_setting(name)
        return None if setting is None else RuleMatch(f"{name}: {place_of(setting.origin)}")

    return question


CAUSES: tuple[Cause, ...] = (
    Cause(
        "settings-file-ignored",
        "A settings file is ignored because it is damaged",
        "Claude Code drops a settings file as a whole where it can't be parsed or one value has the wrong "
        "type: nothing in it is in effect.",
        (112, 113),
        rule=MachineRule("warning", _settings_file_ignored),
    ),
    Cause(
        "project-settings-override",
        "This project's settings change the credential",
        "A settings file in the working directory sets a credential, a helper command, a provider or the "
        "host. It outranks your own settings and your shell, and whoever writes to the repository decides, "
        "also on who pays.",
        (22, 24, 29),
        rule=MachineRule("warning", _project_settings_override, removes=("project",)),
    ),
    Cause(
        "settings-foreign",
        "A settings file that names commands or variables belongs to another user",
        "Whoever owns the file decides what Claude Code runs as you. Nothing of it is run or handed to a "
        "command from here before you have agreed to it twice; claude itself asks nobody.",
        rule=MachineRule("warning", _settings_foreign),
    ),
    Cause(
        "command-missing",
        "The program of a configured command can't be started",
        "The settings name a program that is not there, or that may not be executed. The "
        "command gives nothing, and Claude Code sends an empty credential or none.",
        (39, 102),
        rule=MachineRule("warning", _command_missing, second_look=True),
    ),
    Cause(
        "helper-slow",
        "apiKeyHelper is slow",
        "Claude Code runs the command at its start, after every five minutes and after each 401. Let it "
        "keep the key for a while, or raise CLAUDE_CODE_API_KEY_HELPER_TTL_MS.",
        (40,),
        rule=MachineRule("info", _helper_slow),
    ),
    Cause(
        "helper-lifetime-ignored",
        "CLAUDE_CODE_API_KEY_HELPER_TTL_MS is not a number",
        "It counts milliseconds, as digits alone. Anything else has no effect, and the helper is run every "
        "five minutes.",
        (40,),
        rule=MachineRule("info", _helper_lifetime_ignored, "likely"),
    ),
    Cause(
        "managed-helper",
        "Your organisation provides the key",
        "The administrator's settings configure apiKeyHelper. Its key is used wherever no other key is "
        "set, and only the administrator can change it.",
        (41,),
        rule=MachineRule("info", _managed_helper),
        title_beside_text="Your organisation configures apiKeyHelper",
        beside_text="The managed settings of this machine name a helper, so a key is sent that is in no "
        "variable of yours.",
        fixes=(
            Fix("look at the managed settings", "cat /etc/claude-code/managed-settings.json"),
            Fix("ask the administrator of this machine"),
        ),
        here=_managed("apiKeyHelper"),
        also="login-method-forced",
        phrases="""
            80: apikeyhelper your organizations managed settings
            92: ask your administrator to fix the api key helper configuration
        """,
    ),
    Cause(
        "folder-not-trusted",
        "This folder is not trusted yet",
        "Interactive Claude Code asks before it uses a project's settings; what stands here is what it "
        "would send after you said yes. claude -p uses them without asking.",
        rule=MachineRule("info", _folder_not_trusted),
    ),
    Cause(
        "helper-fails",
        "apiKeyHelper gives no usable key",
        "The command ended with an error or printed nothing, several lines or characters that can't be "
        "sent. It must print the key alone on standard output; messages belong on standard error.",
        (39,),
        fixes=(
            SEE_HELPER_PRINT,
            Fix("use an absolute path, make it executable, sign in to the vault that it asks"),
        ),
        seen_by="helper-not-run empty-credential-sent",
        here=_has_helper,
        phrases="""
            92: credential helper didnt, credential helper doesnt run, credential helper gave the credential,
                security apikeyhelper executed before, apikeyhelper invoked before trust, error getting api
                key from apikeyhelper, apikeyhelper output rejected
            90 ours: 403 invalid token; also: gateway-wrong-header; alone: 20
            90: apikeyhelper is not run, credential helper gave, apikeyhelper … failed, getting api key from
                apikeyhelper, apikeyhelper did not return, apikeyhelper script is failing, apikeyhelper failed
            55: apikeyhelper; near: error fail refused exit
            85: output that cannot be used as an api key; also: key-with-stray-characters
        """,
    ),
    Cause(
        "helper-too-slow",
        "apiKeyHelper is slow or is run too often",
        "It runs at the start, every five minutes and after a 401. The time between is set in milliseconds "
        "in CLAUDE_CODE_API_KEY_HELPER_TTL_MS.",
        (40,),
        fixes=(
            Fix("keep the answer for longer", "export CLAUDE_CODE_API_KEY_HELPER_TTL_MS=3600000"),
            Fix("or keep it inside the helper"),
        ),
        here=_has_helper,
        also="helper-fails",
        phrases=r"""
            92: apikeyhelper is taking a while
            80: apikeyhelper … timed out; gap: 40
            70: apikeyhelper … took; also: none; gap: 20; look: took\s+(?:too long|\d)
        """,
    ),
    Cause(
        "login-method-forced",
        "Your organisation demands a sign-in",
        "Managed settings contain forceLoginMethod: an API key, an auth token or a helper stops Claude "
        "Code before any request, even beside a stored login.",
        (42,),
        fixes=(UNSET_KEY, Fix("and the token", "unset ANTHROPIC_AUTH_TOKEN"), SIGN_IN),
        certainty="seen",
        seen_by="managed-policy",
        here=_managed("forceLoginMethod"),
        phrases="""
            94: forceloginmethod is, log in with a claude.ai subscription account instead, log in with an
                anthropic console account instead
            92: managed settings require a first-party login
        """,
    ),
    Cause(
        "organisation-forced",
        "Your organisation demands another organisation's sign-in",
        "Managed settings contain forceLoginOrgUUID: the login must belong to that organisation, and a "
        "token that can't be checked is refused.",
        (43,),
        fixes=(
            act("sign-in", "sign in as a member of that organisation"),
            Fix("ask the administrator which organisation is meant"),
        ),
        certainty="seen",
        seen_by="managed-policy",
        here=_managed("forceLoginOrgUUID"),
        phrases="""
            92: isnt in an organization that this machine, your organization has been removed, no longer a
                member of the organization
            85: forceloginorguuid; near: require pin match permitted
            90: cant access this organization; also: wrong-organisation-offered
            85: dont have access to this organization or it
            90: unable to verify organization for the current, authentication token belongs to organization,
                this machine requires organization, this machine requires one of these organizations
        """,
    ),
)
