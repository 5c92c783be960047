"""Google Vertex AI, with Google's Application Default Credentials."""

from __future__ import annotations

from claude_auth.claude_code.destination import vertex_project
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import HeaderValue, SourceReading
from claude_auth.sources.source import Source, bearer, read_switch, with_details

_ID = "vertex"
_VARIABLE = "CLAUDE_CODE_USE_VERTEX"


def ambient_google(view: EffectiveConfig) -> str | None:
    """Where Google's metadata server would answer; None where this is no Google machine."""
    for name in ("GCE_METADATA_HOST", "K_SERVICE", "CLOUD_RUN_JOB", "FUNCTION_TARGET", "GAE_SERVICE"):
        if view.secret(name) is not None:
            return "the metadata server of this Google service"
    if "google" in (view.snapshot.machine.vendor or "").lower():
        return "the service account of this Google machine"
    return None


def default_credentials(view: EffectiveConfig, source: str) -> HeaderValue | None:
    """The Bearer that Google gives for its Application Default Credentials, whatever it is."""
    credentials = view.snapshot.google
    there = ambient_google(view) is not None if credentials is None else credentials.damage is None
    return bearer(source, None) if there else None


def _read(view: EffectiveConfig) -> SourceReading:
    reading = read_switch(view, _ID, _VARIABLE)
    if reading.state != "present" and view.snapshot.google is None:
        return reading
    project = vertex_project(view)
    details = [
        ("project", f"{project[0]} ({project[1]})" if project else "not named by a variable"),
        ("region", view.text("CLOUD_ML_REGION") or "us-east5 (the default)"),
    ]
    return with_details(reading, details + google_details(view))


def google_details(view: EffectiveConfig) -> list[tuple[str, str]]:
    """Which default credentials there are."""
    credentials = view.snapshot.google
    if credentials is None:
        return [("credentials", ambient_google(view) or "none found")]
    kind = credentials.damage.text if credentials.damage else credentials.kind or "?"
    whose = f" of {credentials.account}" if credentials.account else ""
    quota = [("quota project", credentials.quota_project)] if credentials.quota_project else []
    return [("credentials", f"{kind}{whose}, {credentials.path}"), *quota]


SOURCE = Source(
    id=_ID,
    label="Google Vertex AI",
    family="provider",
    sets="CLAUDE_CODE_USE_VERTEX; the credentials are Google's Application Default Credentials",
    unset="unset CLAUDE_CODE_USE_VERTEX",
    bills="the Google Cloud project",
    variable=_VARIABLE,
    read=_read,
    authorization=lambda view: default_credentials(view, _ID),
    absent="off",
)
