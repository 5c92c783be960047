"""Every source in its documented order, what this program makes of it, and all about the one under the
cursor. Pure."""

from __future__ import annotations

from claude_auth.diagnose.context import removal
from claude_auth.model import Origin, SourceReading, Standing, TokenSet
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import (
    Line,
    Row,
    Span,
    fact,
    fit,
    fit_left,
    line,
    pad,
    plain,
    wrap,
)
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

_LABEL_CELLS, _WORD, _MASK = 25, 12, 18

HEADINGS: tuple[tuple[Family, str], ...] = (
    ("ladder", ""),
    ("wire", "also read by Claude Code"),
    ("provider", "cloud providers, which replace all above"),
    ("other-program", "of other programs"),
)


def ladder_rows(scene: DashboardState, width: int) -> list[Row]:
    """The ladder, by families; with a filter, the rows that match alone."""
    found: list[Row] = []
    for family, heading in HEADINGS:
        members = [
            Row(standing.reading.source, (ladder_row(standing, scene, width),))
            for standing in scene.resolution.standings
            if BY_ID[standing.reading.source].family == family
        ]
        if scene.needle:
            members = [row for row in members if scene.needle.lower() in plain(row.lines[0]).lower()]
        if members and heading and not scene.needle:
            found.append(Row(None, (line(Span(pad(f"── {heading} ".ljust(width, "─"), width), "dim")),)))
        found.extend(members)
    if not found:
        found.append(
            Row(None, wrap(line(Span("nothing matches; press Escape to see all rows", "dim")), width))
        )
    return found


def ladder_row(standing: Standing, scene: DashboardState, width: int) -> Line:
    """Rank, label, glyph and word, masked value; where there is room, fingerprint and place too."""
    source = BY_ID[standing.reading.source]
    word = standing_word(standing)
    rank = str(source.rank) if source.rank else "·"
    quiet: TextStyle = "dim" if word.role == "dim" else "plain"
    strong: TextStyle = "strong" if standing.verdict == "winning" else quiet
    head = (
        Span(pad(rank, 2), quiet),
        Span(pad(source.label, _LABEL_CELLS) + " ", strong),
        Span(pad(str(word), _WORD) + " ", word.role),
    )
    room = width - 2 - _LABEL_CELLS - 1 - _WORD - 1
    return (*head, *ladder_tail(standing, scene, room))


def short_mask(value: Secret, room: int) -> str:
    """The mask, without the beginning that all share and then without its end where there is no room."""
    mask = value.masked
    if len(mask) > room:
        mask = mask.removeprefix("sk-ant-")
    return mask if len(mask) <= room or "…" not in mask else mask[: mask.index("…") + 1]


def ladder_tail(standing: Standing, scene: DashboardState, room: int) -> Line:
    """The value's mask, or what there is to say instead, in `room` cells."""
    reading = standing.reading
    value = reading.tokens.access_token if reading.tokens is not None else reading.value
    where = short_origin(reading.origin, scene.home)
    if reading.state in ("unusable", "unreadable"):
        return line(Span(pad(clean(reading.reason, 200), room), "plain"))
    if reading.state == "absent" or room < 4:
        return ()
    if value is None:
        words = "press e" if "press e" in unknown_until(reading.source) else where
        return line(Span(fit_left(words, room) if reading.origin.path else fit(words, room), "dim"))
    mask = short_mask(value, room)
    if room < _MASK + 10:
        return line(pad(mask, room))
    rest = room - _MASK - 10
    place = Span(" " + fit_left(where, rest - 1), "dim") if rest > 8 else Span("")
    return line(pad(mask, _MASK), Span(" " + value.fingerprint + " ", "dim"), place)


_SOURCE_LABEL = 11
_BAR = 10


def source_lines(scene: DashboardState, width: int) -> list[Line]:
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
        found += fact("account", line(clean(reading.account, 80)), width, _SOURCE_LABEL)
    if reading.state != "absent":
        found += origin_lines(reading.origin, scene.home, scene.now, width)
        sent = standing.verdict in {"winning", "also-sent"}
        bills = payer_words(scene.resolution, source.id) if sent else bill_words(source.id, reading.tokens)
        found += fact("bills" if sent else "would bill", line(bills), width, _SOURCE_LABEL)
    if reading.state in ("unusable", "unreadable") and clean(reading.reason) != clean(standing.reason):
        state = state_word(reading)
        found += fact(
            "state", line(Span(f"{state}: ", state.role), clean(reading.reason)), width, _SOURCE_LABEL
        )
    for name, value in reading.details:
        found += fact(
            clean(name, 40),
            line(clean(abbreviate_home(value, scene.home))),
            width,
            max(_SOURCE_LABEL, min(_SOURCE_LABEL + 6, len(name) + 2)),
        )
    if reading.tokens is not None:
        found += scope_lines(reading.tokens, width)
    if reading.state == "absent":
        found += fact("set by", line(source.sets), width, _SOURCE_LABEL)
        found += fact("would bill", line(source.bills), width, _SOURCE_LABEL)
    else:
        found += _removal_lines(scene, reading, width)
    return found


def _removal_lines(scene: DashboardState, reading: SourceReading, width: int) -> list[Line]:
    """`unset` is advised for what the shell sets alone."""
    source = BY_ID[reading.source]
    if reading.origin.kind == "settings":
        words = clean(abbreviate_home(removal(reading)[0].title, scene.home))
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
