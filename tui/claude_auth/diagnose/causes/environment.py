"""Where variables come from, and what of that is good to know."""

from __future__ import annotations

from claude_auth.claude_code.variables import CREDENTIALS, PROVIDER_SWITCHES
from claude_auth.diagnose.cause import OPEN, Answer, Cause, MachineRule, RuleMatch, act
from claude_auth.diagnose.context import DiagnosisContext, joined, place_of, removal, removal_beside_others
from claude_auth.model import Fix, Location
from claude_auth.sources import label, owner

_STEERING = (*CREDENTIALS, *PROVIDER_SWITCHES, "ANTHROPIC_BASE_URL", "AWS_PROFILE", "AWS_REGION")


def _settings_override_shell(s: DiagnosisContext) -> Answer:
    """A settings file of your own or of the machine sets a credential, provider, host or region that this
    shell sets otherwise.

    A project's files are told elsewhere."""
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
    fixes = (Fix(f"take {name} out of {origin.location}"), Fix("or leave it to the file", f"unset {name}"))
    return RuleMatch(words, fixes)


def _is_dotenv(place: Location) -> bool:
    return place.path.rpartition("/")[2].startswith(".env")


def _key_from_dotenv(s: DiagnosisContext) -> Answer:
    """What is sent comes from a variable that a `.env` or `.envrc` file probably sets."""
    for source in s.sent():
        reading = s.reading(source) if source in _READ_FROM_VARIABLES else None
        if reading is None or reading.origin.kind != "environment" or not reading.origin.likely_set_at:
            continue
        place = reading.origin.likely_set_at[0]
        if _is_dotenv(place):
            out = Fix(f"take the line out if it is not meant for Claude Code: {place}")
            fixes = (out, *removal_beside_others(s, reading)[:1])
            return RuleMatch(f"{label(source)}, at {place}", fixes, source)
    return None


_READ_FROM_VARIABLES = frozenset({"anthropic-api-key", "anthropic-auth-token", "claude-code-oauth-token"})


def _set_but_not_loaded(s: DiagnosisContext) -> Answer:
    """A start-up file or a `.env` sets a variable of ours that this process does not have; a warning where
    the word `export` is missing there."""
    missing = s.more.not_loaded
    if not missing:
        return None
    words = "; ".join(f"{name} at {place}" for name, place in missing.items())
    without = s.more.not_exported
    if without:
        at = missing[without[0]]
        fix = Fix(f"write export in front of {without[0]} at {at}, and start a new shell")
        title = "A start-up file sets a variable without export, so no program gets it"
        words = "; ".join(
            f"{n} at {place}{' without export' * (n in without)}" for n, place in missing.items()
        )
        return RuleMatch(words, (fix,), title=title, severity="warning")
    shells = [place for place in missing.values() if not _is_dotenv(place)]
    fix = Fix("start a new login shell, and claude from there", 'exec "$SHELL" -l')
    return RuleMatch(words, (fix,) if shells else ())


def _profile_not_used(s: DiagnosisContext) -> Answer:
    """A profile is named or set up, and a key or token is set, be it empty."""
    set_up = any(s.reading(source).state == "present" for source in ("profile", "federation"))
    named = bool(s.view.text("ANTHROPIC_PROFILE"))
    if not (set_up or named) or s.resolution.client not in {"anthropic-sdk", "claude", "claude-print"}:
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


def _federation_rule_malformed(s: DiagnosisContext) -> Answer:
    """`ANTHROPIC_FEDERATION_RULE_ID` does not begin with `fdrl_`."""
    found = s.view.assignment("ANTHROPIC_FEDERATION_RULE_ID")
    if found is None or found.value.is_blank or found.value.stripped().reveal().startswith("fdrl_"):
        return None
    fix = Fix("copy the rule's id from the Console", "export ANTHROPIC_FEDERATION_RULE_ID=fdrl_…")
    return RuleMatch(place_of(found.origin), (fix,), "federation")


def _value_set_but_empty(s: DiagnosisContext) -> RuleMatch | None:
    """A variable that sets a source is set to nothing."""
    empty = [
        standing.reading
        for standing in s.resolution.standings
        if standing.reading.state == "unusable" and standing.reading.reason.startswith("set but empty")
    ]
    if not empty:
        return None
    words = joined(f"{label(reading.source)} ({place_of(reading.origin)})" for reading in empty)
    return RuleMatch(words, removal(empty[0]), empty[0].source)


def _helper_not_run(s: DiagnosisContext) -> RuleMatch | None:
    """`apiKeyHelper` or `awsCredentialExport` decides what is sent, and it was not run."""
    for header in s.headers:
        unknown = header.identity is None if header.is_signature else header.value is None
        if unknown and header.source in {"api-key-helper", "aws-credential-export"}:
            name = {"api-key-helper": "apiKeyHelper"}.get(header.source, "awsCredentialExport")
            setting, run = s.view.setting(name), s.view.run_of(name)
            if run is not None and run.withheld:
                continue
            where = "" if setting is None else place_of(setting.origin)
            source = owner(_SOURCE_OF[name], s.resolution.provider)
            if run is not None:  # and what it prints is not known all the same
                again = act("run", "run it again and see what it says, masked", _KIND_OF[name])
                words = f"{run.problem or 'its output tells nothing'}; {where}"
                return RuleMatch(words, (again,), source, f"{name} gave no answer")
            fix = act("evaluate", "run it", command=_evaluate(s))
            if setting is not None and s.snapshot.distrusts(setting.origin):
                fix = act(
                    "evaluate",
                    "read it; what it names is run only with a second consent",
                    command=_evaluate(s, twice=True),
                )
            return RuleMatch(f"{name}: {where}", (fix,), source)
    return None


_SOURCE_OF = {"apiKeyHelper": "api-key-helper", "awsCredentialExport": "aws-credential-export"}
#: What `claude-auth run` calls it.
_KIND_OF = {"apiKeyHelper": "api-key-helper", "awsCredentialExport": "aws-export"}


def _evaluate(s: DiagnosisContext, *, twice: bool = False) -> str:
    more = " --evaluate-project" if twice else ""
    return f"claude-auth status --evaluate{more} --client {s.resolution.client}"


def _helper_run_without_project(s: DiagnosisContext) -> RuleMatch | None:
    """Settings that are not trusted set variables for the command that decides what is sent; it was run
    without them."""
    for name, source in _SOURCE_OF.items():
        run = s.view.run_of(name)
        if run is None or not run.withheld or source not in s.sent():
            continue
        # One that this client does not take from there has no place here.
        read = [found for variable in run.withheld[:8] if (found := s.view.assignment(variable)) is not None]
        where = f" ({joined(dict.fromkeys(place_of(one.origin) for one in read))})" if read else ""
        fix = act(
            "evaluate",
            "read them; they are handed over only with a second consent",
            command=_evaluate(s, twice=True),
        )
        words = f"{name} ran without {joined(run.withheld[:8])}{where}"
        return RuleMatch(words, (fix,), owner(source, s.resolution.provider))
    return None


def _version_not_observed(s: DiagnosisContext) -> RuleMatch | None:
    """The client's version is older than those observed, or between the two sides of a change. A newer one is
    no finding: it comes out every few days, and mostly changes nothing."""
    version = s.resolution.version
    if version.observed or version.is_newer or not s.is_claude_code:
        return None
    return RuleMatch(
        f"version {version.asked or version.installed}, shown by the rules of {version.resolved_as}"
    )


_OVERRIDABLE = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_BASE_URL")


def _set_by_settings(s: DiagnosisContext) -> Answer:
    """Given the text, also where the shell says nothing else."""
    for name in _OVERRIDABLE:
        found = s.view.assignment(name)
        if found is not None and found.layer is not None:
            shell = any(other.layer is None for other in s.snapshot.variables.get(name, ()))
            words = f"{name}: {place_of(found.origin)}{', over the shell' if shell else ''}"
            return RuleMatch(words, certainty="seen" if shell else "likely")
    return None


def _has_profile(s: DiagnosisContext) -> Answer:
    seen = (s.reading(source).state for source in ("profile", "federation"))
    return None if all(state == "absent" for state in seen) else OPEN


CAUSES: tuple[Cause, ...] = (
    Cause(
        "settings-override-shell",
        "A settings file overrides this shell",
        "Settings files outrank the shell, without a word about it. What was exported here has no effect on "
        "claude.",
        (29,),
        rule=MachineRule("warning", _settings_override_shell),
        title_beside_text="A settings file overrides the shell",
        beside_text="The `env` block of a settings file beats exported variables: managed, then local, "
        "project and user settings. A value there is taken although the shell says otherwise, and `~` or "
        "`$HOME` in it is not expanded.",
        fixes=(
            Fix(
                "look for the value in the settings files",
                "grep -n ANTHROPIC_ ~/.claude/settings.json .claude/settings*.json",
            ),
        ),
        seen_by="project-settings-override",
        here=_set_by_settings,
    ),
    Cause(
        "key-from-dotenv",
        "The credential probably comes from a .env file",
        "Tools such as direnv, docker compose and many SDKs load .env files by themselves, so that a key "
        "is set in one folder or under one tool only.",
        (24,),
        rule=MachineRule("info", _key_from_dotenv, "likely"),
        title_beside_text="The key comes from a file that a tool loads by itself",
        beside_text="Many tools read .env, .envrc or a unit's EnvironmentFile on their own, so a key appears "
        "in one project or under one program only.",
        fixes=(
            Fix("look for the file here and above", "grep -ln ANTHROPIC_ .env* ../.env* .envrc 2>/dev/null"),
        ),
        certainty="not-checkable",
    ),
    Cause(
        "set-but-not-loaded",
        "A file sets a variable that this process does not have",
        "It is read by shells that start after it was changed, by login shells only, or by tools that load "
        ".env files: another terminal, an editor or a scheduled job sees something else than this one.",
        (24, 84, 87),
        rule=MachineRule("info", _set_but_not_loaded, "likely", second_look=True),
    ),
    Cause(
        "profile-not-used",
        "A key or token keeps an Anthropic profile from being used",
        "The SDKs look at a profile or workload identity only where no key and no token is set. Even an "
        "empty variable counts as set for them.",
        (114,),
        rule=MachineRule("info", _profile_not_used, "likely"),
    ),
    Cause(
        "federation-rule-malformed",
        "ANTHROPIC_FEDERATION_RULE_ID is not a rule's id",
        "The id of a federation rule begins with fdrl_. The token endpoint refuses anything else.",
        (114,),
        rule=MachineRule("warning", _federation_rule_malformed),
    ),
    Cause(
        "value-set-but-empty",
        "A variable is set but empty",
        "For Claude Code an empty variable counts as unset, but an empty entry in a settings file cancels "
        "the value below it, and other programs send the empty value.",
        (35,),
        rule=MachineRule("info", _value_set_but_empty, removes=("source",)),
    ),
    Cause(
        "helper-not-run",
        "The command that gives the credential was not run",
        "What it prints decides what is sent. It is run only with your consent.",
        (39,),
        rule=MachineRule("info", _helper_not_run),
    ),
    Cause(
        "helper-run-without-project",
        "The command was run without this folder's variables",
        "Settings that are not trusted set variables that Claude Code would hand to the command, and with "
        "them it may print something else. What would be sent is not known.",
        rule=MachineRule("info", _helper_run_without_project),
    ),
    Cause(
        "version-not-observed",
        "This version of Claude Code was not observed",
        "What is shown follows the rules of the nearest version that was observed.",
        (73,),
        rule=MachineRule("info", _version_not_observed),
    ),
    Cause(
        "profile-not-picked-up",
        "A profile or workload identity is not used",
        "The SDK's profiles and workload identity come last: any key or token, even an empty variable, "
        "switches them off. Or the federation's own settings are incomplete.",
        (114,),
        fixes=(
            Fix("take the variables away, empty ones too", "unset ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN"),
            Fix("check the rule's id (fdrl_…), the organisation and the identity token"),
        ),
        seen_by="value-set-but-empty",
        here=_has_profile,
        phrases="""
            84: apikey authtoken credentials config or profile to be set; also: no-credential
                embedded-without-key
            88 ours: takes precedence over a profile, identity token file
            85 no-stranger: workload identity federation failed; unless: gcloud awsactions azurelogin
            90: federation_rule_id is not a well-formed, oidc_federation config requires an identity token
            80: missing anthropic api key; also: no-credential embedded-without-key
        """,
    ),
)
