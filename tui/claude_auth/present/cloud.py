"""What the AWS and Google panes say, line by line, and how the lines of a cloud's pane are laid out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from claude_auth.cloud.aws.plan import AwsPlan, Place, Step
from claude_auth.cloud.aws.routes import CloudProblem, SsoState
from claude_auth.cloud.commands import NOBODY, CommandPlan, PlannedCommand
from claude_auth.cloud.google import GooglePlan
from claude_auth.cloud.identity import Answer, GoogleIdentity
from claude_auth.cloud.trouble import CloudError, clock_words
from claude_auth.formats.outputs import SKEW_TOLD
from claude_auth.model import Fix
from claude_auth.named_tuples import NamedTuple
from claude_auth.present.lines import Row, Span, fit, line, pad, wrap
from claude_auth.security.sanitize import shown_sentence
from claude_auth.words import (
    StatusText,
    TextStyle,
    abbreviate_home,
    format_path,
    left,
    origin_words,
    span,
    when,
)


class ProviderEntry(NamedTuple):
    """One provider in the list."""

    id: str
    label: str
    state: StatusText


@dataclass(frozen=True, slots=True)
class FactRow:
    """A line of a pane; an empty `name` continues the one above. `command`: what it says to type."""

    name: str
    word: StatusText
    command: str | None = None


def fact_row(name: str, text: str, role: TextStyle = "plain", glyph: str = "·") -> FactRow:
    return FactRow(name, StatusText(glyph, text, role))


def shown(rows: Iterable[FactRow], home: str) -> tuple[FactRow, ...]:
    """The rows as they may be shown, and their commands as they may be copied: names and paths come from
    files and variables, so nothing leaves here uncleaned."""
    return tuple(
        FactRow(
            row.name,
            row.word._replace(text=shown_sentence(abbreviate_home(row.word.text, home), 600)),
            None if row.command is None else shown_sentence(row.command, 4000),
        )
        for row in rows
    )


def _listed(
    name: str, texts: Iterable[str], role: TextStyle = "plain", glyph: str = "·"
) -> Iterable[FactRow]:
    """A line each, the name before the first alone."""
    return (fact_row("" if index else name, text, role, glyph) for index, text in enumerate(texts))


# ── AWS ──────────────────────────────────────────────────────────────────────────────────────────


def aws_rows(
    plan: AwsPlan,
    answer: Answer | None,
    now: float,
    home: str,
    asking: Sequence[FactRow] = (),
    *,
    is_used: bool = True,
) -> tuple[FactRow, ...]:
    """`answer` None: not asked yet. `asking`: what stands right below it, about asking. `is_used`: by the
    chosen client; else nothing of the plan is a warning."""
    rows = [fact_row("region", f"{plan.region} ({plan.region_from})")]
    if plan.profile:
        origin = f" ({plan.profile_from})" if plan.profile_from else ""
        rows.append(fact_row("profile", plan.profile + origin))
    rows += _order(plan.steps)
    route = plan.chosen.route if plan.chosen is not None else None
    if route is not None and route.sso is not None:
        rows += _sso(route.sso, now)
    rows += _listed("endpoint", [f"{name} = {url}" for name, url in plan.endpoints])
    return shown([*_answer(answer, now, ""), *_planned(plan, asking, rows, is_used=is_used)], home)


_PLACES: Mapping[Place, tuple[str, str, TextStyle]] = {
    "asked": ("★", "is asked", "strong"),
    "failed": ("✗", "gives nothing", "fail"),
    "passed-over": ("–", "passed over", "dim"),
    "not-reached": ("·", "not reached", "dim"),
    "absent": ("–", "nothing there", "dim"),
}


def _order(steps: Sequence[Step]) -> list[FactRow]:
    """Where Claude Code looks, in its order, and at the end those places that hold nothing."""
    found = [_step(step) for step in steps if step.place != "absent"]
    absent = [step.label for step in steps if step.place == "absent"]
    if absent:
        found.append(StatusText("–", f"nothing at {', '.join(dict.fromkeys(absent))}", "dim"))
    return [FactRow("" if index else "order", word) for index, word in enumerate(found)]


def _step(step: Step) -> StatusText:
    glyph, words, role = _PLACES[step.place]
    text, route = step.label, step.route
    if route is not None and step.place != "failed" and route.label != text:
        text += f": {route.label}"
        if route.access_key_id and route.access_key_id not in text:
            text += f", {route.access_key_id}"
    reasons = [step.why] if step.place == "asked" else [words, step.why]
    reason = ", ".join(part for part in reasons if part)
    return StatusText(glyph, f"{text} ({reason})" if reason else text, role)


def _sso(sso: SsoState, now: float) -> list[FactRow]:
    """The session, where it leads, and what its cache says."""
    session = f"sso-session {sso.session} at " if sso.session else ""
    rows = [
        FactRow("sign-in", sso_word(sso, now)),
        fact_row("", f"{session}{sso.start_url or '?'}, asked in {sso.region or '?'}"),
        fact_row("cache", sso.cache_path, "dim"),
    ]
    if sso.registration_ends_at is not None and sso.registration_ends_at <= now:
        words = "the registration behind it has ended; the next sign-in makes a new one"
        rows.append(fact_row("", words, "warn", "▲"))
    return rows


def sso_word(sso: SsoState, now: float) -> StatusText:
    """The state of a single sign-on, as its cache tells."""
    if sso.state == "live" and sso.expires_at is not None:
        rest = sso.expires_at - now
        return StatusText("✓", f"signed in, {left(rest)}", "ok" if rest > 600 else "warn")
    if sso.state == "refreshable":
        return StatusText("↻", "stale, renewed with its refresh token on next use", "ok")
    if sso.state == "expired":
        ago = f" {span(now - sso.expires_at)} ago" if sso.expires_at is not None else ""
        return StatusText("✗", f"expired{ago}", "fail")
    return StatusText("✗", "not signed in" if sso.state == "missing" else "its token can't be read", "fail")


# ── Google ───────────────────────────────────────────────────────────────────────────────────────


def google_rows(
    plan: GooglePlan,
    answer: Answer | None,
    now: float,
    home: str,
    asking: Sequence[FactRow] = (),
    *,
    is_used: bool = True,
) -> tuple[FactRow, ...]:
    """As `aws_rows`."""
    project = f"{plan.project} ({plan.project_from})" if plan.project else "not named"
    rows = [fact_row("project", project, "plain" if plan.project else "warn")]
    rows.append(fact_row("region", f"{plan.region} ({plan.region_from})"))
    kind = plan.kind_words + (f" {plan.account}" if plan.account else "")
    rows.append(fact_row("kind", kind, "strong", "★") if plan.kind else fact_row("kind", kind, "fail", "✗"))
    if plan.path:
        rows.append(fact_row("file", f"{format_path(plan.path, home)} ({plan.path_from})"))
    if plan.quota_project:
        rows.append(fact_row("quota project", plan.quota_project))
    rows += [fact_row(name, text) for name, text in plan.details]
    answered = _answer(answer, now, plan.kind_words)
    return shown([*answered, *_planned(plan, asking, rows, is_used=is_used)], home)


# ── both ─────────────────────────────────────────────────────────────────────────────────────────


def _answer(answer: Answer | None, now: float, nameless: str) -> list[FactRow]:
    """Who answered, or why nobody did. `nameless`: what stands for an account that wasn't told."""
    if answer is None:
        return [fact_row("identity", "not asked yet", "dim")]
    identity, took = answer.identity, f"{when(answer.asked_at, now)}, {answer.seconds:.1f} s"
    if identity is None:
        return trouble_rows(answer.trouble)
    if isinstance(identity, GoogleIdentity):
        name = fact_row("identity", identity.account or nameless, "ok", "✓")
        return [name, _lasts(identity.expires_at, now), fact_row("asked", took, "dim")]
    rows = [
        fact_row("identity", identity.arn, "ok", "✓"),
        fact_row("account", identity.account),
        fact_row("key", f"{identity.access_key_id} ({identity.method})"),
        _lasts(identity.expires_at, now),
        fact_row("asked", f"{took}, {identity.endpoint}", "dim"),
    ]
    if identity.clock_offset is not None and abs(identity.clock_offset) > SKEW_TOLD:
        rows.append(fact_row("clock", clock_words(identity.clock_offset), "warn", "▲"))
    if identity.unexpected:
        rows.append(fact_row("differs", identity.unexpected, "warn", "▲"))
    return rows


def _lasts(expires_at: float | None, now: float) -> FactRow:
    if expires_at is None:
        return fact_row("lasts", "no end was told", "dim")
    rest = expires_at - now
    return fact_row("lasts", left(rest), "ok" if rest > 600 else "warn", "✓" if rest > 0 else "✗")


def trouble_rows(trouble: CloudError | None) -> list[FactRow]:
    """What went wrong, what was said, what to do."""
    if trouble is None:
        return []
    fine = trouble.code == "bedrock-api-key"  # nothing is wrong, there is only nobody to ask
    head = fact_row("identity", trouble.title) if fine else fact_row("identity", trouble.title, "fail", "✗")
    rows = [head, fact_row("", trouble.meaning)]
    if trouble.said:
        rows.append(fact_row("it said", trouble.said, "dim"))
    return rows + fix_rows(trouble.fixes)


def fix_rows(fixes: Iterable[Fix]) -> list[FactRow]:
    return [
        FactRow("to do", StatusText("▸", f"{fix.title}{_command(fix)}", "accent"), fix.command)
        for fix in fixes
    ]


def _command(fix: Fix) -> str:
    return f": {fix.command}" if fix.command else ""


def _problems(problems: Iterable[CloudProblem]) -> list[FactRow]:
    rows: list[FactRow] = []
    for problem in problems:
        rows += [fact_row("problem", problem.text, "warn", "▲"), *fix_rows(problem.fixes)]
    return rows


def _planned(
    plan: AwsPlan | GooglePlan, asking: Sequence[FactRow], facts: Sequence[FactRow], *, is_used: bool
) -> list[FactRow]:
    """Below the answer: what is wrong, about asking, then the facts."""
    problems, facts = _problems(plan.problems), [*facts, *_told_of(plan)]
    if is_used:
        return [*problems, *asking, *facts]
    if problems:
        problems.insert(0, fact_row("", "were it in use:", "dim"))
    return [*calm(problems), *asking, *calm(facts)]


def calm(rows: Iterable[FactRow]) -> list[FactRow]:
    """The same of what isn't in use: whatever is wrong with it, nothing warns."""
    loud = ("warn", "fail")
    return [
        replace(row, word=StatusText("·", row.word.text)) if row.word.role in loud else row for row in rows
    ]


def _told_of(plan: AwsPlan | GooglePlan) -> list[FactRow]:
    """What asking runs, where another tool would name somebody else, and what else is to be known."""
    return [
        *_listed("runs", plan.commands),
        *_listed("differs", plan.differences, "warn", "▲"),
        *_listed("note", plan.notes),
    ]


# ── what can be done ─────────────────────────────────────────────────────────────────────────────


def asking_rows(
    key: str, contacts: str, runs: Sequence[PlannedCommand], *, renewing: bool = False
) -> list[FactRow]:
    """What the key would do."""
    if contacts == NOBODY:
        return [fact_row(f"{key} asks", "nobody: there is no identity to ask for", "dim")]
    more = "" if runs else "; it runs no command of yours"
    if renewing:
        more += "; it renews the sign-in in its cache"
    rows = [fact_row(f"{key} asks", contacts + more)]
    for run in runs:
        rows.append(fact_row("and runs", run.command, "warn", "▲"))
        rows.append(fact_row("", f"{run.where}; you are asked first", "dim"))
    return rows


def proposal_rows(key: str, proposal: CommandPlan, home: str) -> list[FactRow]:
    """A command that can be run to renew the credentials, and whose idea that is."""
    where = "suggested here; no settings file names a command"
    if not proposal.suggested:
        where = f"{proposal.setting}, {origin_words(proposal.origin, home)}"
    return [
        fact_row(f"{key} runs", proposal.shown),
        fact_row("", where, "dim"),
        *(FactRow("", word) for word in proposal.beware(home)),
        *(fact_row("", f"{name} is not on PATH or not executable", "warn", "▲") for name in proposal.missing),
    ]


# ── laid out for a width ─────────────────────────────────────────────────────────────────────────

LOOKING = "looking at the files of this machine"
_WIDEST_NAME = 16


def provider_rows(entries: Sequence[ProviderEntry], width: int) -> list[Row]:
    if not entries:
        return [Row(None, (line(Span(fit(LOOKING, width), "dim")),))]
    label = min(width // 2, 2 + max(len(one.label) for one in entries))
    return [
        Row(one.id, wrap(line(pad(one.label, label), Span(str(one.state), one.state.role)), width, label))
        for one in entries
    ]


def fact_rows(facts: Sequence[FactRow], width: int) -> list[Row]:
    """Every line can be walked to, so that all of them can be scrolled into sight."""
    if not facts:
        return [Row(None, (line(Span(fit(LOOKING, width), "dim")),))]
    label = min(_WIDEST_NAME, 2 + max(len(one.name) for one in facts))
    seen: Counter[str] = Counter()
    found = []
    for one in facts:
        glyph, text, role = one.word
        seen[one.name] += 1
        value = Span(text if glyph == "·" else f"{glyph} {text}", role)
        lines = wrap(line(Span(pad(one.name, label), "dim"), value), width, label + 2)
        found.append(Row(f"{one.name}:{seen[one.name]}", lines))
    return found


def command_of(facts: Sequence[FactRow], row: str | None) -> str | None:
    """The command of the line with that id."""
    name, _, number = (row or "").rpartition(":")
    same = [one for one in facts if one.name == name]
    return same[int(number) - 1].command if number.isdigit() and int(number) <= len(same) else None
