"""What asking for an identity would run on this machine and whom it would contact, told before. Pure."""

from __future__ import annotations

import os
from dataclasses import dataclass

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.aws_plan import AwsPlan
from claude_auth.cloud.aws_profiles import LONGEST_COMMAND
from claude_auth.cloud.environment import distrusted_variables
from claude_auth.cloud.google_plan import GooglePlan
from claude_auth.cloud.proposals import CommandPlan
from claude_auth.cloud.words import Row
from claude_auth.model import Assignment, Location, Origin
from claude_auth.security.sanitize import shown_command
from claude_auth.words import (
    LAYERS,
    StatusText,
    beware_word,
    format_location,
    format_path,
    origin_words,
    variables_word,
)

NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class PlannedCommand:
    """A command that asking runs. `from_repository`: a file of this project or of another user says so, so it
    is asked about twice; `beware`: what to know before. `mark` tells commands apart that are shown alike."""

    command: str
    where: str
    mark: str
    from_repository: bool = False
    beware: tuple[StatusText, ...] = ()


def aws_will_run(plan: AwsPlan, view: EffectiveConfig) -> tuple[PlannedCommand, ...]:
    """The credential_process of the chosen profile, or awsCredentialExport where it has not been run."""
    chosen, home = plan.chosen, view.snapshot.places.home
    setting = view.setting("awsCredentialExport")
    if chosen is not None and chosen.source == "aws-credential-export" and setting is not None:
        if view.run_of("awsCredentialExport") is not None:
            return ()
        origin, trusted = setting.origin, not view.snapshot.distrusts(setting.origin)
        layer = LAYERS[origin.layer] if origin.layer else "settings"
        where = (
            f"{layer}: {format_location(Location(origin.path, origin.line), home)}" if origin.path else layer
        )
        shown = shown_command(setting.value.reveal(), LONGEST_COMMAND)
        words = (
            beware_word(origin, trusted=trusted),
            variables_word(distrusted_variables(view, setting.name), home, given=False),
        )
        beware = tuple(word for word in words if word is not None)
        asked_twice = origin.of_project or not trusted
        return (PlannedCommand(shown, where, setting.value.fingerprint, asked_twice, beware),)
    route = chosen.route if chosen is not None else None
    if route is None or not route.command:
        return ()
    path = route.command_in or ""
    named = view.assignment("AWS_CONFIG_FILE")
    where = f"credential_process in {format_path(path, home)}"
    return (_of_file(route.command, where, route.command_mark, _foreign(path, named, view)),)


def google_will_run(plan: GooglePlan, view: EffectiveConfig) -> tuple[PlannedCommand, ...]:
    """The program that a workload's credentials file names."""
    if plan.command is None:
        return ()
    path = plan.path or ""
    named = view.assignment("GOOGLE_APPLICATION_CREDENTIALS")
    where = f"credential_source in {format_path(path, view.snapshot.places.home)}"
    return (_of_file(plan.command, where, plan.command_mark, _foreign(path, named, view)),)


def _of_file(command: str, where: str, mark: str, foreign: bool) -> PlannedCommand:
    beware = beware_word(Origin("settings", "project"), trusted=True) if foreign else None
    return PlannedCommand(command, where, mark, foreign, () if beware is None else (beware,))


def _foreign(path: str, named: Assignment | None, view: EffectiveConfig) -> bool:
    """Whether the file lies in this project, or a file of this project names it."""
    places = view.snapshot.places
    top = places.repository_root or places.cwd
    inside = top != places.home and os.path.join(places.cwd, path).startswith(top.rstrip("/") + "/")
    return inside or (named is not None and named.origin.of_project)


# ── whom ─────────────────────────────────────────────────────────────────────────────────────────


def aws_contacts(plan: AwsPlan) -> str:
    """The hosts, overrides honoured, in words."""
    chosen = plan.chosen
    if chosen is None or chosen.source == "bedrock-api-key":
        return NOBODY
    found = []
    route = chosen.route
    if route is not None and route.sso is not None:
        if route.sso.state == "refreshable":
            found.append(_endpoint(plan, "SSO_OIDC", "oidc", route.sso.region))
        found.append(_endpoint(plan, "SSO", "portal.sso", route.sso.region))
    if chosen.kind == "container":
        found.append("the container's credentials endpoint")
    if chosen.kind == "instance":
        found.append("the instance metadata service")
    if chosen.kind == "login":
        found.append("Amazon's sign-in service")
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


# ── as lines of a pane ───────────────────────────────────────────────────────────────────────────


def renews(plan: AwsPlan) -> bool:
    """Whether asking writes a new token into the cache of single sign-on, as Claude Code would."""
    route = plan.chosen.route if plan.chosen is not None else None
    return route is not None and route.sso is not None and route.sso.state == "refreshable"


def asking_rows(
    key: str, contacts: str, runs: tuple[PlannedCommand, ...], *, renewing: bool = False
) -> list[Row]:
    """What the key would do."""
    if contacts == NOBODY:
        return [Row(f"{key} asks", StatusText("·", "nobody: there is no identity to ask for", "dim"))]
    more = "" if runs else "; it runs no command of yours"
    if renewing:
        more += "; it renews the sign-in in its cache"
    rows = [Row(f"{key} asks", StatusText("·", contacts + more))]
    for run in runs:
        rows.append(Row("and runs", StatusText("▲", run.command, "warn")))
        rows.append(Row("", StatusText("·", f"{run.where}; you are asked first", "dim")))
    return rows


def proposal_rows(key: str, proposal: CommandPlan, home: str) -> list[Row]:
    """A command that can be run to renew the credentials, and whose idea that is."""
    rows = [Row(f"{key} runs", StatusText("·", proposal.shown))]
    where = "suggested here; no settings file names a command"
    if not proposal.suggested:
        where = f"{proposal.setting}, {origin_words(proposal.origin, home)}"
    rows.append(Row("", StatusText("·", where, "dim")))
    rows += [Row("", word) for word in proposal.beware(home)]
    rows += [
        Row("", StatusText("▲", f"{name} is not on PATH or not executable", "warn"))
        for name in proposal.missing
    ]
    return rows
