"""Anthropic profiles, and the identity token of federation [behaviour.md section 8]. Where neither is set
up, a look costs one `stat`."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping

from claude_auth.claude_code.variables import own_value
from claude_auth.files import list_directory, read_file
from claude_auth.formats.credentials import read_scopes
from claude_auth.formats.document import (
    Document,
    JsonObject,
    javascript_number,
    object_of,
    sent_text,
    text_of,
)
from claude_auth.model import (
    AnthropicProfile,
    Assignment,
    Damage,
    FileFacts,
    Origin,
    SecretFile,
    StoreReading,
    TokenSet,
)
from claude_auth.named_tuples import NamedTuple
from claude_auth.observe.claude_files import read_document, read_secret_file
from claude_auth.observe.context import ObservationContext
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import WHITE_SPACE, Secret

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
    xdg = own_value(variables, "XDG_CONFIG_HOME") or view.environ.get("XDG_CONFIG_HOME", "")
    base = xdg.strip(WHITE_SPACE) or view.below_home(".config")
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


# ── the bytes of one: its configuration, and its tokens [seen, 2.1.332] ───────────────────────────


def read_profile_config(document: Document, name: str, path: str, file: FileFacts | None) -> AnthropicProfile:
    """`kind` is empty for everything that Claude Code passes over: no JSON, nothing that says how to
    authenticate, a kind that it does not use."""
    shown = shown_value("profile", name, 60)
    if document.damage is not None:
        return AnthropicProfile(shown, path, unusable=document.damage.text, file=file)
    authentication = object_of(document.data.get("authentication"))
    base_url, kind = document.data.get("base_url"), authentication.get("type")
    if kind not in {"user_oauth", "oidc_federation"}:
        words = "names no way to authenticate" if kind is None else "authenticates in a way that is not used"
        return AnthropicProfile(shown, path, unusable=f"its configuration {words}", file=file)
    return AnthropicProfile(
        shown,
        path,
        "oidc_federation" if kind == "oidc_federation" else "user_oauth",
        base_url=text_of(base_url) or "",
        renews=bool(sent_text(authentication.get("client_id"))),
        has_rule=bool(authentication.get("federation_rule_id")),
        has_organization=bool(document.data.get("organization_id")),
        refused=_refused(name, authentication, base_url),
        file=file,
    )


def _refused(name: str, authentication: JsonObject, base_url: object) -> str | None:
    if "/" in name:
        return "the name of the Anthropic profile holds a slash"
    if base_url and not isinstance(base_url, str):
        return "the base_url of the Anthropic profile is not text"
    token = authentication.get("identity_token")
    from_file = token is None or object_of(token).get("source") == "file"
    return None if from_file else "the profile does not say that its identity token comes from a file"


def path_named(data: JsonObject, *keys: str) -> str | None:
    """A path in the configuration, below `authentication`."""
    found = object_of(data.get("authentication"))
    for key in keys[:-1]:
        found = object_of(found.get(key))
    return text_of(found.get(keys[-1])) or None


def read_profile_tokens(document: Document, origin: Origin, others: tuple[str, ...]) -> StoreReading:
    """`expires_at` is in seconds and a number, or text that holds one; anything else has expired."""
    if document.damage is not None:
        return StoreReading(origin, damage=document.damage, others=others)
    data = document.data
    access, refresh, expires = (data.get(name) for name in ("access_token", "refresh_token", "expires_at"))
    if not sent_text(access):
        return StoreReading(origin, unusable="the file holds no access token", others=others)
    moment = javascript_number(expires)
    never = expires is None or moment == math.inf
    tokens = TokenSet(
        access_token=Secret(sent_text(access)),
        refresh_token=Secret(renews) if (renews := sent_text(refresh)) else None,
        expires_at=None if never else moment if math.isfinite(moment) else 0.0,
        scopes=read_scopes(data.get("scope")),
    )
    return StoreReading(origin, tokens, others=others)
