"""`resolve(snapshot, client, version)`: winner, headers on the wire, and for each source why.

Pure and driven by tables: the rules stand in `claude_code.clients`, what a source holds in `sources`, the
facts in behaviour.md's words beside them.
"""

from __future__ import annotations

from collections.abc import Mapping

from claude_auth import sources
from claude_auth.claude_code.clients import BETA_SOURCES, BY_ID, OAUTH_BETA, PROVIDER_SLOTS
from claude_auth.claude_code.destination import find_destination
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.versions import answer
from claude_auth.model import Blocked, HeaderValue, Resolution, Snapshot, SourceReading, Wire
from claude_auth.resolve.blocks import blocked
from claude_auth.resolve.slots import Draft, fill_slots, oauth_sent
from claude_auth.resolve.standings import Outcome, named, stand
from claude_auth.security.sanitize import shown_sentence, shown_value
from claude_auth.security.secret import without_locals
from claude_auth.sources import SOURCES, owner, rank_key
from claude_auth.sources.aws_credentials import aws_keys_mismatch
from claude_auth.sources.foundry import PLACEHOLDER

__all__ = ["read_source", "resolve"]


@without_locals
def resolve(snapshot: Snapshot, client_id: str, asked_version: str | None = None) -> Resolution:
    """What `client_id` would send, by the rules of `asked_version`, else of the installed client, else of
    the newest one observed. Raises KeyError for a client that is not in the table."""
    client = BY_ID[client_id]
    installed = snapshot.installed[0].version if snapshot.installed else None
    version = answer(asked_version, installed)
    view = EffectiveConfig(snapshot, client, version.resolved_as)
    draft = fill_slots(view, find_destination(view))
    readings = {source.id: read_source(view, source.id) for source in SOURCES}
    if client.names_only:
        return named(draft, readings, version)
    hindered = blocked(draft)
    wire = None if hindered is not None else _wire(draft)
    winner = None if wire is None else _winner(draft)
    if winner is not None and view.fetches_settings:
        readings[winner] = _with_server_settings(view, readings[winner])
    failing = {} if wire is None else _failing(draft, wire, readings)
    outcome = Outcome(draft.target, wire, hindered, winner, failing)
    return Resolution(
        client=client_id,
        version=version,
        provider=draft.target.provider,
        usable=_usable(draft, hindered, failing),
        winner=winner,
        blocked=hindered,
        wire=wire,
        standings=tuple(stand(view, reading, outcome) for reading in readings.values()),
    )


def read_source(view: EffectiveConfig, source: str) -> SourceReading:
    """What one source holds. A secret that stands in the wrong place (a path, a region, a name) is quoted by
    no sentence."""
    reading = sources.BY_ID[source].read(view)
    return reading._replace(
        reason=shown_sentence(reading.reason, 600),
        account=None if reading.account is None else shown_value("account", reading.account),
        details=tuple((name, shown_sentence(text, 600)) for name, text in reading.details),
    )


def _with_server_settings(view: EffectiveConfig, reading: SourceReading) -> SourceReading:
    """With a note that the answer may be another one: nobody knows before the client has asked."""
    words = "a server of Anthropic's is asked for managed settings at the start; they may change this"
    if last := view.settings_of_server:
        names = ", ".join(shown_value("name", name, 60) for name in last[:8])
        words += f". The last ones set {names}"
    return reading._replace(details=(*reading.details, ("settings", words)))


def _wire(draft: Draft) -> Wire:
    beta = OAUTH_BETA if _sends_beta(draft) else None
    return Wire(draft.target.host, draft.target.url, draft.x_api_key, draft.authorization, beta)


def _sends_beta(draft: Draft) -> bool:
    """The OAuth header goes with an OAuth token of a Claude account, also where a custom header replaced it;
    a live login whose scopes are text goes out without it [seen, 2.1.328]. A person can ask for it, not by
    ANTHROPIC_CUSTOM_HEADERS [seen, 2.1.332]."""
    view, authorization = draft.view, draft.authorization
    if authorization is None or not view.client.is_claude_code or not draft.target.uses_ladder:
        return False
    if OAUTH_BETA in view.text("ANTHROPIC_BETAS").split(","):
        return True
    if authorization.source == "custom-headers":
        return oauth_sent(view)
    if authorization.source == "stored-login" and not authorization.will_refresh:
        tokens = view.snapshot.login.tokens
        return tokens is None or not tokens.scopes_are_text
    return authorization.source in BETA_SOURCES


def _winner(draft: Draft) -> str | None:
    """The source on the wire with the best documented rank, or the provider's."""
    provider = draft.target.provider
    on_wire = [owner(header.source, provider) for header in draft.headers]
    if provider in PROVIDER_SLOTS:
        own = [source for source in on_wire if sources.BY_ID[source].family == "provider"]
        return own[0] if own else min(on_wire, key=rank_key, default=provider)
    return min(on_wire, key=rank_key)


def _usable(draft: Draft, hindered: Blocked | None, failing: Mapping[str, str]) -> bool | None:
    """True: a credential goes out; False: none, or one that surely fails; None: not known."""
    if hindered is not None:
        return None if hindered.code == "not-checked" else False
    if failing:
        return False
    if not draft.headers or any(header.value == PLACEHOLDER or header.is_unknown for header in draft.headers):
        return None
    if draft.view.snapshot.login.unusable is not None and any(
        header.source == "stored-login" for header in draft.headers
    ):
        return None
    return True


def _failing(draft: Draft, wire: Wire, readings: Mapping[str, SourceReading]) -> dict[str, str]:
    """By source: why what it sends can't work, as far as this machine alone shows it."""
    found = {}
    for header in draft.headers:
        source = owner(header.source, draft.target.provider)
        why = _failure(draft, wire, header, readings[source])
        if why is not None:
            found[source] = why
    return found


def _failure(draft: Draft, wire: Wire, header: HeaderValue, reading: SourceReading) -> str | None:
    view, tokens = draft.view, reading.tokens
    if header.value is not None and header.value.is_blank:
        return "its value is empty"
    if tokens is not None and tokens.is_spent(view.snapshot.observed_at):
        return "it has expired"
    if header.source == "aws-environment":
        return aws_keys_mismatch(view)
    if wire.beta is not None or not view.client.is_claude_code or draft.target.provider != "first-party":
        return None
    if header.source == "stored-login" and tokens is not None and tokens.scopes_are_text:
        return "it goes out without the OAuth beta header, since its scopes are text"
    is_oauth = header.value is not None and header.value.kind == "oauth-access-token"
    if header.source == "anthropic-auth-token" and is_oauth and draft.x_api_key is None:
        return "an OAuth token is refused without the OAuth beta header, which doesn't go with this variable"
    return None
