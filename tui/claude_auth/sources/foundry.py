"""Microsoft Foundry: with a key, a token, or Azure's own credentials."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import SourceReading
from claude_auth.security.sanitize import safe_text
from claude_auth.security.secret import Secret
from claude_auth.sources.source import (
    SlotPart,
    Source,
    bearer,
    bearer_of_variable,
    key_of_variable,
    read_switch,
    with_details,
)

_ID = "foundry"
_VARIABLE = "CLAUDE_CODE_USE_FOUNDRY"
_TOKEN, _KEY = "ANTHROPIC_FOUNDRY_AUTH_TOKEN", "ANTHROPIC_FOUNDRY_API_KEY"

#: What the client writes where it was told to skip: a constant, no credential [seen, 2.1.328].
PLACEHOLDER = Secret("skip-foundry-auth")


def ambient_azure(view: EffectiveConfig) -> str | None:
    if view.secret("AZURE_FEDERATED_TOKEN_FILE") is not None:
        return "a workload identity token"
    if view.secret("AZURE_CLIENT_ID") is not None and view.secret("AZURE_TENANT_ID") is not None:
        return "the AZURE_ variables of a service principal"
    if view.secret("IDENTITY_ENDPOINT") is not None or view.secret("MSI_ENDPOINT") is not None:
        return "the managed identity of this service"
    if view.snapshot.azure_signed_in:
        return "the login of the az command"
    if "microsoft" in (view.snapshot.machine.vendor or "").lower() and not view.snapshot.machine.wsl:
        return "the managed identity of this machine"
    return None


def _read(view: EffectiveConfig) -> SourceReading:
    reading = read_switch(view, _ID, _VARIABLE)
    if reading.state != "present":
        return reading
    place = view.text("ANTHROPIC_FOUNDRY_BASE_URL") or view.text("ANTHROPIC_FOUNDRY_RESOURCE")
    values = ((name, view.secret(name)) for name in (_TOKEN, _KEY))
    name, value = next(((n, v) for n, v in values if v is not None and not v.is_blank), (None, None))
    credential = name or ambient_azure(view) or "none found"
    resource = safe_text(place) if place else "not set"
    found = with_details(reading, [("resource", resource), ("credential", credential)])
    return found if value is None else found._replace(value=value.stripped())


SOURCE = Source(
    id=_ID,
    label="Microsoft Foundry",
    family="provider",
    sets="CLAUDE_CODE_USE_FOUNDRY; a key, a token or Azure's own credentials",
    unset="unset CLAUDE_CODE_USE_FOUNDRY",
    bills="the Azure subscription of the resource",
    variable=_VARIABLE,
    read=_read,
    parts=(
        SlotPart("foundry-key", x_api_key=lambda view: key_of_variable(view, _ID, _KEY)),
        SlotPart("foundry-token", authorization=lambda view: bearer_of_variable(view, _ID, _TOKEN)),
        SlotPart("foundry-placeholder", authorization=lambda view: bearer(_ID, PLACEHOLDER)),
        SlotPart(
            "azure", authorization=lambda view: None if ambient_azure(view) is None else bearer(_ID, None)
        ),
    ),
    absent="off",
)
