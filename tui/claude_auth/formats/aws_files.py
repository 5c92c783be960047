"""The two shared AWS files, as AWS's JavaScript SDK reads them, on which Claude Code is built [behaviour.md
8; seen, 2.1.332]. It passes over whatever it can't read, where the `aws` command stops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from claude_auth.formats.document import decode
from claude_auth.model import AwsProfile, AwsProvider, Damage, Origin
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import WHITE_SPACE, Secret

_SECRET_KEYS = ("aws_secret_access_key", "aws_session_token", "aws_security_token")
_SSO_KEYS = ("sso_start_url", "sso_account_id", "sso_session", "sso_region", "sso_role_name")
_WANTED_OF_SSO = ("sso_start_url", "sso_account_id", "sso_region", "sso_role_name")

Sections = dict[str, dict[str, str]]

_SPACE = f"[{WHITE_SPACE}]"
_COMMENT = f"(?:^|{_SPACE})[;#]"
_KIND_AND_NAME = rf"([\w-]+){_SPACE}([\"'])?([\w\-@+.%:/]+)(?(2)\2)"
_KINDS = ("profile", "sso-session", "services")


class AwsSections(NamedTuple):
    """By name: the profiles, and the single sign-ons that they refer to. `damage`: the first line that is
    passed over; the others count all the same."""

    profiles: Sections
    sessions: Sections
    damage: Damage | None = None


def read_sections(content: bytes, *, is_config: bool) -> AwsSections:
    """Profile name → keys. In the config file a profile is `[profile NAME]` or `[default]`, and
    `[profile default]` replaces that one."""
    _, damage = decode(content.removeprefix(b"\xef\xbb\xbf"))
    if damage is not None and damage.code == "empty":
        return AwsSections({}, {})
    text = content.decode("utf-8", "replace")
    found = _parse(text)
    damage = damage or next(_passed_over(text), None)
    if not is_config:
        return AwsSections(found, {}, damage)
    by_kind: dict[str, Sections] = {kind: {} for kind in _KINDS}
    for heading, keys in found.items():
        kind, dot, name = heading.partition(".")
        if dot and kind in by_kind:
            by_kind[kind][name] = keys
    default = {"default": found["default"]} if "default" in found else {}
    return AwsSections({**default, **by_kind["profile"]}, by_kind["sso-session"], damage)


def botocore_sections(content: bytes) -> dict[str, dict[str, object]]:
    """The same, named as botocore's parser would: what that finds by itself may be another key or command."""
    from shlex import quote

    found = _parse(content.decode("utf-8", "replace"))
    if "profile.default" in found:
        found.pop("default", None)
    sections: dict[str, dict[str, object]] = {}
    for heading, keys in found.items():
        kind, dot, name = heading.partition(".")
        section = sections.setdefault(f"{kind} {quote(name)}" if dot and kind in _KINDS else heading, {})
        for key, value in keys.items():
            above, dot, below = key.partition(".")
            inner = section.setdefault(above, {}) if dot else section
            if isinstance(inner, dict):
                inner[below if dot else key] = value
    return sections


def _parse(text: str) -> Sections:
    """Heading → keys, with `KIND.NAME` for `[KIND NAME]`. An indented line below a name without a value
    belongs to that name."""
    sections: Sections = {}
    heading, above = "", ""
    for line in _lines(text):
        found = _heading(line)
        if found is not None:
            heading, above = found, ""
            continue
        name, equals, value = _entry(line)
        if not heading or not equals or not name:
            continue
        if not value:
            above = name
            continue
        if line.lstrip(WHITE_SPACE) == line:
            above = ""
        sections.setdefault(heading, {})[f"{above}.{name}" if above else name] = value
    return sections


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]


def _without_comment(line: str) -> str:
    import re

    return re.split(_COMMENT, line, maxsplit=1)[0]


def _entry(line: str) -> tuple[str, str, str]:
    """A comment begins at the start or behind white space."""
    name, equals, value = _without_comment(line).partition("=")
    return name.strip(WHITE_SPACE), equals, value.strip(WHITE_SPACE)


def _heading(line: str) -> str | None:
    """None where the line is none; empty where nothing below it is read."""
    import re

    text = _without_comment(line).strip(WHITE_SPACE)
    if not (text.startswith("[") and text.endswith("]")):
        return None
    inner = text[1:-1]
    match = re.fullmatch(_KIND_AND_NAME, inner, re.ASCII)
    if match is None:
        return inner
    return f"{match[1]}.{match[3]}" if match[1] in _KINDS else ""


def _passed_over(text: str) -> Iterator[Damage]:
    """Lines that Claude Code reads over and whoever wrote them meant."""
    heading = None
    for number, line in enumerate(_lines(text), 1):
        heading = _heading(line) if _heading(line) is not None else heading
        name, equals, _ = _entry(line)
        if not name or _heading(line) is not None:
            continue
        if heading is None:
            yield Damage("not-ini", f"line {number} stands before any [profile]", number)
        elif not equals:
            yield Damage("not-ini", f"line {number} is not NAME = VALUE", number)
        elif name != name.lower() and name.lower().startswith("aws_"):
            yield Damage("not-ini", f"line {number}: names in capitals are not read", number)


# ── profiles ─────────────────────────────────────────────────────────────────────────────────────


def merge(
    config: AwsSections, credentials: AwsSections, config_path: str, credentials_path: str
) -> dict[str, AwsProfile]:
    """One profile per name; keys of the credentials file win."""
    profiles = {}
    for name in dict.fromkeys([*credentials.profiles, *config.profiles]):
        mine = credentials.profiles.get(name, {})
        keys = {**config.profiles.get(name, {}), **mine}
        key = keys.get("aws_access_key_id")
        provider = _provider(keys)
        profiles[name] = AwsProfile(
            name=shown_value("profile", name, 80),
            access_key_id=shown_value("aws_access_key_id", key, 40) if key else None,
            has_secret="aws_secret_access_key" in keys,
            region=keys.get("region"),
            provider=provider,
            origin=Origin("file", path=credentials_path if "aws_access_key_id" in mine else config_path),
            secrets=tuple(
                Secret(value)
                for found in (mine, config.profiles.get(name, {}))
                for key in _SECRET_KEYS
                if (value := found.get(key))
            ),
            source_profile=keys.get("source_profile"),
            credential_source=keys.get("credential_source"),
            wants_code=provider == "assume-role" and "mfa_serial" in keys,
            lacks=lacking_sso(keys, config.sessions) if provider == "sso" else (),
        )
    return profiles


def _provider(keys: Mapping[str, str]) -> AwsProvider:
    """Which provider the SDK asks for a profile, in the order of its published code."""
    if "role_arn" in keys and ("source_profile" in keys) != ("credential_source" in keys):
        return "assume-role"
    if "aws_access_key_id" in keys and "aws_secret_access_key" in keys:
        return "static"
    if "web_identity_token_file" in keys and "role_arn" in keys:
        return "web-identity"
    if "credential_process" in keys:
        return "process"
    if any(key in keys for key in _SSO_KEYS):
        return "sso"
    return "login" if "login_session" in keys else "none"


def lacking_sso(keys: Mapping[str, str], sessions: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """What a profile of single sign-on needs and has not; its session gives the address and the region."""
    session = keys.get("sso_session")
    if session is None:
        return tuple(key for key in _WANTED_OF_SSO if key not in keys)
    if session not in sessions:
        return (f"[sso-session {shown_value('session', session, 80)}]",)
    return tuple(key for key in _WANTED_OF_SSO if key not in {**keys, **sessions[session]})
