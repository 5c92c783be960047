"""The line of keys: which stand in it, and how it is laid out. No widget: the first frame has it too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from claude_auth.app.actions import ACTIONS, shown_key
from claude_auth.present.consent import evaluation_refusal
from claude_auth.present.dashboard_state import LISTS, DashboardState
from claude_auth.present.lines import Line, Span, fit_line, width_of


class Key(NamedTuple):
    """`refusal` is why the action can't be done now, None where it can."""

    id: str
    key: str
    shown: str
    label: str
    tooltip: str
    in_footer: bool
    refusal: str | None = None


#: These stand at the end whatever else had to go.
ALWAYS = ("app.help", "app.quit", "dialog.close", "action.leave", "sign-in.close", "accounts.close")


def hints(keys: list[Key], width: int) -> Line:
    """As many hints as fit whole of what can be done now; help, back and quit always."""
    shown = [key for key in keys if key.in_footer and key.refusal is None]
    last = [key for key in shown if key.id in ALWAYS]
    end = [span for key in last for span in _spans(key)]
    room = width - width_of(tuple(end))
    begin: list[Span] = []
    for key in shown:
        if key.id in ALWAYS:
            continue
        spans = _spans(key)
        room -= width_of(spans)
        if room < 0:
            break
        begin += spans
    return fit_line((*begin, *end), width)


def _spans(key: Key) -> Line:
    return Span(" "), Span(key.shown, "accent"), Span(f" {key.label}"), Span(" ")


# ── the dashboard's, before any screen is there ──────────────────────────────────────────────────


def first_hints(
    state: DashboardState,
    version: str | None,
    width: int,
    ours: Callable[[], bool],
    own_keys: Mapping[str, str] = MappingProxyType({}),
    *,
    in_demo: bool = False,
) -> Line:
    """As the dashboard shows them at its start; `ours`: whether the files looked at are the caller's.
    `own_keys`: a person's, by the action's id."""
    of_list, of_demo = ("rows",) if state.focused in LISTS else (), ("demo",) if in_demo else ()
    groups = (*of_list, "dashboard", "app", *of_demo)
    keys = [
        Key(
            row.id,
            own_keys.get(row.id, row.key),
            shown_key(own_keys.get(row.id, row.key).partition(",")[0]),
            row.label,
            row.tooltip,
            row.footer,
            dashboard_refusal(row.action, state, version, ours),
        )
        for group in groups
        for row in ACTIONS[group]
        if row.footer and (not row.when or row.when.startswith("not "))
    ]
    return hints(keys, width)


def dashboard_refusal(
    action: str, state: DashboardState, version: str | None, ours: Callable[[], bool]
) -> str | None:
    """Why an action of the dashboard can't be done now."""
    if action == "open('fix')" and (state.subject is None or not state.subject.fixes):
        return "there is nothing to fix" + (": d says what it means" if state.findings else "")
    if action == "open('evaluate')":
        return evaluation_refusal(state.snapshot, state.resolution, version, ours)
    return None
