"""Each provider's pane, from top to bottom, and the list of all of them. Pure; secrets only masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from claude_auth.claude_code.clients import BY_ID as CLIENT_BY_ID
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import CREDENTIALS
from claude_auth.cloud.commands import renews
from claude_auth.cloud.identity import Answer, compared
from claude_auth.cloud.providers import (
    ANTHROPIC_AWS,
    AWS,
    BY_ID,
    CAN_BE_ASKED,
    FOUNDRY,
    GATEWAY,
    GOOGLE,
    PROVIDERS,
    RENEWING_COMMANDS,
    CloudProvider,
    CloudSeen,
    ProviderAnswer,
    as_if_on,
    concerning,
    contacts,
    is_configured,
    will_run,
)
from claude_auth.model import Finding, HeaderValue, Location, Origin, Resolution, Severity
from claude_auth.present.cloud_rows import (
    FactRow,
    asking_rows,
    aws_rows,
    fix_rows,
    google_rows,
    proposal_rows,
    shown,
)
from claude_auth.security.sanitize import shown_command, shown_path, shown_value
from claude_auth.sources import label
from claude_auth.sources.foundry import ambient_azure
from claude_auth.words import PROVIDERS as NAMES
from claude_auth.words import (
    SEVERITIES,
    StatusText,
    blocked_sentence,
    client_label,
    format_location,
    header_words,
    origin_words,
)


class ProviderEntry(NamedTuple):
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


def entries(seen: CloudSeen, asked: Mapping[str, ProviderAnswer]) -> list[ProviderEntry]:
    return [
        ProviderEntry(
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


def _answered(seen: CloudSeen, asked: ProviderAnswer | None) -> bool:
    return asked is not None and not asked.is_old(seen) and asked.answer.identity is not None


def _problem(id: str, seen: CloudSeen, asked: ProviderAnswer | None) -> bool:
    trouble = asked.answer.trouble if asked is not None and not asked.is_old(seen) else None
    if trouble is not None and trouble.code != "bedrock-api-key":
        return True
    if any(one.severity == "error" for one in concerning(BY_ID[id], seen.findings, seen.resolution)):
        return True
    if id in CAN_BE_ASKED:
        return (seen.aws if id == "aws" else seen.google).usable is False
    return problem_of(BY_ID[id], seen.view)


def pane_rows(
    id: str, seen: CloudSeen, asked: ProviderAnswer | None, now: float, waiting: float | None = None
) -> tuple[FactRow, ...]:
    """`waiting`: for how long it is being asked."""
    if id not in CAN_BE_ASKED:
        return rows_of(BY_ID[id], seen.view, seen.resolution, seen.findings)
    provider, home = BY_ID[id], seen.view.snapshot.places.home
    between = [*_answer_notes(seen, asked, waiting), *_keys(id, seen)]
    answer = asked.answer if asked is not None else None
    if provider is GOOGLE:
        body = google_rows(seen.google, answer, now, home, between)
    else:
        body = aws_rows(seen.aws, answer, now, home, between)
    body = _once(body)
    known = frozenset(row.command for row in body if row.command)
    more = wire_rows(seen.resolution) if seen.resolution.provider == provider.provider else []
    found = finding_rows(concerning(provider, seen.findings, seen.resolution), known)
    return (*shown(use_rows(provider, seen.resolution), home), *body, *shown([*more, *found], home))


def _once(rows: tuple[FactRow, ...]) -> tuple[FactRow, ...]:
    """The first line that says what to type; an answer and a look often come to the same."""
    commands = [row.command for row in rows]
    return tuple(
        row for place, row in enumerate(rows) if row.command is None or row.command not in commands[:place]
    )


def _answer_notes(seen: CloudSeen, asked: ProviderAnswer | None, waiting: float | None) -> list[FactRow]:
    rows = []
    if waiting is not None:
        rows.append(FactRow("", StatusText("·", f"asking… {waiting:.0f} s; Esc or ^x gives up", "accent")))
    if asked is not None and asked.change is not None:
        rows.append(FactRow("change", asked.change))
    if asked is not None and asked.is_old(seen):
        rows.append(FactRow("", StatusText("▲", "asked before the last change: s asks again", "warn")))
    return rows


def _keys(id: str, seen: CloudSeen) -> list[FactRow]:
    """What the two keys would do."""
    renewing = id == AWS.id and renews(seen.aws)
    rows = asking_rows("i", contacts(id, seen), will_run(id, seen), renewing=renewing)
    home = seen.view.snapshot.places.home
    for kind in RENEWING_COMMANDS[id]:
        if kind in seen.proposals:
            rows += proposal_rows("x", seen.proposals[kind], home)
    return rows


def asked_words(id: str, before: Answer | None, answer: Answer | None) -> tuple[str, Severity]:
    """One sentence for the log. No answer: another command would have been run than was agreed to."""
    label = BY_ID[id].label
    if answer is None:
        return f"{label} was not asked: it would run another command than you agreed to", "warning"
    if answer.identity is None:
        title = answer.trouble.title if answer.trouble is not None else "no answer"
        return f"{label}, asked: {title}", "warning"
    return f"{label}, asked: {compared(before, answer).text}", "info"


# ── whether it is in use, and what goes out ──────────────────────────────────────────────────────

IN_USE = StatusText("★", "in use", "ok")
IN_USE_PROBLEM = StatusText("✗", "in use, with a problem", "fail")
IN_USE_UNKNOWN = StatusText("?", "in use, not checked", "warn")
NOT_USED = StatusText("·", "configured, not used")
NOT_USED_PROBLEM = StatusText("▲", "a problem, not used", "warn")
NOT_CONFIGURED = StatusText("–", "not configured", "dim")


def state(
    provider: CloudProvider,
    resolution: Resolution,
    *,
    configured: bool,
    problem: bool,
    answered: bool = False,
) -> StatusText:
    """One word about one provider. `answered`: it was asked just now, and an identity came back."""
    if resolution.provider != provider.provider:
        if not configured:
            return NOT_CONFIGURED
        return NOT_USED_PROBLEM if problem else NOT_USED
    blocked = resolution.blocked
    if answered and blocked is None:
        return StatusText("✓", "in use, and it answers", "ok")
    if blocked is not None and blocked.code == "not-checked":
        return IN_USE_UNKNOWN
    return IN_USE_PROBLEM if problem or blocked is not None else IN_USE


def use_rows(provider: CloudProvider, resolution: Resolution) -> list[FactRow]:
    """Whether it is in use by the chosen client, and what goes out."""
    who = client_label(resolution.client)
    if resolution.provider == provider.provider:
        blocked = resolution.blocked
        if blocked is None:
            return [FactRow("use", StatusText("★", f"every request of {who} goes there", "strong"))]
        would = f"every request of {who} would go there"
        if blocked.code == "not-checked":
            return [FactRow("use", StatusText("?", would, "warn"))]
        return [FactRow("use", StatusText("✗", f"{would}: as it is, none goes out", "fail"))]
    if provider.switch is not None and not CLIENT_BY_ID[resolution.client].providers:
        return [FactRow("use", StatusText("–", f"not in use: {who} knows no cloud provider", "dim"))]
    return [
        FactRow("use", StatusText("–", f"not in use: {who} sends to {NAMES[resolution.provider]}", "dim"))
    ]


def wire_rows(resolution: Resolution) -> list[FactRow]:
    """Where to, and what stands in the two headers; or why nothing goes out."""
    blocked, wire = resolution.blocked, resolution.wire
    if blocked is not None:
        unknown = blocked.code == "not-checked"
        word = (
            StatusText("?", blocked.reason, "warn")
            if unknown
            else StatusText("✗", blocked_sentence(blocked), "fail")
        )
        return [FactRow("sent to", word)]
    if wire is None:
        return [FactRow("sent to", StatusText("–", "nobody", "dim"))]
    return [
        FactRow("sent to", StatusText("·", wire.url)),
        FactRow("x-api-key", _header(wire.x_api_key)),
        FactRow("authorization", _header(wire.authorization)),
    ]


def _header(value: HeaderValue | None) -> StatusText:
    word = header_words(value)
    if value is None:
        return word
    if value.value is None and not value.is_signature:
        word = StatusText("?", "unknown until it is asked for", "warn")
    mark = f", fingerprint {value.value.fingerprint}" if value.value is not None else ""
    return StatusText(word.glyph, f"{word.text}{mark}, from {label(value.source)}", word.role)


def finding_rows(findings: Iterable[Finding], known: frozenset[str]) -> list[FactRow]:
    """Title, evidence, what to do. Left out where all that helps stands above already (`known` commands)."""
    rows: list[FactRow] = []
    for finding in findings:
        commands = {fix.command for fix in finding.fixes if fix.command}
        if commands and commands <= known:
            continue
        word = SEVERITIES[finding.severity]
        rows.append(FactRow("finding", StatusText(word.glyph, finding.title, word.role)))
        rows.append(FactRow("", StatusText("·", finding.evidence, "dim")))
        rows += fix_rows(finding.fixes)
    return rows


# ── Foundry, Claude Platform on AWS, a gateway ───────────────────────────────────────────────────

_FOUNDRY = (
    "ANTHROPIC_FOUNDRY_RESOURCE",
    "ANTHROPIC_FOUNDRY_BASE_URL",
    "ANTHROPIC_FOUNDRY_API_KEY",
    "ANTHROPIC_FOUNDRY_AUTH_TOKEN",
    "CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
    "AZURE_CLIENT_ID",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
)
_GATEWAY = (
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_CUSTOM_HEADERS",
)


def rows_of(
    provider: CloudProvider, view: EffectiveConfig, resolution: Resolution, findings: Iterable[Finding]
) -> tuple[FactRow, ...]:
    """Every line of the pane of one of these three."""
    home = view.snapshot.places.home
    rows = use_rows(provider, resolution)
    rows += _sending(provider, view, resolution)
    if provider is FOUNDRY:
        rows += _set((FOUNDRY.switch or "", *_FOUNDRY), view, FOUNDRY.telling)
        azure = ambient_azure(view)
        words = StatusText("·", f"{azure}: asked where neither a key nor a token is set")
        rows.append(
            FactRow(
                "azure", words if azure else StatusText("–", "no login and no identity of Azure here", "dim")
            )
        )
    elif provider is ANTHROPIC_AWS:
        rows += _set((ANTHROPIC_AWS.switch or "", *ANTHROPIC_AWS.telling), view, ANTHROPIC_AWS.telling)
        rows += _of_the_platform(view)
    elif provider is GATEWAY:
        rows += [*_set(_GATEWAY, view, GATEWAY.telling, _helper(view)), *_of_the_address(view)]
    rows += finding_rows(concerning(provider, findings, resolution), frozenset())
    return shown(rows, home)


def problem_of(provider: CloudProvider, view: EffectiveConfig) -> bool:
    """Whether what is set up could not work as it stands; not where it was never observed."""
    if provider is ANTHROPIC_AWS:
        return any(row.word.role in {"warn", "fail"} for row in _of_the_platform(view))
    if provider.switch is not None and not view.client.providers:
        return False
    blocked = as_if_on(provider, view).blocked
    about_it = blocked is not None and blocked.code in {"no-cloud-credential", "blank-credential"}
    return about_it or (
        provider is GATEWAY and blocked is not None and "ANTHROPIC_BASE_URL" in blocked.reason
    )


def _sending(provider: CloudProvider, view: EffectiveConfig, resolution: Resolution) -> list[FactRow]:
    """What goes out; where it isn't in use, what would."""
    if resolution.provider == provider.provider:
        return wire_rows(resolution)
    if not is_configured(provider, view) or provider is ANTHROPIC_AWS:
        return []
    if provider.switch is not None and not view.client.providers:
        return []
    would = as_if_on(provider, view)
    if would.provider != provider.provider:
        return [
            FactRow(
                "", StatusText("·", "the address is Anthropic's own, so no gateway stands between", "dim")
            )
        ]
    return [FactRow("", StatusText("·", "were it in use:", "dim")), *wire_rows(would)]


def _set(
    names: Sequence[str], view: EffectiveConfig, telling: Sequence[str], more: Iterable[StatusText] = ()
) -> list[FactRow]:
    """The variables that are set, `more` of that kind, and in one line those that would set it up."""
    words = [word for name in names if (word := variable_word(name, view)) is not None]
    rows = [FactRow("set", word) for word in (*words, *more)]
    missing = [name for name in telling if view.assignment(name) is None]
    if missing:
        rows.append(FactRow("not set", StatusText("–", ", ".join(missing), "dim")))
    return [FactRow("" if i and row.name == "set" else row.name, row.word) for i, row in enumerate(rows)]


def variable_word(name: str, view: EffectiveConfig) -> StatusText | None:
    """A variable, its value as far as it may be shown, and where it comes from; None where it isn't set."""
    found = view.assignment(name)
    if found is None:
        return None
    value = found.value
    if value.is_empty:
        text, role = "set to nothing, which switches it off", "dim"
    elif value.is_blank:
        text, role = "nothing but blanks", "warn"
    elif name in CREDENTIALS:
        text, role = f"{value.stripped().masked}, fingerprint {value.stripped().fingerprint}", "plain"
    elif name.endswith("_URL"):
        text, role = address(value.reveal()), "plain"
    else:
        text, role = shown_value(name, value.reveal()), "plain"
    where = _where(found.origin, view.snapshot.places.home)
    return StatusText("▲" if role == "warn" else "·", f"{name} = {text} ({where})", role)  # type: ignore[arg-type]


def address(text: str) -> str:
    """A URL as it may be shown: without a user in it, and without what follows the path."""
    return shown_path(text.partition("?")[0].partition("#")[0], 200)


def _where(origin: Origin, home: str) -> str:
    if origin.kind != "environment":
        return origin_words(origin, home)
    at = [format_location(Location(place.path, place.line), home) for place in origin.likely_set_at[:2]]
    return f"the environment, probably set at {' and '.join(at)}" if at else "the environment"


def _of_the_platform(view: EffectiveConfig) -> list[FactRow]:
    """A key needs its workspace beside it; nothing more is known about what is sent."""
    key, workspace = view.secret("ANTHROPIC_AWS_API_KEY"), view.text("ANTHROPIC_AWS_WORKSPACE_ID")
    rows: list[FactRow] = []
    if key is not None and key.is_blank:
        rows.append(
            FactRow("problem", StatusText("▲", "ANTHROPIC_AWS_API_KEY holds nothing but blanks", "warn"))
        )
    if (key is not None or view.is_on(ANTHROPIC_AWS.switch or "")) and not workspace:
        text = "ANTHROPIC_AWS_WORKSPACE_ID is not set, and this provider needs a workspace"
        command = "export ANTHROPIC_AWS_WORKSPACE_ID=WORKSPACE"
        rows.append(FactRow("problem", StatusText("▲", text, "warn")))
        rows.append(FactRow("to do", StatusText("▸", f"Name the workspace: {command}", "accent"), command))
    if is_configured(ANTHROPIC_AWS, view):
        rows.append(
            FactRow("note", StatusText("·", "what it sends was not observed, so no header is shown", "dim"))
        )
    return rows


def _of_the_address(view: EffectiveConfig) -> list[FactRow]:
    """A name in front of the host is sent too, and stands in every log of the address."""
    host = view.text("ANTHROPIC_BASE_URL").partition("://")[2].partition("/")[0]
    if "@" not in host:
        return []
    words = "a user name stands in the address, and may go out as a header of its own"
    return [FactRow("problem", StatusText("▲", words, "warn"))]


def _helper(view: EffectiveConfig) -> list[StatusText]:
    setting = view.setting("apiKeyHelper")
    if setting is None:
        return []
    command = shown_command(setting.value.reveal(), 300)
    where = origin_words(setting.origin, view.snapshot.places.home)
    return [StatusText("·", f"apiKeyHelper = {command} ({where})")]
