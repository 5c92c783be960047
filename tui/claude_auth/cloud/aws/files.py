"""What the machine's AWS files say, without a secret in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from claude_auth.claude_code.destination import aws_region
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.environment import distrusted_variables, effective, names_from_settings
from claude_auth.files import list_directory, read_file
from claude_auth.formats.cloud_files import SsoToken, read_sso_token
from claude_auth.formats.outputs import ExportedCredentials
from claude_auth.model import Damage, Setting
from claude_auth.model.surroundings import AwsTool
from claude_auth.observe.cloud_files import SharedAwsFiles, aws_paths, read_shared_aws_files
from claude_auth.observe.context import Environment
from claude_auth.observe.installed import find_aws_tool
from claude_auth.security.sanitize import shown_value
from claude_auth.sources.aws_credentials import exported

#: Keys of a profile that are credentials; only whether they are there is kept.
_SECRET_KEYS = frozenset({"aws_secret_access_key", "aws_session_token", "aws_security_token"})

#: What a browser login or a dozen sessions leave; more is no cache of a person.
_MOST_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile of both files. `keys` without secrets; `static_in` says which file gives its key,
    `process_in` which one its credential_process."""

    name: str
    keys: Mapping[str, str]
    has_secret: bool = False
    has_token: bool = False
    static_in: str | None = None
    process_in: str | None = None

    def get(self, name: str) -> str | None:
        return self.keys.get(name) or None

    @property
    def is_static(self) -> bool:
        return bool(self.get("aws_access_key_id")) and self.has_secret


@dataclass(frozen=True, slots=True)
class AwsSeen:
    """Everything that the plan is computed from. `environment` is what Claude Code sees, `shell` what `aws`
    typed into the shell sees; both hide their values in their `repr`."""

    environment: Environment
    shell: Environment
    now: float
    home: str = ""
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    sessions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tokens: Mapping[str, SsoToken] = field(default_factory=dict)
    damage: tuple[tuple[str, Damage], ...] = ()
    config_path: str = ""
    credentials_path: str = ""
    cache_folder: str = ""
    region: tuple[str, str] = ("us-east-1", "the default")
    export: Setting | None = None
    exported: ExportedCredentials | str | None = None
    skips_signing: bool = False
    from_settings: Mapping[str, str] = field(default_factory=dict)
    readable: frozenset[str] = frozenset()
    on_amazon: bool = False
    over_ssh: bool = False
    leaves_project_out: bool = False
    tool: AwsTool | None = None

    def variable(self, name: str) -> str | None:
        """As Claude Code's SDK reads it: empty counts as unset."""
        return self.environment.get(name) or None


def look_at_aws(view: EffectiveConfig, environ: Mapping[str, str]) -> AwsSeen:
    """Reads the two shared files and the cache of single sign-on; asks nobody."""
    environment = effective(view, environ)
    home = view.snapshot.places.home
    config_path, credentials_path = aws_paths(
        home, view.snapshot.places.cwd, lambda name: environment.get(name, "")
    )
    files = read_shared_aws_files(config_path, credentials_path)
    profiles = _merge(files, config_path, credentials_path)
    cache_folder = os.path.join(home, ".aws", "sso", "cache")
    run = view.run_of("awsCredentialExport")
    return AwsSeen(
        environment=environment,
        shell=Environment(environ),
        now=view.snapshot.observed_at,
        home=home,
        profiles=profiles,
        sessions=files.config.sessions,
        tokens=_tokens(cache_folder),
        damage=files.damage,
        config_path=config_path,
        credentials_path=credentials_path,
        cache_folder=cache_folder,
        region=aws_region(view),
        export=view.setting("awsCredentialExport"),
        exported=None if run is None else exported(run),
        skips_signing=view.is_on("CLAUDE_CODE_SKIP_BEDROCK_AUTH"),
        from_settings=names_from_settings(view),
        readable=_readable(profiles, environment),
        on_amazon="amazon" in (view.snapshot.machine.vendor or "").lower(),
        over_ssh=view.snapshot.machine.over_ssh,
        leaves_project_out=bool(distrusted_variables(view)),
        tool=find_aws_tool(environ.get("PATH", ""), home),
    )


def _merge(files: SharedAwsFiles, config_path: str, credentials_path: str) -> dict[str, Profile]:
    """One profile a name; keys of the credentials file win."""
    found = {}
    for name in dict.fromkeys([*files.credentials.profiles, *files.config.profiles]):
        mine = files.credentials.profiles.get(name, {})
        both = {**files.config.profiles.get(name, {}), **mine}
        where = {
            key: credentials_path if mine.get(key) else config_path for key, text in both.items() if text
        }
        found[name] = Profile(
            name,
            {key: value for key, value in both.items() if key not in _SECRET_KEYS},
            has_secret="aws_secret_access_key" in where,
            has_token="aws_session_token" in where or "aws_security_token" in where,
            static_in=where.get("aws_access_key_id"),
            process_in=where.get("credential_process"),
        )
    return found


def _tokens(folder: str) -> dict[str, SsoToken]:
    found = {}
    for name in list_directory(folder, _MOST_TOKENS):
        if not name.endswith(".json"):
            continue
        read = read_file(os.path.join(folder, name))
        token = SsoToken(damage=read.damage) if read.content is None else read_sso_token(read.content)
        if token is not None:
            found[name] = token
    return found


def _readable(profiles: Mapping[str, Profile], environment: Environment) -> frozenset[str]:
    """Which of the web identity token files are there and may be read."""
    named = {profile.get("web_identity_token_file") for profile in profiles.values()}
    named.add(environment.get("AWS_WEB_IDENTITY_TOKEN_FILE"))
    return frozenset(path for path in named if path and os.access(path, os.R_OK))


def shown_name(name: str) -> str:
    """A profile's name as it may be shown."""
    return shown_value("profile", name, 60)
