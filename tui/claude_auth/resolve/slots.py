"""Which rows fill the two headers of a request: the rules of `claude_code.clients`, and the guards that they
name, applied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from claude_auth.claude_code.clients import (
    GATEWAY_MODE,
    HANDED_OVER,
    OAUTH_SOURCES,
    PROVIDER_SLOTS,
    Guard,
    Rule,
    Slots,
)
from claude_auth.claude_code.destination import Destination
from claude_auth.claude_code.effective import EffectiveConfig, asks_approval, has_own_sign_in, has_scopes
from claude_auth.claude_code.versions import at_least
from claude_auth.model import HeaderValue
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import Secret
from claude_auth.sources import BY_ID, find, managed_key
from claude_auth.sources.anthropic_api_key import key_suffix
from claude_auth.sources.profile import is_named, outranks_login, profile_destination


class Draft(NamedTuple):
    """What would go out and where to, before it is asked whether anything holds it back."""

    view: EffectiveConfig
    target: Destination
    x_api_key: HeaderValue | None = None
    authorization: HeaderValue | None = None

    @property
    def headers(self) -> tuple[HeaderValue, ...]:
        return tuple(header for header in (self.x_api_key, self.authorization) if header is not None)


def candidate(view: EffectiveConfig, row: str, slot: str) -> HeaderValue | None:
    """What a row would put into `slot` (`x_api_key` or `authorization`), None where it has nothing."""
    found = find(row)
    fills = None if found is None else found.x_api_key if slot == "x_api_key" else found.authorization
    return None if fills is None else fills(view)


def fill_slots(view: EffectiveConfig, target: Destination) -> Draft:
    """By the provider's rules, by the ladder's, or with the one header of the winner."""
    if target.uses_ladder and view.client.one_header:
        return _winner_alone(view, target)
    slots = view.client.slots if target.uses_ladder else PROVIDER_SLOTS.get(target.provider, Slots())
    if target.is_pinned:
        slots = GATEWAY_MODE
    draft = Draft(
        view,
        target,
        _fill(view, slots.x_api_key, "x_api_key", target),
        _fill(view, slots.authorization, "authorization", target),
    )
    if draft.authorization is None and _user_of_url_counts(draft):
        draft = draft._replace(authorization=candidate(view, "base-url-user", "authorization"))
    with_profile = draft.authorization is not None and draft.authorization.source == "profile"
    return draft._replace(target=(with_profile and profile_destination(view)) or target)


#: What an older one makes of a user name in its base URL isn't known.
_USER_OF_URL_SINCE = "2.1.328"


def _user_of_url_counts(draft: Draft) -> bool:
    """It goes out beside a key that is not empty, or where a cloud provider's own credential is left out;
    alone it is none [seen, 2.1.332]."""
    view = draft.view
    if not view.client.is_claude_code or not at_least(view.version, _USER_OF_URL_SINCE):
        return False
    beside = draft.x_api_key is not None and draft.x_api_key.value != Secret("")
    return beside or skips(view, draft.target.provider)


def _fill(
    view: EffectiveConfig, rules: tuple[Rule, ...], slot: str, target: Destination
) -> HeaderValue | None:
    for rule in rules:
        if rule.since is not None and not at_least(view.version, rule.since):
            continue
        if rule.until is not None and not at_least(rule.until, view.version):
            continue
        if target.uses_ladder and not target.is_pinned and left_alone(view, rule.source):
            continue
        found = candidate(view, rule.source, slot)
        if found is not None and passes(view, rule, target.provider):
            return found
    return None


def _winner_alone(view: EffectiveConfig, target: Destination) -> Draft:
    for source in view.client.one_header:
        slot = header_of(source)
        found = candidate(view, source, slot)
        if source == "managed-key" and view.client.names_only and key_is_no_text(view):
            found = HeaderValue(source, None, Secret(""))  # it is named all the same
        if found is None or (source == "anthropic-api-key" and not key_counts(view)):
            continue
        return Draft(view, target, found) if slot == "x_api_key" else Draft(view, target, None, found)
    return Draft(view, target)


def header_of(source: str) -> Literal["x_api_key", "authorization"]:
    """Which header a source becomes where a client sends the winner alone."""
    return "authorization" if BY_ID[source].x_api_key is None else "x_api_key"


# ── the guards ───────────────────────────────────────────────────────────────────────────────────

Approval = Literal["approved", "rejected", "unseen"]

SKIP_VARIABLES = {
    "bedrock": "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    "vertex": "CLAUDE_CODE_SKIP_VERTEX_AUTH",
    "foundry": "CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
    "anthropic-aws": "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH",
    "anthropic-google-cloud": "CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH",
    "mantle": "CLAUDE_CODE_SKIP_MANTLE_AUTH",
}


def approval(view: EffectiveConfig) -> Approval | None:
    """What Claude Code's question about the key was answered with [seen]. None where no key is set."""
    suffix, state = key_suffix(view), view.snapshot.claude_json
    if suffix is None:
        return None
    if suffix in {found.reveal() for found in state.approved}:
        return "approved"
    return "rejected" if suffix in {found.reveal() for found in state.rejected} else "unseen"


def key_counts(view: EffectiveConfig) -> bool:
    """Whether ANTHROPIC_API_KEY is used: always with -p and in the simple mode, which takes a rejected one
    too [seen, 2.1.332], once approved otherwise."""
    if candidate(view, "anthropic-api-key", "x_api_key") is None:
        return False
    return not asks_approval(view) or view.is_simple or approval(view) == "approved"


def key_from_outside(view: EffectiveConfig) -> bool:
    """A key that this client uses, of a descriptor or a remote session too: with any of them Claude Code
    leaves OAuth, profiles and federation alone."""
    others = ("api-key-file-descriptor", "remote-api-key")
    return key_counts(view) or any(_has(view, source, "x_api_key") for source in others)


def names_descriptor(view: EffectiveConfig) -> bool:
    """Whether the shell names a descriptor for a key: even where it gives nothing, no OAuth token of
    variable, descriptor or stored login is used, but profiles and federation are [seen, 2.1.332]."""
    return not view.is_simple and bool(view.text("CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"))


#: What counts only where no OAuth token is there, if the program that started Claude Code signs in itself.
_LEFT_ALONE = frozenset(
    {
        "anthropic-api-key",
        "api-key-file-descriptor",
        "remote-api-key",
        "anthropic-auth-token",
        "api-key-helper",
    }
)


def oauth_comes_first(view: EffectiveConfig) -> bool:
    """The desktop program or a remote session started Claude Code, and there is an OAuth token: then keys, a
    helper and ANTHROPIC_AUTH_TOKEN are left alone [seen, 2.1.332]."""
    return has_own_sign_in(view) and _oauth_token(view) is not None


def left_alone(view: EffectiveConfig, source: str) -> bool:
    return source in _LEFT_ALONE and oauth_comes_first(view)


def _oauth_token(view: EffectiveConfig) -> str | None:
    """The source of the OAuth token that would be used; one without the scope of requests hides the stored
    login all the same [seen]."""
    handed_over = next((source for source in HANDED_OVER if _has(view, source, "authorization")), None)
    if handed_over is not None:
        return handed_over if has_scopes(view) else None
    return "stored-login" if _has(view, "stored-login", "authorization") else None


def account_source(view: EffectiveConfig) -> str | None:
    """Which credential of an account is used: one alone, in whichever header. Of them a key from outside, a
    helper and ANTHROPIC_AUTH_TOKEN leave only the Console login's key [seen, 2.1.332]."""
    key = "managed-key" if _has(view, "managed-key", "x_api_key") or key_is_no_text(view) else None
    if not oauth_comes_first(view):
        outside = key_from_outside(view) or view.has_helper
        if outside or _has(view, "anthropic-auth-token", "authorization"):
            return key
        if names_descriptor(view):
            unnamed = None if _oauth_token(view) else _if_held(view, "profile")
            return _above_login(view, key) or key or unnamed
    if any(_has(view, source, "authorization") for source in HANDED_OVER):
        return _oauth_token(view) or key
    return _above_login(view, key) or _oauth_token(view) or key or _if_held(view, "profile")


def key_is_no_text(view: EffectiveConfig) -> bool:
    """Then nothing goes out for the Console login's key, which counts all the same [seen, 2.1.332]."""
    return view.snapshot.claude_json.key_is_no_text and managed_key.is_read(view)


def _above_login(view: EffectiveConfig, key: str | None) -> str | None:
    """A named profile, or federation, in whose place the Console login's key stands where there is one."""
    above = None if is_named(view) else _if_held(view, "federation")
    if above is None and outranks_login(view):
        above = _if_held(view, "profile")
    return above and (key or above)


def _if_held(view: EffectiveConfig, source: str) -> str | None:
    return source if _has(view, source, "authorization") else None


def oauth_sent(view: EffectiveConfig) -> bool:
    """Whether an OAuth token of a Claude account takes part, be it behind a header of the person's own."""
    return account_source(view) in OAUTH_SOURCES


def skips(view: EffectiveConfig, provider: str) -> bool:
    return view.is_on(SKIP_VARIABLES.get(provider, ""))


def _has(view: EffectiveConfig, source: str, slot: str) -> bool:
    return candidate(view, source, slot) is not None


def _bearer_despite_skip(view: EffectiveConfig) -> bool:
    return skips(view, "bedrock") and any(
        _has(view, source, "authorization")
        for source in ("bedrock-api-key", "anthropic-auth-token", "api-key-helper", "custom-headers")
    )


def _helper_gives_nothing(view: EffectiveConfig) -> bool:
    """Whether interactive Claude Code was left without a credential by its helper, which -p sends as an empty
    Bearer [seen, 2.1.332]."""
    found = candidate(view, "api-key-helper", "authorization") if view.client.asks_approval else None
    return found is not None and found.value is not None and found.value.is_empty


def _foundry_key_free(view: EffectiveConfig) -> bool:
    return not _has(view, "foundry-key", "x_api_key")


GUARDS: dict[Guard, Callable[[EffectiveConfig, str], bool]] = {
    "always": lambda view, provider: True,
    "approved": lambda view, provider: key_counts(view),
    "skip": skips,
    "no-skip": lambda view, provider: not skips(view, provider),
    "skip-not-empty": lambda view, provider: skips(view, provider) and not _helper_gives_nothing(view),
    "skip-with-bearer": lambda view, provider: _bearer_despite_skip(view),
    "no-anthropic-aws-key": lambda view, provider: (
        not skips(view, provider) and not _has(view, "anthropic-aws", "x_api_key")
    ),
    "no-foundry-token": lambda view, provider: not _has(view, "foundry-token", "authorization"),
    "no-foundry-key-skip": lambda view, provider: _foundry_key_free(view) and skips(view, provider),
    "no-foundry-key-no-skip": lambda view, provider: _foundry_key_free(view) and not skips(view, provider),
}


def passes(view: EffectiveConfig, rule: Rule, provider: str) -> bool:
    if rule.guard == "account":
        return account_source(view) == rule.source
    return GUARDS[rule.guard](view, provider)
