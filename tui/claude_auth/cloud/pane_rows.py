"""Each provider's pane, from top to bottom, and the list of all of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from claude_auth.cloud.before_asking import (
    PlannedCommand,
    asking_rows,
    aws_contacts,
    aws_will_run,
    google_contacts,
    google_will_run,
    proposal_rows,
    renews,
)
from claude_auth.cloud.google import GoogleAnswer
from claude_auth.cloud.other_providers import problem_of, rows_of
from claude_auth.cloud.proposals import Kind
from claude_auth.cloud.providers import (
    AWS,
    BY_ID,
    GOOGLE,
    PROVIDERS,
    concerning,
    finding_rows,
    is_configured,
    state,
    use_rows,
    wire_rows,
)
from claude_auth.cloud.seen import Basis, CloudSeen
from claude_auth.cloud.words import Answer, Row, aws_rows, compared, google_rows, shown
from claude_auth.model import Severity
from claude_auth.words import StatusText

#: The commands that renew a provider's credentials, the usual one first.
KINDS: Mapping[str, tuple[Kind, ...]] = {"aws": ("aws-refresh", "aws-export"), "google": ("gcp-refresh",)}
ASKED = frozenset(KINDS)


class Asked(NamedTuple):
    """An answer, and what it rests on (None: on whatever the next look finds). `change`: what the command
    that was run before it has changed."""

    answer: Answer
    basis: Basis | None
    change: StatusText | None = None

    def is_old(self, seen: CloudSeen) -> bool:
        return self.basis is not None and self.basis != seen.basis


class Entry(NamedTuple):
    """One provider in the list."""

    id: str
    label: str
    state: StatusText


def first_choice(seen: CloudSeen) -> str:
    """The provider in use; without one, the first that is set up."""
    for provider in PROVIDERS:
        if provider.provider == seen.resolution.provider:
            return provider.id
    return next((one.id for one in PROVIDERS if _configured(one.id, seen)), PROVIDERS[0].id)


def entries(seen: CloudSeen, asked: Mapping[str, Asked]) -> list[Entry]:
    return [
        Entry(
            provider.id,
            provider.label,
            state(
                provider,
                seen.resolution,
                configured=_configured(provider.id, seen),
                problem=_problem(provider.id, seen, asked.get(provider.id)),
                answered=_answered(seen, asked.get(provider.id)),
            ),
        )
        for provider in PROVIDERS
    ]


def _configured(id: str, seen: CloudSeen) -> bool:
    if is_configured(BY_ID[id], seen.view):
        return True
    if id == "aws":
        return any(step.place != "absent" for step in seen.aws.steps)
    return id == "google" and (seen.google.kind is not None or seen.google.path is not None)


def _answered(seen: CloudSeen, asked: Asked | None) -> bool:
    return asked is not None and not asked.is_old(seen) and asked.answer.identity is not None


def _problem(id: str, seen: CloudSeen, asked: Asked | None) -> bool:
    trouble = asked.answer.trouble if asked is not None and not asked.is_old(seen) else None
    if trouble is not None and trouble.code != "bedrock-api-key":
        return True
    if any(one.severity == "error" for one in concerning(BY_ID[id], seen.findings, seen.resolution)):
        return True
    if id in ASKED:
        return (seen.aws if id == "aws" else seen.google).usable is False
    return problem_of(BY_ID[id], seen.view)


def pane_rows(
    id: str, seen: CloudSeen, asked: Asked | None, now: float, waiting: float | None = None
) -> tuple[Row, ...]:
    """`waiting`: for how long it is being asked."""
    if id not in ASKED:
        return rows_of(BY_ID[id], seen.view, seen.resolution, seen.findings)
    provider, home = BY_ID[id], seen.view.snapshot.places.home
    between = [*_answer_notes(seen, asked, waiting), *_keys(id, seen)]
    answer = asked.answer if asked is not None else None
    if isinstance(answer, GoogleAnswer) or (answer is None and provider is GOOGLE):
        body = google_rows(seen.google, answer, now, home, between)
    else:
        body = aws_rows(seen.aws, answer, now, home, between)
    body = _once(body)
    known = frozenset(row.command for row in body if row.command)
    more = wire_rows(seen.resolution) if seen.resolution.provider == provider.provider else []
    found = finding_rows(concerning(provider, seen.findings, seen.resolution), known)
    return (*shown(use_rows(provider, seen.resolution), home), *body, *shown([*more, *found], home))


def _once(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The first line that says what to type; an answer and a look often come to the same."""
    commands = [row.command for row in rows]
    return tuple(
        row for place, row in enumerate(rows) if row.command is None or row.command not in commands[:place]
    )


def _answer_notes(seen: CloudSeen, asked: Asked | None, waiting: float | None) -> list[Row]:
    rows = []
    if waiting is not None:
        rows.append(Row("", StatusText("·", f"asking… {waiting:.0f} s; Esc or ^x gives up", "accent")))
    if asked is not None and asked.change is not None:
        rows.append(Row("change", asked.change))
    if asked is not None and asked.is_old(seen):
        rows.append(Row("", StatusText("▲", "asked before the last change: i asks again", "warn")))
    return rows


def _keys(id: str, seen: CloudSeen) -> list[Row]:
    """What the two keys would do."""
    renewing = id == AWS.id and renews(seen.aws)
    rows = asking_rows("i", contacts(id, seen), will_run(id, seen), renewing=renewing)
    home = seen.view.snapshot.places.home
    for kind in KINDS[id]:
        if kind in seen.proposals:
            rows += proposal_rows("x", seen.proposals[kind], home)
    return rows


def will_run(id: str, seen: CloudSeen) -> tuple[PlannedCommand, ...]:
    """The commands that asking would run."""
    if id == AWS.id:
        return aws_will_run(seen.aws, seen.view)
    return google_will_run(seen.google, seen.view) if id == GOOGLE.id else ()


def contacts(id: str, seen: CloudSeen) -> str:
    return aws_contacts(seen.aws) if id == AWS.id else google_contacts(seen.google)


def asked_words(id: str, before: Answer | None, answer: Answer | None) -> tuple[str, Severity]:
    """One sentence for the log. No answer: another command would have been run than was agreed to."""
    label = BY_ID[id].label
    if answer is None:
        return f"{label} was not asked: it would run another command than you agreed to", "warning"
    if answer.identity is None:
        title = answer.trouble.title if answer.trouble is not None else "no answer"
        return f"{label}, asked: {title}", "warning"
    return f"{label}, asked: {compared(before, answer).text}", "info"
