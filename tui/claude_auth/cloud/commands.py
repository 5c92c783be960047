"""What would be run and who would be contacted, told before it is: the exact command, whose file it stands
in, what is missing. Nothing here runs anything; `actions.run_command` does, once somebody has said yes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.aws.plan import AwsPlan
from claude_auth.cloud.aws.routes import LONGEST_COMMAND, CredentialKind, console_login, sign_in_fixes
from claude_auth.cloud.environment import command_environment, distrusted_variables
from claude_auth.cloud.google import GooglePlan, login_fixes
from claude_auth.model import NOWHERE, Assignment, Origin, Setting
from claude_auth.observe.commands import missing_programs
from claude_auth.security.sanitize import REDACTED_SHELL, shown_command
from claude_auth.security.secret import Secret
from claude_auth.words import LAYERS, StatusText, beware_word, format_location, format_path, variables_word

CommandKind = Literal["aws-refresh", "aws-export", "gcp-refresh", "api-key-helper"]

SETTINGS: Mapping[CommandKind, str] = {
    "aws-refresh": "awsAuthRefresh",
    "aws-export": "awsCredentialExport",
    "gcp-refresh": "gcpAuthRefresh",
    "api-key-helper": "apiKeyHelper",
}
#: What these print is the credential itself.
PRINTS_A_SECRET: frozenset[CommandKind] = frozenset({"aws-export", "api-key-helper"})


@dataclass(frozen=True, slots=True)
class PlannedCommand:
    """A command that asking runs. `from_repository`: a file of this project or of another user says so, so it
    is asked about twice; `beware`: what to know before. `mark` tells commands apart that are shown alike."""

    command: str
    where: str
    mark: str
    from_repository: bool = False
    beware: tuple[StatusText, ...] = ()


@dataclass(frozen=True, slots=True)
class CommandPlan:
    """`shown` is the whole command on one line, a line break as ⏎, secrets out. `trusted` False: a folder
    that is not trusted says so, or another user's file. `missing`: programs that it names and PATH lacks.
    `suggested`: ours, not configured anywhere. `variables`: what settings that are not trusted set for it."""

    kind: CommandKind
    command: Secret
    shown: str
    origin: Origin
    from_repository: bool
    trusted: bool
    missing: tuple[str, ...] = ()
    suggested: bool = False
    #: What asking who answers, before and after, runs beside it; told with the command and agreed to with it.
    asks_by: tuple[PlannedCommand, ...] = ()
    variables: tuple[Assignment, ...] = ()

    @property
    def setting(self) -> str:
        return SETTINGS[self.kind]

    @property
    def prints_a_secret(self) -> bool:
        return self.kind in PRINTS_A_SECRET

    @property
    def hides_shell(self) -> bool:
        """Whether what is left out of `shown` is more than a word to the shell that runs it."""
        return REDACTED_SHELL in self.shown

    @property
    def confirmations(self) -> int:
        """How often a person is asked: a repository's or another user's command twice, and no is the default.
        With the second yes it gets `variables` too."""
        return 2 if self.from_repository or not self.trusted else 1

    def beware(self, home: str, *, agreed: bool = False) -> list[StatusText]:
        """What to know of its origin before it is run. `agreed`: twice, so it gets `variables`."""
        agreed = agreed or not self.trusted
        return _beware(self.origin, self.trusted, variables_word(self.variables, home, given=agreed))


def _beware(origin: Origin, trusted: bool, more: StatusText | None = None) -> list[StatusText]:
    return [word for word in (beware_word(origin, trusted=trusted), more) if word is not None]


def propose(kind: CommandKind, view: EffectiveConfig, environ: Mapping[str, str]) -> CommandPlan | None:
    """The command that Claude Code would run, None where none is configured. A project's settings are
    looked at also where the folder isn't trusted: then it is told, and asked twice, whichever client."""
    setting = view.setting(SETTINGS[kind])
    if setting is None or setting.value.is_blank:
        return None
    return _planned(kind, setting.value, view, environ, setting.origin)


def _planned(
    kind: CommandKind,
    command: Secret,
    view: EffectiveConfig,
    environ: Mapping[str, str],
    origin: Origin | None = None,
) -> CommandPlan:
    """`origin` None: it is our suggestion."""
    text, suggested, origin = command.reveal(), origin is None, origin or NOWHERE
    trusted = not view.snapshot.distrusts(origin)
    environment = command_environment(
        SETTINGS[kind], command, view, environ, with_distrusted=not trusted, our_choice=suggested
    )
    return CommandPlan(
        kind,
        command,
        shown=shown_command(text, LONGEST_COMMAND),
        origin=origin,
        from_repository=origin.of_project,
        trusted=trusted,
        missing=missing_programs(text, environment, view.snapshot.places.cwd),
        suggested=suggested,
        variables=distrusted_variables(view, SETTINGS[kind]),
    )


def suggested_aws(plan: AwsPlan, view: EffectiveConfig, environ: Mapping[str, str]) -> CommandPlan | None:
    """`aws sso login` or `aws login` where the chosen profile signs in that way."""
    route = plan.chosen.route if plan.chosen is not None else None
    if route is None or (route.sso is None and route.kind != "login"):
        return None
    name = route.through[-1] if route.through else plan.profile
    if route.sso is None:
        command = console_login(name, plan.over_ssh)
    else:
        command = sign_in_fixes(name, plan.over_ssh)[0].command or ""
    return _planned("aws-refresh", Secret(command), view, environ)


def suggested_google(
    plan: GooglePlan, view: EffectiveConfig, environ: Mapping[str, str]
) -> CommandPlan | None:
    """`gcloud auth application-default login` unless a service account or a machine answers."""
    if plan.kind not in {None, "authorized_user", "external_account_authorized_user"}:
        return None
    command = login_fixes(plan.over_ssh)[0].command or ""
    return _planned("gcp-refresh", Secret(command), view, environ)


# ── what asking for an identity runs, and whom it contacts ───────────────────────────────────────

NOBODY = "nobody"
_ANSWERING: Mapping[CredentialKind, str] = {
    "container": "the container's credentials endpoint",
    "instance": "the instance metadata service",
    "login": "Amazon's sign-in service",
}


def aws_will_run(plan: AwsPlan, view: EffectiveConfig) -> tuple[PlannedCommand, ...]:
    """The credential_process of the chosen profile, or awsCredentialExport where it has not been run."""
    chosen, setting = plan.chosen, view.setting("awsCredentialExport")
    if chosen is not None and chosen.source == "aws-credential-export" and setting is not None:
        return () if view.run_of(setting.name) is not None else (_of_setting(setting, view),)
    route = chosen.route if chosen is not None else None
    if route is None or not route.command:
        return ()
    path = route.command_in or ""
    return (_of_file("credential_process", path, "AWS_CONFIG_FILE", route.command, route.command_mark, view),)


def google_will_run(plan: GooglePlan, view: EffectiveConfig) -> tuple[PlannedCommand, ...]:
    """The program that a workload's credentials file names."""
    if plan.command is None:
        return ()
    naming, path = "GOOGLE_APPLICATION_CREDENTIALS", plan.path or ""
    return (_of_file("credential_source", path, naming, plan.command, plan.command_mark, view),)


def _of_setting(setting: Setting, view: EffectiveConfig) -> PlannedCommand:
    home, origin = view.snapshot.places.home, setting.origin
    trusted = not view.snapshot.distrusts(origin)
    where = LAYERS[origin.layer] if origin.layer else "settings"
    if origin.path:
        where += f": {format_location(origin.location, home)}"
    more = variables_word(distrusted_variables(view, setting.name), home, given=False)
    return PlannedCommand(
        shown_command(setting.value.reveal(), LONGEST_COMMAND),
        where,
        setting.value.fingerprint,
        origin.of_project or not trusted,
        tuple(_beware(origin, trusted, more)),
    )


def _of_file(
    key: str, path: str, naming: str, command: str, mark: str, view: EffectiveConfig
) -> PlannedCommand:
    """What `key` of the file at `path` says; `naming` is the variable that may name such a file."""
    named = view.assignment(naming)
    foreign = _foreign(path, named, view)
    beware = tuple(_beware(Origin("settings", "project"), True)) if foreign else ()
    where = f"{key} in {format_path(path, view.snapshot.places.home)}"
    return PlannedCommand(command, where, mark, foreign, beware)


def _foreign(path: str, named: Assignment | None, view: EffectiveConfig) -> bool:
    """Whether the file lies in this project, or a file of this project names it."""
    places = view.snapshot.places
    top = places.repository_root or places.cwd
    inside = top != places.home and os.path.join(places.cwd, path).startswith(top.rstrip("/") + "/")
    return inside or (named is not None and named.origin.of_project)


def aws_contacts(plan: AwsPlan) -> str:
    """The hosts, overrides honoured, in words."""
    chosen = plan.chosen
    if chosen is None or chosen.source == "bedrock-api-key":
        return NOBODY
    found = []
    route = chosen.route
    if route is not None and route.sso is not None:
        if renews(plan):
            found.append(_endpoint(plan, "SSO_OIDC", "oidc", route.sso.region))
        found.append(_endpoint(plan, "SSO", "portal.sso", route.sso.region))
    if chosen.kind in _ANSWERING:
        found.append(_ANSWERING[chosen.kind])
    found.append(_endpoint(plan, "STS", "sts", plan.region))
    return " and ".join(dict.fromkeys(found))


def _endpoint(plan: AwsPlan, service: str, name: str, region: str) -> str:
    """As botocore chooses: the variables, then the profile, then Amazon's own."""
    overrides = dict(plan.endpoints)
    url = overrides.get(f"AWS_ENDPOINT_URL_{service}") or overrides.get("AWS_ENDPOINT_URL")
    if url is None:
        url = next((url for key, url in plan.endpoints if key.startswith("endpoint_url ")), None)
    return url or f"{name}.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


def google_contacts(plan: GooglePlan) -> str:
    if plan.kind is None:
        return NOBODY
    if plan.kind == "metadata":
        return "the metadata server of this machine"
    if plan.kind == "authorized_user":
        return "oauth2.googleapis.com"
    details = dict(plan.details)
    endpoint = details.get("token endpoint", "the token service that the file names")
    return f"{endpoint} and {details['impersonates']}" if "impersonates" in details else endpoint


def renews(plan: AwsPlan) -> bool:
    """Whether asking writes a new token into the cache of single sign-on, as Claude Code would."""
    route = plan.chosen.route if plan.chosen is not None else None
    return route is not None and route.sso is not None and route.sso.state == "refreshable"
