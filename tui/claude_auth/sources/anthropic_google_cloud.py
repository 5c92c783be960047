"""Claude Platform on Google Cloud, with Google's Application Default Credentials [behaviour.md 8]."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import SourceReading
from claude_auth.security.sanitize import shown_value
from claude_auth.sources.source import Source, read_switch, with_details
from claude_auth.sources.vertex import default_credentials, google_details

_ID = "anthropic-google-cloud"
_VARIABLE = "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD"
_PREFIX = "ANTHROPIC_GOOGLE_CLOUD_"


def _read(view: EffectiveConfig) -> SourceReading:
    reading = read_switch(view, _ID, _VARIABLE)
    if reading.state != "present":
        return reading
    names = {word: f"{_PREFIX}{word.upper()}" for word in ("project", "location")}
    names["workspace"] = f"{_PREFIX}WORKSPACE_ID"
    found = [(word, shown_value(name, view.text(name), 80) or "not set") for word, name in names.items()]
    return with_details(reading, [*found, *google_details(view)])


SOURCE = Source(
    id=_ID,
    label="Claude Platform on Google",
    family="provider",
    sets=f"{_VARIABLE}; the credentials are Google's Application Default Credentials",
    unset=f"unset {_VARIABLE}",
    bills="the Google Cloud project of the workspace",
    variable=_VARIABLE,
    read=_read,
    authorization=lambda view: default_credentials(view, _ID),
    absent="off",
)
