"""What the AWS and Google panes say, line by line. Pure; the text output says the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from claude_auth.cloud.aws import AwsAnswer, AwsIdentity
from claude_auth.cloud.aws_plan import AwsPlan, Place, Step
from claude_auth.cloud.aws_profiles import Problem, SsoState
from claude_auth.cloud.google import GoogleAnswer, GoogleIdentity
from claude_auth.cloud.google_plan import GooglePlan
from claude_auth.cloud.trouble import SKEW_TOLD, CloudError, clock_words
from claude_auth.model import Fix
from claude_auth.security.sanitize import shown_sentence
from claude_auth.words import StatusText, abbreviate_home, format_path, left, span, when


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a pane; an empty `name` continues the one above. `command`: what it says to type."""

    name: str
    word: StatusText
    command: str | None = None


_PLACES: dict[Place, tuple[str, str]] = {
    "asked": ("★", "is asked"),
    "failed": ("✗", "gives nothing"),
    "passed-over": ("–", "passed over"),
    "not-reached": ("·", "not reached"),
    "absent": ("–", "nothing there"),
}


def aws_rows(
    plan: AwsPlan, answer: AwsAnswer | None, now: float, home: str, asking: Sequence[Row] = ()
) -> tuple[Row, ...]:
    """`answer` None: not asked yet. `asking`: what stands right below it, about asking."""
    rows = [*_aws_answer(answer, now), *_problems(plan.problems), *asking]
    rows.append(Row("region", StatusText("·", f"{plan.region} ({plan.region_from})")))
    if plan.profile:
        rows.append(
            Row(
                "profile",
                StatusText("·", plan.profile + (f" ({plan.profile_from})" if plan.profile_from else "")),
            )
        )
    rows += _order(plan.steps)
    route = plan.chosen.route if plan.chosen is not None else None
    if route is not None and route.sso is not None:
        rows += _sso(route.sso, now)
    rows += _named("endpoint", [f"{name} = {url}" for name, url in plan.endpoints])
    rows += _named("runs", list(plan.commands))
    rows += [
        Row("differs" if i == 0 else "", StatusText("▲", text, "warn"))
        for i, text in enumerate(plan.differences)
    ]
    rows += _named("note", list(plan.notes))
    return shown(rows, home)


def shown(rows: Iterable[Row], home: str) -> tuple[Row, ...]:
    """The rows as they may be shown, and their commands as they may be copied."""
    return tuple(
        Row(
            row.name,
            _shown(row.word, home),
            None if row.command is None else shown_sentence(row.command, 4000),
        )
        for row in rows
    )


def _shown(word: StatusText, home: str) -> StatusText:
    """Names and paths come from files and variables, so nothing leaves here uncleaned."""
    return StatusText(word.glyph, shown_sentence(abbreviate_home(word.text, home), 600), word.role)


def _order(steps: Sequence[Step]) -> list[Row]:
    """Where Claude Code looks, in its order, and at the end those places that hold nothing."""
    found = [_step(step) for step in steps if step.place != "absent"]
    absent = [step.label for step in steps if step.place == "absent"]
    if absent:
        found.append(StatusText("–", f"nothing at {', '.join(dict.fromkeys(absent))}", "dim"))
    return [Row("order" if index == 0 else "", word) for index, word in enumerate(found)]


def _step(step: Step) -> StatusText:
    glyph, words = _PLACES[step.place]
    text = step.label
    if (
        step.route is not None
        and step.place in {"asked", "passed-over", "not-reached"}
        and step.route.label != text
    ):
        text += f": {step.route.label}"
        if step.route.access_key_id and step.route.access_key_id not in text:
            text += f", {step.route.access_key_id}"
    role = "strong" if step.place == "asked" else "fail" if step.place == "failed" else "dim"
    reason = f" ({words}{', ' + step.why if step.why else ''})" if step.place != "asked" or step.why else ""
    if step.place == "asked" and step.why:
        reason = f" ({step.why})"
    return StatusText(glyph, text + reason, role)  # type: ignore[arg-type]


def _sso(sso: SsoState, now: float) -> list[Row]:
    """The session, where it leads, and what its cache says."""
    rows = [Row("sign-in", sso_word(sso, now))]
    session = f"sso-session {sso.session} at " if sso.session else ""
    rows.append(Row("", StatusText("·", f"{session}{sso.start_url or '?'}, asked in {sso.region or '?'}")))
    rows.append(Row("cache", StatusText("·", sso.cache_path, "dim")))
    ends = sso.registration_ends_at
    if ends is not None and ends <= now:
        rows.append(
            Row(
                "",
                StatusText(
                    "▲", "the registration behind it has ended; the next sign-in makes a new one", "warn"
                ),
            )
        )
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


def _aws_answer(answer: AwsAnswer | None, now: float) -> list[Row]:
    if answer is None:
        return [Row("identity", StatusText("·", "not asked yet", "dim"))]
    if answer.identity is None:
        return trouble_rows(answer.trouble)
    identity = answer.identity
    rows = [
        Row("identity", StatusText("✓", identity.arn, "ok")),
        Row("account", StatusText("·", identity.account)),
        Row("key", StatusText("·", f"{identity.access_key_id} ({identity.method})")),
        Row(
            "asked",
            StatusText(
                "·", f"{when(answer.asked_at, now)}, {answer.seconds:.1f} s, {identity.endpoint}", "dim"
            ),
        ),
    ]
    rows.insert(3, _lasts(identity.expires_at, now))
    if identity.clock_offset is not None and abs(identity.clock_offset) > SKEW_TOLD:
        rows.append(Row("clock", StatusText("▲", clock_words(identity.clock_offset), "warn")))
    if answer.unexpected:
        rows.append(Row("differs", StatusText("▲", answer.unexpected, "warn")))
    return rows


def _lasts(expires_at: float | None, now: float) -> Row:
    if expires_at is None:
        return Row("lasts", StatusText("·", "no end was told", "dim"))
    rest = expires_at - now
    return Row("lasts", StatusText("✓" if rest > 0 else "✗", left(rest), "ok" if rest > 600 else "warn"))


def trouble_rows(trouble: CloudError | None) -> list[Row]:
    """What went wrong, what was said, what to do."""
    if trouble is None:
        return []
    fine = trouble.code == "bedrock-api-key"  # nothing is wrong, there is only nobody to ask
    head = StatusText("·", trouble.title) if fine else StatusText("✗", trouble.title, "fail")
    rows = [Row("identity", head), Row("", StatusText("·", trouble.meaning))]
    if trouble.said:
        rows.append(Row("it said", StatusText("·", trouble.said, "dim")))
    return rows + fix_rows(trouble.fixes)


def fix_rows(fixes: tuple[Fix, ...]) -> list[Row]:
    return [
        Row(
            "to do",
            StatusText("▸", fix.title + (f": {fix.command}" if fix.command else ""), "accent"),
            fix.command,
        )
        for fix in fixes
    ]


def _problems(problems: tuple[Problem, ...]) -> list[Row]:
    rows: list[Row] = []
    for problem in problems:
        rows.append(Row("problem", StatusText("▲", problem.text, "warn")))
        rows += fix_rows(problem.fixes)
    return rows


def _named(name: str, texts: list[str]) -> list[Row]:
    return [Row(name if index == 0 else "", StatusText("·", text)) for index, text in enumerate(texts)]


def google_rows(
    plan: GooglePlan, answer: GoogleAnswer | None, now: float, home: str, asking: Sequence[Row] = ()
) -> tuple[Row, ...]:
    """As `aws_rows`."""
    rows: list[Row] = []
    if answer is None:
        rows.append(Row("identity", StatusText("·", "not asked yet", "dim")))
    elif answer.identity is None:
        rows += trouble_rows(answer.trouble)
    else:
        rows.append(Row("identity", StatusText("✓", answer.identity.account or plan.kind_words, "ok")))
        rows.append(_lasts(answer.identity.expires_at, now))
        rows.append(
            Row("asked", StatusText("·", f"{when(answer.asked_at, now)}, {answer.seconds:.1f} s", "dim"))
        )
    rows += [*_problems(plan.problems), *asking]
    project = f"{plan.project} ({plan.project_from})" if plan.project else "not named"
    rows.append(Row("project", StatusText("·", project, "plain" if plan.project else "warn")))
    rows.append(Row("region", StatusText("·", f"{plan.region} ({plan.region_from})")))
    kind = plan.kind_words + (f" {plan.account}" if plan.account else "")
    rows.append(Row("kind", StatusText("★" if plan.kind else "✗", kind, "strong" if plan.kind else "fail")))
    if plan.path:
        rows.append(Row("file", StatusText("·", f"{format_path(plan.path, home)} ({plan.path_from})")))
    if plan.quota_project:
        rows.append(Row("quota project", StatusText("·", plan.quota_project)))
    rows += [Row(name, StatusText("·", text)) for name, text in plan.details]
    rows += _named("runs", list(plan.commands))
    rows += [
        Row("differs" if i == 0 else "", StatusText("▲", text, "warn"))
        for i, text in enumerate(plan.differences)
    ]
    rows += _named("note", list(plan.notes))
    return shown(rows, home)


# ── before and after ─────────────────────────────────────────────────────────────────────────────

Identity = AwsIdentity | GoogleIdentity
Answer = AwsAnswer | GoogleAnswer


def compared(before: Answer | None, after: Answer) -> StatusText:
    """What a command has changed about who answers."""
    was = before.identity if before is not None else None
    now = after.identity
    if now is None:
        assert after.trouble is not None
        return StatusText("✗", f"still no identity: {after.trouble.title}", "fail")
    name = _name(now)
    if was is None:
        return StatusText("✓", f"now {name}" if before is not None else name, "ok")
    if type(was) is type(now) and was.same_as == now.same_as:
        longer = (now.expires_at or 0) - (was.expires_at or 0)
        more = f", {span(longer)} longer" if longer >= 1 else ""
        return StatusText("✓", f"unchanged: {name}{more}", "ok")
    return StatusText("▲", f"another identity: {_name(was)} → {name}", "warn")


def _name(identity: Identity) -> str:
    return identity.arn if isinstance(identity, AwsIdentity) else identity.account or identity.kind
