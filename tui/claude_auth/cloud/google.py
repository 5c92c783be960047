"""Which Google credentials Vertex would be called with, from files and variables; nothing is asked.

The order of Google's own libraries: GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, the metadata server.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from claude_auth.claude_code.destination import as_host_label, is_region, vertex_project
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.aws.routes import LONGEST_COMMAND, CloudProblem
from claude_auth.cloud.environment import distrusted_variables, effective, names_from_settings
from claude_auth.files import list_directory, read_file
from claude_auth.formats.cloud_files import KINDS, read_field
from claude_auth.formats.document import Document, JsonObject, object_of, parse, text_of
from claude_auth.model import FileFacts, Fix
from claude_auth.observe.context import Environment
from claude_auth.security.sanitize import shown_command, shown_path, shown_value
from claude_auth.security.secret import Secret
from claude_auth.sources.vertex import ambient_google

LOGIN = "gcloud auth application-default login"

#: What each kind needs besides its type.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "authorized_user": ("client_id", "client_secret", "refresh_token"),
    "service_account": ("client_email", "private_key", "token_uri"),
    "external_account": ("audience", "subject_token_type", "token_url", "credential_source"),
    "external_account_authorized_user": ("audience", "refresh_token", "token_url", "client_id"),
    "impersonated_service_account": ("service_account_impersonation_url", "source_credentials"),
    "gdch_service_account": ("project", "private_key", "token_uri"),
}


@dataclass(frozen=True, slots=True)
class GooglePlan:
    """`kind` is the file's `type`, `metadata` for the metadata server, None where nothing would answer.
    `usable` as in the plan for AWS."""

    project: str | None
    project_from: str
    region: str
    region_from: str
    kind: str | None
    kind_words: str
    path: str | None
    path_from: str
    account: str | None
    quota_project: str | None
    details: tuple[tuple[str, str], ...]
    usable: bool | None
    problems: tuple[CloudProblem, ...]
    differences: tuple[str, ...]
    notes: tuple[str, ...] = ()
    command: str | None = None
    command_mark: str = ""
    over_ssh: bool = False

    @property
    def finds_something(self) -> bool:
        return self.kind is not None or self.path is not None

    @property
    def commands(self) -> tuple[str, ...]:
        """What asking would run on this machine."""
        return (self.command,) if self.command else ()


def login_fixes(over_ssh: bool) -> tuple[Fix, ...]:
    """Over SSH without a browser on this side."""
    return (Fix("Sign in again", f"{LOGIN} --no-launch-browser" if over_ssh else LOGIN),)


_ADC = "application_default_credentials.json"


def credentials_path(environment: Mapping[str, str], home: str) -> tuple[str, str, bool]:
    """The file of Application Default Credentials, where its name comes from, and whether it was named."""
    explicit = environment.get("GOOGLE_APPLICATION_CREDENTIALS") or ""
    if explicit:
        return explicit, "GOOGLE_APPLICATION_CREDENTIALS", True
    return os.path.join(home, ".config", "gcloud", _ADC), "gcloud's usual place", False


def plan_google(view: EffectiveConfig, environ: Mapping[str, str]) -> GooglePlan:
    """Reads the credentials file; asks nobody. `environ` is the shell's."""
    environment = effective(view, environ)
    path, path_from, explicit = credentials_path(environment, view.snapshot.places.home)
    read = read_file(os.path.join(view.snapshot.places.cwd, path))
    missing = read.damage is not None and read.damage.is_missing and not explicit
    document = parse(read.content) if read.content is not None else Document(damage=read.damage)
    data = document.data
    ambient = ambient_google(view) if missing else None
    kind = text_of(data.get("type")) if not missing else "metadata" if ambient else None
    if missing:
        broken = [] if ambient else [_no_credentials(view, environment)]
    elif document.damage is not None:
        broken = [_damaged(path, document.damage.text, explicit, view.snapshot.machine.over_ssh)]
    else:
        broken = _of_file(kind, data, environment, view.snapshot.machine.over_ssh)
    project, project_from = _project(view, data)
    region, region_from = _region(view)
    source = object_of(data.get("credential_source"))
    executable = text_of(object_of(source.get("executable")).get("command"))
    return GooglePlan(
        project=project,
        project_from=project_from,
        region=region,
        region_from=region_from,
        kind=kind if kind in KINDS or kind == "metadata" else None,
        kind_words=ambient or KINDS.get(kind or "", "none"),
        path=None if missing else path,
        path_from=path_from,
        account=read_field(data, "client_email") or read_field(data, "account"),
        quota_project=_quota_project(environment, data),
        details=tuple(_details(data)),
        usable=False if broken else None,
        problems=(*broken, *_loose_ends(path, read.file, kind, project)),
        differences=tuple(_differences(view, environ, explicit)),
        notes=tuple(_notes(view)),
        command=shown_command(executable, LONGEST_COMMAND) if executable else None,
        command_mark=Secret(executable or "").fingerprint,
        over_ssh=view.snapshot.machine.over_ssh,
    )


def _quota_project(environment: Mapping[str, str], data: dict[str, object]) -> str | None:
    quota = environment.get("GOOGLE_CLOUD_QUOTA_PROJECT") or read_field(data, "quota_project_id")
    return shown_value("quota_project_id", quota, 120) if quota else None


def _loose_ends(
    path: str, file: FileFacts | None, kind: str | None, project: str | None
) -> Iterator[CloudProblem]:
    """What is wrong beside the credentials themselves."""
    if file is not None and file.open_to_others:
        fix = Fix("Keep it to yourself", f"chmod 600 {shlex.quote(shown_path(path))}")
        yield CloudProblem(f"{shown_path(path)} can be opened by others", (fix,))
    if project is None and kind != "metadata":
        fix = Fix("Name the project", "export ANTHROPIC_VERTEX_PROJECT_ID=PROJECT")
        yield CloudProblem("no variable names the project, and the credentials don't either", (fix,))


def _no_credentials(view: EffectiveConfig, environment: Environment) -> CloudProblem:
    folder = environment.get("CLOUDSDK_CONFIG") or os.path.join(view.snapshot.places.home, ".config/gcloud")
    text, there = "there are no Application Default Credentials", list_directory(folder)
    if "CLOUDSDK_CONFIG" in environment and _ADC in there:
        text = "CLOUDSDK_CONFIG moves gcloud's folder, and Claude Code looks in ~/.config/gcloud alone"
    elif "credentials.db" in there:
        text = "gcloud itself is signed in, but programs don't use that: they need a login of their own"
    return CloudProblem(text, login_fixes(view.snapshot.machine.over_ssh))


def _damaged(path: str, why: str, explicit: bool, over_ssh: bool) -> CloudProblem:
    if not explicit:
        return CloudProblem(f"{shown_path(path)}: {why}", login_fixes(over_ssh))
    if path.startswith("~"):
        why = "the ~ is not expanded in a variable's value"
    elif path[0] in "\"'":
        why = "the quotes are part of the path"
    elif path != path.strip():
        why = "blanks stand around the path"
    elif not os.path.isabs(path):
        why += "; the path is relative, so it depends on the directory"
    fix = Fix("Use gcloud's own login instead", f"unset GOOGLE_APPLICATION_CREDENTIALS && {LOGIN}")
    return CloudProblem(f"GOOGLE_APPLICATION_CREDENTIALS names {shown_path(path)}: {why}", (fix,))


def _of_file(
    kind: str | None, data: JsonObject, environment: Environment, over_ssh: bool
) -> list[CloudProblem]:
    if kind not in KINDS:
        words = "its type is none that Google's libraries load"
        if "installed" in data or "web" in data:
            words = "it is an OAuth client, not credentials"
        return [CloudProblem(words, login_fixes(over_ssh))]
    found = []
    missing = [name for name in _NEEDED[kind] if not data.get(name)]
    if missing:
        found.append(CloudProblem(f"the file lacks {', '.join(missing)}", login_fixes(over_ssh)))
    key = text_of(data.get("private_key"))
    if key and "-----BEGIN" not in key:
        found.append(CloudProblem("its private_key is no key in PEM form"))
    elif key and "\n" not in key.strip():
        found.append(CloudProblem("the line breaks of its private_key are lost"))
    source = object_of(data.get("credential_source"))
    token_file = text_of(source.get("file"))
    if token_file and not os.access(token_file, os.R_OK):
        found.append(CloudProblem(f"the token file {shown_path(token_file)} can't be read"))
    if source.get("executable") and environment.get("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES") != "1":
        text = "it runs a command, which GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1 must allow first"
        found.append(CloudProblem(text))
    return found


def _details(data: JsonObject) -> list[tuple[str, str]]:
    """Identifiers of the file that tell one from another."""
    found = [
        (words, shown_value(name, value))
        for name, words in (
            ("private_key_id", "key id"),
            ("token_uri", "token endpoint"),
            ("audience", "audience"),
            ("service_account_impersonation_url", "impersonates"),
            ("universe_domain", "universe"),
        )
        if (value := text_of(data.get(name)))
    ]
    source = object_of(data.get("source_credentials"))
    if source:
        words = KINDS.get(text_of(source.get("type")) or "", "unknown")
        found.append(("starting from", words))
    return found


def _project(view: EffectiveConfig, data: JsonObject) -> tuple[str | None, str]:
    named = vertex_project(view)
    if named is not None:
        return shown_value("project", named[0], 120), named[1]
    project = read_field(data, "project_id")
    return (project, "the credentials file") if project else (None, "")


def _region(view: EffectiveConfig) -> tuple[str, str]:
    region = view.text("CLOUD_ML_REGION")
    if is_region(region):
        return as_host_label(region), "CLOUD_ML_REGION"
    return "us-east5", "the default" if not region else "the default, since CLOUD_ML_REGION is no region"


def _differences(view: EffectiveConfig, environ: Mapping[str, str], explicit: bool) -> list[str]:
    """Where `gcloud` in the shell would use or name something else."""
    found = []
    if explicit:
        found.append("gcloud itself doesn't look at GOOGLE_APPLICATION_CREDENTIALS: what it lists may differ")
    for name, path in names_from_settings(view).items():
        if name in _DECIDING and view.text(name) != environ.get(name, "").strip():
            found.append(f"{name} comes from {shown_path(path)}, which gcloud in the shell doesn't see")
    project = vertex_project(view)
    own = view.text("ANTHROPIC_VERTEX_PROJECT_ID")
    if project is not None and own and project[1] != "ANTHROPIC_VERTEX_PROJECT_ID" and project[0] != own:
        named = shown_value("ANTHROPIC_VERTEX_PROJECT_ID", own, 80)
        found.append(f"{project[1]} wins over ANTHROPIC_VERTEX_PROJECT_ID, which names {named}")
    return found


_DECIDING = (
    "ANTHROPIC_VERTEX_PROJECT_ID GCLOUD_PROJECT GOOGLE_CLOUD_PROJECT GOOGLE_APPLICATION_CREDENTIALS "
    "CLOUDSDK_CONFIG"
).split()


def _notes(view: EffectiveConfig) -> list[str]:
    found = []
    if view.is_on("CLAUDE_CODE_SKIP_VERTEX_AUTH"):
        words = "Claude Code sends no Google token, whatever stands here"
        found.append(f"CLAUDE_CODE_SKIP_VERTEX_AUTH is on: {words}")
    names = (name for name in view.snapshot.variables if name.startswith("VERTEX_REGION_CLAUDE"))
    per_model = [name for name in names if view.text(name)]
    if per_model:
        found.append(f"{len(per_model)} VERTEX_REGION_CLAUDE variables choose the region for some models")
    if distrusted_variables(view):
        found.append("this folder isn't trusted, so its settings are left out")
    return found
