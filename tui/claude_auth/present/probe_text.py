"""What a probe would send, and what its answer says, in lines: the same on the screen and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_auth.present.lines import TextLine
from claude_auth.words import TextStyle

if TYPE_CHECKING:
    from claude_auth.network.probe import ProbeAnswer, ProbePlan

#: A clock that differs by less is not worth a word.
_SKEW = 60


def plan_told(plan: ProbePlan, steps: Mapping[str, str] | None = None) -> list[TextLine]:
    """What is shown before anybody agrees. `steps`: by remedy, where this place has a better one."""
    if plan.kind == "none":
        step = (steps or {}).get(plan.remedy, plan.next_step)
        lines = [TextLine(0, f"Nothing can be probed: {plan.refused}.", "warn")]
        return [*lines, TextLine(2, f"{step}.", "strong")] if step else lines
    lines = [
        TextLine(0, f"{plan.title[:1].upper()}{plan.title[1:]}", "strong"),
        TextLine(2, f"Cost: {plan.cost}.", "warn" if plan.argv else "plain"),
    ]
    if plan.url:
        lines.append(TextLine(2, f"GET {plan.url}", "accent"))
    lines += [TextLine(2, shown) for shown in plan.shown]
    if plan.argv:
        from shlex import join

        lines.append(TextLine(2, join(plan.argv), "accent"))
    return lines


def verdict_told(answer: ProbeAnswer) -> list[TextLine]:
    """Whether it was accepted, and what was said."""
    glyph, role = _VERDICTS[answer.ok]
    words = f"{glyph} {answer.words[:1].upper()}{answer.words[1:]} ({answer.seconds:.1f} s)"
    lines = [TextLine(0, words, role)]
    if answer.said and answer.ok is not True:
        lines.append(TextLine(2, f"It said: {answer.said}"))
    return lines


_VERDICTS: Mapping[bool | None, tuple[str, TextStyle]] = {
    True: ("✓", "ok"),
    False: ("✗", "fail"),
    None: ("?", "warn"),
}


def clock_told(answer: ProbeAnswer) -> list[TextLine]:
    if answer.skew is None or abs(answer.skew) < _SKEW:
        return []
    side = "ahead of" if answer.skew > 0 else "behind"
    return [TextLine(2, f"This clock is {abs(answer.skew):.0f} s {side} the server's.", "warn")]


def answer_told(answer: ProbeAnswer) -> list[TextLine]:
    """What came back and what it is known to mean."""
    lines = verdict_told(answer)
    for cause in answer.causes[:3]:
        lines.append(TextLine(2, f"{cause.title}  [{cause.id}, {cause.certainty}]"))
        lines.append(TextLine(6, cause.explanation))
        if cause.evidence is not None:
            lines.append(TextLine(6, f"Here: {cause.evidence}."))
        lines += [
            TextLine(6, f"→ {fix.title}{'' if fix.command is None else f': {fix.command}'}")
            for fix in cause.fixes
        ]
    return lines + clock_told(answer)
