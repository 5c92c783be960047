"""What the panes of Foundry, of Claude Platform on AWS and of a gateway say. Pure; secrets only masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.variables import CREDENTIALS
from claude_auth.cloud.providers import (
    ANTHROPIC_AWS,
    FOUNDRY,
    GATEWAY,
    CloudProvider,
    as_if_on,
    concerning,
    finding_rows,
    is_configured,
    use_rows,
    wire_rows,
)
from claude_auth.cloud.words import Row, shown
from claude_auth.model import Finding, Location, Origin, Resolution
from claude_auth.security.sanitize import shown_command, shown_path, shown_value
from claude_auth.sources.foundry import ambient_azure
from claude_auth.words import StatusText, format_location, origin_words

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
) -> tuple[Row, ...]:
    """Every line of the pane of one of these three."""
    home = view.snapshot.places.home
    rows = use_rows(provider, resolution)
    rows += _sending(provider, view, resolution)
    if provider is FOUNDRY:
        rows += _set((FOUNDRY.switch or "", *_FOUNDRY), view, FOUNDRY.telling)
        azure = ambient_azure(view)
        words = StatusText("·", f"{azure}: asked where neither a key nor a token is set")
        rows.append(
            Row("azure", words if azure else StatusText("–", "no login and no identity of Azure here", "dim"))
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


def _sending(provider: CloudProvider, view: EffectiveConfig, resolution: Resolution) -> list[Row]:
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
            Row("", StatusText("·", "the address is Anthropic's own, so no gateway stands between", "dim"))
        ]
    return [Row("", StatusText("·", "were it in use:", "dim")), *wire_rows(would)]


def _set(
    names: Sequence[str], view: EffectiveConfig, telling: Sequence[str], more: Iterable[StatusText] = ()
) -> list[Row]:
    """The variables that are set, `more` of that kind, and in one line those that would set it up."""
    words = [word for name in names if (word := variable_word(name, view)) is not None]
    rows = [Row("set", word) for word in (*words, *more)]
    missing = [name for name in telling if view.assignment(name) is None]
    if missing:
        rows.append(Row("not set", StatusText("–", ", ".join(missing), "dim")))
    return [Row("" if i and row.name == "set" else row.name, row.word) for i, row in enumerate(rows)]


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


def _of_the_platform(view: EffectiveConfig) -> list[Row]:
    """A key needs its workspace beside it; nothing more is known about what is sent."""
    key, workspace = view.secret("ANTHROPIC_AWS_API_KEY"), view.text("ANTHROPIC_AWS_WORKSPACE_ID")
    rows: list[Row] = []
    if key is not None and key.is_blank:
        rows.append(Row("problem", StatusText("▲", "ANTHROPIC_AWS_API_KEY holds nothing but blanks", "warn")))
    if (key is not None or view.is_on(ANTHROPIC_AWS.switch or "")) and not workspace:
        text = "ANTHROPIC_AWS_WORKSPACE_ID is not set, and this provider needs a workspace"
        command = "export ANTHROPIC_AWS_WORKSPACE_ID=WORKSPACE"
        rows.append(Row("problem", StatusText("▲", text, "warn")))
        rows.append(Row("to do", StatusText("▸", f"Name the workspace: {command}", "accent"), command))
    if is_configured(ANTHROPIC_AWS, view):
        rows.append(
            Row("note", StatusText("·", "what it sends was not observed, so no header is shown", "dim"))
        )
    return rows


def _of_the_address(view: EffectiveConfig) -> list[Row]:
    """A name in front of the host is sent too, and stands in every log of the address."""
    host = view.text("ANTHROPIC_BASE_URL").partition("://")[2].partition("/")[0]
    if "@" not in host:
        return []
    words = "a user name stands in the address, and may go out as a header of its own"
    return [Row("problem", StatusText("▲", words, "warn"))]


def _helper(view: EffectiveConfig) -> list[StatusText]:
    setting = view.setting("apiKeyHelper")
    if setting is None:
        return []
    command = shown_command(setting.value.reveal(), 300)
    where = origin_words(setting.origin, view.snapshot.places.home)
    return [StatusText("·", f"apiKeyHelper = {command} ({where})")]
