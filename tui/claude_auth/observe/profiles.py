"""Anthropic profiles, and the identity token of federation [behaviour.md section 8]. Where neither is set
up, a look costs one `stat`."""

from __future__ import annotations

import os
from collections.abc import Mapping

from claude_auth.claude_code.variables import own_value
from claude_auth.files import list_directory, read_file
from claude_auth.formats.profiles import path_named, read_profile_config, read_profile_tokens
from claude_auth.model import AnthropicProfile, Assignment, Damage, Origin, SecretFile, StoreReading
from claude_auth.named_tuples import NamedTuple
from claude_auth.observe.claude_files import read_document, read_secret_file
from claude_auth.observe.context import ObservationContext
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import WHITE_SPACE

Variables = Mapping[str, tuple[Assignment, ...]]


class Profiles(NamedTuple):
    """`profile`: the one that counts, None where none is set up under that name; `tokens` its own;
    `identity`: of the variables."""

    profile: AnthropicProfile | None
    tokens: StoreReading
    identity: SecretFile | None


def read_profiles(view: ObservationContext, variables: Variables) -> Profiles:
    folder = _folder(view, variables)
    if not os.path.isdir(folder):
        missing = StoreReading(Origin("file", path=folder), damage=Damage("missing", "there is no profile"))
        federated = bool(own_value(variables, "ANTHROPIC_FEDERATION_RULE_ID"))
        return Profiles(None, missing, _identity(view, variables) if federated else None)
    profile, tokens = _profile(view, variables, folder)
    return Profiles(profile, tokens, _identity(view, variables))


def _folder(view: ObservationContext, variables: Variables) -> str:
    named = own_value(variables, "ANTHROPIC_CONFIG_DIR")
    xdg = own_value(variables, "XDG_CONFIG_HOME") or view.environ.get("XDG_CONFIG_HOME", "").strip()
    base = xdg or view.below_home(".config")
    return os.path.normpath(os.path.join(view.cwd, named or os.path.join(base, "anthropic")))


def _profile(
    view: ObservationContext, variables: Variables, folder: str
) -> tuple[AnthropicProfile | None, StoreReading]:
    name = own_value(variables, "ANTHROPIC_PROFILE") or _active(folder) or "default"
    names = [
        found[:-5] for found in list_directory(os.path.join(folder, "configs")) if found.endswith(".json")
    ]
    others = tuple(shown_value("account", found, 60) for found in names if found != name)
    path = os.path.join(folder, "configs", f"{name}.json")
    document, file = read_document(path)
    if document.damage is not None and document.damage.is_missing:
        missing = Damage("missing", f"there is no profile {shown_value('profile', name, 60)}")
        return None, StoreReading(Origin("file", path=folder), damage=missing, others=others)
    profile = read_profile_config(document, name, path, file)
    told = path_named(document.data, "identity_token", "path")
    if told is not None and profile.kind == "oidc_federation":
        profile = profile._replace(identity=read_secret_file(os.path.join(view.cwd, told)))
    stored = os.path.join(folder, "credentials", f"{name}.json")
    stored = os.path.join(view.cwd, path_named(document.data, "credentials_path") or stored)
    document, file = read_document(stored)
    return profile, read_profile_tokens(document, Origin("file", path=stored, file=file), others)


def _active(folder: str) -> str:
    """The name in `active_config`."""
    content = read_file(os.path.join(folder, "active_config"), 4096).content or b""
    return content.decode("utf-8", "replace").strip(WHITE_SPACE)


def _identity(view: ObservationContext, variables: Variables) -> SecretFile | None:
    """The file that a variable names, which beats the token in another one."""
    named = own_value(variables, "ANTHROPIC_IDENTITY_TOKEN_FILE")
    return read_secret_file(os.path.join(view.cwd, named)) if named else None
