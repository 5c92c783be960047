"""Panel 1: every source in its documented order, and what this program makes of it."""

from __future__ import annotations

from claude_auth import sources
from claude_auth.model import HeaderValue, Origin, Resolution, SourceReading, Standing, TokenSet
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import (
    Line,
    Row,
    Span,
    fact,
    fit,
    fit_left,
    fit_line,
    line,
    pad,
    plain,
    spread,
    width_of,
    wrap,
)
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret
from claude_auth.sources import BY_ID, Family
from claude_auth.words import (
    ACCESS_TOKEN_LIFETIME,
    LOGIN_LIFETIME,
    PROVIDERS,
    SEVERITIES,
    TextStyle,
    abbreviate_home,
    bar,
    bill_words,
    blocked_sentence,
    client_label,
    clock,
    deadline_words,
    expiry_words,
    format_location,
    format_path,
    header_words,
    kind_words,
    machine_marks,
    mode_words,
    origin_words,
    payer_words,
    refresh_words,
    scope_words,
    short_origin,
    standing_word,
    state_word,
    unknown_until,
    version_words,
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
        found += fact("to remove", line(source.unset), width, _SOURCE_LABEL)
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


_WIRE_LABEL = 15


def wire_lines(scene: DashboardState, width: int) -> list[Line]:
    resolution = scene.resolution
    found: list[Line] = []
    blocked, wire = resolution.blocked, resolution.wire
    if resolution.winner is not None:
        found.append(_used(resolution, resolution.winner, width))
    if blocked is not None:
        found += wrap(line(blocked_sentence(blocked)), width)
        if wire is None:
            found += [(), *fact("x-api-key", line(Span("– no request", "dim")), width, _WIRE_LABEL)]
            found += fact("authorization", line(Span("– no request", "dim")), width, _WIRE_LABEL)
    if wire is not None:
        found.append(line(Span("POST ", "dim"), fit(clean(wire.url), width - 5)))
        found += header_lines("x-api-key", wire.x_api_key, scene, width)
        found += header_lines("authorization", wire.authorization, scene, width)
        if wire.beta:
            found += fact("anthropic-beta", line(clean(wire.beta, 100)), width, _WIRE_LABEL)
        refresh = refresh_words(resolution)
        if refresh is not None:
            found += wrap(line(refresh), width, 2)
        found += fact("goes to", line(PROVIDERS[resolution.provider]), width, _WIRE_LABEL)
        found += fact("billed", line(billed(resolution)), width, _WIRE_LABEL)
    found += fact("version", line(Span(version_words(resolution.version), "dim")), width, _WIRE_LABEL)
    return found


def _used(resolution: Resolution, winner: str, width: int) -> Line:
    """The winner with the word of its row; the verdict stands on top of the screen."""
    word = standing_word(resolution.standing(winner))
    return line(Span(fit(f"{word.glyph} {sources.label(winner)} {word.text}", width), word.role))


def header_lines(name: str, value: HeaderValue | None, scene: DashboardState, width: int) -> tuple[Line, ...]:
    """The header and, below it, where its value comes from."""
    word = header_words(value)
    text = word.text if value is not None and value.value is not None else str(word)
    known = value.value if value is not None else None
    mark = Span(f"  {known.fingerprint}", "dim") if known is not None else Span("")
    first = fact(name, line(Span(text, word.role), mark), width, _WIRE_LABEL)
    if value is None:
        return first
    label = sources.label(value.source)
    origin = ""
    if value.source in sources.BY_ID:
        origin = origin_words(scene.resolution.standing(value.source).reading.origin, scene.home)
    where = (
        "" if label in origin or not origin else f", {fit_left(origin, width - _WIRE_LABEL - len(label) - 7)}"
    )
    if len(where) < 12:
        where = ""
    return (*first, *fact("", line(Span(f"from {label}{where}", "dim")), width, _WIRE_LABEL))


def billed(resolution: Resolution) -> str:
    """Who pays; both, where two credentials leave in one request."""
    winner = resolution.winner
    if winner is None:
        return "not known"
    words = payer_words(resolution, winner)
    also = [standing.reading.source for standing in resolution.standings if standing.verdict == "also-sent"]
    if not also:
        return words
    return f"{words}; or, by {sources.label(also[0])}: {payer_words(resolution, also[0])}: the server decides"


def log_rows(scene: DashboardState, width: int) -> list[Row]:
    needle = scene.needle_log.lower()
    found = [
        Row(
            str(number),
            wrap(line(Span(f"{clock(entry.at)} ", "dim"), Span(clean(entry.text), entry.role)), width, 6),
        )
        for number, entry in sorted(enumerate(scene.log), key=lambda numbered: -numbered[1].at)
        if needle in entry.text.lower()
    ]
    if found:
        return found
    words = (
        "nothing matches" if needle and scene.log else f"nothing has changed since {clock(scene.started_at)}"
    )
    return [Row(None, wrap(line(Span(words, "dim")), width))]


def summary_lines(scene: DashboardState, width: int) -> list[Line]:
    resolution = scene.resolution
    wire = resolution.wire
    return [
        header("x-api-key", wire.x_api_key if wire else None, resolution, width),
        header("authorization", wire.authorization if wire else None, resolution, width),
        first_finding(scene, width),
    ]


#: Of the verdict; what goes beyond is cut, and `claude-auth status` has it whole.
MOST_LINES = 2


def verdict_lines(scene: DashboardState, width: int) -> list[Line]:
    """The verdict's sentence, as every face of the program says it."""
    word = scene.first_line
    whole = wrap(line(word), width, 2)
    if len(whole) <= MOST_LINES:
        return list(whole)
    rest = plain(whole[MOST_LINES - 1]) + " " + " ".join(plain(more).strip() for more in whole[MOST_LINES:])
    return [*whole[: MOST_LINES - 1], line(Span(fit(rest, width), word.role))]


def header(name: str, value: HeaderValue | None, resolution: Resolution, width: int) -> Line:
    label = Span(pad(name, 15), "dim")
    if resolution.wire is None:
        return (label, Span("– no request", "dim"))
    word = header_words(value)
    text = word.text if value is not None and value.value is not None else str(word)
    first = Span(fit(text, width - 15), word.role)
    if value is None:
        return (label, first)
    return spread((label, first), (Span(sources.label(value.source), "dim"),), width)


def first_finding(scene: DashboardState, width: int) -> Line:
    if not scene.findings:
        if scene.resolution.usable:
            return line(Span(fit("✓ nothing to worry about was found", width), "ok"))
        return line(Span(fit("· no finding", width), "dim"))
    first = scene.findings[0]
    word = SEVERITIES[first.severity]
    more = len(scene.findings) - 1
    end = (Span(f" +{more} more", "dim"),) if more else ()
    room = width - sum(len(span.text) for span in end) - (1 if end else 0)
    return spread(line(Span(fit(f"{word}: {clean(first.title)}", room), word.role)), end, width)


def title_line(scene: DashboardState, width: int) -> Line:
    """Marks give way from the right where there is no room."""
    places = scene.snapshot.places
    asked = client_label(scene.resolution.client)
    right = line(Span(watching_words(scene), "dim"), " ")
    marks = [format_path(places.config_dir, places.home), *machine_marks(scene.snapshot.machine)]
    if places.root != "/":
        marks.insert(1, f"root {format_path(places.root, places.home)}")
    lead = line(" ", Span("claude-auth", "strong"), Span(" · asked by ", "dim"), Span(f"{asked} ▾", "accent"))
    while marks:
        left = (*lead, *(Span(f" · {mark}", "dim") for mark in marks))
        if width_of(left) + width_of(right) < width:
            return spread(left, right, width)
        marks.pop()
    if width_of(lead) + width_of(right) < width:
        return spread(lead, right, width)
    return fit_line(lead, width)


def watching_words(scene: DashboardState) -> str:
    if scene.changed_at is None:
        return scene.watching
    return f"{scene.watching} · changed {clock(scene.changed_at)}"
