"""AWS, Google and Azure: what is configured in files. Nothing is asked; that comes on a key press."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping

from claude_auth.files import list_directory, read_file
from claude_auth.formats.aws_files import AwsSections, merge, read_sections
from claude_auth.formats.cloud_files import (
    NOT_THERE,
    cache_name,
    read_field,
    read_kind,
    read_secrets,
    read_sso_token,
)
from claude_auth.model import Assignment, AwsFiles, AwsSession, Damage, GoogleCredentials, Snapshot
from claude_auth.named_tuples import NamedTuple
from claude_auth.observe.claude_files import read_document
from claude_auth.observe.context import ObservationContext
from claude_auth.security.sanitize import shown_value

#: By name, the strongest value first.
Variables = Mapping[str, tuple[Assignment, ...]]


def _named_path(view: ObservationContext, variables: Variables, name: str) -> str | None:
    """The path that a variable names, with its white space [seen, 2.1.332]. A relative one starts at the
    working directory that is looked at, not at ours."""
    path = variables[name][0].value.reveal() if name in variables else ""
    return os.path.join(view.cwd, path) if path else None


class SharedAwsFiles(NamedTuple):
    config: AwsSections
    credentials: AwsSections
    damage: tuple[tuple[str, Damage], ...]


def read_shared_aws_files(config_path: str, credentials_path: str) -> SharedAwsFiles:
    damage: list[tuple[str, Damage]] = []
    parsed: list[AwsSections] = []
    for path, is_config in ((config_path, True), (credentials_path, False)):
        read = read_file(path)
        sections = AwsSections({}, {}, read.damage)
        if read.content is not None:
            sections = read_sections(read.content, is_config=is_config)
        if sections.damage is not None and not sections.damage.is_missing:
            damage.append((path, sections.damage))
        parsed.append(sections)
    return SharedAwsFiles(parsed[0], parsed[1], tuple(damage))


def aws_paths(home: str, cwd: str, values: Callable[[str], str]) -> tuple[str, str]:
    """Where the config and the credentials file lie. The SDK takes a variable as it is, but for `~/`."""
    found = []
    for variable, name in (("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")):
        named = values(variable)
        inside = os.path.join(home, named[2:]) if named.startswith("~/") else os.path.join(cwd, named)
        found.append(inside if named else os.path.join(home, ".aws", name))
    return found[0], found[1]


def read_aws_files(view: ObservationContext, variables: Variables, now: float) -> AwsFiles:
    """Both shared files, and the sign-ins of the profiles that need one."""
    config_path, credentials_path = aws_paths(
        view.home, view.cwd, lambda name: variables[name][0].value.reveal() if name in variables else ""
    )
    files = read_shared_aws_files(config_path, credentials_path)
    profiles = merge(files.config, files.credentials, config_path, credentials_path)
    names = [name for name, profile in profiles.items() if profile.provider == "sso"]
    sessions = _aws_sessions(view, files, names, now)
    token = _named_path(view, variables, "AWS_WEB_IDENTITY_TOKEN_FILE")
    damage = None if token is None else read_file(token).damage
    identity = None if token is None or damage is None else (token, damage)
    return AwsFiles(profiles, credentials_path, config_path, files.damage, sessions, identity)


def _aws_sessions(
    view: ObservationContext, files: SharedAwsFiles, names: list[str], now: float
) -> tuple[AwsSession, ...]:
    """The tokens that `aws sso login` left, by the profile that needs them; no value of them is kept."""
    found = []
    for name in names:
        keys = {**files.config.profiles.get(name, {}), **files.credentials.profiles.get(name, {})}
        session = keys.get("sso_session")
        key = session or keys.get("sso_start_url")
        if not key:
            continue
        path = view.below_home(".aws", "sso", "cache", cache_name(key))
        cached = read_file(path).content
        token = NOT_THERE if cached is None else read_sso_token(cached) or NOT_THERE
        state = token.state(now, by_session=session is not None)
        found.append(AwsSession(shown_value("profile", name, 80), state, path, token.expires_at))
    return tuple(found)


def aws_files_modified(snapshot: Snapshot) -> dict[str, float]:
    """When the credentials file and the tokens of sign-ins were last written."""
    found = {}
    for path in (snapshot.aws.credentials_path, *(session.path for session in snapshot.aws.sessions)):
        with contextlib.suppress(OSError, ValueError):
            found[path] = os.stat(path).st_mtime
    return found


def read_google_credentials(view: ObservationContext, variables: Variables) -> GoogleCredentials | None:
    """The file that Application Default Credentials would come from; None where there is none. Claude Code
    looks at gcloud's usual place, wherever CLOUDSDK_CONFIG leads gcloud itself [seen, 2.1.332]."""
    explicit = _named_path(view, variables, "GOOGLE_APPLICATION_CREDENTIALS")
    path = explicit or view.below_home(".config", "gcloud", "application_default_credentials.json")
    document, file = read_document(path)
    data, damage, kind = document.data, document.damage, read_kind(document.data)
    if damage is not None and damage.is_missing and explicit is None:
        return None
    if damage is None and kind is None:
        damage = Damage("wrong-type", "its type is not one that Google's libraries load")
    return GoogleCredentials(
        path=path,
        explicit=explicit is not None,
        damage=damage,
        kind=kind,
        account=read_field(data, "client_email") or read_field(data, "account"),
        project=read_field(data, "project_id"),
        quota_project=read_field(data, "quota_project_id"),
        file=file,
        secrets=read_secrets(data),
    )


def is_azure_signed_in(view: ObservationContext, variables: Variables) -> bool:
    """Whether the az command has left a login behind; its tokens are not read."""
    folder = _named_path(view, variables, "AZURE_CONFIG_DIR") or view.below_home(".azure")
    return any(name.startswith(("msal_token_cache", "azureProfile")) for name in list_directory(folder))
