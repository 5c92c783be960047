"""The verdict on top of the dashboard, at every size: the sentence that `claude-auth status` begins with, and
the one key that helps. Pure."""

from __future__ import annotations

from claude_auth.model import Resolution
from claude_auth.named_tuples import NamedTuple
from claude_auth.present.dashboard_state import DashboardState, step_words
from claude_auth.present.lines import Line, Span, fit, line, plain, width_of, wrap
from claude_auth.words import abbreviate_home, unknown_until

#: Of all lines of the screen, so many may be the sentence's: one in five, but two at least.
_SHARE, _LEAST = 5, 2


class HelpingKey(NamedTuple):
    """What to press, and what it does."""

    key: str
    text: str


def verdict_lines(state: DashboardState, width: int, rows: int) -> list[Line]:
    """`rows`: of the whole screen."""
    return _with_key(sentence_lines(state, width, rows), helping_key(state), width)


def sentence_lines(state: DashboardState, width: int, rows: int) -> list[Line]:
    """What goes beyond the share of the screen is cut, and `claude-auth status` has it whole."""
    answer = state.answer
    word = Span(f" {answer.word.glyph} {answer.word.text.upper()}", answer.word.role)
    sentence = (Span(f"  {answer.sentence}"),) if answer.sentence else ()
    found = list(wrap((word, *sentence), max(1, width - 1), 3))
    most = max(_LEAST, rows // _SHARE)
    if len(found) > most:
        rest = " ".join(plain(more).strip() for more in found[most - 1 :])
        found[most - 1 :] = [line("   ", fit(rest, width - 4))]
    return found


def _with_key(found: list[Line], helping: HelpingKey | None, width: int) -> list[Line]:
    """The key at the end of the last line, where it has room there, else on one of its own."""
    if helping is None:
        return found
    key = line(Span(f" {helping.key} ", "key"), " ", helping.text)
    gap = width - 1 - width_of(found[-1]) - width_of(key)
    if len(found) > 1 and gap >= 3:
        return [*found[:-1], (*found[-1], Span(" " * gap), *key)]
    told = line("   ", Span(f" {helping.key} ", "key"), " ", helping.text)
    return [*found, *wrap(told, max(1, width - 1), 7)[:_LEAST]]


def helping_key(state: DashboardState) -> HelpingKey | None:
    """The one that helps most; None where nothing has to be done."""
    resolution = state.resolution
    if resolution.usable and not state.verdict.because:
        return None
    if resolution.usable is None and _waits_for_a_run(resolution):
        if any(run.problem for run in state.snapshot.runs.values()):
            return HelpingKey("x", "runs it again, after asking, and shows what it says")
        return HelpingKey("e", "runs it, after asking, and shows what it gives")
    if resolution.usable is None and resolution.wire is not None:
        return HelpingKey("s", "sends one live request, shown first: only that tells")
    if state.findings and state.findings[0].severity != "info":
        first = state.findings[0]
        if first.fixes:
            return HelpingKey("f", abbreviate_home(step_words(first, state.snapshot), state.home))
        return HelpingKey("d", "says what it means and what helps")
    return HelpingKey("d", "says what was looked at")


def _waits_for_a_run(resolution: Resolution) -> bool:
    """Whether a header's value is known once something was run."""
    wire = resolution.wire
    headers = () if wire is None else (wire.x_api_key, wire.authorization)
    return any(
        header is not None and header.value is None and "press e" in unknown_until(header.source)
        for header in headers
    )
