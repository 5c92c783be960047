"""The credentials that are found, the places that hold nothing, and all about the one under the cursor.
Pure."""

from __future__ import annotations

from collections.abc import Iterator

from claude_auth.diagnose.context import removal
from claude_auth.model import Origin, Resolution, SourceReading, Standing, StandingVerdict, TokenSet
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import Line, Row, Span, fact, fit, line, pad, plain, spread, wrap
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret
from claude_auth.sources import BY_ID, Family
from claude_auth.words import (
    ACCESS_TOKEN_LIFETIME,
    LOGIN_LIFETIME,
    TextStyle,
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
    short_origin,
    standing_word,
    state_word,
    unknown_until,
    when,
)

_LABEL_CELLS, _WORD = 25, 12
#: Lines for why a credential is as it is; the pane beside says it whole.
_WHY_LINES = 4

HEADINGS: tuple[tuple[Family, str], ...] = (
    ("ladder", "in the order in which Claude Code looks"),
    ("wire", "also read by Claude Code"),
    ("provider", "cloud providers, which replace all others"),
    ("other-program", "of other programs"),
)
#: What is used first, then what goes out beside it, what could go out, what is left aside.
_ORDER: dict[StandingVerdict, int] = {"winning": 0, "also-sent": 1, "shadowed": 3, "unused": 4}


def found_standings(resolution: Resolution) -> list[Standing]:
    """Whatever holds something, or could not be looked at, what is used first."""
    there = (standing for standing in resolution.standings if standing.reading.state != "absent")
    return sorted(
        there, key=lambda one: 2 if one.hindrance and one.verdict == "unused" else _ORDER[one.verdict]
    )


def ladder_rows(scene: DashboardState, width: int) -> list[Row]:
    """What is found; the places that hold nothing are one line, or listed once opened. With a filter, the
    rows of both that match."""
    found = [
        Row(standing.reading.source, credential_lines(standing, scene, width))
        for standing in found_standings(scene.resolution)
    ]
    nothing = [s for s in scene.resolution.standings if s.reading.state == "absent"]
    if scene.needle:
        found += [_absent_row(standing, width) for standing in nothing]
        needle = scene.needle.lower()
        found = [row for row in found if any(needle in plain(one).lower() for one in row.lines)]
        if found:
            return found
        return [Row(None, wrap(line(Span("nothing matches; press Escape to see all rows", "dim")), width))]
    if not found:
        found.append(Row(None, wrap(line(Span("no credential is found on this machine", "strong")), width)))
    others = f"{len(nothing)} {'other ' if found[0].id else ''}places hold nothing"
    if not scene.opened:
        words = spread(line(f"+ {others}"), line(Span("space shows them", "dim")), width)
        return [*found, Row(None, (words,))]
    found.append(Row(None, (spread(line(f"- {others}"), line(Span("space hides them", "dim")), width),)))
    for family, heading in HEADINGS:
        members = [_absent_row(s, width) for s in nothing if BY_ID[s.reading.source].family == family]
        if members:
            found.append(Row(None, (line(Span(pad(f"── {heading} ".ljust(width, "─"), width), "dim")),)))
            found += members
    return found


def _absent_row(standing: Standing, width: int) -> Row:
    word, label = standing_word(standing), BY_ID[standing.reading.source].label
    return Row(
        standing.reading.source,
        (line(Span(pad(f"{word}", _WORD) + " ", word.role), Span(fit(label, width - _WORD - 1), "dim")),),
    )


def credential_lines(standing: Standing, scene: DashboardState, width: int) -> tuple[Line, ...]:
    """The state of a credential; below, where it stands, who pays and until when, or why it is not used."""
    room = width - _WORD - 1
    told = abbreviate_home(" · ".join(_told(standing, scene)), scene.home)
    below = wrap(line(Span(told, "dim")), max(8, room)) if told else ()
    if len(below) > _WHY_LINES:
        rest = " ".join(plain(one) for one in below[_WHY_LINES - 1 :])
        below = (*below[: _WHY_LINES - 1], line(Span(fit(rest, room), "dim")))
    return (credential_head(standing, width), *((Span(" " * (_WORD + 1)), *one) for one in below))


def credential_head(standing: Standing, width: int) -> Line:
    """State, label and masked value."""
    word = standing_word(standing)
    state = Span(pad(f"{word.glyph} {word.text.upper()}", _WORD) + " ", word.role)
    strong: TextStyle = "strong" if standing.verdict in {"winning", "also-sent"} else "plain"
    room, label = width - _WORD - 1, BY_ID[standing.reading.source].label
    value = _value_words(standing, room - _LABEL_CELLS - 1)
    if not value.text:
        return (state, Span(fit(label, room), strong))
    return (state, Span(pad(label, _LABEL_CELLS) + " ", strong), value)


def _told(standing: Standing, scene: DashboardState) -> Iterator[str]:
    reading = standing.reading
    if reading.state in ("unusable", "unreadable"):
        yield reading.reason
        yield short_origin(reading.origin, scene.home)
        return
    sent = standing.verdict in {"winning", "also-sent"}
    if not sent or standing.hindrance is not None:
        yield standing.reason
    if sent:
        yield from filter(None, (reading.account, short_origin(reading.origin, scene.home)))
        yield payer_words(scene.resolution, reading.source)
    if reading.tokens is not None and reading.tokens.expires_at is not None:
        yield expiry_words(reading.tokens, reading.expiry, scene.now).text


def _value_words(standing: Standing, room: int) -> Span:
    """The value's mask, or what tells it, in at most `room` cells."""
    reading = standing.reading
    value = reading.tokens.access_token if reading.tokens is not None else reading.value
    if room < 4 or reading.state in ("unusable", "unreadable"):
        return Span("")
    if value is not None:
        return Span(short_mask(value, room))
    asks = "press e" in unknown_until(reading.source) and standing.verdict != "unused"
    return Span(fit("press e", room) if asks else "", "dim")


def short_mask(value: Secret, room: int) -> str:
    """The mask, without the beginning that all share and then without its end where there is no room."""
    mask = value.masked
    if len(mask) > room:
        mask = mask.removeprefix("sk-ant-")
    return mask if len(mask) <= room or "…" not in mask else mask[: mask.index("…") + 1]


_SOURCE_LABEL = 11
_BAR = 10


def is_on_nothing(scene: DashboardState) -> bool:
    """Whether the cursor has no row to stand on: nothing is found, and empty places are not shown."""
    return scene.standing.reading.state == "absent" and not scene.opened and not scene.needle


def source_lines(scene: DashboardState, width: int) -> list[Line]:
    """All about the credential under the cursor; of a place that holds nothing, how it could."""
    standing = scene.standing
    reading = standing.reading
    source = BY_ID[reading.source]
    word = standing_word(standing)
    why = abbreviate_home(standing.reason, scene.home)
    state = Span(f"{word.glyph} {word.text.upper()}", word.role)
    found = [*wrap(line(state, "" if why == word.text else f"  {why}"), width, 2)]
    if reading.state == "absent":
        if is_on_nothing(scene):
            return [*wrap(line(Span(NOTHING_FOUND, "dim")), width)]
        found += fact("set by", line(source.sets), width, _SOURCE_LABEL)
        return [*found, *fact("would bill", line(source.bills), width, _SOURCE_LABEL)]
    if reading.state in ("unusable", "unreadable") and reading.reason != standing.reason:
        told = state_word(reading)
        reason = line(Span(f"{told}: ", told.role), reading.reason)
        found += fact("state", reason, width, _SOURCE_LABEL)
    if reading.account:
        found += fact("account", line(clean(reading.account, 80)), width, _SOURCE_LABEL)
    found += token_lines(reading, width)
    if reading.tokens is not None:
        found += lifetime_lines(reading, reading.tokens, scene.now, width)
        found += scope_lines(reading.tokens, width)
    if _is_of_a_subscription(reading):
        found += fact("elsewhere", line(Span("✗ refused  ", "warn"), REFUSED), width, _SOURCE_LABEL)
    found += origin_lines(reading.origin, scene.home, scene.now, width)
    sent = standing.verdict in {"winning", "also-sent"}
    bills = payer_words(scene.resolution, source.id) if sent else bill_words(source.id, reading.tokens)
    found += fact("bills" if sent else "would bill", line(bills), width, _SOURCE_LABEL)
    for name, value in reading.details:
        cells = max(_SOURCE_LABEL, min(_SOURCE_LABEL + 6, len(name) + 2))
        found += fact(name, line(abbreviate_home(value, scene.home)), width, cells)
    return [*found, *_removal_lines(scene, reading, width)]


NOTHING_FOUND = "No credential is found. space lists the places where one could be, and this tells of each."
#: Of what a subscription's token may not do [behaviour.md section 6, 1 and 2 of the catalogue].
REFUSED = (
    "by the API for direct calls, SDKs and other programs, whatever the scopes: those need an API key "
    "(sk-ant-api03-)"
)


def _is_of_a_subscription(reading: SourceReading) -> bool:
    value = reading.tokens.access_token if reading.tokens is not None else reading.value
    return value is not None and value.kind == "oauth-access-token"


def _removal_lines(scene: DashboardState, reading: SourceReading, width: int) -> list[Line]:
    """`unset` is advised for what the shell sets alone."""
    source = BY_ID[reading.source]
    if reading.origin.kind == "settings":
        words = abbreviate_home(removal(reading)[0].title, scene.home)
        return [*fact("to remove", line(words), width, _SOURCE_LABEL)]
    found = [*fact("to remove", line(source.unset), width, _SOURCE_LABEL)]
    if source.unset_command and source.unset_command not in source.unset:
        found += fact("", line(Span(source.unset_command, "accent")), width, _SOURCE_LABEL)
    return found


def token_lines(reading: SourceReading, width: int) -> tuple[Line, ...]:
    value = reading.tokens.access_token if reading.tokens is not None else reading.value
    if value is None:
        return ()
    parts = line(
        value.masked, "  ", Span(value.fingerprint, "strong"), Span(f"  {kind_words(value.kind)}", "dim")
    )
    return fact("token", parts, width, _SOURCE_LABEL)


def lifetime_lines(reading: SourceReading, tokens: TokenSet, now: float, width: int) -> list[Line]:
    """The access token's bar and time, and how long the sign-in itself lasts."""
    found: list[Line] = []
    word = expiry_words(tokens, reading.expiry, now)
    rest = None if tokens.expires_at is None else tokens.expires_at - now
    parts: Line = ()
    if rest is not None and rest > 0 and width >= 40:
        lifetime = ACCESS_TOKEN_LIFETIME if tokens.is_refreshable else LOGIN_LIFETIME
        parts = (Span(bar(rest, lifetime, _BAR) + " ", word.role),)
    found += fact("expires", (*parts, Span(str(word), word.role)), width, _SOURCE_LABEL)
    deadline = deadline_words(tokens, now)
    if deadline is not None:
        found += fact("sign-in", line(deadline), width, _SOURCE_LABEL)
    elif not tokens.is_refreshable:
        found += fact("renewal", line(Span("none: there is no refresh token", "dim")), width, _SOURCE_LABEL)
    return found


def scope_lines(tokens: TokenSet, width: int) -> list[Line]:
    if not tokens.scopes:
        return [*fact("scopes", line(Span("none are noted", "dim")), width, _SOURCE_LABEL)]
    found: list[Line] = []
    for number, scope in enumerate(tokens.scopes[:20]):
        words = line(clean(scope, 60), Span(f"  {scope_words(scope)}", "dim"))
        found += fact("" if number else "scopes", words, width, _SOURCE_LABEL)
    if len(tokens.scopes) > 20:
        found += fact("", line(Span(f"and {len(tokens.scopes) - 20} more", "dim")), width, _SOURCE_LABEL)
    return found


def origin_lines(origin: Origin, home: str, now: float, width: int) -> list[Line]:
    """Where it was found, who may read that, and where it is likely set."""
    found: list[Line] = []
    words = origin_words(origin, home)
    if words:
        found += fact("found in", line(words), width, _SOURCE_LABEL)
    for number, location in enumerate(origin.likely_set_at[:4]):
        found += fact("" if number else "set at", line(format_location(location, home)), width, _SOURCE_LABEL)
    file = origin.file
    if file is not None:
        mode = mode_words(file)
        owner = clean(file.owner, 40) + ("" if file.owned_by_us else ", not you")
        parts = line(Span(mode.text, mode.role), f", owner {owner}, changed {when(file.modified, now)}")
        found += fact("file", parts, width, _SOURCE_LABEL)
        if file.link_target:
            found += fact("links to", line(format_path(file.link_target, home)), width, _SOURCE_LABEL)
    return found
