"""An Anthropic profile: the tokens of a sign-in, or an identity token to exchange."""

from __future__ import annotations

from claude_auth.claude_code.destination import Destination, at_base_url
from claude_auth.claude_code.effective import EffectiveConfig, profiles_ignored, reads_profiles
from claude_auth.model import AnthropicProfile, Expiry, HeaderValue, Origin, SourceReading
from claude_auth.security.sanitize import shown_value
from claude_auth.sources.federation import ORGANIZATION, RULE, clear_text_problem, exchange_problem
from claude_auth.sources.source import EXCHANGE_TELLS, Source, bearer, own, read_store

_ID = "profile"
_VARIABLE = "ANTHROPIC_PROFILE"

#: With no more than so many seconds left a token has expired [seen, 2.1.332].
_MARGIN = 60


def is_named(view: EffectiveConfig) -> bool:
    """By the variable: such a profile outranks a stored login, and keeps federation out even where there is
    no profile of that name."""
    return bool(view.text(_VARIABLE))


def outranks_login(view: EffectiveConfig) -> bool:
    """A named one, and one that federates."""
    profile = view.snapshot.profile
    return is_named(view) or (profile is not None and profile.kind == "oidc_federation")


def _expiry(view: EffectiveConfig, profile: AnthropicProfile) -> Expiry:
    """Renewed only where the configuration names the OAuth client too."""
    tokens = view.snapshot.profile_tokens.tokens
    if tokens is None or tokens.expires_at is None:
        return "none"
    if tokens.expires_at - view.snapshot.observed_at > _MARGIN:
        return "live"
    return "stale-refreshable" if profile.renews and tokens.is_refreshable else "expired"


def _authorization(view: EffectiveConfig) -> HeaderValue | None:
    """Also of a profile that can't be used any more: Claude Code stops there, and looks no further."""
    profile, store = view.snapshot.profile, view.snapshot.profile_tokens
    if profile is None or not profile.kind or not reads_profiles(view):
        return None
    if profile.kind == "oidc_federation":
        live = store.tokens is not None and _expiry(view, profile) in {"live", "none"}
        return bearer(_ID, store.tokens.access_token.stripped() if live and store.tokens else None)
    if store.damage is not None and store.damage.is_missing:
        return None
    if store.tokens is None or _expiry(view, profile) == "stale-refreshable":
        return bearer(_ID, None)
    return bearer(_ID, store.tokens.access_token.stripped())


def profile_problem(view: EffectiveConfig, url: str) -> str | None:
    """Why Claude Code sends no request to `url` with the profile that it uses."""
    profile, store = view.snapshot.profile, view.snapshot.profile_tokens
    if profile is None or profile.refused is not None:
        return None if profile is None else profile.refused
    if profile.kind == "oidc_federation":
        return _exchange_problem(view, profile, url)
    if store.tokens is None:
        why = store.damage.text if store.damage is not None else store.unusable
        return f"the tokens of the Anthropic profile {profile.name} can't be used: {why}"
    expiry = _expiry(view, profile)
    if expiry == "expired":
        return f"the login of the Anthropic profile {profile.name} has expired"
    return clear_text_problem(url) if expiry == "stale-refreshable" else None


def _exchange_problem(view: EffectiveConfig, profile: AnthropicProfile, url: str) -> str | None:
    header = _authorization(view)
    if header is not None and header.value is not None:  # of an earlier exchange
        return None
    told = ((profile.has_rule, RULE), (profile.has_organization, ORGANIZATION))
    missing = next((name for has, name in told if not has and not view.text(name)), None)
    if missing is not None:
        return f"the Anthropic profile {profile.name} says nothing of what {missing} could say instead"
    return exchange_problem(view, url, profile.identity)


def profile_destination(view: EffectiveConfig) -> Destination | None:
    """Where a profile leads requests that it authenticates; None where it names no address, or the variable
    comes first."""
    profile = view.snapshot.profile
    if profile is None or not profile.base_url or view.text("ANTHROPIC_BASE_URL"):
        return None
    return at_base_url(profile.base_url, "base_url of the Anthropic profile")


def _read(view: EffectiveConfig) -> SourceReading:
    profile, store = view.snapshot.profile, view.snapshot.profile_tokens
    named = own(view, _VARIABLE)
    reading = read_store(view, _ID, store, "no profile")
    if profile is None:
        if named is None:
            return reading
        why = f"{_VARIABLE} is set but empty"
        if not named.value.is_blank:
            name = shown_value(_VARIABLE, named.value.reveal(), 60)
            why = f"{_VARIABLE} names {name}, and there is no such profile"
        return SourceReading(_ID, "unusable", why, named.origin, details=reading.details)
    if profile.unusable is not None:
        origin = Origin("file", path=profile.path, file=profile.file)
        why = f"profile {profile.name}: {profile.unusable}"
        return SourceReading(_ID, "unusable", why, origin, details=reading.details)
    if profile.kind == "oidc_federation":
        why = f"profile {profile.name} exchanges an identity token for a Bearer"
        return reading._replace(state="present", reason=why, account=profile.name)
    if reading.state != "present" or store.tokens is None:
        why = f"profile {profile.name} has no tokens" if reading.state == "absent" else reading.reason
        return reading._replace(state="unusable" if reading.state == "absent" else reading.state, reason=why)
    tokens = store.tokens if profile.renews else store.tokens._replace(refresh_token=None)
    why = f"profile {profile.name} holds an access token"
    expiry = _expiry(view, profile)
    return reading._replace(reason=why, tokens=tokens, expiry=expiry, account=profile.name)


SOURCE = Source(
    id=_ID,
    label="Anthropic profile",
    family="wire",
    sets=f"{_VARIABLE}, or a profile below ~/.config/anthropic",
    unset=f"unset {_VARIABLE}, or remove the profile",
    bills="the organisation of the profile",
    variable=_VARIABLE,
    read=_read,
    authorization=_authorization,
    absent="none",
    unknown_until=EXCHANGE_TELLS,
    ignored=profiles_ignored,
)
