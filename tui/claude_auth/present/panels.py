"""The lines of the dashboard's title, verdict and panels but for the ladder and its source. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from claude_auth import sources
from claude_auth.model import Finding, HeaderValue, Resolution, Snapshot
from claude_auth.present.activity import activity_rows
from claude_auth.present.dashboard_state import (
    DashboardState,
    PanelName,
    named_findings,
    next_step,
    step_words,
)
from claude_auth.present.ladder import found_standings, is_on_nothing, ladder_rows, source_lines
from claude_auth.present.lines import Line, Row, Span, fact, fit, fit_line, line, spread, width_of, wrap
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
    payer_words,
    refresh_words,
    version_words,
)

_WIRE_LABEL = 15


def wire_lines(scene: DashboardState, width: int) -> list[Line]:
    """The request: its address, both headers, what it costs."""
    resolution = scene.resolution
    found: list[Line] = []
    blocked, wire = resolution.blocked, resolution.wire
    if wire is None:
        found += header_lines("x-api-key", None, scene, width)
        found += header_lines("authorization", None, scene, width)
        if blocked is not None:
            found += fact("because", line(blocked_sentence(blocked)), width, _WIRE_LABEL)
    else:
        found.append(line(Span("POST ", "dim"), fit(wire.url, width - 5)))
        found += header_lines("x-api-key", wire.x_api_key, scene, width)
        found += header_lines("authorization", wire.authorization, scene, width)
        if blocked is not None:
            found += wrap(line(blocked_sentence(blocked)), width)
        if wire.beta:
            found += fact("anthropic-beta", line(wire.beta), width, _WIRE_LABEL)
        refresh = refresh_words(resolution)
        if refresh is not None:
            found += wrap(line(refresh), width, 2)
        found += fact("goes to", line(PROVIDERS[resolution.provider]), width, _WIRE_LABEL)
        found += fact("billed", line(billed(resolution)), width, _WIRE_LABEL)
    found += fact("version", line(Span(version_words(resolution.version), "dim")), width, _WIRE_LABEL)
    return found


def header_lines(name: str, value: HeaderValue | None, scene: DashboardState, width: int) -> tuple[Line, ...]:
    """The header, and whose value it is: beside it, or below where there is no room."""
    if scene.resolution.wire is None:
        return fact(name, line(Span("– no request", "dim")), width, _WIRE_LABEL)
    word = header_words(value)
    text = word.text if value is not None and value.value is not None else str(word)
    known = value.value if value is not None else None
    mark = Span(f"  {known.fingerprint}", "dim") if known is not None else Span("")
    first = fact(name, line(Span(text, word.role), mark), width, _WIRE_LABEL)
    if value is None:
        return first
    label = sources.label(value.source)
    if len(first) == 1 and width_of(first[0]) + len(label) + 2 <= width:
        return (spread(first[0], (Span(label, "dim"),), width),)
    return (*first, *fact("", line(Span(f"from {label}", "dim")), width, _WIRE_LABEL))


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


def title_line(scene: DashboardState, width: int) -> Line:
    """Which program is asked about, where this runs, and whether it is kept up to date. Marks give way where
    there is no room."""
    places = scene.snapshot.places
    asked = client_label(scene.resolution.client)
    lead = line(" ", Span("claude-auth", "strong"), Span("   for ", "dim"), Span(f"{asked} ▾", "accent"))
    marks = [format_path(places.config_dir, places.home), *machine_marks(scene.snapshot.machine)]
    if places.root != "/":
        marks.insert(1, f"root {format_path(places.root, places.home)}")
    live = Span(scene.running, "accent") if scene.running else Span(watching_words(scene), "dim")
    while True:
        right = line(Span("".join(f"{mark} · " for mark in marks), "dim"), live, " ")
        if width_of(lead) + width_of(right) < width:
            return spread(lead, right, width)
        if not marks:
            return fit_line(lead, width)
        marks.pop()


def watching_words(scene: DashboardState) -> str:
    if scene.changed_at is None:
        return scene.watching
    return f"{scene.watching}, changed {clock(scene.changed_at)}"


def findings_rows(scene: DashboardState, width: int) -> list[Row]:
    """What is wrong, each with the key that mends it; beside that a note is its title alone."""
    if not scene.findings:
        beyond = "beyond what stands above"
        return [Row(None, (nothing_found(bool(scene.resolution.usable), width, beyond),))]
    is_wrong = scene.findings[0].severity != "info"
    return [
        Row(name, _to_do(one, scene, width, is_brief=is_wrong and one.severity == "info"))
        for name, one in named_findings(scene.findings).items()
    ]


def _to_do(finding: Finding, scene: DashboardState, width: int, *, is_brief: bool) -> tuple[Line, ...]:
    """What is so, what mends it, what it was seen by."""
    word = SEVERITIES[finding.severity]
    title = Span(finding.title, "plain" if is_brief else "strong")
    found = [*wrap(line(Span(f"{word.glyph} ", word.role), title), width, 2)]
    if is_brief:
        return tuple(found)
    if finding.fixes:
        words = abbreviate_home(step_words(finding, scene.snapshot), scene.home)
        found += wrap(line("  ", Span("f", "key"), f"  {words}"), width, 5)
    if finding.evidence:
        evidence = clean(abbreviate_home(finding.evidence.replace("\n", "; "), scene.home), 160)
        found += wrap(line("  ", Span(evidence, "dim")), width, 2)
    return tuple(found)


def nothing_found(usable: bool, width: int, beyond: str = "") -> Line:
    if usable:
        return line(Span(fit("✓ nothing to worry about was found", width), "ok"))
    return line(Span(fit(f"· nothing was found {beyond}".rstrip(), width), "dim"))


def finding_rows(findings: Sequence[Finding], snapshot: Snapshot, width: int) -> list[Row]:
    """For a list beside which the rest stands: severity and title, and what one key does about it."""
    return [Row(name, _brief(finding, snapshot, width)) for name, finding in named_findings(findings).items()]


def _brief(finding: Finding, snapshot: Snapshot, width: int) -> tuple[Line, ...]:
    word = SEVERITIES[finding.severity]
    head = wrap(line(Span(f"{word}  ", word.role), Span(finding.title, "strong")), width, 2)
    if next_step(finding, snapshot) is None:
        return head
    words = f"→ f {step_words(finding, snapshot)}"
    shown = fit(abbreviate_home(words, snapshot.places.home), width - 2)
    return (*head, line("  ", Span(shown, "accent")))


# ── by their names ───────────────────────────────────────────────────────────────────────────────

#: What each panel is for, in the help.
ABOUT: dict[PanelName, str] = {
    "ladder": "The credentials that were found on this machine, the one that is used first: what the program "
    "makes of each, and why. Places that hold nothing are one line; space opens it.",
    "findings": "What is worth knowing about this machine, the worst first. f shows how it can be "
    "fixed before anything is changed. Enter opens a finding: what it means, what it "
    "was seen by, and what helps.",
    "wire": "The request that the program would send now: where it goes and what stands in its two "
    "credential headers. Values are masked; the 8 digits are a fingerprint to compare with.",
    "source": "The credential under the cursor of the first panel: why it is used or not, its value "
    "masked, how long it lasts, what it may do, where it was found, what a request "
    "by it costs, and how to remove it.",
    "log": "What happened on this machine, the newest last: what Claude Code renewed, what changed, what was "
    "done here. Enter opens it; g shows all that is kept, 30 days. Secrets are named by their fingerprints.",
}


def panel_rows(state: DashboardState, name: PanelName, width: int) -> list[Row]:
    if name == "source":
        return [Row(None, tuple(source_lines(state, width)))]
    if name == "wire":
        return [Row(None, tuple(wire_lines(state, width)))]
    if name == "log":
        since = state.started_at if state.journal_read else None
        return activity_rows(state.log, state.needle_log, state.now, since, width, state.home)
    return (ladder_rows if name == "ladder" else findings_rows)(state, width)


def panel_title(state: DashboardState, name: PanelName, matching: int) -> str:
    """`matching`: so many of the places match what they are filtered by."""
    if name == "ladder":
        if state.needle:
            return f"1 Credentials · {matching} of {len(state.resolution.standings)} match “{state.needle}”"
        return f"1 Credentials · {len(found_standings(state.resolution))} found"
    if name == "findings":
        return f"2 What to do · {len(state.findings)}" if state.findings else "2 What to do"
    if name == "source":
        return "4 No credential" if is_on_nothing(state) else f"4 {BY_ID[state.chosen].label}"
    if name == "log" and state.needle_log:
        return f"5 Activity · matching “{state.needle_log}”"
    return "3 What is sent" if name == "wire" else "5 Activity"
