"""The shared AWS files: profiles, and what each one would be asked for."""

from __future__ import annotations

import configparser

from claude_auth.formats.document import decode
from claude_auth.model import AwsProfile, AwsProvider, Damage, Origin
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import Secret

_SECRET_KEYS = ("aws_secret_access_key", "aws_session_token", "aws_security_token")

Sections = dict[str, dict[str, str]]


def read_sections(content: bytes, *, is_config: bool) -> tuple[Sections, Damage | None]:
    """Profile name → keys in lower case. In the config file a profile is `[profile NAME]` or `[default]`."""
    text, damage = decode(content)
    if damage is not None:
        return {}, None if damage.code == "empty" else damage
    try:
        parser = parsed(text)
    except configparser.MissingSectionHeaderError as error:
        return {}, Damage("not-ini", f"line {error.lineno} stands before any [profile]", error.lineno)
    except configparser.ParsingError as error:
        line = error.errors[0][0] if error.errors else None
        return {}, Damage("not-ini", f"line {line} is not NAME = VALUE", line)
    except configparser.Error:
        return {}, Damage("not-ini", "the file is not an AWS configuration file")
    sections: Sections = {}
    for heading in parser.sections():
        name = _profile_name(heading, is_config)
        if name is not None:
            sections[name] = {key: (value or "").strip() for key, value in parser.items(heading)}
    return sections, None


def parsed(text: str) -> configparser.ConfigParser:
    """Raises `configparser.Error`."""
    parser = configparser.ConfigParser(
        interpolation=None, strict=False, allow_no_value=True, delimiters=("=",), default_section="\0"
    )
    try:
        parser.read_string(text)
    except configparser.MissingSectionHeaderError:
        raise
    except (AttributeError, configparser.ParsingError) as error:
        # An indented line below a name without a value: an AttributeError before Python 3.13, since then an
        # error without a list of lines.
        if getattr(error, "errors", None):
            raise
        raise configparser.Error("a line goes on, and nothing was begun") from None
    return parser


def _profile_name(heading: str, is_config: bool) -> str | None:
    words = heading.split(None, 1)
    if is_config and len(words) == 2 and words[0] == "profile":
        return words[1].strip().strip("\"'")
    if is_config and heading.strip() != "default":
        return None  # sso-session, services, plugins
    return heading.strip()


def merge(
    config: Sections, credentials: Sections, config_path: str, credentials_path: str
) -> dict[str, AwsProfile]:
    """One profile per name; keys of the credentials file win, as in AWS's own SDKs."""
    profiles = {}
    for name in [*credentials, *(name for name in config if name not in credentials)]:
        both = {**config.get(name, {}), **credentials.get(name, {})}
        in_credentials = "aws_access_key_id" in credentials.get(name, {})
        key = both.get("aws_access_key_id") or None
        profiles[name] = AwsProfile(
            name=shown_value("profile", name, 80),
            access_key_id=shown_value("aws_access_key_id", key, 40) if key else None,
            has_secret=bool(both.get("aws_secret_access_key")),
            region=config.get(name, {}).get("region") or credentials.get(name, {}).get("region") or None,
            provider=_provider(both),
            origin=Origin("file", path=credentials_path if in_credentials else config_path),
            secrets=tuple(
                Secret(value)
                for keys in (credentials.get(name, {}), config.get(name, {}))
                for key in _SECRET_KEYS
                if (value := keys.get(key))
            ),
        )
    return profiles


def _provider(keys: dict[str, str]) -> AwsProvider:
    """Which provider AWS's JavaScript SDK asks for a profile, in the order of its published code."""
    if keys.get("role_arn") and (keys.get("source_profile") or keys.get("credential_source")):
        return "assume-role"
    if keys.get("aws_access_key_id") and keys.get("aws_secret_access_key"):
        return "static"
    if keys.get("web_identity_token_file") and keys.get("role_arn"):
        return "web-identity"
    if keys.get("credential_process"):
        return "process"
    if keys.get("sso_session") or keys.get("sso_start_url"):
        return "sso"
    if keys.get("login_session"):
        return "login"
    return "none"
