"""AWS, Google and Azure: what is configured in files. Nothing is asked; that comes on a key press."""

from __future__ import annotations

import os
from collections.abc import Callable

from claude_auth.files import list_directory, read_file
from claude_auth.formats.cloud_files import (
    Sections,
    merge,
    read_field,
    read_kind,
    read_secrets,
    read_sections,
)
from claude_auth.formats.document import Document, parse
from claude_auth.model import AwsFiles, Damage, GoogleCredentials

Variable = Callable[[str], str]


def read_aws_files(home: str, variable: Variable) -> AwsFiles:
    """Both shared files; `variable` gives the strongest value of a variable, or an empty string."""
    credentials_path = variable("AWS_SHARED_CREDENTIALS_FILE") or os.path.join(home, ".aws", "credentials")
    config_path = variable("AWS_CONFIG_FILE") or os.path.join(home, ".aws", "config")
    damage: list[tuple[str, Damage]] = []
    parsed: list[Sections] = []
    for path, is_config in ((config_path, True), (credentials_path, False)):
        read = read_file(path)
        sections: Sections = {}
        problem = read.damage
        if read.content is not None:
            sections, problem = read_sections(read.content, is_config=is_config)
        if problem is not None and not problem.is_missing:
            damage.append((path, problem))
        parsed.append(sections)
    profiles = merge(parsed[0], parsed[1], config_path, credentials_path)
    return AwsFiles(profiles, credentials_path, config_path, tuple(damage))


def read_google_credentials(home: str, variable: Variable) -> GoogleCredentials | None:
    """The file that Application Default Credentials would come from; None where there is none."""
    explicit = variable("GOOGLE_APPLICATION_CREDENTIALS")
    folder = variable("CLOUDSDK_CONFIG") or os.path.join(home, ".config", "gcloud")
    path = explicit or os.path.join(folder, "application_default_credentials.json")
    read = read_file(path)
    if read.damage is not None and read.damage.is_missing and not explicit:
        return None
    document = parse(read.content) if read.content is not None else Document(damage=read.damage)
    damage = document.damage
    kind = read_kind(document.data)
    if damage is None and kind is None:
        damage = Damage("wrong-type", "its type is not one that Google's libraries load")
    data = document.data
    return GoogleCredentials(
        path=path,
        explicit=bool(explicit),
        damage=damage,
        kind=kind,
        account=read_field(data, "client_email") or read_field(data, "account"),
        project=read_field(data, "project_id"),
        quota_project=read_field(data, "quota_project_id"),
        file=read.file,
        secrets=read_secrets(data),
    )


def is_azure_signed_in(home: str, variable: Variable) -> bool:
    """Whether the az command has left a login behind; its tokens are not read."""
    folder = variable("AZURE_CONFIG_DIR") or os.path.join(home, ".azure")
    return any(name.startswith(("msal_token_cache", "azureProfile")) for name in list_directory(folder))
