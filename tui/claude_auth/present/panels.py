"""The lines of the dashboard's title, verdict and panels but for the ladder and its source. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from claude_auth import sources
from claude_auth.model import Finding, HeaderValue, Resolution
from claude_auth.present.activity import activity_rows
from claude_auth.present.dashboard_state import DashboardState, PanelName, named_findings
from claude_auth.present.ladder import ladder_rows, source_lines
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
from claude_auth.sources import BY_ID
from claude_auth.words import (
    PROVIDERS,
    SEVERITIES,
    abbreviate_home,
    blocked_sentence,
    client_label,
    clock,
    format_path,
    header_words,
    machine_marks,
    origin_words,
    payer_words,
    refresh_words,
    standing_word,
    version_words,
)

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


def findings_rows(scene: DashboardState, width: int) -> list[Row]:
    if not scene.findings:
        beyond = "beyond what stands above"
        return [Row(None, (nothing_found(bool(scene.resolution.usable), width, beyond),))]
    return finding_rows(scene.findings, scene.home, width)


def nothing_found(usable: bool, width: int, beyond: str = "") -> Line:
    if usable:
        return line(Span(fit("✓ nothing to worry about was found", width), "ok"))
    return line(Span(fit(f"· nothing was found {beyond}".rstrip(), width), "dim"))


def finding_rows(
    findings: Sequence[Finding], home: str, width: int, *, fixable: frozenset[str] | None = None
) -> list[Row]:
    """Severity and title, evidence, first fix. `fixable`, for a list beside which the rest stands: no more
    than a mark at those that one key fixes."""
    return [
        Row(
            name,
            _finding_in_list(finding, home, width) if fixable is None else _brief(finding, width, fixable),
        )
        for name, finding in named_findings(findings).items()
    ]


def _finding_head(finding: Finding, width: int) -> tuple[Line, ...]:
    word = SEVERITIES[finding.severity]
    return wrap(line(Span(f"{word}  ", word.role), Span(clean(finding.title), "strong")), width, 2)


def _finding_in_list(finding: Finding, home: str, width: int) -> tuple[Line, ...]:
    found = [*_finding_head(finding, width)]
    if finding.evidence:
        evidence = finding.evidence.replace("\n", "; ")
        found += wrap(line("  ", Span(clean(abbreviate_home(evidence, home), 160), "dim")), width, 2)
    if finding.fixes:
        first = finding.fixes[0]
        found.append(
            line("  ", Span(fit(f"→ {clean(first.command or first.title, 300)}", width - 2), "accent"))
        )
    return tuple(found)


def _brief(finding: Finding, width: int, fixable: frozenset[str]) -> tuple[Line, ...]:
    head = _finding_head(finding, width)
    if finding.id not in fixable:
        return head
    return (*head, line("  ", Span("→ f fixes it", "accent")))


# ── by their names ───────────────────────────────────────────────────────────────────────────────

#: What each panel is for, in the help.
ABOUT: dict[PanelName, str] = {
    "ladder": "Every place a credential can come from. The number is its documented rank; the word says what "
    "the program that asks makes of it. The panel below follows the cursor.",
    "source": "The source under the cursor of the priority list: its token, how long it lasts, where it was "
    "found, why it is used or not, what a request by it costs, and how to remove it.",
    "wire": "The request that the program would send now: where it goes and what stands in its two "
    "credential headers. Values are masked; the 8 digits are a fingerprint to compare with.",
    "findings": "What is worth knowing about this machine, the worst first. Enter opens a finding: what it "
    "means, what it was seen by, and what helps. f shows how it can be fixed before anything is changed.",
    "log": "What happened on this machine, the newest last: what Claude Code renewed, what changed, what was "
    "done here. Enter opens it; g shows all that is kept, 30 days. Secrets are named by their fingerprints.",
}


def panel_rows(state: DashboardState, name: PanelName, width: int) -> list[Row]:
    if name == "source":
        return [Row(None, tuple(source_lines(state, width)))]
    if name == "wire":
        return [Row(None, tuple(wire_lines(state, width)))]
    if name == "log":
        return activity_rows(state.log, state.needle_log, state.now, state.started_at, width)
    return (ladder_rows if name == "ladder" else findings_rows)(state, width)


def panel_title(state: DashboardState, name: PanelName, matching: int) -> str:
    """`matching`: so many of the ladder's rows match what it is filtered by."""
    if name == "ladder" and state.needle:
        return f"1 Priority · {matching} of {len(state.resolution.standings)} match “{state.needle}”"
    if name == "findings" and state.findings:
        return f"4 Findings · {len(state.findings)}"
    if name == "log" and state.needle_log:
        return f"5 Log · matching “{state.needle_log}”"
    return {
        "ladder": "1 Priority",
        "source": f"2 {BY_ID[state.chosen].label}",
        "wire": "3 On the wire",
        "findings": "4 Findings",
        "log": "5 Log",
    }[name]
