"""An Anthropic profile: its configuration, and the tokens of one [behaviour.md section 8; seen, 2.1.332]."""

from __future__ import annotations

import math

from claude_auth.formats.credentials import read_scopes
from claude_auth.formats.document import (
    Document,
    JsonObject,
    javascript_number,
    object_of,
    sent_text,
    text_of,
)
from claude_auth.model import AnthropicProfile, FileFacts, StoreReading, TokenSet
from claude_auth.model.origins import Origin
from claude_auth.security.sanitize import shown_value
from claude_auth.security.secret import Secret


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
