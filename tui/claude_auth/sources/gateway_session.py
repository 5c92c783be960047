"""A sign-in to a Cloud gateway, stored by Claude Code beside its login. It outranks all else [doc]; what it
sends has not been observed."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import HeaderValue, SourceReading
from claude_auth.sources.source import Source, bearer

_ID = "gateway-session"


def _read(view: EffectiveConfig) -> SourceReading:
    login = view.snapshot.login
    if not login.gateway_session:
        return SourceReading(_ID, "absent", "not signed in")
    why = "a sign-in to a Cloud gateway is stored; its value was not read"
    return SourceReading(_ID, "present", why, login.origin)


def _authorization(view: EffectiveConfig) -> HeaderValue | None:
    return bearer(_ID, None) if view.snapshot.login.gateway_session else None


SOURCE = Source(
    id=_ID,
    label="Cloud gateway sign-in",
    family="wire",
    sets="/login in Claude Code, where managed settings name a gateway",
    unset="sign out within Claude Code: /logout",
    bills="whoever runs the gateway",
    read=_read,
    authorization=_authorization,
    absent="none",
)
