"""Panel 2: everything about the source under the ladder's cursor."""

from __future__ import annotations

from claude_auth.app.widgets.line_view import LineView
from claude_auth.model import Origin, SourceReading, TokenSet
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import Line, Span, fact, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.sources import BY_ID
from claude_auth.words import (
    ACCESS_TOKEN_LIFETIME,
    LOGIN_LIFETIME,
    abbreviate_home,
    bar,
    bill_words,
    deadline_words,
    expiry_words,
    format_location,
    format_path,
    kind_words,
    mode_words,
    origin_words,
    payer_words,
    scope_words,
    standing_word,
    state_word,
    when,
)

_LABEL = 11
_BAR = 10


class SourcePane(LineView):
    """One source: what it holds, how long, from where, what it costs, how to be rid of it."""

    about = (
        "The source under the cursor of the priority list: its token, how long it lasts, where it was found, "
        "why it is used or not, what a request by it costs, and how to remove it."
    )
    _source = ""

    def draw(self, scene: DashboardState) -> None:
        self.entitle(f"2 {BY_ID[scene.chosen].label}")
        self.show(lambda width: lines(scene, width))
        if scene.chosen != self._source:
            self._source = scene.chosen
            self.scroll_home(animate=False)


def lines(scene: DashboardState, width: int) -> list[Line]:
    standing = scene.standing
    reading = standing.reading
    source = BY_ID[reading.source]
    word = standing_word(standing)
    why = clean(abbreviate_home(standing.reason, scene.home))
    found = [*wrap(line(Span(str(word), word.role), "" if why == word.text else f": {why}"), width, 2)]
    found += token_lines(reading, width)
    if reading.tokens is not None:
        found += lifetime_lines(reading, reading.tokens, scene.now, width)
    if reading.account:
        found += fact("account", line(clean(reading.account, 80)), width, _LABEL)
    if reading.state != "absent":
        found += origin_lines(reading.origin, scene.home, scene.now, width)
        sent = standing.verdict in {"winning", "also-sent"}
        bills = payer_words(scene.resolution, source.id) if sent else bill_words(source.id, reading.tokens)
        found += fact("bills" if sent else "would bill", line(bills), width, _LABEL)
    if reading.state in ("unusable", "unreadable") and clean(reading.reason) != clean(standing.reason):
        state = state_word(reading)
        found += fact("state", line(Span(f"{state}: ", state.role), clean(reading.reason)), width, _LABEL)
    for name, value in reading.details:
        found += fact(
            clean(name, 40),
            line(clean(abbreviate_home(value, scene.home))),
            width,
            max(_LABEL, min(_LABEL + 6, len(name) + 2)),
        )
    if reading.tokens is not None:
        found += scope_lines(reading.tokens, width)
    if reading.state == "absent":
        found += fact("set by", line(source.sets), width, _LABEL)
        found += fact("would bill", line(source.bills), width, _LABEL)
    else:
        found += fact("to remove", line(source.unset), width, _LABEL)
        if source.unset_command and source.unset_command not in source.unset:
            found += fact("", line(Span(source.unset_command, "accent")), width, _LABEL)
    return found


def token_lines(reading: SourceReading, width: int) -> tuple[Line, ...]:
    value = reading.tokens.access_token if reading.tokens is not None else reading.value
    if value is None:
        return ()
    parts = line(
        value.masked, "  ", Span(value.fingerprint, "strong"), Span(f"  {kind_words(value.kind)}", "dim")
    )
    return fact("token", parts, width, _LABEL)


def lifetime_lines(reading: SourceReading, tokens: TokenSet, now: float, width: int) -> list[Line]:
    """The access token's bar and time, and how long the sign-in itself lasts."""
    found: list[Line] = []
    word = expiry_words(tokens, reading.expiry, now)
    rest = None if tokens.expires_at is None else tokens.expires_at - now
    parts: Line = ()
    if rest is not None and rest > 0 and width >= 40:
        lifetime = ACCESS_TOKEN_LIFETIME if tokens.is_refreshable else LOGIN_LIFETIME
        parts = (Span(bar(rest, lifetime, _BAR) + " ", word.role),)
    found += fact("expires", (*parts, Span(str(word), word.role)), width, _LABEL)
    deadline = deadline_words(tokens, now)
    if deadline is not None:
        found += fact("sign-in", line(deadline), width, _LABEL)
    elif not tokens.is_refreshable:
        found += fact("renewal", line(Span("none: there is no refresh token", "dim")), width, _LABEL)
    return found


def scope_lines(tokens: TokenSet, width: int) -> list[Line]:
    if not tokens.scopes:
        return [*fact("scopes", line(Span("none are noted", "dim")), width, _LABEL)]
    found: list[Line] = []
    for number, scope in enumerate(tokens.scopes[:20]):
        words = line(clean(scope, 60), Span(f"  {scope_words(scope)}", "dim"))
        found += fact("" if number else "scopes", words, width, _LABEL)
    if len(tokens.scopes) > 20:
        found += fact("", line(Span(f"and {len(tokens.scopes) - 20} more", "dim")), width, _LABEL)
    return found


def origin_lines(origin: Origin, home: str, now: float, width: int) -> list[Line]:
    """Where it was found, who may read that, and where it is likely set."""
    found: list[Line] = []
    words = origin_words(origin, home)
    if words:
        found += fact("found in", line(words), width, _LABEL)
    for number, location in enumerate(origin.likely_set_at[:4]):
        found += fact("" if number else "set at", line(format_location(location, home)), width, _LABEL)
    file = origin.file
    if file is not None:
        mode = mode_words(file)
        owner = clean(file.owner, 40) + ("" if file.owned_by_us else ", not you")
        parts = line(Span(mode.text, mode.role), f", owner {owner}, changed {when(file.modified, now)}")
        found += fact("file", parts, width, _LABEL)
        if file.link_target:
            found += fact("links to", line(format_path(file.link_target, home)), width, _LABEL)
    return found
