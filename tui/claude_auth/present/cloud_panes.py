"""Each provider's pane, from top to bottom, and the list of all of them. Pure; secrets only masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from claude_auth.claude_code.clients import BY_ID as CLIENT_BY_ID
from claude_auth.claude_code.destination import AWS_PROVIDERS, GOOGLE_PROVIDERS
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import CREDENTIALS
from claude_auth.cloud.commands import renews
from claude_auth.cloud.identity import Answer, compared
from claude_auth.cloud.providers import (
    ANTHROPIC_AWS,
    ANTHROPIC_GOOGLE_CLOUD,
    AWS,
    BY_ID,
    CAN_BE_ASKED,
    FOUNDRY,
    GATEWAY,
    GOOGLE,
    MANTLE,
    PROVIDERS,
    RENEWING_COMMANDS,
    CloudProvider,
    CloudSeen,
    ProviderAnswer,
    as_if_on,
    concerning,
    contacts,
    is_configured,
    is_set_up,
    will_run,
)
from claude_auth.model import Finding, HeaderValue, Location, Origin, Resolution, Severity
from claude_auth.present.cloud import (
    FactRow,
    ProviderEntry,
    asking_rows,
    aws_rows,
    calm,
    fact_row,
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
    TextStyle,
    blocked_sentence,
    client_label,
    format_location,
    header_words,
    origin_words,
)


def first_choice(seen: CloudSeen) -> str:
    """The provider in use; without one, the first that is set up."""
    in_use = (one.id for one in PROVIDERS if one.provider == seen.resolution.provider)
    set_up = (one.id for one in PROVIDERS if _configured(one, seen))
    return next(in_use, None) or next(set_up, PROVIDERS[0].id)


def entries(seen: CloudSeen, asked: Mapping[str, ProviderAnswer]) -> list[ProviderEntry]:
    return [ProviderEntry(one.id, one.label, _state(one, seen, asked.get(one.id))) for one in PROVIDERS]


def _state(provider: CloudProvider, seen: CloudSeen, asked: ProviderAnswer | None) -> StatusText:
    """One word about one provider."""
    answer = asked.answer if asked is not None and not asked.is_old(seen) else None
    problem, blocked = _problem(provider, seen, answer), seen.resolution.blocked
    if seen.resolution.provider != provider.provider:
        if not _configured(provider, seen):
            return StatusText("–", "not configured", "dim")
        return NOT_USED_WITH_PROBLEM if problem else CONFIGURED
    if answer is not None and answer.identity is not None and blocked is None:
        return StatusText("✓", "in use, and it answers", "ok")
    if blocked is not None and blocked.code == "not-checked":
        return StatusText("?", "in use, not checked", "warn")
    if problem or blocked is not None:
        return StatusText("✗", "in use, with a problem", "fail")
    return StatusText("★", "in use", "ok")


CONFIGURED = StatusText("·", "configured, not used")
NOT_USED_WITH_PROBLEM = StatusText("·", "not used, and would not work")


def _configured(provider: CloudProvider, seen: CloudSeen) -> bool:
    if provider.id in CAN_BE_ASKED:
        return is_set_up(provider, seen.view, seen.aws if provider is AWS else seen.google)
    return is_configured(provider, seen.view)


def _problem(provider: CloudProvider, seen: CloudSeen, answer: Answer | None) -> bool:
    trouble = answer.trouble if answer is not None else None
    if trouble is not None and trouble.code != "bedrock-api-key":
        return True
    if any(one.severity == "error" for one in concerning(provider, seen.findings, seen.resolution)):
        return True
    if provider.id in CAN_BE_ASKED:
        return (seen.aws if provider is AWS else seen.google).usable is False
    return _cannot_work(provider, seen.view)


def pane_rows(
    id: str, seen: CloudSeen, asked: ProviderAnswer | None, now: float, waiting: float | None = None
) -> tuple[FactRow, ...]:
    """`waiting`: for how long it is being asked."""
    provider, home = BY_ID[id], seen.view.snapshot.places.home
    used = use_rows(provider, seen.resolution)
    findings = concerning(provider, seen.findings, seen.resolution)
    if id not in CAN_BE_ASKED:
        return shown([*used, *_other_rows(provider, seen), *finding_rows(findings, frozenset())], home)
    between = [*_answer_notes(seen, asked, waiting), *_keys(id, seen)]
    answer = asked.answer if asked is not None else None
    is_used = seen.resolution.provider == provider.provider
    if provider is GOOGLE:
        body = google_rows(seen.google, answer, now, home, between, is_used=is_used)
    else:
        body = aws_rows(seen.aws, answer, now, home, between, is_used=is_used)
    commands = [row.command for row in body]
    # The first line that says what to type; an answer and a look often come to the same.
    body = tuple(
        row for at, row in enumerate(body) if row.command is None or row.command not in commands[:at]
    )
    more = wire_rows(seen.resolution) if is_used else []
    found = finding_rows(findings, frozenset(command for command in commands if command))
    return (*shown(used, home), *body, *shown([*more, *found], home))


def _answer_notes(seen: CloudSeen, asked: ProviderAnswer | None, waiting: float | None) -> list[FactRow]:
    rows = []
    if waiting is not None:
        rows.append(fact_row("", f"asking… {waiting:.0f} s; Esc or ^x gives up", "accent"))
    if asked is not None and asked.change is not None:
        rows.append(FactRow("change", asked.change))
    if asked is not None and asked.is_old(seen):
        rows.append(fact_row("", "asked before the last change: s asks again", "warn", "▲"))
    return rows


def _keys(id: str, seen: CloudSeen) -> list[FactRow]:
    """What the two keys would do."""
    rows = asking_rows(
        "s", contacts(id, seen), will_run(id, seen), renewing=id == AWS.id and renews(seen.aws)
    )
    for kind in RENEWING_COMMANDS[id]:
        if kind in seen.proposals:
            rows += proposal_rows("x", seen.proposals[kind], seen.view.snapshot.places.home)
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


def use_rows(provider: CloudProvider, resolution: Resolution) -> list[FactRow]:
    """Whether it is in use by the chosen client."""
    who, blocked = client_label(resolution.client), resolution.blocked
    if resolution.provider != provider.provider:
        why = f"{who} sends to {NAMES[resolution.provider]}"
        if provider.switch is not None and not CLIENT_BY_ID[resolution.client].providers:
            why = f"{who} knows no cloud provider"
        return [fact_row("use", f"not in use: {why}", "dim", "–")]
    if blocked is None:
        return [fact_row("use", f"every request of {who} goes there", "strong", "★")]
    would = f"every request of {who} would go there"
    if blocked.code == "not-checked":
        return [fact_row("use", would, "warn", "?")]
    return [fact_row("use", f"{would}: as it is, none goes out", "fail", "✗")]


def wire_rows(resolution: Resolution) -> list[FactRow]:
    """Where to, and what stands in the two headers; or why nothing goes out."""
    blocked, wire = resolution.blocked, resolution.wire
    if blocked is not None and blocked.code == "not-checked":
        return [fact_row("sent to", blocked.reason, "warn", "?")]
    if blocked is not None:
        return [fact_row("sent to", blocked_sentence(blocked), "fail", "✗")]
    if wire is None:
        return [fact_row("sent to", "nobody", "dim", "–")]
    headers = (("x-api-key", wire.x_api_key), ("authorization", wire.authorization))
    return [fact_row("sent to", wire.url), *(FactRow(name, _header(value)) for name, value in headers)]


def _header(value: HeaderValue | None) -> StatusText:
    word = header_words(value)
    if value is None:
        return word
    if value.value is None and not value.is_signature:
        word = StatusText("?", "unknown until it is asked for", "warn")
    mark = f", fingerprint {value.value.fingerprint}" if value.value is not None else ""
    return word._replace(text=f"{word.text}{mark}, from {label(value.source)}")


def finding_rows(findings: Iterable[Finding], known: frozenset[str]) -> list[FactRow]:
    """Title, evidence, what to do. Left out where all that helps stands above already (`known` commands)."""
    rows: list[FactRow] = []
    for finding in findings:
        commands = {fix.command for fix in finding.fixes if fix.command}
        if not commands or not commands <= known:
            rows.append(FactRow("finding", SEVERITIES[finding.severity]._replace(text=finding.title)))
            rows += [fact_row("", finding.evidence, "dim"), *fix_rows(finding.fixes)]
    return rows


# ── Foundry, the Claude Platforms, Mantle, a gateway ───────────────────────────────────────────────────

_VARIABLES: Mapping[str, tuple[str, ...]] = {
    FOUNDRY.id: (
        *(FOUNDRY.switch or "", *FOUNDRY.telling),
        *("CLAUDE_CODE_SKIP_FOUNDRY_AUTH", "AZURE_CLIENT_ID", "AZURE_TENANT_ID"),
        *("AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE"),
    ),
    ANTHROPIC_AWS.id: (
        *(ANTHROPIC_AWS.switch or "", *ANTHROPIC_AWS.telling),
        *("ANTHROPIC_AWS_BASE_URL", "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH"),
    ),
    ANTHROPIC_GOOGLE_CLOUD.id: (
        *(ANTHROPIC_GOOGLE_CLOUD.switch or "", *ANTHROPIC_GOOGLE_CLOUD.telling),
        *("ANTHROPIC_GOOGLE_CLOUD_LOCATION", "ANTHROPIC_GOOGLE_CLOUD_BASE_URL"),
        "CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH",
    ),
    MANTLE.id: (MANTLE.switch or "", *MANTLE.telling, "CLAUDE_CODE_SKIP_MANTLE_AUTH"),
    GATEWAY.id: (
        *("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"),
        "ANTHROPIC_CUSTOM_HEADERS",
    ),
}


def _other_rows(provider: CloudProvider, seen: CloudSeen) -> list[FactRow]:
    """What is set for one of these, and what would go out by it."""
    view = seen.view
    rows = [*_sending(provider, view, seen.resolution), *_set(provider, view)]
    if provider is FOUNDRY:
        azure = ambient_azure(view)
        words = f"{azure}: asked where neither a key nor a token is set"
        nothing = fact_row("azure", "no login and no identity of Azure here", "dim", "–")
        rows.append(fact_row("azure", words) if azure else nothing)
    elif provider.provider in AWS_PROVIDERS | GOOGLE_PROVIDERS:
        rows.append(fact_row("identity", _asked_elsewhere(provider)))
    # A name in front of the host is sent too, and stands in every log of the address.
    elif "@" in view.text("ANTHROPIC_BASE_URL").partition("://")[2].partition("/")[0]:
        words = "a user name stands in the address, and may go out as a header of its own"
        rows.append(fact_row("problem", words, "warn", "▲"))
    return rows


def _asked_elsewhere(provider: CloudProvider) -> str:
    """The credentials are those of another pane, where a key press asks whose they are."""
    asked = AWS if provider.provider in AWS_PROVIDERS else GOOGLE
    return f"its cloud credentials are those of {asked.label}: there s asks whose they are"


def _cannot_work(provider: CloudProvider, view: EffectiveConfig) -> bool:
    """Whether what is set up could not work as it stands; not where it was never observed."""
    if provider.switch is not None and not view.client.providers:
        return False
    blocked = as_if_on(provider, view).blocked
    if blocked is None:
        return False
    about_it = blocked.code in {"no-cloud-credential", "blank-credential"}
    return about_it or (provider is GATEWAY and "ANTHROPIC_BASE_URL" in blocked.reason)


def _sending(provider: CloudProvider, view: EffectiveConfig, resolution: Resolution) -> list[FactRow]:
    """What goes out; where it isn't in use, what would."""
    if resolution.provider == provider.provider:
        return wire_rows(resolution)
    if not is_configured(provider, view):
        return []
    if provider.switch is not None and not view.client.providers:
        return []
    would = as_if_on(provider, view)
    if would.provider != provider.provider:
        return [fact_row("", "the address is Anthropic's own, so no gateway stands between", "dim")]
    return [fact_row("", "were it in use:", "dim"), *calm(wire_rows(would))]


def _set(provider: CloudProvider, view: EffectiveConfig) -> list[FactRow]:
    """The variables that are set, a gateway's helper, and in one line those that would set it up."""
    words = [_variable(name, view) for name in _VARIABLES[provider.id]]
    helper = view.setting("apiKeyHelper") if provider is GATEWAY else None
    if helper is not None:
        where = origin_words(helper.origin, view.snapshot.places.home)
        text = f"apiKeyHelper = {shown_command(helper.value.reveal(), 300)} ({where})"
        words.append(StatusText("·", text))
    found = [word for word in words if word is not None]
    rows = [FactRow("" if at else "set", word) for at, word in enumerate(found)]
    missing = [name for name in provider.telling if view.assignment(name) is None]
    return [*rows, fact_row("not set", ", ".join(missing), "dim", "–")] if missing else rows


def _variable(name: str, view: EffectiveConfig) -> StatusText | None:
    """A variable, its value as far as it may be shown, and where it comes from; None where it isn't set."""
    found = view.assignment(name)
    if found is None:
        return None
    value, glyph = found.value, "·"
    role: TextStyle = "plain"
    if value.is_empty:
        text, role = "set to nothing, which switches it off", "dim"
    elif value.is_blank:
        text, role, glyph = "nothing but blanks", "warn", "▲"
    elif name in CREDENTIALS:
        text = f"{value.stripped().masked}, fingerprint {value.stripped().fingerprint}"
    elif name.endswith("_URL"):
        # Without a user in it, and without what follows the path.
        text = shown_path(value.reveal().partition("?")[0].partition("#")[0], 200)
    else:
        text = shown_value(name, value.reveal())
    where = _where(found.origin, view.snapshot.places.home)
    return StatusText(glyph, f"{name} = {text} ({where})", role)


def _where(origin: Origin, home: str) -> str:
    if origin.kind != "environment":
        return origin_words(origin, home)
    at = [format_location(Location(place.path, place.line), home) for place in origin.likely_set_at[:2]]
    return f"the environment, probably set at {' and '.join(at)}" if at else "the environment"
